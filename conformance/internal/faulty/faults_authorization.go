package faulty

import (
	"slices"
	"strings"
)

func authorizationFaults() []Fault {
	var faults []Fault
	add := func(name, summary string, apply func(*behaviour)) {
		faults = append(faults, Fault{Name: name, Area: Authorization, Summary: summary, apply: apply})
	}
	// answers gives those refused for a reason the answer of another problem, in some operations or, without any, in all.
	answers := func(why cause, p problem, operations ...operation) func(*behaviour) {
		return func(b *behaviour) {
			b.onCause(why, func(c *call, a *answer) {
				if a.status == notFound.status || a.status == forbidden.status {
					if among(c.operation, operations) {
						*a = *b.refuse(c, p)
					}
				}
			})
		}
	}
	always := func(*call, *track) bool { return true }

	add("delete-saver-allowed", "Whoever saved a track may delete it.", func(b *behaviour) { b.mayDelete = always })
	add("delete-member-allowed", "Every member of the organization may delete its tracks.", func(b *behaviour) {
		b.mayDelete = always
		loosen(&b.hasAccess, always, opDelete)
	})
	add("delete-anybody-allowed", "Every caller with a key may delete a track.", func(b *behaviour) {
		b.mayDelete = always
		loosen(&b.hasAccess, always, opDelete)
		loosenMembership(b, opDelete)
	})
	add("delete-first-member-allowed", "The first member of an organization may delete all of its tracks.", func(b *behaviour) {
		first := func(c *call, t *track) bool {
			return len(t.organization.members) > 0 && t.organization.members[0] == c.user
		}
		b.mayDelete = either(b.mayDelete, first)
		loosen(&b.hasAccess, first, opDelete)
	})
	add("delete-first-saver-is-creator", "The one who saved a track first counts as its creator.", func(b *behaviour) {
		b.mayDelete = func(c *call, t *track) bool { return len(t.savers) > 0 && t.savers[0] == c.user }
	})
	add("delete-last-saver-allowed", "The one who saved a track last may delete it.", func(b *behaviour) {
		b.mayDelete = either(b.mayDelete, func(c *call, t *track) bool {
			return len(t.savers) > 1 && t.savers[len(t.savers)-1] == c.user
		})
	})
	add("delete-sole-saver-allowed", "Whoever is the only one with the track in a library may delete it.", func(b *behaviour) {
		b.mayDelete = either(b.mayDelete, func(c *call, t *track) bool {
			return len(t.savers) == 1 && t.savers[0] == c.user
		})
	})
	add("delete-any-creator-allowed", "Whoever created some track of the organization may delete those saved.", func(b *behaviour) {
		b.mayDelete = func(c *call, t *track) bool {
			for _, other := range t.organization.tracks {
				if other.creator == c.user {
					return true
				}
			}
			return false
		}
	})
	add("delete-orphan-saver-allowed", "A saver may delete a track whose creator has left the organization.", func(b *behaviour) {
		b.mayDelete = either(b.mayDelete, func(_ *call, t *track) bool { return !t.creator.memberOf[t.organization.id] })
	})
	add("delete-not-while-saved-by-others", "The creator gets 403 while somebody else has the track saved.", func(b *behaviour) {
		b.mayDelete = func(c *call, t *track) bool {
			for _, saver := range t.savers {
				if saver != c.user && saver.saved(t) {
					return false
				}
			}
			return t.creator == c.user
		}
	})
	add("delete-creator-without-save-404", "A creator who has not saved the track gets 404.", func(b *behaviour) {
		b.hasAccess = func(c *call, t *track) bool { return c.user.saved(t) }
	})
	add("delete-creator-without-save-403", "A creator who has not saved the track gets 403 for deleting it.", func(b *behaviour) {
		b.mayDelete = func(c *call, t *track) bool { return t.creator == c.user && c.user.saved(t) }
	})
	add("delete-saver-404", "A saver's delete is 404 instead of 403.", answers(notCreator, notFound))
	add("delete-member-403", "A member without access gets 403 for deleting.", answers(inaccessible, forbidden, opDelete))
	add("delete-outsider-403", "A caller of another organization gets 403 for deleting.", answers(outsider, forbidden, opDelete))
	add("outsider-403", "A caller of another organization gets 403 everywhere.", answers(outsider, forbidden))
	add("delete-foreign-403", "A track of another organization, under the own one's path, is 403 for deleting.", answers(foreign, forbidden, opDelete))
	add("delete-foreign-saver-403", "A track of another organization that the caller saved there is 403 under the own one's path.", func(b *behaviour) {
		b.onCause(foreign, func(c *call, a *answer) {
			if c.operation == opDelete && c.user.saved(c.target) {
				*a = *b.refuse(c, forbidden)
			}
		})
	})
	add("delete-missing-403", "Deleting a missing track is 403.", answers(missing, forbidden, opDelete))
	add("delete-deleted-403", "Deleting a deleted track is 403.", answers(deleted, forbidden, opDelete))
	add("delete-deleted-saver-403", "Deleting a deleted track is still 403 for who had it saved.", func(b *behaviour) {
		b.onCause(deleted, func(c *call, a *answer) {
			if c.operation == opDelete && c.target.creator != c.user && c.user.saved(c.target) {
				*a = *b.refuse(c, forbidden)
			}
		})
	})

	left := func(role func(c *call, t *track) bool) func(c *call) bool {
		return func(c *call) bool {
			return c.target != nil && c.target.organization.id == c.organization && role(c, c.target)
		}
	}
	creator := left(func(c *call, t *track) bool { return t.creator == c.user })
	saver := left(func(c *call, t *track) bool { return t.creator != c.user && c.user.saved(t) })
	leaver := func(operations []operation, role func(c *call) bool) func(*behaviour) {
		return func(b *behaviour) {
			member := b.belongs
			b.belongs = func(c *call) bool { return member(c) || among(c.operation, operations) && role(c) }
		}
	}
	add("delete-creator-left-allowed", "A creator who has left the organization may still delete.", leaver([]operation{opDelete}, creator))
	add("get-creator-left-allowed", "A creator who has left the organization may still get the track.", leaver([]operation{opGet}, creator))
	add("unsave-creator-left-allowed", "A creator who has left the organization may still unsave the track.", leaver([]operation{opUnsave}, creator))
	add("delete-saver-left-403", "A saver who has left the organization gets 403 for deleting.", leaver([]operation{opDelete}, saver))
	add("get-saver-left-allowed", "A saver who has left the organization may still get the track.", leaver([]operation{opGet}, saver))
	add("unsave-saver-left-allowed", "A saver who has left the organization may still unsave the track.", leaver([]operation{opUnsave}, saver))
	add("delete-creator-left-403", "A creator who has left the organization gets 403.", func(b *behaviour) {
		b.onCause(outsider, func(c *call, a *answer) {
			if c.operation == opDelete && creator(c) {
				*a = *b.refuse(c, forbidden)
			}
		})
	})
	add("list-leaver-allowed", "Who has left an organization, and saved something there, may still list it.", func(b *behaviour) {
		member := b.belongs
		b.belongs = func(c *call) bool {
			if c.operation == opList {
				for _, t := range c.user.library {
					if t.organization.id == c.organization {
						return true
					}
				}
			}
			return member(c)
		}
	})

	anywhere := func(operations ...operation) func(*behaviour) {
		return func(b *behaviour) { loosen(&b.inOrganization, always, operations...) }
	}
	add("delete-foreign-allowed", "A creator may delete a track under the path of any organization that it belongs to.", anywhere(opDelete))
	add("get-foreign-allowed", "A track can be got under the path of any organization that the caller belongs to.", anywhere(opGet))
	add("unsave-foreign-allowed", "A track can be unsaved under the path of any organization that the caller belongs to.", anywhere(opUnsave))
	add("organization-ignored", "The organization in the path is not looked at, only the track's creator and savers.", func(b *behaviour) {
		anywhere()(b)
		loosenMembership(b, opDelete, opGet, opUnsave)
	})
	add("organization-of-track", "Membership is checked in the track's organization instead of the one in the path.", func(b *behaviour) {
		anywhere(opDelete, opGet, opUnsave)(b)
		member := b.belongs
		b.belongs = func(c *call) bool {
			if c.target == nil {
				return member(c)
			}
			return c.user.memberOf[c.target.organization.id]
		}
	})
	add("membership-not-checked-delete", "Deleting does not check that the caller belongs to the organization.", func(b *behaviour) { loosenMembership(b, opDelete) })
	add("membership-not-checked-get", "Getting does not check that the caller belongs to the organization.", func(b *behaviour) { loosenMembership(b, opGet) })
	add("membership-not-checked-unsave", "Unsaving does not check that the caller belongs to the organization.", func(b *behaviour) { loosenMembership(b, opUnsave) })
	add("membership-not-checked-list", "Listing does not check that the caller belongs to the organization.", func(b *behaviour) { loosenMembership(b, opList) })
	add("membership-of-first-only", "Only the first organization of a caller counts.", func(b *behaviour) {
		b.belongs = func(c *call) bool {
			o := c.server.state.organizations[c.organization]
			return o != nil && c.user.first == o
		}
	})
	// resolved reads the organization in the path as one of the caller's that it resembles.
	resolved := func(same func(member, sent string) bool) func(*behaviour) {
		return func(b *behaviour) {
			member := b.belongs
			b.belongs = func(c *call) bool {
				if member(c) {
					return true
				}
				for id := range c.user.memberOf {
					if same(id, c.organization) {
						c.organization = id
						return true
					}
				}
				return false
			}
		}
	}
	add("organization-prefix", "The beginning of an organization's id stands for it.",
		resolved(func(member, sent string) bool { return len(sent) > 3 && strings.HasPrefix(member, sent) }))
	add("organization-with-tail", "An organization's id with anything behind it stands for it.",
		resolved(func(member, sent string) bool { return strings.HasPrefix(sent, member) }))
	add("organization-case", "Organization ids are compared without regard to case.", resolved(strings.EqualFold))
	add("savers-beyond-50-without-access", "Of those who saved a track the first 50 have access.", func(b *behaviour) {
		usual := b.hasAccess
		b.hasAccess = func(c *call, t *track) bool {
			before := 0
			for _, u := range t.organization.members[:slices.Index(t.organization.members, c.user)] {
				if u.saved(t) {
					before++
				}
			}
			return usual(c, t) && (t.creator == c.user || before < 50)
		}
	})
	add("saves-beyond-50-without-access", "Of what a caller saved it has access to the newest 50.", func(b *behaviour) {
		usual := b.hasAccess
		b.hasAccess = func(c *call, t *track) bool {
			return usual(c, t) && (t.creator == c.user || len(c.user.library)-slices.Index(c.user.library, t) <= 50)
		}
	})
	add("organization-case-behind-prefix", "What stands behind the prefix of an organization's id is compared without regard to case.",
		resolved(func(member, sent string) bool {
			return strings.HasPrefix(sent, "org_") && strings.EqualFold(member, sent)
		}))
	add("organization-up-to-colon", "An organization's id ends at a colon.",
		resolved(func(member, sent string) bool { before, _, _ := strings.Cut(sent, ":"); return before == member }))
	add("organization-trimmed", "White space around an organization's id is dropped.",
		resolved(func(member, sent string) bool { return strings.TrimSpace(sent) == member }))
	add("organization-of-key", "The organization is taken from the key, and the one in the path is ignored where the key has but one.",
		func(b *behaviour) {
			b.belongs = func(c *call) bool {
				if len(c.user.memberOf) == 1 {
					c.organization = c.user.first.id
				}
				return c.user.memberOf[c.organization]
			}
		})
	return faults
}

// among tells whether an operation is one of those, or whether there are none to choose from.
func among(op operation, operations []operation) bool {
	for _, other := range operations {
		if op == other {
			return true
		}
	}
	return len(operations) == 0
}

func either(one, other func(c *call, t *track) bool) func(c *call, t *track) bool {
	return func(c *call, t *track) bool { return one(c, t) || other(c, t) }
}

// loosen lets a decision also be yes where extra says so, in those operations or, without any, in all.
func loosen(decision *func(c *call, t *track) bool, extra func(c *call, t *track) bool, operations ...operation) {
	*decision = either(*decision, func(c *call, t *track) bool { return among(c.operation, operations) && extra(c, t) })
}

// loosenMembership lets everybody belong, in those operations.
func loosenMembership(b *behaviour, operations ...operation) {
	member := b.belongs
	b.belongs = func(c *call) bool { return member(c) || among(c.operation, operations) }
}
