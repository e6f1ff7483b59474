package faulty

import (
	"net/http"
	"time"
)

// connectionStateFaults keep something of what was there when a connection was opened.
func connectionStateFaults() []Fault {
	list := faultsOf(Architecture)
	add := list.add

	// openedAt makes a function that says when the connection of a call brought its first request.
	openedAt := func() func(c *call) time.Time {
		connections := &perConnection[time.Time]{}
		return func(c *call) time.Time {
			return connections.of(c.request, func() time.Time { return c.received })
		}
	}
	// snapshot hides from a connection the deletions that came after it was opened, in some
	// operations.
	snapshot := func(operations ...operation) func(*behaviour) {
		return func(b *behaviour) {
			opened, isDeleted, route := openedAt(), b.isDeleted, b.route
			b.route = func(c *call) { opened(c); route(c) }
			b.isDeleted = func(c *call, t *track) bool {
				unseen := appliesTo(c.operation, operations) && t.deletedAt.After(opened(c))
				return isDeleted(c, t) && !unseen
			}
		}
	}
	add("connection-still-gets-deleted",
		"A connection goes on getting a track that was deleted after the connection was opened.",
		detectedBy("delete-track/kept-connection-sees-delete"),
		snapshot(opGet))
	add("connection-still-lists-deleted",
		"A connection goes on listing a track that was deleted after the connection was opened.",
		detectedBy("delete-track/kept-connection-sees-delete"),
		snapshot(opList))
	add("connection-still-unsaves-deleted",
		"A connection can unsave a track that was deleted after the connection was opened.",
		detectedBy("delete-track/kept-connection-sees-delete"),
		snapshot(opUnsave))
	add("connection-still-deletes-deleted",
		"A connection can delete a track once more that was deleted after the connection was opened.",
		detectedBy("delete-track/kept-connection-sees-delete"),
		snapshot(opDelete))
	add("connection-names-first-caller",
		"The history names as the actor of a delete whoever first called on its connection.",
		detectedBy("delete-track/connection-carries-no-identity").needing("history"),
		func(b *behaviour) {
			first := &perConnection[*user]{}
			authenticate := b.authenticate
			b.authenticate = func(c *call) *response {
				refusal := authenticate(c)
				if refusal == nil {
					first.of(c.request, func() *user { return c.user })
				}
				return refusal
			}
			after(&b.remove, func(c *call, t *track) {
				t.events[len(t.events)-1].Actor = first.of(c.request, func() *user { return c.user }).id
			})
		})
	add("connection-sees-own-deletes-only",
		"A connection goes on reading tracks that another connection deleted in the last 300ms.",
		detectedBy("delete-track/kept-connection-sees-delete"),
		func(b *behaviour) {
			deletedOn := map[*track]string{}
			isDeleted := b.isDeleted
			after(&b.remove, func(c *call, t *track) { deletedOn[t] = c.request.RemoteAddr })
			b.isDeleted = func(c *call, t *track) bool {
				reads := c.operation == opGet || c.operation == opList
				elsewhere := deletedOn[t] != c.request.RemoteAddr
				recent := time.Since(t.deletedAt) < 300*ms
				return isDeleted(c, t) && !(reads && elsewhere && recent)
			}
		})
	add("connection-keeps-library",
		"A connection goes on listing the library as it was when it was first listed there.",
		detectedBy("delete-track/kept-connection-sees-delete"),
		func(b *behaviour) {
			type reader struct {
				connection, user, organization string
			}
			seen := map[reader][]*track{}
			library := b.library
			b.library = func(c *call) []*track {
				r := reader{c.request.RemoteAddr, c.user.id, c.organization}
				if _, found := seen[r]; !found {
					seen[r] = library(c)
				}
				return seen[r]
			}
		})
	add("connection-keeps-access",
		"Whoever got a track on a connection gets it there again, also after having unsaved it.",
		detectedBy("unsave-track/kept-connection-sees-unsave"),
		func(b *behaviour) {
			type reader struct {
				connection string
				u          *user
				t          *track
			}
			granted := map[reader]bool{}
			hasAccess := b.hasAccess
			b.hasAccess = func(c *call, t *track) bool {
				r := reader{c.request.RemoteAddr, c.user, t}
				if c.operation == opGet && hasAccess(c, t) {
					granted[r] = true
				}
				return hasAccess(c, t) || c.operation == opGet && granted[r]
			}
		})
	add("connection-misses-newer-tracks",
		"A connection does not see tracks that were made after it was opened.",
		detectedBy("delete-track/kept-connection-sees-what-is-new"),
		func(b *behaviour) {
			opened, findTrack, route := openedAt(), b.findTrack, b.route
			b.route = func(c *call) { opened(c); route(c) }
			b.findTrack = func(c *call) *track {
				t := findTrack(c)
				if t != nil && t.createdAt.After(opened(c)) {
					return nil
				}
				return t
			}
		})
	add("connection-keeps-organization",
		"The organization of a connection's first request is that of all its requests.",
		detectedBy("delete-track/kept-connection-in-several-organizations"),
		func(b *behaviour) {
			organizations := &perConnection[string]{}
			route := b.route
			b.route = func(c *call) {
				route(c)
				if c.operation != opUnknownPath {
					c.organization = organizations.of(c.request, func() string { return c.organization })
				}
			}
		})
	add("connection-keeps-bearer",
		"A connection whose first request has a Bearer token keeps that caller for all requests.",
		detectedBy("get-track/callers-in-turn-on-one-connection"),
		func(b *behaviour) {
			type first struct {
				key      string
				isBearer bool
			}
			connections := &perConnection[first]{}
			usual := b.credential
			b.credential = func(r *http.Request) string {
				kept := connections.of(r, func() first { return first{usual(r), bearer(r) != ""} })
				if kept.isBearer && kept.key != "" {
					return kept.key
				}
				return usual(r)
			}
		})
	add("connection-keeps-caller-for-same-path",
		"A connection that asks for the same path again is taken for the same caller.",
		detectedBy("get-track/callers-in-turn-on-one-connection"),
		func(b *behaviour) {
			callers := map[string]*user{}
			authenticate := b.authenticate
			b.authenticate = func(c *call) *response {
				refusal := authenticate(c)
				what := c.request.RemoteAddr + " " + byTarget(c)
				if known := callers[what]; refusal == nil && known != nil {
					c.user = known
				}
				callers[what] = c.user
				return refusal
			}
		})
	return list.faults
}
