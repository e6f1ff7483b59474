package faulty

import (
	"net/http"
	"time"
)

// staleFaults show readers an older state.
func staleFaults() []Fault {
	list := faultsOf(Concurrency)
	add := list.add

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
			// isDeleted is asked before hasAccess. What hasAccess once granted is therefore kept
			// where isDeleted finds it.
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
	return list.faults
}
