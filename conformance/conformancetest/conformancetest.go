// Package conformancetest runs the conformance suite with go test: one subtest for each case.
//
//	func TestConformance(t *testing.T) {
//		conformancetest.Handler(t, api, provisioner)
//	}
//
// To run one case: go test -run 'TestConformance/delete-track/creator-gets-200$'. The -parallel
// flag of go test sets how many cases run at once.
//
// It is for the tests of an implementation, in Go with [Handler] or elsewhere with [Run]. It
// imports package conformance and those of its data.
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
	"github.com/seed-5ec2a705/mtrack/openapi/plain"
)

// Run checks a target. It fails t if the run cannot start; each case that fails or cannot be
// carried out fails its subtest, and each skipped case skips it with the reason. A broken SHOULD is
// logged, unless [conformance.WithStrict] is among the options. [conformance.WithParallel] has no
// effect.
//
// The report of the runner is complete when the parallel subtests have ended: ask for it in
// t.Cleanup.
func Run(t *testing.T, target conformance.Target, options ...conformance.Option) *conformance.Runner {
	t.Helper()
	replay := conformance.WithReplay(func(id string, _ uint64, _ requirement.Profile) string {
		return fmt.Sprintf("go test -run '^%s$/^%s$'", t.Name(), strings.ReplaceAll(id, "/", "$/^"))
	})
	runner, err := conformance.NewRunner(t.Context(), target, append([]conformance.Option{replay}, options...)...)
	if err != nil {
		t.Fatalf("the suite was not run: %s", plain.Text(err.Error()))
	}
	// Parallel subtests begin when the function that started them returns. Cases that measure time
	// run before that, one by one.
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

// Handler checks an implementation in Go: the handler of its API, and that of its provisioner,
// which speaks the provisioning protocol over HTTP. It serves each on a port of the loopback
// address.
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

// runCase runs a case as the test t.
func runCase(t *testing.T, runner *conformance.Runner, c conformance.Case) {
	r, done := runner.Run(t.Context(), c.ID)
	if !done {
		t.Fatal("interrupted")
	}
	switch r.Outcome {
	case report.Failed, report.Errored:
		t.Error(plain.Text(describe(r)))
	case report.Warning, report.KnownFailing:
		t.Log(plain.Text(describe(r)))
	case report.Skipped:
		t.Skip(plain.Text(r.Reason))
	}
}

// describe says what went wrong, with the evidence.
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
