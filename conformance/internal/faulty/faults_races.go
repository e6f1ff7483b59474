package faulty

import (
	"runtime"
	"slices"
	"time"
)

// raceFaults decide and do in two steps, so that others get in between.
func raceFaults() []Fault {
	list := faultsOf(Concurrency)
	add := list.add

	// raced waits between the check and the effect, with the state open to others.
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
				// deleteTrack asks canAccess again, which expects no cause.
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
	// refuseWhileRunning holds a lock for each track that nobody waits for.
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
					setStatus(status)(c, resp)
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
				// What is written back below is a whole document of the creator's tracks, as it was
				// read here: a delete that came in between is undone.
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
				before := t.deletedAt // the track is read whole here, and written whole below
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
				// The library is read here and written behind the pause.
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
	add("delete-race-50us",
		"Deletes that arrive within 50µs of one another are all done.",
		detectedBy("concurrency/pipelined-deletes-one-wins"),
		raced(50*time.Microsecond))
	add("delete-race-yield",
		"Nothing but a change of threads lies between a delete's check and its effect.",
		detectedBy("concurrency/pipelined-deletes-one-wins", "concurrency/one-delete-wins"),
		func(b *behaviour) {
			remove := b.remove
			b.remove = func(c *call, t *track) {
				c.unlocked(runtime.Gosched)
				remove(c, t)
			}
		})
	add("unsave-race-yield",
		"Nothing but a change of threads lies between an unsave's check and its effect.",
		detectedBy("concurrency/pipelined-unsaves-one-wins", "concurrency/unsaves-at-once"),
		func(b *behaviour) {
			unsave := b.unsave
			b.unsave = func(c *call, t *track) {
				c.unlocked(runtime.Gosched)
				unsave(c, t)
			}
		})
	add("unsave-race-5ms",
		"Unsaves of one track by one saver within 5ms of one another are all acknowledged.",
		detectedBy("concurrency/pipelined-unsaves-one-wins"),
		func(b *behaviour) {
			unsave := b.unsave
			b.unsave = func(c *call, t *track) {
				c.unlocked(func() { time.Sleep(5 * ms) })
				unsave(c, t)
			}
		})
	return list.faults
}
