package faulty

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// changes counts the deletes and unsaves that took place. It stands in the keys of caches that are
// right but for one thing.
func changes(b *behaviour) *int {
	var n int
	after(&b.remove, func(*call, *track) { n++ })
	after(&b.unsave, func(*call, *track) { n++ })
	return &n
}

// pageFaults keep pages and tracks for a minute. A change empties their caches, but what they keep
// them under, or what of it they empty, is wrong.
func pageFaults() []Fault {
	list := faultsOf(Architecture)
	add := list.add

	// pages keeps lists, until something changes, under what key returns besides the caller and
	// the organization.
	pages := func(key func(c *call, query func(name string) string) string) func(*behaviour) {
		return func(b *behaviour) {
			n := changes(b)
			remember(&b.listSaved, time.Minute, func(c *call) string {
				values := c.request.URL.Query()
				return strings.Join([]string{strconv.Itoa(*n), c.user.id, c.organization, key(c, values.Get)}, " ")
			}, http.StatusOK)
		}
	}
	add("page-key-of-digits",
		"Pages are kept under limit and offset, one behind the other: 1 and 10 are what 11 and 0 are.",
		detectedBy("list-tracks/windows-are-kept-apart"),
		pages(func(_ *call, query func(string) string) string {
			return query("mode") + "/" + query("engine") + "/" + query("limit") + cmp.Or(query("offset"), "0")
		}))
	add("page-key-of-digits-reversed",
		"Pages are kept under offset and limit, one behind the other.",
		detectedBy("list-tracks/windows-are-kept-apart"),
		pages(func(_ *call, query func(string) string) string {
			return query("mode") + "/" + query("engine") + "/" + query("offset") + cmp.Or(query("limit"), "50")
		}))
	add("page-key-without-limit",
		"Pages are kept under their offset: a page is as long as the one that was asked for first.",
		detectedBy("list-tracks/windows-are-kept-apart"),
		pages(func(_ *call, query func(string) string) string {
			return query("mode") + "/" + query("engine") + "/" + query("offset")
		}))
	add("page-key-of-filters",
		"Pages are kept under mode and engine, one behind the other: a mode is what an engine of that name is.",
		detectedBy("list-tracks/windows-are-kept-apart"),
		pages(func(_ *call, query func(string) string) string {
			return query("mode") + query("engine") + "/" + query("limit") + "/" + query("offset")
		}))
	add("page-key-of-engine-and-limit",
		"Pages are kept under engine and limit, one behind the other.",
		detectedBy("list-tracks/windows-are-kept-apart"),
		pages(func(_ *call, query func(string) string) string {
			return query("mode") + "/" + query("engine") + query("limit") + "/" + query("offset")
		}))
	add("page-key-null",
		"Pages are kept under the word null where no engine is asked for.",
		detectedBy("list-tracks/windows-are-kept-apart", "list-tracks/texts-as-made"),
		pages(func(_ *call, query func(string) string) string {
			return query("mode") + "/" + cmp.Or(query("engine"), "null") + "/" + query("limit") + "/" + query("offset")
		}))
	add("page-key-folded",
		"Pages are kept under the engine in lower case.",
		detectedBy("list-tracks/windows-are-kept-apart"),
		pages(func(_ *call, query func(string) string) string {
			return query("mode") + "/" + strings.ToLower(query("engine")) + "/" + query("limit") + "/" + query("offset")
		}))

	// kept keeps what a decision shows to its caller for a minute, under the target of the request
	// and what form returns; nothing where that is "".
	kept := func(decide func(b *behaviour) *decision, form func(r *http.Request) string) func(*behaviour) {
		return func(b *behaviour) {
			remember(decide(b), time.Minute, func(c *call) string {
				f := form(c.request)
				if f == "" {
					return ""
				}
				return f + " " + byCallerAndTarget(c)
			}, http.StatusOK)
		}
	}
	gets := func(b *behaviour) *decision { return &b.getTrack }
	lists := func(b *behaviour) *decision { return &b.listSaved }
	header := func(name string) func(r *http.Request) string {
		return func(r *http.Request) string { return r.Header.Get(name) }
	}
	const outlives = "delete-track/no-form-of-reading-outlives-delete"
	unusual := func(r *http.Request) string {
		accept := r.Header.Get("Accept")
		if strings.HasPrefix(accept, "*/*") || strings.HasPrefix(accept, "application/json") {
			return ""
		}
		return accept
	}
	add("form-accept-get", "What a get with an unusual Accept showed is shown to it for a minute.", detectedBy(outlives), kept(gets, unusual))
	add("form-accept-list", "What a list with an unusual Accept showed is shown to it for a minute.", detectedBy(outlives), kept(lists, unusual))
	add("form-encoding", "What a list in a content coding showed is shown in it for a minute.", detectedBy(outlives), kept(lists, header("Accept-Encoding")))
	add("form-language", "What a get in a language showed is shown in it for a minute.", detectedBy(outlives), kept(gets, header("Accept-Language")))
	add("form-origin", "What a get from another origin showed is shown to it for a minute.", detectedBy(outlives), kept(gets, header("Origin")))
	add("form-browser", "What a list showed to a browser is shown to it for a minute.", detectedBy(outlives), kept(lists, func(r *http.Request) string {
		if strings.HasPrefix(r.UserAgent(), "Mozilla") {
			return "browser"
		}
		return ""
	}))
	add("form-query", "What a get with a query showed is shown to it for a minute.", detectedBy(outlives), kept(gets, func(r *http.Request) string { return r.URL.RawQuery }))
	add("form-bearer", "What a get by Bearer showed is shown to it for a minute.", detectedBy(outlives), kept(gets, header("Authorization")))

	// forgotten keeps what readers saw until the track is deleted. The delete then forgets what it
	// kept for those whom told returns, of all who saved the track.
	forgotten := func(decide func(b *behaviour) *decision, told func(savers []*user) []*user) func(*behaviour) {
		return func(b *behaviour) {
			version := map[*user]int{}
			after(&b.remove, func(c *call, t *track) {
				version[c.user]++
				for _, u := range told(slices.Clone(t.savers)) {
					version[u]++
				}
			})
			after(&b.unsave, func(c *call, _ *track) { version[c.user]++ })
			remember(decide(b), time.Minute, func(c *call) string {
				return strconv.Itoa(version[c.user]) + " " + byCallerAndTarget(c)
			}, http.StatusOK)
		}
	}
	byID := func(a, b *user) int { return strings.Compare(a.id, b.id) }
	firstByID := func(savers []*user) []*user {
		slices.SortFunc(savers, byID)
		return savers[:min(8, len(savers))]
	}
	add("forgets-for-8-lists",
		"A delete empties the caches of lists of 8 of those who saved the track.",
		detectedBy("delete-track/leaves-many-libraries"), forgotten(lists, firstByID))
	add("forgets-for-8-gets",
		"A delete empties the caches of gets of 8 of those who saved the track.",
		detectedBy("delete-track/leaves-many-libraries"), forgotten(gets, firstByID))
	add("forgets-for-100",
		"A delete empties the caches of lists of the first 100 who saved the track.",
		detectedBy("delete-track/leaves-many-libraries"),
		forgotten(lists, func(savers []*user) []*user { return savers[:min(100, len(savers))] }))
	add("forgets-for-newest",
		"A delete empties the caches of lists of the newest 20 who saved the track.",
		detectedBy("delete-track/leaves-many-libraries"),
		forgotten(lists, func(savers []*user) []*user { return savers[max(0, len(savers)-20):] }))

	add("empties-before-delete",
		"A delete empties the caches of gets and lists, and is carried out half a millisecond later.",
		detectedBy("concurrency/deleted-is-not-seen-again", "concurrency/first-looks-beside-delete"),
		func(b *behaviour) {
			var n int
			remove := b.remove
			b.remove = func(c *call, t *track) {
				n++
				c.unlocked(func() { time.Sleep(ms / 2) })
				if t.deletedAt.IsZero() {
					remove(c, t)
				}
			}
			key := func(c *call) string { return strconv.Itoa(n) + " " + byCallerAndTarget(c) }
			remember(&b.getTrack, 30*time.Second, key, http.StatusOK)
			remember(&b.listSaved, 30*time.Second, key, http.StatusOK)
		})
	add("restored-from-copy",
		"Every second reading is of a replica into which every 1.2 seconds a copy is merged that was made 1.2 seconds before.",
		detectedBy("delete-track/stays-deleted").after(2500*ms),
		func(b *behaviour) {
			const every = 1200 * ms
			isDeleted := b.isDeleted
			made := map[*track]time.Time{}
			reads := 0
			b.isDeleted = func(c *call, t *track) bool {
				if made[t].IsZero() {
					made[t] = time.Now()
				}
				gone := isDeleted(c, t)
				if !gone || c.operation != opGet && c.operation != opList {
					return gone
				}
				copied := t.deletedAt.Truncate(every) // the last copy before the delete
				reads++
				return reads%2 == 0 || !made[t].Before(copied) || time.Now().Before(copied.Add(every))
			}
		})
	add("week-year",
		"The year of created_at is that of its week.",
		detectedBy("get-track/created-at-of-old-tracks").needing("created_at"),
		func(b *behaviour) {
			timestamp := b.timestamp
			b.timestamp = func(t time.Time) string {
				year, _ := t.UTC().ISOWeek()
				return strconv.Itoa(year) + strings.TrimPrefix(timestamp(t), strconv.Itoa(t.UTC().Year()))
			}
		})
	add("departure-of-first-key",
		"Memberships are kept for each key; somebody who leaves is forgotten for the first key alone.",
		detectedBy("delete-track/every-key-of-a-leaver-gets-404").needing("end_membership"),
		func(b *behaviour) {
			seen := map[string]bool{}
			isMember := b.isMember
			b.isMember = func(c *call) bool {
				what := c.key + " " + c.organization
				if isMember(c) {
					seen[what] = true
					return true
				}
				return seen[what] && c.key != c.user.key
			}
		})
	return list.faults
}
