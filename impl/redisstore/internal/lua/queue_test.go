package redisstore

import (
	"context"
	"errors"
	"fmt"
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

func newGatedBatcher(t *testing.T) (*batcher, *gate) {
	t.Helper()
	server := embedded.Open()
	g := &gate{opened: make(chan struct{})}
	g.open = sync.OnceFunc(func() { close(g.opened) })
	server.Client().AddHook(g)
	b := newBatcher(server.Client())
	t.Cleanup(func() {
		g.open()
		b.close()
		server.Close()
	})
	return b, g
}

func authorizeOf(n int) invocation {
	return invocation{authorizeScript, []string{fmt.Sprintf("{o}:%d", n)}, []any{"field"}}
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never came true: %s", what)
		}
	}
}

// TestBatcherCoalesces holds all workers up and then looks at how what queued
// behind them was sent.
func TestBatcherCoalesces(t *testing.T) {
	b, g := newGatedBatcher(t)
	var done sync.WaitGroup
	start := func(n int) {
		done.Go(func() {
			reply, err := b.do(context.Background(), authorizeOf(n))
			if err != nil {
				t.Errorf("call %d: %v", n, err)
				return
			}
			if a, err := authorizeOf(n).answer(reply); err != nil || a.code != codeNoKey {
				t.Errorf("call %d: %v, %v", n, a, err)
			}
		})
	}
	for i := range batchWorkers {
		start(i)
		eventually(t, "a worker is busy", func() bool { return g.sent() == i+1 })
	}
	const more = 2*batchMax + 10
	for i := range more {
		start(batchWorkers + i)
	}
	eventually(t, "all are queued", func() bool { return len(b.queue) == more })
	g.open()
	done.Wait()
	for _, n := range g.pipelines {
		if n > batchMax {
			t.Errorf("a pipeline of %d scripts, more than %d", n, batchMax)
		}
	}
	// Each script unknown to the server is sent a second time.
	if n := len(g.pipelines) + g.single; n > 2*(batchWorkers+more/batchMax+2)+batchWorkers {
		t.Errorf("%d scripts went out in %d pieces", batchWorkers+more, n)
	}
}

// TestBatcherGivesUp ends the contexts of calls that wait: those that were
// not sent are certainly not carried out.
func TestBatcherGivesUp(t *testing.T) {
	b, g := newGatedBatcher(t)
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	sent := make([]error, batchWorkers)
	for i := range batchWorkers {
		done.Go(func() { _, sent[i] = b.do(ctx, authorizeOf(i)) })
		eventually(t, "a worker is busy", func() bool { return g.sent() == i+1 })
	}
	queued := make([]error, 10)
	for i := range queued {
		done.Go(func() { _, queued[i] = b.do(ctx, authorizeOf(100+i)) })
	}
	eventually(t, "the rest is queued", func() bool { return len(b.queue) == len(queued) })
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
	eventually(t, "the queue is empty", func() bool { return len(b.queue) == 0 })
	b.close()
	if n := g.sent(); n > 2*batchWorkers { // each once by name, once with its source
		t.Errorf("%d commands sent for %d calls that did not give up", n, batchWorkers)
	}
}

// TestBatcherFullQueue: whoever does not even get into the queue does not
// wait beyond its context.
func TestBatcherFullQueue(t *testing.T) {
	b, g := newGatedBatcher(t)
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	for i := range batchWorkers {
		done.Go(func() { b.do(ctx, authorizeOf(i)) })
		eventually(t, "a worker is busy", func() bool { return g.sent() == i+1 })
	}
	for i := range batchQueue {
		done.Go(func() { b.do(ctx, authorizeOf(i)) })
	}
	eventually(t, "the queue is full", func() bool { return len(b.queue) == batchQueue })
	short, stop := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer stop()
	if _, err := b.do(short, authorizeOf(-1)); !errors.Is(err, errNotSent) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	cancel()
	done.Wait()
	g.open()
}

func TestBatcherClose(t *testing.T) {
	b, g := newGatedBatcher(t)
	var done sync.WaitGroup
	results := make([]error, batchWorkers+5)
	for i := range results {
		done.Go(func() { _, results[i] = b.do(context.Background(), authorizeOf(i)) })
		eventually(t, "it is sent or queued", func() bool {
			return g.sent() == min(i+1, batchWorkers) && len(b.queue) == max(0, i+1-batchWorkers)
		})
	}
	b.stop()
	g.open()
	b.close()
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
	if finished < batchWorkers {
		t.Errorf("%d calls finished, but %d had been sent", finished, batchWorkers)
	}
	if _, err := b.do(context.Background(), authorizeOf(0)); !errors.Is(err, errClosed) {
		t.Errorf("after close: %v", err)
	}
}
