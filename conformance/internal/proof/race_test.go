package proof

import (
	"cmp"
	"strings"
	"testing"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/cases"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/faulty"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/runner"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/report"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
	"github.com/seed-5ec2a705/mtrack/conformance/testenv"
)

// runAgainst runs cases against a server of the catalogue.
func runAgainst(t testing.TB, server *faulty.Server, listed []suite.Case, config runner.Config) *report.Report {
	t.Helper()
	config.Seed = cmp.Or(config.Seed, 1)
	result, err := proofRun(server, listed, config)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func named(t testing.TB, name string) *faulty.Server {
	t.Helper()
	server, err := faulty.Named(name)
	if err != nil {
		t.Fatal(err)
	}
	return server
}

// TestRacesAndSequencesPassTheCorrectServer logs what each costs: together they have 1.5 s of a
// run.
func TestRacesAndSequencesPassTheCorrectServer(t *testing.T) {
	testenv.Slow(t)
	listed := casesOf(t, "sequence/**", "concurrency/**")
	for _, profile := range requirement.Profiles() {
		result := runAgainst(t, faulty.New(), listed, runner.Config{Profile: profile, Parallel: 4})
		for _, c := range result.Cases {
			if c.Outcome != report.Passed {
				t.Errorf("profile %s: %s: %s %s", profile, c.ID, c.Outcome, c.Reason)
			}
			t.Logf("%s %s %.0f ms, %d requests", profile, c.ID, c.Seconds*1000, c.Requests)
		}
		t.Logf("%.0f ms", result.Seconds*1000)
	}
}

func TestRacesCatchFaults(t *testing.T) {
	testenv.Slow(t)
	for fault, id := range map[string]string{
		"delete-race-1ms":           "concurrency/one-delete-wins",
		"delete-race-20ms":          "concurrency/one-delete-wins",
		"delete-race-one-event":     "concurrency/one-delete-wins",
		"delete-race-none-wins":     "concurrency/one-delete-wins",
		"delete-race-500":           "concurrency/one-delete-wins",
		"delete-lost-update":        "concurrency/deletes-of-different-tracks",
		"track-of-other-request":    "concurrency/deletes-of-different-tracks",
		"answer-before-effect-20ms": "concurrency/deleted-is-not-seen-again",
		"get-cache-200ms":           "concurrency/deleted-is-not-seen-again",
		"list-cache-200ms":          "concurrency/deleted-is-not-seen-again",
		"access-cache-300ms":        "concurrency/deleted-is-not-seen-again",
		"replica-lag-150ms":         "concurrency/deleted-is-not-seen-again",
		"unsave-resurrects":         "concurrency/delete-beside-unsaves",
		"delete-undoes-unsaves":     "concurrency/delete-beside-unsaves",
		"unsave-lost-update":        "concurrency/unsaves-at-once",
		"caller-of-other-request":   "concurrency/requests-are-kept-apart",
		"trace-id-of-other-request": "concurrency/requests-are-kept-apart",
		"overload-500":              "concurrency/requests-are-kept-apart",
	} {
		t.Run(fault, func(t *testing.T) {
			result := runAgainst(t, named(t, fault), casesOf(t, id), runner.Config{})
			if result.Cases[0].Outcome != report.Failed {
				t.Fatalf("%s: %s %s", id, result.Cases[0].Outcome, result.Cases[0].Reason)
			}
			t.Log(result.Cases[0].Reason)
		})
	}
}

// TestLinearizableCatchesFaultsAndDrawsThem allows for chance: whether two requests meet is not in
// anybody's hands.
func TestLinearizableCatchesFaultsAndDrawsThem(t *testing.T) {
	testenv.Slow(t)
	for _, fault := range []string{"delete-race-20ms", "get-cache-200ms", "list-cache-200ms", "answer-before-effect-20ms"} {
		var c report.Case
		for seed := uint64(1); seed <= 5 && c.Outcome != report.Failed; seed++ {
			c = runAgainst(t, named(t, fault), casesOf(t, "concurrency/linearizable"), runner.Config{Seed: seed}).Cases[0]
		}
		if c.Outcome != report.Failed {
			t.Fatalf("%s: %s %s with each of five seeds", fault, c.Outcome, c.Reason)
		}
		if len(c.Attachments) != 1 || !strings.Contains(string(c.Attachments[0].Data), "<html") {
			t.Errorf("%s: no picture", fault)
		}
	}
}

// casesOf selects cases of the suite.
func casesOf(t testing.TB, globs ...string) []suite.Case {
	t.Helper()
	listed, err := runner.Select(cases.All(), requirement.ProfileFull, globs, nil)
	if err != nil {
		t.Fatal(err)
	}
	return listed
}
