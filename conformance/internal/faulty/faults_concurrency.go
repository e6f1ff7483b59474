package faulty

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

func concurrencyFaults() []Fault {
	var faults []Fault
	add := func(name, summary string, apply func(*behaviour)) {
		faults = append(faults, Fault{Name: name, Area: Concurrency, Summary: summary, apply: apply})
	}
	const ms = time.Millisecond

	// Repeating.
	repeat := func(edit func(c *call, a *answer)) func(*behaviour) {
		return func(b *behaviour) {
			b.onCause(deleted, func(c *call, a *answer) {
				if c.operation == opDelete && c.target.deletedBy == c.user {
					edit(c, a)
				}
			})
		}
	}
	add("repeat-200", "A second delete of the creator is acknowledged like the first.", repeat(func(c *call, a *answer) { *a = *acknowledge(c) }))
	add("repeat-204", "A second delete of the creator is 204.", repeat(func(_ *call, a *answer) { a.status, a.body = http.StatusNoContent, nil }))
	add("repeat-403", "A second delete of the creator is 403.", repeat(func(c *call, a *answer) { *a = *c.server.behaviour.refuse(c, forbidden) }))
	add("repeat-409", "A second delete of the creator is 409.", repeat(func(_ *call, a *answer) { a.status = 409; a.err().set("status", 409) }))
	add("repeat-500", "A second delete of the creator is 500.", repeat(func(_ *call, a *answer) { a.status = 500; a.err().set("status", 500) }))
	add("repeat-200-within-500ms", "A second delete within 500ms is acknowledged like the first.", repeat(func(c *call, a *answer) {
		if time.Since(c.target.deletedAt) < 500*ms {
			*a = *acknowledge(c)
		}
	}))
	add("repeat-200-by-saver", "A saver's delete of a deleted track is acknowledged.", func(b *behaviour) {
		b.onCause(deleted, func(c *call, a *answer) {
			if c.operation == opDelete && c.target.creator != c.user {
				*a = *acknowledge(c)
			}
		})
	})
	add("repeat-third-200", "The third delete of a track is acknowledged again.", repeat(func(c *call, a *answer) {
		if c.target.repeats++; c.target.repeats == 2 {
			*a = *acknowledge(c)
		}
	}))

	// Deciding and doing are not one step.
	for _, gap := range []time.Duration{1 * ms, 5 * ms, 20 * ms} {
		add(fmt.Sprintf("delete-race-%v", gap), fmt.Sprintf("Deletes that arrive within %v of one another are all done.", gap), func(b *behaviour) {
			remove := b.remove
			b.remove = func(c *call, t *track) {
				c.unlocked(func() { time.Sleep(gap) })
				remove(c, t)
			}
		})
	}
	add("delete-race-one-event", "Of deletes within 5ms all are acknowledged, and one event is written.", func(b *behaviour) {
		remove := b.remove
		b.remove = func(c *call, t *track) {
			c.unlocked(func() { time.Sleep(5 * ms) })
			if t.deletedAt.IsZero() {
				remove(c, t)
			}
		}
	})
	add("delete-race-events-only", "Of deletes within 5ms one is acknowledged, and all write an event.", func(b *behaviour) {
		deleteTrack := b.deleteTrack
		b.deleteTrack = func(c *call) *answer {
			reached := c.reaches() && b.mayDelete(c, c.target)
			c.cause = ""
			c.unlocked(func() { time.Sleep(5 * ms) })
			a := deleteTrack(c)
			if reached && c.cause == deleted {
				c.target.events = append(slices.Clone(c.target.events), event{Type: "track.deleted", At: time.Now(), Actor: c.user.id})
			}
			return a
		}
	})
	faults[len(faults)-1].Needs = "history"
	busy := func(status int) func(*behaviour) {
		return func(b *behaviour) {
			running := map[*track]int{}
			deleteTrack := b.deleteTrack
			b.deleteTrack = func(c *call) *answer {
				t := c.target
				if t == nil {
					return deleteTrack(c)
				}
				if running[t] > 0 {
					a := b.refuse(c, notFound)
					a.status = status
					a.err().set("status", status)
					return a
				}
				running[t]++
				defer func() { running[t]-- }()
				c.unlocked(func() { time.Sleep(5 * ms) })
				return deleteTrack(c)
			}
		}
	}
	add("delete-race-409", "A delete is 409 while another one of the same track is under way.", busy(409))
	add("delete-race-500", "A delete is 500 while another one of the same track is under way.", busy(500))
	add("delete-race-none-wins", "Of deletes within 5ms of one another none is done.", func(b *behaviour) {
		latest := map[*track]int{}
		deleteTrack := b.deleteTrack
		b.deleteTrack = func(c *call) *answer {
			t := c.target
			latest[t]++
			mine := latest[t]
			c.unlocked(func() { time.Sleep(5 * ms) })
			if latest[t] != mine {
				latest[t]++ // so that the last one does not win either
				c.cause = missing
				return b.refuse(c, notFound)
			}
			return deleteTrack(c)
		}
	})
	add("delete-lost-update", "Of two deletes of different tracks by one creator within 5ms, one is acknowledged and lost.", func(b *behaviour) {
		remove := b.remove
		b.remove = func(c *call, t *track) {
			var others []*track
			for _, other := range t.organization.tracks {
				if other != t && other.creator == t.creator && other.deletedAt.IsZero() {
					others = append(others, other)
				}
			}
			c.unlocked(func() { time.Sleep(5 * ms) })
			remove(c, t)
			for _, other := range others {
				other.deletedAt = time.Time{}
			}
		}
	})
	add("unsave-resurrects", "An unsave within 5ms of a delete writes back the track as it was.", func(b *behaviour) {
		unsave := b.unsave
		b.unsave = func(c *call, t *track) {
			before := t.deletedAt
			c.unlocked(func() { time.Sleep(5 * ms) })
			unsave(c, t)
			t.deletedAt = before
		}
	})
	add("unsave-lost-update", "Of two unsaves by one caller within 5ms, one is lost.", func(b *behaviour) {
		b.unsave = func(c *call, t *track) {
			kept := slices.DeleteFunc(slices.Clone(c.user.library), func(other *track) bool { return other == t })
			c.unlocked(func() { time.Sleep(5 * ms) })
			c.user.library = kept
		}
	})
	add("delete-undoes-unsaves", "A delete writes back libraries as they were 10ms before, and undoes unsaves.", func(b *behaviour) {
		remove := b.remove
		b.remove = func(c *call, t *track) {
			before := map[*user][]*track{}
			for _, saver := range t.savers {
				before[saver] = saver.library
			}
			c.unlocked(func() { time.Sleep(10 * ms) })
			remove(c, t)
			for saver, library := range before {
				saver.library = library
			}
		}
	})

	// Readers see an older state.
	add("get-cache-200ms", "What a get showed is shown to the same caller for 200ms more.", func(b *behaviour) {
		remembered := map[string]*answer{}
		until := map[string]time.Time{}
		getTrack := b.getTrack
		b.getTrack = func(c *call) *answer {
			what := c.user.id + "\n" + c.request.URL.Path
			if time.Now().Before(until[what]) {
				return remembered[what].clone()
			}
			a := getTrack(c)
			if a.status == http.StatusOK {
				remembered[what], until[what] = a.clone(), time.Now().Add(200*ms)
			}
			return a
		}
	})
	add("list-cache-200ms", "What a list showed is shown to the same caller for 200ms more.", func(b *behaviour) {
		remembered := map[string]*answer{}
		until := map[string]time.Time{}
		listSaved := b.listSaved
		b.listSaved = func(c *call) *answer {
			what := c.user.id + "\n" + c.request.URL.RequestURI()
			if time.Now().Before(until[what]) {
				return remembered[what].clone()
			}
			a := listSaved(c)
			if a.status == http.StatusOK {
				remembered[what], until[what] = a.clone(), time.Now().Add(200*ms)
			}
			return a
		}
	})
	add("access-cache-300ms", "Whoever had access to a track keeps it for 300ms, also when the track is deleted.", func(b *behaviour) {
		type pair struct {
			u *user
			t *track
		}
		granted := map[pair]time.Time{}
		gone, hasAccess := b.gone, b.hasAccess
		b.hasAccess = func(c *call, t *track) bool {
			ok := hasAccess(c, t)
			if ok && !gone(c, t) {
				granted[pair{c.user, t}] = time.Now().Add(300 * ms)
			}
			return ok
		}
		b.gone = func(c *call, t *track) bool {
			if c.operation == opGet && time.Now().Before(granted[pair{c.user, t}]) {
				return false
			}
			return gone(c, t)
		}
	})
	add("replica-lag-150ms", "Every other read is of a replica that is 150ms behind.", func(b *behaviour) {
		reads := 0
		gone := b.gone
		b.gone = func(c *call, t *track) bool {
			if c.operation == opGet || c.operation == opList {
				if reads++; reads%2 == 0 && time.Since(t.deletedAt) < 150*ms {
					return false
				}
			}
			return gone(c, t)
		}
	})
	add("answer-before-effect-20ms", "A delete is acknowledged 20ms before it is done.", func(b *behaviour) {
		remove := b.remove
		b.remove = func(c *call, t *track) {
			time.AfterFunc(20*ms, func() {
				c.locked(func() {
					if t.deletedAt.IsZero() {
						remove(c, t)
					}
				})
			})
		}
	})

	// Requests get into one another's way.
	add("track-of-other-request", "Requests within 2ms of one another share the variable that holds the track's id in answers.", func(b *behaviour) {
		var shared atomic.Value
		b.delays = append(b.delays, func(c *call, a *answer) {
			if c.track == "" {
				return
			}
			shared.Store(c.track)
			time.Sleep(2 * ms)
			track := shared.Load()
			switch {
			case a.status == http.StatusOK && c.operation != opGet && a.body.get("id") != nil:
				a.body.set("id", track)
			case a.err().get("details") != nil && a.status != http.StatusUnauthorized:
				a.err().set("details", newObject("track_id", track))
			}
		})
	})
	add("caller-of-other-request", "Requests within 2ms of one another share the variable that holds the caller.", func(b *behaviour) {
		var current *user
		admit := b.admit
		b.admit = func(c *call) *answer {
			refusal := admit(c)
			if refusal != nil {
				return refusal
			}
			current = c.user
			c.unlocked(func() { time.Sleep(2 * ms) })
			c.user = current
			return nil
		}
	})
	add("trace-id-of-other-request", "Errors within 2ms of one another share their trace_id.", func(b *behaviour) {
		var mu sync.Mutex
		var shared string
		b.delays = append(b.delays, func(c *call, a *answer) {
			if a.status < 400 {
				return
			}
			mu.Lock()
			shared = c.traceID
			mu.Unlock()
			time.Sleep(2 * ms)
			mu.Lock()
			defer mu.Unlock()
			c.traceID = shared
			a.err().set("trace_id", shared)
		})
	})
	add("overload-500", "While more than eight requests are under way, further ones are 500 in plain text.", func(b *behaviour) {
		var running atomic.Int32
		b.wraps = append(b.wraps, func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				defer running.Add(-1)
				if running.Add(1) > 8 {
					http.Error(w, "too many connections", http.StatusInternalServerError)
					return
				}
				time.Sleep(2 * ms)
				next.ServeHTTP(w, r)
			})
		})
	})
	add("fails-now-and-then", "One request of fifty is 500.", func(b *behaviour) {
		b.edits = append(b.edits, func(_ *call, a *answer) {
			if rand.IntN(50) == 0 {
				a.status = http.StatusInternalServerError
			}
		})
	})
	return faults
}
