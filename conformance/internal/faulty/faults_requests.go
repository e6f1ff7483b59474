package faulty

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// hostileRequestFaults are about bodies, queries, methods, headers, and what comes over the wire.
func hostileRequestFaults() []Fault {
	list := faultsOf(HostileInput)
	add := list.add

	// Bodies.
	whenBody := func(is func(c *call) bool, edit func(c *call, resp *response)) func(*behaviour) {
		return onResponse(opDelete, 0, func(c *call, resp *response) {
			if resp.status != http.StatusUnauthorized && len(c.body) > 0 && is(c) {
				edit(c, resp)
			}
		})
	}
	refuseDelete := func(is func(c *call) bool, status int) func(*behaviour) {
		return func(b *behaviour) {
			deleteTrack := b.deleteTrack
			b.deleteTrack = func(c *call) *response {
				if !is(c) {
					return deleteTrack(c)
				}
				resp := b.refuse(c, invalid)
				resp.status = status
				resp.err().set("status", status)
				return resp
			}
		}
	}
	add("body-bad-json-400",
		"A delete with a body that is no JSON is 400 and not done.",
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
		whenBody(func(c *call) bool { return len(c.body) >= maxBody }, setStatus(500)))
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

	// Methods.
	overrideMethod := func(method func(c *call) string) func(*behaviour) {
		return func(b *behaviour) {
			usual := b.method
			b.method = func(c *call) string { return cmp.Or(method(c), usual(c)) }
		}
	}
	treatMethodAs := func(sent, meant string) func(*behaviour) {
		return overrideMethod(func(c *call) string {
			if c.request.Method == sent {
				return meant
			}
			return ""
		})
	}
	for _, header := range []string{"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"} {
		add(strings.ToLower(header),
			header+" replaces the method.",
			detectedBy("delete-track/wrong-method-gets-405"),
			overrideMethod(func(c *call) string {
				return strings.ToUpper(c.request.Header.Get(header))
			}))
	}
	add("method-in-query",
		"_method in the query replaces the method.",
		detectedBy("delete-track/wrong-method-gets-405"),
		overrideMethod(func(c *call) string {
			return strings.ToUpper(c.request.URL.Query().Get("_method"))
		}))
	add("method-in-form",
		"_method in a posted form replaces the method.",
		detectedBy("delete-track/wrong-method-gets-405"),
		overrideMethod(func(c *call) string {
			if c.request.Method != http.MethodPost {
				return ""
			}
			form, _ := io.ReadAll(io.LimitReader(c.request.Body, maxBody))
			c.request.Body = io.NopCloser(bytes.NewReader(form))
			values, _ := url.ParseQuery(string(form))
			return strings.ToUpper(values.Get("_method"))
		}))
	add("head-deletes",
		"HEAD deletes.",
		detectedBy("delete-track/other-methods-do-nothing"),
		treatMethodAs(http.MethodHead, http.MethodDelete))
	add("options-deletes",
		"OPTIONS deletes.",
		detectedBy("delete-track/other-methods-do-nothing"),
		treatMethodAs(http.MethodOptions, http.MethodDelete))
	add("post-deletes",
		"POST deletes.",
		detectedBy("delete-track/wrong-method-gets-405"),
		treatMethodAs(http.MethodPost, http.MethodDelete))
	add("put-gets",
		"PUT answers as GET does.",
		detectedBy("delete-track/wrong-method-gets-405"),
		treatMethodAs(http.MethodPut, http.MethodGet))
	add("patch-deletes",
		"PATCH deletes.",
		detectedBy("delete-track/wrong-method-gets-405"),
		treatMethodAs(http.MethodPatch, http.MethodDelete))
	add("unknown-method-deletes",
		"A method that nobody knows deletes.",
		detectedBy("delete-track/other-methods-do-nothing"),
		treatMethodAs("PURGE", http.MethodDelete))
	add("get-save-unsaves",
		"GET of a track's save unsaves it.",
		detectedBy("unsave-track/wrong-method-gets-405"),
		func(b *behaviour) {
			route := b.route
			b.route = func(c *call) {
				route(c)
				if c.operation == opWrongMethod && c.request.Method == http.MethodGet {
					c.operation = opUnsave
				}
			}
		})
	add("post-save-saves",
		"POST of a track's save saves any track for the caller.",
		detectedBy("unsave-track/wrong-method-gets-405"),
		func(b *behaviour) {
			onResponse(opWrongMethod, 0, func(c *call, resp *response) {
				if c.request.Method == http.MethodPost && c.allow == http.MethodDelete {
					t, u := b.findTrack(c), b.userOfKey(c.server.state, b.credential(c.request))
					if t != nil && u != nil {
						u.save(t)
					}
				}
			})(b)
		})
	onWrongMethod := func(edit func(c *call, resp *response)) func(*behaviour) {
		return onResponse(opWrongMethod, 0, edit)
	}
	add("405-without-allow",
		"A 405 has no Allow.",
		detectedBy("delete-track/wrong-method-gets-405"),
		onWrongMethod(func(_ *call, resp *response) { resp.header.Del("Allow") }))
	add("405-allow-without-delete",
		"The Allow of a 405 does not name DELETE.",
		detectedBy("delete-track/wrong-method-gets-405"),
		onWrongMethod(func(_ *call, resp *response) { resp.header.Set("Allow", "GET") }))
	add("405-allow-names-refused",
		"The Allow of a 405 names the method that was refused.",
		detectedBy("delete-track/wrong-method-gets-405"),
		onWrongMethod(func(c *call, resp *response) {
			resp.header.Set("Allow", c.allow+", "+c.request.Method)
		}))
	add("405-text",
		"A 405 is plain text.",
		detectedBy("delete-track/wrong-method-gets-405"),
		onWrongMethod(plainText))
	add("405-empty",
		"A 405 has no body.",
		detectedBy("delete-track/wrong-method-gets-405"),
		onWrongMethod(func(_ *call, resp *response) { resp.body = nil }))
	add("405-as-404",
		"A wrong method is 404.",
		detectedBy("delete-track/wrong-method-gets-405"),
		onWrongMethod(becomes(notFound)))
	add("405-as-400",
		"A wrong method is 400.",
		detectedBy("delete-track/wrong-method-gets-405"),
		onWrongMethod(setStatus(400)))
	add("405-as-200",
		"A wrong method is 200 with an empty object.",
		detectedBy("delete-track/wrong-method-gets-405"),
		onWrongMethod(func(_ *call, resp *response) { *resp = *newResponse(200, newObject()) }))
	add("405-as-501",
		"A wrong method is 501.",
		detectedBy("delete-track/wrong-method-gets-405"),
		onWrongMethod(setStatus(501)))
	onUnknownPath := func(edit func(c *call, resp *response)) func(*behaviour) {
		return onResponse(opUnknownPath, 0, edit)
	}
	add("unknown-path-html",
		"An unknown path is a 404 page in HTML.",
		detectedBy("delete-track/unknown-path-gets-404"),
		onUnknownPath(func(_ *call, resp *response) {
			resp.raw = []byte("<!doctype html><title>404</title>")
			resp.header.Set("Content-Type", "text/html; charset=utf-8")
		}))
	add("unknown-path-text",
		"An unknown path is a 404 in plain text.",
		detectedBy("delete-track/unknown-path-gets-404"),
		onUnknownPath(plainText))
	add("unknown-path-200",
		"An unknown path is a page of an application, 200.",
		detectedBy("delete-track/unknown-path-gets-404"),
		onUnknownPath(func(_ *call, resp *response) {
			resp.status = http.StatusOK
			resp.raw = []byte("<!doctype html><div id=app></div>")
			resp.header.Set("Content-Type", "text/html; charset=utf-8")
		}))
	add("unknown-path-500",
		"An unknown path is 500.",
		detectedBy("delete-track/unknown-path-gets-404"),
		onUnknownPath(setStatus(500)))
	add("unknown-path-403",
		"An unknown path is 403.",
		detectedBy("delete-track/unknown-path-gets-404"),
		onUnknownPath(setStatus(403)))
	add("unknown-path-redirected",
		"An unknown path is redirected to the documentation.",
		detectedBy("delete-track/unknown-path-gets-404"),
		onUnknownPath(func(_ *call, resp *response) {
			resp.status, resp.body = http.StatusFound, nil
			resp.header.Set("Location", "/docs")
		}))
	add("unknown-path-code",
		"An unknown path has a code of its own.",
		detectedBy("delete-track/unknown-path-gets-404"),
		onUnknownPath(func(_ *call, resp *response) { resp.err().set("code", "ROUTE_NOT_FOUND") }))

	// Headers.
	add("accept-html",
		"Who asks for HTML gets errors as a page.",
		detectedBy(
			"delete-track/error-401-envelope",
			"delete-track/error-403-envelope",
			"delete-track/error-404-envelope",
		),
		onResponse("", 0, func(c *call, resp *response) {
			if resp.status >= 400 && strings.HasPrefix(c.request.Header.Get("Accept"), "text/html") {
				resp.raw = []byte("<!doctype html><title>Error</title>")
				resp.header.Set("Content-Type", "text/html; charset=utf-8")
			}
		}))
	add("accept-xml-406",
		"Who asks for XML gets 406, and nothing is done.",
		warnedBy("delete-track/path-decides-what-is-refused"),
		refuseDelete(func(c *call) bool {
			return strings.HasPrefix(c.request.Header.Get("Accept"), "application/xml")
		}, 406))

	// Bytes and connections.
	shiftLength := func(by int) func(*behaviour) {
		return func(b *behaviour) {
			b.serve = wire{head: func(method, head string, n int) string {
				if method != http.MethodDelete {
					return head
				}
				const line = "Content-Length: %d"
				return strings.Replace(head, fmt.Sprintf(line, n), fmt.Sprintf(line, n+by), 1)
			}}.serve
		}
	}
	add("length-too-long",
		"The Content-Length of responses to DELETE is ten too long.",
		detectedBy("delete-track/creator-gets-200"),
		shiftLength(10))
	add("length-too-short",
		"The Content-Length of responses to DELETE is ten too short.",
		detectedBy("delete-track/creator-gets-200"),
		shiftLength(-10))
	add("answers-twice",
		"A delete is answered twice, so that the next request gets the second response.",
		detectedBy("delete-track/connection-reuse-after-bodies"),
		func(b *behaviour) {
			b.serve = wire{respondTwice: true}.serve
		})
	add("pipelined-dropped",
		"Requests that were sent before the response to the one before was read are lost.",
		detectedBy("delete-track/pipelined-requests"),
		func(b *behaviour) {
			b.serve = wire{dropPipelined: true}.serve
		})
	add("pipelined-swapped",
		"Requests sent at once on one connection are answered in the wrong order.",
		detectedBy("delete-track/pipelined-requests"),
		func(b *behaviour) {
			b.serve = wire{swapPipelined: true}.serve
		})
	return list.faults
}
