package faulty

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// bodyFaults are about bodies and queries that decide what they must not.
func bodyFaults() []Fault {
	list := faultsOf(HostileInput)
	add := list.add

	// Bodies.
	add("body-bad-json-400",
		"A delete with a body that is not JSON is 400 and not done.",
		detectedBy("delete-track/body-is-ignored"),
		refuseDelete(func(c *call) bool { return len(c.body) > 0 && !json.Valid(c.body) }, 400))
	add("body-any-400",
		"A delete with any body is 400 and not done.",
		detectedBy("delete-track/body-is-ignored"),
		refuseDelete(func(c *call) bool { return len(c.body) > 0 }, 400))
	add("body-type-415",
		"A delete with a content type that is not JSON is 415 and not done.",
		detectedBy("delete-track/body-is-ignored"),
		refuseDelete(func(c *call) bool {
			sent := c.request.Header.Get("Content-Type")
			return sent != "" && !strings.HasPrefix(sent, "application/json")
		}, 415))
	add("body-large-413",
		"A delete with a body of over 4 KiB is 413 and not done.",
		detectedBy("delete-track/body-is-ignored"),
		refuseDelete(func(c *call) bool { return len(c.body) > 4<<10 }, 413))
	add("body-large-500",
		"A delete with a body of 64 KiB or more is done and answered 500.",
		detectedBy("delete-track/body-is-ignored"),
		onResponse(opDelete, 0, func(c *call, resp *response) {
			if resp.status != http.StatusUnauthorized && len(c.body) >= maxBody {
				setStatus(500)(c, resp)
			}
		}))
	add("body-chunked-411",
		"A delete with a chunked body is 411 and not done.",
		detectedBy("delete-track/body-is-ignored"),
		refuseDelete(func(c *call) bool { return len(c.request.TransferEncoding) > 0 }, 411))
	add("body-track-id-wins",
		"A track_id in the body wins over the path.",
		detectedBy("delete-track/body-is-ignored"),
		func(b *behaviour) {
			readBody := b.readBody
			b.readBody = func(c *call) {
				readBody(c)
				var body struct {
					ID string `json:"track_id"`
				}
				if c.track != "" && json.Unmarshal(c.body, &body) == nil && body.ID != "" {
					c.track = body.ID
				}
			}
		})
	add("body-organization-id-wins",
		"An organization_id in the body wins over the path.",
		detectedBy("delete-track/path-decides-what-is-refused", "delete-track/body-is-ignored"),
		func(b *behaviour) {
			readBody := b.readBody
			b.readBody = func(c *call) {
				readBody(c)
				var body struct {
					ID string `json:"organization_id"`
				}
				if c.operation != opUnknownPath && json.Unmarshal(c.body, &body) == nil && body.ID != "" {
					c.organization = body.ID
				}
			}
		})
	add("body-waits",
		"A delete with a body waits for 30s, as if there were more to come.",
		detectedBy("delete-track/body-is-ignored"),
		func(b *behaviour) {
			b.delays = append(b.delays, func(c *call, _ *response) {
				if len(c.body) > 0 {
					select {
					case <-c.request.Context().Done():
					case <-time.After(30 * time.Second):
					}
				}
			})
		})
	add("body-becomes-request",
		"A body is not read, and so becomes the next request of the connection.",
		detectedBy("delete-track/connection-reuse-after-bodies"),
		func(b *behaviour) {
			b.readBody = func(*call) {}
			b.serve = wire{keepBodies: true}.serve
		})
	add("body-beyond-64k-becomes-request",
		"Of a body 64 KiB are read, and the rest becomes the next request of the connection.",
		detectedBy("delete-track/connection-reuse-after-bodies"),
		func(b *behaviour) {
			b.readBody = func(c *call) {
				c.body, _ = io.ReadAll(io.LimitReader(c.request.Body, maxBody))
			}
			b.serve = wire{keepBodies: true}.serve
		})
	add("body-of-get-becomes-request",
		"The body of a get is not read, and so becomes the next request of the connection.",
		detectedBy("get-track/connection-reuse-after-bodies"),
		func(b *behaviour) {
			readBody := b.readBody
			b.readBody = func(c *call) {
				if c.request.Method != http.MethodGet {
					readBody(c)
				}
			}
			b.serve = wire{keepBodies: true}.serve
		})
	add("delete-of-quoted-title-500",
		"A delete of a track whose title holds a quote is 500 and not done.",
		detectedBy("delete-track/creator-gets-200"),
		refuseDelete(func(c *call) bool {
			return c.target != nil && c.target.title != nil && strings.Contains(*c.target.title, "'")
		}, 500))
	add("body-breaks-connection",
		"After a delete with a body the connection is reset before the response was read.",
		detectedBy("delete-track/connection-reuse-after-bodies", "delete-track/body-is-ignored"),
		func(b *behaviour) {
			b.readBody = func(c *call) {
				var first [1]byte
				if n, _ := io.ReadFull(c.request.Body, first[:]); n > 0 {
					c.body = first[:]
				}
			}
			onResponse("", 0, func(c *call, resp *response) {
				if len(c.body) > 0 {
					dropConnection(c, resp)
				}
			})(b)
		})
	// Queries.
	onQueryParameter := func(name string, use func(c *call, value string)) func(*behaviour) {
		return func(b *behaviour) {
			route := b.route
			b.route = func(c *call) {
				route(c)
				if value := c.request.URL.Query().Get(name); value != "" && c.operation != opUnknownPath {
					use(c, value)
				}
			}
		}
	}
	add("query-track-id-wins",
		"A track_id in the query wins over the path.",
		detectedBy("delete-track/path-decides-what-is-deleted", "delete-track/path-decides-what-is-refused"),
		onQueryParameter("track_id", func(c *call, value string) {
			if c.track != "" {
				c.track = value
			}
		}))
	add("query-id-wins",
		"An id in the query wins over the track in the path.",
		detectedBy("delete-track/path-decides-what-is-deleted", "delete-track/path-decides-what-is-refused"),
		onQueryParameter("id", func(c *call, value string) {
			if c.track != "" {
				c.track = value
			}
		}))
	add("query-organization-id-wins",
		"An organization_id in the query wins over the path.",
		detectedBy("delete-track/path-decides-what-is-deleted", "delete-track/path-decides-what-is-refused"),
		onQueryParameter("organization_id", func(c *call, value string) { c.organization = value }))
	add("query-unknown-422",
		"A delete with an unknown query parameter is 422 and not done.",
		detectedBy("delete-track/path-decides-what-is-deleted", "delete-track/path-decides-what-is-refused"),
		refuseDelete(func(c *call) bool { return c.request.URL.RawQuery != "" }, 422))
	add("query-broken-500",
		"A query that cannot be decoded is 500.",
		detectedBy("delete-track/broken-query-is-harmless"),
		func(b *behaviour) {
			b.edits = append(b.edits, func(c *call, resp *response) {
				if _, err := url.ParseQuery(c.request.URL.RawQuery); err != nil && resp.status != 401 {
					setStatus(500)(c, resp)
				}
			})
		})
	return list.faults
}

// refuseDelete refuses a delete with that status where when says so, and does not do it.
func refuseDelete(when func(c *call) bool, status int) func(*behaviour) {
	return func(b *behaviour) {
		deleteTrack := b.deleteTrack
		b.deleteTrack = func(c *call) *response {
			if !when(c) {
				return deleteTrack(c)
			}
			resp := b.refuse(c, invalid)
			setStatus(status)(c, resp)
			return resp
		}
	}
}
