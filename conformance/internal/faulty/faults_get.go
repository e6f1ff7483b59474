package faulty

import (
	"fmt"
	"html"
	"net/http"
	"strings"
	"time"
)

func getFaults() []Fault {
	var faults []Fault
	add := func(name, summary string, apply func(*behaviour)) {
		faults = append(faults, Fault{Name: "get-" + name, Area: Get, Summary: summary, apply: apply})
	}
	got := func(edit func(c *call, a *answer)) func(*behaviour) {
		return func(b *behaviour) { b.onAnswer(opGet, http.StatusOK, edit) }
	}
	set := func(name string, value any) func(*behaviour) {
		return got(func(_ *call, a *answer) { a.body.set(name, value) })
	}
	refused := func(why cause, edit func(c *call, a *answer)) func(*behaviour) {
		return func(b *behaviour) {
			b.onCause(why, func(c *call, a *answer) {
				if c.operation == opGet {
					edit(c, a)
				}
			})
		}
	}
	allowed := func(c *call, a *answer) {
		if c.target != nil {
			*a = *newAnswer(http.StatusOK, describe(c, c.target, false))
		}
	}

	add("saver-404", "A saver cannot get the track.", func(b *behaviour) {
		hasAccess := b.hasAccess
		b.hasAccess = func(c *call, t *track) bool {
			return hasAccess(c, t) && (c.operation != opGet || t.creator == c.user)
		}
	})
	add("saver-403", "A saver gets 403 for the track.", got(func(c *call, a *answer) {
		if c.target.creator != c.user {
			*a = *c.server.behaviour.refuse(c, forbidden)
		}
	}))
	add("creator-without-save-404", "A creator who has not saved the track cannot get it.", func(b *behaviour) {
		hasAccess := b.hasAccess
		b.hasAccess = func(c *call, t *track) bool {
			return hasAccess(c, t) && (c.operation != opGet || c.user.saved(t))
		}
	})
	add("orphan-saver-404", "A saver cannot get the track once its creator has left the organization.", func(b *behaviour) {
		hasAccess := b.hasAccess
		b.hasAccess = func(c *call, t *track) bool {
			return hasAccess(c, t) && (c.operation != opGet || t.creator.memberOf[t.organization.id])
		}
	})
	add("member-allowed", "A member without access can get the track.", refused(inaccessible, allowed))
	add("outsider-allowed", "A caller of another organization can get the track.", refused(outsider, allowed))
	add("member-403", "A member without access gets 403 for the track.", refused(inaccessible, func(c *call, a *answer) { *a = *c.server.behaviour.refuse(c, forbidden) }))
	add("outsider-403", "A caller of another organization gets 403 for the track.", refused(outsider, func(c *call, a *answer) { *a = *c.server.behaviour.refuse(c, forbidden) }))
	add("missing-null", "Getting a missing track is 200 with null.", refused(missing, func(_ *call, a *answer) { a.status, a.raw = http.StatusOK, []byte("null") }))
	add("missing-empty-object", "Getting a missing track is 200 with an empty object.", refused(missing, func(_ *call, a *answer) { *a = *newAnswer(http.StatusOK, newObject()) }))
	add("deleted-200-with-mark", "Getting a deleted track is 200 with available false.", refused(deleted, func(c *call, a *answer) {
		allowed(c, a)
		a.body.add("available", false)
	}))

	for _, name := range []string{"id", "title", "engine", "mode", "measured_duration_seconds", "instrumental", "licence_class", "created_at", "playback_url"} {
		add("no-"+kebab(name), "A track has no "+name+".", got(func(_ *call, a *answer) { a.body.remove(name) }))
	}
	for _, wrong := range []member{
		{"id", 17}, {"title", 17}, {"engine", nil}, {"mode", nil}, {"measured_duration_seconds", "184.5"}, {"instrumental", "false"},
		{"licence_class", nil}, {"created_at", 1782642600}, {"playback_url", nil}, {"stem_urls", []string{}},
	} {
		add("wrong-kind-"+kebab(wrong.name), fmt.Sprintf("A track's %s is of a kind that it must not be.", wrong.name), set(wrong.name, wrong.value))
	}
	add("mode-of-own", "A track's mode is a word that the contract does not have.", set("mode", "ambient"))
	add("licence-class-of-own", "A track's licence class is a word that the contract does not have.", set("licence_class", "cc0"))
	add("other-id", "A track's id is not the one asked for.", set("id", "mtrack_000000000000"))
	add("other-title", "A track's title is not the one it was created with.", set("title", "Track 1"))
	add("title-trimmed", "A track's title loses its last character.", got(func(c *call, a *answer) {
		if t := c.target.title; t != nil && *t != "" {
			a.body.set("title", (*t)[:len(*t)-1])
		}
	}))
	add("title-empty-for-null", "A track without a title has an empty one.", got(func(c *call, a *answer) {
		if c.target.title == nil {
			a.body.set("title", "")
		}
	}))
	add("playback-of-other", "All tracks have the same playback_url.", set("playback_url", "https://media.example/track.mp3"))
	faults[len(faults)-1].Advisory = true
	add("title-cut", "A title loses what is behind its 64th character.", got(func(c *call, a *answer) {
		if t := c.target.title; t != nil {
			a.body.set("title", string([]rune(*t)[:min(64, len([]rune(*t)))]))
		}
	}))
	add("title-of-two-bytes", "Characters of a title that take more than two bytes in UTF-16 become question marks.", got(func(c *call, a *answer) {
		if t := c.target.title; t != nil {
			a.body.set("title", strings.Map(func(r rune) rune {
				if r > 0xffff {
					return '?'
				}
				return r
			}, *t))
		}
	}))
	add("title-spaces-folded", "Spaces within a title are folded.", got(func(c *call, a *answer) {
		if t := c.target.title; t != nil {
			a.body.set("title", strings.Join(strings.Fields(*t), " "))
		}
	}))
	add("track-id-query-wins", "A track_id in the query wins over the path.", func(b *behaviour) {
		find := b.find
		b.find = func(c *call) *track {
			if id := c.request.URL.Query().Get("track_id"); id != "" && c.operation == opGet {
				c.track = id
			}
			return find(c)
		}
	})
	add("title-escaped", "A track's title is escaped for HTML.", got(func(c *call, a *answer) {
		if c.target.title != nil {
			a.body.set("title", html.EscapeString(*c.target.title))
		}
	}))
	add("title-ascii", "Characters of a title that are not ASCII become question marks.", got(func(c *call, a *answer) {
		if c.target.title != nil {
			a.body.set("title", asciiOnly(*c.target.title))
		}
	}))
	add("other-engine", "A track's engine is always studio.", set("engine", "studio"))
	add("other-mode", "A track's mode is always creation.", set("mode", "creation"))
	add("swapped-mode", "A track's mode is the other one.", got(func(c *call, a *answer) {
		a.body.set("mode", map[string]string{"creation": "focus", "focus": "creation"}[c.target.mode])
	}))
	add("duration-negative", "A track's duration is negative.", set("measured_duration_seconds", -1))
	add("created-at-no-zone", "created_at has no zone.", got(func(c *call, a *answer) {
		a.body.set("created_at", c.target.createdAt.UTC().Format("2006-01-02T15:04:05"))
	}))
	add("created-at-local", "created_at is in a zone two hours east of UTC.", got(func(c *call, a *answer) {
		a.body.set("created_at", c.target.createdAt.In(time.FixedZone("", 2*60*60)).Format(time.RFC3339))
	}))
	add("created-at-now", "created_at is an hour after the track was made, and later with every get.", got(func(c *call, a *answer) {
		c.target.repeats++
		a.body.set("created_at", c.target.createdAt.Add(time.Hour+time.Duration(c.target.repeats)*time.Second).UTC().Format(time.RFC3339))
	}))
	add("playback-url-relative", "playback_url is a path without an origin.", set("playback_url", "/media/1.mp3"))
	add("playback-url-empty", "playback_url is empty.", set("playback_url", ""))
	add("playback-url-no-url", "playback_url is a text that is no URL.", set("playback_url", "not yet ready"))
	add("wrapped", "A track is wrapped in an object named track.", got(func(_ *call, a *answer) { a.body = newObject("track", a.body) }))
	add("as-array", "A track is an array of one.", got(func(_ *call, a *answer) { a.raw = []byte("[" + string(a.body.compact()) + "]") }))
	add("text-plain", "A track is sent as text/plain.", got(func(_ *call, a *answer) { a.header.Set("Content-Type", "text/plain") }))
	add("203", "A track is sent with status 203.", got(func(_ *call, a *answer) { a.status = http.StatusNonAuthoritativeInfo }))
	add("saves", "Getting a track saves it for the caller.", got(func(c *call, _ *answer) {
		if !c.user.saved(c.target) {
			c.user.save(c.target)
		}
	}))
	add("reorders", "Getting a track makes it the newest in the caller's library.", got(func(c *call, _ *answer) {
		if c.user.saved(c.target) {
			c.user.drop(c.target)
			c.user.save(c.target)
		}
	}))
	return faults
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
