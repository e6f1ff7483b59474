package faulty

import (
	"slices"
	"strings"
	"time"
)

// collateralFaults are about a delete that hits other tracks and libraries too.
func collateralFaults() []Fault {
	list := faultsOf(Effect)
	add := list.add

	// Other tracks are hit.
	alsoDelete := func(which func(c *call, t, other *track) bool) func(*behaviour) {
		return func(b *behaviour) {
			after(&b.remove, func(c *call, t *track) {
				for _, other := range c.server.state.tracks {
					if other != t && other.deletedAt.IsZero() && which(c, t, other) {
						other.deletedAt, other.deletedBy = time.Now(), c.user
					}
				}
			})
		}
	}
	sameOrganization := func(t, other *track) bool { return t.organization == other.organization }
	position := func(t *track) int { return slices.Index(t.organization.tracks, t) }
	add("delete-all-of-creator",
		"A delete takes all tracks of the creator with it.",
		detectedBy("delete-track/nothing-else-each-time"),
		alsoDelete(func(_ *call, t, other *track) bool { return t.creator == other.creator }))
	add("delete-all-of-creator-abroad",
		"A delete takes the creator's tracks of other organizations with it.",
		detectedBy("delete-track/nothing-else-each-time"),
		alsoDelete(func(_ *call, t, other *track) bool {
			return t.creator == other.creator && !sameOrganization(t, other)
		}))
	add("delete-all-of-organization",
		"A delete takes all tracks of the organization with it.",
		detectedBy("delete-track/nothing-else-each-time"),
		alsoDelete(func(_ *call, t, other *track) bool { return sameOrganization(t, other) }))
	add("delete-all-of-title",
		"A delete takes all tracks of the organization with the same title with it.",
		detectedBy("delete-track/nothing-else-each-time"),
		alsoDelete(func(_ *call, t, other *track) bool {
			return sameOrganization(t, other) && t.title != nil && other.title != nil && *t.title == *other.title
		}))
	add("delete-untitled-together",
		"A delete of a track without a title takes the creator's other untitled ones with it.",
		detectedBy("delete-track/untitled-neighbours-stay"),
		alsoDelete(func(_ *call, t, other *track) bool {
			return t.creator == other.creator && t.title == nil && other.title == nil
		}))
	add("delete-next",
		"A delete takes the track that was created next in the organization with it.",
		detectedBy("delete-track/nothing-else-each-time", "delete-track/untitled-neighbours-stay"),
		alsoDelete(func(_ *call, t, other *track) bool {
			return sameOrganization(t, other) && position(other) == position(t)+1
		}))
	add("delete-previous",
		"A delete takes the track that was created before in the organization with it.",
		detectedBy("delete-track/nothing-else-each-time", "delete-track/untitled-neighbours-stay"),
		alsoDelete(func(_ *call, t, other *track) bool {
			return sameOrganization(t, other) && position(other) == position(t)-1
		}))
	add("delete-saved-by-creator",
		"A delete takes all that the creator has saved with it.",
		detectedBy("delete-track/nothing-else-each-time"),
		alsoDelete(func(c *call, _, other *track) bool { return c.user.saved(other) }))
	add("delete-id-prefix",
		"A delete takes the tracks with it whose ids begin with the deleted one's.",
		detectedBy("delete-track/nothing-else-each-time", "delete-track/untitled-neighbours-stay"),
		func(b *behaviour) {
			b.newID = newNestedIDs(b.newID)
			alsoDelete(func(_ *call, t, other *track) bool {
				return strings.HasPrefix(other.id, t.id)
			})(b)
		})
	add("delete-older-in-library",
		"A delete takes the tracks with it that its creator saved before.",
		detectedBy("delete-track/nothing-else-each-time"),
		alsoDelete(func(c *call, t, other *track) bool {
			at, before := slices.Index(c.user.library, t), slices.Index(c.user.library, other)
			return before >= 0 && before < at
		}))

	// Other libraries are hit.
	changeLibraries := func(change func(c *call, t *track, saver *user)) func(*behaviour) {
		return func(b *behaviour) {
			after(&b.remove, func(c *call, t *track) {
				for _, saver := range t.savers {
					change(c, t, saver)
				}
			})
		}
	}
	add("delete-empties-library",
		"A delete empties its caller's library.",
		detectedBy("delete-track/nothing-else-each-time"),
		func(b *behaviour) {
			after(&b.remove, func(c *call, _ *track) { c.user.library = nil })
		})
	add("delete-empties-libraries",
		"A delete empties the libraries of those who saved the track.",
		detectedBy("delete-track/nothing-else-each-time"),
		changeLibraries(func(_ *call, _ *track, saver *user) { saver.library = nil }))
	add("delete-unsaves-next",
		"A delete takes the track saved next out of the libraries too.",
		detectedBy("delete-track/nothing-else-each-time", "delete-track/untitled-neighbours-stay"),
		changeLibraries(func(_ *call, t *track, saver *user) {
			if i := slices.Index(saver.library, t); i >= 0 && i+1 < len(saver.library) {
				saver.drop(saver.library[i+1])
			}
		}))
	add("delete-unsaves-others-of-creator",
		"A delete takes the creator's other tracks out of the savers' libraries.",
		detectedBy("delete-track/nothing-else-each-time", "delete-track/untitled-neighbours-stay"),
		changeLibraries(func(_ *call, t *track, saver *user) {
			for _, other := range saver.library {
				if other.creator == t.creator && saver != t.creator {
					saver.drop(other)
				}
			}
		}))
	add("delete-swaps-library",
		"A delete moves the track saved last to the deleted one's place in libraries.",
		detectedBy("delete-track/untitled-neighbours-stay", "list-tracks/order-survives-changes"),
		changeLibraries(func(_ *call, t *track, saver *user) {
			if i, last := slices.Index(saver.library, t), len(saver.library)-1; i >= 0 {
				saver.library = slices.Clone(saver.library)
				saver.library[i] = saver.library[last]
				saver.library = saver.library[:last]
			}
		}))
	add("delete-touches-neighbours",
		"A delete changes created_at of the creator's other tracks.",
		detectedBy("delete-track/nothing-else-each-time"),
		func(b *behaviour) {
			after(&b.remove, func(c *call, t *track) {
				for _, other := range t.organization.tracks {
					if other.creator == t.creator {
						other.createdAt = other.createdAt.Add(time.Hour)
					}
				}
			})
		})
	return list.faults
}
