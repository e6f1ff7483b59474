package runner

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/report"
)

// trial is a case that was run, and that may look at its scene again before it is finished.
type trial struct {
	c       suite.Case
	client  *suite.Client
	err     error
	started time.Time
	took    time.Duration // without the time between the run and the second look
	looked  time.Duration // after how long it looked again, 0 if it did not
}

// looksAgain reports whether the case has passed so far, and asks to look again.
func (t *trial) looksAgain() bool { return t.err == nil && len(t.client.Looks()) > 0 }

// RunCase runs one of the selected cases and returns its result. The bool is false if ctx ended
// before the case did: then the case is not in the report, which is incomplete. A case that looks
// again does so at once, or after Config.Patience.
func (r *Runner) RunCase(ctx context.Context, c suite.Case) (report.Case, bool) {
	t := r.try(ctx, c)
	if t.looksAgain() {
		r.look(ctx, t)
	}
	return r.finish(ctx, t)
}

// maxTrials is how many times a case is run whose failure proves nothing: the target dropped a
// connection, and had perhaps carried out the request that was sent again.
const maxTrials = 4

// try runs a case on a new scene.
func (r *Runner) try(ctx context.Context, c suite.Case) *trial {
	r.mu.Lock()
	r.running[c.ID()] = true
	r.mu.Unlock()
	t := &trial{c: c, started: time.Now()}
	for n := 1; ; n++ {
		client := suite.NewClient(r.session, c.ID())
		client.Needs = c.Needs
		err := r.attempt(ctx, c, client)
		var missing *provision.MissingScene
		if n > 1 && errors.As(err, &missing) {
			t.err = uncertain(t, n-1) // a file of scenes has no second one
			break
		}
		t.client, t.err = client, err
		_, repeated := client.Log.Drops()
		var failure *suite.Failure
		if repeated == nil || !errors.As(err, &failure) || ctx.Err() != nil {
			break
		}
		if n == maxTrials {
			t.err = uncertain(t, n)
			break
		}
	}
	t.took = time.Since(t.started)
	return t
}

// uncertain is the error of a case that failed each time after the target had dropped the connection
// of a request that it may have carried out.
func uncertain(t *trial, trials int) error {
	_, repeated := t.client.Log.Drops()
	return fmt.Errorf("each time that it was run (%d) the target dropped the connection of a request that it may "+
		"have carried out (%s), so that what followed proves nothing: %v", trials, repeated.Summary(), t.err)
}

// finish judges a case and enters it in the report.
func (r *Runner) finish(ctx context.Context, t *trial) (report.Case, bool) {
	c := t.c
	id := c.ID()
	result := report.Case{
		ID: id, Where: c.Where, Title: c.Title, Operation: c.Operation, Level: r.catalog.Level(c),
		Requirements: c.Requirements, Statuses: c.Statuses, Started: t.started.UTC(), LookedAfter: t.looked.Seconds(),
	}
	// A cancelled request looks like a failed one: nothing that happened after the end counts.
	interrupted := ctx.Err() != nil
	if !interrupted {
		begin := time.Now()
		r.conclude(ctx, c, t.client, t.err, &result)
		interrupted = ctx.Err() != nil
		t.took += time.Since(begin)
	}
	result.Seconds = t.took.Seconds()

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

// lookAgain looks again at the scenes of the cases that ask for it, and finishes these.
func (r *Runner) lookAgain(ctx context.Context) {
	r.mu.Lock()
	later := r.later
	r.later = nil
	r.mu.Unlock()
	slots := make(chan struct{}, max(r.config.Parallel, 1))
	var looking sync.WaitGroup
	for _, t := range later {
		looking.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			r.look(ctx, t)
			r.finish(ctx, t)
		})
	}
	looking.Wait()
}

// look waits until it is time, and looks again at the scene of a case.
func (r *Runner) look(ctx context.Context, t *trial) {
	for _, l := range t.client.Looks() {
		select {
		case <-ctx.Done():
			return // finish sees to it
		case <-time.After(time.Until(l.Since.Add(r.config.Patience))):
		}
		begin := time.Now()
		after := begin.Sub(l.Since)
		t.looked = max(t.looked, after)
		r.mu.Lock()
		if r.looked == 0 || after < r.lookedFrom {
			r.lookedFrom = after
		}
		r.looked++
		r.mu.Unlock()
		bounded, cancel := context.WithTimeout(ctx, caseLimit*r.config.Timeout)
		t.err = guarded(bounded, t.client, func(ctx context.Context, _ *suite.Client) error { return l.Run(ctx) })
		cancel()
		t.took += time.Since(begin)
		var failure *suite.Failure
		if _, repeated := t.client.Log.Drops(); repeated != nil && errors.As(t.err, &failure) {
			t.err = uncertain(t, 1)
		}
		if errors.As(t.err, &failure) {
			failure.Expected = fmt.Sprintf("%s later, %s", after.Round(100*time.Millisecond), failure.Expected)
		}
		if t.err != nil {
			return
		}
	}
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
	err := guarded(bounded, client, c.Run)
	if err != nil && bounded.Err() != nil && ctx.Err() == nil {
		return fmt.Errorf("not done within %s, %d times the timeout of a request: %w",
			caseLimit*r.config.Timeout, caseLimit, err)
	}
	return err
}

// guarded calls the function of a case and turns a panic into an error: a faulty case must not end
// the run.
func guarded(ctx context.Context, client *suite.Client, run func(context.Context, *suite.Client) error) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("the case itself is at fault: %v%s", fault, panicPlace())
		}
	}()
	return run(ctx, client)
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
