package lua

import (
	"context"
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// TestQueueRun lets a caller who is alone run its script itself, and nobody else:
// the others are sent by the workers meanwhile. Closing waits for it.
func TestQueueRun(t *testing.T) {
	t.Parallel()
	q, g := newGatedQueue(t)
	var done sync.WaitGroup
	run := func(n int) {
		reply, err := q.run(context.Background(), echoOf(n))
		if got, wrong := echoOf(n).reply(reply); err != nil || wrong != nil || got.Values[0] != echoOf(n).Keys[0] {
			t.Errorf("call %d: %v", n, errors.Join(err, wrong))
		}
	}
	done.Go(func() { run(0) })
	eventually(t, "the first is on its way", func() bool { return g.sent() == 1 })
	if q.direct.TryLock() {
		t.Error("the first was given to a worker")
	}
	done.Go(func() { run(1) })
	eventually(t, "the second is on its way", func() bool { return g.sent() == 2 })
	closed := make(chan bool)
	done.Go(func() { q.close(); close(closed) })
	select {
	case <-closed:
		t.Error("closing does not wait")
	case <-time.After(20 * time.Millisecond):
	}
	g.open()
	done.Wait()
	if n := q.callers.Load(); n != 0 {
		t.Errorf("%d callers in the end", n)
	}
	if _, err := q.run(context.Background(), echoOf(2)); !errors.Is(err, errClosed) {
		t.Errorf("after close: %v", err)
	}
}

// TestQueueRun_Patience: whoever runs a script itself gives a connection up that
// swallows everything, and does not say that the script did not run.
func TestQueueRun_Patience(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	client := redis.NewClient(&redis.Options{Addr: l.Addr().String(), MaxRetries: -1, ContextTimeoutEnabled: true, DisableIdentity: true})
	defer client.Close()
	q := newQueue(client, Patience)
	defer q.close()
	q.patience = 20 * time.Millisecond
	_, err = q.run(context.Background(), echoOf(0))
	if outcomeOf(err) != unknown || errors.Is(err, errNotSent) {
		t.Errorf("got %v", err)
	}
}
