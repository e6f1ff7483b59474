package faulty

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
)

// credentialFaults read the key in the wrong place, or not in the right one.
func credentialFaults() []Fault {
	list := faultsOf(Authentication)
	add := list.add

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
	return list.faults
}
