package faulty

import "net/http"

func acknowledgementFaults() []Fault {
	// ack edits what a successful delete answers.
	ack := func(edit func(c *call, a *answer)) func(*behaviour) {
		return func(b *behaviour) { b.onAnswer(opDelete, http.StatusOK, edit) }
	}
	set := func(name string, value any) func(*behaviour) {
		return ack(func(_ *call, a *answer) { a.body.set(name, value) })
	}
	drop := func(name string) func(*behaviour) {
		return ack(func(_ *call, a *answer) { a.body.remove(name) })
	}
	status := func(status int) func(*behaviour) {
		return ack(func(_ *call, a *answer) { a.status = status })
	}
	raw := func(change func(data []byte) []byte) func(*behaviour) {
		return ack(func(c *call, a *answer) { a.raw = change(c.server.behaviour.encode(c, a.body)) })
	}
	fault := func(name, summary string, apply func(*behaviour)) Fault {
		return Fault{Name: name, Area: Acknowledgement, Summary: summary, apply: apply}
	}
	return []Fault{
		fault("ack-other-id", "The acknowledgement of a delete names another track.", set("id", "mtrack_000000000000")),
		fault("ack-user-id", "The acknowledgement of a delete names the caller instead of the track.",
			ack(func(c *call, a *answer) { a.body.set("id", c.user.id) })),
		fault("ack-id-without-prefix", "The acknowledgement names the track without the prefix mtrack_.",
			ack(func(c *call, a *answer) { a.body.set("id", c.track[len("mtrack_"):]) })),
		fault("ack-id-upper-case", "The acknowledgement changes the case of the track's id.",
			ack(func(c *call, a *answer) { a.body.set("id", swapCase(c.track)) })),
		fault("ack-id-null", "The acknowledgement's id is null.", set("id", nil)),
		fault("ack-id-missing", "The acknowledgement has no id.", drop("id")),
		fault("ack-track-id-instead-of-id", "The acknowledgement calls the id track_id.",
			ack(func(c *call, a *answer) { a.body.remove("id"); a.body.add("track_id", c.track) })),
		fault("ack-success-false", "A delete that was done is acknowledged with success false.", set("success", false)),
		fault("ack-success-string", "success is the text \"true\".", set("success", "true")),
		fault("ack-success-number", "success is the number 1.", set("success", 1)),
		fault("ack-success-missing", "The acknowledgement has no success.", drop("success")),
		fault("ack-detail-missing", "The acknowledgement has no detail.", drop("detail")),
		fault("ack-detail-null", "The acknowledgement's detail is null.", set("detail", nil)),
		fault("ack-detail-object", "The acknowledgement's detail is an object instead of a text.", set("detail", newObject("message", "Track deleted."))),
		{Name: "ack-detail-empty", Area: Acknowledgement, Advisory: true,
			Summary: "The acknowledgement's detail is an empty text, which confirms nothing to a person.", apply: set("detail", "")},
		fault("ack-204", "A delete is answered 204 without a body.",
			ack(func(_ *call, a *answer) { a.status, a.body = http.StatusNoContent, nil; a.header.Del("Content-Type") })),
		fault("ack-202", "A delete is answered 202, as if it were still to be done.", status(http.StatusAccepted)),
		fault("ack-201", "A delete is answered 201.", status(http.StatusCreated)),
		fault("ack-200-with-error", "A delete that was done is answered 200 with an error envelope.",
			ack(func(c *call, a *answer) { a.body = c.server.behaviour.refuse(c, notFound).body })),
		fault("ack-empty-body", "A delete is answered 200 without a body.", ack(func(_ *call, a *answer) { a.body = nil })),
		fault("ack-wrapped", "The acknowledgement is wrapped in an object named data.",
			ack(func(_ *call, a *answer) { a.body = newObject("data", a.body) })),
		fault("ack-array", "The acknowledgement is an array of one object.",
			raw(func(data []byte) []byte { return []byte("[" + string(data) + "]") })),
		fault("ack-text-plain", "The acknowledgement is sent as text/plain.",
			ack(func(_ *call, a *answer) { a.header.Set("Content-Type", "text/plain; charset=utf-8") })),
		fault("ack-no-content-type", "The acknowledgement has no content type.",
			ack(func(_ *call, a *answer) { a.header["Content-Type"] = nil })),
		fault("ack-html", "A delete is answered with an HTML page.",
			ack(func(_ *call, a *answer) {
				a.raw = []byte("<!doctype html><title>OK</title><p>Track deleted.")
				a.header.Set("Content-Type", "text/html; charset=utf-8")
			})),
		fault("ack-truncated-json", "The acknowledgement's JSON lacks its last brace.",
			raw(func(data []byte) []byte { return data[:len(data)-1] })),
		fault("ack-trailing-garbage", "A second JSON document follows the acknowledgement.",
			raw(func(data []byte) []byte { return append(data, `{"success":false}`...) })),
		fault("ack-single-quotes", "The acknowledgement is written with single quotes, which is no JSON.",
			raw(func(data []byte) []byte { return []byte(`{'success': true, 'detail': 'Track deleted.'}`) })),
		fault("ack-duplicate-member", "The acknowledgement holds success twice, first false and then true.",
			ack(func(_ *call, a *answer) {
				a.body.members = append([]member{{"success", false}}, a.body.members...)
			})),
		fault("ack-invalid-utf8", "The acknowledgement's detail holds a byte that is no UTF-8.",
			raw(func(data []byte) []byte { return append(data[:len(data)-2], "\xff\"}"...) })),
		fault("ack-byte-order-mark", "The acknowledgement's JSON begins with a byte order mark.",
			raw(func(data []byte) []byte { return append([]byte("\xef\xbb\xbf"), data...) })),
	}
}
