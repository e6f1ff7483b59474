package faulty

import (
	"net/url"
	"slices"
	"strings"
)

// filterFaults are about mode and engine of a list.
func filterFaults() []Fault {
	list := faultsOf(List)
	add := list.add

	changeFilter := func(change func(query url.Values, t *track, ok bool) bool) func(*behaviour) {
		return func(b *behaviour) {
			usual := b.filter
			b.filter = func(c *call, t *track) bool {
				return change(c.request.URL.Query(), t, usual(c, t))
			}
		}
	}
	add("list-mode-ignored",
		"mode is ignored.",
		detectedBy("list-tracks/filters"),
		changeFilter(func(query url.Values, t *track, _ bool) bool { return engineOK(query, t) }))
	add("list-engine-ignored",
		"engine is ignored.",
		detectedBy("list-tracks/filters"),
		changeFilter(func(query url.Values, t *track, _ bool) bool { return modeOK(query, t) }))
	add("list-filters-either",
		"Of mode and engine one has to fit.",
		detectedBy("list-tracks/filters"),
		changeFilter(func(query url.Values, t *track, ok bool) bool {
			return ok || query.Has("mode") && query.Has("engine") && (modeOK(query, t) || engineOK(query, t))
		}))
	add("list-mode-inverted",
		"mode lists the tracks of all other modes.",
		detectedBy("list-tracks/filters"),
		changeFilter(func(query url.Values, t *track, _ bool) bool {
			return engineOK(query, t) && (!query.Has("mode") || !modeOK(query, t))
		}))
	add("list-mode-case",
		"mode is compared without regard to case.",
		detectedBy("list-tracks/filters"),
		func(b *behaviour) { readMode(b, strings.ToLower) })
	add("list-mode-unknown-lists-all",
		"An unknown mode lists everything.",
		detectedBy("list-tracks/filters"),
		func(b *behaviour) {
			readMode(b, func(mode string) string {
				return map[string]string{"creation": mode, "focus": mode}[mode]
			})
		})
	add("list-filter-not-decoded",
		"The values of a query are not percent-decoded.",
		detectedBy("list-tracks/filters"),
		func(b *behaviour) {
			usual := b.filter
			b.filter = func(c *call, t *track) bool {
				for name, values := range c.request.URL.Query() {
					encoded := len(values) == 1 && strings.Contains(c.request.URL.RawQuery, name+"=%")
					if encoded && (name == "mode" || name == "engine") {
						return false
					}
				}
				return usual(c, t)
			}
		})
	add("list-engine-case",
		"engine is compared without regard to case.",
		detectedBy("list-tracks/filters"),
		changeFilter(func(query url.Values, t *track, ok bool) bool {
			return ok || modeOK(query, t) && strings.EqualFold(query.Get("engine"), t.engine)
		}))
	add("list-engine-prefix",
		"The beginning of an engine's name is enough.",
		detectedBy("list-tracks/filters"),
		changeFilter(func(query url.Values, t *track, ok bool) bool {
			engine := query.Get("engine")
			return ok || modeOK(query, t) && engine != "" && strings.HasPrefix(t.engine, engine)
		}))
	add("list-engine-unknown-lists-all",
		"An engine that made none of the tracks lists all of them.",
		detectedBy("list-tracks/filters"),
		func(b *behaviour) {
			b.filter = func(c *call, t *track) bool {
				query := c.request.URL.Query()
				known := slices.ContainsFunc(c.user.library, func(other *track) bool {
					return other.engine == query.Get("engine")
				})
				return modeOK(query, t) && (!known || engineOK(query, t))
			}
		})
	add("list-engine-unknown-404",
		"An engine that made none of the tracks is 404.",
		detectedBy("list-tracks/filters"),
		onResponse(opList, 200, func(c *call, resp *response) {
			if c.request.URL.Query().Get("engine") != "" && len(resp.body.get("items").([]*object)) == 0 {
				*resp = *c.server.behaviour.refuse(c, notFound)
			}
		}))
	add("list-filter-drops-order",
		"A filtered list is oldest save first.",
		detectedBy("list-tracks/filters"),
		func(b *behaviour) {
			usual := b.library
			b.library = func(c *call) []*track {
				tracks := usual(c)
				if query := c.request.URL.Query(); query.Has("mode") || query.Has("engine") {
					slices.Reverse(tracks)
				}
				return tracks
			}
		})
	add("list-collection-id-ignored",
		"collection_id is ignored, so that an unknown collection lists everything.",
		warnedBy("list-tracks/filter-of-nothing"),
		changeFilter(func(query url.Values, t *track, _ bool) bool {
			return modeOK(query, t) && engineOK(query, t)
		}))
	add("list-collection-id-inherited",
		"A collection_id that every object of the language has, such as toString, lists everything.",
		warnedBy("list-tracks/filter-of-nothing"),
		changeFilter(func(query url.Values, t *track, ok bool) bool {
			inherited := slices.Contains([]string{"constructor", "toString", "__proto__"}, query.Get("collection_id"))
			return ok || inherited && modeOK(query, t) && engineOK(query, t)
		}))
	add("list-engine-empty-lists-all",
		"An empty engine lists everything.",
		warnedBy("list-tracks/filter-of-nothing"),
		changeFilter(func(query url.Values, t *track, ok bool) bool {
			return ok || modeOK(query, t) && collectionOK(query) && query.Get("engine") == ""
		}))
	add("list-engine-falsy-lists-all",
		"An engine of 0 counts as none, as in languages where the text 0 is false.",
		warnedBy("list-tracks/filter-of-nothing"),
		changeFilter(func(query url.Values, t *track, ok bool) bool {
			return ok || modeOK(query, t) && collectionOK(query) && query.Get("engine") == "0"
		}))
	add("list-engine-unknown-word-lists-all",
		"An engine that made no track of the organization is dropped from the query.",
		warnedBy("list-tracks/filter-of-nothing"),
		changeFilter(func(query url.Values, t *track, ok bool) bool {
			made := slices.ContainsFunc(t.organization.tracks, func(other *track) bool {
				return other.engine == query.Get("engine")
			})
			return ok || modeOK(query, t) && collectionOK(query) && !made
		}))
	add("list-filters-beyond-first-ignored",
		"Of several filters the first in the query counts.",
		detectedBy("list-tracks/filters"),
		func(b *behaviour) {
			b.filter = func(c *call, t *track) bool {
				query, raw := c.request.URL.Query(), c.request.URL.RawQuery
				mode, engine := strings.Index(raw, "mode="), strings.Index(raw, "engine=")
				switch {
				case mode >= 0 && (engine < 0 || mode < engine):
					return modeOK(query, t)
				case engine >= 0:
					return engineOK(query, t)
				}
				return collectionOK(query)
			}
		})
	return list.faults
}
