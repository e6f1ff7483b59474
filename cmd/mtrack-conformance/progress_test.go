package main

import (
	"bytes"
	"os"
	"testing"

	"github.com/seed-5ec2a705/mtrack/conformance"
	"github.com/seed-5ec2a705/mtrack/conformance/report"
)

// TestProgress_Log: what did not pass is told at once, and nothing else within the first seconds.
func TestProgress_Log(t *testing.T) {
	var out bytes.Buffer
	p := newProgress(&out, os.Getenv)
	p.show(conformance.Progress{Total: 3, Running: []string{"a/x"}})
	for i, outcome := range []report.Outcome{report.Passed, report.Failed, report.Skipped} {
		c := report.Case{Outcome: outcome}
		c.ID = "a/" + string(outcome)
		p.show(conformance.Progress{Done: i + 1, Total: 3, Case: &c})
	}
	p.clear()
	if want := "2/3 failed a/failed\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
	if got, want := p.line(conformance.Progress{Done: 3, Total: 4, Running: []string{"b/y", "a/x"}}), "3 of 4 cases, 1 failed, 1 skipped; running a/x"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
