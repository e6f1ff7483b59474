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
	// URL is the origin plus any prefix in front of /v1: "http://127.0.0.1:8080".
	URL string
	// TLS is used where URL is https. It may be nil.
	TLS *tls.Config
	// Provisioner puts the implementation into known states.
	Provisioner provision.Provisioner
	// Name and Version of the implementation, for the report.
	Name, Version string
}

// Run checks a target and reports what it found. The error is for what keeps the run from starting: a *UsageError, an
// *Unreachable target, or a *provision.Error from asking what the provisioner offers. A run that ctx ends early returns the
// report of what was done, marked incomplete, and no error.
func Run(ctx context.Context, target Target, options ...Option) (*report.Report, error) {
	r, err := NewRunner(ctx, target, options...)
	if err != nil {
		return nil, err
	}
	r.RunAll(ctx)
	return r.Report(), nil
}

// Runner is a run in pieces: for those that bring their own way of running cases, such as go test. Its methods may be called
// by several goroutines at once.
type Runner struct {
	runner *runner.Runner
}

// NewRunner checks the options, asks the provisioner what it offers, and makes sure that the target responds. Errors are as
// with Run.
func NewRunner(ctx context.Context, target Target, options ...Option) (*Runner, error) {
	r, err := runner.New(ctx, cases.Music(), runner.Target{
		URL: target.URL, TLS: target.TLS, Provisioner: target.Provisioner, Name: target.Name, Version: target.Version,
	}, newConfig(options))
	if err != nil {
		return nil, publicError(err)
	}
	return &Runner{r}, nil
}

// Cases lists the selected cases in the order of the suite.
func (r *Runner) Cases() []Case { return describeCases(r.runner.Cases()) }

// RunAll runs the selected cases: those that wait for time to pass first and beside the others, those that measure time
// last and alone. It returns when all are finished, or soon after ctx ends.
func (r *Runner) RunAll(ctx context.Context) { r.runner.RunAll(ctx) }

// Run runs one of the selected cases and returns what became of it. The result is false where ctx ended before the case did:
// then the case is not in the report, which is incomplete. An id that is not selected is a panic.
func (r *Runner) Run(ctx context.Context, id string) (report.Case, bool) {
	for _, c := range r.runner.Cases() {
		if c.ID() == id {
			return r.runner.RunCase(ctx, c)
		}
	}
	panic("conformance: no case " + id + " is selected")
}

// Report is what was found so far. Cases that have not been run make it incomplete.
func (r *Runner) Report() *report.Report { return r.runner.Report() }

// UsageError says that an option or a part of the Target cannot be used, and what to give instead. Nothing was sent.
type UsageError struct {
	// Option is a function of this package or a field of Target: "WithRun", "Target.URL".
	Option string
	Reason string
}

// Error names the option.
func (u *UsageError) Error() string { return u.Option + ": " + u.Reason }

// Unreachable says that nothing at the target can be talked to, and what to try next. What a target answers wrongly is not
// unreachable but found by the cases.
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
