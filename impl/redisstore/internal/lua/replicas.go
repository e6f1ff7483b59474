package lua

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// Bounds of [Replicas].
const (
	// waitMax is how long a pipeline waits for replicas before it is sent anew:
	// so long it holds a connection.
	waitMax = 250 * time.Millisecond
	// replyTime is how long the replies of a pipeline may take besides.
	replyTime = time.Second
	// flightsMax is how many pipelines are on their way to one node.
	flightsMax = 4
	// confirmMax bounds a Confirm whose context has no end.
	confirmMax = 5 * time.Second
	// fenceLife is for how long what is written behind the scripts is kept.
	fenceLife = time.Minute
)

// Replicas has what scripts did confirmed by replicas of the node that they ran
// on. It may be used concurrently.
//
// A replica confirms a position in the stream of what its master wrote, and a
// connection waits for the position of its own last write. So a script that
// needs a confirmation is sent again, which changes nothing where the node has
// its effect, and behind it on the same connection a small write and WAIT. Where
// the node has not, since it took over from one that failed before its replicas
// knew, the script is carried out anew. What waits at the same time goes out in
// one pipeline, with one WAIT.
type Replicas struct {
	client redis.UniversalClient
	count  int
	wait   time.Duration

	mu     sync.Mutex
	lines  map[*redis.Client]*line // of the nodes to which something is on its way
	closed bool
	flying sync.WaitGroup
}

// line is what waits for one node.
type line struct {
	waiting []*unconfirmed
	flights int
}

// unconfirmed is a call whose effect is to be confirmed. Its caller owns it until
// it stands in a line; reply, acknowledged and err are there once done is closed.
type unconfirmed struct {
	Call
	ctx   context.Context
	fence string
	done  chan struct{}

	reply        any
	acknowledged int // replicas
	err          error
}

// NewReplicas returns what asks count replicas, at least one, for their
// confirmation. The client stays the caller's to close, afterwards.
func NewReplicas(client redis.UniversalClient, count int) *Replicas {
	r := &Replicas{client: client, count: count, wait: waitMax, lines: make(map[*redis.Client]*line)}
	var timeout time.Duration
	switch c := client.(type) {
	case *redis.Client:
		timeout = c.Options().ReadTimeout
	case *redis.ClusterClient:
		timeout = c.Options().ReadTimeout
	}
	if timeout > 0 { // the client must not give up before WAIT does
		r.wait = min(r.wait, timeout/2)
	}
	return r
}

// Confirm runs the script of a call, once it was run, again and again until so
// many replicas as were asked for have everything up to its effect, and returns
// the reply that holds. Fence is a key in the slot of the call's keys, which is
// overwritten. Where the context ends first the error is [track.Unavailable],
// for the reason of [track.ErrUnconfirmed].
func (r *Replicas) Confirm(ctx context.Context, fence string, call Call) (Reply, error) {
	if _, ends := ctx.Deadline(); !ends {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, confirmMax)
		defer cancel()
	}
	var cause error
	for {
		c := &unconfirmed{Call: call, ctx: ctx, fence: fence, done: make(chan struct{})}
		switch err := r.ask(ctx, c); {
		case err == nil && c.acknowledged >= r.count:
			return call.reply(c.reply)
		case err == nil:
			cause = fmt.Errorf("%d of %d replicas confirmed", c.acknowledged, r.count)
		case cause == nil || ctx.Err() == nil: // that the time is over says nothing new
			cause = err
		}
		if ctx.Err() == nil && !errors.Is(cause, errClosed) {
			// An error comes at once; a lack of replicas after the wait, mostly.
			select {
			case <-ctx.Done():
			case <-time.After(r.wait / 20):
			}
		}
		if ctx.Err() != nil || errors.Is(cause, errClosed) {
			return Reply{}, &track.Error{Code: track.Unavailable, Err: fmt.Errorf("%w: %w", track.ErrUnconfirmed, cause)}
		}
	}
}

// ask has a call sent once, and waits for its outcome.
func (r *Replicas) ask(ctx context.Context, c *unconfirmed) error {
	node, err := r.node(ctx, c.Keys[0])
	if err != nil {
		return err
	}
	if err := r.enqueue(node, c); err != nil {
		return err
	}
	select {
	case <-c.done:
	case <-ctx.Done():
		return ctx.Err()
	}
	if cluster, ok := r.client.(*redis.ClusterClient); ok && (redis.HasErrorPrefix(c.err, "MOVED") || redis.HasErrorPrefix(c.err, "ASK")) {
		cluster.ReloadState(ctx)
	}
	return c.err
}

// node returns the client of the server that a key lies on: a client of a
// cluster would send WAIT to any of its nodes.
func (r *Replicas) node(ctx context.Context, key string) (*redis.Client, error) {
	switch c := r.client.(type) {
	case *redis.Client:
		return c, nil
	case *redis.ClusterClient:
		return c.MasterForKey(ctx, key)
	default:
		return nil, fmt.Errorf("replicas of a %T cannot be asked", c)
	}
}

// enqueue puts a call into the line of a node, and sends the line off where
// there is room for a pipeline.
func (r *Replicas) enqueue(node *redis.Client, c *unconfirmed) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return errClosed
	}
	l := r.lines[node]
	if l == nil {
		l = &line{}
		r.lines[node] = l
	}
	l.waiting = append(l.waiting, c)
	if l.flights < flightsMax {
		l.flights++
		r.flying.Go(func() { r.fly(node, l) })
	}
	return nil
}

// fly sends what waits in a line until nothing does.
func (r *Replicas) fly(node *redis.Client, l *line) {
	for {
		batch := r.take(node, l)
		if batch == nil {
			return
		}
		r.send(node, batch)
		for _, c := range batch {
			close(c.done)
		}
	}
}

// take returns the next calls of a line whose callers still wait; nil where
// there is none, and then the flight has ended.
func (r *Replicas) take(node *redis.Client, l *line) []*unconfirmed {
	r.mu.Lock()
	defer r.mu.Unlock()
	var batch []*unconfirmed
	for len(l.waiting) > 0 && len(batch) < batchMax {
		if c := l.waiting[0]; c.ctx.Err() == nil {
			batch = append(batch, c)
		}
		l.waiting = l.waiting[1:]
	}
	if batch == nil {
		if l.flights--; l.flights == 0 {
			delete(r.lines, node)
		}
	}
	return batch
}

// send runs a batch. Its callers come and go, so none of their contexts bounds
// it.
func (r *Replicas) send(node *redis.Client, batch []*unconfirmed) {
	ctx, cancel := context.WithTimeout(context.Background(), r.wait+replyTime)
	defer cancel()
	if !r.exec(ctx, node, batch, Call.byName) {
		r.exec(ctx, node, batch, Call.bySource)
	}
}

// exec runs a batch in one pipeline and settles its calls, unless the server
// does not know one of the scripts, which it reports.
func (r *Replicas) exec(ctx context.Context, node *redis.Client, batch []*unconfirmed, form func(Call, context.Context) singleCommand) (known bool) {
	p := node.Pipeline()
	commands := make([]singleCommand, len(batch))
	for i, c := range batch {
		commands[i] = form(c.Call, ctx)
		p.Process(ctx, commands[i]) // queues; never fails
	}
	fence := p.Set(ctx, batch[0].fence, 1, fenceLife)
	wait := singleCommand{redis.NewCmd(ctx, "wait", r.count, r.wait.Milliseconds())}
	p.Process(ctx, wait)
	p.Exec(ctx) // each command holds its own error
	acknowledged, err := wait.Int()
	if fence.Err() != nil {
		err = fence.Err()
	}
	for i, c := range batch {
		c.reply, c.err = commands[i].Result()
		if redis.HasErrorPrefix(c.err, "NOSCRIPT") {
			return false
		}
		c.acknowledged = acknowledged
		if c.err == nil {
			c.err = err
		}
	}
	return true
}

// Close waits for what was sent. Later calls fail.
func (r *Replicas) Close() {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	r.flying.Wait()
}
