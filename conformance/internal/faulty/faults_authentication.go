package faulty

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
)

func authenticationFaults() []Fault {
	var faults []Fault
	add := func(name, summary string, apply func(*behaviour)) {
		faults = append(faults, Fault{Name: "auth-" + name, Area: Authentication, Summary: summary, apply: apply})
	}
	advisory := func() { faults[len(faults)-1].Advisory = true }
	revoked := func() { faults[len(faults)-1].Needs = "revoked_keys" }

	// answered gives the unauthenticated of some causes another answer.
	answered := func(status int, causes ...cause) func(*behaviour) {
		return func(b *behaviour) {
			for _, why := range causes {
				b.onCause(why, func(_ *call, a *answer) { a.status = status; a.err().set("status", status) })
			}
		}
	}
	// before lets a look at the track come before the key.
	before := func(look func(c *call) *answer) func(*behaviour) {
		return func(b *behaviour) {
			admit := b.admit
			b.admit = func(c *call) *answer {
				refusal := admit(c)
				if refusal != nil {
					if early := look(c); early != nil {
						return early
					}
				}
				return refusal
			}
		}
	}
	// posing lets in whom the key does not, as somebody who may do what is asked.
	posing := func(let func(c *call) bool) func(*behaviour) {
		return func(b *behaviour) {
			admit := b.admit
			b.admit = func(c *call) *answer {
				refusal := admit(c)
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
	// matching accepts a key where same(a real key, the key sent).
	matching := func(same func(known, sent string) bool) func(*behaviour) {
		return func(b *behaviour) {
			identify := b.identify
			b.identify = func(st *state, key string) *user {
				if u := identify(st, key); u != nil {
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
	// elsewhere looks for a key in another place too.
	elsewhere := func(place func(r *http.Request) string) func(*behaviour) {
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

	add("no-key-as-owner", "A request without a key is let in as somebody with access.", posing(func(c *call) bool { return c.cause == noKey }))
	add("any-key", "Any key that is not empty is let in.", posing(func(c *call) bool { return c.cause == unknownKey }))
	add("any-ak-key", "Any key that begins with ak_ is let in.",
		posing(func(c *call) bool { return c.cause == unknownKey && strings.HasPrefix(c.key, "ak_") }))
	add("bearer-with-more", "What follows the token behind Bearer is dropped.", func(b *behaviour) {
		usual := b.credential
		b.credential = func(r *http.Request) string {
			if fields := strings.Fields(r.Header.Get("Authorization")); len(fields) > 2 && strings.EqualFold(fields[0], "Bearer") {
				return strings.TrimSuffix(fields[1], ",")
			}
			return usual(r)
		}
	})
	add("bearer-with-colon", "Bearer may be followed by a colon.", elsewhere(func(r *http.Request) string {
		token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer: ")
		return token
	}))
	add("session-cookie", "An answer to a good key sets a cookie, which is let in without a key afterwards.", func(b *behaviour) {
		b.edits = append(b.edits, func(c *call, a *answer) {
			if c.user != nil && c.key != "" {
				a.header.Set("Set-Cookie", "session="+url.QueryEscape(c.key)+"; HttpOnly")
			}
		})
		elsewhere(func(r *http.Request) string {
			cookie, err := r.Cookie("session")
			if err != nil {
				return ""
			}
			key, _ := url.QueryUnescape(cookie.Value)
			return key
		})(b)
	})
	add("loopback-without-key", "Whoever is said to call from this machine needs no key.",
		posing(func(c *call) bool { return c.cause == noKey && c.request.Header.Get("X-Forwarded-For") == "127.0.0.1" }))
	add("user-id-header", "X-User-Id is believed where no key is sent.", posing(func(c *call) bool { return c.cause == noKey && c.request.Header.Get("X-User-Id") != "" }))
	add("property-name-as-key", "The name of a property that every object has is let in.", posing(func(c *call) bool { return c.key == "constructor" || c.key == "__proto__" }))
	add("any-bearer-token", "Any Bearer token is let in.", posing(func(c *call) bool { return c.key != "" && c.key == bearer(c.request) }))
	add("empty-key", "An empty X-API-Key is let in.", posing(func(c *call) bool {
		_, sent := c.request.Header["X-Api-Key"]
		return sent && c.key == ""
	}))
	for _, op := range []operation{opDelete, opGet, opList, opUnsave} {
		add("none-for-"+kebabOperation(op), "The key is not looked at in "+string(op)+".", posing(func(c *call) bool { return c.operation == op }))
	}
	add("no-key-for-list-is-empty", "A list without a key is an empty list.", before(func(c *call) *answer {
		if c.operation != opList || c.cause != noKey {
			return nil
		}
		return newAnswer(http.StatusOK, newObject("items", []string{}, "limit", defaultLimit, "offset", 0))
	}))

	add("no-key-403", "A missing key is answered 403.", answered(403, noKey))
	add("no-key-404", "A missing key is answered 404.", answered(404, noKey))
	add("no-key-400", "A missing key is answered 400.", answered(400, noKey))
	add("no-key-500", "A missing key is answered 500.", answered(500, noKey))
	add("unknown-key-403", "An unknown key is answered 403 in the envelope of a 403.", func(b *behaviour) {
		b.onCause(unknownKey, func(c *call, a *answer) { *a = *b.refuse(c, forbidden) })
	})
	add("unknown-key-404", "An unknown key is answered 404, like a caller without access.", func(b *behaviour) {
		b.onCause(unknownKey, func(c *call, a *answer) { *a = *b.refuse(c, notFound) })
	})
	add("unknown-key-code", "An unknown key has a code of its own, INVALID_API_KEY.", func(b *behaviour) {
		b.onCause(unknownKey, func(_ *call, a *answer) { a.err().set("code", "INVALID_API_KEY") })
	})
	add("malformed-key-400", "A key that does not look like one is answered 400.", func(b *behaviour) {
		b.onCause(unknownKey, func(c *call, a *answer) {
			if len(c.key) < 20 {
				a.status = 400
				a.err().set("status", 400)
			}
		})
	})
	add("long-key-500", "A key of over 512 characters is answered 500.", func(b *behaviour) {
		b.onCause(unknownKey, func(c *call, a *answer) {
			if len(c.key) > 512 {
				a.status = 500
			}
		})
	})
	add("non-ascii-key-500", "A key that is not ASCII is answered 500.", func(b *behaviour) {
		b.onCause(unknownKey, func(c *call, a *answer) {
			if strings.ContainsFunc(c.key, func(r rune) bool { return r > 126 }) {
				a.status = 500
			}
		})
	})
	add("empty-bearer-400", "A Bearer header without a token is answered 400.", func(b *behaviour) {
		b.onCause(noKey, func(c *call, a *answer) {
			if c.request.Header.Get("Authorization") != "" {
				a.status = 400
			}
		})
	})

	add("key-prefix", "The beginning of a key is let in.", matching(func(known, sent string) bool { return len(sent) > 3 && strings.HasPrefix(known, sent) }))
	add("key-without-last", "The last character of a key does not count.",
		matching(func(known, sent string) bool {
			return len(known) == len(sent) && known[:len(known)-1] == sent[:len(sent)-1]
		}))
	add("key-first-sixteen", "Only the first sixteen characters of a key count.",
		matching(func(known, sent string) bool { return len(sent) >= 16 && strings.HasPrefix(known, sent[:16]) }))
	add("key-with-tail", "A key with anything behind it is let in.", matching(func(known, sent string) bool { return strings.HasPrefix(sent, known) }))
	add("key-within", "Anything that holds a key is let in.", matching(func(known, sent string) bool { return strings.Contains(sent, known) }))
	add("key-case", "Keys are compared without regard to case.", matching(strings.EqualFold))
	add("key-case-behind-prefix", "What stands behind the prefix of a key is compared without regard to case.",
		matching(func(known, sent string) bool { return strings.HasPrefix(sent, "ak_") && strings.EqualFold(known, sent) }))
	add("key-both-ends", "The first and the last eight characters of a key are enough.", matching(func(known, sent string) bool {
		return len(known) == len(sent) && known[:8] == sent[:8] && known[len(known)-8:] == sent[len(sent)-8:]
	}))
	add("key-up-to-colon", "A key ends at a colon.", matching(func(known, sent string) bool { before, _, _ := strings.Cut(sent, ":"); return before == known }))
	add("key-comma-list", "One right key in a list with commas is enough.", matching(func(known, sent string) bool {
		for part := range strings.SplitSeq(sent, ",") {
			if strings.TrimSpace(part) == known {
				return true
			}
		}
		return false
	}))
	add("key-quoted", "A key in double quotes is let in.", matching(func(known, sent string) bool { return sent == `"`+known+`"` }))
	add("key-without-ak", "A key without what stands before its first underscore is let in.", matching(func(known, sent string) bool {
		_, rest, found := strings.Cut(known, "_")
		return found && rest == sent
	}))
	add("key-percent-decoded", "A percent-encoded key is let in.", matching(func(known, sent string) bool {
		id, ok := decodeSegment(sent)
		return ok && id == known
	}))
	add("key-wildcard", "The key * is let in as somebody with access.", posing(func(c *call) bool { return c.key == "*" }))
	add("user-id-as-key", "A user's id is let in as that user's key.", func(b *behaviour) {
		identify := b.identify
		b.identify = func(st *state, key string) *user {
			for _, u := range st.keys {
				if u.id == key {
					return u
				}
			}
			return identify(st, key)
		}
	})

	add("revoked-key", "A revoked key still works.", func(b *behaviour) { b.identify = identifyRevoked(b.identify) })
	revoked()
	add("revoked-bearer", "A revoked key still works as a Bearer token.", func(b *behaviour) {
		admit := b.admit
		b.admit = func(c *call) *answer {
			refusal := admit(c)
			if refusal != nil && c.cause == revokedKey && c.key == bearer(c.request) {
				c.user, c.cause = c.server.state.revoked[c.key], ""
				return nil
			}
			return refusal
		}
	})
	revoked()
	for _, op := range []operation{opDelete, opGet, opList, opUnsave} {
		add("revoked-key-"+kebabOperation(op), "A revoked key still works for "+string(op)+".", func(b *behaviour) {
			admit := b.admit
			b.admit = func(c *call) *answer {
				refusal := admit(c)
				if refusal != nil && c.cause == revokedKey && c.operation == op {
					c.user, c.cause = c.server.state.revoked[c.key], ""
					return nil
				}
				return refusal
			}
		})
		revoked()
	}
	add("revoked-key-403", "A revoked key is answered 403.", func(b *behaviour) {
		b.onCause(revokedKey, func(c *call, a *answer) { *a = *b.refuse(c, forbidden) })
	})
	revoked()
	add("revoked-key-404", "A revoked key is answered 404.", func(b *behaviour) {
		b.onCause(revokedKey, func(c *call, a *answer) { *a = *b.refuse(c, notFound) })
	})
	revoked()
	add("revoked-key-code", "A revoked key has a code of its own, API_KEY_REVOKED.", func(b *behaviour) {
		b.onCause(revokedKey, func(_ *call, a *answer) { a.err().set("code", "API_KEY_REVOKED") })
	})
	revoked()

	add("bearer-unsupported", "Only X-API-Key is looked at.", func(b *behaviour) {
		b.credential = func(r *http.Request) string { return r.Header.Get("X-Api-Key") }
	})
	add("api-key-header-unsupported", "Only Authorization is looked at.", func(b *behaviour) { b.credential = bearer })
	scheme := func(accepted func(scheme string) bool) func(*behaviour) {
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
	add("bearer-scheme-case", "The scheme has to be written Bearer.", scheme(func(s string) bool { return s == "Bearer" }))
	add("bearer-scheme-no-upper", "The scheme may be written Bearer or bearer, not BEARER.", scheme(func(s string) bool { return s == "Bearer" || s == "bearer" }))
	add("bearer-not-for-delete", "Bearer tokens work for everything but deleting.", func(b *behaviour) {
		admit := b.admit
		b.admit = func(c *call) *answer {
			if c.operation == opDelete && c.request.Header.Get("X-Api-Key") == "" {
				c.cause = noKey
				return b.refuse(c, unauthenticated)
			}
			return admit(c)
		}
	})
	add("bearer-wins", "Where both headers are sent, the Bearer token decides.", func(b *behaviour) {
		b.credential = func(r *http.Request) string {
			if token := bearer(r); token != "" {
				return token
			}
			return credential(r)
		}
	})
	add("empty-api-key-falls-through", "An empty X-API-Key lets the Bearer token decide.", elsewhere(bearer))
	add("unknown-api-key-falls-through", "An unknown X-API-Key lets the Bearer token decide.", func(b *behaviour) {
		admit := b.admit
		b.admit = func(c *call) *answer {
			refusal := admit(c)
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
	add("both-headers-refused", "A request with both headers is answered 401, right keys or not.", func(b *behaviour) {
		b.credential = func(r *http.Request) string {
			if r.Header.Get("X-Api-Key") != "" && bearer(r) != "" {
				return ""
			}
			return credential(r)
		}
	})
	add("bare-authorization", "A key in Authorization without a scheme is let in.", elsewhere(func(r *http.Request) string { return r.Header.Get("Authorization") }))
	add("any-scheme", "A key behind any scheme of Authorization is let in.", elsewhere(func(r *http.Request) string {
		_, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		return token
	}))
	add("basic", "A key as the user name or password of Basic is let in.", func(b *behaviour) {
		elsewhere(func(r *http.Request) string {
			_, coded, _ := strings.Cut(r.Header.Get("Authorization"), "Basic ")
			pair, err := base64.StdEncoding.DecodeString(coded)
			if err != nil {
				return ""
			}
			return strings.Trim(string(pair), ":")
		})(b)
	})
	for _, name := range []string{"api_key", "access_token"} {
		add("query-"+strings.ReplaceAll(name, "_", "-"), "A key in the query parameter "+name+" is let in, and so into logs.",
			elsewhere(func(r *http.Request) string { return r.URL.Query().Get(name) }))
		advisory()
	}
	add("cookie", "A key in a cookie named api_key is let in.", elsewhere(func(r *http.Request) string {
		cookie, err := r.Cookie("api_key")
		if err != nil {
			return ""
		}
		return cookie.Value
	}))
	advisory()
	add("once-per-connection", "A connection keeps the caller of its first request, whatever key comes later.", func(b *behaviour) {
		seen := newPerConnection(func() string { return "" })
		usual := b.credential
		b.credential = func(r *http.Request) string {
			return seen.first(r, usual(r))
		}
	})

	exists := func(c *call) bool { return c.target != nil && !c.server.behaviour.gone(c, c.target) }
	refuse := func(p problem, when func(c *call) bool) func(*behaviour) {
		return before(func(c *call) *answer {
			if !when(c) {
				return nil
			}
			return c.server.behaviour.refuse(c, p)
		})
	}
	add("after-not-found", "A missing track is told before the key is looked at.",
		refuse(notFound, func(c *call) bool { return c.operation != opList && c.target == nil }))
	add("after-not-found-delete", "A delete tells a missing track before it looks at the key.",
		refuse(notFound, func(c *call) bool { return c.operation == opDelete && c.target == nil }))
	add("after-deleted", "A deleted track is 404 before the key is looked at.",
		refuse(notFound, func(c *call) bool { return c.operation != opList && c.target != nil && !exists(c) }))
	add("after-organization", "A missing organization is told before the key is looked at.",
		refuse(notFound, func(c *call) bool { return c.server.state.organizations[c.organization] == nil }))
	add("after-forbidden", "A delete of a live track without a key is 403.",
		refuse(forbidden, func(c *call) bool { return c.operation == opDelete && exists(c) }))
	add("after-validation", "A bad limit is told before the key is looked at.", refuse(invalid, func(c *call) bool {
		_, _, ok := c.server.behaviour.window(c.request.URL.Query())
		return c.operation == opList && !ok
	}))
	add("after-id-shape", "A malformed id is 404 before the key is looked at.",
		refuse(notFound, func(c *call) bool { return c.operation != opList && !strings.HasPrefix(c.track, "mtrack_") }))
	add("401-leaks-existence", "The details of a 401 name the track where it exists, and only there.", func(b *behaviour) {
		b.onAnswer("", 401, func(c *call, a *answer) {
			if c.target != nil {
				a.err().set("details", newObject("track_id", c.track))
			}
		})
	})
	add("401-length-leaks-existence", "The system message of a 401 is longer where the track exists.", func(b *behaviour) {
		b.onAnswer("", 401, func(c *call, a *answer) {
			if c.target != nil {
				a.err().set("system_message", "Missing or invalid authorization header for this track")
			}
		})
	})
	add("outsider-401", "A right key of another organization is 401.", func(b *behaviour) {
		b.onCause(outsider, func(c *call, a *answer) { *a = *b.refuse(c, unauthenticated) })
	})
	add("saver-401", "A right key without the right to delete is 401.", func(b *behaviour) {
		b.onCause(notCreator, func(c *call, a *answer) { *a = *b.refuse(c, unauthenticated) })
	})
	return faults
}

// somebody is who may do what is asked: the track's creator, else the first member of the organization, else nobody.
func somebody(c *call) *user {
	if c.target != nil {
		return c.target.creator
	}
	if o := c.server.state.organizations[c.organization]; o != nil && len(o.members) > 0 {
		return o.members[0]
	}
	return nil
}

func identifyRevoked(identify func(*state, string) *user) func(*state, string) *user {
	return func(st *state, key string) *user {
		if u := identify(st, key); u != nil {
			return u
		}
		return st.revoked[key]
	}
}

func kebabOperation(op operation) string {
	return map[operation]string{opDelete: "delete", opGet: "get", opList: "list", opUnsave: "unsave"}[op]
}
