package conformance

import (
	"context"
	"crypto/tls"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

// runnerConfig says how the cases are run.
type runnerConfig struct {
	profile      Profile
	strict       bool
	run, skip    []string // globs over ids
	known        []knownFailure
	seed         uint64
	parallel     int // 0: chosen when the target was met
	timeout      time.Duration
	shrinking    time.Duration // how long a failing sequence may be shrunk; 0: the default
	allExchanges bool          // of every case, not only the evidence of what did not pass
	// progress is told about the begin and every finished case, by one goroutine at a time. It may be nil.
	progress func(done, total int, finished *CaseReport, running []string)
	// keys is told the real key behind each variable of a report, by several goroutines at once. It may be nil.
	keys func(variable, key string)
	// replay writes the command that runs a case alone. It may be nil.
	replay func(id string, seed uint64, profile Profile) string
}

// runnerTarget is an implementation under test.
type runnerTarget struct {
	url           string
	tls           *tls.Config
	provisioner   Provisioner
	name, version string
}

func (c runnerConfig) check() error {
	switch {
	case !c.profile.known():
		return &usageError{"WithProfile", fmt.Sprintf("unknown profile %q (want %s)", c.profile, either(Profiles()))}
	case c.parallel < 0:
		return &usageError{"WithParallel", fmt.Sprintf("must not be negative, and is %d: give 1 or more, or 0 to let the suite choose", c.parallel)}
	case c.timeout <= 0:
		return &usageError{"WithTimeout", fmt.Sprintf("must be greater than zero, and is %s: give a duration such as 10s", c.timeout)}
	}
	return nil
}

// either joins names for a message: "delete or full".
func either[T ~string](names []T) string {
	texts := make([]string, len(names))
	for i, name := range names {
		texts[i] = string(name)
	}
	return strings.Join(texts, " or ")
}

// caseRunner runs the cases of a suite against a target. Its methods may be called by several goroutines at once.
type caseRunner struct {
	suite    suiteDefinition
	config   runnerConfig
	target   runnerTarget
	session  *session
	redactor *vault
	coverage *coverage
	catalog  map[string]Requirement
	known    *knownFailures
	cases    []Case
	started  time.Time

	mu         sync.Mutex
	finished   map[string]CaseReport
	running    map[string]bool
	incomplete bool
}

// newCaseRunner checks the configuration, asks the provisioner what it offers, and makes sure that the target responds. The
// error is for what keeps a run from starting: a *usageError, an *unreachable target, or a *ProvisioningError.
func newCaseRunner(ctx context.Context, suite suiteDefinition, target runnerTarget, config runnerConfig) (*caseRunner, error) {
	if err := config.check(); err != nil {
		return nil, err
	}
	r := &caseRunner{
		suite: suite, config: config, target: target, redactor: newVault(), coverage: newCoverage(), started: time.Now(),
		finished: map[string]CaseReport{}, running: map[string]bool{},
	}
	var err error
	if r.catalog, err = suite.catalog(); err != nil {
		return nil, err
	}
	if r.known, err = parseKnownFailures(config.known, suite.cases); err != nil {
		return nil, err
	}
	if r.cases, err = selectCases(suite.cases, config.profile, config.run, config.skip); err != nil {
		return nil, err
	}
	endpoint, err := parseEndpoint(target.url, suite.name+"/"+suite.version, target.tls)
	if err != nil {
		return nil, &usageError{"Target.URL", err.Error()}
	}
	if target.provisioner == nil {
		return nil, &usageError{"Target.Provisioner", "missing: the suite needs one to make its scenes"}
	}
	contract, err := loadContract(suite.contractName, suite.contract)
	if err != nil {
		return nil, err
	}
	if err := preflight(ctx, endpoint, suite.probePath, config.timeout); err != nil {
		return nil, err
	}
	if r.config.parallel == 0 {
		r.config.parallel = pace(ctx, endpoint, suite.probePath, config.timeout)
	}
	features, err := target.provisioner.Capabilities(ctx)
	if err != nil {
		return nil, err
	}
	r.session = &session{
		endpoint: endpoint, contract: contract, provisioner: target.provisioner, features: features,
		profile: config.profile, seed: config.seed, timeout: config.timeout, shrinking: config.shrinking, probe: suite.serves,
		onKey: r.learn,
		onExchange: func(caseID string, e *Exchange) {
			r.coverage.add(caseID, e, contract.pathParameters(Operation(e.Operation)))
		},
	}
	return r, nil
}

// learn takes a key out of everything that leaves the run from now on.
func (r *caseRunner) learn(actor, key string) {
	variable := r.redactor.add(key, actor)
	if r.config.keys != nil {
		r.config.keys(variable, key)
	}
}

// Cases lists the selected cases in the order of the suite.
func (r *caseRunner) Cases() []Case { return slices.Clone(r.cases) }

// RunAll runs the selected cases: those that wait for time to pass first and beside the others, those that measure time
// last and alone. It returns when all are finished, or soon after ctx ends.
func (r *caseRunner) RunAll(ctx context.Context) {
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
func (r *caseRunner) pool(ctx context.Context, cases []Case, parallel int) {
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

// RunCase runs one of the selected cases and returns what became of it. The result is false where ctx ended before the case did: then the
// case is not in the report, which is incomplete.
func (r *caseRunner) RunCase(ctx context.Context, c Case) (CaseReport, bool) {
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

// progress reports how far the run is.
func (r *caseRunner) progress(finished *CaseReport) {
	if r.config.progress == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.config.progress(len(r.finished), len(r.cases), finished, slices.Collect(maps.Keys(r.running)))
}

// caseLimit is how many times the timeout of a request a case may take. It is there for a case that would never end.
const caseLimit = 60

// attempt makes the scene and runs the case.
func (r *caseRunner) attempt(ctx context.Context, c Case, client *Client) error {
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
		return fmt.Errorf("not done within %s, %d times the timeout of a request: %w", caseLimit*r.config.timeout, caseLimit, err)
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
