package faulty

import (
	"net/http"
	"slices"
	"time"
)

// provisionedFaults show with the optional parts of the provisioning protocol: a key that is
// revoked, a membership that ends, a second key, an old track.
func provisionedFaults() []Fault {
	list := faultsOf(Architecture)
	add := list.add

	// rememberKey goes on accepting a key that once worked, where and as long as still says so.
	rememberKey := func(still func(c *call, worked time.Time) bool) func(*behaviour) {
		return func(b *behaviour) {
			type use struct {
				u  *user
				at time.Time
			}
			uses := map[string]use{}
			authenticate := b.authenticate
			b.authenticate = func(c *call) *response {
				refusal := authenticate(c)
				if refusal == nil {
					if _, found := uses[c.key]; !found {
						uses[c.key] = use{c.user, time.Now()}
					}
					return nil
				}
				if known, found := uses[c.key]; found && c.cause == revokedKey && still(c, known.at) {
					c.user, c.cause = known.u, ""
					return nil
				}
				delete(uses, c.key)
				return refusal
			}
		}
	}
	add("revoked-later-never",
		"A key that was used before it was revoked goes on working.",
		detectedBy("delete-track/key-revoked-in-use-gets-401", "list-tracks/key-revoked-in-use-gets-401").needing("revoke_key"),
		rememberKey(func(*call, time.Time) bool { return true }))
	add("revoked-later-for-gets",
		"A key that was used before it was revoked goes on working for gets.",
		detectedBy("get-track/key-revoked-in-use-gets-401").needing("revoke_key"),
		rememberKey(func(c *call, _ time.Time) bool { return c.operation == opGet }))
	add("revoked-later-within-5s",
		"A key goes on working until 5s after its first use, revoked or not.",
		detectedBy("delete-track/key-revoked-in-use-gets-401", "get-track/key-revoked-in-use-gets-401").needing("revoke_key"),
		rememberKey(func(_ *call, worked time.Time) bool { return time.Since(worked) < 5*time.Second }))
	add("revoked-later-on-half-the-connections",
		"One of two processes, to which connections go by turns, keeps the keys that it has seen.",
		detectedBy("delete-track/key-revoked-in-use-gets-401").needing("revoke_key"),
		func(b *behaviour) {
			processes := &perConnection[int]{}
			opened := 0
			rememberKey(func(c *call, _ time.Time) bool {
				return processes.of(c.request, func() int { opened++; return 1 + opened%2 }) == 2
			})(b)
		})
	add("revoked-later-on-its-connection",
		"A connection goes on accepting the key that it was used with before the key was revoked.",
		detectedBy("delete-track/key-revoked-in-use-gets-401").needing("revoke_key"),
		func(b *behaviour) {
			callers := map[string]*user{}
			authenticate := b.authenticate
			b.authenticate = func(c *call) *response {
				refusal := authenticate(c)
				what := c.request.RemoteAddr + " " + c.key
				if refusal == nil {
					callers[what] = c.user
					return nil
				}
				if known := callers[what]; known != nil && c.cause == revokedKey {
					c.user, c.cause = known, ""
					return nil
				}
				return refusal
			}
		})

	// rememberMember goes on taking somebody for a member who once was seen as one.
	rememberMember := func(still func(c *call) bool) func(*behaviour) {
		return func(b *behaviour) {
			type pair struct {
				u            *user
				organization string
			}
			seen := map[pair]bool{}
			isMember := b.isMember
			b.isMember = func(c *call) bool {
				p := pair{c.user, c.organization}
				if isMember(c) {
					seen[p] = true
					return true
				}
				return seen[p] && still(c)
			}
		}
	}
	add("departed-never",
		"Whoever was seen as a member stays one.",
		detectedBy("delete-track/member-who-leaves-gets-404").needing("end_membership"),
		rememberMember(func(*call) bool { return true }))
	add("departed-still-deletes",
		"Whoever was seen as a member may still delete after leaving.",
		detectedBy("delete-track/member-who-leaves-gets-404").needing("end_membership"),
		rememberMember(func(c *call) bool { return c.operation == opDelete }))
	add("departed-still-lists",
		"Whoever was seen as a member may still list after leaving.",
		detectedBy("list-tracks/member-who-leaves-gets-404").needing("end_membership"),
		rememberMember(func(c *call) bool { return c.operation == opList }))

	add("second-key-without-creation",
		"Only the key that a track was created with may delete it, not another key of its creator.",
		detectedBy("delete-track/second-key-is-the-same-user").needing("extra_keys"),
		func(b *behaviour) {
			mayDelete := b.mayDelete
			b.mayDelete = func(c *call, t *track) bool { return mayDelete(c, t) && c.key == t.creator.key }
		})
	add("second-key-without-library",
		"A second key of a user has a library of its own.",
		detectedBy("list-tracks/second-key-is-the-same-user").needing("extra_keys"),
		func(b *behaviour) {
			library := b.library
			b.library = func(c *call) []*track {
				if c.key != c.user.key {
					return nil
				}
				return library(c)
			}
		})
	add("second-key-repeats-delete",
		"A delete that the creator repeats with another key gets 200.",
		detectedBy("delete-track/second-key-is-the-same-user").needing("extra_keys"),
		func(b *behaviour) {
			deletedWith := map[*track]string{}
			after(&b.remove, func(c *call, t *track) { deletedWith[t] = c.key })
			onRefusal(deleted, func(c *call, resp *response) {
				t := c.target
				if c.operation == opDelete && c.user == t.creator && deletedWith[t] != c.key {
					*resp = *acknowledge(c)
				}
			})(b)
		})

	old := func(t *track) bool { return time.Since(t.createdAt) > 24*time.Hour }
	add("old-track-not-deleted",
		"A delete of a track that is older than a day is acknowledged and not done.",
		detectedBy("delete-track/old-tracks").needing("created_at"),
		func(b *behaviour) {
			remove := b.remove
			b.remove = func(c *call, t *track) {
				if !old(t) {
					remove(c, t)
				}
			}
		})
	add("old-track-forbidden",
		"The creator gets 403 for deleting a track that is older than a day.",
		detectedBy("delete-track/old-tracks").needing("created_at"),
		func(b *behaviour) {
			mayDelete := b.mayDelete
			b.mayDelete = func(c *call, t *track) bool { return mayDelete(c, t) && !old(t) }
		})
	add("old-track-billing-lost",
		"A delete of a track that is older than a day loses the billing event.",
		detectedBy("delete-track/old-tracks").needing("created_at"),
		func(b *behaviour) {
			after(&b.remove, func(_ *call, t *track) {
				if old(t) {
					t.events = slices.DeleteFunc(slices.Clone(t.events), func(e event) bool {
						return e.Type == "track.billed"
					})
				}
			})
		})
	add("list-by-creation",
		"A library is listed by when its tracks were created, not by when they were saved.",
		detectedBy("list-tracks/newest-save-of-old-tracks-first").needing("created_at"),
		func(b *behaviour) {
			library := b.library
			b.library = func(c *call) []*track {
				tracks := slices.Clone(library(c))
				slices.SortStableFunc(tracks, func(x, y *track) int { return y.createdAt.Compare(x.createdAt) })
				return tracks
			}
		})
	add("list-by-order-of-scene",
		"A library is listed by the order in which its tracks came into the organization.",
		detectedBy("list-tracks/order-of-saving").needing("saves"),
		func(b *behaviour) {
			library := b.library
			b.library = func(c *call) []*track {
				tracks := slices.Clone(library(c))
				slices.SortStableFunc(tracks, func(x, y *track) int {
					all := x.organization.tracks
					return slices.Index(all, y) - slices.Index(all, x)
				})
				return tracks
			}
		})
	add("created-at-of-today",
		"created_at of every track is the time at which it was stored.",
		detectedBy("get-track/created-at-of-old-tracks").needing("created_at"),
		func(b *behaviour) {
			stored := map[*track]time.Time{}
			b.trackCreated = func(t *track) { stored[t] = time.Now() }
			onResponse(opGet, http.StatusOK, func(c *call, resp *response) {
				resp.body.set("created_at", b.timestamp(stored[c.target]))
			})(b)
		})
	return list.faults
}
