package conformance

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

// Run checks a target and reports what it found. The error is for what keeps the run from starting: an *OptionError, an
// *Unreachable target, or a *ProvisioningError from asking what the provisioner offers. A run that ctx ends early returns
// the report of what was done, marked incomplete, and no error.
func Run(ctx context.Context, target Target, options ...Option) (*Report, error) {
	r, err := NewRunner(ctx, target, options...)
	if err != nil {
		return nil, err
	}
	r.RunAll(ctx)
	return r.Report(), nil
}

// Runner is a run in pieces: for those that bring their own way of running cases, such as go test.
type Runner struct {
	config  config
	target  Target
	session *session
	catalog map[string]Requirement
	known   *knownFailures
	cases   []Case
	started time.Time

	mu         sync.Mutex
	finished   map[string]CaseReport
	running    map[string]bool
	incomplete bool
}

// NewRunner checks the options, asks the provisioner what it offers, and makes sure that the target answers. Errors are as
// with Run.
func NewRunner(ctx context.Context, target Target, options ...Option) (*Runner, error) {
	config := newConfig(options)
	if err := config.check(); err != nil {
		return nil, err
	}
	r := &Runner{config: config, target: target, started: time.Now(), finished: map[string]CaseReport{}, running: map[string]bool{}}
	var err error
	if r.catalog, err = catalog(config.cases, config.requirements); err != nil {
		return nil, err
	}
	if r.known, err = parseKnownFailures(config.known, config.cases); err != nil {
		return nil, err
	}
	if r.cases, err = Select(config.cases, config.profile, config.run, config.skip); err != nil {
		return nil, err
	}
	endpoint, err := parseEndpoint(target.URL, target.TLS)
	if err != nil {
		return nil, err
	}
	if target.Provisioner == nil {
		return nil, &OptionError{"--provision", "missing: give --provision, --provision-exec or --scenes, so that the suite can make its scenes"}
	}
	contract, err := loadContract()
	if err != nil {
		return nil, err
	}
	if err := preflight(ctx, endpoint, config.timeout); err != nil {
		return nil, err
	}
	if r.config.parallel == 0 {
		r.config.parallel = pace(ctx, endpoint, config.timeout)
	}
	features, err := target.Provisioner.Capabilities(ctx)
	if err != nil {
		return nil, err
	}
	r.session = &session{
		endpoint: endpoint, contract: contract, provisioner: target.Provisioner, features: features,
		profile: config.profile, seed: config.seed, timeout: config.timeout, shrinking: config.shrinking,
		vault: newVault(), coverage: newCoverage(), used: newUsedIDs(), keys: config.keys,
	}
	return r, nil
}

// catalog checks that cases and requirements fit together.
func catalog(cases []Case, requirements []Requirement) (map[string]Requirement, error) {
	catalog := map[string]Requirement{}
	for _, r := range requirements {
		catalog[r.ID] = r
	}
	seen := set{}
	for _, c := range cases {
		if err := addName(seen, "case", c.ID); err != nil {
			return nil, err
		}
		if len(c.Requirements) == 0 {
			return nil, fmt.Errorf("case %s names no requirement", c.ID)
		}
		for _, id := range c.Requirements {
			if r, ok := catalog[id]; !ok || r.Level != catalog[c.Requirements[0]].Level {
				return nil, fmt.Errorf("case %s names requirement %s, which is missing or of another level than its others", c.ID, id)
			}
		}
	}
	return catalog, nil
}

// Select returns the cases that belong to a profile, match one of the run globs (all where there are none), and match none
// of the skip globs. It is an *OptionError when nothing is left, or when a glob matches no case at all.
func Select(cases []Case, profile Profile, run, skip []string) ([]Case, error) {
	runs, err := parsePatterns("--run", run, cases)
	if err != nil {
		return nil, err
	}
	skips, err := parsePatterns("--skip", skip, cases)
	if err != nil {
		return nil, err
	}
	var selected []Case
	for _, c := range cases {
		if profile.Includes(c.Operation) && (len(runs) == 0 || anyMatches(runs, c.ID)) && !anyMatches(skips, c.ID) {
			selected = append(selected, c)
		}
	}
	if len(selected) == 0 {
		option := "--run"
		if len(run) == 0 {
			option = "--skip"
		}
		return nil, &OptionError{option, fmt.Sprintf("nothing is left to run in profile %q: `mtrack-conformance list --profile %s` lists its cases", profile, profile)}
	}
	return selected, nil
}

// Cases lists the selected cases in the order of the suite.
func (r *Runner) Cases() []Case { return slices.Clone(r.cases) }

// RunAll runs the selected cases: those that wait for time to pass first and beside the others, those that measure time
// last and alone. It returns when all are finished, or soon after ctx ends.
func (r *Runner) RunAll(ctx context.Context) {
	var slow, normal, alone []Case
	for _, c := range r.cases {
		switch {
		case c.Alone:
			alone = append(alone, c)
		case c.Slow:
			slow = append(slow, c)
		default:
			normal = append(normal, c)
		}
	}
	r.progress(nil)
	if r.config.parallel == 1 {
		r.pool(ctx, slices.Concat(slow, normal), 1)
	} else {
		var pools sync.WaitGroup
		pools.Go(func() { r.pool(ctx, slow, r.config.parallel) })
		pools.Go(func() { r.pool(ctx, normal, r.config.parallel) })
		pools.Wait()
	}
	r.pool(ctx, alone, 1)
}

// pool runs cases in order, so many at once.
func (r *Runner) pool(ctx context.Context, cases []Case, parallel int) {
	queue := make(chan Case)
	var workers sync.WaitGroup
	for range min(parallel, len(cases)) {
		workers.Go(func() {
			for c := range queue {
				r.RunCase(ctx, c)
			}
		})
	}
	for _, c := range cases {
		if ctx.Err() != nil {
			break
		}
		queue <- c
	}
	close(queue)
	workers.Wait()
}

// RunCase runs a case and returns what became of it. The result is false where ctx ended before the case did: then the
// case is not in the report, which is incomplete.
func (r *Runner) RunCase(ctx context.Context, c Case) (CaseReport, bool) {
	r.mu.Lock()
	r.running[c.ID] = true
	r.mu.Unlock()
	report := CaseReport{
		ID: c.ID, Title: c.Title, Operation: c.Operation, Level: r.catalog[c.Requirements[0]].Level,
		Requirements: c.Requirements, Statuses: c.Statuses, Started: time.Now().UTC(),
	}
	client := newClient(r.session, c.ID)
	err := r.attempt(ctx, c, client)
	// A cancelled request looks like any other broken one: whatever came after the end does not count.
	interrupted := ctx.Err() != nil
	if !interrupted {
		r.conclude(ctx, c, client, err, &report)
		interrupted = ctx.Err() != nil
	}
	report.Seconds = time.Since(report.Started).Seconds()

	r.mu.Lock()
	delete(r.running, c.ID)
	if interrupted {
		r.incomplete = true
	} else {
		r.finished[c.ID] = report
	}
	r.mu.Unlock()
	if !interrupted {
		r.progress(&report)
	}
	return report, !interrupted
}

// progress tells how far the run is.
func (r *Runner) progress(finished *CaseReport) {
	if r.config.progress == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	p := Progress{Done: len(r.finished), Total: len(r.cases), Case: finished}
	for id := range r.running {
		p.Running = append(p.Running, id)
	}
	r.config.progress(p)
}

// caseLimit is how many times the timeout of a request a case may take. It is there for a case that would never end.
const caseLimit = 60

// attempt makes the scene and runs the case.
func (r *Runner) attempt(ctx context.Context, c Case, client *Client) error {
	for _, f := range c.Needs {
		if !client.Has(f) {
			return Skip(fmt.Sprintf("the provisioner does not offer %q", f))
		}
	}
	bounded, cancel := context.WithTimeout(ctx, caseLimit*r.config.timeout)
	defer cancel()
	if !c.Scene.Empty() {
		scene, err := client.Provision(bounded, c.Scene)
		if err != nil {
			return err
		}
		client.Scene = scene
	}
	err := runGuarded(bounded, c, client)
	if err != nil && bounded.Err() != nil && ctx.Err() == nil {
		return fmt.Errorf("not done within %s, %d times --timeout: %w", caseLimit*r.config.timeout, caseLimit, err)
	}
	return err
}

// runGuarded turns a panic of a case into an error: one faulty case does not end the run.
func runGuarded(ctx context.Context, c Case, client *Client) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("the case itself is at fault: %v%s", fault, panicPlace())
		}
	}()
	return c.Run(ctx, client)
}

// panicPlace names the line that panicked.
func panicPlace() string {
	callers := make([]uintptr, 32)
	frames := runtime.CallersFrames(callers[:runtime.Callers(3, callers)])
	for {
		frame, more := frames.Next()
		if !strings.HasPrefix(frame.Function, "runtime.") && frame.File != "" {
			return fmt.Sprintf(" (%s:%d)", frame.File[strings.LastIndexByte(frame.File, '/')+1:], frame.Line)
		}
		if !more {
			return ""
		}
	}
}

// conclude turns what a case returned into its outcome.
func (r *Runner) conclude(ctx context.Context, c Case, client *Client, err error, report *CaseReport) {
	var failure *Failure
	var skipped *Skipped
	var missing *MissingScene
	var silent *NoAnswer
	var named []*Exchange
	switch {
	case err == nil:
		report.Outcome = Passed
	case errors.As(err, &failure):
		report.Outcome = Failed
	case errors.As(err, &skipped):
		report.Outcome, report.Reason = SkippedOutcome, skipped.Reason
	case errors.As(err, &missing):
		report.Outcome, report.Reason = SkippedOutcome, missing.Error()+": `mtrack-conformance scenes` prints the one that is needed"
	case errors.As(err, &silent) && r.session.endpoint.accepts(ctx):
		report.Outcome = Failed
		failure = silent.failure()
	default:
		report.Outcome, report.Reason = Errored, err.Error()
		if silent != nil {
			report.Reason += "; the target accepts connections no more: is it still running?"
			named = append(named, silent.Exchange)
		}
	}
	if failure != nil {
		report.Reason = failure.Error()
		report.Expected, report.Actual, report.ContractLine = failure.Expected, failure.Actual, failure.ContractLine
		report.Attachments = failure.Attachments
		named = failure.Exchanges
		if report.Level == Should && !failure.Contract && !r.config.strict {
			report.Outcome = Warning
		}
	}
	r.known.apply(report)
	for _, text := range []*string{&report.Reason, &report.Expected, &report.Actual} {
		*text = r.session.vault.redact(*text)
	}
	client.mu.Lock()
	report.Requests, report.Retries = client.requests, client.retries
	client.mu.Unlock()
	if r.config.everything || report.Outcome != Passed && report.Outcome != SkippedOutcome {
		report.Exchanges, report.Omitted = client.evidence(named, r.config.everything)
	}
	if report.Outcome != Passed && report.Outcome != SkippedOutcome {
		report.Replay = r.replay(c)
	}
}

// failure says of a target that is there and gave no answer what it should have done.
func (n *NoAnswer) failure() *Failure {
	f := &Failure{Expected: "an answer to every request", Actual: n.Error()}
	if n.Exchange != nil {
		f.Exchanges = []*Exchange{n.Exchange}
	}
	return f
}

// replay is the command line that runs a case alone, without the target and the provisioner.
func (r *Runner) replay(c Case) string {
	line := fmt.Sprintf("mtrack-conformance run --replay %s --seed %d", c.ID, r.config.seed)
	if r.config.profile != ProfileFull {
		line += fmt.Sprintf(" --profile %s", r.config.profile)
	}
	return line
}

// Report is what was found so far. Cases that have not been run make it incomplete.
func (r *Runner) Report() *Report {
	r.mu.Lock()
	defer r.mu.Unlock()
	report := &Report{
		Version:        ReportVersion,
		Suite:          SuiteReport{Version: Version, ContractVersion: r.session.contract.version(), ContractSHA256: contractDigest()},
		Implementation: ImplementationReport{Name: r.target.Name, Version: r.target.Version},
		Target:         r.session.endpoint.URL(),
		Environment:    EnvironmentReport{Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH, CPUs: runtime.NumCPU()},
		Options: OptionsReport{
			Profile: r.config.profile, Strict: r.config.strict, Seed: r.config.seed, Parallel: r.config.parallel,
			Timeout: r.config.timeout.String(), Run: r.config.run, Skip: r.config.skip,
		},
		Started:      r.started.UTC(),
		Seconds:      time.Since(r.started).Seconds(),
		Incomplete:   r.incomplete || len(r.finished) < len(r.cases),
		Counts:       map[Outcome]int{},
		Selected:     len(r.cases),
		Total:        len(r.config.cases),
		Requirements: []Requirement{},
		Cases:        []CaseReport{},
		Coverage:     r.session.coverage.report(),
	}
	used := set{}
	for _, c := range r.cases {
		finished, ok := r.finished[c.ID]
		if !ok {
			continue
		}
		report.Cases = append(report.Cases, finished)
		report.Counts[finished.Outcome]++
		report.RateLimited += finished.Retries
		for _, id := range c.Requirements {
			used.add(id)
		}
	}
	for _, requirement := range r.config.requirements {
		if _, ok := used[requirement.ID]; ok {
			report.Requirements = append(report.Requirements, requirement)
		}
	}
	report.Verdict = verdictOn(report.Counts, report.Incomplete)

	r.session.mu.Lock()
	defer r.session.mu.Unlock()
	report.Provisioner = ProvisionerReport{
		Description: r.session.provisioner.String(),
		Features:    append([]Feature{}, r.session.features...),
		Scenes:      r.session.scenes,
	}
	report.MissingScenes = slices.Clone(r.session.missing)
	return report
}
