package conformancetest_test

import (
	"net/http"
	"testing"

	"github.com/seed-5ec2a705/mtrack/conformance"
	"github.com/seed-5ec2a705/mtrack/conformance/conformancetest"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// An implementation in Go, as two handlers: the API, and the provisioner that makes what the suite
// asks for. It needs the t of a test, so go test compiles it without running it; the tests
// of this package run the same call.
func ExampleHandler() {
	var t *testing.T // of func TestConformance(t *testing.T)
	var api, provisioner http.Handler

	runner := conformancetest.Handler(t, api, provisioner, conformance.WithStrict(true))
	t.Cleanup(func() { t.Log(runner.Report().Verdict) })
}

// An implementation that runs elsewhere, with a provisioner that is a command. It serves the
// documentation page alone. Like ExampleHandler it is compiled and not run.
func ExampleRun() {
	var t *testing.T // of func TestConformance(t *testing.T)

	provisioner, err := provision.Command("python3 provisioner.py", 0)
	if err != nil {
		t.Fatal(err)
	}
	target := conformance.Target{URL: "http://127.0.0.1:8080", Provisioner: provisioner}
	conformancetest.Run(t, target, conformance.WithProfile(requirement.ProfileDelete))
}
