package cases

import (
	"fmt"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/explore"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// sequenceWalks is how many random walks there are. Each draws its own from the seed of the run.
const sequenceWalks = 4

// sequenceCases are random sequences of requests by several actors, compared with the model answer by answer.
func sequenceCases() []suite.Case {
	var cases []suite.Case
	for n := range sequenceWalks {
		cases = append(cases, suite.Case{
			ID:        fmt.Sprintf("sequence/random-walk-%d", n+1),
			Title:     "Random requests of several actors, one after another, come out as the contract has it",
			Operation: requirement.DeleteTrack,
			Requirements: []string{
				"access.matrix", "delete.leaves-every-library", "delete.gone-for-everybody", "delete.stays-deleted", "delete.nothing-else",
				"delete.repeat-is-404", "delete.refused-changes-nothing",
			},
			Scene: explore.SceneSequence,
			Sends: fmt.Sprintf("%d random requests of five actors about nine tracks in two organizations, many of them twice, "+
				"and at the end a look at every library, track and history.", explore.WalkSteps),
			Expects: "Each answer to be what a small model of the contract gives. A sequence that is answered otherwise is " +
				"shortened, on new scenes, as far as it still fails.",
			Run: explore.RandomWalk,
		})
	}
	return cases
}
