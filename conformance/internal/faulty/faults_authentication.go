package faulty

import (
	"net/http"
	"strings"
)

// authenticationFaults are about who is let in, and about what a 401 looks like.
func authenticationFaults() []Fault {
	list := faultsOf(Authentication)
	add := list.add

	// authenticateWhen overrules a 401 where when says so: the caller is taken for somebody
	// who may do what the request asks for.
	authenticateWhen := func(when func(c *call) bool) func(*behaviour) {
		return func(b *behaviour) {
			authenticate := b.authenticate
			b.authenticate = func(c *call) *response {
				refusal := authenticate(c)
				if refusal != nil && when(c) {
					if c.user = somebody(c); c.user != nil {
						c.cause = ""
						return nil
					}
				}
				return refusal
			}
		}
	}

	add("auth-no-key-as-owner",
		"A request without a key is let in as somebody with access.",
		detectedBy(
			"delete-track/no-key-gets-401",
			"get-track/no-key-gets-401",
			"list-tracks/no-key-gets-401",
			"unsave-track/no-key-gets-401",
		),
		authenticateWhen(func(c *call) bool { return c.cause == noKey }))
	add("auth-any-key",
		"Any key that is not empty is let in.",
		detectedBy("delete-track/unknown-key-gets-401"),
		authenticateWhen(func(c *call) bool { return c.cause == unknownKey }))
	add("auth-any-ak-key",
		"Any key that begins with ak_ is let in.",
		detectedBy("delete-track/unknown-key-gets-401"),
		authenticateWhen(func(c *call) bool {
			return c.cause == unknownKey && strings.HasPrefix(c.key, "ak_")
		}))
	add("auth-loopback-without-key",
		"Whoever is said to call from this machine needs no key.",
		detectedBy("delete-track/key-elsewhere-gets-401"),
		authenticateWhen(func(c *call) bool {
			return c.cause == noKey && c.request.Header.Get("X-Forwarded-For") == "127.0.0.1"
		}))
	add("auth-user-id-header",
		"X-User-Id is believed where no key is sent.",
		detectedBy("delete-track/key-elsewhere-gets-401"),
		authenticateWhen(func(c *call) bool {
			return c.cause == noKey && c.request.Header.Get("X-User-Id") != ""
		}))
	add("auth-property-name-as-key",
		"The name of a property that every object has is let in.",
		detectedBy("delete-track/unknown-key-gets-401"),
		authenticateWhen(func(c *call) bool { return c.key == "constructor" || c.key == "__proto__" }))
	add("auth-any-bearer-token",
		"Any Bearer token is let in.",
		detectedBy("delete-track/bad-bearer-gets-401"),
		authenticateWhen(func(c *call) bool { return c.key != "" && c.key == bearer(c.request) }))
	add("auth-empty-key",
		"An empty X-API-Key is let in.",
		detectedBy("delete-track/unknown-key-gets-401"),
		authenticateWhen(func(c *call) bool {
			_, sent := c.request.Header["X-Api-Key"]
			return sent && c.key == ""
		}))
	for _, unchecked := range []struct {
		operation operation
		name      string
		seen      detection
	}{
		{
			opDelete, "auth-none-for-delete",
			detectedBy("delete-track/no-key-gets-401", "delete-track/unknown-key-gets-401"),
		},
		{
			opGet, "auth-none-for-get",
			detectedBy("get-track/no-key-gets-401", "get-track/unknown-key-gets-401"),
		},
		{
			opList, "auth-none-for-list",
			detectedBy("list-tracks/no-key-gets-401", "list-tracks/unknown-key-gets-401"),
		},
		{
			opUnsave, "auth-none-for-unsave",
			detectedBy("unsave-track/no-key-gets-401", "unsave-track/unknown-key-gets-401"),
		},
	} {
		add(unchecked.name,
			"The key is not looked at in "+string(unchecked.operation)+".",
			unchecked.seen,
			authenticateWhen(func(c *call) bool { return c.operation == unchecked.operation }))
	}
	add("auth-no-key-for-list-is-empty",
		"A list without a key is an empty list.",
		detectedBy("list-tracks/no-key-gets-401"),
		beforeKeyCheck(func(c *call) *response {
			if c.operation != opList || c.cause != noKey {
				return nil
			}
			return newResponse(http.StatusOK, newObject("items", []string{}, "limit", defaultLimit, "offset", 0))
		}))

	add("auth-no-key-403",
		"A missing key gets 403.",
		detectedBy("delete-track/no-key-gets-401"),
		onRefusal(noKey, setStatus(403)))
	add("auth-no-key-404",
		"A missing key gets 404.",
		detectedBy("delete-track/no-key-gets-401"),
		onRefusal(noKey, setStatus(404)))
	add("auth-no-key-500",
		"A missing key gets 500.",
		detectedBy("delete-track/no-key-gets-401"),
		onRefusal(noKey, setStatus(500)))
	add("auth-unknown-key-403",
		"An unknown key gets 403 in the envelope of a 403.",
		detectedBy("delete-track/unknown-key-gets-401"),
		onRefusal(unknownKey, becomes(forbidden)))
	add("auth-unknown-key-404",
		"An unknown key gets 404, like a caller without access.",
		detectedBy("delete-track/unknown-key-gets-401"),
		onRefusal(unknownKey, becomes(notFound)))
	add("auth-unknown-key-code",
		"An unknown key has a code of its own, INVALID_API_KEY.",
		detectedBy("delete-track/unknown-key-gets-401"),
		onRefusal(unknownKey, func(_ *call, resp *response) {
			resp.err().set("code", "INVALID_API_KEY")
		}))
	add("auth-malformed-key-400",
		"A key that does not look like one gets 400.",
		detectedBy("delete-track/unknown-key-gets-401"),
		onRefusal(unknownKey, func(c *call, resp *response) {
			if len(c.key) < 20 {
				setStatus(400)(c, resp)
			}
		}))
	add("auth-long-key-500",
		"A key of over 512 characters gets 500.",
		detectedBy("delete-track/unknown-key-gets-401"),
		onRefusal(unknownKey, func(c *call, resp *response) {
			if len(c.key) > 512 {
				resp.status = 500
			}
		}))
	add("auth-non-ascii-key-500",
		"A key that is not ASCII gets 500.",
		detectedBy("delete-track/unknown-key-gets-401"),
		onRefusal(unknownKey, func(c *call, resp *response) {
			if strings.ContainsFunc(c.key, func(r rune) bool { return r > 126 }) {
				resp.status = 500
			}
		}))
	add("auth-empty-bearer-400",
		"A Bearer header without a token gets 400.",
		detectedBy("delete-track/bad-bearer-gets-401"),
		onRefusal(noKey, func(c *call, resp *response) {
			if c.request.Header.Get("Authorization") != "" {
				resp.status = 400
			}
		}))
	add("auth-key-wildcard",
		"The key * is let in as somebody with access.",
		detectedBy("delete-track/unknown-key-gets-401"),
		authenticateWhen(func(c *call) bool { return c.key == "*" }))
	add("auth-once-per-connection",
		"A connection keeps the caller of its first request, whatever key comes later.",
		detectedBy("delete-track/connection-carries-no-identity"),
		func(b *behaviour) {
			var keys perConnection[string]
			usual := b.credential
			b.credential = func(r *http.Request) string {
				return keys.of(r, func() string { return usual(r) })
			}
		})
	return list.faults
}

// somebody is who may do what is asked: the track's creator, else the first member of the
// organization, else nobody.
func somebody(c *call) *user {
	if c.target != nil {
		return c.target.creator
	}
	if o := c.server.state.organizations[c.organization]; o != nil && len(o.members) > 0 {
		return o.members[0]
	}
	return nil
}

// acceptRevokedWhen lets in who sends a revoked key, where when says so.
func acceptRevokedWhen(when func(c *call) bool) func(*behaviour) {
	return func(b *behaviour) {
		authenticate := b.authenticate
		b.authenticate = func(c *call) *response {
			refusal := authenticate(c)
			if refusal != nil && c.cause == revokedKey && when(c) {
				c.user, c.cause = c.server.state.revoked[c.key], ""
				return nil
			}
			return refusal
		}
	}
}
