package faulty

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

func notFoundFaults() []Fault {
	list := faultsOf(NotFound)
	add := list.add
	type edit = func(c *call, resp *response)
	// edit404 edits the 404s that have that cause, in some operations or, without any, in all three
	// that name a track.
	edit404 := func(why cause, edit edit, operations ...operation) func(*behaviour) {
		return onRefusal(why, func(c *call, resp *response) {
			if resp.status == http.StatusNotFound && c.track != "" && appliesTo(c.operation, operations) {
				edit(c, resp)
			}
		})
	}
	delay404 := func(why cause, delay time.Duration, operations ...operation) func(*behaviour) {
		return func(b *behaviour) {
			b.delays = append(b.delays, func(c *call, resp *response) {
				is404 := c.cause == why && resp.status == http.StatusNotFound && c.track != ""
				if is404 && appliesTo(c.operation, operations) {
					time.Sleep(delay)
				}
			})
		}
	}
	setHeader := func(name, value string) func(c *call, resp *response) {
		return func(_ *call, resp *response) { resp.header.Set(name, value) }
	}
	setMember := func(name string, value any) func(c *call, resp *response) {
		return func(_ *call, resp *response) { resp.err().set(name, value) }
	}
	// Texts.
	add("404-message-deleted",
		"The message of a 404 says that the track was deleted.",
		detectedBy("delete-track/404s-are-alike"),
		edit404(deleted, setMember("message", "This track has been deleted.")))
	add("404-message-inaccessible",
		"The message of a 404 says that the caller has no access.",
		detectedBy("delete-track/404s-are-alike"),
		edit404(inaccessible, setMember("message", "You have no access to this track.")))
	add("404-message-foreign",
		"The system message of a 404 says that the track is in another organization.",
		detectedBy("delete-track/404s-are-alike"),
		edit404(foreign, setMember("system_message", "Track belongs to another organization")))
	add("404-message-outsider",
		"The system message of a 404 says that the caller is not a member.",
		detectedBy("delete-track/404s-are-alike"),
		edit404(outsider, setMember("system_message", "Caller is not a member")))
	add("404-message-missing",
		"The system message of a 404 says that there is no row.",
		detectedBy("delete-track/404s-are-alike"),
		edit404(missing, setMember("system_message", "No row in tracks")))
	add("404-full-stop-deleted",
		"The message of a 404 for a deleted track has no full stop.",
		detectedBy("delete-track/404s-are-alike"),
		edit404(deleted, setMember("message", strings.TrimSuffix(notFound.message, "."))))
	add("404-space-inaccessible",
		"The system message of a 404 without access ends in a space.",
		detectedBy("delete-track/404s-are-alike"),
		edit404(inaccessible, setMember("system_message", notFound.system+" ")))
	add("404-message-get-only",
		"Only getting tells a deleted track from a missing one, by the message.",
		detectedBy("get-track/404s-are-alike"),
		edit404(deleted, setMember("message", "The track is gone."), opGet))
	add("404-message-unsave-only",
		"Only unsaving tells a foreign track from a missing one, by the message.",
		detectedBy("unsave-track/404s-are-alike"),
		edit404(foreign, setMember("message", "Not in this organization."), opUnsave))
	add("404-message-creator-of-deleted",
		"A 404 tells the creator, and nobody else, that the track was deleted.",
		detectedBy("delete-track/404s-are-alike"),
		edit404(deleted, func(c *call, resp *response) {
			if c.target.creator == c.user {
				resp.err().set("message", "You deleted this track.")
			}
		}))
	add("404-message-saver-of-deleted",
		"A 404 tells those who had the track saved that it was deleted.",
		detectedBy("delete-track/404s-are-alike"),
		edit404(deleted, func(c *call, resp *response) {
			if c.target.creator != c.user && c.user.saved(c.target) {
				resp.err().set("message", "This track was removed by its creator.")
			}
		}))
	add("404-message-names-title",
		"The message of a 404 without access names the track's title.",
		detectedBy("delete-track/404s-are-alike"),
		edit404(inaccessible, func(c *call, resp *response) {
			if c.target.title != nil {
				resp.err().set("message", "No access to "+*c.target.title+".")
			}
		}))

	// Machine fields.
	add("404-code-deleted",
		"The code of a 404 for a deleted track is RESOURCE_DELETED.",
		detectedBy("delete-track/404s-are-alike"),
		edit404(deleted, setMember("code", "RESOURCE_DELETED")))
	add("404-code-outsider",
		"The code of a 404 for an outsider is ORGANIZATION_NOT_FOUND.",
		detectedBy("delete-track/404s-are-alike"),
		edit404(outsider, setMember("code", "ORGANIZATION_NOT_FOUND")))
	add("404-type-inaccessible",
		"The type of a 404 without access is authorization_error.",
		detectedBy("delete-track/404s-are-alike"),
		edit404(inaccessible, setMember("type", "authorization_error")))
	add("410-deleted",
		"A deleted track is 410.",
		detectedBy("delete-track/gone-for-everybody"),
		edit404(deleted, setStatus(http.StatusGone)))
	add("410-deleted-for-creator",
		"A deleted track is 410 for its creator.",
		detectedBy("delete-track/gone-for-everybody"),
		edit404(deleted, func(c *call, resp *response) {
			if c.target.creator == c.user {
				setStatus(http.StatusGone)(c, resp)
			}
		}))
	add("409-deleted",
		"Deleting a deleted track is 409.",
		detectedBy("delete-track/gone-for-everybody"),
		edit404(deleted, setStatus(http.StatusConflict), opDelete))
	add("404-details-deleted-at",
		"The details of a 404 hold deleted_at where the track was deleted.",
		detectedBy("delete-track/404s-are-alike"),
		edit404(deleted, func(c *call, resp *response) {
			resp.err().set("details", newObject(
				"track_id", c.track,
				"deleted_at", c.server.behaviour.timestamp(c.target.deletedAt),
			))
		}))
	add("404-details-organization",
		"The details of a 404 hold the organization that a foreign track is in.",
		detectedBy("delete-track/404s-are-alike"),
		edit404(foreign, func(c *call, resp *response) {
			resp.err().set("details", newObject(
				"track_id", c.track,
				"organization_id", c.target.organization.id,
			))
		}))
	add("404-details-empty-missing",
		"The details of a 404 for a missing track are empty, and name every other one.",
		detectedBy("delete-track/404s-are-alike"),
		edit404(missing, setMember("details", newObject())))
	add("404-extra-member-inaccessible",
		"A 404 without access has a member that the others lack.",
		detectedBy("delete-track/404s-are-alike"),
		edit404(inaccessible, setMember("retryable", false)))
	add("404-member-order-deleted",
		"The members of a 404 for a deleted track come in another order.",
		detectedBy("delete-track/404s-are-alike"),
		edit404(deleted, func(_ *call, resp *response) {
			m := resp.body.members
			m[0], m[1] = m[1], m[0]
		}))
	add("404-white-space-foreign",
		"The JSON of a 404 for a foreign track ends in a new line.",
		detectedBy("delete-track/404s-are-alike"),
		edit404(foreign, func(_ *call, resp *response) {
			resp.raw = append(resp.body.compact(), '\n')
		}))
	add("404-trace-id-shape-deleted",
		"The trace id of a 404 for a deleted track is longer than that of others.",
		detectedBy("delete-track/404s-are-alike"),
		edit404(deleted, func(c *call, resp *response) {
			c.traceID += "_tomb"
			resp.err().set("trace_id", c.traceID)
		}))
	add("404-timestamp-fraction-inaccessible",
		"The timestamp of a 404 has a fraction where the track exists.",
		detectedBy("delete-track/404s-are-alike"),
		edit404(inaccessible, func(c *call, resp *response) {
			resp.err().set("timestamp", c.received.UTC().Format("2006-01-02T15:04:05.000Z"))
		}))

	// Headers.
	add("404-header-reason",
		"A header of a 404 tells the reason of all but missing tracks.",
		detectedBy("delete-track/404s-are-alike"),
		func(b *behaviour) {
			for _, why := range []cause{deleted, foreign, inaccessible, outsider} {
				edit404(why, setHeader("X-Reason", strings.ReplaceAll(string(why), " ", "-")))(b)
			}
		})
	add("404-etag-inaccessible",
		"A 404 has an ETag where the track exists and the caller has no access.",
		detectedBy("delete-track/404s-are-alike"),
		edit404(inaccessible, setHeader("ETag", `"1"`)))
	add("404-cache-control-deleted",
		"A 404 may be cached where the track was deleted.",
		detectedBy("delete-track/404s-are-alike"),
		edit404(deleted, setHeader("Cache-Control", "max-age=60")))
	add("404-vary-foreign",
		"A 404 for a foreign track has a Vary header.",
		detectedBy("delete-track/404s-are-alike"),
		edit404(foreign, setHeader("Vary", "X-API-Key")))
	add("404-location-foreign",
		"A 404 for a foreign track has a Location where it can be found.",
		detectedBy("delete-track/404s-are-alike"),
		edit404(foreign, func(c *call, resp *response) {
			resp.header.Set("Location", "/v1/music/"+c.target.organization.id+"/tracks/"+c.track)
		}))
	add("404-no-request-id-outsider",
		"A 404 for an outsider has no X-Request-Id, all others do.",
		detectedBy("delete-track/404s-are-alike"),
		edit404(outsider, func(_ *call, resp *response) { resp.header["X-Request-Id"] = nil }))
	add("404-charset-deleted",
		"The content type of a 404 has a charset where the track was deleted.",
		detectedBy("delete-track/404s-are-alike"),
		edit404(deleted, setHeader("Content-Type", "application/json; charset=utf-8")))
	add("404-close-inaccessible",
		"The connection is closed after a 404 without access, and kept after all others.",
		detectedBy("delete-track/404s-are-alike"),
		edit404(inaccessible, setHeader("Connection", "close")))
	add("404-last-modified-deleted",
		"A 404 for a deleted track has a Last-Modified.",
		detectedBy("delete-track/404s-are-alike"),
		edit404(deleted, func(c *call, resp *response) {
			resp.header.Set("Last-Modified", c.target.deletedAt.UTC().Format(http.TimeFormat))
		}))

	// Timing.
	for _, slow := range []struct {
		name  string
		why   cause
		delay time.Duration
		where string
	}{
		{"404-slow-inaccessible-30ms", inaccessible, 30 * ms, "the caller neither created nor saved it"},
		{"404-slow-deleted-15ms", deleted, 15 * ms, "the track was deleted"},
		{"404-slow-foreign-20ms", foreign, 20 * ms, "the track is in another organization"},
		{"404-slow-outsider-20ms", outsider, 20 * ms, "the caller does not belong to the organization"},
		{"404-slow-missing-15ms", missing, 15 * ms, "there is no such track"},
	} {
		add(slow.name,
			fmt.Sprintf("A 404 takes %v longer where %s.", slow.delay, slow.where),
			warnedBy("delete-track/404s-take-the-same-time"),
			delay404(slow.why, slow.delay))
	}
	add("404-slow-inaccessible-delete-20ms",
		"Only deleting takes 20ms longer where the caller neither created nor saved the track.",
		warnedBy("delete-track/404s-take-the-same-time"),
		delay404(inaccessible, 20*time.Millisecond, opDelete))

	// Other methods on the same path.
	isLive := func(c *call) bool {
		t := c.server.behaviour.findTrack(c)
		return t != nil && !c.server.behaviour.isDeleted(c, t)
	}
	onWrongMethod := func(method string, edit func(c *call, resp *response)) func(*behaviour) {
		return onResponse(opWrongMethod, 0, func(c *call, resp *response) {
			if c.track != "" && (method == "" || method == c.request.Method) {
				edit(c, resp)
			}
		})
	}
	add("404-head-leaks",
		"HEAD is 200 for every live track and 404 for all others, whoever asks.",
		detectedBy("delete-track/other-methods-tell-nothing"),
		onWrongMethod(http.MethodHead, func(c *call, resp *response) {
			resp.status = http.StatusNotFound
			if isLive(c) {
				resp.status = http.StatusOK
			}
		}))
	add("404-head-leaks-by-403",
		"HEAD is 403 where the track exists and the caller has no access.",
		detectedBy("delete-track/other-methods-tell-nothing"),
		func(b *behaviour) {
			method := b.method
			b.method = func(c *call) string {
				if m := method(c); m != http.MethodHead {
					return m
				}
				return http.MethodGet
			}
			onRefusal(inaccessible, func(c *call, resp *response) {
				if c.request.Method == http.MethodHead {
					resp.status = http.StatusForbidden
				}
			})(b)
		})
	add("404-head-length-leaks",
		"HEAD answers everybody with the length of a live track.",
		detectedBy("delete-track/other-methods-tell-nothing"),
		onWrongMethod(http.MethodHead, func(c *call, resp *response) {
			if isLive(c) {
				body := describe(c, c.server.behaviour.findTrack(c), false).compact()
				resp.header.Set("Content-Length", strconv.Itoa(len(body)))
			}
		}))
	add("404-options-leaks",
		"The Allow of OPTIONS names DELETE only where the track exists.",
		detectedBy("delete-track/other-methods-tell-nothing"),
		onWrongMethod(http.MethodOptions, func(c *call, resp *response) {
			resp.status, resp.body = http.StatusNoContent, nil
			resp.header.Set("Allow", "GET")
			if isLive(c) {
				resp.header.Set("Allow", "DELETE, GET")
			}
		}))
	add("404-wrong-method-leaks",
		"A wrong method is 405 where the track exists and 404 where it does not.",
		detectedBy("delete-track/other-methods-tell-nothing"),
		onWrongMethod("", func(c *call, resp *response) {
			if !isLive(c) {
				*resp = *c.server.behaviour.refuse(c, notFound)
			}
		}))
	return list.faults
}
