package faulty

import (
	"net/http"
	"time"
)

// effectFaults are about a delete that is not done, not done for everybody, or not done for long.
func effectFaults() []Fault {
	list := faultsOf(Effect)
	add := list.add

	// The effect is not there, or not for everybody.
	visibleWhen := func(when func(c *call, t *track) bool) func(*behaviour) {
		return func(b *behaviour) {
			isDeleted := b.isDeleted
			b.isDeleted = func(c *call, t *track) bool { return isDeleted(c, t) && !when(c, t) }
		}
	}
	add("delete-nothing",
		"A delete is acknowledged and nothing happens.",
		detectedBy("delete-track/creator-gets-200"),
		func(b *behaviour) { b.remove = func(*call, *track) {} })
	add("delete-event-only",
		"A delete writes its event and leaves the track.",
		detectedBy("delete-track/creator-gets-200"),
		func(b *behaviour) {
			after(&b.remove, func(_ *call, t *track) { t.deletedAt = time.Time{} })
		})
	add("delete-is-unsave",
		"A delete only takes the track out of the creator's library.",
		detectedBy("delete-track/creator-gets-200", "delete-track/gone-for-everybody"),
		func(b *behaviour) {
			b.remove = func(c *call, t *track) {
				c.user.drop(t)
				t.events = append(t.events, event{Type: "track.deleted", At: time.Now(), Actor: c.user.id})
			}
		})
	add("deleted-for-creator-only",
		"A deleted track stays for everybody but its creator.",
		detectedBy("delete-track/gone-for-everybody"),
		visibleWhen(func(c *call, t *track) bool { return c.user != t.creator }))
	add("deleted-for-others-only",
		"A deleted track stays for its creator.",
		detectedBy("delete-track/gone-for-everybody"),
		visibleWhen(func(c *call, t *track) bool { return c.user == t.creator }))
	add("deleted-still-listed",
		"A deleted track stays in all libraries.",
		detectedBy("delete-track/leaves-every-library"),
		visibleWhen(func(c *call, _ *track) bool { return c.operation == opList }))
	add("deleted-still-listed-for-savers",
		"A deleted track stays in the libraries of those who saved it.",
		detectedBy("delete-track/leaves-every-library"),
		visibleWhen(func(c *call, t *track) bool {
			return c.operation == opList && c.user != t.creator
		}))
	add("deleted-still-listed-for-creator",
		"A deleted track stays in its creator's library.",
		detectedBy("delete-track/leaves-every-library"),
		visibleWhen(func(c *call, t *track) bool {
			return c.operation == opList && c.user == t.creator
		}))
	add("deleted-still-listed-for-last-saver",
		"A deleted track stays in the library of the one who saved it last.",
		detectedBy("delete-track/creator-gets-200", "delete-track/nothing-else-each-time"),
		visibleWhen(func(c *call, t *track) bool {
			return c.operation == opList && t.savers[len(t.savers)-1] == c.user
		}))
	add("deleted-still-listed-for-first-saver",
		"A deleted track stays in the library of the one who saved it first.",
		detectedBy("delete-track/leaves-every-library"),
		visibleWhen(func(c *call, t *track) bool {
			return c.operation == opList && t.savers[0] == c.user
		}))
	for _, parameter := range []string{"offset", "mode", "engine", "limit"} {
		add("deleted-still-listed-by-"+parameter,
			"A deleted track is still in lists that are asked for with "+parameter+".",
			detectedBy("delete-track/leaves-every-library"),
			visibleWhen(func(c *call, _ *track) bool {
				return c.operation == opList && c.request.URL.Query().Has(parameter)
			}))
	}
	add("deleted-listed-as-null",
		"A deleted track is null in the lists that it was in.",
		detectedBy("delete-track/leaves-every-library"),
		func(b *behaviour) {
			visibleWhen(func(c *call, _ *track) bool { return c.operation == opList })(b)
			describe := b.describe
			b.describe = func(c *call, t *track, listed bool) *object {
				if !t.deletedAt.IsZero() {
					return nil
				}
				return describe(c, t, listed)
			}
		})
	add("deleted-listed-as-deleted",
		"A deleted track stays in lists with a member deleted_at.",
		detectedBy("delete-track/leaves-every-library"),
		func(b *behaviour) {
			visibleWhen(func(c *call, _ *track) bool { return c.operation == opList })(b)
			describe := b.describe
			b.describe = func(c *call, t *track, listed bool) *object {
				o := describe(c, t, listed)
				if !t.deletedAt.IsZero() {
					o.add("deleted_at", b.timestamp(t.deletedAt))
				}
				return o
			}
		})
	add("deleted-still-got",
		"A deleted track can still be got.",
		detectedBy("delete-track/gone-for-everybody"),
		visibleWhen(func(c *call, _ *track) bool { return c.operation == opGet }))
	add("deleted-still-got-by-savers",
		"A deleted track can still be got by those who saved it.",
		detectedBy("delete-track/gone-for-everybody"),
		visibleWhen(func(c *call, t *track) bool {
			return c.operation == opGet && c.user != t.creator
		}))
	add("deleted-still-got-by-creator",
		"A deleted track can still be got by its creator.",
		detectedBy("delete-track/gone-for-everybody"),
		visibleWhen(func(c *call, t *track) bool {
			return c.operation == opGet && c.user == t.creator
		}))
	add("deleted-still-unsaved",
		"A deleted track can still be unsaved.",
		detectedBy("delete-track/gone-for-everybody"),
		visibleWhen(func(c *call, _ *track) bool { return c.operation == opUnsave }))
	add("deleted-hands-over",
		"A delete hands the track to the first other saver, who becomes its creator.",
		detectedBy("delete-track/gone-for-everybody"),
		func(b *behaviour) {
			after(&b.remove, func(c *call, t *track) {
				c.user.drop(t)
				for _, saver := range t.savers {
					if saver != c.user && saver.saved(t) {
						t.creator, t.deletedAt = saver, time.Time{}
					}
				}
			})
		})
	add("delete-only-saved-by-others",
		"A delete of a track that nobody else saved is acknowledged and not done.",
		detectedBy("delete-track/creator-who-did-not-save-gets-200"),
		func(b *behaviour) {
			remove := b.remove
			b.remove = func(c *call, t *track) {
				if len(t.savers) > 1 || len(t.savers) == 1 && t.savers[0] != c.user {
					remove(c, t)
				}
			}
		})
	add("delete-not-without-save",
		"A delete by a creator who has not saved the track is acknowledged and not done.",
		detectedBy("delete-track/creator-who-did-not-save-gets-200"),
		func(b *behaviour) {
			remove := b.remove
			b.remove = func(c *call, t *track) {
				if c.user.saved(t) {
					remove(c, t)
				}
			}
		})

	// The effect comes late, or goes again.
	sinceDelete := func(t *track) time.Duration { return time.Since(t.deletedAt) }
	lateFor := func(delay time.Duration, when func(c *call, t *track) bool) func(*behaviour) {
		return visibleWhen(func(c *call, t *track) bool { return sinceDelete(t) < delay && when(c, t) })
	}
	everybody := func(*call, *track) bool { return true }
	savers := func(c *call, t *track) bool { return c.user != t.creator }
	add("delete-late-50ms",
		"A deleted track stays for 50ms for everybody.",
		detectedBy("delete-track/gone-for-everybody"),
		lateFor(50*ms, everybody))
	add("delete-late-for-savers-100ms",
		"A deleted track stays for 100ms for those who saved it.",
		detectedBy("delete-track/gone-for-everybody"),
		lateFor(100*ms, savers))
	add("delete-late-in-lists-200ms",
		"A deleted track stays for 200ms in lists.",
		detectedBy("delete-track/leaves-every-library"),
		lateFor(200*ms, func(c *call, _ *track) bool { return c.operation == opList }))
	add("delete-late-in-lists-of-savers-400ms",
		"A deleted track stays for 400ms in lists of those who saved it.",
		detectedBy("delete-track/leaves-every-library"),
		lateFor(400*ms, func(c *call, t *track) bool { return c.operation == opList && savers(c, t) }))
	add("delete-late-in-get-250ms",
		"A deleted track stays for 250ms for getting.",
		detectedBy("delete-track/gone-for-everybody"),
		lateFor(250*ms, func(c *call, _ *track) bool { return c.operation == opGet }))
	add("delete-late-in-unsave-300ms",
		"A deleted track stays for 300ms for unsaving.",
		detectedBy("delete-track/gone-for-everybody"),
		lateFor(300*ms, func(c *call, _ *track) bool { return c.operation == opUnsave }))
	add("deleted-returns-on-post",
		"A POST of a deleted track is 405, and brings it back.",
		detectedBy("delete-track/no-method-brings-it-back"),
		func(b *behaviour) {
			b.edits = append(b.edits, func(c *call, _ *response) {
				if t := c.server.state.tracks[c.track]; t != nil && c.request.Method == http.MethodPost {
					t.deletedAt = time.Time{}
				}
			})
		})
	add("deleted-told-on-query",
		"A deleted track is told to whoever asks with include_deleted=true.",
		detectedBy("delete-track/gone-whatever-is-asked"),
		visibleWhen(func(c *call, _ *track) bool {
			return c.request.URL.Query().Get("include_deleted") == "true"
		}))
	add("deleted-returns-300ms",
		"A deleted track comes back after 300ms.",
		detectedBy("delete-track/stays-deleted"),
		visibleWhen(func(_ *call, t *track) bool { return sinceDelete(t) > 300*ms }))
	add("deleted-returns-for-savers-200ms",
		"A deleted track comes back after 200ms for those who saved it.",
		detectedBy("delete-track/stays-deleted"),
		visibleWhen(func(c *call, t *track) bool {
			return c.user != t.creator && sinceDelete(t) > 200*ms
		}))
	add("deleted-returns-on-repeat",
		"A second delete is refused, and brings the track back.",
		detectedBy("delete-track/repeat-gets-404"),
		onRefusal(deleted, func(c *call, _ *response) {
			if c.operation == opDelete && c.user == c.target.creator {
				c.target.deletedAt = time.Time{}
			}
		}))
	add("deleted-returns-on-unsave",
		"Unsaving a deleted track is refused, and brings it back.",
		detectedBy("delete-track/gone-for-everybody", "unsave-track/deleted-track-gets-404"),
		onRefusal(deleted, func(c *call, _ *response) {
			if c.operation == opUnsave {
				c.target.deletedAt = time.Time{}
			}
		}))
	return list.faults
}

// after lets more happen behind an effect.
func after(effect *func(c *call, t *track), more func(c *call, t *track)) {
	first := *effect
	*effect = func(c *call, t *track) {
		first(c, t)
		more(c, t)
	}
}

// newNestedIDs makes track ids that are each the beginning of the next.
func newNestedIDs(mint func(kind string) string) func(kind string) string {
	last := ""
	return func(kind string) string {
		if kind != "track" {
			return mint(kind)
		}
		if last == "" || len(last) > 60 {
			last = mint(kind)
		} else {
			last += randomText("0123456789abcdef", 1)
		}
		return last
	}
}
