package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/excerpt"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// TextOptions says how WriteText writes.
type TextOptions struct {
	// Color marks outcomes with ANSI colours.
	Color bool
}

// TextOptionsFor fits the options to where the text goes: colour only for a terminal, and none where NO_COLOR is set and
// not empty (https://no-color.org) or TERM is "dumb".
func TextOptionsFor(w io.Writer, getenv func(string) string) TextOptions {
	f, ok := w.(*os.File)
	if !ok || getenv("NO_COLOR") != "" || getenv("TERM") == "dumb" {
		return TextOptions{}
	}
	info, err := f.Stat()
	return TextOptions{Color: err == nil && info.Mode()&os.ModeCharDevice != 0}
}

const (
	textBody     = 1200 // bytes of a body that are shown
	textHeaders  = 3    // answers are shown with their headers up to so many exchanges
	textEvidence = 20   // exchanges of one case that are shown
	textSkips    = 8    // case ids that are named for one reason of skipping
)

// WriteText writes the report for a terminal: what is wrong first, each with its requirement, what was expected, what
// came, the exchanges and how to repeat them; the counts and the verdict last. Cases that passed are only counted.
func (r *Report) WriteText(w io.Writer, o TextOptions) error {
	t := &textReport{Report: r, w: bufio.NewWriter(w), color: o.Color, requirements: map[string]requirement.Requirement{}}
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
	requirements map[string]requirement.Requirement
}

func (t *textReport) printf(format string, args ...any) { fmt.Fprintf(t.w, format, args...) }

// field writes a label and a text under it that may have several lines.
func (t *textReport) field(label, text string) {
	lines := strings.Split(plain(strings.TrimRight(text, "\n")), "\n")
	t.printf("  %-12s %s\n", label, lines[0])
	for _, line := range lines[1:] {
		t.printf("  %-12s %s\n", "", line)
	}
}

func (t *textReport) writeCase(c Case) {
	t.printf("%s  %s  (%s, %s)\n", t.paint(c.Outcome, label(c.Outcome)), t.bold(plain(c.ID)), c.Level, seconds(c.Seconds))
	t.field("", c.Title)
	for _, id := range c.Requirements {
		r, known := t.requirements[id]
		if !known {
			t.field("requirement", id)
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
	if c.ContractLine > 0 {
		t.field("contract", fmt.Sprintf("openapi/music.yaml, line %d", c.ContractLine))
	}
	if c.KnownReason != "" {
		t.field("known", c.KnownReason)
	}
	t.writeExchanges(c)
	for _, a := range c.Attachments {
		t.field("attached", fmt.Sprintf("%s (%s, %d bytes; in the JSON and the HTML report)", a.Name, a.MediaType, len(a.Data)))
	}
	if c.Replay != "" {
		t.field("replay", c.Replay)
	}
	t.printf("\n")
}

func (t *textReport) writeExchanges(c Case) {
	shown := Evidence(c)
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
		t.field("", fmt.Sprintf("%d %s in %s%s", x.Status, http.StatusText(x.Status), milliseconds(x.Duration), reasonBehind(x.Error)))
		if len(shown) <= textHeaders {
			for _, h := range x.ResponseHeader {
				t.field("", h.Name+": "+h.Value)
			}
		}
		if x.ResponseBody != "" {
			t.field("", excerpt.Of([]byte(x.ResponseBody), textBody))
		}
	}
	if len(shown) > 0 && (len(c.Attachments) > 0 || c.Replay != "") {
		t.printf("\n")
	}
}

// Evidence returns the exchanges that show what happened, or all of them where none is marked.
func Evidence(c Case) []Exchange {
	var marked []Exchange
	for _, x := range c.Exchanges {
		if x.Evidence {
			marked = append(marked, x)
		}
	}
	if marked == nil {
		return c.Exchanges
	}
	return marked
}

// writeSkips groups what was skipped by the reason: that is what somebody can do something about.
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
		t.printf("%s  %s: %s\n", t.paint(Skipped, label(Skipped)), t.bold(Plural(len(ids), "case")), plain(reason))
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
		plain(t.Suite.Version), plain(t.Suite.ContractVersion), t.Suite.ContractSHA256, t.Options.Seed, plain(t.Provisioner.line()))
	t.writeOperations()
	if t.RateLimited > 0 {
		t.printf("%s 429 waited out: lift the target's rate limits for a faster run\n", Plural(t.RateLimited, "answer"))
	}
	if t.Incomplete {
		t.printf("%s: the run was interrupted after %d of %s\n", t.paint(Errored, "incomplete"), len(t.Cases), Plural(t.Selected, "case"))
	}
	t.printf("%s of %d in %s: %s\n", Plural(len(t.Cases), "case"), t.Total, seconds(t.Seconds), t.countLine())
	for _, v := range t.profileVerdicts() {
		t.printf("%s: %s\n", v.scope, t.bold(t.paint(verdictOutcome(v.verdict), string(v.verdict))))
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

// headline names what was tested and how.
func (r *Report) headline() string {
	name := strings.TrimSpace(r.Implementation.Name + " " + r.Implementation.Version)
	if name != "" {
		name += " at "
	}
	line := fmt.Sprintf("%s%s, profile %s", name, r.Target, r.Options.Profile)
	if r.Options.Strict {
		line += ", strict"
	}
	return line
}

func (p Provisioner) line() string {
	line := "provisioned by " + p.Description
	if len(p.Features) == 0 {
		return line + " without optional features"
	}
	var names []string
	for _, f := range p.Features {
		names = append(names, string(f))
	}
	return line + " with " + strings.Join(names, ", ")
}

// operationCounts is what became of the cases of one operation, or of those about none in particular.
type operationCounts struct {
	name   string
	counts map[Outcome]int
}

func (r *Report) byOperation() []operationCounts {
	var groups []operationCounts
	for _, o := range append(requirement.Operations(), "") {
		group := operationCounts{cmp.Or(string(o), "every operation"), map[Outcome]int{}}
		for _, c := range r.Cases {
			if c.Operation == o {
				group.counts[c.Outcome]++
			}
		}
		if len(group.counts) > 0 {
			groups = append(groups, group)
		}
	}
	return groups
}

// profileVerdict is the last word about the cases of one profile.
type profileVerdict struct {
	scope   string
	verdict Verdict
}

// profileVerdicts ends with the verdict of the run. A run of the full profile has judged the smaller one too.
func (r *Report) profileVerdicts() []profileVerdict {
	var verdicts []profileVerdict
	partly := ""
	if len(r.Options.Run) > 0 || len(r.Options.Skip) > 0 {
		partly = " (only the selected cases)"
	}
	for _, p := range requirement.Profiles() {
		if p == r.Options.Profile {
			break
		}
		counts := map[Outcome]int{}
		for _, c := range r.Cases {
			if p.Includes(c.Operation) {
				counts[c.Outcome]++
			}
		}
		if len(counts) > 0 {
			verdicts = append(verdicts, profileVerdict{fmt.Sprintf("profile %s%s", p, partly), VerdictOf(counts, r.Incomplete)})
		}
	}
	return append(verdicts, profileVerdict{fmt.Sprintf("profile %s%s", r.Options.Profile, partly), r.Verdict})
}

// VerdictOf is the last word on cases of which so many came to each outcome.
func VerdictOf(counts map[Outcome]int, incomplete bool) Verdict {
	switch {
	case counts[Failed] > 0:
		return NotConforming
	case counts[Errored] > 0 || counts[Passed] == 0 || incomplete:
		return Undecided
	case counts[Warning] > 0:
		return ConformingWithWarnings
	case counts[Skipped] > 0 || counts[KnownFailing] > 0:
		return ConformingWithSkips
	default:
		return Conforming
	}
}

// verdictOutcome is the outcome whose colour a verdict has.
func verdictOutcome(v Verdict) Outcome {
	switch v {
	case Conforming:
		return Passed
	case ConformingWithWarnings:
		return Warning
	case ConformingWithSkips:
		return Skipped
	case NotConforming:
		return Failed
	default:
		return Errored
	}
}

// label is the word in front of a case.
func label(o Outcome) string { return fmt.Sprintf("%-13s", strings.ToUpper(string(o))) }

func (t *textReport) paint(o Outcome, text string) string {
	codes := map[Outcome]string{Passed: "32", Failed: "31", Errored: "35", Warning: "33", KnownFailing: "36", Skipped: "34"}
	return t.escape(codes[o], text)
}

func (t *textReport) bold(text string) string { return t.escape("1", text) }

func (t *textReport) escape(code, text string) string {
	if !t.color {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// plain keeps what a target sent from moving the cursor or colouring the terminal.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, text)
}

func Plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func seconds(s float64) string { return milliseconds(s * 1000) }

func milliseconds(ms float64) string {
	d := time.Duration(ms * float64(time.Millisecond))
	switch {
	case d >= 10*time.Second:
		return d.Round(time.Second).String()
	case d >= time.Second:
		return d.Round(100 * time.Millisecond).String()
	case d >= 10*time.Millisecond:
		return d.Round(time.Millisecond).String()
	default:
		return d.Round(100 * time.Microsecond).String()
	}
}

func reasonBehind(text string) string {
	if text == "" {
		return ""
	}
	return ": " + text
}
