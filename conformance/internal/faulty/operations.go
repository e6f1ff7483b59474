package faulty

import (
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// respond decides a request as a whole, and at one instant: the state stays locked from the key
// to the effect.
func respond(c *call) *response {
	b := c.server.behaviour
	b.route(c)
	b.readBody(c)
	c.server.state.mu.Lock()
	defer c.server.state.mu.Unlock()
	if known := c.operation != opUnknownPath && c.operation != opWrongMethod; known || c.impossible || b.keyFirst {
		c.target = b.findTrack(c)
		if refusal := b.authenticate(c); refusal != nil {
			return refusal
		}
	}
	switch c.operation {
	case opDelete:
		return b.deleteTrack(c)
	case opGet:
		return b.getTrack(c)
	case opUnsave:
		return b.unsaveTrack(c)
	case opList:
		return b.listSaved(c)
	case opWrongMethod:
		return b.refuse(c, methodNotAllowed)
	default:
		return b.refuse(c, notFound)
	}
}

func authenticate(c *call) *response {
	b := c.server.behaviour
	c.key = b.credential(c.request)
	if c.key != "" {
		c.user = b.userOfKey(c.server.state, c.key)
	}
	switch {
	case c.user != nil:
		return nil
	case c.key == "":
		c.cause = noKey
	case c.server.state.revoked[c.key] != nil:
		c.cause = revokedKey
	default:
		c.cause = unknownKey
	}
	return b.refuse(c, unauthenticated)
}

// canAccess reports whether there is, for this caller, such a track. Where not, cause says why.
func (c *call) canAccess() bool {
	b := c.server.behaviour
	switch {
	case !b.isMember(c):
		c.cause = outsider
	case c.target == nil:
		c.cause = missing
	case !b.inOrganization(c, c.target):
		c.cause = foreign
	case b.isDeleted(c, c.target):
		c.cause = deleted
	case !b.hasAccess(c, c.target):
		c.cause = inaccessible
	}
	return c.cause == ""
}

func deleteTrack(c *call) *response {
	b := c.server.behaviour
	if !c.canAccess() {
		return b.refuse(c, notFound)
	}
	if !b.mayDelete(c, c.target) {
		c.cause = notCreator
		return b.refuse(c, forbidden)
	}
	b.remove(c, c.target)
	return b.acknowledge(c)
}

func remove(c *call, t *track) {
	t.deletedAt = time.Now()
	t.deletedBy = c.user
	t.events = append(t.events, event{Type: "track.deleted", At: t.deletedAt, Actor: c.user.id})
}

func getTrack(c *call) *response {
	b := c.server.behaviour
	if !c.canAccess() {
		return b.refuse(c, notFound)
	}
	return newResponse(http.StatusOK, b.describe(c, c.target, false))
}

func unsaveTrack(c *call) *response {
	b := c.server.behaviour
	if !c.canAccess() {
		return b.refuse(c, notFound)
	}
	b.unsave(c, c.target)
	return b.acknowledge(c)
}

func listSaved(c *call) *response {
	b := c.server.behaviour
	if !b.isMember(c) {
		c.cause = outsider
		return b.refuse(c, notFound)
	}
	limit, offset, ok := b.window(c.request.URL.Query())
	if !ok {
		return b.refuse(c, invalid)
	}
	tracks := b.library(c)
	if b.windowFirst {
		tracks = applyFilter(c, b.page(tracks, limit, offset))
	} else {
		tracks = b.page(applyFilter(c, tracks), limit, offset)
	}
	items := []*object{}
	for _, t := range tracks {
		items = append(items, b.describe(c, t, true))
	}
	return newResponse(http.StatusOK, newObject("items", items, "limit", limit, "offset", offset))
}

func library(c *call) []*track {
	b := c.server.behaviour
	var tracks []*track
	for i := len(c.user.library) - 1; i >= 0; i-- {
		if t := c.user.library[i]; b.inOrganization(c, t) && !b.isDeleted(c, t) {
			tracks = append(tracks, t)
		}
	}
	return tracks
}

func applyFilter(c *call, tracks []*track) []*track {
	var kept []*track
	for _, t := range tracks {
		if c.server.behaviour.filter(c, t) {
			kept = append(kept, t)
		}
	}
	return kept
}

func filter(c *call, t *track) bool {
	query := c.request.URL.Query()
	return modeOK(query, t) && engineOK(query, t) && collectionOK(query)
}

// collectionOK reports whether a track may be in the collection that is asked for. Here are none.
func collectionOK(query url.Values) bool { return query.Get("collection_id") == "" }

func modeOK(query url.Values, t *track) bool {
	return !query.Has("mode") || query.Get("mode") == t.mode
}

func engineOK(query url.Values, t *track) bool {
	return !query.Has("engine") || query.Get("engine") == t.engine
}

const (
	defaultLimit = 50
	maxLimit     = 100
	maxOffset    = 1_000_000_000
)

func window(query url.Values) (limit, offset int, ok bool) {
	limit, limitOK := integer(query, "limit", defaultLimit, 1, maxLimit)
	offset, offsetOK := integer(query, "offset", 0, 0, maxOffset)
	mode := query.Get("mode")
	modeOK := !query.Has("mode") || mode == "creation" || mode == "focus"
	return limit, offset, limitOK && offsetOK && modeOK
}

// integer reads one query parameter that is a plain number from low to high, and may be sent once.
func integer(query url.Values, name string, absent, low, high int) (int, bool) {
	values := query[name]
	if len(values) == 0 {
		return absent, true
	}
	n, err := strconv.Atoi(values[0])
	return n, len(values) == 1 && err == nil && low <= n && n <= high
}

func page(tracks []*track, limit, offset int) []*track {
	if offset >= len(tracks) {
		return nil
	}
	tracks = tracks[offset:]
	return tracks[:min(limit, len(tracks))]
}

// describe leaves the playable addresses out of lists. They are minted for each request.
func describe(c *call, t *track, listed bool) *object {
	var playback any
	if !listed {
		playback = "https://media.example/" + url.PathEscape(t.id) + ".mp3?signature=" +
			randomText(lettersAndDigits, 24)
	}
	return newObject(
		"id", t.id,
		"title", t.title,
		"engine", t.engine,
		"mode", t.mode,
		"measured_duration_seconds", 184.5,
		"instrumental", false,
		"licence_class", "commercial_cleared",
		"created_at", c.server.behaviour.timestamp(t.createdAt),
		"playback_url", playback,
		"stem_urls", nil,
	)
}
