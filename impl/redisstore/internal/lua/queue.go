package redisstore

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/redis/go-redis/v9"
)

// Bounds of coalescing. There is no lingering: a worker sends what waits at
// the moment when it is free, so that a lone call is sent at once.
const (
	batchWorkers = 4
	batchMax     = 128
	batchQueue   = 4 * batchMax
)

var (
	errClosed = errors.New("the store is closed")
	// errNotSent accompanies the context's error where the call had not been
	// sent when its caller gave up: it certainly has no effect.
	errNotSent = errors.New("not sent")
)

// batcher runs scripts. Those that wait at the same time go out in one
// pipeline. It may be used concurrently.
type batcher struct {
	client redis.UniversalClient
	queue  chan *call
	quit   chan struct{}
	stop   func()
	done   sync.WaitGroup
}

// call is an invocation on its way. The caller owns it until it is queued;
// reply and err belong to the worker until done is closed.
type call struct {
	invocation
	claimed atomic.Bool // by the worker that sends it, or by the caller that gives up
	done    chan struct{}
	reply   any
	err     error
}

func newBatcher(client redis.UniversalClient) *batcher {
	b := &batcher{
		client: client,
		queue:  make(chan *call, batchQueue),
		quit:   make(chan struct{}),
	}
	b.stop = sync.OnceFunc(func() { close(b.quit) })
	for range batchWorkers {
		b.done.Go(b.work)
	}
	return b
}

// close lets the calls that were sent finish; it fails the others.
func (b *batcher) close() {
	b.stop()
	b.done.Wait()
}

// do runs a script and returns its raw reply. After the context's end it
// returns at once: with errNotSent where the script certainly did not run,
// otherwise the outcome is unknown.
func (b *batcher) do(ctx context.Context, i invocation) (any, error) {
	c := &call{invocation: i, done: make(chan struct{})}
	// A select with several ways open takes any of them: what must not be sent
	// is looked at first.
	if err := ctx.Err(); err != nil {
		return nil, errors.Join(errNotSent, err)
	}
	select {
	case <-b.quit:
		return nil, errClosed
	default:
	}
	select {
	case b.queue <- c:
	case <-ctx.Done():
		return nil, errors.Join(errNotSent, ctx.Err())
	case <-b.quit:
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
	case <-b.quit:
		if c.claimed.CompareAndSwap(false, true) {
			return nil, errClosed
		}
		<-c.done // it was sent; the worker finishes it
		return c.reply, c.err
	}
}

func (b *batcher) work() {
	batch := make([]*call, 0, batchMax)
	for {
		select {
		case <-b.quit:
			return
		case c := <-b.queue:
			batch = claim(batch[:0], c)
		}
	drain:
		for len(batch) < batchMax {
			select {
			case c := <-b.queue:
				batch = claim(batch, c)
			default:
				break drain
			}
		}
		if len(batch) > 0 {
			b.send(batch)
		}
		clear(batch)
	}
}

// claim adds a call to the batch unless its caller has given up.
func claim(batch []*call, c *call) []*call {
	if c.claimed.CompareAndSwap(false, true) {
		batch = append(batch, c)
	}
	return batch
}

// send runs a batch and settles every call in it. Callers come and go, so it
// is bounded by the client's timeouts alone and not by any caller's context.
func (b *batcher) send(batch []*call) {
	ctx := context.Background()
	missing := b.exec(ctx, batch, false)
	if len(missing) > 0 {
		// A server that was restarted, flushed its scripts or took over from
		// another does not know the names. Nothing has run yet: NOSCRIPT comes
		// before the script.
		b.exec(ctx, missing, true)
	}
	for _, c := range batch {
		close(c.done)
	}
}

// exec runs calls in one pipeline and returns those whose script the server
// does not know.
func (b *batcher) exec(ctx context.Context, calls []*call, withSource bool) (missing []*call) {
	replies := runPipeline(ctx, b.client, calls, func(int) bool { return withSource })
	for i, c := range calls {
		c.reply, c.err = replies[i].Result()
		if redis.HasErrorPrefix(c.err, "NOSCRIPT") && !withSource {
			missing = append(missing, c)
		}
	}
	return missing
}

// runPipeline runs calls in one pipeline: those that withSource picks, by their
// place, with the source of their script.
func runPipeline(ctx context.Context, client redis.UniversalClient, calls []*call, withSource func(i int) bool) []onceCmd {
	commands := make([]onceCmd, len(calls))
	if len(calls) == 1 {
		commands[0] = calls[0].command(ctx, withSource(0))
		client.Process(ctx, commands[0]) // the command holds the error
		return commands
	}
	pipeline := client.Pipeline()
	for i, c := range calls {
		commands[i] = c.command(ctx, withSource(i))
		pipeline.Process(ctx, commands[i]) // queues; never fails
	}
	pipeline.Exec(ctx) // each command holds its own error
	return commands
}
