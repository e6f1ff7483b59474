package faulty

import (
	"slices"
	"strings"
)

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
	anybody := func(*call, *track) bool { return true }

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

	inOwnOrganization := func(role func(c *call, t *track) bool) func(c *call) bool {
		return func(c *call) bool {
			return c.target != nil && c.target.organization.id == c.organization && role(c, c.target)
		}
	}
	creator := inOwnOrganization(func(c *call, t *track) bool { return t.creator == c.user })
	saver := inOwnOrganization(func(c *call, t *track) bool {
		return t.creator != c.user && c.user.saved(t)
	})
	staysMember := func(operations []operation, role func(c *call) bool) func(*behaviour) {
		return func(b *behaviour) {
			isMember := b.isMember
			b.isMember = func(c *call) bool {
				return isMember(c) || appliesTo(c.operation, operations) && role(c)
			}
		}
	}
	add("delete-creator-left-allowed",
		"A creator who has left the organization may still delete.",
		detectedBy("delete-track/creator-who-left-gets-404"),
		staysMember([]operation{opDelete}, creator))
	add("get-creator-left-allowed",
		"A creator who has left the organization may still get the track.",
		detectedBy("get-track/matrix-of-a-leaver"),
		staysMember([]operation{opGet}, creator))
	add("unsave-creator-left-allowed",
		"A creator who has left the organization may still unsave the track.",
		detectedBy("unsave-track/matrix-of-a-leaver"),
		staysMember([]operation{opUnsave}, creator))
	add("delete-saver-left-403",
		"A saver who has left the organization gets 403 for deleting.",
		detectedBy("delete-track/creator-who-left-gets-404"),
		staysMember([]operation{opDelete}, saver))
	add("get-saver-left-allowed",
		"A saver who has left the organization may still get the track.",
		detectedBy("get-track/matrix-of-a-leaver"),
		staysMember([]operation{opGet}, saver))
	add("unsave-saver-left-allowed",
		"A saver who has left the organization may still unsave the track.",
		detectedBy("unsave-track/matrix-of-a-leaver"),
		staysMember([]operation{opUnsave}, saver))
	add("delete-creator-left-403",
		"A creator who has left the organization gets 403.",
		detectedBy("delete-track/creator-who-left-gets-404"),
		onRefusal(outsider, func(c *call, resp *response) {
			if c.operation == opDelete && creator(c) {
				*resp = *c.server.behaviour.refuse(c, forbidden)
			}
		}))
	add("list-leaver-allowed",
		"Who has left an organization, and saved something there, may still list it.",
		detectedBy("list-tracks/matrix-of-a-leaver"),
		func(b *behaviour) {
			isMember := b.isMember
			b.isMember = func(c *call) bool {
				if c.operation == opList {
					for _, t := range c.user.library {
						if t.organization.id == c.organization {
							return true
						}
					}
				}
				return isMember(c)
			}
		})

	inAnyOrganization := func(operations ...operation) func(*behaviour) {
		return func(b *behaviour) { allowAlso(&b.inOrganization, anybody, operations...) }
	}
	add("delete-foreign-allowed",
		"A creator may delete a track under the path of any organization that it belongs to.",
		detectedBy("delete-track/creator-of-two-organizations"),
		inAnyOrganization(opDelete))
	add("get-foreign-allowed",
		"A track can be got under the path of any organization that the caller belongs to.",
		detectedBy("get-track/matrix-of-a-member-of-both"),
		inAnyOrganization(opGet))
	add("unsave-foreign-allowed",
		"A track can be unsaved under the path of any organization that the caller belongs to.",
		detectedBy("unsave-track/matrix-of-a-member-of-both"),
		inAnyOrganization(opUnsave))
	add("organization-ignored",
		"The organization in the path is not looked at, only the track's creator and savers.",
		detectedBy("delete-track/creator-who-left-gets-404", "delete-track/creator-of-two-organizations"),
		func(b *behaviour) {
			inAnyOrganization()(b)
			skipMembership(b, opDelete, opGet, opUnsave)
		})
	add("organization-of-track",
		"Membership is checked in the track's organization instead of the one in the path.",
		detectedBy("delete-track/creator-of-two-organizations"),
		func(b *behaviour) {
			inAnyOrganization(opDelete, opGet, opUnsave)(b)
			isMember := b.isMember
			b.isMember = func(c *call) bool {
				if c.target == nil {
					return isMember(c)
				}
				return c.user.memberOf[c.target.organization.id]
			}
		})
	add("membership-not-checked-delete",
		"Deleting does not check that the caller belongs to the organization.",
		detectedBy("delete-track/creator-who-left-gets-404"),
		func(b *behaviour) { skipMembership(b, opDelete) })
	add("membership-not-checked-get",
		"Getting does not check that the caller belongs to the organization.",
		detectedBy("get-track/matrix-of-a-leaver"),
		func(b *behaviour) { skipMembership(b, opGet) })
	add("membership-not-checked-unsave",
		"Unsaving does not check that the caller belongs to the organization.",
		detectedBy("unsave-track/matrix-of-a-leaver"),
		func(b *behaviour) { skipMembership(b, opUnsave) })
	add("membership-not-checked-list",
		"Listing does not check that the caller belongs to the organization.",
		detectedBy("list-tracks/matrix-of-a-foreigner"),
		func(b *behaviour) { skipMembership(b, opList) })
	add("membership-of-first-only",
		"Only the first organization of a caller counts.",
		detectedBy("delete-track/creator-of-two-organizations"),
		func(b *behaviour) {
			b.isMember = func(c *call) bool {
				o := c.server.state.organizations[c.organization]
				return o != nil && c.user.first == o
			}
		})
	// resolveOrganization takes the organization in the path for one of the caller's that is the
	// same in the eyes of same.
	resolveOrganization := func(same func(member, sent string) bool) func(*behaviour) {
		return func(b *behaviour) {
			isMember := b.isMember
			b.isMember = func(c *call) bool {
				if isMember(c) {
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
	add("organization-prefix",
		"The beginning of an organization's id stands for it.",
		detectedBy("delete-track/malformed-organization-gets-404", "delete-track/matrix-of-a-member"),
		resolveOrganization(func(member, sent string) bool {
			return len(sent) > 3 && strings.HasPrefix(member, sent)
		}))
	add("organization-with-tail",
		"An organization's id with anything behind it stands for it.",
		detectedBy("delete-track/malformed-organization-gets-404", "delete-track/matrix-of-a-member"),
		resolveOrganization(func(member, sent string) bool { return strings.HasPrefix(sent, member) }))
	add("organization-case",
		"Organization ids are compared without regard to case.",
		detectedBy("delete-track/malformed-organization-gets-404", "delete-track/matrix-of-a-member"),
		resolveOrganization(strings.EqualFold))
	add("savers-beyond-50-without-access",
		"Of those who saved a track the first 50 have access.",
		detectedBy("delete-track/leaves-many-libraries"),
		func(b *behaviour) {
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
	add("saves-beyond-50-without-access",
		"Of what a caller saved it has access to the newest 50.",
		detectedBy("delete-track/leaves-long-library"),
		func(b *behaviour) {
			usual := b.hasAccess
			b.hasAccess = func(c *call, t *track) bool {
				newer := len(c.user.library) - slices.Index(c.user.library, t) - 1
				return usual(c, t) && (t.creator == c.user || newer < 50)
			}
		})
	add("organization-case-behind-prefix",
		"What stands behind the prefix of an organization's id is compared without regard to case.",
		detectedBy("delete-track/malformed-organization-gets-404", "delete-track/matrix-of-a-member"),
		resolveOrganization(func(member, sent string) bool {
			return strings.HasPrefix(sent, "org_") && strings.EqualFold(member, sent)
		}))
	add("organization-up-to-colon",
		"An organization's id ends at a colon.",
		detectedBy("delete-track/malformed-organization-gets-404", "delete-track/matrix-of-a-member"),
		resolveOrganization(func(member, sent string) bool {
			before, _, _ := strings.Cut(sent, ":")
			return before == member
		}))
	add("organization-trimmed",
		"White space around an organization's id is dropped.",
		detectedBy("delete-track/malformed-organization-gets-404", "delete-track/matrix-of-a-member"),
		resolveOrganization(func(member, sent string) bool {
			return strings.TrimSpace(sent) == member
		}))
	add("organization-of-key",
		"The organization in the path is ignored where the key belongs to one only.",
		detectedBy("delete-track/outsider-gets-404", "delete-track/malformed-organization-gets-404"),
		func(b *behaviour) {
			b.isMember = func(c *call) bool {
				if len(c.user.memberOf) == 1 {
					c.organization = c.user.first.id
				}
				return c.user.memberOf[c.organization]
			}
		})
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
