package trace

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
)

var (
	caseStray = finding.Rule{
		ID: "trace-case", Level: finding.Error,
		Title: "Every conformance case names requirements and statuses that exist",
		Why:   "A failure of the case would point to nothing.",
		Fix:   "Correct the ids and statuses that the case names.",
	}
	statusCase = finding.Rule{
		ID: "trace-status-case", Level: finding.Error,
		Title: "Every documented status has a conformance case",
		Why:   "An implementation can never send it, or send it wrongly, and still pass.",
		Fix:   "Add a case that proves the status, or list it with a reason under unprovoked in page/trace.yaml.",
	}
)

// traceCases compares what the cases name with what exists.
func traceCases(t *tracer) {
	known := map[requirement.ID]bool{}
	for _, r := range t.in.Requirements {
		known[r.ID] = true
	}
	for _, c := range t.in.Cases {
		at := atContract
		op, ok := t.byID[string(c.Operation)]
		if ok {
			at = t.doc.Position(op.place)
		} else if c.Operation != "" {
			t.report(caseStray, at, fmt.Sprintf("the case %s is about %s, which the contract does not have", c.ID, c.Operation))
		}
		if len(c.Requirements) == 0 {
			t.report(caseStray, at, "the case "+c.ID+" names no requirement")
		}
		for _, id := range c.Requirements {
			if !known[id] {
				t.report(caseStray, at, fmt.Sprintf("the case %s names the unknown requirement %s", c.ID, id))
			}
		}
		for _, status := range c.Statuses {
			if ok && op.Responses.Value(strconv.Itoa(status)) == nil {
				t.report(caseStray, at, fmt.Sprintf("the case %s proves %d, which the contract does not have for %s", c.ID, status, c.Operation))
			}
		}
	}
}

// traceStatuses asks for a case for every status of every operation.
func traceStatuses(t *tracer) {
	proved := map[int]bool{}
	for _, id := range slices.Sorted(maps.Keys(t.byID)) {
		op := t.byID[id]
		for _, status := range slices.Sorted(maps.Keys(op.Responses.Map())) {
			row := StatusRow{Operation: id, Status: status, Documented: !slices.Contains(op.inferred, status)}
			code, err := strconv.Atoi(status)
			for _, c := range t.in.Cases {
				if err == nil && string(c.Operation) == id && slices.Contains(c.Statuses, code) {
					row.Cases = append(row.Cases, c.ID)
				}
			}
			i := slices.IndexFunc(t.m.Unprovoked, func(u unprovoked) bool { return u.Status == code })
			switch {
			case len(row.Cases) > 0:
				proved[code] = true
			case i >= 0:
				row.Reason = t.m.Unprovoked[i].Reason
			default:
				t.report(statusCase, t.doc.Position(op.place.At("responses", status)),
					fmt.Sprintf("the status %s of %s has no conformance case", status, id))
			}
			t.result.Statuses = append(t.result.Statuses, row)
		}
	}
	for _, u := range t.m.Unprovoked {
		used := slices.ContainsFunc(t.result.Statuses, func(r StatusRow) bool { return r.Reason != "" && r.Status == strconv.Itoa(u.Status) })
		switch {
		case strings.TrimSpace(u.Reason) == "":
			t.report(mapStale, atMap(u.line), fmt.Sprintf("no reason is given why no case provokes the status %d", u.Status))
		case !used || proved[u.Status]:
			t.report(mapStale, atMap(u.line),
				fmt.Sprintf("the status %d is listed as unprovoked, and the contract does not have it or a case proves it", u.Status))
		}
	}
}
