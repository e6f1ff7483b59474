package faulty

import (
	"fmt"
	"hash/fnv"
	"net/http"
	"strings"
	"time"
)

// conditionFaults answer conditions, ranges and HEAD by what was there before.
func conditionFaults() []Fault {
	list := faultsOf(Architecture)
	add := list.add

	notModified := func(tag string) *response {
		resp := newResponse(http.StatusNotModified, nil)
		resp.header.Del("Content-Type")
		resp.header.Set("ETag", tag)
		return resp
	}
	// tagged sends an ETag with every 200 of a read, and looks at If-None-Match before anything but
	// the key. tag is the entity's tag at this moment, "" for none.
	tagged := func(op operation, tag func(c *call) string) func(*behaviour) {
		return func(b *behaviour) {
			decide := &b.getTrack
			if op == opList {
				decide = &b.listSaved
			}
			usual := *decide
			*decide = func(c *call) *response {
				now := tag(c)
				sent := c.request.Header.Get("If-None-Match")
				if now != "" && strings.TrimPrefix(sent, "W/") == now {
					return notModified(now)
				}
				resp := usual(c)
				if resp.status == http.StatusOK && now != "" {
					resp.header.Set("ETag", now)
				}
				return resp
			}
		}
	}
	ofTrack := func(c *call) string {
		if c.target == nil {
			return ""
		}
		return etag(c.target.id)
	}
	add("condition-get-304-for-deleted",
		"A get with the ETag seen before is 304 also when the track was deleted since.",
		detectedBy("get-track/condition-changes-no-refusal"),
		tagged(opGet, func(c *call) string {
			b := c.server.behaviour
			if !b.isMember(c) || c.target == nil || !b.hasAccess(c, c.target) {
				return ""
			}
			return ofTrack(c)
		}))
	add("condition-get-304-without-access",
		"A get with a live track's ETag is 304 for everybody with a key.",
		detectedBy("get-track/condition-changes-no-refusal"),
		tagged(opGet, func(c *call) string {
			if c.target == nil || !c.target.deletedAt.IsZero() {
				return ""
			}
			return ofTrack(c)
		}))
	add("condition-get-304-after-unsave",
		"A get with the ETag seen before is 304 for a saver who has unsaved the track since.",
		detectedBy("get-track/condition-changes-no-refusal"),
		tagged(opGet, func(c *call) string {
			b, t := c.server.behaviour, c.target
			if t == nil || !t.deletedAt.IsZero() || !b.hasAccess(c, t) && !containsUser(t.savers, c.user) {
				return ""
			}
			return ofTrack(c)
		}))
	star := func(when func(c *call) bool) func(*behaviour) {
		return func(b *behaviour) {
			getTrack := b.getTrack
			b.getTrack = func(c *call) *response {
				if c.request.Header.Get("If-None-Match") == "*" && c.target != nil && when(c) {
					return notModified(ofTrack(c))
				}
				return getTrack(c)
			}
		}
	}
	add("condition-star-304-for-deleted",
		"A get with If-None-Match: * is 304 for those who had access to a deleted track.",
		detectedBy("get-track/condition-changes-no-refusal"),
		star(func(c *call) bool { return c.server.behaviour.hasAccess(c, c.target) }))
	add("condition-star-304-for-all",
		"A get with If-None-Match: * is 304 for every live track, whoever asks.",
		detectedBy("get-track/condition-changes-no-refusal"),
		star(func(c *call) bool { return c.target.deletedAt.IsZero() }))

	ofLibrary := func(part func(t *track) string, keep func(c *call, t *track) bool) func(c *call) string {
		return func(c *call) string {
			if !c.server.behaviour.isMember(c) {
				return ""
			}
			text := c.request.URL.RequestURI() + c.user.id
			for _, t := range c.user.library {
				if keep(c, t) {
					text += " " + part(t)
				}
			}
			return etag(text)
		}
	}
	ids := func(t *track) string { return t.id }
	add("condition-list-304-after-delete",
		"A list's ETag is made of the caller's saves, so that it outlives the delete of a track.",
		detectedBy("list-tracks/changed-list-is-sent"),
		tagged(opList, ofLibrary(ids, func(*call, *track) bool { return true })))
	add("condition-list-304-after-others-delete",
		"A list's ETag does not change when somebody else deletes a track that is in it.",
		detectedBy("list-tracks/changed-list-is-sent"),
		tagged(opList, ofLibrary(ids, func(c *call, t *track) bool {
			return t.deletedAt.IsZero() || t.deletedBy != c.user
		})))
	add("condition-list-304-after-unsave",
		"A list's ETag is made of what was deleted in it, and does not change with an unsave.",
		detectedBy("list-tracks/changed-list-is-sent"),
		func(b *behaviour) {
			tagged(opList, func(c *call) string {
				if !b.isMember(c) {
					return ""
				}
				text := c.request.URL.RequestURI() + c.user.id
				for _, t := range c.server.state.organizations[c.organization].tracks {
					if containsUser(t.savers, c.user) && t.deletedAt.IsZero() {
						text += " " + t.id
					}
				}
				return etag(text)
			})(b)
		})
	add("condition-list-304-by-newest",
		"A list's ETag is made of the newest save, and outlives the delete of an older one.",
		detectedBy("list-tracks/changed-list-is-sent"),
		func(b *behaviour) {
			tagged(opList, func(c *call) string {
				if !b.isMember(c) {
					return ""
				}
				text := c.request.URL.RequestURI() + c.user.id
				if live := b.library(c); len(live) > 0 {
					text += live[0].id
				}
				return etag(text)
			})(b)
		})

	// modified sends Last-Modified with reads, and looks at If-Modified-Since before anything but
	// the key. changed is the entity's last change, zero for none.
	modified := func(op operation, changed func(c *call) time.Time) func(*behaviour) {
		return func(b *behaviour) {
			decide := &b.getTrack
			if op == opList {
				decide = &b.listSaved
			}
			usual := *decide
			*decide = func(c *call) *response {
				at := changed(c).Truncate(time.Second)
				since, err := http.ParseTime(c.request.Header.Get("If-Modified-Since"))
				if err == nil && !at.IsZero() && !at.After(since) {
					return notModified(etag(c.organization))
				}
				resp := usual(c)
				if resp.status == http.StatusOK && !at.IsZero() {
					resp.header.Set("Last-Modified", at.UTC().Format(http.TimeFormat))
				}
				return resp
			}
		}
	}
	add("condition-modified-get-deleted",
		"A get with If-Modified-Since is 304 for a track that was deleted since.",
		detectedBy("get-track/condition-changes-no-refusal"),
		modified(opGet, func(c *call) time.Time {
			b := c.server.behaviour
			if c.target == nil || !b.isMember(c) || !b.hasAccess(c, c.target) {
				return time.Time{}
			}
			return c.target.createdAt
		}))
	add("condition-modified-list",
		"A list with If-Modified-Since is 304 although a track of it was deleted since.",
		detectedBy("list-tracks/changed-list-is-sent"),
		modified(opList, func(c *call) time.Time {
			if n := len(c.user.library); n > 0 && c.server.behaviour.isMember(c) {
				return c.user.library[n-1].createdAt
			}
			return time.Time{}
		}))
	add("condition-if-match-412-for-deleted",
		"A delete with If-Match is 412 where the track was deleted, and 404 where there never was one.",
		detectedBy("delete-track/condition-changes-no-refusal"),
		onRefusal(deleted, func(c *call, resp *response) {
			if c.request.Header.Get("If-Match") != "" {
				setStatus(http.StatusPreconditionFailed)(c, resp)
			}
		}))
	add("range-206-for-deleted",
		"A get with a Range is answered from a file that outlives the delete.",
		detectedBy("get-track/condition-changes-no-refusal"),
		onRefusal(deleted, func(c *call, resp *response) {
			if c.operation == opGet && c.request.Header.Get("Range") != "" && c.user.saved(c.target) {
				*resp = *newResponse(http.StatusPartialContent, describe(c, c.target, false))
				n := len(resp.body.compact())
				resp.header.Set("Content-Range", fmt.Sprintf("bytes 0-%d/%d", n-1, n))
			}
		}))

	// head answers HEAD as GET is answered, but for what when says.
	head := func(change func(b *behaviour, isHead func(c *call) bool)) func(*behaviour) {
		return func(b *behaviour) {
			method := b.method
			b.method = func(c *call) string {
				if m := method(c); m != http.MethodHead {
					return m
				}
				return http.MethodGet
			}
			change(b, func(c *call) bool { return c.request.Method == http.MethodHead })
		}
	}
	add("head-200-for-deleted",
		"HEAD is 200 for a deleted track for those who had access to it.",
		detectedBy("delete-track/head-tells-nothing", "get-track/condition-changes-no-refusal"),
		head(func(b *behaviour, isHead func(c *call) bool) {
			isDeleted := b.isDeleted
			b.isDeleted = func(c *call, t *track) bool { return isDeleted(c, t) && !isHead(c) }
		}))
	add("head-200-for-deleted-to-creator",
		"HEAD is 200 for a deleted track for its creator.",
		detectedBy("delete-track/head-tells-nothing", "get-track/condition-changes-no-refusal"),
		head(func(b *behaviour, isHead func(c *call) bool) {
			isDeleted := b.isDeleted
			b.isDeleted = func(c *call, t *track) bool {
				return isDeleted(c, t) && !(isHead(c) && t.creator == c.user)
			}
		}))
	add("head-without-access",
		"HEAD is 200 for a member of the organization without access to the track.",
		detectedBy("delete-track/head-tells-nothing", "get-track/condition-changes-no-refusal"),
		head(func(b *behaviour, isHead func(c *call) bool) {
			allowAlso(&b.hasAccess, func(c *call, _ *track) bool { return isHead(c) })
		}))
	add("head-without-key",
		"HEAD does not look at the key, and is 200 for every live track.",
		detectedBy("delete-track/head-tells-nothing"),
		head(func(b *behaviour, isHead func(c *call) bool) {
			authenticate := b.authenticate
			b.authenticate = func(c *call) *response {
				refusal := authenticate(c)
				if refusal != nil && isHead(c) && c.target != nil {
					c.user, c.cause = c.target.creator, ""
					return nil
				}
				return refusal
			}
		}))
	return list.faults
}

func etag(text string) string {
	h := fnv.New64a()
	h.Write([]byte(text))
	return fmt.Sprintf(`"%x"`, h.Sum64())
}

func containsUser(users []*user, u *user) bool {
	for _, other := range users {
		if other == u {
			return true
		}
	}
	return false
}
