package faulty

import (
	"slices"
	"time"
)

// lateEffectFaults do seconds later what they must not do, or undo what they did.
func lateEffectFaults() []Fault {
	list := faultsOf(Architecture)
	add := list.add

	// afterDelete does something to a deleted track some time after the delete.
	afterDelete := func(delay time.Duration, effect func(c *call, t *track)) func(*behaviour) {
		return func(b *behaviour) {
			after(&b.remove, func(c *call, t *track) { c.later(delay, func() { effect(c, t) }) })
		}
	}
	afterRefusal := func(why cause, delay time.Duration, effect func(c *call, t *track)) func(*behaviour) {
		return onRefusal(why, func(c *call, _ *response) {
			if t := c.target; c.operation == opDelete && t != nil {
				c.later(delay, func() { effect(c, t) })
			}
		})
	}
	restore := func(_ *call, t *track) { t.deletedAt = time.Time{} }
	markDeleted := func(c *call, t *track) {
		if t.deletedAt.IsZero() {
			t.deletedAt, t.deletedBy = time.Now(), c.user
		}
	}
	dropEvents := func(kind string) func(*call, *track) {
		return func(_ *call, t *track) {
			t.events = slices.DeleteFunc(slices.Clone(t.events), func(e event) bool { return e.Type == kind })
		}
	}

	add("later-delete-2s",
		"A delete is acknowledged at once, and hides the track after 2s.",
		detectedBy("delete-track/nothing-follows"),
		func(b *behaviour) {
			isDeleted := b.isDeleted
			b.isDeleted = func(c *call, t *track) bool {
				return isDeleted(c, t) && time.Since(t.deletedAt) > 2*time.Second
			}
		})
	add("later-restore-2s",
		"A deleted track comes back after 2s.",
		detectedBy("delete-track/nothing-follows"),
		afterDelete(2*time.Second, restore))
	add("later-restore-5s",
		"A deleted track comes back after 5s.",
		detectedBy("delete-track/stays-deleted", "delete-track/creator-gets-200").after(6*time.Second),
		afterDelete(5*time.Second, restore))
	add("later-restore-in-lists-3s",
		"A deleted track is listed again after 3s.",
		detectedBy("delete-track/stays-deleted", "delete-track/creator-gets-200").after(4*time.Second),
		func(b *behaviour) {
			isDeleted := b.isDeleted
			b.isDeleted = func(c *call, t *track) bool {
				returned := c.operation == opList && time.Since(t.deletedAt) > 3*time.Second
				return isDeleted(c, t) && !returned
			}
		})
	add("later-restore-for-savers-3s",
		"A deleted track comes back after 3s for those who saved it.",
		detectedBy("delete-track/stays-deleted", "delete-track/creator-gets-200").after(4*time.Second),
		func(b *behaviour) {
			isDeleted := b.isDeleted
			b.isDeleted = func(c *call, t *track) bool {
				returned := t.creator != c.user && time.Since(t.deletedAt) > 3*time.Second
				return isDeleted(c, t) && !returned
			}
		})
	add("later-refused-saver-2s",
		"A saver's delete gets 403, and is done 2s later.",
		detectedBy("delete-track/nothing-follows"),
		afterRefusal(notCreator, 2*time.Second, markDeleted))
	add("later-refused-member-3s",
		"A delete without access gets 404, and is done 3s later.",
		detectedBy("delete-track/refused-has-no-late-effect").after(4*time.Second),
		afterRefusal(inaccessible, 3*time.Second, markDeleted))
	add("later-refused-outsider-2s",
		"An outsider's delete gets 404, and is done 2s later.",
		detectedBy("delete-track/nothing-follows"),
		afterRefusal(outsider, 2*time.Second, markDeleted))
	add("later-refused-no-key-2s",
		"A delete without a key gets 401, and is done 2s later.",
		detectedBy("delete-track/nothing-follows"),
		afterRefusal(noKey, 2*time.Second, markDeleted))
	add("later-refused-event-2s",
		"A saver's refused delete adds track.deleted to the history 2s later.",
		detectedBy("delete-track/nothing-follows").needing("history"),
		afterRefusal(notCreator, 2*time.Second, func(c *call, t *track) {
			t.events = append(slices.Clone(t.events),
				event{Type: "track.deleted", At: time.Now(), Actor: c.user.id})
		}))
	add("later-event-removed-2s",
		"The event of the deletion is removed 2s after the delete.",
		detectedBy("delete-track/nothing-follows").needing("history"),
		afterDelete(2*time.Second, dropEvents("track.deleted")))
	add("later-billing-removed-2s",
		"The billing event is removed 2s after the delete.",
		detectedBy("delete-track/nothing-follows").needing("history"),
		afterDelete(2*time.Second, dropEvents("track.billed")))
	add("later-history-purged-3s",
		"The history of a deleted track is 404 after 3s.",
		detectedBy("delete-track/stays-deleted", "delete-track/creator-gets-200").after(4*time.Second).needing("history"),
		func(b *behaviour) {
			history := b.history
			b.history = func(t *track) []event {
				if !t.deletedAt.IsZero() && time.Since(t.deletedAt) > 3*time.Second {
					return nil
				}
				return history(t)
			}
		})
	add("later-second-event-2s",
		"The event of the deletion is written again 2s after the delete, as by a queue that repeats.",
		detectedBy("delete-track/nothing-follows").needing("history"),
		afterDelete(2*time.Second, func(_ *call, t *track) {
			t.events = append(slices.Clone(t.events), t.events[len(t.events)-1])
		}))
	add("later-neighbours-2s",
		"The creator's other tracks of the same title are deleted 2s after the delete.",
		detectedBy("delete-track/nothing-follows"),
		afterDelete(2*time.Second, func(c *call, t *track) {
			for _, other := range t.organization.tracks {
				if other.creator == t.creator && title(other) == title(t) {
					markDeleted(c, other)
				}
			}
		}))
	add("later-libraries-2s",
		"The libraries of those who saved a deleted track are emptied 2s after the delete.",
		detectedBy("delete-track/nothing-follows"),
		afterDelete(2*time.Second, func(_ *call, t *track) {
			for _, saver := range t.savers {
				saver.library = nil
			}
		}))
	add("later-unsave-undone-2s",
		"A track that was unsaved is back in the library after 2s.",
		detectedBy("unsave-track/nothing-follows"),
		func(b *behaviour) {
			after(&b.unsave, func(c *call, t *track) {
				c.later(2*time.Second, func() {
					if !c.user.saved(t) {
						c.user.save(t)
					}
				})
			})
		})
	add("later-unsave-2s",
		"An unsave takes effect 2s after the response.",
		detectedBy("unsave-track/nothing-follows"),
		func(b *behaviour) {
			unsave := b.unsave
			b.unsave = func(c *call, t *track) { c.later(2*time.Second, func() { unsave(c, t) }) }
		})
	return list.faults
}
