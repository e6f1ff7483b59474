// Package conformancetest runs the conformance suite with go test: one subtest for each case.
//
//	func TestConformance(t *testing.T) {
//		conformancetest.Handler(t, api, provisioner)
//	}
//
// Run one case with `go test -run 'TestConformance/delete-track/creator-gets-200$'`. The number of cases at once is that of
// go test: -parallel.
package conformancetest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/seed-5ec2a705/mtrack/conformance"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/report"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// Run checks a target. What keeps the run from starting fails t; failed cases and errors fail their subtests; skipped cases
// skip them, with the reason. A broken SHOULD is logged, unless conformance.WithStrict is among the options.
//
// The runner is returned for its report, which is complete once the parallel subtests are done: ask for it in t.Cleanup.
// conformance.WithParallel has no effect here.
func Run(t *testing.T, target conformance.Target, options ...conformance.Option) *conformance.Runner {
	t.Helper()
	replay := conformance.WithReplay(func(id string, _ uint64, _ requirement.Profile) string {
		return fmt.Sprintf("go test -run '^%s$/^%s$'", t.Name(), strings.ReplaceAll(id, "/", "$/^"))
	})
	runner, err := conformance.NewRunner(t.Context(), target, append([]conformance.Option{replay}, options...)...)
	if err != nil {
		t.Fatalf("the suite was not run: %v", err)
	}
	// Parallel subtests wait until the function that started them returns, so those that measure time run before them,
	// one after the other, and with nothing beside them.
	for _, c := range runner.Cases() {
		if c.Alone {
			t.Run(c.ID, func(t *testing.T) { runCase(t, runner, c) })
		}
	}
	for _, first := range []bool{true, false} {
		for _, c := range runner.Cases() {
			if !c.Alone && c.Slow == first {
				t.Run(c.ID, func(t *testing.T) {
					t.Parallel()
					runCase(t, runner, c)
				})
			}
		}
	}
	return runner
}

// Handler checks an implementation in Go that is there as two handlers: the API's, and that of its provisioner, which
// speaks the HTTP transport of the provisioning protocol. Each is served on a port of its own of the loopback address.
func Handler(t *testing.T, api, provisioner http.Handler, options ...conformance.Option) *conformance.Runner {
	t.Helper()
	apiServer := httptest.NewServer(api)
	t.Cleanup(apiServer.Close)
	provisionServer := httptest.NewServer(provisioner)
	t.Cleanup(provisionServer.Close)
	p, err := provision.HTTP(provisionServer.URL, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	return Run(t, conformance.Target{URL: apiServer.URL, Provisioner: p}, options...)
}

// runCase runs a case as the test that t is.
func runCase(t *testing.T, runner *conformance.Runner, c conformance.Case) {
	r, done := runner.Run(t.Context(), c.ID)
	if !done {
		t.Fatal("interrupted")
	}
	switch r.Outcome {
	case report.Failed, report.Errored:
		t.Error(describe(r))
	case report.Warning, report.KnownFailing:
		t.Log(describe(r))
	case report.Skipped:
		t.Skip(r.Reason)
	}
}

// describe tells what went wrong, with what was exchanged.
func describe(r report.Case) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", r.Outcome, r.Title)
	if r.Expected != "" {
		fmt.Fprintf(&b, "expected: %s\ngot:      %s\n", r.Expected, r.Actual)
	} else {
		fmt.Fprintln(&b, r.Reason)
	}
	if r.KnownReason != "" {
		fmt.Fprintf(&b, "known:    %s\n", r.KnownReason)
	}
	fmt.Fprintf(&b, "requires: %s (%s)\n", requirement.JoinIDs(r.Requirements), r.Level)
	for _, e := range r.Exchanges {
		if e.Evidence {
			fmt.Fprintf(&b, "  %s\n  → %d %s\n", e.Curl, e.Status, e.ResponseBody)
		}
	}
	fmt.Fprintf(&b, "replay:   %s", r.Replay)
	return b.String()
}
