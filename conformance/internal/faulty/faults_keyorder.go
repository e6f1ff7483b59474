package faulty

import (
	"strings"
	"unicode/utf8"
)

// keyOrderFaults judge something before the key, or tell in a 401 what the caller must not know.
func keyOrderFaults() []Fault {
	list := faultsOf(Authentication)
	add := list.add

	exists := func(c *call) bool {
		return c.target != nil && !c.server.behaviour.isDeleted(c, c.target)
	}
	refuseBeforeKeyCheck := func(p problem, when func(c *call) bool) func(*behaviour) {
		return beforeKeyCheck(func(c *call) *response {
			if !when(c) {
				return nil
			}
			return c.server.behaviour.refuse(c, p)
		})
	}
	add("auth-after-not-found",
		"A missing track is told before the key is looked at.",
		detectedBy("delete-track/key-is-judged-first"),
		refuseBeforeKeyCheck(notFound, func(c *call) bool {
			return c.operation != opList && c.target == nil
		}))
	add("auth-after-not-found-delete",
		"A delete tells a missing track before it looks at the key.",
		detectedBy("delete-track/key-is-judged-first"),
		refuseBeforeKeyCheck(notFound, func(c *call) bool {
			return c.operation == opDelete && c.target == nil
		}))
	add("auth-after-deleted",
		"A deleted track is 404 before the key is looked at.",
		detectedBy("delete-track/key-is-judged-first"),
		refuseBeforeKeyCheck(notFound, func(c *call) bool {
			return c.operation != opList && c.target != nil && !exists(c)
		}))
	add("auth-after-organization",
		"A missing organization is told before the key is looked at.",
		detectedBy("delete-track/key-is-judged-first"),
		refuseBeforeKeyCheck(notFound, func(c *call) bool {
			return c.server.state.organizations[c.organization] == nil
		}))
	add("auth-after-forbidden",
		"A delete of a live track without a key is 403.",
		detectedBy("delete-track/key-is-judged-first"),
		refuseBeforeKeyCheck(forbidden, func(c *call) bool {
			return c.operation == opDelete && exists(c)
		}))
	add("auth-after-validation",
		"A bad limit is told before the key is looked at.",
		detectedBy("list-tracks/key-is-judged-first"),
		refuseBeforeKeyCheck(invalid, func(c *call) bool {
			_, _, ok := c.server.behaviour.window(c.request.URL.Query())
			return c.operation == opList && !ok
		}))
	add("auth-after-id-shape",
		"A malformed id is 404 before the key is looked at.",
		detectedBy("delete-track/key-is-judged-first"),
		refuseBeforeKeyCheck(notFound, func(c *call) bool {
			return c.operation != opList && !strings.HasPrefix(c.track, "mtrack_")
		}))
	add("auth-after-long-id",
		"An id of more than 512 bytes is 404 before the key is looked at.",
		detectedBy("delete-track/key-is-judged-first", "get-track/key-is-judged-first", "unsave-track/key-is-judged-first"),
		refuseBeforeKeyCheck(notFound, func(c *call) bool { return len(c.track) > 512 }))
	add("auth-after-long-organization",
		"An organization's id of more than 512 bytes is 404 before the key is looked at.",
		detectedBy("delete-track/key-is-judged-first", "list-tracks/key-is-judged-first"),
		refuseBeforeKeyCheck(notFound, func(c *call) bool { return len(c.organization) > 512 }))
	add("auth-after-impossible-id",
		"What cannot be an id is 404 before the key is looked at.",
		warnedBy("delete-track/key-is-judged-before-the-path"),
		refuseBeforeKeyCheck(notFound, func(c *call) bool {
			return c.impossible || max(len(c.organization), len(c.track)) > 2048 ||
				!utf8.ValidString(c.organization+c.track)
		}))
	add("auth-401-leaks-existence",
		"The details of a 401 name the track where it exists, and only there.",
		detectedBy("delete-track/401-tells-nothing"),
		onResponse("", 401, func(c *call, resp *response) {
			if c.target != nil {
				resp.err().set("details", newObject("track_id", c.track))
			}
		}))
	add("auth-401-length-leaks-existence",
		"The system message of a 401 is longer where the track exists.",
		detectedBy("delete-track/401-tells-nothing"),
		onResponse("", 401, func(c *call, resp *response) {
			if c.target != nil {
				resp.err().set("system_message", "Missing or invalid authorization header for this track")
			}
		}))
	add("auth-outsider-401",
		"A right key of another organization is 401.",
		detectedBy("delete-track/outsider-gets-404"),
		onRefusal(outsider, becomes(unauthenticated)))
	add("auth-saver-401",
		"A right key without the right to delete is 401.",
		detectedBy("delete-track/saver-gets-403"),
		onRefusal(notCreator, becomes(unauthenticated)))
	return list.faults
}

// beforeKeyCheck lets look respond before the key counts. The key is judged first all the same,
// so that good keys see no difference.
func beforeKeyCheck(look func(c *call) *response) func(*behaviour) {
	return func(b *behaviour) {
		authenticate := b.authenticate
		b.authenticate = func(c *call) *response {
			refusal := authenticate(c)
			if refusal != nil {
				if early := look(c); early != nil {
					return early
				}
			}
			return refusal
		}
	}
}
