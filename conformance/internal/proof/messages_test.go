package proof

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
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

// The most messages of a whole run, which is paid for in time where a provisioner is slow: with
// histories in one message, and without.
const (
	mostMessages        = 800
	mostMessagesOneEach = 1500
)

// TestMessagesOfARun holds a whole run to its messages, and logs how many it sends.
func TestMessagesOfARun(t *testing.T) {
	testenv.Slow(t)
	for name, row := range map[string]struct {
		without provision.Feature
		most    int
	}{
		"with histories":    {"", mostMessages},
		"without histories": {provision.FeatureHistories, mostMessagesOneEach},
	} {
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
				Profile: requirement.ProfileFull, Strict: true, Seed: 1, Parallel: 8, Timeout: 30 * time.Second,
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
