package main

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// How many callers there are, and how long one rests between two requests.
const (
	deleters = 8
	readers  = 2
	pace     = 6 * time.Millisecond
	listed   = 5 // tracks on a page, fewer than are always saved
)

// load is callers at work on a world, and their log.
type load struct {
	world   world
	caller  *caller
	paused  atomic.Bool
	stop    chan struct{}
	callers sync.WaitGroup

	mu        sync.Mutex
	deletes   map[string][]response // of the maker, in order, for each track
	successes map[operation][]time.Time
	requests  int
	failures  int // 503 and failed connections
	hindered  []response
	problems  []string
	exhausted int // deleters that have no more tracks
}

// startLoad lets the callers begin. Each track is one caller's alone, who asks until he knows.
func startLoad(ctx context.Context, w world, c *caller) *load {
	l := &load{world: w, caller: c, stop: make(chan struct{}), deletes: make(map[string][]response), successes: make(map[operation][]time.Time)}
	for i := range deleters {
		l.callers.Go(func() {
			for n := i; n < len(w.tracks); n += deleters {
				if l.stopped() || ctx.Err() != nil {
					return
				}
				l.settle(ctx, w.tracks[n])
				l.rest()
			}
			l.mu.Lock()
			l.exhausted++
			l.mu.Unlock()
		})
	}
	for i := range readers {
		l.callers.Go(func() { l.read(ctx, i) })
	}
	return l
}

func (l *load) stopped() bool {
	select {
	case <-l.stop:
		return true
	default:
		return false
	}
}

// rest waits for the next request's turn.
func (l *load) rest() {
	time.Sleep(pace)
	for l.paused.Load() && !l.stopped() {
		time.Sleep(pace)
	}
}

// settle deletes a track: until it is known whether it is, or long after the round's end.
func (l *load) settle(ctx context.Context, track string) {
	for tries := 0; ctx.Err() == nil; tries++ {
		r := l.caller.do(ctx, deleteTrack, l.world.path(track), withKey(l.world.key("maker")))
		l.note(deleteTrack, r)
		l.mu.Lock()
		l.deletes[track] = append(l.deletes[track], r)
		l.mu.Unlock()
		if r.status == 200 || r.status == 404 || l.stopped() && tries > 50 {
			return
		}
		l.rest()
	}
}

// read asks for what must succeed, and for what must be refused, of tracks that nobody deletes.
func (l *load) read(ctx context.Context, turn int) {
	w := l.world
	for n := turn; !l.stopped() && ctx.Err() == nil; n++ {
		kept := w.path(w.kept[n%len(w.kept)])
		for _, ask := range []struct {
			op   operation
			path string
			role string
			want int
		}{
			{getTrack, kept, "maker", 200},
			{deleteTrack, kept, "saver", 403},
			{deleteTrack, kept, "stranger", 404},
			{deleteTrack, kept, "nobody", 401},
			{getTrack, kept, "saver", 200},
			{listTracks, "/v1/music/" + w.organization + "/tracks?limit=" + fmt.Sprint(listed), "saver", 200},
			{getTrack, kept, "stranger", 404},
			{unsaveTrack, kept + "/save", "stranger", 404},
		} {
			r := l.caller.do(ctx, ask.op, ask.path, withKey(w.key(ask.role)))
			if r.status != ask.want && r.status != 503 && r.status != 0 && r.problem == "" {
				r.problem = fmt.Sprintf("%s by the %s: %d, want %d: %.200s", ask.op, ask.role, r.status, ask.want, r.body)
			}
			if ask.op == listTracks && r.status == 200 && bytes.Count(r.body, []byte(`"mtrack_`)) != listed {
				r.problem = fmt.Sprintf("a list without what is saved: %.300s", r.body)
			}
			op := ask.op
			if ask.want != 200 {
				op = "refused"
			}
			l.note(op, r)
			l.rest()
		}
	}
}

func (l *load) note(op operation, r response) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests++
	if r.problem != "" {
		l.problems = append(l.problems, r.problem)
	}
	switch r.status {
	case 200:
		l.successes[op] = append(l.successes[op], r.done)
	case 0, 503:
		l.failures++
		l.hindered = append(l.hindered, r)
	}
}

// awaitSuccess waits for a success after a moment, and returns how long after. Only deletes count,
// unless reads count as well.
func (l *load) awaitSuccess(ctx context.Context, after time.Time, reads bool, patience time.Duration) (time.Duration, error) {
	for deadline := time.Now().Add(patience); ; time.Sleep(2 * time.Millisecond) {
		l.mu.Lock()
		all := slices.Clone(l.successes[deleteTrack])
		if reads {
			all = append(all, l.successes[getTrack]...)
		}
		exhausted := l.exhausted
		l.mu.Unlock()
		first := time.Time{}
		for _, at := range all {
			if at.After(after) && (first.IsZero() || at.Before(first)) {
				first = at
			}
		}
		switch {
		case !first.IsZero():
			return first.Sub(after), nil
		case exhausted == deleters:
			return 0, fmt.Errorf("the callers ran out of tracks: a round needs more than %d", len(l.world.tracks))
		case ctx.Err() != nil || time.Now().After(deadline):
			return patience, nil
		}
	}
}

// end lets the callers come to an end.
func (l *load) end() {
	close(l.stop)
	l.callers.Wait()
}

// violations compares what the callers were told with what is stored.
func (l *load) violations(all map[string]*stored) []string {
	found := slices.Clone(l.problems)
	say := func(format string, values ...any) { found = append(found, fmt.Sprintf(format, values...)) }
	for _, id := range l.world.kept {
		t := all[id]
		switch {
		case t == nil:
			say("%s is gone", id)
		case t.deleted || t.deletions() > 0:
			say("%s: refused, and deleted all the same", id)
		case len(t.events) != 2:
			say("%s: %d events of 2 are left", id, len(t.events))
		case !slices.Equal(t.savers, []string{l.world.user("saver")}):
			say("%s: saved by %v", id, t.savers)
		}
	}
	for _, id := range l.world.tracks {
		t := all[id]
		if t == nil {
			say("%s is gone", id)
			continue
		}
		attempts := l.deletes[id]
		acknowledged, unknown := 0, false
		for _, r := range attempts {
			switch {
			case r.status == 200:
				acknowledged++
			case r.status == 404 && !unknown && acknowledged == 0:
				say("%s: 404 for the maker's own first delete: %s", id, statuses(attempts))
			case r.status == 401 || r.status == 403:
				say("%s: %d for the maker: %s", id, r.status, statuses(attempts))
			}
			unknown = unknown || r.unknown()
		}
		n := t.deletions()
		switch {
		case acknowledged > 0 && !t.deleted:
			say("%s: acknowledged and not deleted: %s", id, statuses(attempts))
		case acknowledged > 1:
			say("%s: acknowledged twice: %s", id, statuses(attempts))
		case t.deleted && n != 1, !t.deleted && n != 0:
			say("%s: deleted %v, and %d events of it: %s", id, t.deleted, n, statuses(attempts))
		case t.deleted && acknowledged == 0 && !unknown:
			say("%s: deleted, and nobody was told: %s", id, statuses(attempts))
		case len(t.events) != 2+n || t.events[0].Type != "track.created" || t.events[1].Type != "track.billed":
			say("%s: its history is %v", id, t.events)
		case n == 1 && t.events[2] != storedEvent{"track.deleted", l.world.user("maker")}:
			say("%s: its history ends with %v", id, t.events[2])
		}
		if len(attempts) > 0 && attempts[len(attempts)-1].status == 404 && !t.deleted {
			say("%s: 404 at last, and not deleted: %s", id, statuses(attempts))
		}
	}
	return found
}

// acknowledged returns how many deletes were.
func (l *load) acknowledged() int { return len(l.successes[deleteTrack]) }

func statuses(attempts []response) string {
	var all []int
	for _, r := range attempts {
		all = append(all, r.status)
	}
	return fmt.Sprint(all)
}
