package proof

import (
	"os"
	"testing"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/runner"
	"github.com/seed-5ec2a705/mtrack/conformance/report"
	"github.com/seed-5ec2a705/mtrack/conformance/testenv"
)

// TestRecycledWorkersFailNothing runs against a correct server that drops connections before a byte
// of a response: ten times with MTRACK_PROOF=full, and otherwise some cases twice.
func TestRecycledWorkersFailNothing(t *testing.T) {
	testenv.Slow(t)
	runs, listed := 2, casesOf(t, "delete-track/*200", "delete-track/connection*", "concurrency/*")
	if os.Getenv("MTRACK_PROOF") == "full" {
		runs, listed = 10, casesOf(t, "**")
	}
	for seed := range runs {
		result := runAgainst(t, named(t, "recycling-workers"), listed, runner.Config{Seed: uint64(seed + 1), Strict: true})
		for _, c := range result.Cases {
			if c.Outcome != report.Passed {
				t.Errorf("run %d: %s: %s %s", seed+1, c.ID, c.Outcome, c.Reason)
			}
		}
		if result.Repeated == 0 {
			t.Errorf("run %d: no connection was dropped", seed+1)
		}
		t.Logf("run %d: %d requests were sent again, %.1f s", seed+1, result.Repeated, result.Seconds)
	}
}
