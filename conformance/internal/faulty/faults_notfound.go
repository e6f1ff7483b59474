package faulty

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

func notFoundFaults() []Fault {
	var faults []Fault
	add := func(name, summary string, apply func(*behaviour)) {
		faults = append(faults, Fault{Name: name, Area: NotFound, Summary: summary, apply: apply})
	}
	advisory := func() { faults[len(faults)-1].Advisory = true }
	// only edits the 404s of one cause, in some operations or, without any, in all three that name a track.
	only := func(why cause, edit func(c *call, a *answer), operations ...operation) func(*behaviour) {
		return func(b *behaviour) {
			b.onCause(why, func(c *call, a *answer) {
				if a.status == http.StatusNotFound && c.track != "" && among(c.operation, operations) {
					edit(c, a)
				}
			})
		}
	}
	slowly := func(why cause, delay time.Duration, operations ...operation) func(*behaviour) {
		return func(b *behaviour) {
			b.delays = append(b.delays, func(c *call, a *answer) {
				if c.cause == why && a.status == http.StatusNotFound && c.track != "" && among(c.operation, operations) {
					time.Sleep(delay)
				}
			})
		}
	}
	header := func(name, value string) func(c *call, a *answer) {
		return func(_ *call, a *answer) { a.header.Set(name, value) }
	}
	member := func(name string, value any) func(c *call, a *answer) {
		return func(_ *call, a *answer) { a.err().set(name, value) }
	}
	// Texts.
	add("404-message-deleted", "The message of a 404 says that the track was deleted.", only(deleted, member("message", "This track has been deleted.")))
	add("404-message-inaccessible", "The message of a 404 says that the caller has no access.", only(inaccessible, member("message", "You have no access to this track.")))
	add("404-message-foreign", "The system message of a 404 says that the track is in another organization.",
		only(foreign, member("system_message", "Track belongs to another organization")))
	add("404-message-outsider", "The system message of a 404 says that the caller is no member.", only(outsider, member("system_message", "Caller is not a member")))
	add("404-message-missing", "The system message of a 404 says that there is no row.", only(missing, member("system_message", "No row in tracks")))
	add("404-full-stop-deleted", "The message of a 404 for a deleted track has no full stop.",
		only(deleted, member("message", strings.TrimSuffix(notFound.message, "."))))
	add("404-space-inaccessible", "The system message of a 404 without access ends in a space.", only(inaccessible, member("system_message", notFound.system+" ")))
	add("404-message-get-only", "Only getting tells a deleted track from a missing one, by the message.",
		only(deleted, member("message", "The track is gone."), opGet))
	add("404-message-unsave-only", "Only unsaving tells a foreign track from a missing one, by the message.",
		only(foreign, member("message", "Not in this organization."), opUnsave))
	add("404-message-creator-of-deleted", "A 404 tells the creator, and nobody else, that the track was deleted.",
		only(deleted, func(c *call, a *answer) {
			if c.target.creator == c.user {
				a.err().set("message", "You deleted this track.")
			}
		}))
	add("404-message-saver-of-deleted", "A 404 tells those who had the track saved that it was deleted.",
		only(deleted, func(c *call, a *answer) {
			if c.target.creator != c.user && c.user.saved(c.target) {
				a.err().set("message", "This track was removed by its creator.")
			}
		}))
	add("404-message-names-title", "The message of a 404 without access names the track's title.",
		only(inaccessible, func(c *call, a *answer) {
			if c.target.title != nil {
				a.err().set("message", "No access to "+*c.target.title+".")
			}
		}))

	// Machine fields.
	add("404-code-deleted", "The code of a 404 for a deleted track is RESOURCE_DELETED.", only(deleted, member("code", "RESOURCE_DELETED")))
	add("404-code-outsider", "The code of a 404 for an outsider is ORGANIZATION_NOT_FOUND.", only(outsider, member("code", "ORGANIZATION_NOT_FOUND")))
	add("404-type-inaccessible", "The type of a 404 without access is authorization_error.", only(inaccessible, member("type", "authorization_error")))
	add("410-deleted", "A deleted track is 410.", only(deleted, status(http.StatusGone)))
	add("410-deleted-for-creator", "A deleted track is 410 for its creator.",
		only(deleted, func(c *call, a *answer) {
			if c.target.creator == c.user {
				status(http.StatusGone)(c, a)
			}
		}))
	add("409-deleted", "Deleting a deleted track is 409.", only(deleted, status(http.StatusConflict), opDelete))
	add("404-details-deleted-at", "The details of a 404 hold deleted_at where the track was deleted.",
		only(deleted, func(c *call, a *answer) {
			a.err().set("details", newObject("track_id", c.track, "deleted_at", c.server.behaviour.timestamp(c.target.deletedAt)))
		}))
	add("404-details-organization", "The details of a 404 hold the organization that a foreign track is in.",
		only(foreign, func(c *call, a *answer) {
			a.err().set("details", newObject("track_id", c.track, "organization_id", c.target.organization.id))
		}))
	add("404-details-empty-missing", "The details of a 404 for a missing track are empty, and name every other one.", only(missing, member("details", newObject())))
	add("404-extra-member-inaccessible", "A 404 without access has a member that the others lack.", only(inaccessible, member("retryable", false)))
	add("404-member-order-deleted", "The members of a 404 for a deleted track come in another order.",
		only(deleted, func(_ *call, a *answer) { m := a.body.members; m[0], m[1] = m[1], m[0] }))
	add("404-white-space-foreign", "The JSON of a 404 for a foreign track ends in a new line.",
		only(foreign, func(_ *call, a *answer) { a.raw = append(a.body.compact(), '\n') }))
	add("404-trace-id-shape-deleted", "The trace id of a 404 for a deleted track is longer than that of others.",
		only(deleted, func(c *call, a *answer) { c.traceID += "_tomb"; a.err().set("trace_id", c.traceID) }))
	add("404-timestamp-fraction-inaccessible", "The timestamp of a 404 has a fraction where the track exists.",
		only(inaccessible, func(c *call, a *answer) {
			a.err().set("timestamp", c.received.UTC().Format("2006-01-02T15:04:05.000Z"))
		}))

	// Headers.
	add("404-header-reason", "A header of a 404 tells the reason of all but missing tracks.", func(b *behaviour) {
		for _, why := range []cause{deleted, foreign, inaccessible, outsider} {
			only(why, header("X-Reason", strings.ReplaceAll(string(why), " ", "-")))(b)
		}
	})
	add("404-etag-inaccessible", "A 404 has an ETag where the track exists and the caller has no access.", only(inaccessible, header("ETag", `"1"`)))
	add("404-cache-control-deleted", "A 404 may be cached where the track was deleted.", only(deleted, header("Cache-Control", "max-age=60")))
	add("404-vary-foreign", "A 404 for a foreign track has a Vary header.", only(foreign, header("Vary", "X-API-Key")))
	add("404-location-foreign", "A 404 for a foreign track has a Location where it can be found.",
		only(foreign, func(c *call, a *answer) {
			a.header.Set("Location", "/v1/music/"+c.target.organization.id+"/tracks/"+c.track)
		}))
	add("404-no-request-id-outsider", "A 404 for an outsider has no X-Request-Id, all others do.",
		only(outsider, func(_ *call, a *answer) { a.header["X-Request-Id"] = nil }))
	add("404-charset-deleted", "The content type of a 404 has a charset where the track was deleted.", only(deleted, header("Content-Type", "application/json; charset=utf-8")))
	add("404-close-inaccessible", "The connection is closed after a 404 without access, and kept after all others.", only(inaccessible, header("Connection", "close")))
	add("404-last-modified-deleted", "A 404 for a deleted track has a Last-Modified.",
		only(deleted, func(c *call, a *answer) {
			a.header.Set("Last-Modified", c.target.deletedAt.UTC().Format(http.TimeFormat))
		}))

	// Timing.
	for _, slow := range []struct {
		why   cause
		name  string
		delay time.Duration
	}{
		{inaccessible, "inaccessible", 30 * time.Millisecond},
		{deleted, "deleted", 30 * time.Millisecond},
		{deleted, "deleted", 15 * time.Millisecond},
		{foreign, "foreign", 20 * time.Millisecond},
		{outsider, "outsider", 20 * time.Millisecond},
		{missing, "missing", 15 * time.Millisecond},
	} {
		add(fmt.Sprintf("404-slow-%s-%dms", slow.name, slow.delay.Milliseconds()),
			fmt.Sprintf("A 404 takes %v longer where %s.", slow.delay, reason(slow.why)),
			slowly(slow.why, slow.delay))
		advisory()
	}
	add("404-slow-inaccessible-delete-20ms", "Only deleting takes 20ms longer where the caller neither created nor saved the track.",
		slowly(inaccessible, 20*time.Millisecond, opDelete))
	advisory()

	// Other methods on the same path.
	live := func(c *call) bool {
		t := c.server.behaviour.find(c)
		return t != nil && !c.server.behaviour.gone(c, t)
	}
	other := func(method string, edit func(c *call, a *answer)) func(*behaviour) {
		return func(b *behaviour) {
			b.onAnswer(opWrongMethod, 0, func(c *call, a *answer) {
				if c.track != "" && (method == "" || method == c.request.Method) {
					edit(c, a)
				}
			})
		}
	}
	add("404-head-leaks", "HEAD is 200 for every live track and 404 for all others, whoever asks.", other(http.MethodHead, func(c *call, a *answer) {
		a.status = http.StatusNotFound
		if live(c) {
			a.status = http.StatusOK
		}
	}))
	add("404-head-leaks-by-403", "HEAD is 403 where the track exists and the caller has no access.", func(b *behaviour) {
		method := b.method
		b.method = func(c *call) string {
			if m := method(c); m != http.MethodHead {
				return m
			}
			return http.MethodGet
		}
		b.onCause(inaccessible, func(c *call, a *answer) {
			if c.request.Method == http.MethodHead {
				a.status = http.StatusForbidden
			}
		})
	})
	add("404-head-length-leaks", "HEAD answers everybody with the length of a live track.", other(http.MethodHead, func(c *call, a *answer) {
		if live(c) {
			a.header.Set("Content-Length", fmt.Sprint(len(describe(c, c.server.behaviour.find(c), false).compact())))
		}
	}))
	add("404-options-leaks", "The Allow of OPTIONS names DELETE only where the track exists.", other(http.MethodOptions, func(c *call, a *answer) {
		a.status, a.body = http.StatusNoContent, nil
		a.header.Set("Allow", "GET")
		if live(c) {
			a.header.Set("Allow", "DELETE, GET")
		}
	}))
	add("404-wrong-method-leaks", "A wrong method is 405 where the track exists and 404 where it does not.", other("", func(c *call, a *answer) {
		if !live(c) {
			*a = *c.server.behaviour.refuse(c, notFound)
		}
	}))
	return faults
}

// reason is a cause, to follow "where".
func reason(why cause) string {
	return map[cause]string{
		missing:      "there is no such track",
		foreign:      "the track is in another organization",
		deleted:      "the track was deleted",
		outsider:     "the caller does not belong to the organization",
		inaccessible: "the caller neither created nor saved it",
	}[why]
}
