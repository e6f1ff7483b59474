package redisstore

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/schema"
)

// Bounds of one step of the sweeper.
const (
	sweepTracks = 16 // dead tracks looked at
	sweepSavers = 32 // savers read of each
	sweepRest   = time.Second
	// sweepGather is how long the first deletion waits for others to be swept with.
	sweepGather  = 10 * time.Millisecond
	sweepListing = 500 // organizations looked at in one round trip
	// sweepTimeout bounds a step, and with it how long closing the store takes.
	sweepTimeout = 2 * time.Second
)

// sweeper takes deleted tracks out of libraries, behind the backs of the
// requests. Several may work on the same Redis: every command of theirs may be
// repeated. A dead track gets no new edges, so what was read of it stays true.
type sweeper struct {
	client   redis.UniversalClient
	keys     schema.Keyspace
	log      *slog.Logger
	interval time.Duration

	ctx    context.Context
	cancel context.CancelFunc
	done   sync.WaitGroup
	wake   chan struct{}

	mu      sync.Mutex
	waiting map[schema.EncodedID]bool // organizations with dead tracks, as far as known
}

func newSweeper(client redis.UniversalClient, keys schema.Keyspace, log *slog.Logger, interval time.Duration) *sweeper {
	ctx, cancel := context.WithCancel(context.Background())
	return &sweeper{
		client: client, keys: keys, log: log, interval: interval,
		ctx: ctx, cancel: cancel,
		wake:    make(chan struct{}, 1),
		waiting: make(map[schema.EncodedID]bool),
	}
}

func (w *sweeper) start() { w.done.Go(w.work) }

func (w *sweeper) close() {
	w.cancel()
	w.done.Wait()
}

// notify tells the sweeper that an organization may have dead tracks. It
// never blocks.
func (w *sweeper) notify(o schema.EncodedID) {
	w.mu.Lock()
	w.waiting[o] = true
	w.mu.Unlock()
	select {
	case w.wake <- struct{}{}:
	default: // it is awake
	}
}

func (w *sweeper) take() []schema.EncodedID {
	w.mu.Lock()
	defer w.mu.Unlock()
	taken := make([]schema.EncodedID, 0, len(w.waiting))
	for o := range w.waiting {
		taken = append(taken, o)
	}
	clear(w.waiting)
	return taken
}

func (w *sweeper) work() {
	round := time.NewTimer(0) // what an earlier run left behind
	defer round.Stop()
	for {
		select {
		case <-w.ctx.Done():
			return
		case <-round.C:
			if err := w.findWork(); err != nil {
				w.complain("look for dead edges", err)
			}
			round.Reset(w.interval)
		case <-w.wake:
			w.pause(sweepGather) // for further deletions: one look at all of them
		}
		for _, o := range w.take() {
			if err := w.sweep(o); err != nil {
				w.complain("sweep dead edges", err)
				w.notify(o)
			}
		}
	}
}

// complain logs what the sweeper could not do and keeps it from trying again
// at once. Nothing is lost by waiting: readers skip dead tracks themselves.
func (w *sweeper) complain(what string, err error) {
	if w.ctx.Err() != nil {
		return
	}
	w.log.Warn("redis: cannot "+what+" now, will try again", "error", err)
	w.pause(sweepRest)
}

func (w *sweeper) pause(d time.Duration) {
	select {
	case <-w.ctx.Done():
	case <-time.After(d):
	}
}

// findWork notes all organizations that have dead tracks.
func (w *sweeper) findWork() error {
	for start := int64(0); ; start += sweepListing {
		more, err := w.findMore(start)
		if err != nil || !more {
			return err
		}
	}
}

// findMore notes those among the organizations from a number on, and reports
// whether there may be further ones.
func (w *sweeper) findMore(start int64) (more bool, err error) {
	ctx, cancel := context.WithTimeout(w.ctx, sweepTimeout)
	defer cancel()
	names, err := w.client.ZRange(ctx, w.keys.Organizations(), start, start+sweepListing-1).Result()
	if err != nil || len(names) == 0 {
		return false, err
	}
	found := make([]*redis.StringSliceCmd, len(names))
	_, err = w.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, o := range names {
			found[i] = p.ZRange(ctx, w.keys.Dead(schema.EncodedID(o)), 0, 0)
		}
		return nil
	})
	if err != nil {
		return false, err
	}
	for i, o := range names {
		if len(deadTracks(found[i].Val())) > 0 {
			w.notify(schema.EncodedID(o))
		}
	}
	return true, nil
}

// sweep works off the dead tracks of an organization, resting as long as it
// works so that requests come first.
func (w *sweeper) sweep(o schema.EncodedID) error {
	for w.ctx.Err() == nil {
		began := time.Now()
		ctx, cancel := context.WithTimeout(w.ctx, sweepTimeout)
		more, err := w.step(ctx, o)
		cancel()
		if err != nil || !more {
			return err
		}
		w.pause(time.Since(began))
	}
	return nil
}

// deadTrack is one with edges still to be removed.
type deadTrack struct {
	name   schema.EncodedID
	text   *redis.StringCmd
	savers *redis.StringSliceCmd
}

// deadTracks returns what was read of a list of dead tracks without the count at
// its end.
func deadTracks(members []string) []string {
	if n := len(members); n > 0 && members[n-1] == schema.DeletionCount {
		return members[:n-1]
	}
	return members
}

// step removes the oldest dead edges and reports whether there may be more.
func (w *sweeper) step(ctx context.Context, o schema.EncodedID) (more bool, err error) {
	oldest, err := w.client.ZRange(ctx, w.keys.Dead(o), 0, sweepTracks-1).Result()
	names := deadTracks(oldest)
	if err != nil {
		return false, err
	}
	if len(names) == 0 {
		return false, w.client.Del(ctx, w.keys.Pruned(o)).Err() // what nobody needs to know any more
	}
	tracks := make([]deadTrack, len(names))
	_, err = w.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, name := range names {
			t := schema.EncodedID(name)
			tracks[i] = deadTrack{
				name:   t,
				text:   p.Get(ctx, w.keys.Track(o, t)),
				savers: p.ZRange(ctx, w.keys.Savers(o, t), 0, sweepSavers-1),
			}
		}
		return nil
	})
	if err != nil {
		return false, err
	}
	read := make([]schema.Track, len(tracks))
	for i, t := range tracks {
		if read[i], err = schema.ParseTrack(t.name, t.text.Val()); err != nil {
			return false, err
		}
	}
	// The edges go first and must all be gone before the savers that lead to
	// them, and the track that readers mind, are forgotten.
	if _, err := w.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, t := range tracks {
			for _, u := range t.savers.Val() {
				if strings.HasPrefix(u, schema.RemovedSaver) {
					continue // in no library; it goes with the savers
				}
				library := w.keys.Library(o, schema.EncodedID(u))
				for _, suffix := range schema.LibrarySuffixes(read[i].Mode, read[i].Engine) {
					p.ZRem(ctx, library+suffix, string(t.name))
				}
			}
		}
		return nil
	}); err != nil {
		return false, err
	}
	_, err = w.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, t := range tracks {
			savers := t.savers.Val()
			if len(savers) > 0 {
				p.ZRem(ctx, w.keys.Savers(o, t.name), savers)
			}
			if len(savers) < sweepSavers {
				p.ZRem(ctx, w.keys.Dead(o), string(t.name))
			}
		}
		return nil
	})
	return true, err
}
