package faulty

import (
	"net/http"
	"slices"
	"time"
)

func unsaveFaults() []Fault {
	list := faultsOf(Unsave)
	add := list.add
	onSuccess := func(edit func(c *call, resp *response)) func(*behaviour) {
		return onResponse(opUnsave, http.StatusOK, edit)
	}
	onUnsaveRefused := func(why cause, edit func(c *call, resp *response)) func(*behaviour) {
		return onRefusal(why, func(c *call, resp *response) {
			if c.operation == opUnsave && c.target != nil {
				edit(c, resp)
			}
		})
	}
	afterUnsave := func(more func(c *call, t *track)) func(*behaviour) {
		return func(b *behaviour) { after(&b.unsave, more) }
	}
	onceSaved := func(c *call, t *track) bool { return slices.Contains(t.savers, c.user) }
	addEvent := func(kind string) func(c *call, t *track) {
		return func(c *call, t *track) {
			t.events = append(slices.Clone(t.events), event{Type: kind, At: time.Now(), Actor: c.user.id})
		}
	}

	isRepeatByCreator := func(c *call) bool {
		return c.target != nil && c.target.creator == c.user &&
			!c.user.saved(c.target) && onceSaved(c, c.target)
	}

	add("unsave-nothing",
		"An unsave is acknowledged and nothing happens.",
		detectedBy("unsave-track/saver-gets-200"),
		func(b *behaviour) { b.unsave = func(*call, *track) {} })
	add("unsave-deletes",
		"An unsave deletes the track.",
		detectedBy("unsave-track/saver-gets-200"),
		func(b *behaviour) { b.unsave = func(c *call, t *track) { b.remove(c, t) } })
	add("unsave-deletes-for-creator",
		"A creator's unsave deletes the track.",
		detectedBy("unsave-track/creator-keeps-access"),
		afterUnsave(func(c *call, t *track) {
			if t.creator == c.user {
				t.deletedAt, t.deletedBy = time.Now(), c.user
			}
		}))
	add("unsave-last-deletes",
		"The track is deleted when nobody has it saved any more.",
		detectedBy("unsave-track/saver-gets-200", "unsave-track/creator-keeps-access"),
		afterUnsave(func(c *call, t *track) {
			if !slices.ContainsFunc(t.savers, func(saver *user) bool { return saver.saved(t) }) {
				t.deletedAt, t.deletedBy = time.Now(), c.user
			}
		}))
	add("unsave-for-all",
		"An unsave takes the track out of everybody's library.",
		detectedBy("unsave-track/saver-gets-200"),
		afterUnsave(func(_ *call, t *track) {
			for _, saver := range t.savers {
				saver.drop(t)
			}
		}))
	add("unsave-of-creator-for-all",
		"A creator's unsave takes the track out of everybody's library.",
		detectedBy("unsave-track/creator-keeps-access"),
		afterUnsave(func(c *call, t *track) {
			for _, saver := range t.savers {
				if t.creator == c.user {
					saver.drop(t)
				}
			}
		}))
	add("unsave-for-first-saver",
		"An unsave takes the track out of the library of the one who saved it first, too.",
		detectedBy("unsave-track/saver-gets-200"),
		afterUnsave(func(_ *call, t *track) {
			if len(t.savers) > 0 {
				t.savers[0].drop(t)
			}
		}))
	add("unsave-next-too",
		"An unsave also takes out the track that was saved next.",
		detectedBy("unsave-track/saver-gets-200"),
		func(b *behaviour) {
			b.unsave = func(c *call, t *track) {
				if i := slices.Index(c.user.library, t); i >= 0 && i+1 < len(c.user.library) {
					c.user.drop(c.user.library[i+1])
				}
				c.user.drop(t)
			}
		})
	add("unsave-all-of-creator",
		"An unsave takes out all tracks of the same creator.",
		detectedBy("unsave-track/saver-gets-200"),
		afterUnsave(func(c *call, t *track) {
			for _, other := range c.user.library {
				if other.creator == t.creator {
					c.user.drop(other)
				}
			}
		}))
	add("unsave-empties-library",
		"An unsave empties the caller's library.",
		detectedBy("unsave-track/saver-gets-200"),
		afterUnsave(func(c *call, _ *track) { c.user.library = nil }))
	add("unsave-newest-instead",
		"An unsave takes out the track that was saved last, whichever was named.",
		detectedBy("unsave-track/saver-gets-200"),
		func(b *behaviour) {
			b.unsave = func(c *call, _ *track) {
				if n := len(c.user.library); n > 0 {
					c.user.drop(c.user.library[n-1])
				}
			}
		})
	add("unsave-reorders",
		"An unsave reverses what is left of the library.",
		detectedBy("unsave-track/saver-gets-200"),
		afterUnsave(func(c *call, _ *track) {
			c.user.library = slices.Clone(c.user.library)
			slices.Reverse(c.user.library)
		}))
	add("unsave-late-300ms",
		"An unsave takes effect 300ms after the response.",
		detectedBy("unsave-track/saver-gets-200"),
		func(b *behaviour) {
			unsave := b.unsave
			b.unsave = func(c *call, t *track) {
				time.AfterFunc(300*time.Millisecond, func() { c.locked(func() { unsave(c, t) }) })
			}
		})
	add("unsave-list-only",
		"An unsaved track is out of the list, and its former saver can still get it.",
		detectedBy("unsave-track/ends-a-savers-access"),
		func(b *behaviour) {
			allowAlso(&b.hasAccess, onceSaved, opGet)
		})
	add("unsave-keeps-403",
		"Who has unsaved a track gets 403 for deleting it instead of 404.",
		detectedBy("unsave-track/ends-a-savers-access"),
		func(b *behaviour) {
			allowAlso(&b.hasAccess, onceSaved, opDelete)
		})
	add("unsave-hides-from-creator",
		"A creator who has unsaved the track has no access to it any more.",
		detectedBy("unsave-track/creator-keeps-access"),
		func(b *behaviour) {
			after(&b.unsave, func(c *call, t *track) {
				if t.creator == c.user {
					t.hiddenFrom = c.user
				}
			})
			isDeleted := b.isDeleted
			b.isDeleted = func(c *call, t *track) bool {
				return isDeleted(c, t) || t.hiddenFrom == c.user
			}
		})
	add("unsave-gives-up-creation",
		"A creator who has unsaved the track may not delete it any more.",
		detectedBy("unsave-track/creator-keeps-access"),
		func(b *behaviour) {
			after(&b.unsave, func(c *call, t *track) { t.locked = t.locked || t.creator == c.user })
			mayDelete := b.mayDelete
			b.mayDelete = func(c *call, t *track) bool { return mayDelete(c, t) && !t.locked }
		})

	add("unsave-creator-again-404",
		"A creator's second unsave is 404.",
		detectedBy("unsave-track/creator-keeps-access"),
		func(b *behaviour) {
			unsaveTrack := b.unsaveTrack
			b.unsaveTrack = func(c *call) *response {
				if isRepeatByCreator(c) {
					return b.refuse(c, notFound)
				}
				return unsaveTrack(c)
			}
		})
	add("unsave-saver-again-200",
		"A saver's second unsave is acknowledged.",
		detectedBy("unsave-track/ends-a-savers-access"),
		func(b *behaviour) { allowAlso(&b.hasAccess, onceSaved, opUnsave) })
	add("unsave-member-200",
		"An unsave of a member without access is acknowledged.",
		detectedBy("unsave-track/without-access-gets-404"),
		func(b *behaviour) {
			allowAlso(&b.hasAccess, func(*call, *track) bool { return true }, opUnsave)
		})
	add("unsave-missing-200",
		"An unsave of a missing track is acknowledged.",
		detectedBy("unsave-track/without-access-gets-404"),
		onRefusal(missing, func(c *call, resp *response) {
			if c.operation == opUnsave {
				*resp = *newResponse(200, newObject(
					"success", true,
					"id", c.track,
					"detail", "Track removed from your library.",
				))
			}
		}))
	add("unsave-needs-creator",
		"Only the creator may unsave a track; a saver gets 403.",
		detectedBy("unsave-track/saver-gets-200"),
		func(b *behaviour) {
			unsaveTrack := b.unsaveTrack
			b.unsaveTrack = func(c *call) *response {
				if c.canAccess() && c.target.creator != c.user {
					return b.refuse(c, forbidden)
				}
				c.cause = ""
				return unsaveTrack(c)
			}
		})
	add("unsave-not-for-creator",
		"A creator gets 403 for unsaving its own track.",
		detectedBy("unsave-track/creator-keeps-access"),
		func(b *behaviour) {
			unsaveTrack := b.unsaveTrack
			b.unsaveTrack = func(c *call) *response {
				if c.canAccess() && c.target.creator == c.user {
					return b.refuse(c, forbidden)
				}
				c.cause = ""
				return unsaveTrack(c)
			}
		})
	add("unsave-outsider-unsaves-creator",
		"An outsider's refused unsave takes the track out of its creator's library.",
		detectedBy("unsave-track/without-access-gets-404"),
		onUnsaveRefused(outsider, func(c *call, _ *response) { c.target.creator.drop(c.target) }))
	add("unsave-foreign-has-effect",
		"An unsave under another organization's path gets 404 and is done.",
		detectedBy("unsave-track/matrix-of-a-member-of-both", "unsave-track/without-access-gets-404"),
		onUnsaveRefused(foreign, func(c *call, _ *response) { c.user.drop(c.target) }))
	add("unsave-member-unsaves-creator",
		"A refused unsave of a member without access takes the track out of its creator's library.",
		detectedBy("unsave-track/without-access-gets-404"),
		onUnsaveRefused(inaccessible, func(c *call, _ *response) { c.target.creator.drop(c.target) }))
	add("unsave-no-key-unsaves-all",
		"An unsave without a key gets 401, and takes the track out of all libraries.",
		detectedBy("unsave-track/no-key-gets-401"),
		onUnsaveRefused(noKey, func(c *call, _ *response) {
			for _, saver := range c.target.savers {
				saver.drop(c.target)
			}
		}))

	add("unsave-adds-deleted-event",
		"An unsave adds track.deleted to the history.",
		detectedBy("unsave-track/saver-gets-200").needing("history"),
		afterUnsave(addEvent("track.deleted")))
	add("unsave-unbills",
		"An unsave removes the billing event.",
		detectedBy("unsave-track/saver-gets-200").needing("history"),
		afterUnsave(func(_ *call, t *track) {
			t.events = slices.DeleteFunc(slices.Clone(t.events), func(e event) bool {
				return e.Type == "track.billed"
			})
		}))
	add("unsave-of-creator-unbills",
		"A creator's unsave zeroes the billed amount.",
		detectedBy("unsave-track/creator-keeps-access").needing("history"),
		afterUnsave(func(c *call, t *track) {
			t.events = slices.Clone(t.events)
			for i := range t.events {
				if t.creator == c.user && t.events[i].Type == "track.billed" {
					t.events[i].Amount = "0.00"
				}
			}
		}))

	add("unsave-ack-other-id",
		"The acknowledgement of an unsave names another track.",
		detectedBy("unsave-track/saver-gets-200"),
		onSuccess(func(_ *call, resp *response) { resp.body.set("id", "mtrack_000000000000") }))
	add("unsave-ack-library-id",
		"The acknowledgement of an unsave names the library's edge instead of the track.",
		detectedBy("unsave-track/saver-gets-200"),
		onSuccess(func(_ *call, resp *response) {
			resp.body.set("id", "mlib_"+randomText(lettersAndDigits, 12))
		}))
	add("unsave-ack-success-false",
		"The acknowledgement of an unsave says success false.",
		detectedBy("unsave-track/saver-gets-200"),
		onSuccess(func(_ *call, resp *response) { resp.body.set("success", false) }))
	add("unsave-ack-no-detail",
		"The acknowledgement of an unsave has no detail.",
		detectedBy("unsave-track/saver-gets-200"),
		onSuccess(func(_ *call, resp *response) { resp.body.remove("detail") }))
	add("unsave-ack-204",
		"An unsave is 204 without a body.",
		detectedBy("unsave-track/saver-gets-200"),
		onSuccess(func(_ *call, resp *response) {
			resp.status, resp.body = http.StatusNoContent, nil
			resp.header.Del("Content-Type")
		}))
	add("unsave-ack-track",
		"An unsave answers the track instead of an acknowledgement.",
		detectedBy("unsave-track/saver-gets-200"),
		onSuccess(func(c *call, resp *response) { resp.body = describe(c, c.target, false) }))
	return list.faults
}
