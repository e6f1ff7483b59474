package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/seed-5ec2a705/mtrack/conformance"
)

// progress shows how far a run has come: a line that is written over on a terminal; elsewhere a line for each case that
// did not pass, and one now and then.
type progress struct {
	out    io.Writer
	width  int // of the terminal, 0 where there is none
	last   time.Time
	counts map[conformance.Outcome]int
}

func newProgress(out io.Writer) *progress {
	p := &progress{out: out, last: time.Now(), counts: map[conformance.Outcome]int{}}
	if file, ok := out.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		p.width = 80
		if width, _, err := term.GetSize(int(file.Fd())); err == nil && width > 20 {
			p.width = width
		}
	}
	return p
}

// quiet is how long nothing is said where the progress goes to a file.
const quiet = 10 * time.Second

// tell is a conformance.WithProgress.
func (p *progress) tell(at conformance.Progress) {
	if at.Case != nil {
		p.counts[at.Case.Outcome]++
	}
	if p.width > 0 {
		line := []rune(p.line(at))
		fmt.Fprintf(p.out, "\r\x1b[K%s", string(line[:min(len(line), p.width-1)]))
		return
	}
	if at.Case == nil {
		return
	}
	if at.Case.Outcome != conformance.Passed && at.Case.Outcome != conformance.SkippedOutcome {
		fmt.Fprintf(p.out, "%d/%d %s %s\n", at.Done, at.Total, at.Case.Outcome, at.Case.ID)
		p.last = time.Now()
	} else if time.Since(p.last) >= quiet {
		fmt.Fprintln(p.out, p.line(at))
		p.last = time.Now()
	}
}

// line is how far the run is, what came out so far, and what takes its time.
func (p *progress) line(at conformance.Progress) string {
	parts := []string{fmt.Sprintf("%d of %d cases", at.Done, at.Total)}
	for _, o := range conformance.Outcomes() {
		if n := p.counts[o]; n > 0 && o != conformance.Passed {
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
func (p *progress) clear() {
	if p.width > 0 {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
}
