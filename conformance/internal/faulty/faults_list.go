package faulty

import (
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

func listFaults() []Fault {
	var faults []Fault
	add := func(name, summary string, apply func(*behaviour)) {
		faults = append(faults, Fault{Name: "list-" + name, Area: List, Summary: summary, apply: apply})
	}
	library := func(change func(c *call, tracks []*track) []*track) func(*behaviour) {
		return func(b *behaviour) {
			usual := b.library
			b.library = func(c *call) []*track { return change(c, usual(c)) }
		}
	}
	body := func(change func(c *call, body *object)) func(*behaviour) {
		return func(b *behaviour) { b.onAnswer(opList, http.StatusOK, func(c *call, a *answer) { change(c, a.body) }) }
	}
	items := func(change func(c *call, t *track, item *object)) func(*behaviour) {
		return func(b *behaviour) {
			usual := b.describe
			b.describe = func(c *call, t *track, listed bool) *object {
				item := usual(c, t, listed)
				if listed {
					change(c, t, item)
				}
				return item
			}
		}
	}
	live := func(c *call, t *track) bool {
		return t.organization.id == c.organization && !c.server.behaviour.gone(c, t)
	}

	// Order.
	add("oldest-first", "The library is listed oldest save first.", library(func(_ *call, tracks []*track) []*track {
		slices.Reverse(tracks)
		return tracks
	}))
	add("by-id", "The library is listed by the tracks' ids.", library(func(_ *call, tracks []*track) []*track {
		slices.SortStableFunc(tracks, func(a, b *track) int { return strings.Compare(a.id, b.id) })
		return tracks
	}))
	add("by-title", "The library is listed by the tracks' titles.", library(func(_ *call, tracks []*track) []*track {
		slices.SortStableFunc(tracks, func(a, b *track) int { return strings.Compare(title(a), title(b)) })
		return tracks
	}))
	add("unordered", "The library is listed in no order, and differently each time.", library(func(_ *call, tracks []*track) []*track {
		rand.Shuffle(len(tracks), func(i, j int) { tracks[i], tracks[j] = tracks[j], tracks[i] })
		return tracks
	}))
	add("own-first", "Tracks that the caller created come before all others in its library.", library(func(c *call, tracks []*track) []*track {
		slices.SortStableFunc(tracks, func(a, b *track) int { return boolean(b.creator == c.user) - boolean(a.creator == c.user) })
		return tracks
	}))
	add("page-oldest-first", "The library is cut newest first, and each page listed oldest first.", func(b *behaviour) {
		usual := b.page
		b.page = func(tracks []*track, limit, offset int) []*track {
			cut := slices.Clone(usual(tracks, limit, offset))
			slices.Reverse(cut)
			return cut
		}
	})

	// Whose tracks.
	add("created-too", "Tracks that the caller created and did not save are listed too.", library(func(c *call, tracks []*track) []*track {
		if o := c.server.state.organizations[c.organization]; o != nil {
			for _, t := range o.tracks {
				if t.creator == c.user && live(c, t) && !slices.Contains(tracks, t) {
					tracks = append(tracks, t)
				}
			}
		}
		return tracks
	}))
	add("created-only", "Only tracks that the caller created are listed.", library(func(c *call, tracks []*track) []*track {
		return slices.DeleteFunc(tracks, func(t *track) bool { return t.creator != c.user })
	}))
	add("saved-from-others-only", "The caller's own tracks are not listed, saved or not.", library(func(c *call, tracks []*track) []*track {
		return slices.DeleteFunc(tracks, func(t *track) bool { return t.creator == c.user })
	}))
	add("all-of-organization", "All live tracks of the organization are listed.", library(func(c *call, tracks []*track) []*track {
		if o := c.server.state.organizations[c.organization]; o != nil {
			tracks = nil
			for _, t := range slices.Backward(o.tracks) {
				if live(c, t) {
					tracks = append(tracks, t)
				}
			}
		}
		return tracks
	}))
	add("saved-by-anybody", "What anybody of the organization saved is listed.", library(func(c *call, tracks []*track) []*track {
		if o := c.server.state.organizations[c.organization]; o != nil {
			for _, t := range o.tracks {
				if len(t.savers) > 0 && live(c, t) && !slices.Contains(tracks, t) {
					tracks = append(tracks, t)
				}
			}
		}
		return tracks
	}))
	add("other-organizations-too", "What the caller saved in other organizations is listed too.", func(b *behaviour) {
		b.library = func(c *call) []*track {
			var tracks []*track
			for _, t := range slices.Backward(c.user.library) {
				if !b.gone(c, t) {
					tracks = append(tracks, t)
				}
			}
			return tracks
		}
	})
	add("of-first-member", "Everybody gets the library of the organization's first member.", func(b *behaviour) {
		usual := b.library
		b.library = func(c *call) []*track {
			if o := c.server.state.organizations[c.organization]; o != nil {
				other := *c
				other.user = o.members[0]
				return usual(&other)
			}
			return usual(c)
		}
	})
	add("orphans-left-out", "Saved tracks whose creator has left the organization are not listed.", library(func(_ *call, tracks []*track) []*track {
		return slices.DeleteFunc(tracks, func(t *track) bool { return !t.creator.memberOf[t.organization.id] })
	}))
	add("untitled-left-out", "Tracks without a title are not listed.", library(func(_ *call, tracks []*track) []*track {
		return slices.DeleteFunc(tracks, func(t *track) bool { return t.title == nil })
	}))
	add("last-twice", "The newest track of a library is listed twice.", library(func(_ *call, tracks []*track) []*track {
		if len(tracks) == 0 {
			return tracks
		}
		return append([]*track{tracks[0]}, tracks...)
	}))
	add("same-title-once", "Of tracks with the same title one is listed.", library(func(_ *call, tracks []*track) []*track {
		seen := map[string]bool{}
		return slices.DeleteFunc(tracks, func(t *track) bool {
			double := seen[title(t)] && t.title != nil
			seen[title(t)] = true
			return double
		})
	}))
	add("outsider-empty", "An outsider gets an empty list.", func(b *behaviour) {
		b.onAnswer(opList, 404, func(_ *call, a *answer) {
			*a = *newAnswer(200, newObject("items", []*object{}, "limit", defaultLimit, "offset", 0))
		})
	})
	add("outsider-403", "An outsider gets 403 for a list.", func(b *behaviour) {
		b.onAnswer(opList, 404, func(c *call, a *answer) { *a = *b.refuse(c, forbidden) })
	})
	add("missing-organization-differs", "The list of a missing organization is a 404 with another message than that of a foreign one.", func(b *behaviour) {
		b.onAnswer(opList, 404, func(c *call, a *answer) {
			if c.server.state.organizations[c.organization] == nil {
				a.err().set("message", "There is no such organization.")
			}
		})
	})

	// The window.
	windowed := func(change func(query url.Values, limit, offset int, ok bool) (int, int, bool)) func(*behaviour) {
		return func(b *behaviour) {
			usual := b.window
			b.window = func(query url.Values) (int, int, bool) {
				limit, offset, ok := usual(query)
				return change(query, limit, offset, ok)
			}
		}
	}
	// lenient accepts a parameter's bad values where accept gives a number for them.
	lenient := func(name string, accept func(value string) (int, bool)) func(*behaviour) {
		return windowed(func(query url.Values, limit, offset int, ok bool) (int, int, bool) {
			if n, accepted := accept(query.Get(name)); !ok && query.Has(name) && accepted {
				if name == "limit" {
					return n, offset, true
				}
				return limit, n, true
			}
			return limit, offset, ok
		})
	}
	number := func(accept func(n int) (int, bool)) func(string) (int, bool) {
		return func(value string) (int, bool) {
			n, err := strconv.Atoi(value)
			if err != nil {
				return 0, false
			}
			return accept(n)
		}
	}
	add("limit-ignored", "limit is ignored.", func(b *behaviour) {
		usual := b.page
		b.page = func(tracks []*track, _, offset int) []*track { return usual(tracks, len(tracks), offset) }
	})
	add("limit-off-by-one", "A list holds one track more than limit.", func(b *behaviour) {
		usual := b.page
		b.page = func(tracks []*track, limit, offset int) []*track { return usual(tracks, limit+1, offset) }
	})
	add("limit-one-less", "A list holds one track less than limit.", func(b *behaviour) {
		usual := b.page
		b.page = func(tracks []*track, limit, offset int) []*track { return usual(tracks, max(limit-1, 1), offset) }
	})
	add("default-20", "The default of limit is 20.", windowed(func(query url.Values, limit, offset int, ok bool) (int, int, bool) {
		if !query.Has("limit") {
			limit = 20
		}
		return limit, offset, ok
	}))
	add("default-100", "The default of limit is 100.", windowed(func(query url.Values, limit, offset int, ok bool) (int, int, bool) {
		if !query.Has("limit") {
			limit = 100
		}
		return limit, offset, ok
	}))
	add("max-50", "A limit of over 50 is 422.", windowed(func(_ url.Values, limit, offset int, ok bool) (int, int, bool) {
		return limit, offset, ok && limit <= 50
	}))
	add("max-99", "A limit of 100 is 422.", windowed(func(_ url.Values, limit, offset int, ok bool) (int, int, bool) {
		return limit, offset, ok && limit < 100
	}))
	add("limit-50-at-most", "A list never holds more than 50 tracks, whatever limit says.", func(b *behaviour) {
		usual := b.page
		b.page = func(tracks []*track, limit, offset int) []*track { return usual(tracks, min(limit, 50), offset) }
	})
	add("limit-1000-accepted", "A limit of up to 1000 is accepted.", lenient("limit", number(func(n int) (int, bool) { return n, 100 < n && n <= 1000 })))
	add("limit-101-clamped", "A limit of over 100 is taken as 100.", lenient("limit", number(func(n int) (int, bool) { return 100, n > 100 })))
	add("limit-zero-accepted", "A limit of 0 is an empty list.", lenient("limit", number(func(n int) (int, bool) { return 0, n == 0 })))
	add("limit-zero-is-default", "A limit of 0 is taken as the default.", lenient("limit", number(func(n int) (int, bool) { return defaultLimit, n == 0 })))
	add("limit-negative-is-default", "A limit of less than 0 is taken as the default.", lenient("limit", number(func(n int) (int, bool) { return defaultLimit, n < 0 })))
	add("limit-text-is-default", "A limit that is no number is taken as the default.", lenient("limit", func(value string) (int, bool) {
		_, err := strconv.Atoi(value)
		return defaultLimit, err != nil && value != ""
	}))
	add("limit-empty-is-default", "An empty limit is taken as the default.", lenient("limit", func(value string) (int, bool) { return defaultLimit, value == "" }))
	add("limit-fraction-accepted", "A limit with a fraction is cut off.", lenient("limit", func(value string) (int, bool) {
		f, err := strconv.ParseFloat(value, 64)
		return int(f), err == nil && 1 <= f && f <= 100 && strings.Contains(value, ".")
	}))
	add("limit-digits-then-text", "A limit is read up to the first character that is no digit.", lenient("limit", func(value string) (int, bool) {
		digits := value[:len(value)-len(strings.TrimLeft(value, "0123456789"))]
		n, err := strconv.Atoi(digits)
		return n, err == nil && 1 <= n && n <= 100
	}))
	add("limit-hexadecimal", "A limit may be written in hexadecimal.", lenient("limit", func(value string) (int, bool) {
		n, err := strconv.ParseInt(value, 0, 32)
		return int(n), err == nil && strings.HasPrefix(value, "0x") && 1 <= n && n <= 100
	}))
	add("limit-overflows", "A limit beyond 32 bits overflows to one that is accepted.", lenient("limit", func(value string) (int, bool) {
		n, err := strconv.ParseInt(value, 10, 64)
		return max(1, int(uint32(n)%101)), err == nil && n > 1<<31
	}))
	add("limit-huge-500", "A limit beyond 64 bits is 500.", func(b *behaviour) {
		b.onAnswer(opList, 422, func(c *call, a *answer) {
			if len(c.request.URL.Query().Get("limit")) > 18 {
				a.status = 500
			}
		})
	})
	add("offset-ignored", "offset is ignored.", func(b *behaviour) {
		usual := b.page
		b.page = func(tracks []*track, limit, _ int) []*track { return usual(tracks, limit, 0) }
	})
	add("offset-from-one", "offset counts from one.", func(b *behaviour) {
		usual := b.page
		b.page = func(tracks []*track, limit, offset int) []*track { return usual(tracks, limit, max(offset-1, 0)) }
	})
	add("offset-one-more", "An offset skips one track more.", func(b *behaviour) {
		usual := b.page
		b.page = func(tracks []*track, limit, offset int) []*track {
			if offset > 0 {
				offset++
			}
			return usual(tracks, limit, offset)
		}
	})
	add("offset-counts-pages", "offset counts pages instead of tracks.", func(b *behaviour) {
		usual := b.page
		b.page = func(tracks []*track, limit, offset int) []*track { return usual(tracks, limit, offset*limit) }
	})
	add("offset-from-end", "A page is counted from the oldest save when there is an offset.", func(b *behaviour) {
		usual := b.page
		b.page = func(tracks []*track, limit, offset int) []*track {
			if offset > 0 {
				tracks = slices.Clone(tracks)
				slices.Reverse(tracks)
			}
			return usual(tracks, limit, offset)
		}
	})
	add("offset-shortens-page", "An offset is taken off the end of the page too.", func(b *behaviour) {
		b.page = func(tracks []*track, limit, offset int) []*track { return page(page(tracks, limit, 0), limit, offset) }
	})
	add("offset-negative-accepted", "An offset of less than 0 is taken as 0.", lenient("offset", number(func(n int) (int, bool) { return 0, n < 0 })))
	add("offset-text-is-zero", "An offset that is no number is taken as 0.", lenient("offset", func(value string) (int, bool) {
		_, err := strconv.Atoi(value)
		return 0, err != nil && value != ""
	}))
	add("offset-fraction-accepted", "An offset with a fraction is cut off.", lenient("offset", func(value string) (int, bool) {
		f, err := strconv.ParseFloat(value, 64)
		return int(f), err == nil && f >= 0 && strings.Contains(value, ".")
	}))
	beyond := func(edit func(c *call, a *answer)) func(*behaviour) {
		return func(b *behaviour) {
			b.onAnswer(opList, 200, func(c *call, a *answer) {
				if c.request.URL.Query().Has("offset") && len(a.body.get("items").([]*object)) == 0 {
					edit(c, a)
				}
			})
		}
	}
	add("offset-beyond-404", "An offset beyond the end is 404.", beyond(func(c *call, a *answer) { *a = *c.server.behaviour.refuse(c, notFound) }))
	add("offset-beyond-422", "An offset beyond the end is 422.", beyond(func(c *call, a *answer) { *a = *c.server.behaviour.refuse(c, invalid) }))
	add("offset-beyond-500", "An offset beyond the end is 500.", beyond(func(_ *call, a *answer) { a.status = 500 }))
	add("offset-beyond-null", "The items beyond the end are null.", beyond(func(_ *call, a *answer) { a.body.set("items", nil) }))
	add("window-before-filter", "The window is cut before the filter, so that pages have holes.", func(b *behaviour) { b.windowFirst = true })
	add("window-counts-deleted", "The window counts deleted tracks, so that pages have holes.", func(b *behaviour) {
		gone := b.gone
		b.gone = func(c *call, t *track) bool { return c.operation != opList && gone(c, t) }
		usual := b.page
		b.page = func(tracks []*track, limit, offset int) []*track {
			return slices.DeleteFunc(slices.Clone(usual(tracks, limit, offset)), func(t *track) bool { return !t.deletedAt.IsZero() })
		}
	})

	// Filters.
	filtered := func(change func(query url.Values, t *track, ok bool) bool) func(*behaviour) {
		return func(b *behaviour) {
			usual := b.filter
			b.filter = func(c *call, t *track) bool { return change(c.request.URL.Query(), t, usual(c, t)) }
		}
	}
	modeOK := func(query url.Values, t *track) bool { return !query.Has("mode") || query.Get("mode") == t.mode }
	engineOK := func(query url.Values, t *track) bool {
		return !query.Has("engine") || query.Get("engine") == t.engine
	}
	add("mode-ignored", "mode is ignored.", filtered(func(query url.Values, t *track, _ bool) bool { return engineOK(query, t) }))
	add("engine-ignored", "engine is ignored.", filtered(func(query url.Values, t *track, _ bool) bool { return modeOK(query, t) }))
	add("filters-either", "Of mode and engine one has to fit.", filtered(func(query url.Values, t *track, ok bool) bool {
		return ok || query.Has("mode") && query.Has("engine") && (modeOK(query, t) || engineOK(query, t))
	}))
	add("mode-inverted", "mode lists the tracks of all other modes.", filtered(func(query url.Values, t *track, _ bool) bool {
		return engineOK(query, t) && (!query.Has("mode") || !modeOK(query, t))
	}))
	add("engine-case", "engine is compared without regard to case.", filtered(func(query url.Values, t *track, ok bool) bool {
		return ok || modeOK(query, t) && strings.EqualFold(query.Get("engine"), t.engine)
	}))
	add("engine-prefix", "The beginning of an engine's name is enough.", filtered(func(query url.Values, t *track, ok bool) bool {
		return ok || modeOK(query, t) && query.Get("engine") != "" && strings.HasPrefix(t.engine, query.Get("engine"))
	}))
	add("engine-unknown-lists-all", "An engine that made none of the tracks lists all of them.", func(b *behaviour) {
		b.filter = func(c *call, t *track) bool {
			query := c.request.URL.Query()
			known := slices.ContainsFunc(c.user.library, func(other *track) bool { return other.engine == query.Get("engine") })
			return modeOK(query, t) && (!known || engineOK(query, t))
		}
	})
	add("engine-unknown-404", "An engine that made none of the tracks is 404.", func(b *behaviour) {
		b.onAnswer(opList, 200, func(c *call, a *answer) {
			if c.request.URL.Query().Get("engine") != "" && len(a.body.get("items").([]*object)) == 0 {
				*a = *b.refuse(c, notFound)
			}
		})
	})
	add("filter-drops-order", "A filtered list is oldest save first.", func(b *behaviour) {
		usual := b.library
		b.library = func(c *call) []*track {
			tracks := usual(c)
			if query := c.request.URL.Query(); query.Has("mode") || query.Has("engine") {
				slices.Reverse(tracks)
			}
			return tracks
		}
	})

	// The answer.
	add("bare-array", "A list is an array without the object around it.", func(b *behaviour) {
		b.onAnswer(opList, 200, func(_ *call, a *answer) {
			data := newObject("items", a.body.get("items")).compact()
			a.raw = data[len(`{"items":`) : len(data)-1]
		})
	})
	add("items-null", "The items of an empty list are null.", body(func(_ *call, o *object) {
		if len(o.get("items").([]*object)) == 0 {
			o.set("items", nil)
		}
	}))
	add("items-missing", "An empty list has no items.", body(func(_ *call, o *object) {
		if len(o.get("items").([]*object)) == 0 {
			o.remove("items")
		}
	}))
	add("items-named-tracks", "The items are called tracks.", body(func(_ *call, o *object) { o.add("tracks", o.get("items")); o.remove("items") }))
	add("items-are-ids", "The items are ids instead of tracks.", body(func(_ *call, o *object) {
		ids := []any{}
		for _, item := range o.get("items").([]*object) {
			ids = append(ids, item.get("id"))
		}
		o.set("items", ids)
	}))
	add("empty-204", "An empty list is 204.", func(b *behaviour) {
		b.onAnswer(opList, 200, func(_ *call, a *answer) {
			if len(a.body.get("items").([]*object)) == 0 {
				a.status, a.body = http.StatusNoContent, nil
				a.header.Del("Content-Type")
			}
		})
	})
	add("limit-missing", "The answer has no limit.", body(func(_ *call, o *object) { o.remove("limit") }))
	add("offset-missing", "The answer has no offset.", body(func(_ *call, o *object) { o.remove("offset") }))
	add("limit-echo-constant", "The answer's limit is 50, whatever was asked for.", body(func(_ *call, o *object) { o.set("limit", defaultLimit) }))
	add("limit-echo-count", "The answer's limit is the number of items.", body(func(_ *call, o *object) { o.set("limit", len(o.get("items").([]*object))) }))
	add("limit-echo-string", "The answer's limit is a text.", body(func(_ *call, o *object) { o.set("limit", strconv.Itoa(o.get("limit").(int))) }))
	add("offset-echo-zero", "The answer's offset is 0, whatever was asked for.", body(func(_ *call, o *object) { o.set("offset", 0) }))
	add("offset-echo-next", "The answer's offset is that of the next page.", body(func(_ *call, o *object) { o.set("offset", o.get("offset").(int)+o.get("limit").(int)) }))
	add("playback-url", "Items have a playback_url.", items(func(c *call, t *track, item *object) {
		item.set("playback_url", describe(c, t, false).get("playback_url"))
	}))
	add("playback-url-missing", "Items lack playback_url instead of having null.", items(func(_ *call, _ *track, item *object) { item.remove("playback_url") }))
	add("stem-urls-missing", "Items lack stem_urls instead of having null.", items(func(_ *call, _ *track, item *object) { item.remove("stem_urls") }))
	add("stem-urls-empty", "Items have an empty object for stem_urls.", items(func(_ *call, _ *track, item *object) { item.set("stem_urls", newObject()) }))
	for _, name := range []string{"id", "title", "engine", "mode", "measured_duration_seconds", "instrumental", "licence_class", "created_at"} {
		add("item-no-"+kebab(name), "Items have no "+name+".", items(func(_ *call, _ *track, item *object) { item.remove(name) }))
	}
	add("item-engine-of-first", "All items show the engine of the library's newest track.", items(func(c *call, _ *track, item *object) {
		if n := len(c.user.library); n > 0 {
			item.set("engine", c.user.library[n-1].engine)
		}
	}))
	add("item-title-untitled", "Items without a title have the text Untitled.", items(func(_ *call, t *track, item *object) {
		if t.title == nil {
			item.set("title", "Untitled")
		}
	}))
	add("item-created-at-local", "created_at of items is in a zone two hours east of UTC.", items(func(_ *call, t *track, item *object) {
		item.set("created_at", t.createdAt.In(time.FixedZone("", 2*60*60)).Format(time.RFC3339))
	}))
	refusedWindow := func(edit func(c *call, a *answer)) func(*behaviour) {
		return func(b *behaviour) { b.onAnswer(opList, 422, edit) }
	}
	add("422-as-400", "A bad limit is 400.", refusedWindow(func(_ *call, a *answer) { a.status = 400; a.err().set("status", 400) }))
	add("422-as-500", "A bad limit is 500.", refusedWindow(func(_ *call, a *answer) { a.status = 500; a.err().set("status", 500) }))
	add("422-code", "A bad limit has the code BAD_REQUEST.", refusedWindow(func(_ *call, a *answer) { a.err().set("code", "BAD_REQUEST") }))
	add("422-bare", "A bad limit is 422 with a body of a framework's own shape.", refusedWindow(func(_ *call, a *answer) {
		a.body = newObject("detail", []*object{newObject("loc", []string{"query", "limit"}, "msg", "Input should be less than or equal to 100")})
	}))
	add("422-type", "A bad limit has the type server_error.", refusedWindow(func(_ *call, a *answer) { a.err().set("type", "server_error") }))
	add("422-for-outsider", "A bad limit is told to an outsider too, before the membership is looked at.", func(b *behaviour) {
		b.onAnswer(opList, 404, func(c *call, a *answer) {
			if _, _, ok := b.window(c.request.URL.Query()); !ok {
				*a = *b.refuse(c, invalid)
			}
		})
	})
	return faults
}

func title(t *track) string {
	if t.title == nil {
		return ""
	}
	return *t.title
}

func boolean(yes bool) int {
	if yes {
		return 1
	}
	return 0
}
