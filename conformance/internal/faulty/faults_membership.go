package faulty

import (
	"slices"
	"strings"
)

// membershipFaults are about who belongs to an organization, and which one that is.
func membershipFaults() []Fault {
	list := faultsOf(Authorization)
	add := list.add

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
