package faulty

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
)

func authenticationFaults() []Fault {
	list := faultsOf(Authentication)
	add := list.add

	// beforeKeyCheck lets look respond before the key counts. The key is judged first all the same,
	// so that good keys see no difference.
	beforeKeyCheck := func(look func(c *call) *response) func(*behaviour) {
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
	// authenticateWhen overrules a 401 where when says so: the caller is taken for somebody
	// who may do what the request asks for.
	authenticateWhen := func(let func(c *call) bool) func(*behaviour) {
		return func(b *behaviour) {
			authenticate := b.authenticate
			b.authenticate = func(c *call) *response {
				refusal := authenticate(c)
				if refusal != nil && let(c) {
					if c.user = somebody(c); c.user != nil {
						c.cause = ""
						return nil
					}
				}
				return refusal
			}
		}
	}
	// acceptKey also accepts a key that is the same as a real one in the eyes of same.
	acceptKey := func(same func(known, sent string) bool) func(*behaviour) {
		return func(b *behaviour) {
			userOfKey := b.userOfKey
			b.userOfKey = func(st *state, key string) *user {
				if u := userOfKey(st, key); u != nil {
					return u
				}
				for known, u := range st.keys {
					if same(known, key) {
						return u
					}
				}
				return nil
			}
		}
	}
	// alsoReadKeyFrom looks for a key in another place when the usual ones hold none.
	alsoReadKeyFrom := func(place func(r *http.Request) string) func(*behaviour) {
		return func(b *behaviour) {
			usual := b.credential
			b.credential = func(r *http.Request) string {
				if key := usual(r); key != "" {
					return key
				}
				return place(r)
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
	add("auth-bearer-with-more",
		"What follows the token behind Bearer is dropped.",
		detectedBy("delete-track/bad-bearer-gets-401"),
		func(b *behaviour) {
			usual := b.credential
			b.credential = func(r *http.Request) string {
				fields := strings.Fields(r.Header.Get("Authorization"))
				if len(fields) > 2 && strings.EqualFold(fields[0], "Bearer") {
					return strings.TrimSuffix(fields[1], ",")
				}
				return usual(r)
			}
		})
	add("auth-bearer-with-colon",
		"Bearer may be followed by a colon.",
		detectedBy("delete-track/bad-bearer-gets-401"),
		alsoReadKeyFrom(func(r *http.Request) string {
			token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer: ")
			return token
		}))
	add("auth-session-cookie",
		"A response to a good key sets a cookie, which is let in without a key afterwards.",
		detectedBy("delete-track/cookie-is-no-key"),
		func(b *behaviour) {
			b.edits = append(b.edits, func(c *call, resp *response) {
				if c.user != nil && c.key != "" {
					resp.header.Set("Set-Cookie", "session="+url.QueryEscape(c.key)+"; HttpOnly")
				}
			})
			alsoReadKeyFrom(func(r *http.Request) string {
				cookie, err := r.Cookie("session")
				if err != nil {
					return ""
				}
				key, _ := url.QueryUnescape(cookie.Value)
				return key
			})(b)
		})
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
	add("auth-no-key-400",
		"A missing key gets 400.",
		detectedBy("delete-track/no-key-gets-401"),
		onRefusal(noKey, setStatus(400)))
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
				resp.status = 400
				resp.err().set("status", 400)
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

	add("auth-key-prefix",
		"The beginning of a key is let in.",
		detectedBy("delete-track/changed-key-gets-401"),
		acceptKey(func(known, sent string) bool {
			return len(sent) > 3 && strings.HasPrefix(known, sent)
		}))
	add("auth-key-without-last",
		"The last character of a key does not count.",
		detectedBy("delete-track/changed-key-gets-401"),
		acceptKey(func(known, sent string) bool {
			return len(known) == len(sent) && known[:len(known)-1] == sent[:len(sent)-1]
		}))
	add("auth-key-first-sixteen",
		"Only the first sixteen characters of a key count.",
		detectedBy("delete-track/changed-key-gets-401"),
		acceptKey(func(known, sent string) bool {
			return len(sent) >= 16 && strings.HasPrefix(known, sent[:16])
		}))
	add("auth-key-with-tail",
		"A key with anything behind it is let in.",
		detectedBy("delete-track/changed-key-gets-401"),
		acceptKey(func(known, sent string) bool { return strings.HasPrefix(sent, known) }))
	add("auth-key-within",
		"Anything that holds a key is let in.",
		detectedBy("delete-track/changed-key-gets-401"),
		acceptKey(func(known, sent string) bool { return strings.Contains(sent, known) }))
	add("auth-key-case",
		"Keys are compared without regard to case.",
		detectedBy("delete-track/changed-key-gets-401"),
		acceptKey(strings.EqualFold))
	add("auth-key-case-behind-prefix",
		"What stands behind the prefix of a key is compared without regard to case.",
		detectedBy("delete-track/changed-key-gets-401"),
		acceptKey(func(known, sent string) bool {
			return strings.HasPrefix(sent, "ak_") && strings.EqualFold(known, sent)
		}))
	add("auth-key-both-ends",
		"The first and the last eight characters of a key are enough.",
		detectedBy("delete-track/changed-key-gets-401"),
		acceptKey(func(known, sent string) bool {
			return len(known) == len(sent) && known[:8] == sent[:8] && known[len(known)-8:] == sent[len(sent)-8:]
		}))
	add("auth-key-up-to-colon",
		"A key ends at a colon.",
		detectedBy("delete-track/changed-key-gets-401"),
		acceptKey(func(known, sent string) bool {
			before, _, _ := strings.Cut(sent, ":")
			return before == known
		}))
	add("auth-key-comma-list",
		"One right key in a list with commas is enough.",
		detectedBy("delete-track/changed-key-gets-401"),
		acceptKey(func(known, sent string) bool {
			for part := range strings.SplitSeq(sent, ",") {
				if strings.TrimSpace(part) == known {
					return true
				}
			}
			return false
		}))
	add("auth-key-quoted",
		"A key in double quotes is let in.",
		detectedBy("delete-track/changed-key-gets-401"),
		acceptKey(func(known, sent string) bool { return sent == `"`+known+`"` }))
	add("auth-key-without-ak",
		"A key without what stands before its first underscore is let in.",
		detectedBy("delete-track/changed-key-gets-401"),
		acceptKey(func(known, sent string) bool {
			_, rest, found := strings.Cut(known, "_")
			return found && rest == sent
		}))
	add("auth-key-percent-decoded",
		"A percent-encoded key is let in.",
		detectedBy("delete-track/changed-key-gets-401"),
		acceptKey(func(known, sent string) bool {
			id, ok := decodeSegment(sent)
			return ok && id == known
		}))
	add("auth-key-wildcard",
		"The key * is let in as somebody with access.",
		detectedBy("delete-track/unknown-key-gets-401"),
		authenticateWhen(func(c *call) bool { return c.key == "*" }))
	add("auth-user-id-as-key",
		"A user's id is let in as that user's key.",
		detectedBy("delete-track/unknown-key-gets-401"),
		func(b *behaviour) {
			userOfKey := b.userOfKey
			b.userOfKey = func(st *state, key string) *user {
				for _, u := range st.keys {
					if u.id == key {
						return u
					}
				}
				return userOfKey(st, key)
			}
		})

	add("auth-revoked-key",
		"A revoked key still works.",
		detectedBy("delete-track/revoked-key-gets-401").needing("revoked_keys"),
		acceptRevokedWhen(func(*call) bool { return true }))
	add("auth-revoked-bearer",
		"A revoked key still works as a Bearer token.",
		detectedBy("delete-track/revoked-key-gets-401").needing("revoked_keys"),
		acceptRevokedWhen(func(c *call) bool { return c.key == bearer(c.request) }))
	for _, unchecked := range []struct {
		operation operation
		name      string
		seen      detection
	}{
		{opDelete, "auth-revoked-key-delete", detectedBy("delete-track/revoked-key-gets-401")},
		{opGet, "auth-revoked-key-get", detectedBy("get-track/revoked-key-gets-401")},
		{opList, "auth-revoked-key-list", detectedBy("list-tracks/revoked-key-gets-401")},
		{opUnsave, "auth-revoked-key-unsave", detectedBy("unsave-track/revoked-key-gets-401")},
	} {
		add(unchecked.name,
			"A revoked key still works for "+string(unchecked.operation)+".",
			unchecked.seen.needing("revoked_keys"),
			acceptRevokedWhen(func(c *call) bool { return c.operation == unchecked.operation }))
	}
	add("auth-revoked-key-403",
		"A revoked key gets 403.",
		detectedBy("delete-track/revoked-key-gets-401").needing("revoked_keys"),
		onRefusal(revokedKey, becomes(forbidden)))
	add("auth-revoked-key-404",
		"A revoked key gets 404.",
		detectedBy("delete-track/revoked-key-gets-401").needing("revoked_keys"),
		onRefusal(revokedKey, becomes(notFound)))
	add("auth-revoked-key-code",
		"A revoked key has a code of its own, API_KEY_REVOKED.",
		detectedBy("delete-track/revoked-key-gets-401").needing("revoked_keys"),
		onRefusal(revokedKey, func(_ *call, resp *response) {
			resp.err().set("code", "API_KEY_REVOKED")
		}))

	add("auth-bearer-unsupported",
		"Only X-API-Key is looked at.",
		detectedBy("delete-track/key-accepted-as-bearer"),
		func(b *behaviour) {
			b.credential = func(r *http.Request) string { return r.Header.Get("X-Api-Key") }
		})
	add("auth-api-key-header-unsupported",
		"Only Authorization is looked at.",
		detectedBy("delete-track/key-accepted-in-x-api-key"),
		func(b *behaviour) { b.credential = bearer })
	acceptScheme := func(accepted func(scheme string) bool) func(*behaviour) {
		return func(b *behaviour) {
			b.credential = func(r *http.Request) string {
				given, _, _ := strings.Cut(r.Header.Get("Authorization"), " ")
				if _, sent := r.Header["X-Api-Key"]; !sent && !accepted(given) {
					return ""
				}
				return credential(r)
			}
		}
	}
	add("auth-bearer-scheme-case",
		"The scheme has to be written Bearer.",
		detectedBy("delete-track/key-accepted-as-bearer"),
		acceptScheme(func(s string) bool { return s == "Bearer" }))
	add("auth-bearer-scheme-no-upper",
		"The scheme may be written Bearer or bearer, not BEARER.",
		detectedBy("delete-track/key-accepted-as-bearer"),
		acceptScheme(func(s string) bool { return s == "Bearer" || s == "bearer" }))
	add("auth-bearer-not-for-delete",
		"Bearer tokens work for everything but deleting.",
		detectedBy("delete-track/key-accepted-as-bearer"),
		func(b *behaviour) {
			authenticate := b.authenticate
			b.authenticate = func(c *call) *response {
				if c.operation == opDelete && c.request.Header.Get("X-Api-Key") == "" {
					c.cause = noKey
					return b.refuse(c, unauthenticated)
				}
				return authenticate(c)
			}
		})
	add("auth-bearer-wins",
		"Where both headers are sent, the Bearer token decides.",
		detectedBy("delete-track/x-api-key-decides"),
		func(b *behaviour) {
			b.credential = func(r *http.Request) string {
				if token := bearer(r); token != "" {
					return token
				}
				return credential(r)
			}
		})
	add("auth-empty-api-key-falls-through",
		"An empty X-API-Key lets the Bearer token decide.",
		detectedBy("delete-track/x-api-key-decides"),
		alsoReadKeyFrom(bearer))
	add("auth-unknown-api-key-falls-through",
		"An unknown X-API-Key lets the Bearer token decide.",
		detectedBy("delete-track/x-api-key-decides"),
		func(b *behaviour) {
			authenticate := b.authenticate
			b.authenticate = func(c *call) *response {
				refusal := authenticate(c)
				if c.cause != unknownKey {
					return refusal
				}
				if c.user = c.server.state.keys[bearer(c.request)]; c.user == nil {
					return refusal
				}
				c.cause = ""
				return nil
			}
		})
	add("auth-both-headers-refused",
		"A request with both headers gets 401, right keys or not.",
		detectedBy("delete-track/x-api-key-decides", "delete-track/key-accepted-in-x-api-key"),
		func(b *behaviour) {
			b.credential = func(r *http.Request) string {
				if r.Header.Get("X-Api-Key") != "" && bearer(r) != "" {
					return ""
				}
				return credential(r)
			}
		})
	add("auth-bare-authorization",
		"A key in Authorization without a scheme is let in.",
		detectedBy("delete-track/key-elsewhere-gets-401"),
		alsoReadKeyFrom(func(r *http.Request) string { return r.Header.Get("Authorization") }))
	add("auth-any-scheme",
		"A key behind any scheme of Authorization is let in.",
		detectedBy("delete-track/key-elsewhere-gets-401"),
		alsoReadKeyFrom(func(r *http.Request) string {
			_, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
			return token
		}))
	add("auth-basic",
		"A key as the user name or password of Basic is let in.",
		detectedBy("delete-track/key-elsewhere-gets-401"),
		func(b *behaviour) {
			alsoReadKeyFrom(func(r *http.Request) string {
				_, coded, _ := strings.Cut(r.Header.Get("Authorization"), "Basic ")
				pair, err := base64.StdEncoding.DecodeString(coded)
				if err != nil {
					return ""
				}
				return strings.Trim(string(pair), ":")
			})(b)
		})
	add("auth-query-api-key",
		"A key in the query parameter api_key is let in, and so into logs.",
		warnedBy("delete-track/key-elsewhere-gets-401"),
		alsoReadKeyFrom(func(r *http.Request) string { return r.URL.Query().Get("api_key") }))
	add("auth-query-access-token",
		"A key in the query parameter access_token is let in, and so into logs.",
		warnedBy("delete-track/key-elsewhere-gets-401"),
		alsoReadKeyFrom(func(r *http.Request) string { return r.URL.Query().Get("access_token") }))
	add("auth-cookie",
		"A key in a cookie named api_key is let in.",
		warnedBy("delete-track/key-elsewhere-gets-401"),
		alsoReadKeyFrom(func(r *http.Request) string {
			cookie, err := r.Cookie("api_key")
			if err != nil {
				return ""
			}
			return cookie.Value
		}))
	add("auth-once-per-connection",
		"A connection keeps the caller of its first request, whatever key comes later.",
		detectedBy("delete-track/connection-carries-no-identity"),
		func(b *behaviour) {
			seen := newPerConnection(func() string { return "" })
			usual := b.credential
			b.credential = func(r *http.Request) string {
				return seen.first(r, usual(r))
			}
		})

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
