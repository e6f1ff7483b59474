package explore

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/oracle"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// TestWalksReachEverything makes sure that chance is bent enough: every status of every operation,
// repeats, windows beyond the end, and tracks that were deleted long before.
func TestWalksReachEverything(t *testing.T) {
	mix := append(requirement.Operations(), "")
	seen := map[string]int{}
	const walks = 40
	for seed := range uint64(walks) {
		rng := rand.New(rand.NewPCG(seed, 0))
		actions := randomActions(rng, SceneSequence, mix, WalkSteps)
		if len(actions) != WalkSteps {
			t.Fatalf("%d actions, want %d", len(actions), WalkSteps)
		}
		m := oracle.NewModel(SceneSequence)
		for i, a := range slices.Concat(actions, closingActions(rng, SceneSequence, mix)) {
			outcome := m.Apply(a)
			what := string(a.Operation) + " " + outcome.Describe(a)
			if a.Operation == requirement.ListSavedTracks && outcome.Status == 200 {
				what = "list"
				if a.Query != (oracle.LibraryQuery{}) && len(outcome.Items) == 0 {
					what = "list beyond the end"
				}
			}
			if a.Operation == "" {
				what = "history"
				if outcome.DeletedBy != "" {
					what = "history of a deleted track"
				}
			}
			seen[what]++
			if i > 0 && i < len(actions) && a == actions[i-1] {
				seen["repeat"]++
			}
		}
	}
	for _, what := range []string{
		"deleteTrack 200", "deleteTrack 401", "deleteTrack 403", "deleteTrack 404", "getTrack 200", "getTrack 401", "getTrack 404",
		"unsaveTrack 200", "unsaveTrack 401", "unsaveTrack 404", "listSavedTracks 401", "listSavedTracks 404",
		"list", "list beyond the end", "history", "history of a deleted track", "repeat",
	} {
		if seen[what] < walks/8 {
			t.Errorf("%q only %d times in %d walks", what, seen[what], walks)
		}
	}
}

func TestWalksAreTheSameForTheSameSeed(t *testing.T) {
	draw := func(seed uint64) []oracle.Action {
		return randomActions(rand.New(rand.NewPCG(seed, 7)), SceneSequence, requirement.Operations(), WalkSteps)
	}
	if !slices.Equal(draw(1), draw(1)) {
		t.Error("the same seed drew another sequence")
	}
	if slices.Equal(draw(1), draw(2)) {
		t.Error("another seed drew the same sequence")
	}
}

// TestClosingActionsWithoutReadsTellLiveFromDeleted is about a target that serves deletes alone.
func TestClosingActionsWithoutReadsTellLiveFromDeleted(t *testing.T) {
	closing := closingActions(rand.New(rand.NewPCG(1, 1)), SceneSequence, []requirement.Operation{requirement.DeleteTrack})
	m := oracle.NewModel(SceneSequence)
	for _, a := range closing {
		if a.Operation != requirement.DeleteTrack {
			t.Errorf("%s is not served", a)
		}
		if outcome := m.Apply(a); outcome.Status == 200 {
			t.Errorf("%s would change something", a)
		}
	}
	if len(closing) < 6 {
		t.Errorf("%d actions", len(closing))
	}
}

func TestSequenceFailureReadsByItself(t *testing.T) {
	m := &mismatch{
		done: []oracle.Action{
			{Operation: requirement.DeleteTrack, As: "ann", Organization: "home", Track: "a1"},
			{
				Operation:    requirement.ListSavedTracks,
				As:           "ben",
				Organization: "home",
				Query:        oracle.LibraryQuery{Limit: 2},
			},
		},
		expected: "200 with b1", actual: "200 with a1, b1",
	}
	want := "200 with b1 when ben lists home with limit=2, as the last of 2 actions (the shortest failing part of 50):\n" +
		"1. ann deletes a1 in home\n2. ben lists home with limit=2"
	if failure := m.failure(50).(*suite.Failure); failure.Expected != want || failure.Actual != "200 with a1, b1" {
		t.Errorf("%s\ngot %s", failure.Expected, failure.Actual)
	}
}
