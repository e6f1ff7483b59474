package report

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/excerpt"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
	"github.com/seed-5ec2a705/mtrack/openapi/plain"
)

// TextOptions are the options of [Report.WriteText].
type TextOptions struct {
	// Color marks outcomes with ANSI escape sequences, for a terminal.
	Color bool
	// Width is the number of columns at which sentences wrap; 0 is no wrapping. Commands and bodies
	// are never wrapped, so that they can be copied.
	Width int
}

const (
	textBody     = 1200 // bytes of a body that are shown
	textHeaders  = 3    // the most exchanges of a case that are shown with the headers of their responses
	textEvidence = 20   // the most exchanges of a case that are shown
	textSkips    = 8    // the most case ids that are shown for one reason of skipping
	textSame     = 8    // the most case ids that are shown of those that found the same
	textLabel    = 15   // columns in front of a text that has a label
	textLeast    = 20   // columns of a text, however narrow the terminal is
	textTable    = 18   // columns of the name of an operation
	textCell     = 15   // columns of a count
)

// WriteText writes the report for a terminal: first what is wrong, each finding with what was
// expected and what came instead, its exchanges, its requirements, and how to repeat it; last
// the ids of the cases that failed, the counts and the verdict. Of several cases that found the
// same only the first is shown. Cases that passed are only counted. What targets and provisioners
// wrote is shown through package plain: the only escape sequences are those of Color.
func (r *Report) WriteText(w io.Writer, o TextOptions) error {
	t := &textReport{
		Report: r, w: bufio.NewWriter(w), color: o.Color, width: o.Width,
		requirements: map[requirement.ID]requirement.Requirement{},
	}
	for _, r := range r.Requirements {
		t.requirements[r.ID] = r
	}
	for _, outcome := range []Outcome{Failed, Errored, Warning, KnownFailing} {
		for _, g := range r.groups(outcome) {
			t.writeGroup(g)
		}
	}
	t.writeSkips()
	t.writeSummary()
	return t.w.Flush()
}

type textReport struct {
	*Report
	w            *bufio.Writer
	color        bool
	width        int
	requirements map[requirement.ID]requirement.Requirement
}

func (t *textReport) printf(format string, args ...any) { fmt.Fprintf(t.w, format, args...) }

// field writes a label and beside it a text of one or more lines, as they are.
func (t *textReport) field(label, text string) {
	for _, line := range strings.Split(plain.Text(strings.TrimRight(text, "\n")), "\n") {
		t.printf("  %-12s %s\n", label, line)
		label = ""
	}
}

// prose is field for sentences, which wrap.
func (t *textReport) prose(label, text string) { t.field(label, t.wrap(text, textLabel)) }

// wrap breaks the lines of a text that stands behind so many columns.
func (t *textReport) wrap(text string, behind int) string {
	if t.width == 0 {
		return text
	}
	width := max(t.width-behind, textLeast)
	var lines []string
	for line := range strings.Lines(text) {
		lines = append(lines, excerpt.Wrap(strings.TrimRight(line, "\n"), width)...)
	}
	return strings.Join(lines, "\n")
}

// writeGroup writes the first of the cases that found the same, and names the others.
func (t *textReport) writeGroup(g group) {
	first := g.Cases[0]
	if len(g.Cases) > 1 {
		lines := strings.Split(t.wrap(plain.Text(g.Title()), textLabel), "\n")
		t.printf("%s  %s\n", t.paint(first.Outcome, label(first.Outcome)), t.bold(lines[0]))
		for _, line := range lines[1:] {
			t.printf("  %-12s %s\n", "", t.bold(line))
		}
		t.printf("\n")
	}
	t.writeCase(first, len(g.Cases) > 1)
	if len(g.Cases) > 1 {
		name := "the same"
		for i, c := range g.Cases[1:] {
			if i == textSame && len(g.Cases) > textSame+2 {
				t.field(name, fmt.Sprintf("and %d more, listed below", len(g.Cases)-1-i))
				break
			}
			t.field(name, c.ID)
			name = ""
		}
	}
	t.printf("\n")
}

func (t *textReport) writeCase(c Case, grouped bool) {
	outcome := t.paint(c.Outcome, label(c.Outcome))
	if grouped {
		outcome = fmt.Sprintf("%-13s", "  for example")
	}
	t.printf("%s  %s  (%s, %s)\n", outcome, t.bold(plain.Line(c.ID)), plain.Line(string(c.Level)), seconds(c.Seconds))
	t.prose("", c.Title)
	if c.Expected == "" && c.Actual == "" {
		t.prose("reason", c.Reason)
	} else {
		t.prose("expected", c.Expected)
		t.prose("got", c.Actual)
	}
	if c.KnownReason != "" {
		t.prose("known", c.KnownReason)
	}
	t.writeExchanges(c)
	for _, id := range c.Requirements {
		r, known := t.requirements[id]
		if !known {
			t.prose("requirement", string(id))
			continue
		}
		t.prose("requirement", fmt.Sprintf("%s: %s", id, r.Statement))
		t.prose("source", r.Source.String())
		if r.Why != "" {
			t.prose("why", r.Why)
		}
	}
	if c.Where != "" {
		t.field("case", c.Where)
	}
	if c.ContractLine > 0 {
		t.field("contract", t.contractLine(c))
	}
	for _, a := range c.Attachments {
		t.prose("attached", fmt.Sprintf("%s (%s, %d bytes; in the JSON and the HTML report)",
			a.Name, a.MediaType, len(a.Data)))
	}
	if c.Replay != "" {
		t.field("replay", c.Replay)
	}
}

func (t *textReport) writeExchanges(c Case) {
	shown := c.Evidence()
	left := 0
	if len(shown) > textEvidence {
		left = len(shown) - textEvidence
		shown = shown[left:]
		t.prose("", fmt.Sprintf("%d earlier exchanges are in the JSON and the HTML report", left))
	}
	for i, x := range shown {
		t.printf("\n")
		t.field(fmt.Sprintf("%10d.", left+i+1), x.Curl)
		if x.Status == 0 {
			t.prose("", "no response after "+milliseconds(x.Duration)+reasonBehind(x.Error))
			continue
		}
		t.prose("", fmt.Sprintf("%d %s in %s%s",
			x.Status, http.StatusText(x.Status), milliseconds(x.Duration), reasonBehind(x.Error)))
		if len(shown) <= textHeaders {
			for _, h := range x.ResponseHeader {
				t.field("", h.Name+": "+h.Value)
			}
		}
		if x.ResponseBody != "" {
			t.field("", excerpt.Of(x.ResponseBody, textBody))
		}
	}
	if len(shown) > 0 {
		t.printf("\n")
	}
}

// writeSkips groups the skipped cases by their reason, which is what a reader can change.
func (t *textReport) writeSkips() {
	var reasons []string
	skipped := map[string][]string{}
	for _, c := range t.Cases {
		if c.Outcome == Skipped {
			if skipped[c.Reason] == nil {
				reasons = append(reasons, c.Reason)
			}
			skipped[c.Reason] = append(skipped[c.Reason], c.ID)
		}
	}
	for _, reason := range reasons {
		ids := skipped[reason]
		count := plural(len(ids), "case")
		lines := strings.Split(t.wrap(count+": "+plain.Text(reason), textLabel), "\n")
		t.printf("%s  %s%s\n", t.paint(Skipped, label(Skipped)), t.bold(count), strings.TrimPrefix(lines[0], count))
		for _, line := range lines[1:] {
			t.field("", line)
		}
		for i, id := range ids {
			if i == textSkips && len(ids) > textSkips+1 {
				t.prose("", fmt.Sprintf("and %d more, listed in the JSON and the HTML report", len(ids)-i))
				break
			}
			t.printf("  %-12s %s\n", "", plain.Line(id))
		}
	}
	if len(reasons) > 0 {
		t.printf("\n")
	}
}

// line writes a sentence of the summary.
func (t *textReport) line(format string, args ...any) {
	t.printf("%s\n", t.wrap(plain.Text(fmt.Sprintf(format, args...)), 0))
}

func (t *textReport) writeSummary() {
	t.line("%s", t.headline())
	t.line("suite %s, contract %s (sha256 %.12s), seed %d, %s",
		t.Suite.Version, t.Suite.ContractVersion, t.Suite.ContractSHA256, t.Options.Seed, t.Provisioner.line())
	for _, f := range provision.NotOffered(t.Provisioner.Features) {
		t.line("not seen without %s: %s", f, f.Unseen())
	}
	t.writeOperations()
	if t.RateLimited > 0 {
		t.line("waited out %s: lift the target's rate limits for a faster run",
			plural(t.RateLimited, "rate-limited (429) response"))
	}
	if t.Repeated > 0 {
		t.line("sent %s again: the target dropped the connection before a byte of a response",
			plural(t.Repeated, "request"))
	}
	if t.LookedAgain > 0 {
		t.line("%s", t.lookedAgain())
	}
	t.writeFailed()
	if t.Incomplete {
		t.printf("%s: the run was interrupted after %d of %s\n",
			t.paint(Errored, "incomplete"), len(t.Cases), plural(t.Selected, "case"))
	}
	t.writeCounts()
	for _, v := range t.profileVerdicts() {
		t.printf("%s: %s\n", plain.Line(v.scope), t.bold(t.paint(v.verdict.outcome(), v.verdict.label())))
	}
}

// writeFailed lists the ids of the cases that failed, and of those that could not be carried out.
func (t *textReport) writeFailed() {
	for _, outcome := range []Outcome{Failed, Errored} {
		if t.Counts[outcome] == 0 {
			continue
		}
		t.printf("%s\n", t.paint(outcome, string(outcome)+":"))
		for _, c := range t.Cases {
			if c.Outcome == outcome {
				t.printf("  %s\n", plain.Line(c.ID))
			}
		}
	}
}

// writeOperations is a table of outcomes by operation, or a list where the terminal is too narrow
// for a table.
func (t *textReport) writeOperations() {
	var columns []Outcome
	for _, o := range slices.Backward(Outcomes()) {
		if t.Counts[o] > 0 {
			columns = append(columns, o)
		}
	}
	if len(columns) == 0 {
		return
	}
	if t.width > 0 && t.width < textTable+textCell*len(columns) {
		t.printf("\n")
		for _, group := range t.byOperation() {
			t.printf("%s:\n", plain.Line(group.name))
			for _, o := range columns {
				if n := group.counts[o]; n > 0 {
					t.printf("  %s\n", t.paint(o, fmt.Sprintf("%d %s", n, o)))
				}
			}
		}
		t.printf("\n")
		return
	}
	t.printf("\n%-*s", textTable, "")
	for _, o := range columns {
		t.printf("%*s", textCell, o)
	}
	t.printf("\n")
	for _, group := range t.byOperation() {
		t.printf("%-*s", textTable, plain.Line(group.name))
		for _, o := range columns {
			cell := fmt.Sprintf("%*d", textCell, group.counts[o])
			if group.counts[o] > 0 {
				cell = t.paint(o, cell)
			}
			t.printf("%s", cell)
		}
		t.printf("\n")
	}
	t.printf("\n")
}

// writeCounts is one line, or one for each outcome where the terminal is too narrow for that.
func (t *textReport) writeCounts() {
	head := fmt.Sprintf("%s of %d in %s:", plural(len(t.Cases), "case"), t.Total, seconds(t.Seconds))
	var texts, painted []string
	for _, o := range slices.Backward(Outcomes()) {
		if n := t.Counts[o]; n > 0 {
			text := fmt.Sprintf("%d %s", n, o)
			texts, painted = append(texts, text), append(painted, t.paint(o, text))
		}
	}
	switch {
	case texts == nil:
		t.printf("%s nothing was run\n", head)
	case t.width > 0 && len(head)+1+len(strings.Join(texts, ", ")) > t.width:
		t.printf("%s\n  %s\n", head, strings.Join(painted, ",\n  "))
	default:
		t.printf("%s %s\n", head, strings.Join(painted, ", "))
	}
}

func (t *textReport) paint(o Outcome, text string) string {
	codes := map[Outcome]string{
		Passed: "32", Failed: "31", Errored: "35", Warning: "33", KnownFailing: "36", Skipped: "34",
	}
	return t.escape(codes[o], text)
}

func (t *textReport) bold(text string) string { return t.escape("1", text) }

func (t *textReport) escape(code, text string) string {
	if !t.color {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// label is the word in front of a case, padded.
func label(o Outcome) string { return fmt.Sprintf("%-13s", strings.ToUpper(string(o))) }
