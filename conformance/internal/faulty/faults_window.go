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

// windowFaults are about limit and offset of a list.
func windowFaults() []Fault {
	list := faultsOf(List)
	add := list.add

	number := func(accept func(n int) (int, bool)) func(string) (int, bool) {
		return func(value string) (int, bool) {
			n, err := strconv.Atoi(value)
			if err != nil {
				return 0, false
			}
			return accept(n)
		}
	}
	add("list-limit-ignored",
		"limit is ignored.",
		detectedBy("list-tracks/windows"),
		func(b *behaviour) {
			usual := b.page
			b.page = func(tracks []*track, _, offset int) []*track {
				return usual(tracks, len(tracks), offset)
			}
		})
	add("list-limit-off-by-one",
		"A list holds one track more than limit.",
		detectedBy("list-tracks/windows"),
		func(b *behaviour) {
			usual := b.page
			b.page = func(tracks []*track, limit, offset int) []*track {
				return usual(tracks, limit+1, offset)
			}
		})
	add("list-limit-one-less",
		"A list holds one track less than limit.",
		detectedBy("list-tracks/windows"),
		func(b *behaviour) {
			usual := b.page
			b.page = func(tracks []*track, limit, offset int) []*track {
				return usual(tracks, max(limit-1, 1), offset)
			}
		})
	add("list-default-20",
		"The default of limit is 20.",
		detectedBy("list-tracks/default-page"),
		changeWindow(func(query url.Values, limit, offset int, ok bool) (int, int, bool) {
			if !query.Has("limit") {
				limit = 20
			}
			return limit, offset, ok
		}))
	add("list-default-100",
		"The default of limit is 100.",
		detectedBy("list-tracks/default-page"),
		changeWindow(func(query url.Values, limit, offset int, ok bool) (int, int, bool) {
			if !query.Has("limit") {
				limit = 100
			}
			return limit, offset, ok
		}))
	add("list-max-99",
		"A limit of 100 is 422.",
		detectedBy("list-tracks/default-page", "list-tracks/windows"),
		changeWindow(func(_ url.Values, limit, offset int, ok bool) (int, int, bool) {
			return limit, offset, ok && limit < 100
		}))
	add("list-limit-50-at-most",
		"A list never holds more than 50 tracks, whatever limit says.",
		detectedBy("list-tracks/default-page"),
		func(b *behaviour) {
			usual := b.page
			b.page = func(tracks []*track, limit, offset int) []*track {
				return usual(tracks, min(limit, 50), offset)
			}
		})
	add("list-limit-1000-accepted",
		"A limit of up to 1000 is accepted.",
		detectedBy("list-tracks/bad-window-gets-422"),
		acceptValue("limit", number(func(n int) (int, bool) { return n, 100 < n && n <= 1000 })))
	add("list-limit-101-clamped",
		"A limit of over 100 is taken as 100.",
		detectedBy("list-tracks/bad-window-gets-422"),
		acceptValue("limit", number(func(n int) (int, bool) { return 100, n > 100 })))
	add("list-limit-zero-accepted",
		"A limit of 0 is an empty list.",
		detectedBy("list-tracks/bad-window-gets-422"),
		acceptValue("limit", number(func(n int) (int, bool) { return 0, n == 0 })))
	add("list-limit-zero-is-default",
		"A limit of 0 is taken as the default.",
		detectedBy("list-tracks/bad-window-gets-422"),
		acceptValue("limit", number(func(n int) (int, bool) { return defaultLimit, n == 0 })))
	add("list-limit-negative-is-default",
		"A limit of less than 0 is taken as the default.",
		detectedBy("list-tracks/bad-window-gets-422"),
		acceptValue("limit", number(func(n int) (int, bool) { return defaultLimit, n < 0 })))
	add("list-limit-text-is-default",
		"A limit that is not a number is taken as the default.",
		detectedBy("list-tracks/bad-window-gets-422"),
		acceptValue("limit", func(value string) (int, bool) {
			_, err := strconv.Atoi(value)
			return defaultLimit, err != nil && value != ""
		}))
	add("list-limit-fraction-accepted",
		"A limit with a fraction is cut off.",
		detectedBy("list-tracks/bad-window-gets-422"),
		acceptValue("limit", func(value string) (int, bool) {
			f, err := strconv.ParseFloat(value, 64)
			return int(f), err == nil && 1 <= f && f <= 100 && strings.Contains(value, ".")
		}))
	add("list-limit-digits-then-text",
		"A limit is read up to the first character that is not a digit.",
		detectedBy("list-tracks/bad-window-gets-422"),
		acceptValue("limit", func(value string) (int, bool) {
			digits := value[:len(value)-len(strings.TrimLeft(value, "0123456789"))]
			n, err := strconv.Atoi(digits)
			return n, err == nil && 1 <= n && n <= 100
		}))
	add("list-limit-hexadecimal",
		"A limit may be written in hexadecimal.",
		detectedBy("list-tracks/bad-window-gets-422"),
		acceptValue("limit", func(value string) (int, bool) {
			n, err := strconv.ParseInt(value, 0, 32)
			return int(n), err == nil && strings.HasPrefix(value, "0x") && 1 <= n && n <= 100
		}))
	add("list-limit-overflows",
		"A limit beyond 32 bits overflows to one that is accepted.",
		detectedBy("list-tracks/bad-window-gets-422"),
		acceptValue("limit", func(value string) (int, bool) {
			n, err := strconv.ParseInt(value, 10, 64)
			return max(1, int(uint32(n)%101)), err == nil && n > 1<<31
		}))
	add("list-limit-huge-500",
		"A limit beyond 64 bits is 500.",
		detectedBy("list-tracks/bad-window-gets-422"),
		onResponse(opList, 422, func(c *call, resp *response) {
			if len(c.request.URL.Query().Get("limit")) > 18 {
				resp.status = 500
			}
		}))
	add("list-offset-ignored",
		"offset is ignored.",
		detectedBy("list-tracks/windows"),
		func(b *behaviour) {
			usual := b.page
			b.page = func(tracks []*track, limit, _ int) []*track { return usual(tracks, limit, 0) }
		})
	add("list-offset-from-one",
		"offset counts from one.",
		detectedBy("list-tracks/windows"),
		func(b *behaviour) {
			usual := b.page
			b.page = func(tracks []*track, limit, offset int) []*track {
				return usual(tracks, limit, max(offset-1, 0))
			}
		})
	add("list-offset-one-more",
		"An offset skips one track more.",
		detectedBy("list-tracks/windows"),
		func(b *behaviour) {
			usual := b.page
			b.page = func(tracks []*track, limit, offset int) []*track {
				if offset > 0 {
					offset++
				}
				return usual(tracks, limit, offset)
			}
		})
	add("list-offset-counts-pages",
		"offset counts pages instead of tracks.",
		detectedBy("list-tracks/windows"),
		func(b *behaviour) {
			usual := b.page
			b.page = func(tracks []*track, limit, offset int) []*track {
				return usual(tracks, limit, offset*limit)
			}
		})
	add("list-offset-from-end",
		"A page is counted from the oldest save when there is an offset.",
		detectedBy("list-tracks/windows"),
		func(b *behaviour) {
			usual := b.page
			b.page = func(tracks []*track, limit, offset int) []*track {
				if offset > 0 {
					tracks = slices.Clone(tracks)
					slices.Reverse(tracks)
				}
				return usual(tracks, limit, offset)
			}
		})
	add("list-offset-shortens-page",
		"An offset is taken off the end of the page too.",
		detectedBy("list-tracks/windows"),
		func(b *behaviour) {
			b.page = func(tracks []*track, limit, offset int) []*track {
				return page(page(tracks, limit, 0), limit, offset)
			}
		})
	add("list-offset-negative-accepted",
		"An offset of less than 0 is taken as 0.",
		detectedBy("list-tracks/bad-window-gets-422"),
		acceptValue("offset", number(func(n int) (int, bool) { return 0, n < 0 })))
	add("list-offset-text-is-zero",
		"An offset that is not a number is taken as 0.",
		detectedBy("list-tracks/bad-window-gets-422"),
		acceptValue("offset", func(value string) (int, bool) {
			_, err := strconv.Atoi(value)
			return 0, err != nil && value != ""
		}))
	add("list-offset-fraction-accepted",
		"An offset with a fraction is cut off.",
		detectedBy("list-tracks/bad-window-gets-422"),
		acceptValue("offset", func(value string) (int, bool) {
			f, err := strconv.ParseFloat(value, 64)
			return int(f), err == nil && f >= 0 && strings.Contains(value, ".")
		}))
	onPageBeyondEnd := func(edit func(c *call, resp *response)) func(*behaviour) {
		return onResponse(opList, 200, func(c *call, resp *response) {
			if c.request.URL.Query().Has("offset") && len(resp.body.get("items").([]*object)) == 0 {
				edit(c, resp)
			}
		})
	}
	add("list-offset-beyond-404",
		"An offset beyond the end is 404.",
		detectedBy("list-tracks/windows"),
		onPageBeyondEnd(becomes(notFound)))
	add("list-offset-beyond-500",
		"An offset beyond the end is 500.",
		detectedBy("list-tracks/windows"),
		onPageBeyondEnd(func(_ *call, resp *response) { resp.status = 500 }))
	add("list-offset-beyond-null",
		"The items beyond the end are null.",
		detectedBy("list-tracks/windows"),
		onPageBeyondEnd(func(_ *call, resp *response) { resp.body.set("items", nil) }))
	add("list-window-before-filter",
		"The window is cut before the filter, so that pages have holes.",
		detectedBy("list-tracks/filters-before-window"),
		func(b *behaviour) { b.windowFirst = true })
	add("list-window-counts-deleted",
		"The window counts deleted tracks, so that pages have holes.",
		detectedBy("list-tracks/order-survives-changes"),
		func(b *behaviour) {
			isDeleted := b.isDeleted
			b.isDeleted = func(c *call, t *track) bool {
				return c.operation != opList && isDeleted(c, t)
			}
			usual := b.page
			b.page = func(tracks []*track, limit, offset int) []*track {
				return slices.DeleteFunc(slices.Clone(usual(tracks, limit, offset)), func(t *track) bool {
					return !t.deletedAt.IsZero()
				})
			}
		})
	add("list-offset-of-64-bits-500",
		"An offset that does not fit into 64 bits is 500.",
		detectedBy("list-tracks/windows"),
		onResponse(opList, 422, func(c *call, resp *response) {
			_, err := strconv.ParseInt(c.request.URL.Query().Get("offset"), 10, 64)
			if errors.Is(err, strconv.ErrRange) {
				setStatus(500)(c, resp)
			}
		}))
	add("list-offset-wraps",
		"Of an offset the last 32 bits count.",
		detectedBy("list-tracks/windows"),
		acceptValue("offset", func(value string) (int, bool) {
			n, ok := new(big.Int).SetString(value, 10)
			if !ok || n.Sign() < 0 {
				return 0, false
			}
			return int(n.And(n, big.NewInt(1<<32-1)).Int64()), true
		}))
	return list.faults
}

// readMode lets a list's mode count as what read makes of it, with "" for none.
func readMode(b *behaviour, read func(string) string) {
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
		return modeOK(query, t) && engineOK(query, t)
	}
}

// changeWindow changes what is read of limit and offset.
func changeWindow(
	change func(query url.Values, limit, offset int, ok bool) (int, int, bool),
) func(*behaviour) {
	return func(b *behaviour) {
		usual := b.window
		b.window = func(query url.Values) (int, int, bool) {
			limit, offset, ok := usual(query)
			return change(query, limit, offset, ok)
		}
	}
}

// acceptValue accepts bad values of one parameter, with the number that accept makes of them.
func acceptValue(name string, accept func(value string) (int, bool)) func(*behaviour) {
	return changeWindow(func(query url.Values, limit, offset int, ok bool) (int, int, bool) {
		if n, accepted := accept(query.Get(name)); !ok && query.Has(name) && accepted {
			if name == "limit" {
				return n, offset, true
			}
			return limit, n, true
		}
		return limit, offset, ok
	})
}
