package faulty

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

func hostileInputFaults() []Fault {
	var faults []Fault
	add := func(name, summary string, apply func(*behaviour)) {
		faults = append(faults, Fault{Name: name, Area: HostileInput, Summary: summary, apply: apply})
	}

	// Paths that are not what they look like.
	rewritten := func(rewrite func(path string) string) func(*behaviour) {
		return func(b *behaviour) {
			usual := b.path
			b.path = func(c *call) string { return rewrite(usual(c)) }
		}
	}
	redirected := func(status int) func(*behaviour) {
		return func(b *behaviour) {
			b.edits = append(b.edits, func(c *call, a *answer) {
				unclean := c.request.URL.Path
				if clean := path.Clean(unclean); clean != unclean {
					a.status, a.body = status, nil
					a.header.Set("Location", clean)
				}
			})
		}
	}
	add("path-redirected-301", "An unclean path is redirected by 301.", redirected(http.StatusMovedPermanently))
	add("path-redirected-308", "An unclean path is redirected by 308, so that clients repeat the delete elsewhere.", redirected(http.StatusPermanentRedirect))
	add("path-double-slash-collapsed", "Repeated slashes of a path are one.", rewritten(func(p string) string {
		for strings.Contains(p, "//") {
			p = strings.ReplaceAll(p, "//", "/")
		}
		return p
	}))
	add("path-dot-segments-resolved", "Dot segments of a path are resolved.", rewritten(func(p string) string {
		if strings.Contains(p, "/.") {
			return path.Clean(p)
		}
		return p
	}))
	add("path-encoded-dot-segments-resolved", "Percent-encoded dot segments of a path are decoded and resolved.", rewritten(func(p string) string {
		if decoded := strings.NewReplacer("%2e", ".", "%2E", ".").Replace(p); decoded != p {
			return path.Clean(decoded)
		}
		return p
	}))
	add("path-encoded-slash-decoded", "A percent-encoded slash separates segments.", rewritten(func(p string) string {
		return strings.NewReplacer("%2f", "/", "%2F", "/").Replace(p)
	}))
	add("path-decoded-twice", "A path is percent-decoded twice.", rewritten(func(p string) string { return strings.ReplaceAll(p, "%25", "%") }))
	add("path-trailing-slash-ignored", "A slash at the end of a path is ignored.", rewritten(func(p string) string { return strings.TrimSuffix(p, "/") }))
	add("path-backslash", "A backslash in a path is a slash.", rewritten(func(p string) string {
		return strings.NewReplacer(`\`, "/", "%5c", "/", "%5C", "/").Replace(p)
	}))
	add("path-case-ignored", "The fixed parts of a path are matched without regard to case.", rewritten(func(p string) string {
		segments := strings.Split(p, "/")
		for i, s := range segments {
			if lower := strings.ToLower(s); lower == "v1" || lower == "music" || lower == "tracks" || lower == "save" {
				segments[i] = lower
			}
		}
		return strings.Join(segments, "/")
	}))
	add("path-parameters-dropped", "What follows a semicolon in a segment is dropped.", rewritten(func(p string) string {
		segments := strings.Split(p, "/")
		for i := range segments {
			segments[i], _, _ = strings.Cut(segments[i], ";")
		}
		return strings.Join(segments, "/")
	}))
	add("path-suffix-dropped", "A suffix .json of a path is dropped.", rewritten(func(p string) string { return strings.TrimSuffix(p, ".json") }))
	add("path-tail-ignored", "Further segments behind a track are ignored.", rewritten(func(p string) string {
		segments := strings.Split(p, "/")
		if len(segments) > 6 && segments[6] != "save" {
			segments = segments[:6]
		}
		return strings.Join(segments, "/")
	}))
	add("path-without-version", "The operations are also there without /v1.", rewritten(func(p string) string {
		if strings.HasPrefix(p, "/music/") {
			return "/v1" + p
		}
		return p
	}))
	faults[len(faults)-1].Advisory = true
	add("x-original-url", "X-Original-URL and X-Rewrite-URL replace the path.", func(b *behaviour) {
		usual := b.path
		b.path = func(c *call) string {
			return orElse(c.request.Header.Get("X-Original-URL"), orElse(c.request.Header.Get("X-Rewrite-URL"), usual(c)))
		}
	})

	// Ids that are nearly one.
	alike := func(id func(sent string) string) func(*behaviour) {
		return func(b *behaviour) {
			find := b.find
			b.find = func(c *call) *track {
				if t := find(c); t != nil {
					return t
				}
				return c.server.state.tracks[id(c.track)]
			}
		}
	}
	// resembling looks among the tracks of the organization, those first that the caller may delete or get.
	resembling := func(same func(known, sent string) bool) func(*behaviour) {
		return func(b *behaviour) {
			find := b.find
			b.find = func(c *call) *track {
				found := find(c)
				o := c.server.state.organizations[c.organization]
				if found != nil || o == nil || c.track == "" {
					return found
				}
				caller := b.identify(c.server.state, b.credential(c.request))
				for _, t := range o.tracks {
					if !same(t.id, c.track) {
						continue
					}
					if t.creator == caller && t.deletedAt.IsZero() {
						return t
					}
					if found == nil {
						found = t
					}
				}
				return found
			}
		}
	}
	add("id-case", "Track ids are compared without regard to case.", resembling(strings.EqualFold))
	add("id-trimmed", "White space around a track's id is dropped.", alike(strings.TrimSpace))
	add("id-trailing-newline", "A new line behind a track's id is dropped.", alike(func(id string) string { return strings.TrimSuffix(id, "\n") }))
	add("id-with-tail", "A track's id with anything behind it stands for the track.",
		resembling(func(known, sent string) bool { return strings.HasPrefix(sent, known) }))
	add("id-with-long-tail", "Track ids are cut to the length of a column, so that a very long one matches.",
		resembling(func(known, sent string) bool { return len(sent) > 255 && strings.HasPrefix(sent, known) }))
	add("id-prefix", "The beginning of a track's id stands for it.",
		resembling(func(known, sent string) bool { return len(sent) > len("mtrack_") && strings.HasPrefix(known, sent) }))
	add("id-without-prefix", "A track's id without mtrack_ stands for it.", alike(func(id string) string { return "mtrack_" + id }))
	add("id-other-prefix", "The prefix of a track's id does not count.", alike(func(id string) string {
		_, rest, _ := strings.Cut(id, "_")
		return "mtrack_" + rest
	}))
	add("id-comma-list", "A list of ids with commas stands for its first.", alike(func(id string) string { id, _, _ = strings.Cut(id, ","); return id }))
	add("id-wildcard-percent", "A percent sign in a track's id stands for anything.", resembling(wildcard("%")))
	add("id-wildcard-star", "A star in a track's id stands for anything.", resembling(wildcard("*")))
	add("id-wildcard-underscore", "An underscore in a track's id stands for any character.", resembling(func(known, sent string) bool {
		if len(known) != len(sent) {
			return false
		}
		for i := range known {
			if known[i] != sent[i] && sent[i] != '_' {
				return false
			}
		}
		return true
	}))
	add("id-injection", "A quote in a track's id reaches the query, and finds the first track.",
		resembling(func(_, sent string) bool {
			return strings.Contains(sent, "'") && strings.Contains(strings.ToUpper(sent), "OR")
		}))
	add("id-full-width", "Full-width letters and digits of a track's id are read as the ordinary ones.", alike(func(id string) string {
		return strings.Map(func(r rune) rune {
			if 0xff01 <= r && r <= 0xff5e {
				return r - 0xff00 + 0x20
			}
			return r
		}, id)
	}))
	add("id-invisible-dropped", "Zero-width characters in a track's id are dropped.", alike(func(id string) string {
		return strings.Map(func(r rune) rune {
			if unicode.Is(unicode.Cf, r) {
				return -1
			}
			return r
		}, id)
	}))
	add("id-invalid-utf8-dropped", "Bytes of a track's id that are no UTF-8 are dropped.", alike(func(id string) string { return strings.ToValidUTF8(id, "") }))
	add("id-control-dropped", "Control characters in a track's id are dropped.", alike(func(id string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsControl(r) {
				return -1
			}
			return r
		}, id)
	}))
	add("id-cut-at-nul", "A track's id ends at a NUL.", func(b *behaviour) {
		segment := b.segment
		b.segment = func(escaped string) (string, bool) {
			escaped, _, _ = strings.Cut(escaped, "%00")
			return segment(escaped)
		}
	})

	// Ids that break something.
	odd := func(is func(escaped string) bool, edit func(c *call, a *answer)) func(*behaviour) {
		return func(b *behaviour) {
			b.edits = append(b.edits, func(c *call, a *answer) {
				segments := strings.Split(b.path(c), "/")
				if a.status != http.StatusUnauthorized && len(segments) > 5 && is(segments[5]) {
					edit(c, a)
				}
			})
		}
	}
	status := func(status int) func(c *call, a *answer) {
		return func(_ *call, a *answer) { a.status = status; a.err().set("status", status) }
	}
	malformed := func(escaped string) bool {
		return strings.Trim(strings.TrimPrefix(escaped, "mtrack_"), lettersAndDigits) != "" || !strings.HasPrefix(escaped, "mtrack_")
	}
	decoded := func(is func(id string) bool) func(string) bool {
		return func(escaped string) bool {
			id, err := url.PathUnescape(escaped)
			return err == nil && is(id)
		}
	}
	longer := func(n int) func(string) bool { return func(escaped string) bool { return len(escaped) > n } }
	nul := func(escaped string) bool { return strings.Contains(escaped, "%00") }
	notUTF8 := decoded(func(id string) bool { return !utf8.ValidString(id) })
	notASCII := decoded(func(id string) bool { return strings.ContainsFunc(id, func(r rune) bool { return r > 126 }) })
	add("id-malformed-500", "A malformed track id is 500.", odd(malformed, status(500)))
	add("id-malformed-422", "A malformed track id is 422.", odd(malformed, status(422)))
	add("id-malformed-400", "A malformed track id is 400.", odd(malformed, status(400)))
	add("id-malformed-400-delete", "A malformed track id is 400 for deleting only.", odd(malformed, func(c *call, a *answer) {
		if c.operation == opDelete {
			status(400)(c, a)
		}
	}))
	add("id-without-prefix-400", "A track id without mtrack_ is 400.",
		odd(func(escaped string) bool { return !strings.HasPrefix(escaped, "mtrack_") }, status(400)))
	add("id-message-malformed", "A 404 says that the track id is malformed, where it is.",
		odd(malformed, func(_ *call, a *answer) {
			if a.status == http.StatusNotFound {
				a.err().set("message", "This is no track id.")
			}
		}))
	add("id-long-500", "A track id of over 255 characters is 500.", odd(longer(255), status(500)))
	add("id-long-400", "A track id of over 64 characters is 400.", odd(longer(64), status(400)))
	add("id-very-long-500", "A track id of over 2 KiB is 500.", odd(longer(2<<10), status(500)))
	add("id-very-long-200", "A delete of a track id of over 2 KiB is acknowledged.", odd(longer(2<<10), func(c *call, a *answer) {
		*a = *newAnswer(http.StatusOK, newObject("success", true, "id", c.track, "detail", "Track deleted."))
	}))
	add("id-nul-500", "A track id with a NUL is 500.", odd(nul, status(500)))
	add("id-invalid-utf8-500", "A track id that is no UTF-8 is 500.", odd(notUTF8, status(500)))
	add("id-not-ascii-500", "A track id that is not ASCII is 500.", odd(notASCII, status(500)))
	add("id-percent-500", "A percent sign in a track id is 500.", odd(func(escaped string) bool { return strings.Contains(escaped, "%25") }, status(500)))
	add("id-quote-500", "A quote in a track id is 500.", odd(decoded(func(id string) bool { return strings.ContainsAny(id, `'"`) }), status(500)))
	add("id-nul-drops-connection", "A track id with a NUL ends the connection without an answer.", odd(nul, dropConnection))
	add("id-very-long-drops-connection", "A track id of over 2 KiB ends the connection without an answer.", odd(longer(2<<10), dropConnection))
	add("id-invalid-utf8-drops-connection", "A track id that is no UTF-8 ends the connection without an answer.", odd(notUTF8, dropConnection))
	add("id-echoed-decoded-badly", "The details of a 404 echo the track id as it stood in the path, still percent-encoded.", func(b *behaviour) {
		b.onAnswer("", http.StatusNotFound, func(c *call, a *answer) {
			if segments := strings.Split(b.path(c), "/"); c.track != "" && len(segments) > 5 {
				a.err().set("details", newObject("track_id", segments[5]))
			}
		})
	})
	add("id-echoed-unescaped", "Ids are put into the JSON of a 404 as they are, quotes and all.", func(b *behaviour) {
		b.onAnswer("", http.StatusNotFound, func(c *call, a *answer) {
			if strings.ContainsAny(c.track, "\"\\\n") {
				a.err().set("details", newObject("track_id", "ID"))
				a.raw = bytes.Replace(a.body.compact(), []byte(`"ID"`), []byte(`"`+c.track+`"`), 1)
			}
		})
	})
	add("id-dot-dot-lists", "The id .. answers the list.", func(b *behaviour) {
		route := b.route
		b.route = func(c *call) {
			route(c)
			if c.operation == opGet && c.track == ".." {
				c.operation = opList
			}
		}
	})
	add("organization-long-500", "An organization's id of over 255 characters is 500.", func(b *behaviour) {
		b.edits = append(b.edits, func(c *call, a *answer) {
			if len(c.organization) > 255 && a.status != http.StatusUnauthorized {
				status(500)(c, a)
			}
		})
	})
	add("organization-malformed-400", "An organization's id that does not begin like one is 400.", func(b *behaviour) {
		b.onCause(outsider, func(c *call, a *answer) {
			if !strings.HasPrefix(c.organization, "org_") {
				status(400)(c, a)
			}
		})
	})

	// Bodies.
	bodied := func(is func(c *call) bool, edit func(c *call, a *answer)) func(*behaviour) {
		return func(b *behaviour) {
			b.onAnswer(opDelete, 0, func(c *call, a *answer) {
				if a.status != http.StatusUnauthorized && len(c.body) > 0 && is(c) {
					edit(c, a)
				}
			})
		}
	}
	instead := func(is func(c *call) bool, status int) func(*behaviour) {
		return func(b *behaviour) {
			deleteTrack := b.deleteTrack
			b.deleteTrack = func(c *call) *answer {
				if !is(c) {
					return deleteTrack(c)
				}
				a := b.refuse(c, invalid)
				a.status = status
				a.err().set("status", status)
				return a
			}
		}
	}
	add("body-bad-json-400", "A delete with a body that is no JSON is 400 and not done.",
		instead(func(c *call) bool { return len(c.body) > 0 && !json.Valid(c.body) }, 400))
	add("body-any-400", "A delete with any body is 400 and not done.", instead(func(c *call) bool { return len(c.body) > 0 }, 400))
	add("body-type-415", "A delete with a content type that is not JSON is 415 and not done.", instead(func(c *call) bool {
		sent := c.request.Header.Get("Content-Type")
		return sent != "" && !strings.HasPrefix(sent, "application/json")
	}, 415))
	add("body-large-413", "A delete with a body of over 4 KiB is 413 and not done.", instead(func(c *call) bool { return len(c.body) > 4<<10 }, 413))
	add("body-large-500", "A delete with a body of 64 KiB or more is done and answered 500.",
		bodied(func(c *call) bool { return len(c.body) >= maxBody }, status(500)))
	add("body-chunked-411", "A delete with a chunked body is 411 and not done.",
		instead(func(c *call) bool { return len(c.request.TransferEncoding) > 0 }, 411))
	add("body-track-id-wins", "A track_id in the body wins over the path.", func(b *behaviour) {
		drain := b.drain
		b.drain = func(c *call) {
			drain(c)
			var body struct {
				ID string `json:"track_id"`
			}
			if c.track != "" && json.Unmarshal(c.body, &body) == nil && body.ID != "" {
				c.track = body.ID
			}
		}
	})
	add("body-organization-id-wins", "An organization_id in the body wins over the path.", func(b *behaviour) {
		drain := b.drain
		b.drain = func(c *call) {
			drain(c)
			var body struct {
				ID string `json:"organization_id"`
			}
			if c.operation != opUnknownPath && json.Unmarshal(c.body, &body) == nil && body.ID != "" {
				c.organization = body.ID
			}
		}
	})
	add("body-waits", "A delete with a body waits for 30s, as if there were more to come.", func(b *behaviour) {
		b.delays = append(b.delays, func(c *call, _ *answer) {
			if len(c.body) > 0 {
				select {
				case <-c.request.Context().Done():
				case <-time.After(30 * time.Second):
				}
			}
		})
	})
	add("body-becomes-request", "A body is not read, and so becomes the next request of the connection.", func(b *behaviour) {
		b.drain = func(*call) {}
		b.serve = wire{keepBodies: true}.serve
	})
	add("body-breaks-connection", "After a delete with a body the connection is reset before the answer was read.", func(b *behaviour) {
		b.drain = func(c *call) {
			var first [1]byte
			if n, _ := io.ReadFull(c.request.Body, first[:]); n > 0 {
				c.body = first[:]
			}
		}
		b.onAnswer("", 0, func(c *call, a *answer) {
			if len(c.body) > 0 {
				dropConnection(c, a)
			}
		})
	})
	add("get-with-body-400", "A get with a body is 400.", func(b *behaviour) {
		b.onAnswer(opGet, 0, func(c *call, a *answer) {
			if len(c.body) > 0 {
				status(400)(c, a)
			}
		})
	})

	// Queries.
	queried := func(name string, use func(c *call, value string)) func(*behaviour) {
		return func(b *behaviour) {
			route := b.route
			b.route = func(c *call) {
				route(c)
				if value := c.request.URL.Query().Get(name); value != "" && c.operation != opUnknownPath {
					use(c, value)
				}
			}
		}
	}
	add("query-track-id-wins", "A track_id in the query wins over the path.", queried("track_id", func(c *call, value string) {
		if c.track != "" {
			c.track = value
		}
	}))
	add("query-id-wins", "An id in the query wins over the track in the path.", queried("id", func(c *call, value string) {
		if c.track != "" {
			c.track = value
		}
	}))
	add("query-organization-id-wins", "An organization_id in the query wins over the path.",
		queried("organization_id", func(c *call, value string) { c.organization = value }))
	add("query-unknown-422", "A delete with an unknown query parameter is 422 and not done.",
		instead(func(c *call) bool { return c.request.URL.RawQuery != "" }, 422))
	add("query-broken-400", "A query that cannot be decoded is 400.", func(b *behaviour) {
		b.edits = append(b.edits, func(c *call, a *answer) {
			if _, err := url.ParseQuery(c.request.URL.RawQuery); err != nil && c.operation == opDelete && a.status != 401 {
				status(400)(c, a)
			}
		})
	})
	faults[len(faults)-1].Advisory = true
	add("query-broken-500", "A query that cannot be decoded is 500.", func(b *behaviour) {
		b.edits = append(b.edits, func(c *call, a *answer) {
			if _, err := url.ParseQuery(c.request.URL.RawQuery); err != nil && a.status != 401 {
				status(500)(c, a)
			}
		})
	})

	// Methods.
	posing := func(method func(c *call) string) func(*behaviour) {
		return func(b *behaviour) {
			usual := b.method
			b.method = func(c *call) string { return orElse(method(c), usual(c)) }
		}
	}
	as := func(sent, meant string) func(*behaviour) {
		return posing(func(c *call) string {
			if c.request.Method == sent {
				return meant
			}
			return ""
		})
	}
	for _, header := range []string{"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"} {
		add(strings.ToLower(header), header+" replaces the method.", posing(func(c *call) string { return strings.ToUpper(c.request.Header.Get(header)) }))
	}
	add("method-in-query", "_method in the query replaces the method.", posing(func(c *call) string { return strings.ToUpper(c.request.URL.Query().Get("_method")) }))
	add("method-in-form", "_method in a posted form replaces the method.", posing(func(c *call) string {
		if c.request.Method != http.MethodPost {
			return ""
		}
		form, _ := io.ReadAll(io.LimitReader(c.request.Body, maxBody))
		c.request.Body = io.NopCloser(bytes.NewReader(form))
		values, _ := url.ParseQuery(string(form))
		return strings.ToUpper(values.Get("_method"))
	}))
	add("head-deletes", "HEAD deletes.", as(http.MethodHead, http.MethodDelete))
	add("options-deletes", "OPTIONS deletes.", as(http.MethodOptions, http.MethodDelete))
	add("post-deletes", "POST deletes.", as(http.MethodPost, http.MethodDelete))
	add("put-gets", "PUT answers as GET does.", as(http.MethodPut, http.MethodGet))
	add("patch-deletes", "PATCH deletes.", as(http.MethodPatch, http.MethodDelete))
	add("unknown-method-deletes", "A method that nobody knows deletes.", as("PURGE", http.MethodDelete))
	add("get-save-unsaves", "GET of a track's save unsaves it.", func(b *behaviour) {
		route := b.route
		b.route = func(c *call) {
			route(c)
			if c.operation == opWrongMethod && c.request.Method == http.MethodGet {
				c.operation = opUnsave
			}
		}
	})
	add("post-save-saves", "POST of a track's save saves any track for the caller.", func(b *behaviour) {
		b.onAnswer(opWrongMethod, 0, func(c *call, a *answer) {
			if c.request.Method == http.MethodPost && c.allow == http.MethodDelete {
				if t, u := b.find(c), b.identify(c.server.state, b.credential(c.request)); t != nil && u != nil {
					u.save(t)
				}
			}
		})
	})
	wrongMethod := func(edit func(c *call, a *answer)) func(*behaviour) {
		return func(b *behaviour) { b.onAnswer(opWrongMethod, 0, edit) }
	}
	add("405-without-allow", "A 405 has no Allow.", wrongMethod(func(_ *call, a *answer) { a.header.Del("Allow") }))
	add("405-allow-without-delete", "The Allow of a 405 does not name DELETE.", wrongMethod(func(_ *call, a *answer) { a.header.Set("Allow", "GET") }))
	add("405-allow-names-refused", "The Allow of a 405 names the method that was refused.",
		wrongMethod(func(c *call, a *answer) { a.header.Set("Allow", c.allow+", "+c.request.Method) }))
	add("405-text", "A 405 is plain text.", wrongMethod(plainText))
	add("405-empty", "A 405 has no body.", wrongMethod(func(_ *call, a *answer) { a.body = nil }))
	add("405-as-404", "A wrong method is 404.", wrongMethod(func(c *call, a *answer) { *a = *c.server.behaviour.refuse(c, notFound) }))
	add("405-as-400", "A wrong method is 400.", wrongMethod(status(400)))
	add("405-as-200", "A wrong method is 200 with an empty object.", wrongMethod(func(_ *call, a *answer) { *a = *newAnswer(200, newObject()) }))
	add("405-as-501", "A wrong method is 501.", wrongMethod(status(501)))
	unknown := func(edit func(c *call, a *answer)) func(*behaviour) {
		return func(b *behaviour) { b.onAnswer(opUnknownPath, 0, edit) }
	}
	add("unknown-path-html", "An unknown path is a 404 page in HTML.", unknown(func(_ *call, a *answer) {
		a.raw = []byte("<!doctype html><title>404</title>")
		a.header.Set("Content-Type", "text/html; charset=utf-8")
	}))
	add("unknown-path-text", "An unknown path is a 404 in plain text.", unknown(plainText))
	add("unknown-path-200", "An unknown path is a page of an application, 200.", unknown(func(_ *call, a *answer) {
		a.status = http.StatusOK
		a.raw = []byte("<!doctype html><div id=app></div>")
		a.header.Set("Content-Type", "text/html; charset=utf-8")
	}))
	add("unknown-path-500", "An unknown path is 500.", unknown(status(500)))
	add("unknown-path-403", "An unknown path is 403.", unknown(status(403)))
	add("unknown-path-redirected", "An unknown path is redirected to the documentation.", unknown(func(_ *call, a *answer) {
		a.status, a.body = http.StatusFound, nil
		a.header.Set("Location", "/docs")
	}))
	add("unknown-path-code", "An unknown path has a code of its own.", unknown(func(_ *call, a *answer) { a.err().set("code", "ROUTE_NOT_FOUND") }))

	// Headers.
	add("accept-html", "Who asks for HTML gets errors as a page.", func(b *behaviour) {
		b.onAnswer("", 0, func(c *call, a *answer) {
			if a.status >= 400 && strings.HasPrefix(c.request.Header.Get("Accept"), "text/html") {
				a.raw = []byte("<!doctype html><title>Error</title>")
				a.header.Set("Content-Type", "text/html; charset=utf-8")
			}
		})
	})
	add("accept-xml-406", "Who asks for XML gets 406, and nothing is done.", instead(func(c *call) bool {
		return strings.HasPrefix(c.request.Header.Get("Accept"), "application/xml")
	}, 406))
	faults[len(faults)-1].Advisory = true

	// Bytes and connections.
	length := func(by int) func(*behaviour) {
		return func(b *behaviour) {
			b.serve = wire{head: func(method, head string, n int) string {
				if method != http.MethodDelete {
					return head
				}
				return strings.Replace(head, fmt.Sprintf("Content-Length: %d", n), fmt.Sprintf("Content-Length: %d", n+by), 1)
			}}.serve
		}
	}
	add("length-too-long", "The Content-Length of answers to DELETE is ten too long.", length(10))
	add("length-too-short", "The Content-Length of answers to DELETE is ten too short.", length(-10))
	add("answers-twice", "A delete is answered twice, so that the next request gets the second answer.", func(b *behaviour) {
		b.serve = wire{answerTwice: true}.serve
	})
	add("pipelined-dropped", "Requests that were sent before the answer to the one before was read are lost.", func(b *behaviour) {
		b.serve = wire{dropPipelined: true}.serve
	})
	add("pipelined-swapped", "Requests sent at once on one connection are answered in the wrong order.", func(b *behaviour) {
		b.serve = wire{swapPipelined: true}.serve
	})
	return faults
}

// wildcard matches ids in which a mark stands for any text.
func wildcard(mark string) func(known, sent string) bool {
	return func(known, sent string) bool {
		before, behind, found := strings.Cut(sent, mark)
		return found && len(known) >= len(before)+len(behind) && strings.HasPrefix(known, before) && strings.HasSuffix(known, behind)
	}
}

// dropConnection ends the connection instead of answering.
func dropConnection(c *call, _ *answer) { c.dropped = true }
