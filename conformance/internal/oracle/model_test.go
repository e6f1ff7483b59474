package oracle

import (
	"slices"
	"testing"

	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// TestModelKeepsTheContract holds the model to the documentation row by row: the rest of the
// sequences trusts it.
func TestModelKeepsTheContract(t *testing.T) {
	scene := provision.Request{
		Organizations: []provision.OrganizationRequest{{Name: "home"}, {Name: "abroad"}},
		Users: []provision.UserRequest{
			{Name: "creator", MemberOf: []string{"home"}},
			{Name: "saver", MemberOf: []string{"home"}},
			{Name: "member", MemberOf: []string{"home"}},
			{Name: "leaver"},
			{Name: "outsider", MemberOf: []string{"abroad"}},
			{Name: "traveller", MemberOf: []string{"home", "abroad"}},
		},
		Tracks: []provision.TrackRequest{
			{
				Name:         "song",
				Organization: "home",
				Creator:      "creator",
				SavedBy:      []string{"creator", "saver"},
				Engine:       "studio",
				Mode:         "creation",
			},
			{
				Name:         "other",
				Organization: "home",
				Creator:      "creator",
				SavedBy:      []string{"saver", "creator"},
				Engine:       "draft",
				Mode:         "focus",
			},
			{
				Name:         "third",
				Organization: "home",
				Creator:      "saver",
				SavedBy:      []string{"creator"},
				Engine:       "studio",
				Mode:         "focus",
			},
			{
				Name:         "left",
				Organization: "home",
				Creator:      "leaver",
				SavedBy:      []string{"leaver", "saver"},
				Engine:       "studio",
				Mode:         "creation",
			},
			{
				Name:         "far",
				Organization: "abroad",
				Creator:      "traveller",
				SavedBy:      []string{"traveller", "outsider"},
				Engine:       "studio",
				Mode:         "creation",
			},
		},
	}
	all := LibraryQuery{}
	steps := []struct {
		operation               requirement.Operation
		as, organization, track string
		query                   LibraryQuery
		want                    int
		items                   []string
	}{
		{requirement.DeleteTrack, "", "home", "song", all, 401, nil},
		{requirement.ListSavedTracks, "", "home", "", all, 401, nil},
		{requirement.DeleteTrack, "saver", "home", "song", all, 403, nil},
		{requirement.DeleteTrack, "member", "home", "song", all, 404, nil},
		{requirement.DeleteTrack, "outsider", "home", "song", all, 404, nil},
		{requirement.DeleteTrack, "leaver", "home", "left", all, 404, nil},
		{requirement.DeleteTrack, "traveller", "home", "far", all, 404, nil},
		{requirement.GetTrack, "traveller", "home", "song", all, 404, nil},
		{requirement.GetTrack, "saver", "home", "song", all, 200, nil},
		{requirement.ListSavedTracks, "creator", "home", "", all, 200, []string{"third", "other", "song"}},
		{
			requirement.ListSavedTracks,
			"creator",
			"home",
			"",
			LibraryQuery{Mode: "focus"},
			200,
			[]string{"third", "other"},
		},
		{
			requirement.ListSavedTracks,
			"creator",
			"home",
			"",
			LibraryQuery{Mode: "focus", Engine: "studio"},
			200,
			[]string{"third"},
		},
		{requirement.ListSavedTracks, "creator", "home", "", LibraryQuery{Limit: 1, Offset: 1}, 200, []string{"other"}},
		{requirement.ListSavedTracks, "creator", "home", "", LibraryQuery{Limit: 9, Offset: 2}, 200, []string{"song"}},
		{requirement.ListSavedTracks, "creator", "home", "", LibraryQuery{Offset: 9}, 200, nil},
		{requirement.ListSavedTracks, "creator", "abroad", "", all, 404, nil},
		{requirement.ListSavedTracks, "traveller", "home", "", all, 200, nil},
		{requirement.UnsaveTrack, "creator", "home", "song", all, 200, nil},
		{requirement.UnsaveTrack, "creator", "home", "song", all, 200, nil},
		{requirement.UnsaveTrack, "creator", "home", "third", all, 200, nil},
		{requirement.UnsaveTrack, "creator", "home", "third", all, 404, nil},
		{requirement.GetTrack, "creator", "home", "third", all, 404, nil},
		{requirement.GetTrack, "creator", "home", "song", all, 200, nil},
		{requirement.DeleteTrack, "creator", "home", "song", all, 200, nil},
		{requirement.DeleteTrack, "creator", "home", "song", all, 404, nil},
		{requirement.DeleteTrack, "saver", "home", "song", all, 404, nil},
		{requirement.UnsaveTrack, "saver", "home", "song", all, 404, nil},
		{requirement.ListSavedTracks, "saver", "home", "", all, 200, []string{"left", "other"}},
		{requirement.DeleteTrack, "traveller", "abroad", "far", all, 200, nil},
		{requirement.ListSavedTracks, "outsider", "abroad", "", all, 200, nil},
	}
	m := NewModel(scene)
	for _, step := range steps {
		a := Action{
			Operation:    step.operation,
			As:           step.as,
			Organization: step.organization,
			Track:        step.track,
			Query:        step.query,
		}
		got := m.Apply(a)
		if got.Status != step.want || !slices.Equal(got.Items, step.items) {
			t.Errorf("%s: %s, want %s", a, got.Describe(a), Expectation{Status: step.want, Items: step.items}.Describe(a))
		}
	}
	for track, by := range map[string]string{"song": "creator", "far": "traveller", "other": ""} {
		if got := m.Apply(Action{Track: track}).DeletedBy; got != by {
			t.Errorf("%s was deleted by %q, want %q", track, got, by)
		}
	}
}

// Keys that are revoked, memberships that end and saves of their own are part of the model.
func TestModelOfOptionalParts(t *testing.T) {
	m := NewModel(provision.Request{
		Users: []provision.UserRequest{{Name: "ann", MemberOf: []string{"home", "abroad"}}, {Name: "ben", MemberOf: []string{"home"}}},
		Tracks: []provision.TrackRequest{
			{Name: "one", Organization: "home", Creator: "ann", SavedBy: []string{"ben"}},
			{Name: "two", Organization: "home", Creator: "ann"},
		},
		Saves: []provision.SaveRequest{{User: "ann", Track: "two"}, {User: "ben", Track: "two"}, {User: "ann", Track: "one"}},
	})
	for as, want := range map[string]string{"ann": "one, two", "ben": "two, one"} {
		if got := NameList(m.Apply(Lists(as)).Items); got != want {
			t.Errorf("%s has %s, want %s", as, got, want)
		}
	}
	m.EndMembership("ann", "home")
	m.RevokeKey("ben")
	for _, row := range []struct {
		action Action
		want   int
	}{
		{Gets("ann", "one"), 404}, {Deletes("ann", "one"), 404}, {Lists("ann"), 404}, {Lists("ann").In("abroad"), 200},
		{Gets("ben", "one"), 401}, {Lists("ben"), 401}, {Unsaves("ben", "one"), 401},
	} {
		if got := m.Apply(row.action).Status; got != row.want {
			t.Errorf("%s: %d, want %d", row.action, got, row.want)
		}
	}
}
