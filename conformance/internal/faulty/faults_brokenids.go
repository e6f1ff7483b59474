package faulty

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"
)

// brokenIDFaults are about ids that a server is not prepared for.
func brokenIDFaults() []Fault {
	list := faultsOf(HostileInput)
	add := list.add

	type edit = func(c *call, resp *response)
	// whenTrackID edits responses to good keys where is says yes to the id as it stands in the
	// path.
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
		"A track id that is not UTF-8 is 500.",
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
		"A track id that is not UTF-8 ends the connection without a response.",
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
