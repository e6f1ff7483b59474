package faulty

import (
	"net/http"
	"strconv"
	"time"
)

// listResponseFaults are about what a list looks like.
func listResponseFaults() []Fault {
	list := faultsOf(List)
	add := list.add

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
		onBadWindow(setStatus(400)))
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
