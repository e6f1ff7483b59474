package httpapi

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// operation is the context of an operation: the values of its request's context,
// and a deadline. The deadline stays below the server's write timeout, after which
// net/http would end the connection without an answer. That the caller hangs up
// does not end it: what was asked for is carried out, rather than perhaps, and a
// caller who has closed only its own half of the connection, which looks the same,
// gets its answer.
type operation struct {
	values   context.Context
	exchange *exchange
	term     *term
	query    string // as it was sent
}

var _ track.DeadlineContext = (*operation)(nil)

// begin returns the context of a request's operation.
func (s *server) begin(w http.ResponseWriter, r *http.Request) context.Context {
	x := exchangeOf(w)
	x.operation = operation{values: r.Context(), exchange: x, term: s.terms.next(), query: r.URL.RawQuery}
	return &x.operation
}

// Deadline implements [context.Context].
func (o *operation) Deadline() (time.Time, bool) { return o.term.end, true }

// EndsByDeadline implements [track.DeadlineContext].
func (o *operation) EndsByDeadline() {}

// Done implements [context.Context].
func (o *operation) Done() <-chan struct{} { return o.term.done }

// Err implements [context.Context].
func (o *operation) Err() error {
	select {
	case <-o.term.done:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

// operationKey is the key of the context's operation.
type operationKey struct{}

// Value implements [context.Context].
func (o *operation) Value(key any) any {
	if _, own := key.(operationKey); own {
		return o
	}
	return o.values.Value(key)
}

// operationOf returns the operation that a context belongs to.
func operationOf(ctx context.Context) *operation {
	return ctx.Value(operationKey{}).(*operation)
}

// terms hands out deadlines. Operations that begin at nearly the same time share
// one, and the timer that it takes.
type terms struct {
	length  time.Duration // at least; at most a hundredth more
	current atomic.Pointer[term]
	mu      sync.Mutex // is held by who makes the next one
}

// term is a deadline.
type term struct {
	last time.Time // that an operation may begin at to have it
	end  time.Time
	done chan struct{} // is closed at the end
}

// next returns the deadline of an operation that begins now.
func (t *terms) next() *term {
	now := time.Now()
	if current := t.current.Load(); current != nil && !now.After(current.last) {
		return current
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if current := t.current.Load(); current != nil && !now.After(current.last) {
		return current
	}
	slack := t.length / 100
	made := &term{last: now.Add(slack), end: now.Add(t.length + slack), done: make(chan struct{})}
	time.AfterFunc(t.length+slack, func() { close(made.done) })
	t.current.Store(made)
	return made
}
