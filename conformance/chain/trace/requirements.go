package trace

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seed-5ec2a705/mtrack/conformance/chain"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

var (
	requirementPlace = finding.Rule{
		ID: "trace-requirement-place", Level: finding.Error,
		Title: "Every requirement has a place in the contract",
		Why:   "Implementations have to satisfy something that the contract does not say.",
		Fix:   "Say it in the contract, or correct the source of the requirement.",
	}
	requirementOrigin = finding.Rule{
		ID: "trace-requirement-origin", Level: finding.Error,
		Title: "Every requirement whose source is the page can be found on the page",
		Why:   "The requirement names a source that does not say it.",
		Fix:   "List it in page/trace.yaml under the statement that it comes from, or mark it as inferred.",
	}
	requirementCase = finding.Rule{
		ID: "trace-requirement-case", Level: finding.Error,
		Title: "Every requirement has a conformance case",
		Why:   "An implementation can violate it and still pass.",
		Fix:   "Add a case that names the requirement.",
	}
)

// traceRequirements looks for the place and the cases of every requirement, and for
// the statement of those that come from the page.
func traceRequirements(t *tracer) {
	for _, r := range t.in.Requirements {
		row := RequirementRow{Requirement: r, Cases: casesOf(t, r.ID)}
		at := atContract
		if place, ok := placeOf(t, r); ok {
			at = t.doc.Position(place)
			row.Pointer, row.Line = place.Pointer.String(), at.Line
		} else {
			t.report(requirementPlace, at,
				fmt.Sprintf("the requirement %s has no place in the contract: its source is %s, section %q", r.ID, r.Source.Page, r.Source.Section))
		}
		if len(row.Cases) == 0 {
			t.report(requirementCase, at, "the requirement "+string(r.ID)+" has no conformance case")
		}
		if r.Source.Page == t.m.Page && !r.Source.Inferred && !mappedTo(t, r.ID) {
			t.report(requirementOrigin, atMap(1),
				"the requirement "+string(r.ID)+" names the page as its source, and no statement of the page is mapped to it")
		}
		t.result.Requirements = append(t.result.Requirements, row)
	}
}

// placeOf finds where the contract has a requirement. One whose source is a page
// belongs to the operation that names this page; one that the contract decides names
// its section.
func placeOf(t *tracer, r requirement.Requirement) (source.Place, bool) {
	exists := func(p source.Place) (source.Place, bool) { return p, t.doc.Node(p) != nil }
	if r.Source.Page == chain.ContractFile {
		if r.Source.Section == "info" {
			return exists(t.doc.RootPlace("info", "description"))
		}
		if op, ok := t.byID[r.Source.Section]; ok {
			return op.place, true
		}
		return exists(t.doc.RootPlace("components").At(strings.Split(r.Source.Section, ".")...))
	}
	for _, id := range slices.Sorted(maps.Keys(t.byID)) {
		op := t.byID[id]
		if op.page != r.Source.Page || r.Operation != "" && string(r.Operation) != id && !r.Source.Inferred {
			continue
		}
		switch r.Source.Section {
		case "introduction":
			return exists(op.place.At("description"))
		case "Returns", "Errors":
			return exists(op.place.At("responses"))
		case "Path parameters":
			return exists(source.Place{File: op.place.File, Pointer: op.place.Pointer[:len(op.place.Pointer)-1]}.At("parameters"))
		case "Query parameters":
			return exists(op.place.At("parameters"))
		}
		return op.place, true
	}
	return source.Place{}, false
}

// mappedTo reports whether the map names a requirement.
func mappedTo(t *tracer, id requirement.ID) bool {
	return slices.ContainsFunc(slices.Concat(t.m.Statements, t.m.Examples), func(m mapped) bool {
		return slices.Contains(m.Requirements, string(id))
	})
}

// casesOf returns the ids of the cases that name a requirement.
func casesOf(t *tracer, id requirement.ID) []string {
	var ids []string
	for _, c := range t.in.Cases {
		if slices.Contains(c.Requirements, id) {
			ids = append(ids, c.ID)
		}
	}
	return ids
}
