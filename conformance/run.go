package conformance

import (
	"context"
	"crypto/tls"
	"errors"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/cases"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/runner"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/report"
)

// Target is an implementation under test.
type Target struct {
	// URL is the origin plus any prefix in front of /v1, such as "http://127.0.0.1:8080".
	URL string
	// TLS is for an https URL. It may be nil.
	TLS *tls.Config
	// Provisioner puts the implementation into known states.
	Provisioner provision.Provisioner
	// Name and Version are those of the implementation, for the report. They may be empty.
	Name, Version string
}

// Run checks a target and returns what it found. The error is for what keeps the run from starting:
// a [*UsageError], an [*Unreachable], or the provisioner's. If ctx ends the run early, the report
// has what was done until then and is incomplete, and the error is nil.
func Run(ctx context.Context, target Target, options ...Option) (*report.Report, error) {
	r, err := NewRunner(ctx, target, options...)
	if err != nil {
		return nil, err
	}
	r.RunAll(ctx)
	return r.Report(), nil
}

// Runner is a run in steps, for those who run cases in their own way, such as go test. Several
// goroutines may call its methods at once.
type Runner struct {
	runner *runner.Runner
}

// NewRunner checks the options, makes sure that the target responds, and asks the provisioner what
// it offers. Errors are as with [Run].
func NewRunner(ctx context.Context, target Target, options ...Option) (*Runner, error) {
	r, err := runner.New(ctx, cases.Music(), runner.Target{
		URL: target.URL, TLS: target.TLS, Provisioner: target.Provisioner, Name: target.Name, Version: target.Version,
	}, newConfig(options))
	if err != nil {
		return nil, publicError(err)
	}
	return &Runner{r}, nil
}

// Cases lists the selected cases, in the order of reports.
func (r *Runner) Cases() []Case { return describeCases(cases.Music(), r.runner.Cases()) }

// RunAll runs the selected cases: those that wait for time to pass first and beside the others,
// those that measure time last and alone. Some look again at their scenes at the very end. It
// returns when all have ended, or soon after ctx ends.
func (r *Runner) RunAll(ctx context.Context) { r.runner.RunAll(ctx) }

// Run runs one of the selected cases and returns its result. The bool is false if ctx ended before
// the case did: then the report does not have it. A case that looks again at its scene does so at
// once, or after the time of [WithPatience]. Run panics for an id that is not selected.
func (r *Runner) Run(ctx context.Context, id string) (report.Case, bool) {
	for _, c := range r.runner.Cases() {
		if c.ID() == id {
			return r.runner.RunCase(ctx, c)
		}
	}
	panic("conformance: no case " + id + " is selected")
}

// Report returns what was found so far. It is incomplete if a selected case has not ended.
func (r *Runner) Report() *report.Report { return r.runner.Report() }

// UsageError is the error for an option or a field of [Target] that cannot be used, and says what
// to give instead. Nothing was sent.
type UsageError struct {
	// Option is a function of this package or a field of [Target], such as "WithRun" or
	// "Target.URL".
	Option string
	Reason string
}

// Error names the option.
func (u *UsageError) Error() string { return u.Option + ": " + u.Reason }

// Unreachable is the error for a target that does not respond to anything, or whose responses have
// nothing to do with the API, since none is JSON. It says what to try next. Any other target,
// however wrong, is for the cases to judge.
type Unreachable struct {
	Target string
	Reason string
	Err    error
}

// Error says what happened and what to try.
func (u *Unreachable) Error() string { return "target " + u.Target + ": " + u.Reason }

// Unwrap returns the cause.
func (u *Unreachable) Unwrap() error { return u.Err }

// publicError turns the runner's errors into those of this package.
func publicError(err error) error {
	if e, ok := errors.AsType[*runner.UsageError](err); ok {
		return &UsageError{Option: e.Option, Reason: e.Reason}
	}
	if e, ok := errors.AsType[*runner.Unreachable](err); ok {
		return &Unreachable{Target: e.Target, Reason: e.Reason, Err: e.Err}
	}
	return err
}
