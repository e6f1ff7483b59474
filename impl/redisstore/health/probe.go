package health

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/schema"
)

// Times of a [Probe].
const (
	// probeEvery is how long an outcome holds: however many ask, Redis is asked no
	// more often.
	probeEvery = time.Second
	// probeMax bounds one look.
	probeMax = 2 * time.Second
	// probeWait is how long replicas may take to confirm.
	probeWait = 200 * time.Millisecond
	// probeLife is how long what is written stays.
	probeLife = time.Minute
)

// Probe finds out whether Redis takes writes, by writing: a server that has run
// out of memory, that cannot write its disk, that misses replicas or is one
// itself, reads as if nothing were the matter. It may be used concurrently.
type Probe struct {
	client   redis.UniversalClient
	keys     schema.Keyspace
	replicas int
	every    time.Duration // see probeEvery

	mu     sync.Mutex
	latest *look
}

// look is one look at Redis. Taken and err are there once done is closed.
type look struct {
	done  chan struct{}
	taken time.Time
	err   error
}

// ProbeOption changes how a [Probe] works.
type ProbeOption func(*Probe)

// WithPrefix sets what the key begins with that is written, as the option of
// that name does for the store.
func WithPrefix(prefix string) ProbeOption {
	return func(p *Probe) { p.keys = schema.NewKeyspace(prefix) }
}

// WithReplicas has so many replicas confirm what is written, as the option of
// that name does for the store: without them no delete succeeds.
func WithReplicas(count int) ProbeOption { return func(p *Probe) { p.replicas = count } }

// NewProbe returns a probe on the client, which stays the caller's to close.
func NewProbe(client redis.UniversalClient, options ...ProbeOption) *Probe {
	p := &Probe{client: client, keys: schema.NewKeyspace(schema.DefaultPrefix), every: probeEvery}
	for _, option := range options {
		option(p)
	}
	return p
}

// Ready returns nil where every master took a write within the last second, and
// otherwise what was the matter. The first to ask after that second has it found
// out; all who ask meanwhile wait for the same outcome, until their context
// ends.
func (p *Probe) Ready(ctx context.Context) error {
	p.mu.Lock()
	l := p.latest
	if l == nil || l.stale(p.every) {
		l = &look{done: make(chan struct{})}
		p.latest = l
		go p.look(l)
	}
	p.mu.Unlock()
	select {
	case <-l.done:
		return l.err
	case <-ctx.Done():
		return fmt.Errorf("redis has not taken a write in time: %w", ctx.Err())
	}
}

// stale reports whether the look is over and its outcome no longer holds.
func (l *look) stale(after time.Duration) bool {
	select {
	case <-l.done:
		return time.Since(l.taken) >= after
	default:
		return false
	}
}

// look finds out. Who asked may be gone before it has.
func (p *Probe) look(l *look) {
	ctx, cancel := context.WithTimeout(context.Background(), probeMax)
	defer cancel()
	l.err = p.write(ctx)
	l.taken = time.Now()
	close(l.done)
}

// written is what became of a write to one master.
type written struct {
	slots int
	err   error
}

// write writes to every master, and sees to it that a cluster has a master for
// every slot.
func (p *Probe) write(ctx context.Context) error {
	_, isCluster := p.client.(*redis.ClusterClient)
	outcomes, err := forEachMaster(ctx, p.client, func(ctx context.Context, m master) written {
		w := p.writeTo(ctx, m, isCluster)
		if isCluster && redis.HasErrorPrefix(w.err, "MOVED") {
			w = p.writeTo(ctx, m, isCluster) // its slots moved between the look at them and the write
		}
		if w.err != nil {
			w.err = fmt.Errorf("redis %s: %w", m.name, w.err)
		}
		return w
	})
	if err != nil {
		return err
	}
	served := 0
	var errs []error
	for _, w := range outcomes {
		served += w.slots
		errs = append(errs, w.err)
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if isCluster && served < slotCount {
		return fmt.Errorf("redis: %d of the cluster's %d slots have no master", slotCount-served, slotCount)
	}
	return nil
}

// writeTo writes to one master.
func (p *Probe) writeTo(ctx context.Context, m master, isCluster bool) written {
	tag := "any"
	if isCluster {
		if err := m.readSlots(ctx); err != nil {
			return written{err: err}
		}
		if len(m.slots) == 0 {
			return written{} // nothing lies on it
		}
		tag = m.slots.tag()
	}
	pipe := m.client.Pipeline()
	set := pipe.Set(ctx, p.keys.Ready(tag), 1, probeLife)
	var wait *redis.Cmd
	if p.replicas > 0 {
		wait = pipe.Do(ctx, "wait", p.replicas, probeWait.Milliseconds())
	}
	pipe.Exec(ctx) // each command holds its own error
	if err := set.Err(); err != nil {
		return written{err: err}
	}
	if wait != nil {
		switch n, err := wait.Int(); {
		case err != nil:
			return written{err: err}
		case n < p.replicas:
			return written{err: fmt.Errorf("%d of %d replicas confirm what is written", n, p.replicas)}
		}
	}
	return written{slots: m.slots.count()}
}
