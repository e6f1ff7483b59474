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
// once. They stand in four files: running the cases here and in trial.go, judging them in
// conclusion.go, and reporting in report.go.
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
	shown      int           // size of the exchanges in finished, see maxShown
	later      []*trial      // passed so far, and look again at the end
	looked     int           // scenes that were looked at again
	lookedFrom time.Duration // the least time after which one was
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
	if s.BasePath != "" && strings.HasSuffix(endpoint.Prefix, s.BasePath) {
		return nil, &UsageError{"Target.URL", fmt.Sprintf("%q: ends with %s, which the suite appends: leave it out",
			target.URL, s.BasePath)}
	}
	if target.Provisioner == nil {
		return nil, &UsageError{"Target.Provisioner", "missing: the suite needs one to make its scenes"}
	}
	document, err := contract.Load(s.ContractName, s.Contract)
	if err != nil {
		return nil, err
	}
	foreign, err := preflight(ctx, endpoint, s.ProbePaths, config.Timeout)
	if err != nil {
		return nil, err
	}
	if r.config.Parallel == 0 {
		r.config.Parallel = chooseParallel(ctx, endpoint, s.ProbePaths[0], config.Timeout)
	}
	provisioner := provision.Checked(target.Provisioner)
	features, err := provisioner.Capabilities(ctx)
	if err != nil {
		return nil, err
	}
	r.session = &suite.Session{
		Endpoint: endpoint, Contract: document, Provisioner: provisioner, Features: features,
		Profile: config.Profile, Seed: config.Seed, Timeout: config.Timeout, Shrinking: config.Shrinking,
		Probe: s.Serves, EventTypes: s.EventTypes, OnKey: r.learn,
		OnExchange: func(caseID string, e *wire.Exchange) {
			r.coverage.Add(caseID, e, document.PathParameters(e.Operation))
		},
	}
	if foreign != nil && !r.speaksJSON(ctx) {
		return nil, &Unreachable{Target: endpoint.URL(), Reason: notTheAPI(foreign)}
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
// last and one by one. At the very end it looks again at the scenes of the cases that ask for
// it. It returns when all have ended, or soon after ctx ends.
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
	r.lookAgain(ctx)
}

// pool runs cases in order, parallel of them at once. Those that look again later stay in r.later.
func (r *Runner) pool(ctx context.Context, cases []suite.Case, parallel int) {
	queue := make(chan suite.Case)
	var workers sync.WaitGroup
	for range min(parallel, len(cases)) {
		workers.Go(func() {
			for c := range queue {
				t := r.try(ctx, c)
				if !t.looksAgain() {
					r.finish(ctx, t)
					continue
				}
				r.mu.Lock()
				r.later = append(r.later, t)
				r.mu.Unlock()
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

// progress calls Config.Progress.
func (r *Runner) progress(finished *report.Case) {
	if r.config.Progress == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.config.Progress(len(r.finished), len(r.cases), finished, slices.Collect(maps.Keys(r.running)))
}
