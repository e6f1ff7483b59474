package trace

import (
	"fmt"
	"slices"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
)

var (
	statementUntraced = finding.Rule{
		ID: "trace-statement", Level: finding.Error,
		Title: "Every statement of the page became a requirement",
		Why:   "Nothing checks what is not a requirement.",
		Fix:   "List the statement in page/trace.yaml with the requirements that it became.",
	}
	mapStale = finding.Rule{
		ID: "trace-map-stale", Level: finding.Error,
		Title: "The map of statements matches the page and the suite",
		Why:   "A map of something else traces nothing.",
		Fix:   "Correct the entry of page/trace.yaml, or remove it.",
	}
)

// traceStatements compares the page's sentences with the map, in both directions.
func traceStatements(t *tracer) {
	known := map[string]bool{}
	for _, r := range t.in.Requirements {
		known[string(r.ID)] = true
	}
	for _, m := range slices.Concat(t.m.Statements, t.m.Examples) {
		for _, id := range m.Requirements {
			if !known[id] {
				t.report(mapStale, atMap(m.line), "the suite has no requirement "+id)
			}
		}
		if len(m.Requirements) == 0 {
			t.report(mapStale, atMap(m.line), "the entry names no requirement")
		}
	}
	used := map[int]bool{}
	find := func(list []mapped, is func(mapped) bool) []string {
		i := slices.IndexFunc(list, is)
		if i < 0 {
			return nil
		}
		used[list[i].line] = true
		return list[i].Requirements
	}
	for _, s := range t.page.Statements {
		row := StatementRow{s, find(t.m.Statements, func(m mapped) bool { return m.Text == s.Text })}
		if row.Requirements == nil {
			t.report(statementUntraced, atPage(s.Line), fmt.Sprintf("the statement %q became no requirement", s.Text))
		}
		t.result.Statements = append(t.result.Statements, row)
	}
	for _, r := range t.page.Requests {
		traceExample(t, r.Name, r.Line, find(t.m.Examples, func(m mapped) bool { return m.Name == r.Name }))
	}
	for _, e := range t.page.Examples {
		traceExample(t, e.Name, e.Line, find(t.m.Examples, func(m mapped) bool { return m.Name == e.Name }))
	}
	for _, m := range slices.Concat(t.m.Statements, t.m.Examples) {
		if !used[m.line] {
			t.report(mapStale, atMap(m.line), fmt.Sprintf("the page does not contain %q", m.Text+m.Name))
		}
	}
}

func traceExample(t *tracer, name string, line int, requirements []string) {
	if requirements == nil {
		t.report(statementUntraced, atPage(line), fmt.Sprintf("the example %q became no requirement", name))
	}
	t.result.Examples = append(t.result.Examples, ExampleRow{Name: name, Line: line, Valid: true, Requirements: requirements})
}
