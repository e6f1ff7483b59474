package faulty

import (
	"net/http"
	"time"
)

// cacheRefillFaults have caches that a delete empties, and that a read which is under way at that
// moment fills again with what it saw before.
func cacheRefillFaults() []Fault {
	list := faultsOf(Architecture)
	add := list.add

	// refill caches a read's 200 for a minute. The read takes a few milliseconds, in which the
	// entry's track may be deleted. forgets says whether an entry goes with a delete of that track.
	refill := func(decide func(b *behaviour) *decision, key func(c *call) string) func(*behaviour) {
		return func(b *behaviour) {
			type entry struct {
				resp    *response
				until   time.Time
				library bool
				t       *track
				u       *user
			}
			entries := map[string]entry{}
			read := decide(b)
			usual := *read
			*read = func(c *call) *response {
				what := key(c)
				if e, found := entries[what]; found && time.Now().Before(e.until) {
					return e.resp.sentTo(c)
				}
				resp := usual(c)
				if resp.status != http.StatusOK {
					return resp
				}
				kept := resp.clone()
				c.unlocked(func() { time.Sleep(5 * ms) })
				entries[what] = entry{kept, time.Now().Add(time.Minute), c.target == nil, c.target, c.user}
				return resp
			}
			after(&b.remove, func(_ *call, t *track) {
				for what, e := range entries {
					if e.t == t || e.library {
						delete(entries, what)
					}
				}
			})
			after(&b.unsave, func(c *call, t *track) {
				for what, e := range entries {
					if e.u == c.user && (e.t == t || e.library) {
						delete(entries, what)
					}
				}
			})
		}
	}
	getTrack := func(b *behaviour) *decision { return &b.getTrack }
	listSaved := func(b *behaviour) *decision { return &b.listSaved }
	add("refill-get",
		"A get that runs beside the delete fills the cache again, for its caller.",
		detectedBy("concurrency/first-looks-beside-delete"),
		refill(getTrack, byCallerAndTarget))
	add("refill-list",
		"A list that runs beside the delete fills the cache again, for its caller.",
		detectedBy("concurrency/first-looks-beside-delete"),
		refill(listSaved, byCallerAndTarget))

	// refillRows caches that a track lives, for everybody and a minute; access is judged each time.
	refillRows := func(fill func(c *call) bool, use func(c *call) bool) func(*behaviour) {
		return func(b *behaviour) {
			live := map[*track]time.Time{}
			isDeleted, respond := b.isDeleted, b.respond
			seen := map[*call]*track{}
			b.isDeleted = func(c *call, t *track) bool {
				if use(c) && time.Now().Before(live[t]) {
					return false
				}
				gone := isDeleted(c, t)
				if !gone && fill(c) && c.target == t {
					seen[c] = t
				}
				return gone
			}
			after(&b.remove, func(_ *call, t *track) { delete(live, t) })
			b.respond = func(c *call) *response {
				resp := respond(c)
				c.locked(func() {
					if t := seen[c]; t != nil && resp.status != http.StatusForbidden {
						c.unlocked(func() { time.Sleep(4 * ms) })
						live[t] = time.Now().Add(time.Minute)
					}
					delete(seen, c)
				})
				return resp
			}
		}
	}
	is := func(operations ...operation) func(c *call) bool {
		return func(c *call) bool { return appliesTo(c.operation, operations) }
	}
	add("refill-row-by-get",
		"A get that runs beside the delete puts the track's row back into the cache of gets.",
		detectedBy("concurrency/first-looks-beside-delete"),
		refillRows(is(opGet), is(opGet)))
	add("refill-row-by-unsave",
		"An unsave that runs beside the delete puts the track's row back into the cache of reads.",
		detectedBy("concurrency/first-looks-beside-delete"),
		refillRows(is(opUnsave), is(opGet, opList)))
	add("refill-row-for-unsave",
		"A get that runs beside the delete lets the track be unsaved afterwards.",
		detectedBy("concurrency/first-looks-beside-delete"),
		refillRows(is(opGet), is(opUnsave)))
	add("refill-row-for-delete",
		"A get that runs beside the delete lets the track be deleted again afterwards.",
		detectedBy("concurrency/first-looks-beside-delete"),
		refillRows(is(opGet), is(opDelete)))
	add("refill-list-by-get",
		"A get that runs beside the delete puts the track back into everybody's list.",
		detectedBy("concurrency/first-looks-beside-delete"),
		refillRows(is(opGet), is(opList)))
	add("refill-access-by-get",
		"A get that runs beside the caller's own unsave leaves the caller with access.",
		detectedBy("concurrency/first-looks-beside-unsave"),
		func(b *behaviour) {
			type pair struct {
				u *user
				t *track
			}
			granted := map[pair]bool{}
			hasAccess, getTrack := b.hasAccess, b.getTrack
			b.hasAccess = func(c *call, t *track) bool {
				return hasAccess(c, t) || granted[pair{c.user, t}] && c.operation == opGet
			}
			b.getTrack = func(c *call) *response {
				resp := getTrack(c)
				if resp.status == http.StatusOK {
					c.unlocked(func() { time.Sleep(4 * ms) })
					granted[pair{c.user, c.target}] = true
				}
				return resp
			}
			after(&b.unsave, func(c *call, t *track) { delete(granted, pair{c.user, t}) })
		})
	add("cache-of-first-look",
		"What was first got or listed before the delete is shown for a minute; what nobody looked at is not.",
		detectedBy("concurrency/first-looks-beside-unsave"),
		func(b *behaviour) {
			remember(&b.getTrack, time.Minute, func(c *call) string {
				// The delete empties the cache of the caller that deletes, and of nobody else.
				if c.target != nil && c.target.deletedBy == c.user {
					return ""
				}
				return byCallerAndTarget(c)
			}, http.StatusOK)
		})
	return list.faults
}
