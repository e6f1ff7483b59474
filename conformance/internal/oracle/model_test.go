package conformance

import (
	"slices"
	"testing"
)

// TestModelKeepsTheContract holds the model to the documentation row by row: the rest of the sequences trusts it.
func TestModelKeepsTheContract(t *testing.T) {
	scene := SceneRequest{
		Organizations: []OrganizationRequest{{Name: "home"}, {Name: "abroad"}},
		Users: []UserRequest{
			{Name: "creator", MemberOf: []string{"home"}},
			{Name: "saver", MemberOf: []string{"home"}},
			{Name: "member", MemberOf: []string{"home"}},
			{Name: "leaver"},
			{Name: "outsider", MemberOf: []string{"abroad"}},
			{Name: "traveller", MemberOf: []string{"home", "abroad"}},
		},
		Tracks: []TrackRequest{
			{Name: "song", Organization: "home", Creator: "creator", SavedBy: []string{"creator", "saver"}, Engine: "studio", Mode: "creation"},
			{Name: "other", Organization: "home", Creator: "creator", SavedBy: []string{"saver", "creator"}, Engine: "draft", Mode: "focus"},
			{Name: "third", Organization: "home", Creator: "saver", SavedBy: []string{"creator"}, Engine: "studio", Mode: "focus"},
			{Name: "left", Organization: "home", Creator: "leaver", SavedBy: []string{"leaver", "saver"}, Engine: "studio", Mode: "creation"},
			{Name: "far", Organization: "abroad", Creator: "traveller", SavedBy: []string{"traveller", "outsider"}, Engine: "studio", Mode: "creation"},
		},
	}
	all := libraryQuery{}
	steps := []struct {
		operation               Operation
		as, organization, track string
		query                   libraryQuery
		want                    int
		items                   []string
	}{
		{DeleteTrack, "", "home", "song", all, 401, nil},
		{ListSavedTracks, "", "home", "", all, 401, nil},
		{DeleteTrack, "saver", "home", "song", all, 403, nil},
		{DeleteTrack, "member", "home", "song", all, 404, nil},
		{DeleteTrack, "outsider", "home", "song", all, 404, nil},
		{DeleteTrack, "leaver", "home", "left", all, 404, nil},
		{DeleteTrack, "traveller", "home", "far", all, 404, nil},
		{GetTrack, "traveller", "home", "song", all, 404, nil},
		{GetTrack, "saver", "home", "song", all, 200, nil},
		{ListSavedTracks, "creator", "home", "", all, 200, []string{"third", "other", "song"}},
		{ListSavedTracks, "creator", "home", "", libraryQuery{mode: "focus"}, 200, []string{"third", "other"}},
		{ListSavedTracks, "creator", "home", "", libraryQuery{mode: "focus", engine: "studio"}, 200, []string{"third"}},
		{ListSavedTracks, "creator", "home", "", libraryQuery{limit: 1, offset: 1}, 200, []string{"other"}},
		{ListSavedTracks, "creator", "home", "", libraryQuery{limit: 9, offset: 2}, 200, []string{"song"}},
		{ListSavedTracks, "creator", "home", "", libraryQuery{offset: 9}, 200, nil},
		{ListSavedTracks, "creator", "abroad", "", all, 404, nil},
		{ListSavedTracks, "traveller", "home", "", all, 200, nil},
		{UnsaveTrack, "creator", "home", "song", all, 200, nil},
		{UnsaveTrack, "creator", "home", "song", all, 200, nil},
		{UnsaveTrack, "creator", "home", "third", all, 200, nil},
		{UnsaveTrack, "creator", "home", "third", all, 404, nil},
		{GetTrack, "creator", "home", "third", all, 404, nil},
		{GetTrack, "creator", "home", "song", all, 200, nil},
		{DeleteTrack, "creator", "home", "song", all, 200, nil},
		{DeleteTrack, "creator", "home", "song", all, 404, nil},
		{DeleteTrack, "saver", "home", "song", all, 404, nil},
		{UnsaveTrack, "saver", "home", "song", all, 404, nil},
		{ListSavedTracks, "saver", "home", "", all, 200, []string{"left", "other"}},
		{DeleteTrack, "traveller", "abroad", "far", all, 200, nil},
		{ListSavedTracks, "outsider", "abroad", "", all, 200, nil},
	}
	m := newModel(scene)
	for _, step := range steps {
		a := action{operation: step.operation, as: step.as, organization: step.organization, track: step.track, query: step.query}
		got := m.do(a)
		if got.status != step.want || !slices.Equal(got.items, step.items) {
			t.Errorf("%s: %s, want %s", a, got.describe(a), outcome{status: step.want, items: step.items}.describe(a))
		}
	}
	for track, by := range map[string]string{"song": "creator", "far": "traveller", "other": ""} {
		if got := m.do(action{track: track}).deletedBy; got != by {
			t.Errorf("%s was deleted by %q, want %q", track, got, by)
		}
	}
}
