// Package runner runs the cases of a suite against a target: it selects them, makes sure that there
// is a target, schedules them, turns what they return into outcomes, and reports.
//
// Package conformance calls it, and the suite's own proof. It is handed its suite and knows no
// contract: it imports suite, evidence, report, contract, provision, requirement and wire, and
// never the cases.
package runner

import (
	"context"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/contract"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/evidence"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/report"
)

// Runner runs the cases of a suite against a target. Several goroutines may call its methods at
// once. They stand in three files: running the cases here, judging them in conclusion.go, and
// reporting in report.go.
type Runner struct {
	suite    suite.Suite
	config   Config
	target   Target
	session  *suite.Session
	redactor *evidence.Redactor
	coverage *evidence.Coverage
	catalog  suite.Catalog
	known    *knownFailures
	cases    []suite.Case
	started  time.Time

	mu         sync.Mutex
	finished   map[string]report.Case
	running    map[string]bool
	incomplete bool
}

// New checks the configuration, makes sure that the target responds, and asks the provisioner what
// it offers. The error is a [*UsageError], an [*Unreachable], the provisioner's, or the context's.
func New(ctx context.Context, s suite.Suite, target Target, config Config) (*Runner, error) {
	if err := config.Check(); err != nil {
		return nil, err
	}
	r := &Runner{
		suite: s, config: config, target: target, started: time.Now(),
		redactor: &evidence.Redactor{}, coverage: &evidence.Coverage{},
		finished: map[string]report.Case{}, running: map[string]bool{},
	}
	var err error
	if r.catalog, err = s.Catalog(); err != nil {
		return nil, err
	}
	if r.known, err = parseKnownFailures(config.Known, s.Cases); err != nil {
		return nil, err
	}
	if r.cases, err = Select(s.Cases, config.Profile, config.Run, config.Skip); err != nil {
		return nil, err
	}
	endpoint, err := wire.ParseEndpoint(target.URL, s.Name+"/"+s.Version, target.TLS)
	if err != nil {
		return nil, &UsageError{"Target.URL", err.Error()}
	}
	if target.Provisioner == nil {
		return nil, &UsageError{"Target.Provisioner", "missing: the suite needs one to make its scenes"}
	}
	document, err := contract.Load(s.ContractName, s.Contract)
	if err != nil {
		return nil, err
	}
	if err := preflight(ctx, endpoint, s.ProbePath, config.Timeout); err != nil {
		return nil, err
	}
	if r.config.Parallel == 0 {
		r.config.Parallel = chooseParallel(ctx, endpoint, s.ProbePath, config.Timeout)
	}
	provisioner := provision.Checked(target.Provisioner)
	features, err := provisioner.Capabilities(ctx)
	if err != nil {
		return nil, err
	}
	r.session = &suite.Session{
		Endpoint: endpoint, Contract: document, Provisioner: provisioner, Features: features,
		Profile: config.Profile, Seed: config.Seed, Timeout: config.Timeout, Shrinking: config.Shrinking,
		Probe: s.Serves, OnKey: r.learn,
		OnExchange: func(caseID string, e *wire.Exchange) {
			r.coverage.Add(caseID, e, document.PathParameters(e.Operation))
		},
	}
	return r, nil
}

// learn removes a key from everything that leaves the run from now on.
func (r *Runner) learn(actor, key string) {
	variable := r.redactor.Add(key, actor)
	if r.config.Keys != nil {
		r.config.Keys(variable, key)
	}
}

// Cases lists the selected cases in the order of the suite.
func (r *Runner) Cases() []suite.Case { return slices.Clone(r.cases) }

// RunAll runs the selected cases: slow ones first and beside the others, those that are to be alone
// last and one by one. It returns when all have ended, or soon after ctx ends.
func (r *Runner) RunAll(ctx context.Context) {
	var slow, normal, alone []suite.Case
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
	if r.config.Parallel == 1 {
		r.pool(ctx, slices.Concat(slow, normal), 1)
	} else {
		var pools sync.WaitGroup
		pools.Go(func() { r.pool(ctx, slow, r.config.Parallel) })
		pools.Go(func() { r.pool(ctx, normal, r.config.Parallel) })
		pools.Wait()
	}
	r.pool(ctx, alone, 1)
}

// pool runs cases in order, parallel of them at once.
func (r *Runner) pool(ctx context.Context, cases []suite.Case, parallel int) {
	queue := make(chan suite.Case)
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

// RunCase runs one of the selected cases and returns its result. The bool is false if ctx ended
// before the case did: then the case is not in the report, which is incomplete.
func (r *Runner) RunCase(ctx context.Context, c suite.Case) (report.Case, bool) {
	id := c.ID()
	r.mu.Lock()
	r.running[id] = true
	r.mu.Unlock()
	result := report.Case{
		ID: id, Where: c.Where, Title: c.Title, Operation: c.Operation, Level: r.catalog.Level(c),
		Requirements: c.Requirements, Statuses: c.Statuses, Started: time.Now().UTC(),
	}
	client := suite.NewClient(r.session, id)
	client.Case = c
	err := r.attempt(ctx, c, client)
	// A cancelled request looks like a failed one: nothing that happened after the end counts.
	interrupted := ctx.Err() != nil
	if !interrupted {
		r.conclude(ctx, c, client, err, &result)
		interrupted = ctx.Err() != nil
	}
	result.Seconds = time.Since(result.Started).Seconds()

	r.mu.Lock()
	delete(r.running, id)
	if interrupted {
		r.incomplete = true
	} else {
		r.finished[id] = result
	}
	r.mu.Unlock()
	if !interrupted {
		r.progress(&result)
	}
	return result, !interrupted
}

// progress calls Config.Progress.
func (r *Runner) progress(finished *report.Case) {
	if r.config.Progress == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.config.Progress(len(r.finished), len(r.cases), finished, slices.Collect(maps.Keys(r.running)))
}

// caseLimit is how many times the timeout of a request a case may take, lest one never ends.
const caseLimit = 60

// attempt makes the scene of a case and runs the case.
func (r *Runner) attempt(ctx context.Context, c suite.Case, client *suite.Client) error {
	for _, f := range c.Needs {
		if !client.Has(f) {
			return suite.Skip(fmt.Sprintf("the provisioner does not offer %q", f))
		}
	}
	bounded, cancel := context.WithTimeout(ctx, caseLimit*r.config.Timeout)
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
		return fmt.Errorf("not done within %s, %d times the timeout of a request: %w",
			caseLimit*r.config.Timeout, caseLimit, err)
	}
	return err
}

// runGuarded runs a case and turns a panic into an error: a faulty case must not end the run.
func runGuarded(ctx context.Context, c suite.Case, client *suite.Client) (err error) {
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
