package faulty

import (
	"net/http"
	"slices"
)

// thresholdFaults are right for few and wrong for many.
func thresholdFaults() []Fault {
	list := faultsOf(Architecture)
	add := list.add

	const many = 20
	popular := func(t *track) bool { return len(t.savers) > many }

	add("many-savers-without-event",
		"A delete of a track that more than twenty saved adds no event.",
		detectedBy("delete-track/crowd-keeps-history").needing("history"),
		func(b *behaviour) {
			after(&b.remove, func(_ *call, t *track) {
				if popular(t) {
					t.events = t.events[:len(t.events)-1]
				}
			})
		})
	add("many-savers-two-events",
		"A delete of a track that more than twenty saved adds an event for every twenty.",
		detectedBy("delete-track/crowd-keeps-history").needing("history"),
		func(b *behaviour) {
			after(&b.remove, func(_ *call, t *track) {
				deletion := t.events[len(t.events)-1]
				for range len(t.savers) / (many + 1) {
					t.events = append(slices.Clone(t.events), deletion)
				}
			})
		})
	add("many-savers-billing-lost",
		"A delete of a track that more than twenty saved loses the billing event.",
		detectedBy("delete-track/crowd-keeps-history").needing("history"),
		func(b *behaviour) {
			after(&b.remove, func(_ *call, t *track) {
				if popular(t) {
					t.events = slices.DeleteFunc(slices.Clone(t.events), func(e event) bool {
						return e.Type == "track.billed"
					})
				}
			})
		})
	add("many-savers-refused-as-404",
		"A saver's delete of a track that more than twenty saved gets 404.",
		detectedBy("delete-track/crowd-is-refused"),
		onRefusal(notCreator, func(c *call, resp *response) {
			if popular(c.target) {
				becomes(notFound)(c, resp)
			}
		}))
	add("many-savers-last-may-delete",
		"Whoever saved a track as the twenty-first or later may delete it.",
		detectedBy("delete-track/crowd-is-refused"),
		func(b *behaviour) {
			b.mayDelete = eitherOf(b.mayDelete, func(c *call, t *track) bool {
				return slices.Index(t.savers, c.user) >= many
			})
		})
	add("many-savers-unsave-nothing",
		"An unsave of a track that more than twenty saved is acknowledged and not done.",
		detectedBy("unsave-track/crowd-unsaves-one-by-one"),
		func(b *behaviour) {
			unsave := b.unsave
			b.unsave = func(c *call, t *track) {
				if !popular(t) {
					unsave(c, t)
				}
			}
		})
	add("many-savers-unsave-of-others",
		"An unsave of a track that more than twenty saved takes it out of the newest library too.",
		detectedBy("unsave-track/crowd-unsaves-one-by-one"),
		func(b *behaviour) {
			after(&b.unsave, func(_ *call, t *track) {
				if popular(t) {
					t.savers[len(t.savers)-1].drop(t)
				}
			})
		})
	add("many-savers-refused-delete-unsaves",
		"A refused delete of a track that more than twenty saved takes it out of the caller's library.",
		detectedBy("delete-track/crowd-is-refused"),
		onRefusal(notCreator, func(c *call, _ *response) {
			if popular(c.target) {
				c.user.drop(c.target)
			}
		}))

	const crowd = 200
	add("many-tracks-delete-nothing",
		"A delete of the 201st track of an organization or a later one is acknowledged and not done.",
		detectedBy("delete-track/large-organization"),
		func(b *behaviour) {
			remove := b.remove
			b.remove = func(c *call, t *track) {
				if slices.Index(t.organization.tracks, t) < crowd {
					remove(c, t)
				}
			}
		})
	add("many-tracks-404",
		"The 201st track of an organization and all later ones are 404.",
		detectedBy("delete-track/large-organization"),
		func(b *behaviour) {
			inOrganization := b.inOrganization
			b.inOrganization = func(c *call, t *track) bool {
				return inOrganization(c, t) && slices.Index(t.organization.tracks, t) < crowd
			}
		})
	changePage := func(change func(tracks []*track, limit, offset int) []*track) func(*behaviour) {
		return func(b *behaviour) { b.page = change }
	}
	add("many-saves-listed-to-200",
		"A library ends with its 200th track.",
		detectedBy("list-tracks/large-library"),
		changePage(func(tracks []*track, limit, offset int) []*track {
			return page(tracks[:min(crowd, len(tracks))], limit, offset)
		}))
	add("many-saves-last-page-full",
		"The last page of a list is filled up with tracks of the page before.",
		detectedBy("list-tracks/large-library"),
		changePage(func(tracks []*track, limit, offset int) []*track {
			if offset > 0 && offset < len(tracks) && offset+limit > len(tracks) {
				offset = max(0, len(tracks)-limit)
			}
			return page(tracks, limit, offset)
		}))
	add("many-saves-last-page-empty",
		"A last page that is not full is empty.",
		detectedBy("list-tracks/large-library"),
		changePage(func(tracks []*track, limit, offset int) []*track {
			if offset > 0 && offset+limit > len(tracks) {
				return nil
			}
			return page(tracks, limit, offset)
		}))
	add("many-saves-offset-in-pages-of-50",
		"An offset beyond 100 is rounded down to a whole fifty.",
		detectedBy("list-tracks/large-library"),
		changePage(func(tracks []*track, limit, offset int) []*track {
			if offset > 100 {
				offset -= offset % 50
			}
			return page(tracks, limit, offset)
		}))

	add("many-organizations-third-ignored",
		"Of a caller's organizations the first two count.",
		detectedBy("delete-track/several-organizations"),
		func(b *behaviour) {
			isMember := b.isMember
			b.isMember = func(c *call) bool {
				return isMember(c) && slices.Index(c.user.joined, c.organization) < 2
			}
		})
	add("many-organizations-last-only",
		"Of a caller's three or more organizations the last counts.",
		detectedBy("delete-track/several-organizations"),
		func(b *behaviour) {
			isMember := b.isMember
			b.isMember = func(c *call) bool {
				n := len(c.user.joined)
				return isMember(c) && (n < 3 || c.user.joined[n-1] == c.organization)
			}
		})
	add("many-organizations-list-mixed",
		"Who belongs to three or more organizations gets the saves of all of them in each list.",
		detectedBy("delete-track/several-organizations"),
		func(b *behaviour) {
			inOrganization := b.inOrganization
			b.inOrganization = func(c *call, t *track) bool {
				mixed := c.operation == opList && len(c.user.joined) > 2
				return inOrganization(c, t) || mixed && c.user.memberOf[t.organization.id]
			}
		})
	add("oldest-save-not-listed",
		"The oldest track of a library of more than ten is not listed.",
		detectedBy("list-tracks/large-library"),
		func(b *behaviour) {
			library := b.library
			b.library = func(c *call) []*track {
				tracks := library(c)
				if len(tracks) > 10 {
					tracks = tracks[:len(tracks)-1]
				}
				return tracks
			}
		})
	add("newest-track-of-many-500",
		"A get of the newest track of an organization with more than fifty is 500.",
		detectedBy("delete-track/large-organization"),
		onResponse(opGet, http.StatusOK, func(c *call, resp *response) {
			if tracks := c.target.organization.tracks; len(tracks) > 50 && tracks[len(tracks)-1] == c.target {
				resp.status = http.StatusInternalServerError
			}
		}))
	return list.faults
}
