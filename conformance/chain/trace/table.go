package trace

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/seed-5ec2a705/mtrack/conformance/chain"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
)

// Markdown is the format of a trace as a document, beside those of findings.
const Markdown finding.Format = "markdown"

// Write writes the trace in a format; in those of CI systems it is the findings
// alone. Tool and version name the program.
func (r *Result) Write(w io.Writer, format finding.Format, tool, version string) error {
	switch format {
	case Markdown:
		return r.writeMarkdown(w)
	case finding.JSON:
		return r.writeJSON(w)
	case finding.Text:
		if err := r.writeText(w); err != nil {
			return err
		}
	}
	return finding.Write(w, format, finding.Report{
		Tool: tool, Version: version, Rules: Rules(), Files: []string{pageFile, mapFile, chain.ContractFile}, Findings: r.Findings,
		Subject: fmt.Sprintf("%s, %s, %d statuses",
			finding.Plural(len(r.Statements), "statement"), finding.Plural(len(r.Requirements), "requirement"), len(r.Statuses)),
	})
}

// writeText writes the trace as tables for a terminal.
func (r *Result) writeText(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "THE PAGE\tBECAME")
	for _, s := range r.Statements {
		fmt.Fprintf(t, "%d  %s\t%s\n", s.Line, clip(s.Text, 78), list(s.Requirements, 3))
	}
	for _, e := range r.Examples {
		fmt.Fprintf(t, "%d  example %s: %s\t%s\n", e.Line, e.Name, validity(e.Valid), list(e.Requirements, 3))
	}
	fmt.Fprintln(t, "\nREQUIREMENT\tLEVEL\tSOURCE\tCONTRACT\tCASES")
	for _, q := range r.Requirements {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%d\n", q.ID, q.Level, origin(q), place(q), len(q.Cases))
	}
	fmt.Fprintln(t, "\nOPERATION\tSTATUS\tSOURCE\tCASES")
	for _, s := range r.Statuses {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", s.Operation, s.Status, s.source(), s.proof())
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w)
	return err
}

// writeMarkdown writes the trace as a document. Lines of the contract are left out:
// they move with every edit.
func (r *Result) writeMarkdown(w io.Writer) error {
	var b strings.Builder
	b.WriteString("# Traceability\n\n")
	b.WriteString("How the documentation page \"Delete a music track\" becomes requirements, a contract and conformance cases. " +
		"`mtrack-spec trace` fails where the chain is broken.\n\n")
	b.WriteString("## The page's statements\n\n| Line | Statement | Requirements |\n|---:|---|---|\n")
	for _, s := range r.Statements {
		fmt.Fprintf(&b, "| %d | %s | %s |\n", s.Line, cell(s.Text), codes(s.Requirements))
	}
	b.WriteString("\n## The page's examples\n\nTaken from the page's own blocks, and validated against the contract.\n\n" +
		"| Line | Example | Against the contract | Requirements |\n|---:|---|---|---|\n")
	for _, e := range r.Examples {
		fmt.Fprintf(&b, "| %d | %s | %s | %s |\n", e.Line, cell(e.Name), validity(e.Valid), codes(e.Requirements))
	}
	b.WriteString("\n## Statuses and the cases that prove them\n\n| Operation | Status | Source | Proved by |\n|---|---|---|---|\n")
	for _, s := range r.Statuses {
		fmt.Fprintf(&b, "| `%s` | `%s` | %s | %s |\n", s.Operation, s.Status, s.source(), cell(s.proof()))
	}
	b.WriteString("\n## Requirements, their place in the contract and their cases\n\n" +
		"| Requirement | Level | Statement | Source | In the contract | Cases |\n|---|---|---|---|---|---:|\n")
	for _, q := range r.Requirements {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | `%s` | %d |\n", q.ID, q.Level, cell(q.Statement), cell(origin(q)), q.Pointer, len(q.Cases))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// jsonResult is the JSON form of a trace. Fields are only ever added.
type jsonResult struct {
	Statements   []jsonStatement   `json:"statements"`
	Examples     []jsonExample     `json:"examples"`
	Requirements []jsonRequirement `json:"requirements"`
	Statuses     []jsonStatus      `json:"statuses"`
	Findings     any               `json:"findings"`
}

type jsonStatement struct {
	Line         int      `json:"line"`
	Section      string   `json:"section"`
	Text         string   `json:"text"`
	Requirements []string `json:"requirements"`
}

type jsonExample struct {
	Line         int      `json:"line"`
	Name         string   `json:"name"`
	Valid        bool     `json:"valid"`
	Requirements []string `json:"requirements"`
}

type jsonRequirement struct {
	ID      string   `json:"id"`
	Level   string   `json:"level"`
	Pointer string   `json:"pointer,omitempty"`
	Line    int      `json:"line,omitempty"`
	Cases   []string `json:"cases"`
}

type jsonStatus struct {
	Operation  string   `json:"operation"`
	Status     string   `json:"status"`
	Documented bool     `json:"documented"`
	Cases      []string `json:"cases"`
	Reason     string   `json:"reason,omitempty"`
}

// writeJSON writes the trace for programs.
func (r *Result) writeJSON(w io.Writer) error {
	some := func(list []string) []string { return append([]string{}, list...) } // never null
	out := jsonResult{
		Statements: []jsonStatement{}, Examples: []jsonExample{}, Requirements: []jsonRequirement{}, Statuses: []jsonStatus{},
		Findings: r.Findings,
	}
	if len(r.Findings) == 0 {
		out.Findings = []struct{}{}
	}
	for _, s := range r.Statements {
		out.Statements = append(out.Statements, jsonStatement{s.Line, s.Section, s.Text, some(s.Requirements)})
	}
	for _, e := range r.Examples {
		out.Examples = append(out.Examples, jsonExample{e.Line, e.Name, e.Valid, some(e.Requirements)})
	}
	for _, q := range r.Requirements {
		out.Requirements = append(out.Requirements, jsonRequirement{string(q.ID), string(q.Level), q.Pointer, q.Line, some(q.Cases)})
	}
	for _, s := range r.Statuses {
		out.Statuses = append(out.Statuses, jsonStatus{s.Operation, s.Status, s.Documented, some(s.Cases), s.Reason})
	}
	return finding.WriteJSON(w, out)
}

func (s StatusRow) source() string {
	if s.Documented {
		return "documented"
	}
	return "inferred"
}

// proof says which cases prove a status, or why none can.
func (s StatusRow) proof() string {
	switch {
	case len(s.Cases) > 0:
		return list(s.Cases, 2)
	case s.Reason != "":
		return "none: " + s.Reason
	}
	return "NONE"
}

func origin(q RequirementRow) string {
	if q.Source.Inferred {
		return "inferred: " + q.Source.Quote
	}
	return q.Source.Page[strings.LastIndex(q.Source.Page, "/")+1:] + ", " + q.Source.Section
}

func place(q RequirementRow) string {
	if q.Pointer == "" {
		return "NOWHERE"
	}
	return fmt.Sprintf("%s:%d", chain.ContractFile, q.Line)
}

func validity(valid bool) string {
	if valid {
		return "valid"
	}
	return "NOT VALID"
}

// list shows the first of some words, and how many more there are.
func list(words []string, first int) string {
	switch {
	case len(words) == 0:
		return "NOTHING"
	case len(words) > first:
		return fmt.Sprintf("%s and %d more", strings.Join(words[:first], ", "), len(words)-first)
	}
	return strings.Join(words, ", ")
}

func codes(words []string) string {
	if len(words) == 0 {
		return "NOTHING"
	}
	return "`" + strings.Join(words, "`, `") + "`"
}

func clip(s string, n int) string {
	if runes := []rune(s); len(runes) > n {
		return string(runes[:n-1]) + "…"
	}
	return s
}

// cell escapes a text for a cell of a Markdown table.
func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ", "<", "&lt;").Replace(s)
}
