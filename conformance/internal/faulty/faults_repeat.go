package faulty

import (
	"time"
)

// repeatFaults are about a second delete.
func repeatFaults() []Fault {
	list := faultsOf(Concurrency)
	add := list.add

	// onRepeat edits the 404 of whoever deletes a track that it deleted before.
	onRepeat := func(edit func(c *call, resp *response)) func(*behaviour) {
		return onRefusal(deleted, func(c *call, resp *response) {
			if c.operation == opDelete && c.target.deletedBy == c.user {
				edit(c, resp)
			}
		})
	}
	add("repeat-200",
		"A second delete of the creator is acknowledged like the first.",
		detectedBy("delete-track/repeat-gets-404"),
		onRepeat(func(c *call, resp *response) { *resp = *acknowledge(c) }))
	add("repeat-403",
		"A second delete of the creator is 403.",
		detectedBy("delete-track/repeat-gets-404"),
		onRepeat(becomes(forbidden)))
	add("repeat-409",
		"A second delete of the creator is 409.",
		detectedBy("delete-track/repeat-gets-404"),
		onRepeat(setStatus(409)))
	add("repeat-200-within-500ms",
		"A second delete within 500ms is acknowledged like the first.",
		detectedBy("delete-track/repeat-gets-404"),
		onRepeat(func(c *call, resp *response) {
			if time.Since(c.target.deletedAt) < 500*ms {
				*resp = *acknowledge(c)
			}
		}))
	add("repeat-200-by-saver",
		"A saver's delete of a deleted track is acknowledged.",
		detectedBy("delete-track/gone-for-everybody", "delete-track/repeat-gets-404"),
		onRefusal(deleted, func(c *call, resp *response) {
			if c.operation == opDelete && c.target.creator != c.user {
				*resp = *acknowledge(c)
			}
		}))
	add("repeat-third-200",
		"The third delete of a track is acknowledged again.",
		detectedBy("delete-track/repeat-gets-404"),
		onRepeat(func(c *call, resp *response) {
			if c.target.repeats++; c.target.repeats == 2 {
				*resp = *acknowledge(c)
			}
		}))
	return list.faults
}
