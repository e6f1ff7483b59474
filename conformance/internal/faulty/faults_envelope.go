package faulty

import (
	"fmt"
	"net/http"
	"strings"
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

// envelopeFaults are about the form of errors.
func envelopeFaults() []Fault {
	list := faultsOf(Envelope)
	add := list.add

	drop := func(status int, name string) func(*behaviour) {
		return editErrors(status, func(_ *call, e *object) { e.remove(name) })
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
			setInErrors(r.status, member.name, nil))
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
			setInErrors(r.status, "code", "ACCESS_PROBLEM"))
		add("envelope-"+r.name+"-wrong-type",
			fmt.Sprintf("The error of a %s has the type of another status.", r.name),
			r.seen,
			setInErrors(r.status, "type", typeOfAnother[r.status]))
		add("envelope-"+r.name+"-status-differs",
			fmt.Sprintf("The error of a %s names another status than the status line.", r.name),
			r.seen,
			setInErrors(r.status, "status", 400))
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
		editErrors(0, func(_ *call, e *object) { e.set("code", strings.ToLower(e.get("code").(string))) }))
	add("envelope-status-string",
		"The status in the envelope is a text.",
		detectedBy(
			"delete-track/error-401-envelope",
			"delete-track/error-403-envelope",
			"delete-track/error-404-envelope",
		),
		editErrors(0, func(_ *call, e *object) { e.set("status", fmt.Sprint(e.get("status"))) }))
	add("envelope-system-message-object",
		"The system message is an object.",
		detectedBy(
			"delete-track/error-401-envelope",
			"delete-track/error-403-envelope",
			"delete-track/error-404-envelope",
		),
		setInErrors(0, "system_message", newObject()))
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
		editErrors(0, func(_ *call, e *object) {
			e.members = append([]member{{"code", "ERROR"}}, e.members...)
		}))

	add("envelope-details-array",
		"details is an array.",
		detectedBy(
			"delete-track/error-401-envelope",
			"delete-track/error-403-envelope",
			"delete-track/error-404-envelope",
		),
		setInErrors(0, "details", []string{}))
	for _, r := range refusals[1:] {
		add("envelope-"+r.name+"-details-empty",
			fmt.Sprintf("The details of a %s do not name the track.", r.name),
			r.seen,
			setInErrors(r.status, "details", newObject()))
		add("envelope-"+r.name+"-details-other-track",
			fmt.Sprintf("The details of a %s name another track than the one asked for.", r.name),
			r.seen,
			setInErrors(r.status, "details", newObject("track_id", "mtrack_000000000000")))
		add("envelope-"+r.name+"-details-track-id-null",
			fmt.Sprintf("The details of a %s hold null for the track's id.", r.name),
			r.seen,
			setInErrors(r.status, "details", newObject("track_id", nil)))
	}
	return list.faults
}

func kebab(name string) string { return strings.ReplaceAll(name, "_", "-") }

// editErrors edits the error object of responses with that status, or of all errors with status 0.
func editErrors(status int, edit func(c *call, e *object)) func(*behaviour) {
	return onResponse("", status, func(c *call, resp *response) {
		if resp.status >= 400 {
			edit(c, resp.err())
		}
	})
}

func setInErrors(status int, name string, value any) func(*behaviour) {
	return editErrors(status, func(_ *call, e *object) { e.set(name, value) })
}
