package faulty

import "net/http"

func acknowledgementFaults() []Fault {
	list := faultsOf(Acknowledgement)
	add := list.add
	// ack edits what a successful delete answers.
	ack := func(edit func(c *call, resp *response)) func(*behaviour) {
		return onResponse(opDelete, http.StatusOK, edit)
	}
	set := func(name string, value any) func(*behaviour) {
		return ack(func(_ *call, resp *response) { resp.body.set(name, value) })
	}
	drop := func(name string) func(*behaviour) {
		return ack(func(_ *call, resp *response) { resp.body.remove(name) })
	}
	status := func(status int) func(*behaviour) {
		return ack(func(_ *call, resp *response) { resp.status = status })
	}
	raw := func(change func(data []byte) []byte) func(*behaviour) {
		return ack(func(c *call, resp *response) {
			resp.raw = change(c.server.behaviour.encode(c, resp.body))
		})
	}
	add("ack-other-id",
		"The acknowledgement of a delete names another track.",
		detectedBy("delete-track/creator-gets-200"),
		set("id", "mtrack_000000000000"))
	add("ack-user-id",
		"The acknowledgement of a delete names the caller instead of the track.",
		detectedBy("delete-track/creator-gets-200"),
		ack(func(c *call, resp *response) { resp.body.set("id", c.user.id) }))
	add("ack-id-without-prefix",
		"The acknowledgement names the track without the prefix mtrack_.",
		detectedBy("delete-track/creator-gets-200"),
		ack(func(c *call, resp *response) { resp.body.set("id", c.track[len("mtrack_"):]) }))
	add("ack-id-upper-case",
		"The acknowledgement changes the case of the track's id.",
		detectedBy("delete-track/creator-gets-200"),
		ack(func(c *call, resp *response) { resp.body.set("id", swapCase(c.track)) }))
	add("ack-id-null",
		"The acknowledgement's id is null.",
		detectedBy("delete-track/creator-gets-200"),
		set("id", nil))
	add("ack-id-missing",
		"The acknowledgement has no id.",
		detectedBy("delete-track/creator-gets-200"),
		drop("id"))
	add("ack-track-id-instead-of-id",
		"The acknowledgement calls the id track_id.",
		detectedBy("delete-track/creator-gets-200"),
		ack(func(c *call, resp *response) {
			resp.body.remove("id")
			resp.body.add("track_id", c.track)
		}))
	add("ack-success-false",
		"A delete that was done is acknowledged with success false.",
		detectedBy("delete-track/creator-gets-200"),
		set("success", false))
	add("ack-success-string",
		"success is the text \"true\".",
		detectedBy("delete-track/creator-gets-200"),
		set("success", "true"))
	add("ack-success-missing",
		"The acknowledgement has no success.",
		detectedBy("delete-track/creator-gets-200"),
		drop("success"))
	add("ack-detail-missing",
		"The acknowledgement has no detail.",
		detectedBy("delete-track/creator-gets-200"),
		drop("detail"))
	add("ack-detail-null",
		"The acknowledgement's detail is null.",
		detectedBy("delete-track/creator-gets-200"),
		set("detail", nil))
	add("ack-detail-object",
		"The acknowledgement's detail is an object instead of a text.",
		detectedBy("delete-track/creator-gets-200"),
		set("detail", newObject("message", "Track deleted.")))
	add("ack-detail-empty",
		"The acknowledgement's detail is an empty text, which confirms nothing to a person.",
		warnedBy("delete-track/detail-tells-something"),
		set("detail", ""))
	add("ack-204",
		"A delete gets 204 without a body.",
		detectedBy("delete-track/creator-gets-200"),
		ack(func(_ *call, resp *response) {
			resp.status, resp.body = http.StatusNoContent, nil
			resp.header.Del("Content-Type")
		}))
	add("ack-202",
		"A delete gets 202, as if it were still to be done.",
		detectedBy("delete-track/creator-gets-200"),
		status(http.StatusAccepted))
	add("ack-200-with-error",
		"A delete that was done gets 200 with an error envelope.",
		detectedBy("delete-track/creator-gets-200"),
		ack(func(c *call, resp *response) { resp.body = c.server.behaviour.refuse(c, notFound).body }))
	add("ack-empty-body",
		"A delete gets 200 without a body.",
		detectedBy("delete-track/creator-gets-200"),
		ack(func(_ *call, resp *response) { resp.body = nil }))
	add("ack-wrapped",
		"The acknowledgement is wrapped in an object named data.",
		detectedBy("delete-track/creator-gets-200"),
		ack(func(_ *call, resp *response) { resp.body = newObject("data", resp.body) }))
	add("ack-array",
		"The acknowledgement is an array of one object.",
		detectedBy("delete-track/creator-gets-200"),
		raw(func(data []byte) []byte { return []byte("[" + string(data) + "]") }))
	add("ack-text-plain",
		"The acknowledgement is sent as text/plain.",
		detectedBy("delete-track/creator-gets-200"),
		ack(func(_ *call, resp *response) {
			resp.header.Set("Content-Type", "text/plain; charset=utf-8")
		}))
	add("ack-no-content-type",
		"The acknowledgement has no content type.",
		detectedBy("delete-track/creator-gets-200"),
		ack(func(_ *call, resp *response) { resp.header["Content-Type"] = nil }))
	add("ack-html",
		"A delete is answered with an HTML page.",
		detectedBy("delete-track/creator-gets-200"),
		ack(func(_ *call, resp *response) {
			resp.raw = []byte("<!doctype html><title>OK</title><p>Track deleted.")
			resp.header.Set("Content-Type", "text/html; charset=utf-8")
		}))
	add("ack-truncated-json",
		"The acknowledgement's JSON lacks its last brace.",
		detectedBy("delete-track/creator-gets-200"),
		raw(func(data []byte) []byte { return data[:len(data)-1] }))
	add("ack-trailing-garbage",
		"A second JSON document follows the acknowledgement.",
		detectedBy("delete-track/creator-gets-200"),
		raw(func(data []byte) []byte { return append(data, `{"success":false}`...) }))
	add("ack-single-quotes",
		"The acknowledgement is written with single quotes, which is not JSON.",
		detectedBy("delete-track/creator-gets-200"),
		raw(func(data []byte) []byte {
			return []byte(`{'success': true, 'detail': 'Track deleted.'}`)
		}))
	add("ack-duplicate-member",
		"The acknowledgement holds success twice, first false and then true.",
		detectedBy("delete-track/creator-gets-200"),
		ack(func(_ *call, resp *response) {
			resp.body.members = append([]member{{"success", false}}, resp.body.members...)
		}))
	add("ack-invalid-utf8",
		"The acknowledgement's detail holds a byte that is not UTF-8.",
		detectedBy("delete-track/creator-gets-200"),
		raw(func(data []byte) []byte { return append(data[:len(data)-2], "\xff\"}"...) }))
	add("ack-byte-order-mark",
		"The acknowledgement's JSON begins with a byte order mark.",
		detectedBy("delete-track/creator-gets-200"),
		raw(func(data []byte) []byte { return append([]byte("\xef\xbb\xbf"), data...) }))
	return list.faults
}
