package lua

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// inOrderMax is how many calls [Runner.DoInOrder] sends at once: enough for
// the network not to matter, few enough not to hold up requests.
const inOrderMax = 64

// Runner runs scripts. It may be used concurrently.
//
// Each node of a cluster has a queue of its own: a pipeline ends when its
// slowest node has replied, and a node that is down or hangs must not hold up
// what the others have to do. A single server has a single queue.
type Runner struct {
	client redis.UniversalClient
	node   func(ctx context.Context, key string) string // on which a key lies

	mu     sync.RWMutex
	queues map[string]*queue // by node; made when first needed
	closed bool
}

// NewRunner returns a runner on the client, which stays the caller's to close,
// after the runner.
func NewRunner(client redis.UniversalClient) *Runner {
	r := &Runner{
		client: client,
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

// Do runs a script, together with those that wait at the same moment, and once
// more where its reply was lost: the script must answer a repetition as it
// answered the first time, and change nothing by it. After the context's end
// Do returns at once. Errors are those of [Failure].
func (r *Runner) Do(ctx context.Context, script *Script, keys []string, args ...any) (Reply, error) {
	call := Call{script, keys, args}
	var raw any
	err := Again(ctx, func() error {
		q, err := r.queue(r.node(ctx, keys[0]))
		if err == nil {
			raw, err = q.do(ctx, call)
		}
		return err
	}, 0)
	if err != nil {
		return Reply{}, err
	}
	return call.reply(raw)
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

// Close lets the calls of Do that were sent finish; it fails the others.
func (r *Runner) Close() {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	for _, q := range r.queues { // which no longer changes
		q.close()
	}
}

// queue returns the queue of a node. Those of nodes that left the cluster stay:
// they are few and idle.
func (r *Runner) queue(node string) (*queue, error) {
	r.mu.RLock()
	q, closed := r.queues[node], r.closed
	r.mu.RUnlock()
	if closed {
		return nil, errClosed
	}
	if q != nil {
		return q, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, errClosed
	}
	if q = r.queues[node]; q == nil {
		q = newQueue(r.client)
		r.queues[node] = q
	}
	return q, nil
}

// Pauses are how long work that nobody waits for rests before each repetition.
var Pauses = []time.Duration{0, 50 * time.Millisecond, 250 * time.Millisecond, time.Second}

// Again does work, and after each pause once more while its replies are lost
// or no connection can be made. It returns the last error, as [Failure] does.
func Again(ctx context.Context, work func() error, pauses ...time.Duration) error {
	err := work()
	for _, pause := range pauses {
		if err == nil || !replyLost(err) || ctx.Err() != nil {
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
