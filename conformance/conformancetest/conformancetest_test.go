package conformancetest_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/seed-5ec2a705/mtrack/conformance"
	"github.com/seed-5ec2a705/mtrack/conformance/conformancetest"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/faulty"
	"github.com/seed-5ec2a705/mtrack/conformance/report"
	"github.com/seed-5ec2a705/mtrack/conformance/testenv"
)

// The areas that this package's own tests run: enough to have each outcome, and quick.
var few = conformance.WithRun("delete-track/**")

func TestHandlerPassesACorrectOne(t *testing.T) {
	server := faulty.New()
	runner := conformancetest.Handler(t, server.API(), server.Provisioner(), few, conformance.WithStrict(true))
	t.Cleanup(func() {
		result := runner.Report()
		if testing.Verbose() {
			t.Logf("%s, %v, in %.1f s", result.Verdict, result.Counts, result.Seconds)
		}
		if !t.Failed() && !t.Skipped() && len(result.Cases) == len(runner.Cases()) && result.Verdict != report.Conforming {
			t.Errorf("verdict %q of %v", result.Verdict, result.Counts)
		}
	})
}

// TestRunAsChild is what TestFaultFailsItsSubtest starts as a process of its own, as a failing test
// cannot be watched from within: a fault meets a case, which are given as FAULT=CASE. It does
// nothing unless it is told to.
func TestRunAsChild(t *testing.T) {
	name, id, told := strings.Cut(os.Getenv("MTRACK_CONFORMANCETEST_CHILD"), "=")
	if !told {
		return
	}
	server, err := faulty.Named(name)
	if err != nil {
		t.Fatal(err)
	}
	conformancetest.Handler(t, server.API(), server.Provisioner(), conformance.WithRun(id))
}

func TestFaultFailsItsSubtest(t *testing.T) {
	testenv.Slow(t)
	var fault faulty.Fault
	for _, f := range faulty.Faults() {
		if f.Area == faulty.Acknowledgement && !f.Advisory && len(f.DetectedBy) > 0 && strings.HasPrefix(f.DetectedBy[0], "delete-track/") {
			fault = f
			break
		}
	}
	if fault.Name == "" {
		t.Fatal("no fault of the acknowledgement in the catalogue")
	}
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=TestRunAsChild", "-test.v")
	child.Env = append(os.Environ(), "MTRACK_CONFORMANCETEST_CHILD="+fault.Name+"="+fault.DetectedBy[0])
	output, err := child.CombinedOutput()
	if err == nil {
		t.Fatalf("the test passed a server with the fault %s", fault.Name)
	}
	for _, want := range []string{"--- FAIL: TestRunAsChild/" + fault.DetectedBy[0], "expected: ", "got: ", "requires: ", "curl -i", "replay:   go test -run '^TestRunAsChild$/^delete-track$/^"} {
		if !strings.Contains(string(output), want) {
			t.Errorf("no %q in the output:\n%s", want, output)
		}
	}
	if strings.Contains(string(output), "ak_") {
		t.Error("a key is in the output")
	}
}
