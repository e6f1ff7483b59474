package faulty

import (
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

func listFaults() []Fault {
	list := faultsOf(List)
	add := list.add
	changeLibrary := func(change func(c *call, tracks []*track) []*track) func(*behaviour) {
		return func(b *behaviour) {
			usual := b.library
			b.library = func(c *call) []*track { return change(c, usual(c)) }
		}
	}
	changeBody := func(change func(c *call, body *object)) func(*behaviour) {
		return onResponse(opList, http.StatusOK, func(c *call, resp *response) { change(c, resp.body) })
	}
	changeItems := func(change func(c *call, t *track, item *object)) func(*behaviour) {
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

	// The response.
	add("list-bare-array",
		"A list is an array without the object around it.",
		detectedBy("list-tracks/newest-save-first", "list-tracks/created-is-not-saved"),
		onResponse(opList, 200, func(_ *call, resp *response) {
			data := newObject("items", resp.body.get("items")).compact()
			resp.raw = data[len(`{"items":`) : len(data)-1]
		}))
	add("list-items-null",
		"The items of an empty list are null.",
		detectedBy("list-tracks/newest-save-first", "list-tracks/windows"),
		changeBody(func(_ *call, o *object) {
			if len(o.get("items").([]*object)) == 0 {
				o.set("items", nil)
			}
		}))
	add("list-items-missing",
		"An empty list has no items.",
		detectedBy("list-tracks/newest-save-first", "list-tracks/windows"),
		changeBody(func(_ *call, o *object) {
			if len(o.get("items").([]*object)) == 0 {
				o.remove("items")
			}
		}))
	add("list-items-named-tracks",
		"The items are called tracks.",
		detectedBy("list-tracks/newest-save-first", "list-tracks/created-is-not-saved"),
		changeBody(func(_ *call, o *object) { o.add("tracks", o.get("items")); o.remove("items") }))
	add("list-items-are-ids",
		"The items are ids instead of tracks.",
		detectedBy("list-tracks/newest-save-first", "list-tracks/created-is-not-saved"),
		changeBody(func(_ *call, o *object) {
			ids := []any{}
			for _, item := range o.get("items").([]*object) {
				ids = append(ids, item.get("id"))
			}
			o.set("items", ids)
		}))
	add("list-empty-204",
		"An empty list is 204.",
		detectedBy("list-tracks/newest-save-first", "list-tracks/windows"),
		onResponse(opList, 200, func(_ *call, resp *response) {
			if len(resp.body.get("items").([]*object)) == 0 {
				resp.status, resp.body = http.StatusNoContent, nil
				resp.header.Del("Content-Type")
			}
		}))
	add("list-limit-missing",
		"The response has no limit.",
		detectedBy("list-tracks/windows"),
		changeBody(func(_ *call, o *object) { o.remove("limit") }))
	add("list-offset-missing",
		"The response has no offset.",
		detectedBy("list-tracks/windows"),
		changeBody(func(_ *call, o *object) { o.remove("offset") }))
	add("list-limit-echo-constant",
		"The response's limit is 50, whatever was asked for.",
		detectedBy("list-tracks/windows"),
		changeBody(func(_ *call, o *object) { o.set("limit", defaultLimit) }))
	add("list-limit-echo-count",
		"The response's limit is the number of items.",
		detectedBy("list-tracks/windows"),
		changeBody(func(_ *call, o *object) { o.set("limit", len(o.get("items").([]*object))) }))
	add("list-limit-echo-string",
		"The response's limit is a text.",
		detectedBy("list-tracks/windows"),
		changeBody(func(_ *call, o *object) { o.set("limit", strconv.Itoa(o.get("limit").(int))) }))
	add("list-offset-echo-zero",
		"The response's offset is 0, whatever was asked for.",
		detectedBy("list-tracks/windows"),
		changeBody(func(_ *call, o *object) { o.set("offset", 0) }))
	add("list-offset-echo-next",
		"The response's offset is that of the next page.",
		detectedBy("list-tracks/windows"),
		changeBody(func(_ *call, o *object) {
			o.set("offset", o.get("offset").(int)+o.get("limit").(int))
		}))
	add("list-playback-url",
		"Items have a playback_url.",
		detectedBy("list-tracks/newest-save-first", "list-tracks/created-is-not-saved"),
		changeItems(func(c *call, t *track, item *object) {
			item.set("playback_url", describe(c, t, false).get("playback_url"))
		}))
	add("list-playback-url-missing",
		"Items lack playback_url instead of having null.",
		detectedBy("list-tracks/newest-save-first", "list-tracks/created-is-not-saved"),
		changeItems(func(_ *call, _ *track, item *object) { item.remove("playback_url") }))
	add("list-stem-urls-missing",
		"Items lack stem_urls instead of having null.",
		detectedBy("list-tracks/newest-save-first", "list-tracks/created-is-not-saved"),
		changeItems(func(_ *call, _ *track, item *object) { item.remove("stem_urls") }))
	add("list-stem-urls-empty",
		"Items have an empty object for stem_urls.",
		detectedBy("list-tracks/newest-save-first", "list-tracks/created-is-not-saved"),
		changeItems(func(_ *call, _ *track, item *object) { item.set("stem_urls", newObject()) }))
	for _, name := range []string{
		"id",
		"title",
		"engine",
		"mode",
		"measured_duration_seconds",
		"instrumental",
		"licence_class",
		"created_at",
	} {
		add("list-item-no-"+kebab(name),
			"Items have no "+name+".",
			detectedBy("list-tracks/newest-save-first", "list-tracks/created-is-not-saved"),
			changeItems(func(_ *call, _ *track, item *object) { item.remove(name) }))
	}
	add("list-item-engine-of-first",
		"All items show the engine of the library's newest track.",
		detectedBy("list-tracks/newest-save-first", "list-tracks/created-is-not-saved"),
		changeItems(func(c *call, _ *track, item *object) {
			if n := len(c.user.library); n > 0 {
				item.set("engine", c.user.library[n-1].engine)
			}
		}))
	add("list-item-title-untitled",
		"Items without a title have the text Untitled.",
		detectedBy("list-tracks/newest-save-first", "list-tracks/created-is-not-saved"),
		changeItems(func(_ *call, t *track, item *object) {
			if t.title == nil {
				item.set("title", "Untitled")
			}
		}))
	add("list-item-created-at-local",
		"created_at of items is in a zone two hours east of UTC.",
		detectedBy("list-tracks/newest-save-first", "list-tracks/created-is-not-saved"),
		changeItems(func(_ *call, t *track, item *object) {
			item.set("created_at", t.createdAt.In(time.FixedZone("", 2*60*60)).Format(time.RFC3339))
		}))
	onBadWindow := func(edit func(c *call, resp *response)) func(*behaviour) {
		return onResponse(opList, 422, edit)
	}
	add("list-422-as-400",
		"A bad limit is 400.",
		detectedBy("list-tracks/bad-window-gets-422"),
		onBadWindow(func(_ *call, resp *response) { resp.status = 400; resp.err().set("status", 400) }))
	add("list-422-as-500",
		"A bad limit is 500.",
		detectedBy("list-tracks/bad-window-gets-422"),
		onBadWindow(func(_ *call, resp *response) { resp.status = 500; resp.err().set("status", 500) }))
	add("list-422-code",
		"A bad limit has the code BAD_REQUEST.",
		detectedBy("list-tracks/bad-window-gets-422"),
		onBadWindow(func(_ *call, resp *response) { resp.err().set("code", "BAD_REQUEST") }))
	add("list-422-bare",
		"A bad limit is 422 with a body of a framework's own shape.",
		detectedBy("list-tracks/bad-window-gets-422"),
		onBadWindow(func(_ *call, resp *response) {
			resp.body = newObject("detail", []*object{newObject(
				"loc", []string{"query", "limit"},
				"msg", "Input should be less than or equal to 100",
			)})
		}))
	add("list-422-type",
		"A bad limit has the type server_error.",
		detectedBy("list-tracks/bad-window-gets-422"),
		onBadWindow(func(_ *call, resp *response) { resp.err().set("type", "server_error") }))
	add("list-422-for-outsider",
		"A bad limit is told to an outsider too, before the membership is looked at.",
		warnedBy("list-tracks/outsider-with-bad-window-gets-404"),
		func(b *behaviour) {
			onResponse(opList, 404, func(c *call, resp *response) {
				if _, _, ok := b.window(c.request.URL.Query()); !ok {
					*resp = *b.refuse(c, invalid)
				}
			})(b)
		})
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
