package cases

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/oracle"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// membership says which organizations the caller of a matrix belongs to.
type membership struct {
	slug   string
	caller string
	of     []string
}

var memberships = []membership{
	{"matrix-of-a-member", "a member", []string{"home"}},
	{"matrix-of-a-foreigner", "a member of another organization", []string{"abroad"}},
	{"matrix-of-a-member-of-both", "a member of both organizations", []string{"home", "abroad"}},
	{"matrix-of-a-leaver", "a caller who left", []string{}},
}

// sceneMatrix has a track of every role that the caller can have in it, live, to be deleted, and in
// another organization.
func sceneMatrix(m membership) provision.Request {
	scene := provision.Request{
		Organizations: []provision.OrganizationRequest{{Name: "home"}, {Name: "abroad"}},
		Users: []provision.UserRequest{
			{Name: "caller", MemberOf: m.of},
			{Name: "owner", MemberOf: []string{"home", "abroad"}},
		},
	}
	add := func(name, organization, creator string, savedBy ...string) {
		if savedBy == nil {
			savedBy = []string{}
		}
		scene.Tracks = append(scene.Tracks, provision.TrackRequest{
			Name:         name,
			Organization: organization,
			Creator:      creator,
			SavedBy:      savedBy,
		})
	}
	add("created", "home", "caller")
	add("created-and-saved", "home", "caller", "caller", "owner")
	add("saved", "home", "owner", "owner", "caller")
	add("saved-alone", "home", "owner", "caller")
	add("inaccessible", "home", "owner", "owner")
	add("created-abroad", "abroad", "caller", "caller", "owner")
	add("saved-abroad", "abroad", "owner", "owner", "caller")
	add("inaccessible-abroad", "abroad", "owner")
	add("deleted-and-saved", "home", "owner", "caller", "owner")
	add("deleted-and-inaccessible", "home", "owner", "owner")
	if slices.Contains(m.of, "home") { // only its creator could delete it
		add("deleted-and-created", "home", "caller", "caller", "owner")
	}
	return scene
}

// matrixCases go through the whole matrix of membership, role, state and organization in the path,
// cell by cell. The model says which response is right for each cell.
func matrixCases() []suite.Case {
	var cases []suite.Case
	for _, o := range requirement.Operations() {
		for _, m := range memberships {
			statuses := []int{404}
			if len(m.of) > 0 {
				statuses = []int{200, 404}
				if o == requirement.DeleteTrack {
					statuses = []int{200, 403, 404}
				}
			}
			cases = append(cases, suite.Case{
				Area: areaOf(o), Slug: m.slug,
				Title:     "Every combination of role, state and organization for " + m.caller,
				Operation: o,
				Requirements: []requirement.ID{
					requirement.AccessMatrix,
					requirement.AccessMembersOnly,
					requirement.AccessTrackInOrganization,
					requirement.AccessExactIDs,
				},
				Statuses: statuses,
				Scene:    sceneMatrix(m),
				Sends: "As " + m.caller + ": the request for tracks that it created, saved, both or neither, live, deleted and abroad, " +
					"under the paths of home, abroad, an unknown organization, and ids that resemble home's.",
				Expects: "The right status for each combination; nothing changed by requests that are " +
					"refused, and exactly one thing by each that is not.",
				Run: func(ctx context.Context, c *suite.Client) error { return runMatrix(ctx, c, o) },
			})
		}
	}
	return cases
}

// runMatrix first sends the requests that have to be refused, proves that they changed nothing, and
// then sends those that have to succeed.
func runMatrix(ctx context.Context, c *suite.Client, o requirement.Operation) error {
	w, err := oracle.Observe(ctx, c)
	if err != nil {
		return err
	}
	for _, t := range c.Scene.Request.Tracks {
		if strings.HasPrefix(t.Name, "deleted") {
			if err := w.Perform(ctx, oracle.Deletes(t.Creator, t.Name).In(t.Organization)); err != nil {
				return err
			}
		}
	}
	var granted []oracle.Action
	for _, cell := range matrixCells(c.Scene.Request, o) {
		if w.Expected(cell).Status == 200 {
			granted = append(granted, cell)
		}
	}
	refused := func(s *provision.Scene) []oracle.Refusal {
		var refusals []oracle.Refusal
		for _, cell := range matrixCells(s.Request, o) {
			if status := w.Expected(cell).Status; status != 200 {
				refusals = append(refusals, cellRefusal(s, cell, s.Organization(cell.Organization), status))
			}
		}
		for _, t := range s.Request.Tracks {
			if t.Name != "created" && t.Name != "saved" || o == requirement.ListSavedTracks && t.Name != "created" {
				continue // two tracks are enough, since an organization's id is compared alike for all of them
			}
			for _, id := range resembling(s, s.Organization(t.Organization)) {
				cell := oracle.Does("caller", o, t.Name).In("something like " + t.Organization)
				refusals = append(refusals, cellRefusal(s, cell, id, 404))
			}
		}
		return refusals
	}
	refuse := w.RefuseBetween
	if o == requirement.DeleteTrack { // its own events would cover up those of refused ones
		refuse = w.Refuse
	}
	if err := refuse(ctx, refused); err != nil {
		return err
	}
	for _, cell := range granted {
		if err := w.Perform(ctx, cell); err != nil {
			return err
		}
	}
	return w.Verify(ctx)
}

// matrixCells are the requests of the caller for every track under every path.
func matrixCells(scene provision.Request, o requirement.Operation) []oracle.Action {
	var cells []oracle.Action
	for _, organization := range scene.Organizations {
		for _, t := range scene.Tracks {
			cells = append(cells, oracle.Does("caller", o, t.Name).In(organization.Name))
			if o == requirement.ListSavedTracks {
				cells[len(cells)-1].Track = ""
				break
			}
		}
	}
	return cells
}

func cellRefusal(s *provision.Scene, cell oracle.Action, organization string, status int) oracle.Refusal {
	track := ""
	if cell.Track != "" {
		track = s.Track(cell.Track)
	}
	return oracle.Refusal{
		Name:    fmt.Sprintf("the request by which %s", cell),
		Request: oracle.NewRequest(cell.Operation, s.User(cell.As), organization, track),
		Expect:  oracle.WantError(status),
	}
}

// resembling are ids that merely resemble that of an organization.
func resembling(s *provision.Scene, id string) []string {
	ids := []string{id + "x", id[:len(id)-1], swapCase(id), " " + id, id + " ", "*", id + "*", id[:(len(id)+1)/2]}
	return slices.DeleteFunc(ids, func(like string) bool {
		return hasOrganization(s, like) || strings.TrimSpace(like) == "" || strings.Trim(like, ".") == ""
	})
}

// hasOrganization reports whether a text is the id of an organization of the scene.
func hasOrganization(s *provision.Scene, text string) bool {
	for _, o := range s.Organizations {
		if o.ID == text {
			return true
		}
	}
	return false
}
