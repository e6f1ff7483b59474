package faulty

import (
	"slices"
	"time"
)

func historyFaults() []Fault {
	list := faultsOf(History)
	add := list.add
	// afterDelete changes the history of a track that was just deleted; its last event is the
	// deletion. Changes are made to a copy where a slice may be shared with what was told before.
	afterDelete := func(change func(c *call, t *track)) func(*behaviour) {
		return func(b *behaviour) { after(&b.remove, change) }
	}
	changeDeletion := func(change func(c *call, t *track, e *event)) func(*behaviour) {
		return afterDelete(func(c *call, t *track) {
			t.events = slices.Clone(t.events)
			change(c, t, &t.events[len(t.events)-1])
		})
	}
	changeBilling := func(change func(c *call, e *event)) func(*behaviour) {
		return afterDelete(func(c *call, t *track) {
			t.events = slices.Clone(t.events)
			for i := range t.events {
				if t.events[i].Type == "track.billed" {
					change(c, &t.events[i])
				}
			}
		})
	}
	dropEvents := func(kind string) func(c *call, t *track) {
		return func(_ *call, t *track) {
			t.events = slices.DeleteFunc(slices.Clone(t.events), func(e event) bool {
				return e.Type == kind
			})
		}
	}
	deletion := func(c *call) event {
		actor := ""
		if c.user != nil {
			actor = c.user.id
		}
		return event{Type: "track.deleted", At: time.Now(), Actor: actor}
	}
	afterRefusal := func(causes []cause, change func(c *call, t *track)) func(*behaviour) {
		return func(b *behaviour) {
			for _, why := range causes {
				onRefusal(why, func(c *call, _ *response) {
					if c.operation == opDelete && c.target != nil {
						change(c, c.target)
					}
				})(b)
			}
		}
	}
	addDeletion := func(c *call, t *track) { t.events = append(slices.Clone(t.events), deletion(c)) }

	// The event of the deletion.
	add("history-no-event",
		"A delete adds no event.",
		detectedBy("delete-track/history-survives").needing("history"),
		afterDelete(dropEvents("track.deleted")))
	add("history-two-events",
		"A delete adds its event twice.",
		detectedBy("delete-track/history-survives").needing("history"),
		afterDelete(addDeletion))
	add("history-event-of-other-type",
		"A delete adds track.removed instead of track.deleted.",
		detectedBy("delete-track/history-survives").needing("history"),
		changeDeletion(func(_ *call, _ *track, e *event) { e.Type = "track.removed" }))
	add("history-event-replaces-created",
		"The event of the deletion takes the place of the creation.",
		detectedBy("delete-track/history-survives").needing("history"),
		afterDelete(dropEvents("track.created")))
	add("history-event-on-other-track",
		"The event of the deletion is added to another track of the organization.",
		detectedBy("delete-track/history-survives").needing("history"),
		afterDelete(func(c *call, t *track) {
			dropEvents("track.deleted")(c, t)
			for _, other := range t.organization.tracks {
				if other != t {
					addDeletion(c, other)
					break
				}
			}
		}))
	add("history-event-on-neighbours",
		"All tracks of the creator gain the event of the deletion.",
		detectedBy("delete-track/history-survives").needing("history"),
		afterDelete(func(c *call, t *track) {
			for _, other := range t.organization.tracks {
				if other != t && other.creator == t.creator {
					addDeletion(c, other)
				}
			}
		}))
	add("history-event-300ms-late",
		"The event of the deletion is added 300ms after the response.",
		warnedBy("delete-track/history-survives", "delete-track/history-stays").needing("history"),
		afterDelete(func(c *call, t *track) {
			dropEvents("track.deleted")(c, t)
			time.AfterFunc(300*time.Millisecond, func() { c.locked(func() { addDeletion(c, t) }) })
		}))
	add("history-event-not-without-save",
		"A delete by a creator who has not saved the track adds no event.",
		detectedBy("delete-track/history-of-many").needing("history"),
		afterDelete(func(c *call, t *track) {
			if !c.user.saved(t) {
				dropEvents("track.deleted")(c, t)
			}
		}))
	add("history-event-not-without-savers",
		"A delete of a track that nobody else saved adds no event.",
		detectedBy("delete-track/history-of-many").needing("history"),
		afterDelete(func(c *call, t *track) {
			if !slices.ContainsFunc(t.savers, func(saver *user) bool { return saver != c.user }) {
				dropEvents("track.deleted")(c, t)
			}
		}))
	add("history-event-once-per-actor",
		"A second delete of the same actor within a second adds no event.",
		detectedBy("delete-track/history-of-many").needing("history"),
		func(b *behaviour) {
			latest := map[*user]time.Time{}
			after(&b.remove, func(c *call, t *track) {
				if time.Since(latest[c.user]) < time.Second {
					dropEvents("track.deleted")(c, t)
				}
				latest[c.user] = time.Now()
			})
		})
	add("history-actor-last-saver",
		"The actor of a deletion is the one who saved the track last.",
		detectedBy("delete-track/history-survives").needing("history"),
		changeDeletion(func(_ *call, t *track, e *event) {
			if len(t.savers) > 0 {
				e.Actor = t.savers[len(t.savers)-1].id
			}
		}))
	add("history-actor-first-member",
		"The actor of a deletion is the first member of the organization.",
		detectedBy("delete-track/history-of-many").needing("history"),
		changeDeletion(func(_ *call, t *track, e *event) { e.Actor = t.organization.members[0].id }))
	add("history-actor-key",
		"The actor of a deletion is the caller's key.",
		detectedBy("delete-track/history-survives").needing("history"),
		changeDeletion(func(c *call, _ *track, e *event) { e.Actor = c.key }))
	add("history-actor-system",
		"The actor of a deletion is the word system.",
		detectedBy("delete-track/history-survives").needing("history"),
		changeDeletion(func(_ *call, _ *track, e *event) { e.Actor = "system" }))
	add("history-actor-empty",
		"The actor of a deletion is empty.",
		detectedBy("delete-track/history-survives").needing("history"),
		changeDeletion(func(_ *call, _ *track, e *event) { e.Actor = "" }))
	add("history-at-missing",
		"The event of a deletion has no time.",
		detectedBy("delete-track/history-survives").needing("history"),
		changeDeletion(func(_ *call, _ *track, e *event) { e.At = time.Time{} }))
	add("history-at-future",
		"The event of a deletion is of tomorrow.",
		detectedBy("delete-track/history-survives").needing("history"),
		changeDeletion(func(_ *call, _ *track, e *event) { e.At = e.At.AddDate(0, 0, 1) }))
	add("history-at-before-creation",
		"The event of a deletion is an hour before the creation.",
		detectedBy("delete-track/history-survives").needing("history"),
		changeDeletion(func(_ *call, t *track, e *event) { e.At = t.createdAt.Add(-time.Hour) }))
	add("history-event-at-creation",
		"The event of a deletion has the time of the creation.",
		detectedBy("delete-track/history-tells-when").needing("history"),
		afterDelete(func(_ *call, t *track) { t.events[len(t.events)-1].At = t.events[0].At }))
	add("history-event-first",
		"The event of a deletion comes before all others.",
		detectedBy("delete-track/history-survives").needing("history"),
		afterDelete(func(_ *call, t *track) {
			n := len(t.events) - 1
			t.events = append([]event{t.events[n]}, t.events[:n]...)
		}))
	add("history-event-before-billing",
		"The event of a deletion comes before the billing event.",
		detectedBy("delete-track/history-survives").needing("history"),
		afterDelete(func(_ *call, t *track) {
			t.events = slices.Clone(t.events)
			n := len(t.events)
			t.events[n-1], t.events[n-2] = t.events[n-2], t.events[n-1]
		}))

	// What was there before.
	add("history-gone",
		"The history of a deleted track is 404.",
		detectedBy("delete-track/history-survives").needing("history"),
		func(b *behaviour) {
			b.history = func(t *track) []event {
				if !t.deletedAt.IsZero() {
					return nil
				}
				return t.events
			}
		})
	add("history-emptied",
		"The history of a deleted track is empty.",
		detectedBy("delete-track/history-survives").needing("history"),
		afterDelete(func(_ *call, t *track) { t.events = []event{} }))
	add("history-deletion-only",
		"The history of a deleted track is its deletion alone.",
		detectedBy("delete-track/history-survives").needing("history"),
		afterDelete(func(_ *call, t *track) { t.events = t.events[len(t.events)-1:] }))
	add("history-billing-removed",
		"A delete removes the billing event.",
		detectedBy("delete-track/history-survives").needing("history"),
		afterDelete(dropEvents("track.billed")))
	add("history-billing-zeroed",
		"A delete sets the billed amount to zero.",
		detectedBy("delete-track/history-survives").needing("history"),
		changeBilling(func(_ *call, e *event) { e.Amount = "0.00" }))
	add("history-billing-rewritten-amount",
		"A delete writes the billed amount with one digit less.",
		detectedBy("delete-track/history-survives").needing("history"),
		changeBilling(func(_ *call, e *event) { e.Amount = e.Amount[:len(e.Amount)-1] }))
	add("history-billing-amount-missing",
		"A delete drops the billed amount.",
		detectedBy("delete-track/history-survives").needing("history"),
		changeBilling(func(_ *call, e *event) { e.Amount = "" }))
	add("history-billing-currency",
		"A delete changes the currency of the billing event.",
		detectedBy("delete-track/history-survives").needing("history"),
		changeBilling(func(_ *call, e *event) { e.Currency = "EUR" }))
	add("history-billing-restamped",
		"A delete moves the time of the billing event by an hour.",
		detectedBy("delete-track/history-survives").needing("history"),
		changeBilling(func(_ *call, e *event) { e.At = e.At.Add(time.Hour) }))
	add("history-billing-actor",
		"A delete makes the billing event anonymous.",
		detectedBy("delete-track/history-survives").needing("history"),
		changeBilling(func(_ *call, e *event) { e.Actor = "" }))
	add("history-billing-refund",
		"A delete adds a second billing event that takes the amount back.",
		detectedBy("delete-track/history-survives").needing("history"),
		afterDelete(func(c *call, t *track) {
			t.events = append(t.events, event{
				Type: "track.billed", At: time.Now(), Actor: c.user.id, Amount: "-0.10", Currency: "CHF",
			})
		}))
	add("history-billing-twice",
		"A delete doubles the billing event.",
		detectedBy("delete-track/history-survives").needing("history"),
		afterDelete(func(_ *call, t *track) {
			i := slices.IndexFunc(t.events, func(e event) bool { return e.Type == "track.billed" })
			t.events = slices.Insert(slices.Clone(t.events), i, t.events[i])
		}))
	add("history-created-removed",
		"A delete removes the event of the creation.",
		detectedBy("delete-track/history-survives").needing("history"),
		afterDelete(dropEvents("track.created")))
	add("history-created-restamped",
		"A delete sets the time of the creation to a day before.",
		detectedBy("delete-track/history-survives").needing("history"),
		afterDelete(func(_ *call, t *track) {
			t.events = slices.Clone(t.events)
			t.events[0].At = t.events[0].At.AddDate(0, 0, -1)
		}))
	add("history-created-actor",
		"A delete makes the organization the actor of the creation.",
		detectedBy("delete-track/history-survives").needing("history"),
		afterDelete(func(_ *call, t *track) {
			t.events = slices.Clone(t.events)
			t.events[0].Actor = t.organization.id
		}))
	add("history-reordered",
		"A delete puts the billing event before the creation.",
		detectedBy("delete-track/history-survives").needing("history"),
		afterDelete(func(_ *call, t *track) {
			t.events = slices.Clone(t.events)
			t.events[0], t.events[1] = t.events[1], t.events[0]
		}))
	add("history-neighbours-unbilled",
		"A delete removes the billing events of the creator's other tracks.",
		detectedBy("delete-track/history-survives").needing("history"),
		afterDelete(func(c *call, t *track) {
			for _, other := range t.organization.tracks {
				if other != t && other.creator == t.creator {
					dropEvents("track.billed")(c, other)
				}
			}
		}))

	// Refused requests.
	add("history-refused-saver",
		"A saver's refused delete adds track.deleted.",
		detectedBy("delete-track/history-of-refused").needing("history"),
		afterRefusal([]cause{notCreator}, addDeletion))
	add("history-refused-member",
		"A refused delete without access adds track.deleted.",
		detectedBy("delete-track/history-of-refused").needing("history"),
		afterRefusal([]cause{inaccessible}, addDeletion))
	add("history-refused-outsider",
		"An outsider's refused delete adds track.deleted.",
		detectedBy("delete-track/history-of-refused").needing("history"),
		afterRefusal([]cause{outsider}, addDeletion))
	add("history-refused-foreign",
		"A delete refused under another organization's path adds track.deleted.",
		detectedBy("delete-track/history-of-refused").needing("history"),
		afterRefusal([]cause{foreign}, addDeletion))
	add("history-refused-no-key",
		"A delete without a key adds track.deleted.",
		detectedBy("delete-track/history-of-refused").needing("history"),
		afterRefusal([]cause{noKey, unknownKey}, addDeletion))
	add("history-refused-saver-unbilled",
		"A saver's refused delete removes the billing event.",
		detectedBy("delete-track/history-of-refused").needing("history"),
		afterRefusal([]cause{notCreator}, dropEvents("track.billed")))
	add("history-refused-outsider-restamps",
		"An outsider's refused delete moves the times of all events.",
		detectedBy("delete-track/history-of-refused").needing("history"),
		afterRefusal([]cause{outsider}, func(_ *call, t *track) {
			t.events = slices.Clone(t.events)
			for i := range t.events {
				t.events[i].At = t.events[i].At.Add(time.Minute)
			}
		}))
	add("history-refused-repeat",
		"A repeated delete adds another track.deleted.",
		detectedBy("delete-track/history-of-repeats").needing("history"),
		afterRefusal([]cause{deleted}, addDeletion))
	add("history-refused-repeat-by-saver",
		"A saver's delete of a deleted track adds another track.deleted.",
		detectedBy("delete-track/history-of-repeats").needing("history"),
		afterRefusal([]cause{deleted}, func(c *call, t *track) {
			if c.user != t.creator {
				addDeletion(c, t)
			}
		}))
	add("history-refused-repeat-restamps",
		"A repeated delete sets the time of the first one's event to an hour later.",
		detectedBy("delete-track/history-of-repeats").needing("history"),
		afterRefusal([]cause{deleted}, func(_ *call, t *track) {
			t.events = slices.Clone(t.events)
			t.events[len(t.events)-1].At = time.Now().Add(time.Hour)
		}))
	add("history-refused-repeat-takes-over",
		"A repeated delete makes its caller the actor of the first one's event.",
		detectedBy("delete-track/history-of-repeats").needing("history"),
		afterRefusal([]cause{deleted}, func(c *call, t *track) {
			t.events = slices.Clone(t.events)
			t.events[len(t.events)-1].Actor = c.user.id
		}))
	return list.faults
}
