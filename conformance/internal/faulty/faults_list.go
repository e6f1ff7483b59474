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
	add("capped-at-100", "The library ends with the hundredth track.", library(func(_ *call, tracks []*track) []*track { return tracks[:min(100, len(tracks))] }))
	add("of-user-id-query", "A user_id in the query says whose library is listed.", func(b *behaviour) {
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
	faults[len(faults)-1].Advisory = true
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
