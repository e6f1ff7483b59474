package faulty

import (
	"bytes"
	"cmp"
	"net/http"
	"net/url"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// hostilePathFaults are about paths and ids.
func hostilePathFaults() []Fault {
	list := faultsOf(HostileInput)
	add := list.add

	// Paths that are not what they look like.
	rewritePath := func(rewrite func(path string) string) func(*behaviour) {
		return func(b *behaviour) {
			usual := b.path
			b.path = func(c *call) string { return rewrite(usual(c)) }
		}
	}
	redirectUnclean := func(status int) func(*behaviour) {
		return func(b *behaviour) {
			b.edits = append(b.edits, func(c *call, resp *response) {
				unclean := c.request.URL.Path
				if clean := path.Clean(unclean); clean != unclean {
					resp.status, resp.body = status, nil
					resp.header.Set("Location", clean)
				}
			})
		}
	}
	add("path-redirected-301",
		"An unclean path is redirected by 301.",
		detectedBy("delete-track/impossible-path-is-harmless"),
		redirectUnclean(http.StatusMovedPermanently))
	add("path-redirected-308",
		"An unclean path is redirected by 308, so that clients repeat the delete elsewhere.",
		detectedBy("delete-track/impossible-path-is-harmless"),
		redirectUnclean(http.StatusPermanentRedirect))
	add("path-double-slash-collapsed",
		"Repeated slashes of a path are one.",
		detectedBy("delete-track/impossible-path-is-harmless"),
		rewritePath(func(p string) string {
			for strings.Contains(p, "//") {
				p = strings.ReplaceAll(p, "//", "/")
			}
			return p
		}))
	add("path-dot-segments-resolved",
		"Dot segments of a path are resolved.",
		detectedBy("delete-track/impossible-path-is-harmless"),
		rewritePath(func(p string) string {
			if strings.Contains(p, "/.") {
				return path.Clean(p)
			}
			return p
		}))
	add("path-encoded-dot-segments-resolved",
		"Percent-encoded dot segments of a path are decoded and resolved.",
		detectedBy("delete-track/impossible-path-is-harmless"),
		rewritePath(func(p string) string {
			if decoded := strings.NewReplacer("%2e", ".", "%2E", ".").Replace(p); decoded != p {
				return path.Clean(decoded)
			}
			return p
		}))
	add("path-encoded-slash-decoded",
		"A percent-encoded slash separates segments.",
		detectedBy("delete-track/impossible-path-is-harmless"),
		rewritePath(func(p string) string {
			return strings.NewReplacer("%2f", "/", "%2F", "/").Replace(p)
		}))
	add("path-decoded-twice",
		"A path is percent-decoded twice.",
		detectedBy("delete-track/impossible-path-is-harmless", "delete-track/malformed-id-gets-404"),
		rewritePath(func(p string) string { return strings.ReplaceAll(p, "%25", "%") }))
	add("path-trailing-slash-ignored",
		"A slash at the end of a path is ignored.",
		detectedBy("delete-track/impossible-path-is-harmless"),
		rewritePath(func(p string) string { return strings.TrimSuffix(p, "/") }))
	add("path-backslash",
		"A backslash in a path is a slash.",
		detectedBy("delete-track/impossible-path-is-harmless", "delete-track/unknown-path-gets-404"),
		rewritePath(func(p string) string {
			return strings.NewReplacer(`\`, "/", "%5c", "/", "%5C", "/").Replace(p)
		}))
	add("path-case-ignored",
		"The fixed parts of a path are matched without regard to case.",
		warnedBy("delete-track/path-as-written"),
		rewritePath(func(p string) string {
			segments := strings.Split(p, "/")
			for i, s := range segments {
				switch lower := strings.ToLower(s); lower {
				case "v1", "music", "tracks", "save":
					segments[i] = lower
				}
			}
			return strings.Join(segments, "/")
		}))
	add("path-parameters-dropped",
		"What follows a semicolon in a segment is dropped.",
		warnedBy("delete-track/path-as-written"),
		rewritePath(func(p string) string {
			segments := strings.Split(p, "/")
			for i := range segments {
				segments[i], _, _ = strings.Cut(segments[i], ";")
			}
			return strings.Join(segments, "/")
		}))
	add("path-suffix-dropped",
		"A suffix .json of a path is dropped.",
		detectedBy("delete-track/malformed-id-gets-404"),
		rewritePath(func(p string) string { return strings.TrimSuffix(p, ".json") }))
	add("path-tail-ignored",
		"Further segments behind a track are ignored.",
		detectedBy("delete-track/unknown-path-gets-404"),
		rewritePath(func(p string) string {
			segments := strings.Split(p, "/")
			if len(segments) > 6 && segments[6] != "save" {
				segments = segments[:6]
			}
			return strings.Join(segments, "/")
		}))
	add("path-without-version",
		"The operations are also there without /v1.",
		warnedBy("delete-track/unknown-path-gets-404"),
		rewritePath(func(p string) string {
			if strings.HasPrefix(p, "/music/") {
				return "/v1" + p
			}
			return p
		}))
	add("x-original-url",
		"X-Original-URL and X-Rewrite-URL replace the path.",
		detectedBy("delete-track/path-decides-what-is-deleted", "delete-track/path-decides-what-is-refused"),
		func(b *behaviour) {
			usual := b.path
			b.path = func(c *call) string {
				header := c.request.Header
				return cmp.Or(header.Get("X-Original-URL"), header.Get("X-Rewrite-URL"), usual(c))
			}
		})

	// Ids that are nearly one.
	findAs := func(id func(sent string) string) func(*behaviour) {
		return func(b *behaviour) {
			findTrack := b.findTrack
			b.findTrack = func(c *call) *track {
				if t := findTrack(c); t != nil {
					return t
				}
				return c.server.state.tracks[id(c.track)]
			}
		}
	}
	// findSimilar falls back on a track of the organization whose id is the same in the eyes of
	// same. One that the caller may delete comes first: a wrong server is wrong where it hurts.
	findSimilar := func(same func(known, sent string) bool) func(*behaviour) {
		return func(b *behaviour) {
			findTrack := b.findTrack
			b.findTrack = func(c *call) *track {
				found := findTrack(c)
				o := c.server.state.organizations[c.organization]
				if found != nil || o == nil || c.track == "" {
					return found
				}
				caller := b.userOfKey(c.server.state, b.credential(c.request))
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
	add("id-case",
		"Track ids are compared without regard to case.",
		detectedBy("delete-track/malformed-id-gets-404"),
		findSimilar(strings.EqualFold))
	add("id-trimmed",
		"White space around a track's id is dropped.",
		detectedBy("delete-track/malformed-id-gets-404"),
		findAs(strings.TrimSpace))
	add("id-trailing-newline",
		"A new line behind a track's id is dropped.",
		detectedBy("delete-track/malformed-id-gets-404"),
		findAs(func(id string) string { return strings.TrimSuffix(id, "\n") }))
	add("id-with-tail",
		"A track's id with anything behind it stands for the track.",
		detectedBy("delete-track/malformed-id-gets-404"),
		findSimilar(func(known, sent string) bool { return strings.HasPrefix(sent, known) }))
	add("id-with-long-tail",
		"Track ids are cut to the length of a column, so that a very long one matches.",
		detectedBy("delete-track/malformed-id-gets-404"),
		findSimilar(func(known, sent string) bool {
			return len(sent) > 255 && strings.HasPrefix(sent, known)
		}))
	add("id-prefix",
		"The beginning of a track's id stands for it.",
		detectedBy("delete-track/malformed-id-gets-404"),
		findSimilar(func(known, sent string) bool {
			return len(sent) > len("mtrack_") && strings.HasPrefix(known, sent)
		}))
	add("id-without-prefix",
		"A track's id without mtrack_ stands for it.",
		detectedBy("delete-track/malformed-id-gets-404"),
		findAs(func(id string) string { return "mtrack_" + id }))
	add("id-other-prefix",
		"The prefix of a track's id does not count.",
		detectedBy("delete-track/malformed-id-gets-404"),
		findAs(func(id string) string {
			_, rest, _ := strings.Cut(id, "_")
			return "mtrack_" + rest
		}))
	add("id-case-behind-prefix",
		"What stands behind the prefix of a track's id is compared without regard to case.",
		detectedBy("delete-track/malformed-id-gets-404"),
		findSimilar(func(known, sent string) bool {
			return strings.HasPrefix(sent, "mtrack_") && strings.EqualFold(known, sent)
		}))
	add("id-eleventh-character-free",
		"One character of a track's id does not count.",
		detectedBy("delete-track/malformed-id-gets-404"),
		findSimilar(func(known, sent string) bool {
			return len(known) == len(sent) && known[:10] == sent[:10] && known[11:] == sent[11:]
		}))
	for _, separator := range []struct{ name, char string }{
		{"colon", ":"},
		{"at-sign", "@"},
		{"tilde", "~"},
		{"pipe", "|"},
		{"equals-sign", "="},
	} {
		add("id-up-to-"+separator.name,
			"A track's id ends at the character "+separator.char+".",
			detectedBy("delete-track/malformed-id-gets-404"),
			findAs(func(id string) string { id, _, _ = strings.Cut(id, separator.char); return id }))
		add("id-behind-"+separator.name,
			"A track's id begins behind the character "+separator.char+".",
			detectedBy("delete-track/malformed-id-gets-404"),
			findAs(func(id string) string { return id[strings.Index(id, separator.char)+1:] }))
	}
	add("id-in-braces",
		"What stands behind the prefix of a track's id may be in braces.",
		detectedBy("delete-track/malformed-id-gets-404"),
		findAs(func(id string) string { return strings.NewReplacer("{", "", "}", "").Replace(id) }))
	add("id-separators-dropped",
		"Hyphens and underscores within a track's id are dropped.",
		detectedBy("delete-track/malformed-id-gets-404"),
		findSimilar(func(known, sent string) bool {
			bare := strings.NewReplacer("-", "", "_", "").Replace
			return bare(known) == bare(sent)
		}))
	add("id-comma-list",
		"A list of ids with commas stands for its first.",
		detectedBy("delete-track/malformed-id-gets-404"),
		findAs(func(id string) string { id, _, _ = strings.Cut(id, ","); return id }))
	add("id-wildcard-percent",
		"A percent sign in a track's id stands for anything.",
		detectedBy("delete-track/malformed-id-gets-404"),
		findSimilar(wildcard("%")))
	add("id-wildcard-star",
		"A star in a track's id stands for anything.",
		detectedBy("delete-track/malformed-id-gets-404"),
		findSimilar(wildcard("*")))
	add("id-wildcard-underscore",
		"An underscore in a track's id stands for any character.",
		detectedBy("delete-track/malformed-id-gets-404"),
		findSimilar(func(known, sent string) bool {
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
	add("id-injection",
		"A quote in a track's id reaches the query, and finds the first track.",
		detectedBy("delete-track/malformed-id-gets-404"),
		findSimilar(func(_, sent string) bool {
			return strings.Contains(sent, "'") && strings.Contains(strings.ToUpper(sent), "OR")
		}))
	add("id-full-width",
		"Full-width letters and digits of a track's id are read as the ordinary ones.",
		detectedBy("delete-track/malformed-id-gets-404"),
		findAs(func(id string) string {
			return strings.Map(func(r rune) rune {
				if 0xff01 <= r && r <= 0xff5e {
					return r - 0xff00 + 0x20
				}
				return r
			}, id)
		}))
	add("id-invisible-dropped",
		"Zero-width characters in a track's id are dropped.",
		detectedBy("delete-track/malformed-id-gets-404"),
		findAs(func(id string) string {
			return strings.Map(func(r rune) rune {
				if unicode.Is(unicode.Cf, r) {
					return -1
				}
				return r
			}, id)
		}))
	add("id-invalid-utf8-dropped",
		"Bytes of a track's id that are no UTF-8 are dropped.",
		detectedBy("delete-track/impossible-path-is-harmless"),
		findAs(func(id string) string { return strings.ToValidUTF8(id, "") }))
	add("id-control-dropped",
		"Control characters in a track's id are dropped.",
		detectedBy("delete-track/malformed-id-gets-404"),
		findAs(func(id string) string {
			return strings.Map(func(r rune) rune {
				if unicode.IsControl(r) {
					return -1
				}
				return r
			}, id)
		}))
	add("id-cut-at-nul",
		"A track's id ends at a NUL.",
		detectedBy("delete-track/impossible-path-is-harmless"),
		func(b *behaviour) {
			segment := b.segment
			b.segment = func(escaped string) (string, bool) {
				escaped, _, _ = strings.Cut(escaped, "%00")
				return segment(escaped)
			}
		})

	// Ids that break something.
	type edit = func(c *call, resp *response)
	whenTrackID := func(is func(escaped string) bool, edit edit) func(*behaviour) {
		return func(b *behaviour) {
			b.edits = append(b.edits, func(c *call, resp *response) {
				segments := strings.Split(b.path(c), "/")
				if resp.status != http.StatusUnauthorized && len(segments) > 5 && is(segments[5]) {
					edit(c, resp)
				}
			})
		}
	}
	malformed := func(escaped string) bool {
		rest, found := strings.CutPrefix(escaped, "mtrack_")
		return !found || strings.Trim(rest, lettersAndDigits) != ""
	}
	decoded := func(is func(id string) bool) func(string) bool {
		return func(escaped string) bool {
			id, err := url.PathUnescape(escaped)
			return err == nil && is(id)
		}
	}
	longer := func(n int) func(string) bool {
		return func(escaped string) bool { return len(escaped) > n }
	}
	nul := func(escaped string) bool { return strings.Contains(escaped, "%00") }
	notUTF8 := decoded(func(id string) bool { return !utf8.ValidString(id) })
	notASCII := decoded(func(id string) bool {
		return strings.ContainsFunc(id, func(r rune) bool { return r > 126 })
	})
	add("id-malformed-500",
		"A malformed track id is 500.",
		detectedBy("delete-track/malformed-id-gets-404"),
		whenTrackID(malformed, setStatus(500)))
	add("id-malformed-422",
		"A malformed track id is 422.",
		detectedBy("delete-track/malformed-id-gets-404"),
		whenTrackID(malformed, setStatus(422)))
	add("id-malformed-400",
		"A malformed track id is 400.",
		detectedBy("delete-track/malformed-id-gets-404"),
		whenTrackID(malformed, setStatus(400)))
	add("id-malformed-400-delete",
		"A malformed track id is 400 for deleting only.",
		detectedBy("delete-track/malformed-id-gets-404"),
		whenTrackID(malformed, func(c *call, resp *response) {
			if c.operation == opDelete {
				setStatus(400)(c, resp)
			}
		}))
	add("id-without-prefix-400",
		"A track id without mtrack_ is 400.",
		detectedBy("delete-track/malformed-id-gets-404"),
		whenTrackID(func(escaped string) bool {
			return !strings.HasPrefix(escaped, "mtrack_")
		}, setStatus(400)))
	add("id-long-500",
		"A track id of over 255 characters is 500.",
		detectedBy("delete-track/malformed-id-gets-404"),
		whenTrackID(longer(255), setStatus(500)))
	add("id-long-400",
		"A track id of over 64 characters is 400.",
		detectedBy("delete-track/malformed-id-gets-404"),
		whenTrackID(longer(64), setStatus(400)))
	add("id-very-long-500",
		"A track id of over 2 KiB is 500.",
		detectedBy("delete-track/impossible-path-is-harmless"),
		whenTrackID(longer(2<<10), setStatus(500)))
	add("id-very-long-200",
		"A delete of a track id of over 2 KiB is acknowledged.",
		detectedBy("delete-track/impossible-path-is-harmless"),
		whenTrackID(longer(2<<10), func(c *call, resp *response) {
			*resp = *newResponse(http.StatusOK, newObject(
				"success", true,
				"id", c.track,
				"detail", "Track deleted.",
			))
		}))
	add("id-nul-500",
		"A track id with a NUL is 500.",
		detectedBy("delete-track/impossible-path-is-harmless"),
		whenTrackID(nul, setStatus(500)))
	add("id-invalid-utf8-500",
		"A track id that is no UTF-8 is 500.",
		detectedBy("delete-track/impossible-path-is-harmless"),
		whenTrackID(notUTF8, setStatus(500)))
	add("id-not-ascii-500",
		"A track id that is not ASCII is 500.",
		detectedBy("delete-track/malformed-id-gets-404"),
		whenTrackID(notASCII, setStatus(500)))
	add("id-percent-500",
		"A percent sign in a track id is 500.",
		detectedBy("delete-track/malformed-id-gets-404"),
		whenTrackID(func(escaped string) bool {
			return strings.Contains(escaped, "%25")
		}, setStatus(500)))
	add("id-quote-500",
		"A quote in a track id is 500.",
		detectedBy("delete-track/malformed-id-gets-404"),
		whenTrackID(decoded(func(id string) bool {
			return strings.ContainsAny(id, `'"`)
		}), setStatus(500)))
	add("id-nul-drops-connection",
		"A track id with a NUL ends the connection without a response.",
		detectedBy("delete-track/impossible-path-is-harmless"),
		whenTrackID(nul, dropConnection))
	add("id-very-long-drops-connection",
		"A track id of over 2 KiB ends the connection without a response.",
		detectedBy("delete-track/impossible-path-is-harmless"),
		whenTrackID(longer(2<<10), dropConnection))
	add("id-invalid-utf8-drops-connection",
		"A track id that is no UTF-8 ends the connection without a response.",
		detectedBy("delete-track/impossible-path-is-harmless"),
		whenTrackID(notUTF8, dropConnection))
	add("id-echoed-unescaped",
		"Ids are put into the JSON of a 404 as they are, quotes and all.",
		detectedBy("delete-track/malformed-id-gets-404"),
		onResponse("", http.StatusNotFound, func(c *call, resp *response) {
			if strings.ContainsAny(c.track, "\"\\\n") {
				resp.err().set("details", newObject("track_id", "ID"))
				resp.raw = bytes.Replace(resp.body.compact(), []byte(`"ID"`), []byte(`"`+c.track+`"`), 1)
			}
		}))
	add("id-dot-dot-lists",
		"The id .. answers the list.",
		detectedBy("get-track/impossible-path-is-harmless"),
		func(b *behaviour) {
			route := b.route
			b.route = func(c *call) {
				route(c)
				if c.operation == opGet && c.track == ".." {
					c.operation = opList
				}
			}
		})
	add("organization-long-500",
		"An organization's id of over 255 characters is 500.",
		detectedBy("delete-track/malformed-organization-gets-404"),
		func(b *behaviour) {
			b.edits = append(b.edits, func(c *call, resp *response) {
				if len(c.organization) > 255 && resp.status != http.StatusUnauthorized {
					setStatus(500)(c, resp)
				}
			})
		})
	add("organization-malformed-400",
		"An organization's id that does not begin like one is 400.",
		detectedBy("delete-track/malformed-organization-gets-404"),
		onRefusal(outsider, func(c *call, resp *response) {
			if !strings.HasPrefix(c.organization, "org_") {
				setStatus(400)(c, resp)
			}
		}))

	return list.faults
}

// wildcard matches ids in which a mark stands for any text.
func wildcard(mark string) func(known, sent string) bool {
	return func(known, sent string) bool {
		before, behind, found := strings.Cut(sent, mark)
		return found && len(known) >= len(before)+len(behind) &&
			strings.HasPrefix(known, before) && strings.HasSuffix(known, behind)
	}
}
