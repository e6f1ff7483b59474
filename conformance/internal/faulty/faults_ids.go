package faulty

import (
	"strings"
	"unicode"
)

// nearlyIDFaults take what is nearly the id of a track for it.
func nearlyIDFaults() []Fault {
	list := faultsOf(HostileInput)
	add := list.add

	// findAs falls back on the track whose id is what id makes of the one that was sent.
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
		"Bytes of a track's id that are not UTF-8 are dropped.",
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
	return list.faults
}
