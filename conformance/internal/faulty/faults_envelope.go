package faulty

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// refusals are the errors that deleting a track may end in, with a short name for each.
var refusals = []struct {
	status int
	name   string
}{
	{http.StatusUnauthorized, "401"},
	{http.StatusForbidden, "403"},
	{http.StatusNotFound, "404"},
}

func envelopeFaults() []Fault {
	var faults []Fault
	add := func(name, summary string, apply func(*behaviour)) {
		faults = append(faults, Fault{Name: name, Area: Envelope, Summary: summary, apply: apply})
	}
	// errors edits the error object of the answers to a delete with that status, or of all with status 0.
	errors := func(status int, edit func(c *call, e *object)) func(*behaviour) {
		return func(b *behaviour) {
			b.onAnswer("", status, func(c *call, a *answer) {
				if a.status >= 400 {
					edit(c, a.err())
				}
			})
		}
	}
	set := func(status int, name string, value any) func(*behaviour) {
		return errors(status, func(_ *call, e *object) { e.set(name, value) })
	}
	drop := func(status int, name string) func(*behaviour) {
		return errors(status, func(_ *call, e *object) { e.remove(name) })
	}
	whole := func(status int, edit func(c *call, a *answer)) func(*behaviour) {
		return func(b *behaviour) {
			b.onAnswer("", status, func(c *call, a *answer) {
				if a.status >= 400 {
					edit(c, a)
				}
			})
		}
	}

	// Each member, missing: spread over the statuses, so that no status goes without.
	for i, name := range []string{"code", "message", "system_message", "type", "status", "details", "trace_id", "timestamp"} {
		for j, r := range refusals {
			if i%len(refusals) == j {
				add("envelope-"+r.name+"-no-"+kebab(name), fmt.Sprintf("The error of a %s has no %s.", r.name, name), drop(r.status, name))
			} else if (i+1)%len(refusals) == j {
				add("envelope-"+r.name+"-null-"+kebab(name), fmt.Sprintf("The error of a %s has null for %s.", r.name, name), set(r.status, name, nil))
			}
		}
	}
	for _, r := range refusals {
		add("envelope-"+r.name+"-wrong-code", fmt.Sprintf("The error of a %s has a code of its own.", r.name), set(r.status, "code", "ACCESS_PROBLEM"))
		add("envelope-"+r.name+"-wrong-type", fmt.Sprintf("The error of a %s has the type of another status.", r.name),
			set(r.status, "type", map[int]string{401: "client_error", 403: "authentication_error", 404: "authorization_error"}[r.status]))
		add("envelope-"+r.name+"-status-differs", fmt.Sprintf("The error of a %s names another status than the status line.", r.name), set(r.status, "status", 400))
		add("envelope-"+r.name+"-success-true", fmt.Sprintf("A %s says success true.", r.name),
			whole(r.status, func(_ *call, a *answer) { a.body.set("success", true) }))
		add("envelope-"+r.name+"-as-200", fmt.Sprintf("What should be a %s is sent with status 200 and the right envelope.", r.name),
			whole(r.status, func(_ *call, a *answer) { a.status = http.StatusOK }))
	}
	add("envelope-no-success", "Errors have no success.", whole(0, func(_ *call, a *answer) { a.body.remove("success") }))
	add("envelope-success-null", "Errors say success null.", whole(0, func(_ *call, a *answer) { a.body.set("success", nil) }))
	add("envelope-code-lower-case", "Error codes are written in lower case.",
		errors(0, func(_ *call, e *object) { e.set("code", strings.ToLower(e.get("code").(string))) }))
	add("envelope-status-string", "The status in the envelope is a text.",
		errors(0, func(_ *call, e *object) { e.set("status", fmt.Sprint(e.get("status"))) }))
	add("envelope-message-number", "The message is a number.", set(0, "message", 7))
	add("envelope-system-message-object", "The system message is an object.", set(0, "system_message", newObject()))
	add("envelope-error-string", "error is a text instead of an object.",
		whole(0, func(_ *call, a *answer) { a.body.set("error", "Not allowed") }))
	add("envelope-flat", "The members of the error stand in the body itself, without an object error.",
		whole(0, func(_ *call, a *answer) { e := a.err(); e.set("success", false); a.body = e }))
	add("envelope-problem-json", "Errors are RFC 9457 problems instead of the envelope.",
		whole(0, func(_ *call, a *answer) {
			a.body = newObject("type", "about:blank", "title", http.StatusText(a.status), "status", a.status)
			a.header.Set("Content-Type", "application/problem+json")
		}))
	add("envelope-detail-only", "Errors are an object with nothing but a detail.",
		whole(0, func(_ *call, a *answer) { a.body = newObject("detail", http.StatusText(a.status)) }))
	add("envelope-text-plain-type", "Errors are the right JSON, sent as text/plain.",
		whole(0, func(_ *call, a *answer) { a.header.Set("Content-Type", "text/plain") }))
	add("envelope-401-text", "A 401 is a line of plain text.", whole(401, plainText))
	add("envelope-403-html", "A 403 is an HTML page.", whole(403, func(_ *call, a *answer) {
		a.raw = []byte("<html><body><h1>403 Forbidden</h1></body></html>")
		a.header.Set("Content-Type", "text/html")
	}))
	add("envelope-404-text", "A 404 for a track is a line of plain text.", func(b *behaviour) {
		b.onAnswer("", 404, func(c *call, a *answer) {
			if c.operation != opUnknownPath {
				plainText(c, a)
			}
		})
	})
	add("envelope-404-empty", "A 404 has no body.", whole(404, func(_ *call, a *answer) { a.body = nil }))
	add("envelope-truncated", "The JSON of errors is cut off.", whole(0, func(_ *call, a *answer) { data := a.body.compact(); a.raw = data[:len(data)-2] }))
	add("envelope-trailing-text", "A line of text follows the JSON of errors.",
		whole(0, func(_ *call, a *answer) { a.raw = append(a.body.compact(), "\nerror\n"...) }))
	add("envelope-duplicate-code", "The error object holds code twice, with two values.",
		errors(0, func(_ *call, e *object) { e.members = append([]member{{"code", "ERROR"}}, e.members...) }))

	add("envelope-details-null", "details is null where there is nothing to tell.",
		errors(401, func(_ *call, e *object) { e.set("details", nil) }))
	add("envelope-details-array", "details is an array.", set(0, "details", []string{}))
	add("envelope-details-string", "details is a text.", set(0, "details", "none"))
	for _, r := range refusals[1:] {
		add("envelope-"+r.name+"-details-empty", fmt.Sprintf("The details of a %s do not name the track.", r.name), set(r.status, "details", newObject()))
		add("envelope-"+r.name+"-details-other-track", fmt.Sprintf("The details of a %s name another track than the one asked for.", r.name),
			set(r.status, "details", newObject("track_id", "mtrack_000000000000")))
		add("envelope-"+r.name+"-details-track-id-null", fmt.Sprintf("The details of a %s hold null for the track's id.", r.name),
			set(r.status, "details", newObject("track_id", nil)))
	}

	add("envelope-trace-id-empty", "trace_id is empty.", func(b *behaviour) { b.trace = func() string { return "" } })
	add("envelope-trace-id-number", "trace_id is a number.", set(0, "trace_id", 1234567))
	add("envelope-trace-id-constant", "trace_id is the same for all requests.", func(b *behaviour) { b.trace = func() string { return "req_abc123xyz" } })
	add("envelope-trace-id-per-connection", "Requests on one connection share their trace_id.", func(b *behaviour) {
		seen := newPerConnection(b.trace)
		b.edits = append(b.edits, func(c *call, a *answer) {
			c.traceID = seen.of(c.request)
			a.err().set("trace_id", c.traceID)
		})
	})
	add("envelope-trace-id-per-second", "Requests of one second share their trace_id.", func(b *behaviour) {
		b.trace = func() string { return fmt.Sprintf("req_%d", time.Now().Unix()) }
	})
	add("envelope-trace-id-of-few", "trace_id is drawn from a thousand values, so that requests come to share one.", func(b *behaviour) {
		b.trace = func() string { return "req_" + randomText("0123456789", 3) }
	})
	add("envelope-trace-id-per-status", "trace_id is the same for all errors of a status.",
		errors(0, func(c *call, e *object) {
			c.traceID = fmt.Sprintf("req_%v", e.get("status"))
			e.set("trace_id", c.traceID)
		}))
	add("envelope-trace-id-not-request-id", "X-Request-Id and trace_id of one answer differ.", func(b *behaviour) {
		b.onAnswer("", 0, func(_ *call, a *answer) { a.header.Set("X-Request-Id", b.trace()) })
	})
	add("envelope-403-trace-id-not-request-id", "X-Request-Id and trace_id differ in a 403 only.", func(b *behaviour) {
		b.onAnswer("", 403, func(_ *call, a *answer) { a.header.Set("X-Request-Id", b.trace()) })
	})

	times := func(name, summary string, timestamp func(c *call) any) {
		add("envelope-timestamp-"+name, summary, errors(0, func(c *call, e *object) { e.set("timestamp", timestamp(c)) }))
	}
	started := time.Now()
	times("no-zone", "timestamp has no zone.", func(c *call) any { return c.received.UTC().Format("2006-01-02T15:04:05") })
	times("space", "timestamp has a space for the T.", func(c *call) any { return c.received.UTC().Format("2006-01-02 15:04:05Z") })
	times("http-date", "timestamp is written like an HTTP date.", func(c *call) any { return c.received.UTC().Format(http.TimeFormat) })
	times("local-zone", "timestamp is right and in a zone two hours east of UTC.",
		func(c *call) any { return c.received.In(time.FixedZone("", 2*60*60)).Format(time.RFC3339) })
	times("local-as-utc", "timestamp is local time that is marked as UTC, five hours off.",
		func(c *call) any { return c.received.Add(-5 * time.Hour).UTC().Format(time.RFC3339) })
	times("epoch", "timestamp is the epoch.", func(*call) any { return "1970-01-01T00:00:00Z" })
	times("constant", "timestamp is the one of the documentation's example.", func(*call) any { return "2026-06-28T10:30:00Z" })
	times("of-start", "timestamp is an hour before the server started.", func(*call) any { return started.Add(-time.Hour).UTC().Format(time.RFC3339) })
	times("future", "timestamp is a day ahead.", func(c *call) any { return c.received.AddDate(0, 0, 1).UTC().Format(time.RFC3339) })
	times("number", "timestamp is a number of seconds.", func(c *call) any { return c.received.Unix() })
	times("date-only", "timestamp is a date.", func(c *call) any { return c.received.UTC().Format(time.DateOnly) })

	add("envelope-404-stack-trace", "The system message of a 404 is a stack trace.",
		set(404, "system_message", "goroutine 7 [running]:\nmain.(*store).find(0xc000112000)\n\t/srv/app/store.go:88 +0x1d"))
	return faults
}

func plainText(_ *call, a *answer) {
	a.raw = []byte(http.StatusText(a.status) + "\n")
	a.header.Set("Content-Type", "text/plain; charset=utf-8")
}

func kebab(name string) string { return strings.ReplaceAll(name, "_", "-") }
