package faulty

import (
	"errors"
	"maps"
	"math/big"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// windowFaults are about limit, offset and the filters of a list.
func windowFaults() []Fault {
	var faults []Fault
	add := func(name, summary string, apply func(*behaviour)) {
		faults = append(faults, Fault{Name: "list-" + name, Area: List, Summary: summary, apply: apply})
	}

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
	add("mode-case", "mode is compared without regard to case.", func(b *behaviour) { readingMode(b, strings.ToLower) })
	add("mode-unknown-lists-all", "An unknown mode lists everything.", func(b *behaviour) {
		readingMode(b, func(mode string) string { return map[string]string{"creation": mode, "focus": mode}[mode] })
	})
	add("filter-not-decoded", "The values of a query are not percent-decoded.", func(b *behaviour) {
		usual := b.filter
		b.filter = func(c *call, t *track) bool {
			for name, values := range c.request.URL.Query() {
				if len(values) == 1 && strings.Contains(c.request.URL.RawQuery, name+"=%") && (name == "mode" || name == "engine") {
					return false
				}
			}
			return usual(c, t)
		}
	})
	add("offset-of-64-bits-500", "An offset that does not fit into 64 bits is 500.", func(b *behaviour) {
		b.onAnswer(opList, 422, func(c *call, a *answer) {
			if _, err := strconv.ParseInt(c.request.URL.Query().Get("offset"), 10, 64); errors.Is(err, strconv.ErrRange) {
				status(500)(c, a)
			}
		})
	})
	add("offset-wraps", "Of an offset the last 32 bits count.", lenient("offset", func(value string) (int, bool) {
		n, ok := new(big.Int).SetString(value, 10)
		if !ok || n.Sign() < 0 {
			return 0, false
		}
		return int(n.And(n, big.NewInt(1<<32-1)).Int64()), true
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
	return faults
}

// readingMode lets a list's mode count as what read makes of it, with "" for none.
func readingMode(b *behaviour, read func(string) string) {
	reread := func(query url.Values) url.Values {
		if query.Has("mode") {
			query.Set("mode", read(query.Get("mode")))
		}
		if query.Get("mode") == "" {
			query.Del("mode")
		}
		return query
	}
	usual := b.window
	b.window = func(query url.Values) (int, int, bool) { return usual(reread(maps.Clone(query))) }
	b.filter = func(c *call, t *track) bool {
		query := reread(c.request.URL.Query())
		return (!query.Has("mode") || query.Get("mode") == t.mode) && (!query.Has("engine") || query.Get("engine") == t.engine)
	}
}
