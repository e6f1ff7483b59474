package lua

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// Bounds of a queue. There is no lingering: a worker sends what waits at the
// moment when it is free, so that a lone call is sent at once. Two workers
// suffice: while the one's pipeline is on its way the other's fills. With more
// of them the same calls go out in more pipelines, of fewer calls each, which
// costs both sides a system call for each.
const (
	queueWorkers = 2
	batchMax     = 128 // calls in one pipeline
	batchMin     = 8   // that a pipeline may hold, however few callers there are
	queueMax     = 4 * batchMax
	// queueLate is how many pipelines beyond the workers' own may be on their
	// way, because they take longer than [Patience].
	queueLate = 12
)

// nearMax is how long a pipeline takes at most to a Redis that is near, see
// [queue.share].
const nearMax = time.Millisecond

// Patience is how long a pipeline may take before the calls in it are sent once
// more, on another connection. It is much longer than Redis ever needs, and
// short beside a request's time: a connection that swallows what it is given
// costs its callers this long.
const Patience = 500 * time.Millisecond

// restMax is how long a worker rests at most after a connection failed. It
// bounds how often a server that is down is asked for one, whatever the number
// of callers, and how late they notice that it is back.
const restMax = 20 * time.Millisecond

var (
	errClosed = errors.New("the store is closed")
	// errNotSent accompanies the context's error where the call had not been
	// sent when its caller gave up: it certainly has no effect.
	errNotSent = errors.New("not sent")
)

// queue runs calls. Those that wait at the same time go out in one pipeline.
// It may be used concurrently.
type queue struct {
	client   redis.UniversalClient
	patience time.Duration // see [Patience]
	waiting  chan *pending
	quit     chan struct{}
	stop     func()
	workers  sync.WaitGroup

	used      atomic.Bool  // since the runner last looked
	downSince atomic.Int64 // the server serves nobody, in Unix nanoseconds; 0: it does

	callers atomic.Int64 // in do or in direct
	far     atomic.Bool  // the last pipeline took longer than nearMax
	direct  sync.RWMutex // is held for reading by who runs a call itself

	mu   sync.Mutex
	late int // flights that were overtaken and have not landed
}

// newQueue returns a queue; close ends it.
func newQueue(client redis.UniversalClient, patience time.Duration) *queue {
	q := &queue{
		client:   client,
		patience: patience,
		waiting:  make(chan *pending, queueMax),
		quit:     make(chan struct{}),
	}
	q.stop = sync.OnceFunc(func() { close(q.quit) })
	q.workers.Add(queueWorkers)
	for range queueWorkers {
		go q.work()
	}
	return q
}

// close lets the calls that were sent finish, unless they take longer than
// [Patience]; it fails the others.
func (q *queue) close() {
	q.stop()
	q.workers.Wait()
	for left := true; left; {
		select {
		case c := <-q.waiting:
			if c.state.Load() == callWaits { // no worker is left to send it
				c.settle(nil, errClosed)
			}
		default:
			left = false
		}
	}
	q.direct.Lock()
	defer q.direct.Unlock() // whoever gets it now sees that the queue is closed
}

// closed reports whether the queue takes no more calls.
func (q *queue) closed() bool {
	select {
	case <-q.quit:
		return true
	default:
		return false
	}
}

// run is do, but that a caller who is alone runs the script itself: to hand it to a
// worker and to be woken by it takes both of them longer than anything else. It is
// for a context that ends by its deadline only, as nothing else ends what a caller
// does itself.
func (q *queue) run(ctx context.Context, call Call) (any, error) {
	if q.callers.Add(1) == 1 && q.downSince.Load() == 0 && ctx.Err() == nil && q.direct.TryRLock() {
		if !q.closed() {
			defer q.callers.Add(-1)
			defer q.direct.RUnlock()
			return q.runDirect(ctx, call)
		}
		q.direct.RUnlock()
	}
	q.callers.Add(-1)
	return q.do(ctx, call)
}

// runDirect runs a script by itself, for no longer than [Patience]. Then its outcome
// is unknown, and it is to be repeated, on another connection.
func (q *queue) runDirect(ctx context.Context, call Call) (any, error) {
	end := time.Now().Add(q.patience)
	if deadline, ends := ctx.Deadline(); ends && deadline.Before(end) {
		end = deadline
	}
	bounded := until{context.Background(), end}
	command := call.byName(bounded)
	q.client.Process(bounded, command) // the command holds the error
	if isUnknownScript(command.Err()) {
		command = call.bySource(bounded)
		q.client.Process(bounded, command)
	}
	q.note(outcomeOf(command.Err()))
	return command.Result()
}

// note keeps in mind whether the server serves.
func (q *queue) note(o outcome) {
	switch {
	case o == refused:
		q.downSince.CompareAndSwap(0, time.Now().UnixNano())
	case o == decided && q.downSince.Load() != 0:
		q.downSince.Store(0)
	}
}

// down returns for how long the server has served nobody.
func (q *queue) down() time.Duration {
	since := q.downSince.Load()
	if since == 0 {
		return 0
	}
	return time.Since(time.Unix(0, since))
}

// do runs a script and returns its raw reply. After the context's end it
// returns at once: with errNotSent where the script certainly did not run,
// otherwise the outcome is unknown. The script may run several times.
func (q *queue) do(ctx context.Context, call Call) (any, error) {
	q.callers.Add(1)
	defer q.callers.Add(-1)
	// A select with several ways open takes any of them: what must not be sent
	// is looked at first.
	if err := ctx.Err(); err != nil {
		return nil, errors.Join(errNotSent, err)
	}
	if q.closed() {
		return nil, errClosed
	}
	c := &pending{Call: call, done: settlements.Get().(chan struct{})}
	defer settlements.Put(c.done)
	c.deadline, _ = ctx.Deadline()
	select {
	case q.waiting <- c: // so it is nearly always, and costs much less than to look at all three
	default:
		select {
		case q.waiting <- c:
		case <-ctx.Done():
			return nil, errors.Join(errNotSent, ctx.Err())
		case <-q.quit:
			return nil, errClosed
		}
	}
	if q.closed() && c.state.CompareAndSwap(callWaits, callSettled) {
		return nil, errClosed // it may have come too late for close
	}
	select { // not for quit, too: each way that is open costs every call
	case <-c.done:
		return c.reply, c.err
	case <-ctx.Done():
		return c.abandon(ctx.Err())
	}
}

// work sends what waits until the queue is closed, or until a flight of its
// own was overtaken by another worker, which took its place.
func (q *queue) work() {
	batch := make([]*pending, 0, batchMax)
	for {
		select {
		case <-q.quit:
			q.workers.Done()
			return
		case c := <-q.waiting:
			batch = claim(batch[:0], c)
		}
		share := q.share()
	drain:
		for len(batch) < share {
			select {
			case c := <-q.waiting:
				batch = claim(batch, c)
			default:
				break drain
			}
		}
		if len(batch) == 0 {
			continue
		}
		f := &flight{queue: q, batch: batch}
		f.fly()
		if f.overtaken {
			return
		}
		clear(batch)
		if f.outcome != decided {
			q.rest()
		}
	}
}

// share returns how many calls the next pipeline may hold. It is a quarter of the
// callers: with the two pipelines that are on their way, half of them are with Redis,
// and the others' requests are being read and answered. Where a pipeline takes all that
// wait, all callers soon wait for Redis together, and then Redis for all of them. On a
// longer way a pipeline takes as long whatever it holds, so it holds all that wait.
func (q *queue) share() int {
	if q.far.Load() {
		return batchMax
	}
	return min(max(batchMin, int(q.callers.Load())/4), batchMax)
}

// rest lets a moment pass, of which the workers have different ideas.
func (q *queue) rest() {
	select {
	case <-q.quit:
	case <-time.After(restMax/2 + rand.N(restMax/2)):
	}
}
