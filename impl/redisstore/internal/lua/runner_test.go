package lua

import (
	"context"
	"errors"
	"io"
	"testing"

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
		{"refused by Redis", t.Context(), redis.ErrClosed, 9, 1, track.Unavailable},
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
	r := NewRunner(server.Client())
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
