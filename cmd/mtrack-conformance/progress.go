package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/seed-5ec2a705/mtrack/cmd/internal/terminal"
	"github.com/seed-5ec2a705/mtrack/conformance"
	"github.com/seed-5ec2a705/mtrack/conformance/report"
)

// progress shows how far a run is: on a terminal a line that is written over, elsewhere a line for
// each case that did not pass, and one from time to time.
type progress struct {
	terminal *terminal.Progress
	counts   map[report.Outcome]int
}

func newProgress(out io.Writer, getenv func(string) string) *progress {
	// A case takes its time: on a terminal each is worth showing.
	interval := terminal.Interval{Log: 10 * time.Second}
	return &progress{terminal: terminal.NewProgress(out, getenv, time.Now, interval), counts: map[report.Outcome]int{}}
}

// show is for conformance.WithProgress.
func (p *progress) show(at conformance.Progress) {
	if at.Case != nil {
		p.counts[at.Case.Outcome]++
	}
	if p.terminal.Overwrites() {
		p.terminal.Show(func() string { return p.line(at) })
		return
	}
	if at.Case == nil {
		return
	}
	if at.Case.Outcome != report.Passed && at.Case.Outcome != report.Skipped {
		p.terminal.Print(fmt.Sprintf("%d/%d %s %s", at.Done, at.Total, at.Case.Outcome, at.Case.ID))
	} else {
		p.terminal.Show(func() string { return p.line(at) })
	}
}

// line is the number of cases that have ended, their outcomes, and a case that is running.
func (p *progress) line(at conformance.Progress) string {
	parts := []string{fmt.Sprintf("%d of %d cases", at.Done, at.Total)}
	for _, o := range report.Outcomes() {
		if n := p.counts[o]; n > 0 && o != report.Passed {
			parts = append(parts, fmt.Sprintf("%d %s", n, o))
		}
	}
	line := strings.Join(parts, ", ")
	if len(at.Running) > 0 {
		line += "; running " + slices.Min(at.Running)
	}
	return line
}

// clear makes room for the report.
func (p *progress) clear() { p.terminal.Clear() }
