package proof

import (
	"strings"
	"testing"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/runner"
	"github.com/seed-5ec2a705/mtrack/conformance/report"
	"github.com/seed-5ec2a705/mtrack/conformance/testenv"
)

// TestFailingWalksAreShrunk runs walks against faults that need a sequence to show, and wants to
// see little more than that.
func TestFailingWalksAreShrunk(t *testing.T) {
	testenv.Slow(t)
	for fault, most := range map[string]int{
		"repeat-200":       2, // delete, delete
		"repeat-third-200": 3,
		"repeat-403":       2,
	} {
		t.Run(fault, func(t *testing.T) {
			shortest, failed := 1<<10, 0
			for seed := range uint64(6) {

				result := runAgainst(t, named(t, fault), casesOf(t, "sequence/**"), runner.Config{Seed: seed, Shrinking: time.Minute}) // the attempts alone bound it
				for _, c := range result.Cases {
					switch c.Outcome {
					case report.Passed:
						continue
					case report.Failed:
						failed++
					default:
						t.Fatalf("%s: %s %s", c.ID, c.Outcome, c.Reason)
					}
					shown := c.Evidence()
					shortest = min(shortest, len(shown))
					if last := shown[len(shown)-1]; last.Method != "DELETE" || !strings.HasPrefix(last.Curl, "curl") {
						t.Errorf("the sequence ends with %s", last.Curl)
					}
					if len(shown) > most {
						t.Errorf("%s with seed %d shows %d requests, want at most %d:\n%s", c.ID, seed, len(shown), most, c.Expected)
					}
				}
				if failed > 1 {
					break
				}
			}
			if failed == 0 {
				t.Error("no walk failed")
			}
		})
	}
}
