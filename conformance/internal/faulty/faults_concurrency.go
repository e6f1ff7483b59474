package faulty

import (
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

func concurrencyFaults() []Fault {
	list := faultsOf(Concurrency)
	add := list.add
	const ms = time.Millisecond

	// Repeating.
	onRepeat := func(edit func(c *call, resp *response)) func(*behaviour) {
		return onRefusal(deleted, func(c *call, resp *response) {
			if c.operation == opDelete && c.target.deletedBy == c.user {
				edit(c, resp)
			}
		})
	}
	add("repeat-200",
		"A second delete of the creator is acknowledged like the first.",
		detectedBy("delete-track/repeat-gets-404"),
		onRepeat(func(c *call, resp *response) { *resp = *acknowledge(c) }))
	add("repeat-204",
		"A second delete of the creator is 204.",
		detectedBy("delete-track/repeat-gets-404"),
		onRepeat(func(_ *call, resp *response) { resp.status, resp.body = http.StatusNoContent, nil }))
	add("repeat-403",
		"A second delete of the creator is 403.",
		detectedBy("delete-track/repeat-gets-404"),
		onRepeat(becomes(forbidden)))
	add("repeat-409",
		"A second delete of the creator is 409.",
		detectedBy("delete-track/repeat-gets-404"),
		onRepeat(func(_ *call, resp *response) { resp.status = 409; resp.err().set("status", 409) }))
	add("repeat-500",
		"A second delete of the creator is 500.",
		detectedBy("delete-track/repeat-gets-404"),
		onRepeat(func(_ *call, resp *response) { resp.status = 500; resp.err().set("status", 500) }))
	add("repeat-200-within-500ms",
		"A second delete within 500ms is acknowledged like the first.",
		detectedBy("delete-track/repeat-gets-404"),
		onRepeat(func(c *call, resp *response) {
			if time.Since(c.target.deletedAt) < 500*ms {
				*resp = *acknowledge(c)
			}
		}))
	add("repeat-200-by-saver",
		"A saver's delete of a deleted track is acknowledged.",
		detectedBy("delete-track/gone-for-everybody", "delete-track/repeat-gets-404"),
		onRefusal(deleted, func(c *call, resp *response) {
			if c.operation == opDelete && c.target.creator != c.user {
				*resp = *acknowledge(c)
			}
		}))
	add("repeat-third-200",
		"The third delete of a track is acknowledged again.",
		detectedBy("delete-track/repeat-gets-404"),
		onRepeat(func(c *call, resp *response) {
			if c.target.repeats++; c.target.repeats == 2 {
				*resp = *acknowledge(c)
			}
		}))

	// Deciding and doing are not one step.
	raced := func(gap time.Duration) func(*behaviour) {
		return func(b *behaviour) {
			remove := b.remove
			b.remove = func(c *call, t *track) {
				c.unlocked(func() { time.Sleep(gap) })
				remove(c, t)
			}
		}
	}
	add("delete-race-1ms",
		"Deletes that arrive within 1ms of one another are all done.",
		detectedBy("concurrency/one-delete-wins"),
		raced(1*ms))
	add("delete-race-5ms",
		"Deletes that arrive within 5ms of one another are all done.",
		detectedBy("concurrency/one-delete-wins"),
		raced(5*ms))
	add("delete-race-20ms",
		"Deletes that arrive within 20ms of one another are all done.",
		detectedBy("concurrency/one-delete-wins"),
		raced(20*ms))
	add("delete-race-one-event",
		"Of deletes within 5ms all are acknowledged, and one event is written.",
		detectedBy("concurrency/one-delete-wins"),
		func(b *behaviour) {
			remove := b.remove
			b.remove = func(c *call, t *track) {
				c.unlocked(func() { time.Sleep(5 * ms) })
				if t.deletedAt.IsZero() {
					remove(c, t)
				}
			}
		})
	add("delete-race-events-only",
		"Of deletes within 5ms one is acknowledged, and all write an event.",
		detectedBy("concurrency/one-delete-wins").needing("history"),
		func(b *behaviour) {
			deleteTrack := b.deleteTrack
			b.deleteTrack = func(c *call) *response {
				reached := c.canAccess() && b.mayDelete(c, c.target)
				c.cause = ""
				c.unlocked(func() { time.Sleep(5 * ms) })
				resp := deleteTrack(c)
				if reached && c.cause == deleted {
					c.target.events = append(slices.Clone(c.target.events),
						event{Type: "track.deleted", At: time.Now(), Actor: c.user.id})
				}
				return resp
			}
		})
	refuseWhileRunning := func(status int) func(*behaviour) {
		return func(b *behaviour) {
			running := map[*track]int{}
			deleteTrack := b.deleteTrack
			b.deleteTrack = func(c *call) *response {
				t := c.target
				if t == nil {
					return deleteTrack(c)
				}
				if running[t] > 0 {
					resp := b.refuse(c, notFound)
					resp.status = status
					resp.err().set("status", status)
					return resp
				}
				running[t]++
				defer func() { running[t]-- }()
				c.unlocked(func() { time.Sleep(5 * ms) })
				return deleteTrack(c)
			}
		}
	}
	add("delete-race-409",
		"A delete is 409 while another one of the same track is under way.",
		detectedBy("concurrency/one-delete-wins"),
		refuseWhileRunning(409))
	add("delete-race-500",
		"A delete is 500 while another one of the same track is under way.",
		detectedBy("concurrency/one-delete-wins"),
		refuseWhileRunning(500))
	add("delete-race-none-wins",
		"Of deletes within 5ms of one another none is done.",
		detectedBy("concurrency/one-delete-wins"),
		func(b *behaviour) {
			latest := map[*track]int{}
			deleteTrack := b.deleteTrack
			b.deleteTrack = func(c *call) *response {
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
	add("delete-lost-update",
		"Of two deletes of different tracks by one creator within 5ms, one is acknowledged and lost.",
		detectedBy("concurrency/deletes-of-different-tracks"),
		func(b *behaviour) {
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
	add("unsave-resurrects",
		"An unsave within 5ms of a delete writes back the track as it was.",
		detectedBy("concurrency/delete-beside-unsaves"),
		func(b *behaviour) {
			unsave := b.unsave
			b.unsave = func(c *call, t *track) {
				before := t.deletedAt
				c.unlocked(func() { time.Sleep(5 * ms) })
				unsave(c, t)
				t.deletedAt = before
			}
		})
	add("unsave-lost-update",
		"Of two unsaves by one caller within 5ms, one is lost.",
		detectedBy("concurrency/unsaves-at-once"),
		func(b *behaviour) {
			b.unsave = func(c *call, t *track) {
				kept := slices.DeleteFunc(slices.Clone(c.user.library), func(other *track) bool {
					return other == t
				})
				c.unlocked(func() { time.Sleep(5 * ms) })
				c.user.library = kept
			}
		})
	add("delete-undoes-unsaves",
		"A delete writes back libraries as they were 10ms before, and undoes unsaves.",
		detectedBy("concurrency/delete-beside-unsaves"),
		func(b *behaviour) {
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
	add("get-cache-200ms",
		"What a get showed is shown to the same caller for 200ms more.",
		detectedBy("concurrency/deleted-is-not-seen-again"),
		func(b *behaviour) {
			remembered := map[string]*response{}
			until := map[string]time.Time{}
			getTrack := b.getTrack
			b.getTrack = func(c *call) *response {
				what := c.user.id + "\n" + c.request.URL.Path
				if time.Now().Before(until[what]) {
					return remembered[what].clone()
				}
				resp := getTrack(c)
				if resp.status == http.StatusOK {
					remembered[what], until[what] = resp.clone(), time.Now().Add(200*ms)
				}
				return resp
			}
		})
	add("list-cache-200ms",
		"What a list showed is shown to the same caller for 200ms more.",
		detectedBy("concurrency/deleted-is-not-seen-again"),
		func(b *behaviour) {
			remembered := map[string]*response{}
			until := map[string]time.Time{}
			listSaved := b.listSaved
			b.listSaved = func(c *call) *response {
				what := c.user.id + "\n" + c.request.URL.RequestURI()
				if time.Now().Before(until[what]) {
					return remembered[what].clone()
				}
				resp := listSaved(c)
				if resp.status == http.StatusOK {
					remembered[what], until[what] = resp.clone(), time.Now().Add(200*ms)
				}
				return resp
			}
		})
	add("access-cache-300ms",
		"Whoever had access to a track keeps it for 300ms, also when the track is deleted.",
		detectedBy("concurrency/deleted-is-not-seen-again"),
		func(b *behaviour) {
			type pair struct {
				u *user
				t *track
			}
			granted := map[pair]time.Time{}
			isDeleted, hasAccess := b.isDeleted, b.hasAccess
			b.hasAccess = func(c *call, t *track) bool {
				ok := hasAccess(c, t)
				if ok && !isDeleted(c, t) {
					granted[pair{c.user, t}] = time.Now().Add(300 * ms)
				}
				return ok
			}
			b.isDeleted = func(c *call, t *track) bool {
				if c.operation == opGet && time.Now().Before(granted[pair{c.user, t}]) {
					return false
				}
				return isDeleted(c, t)
			}
		})
	add("replica-lag-150ms",
		"Every other read is of a replica that is 150ms behind.",
		detectedBy("concurrency/deleted-is-not-seen-again"),
		func(b *behaviour) {
			reads := 0
			isDeleted := b.isDeleted
			b.isDeleted = func(c *call, t *track) bool {
				if c.operation == opGet || c.operation == opList {
					if reads++; reads%2 == 0 && time.Since(t.deletedAt) < 150*ms {
						return false
					}
				}
				return isDeleted(c, t)
			}
		})
	add("answer-before-effect-20ms",
		"A delete is acknowledged 20ms before it is done.",
		detectedBy("concurrency/deleted-is-not-seen-again", "delete-track/creator-gets-200"),
		func(b *behaviour) {
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
	add("track-of-other-request",
		"Requests within 2ms of one another share the variable that holds the track's id in responses.",
		detectedBy("concurrency/requests-are-kept-apart"),
		func(b *behaviour) {
			var shared atomic.Value
			b.delays = append(b.delays, func(c *call, resp *response) {
				if c.track == "" {
					return
				}
				shared.Store(c.track)
				time.Sleep(2 * ms)
				track := shared.Load()
				switch {
				case resp.status == http.StatusOK && c.operation != opGet && resp.body.get("id") != nil:
					resp.body.set("id", track)
				case resp.err().get("details") != nil && resp.status != http.StatusUnauthorized:
					resp.err().set("details", newObject("track_id", track))
				}
			})
		})
	add("caller-of-other-request",
		"Requests within 2ms of one another share the variable that holds the caller.",
		detectedBy("concurrency/requests-are-kept-apart"),
		func(b *behaviour) {
			var current *user
			authenticate := b.authenticate
			b.authenticate = func(c *call) *response {
				refusal := authenticate(c)
				if refusal != nil {
					return refusal
				}
				current = c.user
				c.unlocked(func() { time.Sleep(2 * ms) })
				c.user = current
				return nil
			}
		})
	add("trace-id-of-other-request",
		"Errors within 2ms of one another share their trace_id.",
		detectedBy("concurrency/requests-are-kept-apart"),
		func(b *behaviour) {
			var mu sync.Mutex
			var shared string
			b.delays = append(b.delays, func(c *call, resp *response) {
				if resp.status < 400 {
					return
				}
				mu.Lock()
				shared = c.traceID
				mu.Unlock()
				time.Sleep(2 * ms)
				mu.Lock()
				defer mu.Unlock()
				c.traceID = shared
				resp.err().set("trace_id", shared)
			})
		})
	add("overload-500",
		"While more than eight requests are under way, further ones are 500 in plain text.",
		detectedBy("concurrency/requests-are-kept-apart"),
		func(b *behaviour) {
			var running atomic.Int32
			b.middleware = append(b.middleware, func(next http.Handler) http.Handler {
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
	add("fails-now-and-then",
		"One request of fifty is 500.",
		detectedBy("delete-track/answered-every-time"),
		func(b *behaviour) {
			b.edits = append(b.edits, func(_ *call, resp *response) {
				if rand.IntN(50) == 0 {
					resp.status = http.StatusInternalServerError
				}
			})
		})
	return list.faults
}
