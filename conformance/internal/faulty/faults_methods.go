package faulty

import (
	"bytes"
	"cmp"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// methodFaults are about methods, and about paths that nothing is behind.
func methodFaults() []Fault {
	list := faultsOf(HostileInput)
	add := list.add

	// overrideMethod lets another method count, where method gives one.
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
	return list.faults
}
