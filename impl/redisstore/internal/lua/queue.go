package lua

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/redis/go-redis/v9"
)

// Bounds of a queue. There is no lingering: a worker sends what waits at the
// moment when it is free, so that a lone call is sent at once.
const (
	queueWorkers = 4
	batchMax     = 128 // calls in one pipeline
	queueMax     = 4 * batchMax
)

var (
	errClosed = errors.New("the store is closed")
	// errNotSent accompanies the context's error where the call had not been
	// sent when its caller gave up: it certainly has no effect.
	errNotSent = errors.New("not sent")
)

// queue runs calls. Those that wait at the same time go out in one pipeline.
// It may be used concurrently.
type queue struct {
	client  redis.UniversalClient
	waiting chan *pending
	quit    chan struct{}
	stop    func()
	done    sync.WaitGroup
}

// pending is a call on its way. The caller owns it until it is queued; reply
// and err belong to the worker until done is closed.
type pending struct {
	Call
	claimed atomic.Bool // by the worker that sends it, or by the caller that gives up
	done    chan struct{}
	reply   any
	err     error
}

func newQueue(client redis.UniversalClient) *queue {
	q := &queue{
		client:  client,
		waiting: make(chan *pending, queueMax),
		quit:    make(chan struct{}),
	}
	q.stop = sync.OnceFunc(func() { close(q.quit) })
	for range queueWorkers {
		q.done.Go(q.work)
	}
	return q
}

// close lets the calls that were sent finish; it fails the others.
func (q *queue) close() {
	q.stop()
	q.done.Wait()
}

// do runs a script and returns its raw reply. After the context's end it
// returns at once: with errNotSent where the script certainly did not run,
// otherwise the outcome is unknown.
func (q *queue) do(ctx context.Context, call Call) (any, error) {
	c := &pending{Call: call, done: make(chan struct{})}
	// A select with several ways open takes any of them: what must not be sent
	// is looked at first.
	if err := ctx.Err(); err != nil {
		return nil, errors.Join(errNotSent, err)
	}
	select {
	case <-q.quit:
		return nil, errClosed
	default:
	}
	select {
	case q.waiting <- c:
	case <-ctx.Done():
		return nil, errors.Join(errNotSent, ctx.Err())
	case <-q.quit:
		return nil, errClosed
	}
	select {
	case <-c.done:
		return c.reply, c.err
	case <-ctx.Done():
		if c.claimed.CompareAndSwap(false, true) {
			return nil, errors.Join(errNotSent, ctx.Err())
		}
		return nil, ctx.Err()
	case <-q.quit:
		if c.claimed.CompareAndSwap(false, true) {
			return nil, errClosed
		}
		<-c.done // it was sent; the worker finishes it
		return c.reply, c.err
	}
}

func (q *queue) work() {
	batch := make([]*pending, 0, batchMax)
	for {
		select {
		case <-q.quit:
			return
		case c := <-q.waiting:
			batch = claim(batch[:0], c)
		}
	drain:
		for len(batch) < batchMax {
			select {
			case c := <-q.waiting:
				batch = claim(batch, c)
			default:
				break drain
			}
		}
		if len(batch) > 0 {
			q.send(batch)
		}
		clear(batch)
	}
}

// claim adds a call to the batch unless its caller has given up.
func claim(batch []*pending, c *pending) []*pending {
	if c.claimed.CompareAndSwap(false, true) {
		batch = append(batch, c)
	}
	return batch
}

// send runs a batch and settles every call in it. Callers come and go, so it
// is bounded by the client's timeouts alone and not by any caller's context.
func (q *queue) send(batch []*pending) {
	missing := q.exec(batch, Call.byName)
	if len(missing) > 0 {
		// A server that was restarted, flushed its scripts or took over from
		// another does not know the names. Nothing has run yet: NOSCRIPT comes
		// before the script.
		q.exec(missing, Call.bySource)
	}
	for _, c := range batch {
		close(c.done)
	}
}

// exec runs a batch in one pipeline and returns those whose script the server
// does not know.
func (q *queue) exec(batch []*pending, form func(Call, context.Context) singleCommand) (missing []*pending) {
	calls := make([]Call, len(batch))
	for i, c := range batch {
		calls[i] = c.Call
	}
	for i, command := range pipeline(context.Background(), q.client, calls, form) {
		c := batch[i]
		c.reply, c.err = command.Result()
		if redis.HasErrorPrefix(c.err, "NOSCRIPT") {
			missing = append(missing, c)
		}
	}
	return missing
}
