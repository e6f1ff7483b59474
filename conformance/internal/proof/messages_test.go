package proof

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/cases"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/faulty"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/runner"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/report"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
	"github.com/seed-5ec2a705/mtrack/conformance/testenv"
)

// TestProofMessages holds a run to its messages, for which a slow provisioner takes its time: the
// whole of it, or in an ordinary test run that of the delete profile with histories. It logs how
// many there are.
func TestProofMessages(t *testing.T) {
	testenv.Slow(t)
	profile, most, mostOneEach := requirement.ProfileFull, 800, 1500
	if os.Getenv("MTRACK_PROOF") == "" {
		profile, most, mostOneEach = requirement.ProfileDelete, 450, 950
	}
	for name, row := range map[string]struct {
		without provision.Feature
		most    int
	}{
		"with histories":    {"", most},
		"without histories": {provision.FeatureHistories, mostOneEach},
	} {
		if os.Getenv("MTRACK_PROOF") == "" && row.without != "" {
			continue // it takes its time: left to the proof
		}
		t.Run(name, func(t *testing.T) {
			server := faulty.New()
			running, err := server.Start()
			if err != nil {
				t.Fatal(err)
			}
			defer running.Close()
			features := slices.DeleteFunc(provision.Features(), func(f provision.Feature) bool { return f == row.without })
			var messages atomic.Int64
			provisioner := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				messages.Add(1)
				if r.URL.Path == "/capabilities" {
					json.NewEncoder(w).Encode(map[string]any{"protocol": 1, "features": features})
					return
				}
				server.Provisioner().ServeHTTP(w, r)
			}))
			defer provisioner.Close()
			p, err := provision.HTTP(provisioner.URL, 0, nil)
			if err != nil {
				t.Fatal(err)
			}
			config := runner.Config{
				Profile: profile, Strict: true, Seed: 1, Parallel: 8, Timeout: 30 * time.Second,
			}
			r, err := runner.New(t.Context(), cases.Music(), runner.Target{URL: running.API, Provisioner: p}, config)
			if err != nil {
				t.Fatal(err)
			}
			r.RunAll(t.Context())
			for _, c := range r.Report().Cases {
				if c.Outcome != report.Passed {
					t.Errorf("%s: %s: %s", c.ID, c.Outcome, c.Reason)
				}
			}
			n := int(messages.Load())
			t.Logf("%d messages, of which %d for scenes", n, r.Report().Provisioner.Scenes)
			if n > row.most {
				t.Errorf("%d messages to the provisioner, want %d at most", n, row.most)
			}
		})
	}
}
