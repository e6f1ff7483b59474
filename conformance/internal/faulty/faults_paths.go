package faulty

import (
	"cmp"
	"net/http"
	"path"
	"strings"
)

// hostilePathFaults are about paths that are not what they look like.
func hostilePathFaults() []Fault {
	list := faultsOf(HostileInput)
	add := list.add

	// The path that is routed is not the one that was sent.
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
