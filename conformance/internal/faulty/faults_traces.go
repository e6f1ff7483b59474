package faulty

import (
	"fmt"
	"net/http"
	"time"
)

// traceFaults are about trace_id and timestamp of errors.
func traceFaults() []Fault {
	list := faultsOf(Envelope)
	add := list.add

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
		setInErrors(0, "trace_id", 1234567))
	add("envelope-trace-id-constant",
		"trace_id is the same for all requests.",
		detectedBy("delete-track/trace-ids-are-unique"),
		func(b *behaviour) { b.trace = func() string { return "req_abc123xyz" } })
	add("envelope-trace-id-per-connection",
		"Requests on one connection share their trace_id.",
		detectedBy("delete-track/trace-ids-are-unique-on-a-connection"),
		func(b *behaviour) {
			var traces perConnection[string]
			b.edits = append(b.edits, func(c *call, resp *response) {
				c.traceID = traces.of(c.request, b.trace)
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
		editErrors(0, func(c *call, e *object) {
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
		return editErrors(0, func(c *call, e *object) { e.set("timestamp", of(c)) })
	}
	started := time.Now()
	add("envelope-timestamp-no-zone",
		"timestamp has no zone.",
		detectedBy("delete-track/timestamp-moves"),
		timestamp(func(c *call) any { return c.received.UTC().Format("2006-01-02T15:04:05") }))
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

	add("envelope-404-stack-trace",
		"The system message of a 404 is a stack trace.",
		detectedBy("delete-track/error-404-envelope"),
		setInErrors(404, "system_message", "goroutine 7 [running]:\n"+
			"main.(*store).find(0xc000112000)\n\t/srv/app/store.go:88 +0x1d"))
	return list.faults
}
