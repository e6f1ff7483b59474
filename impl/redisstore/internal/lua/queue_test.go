package lua

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/impl/embedded"
)

// gate is a hook that holds commands up until it is opened, and counts how
// they are sent.
type gate struct {
	opened chan struct{}
	open   func()

	mu        sync.Mutex
	single    int
	pipelines []int // how many commands each held
}

func (g *gate) DialHook(next redis.DialHook) redis.DialHook { return next }

func (g *gate) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if !ofScript(cmd) {
			return next(ctx, cmd)
		}
		g.mu.Lock()
		g.single++
		g.mu.Unlock()
		<-g.opened
		return next(ctx, cmd)
	}
}

func (g *gate) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		if !ofScript(cmds[0]) {
			return next(ctx, cmds)
		}
		g.mu.Lock()
		g.pipelines = append(g.pipelines, len(cmds))
		g.mu.Unlock()
		<-g.opened
		return next(ctx, cmds)
	}
}

// ofScript tells our commands from those that the client sends on new
// connections.
func ofScript(cmd redis.Cmder) bool { return strings.HasPrefix(cmd.Name(), "eval") }

func (g *gate) sent() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := g.single
	for _, p := range g.pipelines {
		n += p
	}
	return n
}

func newGatedQueue(t *testing.T) (*queue, *gate) {
	t.Helper()
	server := embedded.Open()
	g := &gate{opened: make(chan struct{})}
	g.open = sync.OnceFunc(func() { close(g.opened) })
	server.Client().AddHook(g)
	q := newQueue(server.Client(), Patience)
	q.patience = time.Hour // workers see it with their first call
	t.Cleanup(func() {
		g.open()
		q.close()
		server.Close()
	})
	return q, g
}

var echo = NewScript("echo", "return {'ECHO', KEYS[1]}")

func echoOf(n int) Call { return Call{echo, []string{fmt.Sprintf("{o}:%d", n)}, nil} }

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never came true: %s", what)
		}
	}
}

// TestQueueCoalesces holds all workers up and then looks at how what queued
// behind them was sent.
func TestQueueCoalesces(t *testing.T) {
	t.Parallel()
	q, g := newGatedQueue(t)
	var done sync.WaitGroup
	start := func(n int) {
		done.Go(func() {
			reply, err := q.do(context.Background(), echoOf(n))
			if err != nil {
				t.Errorf("call %d: %v", n, err)
				return
			}
			if got, err := echoOf(n).reply(reply); err != nil || got.Code != "ECHO" || got.Values[0] != echoOf(n).Keys[0] {
				t.Errorf("call %d: %v, %v", n, got, err)
			}
		})
	}
	for i := range queueWorkers {
		start(i)
		eventually(t, "a worker is busy", func() bool { return g.sent() == i+1 })
	}
	const more = 2*batchMax + 10
	for i := range more {
		start(queueWorkers + i)
	}
	eventually(t, "all are queued", func() bool { return len(q.waiting) == more })
	g.open()
	done.Wait()
	for _, n := range g.pipelines {
		if n > batchMax {
			t.Errorf("a pipeline of %d scripts, more than %d", n, batchMax)
		}
	}
	// Each script unknown to the server is sent a second time.
	if n := len(g.pipelines) + g.single; n > 2*(queueWorkers+more/batchMax+2)+queueWorkers {
		t.Errorf("%d scripts went out in %d pieces", queueWorkers+more, n)
	}
}

// TestQueueShare: a pipeline to a Redis that is near holds a quarter of the callers, and
// all that wait where the last one took long.
func TestQueueShare(t *testing.T) {
	t.Parallel()
	q, g := newGatedQueue(t)
	for _, c := range []struct {
		callers int
		far     bool
		want    int
	}{
		{2, false, batchMin},
		{64, false, 16},
		{256, false, 64},
		{10_000, false, batchMax},
		{2, true, batchMax},
	} {
		q.callers.Store(int64(c.callers))
		q.far.Store(c.far)
		if got := q.share(); got != c.want {
			t.Errorf("%d callers, far %v: %d calls in a pipeline, want %d", c.callers, c.far, got, c.want)
		}
	}

	q.callers.Store(0)
	q.far.Store(false)
	var done sync.WaitGroup
	call := func(n int) {
		done.Go(func() {
			if _, err := q.do(context.Background(), echoOf(n)); err != nil {
				t.Errorf("call %d: %v", n, err)
			}
		})
	}
	const callers = 10 * batchMin
	for n := range queueWorkers {
		call(n)
		eventually(t, "a worker is busy", func() bool { return g.sent() == n+1 })
	}
	for n := range callers - queueWorkers {
		call(queueWorkers + n)
	}
	eventually(t, "all are queued", func() bool { return len(q.waiting) == callers-queueWorkers })
	time.Sleep(2 * nearMax)
	g.open()
	done.Wait()
	if !slices.ContainsFunc(g.pipelines, func(n int) bool { return n > callers/4 }) {
		t.Errorf("after a pipeline that took long, %d callers were served in pipelines of %v", callers, g.pipelines)
	}
	for n := 0; q.far.Load(); n++ { // until one is quick
		if n == 10_000 {
			t.Fatal("Redis never seems to be near")
		}
		if _, err := q.do(context.Background(), echoOf(0)); err != nil {
			t.Fatal(err)
		}
	}
}

// TestQueueBatchEnds puts calls into one pipeline with a slow one, and more calls into the
// next, which takes longer still: whoever shares the first is told when that is over,
// and waits for no other.
func TestQueueBatchEnds(t *testing.T) {
	t.Parallel()
	q, g := newGatedQueue(t)
	if err := q.client.ScriptLoad(t.Context(), echo.source).Err(); err != nil {
		t.Fatal(err) // else each batch would go out twice
	}
	steps := &stepper{entered: make(chan int, 16), leave: make(map[int]chan struct{})}
	q.client.AddHook(steps)
	g.open() // from now on each pipeline waits for its step
	var done sync.WaitGroup
	defer done.Wait()
	defer steps.open()
	replies := make(chan int, 64)
	start := func(n int) {
		done.Go(func() {
			if _, err := q.do(context.Background(), echoOf(n)); err != nil {
				t.Errorf("call %d: %v", n, err)
			}
			replies <- n
		})
	}
	batch := func(from, to int) {
		for n := from; n < to; n++ {
			start(n)
		}
		eventually(t, "they wait", func() bool { return len(q.waiting) == to-from })
	}
	start(100) // keeps one worker busy
	first := <-steps.entered
	start(101) // and the other
	second := <-steps.entered
	batch(0, 10)
	steps.step(first)
	slow := <-steps.entered // with all ten
	batch(10, 20)
	steps.step(second)
	slower := <-steps.entered
	for range 2 {
		if n := <-replies; n < 100 {
			t.Errorf("call %d is over before its pipeline", n)
		}
	}
	steps.step(slow)
	for range 10 {
		if n := <-replies; n >= 10 {
			t.Errorf("call %d is over before its pipeline", n)
		}
	}
	steps.step(slower)
	for range 10 {
		<-replies
	}
}

// stepper is a hook that holds each batch of scripts up until it is told to go on.
type stepper struct {
	entered chan int // numbers of batches, in their order

	mu     sync.Mutex
	count  int
	opened bool
	leave  map[int]chan struct{}
}

func (s *stepper) DialHook(next redis.DialHook) redis.DialHook { return next }

func (s *stepper) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if ofScript(cmd) {
			s.wait()
		}
		return next(ctx, cmd)
	}
}

func (s *stepper) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		if ofScript(cmds[0]) {
			s.wait()
		}
		return next(ctx, cmds)
	}
}

func (s *stepper) wait() {
	s.mu.Lock()
	number, leave := s.count, make(chan struct{})
	s.count++
	if s.opened {
		s.mu.Unlock()
		return
	}
	s.leave[number] = leave
	s.mu.Unlock()
	s.entered <- number
	<-leave
}

func (s *stepper) step(number int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.leave[number])
	delete(s.leave, number)
}

// open lets everything go on from now on.
func (s *stepper) open() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opened = true
	for number, leave := range s.leave {
		close(leave)
		delete(s.leave, number)
	}
}

// TestQueueGivesUp ends the contexts of calls that wait: those that were
// not sent are certainly not carried out.
func TestQueueGivesUp(t *testing.T) {
	t.Parallel()
	q, g := newGatedQueue(t)
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	sent := make([]error, queueWorkers)
	for i := range queueWorkers {
		done.Go(func() { _, sent[i] = q.do(ctx, echoOf(i)) })
		eventually(t, "a worker is busy", func() bool { return g.sent() == i+1 })
	}
	queued := make([]error, 10)
	for i := range queued {
		done.Go(func() { _, queued[i] = q.do(ctx, echoOf(100+i)) })
	}
	eventually(t, "the rest is queued", func() bool { return len(q.waiting) == len(queued) })
	cancel()
	done.Wait()
	for _, err := range sent {
		if !errors.Is(err, context.Canceled) || errors.Is(err, errNotSent) {
			t.Errorf("call that was sent: %v", err)
		}
	}
	for _, err := range queued {
		if !errors.Is(err, context.Canceled) || !errors.Is(err, errNotSent) {
			t.Errorf("call that was not sent: %v", err)
		}
	}
	g.open()
	eventually(t, "the queue is empty", func() bool { return len(q.waiting) == 0 })
	q.close()
	if n := g.sent(); n > 2*queueWorkers { // each once by name, once with its source
		t.Errorf("%d commands sent for %d calls that did not give up", n, queueWorkers)
	}
}

// TestQueueFullQueue: whoever does not even get into the queue does not
// wait beyond its context.
func TestQueueFullQueue(t *testing.T) {
	t.Parallel()
	q, g := newGatedQueue(t)
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	for i := range queueWorkers {
		done.Go(func() { q.do(ctx, echoOf(i)) })
		eventually(t, "a worker is busy", func() bool { return g.sent() == i+1 })
	}
	for i := range queueMax {
		done.Go(func() { q.do(ctx, echoOf(i)) })
	}
	eventually(t, "the queue is full", func() bool { return len(q.waiting) == queueMax })
	short, stop := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer stop()
	if _, err := q.do(short, echoOf(-1)); !errors.Is(err, errNotSent) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	cancel()
	done.Wait()
	g.open()
}

func TestQueueClose(t *testing.T) {
	t.Parallel()
	q, g := newGatedQueue(t)
	var done sync.WaitGroup
	results := make([]error, queueWorkers+5)
	for i := range results {
		done.Go(func() { _, results[i] = q.do(context.Background(), echoOf(i)) })
		eventually(t, "it is sent or queued", func() bool {
			return g.sent() == min(i+1, queueWorkers) && len(q.waiting) == max(0, i+1-queueWorkers)
		})
	}
	q.stop()
	g.open()
	q.close()
	done.Wait()
	finished := 0
	for _, err := range results {
		switch {
		case err == nil:
			finished++
		case !errors.Is(err, errClosed):
			t.Errorf("got %v, want %v", err, errClosed)
		}
	}
	if finished < queueWorkers {
		t.Errorf("%d calls finished, but %d had been sent", finished, queueWorkers)
	}
	if _, err := q.do(context.Background(), echoOf(0)); !errors.Is(err, errClosed) {
		t.Errorf("after close: %v", err)
	}
}

// closer is a context that closes a queue when a call is about to be put into it.
type closer struct {
	context.Context
	queue *queue
}

func (c closer) Deadline() (time.Time, bool) {
	c.queue.close()
	return time.Time{}, false
}

// TestQueueClose_Meanwhile: a call that comes while the queue is closed is not forgotten.
func TestQueueClose_Meanwhile(t *testing.T) {
	t.Parallel()
	q, g := newGatedQueue(t)
	if _, err := q.do(closer{context.Background(), q}, echoOf(0)); !errors.Is(err, errClosed) || g.sent() != 0 {
		t.Errorf("got %v, and %d were sent", err, g.sent())
	}
}

// TestQueueOvertakes lets every connection be slow: what is under way goes out
// again and again, on a bounded number of connections, and what comes later is
// not held up by it. Each caller gets one reply.
func TestQueueOvertakes(t *testing.T) {
	t.Parallel()
	q, g := newGatedQueue(t)
	q.patience = time.Millisecond
	var done sync.WaitGroup
	const count = 10
	for i := range count {
		done.Go(func() {
			reply, err := q.do(context.Background(), echoOf(i))
			if got, wrong := echoOf(i).reply(reply); err != nil || wrong != nil || got.Values[0] != echoOf(i).Keys[0] {
				t.Errorf("call %d: %v, %v", i, got, errors.Join(err, wrong))
			}
		})
	}
	overdue := func() int {
		q.mu.Lock()
		defer q.mu.Unlock()
		return q.late
	}
	eventually(t, "as much is overdue as may be", func() bool { return overdue() == queueLate })
	g.mu.Lock()
	if n := g.single + len(g.pipelines); n > queueWorkers+queueLate {
		t.Errorf("%d pipelines are under way, want %d at most", n, queueWorkers+queueLate)
	}
	g.mu.Unlock()
	g.open()
	done.Wait()
	eventually(t, "all have landed", func() bool { return overdue() == 0 })
	if _, err := q.do(context.Background(), echoOf(0)); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// TestQueueCloseOvertaken: closing does not wait for what is overdue.
func TestQueueCloseOvertaken(t *testing.T) {
	t.Parallel()
	q, g := newGatedQueue(t)
	q.patience = time.Millisecond
	ctx, cancel := context.WithCancel(context.Background())
	var err error
	var done sync.WaitGroup
	done.Go(func() { _, err = q.do(ctx, echoOf(0)) })
	eventually(t, "it is sent", func() bool { return g.sent() > 0 })
	q.close()
	cancel()
	done.Wait()
	if !errors.Is(err, context.Canceled) || errors.Is(err, errNotSent) {
		t.Errorf("got %v", err)
	}
}
