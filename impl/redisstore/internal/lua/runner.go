package lua

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// inOrderMax is how many calls [Runner.DoInOrder] sends at once: enough for
// the network not to matter, few enough not to hold up requests.
const inOrderMax = 64

// Times of [Runner.Do].
const (
	doMax = 5 * time.Second // for a context without an end
	// outageMin is after how long a server is no longer waited for: longer than a
	// restart, and than a failover usually takes.
	outageMin = 5 * time.Second
	pauseMin  = 10 * time.Millisecond // the second one, doubled for each further one
	pauseMax  = 50 * time.Millisecond
	// queueIdle is how long the queue of a node is kept at least after its last
	// use.
	queueIdle = time.Minute
)

// Runner runs scripts. It may be used concurrently.
//
// Each node of a cluster has a queue of its own: a pipeline ends when its
// slowest node has replied, and a node that is down or hangs must not hold up
// what the others have to do. A single server has a single queue.
type Runner struct {
	client   redis.UniversalClient
	patience time.Duration
	node     func(ctx context.Context, key string) string // on which a key lies

	mu     sync.RWMutex
	queues map[string]*queue // by node; made when first needed
	swept  time.Time         // when those of nodes that are gone were last looked for
	closed bool
}

// NewRunner returns a runner on the client, which stays the caller's to close,
// after the runner. A script is sent once more where its reply takes longer than
// the patience: see [Patience].
func NewRunner(client redis.UniversalClient, patience time.Duration) *Runner {
	r := &Runner{
		client: client, patience: patience,
		node:   func(context.Context, string) string { return "" },
		queues: make(map[string]*queue),
	}
	if cluster, ok := client.(*redis.ClusterClient); ok {
		r.node = func(ctx context.Context, key string) string {
			master, err := cluster.MasterForKey(ctx, key)
			if err != nil {
				return "" // the call itself will find what is wrong
			}
			return master.Options().Addr
		}
	}
	return r
}

// Do runs a script, together with those that wait at the same moment. Where its
// reply is lost, or is long in coming, or the server does not serve at the
// moment, Do runs it again and again until the context ends: the script must
// answer a repetition as it answered the first time, and change nothing by it.
// After the context's end Do returns at once; a context without an end has one
// after [doMax]. Errors are those of [Failure].
//
// A script that certainly did not run, as its server has been down for longer
// than [outageMin], fails sooner: whoever waits for that has better things to do.
func (r *Runner) Do(ctx context.Context, script *Script, keys []string, args ...any) (Reply, error) {
	if _, ends := ctx.Deadline(); !ends {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, doMax)
		defer cancel()
	}
	call := Call{script, keys, args}
	perhaps := false // the script ran
	var cause error  // of the last repetition
	for tries := 0; ; tries++ {
		q, err := r.queue(r.node(ctx, keys[0]))
		if err != nil {
			return Reply{}, Failure(err)
		}
		var raw any
		if deadline, ok := ctx.(track.DeadlineContext); ok && tries == 0 {
			raw, err = q.run(deadline, call)
		} else {
			raw, err = q.do(ctx, call)
		}
		if err == nil {
			return call.reply(raw)
		}
		if errors.Is(err, errClosed) && !r.isClosed() {
			continue // the queue was, of a node that seemed to be gone
		}
		if ctx.Err() != nil {
			if perhaps && errors.Is(err, errNotSent) {
				err = ctx.Err() // it was sent before
			}
			if cause != nil {
				err = fmt.Errorf("%w; before that: %w", err, cause)
			}
			return Reply{}, Failure(err)
		}
		switch outcomeOf(err) {
		case decided:
			return Reply{}, Failure(err)
		case refused:
			if !perhaps && q.down() > outageMin {
				return Reply{}, Failure(err)
			}
		case unknown:
			perhaps = true
		}
		cause = err
		pause(ctx, tries)
	}
}

// pause lets some time pass before a call is repeated: none before the first
// repetition, as a connection that ended while it was idle is the most likely
// cause, then more and more. The most is little, so that whoever waits for a
// server notices at once that it is back.
func pause(ctx context.Context, tries int) {
	if tries == 0 {
		return
	}
	d := min(pauseMin<<min(tries-1, 8), pauseMax)
	select {
	case <-ctx.Done():
	case <-time.After(d/2 + rand.N(d/2)):
	}
}

// DoInOrder runs calls one after the other where they lie on one node, in
// pipelines, and returns their replies. It stops at the first pipeline in which
// one fails. A pipeline of which a reply was lost is repeated as a whole, after
// pauses: the scripts must bear that.
//
// Each call brings the source of its script along. By name, one whose script
// the server has just forgotten would be left out while the next is carried
// out. So this is for calls that each do a good deal of work.
func (r *Runner) DoInOrder(ctx context.Context, calls []Call) ([]Reply, error) {
	replies := make([]Reply, 0, len(calls))
	for chunk := range slices.Chunk(calls, inOrderMax) {
		var commands []singleCommand
		err := Again(ctx, func() error {
			commands = pipeline(ctx, r.client, chunk, Call.bySource)
			for _, c := range commands {
				if c.Err() != nil {
					return c.Err()
				}
			}
			return nil
		}, Pauses...)
		if err != nil {
			return nil, err
		}
		for i, c := range commands {
			reply, err := chunk[i].reply(c.Val())
			if err != nil {
				return nil, err
			}
			replies = append(replies, reply)
		}
	}
	return replies, nil
}

// Close lets the calls of Do that were sent finish, unless they are overdue; it
// fails the others.
func (r *Runner) Close() {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	for _, q := range r.queues { // which no longer changes
		q.close()
	}
}

// isClosed reports whether the runner takes no more calls.
func (r *Runner) isClosed() bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.closed
}

// queue returns the queue of a node.
func (r *Runner) queue(node string) (*queue, error) {
	r.mu.RLock()
	q, closed := r.queues[node], r.closed
	r.mu.RUnlock()
	if closed {
		return nil, errClosed
	}
	if q == nil {
		var err error
		if q, err = r.addQueue(node); err != nil {
			return nil, err
		}
	}
	if !q.used.Load() { // mostly it is: no line of memory is fought for
		q.used.Store(true)
	}
	return q, nil
}

// addQueue makes the queue of a node. As that is when nodes come and go, it
// also ends those of nodes that seem to be gone, unused for [queueIdle].
func (r *Runner) addQueue(node string) (*queue, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, errClosed
	}
	if q := r.queues[node]; q != nil {
		return q, nil
	}
	if now := time.Now(); now.Sub(r.swept) > queueIdle {
		r.swept = now
		r.sweep()
	}
	q := newQueue(r.client, r.patience)
	r.queues[node] = q
	return q, nil
}

// sweep ends the queues that were not used since it was last called. The lock
// is the caller's.
func (r *Runner) sweep() {
	for node, q := range r.queues {
		if !q.used.Swap(false) {
			delete(r.queues, node)
			q.stop()
		}
	}
}

// Pauses are how long work that nobody waits for rests before each repetition.
var Pauses = []time.Duration{0, 50 * time.Millisecond, 250 * time.Millisecond, time.Second}

// Again does work, and after each pause once more while its replies are lost
// or no connection can be made. It returns the last error, as [Failure] does.
func Again(ctx context.Context, work func() error, pauses ...time.Duration) error {
	err := work()
	for _, pause := range pauses {
		if outcomeOf(err) == decided || ctx.Err() != nil {
			break
		}
		if pause > 0 {
			select {
			case <-ctx.Done():
			case <-time.After(pause):
			}
		}
		err = work()
	}
	return Failure(err)
}
