package faulty

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// identityVariants are free in the shapes of ids and keys.
func identityVariants() []Variant {
	minted := func(kinds map[string]func() string) func(*behaviour) {
		return func(b *behaviour) {
			usual := b.newID
			b.newID = func(kind string) string {
				if shape := kinds[kind]; shape != nil {
					return shape()
				}
				return usual(kind)
			}
		}
	}
	tracks := func(shape func() string) func(*behaviour) {
		return minted(map[string]func() string{"track": shape})
	}
	organizations := func(shape func() string) func(*behaviour) {
		return minted(map[string]func() string{"organization": shape})
	}
	keys := func(shape func() string) func(*behaviour) {
		return minted(map[string]func() string{"key": shape})
	}
	counter := func(format string, from int64) func() string {
		var n atomic.Int64
		n.Store(from)
		return func() string { return fmt.Sprintf(format, n.Add(1)) }
	}
	random := func(format, alphabet string, n int) func() string {
		return func() string { return fmt.Sprintf(format, randomText(alphabet, n)) }
	}
	const upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	const digits = "0123456789"
	return []Variant{
		strict("track-ids-uuid",
			"Has track ids with UUIDs.",
			tracks(func() string { return "mtrack_" + uuid() })),
		strict("track-ids-long",
			"Has track ids of 200 characters.",
			tracks(random("mtrack_%s", upper+lettersAndDigits, 193))),
		strict("track-ids-punctuated",
			"Has track ids with dots, tildes, dashes and underscores.",
			tracks(random("mtrack_%s.~-_x", lettersAndDigits+".-_~", 16))),
		strict("track-ids-counted",
			"Counts its track ids.",
			tracks(counter("mtrack_%d", 0))),
		strict("track-ids-prefixed",
			"Has track ids that are each the beginning of the next.",
			func(b *behaviour) { b.newID = newNestedIDs(b.newID) }),
		strict("track-ids-mixed-case",
			"Has track ids in letters of both cases.",
			tracks(random("mtrack_%s", upper+strings.ToLower(upper), 20))),
		strict("track-ids-short",
			"Has track ids with three characters behind the prefix.",
			tracks(counter("mtrack_%03x", 0x100))),
		strict("track-ids-to-escape",
			"Has track ids that have to be percent-encoded in a path.",
			tracks(random("mtrack_é 50%% + %s", lettersAndDigits, 10))),
		strict("organization-ids-named",
			"Has organizations with names for ids.",
			organizations(counter("tenant-%d", 0))),
		strict("organization-ids-uuid",
			"Has organization ids that are UUIDs.",
			organizations(uuid)),
		strict("organization-ids-counted",
			"Has organization ids that are numbers.",
			organizations(counter("%d", 12344))),
		strict("organization-ids-to-escape",
			"Has organization ids that have to be percent-encoded in a path.",
			organizations(random("Müller & Söhne + %s?", lettersAndDigits, 6))),
		strict("user-ids-counted",
			"Has user ids that are numbers.",
			minted(map[string]func() string{"user": counter("%d", 0)})),
		strict("user-ids-mail",
			"Has mail addresses for user ids.",
			minted(map[string]func() string{"user": counter("user+%d@example.com", 0)})),
		strict("keys-base64",
			"Has keys in base64.",
			keys(random("%s+/==", upper+lettersAndDigits+"+/", 38))),
		strict("keys-long",
			"Has keys of 500 characters.",
			keys(random("ak_%s", upper+lettersAndDigits, 497))),
		strict("keys-of-digits",
			"Has keys of digits.",
			keys(random("%s", digits, 32))),
		strict("keys-short",
			"Has keys of eight characters.",
			keys(random("%s", upper+lettersAndDigits, 8))),
		strict("keys-dotted",
			"Has keys of three parts with dots.",
			keys(func() string {
				const base64url = upper + lettersAndDigits + "-_"
				return "eyJ" + randomText(lettersAndDigits, 20) +
					"." + randomText(base64url, 60) +
					"." + randomText(base64url, 43)
			})),
		strict("keys-with-common-beginning",
			"Has keys that differ in their last characters only.",
			keys(random("sk_live_music_0123456789abcdef_%s", lettersAndDigits, 16))),
	}
}

// surroundingVariants are free in what the contract leaves open about queries, and in what the
// provisioner offers.
func surroundingVariants() []Variant {
	// rewriteQuery changes a query before its window is read.
	rewriteQuery := func(change func(query url.Values)) func(*behaviour) {
		return func(b *behaviour) {
			usual := b.window
			b.window = func(query url.Values) (int, int, bool) {
				change(query)
				return usual(query)
			}
		}
	}
	note := func(c *call, kind string) {
		if c.target == nil {
			return
		}
		actor := "anonymous"
		if c.user != nil {
			actor = c.user.id
		}
		c.target.events = append(c.target.events, event{Type: kind, At: time.Now(), Actor: actor})
	}
	return []Variant{
		strict("no-optional-features",
			"Offers no history and no revoked keys.",
			func(b *behaviour) { b.features = []string{} }),
		strict("no-history",
			"Offers no history.",
			func(b *behaviour) { b.features = []string{"revoked_keys"} }),
		strict("no-revoked-keys",
			"Offers no revoked keys.",
			func(b *behaviour) { b.features = []string{"history"} }),
		strict("unknown-features",
			"Offers parts that the protocol does not know.",
			func(b *behaviour) { b.features = append(b.features, "webhooks", "x-snapshots") }),
		strict("talkative-history",
			"Writes into the history what was looked at, and what was refused.",
			func(b *behaviour) {
				b.edits = append(b.edits, func(c *call, resp *response) {
					switch {
					case c.operation == opGet && resp.status == 200:
						note(c, "track.viewed")
					case c.operation == opDelete && resp.status != 200:
						note(c, "track.delete_refused")
					case c.operation == opUnsave && resp.status == 200:
						note(c, "track.unsaved")
					case c.operation == opList && resp.status == 200:
						for _, t := range c.user.library {
							t.events = append(t.events, event{Type: "track.listed", At: time.Now(), Actor: c.user.id})
						}
					}
				})
			}),
		strict("explaining-deletion",
			"Writes an event before and one behind track.deleted.",
			func(b *behaviour) {
				usual := b.remove
				b.remove = func(c *call, t *track) {
					note(c, "track.delete_requested")
					usual(c, t)
					note(c, "library.cleaned")
				}
			}),
		strict("three-bills",
			"Bills a track's creation in three events, in another currency.",
			func(b *behaviour) {
				b.trackCreated = func(t *track) {
					t.events = t.events[:1]
					for i := range 3 {
						t.events = append(t.events, event{
							Type:     "track.billed",
							At:       t.createdAt,
							Actor:    t.creator.id,
							Amount:   strconv.Itoa(i),
							Currency: "JPY",
						})
					}
				}
			}),
		strict("bills-alone",
			"Has a bill and no creation in the history of a new track.",
			func(b *behaviour) {
				b.trackCreated = func(t *track) { t.events = t.events[1:] }
			}),
		strict("unknown-mode-is-empty",
			"Lists nothing for a mode that there is not, instead of 422.",
			rewriteQuery(func(query url.Values) { query.Del("mode") })),
		strict("first-limit-counts",
			"Takes the first of several limits.",
			rewriteQuery(func(query url.Values) {
				for name := range query {
					query[name] = query[name][:1]
				}
			})),
		strict("spaces-around-numbers",
			"Takes numbers with spaces around them.",
			rewriteQuery(func(query url.Values) {
				for _, values := range query {
					for i := range values {
						values[i] = strings.TrimSpace(values[i])
					}
				}
			})),
		lenient("window-before-membership",
			"Reads limit and offset before it looks at the membership.",
			func(b *behaviour) {
				onResponse(opList, 404, func(c *call, resp *response) {
					if _, _, ok := b.window(c.request.URL.Query()); !ok {
						*resp = *b.refuse(c, invalid)
					}
				})(b)
			}),
		strict("braces-are-no-parameter",
			"Has a router that takes no braces for an id, and tells such paths as unknown ones.",
			func(b *behaviour) {
				segment := b.segment
				b.segment = func(escaped string) (string, bool) {
					id, ok := segment(escaped)
					return id, ok && !strings.ContainsAny(id, "{}")
				}
			}),
		strict("empty-limit-is-default",
			"Takes an empty limit, offset or mode as none.",
			rewriteQuery(func(query url.Values) {
				for name, values := range query {
					if values[0] == "" {
						query.Del(name)
					}
				}
			})),
		strict("refuses-broken-queries",
			"Refuses a query that cannot be decoded, with 400 and after the key.",
			func(b *behaviour) {
				authenticate := b.authenticate
				b.authenticate = func(c *call) *response {
					refusal := authenticate(c)
					if _, err := url.ParseQuery(c.request.URL.RawQuery); refusal == nil && err != nil {
						return b.refuse(c, problem{
							400, "BAD_REQUEST", "client_error",
							"The request is not valid.", "The query cannot be decoded",
						})
					}
					return refusal
				}
			}),
		strict("canonical-numbers",
			"Refuses numbers with a sign or with zeros in front.",
			func(b *behaviour) {
				usual := b.window
				b.window = func(query url.Values) (int, int, bool) {
					limit, offset, ok := usual(query)
					for _, name := range []string{"limit", "offset"} {
						if n, err := strconv.Atoi(query.Get(name)); err == nil && strconv.Itoa(n) != query.Get(name) {
							ok = false
						}
					}
					return limit, offset, ok
				}
			}),
	}
}
