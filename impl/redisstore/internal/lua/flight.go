package lua

import (
	"context"
	"time"
)

// flight is one batch on its way, in one pipeline on one connection.
type flight struct {
	queue   *queue
	batch   []*pending
	outcome outcome // of its last call; set when it has landed

	// These belong to the queue's lock.
	landed    bool
	overtaken bool // its calls go out once more, and its worker was replaced
}

// fly sends the batch and settles every call in it. It takes no longer than the
// last of the callers waits, and than the client's timeouts.
func (f *flight) fly() {
	q := f.queue
	late := time.AfterFunc(q.patience, f.overtake)
	begin := time.Now()
	f.send()
	if far := time.Since(begin) > nearMax; far != q.far.Load() { // mostly not: no line of memory is fought for
		q.far.Store(far)
	}
	late.Stop()
	q.mu.Lock()
	defer q.mu.Unlock()
	f.landed = true
	if f.overtaken {
		q.late--
	}
}

// overtake puts the calls of a flight that takes long into the queue again and
// starts a worker in the place of its own, which goes on waiting for its
// replies: that Redis is slow and that the connection swallows everything look
// alike.
func (f *flight) overtake() {
	q := f.queue
	q.mu.Lock()
	defer q.mu.Unlock()
	if f.landed || q.late == queueLate {
		return
	}
	q.late++
	f.overtaken = true
	go q.work()
	for _, c := range f.batch {
		c.overdue.Store(true)
		if c.state.Load() == callSettled {
			continue
		}
		select {
		case q.waiting <- c:
		default: // so many wait that it would be in vain
		}
	}
}

// send runs the batch and settles every call in it.
func (f *flight) send() {
	ctx := f.context()
	var unknown []*pending
	for i, command := range f.exec(ctx, f.batch, Call.byName) {
		if isUnknownScript(command.Err()) {
			unknown = append(unknown, f.batch[i])
			continue
		}
		f.batch[i].settle(command.Result())
	}
	if len(unknown) == 0 {
		return
	}
	// A server that was restarted, flushed its scripts or took over from
	// another does not know the names. Nothing has run yet: NOSCRIPT comes
	// before the script.
	for i, command := range f.exec(ctx, unknown, Call.bySource) {
		unknown[i].settle(command.Result())
	}
}

// context ends when the last of the callers gives up.
func (f *flight) context() context.Context {
	var last time.Time
	for _, c := range f.batch {
		if c.deadline.IsZero() {
			return context.Background()
		}
		if c.deadline.After(last) {
			last = c.deadline
		}
	}
	return until{context.Background(), last}
}

// until is a context with a deadline, of which only the deadline is asked: that
// is what the client library goes by. One that tells when it ends costs every
// pipeline a timer.
type until struct {
	context.Context
	deadline time.Time
}

// Deadline implements [context.Context].
func (u until) Deadline() (time.Time, bool) { return u.deadline, true }

// exec sends calls in one pipeline and returns the commands with their replies.
func (f *flight) exec(ctx context.Context, batch []*pending, form func(Call, context.Context) singleCommand) []singleCommand {
	calls := make([]Call, len(batch))
	for i, c := range batch {
		calls[i] = c.Call
	}
	commands := pipeline(ctx, f.queue.client, calls, form)
	f.outcome = outcomeOf(commands[len(commands)-1].Err())
	f.queue.note(f.outcome)
	return commands
}
