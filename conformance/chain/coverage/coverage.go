// Package coverage finds in the report of a conformance run which parts of the
// contract the run exercised.
package coverage

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

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

// within reports whether the item is a header or a property of a response of that status.
func (i Item) within(status Item) bool {
	return status.Kind == Status && (i.Kind == Header || i.Kind == Property) && i.Operation == status.Operation && i.Status == status.Status
}

// Measure lists every part of the contract and says which the report exercised.
// Responses of the excluded statuses, and the ranges and defaults that no exchange
// can be counted for, are left out.
func Measure(doc *source.Document, report *Report, exclude []string) []Item {
	m := measurement{doc: doc, cells: map[string][]Cell{}}
	for _, c := range report.Coverage {
		m.cells[string(c.Operation)] = append(m.cells[string(c.Operation)], c)
	}
	paths := doc.Spec.Paths.Map()
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		operations := paths[path].Operations()
		for _, method := range slices.Sorted(maps.Keys(operations)) {
			op := operations[method]
			place := doc.RootPlace("paths", path, strings.ToLower(method))
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
	cells map[string][]Cell
	items []Item
}

// add counts an item by the cells in which it was seen.
func (m *measurement) add(item Item, place source.Place, seen func(Cell) bool) {
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
	m.add(Item{Kind: Operation, Operation: op.OperationID}, place, func(c Cell) bool { return c.Exchanges > 0 })
	for _, ref := range parameters {
		if ref.Value == nil {
			continue
		}
		name := ref.Value.Name
		if ref.Value.In == openapi3.ParameterInHeader {
			name = http.CanonicalHeaderKey(name)
		}
		name = ref.Value.In + ":" + name
		m.add(Item{Kind: Parameter, Operation: op.OperationID, Name: name}, place, func(c Cell) bool {
			return slices.Contains(c.Parameters, name)
		})
	}
}

func (m *measurement) response(op *openapi3.Operation, status string, r *openapi3.Response, place source.Place) {
	of := func(seen func(Cell) bool) func(Cell) bool {
		return func(c Cell) bool { return strconv.Itoa(c.Status) == status && seen(c) }
	}
	m.add(Item{Kind: Status, Operation: op.OperationID, Status: status}, place, of(func(c Cell) bool { return c.Exchanges > 0 }))
	for _, header := range slices.Sorted(maps.Keys(r.Headers)) {
		name := http.CanonicalHeaderKey(header)
		m.add(Item{Kind: Header, Operation: op.OperationID, Status: status, Name: name}, place, of(func(c Cell) bool {
			return slices.ContainsFunc(c.ResponseHeaders, func(h string) bool { return http.CanonicalHeaderKey(h) == name })
		}))
	}
	media := r.Content.Get("application/json")
	if media == nil || media.Schema == nil {
		return
	}
	for _, name := range model.Members(media.Schema.Value) {
		m.add(Item{Kind: Property, Operation: op.OperationID, Status: status, Name: name}, place, of(func(c Cell) bool {
			return slices.ContainsFunc(c.Properties, func(p string) bool { return model.MemberMatches(name, p) })
		}))
	}
}

// Percent returns how much of the items was exercised, from 0 to 100. Without any
// items it is 100.
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
