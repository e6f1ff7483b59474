package cases

import (
	"fmt"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/explore"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// walks are the slugs of the random walks. Each draws its own requests from the seed of the run.
var walks = []string{"random-walk-1", "random-walk-2", "random-walk-3", "random-walk-4"}

// sequenceCases are random sequences of requests by several actors. Each response is compared with
// the model's.
func sequenceCases() []suite.Case {
	var cases []suite.Case
	for _, slug := range walks {
		cases = append(cases, suite.Case{
			Area: sequence, Slug: slug,
			Title:     "Random requests of several users, one after another, get the responses of the contract",
			Operation: requirement.DeleteTrack,
			Requirements: []requirement.ID{
				requirement.AccessMatrix,
				requirement.DeleteLeavesEveryLibrary,
				requirement.DeleteGoneForEverybody,
				requirement.DeleteStaysDeleted,
				requirement.DeleteNothingElse,
				requirement.DeleteRepeatIs404,
				requirement.DeleteRefusedChangesNothing,
			},
			Scene: explore.SceneSequence,
			Sends: fmt.Sprintf("%d random requests of five actors about nine tracks in two organizations, many of them twice, "+
				"and finally a look at every library, track and history.", explore.WalkSteps),
			Expects: "To each the response that a small model of the contract gives. A sequence that gets another one is " +
				"shortened, on new scenes, for as long as it still fails.",
			Run: explore.RandomWalk,
		})
	}
	return cases
}
