package explore

import (
	"context"
	"math/rand/v2"
	"slices"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/oracle"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// SceneSequence is the scene of walks and of concurrent histories. It has every relation between a
// user and a track: created and saved, created only, saved only, neither, left the organization,
// member of both.
var SceneSequence = provision.Request{
	Organizations: []provision.OrganizationRequest{{Name: "home"}, {Name: "abroad"}},
	Users: []provision.UserRequest{
		{Name: "ann", MemberOf: []string{"home"}},
		{Name: "ben", MemberOf: []string{"home", "abroad"}},
		{Name: "cai", MemberOf: []string{"home"}},
		{Name: "dot", MemberOf: []string{"abroad"}},
		{Name: "eve", MemberOf: []string{}},
	},
	Tracks: []provision.TrackRequest{
		{
			Name: "a1", Organization: "home", Creator: "ann", SavedBy: []string{"ann", "ben", "cai"},
			Title: "Late Night Drive", Engine: "studio", Mode: "creation",
		},
		{
			Name: "a2", Organization: "home", Creator: "ann", SavedBy: []string{"cai", "ann"},
			Title: "Breakwater", Engine: "draft", Mode: "focus",
		},
		{
			Name: "a3", Organization: "home", Creator: "ann", SavedBy: []string{"ben"},
			Title: "Northern Line", Engine: "studio", Mode: "focus",
		},
		{
			Name: "b1", Organization: "home", Creator: "ben", SavedBy: []string{"ben", "ann", "cai"},
			Title: "Breakwater", Engine: "studio", Mode: "creation",
		},
		{
			Name: "b2", Organization: "home", Creator: "ben", SavedBy: []string{},
			Title: "Unsaved", Engine: "studio", Mode: "creation",
		},
		{
			Name: "c1", Organization: "home", Creator: "cai", SavedBy: []string{"ann", "ben", "cai"},
			Title: "Étude", Engine: "draft", Mode: "creation",
		},
		{
			Name: "e1", Organization: "home", Creator: "eve", SavedBy: []string{"eve", "ann", "ben"},
			Title: "Aftermath", Engine: "studio", Mode: "creation",
		},
		{
			Name: "x1", Organization: "abroad", Creator: "ben", SavedBy: []string{"ben", "dot", "ann"},
			Title: "Late Night Drive", Engine: "studio", Mode: "creation",
		},
		{
			Name: "x2", Organization: "abroad", Creator: "dot", SavedBy: []string{"dot", "ben"},
			Title: "Over the Border", Engine: "studio", Mode: "focus",
		},
	},
}

// actionMix lists what a sequence may consist of: the operations that the target serves, and "" for
// readings of the history if those are possible.
func actionMix(ctx context.Context, c *suite.Client) []requirement.Operation {
	var mix []requirement.Operation
	for _, o := range requirement.Operations() {
		if c.Serves(ctx, o) {
			mix = append(mix, o)
		}
	}
	if c.SeesHistories() {
		mix = append(mix, "")
	}
	return mix
}

// randomActions draws n actions. Those that implementations get wrong are more likely: deletes by
// the creator, the track of the action before, the same request again, another actor reading what
// has just changed.
func randomActions(rng *rand.Rand, scene provision.Request, mix []requirement.Operation, n int) []oracle.Action {
	m := oracle.NewModel(scene)
	var actions []oracle.Action
	for len(actions) < n {
		var a oracle.Action
		last := oracle.Action{}
		if len(actions) > 0 {
			last = actions[len(actions)-1]
		}
		if last.Operation != "" && rng.IntN(8) == 0 {
			a = last // the same again
		} else {
			a = randomAction(rng, scene, mix, last.Track)
		}
		actions = append(actions, a)
		changes := a.Operation == requirement.DeleteTrack || a.Operation == requirement.UnsaveTrack
		if m.Apply(a).Status == 200 && changes && rng.IntN(2) == 0 && len(actions) < n {
			witness := randomAction(rng, scene, mix, a.Track)
			witness.Track, witness.Organization = a.Track, a.Organization
			m.Apply(witness)
			actions = append(actions, witness)
		}
	}
	return actions
}

// randomAction draws one action. The track of the last action is more likely than others.
func randomAction(
	rng *rand.Rand, scene provision.Request, mix []requirement.Operation, lastTrack string,
) oracle.Action {
	a := oracle.Action{Operation: mix[rng.IntN(len(mix))]}
	t := scene.Tracks[rng.IntN(len(scene.Tracks))]
	isLast := func(t provision.TrackRequest) bool { return t.Name == lastTrack }
	if i := slices.IndexFunc(scene.Tracks, isLast); i >= 0 && rng.IntN(3) == 0 {
		t = scene.Tracks[i]
	}
	a.Track, a.Organization = t.Name, t.Organization
	if a.Operation == "" {
		return a
	}
	if rng.IntN(10) == 0 {
		a.Organization = scene.Organizations[rng.IntN(len(scene.Organizations))].Name
	}
	switch chance := rng.IntN(20); {
	case chance == 0: // a caller without a key
	case chance < 7:
		a.As = t.Creator
	case chance < 13 && len(t.SavedBy) > 0:
		a.As = t.SavedBy[rng.IntN(len(t.SavedBy))]
	default:
		a.As = scene.Users[rng.IntN(len(scene.Users))].Name
	}
	a.Bearer = a.As != "" && rng.IntN(5) == 0
	if a.Operation == requirement.ListSavedTracks {
		a.Track = ""
		if rng.IntN(2) == 0 {
			a.Query = randomQuery(rng)
		}
	}
	return a
}

// randomQuery draws the query of a list.
func randomQuery(rng *rand.Rand) oracle.LibraryQuery {
	var q oracle.LibraryQuery
	if rng.IntN(3) == 0 {
		q.Mode = []string{"creation", "focus"}[rng.IntN(2)]
	}
	if rng.IntN(3) == 0 {
		q.Engine = []string{"studio", "draft"}[rng.IntN(2)]
	}
	if rng.IntN(2) == 0 {
		q.Limit = 1 + rng.IntN(4)
	}
	q.Offset = rng.IntN(4)
	return q
}

// closingActions are the end of a walk: they read every library, every track as one of those who
// had access to it, and every history. If nothing can be read, a delete by somebody who only saved
// the track tells 403 from 404 and changes nothing.
func closingActions(rng *rand.Rand, scene provision.Request, mix []requirement.Operation) []oracle.Action {
	var closing []oracle.Action
	if slices.Contains(mix, requirement.ListSavedTracks) {
		for _, u := range scene.Users {
			for _, o := range u.MemberOf {
				list := oracle.Action{Operation: requirement.ListSavedTracks, As: u.Name, Organization: o}
				closing = append(closing, list)
			}
		}
	}
	for _, t := range scene.Tracks {
		var others []string
		for _, saver := range t.SavedBy {
			if saver != t.Creator {
				others = append(others, saver)
			}
		}
		a := oracle.Action{Track: t.Name, Organization: t.Organization}
		switch {
		case slices.Contains(mix, requirement.GetTrack):
			a.Operation, a.As = requirement.GetTrack, t.Creator
			if pick := rng.IntN(len(others) + 1); pick < len(others) {
				a.As = others[pick]
			}
			closing = append(closing, a)
		case len(others) > 0:
			a.Operation, a.As = requirement.DeleteTrack, others[rng.IntN(len(others))]
			closing = append(closing, a)
		}
	}
	if slices.Contains(mix, "") {
		for _, t := range scene.Tracks {
			closing = append(closing, oracle.Action{Track: t.Name, Organization: t.Organization})
		}
	}
	return closing
}
