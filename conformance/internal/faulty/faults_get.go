package faulty

import (
	"fmt"
	"html"
	"net/http"
	"strings"
	"time"
)

func getFaults() []Fault {
	list := faultsOf(Get)
	add := list.add
	onTrack := func(edit func(c *call, resp *response)) func(*behaviour) {
		return onResponse(opGet, http.StatusOK, edit)
	}
	set := func(name string, value any) func(*behaviour) {
		return onTrack(func(_ *call, resp *response) { resp.body.set(name, value) })
	}
	onGetRefused := func(why cause, edit func(c *call, resp *response)) func(*behaviour) {
		return onRefusal(why, func(c *call, resp *response) {
			if c.operation == opGet {
				edit(c, resp)
			}
		})
	}
	sendTrack := func(c *call, resp *response) {
		if c.target != nil {
			*resp = *newResponse(http.StatusOK, describe(c, c.target, false))
		}
	}

	add("get-saver-404",
		"A saver cannot get the track.",
		detectedBy("get-track/creator-and-savers-get-200"),
		func(b *behaviour) {
			hasAccess := b.hasAccess
			b.hasAccess = func(c *call, t *track) bool {
				return hasAccess(c, t) && (c.operation != opGet || t.creator == c.user)
			}
		})
	add("get-saver-403",
		"A saver gets 403 for the track.",
		detectedBy("get-track/creator-and-savers-get-200"),
		onTrack(func(c *call, resp *response) {
			if c.target.creator != c.user {
				*resp = *c.server.behaviour.refuse(c, forbidden)
			}
		}))
	add("get-creator-without-save-404",
		"A creator who has not saved the track cannot get it.",
		detectedBy("get-track/creator-and-savers-get-200"),
		func(b *behaviour) {
			hasAccess := b.hasAccess
			b.hasAccess = func(c *call, t *track) bool {
				return hasAccess(c, t) && (c.operation != opGet || c.user.saved(t))
			}
		})
	add("get-orphan-saver-404",
		"A saver cannot get the track once its creator has left the organization.",
		detectedBy("get-track/matrix-of-a-member", "get-track/creator-and-savers-get-200"),
		func(b *behaviour) {
			hasAccess := b.hasAccess
			b.hasAccess = func(c *call, t *track) bool {
				return hasAccess(c, t) && (c.operation != opGet || t.creator.memberOf[t.organization.id])
			}
		})
	add("get-member-allowed",
		"A member without access can get the track.",
		detectedBy("get-track/without-access-gets-404"),
		onGetRefused(inaccessible, sendTrack))
	add("get-outsider-allowed",
		"A caller of another organization can get the track.",
		detectedBy("get-track/without-access-gets-404"),
		onGetRefused(outsider, sendTrack))
	add("get-member-403",
		"A member without access gets 403 for the track.",
		detectedBy("get-track/without-access-gets-404"),
		onGetRefused(inaccessible, becomes(forbidden)))
	add("get-outsider-403",
		"A caller of another organization gets 403 for the track.",
		detectedBy("get-track/without-access-gets-404"),
		onGetRefused(outsider, becomes(forbidden)))
	add("get-missing-null",
		"Getting a missing track is 200 with null.",
		detectedBy("get-track/without-access-gets-404"),
		onGetRefused(missing, func(_ *call, resp *response) {
			resp.status, resp.raw = http.StatusOK, []byte("null")
		}))
	add("get-missing-empty-object",
		"Getting a missing track is 200 with an empty object.",
		detectedBy("get-track/without-access-gets-404"),
		onGetRefused(missing, func(_ *call, resp *response) {
			*resp = *newResponse(http.StatusOK, newObject())
		}))
	add("get-deleted-200-with-mark",
		"Getting a deleted track is 200 with available false.",
		detectedBy("delete-track/gone-for-everybody"),
		onGetRefused(deleted, func(c *call, resp *response) {
			sendTrack(c, resp)
			resp.body.add("available", false)
		}))

	for _, name := range []string{
		"id",
		"title",
		"playback_url",
	} {
		add("get-no-"+kebab(name),
			"A track has no "+name+".",
			detectedBy("get-track/creator-and-savers-get-200"),
			onTrack(func(_ *call, resp *response) { resp.body.remove(name) }))
	}
	for _, wrong := range []member{
		{"id", 17},
		{"title", 17},
		{"mode", nil},
		{"instrumental", "false"},
		{"created_at", 1782642600},
		{"stem_urls", []string{}},
	} {
		add("get-wrong-kind-"+kebab(wrong.name),
			fmt.Sprintf("A track's %s is of a kind that it must not be.", wrong.name),
			detectedBy("get-track/creator-and-savers-get-200"),
			set(wrong.name, wrong.value))
	}
	add("get-mode-of-own",
		"A track's mode is a word that the contract does not have.",
		detectedBy("get-track/creator-and-savers-get-200"),
		set("mode", "ambient"))
	add("get-other-id",
		"A track's id is not the one asked for.",
		detectedBy("get-track/creator-and-savers-get-200"),
		set("id", "mtrack_000000000000"))
	add("get-other-title",
		"A track's title is not the one it was created with.",
		detectedBy("get-track/creator-and-savers-get-200"),
		set("title", "Track 1"))
	add("get-title-trimmed",
		"A track's title loses its last character.",
		detectedBy("get-track/creator-and-savers-get-200"),
		onTrack(func(c *call, resp *response) {
			if t := c.target.title; t != nil && *t != "" {
				resp.body.set("title", (*t)[:len(*t)-1])
			}
		}))
	add("get-title-empty-for-null",
		"A track without a title has an empty one.",
		detectedBy("get-track/creator-and-savers-get-200"),
		onTrack(func(c *call, resp *response) {
			if c.target.title == nil {
				resp.body.set("title", "")
			}
		}))
	add("get-playback-of-other",
		"All tracks have the same playback_url.",
		warnedBy("get-track/playback-url-is-its-own"),
		set("playback_url", "https://media.example/track.mp3"))
	add("get-title-cut",
		"A title loses what is behind its 64th character.",
		detectedBy("get-track/creator-and-savers-get-200"),
		onTrack(func(c *call, resp *response) {
			if t := c.target.title; t != nil {
				resp.body.set("title", string([]rune(*t)[:min(64, len([]rune(*t)))]))
			}
		}))
	add("get-title-of-two-bytes",
		"Characters of a title that take more than two bytes in UTF-16 become question marks.",
		detectedBy("get-track/creator-and-savers-get-200"),
		onTrack(func(c *call, resp *response) {
			if t := c.target.title; t != nil {
				resp.body.set("title", strings.Map(func(r rune) rune {
					if r > 0xffff {
						return '?'
					}
					return r
				}, *t))
			}
		}))
	add("get-title-spaces-folded",
		"Spaces within a title are folded.",
		detectedBy("get-track/creator-and-savers-get-200"),
		onTrack(func(c *call, resp *response) {
			if t := c.target.title; t != nil {
				resp.body.set("title", strings.Join(strings.Fields(*t), " "))
			}
		}))
	add("get-track-id-query-wins",
		"A track_id in the query wins over the path.",
		detectedBy("get-track/path-decides-what-is-told"),
		func(b *behaviour) {
			findTrack := b.findTrack
			b.findTrack = func(c *call) *track {
				if id := c.request.URL.Query().Get("track_id"); id != "" && c.operation == opGet {
					c.track = id
				}
				return findTrack(c)
			}
		})
	add("get-title-escaped",
		"A track's title is escaped for HTML.",
		detectedBy("get-track/creator-and-savers-get-200"),
		onTrack(func(c *call, resp *response) {
			if c.target.title != nil {
				resp.body.set("title", html.EscapeString(*c.target.title))
			}
		}))
	add("get-title-ascii",
		"Characters of a title that are not ASCII become question marks.",
		detectedBy("get-track/creator-and-savers-get-200"),
		onTrack(func(c *call, resp *response) {
			if c.target.title != nil {
				resp.body.set("title", asciiOnly(*c.target.title))
			}
		}))
	add("get-other-engine",
		"A track's engine is always studio.",
		detectedBy("get-track/creator-and-savers-get-200"),
		set("engine", "studio"))
	add("get-other-mode",
		"A track's mode is always creation.",
		detectedBy("get-track/creator-and-savers-get-200"),
		set("mode", "creation"))
	add("get-swapped-mode",
		"A track's mode is the other one.",
		detectedBy("get-track/creator-and-savers-get-200"),
		onTrack(func(c *call, resp *response) {
			resp.body.set("mode", map[string]string{"creation": "focus", "focus": "creation"}[c.target.mode])
		}))
	add("get-duration-negative",
		"A track's duration is negative.",
		detectedBy("get-track/creator-and-savers-get-200"),
		set("measured_duration_seconds", -1))
	add("get-created-at-no-zone",
		"created_at has no zone.",
		detectedBy("get-track/creator-and-savers-get-200"),
		onTrack(func(c *call, resp *response) {
			resp.body.set("created_at", c.target.createdAt.UTC().Format("2006-01-02T15:04:05"))
		}))
	add("get-created-at-local",
		"created_at is in a zone two hours east of UTC.",
		detectedBy("get-track/creator-and-savers-get-200"),
		onTrack(func(c *call, resp *response) {
			resp.body.set("created_at", c.target.createdAt.In(time.FixedZone("", 2*60*60)).Format(time.RFC3339))
		}))
	add("get-created-at-now",
		"created_at is an hour after the track was made, and later with every get.",
		detectedBy("get-track/creator-and-savers-get-200"),
		onTrack(func(c *call, resp *response) {
			c.target.repeats++
			later := time.Hour + time.Duration(c.target.repeats)*time.Second
			resp.body.set("created_at", c.target.createdAt.Add(later).UTC().Format(time.RFC3339))
		}))
	add("get-playback-url-relative",
		"playback_url is a path without an origin.",
		detectedBy("get-track/creator-and-savers-get-200"),
		set("playback_url", "/media/1.mp3"))
	add("get-playback-url-empty",
		"playback_url is empty.",
		detectedBy("get-track/creator-and-savers-get-200"),
		set("playback_url", ""))
	add("get-wrapped",
		"A track is wrapped in an object named track.",
		detectedBy("get-track/creator-and-savers-get-200"),
		onTrack(func(_ *call, resp *response) { resp.body = newObject("track", resp.body) }))
	add("get-as-array",
		"A track is an array of one.",
		detectedBy("get-track/creator-and-savers-get-200"),
		onTrack(func(_ *call, resp *response) {
			resp.raw = []byte("[" + string(resp.body.compact()) + "]")
		}))
	add("get-text-plain",
		"A track is sent as text/plain.",
		detectedBy("get-track/creator-and-savers-get-200"),
		onTrack(func(_ *call, resp *response) { resp.header.Set("Content-Type", "text/plain") }))
	add("get-203",
		"A track is sent with status 203.",
		detectedBy("get-track/creator-and-savers-get-200"),
		onTrack(func(_ *call, resp *response) { resp.status = http.StatusNonAuthoritativeInfo }))
	add("get-saves",
		"Getting a track saves it for the caller.",
		detectedBy("get-track/creator-and-savers-get-200"),
		onTrack(func(c *call, _ *response) {
			if !c.user.saved(c.target) {
				c.user.save(c.target)
			}
		}))
	add("get-reorders",
		"Getting a track makes it the newest in the caller's library.",
		detectedBy("get-track/creator-and-savers-get-200"),
		onTrack(func(c *call, _ *response) {
			if c.user.saved(c.target) {
				c.user.drop(c.target)
				c.user.save(c.target)
			}
		}))
	return list.faults
}

func asciiOnly(text string) string {
	kept := []byte{}
	for _, r := range text {
		if r > 126 {
			r = '?'
		}
		kept = append(kept, byte(r))
	}
	return string(kept)
}
