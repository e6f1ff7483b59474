package faulty

// authorizationFaults are about who may delete, and about how those who may not are refused.
func authorizationFaults() []Fault {
	list := faultsOf(Authorization)
	add := list.add

	// refuseWith replaces the 403s and 404s that have that cause by another refusal, in some
	// operations or, without any, in all.
	refuseWith := func(why cause, p problem, operations ...operation) func(*behaviour) {
		return onRefusal(why, func(c *call, resp *response) {
			if resp.status == notFound.status || resp.status == forbidden.status {
				if appliesTo(c.operation, operations) {
					*resp = *c.server.behaviour.refuse(c, p)
				}
			}
		})
	}

	add("delete-saver-allowed",
		"Whoever saved a track may delete it.",
		detectedBy("delete-track/saver-gets-403"),
		func(b *behaviour) { b.mayDelete = anybody })
	add("delete-member-allowed",
		"Every member of the organization may delete its tracks.",
		detectedBy("delete-track/member-without-access-gets-404"),
		func(b *behaviour) {
			b.mayDelete = anybody
			allowAlso(&b.hasAccess, anybody, opDelete)
		})
	add("delete-anybody-allowed",
		"Every caller with a key may delete a track.",
		detectedBy("delete-track/outsider-gets-404"),
		func(b *behaviour) {
			b.mayDelete = anybody
			allowAlso(&b.hasAccess, anybody, opDelete)
			skipMembership(b, opDelete)
		})
	add("delete-first-member-allowed",
		"The first member of an organization may delete all of its tracks.",
		detectedBy("delete-track/matrix-of-a-member", "delete-track/member-without-access-gets-404"),
		func(b *behaviour) {
			first := func(c *call, t *track) bool {
				return len(t.organization.members) > 0 && t.organization.members[0] == c.user
			}
			b.mayDelete = eitherOf(b.mayDelete, first)
			allowAlso(&b.hasAccess, first, opDelete)
		})
	add("delete-first-saver-is-creator",
		"The one who saved a track first counts as its creator.",
		detectedBy("delete-track/every-saver-gets-403"),
		func(b *behaviour) {
			b.mayDelete = func(c *call, t *track) bool {
				return len(t.savers) > 0 && t.savers[0] == c.user
			}
		})
	add("delete-last-saver-allowed",
		"The one who saved a track last may delete it.",
		detectedBy("delete-track/every-saver-gets-403"),
		func(b *behaviour) {
			b.mayDelete = eitherOf(b.mayDelete, func(c *call, t *track) bool {
				return len(t.savers) > 1 && t.savers[len(t.savers)-1] == c.user
			})
		})
	add("delete-sole-saver-allowed",
		"Whoever is the only one with the track in a library may delete it.",
		detectedBy("delete-track/matrix-of-a-member"),
		func(b *behaviour) {
			b.mayDelete = eitherOf(b.mayDelete, func(c *call, t *track) bool {
				return len(t.savers) == 1 && t.savers[0] == c.user
			})
		})
	add("delete-any-creator-allowed",
		"Whoever created some track of the organization may delete those saved.",
		detectedBy("delete-track/every-saver-gets-403", "delete-track/matrix-of-a-member"),
		func(b *behaviour) {
			b.mayDelete = func(c *call, t *track) bool {
				for _, other := range t.organization.tracks {
					if other.creator == c.user {
						return true
					}
				}
				return false
			}
		})
	add("delete-orphan-saver-allowed",
		"A saver may delete a track whose creator has left the organization.",
		detectedBy("delete-track/creator-who-left-gets-404"),
		func(b *behaviour) {
			b.mayDelete = eitherOf(b.mayDelete, func(_ *call, t *track) bool {
				return !t.creator.memberOf[t.organization.id]
			})
		})
	add("delete-not-while-saved-by-others",
		"The creator gets 403 while somebody else has the track saved.",
		detectedBy("delete-track/creator-gets-200"),
		func(b *behaviour) {
			b.mayDelete = func(c *call, t *track) bool {
				for _, saver := range t.savers {
					if saver != c.user && saver.saved(t) {
						return false
					}
				}
				return t.creator == c.user
			}
		})
	add("delete-creator-without-save-404",
		"A creator who has not saved the track gets 404.",
		detectedBy("delete-track/creator-who-did-not-save-gets-200"),
		func(b *behaviour) {
			b.hasAccess = func(c *call, t *track) bool { return c.user.saved(t) }
		})
	add("delete-creator-without-save-403",
		"A creator who has not saved the track gets 403 for deleting it.",
		detectedBy("delete-track/creator-who-did-not-save-gets-200"),
		func(b *behaviour) {
			b.mayDelete = func(c *call, t *track) bool { return t.creator == c.user && c.user.saved(t) }
		})
	add("delete-saver-404",
		"A saver's delete is 404 instead of 403.",
		detectedBy("delete-track/saver-gets-403"),
		refuseWith(notCreator, notFound))
	add("delete-member-403",
		"A member without access gets 403 for deleting.",
		detectedBy("delete-track/member-without-access-gets-404"),
		refuseWith(inaccessible, forbidden, opDelete))
	add("delete-outsider-403",
		"A caller of another organization gets 403 for deleting.",
		detectedBy("delete-track/outsider-gets-404"),
		refuseWith(outsider, forbidden, opDelete))
	add("outsider-403",
		"A caller of another organization gets 403 everywhere.",
		detectedBy("delete-track/outsider-gets-404"),
		refuseWith(outsider, forbidden))
	add("delete-foreign-403",
		"A track of another organization, under the own one's path, is 403 for deleting.",
		detectedBy("delete-track/outsider-gets-404", "delete-track/creator-of-two-organizations"),
		refuseWith(foreign, forbidden, opDelete))
	add("delete-foreign-saver-403",
		"A track of another organization that the caller saved there is 403 under the own one's path.",
		detectedBy("delete-track/matrix-of-a-member-of-both"),
		onRefusal(foreign, func(c *call, resp *response) {
			if c.operation == opDelete && c.user.saved(c.target) {
				*resp = *c.server.behaviour.refuse(c, forbidden)
			}
		}))
	add("delete-missing-403",
		"Deleting a missing track is 403.",
		detectedBy("delete-track/missing-track-gets-404"),
		refuseWith(missing, forbidden, opDelete))
	add("delete-deleted-403",
		"Deleting a deleted track is 403.",
		detectedBy("delete-track/gone-for-everybody"),
		refuseWith(deleted, forbidden, opDelete))
	add("delete-deleted-saver-403",
		"Deleting a deleted track is still 403 for who had it saved.",
		detectedBy("delete-track/gone-for-everybody"),
		onRefusal(deleted, func(c *call, resp *response) {
			if c.operation == opDelete && c.target.creator != c.user && c.user.saved(c.target) {
				*resp = *c.server.behaviour.refuse(c, forbidden)
			}
		}))

	return list.faults
}

// appliesTo reports whether an operation is one of those. No operations stand for all of them.
func appliesTo(op operation, operations []operation) bool {
	for _, other := range operations {
		if op == other {
			return true
		}
	}
	return len(operations) == 0
}

func anybody(*call, *track) bool { return true }

func eitherOf(one, other func(c *call, t *track) bool) func(c *call, t *track) bool {
	return func(c *call, t *track) bool { return one(c, t) || other(c, t) }
}

// allowAlso makes a decision yes also where extra says so, in those operations or, without any,
// in all.
func allowAlso(decision *func(c *call, t *track) bool, extra func(c *call, t *track) bool,
	operations ...operation,
) {
	*decision = eitherOf(*decision, func(c *call, t *track) bool {
		return appliesTo(c.operation, operations) && extra(c, t)
	})
}

// skipMembership takes everybody for a member, in those operations.
func skipMembership(b *behaviour, operations ...operation) {
	isMember := b.isMember
	b.isMember = func(c *call) bool { return isMember(c) || appliesTo(c.operation, operations) }
}
