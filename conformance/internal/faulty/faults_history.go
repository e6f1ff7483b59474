package faulty

import (
	"slices"
	"time"
)

func historyFaults() []Fault {
	var faults []Fault
	add := func(name, summary string, apply func(*behaviour)) {
		faults = append(faults, Fault{Name: "history-" + name, Area: History, Needs: "history", Summary: summary, apply: apply})
	}
	// removed lets more happen to the history of a track that was just deleted; its last event is the deletion.
	removed := func(change func(c *call, t *track)) func(*behaviour) {
		return func(b *behaviour) { after(&b.remove, change) }
	}
	last := func(change func(c *call, t *track, e *event)) func(*behaviour) {
		return removed(func(c *call, t *track) {
			t.events = slices.Clone(t.events)
			change(c, t, &t.events[len(t.events)-1])
		})
	}
	billing := func(change func(c *call, e *event)) func(*behaviour) {
		return removed(func(c *call, t *track) {
			t.events = slices.Clone(t.events)
			for i := range t.events {
				if t.events[i].Type == "track.billed" {
					change(c, &t.events[i])
				}
			}
		})
	}
	without := func(kind string) func(c *call, t *track) {
		return func(_ *call, t *track) {
			t.events = slices.DeleteFunc(slices.Clone(t.events), func(e event) bool { return e.Type == kind })
		}
	}
	deletion := func(c *call) event {
		actor := ""
		if c.user != nil {
			actor = c.user.id
		}
		return event{Type: "track.deleted", At: time.Now(), Actor: actor}
	}
	refused := func(causes []cause, change func(c *call, t *track)) func(*behaviour) {
		return func(b *behaviour) {
			for _, why := range causes {
				b.onCause(why, func(c *call, _ *answer) {
					if c.operation == opDelete && c.target != nil {
						change(c, c.target)
					}
				})
			}
		}
	}
	note := func(c *call, t *track) { t.events = append(slices.Clone(t.events), deletion(c)) }

	// The event of the deletion.
	add("no-event", "A delete adds no event.", removed(without("track.deleted")))
	add("two-events", "A delete adds its event twice.", removed(note))
	add("event-of-other-type", "A delete adds track.removed instead of track.deleted.",
		last(func(_ *call, _ *track, e *event) { e.Type = "track.removed" }))
	add("event-replaces-created", "The event of the deletion takes the place of the creation.", removed(without("track.created")))
	add("event-on-other-track", "The event of the deletion is added to another track of the organization.", removed(func(c *call, t *track) {
		without("track.deleted")(c, t)
		for _, other := range t.organization.tracks {
			if other != t {
				note(c, other)
				break
			}
		}
	}))
	add("event-on-neighbours", "All tracks of the creator gain the event of the deletion.", removed(func(c *call, t *track) {
		for _, other := range t.organization.tracks {
			if other != t && other.creator == t.creator {
				note(c, other)
			}
		}
	}))
	add("event-300ms-late", "The event of the deletion is added 300ms after the answer.", removed(func(c *call, t *track) {
		without("track.deleted")(c, t)
		time.AfterFunc(300*time.Millisecond, func() { c.locked(func() { note(c, t) }) })
	}))
	faults[len(faults)-1].Advisory = true
	add("event-not-without-save", "A delete by a creator who has not saved the track adds no event.", removed(func(c *call, t *track) {
		if !c.user.saved(t) {
			without("track.deleted")(c, t)
		}
	}))
	add("event-not-without-savers", "A delete of a track that nobody else saved adds no event.", removed(func(c *call, t *track) {
		if !slices.ContainsFunc(t.savers, func(saver *user) bool { return saver != c.user }) {
			without("track.deleted")(c, t)
		}
	}))
	add("event-once-per-actor", "A second delete of the same actor within a second adds no event.", func(b *behaviour) {
		latest := map[*user]time.Time{}
		after(&b.remove, func(c *call, t *track) {
			if time.Since(latest[c.user]) < time.Second {
				without("track.deleted")(c, t)
			}
			latest[c.user] = time.Now()
		})
	})
	add("actor-organization", "The actor of a deletion is the organization.", last(func(_ *call, t *track, e *event) { e.Actor = t.organization.id }))
	add("actor-last-saver", "The actor of a deletion is the one who saved the track last.", last(func(_ *call, t *track, e *event) {
		if len(t.savers) > 0 {
			e.Actor = t.savers[len(t.savers)-1].id
		}
	}))
	add("actor-first-member", "The actor of a deletion is the first member of the organization.", last(func(_ *call, t *track, e *event) { e.Actor = t.organization.members[0].id }))
	add("actor-key", "The actor of a deletion is the caller's key.", last(func(c *call, _ *track, e *event) { e.Actor = c.key }))
	add("actor-track", "The actor of a deletion is the track.", last(func(_ *call, t *track, e *event) { e.Actor = t.id }))
	add("actor-system", "The actor of a deletion is the word system.", last(func(_ *call, _ *track, e *event) { e.Actor = "system" }))
	add("actor-empty", "The actor of a deletion is empty.", last(func(_ *call, _ *track, e *event) { e.Actor = "" }))
	add("at-missing", "The event of a deletion has no time.", last(func(_ *call, _ *track, e *event) { e.At = time.Time{} }))
	add("at-epoch", "The event of a deletion is of 1970.", last(func(_ *call, _ *track, e *event) { e.At = time.Unix(0, 0) }))
	add("at-future", "The event of a deletion is of tomorrow.", last(func(_ *call, _ *track, e *event) { e.At = e.At.AddDate(0, 0, 1) }))
	add("at-before-creation", "The event of a deletion is an hour before the creation.", last(func(_ *call, t *track, e *event) { e.At = t.createdAt.Add(-time.Hour) }))
	add("event-at-creation", "The event of a deletion has the time of the creation.", removed(func(_ *call, t *track) { t.events[len(t.events)-1].At = t.events[0].At }))
	add("event-first", "The event of a deletion comes before all others.", removed(func(_ *call, t *track) {
		n := len(t.events) - 1
		t.events = append([]event{t.events[n]}, t.events[:n]...)
	}))
	add("event-before-billing", "The event of a deletion comes before the billing event.", removed(func(_ *call, t *track) {
		t.events = slices.Clone(t.events)
		n := len(t.events)
		t.events[n-1], t.events[n-2] = t.events[n-2], t.events[n-1]
	}))

	// What was there before.
	add("gone", "The history of a deleted track is 404.", func(b *behaviour) {
		b.history = func(t *track) []event {
			if !t.deletedAt.IsZero() {
				return nil
			}
			return t.events
		}
	})
	add("emptied", "The history of a deleted track is empty.", removed(func(_ *call, t *track) { t.events = []event{} }))
	add("deletion-only", "The history of a deleted track is its deletion alone.", removed(func(_ *call, t *track) { t.events = t.events[len(t.events)-1:] }))
	add("billing-removed", "A delete removes the billing event.", removed(without("track.billed")))
	add("billing-zeroed", "A delete sets the billed amount to zero.", billing(func(_ *call, e *event) { e.Amount = "0.00" }))
	add("billing-negated", "A delete turns the billed amount round.", billing(func(_ *call, e *event) { e.Amount = "-" + e.Amount }))
	add("billing-rewritten-amount", "A delete writes the billed amount with one digit less.", billing(func(_ *call, e *event) { e.Amount = e.Amount[:len(e.Amount)-1] }))
	add("billing-amount-missing", "A delete drops the billed amount.", billing(func(_ *call, e *event) { e.Amount = "" }))
	add("billing-currency", "A delete changes the currency of the billing event.", billing(func(_ *call, e *event) { e.Currency = "EUR" }))
	add("billing-restamped", "A delete moves the time of the billing event by an hour.", billing(func(_ *call, e *event) { e.At = e.At.Add(time.Hour) }))
	add("billing-actor", "A delete makes the billing event anonymous.", billing(func(_ *call, e *event) { e.Actor = "" }))
	add("billing-refund", "A delete adds a second billing event that takes the amount back.", removed(func(c *call, t *track) {
		t.events = append(t.events, event{Type: "track.billed", At: time.Now(), Actor: c.user.id, Amount: "-0.10", Currency: "CHF"})
	}))
	add("billing-twice", "A delete doubles the billing event.", removed(func(_ *call, t *track) {
		i := slices.IndexFunc(t.events, func(e event) bool { return e.Type == "track.billed" })
		t.events = slices.Insert(slices.Clone(t.events), i, t.events[i])
	}))
	add("created-removed", "A delete removes the event of the creation.", removed(without("track.created")))
	add("created-restamped", "A delete sets the time of the creation to a day before.", removed(func(_ *call, t *track) {
		t.events = slices.Clone(t.events)
		t.events[0].At = t.events[0].At.AddDate(0, 0, -1)
	}))
	add("created-actor", "A delete makes the organization the actor of the creation.", removed(func(_ *call, t *track) {
		t.events = slices.Clone(t.events)
		t.events[0].Actor = t.organization.id
	}))
	add("reordered", "A delete puts the billing event before the creation.", removed(func(_ *call, t *track) {
		t.events = slices.Clone(t.events)
		t.events[0], t.events[1] = t.events[1], t.events[0]
	}))
	add("neighbours-unbilled", "A delete removes the billing events of the creator's other tracks.", removed(func(c *call, t *track) {
		for _, other := range t.organization.tracks {
			if other != t && other.creator == t.creator {
				without("track.billed")(c, other)
			}
		}
	}))

	// Refused requests.
	add("refused-saver", "A saver's refused delete adds track.deleted.", refused([]cause{notCreator}, note))
	add("refused-member", "A refused delete without access adds track.deleted.", refused([]cause{inaccessible}, note))
	add("refused-outsider", "An outsider's refused delete adds track.deleted.", refused([]cause{outsider}, note))
	add("refused-foreign", "A delete refused under another organization's path adds track.deleted.", refused([]cause{foreign}, note))
	add("refused-no-key", "A delete without a key adds track.deleted.", refused([]cause{noKey, unknownKey}, note))
	add("refused-saver-unbilled", "A saver's refused delete removes the billing event.", refused([]cause{notCreator}, without("track.billed")))
	add("refused-outsider-restamps", "An outsider's refused delete moves the times of all events.", refused([]cause{outsider}, func(_ *call, t *track) {
		t.events = slices.Clone(t.events)
		for i := range t.events {
			t.events[i].At = t.events[i].At.Add(time.Minute)
		}
	}))
	add("refused-repeat", "A repeated delete adds another track.deleted.", refused([]cause{deleted}, note))
	add("refused-repeat-by-saver", "A saver's delete of a deleted track adds another track.deleted.", refused([]cause{deleted}, func(c *call, t *track) {
		if c.user != t.creator {
			note(c, t)
		}
	}))
	add("refused-repeat-restamps", "A repeated delete sets the time of the first one's event to an hour later.", refused([]cause{deleted}, func(_ *call, t *track) {
		t.events = slices.Clone(t.events)
		t.events[len(t.events)-1].At = time.Now().Add(time.Hour)
	}))
	add("refused-repeat-takes-over", "A repeated delete makes its caller the actor of the first one's event.", refused([]cause{deleted}, func(c *call, t *track) {
		t.events = slices.Clone(t.events)
		t.events[len(t.events)-1].Actor = c.user.id
	}))
	return faults
}
