package report

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"unicode"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/excerpt"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// TextOptions are the options of [Report.WriteText].
type TextOptions struct {
	// Color marks outcomes with ANSI escape sequences, for a terminal.
	Color bool
}

const (
	textBody     = 1200 // bytes of a body that are shown
	textHeaders  = 3    // the most exchanges of a case that are shown with the headers of their responses
	textEvidence = 20   // the most exchanges of a case that are shown
	textSkips    = 8    // the most case ids that are shown for one reason of skipping
)

// WriteText writes the report for a terminal: first what is wrong, each case with its requirements,
// what was expected and what came instead, its exchanges, and how to repeat it; last the counts and
// the verdict. Cases that passed are only counted.
func (r *Report) WriteText(w io.Writer, o TextOptions) error {
	t := &textReport{
		Report: r, w: bufio.NewWriter(w), color: o.Color,
		requirements: map[requirement.ID]requirement.Requirement{},
	}
	for _, r := range r.Requirements {
		t.requirements[r.ID] = r
	}
	for _, outcome := range []Outcome{Failed, Errored, Warning, KnownFailing} {
		for _, c := range r.Cases {
			if c.Outcome == outcome {
				t.writeCase(c)
			}
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
	requirements map[requirement.ID]requirement.Requirement
}

func (t *textReport) printf(format string, args ...any) { fmt.Fprintf(t.w, format, args...) }

// field writes a label and beside it a text of one or more lines.
func (t *textReport) field(label, text string) {
	lines := strings.Split(plain(strings.TrimRight(text, "\n")), "\n")
	t.printf("  %-12s %s\n", label, lines[0])
	for _, line := range lines[1:] {
		t.printf("  %-12s %s\n", "", line)
	}
}

func (t *textReport) writeCase(c Case) {
	t.printf("%s  %s  (%s, %s)\n",
		t.paint(c.Outcome, label(c.Outcome)), t.bold(plain(c.ID)), c.Level, seconds(c.Seconds))
	t.field("", c.Title)
	for _, id := range c.Requirements {
		r, known := t.requirements[id]
		if !known {
			t.field("requirement", string(id))
			continue
		}
		t.field("requirement", fmt.Sprintf("%s: %s", id, r.Statement))
		t.field("source", r.Source.String())
		if r.Why != "" {
			t.field("why", r.Why)
		}
	}
	if c.Expected == "" && c.Actual == "" {
		t.field("reason", c.Reason)
	} else {
		t.field("expected", c.Expected)
		t.field("got", c.Actual)
	}
	if c.Where != "" {
		t.field("case", c.Where)
	}
	if c.ContractLine > 0 {
		t.field("contract", fmt.Sprintf("openapi/music.yaml, line %d", c.ContractLine))
	}
	if c.KnownReason != "" {
		t.field("known", c.KnownReason)
	}
	t.writeExchanges(c)
	for _, a := range c.Attachments {
		t.field("attached", fmt.Sprintf("%s (%s, %d bytes; in the JSON and the HTML report)",
			a.Name, a.MediaType, len(a.Data)))
	}
	if c.Replay != "" {
		t.field("replay", c.Replay)
	}
	t.printf("\n")
}

func (t *textReport) writeExchanges(c Case) {
	shown := c.Evidence()
	left := 0
	if len(shown) > textEvidence {
		left = len(shown) - textEvidence
		shown = shown[left:]
		t.printf("  %-12s %d earlier exchanges are in the JSON and the HTML report\n", "", left)
	}
	for i, x := range shown {
		t.printf("\n")
		t.field(fmt.Sprintf("%10d.", left+i+1), x.Curl)
		if x.Status == 0 {
			t.field("", "no response after "+milliseconds(x.Duration)+reasonBehind(x.Error))
			continue
		}
		t.field("", fmt.Sprintf("%d %s in %s%s",
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
	if len(shown) > 0 && (len(c.Attachments) > 0 || c.Replay != "") {
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
		t.printf("%s  %s: %s\n", t.paint(Skipped, label(Skipped)), t.bold(count), plain(reason))
		for i, id := range ids {
			if i == textSkips && len(ids) > textSkips+1 {
				t.printf("  %-12s and %d more, listed in the JSON and the HTML report\n", "", len(ids)-i)
				break
			}
			t.printf("  %-12s %s\n", "", plain(id))
		}
	}
	if len(reasons) > 0 {
		t.printf("\n")
	}
}

func (t *textReport) writeSummary() {
	t.printf("%s\n", plain(t.headline()))
	t.printf("suite %s, contract %s (sha256 %.12s), seed %d, %s\n",
		plain(t.Suite.Version), plain(t.Suite.ContractVersion), t.Suite.ContractSHA256,
		t.Options.Seed, plain(t.Provisioner.line()))
	for _, f := range provision.NotOffered(t.Provisioner.Features) {
		t.printf("not seen without %s: %s\n", f, f.Unseen())
	}
	t.writeOperations()
	if t.RateLimited > 0 {
		t.printf("waited out %s: lift the target's rate limits for a faster run\n",
			plural(t.RateLimited, "rate-limited (429) response"))
	}
	if t.Incomplete {
		t.printf("%s: the run was interrupted after %d of %s\n",
			t.paint(Errored, "incomplete"), len(t.Cases), plural(t.Selected, "case"))
	}
	t.printf("%s of %d in %s: %s\n", plural(len(t.Cases), "case"), t.Total, seconds(t.Seconds), t.countLine())
	for _, v := range t.profileVerdicts() {
		t.printf("%s: %s\n", v.scope, t.bold(t.paint(v.verdict.outcome(), string(v.verdict))))
	}
}

// writeOperations is a table of outcomes by operation.
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
	t.printf("\n%-18s", "")
	for _, o := range columns {
		t.printf("%15s", o)
	}
	t.printf("\n")
	for _, group := range t.byOperation() {
		t.printf("%-18s", group.name)
		for _, o := range columns {
			cell := fmt.Sprintf("%15d", group.counts[o])
			if group.counts[o] > 0 {
				cell = t.paint(o, cell)
			}
			t.printf("%s", cell)
		}
		t.printf("\n")
	}
	t.printf("\n")
}

func (t *textReport) countLine() string {
	var parts []string
	for _, o := range slices.Backward(Outcomes()) {
		if n := t.Counts[o]; n > 0 {
			parts = append(parts, t.paint(o, fmt.Sprintf("%d %s", n, o)))
		}
	}
	if parts == nil {
		return "nothing was run"
	}
	return strings.Join(parts, ", ")
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

// plain removes what could move the cursor or colour the terminal: a target may have sent it.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, text)
}
