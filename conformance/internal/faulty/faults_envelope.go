package faulty

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// refusals are the errors that deleting a track may end in, each with the case about its envelope.
var refusals = []struct {
	status int
	name   string
	seen   detection
}{
	{401, "401", detectedBy("delete-track/error-401-envelope")},
	{403, "403", detectedBy("delete-track/error-403-envelope")},
	{404, "404", detectedBy("delete-track/error-404-envelope")},
}

func envelopeFaults() []Fault {
	list := faultsOf(Envelope)
	add := list.add
	// errors edits the error object of the responses to a delete with that status, or of all with
	// status 0.
	errors := func(status int, edit func(c *call, e *object)) func(*behaviour) {
		return onResponse("", status, func(c *call, resp *response) {
			if resp.status >= 400 {
				edit(c, resp.err())
			}
		})
	}
	set := func(status int, name string, value any) func(*behaviour) {
		return errors(status, func(_ *call, e *object) { e.set(name, value) })
	}
	drop := func(status int, name string) func(*behaviour) {
		return errors(status, func(_ *call, e *object) { e.remove(name) })
	}
	whole := func(status int, edit func(c *call, resp *response)) func(*behaviour) {
		return onResponse("", status, func(c *call, resp *response) {
			if resp.status >= 400 {
				edit(c, resp)
			}
		})
	}

	// Each member is missing in the errors of one status and null in those of another, so that
	// every member and every status has its turn.
	const on401, on403, on404 = 0, 1, 2 // places in refusals
	for _, member := range []struct {
		name                string
		missingIn, nullWith int
	}{
		{"code", on401, on403},
		{"message", on403, on404},
		{"system_message", on404, on401},
		{"type", on401, on403},
		{"status", on403, on404},
		{"details", on404, on401},
		{"trace_id", on401, on403},
		{"timestamp", on403, on404},
	} {
		r := refusals[member.missingIn]
		add("envelope-"+r.name+"-no-"+kebab(member.name),
			fmt.Sprintf("The error of a %s has no %s.", r.name, member.name),
			r.seen,
			drop(r.status, member.name))
		r = refusals[member.nullWith]
		add("envelope-"+r.name+"-null-"+kebab(member.name),
			fmt.Sprintf("The error of a %s has null for %s.", r.name, member.name),
			r.seen,
			set(r.status, member.name, nil))
	}
	typeOfAnother := map[int]string{
		401: "client_error",
		403: "authentication_error",
		404: "authorization_error",
	}
	for _, r := range refusals {
		add("envelope-"+r.name+"-wrong-code",
			fmt.Sprintf("The error of a %s has a code of its own.", r.name),
			r.seen,
			set(r.status, "code", "ACCESS_PROBLEM"))
		add("envelope-"+r.name+"-wrong-type",
			fmt.Sprintf("The error of a %s has the type of another status.", r.name),
			r.seen,
			set(r.status, "type", typeOfAnother[r.status]))
		add("envelope-"+r.name+"-status-differs",
			fmt.Sprintf("The error of a %s names another status than the status line.", r.name),
			r.seen,
			set(r.status, "status", 400))
		add("envelope-"+r.name+"-success-true",
			fmt.Sprintf("A %s says success true.", r.name),
			r.seen,
			whole(r.status, func(_ *call, resp *response) { resp.body.set("success", true) }))
		add("envelope-"+r.name+"-as-200",
			fmt.Sprintf("What should be a %s is sent with status 200 and the right envelope.", r.name),
			r.seen,
			whole(r.status, func(_ *call, resp *response) { resp.status = http.StatusOK }))
	}
	add("envelope-no-success",
		"Errors have no success.",
		detectedBy(
			"delete-track/error-401-envelope",
			"delete-track/error-403-envelope",
			"delete-track/error-404-envelope",
		),
		whole(0, func(_ *call, resp *response) { resp.body.remove("success") }))
	add("envelope-success-null",
		"Errors say success null.",
		detectedBy(
			"delete-track/error-401-envelope",
			"delete-track/error-403-envelope",
			"delete-track/error-404-envelope",
		),
		whole(0, func(_ *call, resp *response) { resp.body.set("success", nil) }))
	add("envelope-code-lower-case",
		"Error codes are written in lower case.",
		detectedBy(
			"delete-track/error-401-envelope",
			"delete-track/error-403-envelope",
			"delete-track/error-404-envelope",
		),
		errors(0, func(_ *call, e *object) { e.set("code", strings.ToLower(e.get("code").(string))) }))
	add("envelope-status-string",
		"The status in the envelope is a text.",
		detectedBy(
			"delete-track/error-401-envelope",
			"delete-track/error-403-envelope",
			"delete-track/error-404-envelope",
		),
		errors(0, func(_ *call, e *object) { e.set("status", fmt.Sprint(e.get("status"))) }))
	add("envelope-message-number",
		"The message is a number.",
		detectedBy(
			"delete-track/error-401-envelope",
			"delete-track/error-403-envelope",
			"delete-track/error-404-envelope",
		),
		set(0, "message", 7))
	add("envelope-system-message-object",
		"The system message is an object.",
		detectedBy(
			"delete-track/error-401-envelope",
			"delete-track/error-403-envelope",
			"delete-track/error-404-envelope",
		),
		set(0, "system_message", newObject()))
	add("envelope-error-string",
		"error is a text instead of an object.",
		detectedBy(
			"delete-track/error-401-envelope",
			"delete-track/error-403-envelope",
			"delete-track/error-404-envelope",
		),
		whole(0, func(_ *call, resp *response) { resp.body.set("error", "Not allowed") }))
	add("envelope-flat",
		"The members of the error stand in the body itself, without an object error.",
		detectedBy(
			"delete-track/error-401-envelope",
			"delete-track/error-403-envelope",
			"delete-track/error-404-envelope",
		),
		whole(0, func(_ *call, resp *response) {
			e := resp.err()
			e.set("success", false)
			resp.body = e
		}))
	add("envelope-problem-json",
		"Errors are RFC 9457 problems instead of the envelope.",
		detectedBy(
			"delete-track/error-401-envelope",
			"delete-track/error-403-envelope",
			"delete-track/error-404-envelope",
		),
		whole(0, func(_ *call, resp *response) {
			resp.body = newObject(
				"type", "about:blank",
				"title", http.StatusText(resp.status),
				"status", resp.status,
			)
			resp.header.Set("Content-Type", "application/problem+json")
		}))
	add("envelope-detail-only",
		"Errors are an object with nothing but a detail.",
		detectedBy(
			"delete-track/error-401-envelope",
			"delete-track/error-403-envelope",
			"delete-track/error-404-envelope",
		),
		whole(0, func(_ *call, resp *response) {
			resp.body = newObject("detail", http.StatusText(resp.status))
		}))
	add("envelope-text-plain-type",
		"Errors are the right JSON, sent as text/plain.",
		detectedBy(
			"delete-track/error-401-envelope",
			"delete-track/error-403-envelope",
			"delete-track/error-404-envelope",
		),
		whole(0, func(_ *call, resp *response) { resp.header.Set("Content-Type", "text/plain") }))
	add("envelope-401-text",
		"A 401 is a line of plain text.",
		detectedBy("delete-track/error-401-envelope"),
		whole(401, plainText))
	add("envelope-403-html",
		"A 403 is an HTML page.",
		detectedBy("delete-track/error-403-envelope"),
		whole(403, func(_ *call, resp *response) {
			resp.raw = []byte("<html><body><h1>403 Forbidden</h1></body></html>")
			resp.header.Set("Content-Type", "text/html")
		}))
	add("envelope-404-text",
		"A 404 for a track is a line of plain text.",
		detectedBy("delete-track/error-404-envelope"),
		onResponse("", 404, func(c *call, resp *response) {
			if c.operation != opUnknownPath {
				plainText(c, resp)
			}
		}))
	add("envelope-404-empty",
		"A 404 has no body.",
		detectedBy("delete-track/error-404-envelope"),
		whole(404, func(_ *call, resp *response) { resp.body = nil }))
	add("envelope-truncated",
		"The JSON of errors is cut off.",
		detectedBy(
			"delete-track/error-401-envelope",
			"delete-track/error-403-envelope",
			"delete-track/error-404-envelope",
		),
		whole(0, func(_ *call, resp *response) {
			data := resp.body.compact()
			resp.raw = data[:len(data)-2]
		}))
	add("envelope-trailing-text",
		"A line of text follows the JSON of errors.",
		detectedBy(
			"delete-track/error-401-envelope",
			"delete-track/error-403-envelope",
			"delete-track/error-404-envelope",
		),
		whole(0, func(_ *call, resp *response) {
			resp.raw = append(resp.body.compact(), "\nerror\n"...)
		}))
	add("envelope-duplicate-code",
		"The error object holds code twice, with two values.",
		detectedBy(
			"delete-track/error-401-envelope",
			"delete-track/error-403-envelope",
			"delete-track/error-404-envelope",
		),
		errors(0, func(_ *call, e *object) {
			e.members = append([]member{{"code", "ERROR"}}, e.members...)
		}))

	add("envelope-details-null",
		"details is null where there is nothing to tell.",
		detectedBy("delete-track/error-401-envelope"),
		errors(401, func(_ *call, e *object) { e.set("details", nil) }))
	add("envelope-details-array",
		"details is an array.",
		detectedBy(
			"delete-track/error-401-envelope",
			"delete-track/error-403-envelope",
			"delete-track/error-404-envelope",
		),
		set(0, "details", []string{}))
	add("envelope-details-string",
		"details is a text.",
		detectedBy(
			"delete-track/error-401-envelope",
			"delete-track/error-403-envelope",
			"delete-track/error-404-envelope",
		),
		set(0, "details", "none"))
	for _, r := range refusals[1:] {
		add("envelope-"+r.name+"-details-empty",
			fmt.Sprintf("The details of a %s do not name the track.", r.name),
			r.seen,
			set(r.status, "details", newObject()))
		add("envelope-"+r.name+"-details-other-track",
			fmt.Sprintf("The details of a %s name another track than the one asked for.", r.name),
			r.seen,
			set(r.status, "details", newObject("track_id", "mtrack_000000000000")))
		add("envelope-"+r.name+"-details-track-id-null",
			fmt.Sprintf("The details of a %s hold null for the track's id.", r.name),
			r.seen,
			set(r.status, "details", newObject("track_id", nil)))
	}

	add("envelope-trace-id-empty",
		"trace_id is empty.",
		detectedBy(
			"delete-track/error-401-envelope",
			"delete-track/error-403-envelope",
			"delete-track/error-404-envelope",
		),
		func(b *behaviour) { b.trace = func() string { return "" } })
	add("envelope-trace-id-number",
		"trace_id is a number.",
		detectedBy(
			"delete-track/error-401-envelope",
			"delete-track/error-403-envelope",
			"delete-track/error-404-envelope",
		),
		set(0, "trace_id", 1234567))
	add("envelope-trace-id-constant",
		"trace_id is the same for all requests.",
		detectedBy("delete-track/trace-ids-are-unique"),
		func(b *behaviour) { b.trace = func() string { return "req_abc123xyz" } })
	add("envelope-trace-id-per-connection",
		"Requests on one connection share their trace_id.",
		detectedBy("delete-track/trace-ids-are-unique-on-a-connection"),
		func(b *behaviour) {
			seen := newPerConnection(b.trace)
			b.edits = append(b.edits, func(c *call, resp *response) {
				c.traceID = seen.of(c.request)
				resp.err().set("trace_id", c.traceID)
			})
		})
	add("envelope-trace-id-per-second",
		"Requests of one second share their trace_id.",
		detectedBy("delete-track/trace-ids-are-unique"),
		func(b *behaviour) {
			b.trace = func() string { return fmt.Sprintf("req_%d", time.Now().Unix()) }
		})
	add("envelope-trace-id-of-few",
		"trace_id is drawn from a thousand values, so that requests come to share one.",
		detectedBy("delete-track/trace-ids-are-unique"),
		func(b *behaviour) {
			b.trace = func() string { return "req_" + randomText("0123456789", 3) }
		})
	add("envelope-trace-id-per-status",
		"trace_id is the same for all errors of a status.",
		detectedBy("delete-track/trace-ids-are-unique"),
		errors(0, func(c *call, e *object) {
			c.traceID = fmt.Sprintf("req_%v", e.get("status"))
			e.set("trace_id", c.traceID)
		}))
	add("envelope-trace-id-not-request-id",
		"X-Request-Id and trace_id of one response differ.",
		detectedBy(
			"delete-track/error-401-envelope",
			"delete-track/error-403-envelope",
			"delete-track/error-404-envelope",
		),
		func(b *behaviour) {
			onResponse("", 0, func(_ *call, resp *response) {
				resp.header.Set("X-Request-Id", b.trace())
			})(b)
		})
	add("envelope-403-trace-id-not-request-id",
		"X-Request-Id and trace_id differ in a 403 only.",
		detectedBy("delete-track/error-403-envelope"),
		func(b *behaviour) {
			onResponse("", 403, func(_ *call, resp *response) {
				resp.header.Set("X-Request-Id", b.trace())
			})(b)
		})

	timestamp := func(of func(c *call) any) func(*behaviour) {
		return errors(0, func(c *call, e *object) { e.set("timestamp", of(c)) })
	}
	started := time.Now()
	add("envelope-timestamp-no-zone",
		"timestamp has no zone.",
		detectedBy("delete-track/timestamp-moves"),
		timestamp(func(c *call) any { return c.received.UTC().Format("2006-01-02T15:04:05") }))
	add("envelope-timestamp-space",
		"timestamp has a space for the T.",
		detectedBy("delete-track/timestamp-moves"),
		timestamp(func(c *call) any { return c.received.UTC().Format("2006-01-02 15:04:05Z") }))
	add("envelope-timestamp-http-date",
		"timestamp is written like an HTTP date.",
		detectedBy("delete-track/timestamp-moves"),
		timestamp(func(c *call) any { return c.received.UTC().Format(http.TimeFormat) }))
	add("envelope-timestamp-local-zone",
		"timestamp is right and in a zone two hours east of UTC.",
		detectedBy("delete-track/timestamp-moves"),
		timestamp(func(c *call) any {
			return c.received.In(time.FixedZone("", 2*60*60)).Format(time.RFC3339)
		}))
	add("envelope-timestamp-local-as-utc",
		"timestamp is local time that is marked as UTC, five hours off.",
		detectedBy("delete-track/timestamp-moves"),
		timestamp(func(c *call) any {
			return c.received.Add(-5 * time.Hour).UTC().Format(time.RFC3339)
		}))
	add("envelope-timestamp-epoch",
		"timestamp is the epoch.",
		detectedBy("delete-track/timestamp-moves"),
		timestamp(func(*call) any { return "1970-01-01T00:00:00Z" }))
	add("envelope-timestamp-constant",
		"timestamp is the one of the documentation's example.",
		detectedBy("delete-track/timestamp-moves"),
		timestamp(func(*call) any { return "2026-06-28T10:30:00Z" }))
	add("envelope-timestamp-of-start",
		"timestamp is an hour before the server started.",
		detectedBy("delete-track/timestamp-moves"),
		timestamp(func(*call) any { return started.Add(-time.Hour).UTC().Format(time.RFC3339) }))
	add("envelope-timestamp-future",
		"timestamp is a day ahead.",
		detectedBy("delete-track/timestamp-moves"),
		timestamp(func(c *call) any { return c.received.AddDate(0, 0, 1).UTC().Format(time.RFC3339) }))
	add("envelope-timestamp-number",
		"timestamp is a number of seconds.",
		detectedBy("delete-track/timestamp-moves"),
		timestamp(func(c *call) any { return c.received.Unix() }))
	add("envelope-timestamp-date-only",
		"timestamp is a date.",
		detectedBy("delete-track/timestamp-moves"),
		timestamp(func(c *call) any { return c.received.UTC().Format(time.DateOnly) }))

	add("envelope-404-stack-trace",
		"The system message of a 404 is a stack trace.",
		detectedBy("delete-track/error-404-envelope"),
		set(404, "system_message", "goroutine 7 [running]:\n"+
			"main.(*store).find(0xc000112000)\n\t/srv/app/store.go:88 +0x1d"))
	return list.faults
}

func kebab(name string) string { return strings.ReplaceAll(name, "_", "-") }
