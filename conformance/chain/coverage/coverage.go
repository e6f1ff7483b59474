// Package coverage tells from the report of a conformance run which parts of the
// contract the run really exercised.
package coverage

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/seed-5ec2a705/mtrack/conformance/report"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/model"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

// Kind is a kind of part of a contract.
type Kind string

// The kinds, in the order in which they are shown.
const (
	Operation Kind = "operation"
	Status    Kind = "status"
	Parameter Kind = "parameter"
	Header    Kind = "header"
	Property  Kind = "property"
)

// Kinds lists the kinds.
func Kinds() []Kind { return []Kind{Operation, Status, Parameter, Header, Property} }

// Item is one part of the contract.
type Item struct {
	Kind      Kind   `json:"kind"`
	Operation string `json:"operation"`
	// Status is empty for operations and parameters.
	Status string `json:"status,omitempty"`
	// Name is "query:limit" for a parameter, "X-Request-Id" for a header,
	// "error.details.track_id" for a property.
	Name string `json:"name,omitempty"`
	// Cases had an exchange that exercised it; empty where none did.
	Cases []string `json:"cases"`
	// Exercised is false where no exchange had it.
	Exercised bool             `json:"exercised"`
	Position  finding.Position `json:"position"`
}

// String names the item in a line.
func (i Item) String() string {
	return strings.Join(slices.DeleteFunc([]string{i.Operation, i.Status, i.Name}, func(s string) bool { return s == "" }), " ")
}

// Report is the part of a conformance report that is read.
type Report struct {
	Version int `json:"report_version"`
	Suite   struct {
		ContractSHA256 string `json:"contract_sha256"`
	} `json:"suite"`
	Coverage []report.Coverage `json:"coverage"`
}

// ReadReport parses a conformance report in JSON. An error says what else it is.
func ReadReport(data []byte) (*Report, error) {
	var r Report
	err := json.Unmarshal(data, &r)
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return nil, fmt.Errorf("is not a conformance report: it is not JSON from byte %d on, or is cut off there: %w", syntax.Offset, err)
	case err != nil, r.Version == 0:
		return nil, errors.New("is not a conformance report: write one with `mtrack-conformance run --report json=PATH`")
	case r.Version != report.Version:
		return nil, fmt.Errorf("is a report of version %d, and this program reads version %d: use the mtrack-spec of the same release", r.Version, report.Version)
	}
	return &r, nil
}

// Measure lists every part of the contract and says which the report exercised.
// Responses of the excluded statuses, and the ranges and defaults that no exchange
// can be counted for, are left out.
func Measure(doc *source.Document, result *Report, exclude []string) []Item {
	m := measurement{doc: doc, cells: map[string][]report.Coverage{}}
	for _, c := range result.Coverage {
		m.cells[string(c.Operation)] = append(m.cells[string(c.Operation)], c)
	}
	root := source.Place{File: doc.Root.Name}
	paths := doc.Spec.Paths.Map()
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		operations := paths[path].Operations()
		for _, method := range slices.Sorted(maps.Keys(operations)) {
			op := operations[method]
			place := root.At("paths", path, strings.ToLower(method))
			m.operation(op, place, slices.Concat(paths[path].Parameters, op.Parameters))
			responses := op.Responses.Map()
			for _, status := range slices.Sorted(maps.Keys(responses)) {
				if _, err := strconv.Atoi(status); err == nil && !slices.Contains(exclude, status) && responses[status].Value != nil {
					m.response(op, status, responses[status].Value, place.At("responses", status))
				}
			}
		}
	}
	return m.items
}

type measurement struct {
	doc   *source.Document
	cells map[string][]report.Coverage
	items []Item
}

// add counts an item by the cells in which it was seen.
func (m *measurement) add(item Item, place source.Place, seen func(report.Coverage) bool) {
	item.Position = m.doc.Position(place)
	cases := map[string]bool{}
	for _, c := range m.cells[item.Operation] {
		if seen(c) {
			item.Exercised = true
			for _, id := range c.Cases {
				cases[id] = true
			}
		}
	}
	item.Cases = slices.AppendSeq([]string{}, maps.Keys(cases))
	slices.Sort(item.Cases)
	m.items = append(m.items, item)
}

func (m *measurement) operation(op *openapi3.Operation, place source.Place, parameters openapi3.Parameters) {
	m.add(Item{Kind: Operation, Operation: op.OperationID}, place, func(c report.Coverage) bool { return c.Exchanges > 0 })
	for _, ref := range parameters {
		if ref.Value == nil {
			continue
		}
		name := ref.Value.Name
		if ref.Value.In == openapi3.ParameterInHeader {
			name = http.CanonicalHeaderKey(name)
		}
		name = ref.Value.In + ":" + name
		m.add(Item{Kind: Parameter, Operation: op.OperationID, Name: name}, place, func(c report.Coverage) bool {
			return slices.Contains(c.Parameters, name)
		})
	}
}

func (m *measurement) response(op *openapi3.Operation, status string, r *openapi3.Response, place source.Place) {
	of := func(seen func(report.Coverage) bool) func(report.Coverage) bool {
		return func(c report.Coverage) bool { return strconv.Itoa(c.Status) == status && seen(c) }
	}
	m.add(Item{Kind: Status, Operation: op.OperationID, Status: status}, place, of(func(c report.Coverage) bool { return c.Exchanges > 0 }))
	for _, header := range slices.Sorted(maps.Keys(r.Headers)) {
		name := http.CanonicalHeaderKey(header)
		m.add(Item{Kind: Header, Operation: op.OperationID, Status: status, Name: name}, place, of(func(c report.Coverage) bool {
			return slices.ContainsFunc(c.ResponseHeaders, func(h string) bool { return http.CanonicalHeaderKey(h) == name })
		}))
	}
	media := r.Content.Get("application/json")
	if media == nil || media.Schema == nil {
		return
	}
	for _, name := range model.Members(media.Schema.Value) {
		m.add(Item{Kind: Property, Operation: op.OperationID, Status: status, Name: name}, place, of(func(c report.Coverage) bool {
			return slices.ContainsFunc(c.Properties, func(p string) bool { return model.MemberMatches(name, p) })
		}))
	}
}

// Percent returns how much of the items was exercised, from 0 to 100. Of nothing
// everything was.
func Percent(items []Item) float64 {
	if len(items) == 0 {
		return 100
	}
	n := 0
	for _, i := range items {
		if i.Exercised {
			n++
		}
	}
	return 100 * float64(n) / float64(len(items))
}

// Of returns the items of a kind.
func Of(items []Item, kind Kind) []Item {
	var list []Item
	for _, i := range items {
		if i.Kind == kind {
			list = append(list, i)
		}
	}
	return list
}

// Gap is something that was not exercised, with what could not be for that reason.
type Gap struct {
	Item
	// Within counts the headers and properties of a status that never came.
	Within int
}

// String names the gap in a line.
func (g Gap) String() string {
	if g.Within == 0 {
		return g.Item.String()
	}
	return fmt.Sprintf("%s, and its %d headers and properties", g.Item, g.Within)
}

// Missing lists what was not exercised. The headers and properties of a status that
// never came are counted with it.
func Missing(items []Item) []Gap {
	var gaps []Gap
	for _, i := range items {
		switch last := len(gaps) - 1; {
		case i.Exercised:
		case last >= 0 && gaps[last].Kind == Status && (i.Kind == Header || i.Kind == Property) && gaps[last].Operation == i.Operation && gaps[last].Status == i.Status:
			gaps[last].Within++
		default:
			gaps = append(gaps, Gap{Item: i})
		}
	}
	return gaps
}

// ruleLimit is about the whole, the other rules are about one kind each.
const ruleLimit = "coverage-limit"

// Rules returns the rules that Findings uses.
func Rules() []finding.Rule {
	const fix = "Add a conformance case that has it, or run the cases that were left out."
	list := []finding.Rule{{
		ID: ruleLimit, Level: finding.Error, Title: "As much of the contract is exercised as was asked for",
		Why: "What no exchange had is not proved by the run.", Fix: "Run the cases that were left out, or add cases for what is listed; --exclude-status leaves out what no run can bring about.",
	}}
	for _, k := range Kinds() {
		list = append(list, finding.Rule{
			ID: "coverage-" + string(k), Level: finding.Note, Title: "Every " + string(k) + " of the contract is exercised",
			Why: "What no exchange had is not proved by the run.", Fix: fix,
		})
	}
	return list
}

// Findings turns what was not exercised into findings, at its place in the contract.
// Less than the limit, in percent, is one too.
func Findings(doc *source.Document, items []Item, limit float64) []finding.Finding {
	fix := map[string]string{}
	for _, r := range Rules() {
		fix[r.ID] = r.Fix
	}
	var list []finding.Finding
	if percent := Percent(items); percent < limit {
		list = append(list, finding.Finding{
			Position: finding.Position{File: doc.Root.Display, Line: 1, Column: 1}, Rule: ruleLimit, Level: finding.Error,
			Message: fmt.Sprintf("the run exercised %.2f%% of the contract, and %g%% are asked for", percent, limit), Fix: fix[ruleLimit],
		})
	}
	for _, g := range Missing(items) {
		id := "coverage-" + string(g.Kind)
		list = append(list, finding.Finding{
			Position: g.Position, Rule: id, Level: finding.Note, Operation: g.Operation,
			Message: fmt.Sprintf("the run did not exercise the %s %s", g.Kind, g), Fix: fix[id],
		})
	}
	return list
}
