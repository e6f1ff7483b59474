package lua

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/impl/embedded"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// TestAgain repeats what may have been lost, and nothing else.
func TestAgain(t *testing.T) {
	t.Parallel()
	ended, end := context.WithCancel(t.Context())
	end()
	for _, row := range []struct {
		what  string
		ctx   context.Context
		err   error
		fails int // times, before it succeeds
		calls int
		code  track.Code // of the outcome
	}{
		{"success", t.Context(), nil, 0, 1, 0},
		{"lost once", t.Context(), io.EOF, 1, 2, 0},
		{"lost twice", t.Context(), io.EOF, 2, 3, 0},
		{"lost for ever", t.Context(), io.EOF, 9, 3, track.Unavailable},
		{"no connection to be had", t.Context(), redis.ErrPoolTimeout, 1, 2, 0},
		{"no longer a client", t.Context(), redis.ErrClosed, 9, 1, track.Unavailable},
		{"closed", t.Context(), errClosed, 9, 1, track.Unavailable},
		{"nobody waits", ended, io.EOF, 9, 1, track.Unavailable},
		{"damage", t.Context(), errors.New("WRONGTYPE Operation against"), 9, 1, 0},
	} {
		calls := 0
		err := Again(row.ctx, func() error {
			if calls++; calls <= row.fails {
				return row.err
			}
			return nil
		}, 0, 0)
		if calls != row.calls || track.CodeOf(err) != row.code || (err == nil) != (row.calls > row.fails) {
			t.Errorf("%s: %d calls and %v; want %d and %v", row.what, calls, err, row.calls, row.code)
		}
	}
}

// TestRunner_DoInOrder: replies come in the order of the calls, and the server
// need not know the scripts.
func TestRunner_DoInOrder(t *testing.T) {
	t.Parallel()
	server := embedded.Open()
	t.Cleanup(func() { server.Close() })
	r := NewRunner(server.Client(), Patience)
	defer r.Close()
	calls := make([]Call, 3*inOrderMax+1)
	for i := range calls {
		calls[i] = echoOf(i)
	}
	replies, err := r.DoInOrder(t.Context(), calls)
	if err != nil || len(replies) != len(calls) {
		t.Fatalf("%d replies, %v", len(replies), err)
	}
	for i, reply := range replies {
		if text, err := reply.Text(); err != nil || text != calls[i].Keys[0] {
			t.Errorf("reply %d: %q, %v", i, text, err)
		}
	}
	if none, err := r.DoInOrder(t.Context(), nil); err != nil || len(none) != 0 {
		t.Errorf("no calls: %v, %v", none, err)
	}
	bad := Call{NewScript("bad", "return 1"), []string{"k"}, nil}
	if _, err := r.DoInOrder(t.Context(), []Call{bad}); err == nil {
		t.Error("a reply without a code is taken")
	}
	if _, err := r.Do(t.Context(), NewScript("bad", "return {'X', 1}"), []string{"k"}); err != nil {
		t.Errorf("Do: %v", err)
	}
}

// failing is a hook that lets the scripts of a client fail.
type failing struct {
	fail  func(n int) error // the n-th script, from 1; nil: it runs
	calls atomic.Int64
}

func (f *failing) DialHook(next redis.DialHook) redis.DialHook { return next }

func (f *failing) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if !ofScript(cmd) {
			return next(ctx, cmd)
		}
		err := next(ctx, cmd)
		if redis.HasErrorPrefix(err, "NOSCRIPT") {
			return err
		}
		if failure := f.fail(int(f.calls.Add(1))); failure != nil {
			return failure // and perhaps it ran
		}
		return err
	}
}

func (f *failing) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

// redisError is an error that Redis replied.
type redisError string

func (e redisError) Error() string { return string(e) }
func (e redisError) RedisError()   {}

// errDial is what the client of package redisurl says while Redis is down.
var errDial = fmt.Errorf("cannot connect: %w", &net.OpError{Op: "dial", Err: errors.New("refused")})

func TestRunner_Do(t *testing.T) {
	t.Parallel()
	times := func(n int, err error) func(int) error {
		return func(call int) error {
			if call > n {
				return nil
			}
			return err
		}
	}
	const ever = 1 << 30
	for _, row := range []struct {
		what  string
		fail  func(int) error
		down  time.Duration // for which the server has been down before
		calls [2]int        // how many, at least and at most
		code  track.Code    // of the outcome
	}{
		{"success", times(0, nil), 0, [2]int{1, 1}, 0},
		{"lost several times", times(5, io.EOF), 0, [2]int{6, 6}, 0},
		{"cannot be reached several times", times(5, errDial), 0, [2]int{6, 6}, 0},
		{"not a connection to be had", times(5, redis.ErrPoolTimeout), 0, [2]int{6, 6}, 0},
		{"loads", times(5, redisError("LOADING Redis is loading")), 0, [2]int{6, 6}, 0},
		{"sends to another node", times(2, redisError("MOVED 13368 127.0.0.1:7001")), 0, [2]int{3, 3}, 0},
		{"lost for ever", times(ever, io.EOF), 0, [2]int{3, 100}, track.Unavailable},
		{"never reached", times(ever, errDial), 0, [2]int{3, 100}, track.Unavailable},
		{"never reached, down for long", times(ever, errDial), time.Hour, [2]int{1, 1}, track.Unavailable},
		{"perhaps it ran, then down for long", func(call int) error {
			if call == 1 {
				return io.ErrUnexpectedEOF
			}
			return errDial
		}, time.Hour, [2]int{3, 100}, track.Unavailable},
		{"refused", times(ever, redisError("OOM command not allowed")), 0, [2]int{1, 1}, track.Unavailable},
		{"damage", times(ever, redisError("WRONGTYPE Operation against")), 0, [2]int{1, 1}, 0},
	} {
		t.Run(row.what, func(t *testing.T) {
			t.Parallel()
			server := embedded.Open()
			t.Cleanup(func() { server.Close() })
			hook := &failing{fail: row.fail}
			server.Client().AddHook(hook)
			if err := server.Client().ScriptLoad(t.Context(), echo.source).Err(); err != nil {
				t.Fatal(err) // else the server is known to be up from its not knowing it
			}
			r := NewRunner(server.Client(), Patience)
			defer r.Close()
			q, err := r.queue("")
			if err != nil {
				t.Fatal(err)
			}
			if row.down > 0 {
				q.downSince.Store(time.Now().Add(-row.down).UnixNano())
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			reply, err := r.Do(ctx, echo, []string{"k"})
			succeeds := row.code == 0 && row.what != "damage"
			if (err == nil) != succeeds || track.CodeOf(err) != row.code || succeeds && reply.Code != "ECHO" {
				t.Errorf("got %v, %v", reply, err)
			}
			if n := int(hook.calls.Load()); n < row.calls[0] || n > row.calls[1] {
				t.Errorf("%d calls, want %v", n, row.calls)
			}
			if errors.Is(err, errNotSent) && row.calls[1] > 1 && !errors.Is(row.fail(1), errDial) {
				t.Errorf("it may have run, and yet: %v", err)
			}
			if err != nil && succeeds && q.downSince.Load() != 0 {
				t.Error("the server still counts as down")
			}
		})
	}
}

// TestRunner_DoOverdue: what was sent, and then once more to a server that
// cannot be reached any more, may have run.
func TestRunner_DoOverdue(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		overdue bool
		want    outcome
	}{{false, refused}, {true, unknown}} {
		c := &pending{done: make(chan struct{}, 1)}
		c.overdue.Store(row.overdue)
		c.settle(nil, errDial)
		if got := outcomeOf(c.err); got != row.want || !strings.Contains(c.err.Error(), "refused") {
			t.Errorf("overdue %t: outcome %d of %v, want %d", row.overdue, got, c.err, row.want)
		}
	}
}

// TestRunner_Queues lets the nodes of a cluster come and go: the queues of those
// that are gone do not pile up, and a call that still has one of them is served.
func TestRunner_Queues(t *testing.T) {
	t.Parallel()
	server := embedded.Open()
	t.Cleanup(func() { server.Close() })
	r := NewRunner(server.Client(), Patience)
	defer r.Close()
	var node atomic.Int64
	r.node = func(context.Context, string) string { return fmt.Sprint("node ", node.Load()) }
	for range 200 {
		node.Add(1)
		r.mu.Lock()
		r.swept = time.Time{} // a minute has passed
		r.mu.Unlock()
		if _, err := r.Do(t.Context(), echo, []string{"k"}); err != nil {
			t.Fatal(err)
		}
	}
	r.mu.RLock()
	kept := len(r.queues)
	r.mu.RUnlock()
	if kept > 2 {
		t.Errorf("%d queues are kept for one node", kept)
	}

	gone, err := r.queue("gone")
	if err != nil {
		t.Fatal(err)
	}
	gone.close()
	r.node = func(context.Context, string) string { return "gone" }
	go func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.queues, "gone")
	}()
	if _, err := r.Do(t.Context(), echo, []string{"k"}); err != nil {
		t.Errorf("on the queue of a node that was gone: %v", err)
	}
}
