package faulty

import (
	"net/http"
	"slices"
	"time"
)

func unsaveFaults() []Fault {
	var faults []Fault
	add := func(name, summary string, apply func(*behaviour)) {
		faults = append(faults, Fault{Name: "unsave-" + name, Area: Unsave, Summary: summary, apply: apply})
	}
	history := func() { faults[len(faults)-1].Needs = "history" }
	done := func(edit func(c *call, a *answer)) func(*behaviour) {
		return func(b *behaviour) { b.onAnswer(opUnsave, http.StatusOK, edit) }
	}
	refused := func(why cause, edit func(c *call, a *answer)) func(*behaviour) {
		return func(b *behaviour) {
			b.onCause(why, func(c *call, a *answer) {
				if c.operation == opUnsave && c.target != nil {
					edit(c, a)
				}
			})
		}
	}
	also := func(more func(c *call, t *track)) func(*behaviour) {
		return func(b *behaviour) { after(&b.unsave, more) }
	}
	formerly := func(c *call, t *track) bool { return slices.Contains(t.savers, c.user) }
	note := func(kind string) func(c *call, t *track) {
		return func(c *call, t *track) {
			t.events = append(slices.Clone(t.events), event{Type: kind, At: time.Now(), Actor: c.user.id})
		}
	}

	again := func(c *call) bool {
		return c.target != nil && c.target.creator == c.user && !c.user.saved(c.target) && formerly(c, c.target)
	}

	add("nothing", "An unsave is acknowledged and nothing happens.", func(b *behaviour) { b.unsave = func(*call, *track) {} })
	add("deletes", "An unsave deletes the track.", func(b *behaviour) { b.unsave = func(c *call, t *track) { b.remove(c, t) } })
	add("deletes-for-creator", "A creator's unsave deletes the track.", also(func(c *call, t *track) {
		if t.creator == c.user {
			t.deletedAt, t.deletedBy = time.Now(), c.user
		}
	}))
	add("last-deletes", "The track is deleted when nobody has it saved any more.", also(func(c *call, t *track) {
		if !slices.ContainsFunc(t.savers, func(saver *user) bool { return saver.saved(t) }) {
			t.deletedAt, t.deletedBy = time.Now(), c.user
		}
	}))
	add("for-all", "An unsave takes the track out of everybody's library.", also(func(_ *call, t *track) {
		for _, saver := range t.savers {
			saver.drop(t)
		}
	}))
	add("of-creator-for-all", "A creator's unsave takes the track out of everybody's library.", also(func(c *call, t *track) {
		for _, saver := range t.savers {
			if t.creator == c.user {
				saver.drop(t)
			}
		}
	}))
	add("for-first-saver", "An unsave takes the track out of the library of the one who saved it first, too.", also(func(_ *call, t *track) {
		if len(t.savers) > 0 {
			t.savers[0].drop(t)
		}
	}))
	add("next-too", "An unsave also takes out the track that was saved next.", func(b *behaviour) {
		b.unsave = func(c *call, t *track) {
			if i := slices.Index(c.user.library, t); i >= 0 && i+1 < len(c.user.library) {
				c.user.drop(c.user.library[i+1])
			}
			c.user.drop(t)
		}
	})
	add("all-of-creator", "An unsave takes out all tracks of the same creator.", also(func(c *call, t *track) {
		for _, other := range c.user.library {
			if other.creator == t.creator {
				c.user.drop(other)
			}
		}
	}))
	add("empties-library", "An unsave empties the caller's library.", also(func(c *call, _ *track) { c.user.library = nil }))
	add("newest-instead", "An unsave takes out the track that was saved last, whichever was named.", func(b *behaviour) {
		b.unsave = func(c *call, _ *track) {
			if n := len(c.user.library); n > 0 {
				c.user.drop(c.user.library[n-1])
			}
		}
	})
	add("reorders", "An unsave reverses what is left of the library.", also(func(c *call, _ *track) {
		c.user.library = slices.Clone(c.user.library)
		slices.Reverse(c.user.library)
	}))
	add("late-300ms", "An unsave takes effect 300ms after the answer.", func(b *behaviour) {
		unsave := b.unsave
		b.unsave = func(c *call, t *track) {
			time.AfterFunc(300*time.Millisecond, func() { c.locked(func() { unsave(c, t) }) })
		}
	})
	add("list-only", "An unsaved track is out of the list, and its former saver can still get it.", func(b *behaviour) {
		loosen(&b.hasAccess, formerly, opGet)
	})
	add("keeps-403", "Who has unsaved a track gets 403 for deleting it instead of 404.", func(b *behaviour) {
		loosen(&b.hasAccess, formerly, opDelete)
	})
	add("hides-from-creator", "A creator who has unsaved the track has no access to it any more.", func(b *behaviour) {
		after(&b.unsave, func(c *call, t *track) {
			if t.creator == c.user {
				t.hiddenFrom = c.user
			}
		})
		gone := b.gone
		b.gone = func(c *call, t *track) bool { return gone(c, t) || t.hiddenFrom == c.user }
	})
	add("gives-up-creation", "A creator who has unsaved the track may not delete it any more.", func(b *behaviour) {
		after(&b.unsave, func(c *call, t *track) { t.locked = t.locked || t.creator == c.user })
		mayDelete := b.mayDelete
		b.mayDelete = func(c *call, t *track) bool { return mayDelete(c, t) && !t.locked }
	})

	add("creator-again-404", "A creator's second unsave is 404.", func(b *behaviour) {
		unsaveTrack := b.unsaveTrack
		b.unsaveTrack = func(c *call) *answer {
			if again(c) {
				return b.refuse(c, notFound)
			}
			return unsaveTrack(c)
		}
	})
	add("creator-again-409", "A creator's second unsave is 409.", func(b *behaviour) {
		unsaveTrack := b.unsaveTrack
		b.unsaveTrack = func(c *call) *answer {
			if again(c) {
				a := b.refuse(c, notFound)
				a.status = 409
				a.err().set("status", 409)
				return a
			}
			return unsaveTrack(c)
		}
	})
	add("saver-again-200", "A saver's second unsave is acknowledged.", func(b *behaviour) { loosen(&b.hasAccess, formerly, opUnsave) })
	add("member-200", "An unsave of a member without access is acknowledged.", func(b *behaviour) {
		loosen(&b.hasAccess, func(*call, *track) bool { return true }, opUnsave)
	})
	add("missing-200", "An unsave of a missing track is acknowledged.", func(b *behaviour) {
		b.onCause(missing, func(c *call, a *answer) {
			if c.operation == opUnsave {
				*a = *newAnswer(200, newObject("success", true, "id", c.track, "detail", "Track removed from your library."))
			}
		})
	})
	add("needs-creator", "Only the creator may unsave a track; a saver gets 403.", func(b *behaviour) {
		unsaveTrack := b.unsaveTrack
		b.unsaveTrack = func(c *call) *answer {
			if c.reaches() && c.target.creator != c.user {
				return b.refuse(c, forbidden)
			}
			c.cause = ""
			return unsaveTrack(c)
		}
	})
	add("not-for-creator", "A creator gets 403 for unsaving its own track.", func(b *behaviour) {
		unsaveTrack := b.unsaveTrack
		b.unsaveTrack = func(c *call) *answer {
			if c.reaches() && c.target.creator == c.user {
				return b.refuse(c, forbidden)
			}
			c.cause = ""
			return unsaveTrack(c)
		}
	})
	add("outsider-unsaves-creator", "An outsider's refused unsave takes the track out of its creator's library.",
		refused(outsider, func(c *call, _ *answer) { c.target.creator.drop(c.target) }))
	add("foreign-has-effect", "An unsave under another organization's path is answered 404 and done.", refused(foreign, func(c *call, _ *answer) { c.user.drop(c.target) }))
	add("member-unsaves-creator", "A refused unsave of a member without access takes the track out of its creator's library.",
		refused(inaccessible, func(c *call, _ *answer) { c.target.creator.drop(c.target) }))
	add("no-key-unsaves-all", "An unsave without a key is answered 401, and takes the track out of all libraries.", refused(noKey, func(c *call, _ *answer) {
		for _, saver := range c.target.savers {
			saver.drop(c.target)
		}
	}))

	add("adds-deleted-event", "An unsave adds track.deleted to the history.", also(note("track.deleted")))
	history()
	add("unbills", "An unsave removes the billing event.", also(func(_ *call, t *track) {
		t.events = slices.DeleteFunc(slices.Clone(t.events), func(e event) bool { return e.Type == "track.billed" })
	}))
	history()
	add("of-creator-unbills", "A creator's unsave zeroes the billed amount.", also(func(c *call, t *track) {
		t.events = slices.Clone(t.events)
		for i := range t.events {
			if t.creator == c.user && t.events[i].Type == "track.billed" {
				t.events[i].Amount = "0.00"
			}
		}
	}))
	history()

	add("ack-other-id", "The acknowledgement of an unsave names another track.", done(func(_ *call, a *answer) { a.body.set("id", "mtrack_000000000000") }))
	add("ack-library-id", "The acknowledgement of an unsave names the library's edge instead of the track.",
		done(func(_ *call, a *answer) { a.body.set("id", "mlib_"+randomText(lettersAndDigits, 12)) }))
	add("ack-success-false", "The acknowledgement of an unsave says success false.", done(func(_ *call, a *answer) { a.body.set("success", false) }))
	add("ack-no-detail", "The acknowledgement of an unsave has no detail.", done(func(_ *call, a *answer) { a.body.remove("detail") }))
	add("ack-204", "An unsave is 204 without a body.", done(func(_ *call, a *answer) {
		a.status, a.body = http.StatusNoContent, nil
		a.header.Del("Content-Type")
	}))
	add("ack-track", "An unsave answers the track instead of an acknowledgement.", done(func(c *call, a *answer) { a.body = describe(c, c.target, false) }))
	return faults
}
