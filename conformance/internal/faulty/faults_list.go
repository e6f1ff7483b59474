package faulty

import (
	"math/rand/v2"
	"slices"
	"strings"
)

// listFaults are about which tracks a list shows, and in what order.
func listFaults() []Fault {
	list := faultsOf(List)
	add := list.add

	changeLibrary := func(change func(c *call, tracks []*track) []*track) func(*behaviour) {
		return func(b *behaviour) {
			usual := b.library
			b.library = func(c *call) []*track { return change(c, usual(c)) }
		}
	}
	isLive := func(c *call, t *track) bool {
		return t.organization.id == c.organization && !c.server.behaviour.isDeleted(c, t)
	}

	// Order.
	add("list-oldest-first",
		"The library is listed oldest save first.",
		detectedBy("list-tracks/newest-save-first", "list-tracks/created-is-not-saved"),
		changeLibrary(func(_ *call, tracks []*track) []*track {
			slices.Reverse(tracks)
			return tracks
		}))
	add("list-by-id",
		"The library is listed by the tracks' ids.",
		detectedBy("list-tracks/newest-save-first", "list-tracks/created-is-not-saved"),
		changeLibrary(func(_ *call, tracks []*track) []*track {
			slices.SortStableFunc(tracks, func(a, b *track) int { return strings.Compare(a.id, b.id) })
			return tracks
		}))
	add("list-capped-at-100",
		"The library ends with the hundredth track.",
		detectedBy("list-tracks/default-page"),
		changeLibrary(func(_ *call, tracks []*track) []*track {
			return tracks[:min(100, len(tracks))]
		}))
	add("list-of-user-id-query",
		"A user_id in the query says whose library is listed.",
		detectedBy("list-tracks/key-decides-whose"),
		func(b *behaviour) {
			usual := b.library
			b.library = func(c *call) []*track {
				caller := c.user
				defer func() { c.user = caller }()
				for _, u := range c.server.state.keys {
					if u.id == c.request.URL.Query().Get("user_id") {
						c.user = u
					}
				}
				return usual(c)
			}
		})
	add("list-by-title",
		"The library is listed by the tracks' titles.",
		detectedBy("list-tracks/newest-save-first", "list-tracks/created-is-not-saved"),
		changeLibrary(func(_ *call, tracks []*track) []*track {
			slices.SortStableFunc(tracks, func(a, b *track) int {
				return strings.Compare(title(a), title(b))
			})
			return tracks
		}))
	add("list-unordered",
		"The library is listed in no order, and differently each time.",
		detectedBy("list-tracks/newest-save-first", "list-tracks/created-is-not-saved"),
		changeLibrary(func(_ *call, tracks []*track) []*track {
			rand.Shuffle(len(tracks), func(i, j int) { tracks[i], tracks[j] = tracks[j], tracks[i] })
			return tracks
		}))
	add("list-own-first",
		"Tracks that the caller created come before all others in its library.",
		detectedBy("list-tracks/newest-save-first", "list-tracks/created-is-not-saved"),
		changeLibrary(func(c *call, tracks []*track) []*track {
			slices.SortStableFunc(tracks, func(a, b *track) int {
				return boolean(b.creator == c.user) - boolean(a.creator == c.user)
			})
			return tracks
		}))
	add("list-page-oldest-first",
		"The library is cut newest first, and each page listed oldest first.",
		detectedBy("list-tracks/windows"),
		func(b *behaviour) {
			usual := b.page
			b.page = func(tracks []*track, limit, offset int) []*track {
				cut := slices.Clone(usual(tracks, limit, offset))
				slices.Reverse(cut)
				return cut
			}
		})

	// Whose tracks.
	add("list-created-too",
		"Tracks that the caller created and did not save are listed too.",
		detectedBy("list-tracks/created-is-not-saved"),
		changeLibrary(func(c *call, tracks []*track) []*track {
			if o := c.server.state.organizations[c.organization]; o != nil {
				for _, t := range o.tracks {
					if t.creator == c.user && isLive(c, t) && !slices.Contains(tracks, t) {
						tracks = append(tracks, t)
					}
				}
			}
			return tracks
		}))
	add("list-created-only",
		"Only tracks that the caller created are listed.",
		detectedBy("list-tracks/created-is-not-saved", "list-tracks/newest-save-first"),
		changeLibrary(func(c *call, tracks []*track) []*track {
			return slices.DeleteFunc(tracks, func(t *track) bool { return t.creator != c.user })
		}))
	add("list-saved-from-others-only",
		"The caller's own tracks are not listed, saved or not.",
		detectedBy("list-tracks/newest-save-first", "list-tracks/created-is-not-saved"),
		changeLibrary(func(c *call, tracks []*track) []*track {
			return slices.DeleteFunc(tracks, func(t *track) bool { return t.creator == c.user })
		}))
	add("list-all-of-organization",
		"All live tracks of the organization are listed.",
		detectedBy("list-tracks/newest-save-first", "list-tracks/created-is-not-saved"),
		changeLibrary(func(c *call, tracks []*track) []*track {
			if o := c.server.state.organizations[c.organization]; o != nil {
				tracks = nil
				for _, t := range slices.Backward(o.tracks) {
					if isLive(c, t) {
						tracks = append(tracks, t)
					}
				}
			}
			return tracks
		}))
	add("list-saved-by-anybody",
		"What anybody of the organization saved is listed.",
		detectedBy("list-tracks/newest-save-first", "list-tracks/created-is-not-saved"),
		changeLibrary(func(c *call, tracks []*track) []*track {
			if o := c.server.state.organizations[c.organization]; o != nil {
				for _, t := range o.tracks {
					if len(t.savers) > 0 && isLive(c, t) && !slices.Contains(tracks, t) {
						tracks = append(tracks, t)
					}
				}
			}
			return tracks
		}))
	add("list-other-organizations-too",
		"What the caller saved in other organizations is listed too.",
		detectedBy("list-tracks/newest-save-first", "list-tracks/created-is-not-saved"),
		func(b *behaviour) {
			b.library = func(c *call) []*track {
				var tracks []*track
				for _, t := range slices.Backward(c.user.library) {
					if !b.isDeleted(c, t) {
						tracks = append(tracks, t)
					}
				}
				return tracks
			}
		})
	add("list-of-first-member",
		"Everybody gets the library of the organization's first member.",
		detectedBy("list-tracks/newest-save-first", "list-tracks/created-is-not-saved"),
		func(b *behaviour) {
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
	add("list-orphans-left-out",
		"Saved tracks whose creator has left the organization are not listed.",
		detectedBy("list-tracks/newest-save-first", "list-tracks/created-is-not-saved"),
		changeLibrary(func(_ *call, tracks []*track) []*track {
			return slices.DeleteFunc(tracks, func(t *track) bool {
				return !t.creator.memberOf[t.organization.id]
			})
		}))
	add("list-untitled-left-out",
		"Tracks without a title are not listed.",
		detectedBy("list-tracks/newest-save-first", "list-tracks/created-is-not-saved"),
		changeLibrary(func(_ *call, tracks []*track) []*track {
			return slices.DeleteFunc(tracks, func(t *track) bool { return t.title == nil })
		}))
	add("list-last-twice",
		"The newest track of a library is listed twice.",
		detectedBy("list-tracks/newest-save-first", "list-tracks/created-is-not-saved"),
		changeLibrary(func(_ *call, tracks []*track) []*track {
			if len(tracks) == 0 {
				return tracks
			}
			return append([]*track{tracks[0]}, tracks...)
		}))
	add("list-same-title-once",
		"Of tracks with the same title one is listed.",
		detectedBy("list-tracks/newest-save-first", "list-tracks/created-is-not-saved"),
		changeLibrary(func(_ *call, tracks []*track) []*track {
			seen := map[string]bool{}
			return slices.DeleteFunc(tracks, func(t *track) bool {
				double := seen[title(t)] && t.title != nil
				seen[title(t)] = true
				return double
			})
		}))
	add("list-outsider-empty",
		"An outsider gets an empty list.",
		detectedBy("list-tracks/matrix-of-a-foreigner"),
		onResponse(opList, 404, func(_ *call, resp *response) {
			*resp = *newResponse(200, newObject("items", []*object{}, "limit", defaultLimit, "offset", 0))
		}))
	add("list-outsider-403",
		"An outsider gets 403 for a list.",
		detectedBy("list-tracks/matrix-of-a-foreigner"),
		onResponse(opList, 404, becomes(forbidden)))
	add("list-missing-organization-differs",
		"The 404 for the list of a missing organization says something else than for a foreign one.",
		detectedBy("list-tracks/404s-are-alike"),
		onResponse(opList, 404, func(c *call, resp *response) {
			if c.server.state.organizations[c.organization] == nil {
				resp.err().set("message", "There is no such organization.")
			}
		}))
	return list.faults
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
