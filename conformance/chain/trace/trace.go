// Package trace follows the documentation page of this project through the
// requirements, the contract and the conformance cases, and reports where the
// chain is broken.
//
// The page stands in page/delete-track.md word for word: its own JSON blocks are
// the examples that are validated, and each of its sentences has to be accounted
// for in page/trace.yaml.
package trace

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/seed-5ec2a705/mtrack/conformance"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
	"github.com/seed-5ec2a705/mtrack/openapi"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/model"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

// contractFile is where the contract stands in the project, for messages.
const contractFile = "openapi/music.yaml"

// Input is what is traced.
type Input struct {
	Page         []byte
	Map          []byte
	Contract     []byte
	Requirements []requirement.Requirement
	Cases        []conformance.Case
}

// Project returns what this project consists of.
func Project() Input {
	return Input{pageText, mapText, openapi.Music, requirement.All(), conformance.Cases()}
}

// Result is the whole trace, complete also where findings break it.
type Result struct {
	Statements   []StatementRow
	Examples     []ExampleRow
	Requirements []RequirementRow
	Statuses     []StatusRow
	Findings     []finding.Finding
}

// StatementRow is a sentence of the page and what became of it.
type StatementRow struct {
	Statement
	Requirements []string
}

// ExampleRow is an example of the page and what became of it.
type ExampleRow struct {
	Name         string
	Line         int
	Valid        bool
	Requirements []string
}

// RequirementRow is a requirement with its place in the contract and its cases.
type RequirementRow struct {
	requirement.Requirement
	// Pointer and Line say where the contract holds it.
	Pointer string
	Line    int
	Cases   []string
}

// StatusRow is a status of an operation with the cases that prove it.
type StatusRow struct {
	Operation string
	Status    string
	// Documented is set where the page of the operation says it; else it is inferred.
	Documented bool
	Cases      []string
	// Reason says why no case can bring it about.
	Reason string
}

// Run traces in. An error means that the page, the map or the contract cannot be
// read at all.
func Run(ctx context.Context, in Input) (*Result, error) {
	page, err := ParsePage(in.Page)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", pageFile, err)
	}
	m, err := ParseMap(in.Map)
	if err != nil {
		return nil, err
	}
	doc, err := source.Load(ctx, contractFile, source.Options{Reader: source.Memory{contractFile: in.Contract}})
	if err != nil {
		return nil, err
	}
	if len(doc.Problems) > 0 {
		return nil, fmt.Errorf("%s: %s", doc.Problems[0].Position, doc.Problems[0].Message)
	}
	t := &tracer{in: in, page: page, m: m, doc: doc, result: &Result{}}
	t.operations()
	t.requirements()
	t.statements()
	t.cases()
	if op, ok := t.byID[m.Operation]; ok {
		t.documented(op)
	} else {
		t.report(ruleMap, finding.Position{File: mapFile, Line: 1, Column: 1}, "the contract has no operation "+m.Operation)
	}
	t.links()
	t.statuses()
	t.result.Findings = finding.Sort(t.result.Findings)
	return t.result, nil
}

type tracer struct {
	in     Input
	page   *Page
	m      *Map
	doc    *source.Document
	byID   map[string]operation
	result *Result
}

// operation is an operation of the contract.
type operation struct {
	*openapi3.Operation
	place        source.Place
	path, method string
	item         *openapi3.PathItem
	// page is the documentation page that the contract names, inferred what it says
	// that page does not say.
	page     string
	inferred []string
}

func (t *tracer) report(id string, at finding.Position, message string) {
	r := rule(id)
	t.result.Findings = append(t.result.Findings, finding.Finding{Position: at, Rule: id, Level: r.Level, Message: message, Fix: r.Fix})
}

func pageLine(line int) finding.Position {
	return finding.Position{File: pageFile, Line: line, Column: 1}
}

func mapLine(line int) finding.Position {
	return finding.Position{File: mapFile, Line: line, Column: 1}
}

// operations reads the contract's operations and the pages that they name.
func (t *tracer) operations() {
	t.byID = map[string]operation{}
	root := source.Place{File: t.doc.Root.Name}
	for path, item := range t.doc.Spec.Paths.Map() {
		for method, op := range item.Operations() {
			o := operation{Operation: op, place: root.At("paths", path, strings.ToLower(method)), path: path, method: method, item: item}
			if d, ok := op.Extensions["x-documentation"].(map[string]any); ok {
				o.page, _ = d["page"].(string)
				list, _ := d["inferred"].([]any)
				for _, v := range list {
					o.inferred = append(o.inferred, fmt.Sprint(v))
				}
			}
			t.byID[op.OperationID] = o
		}
	}
}

// casesOf returns the ids of the cases that name a requirement.
func (t *tracer) casesOf(r requirement.ID) []string {
	var ids []string
	for _, c := range t.in.Cases {
		if slices.Contains(c.Requirements, r) {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// mappedTo returns whether the map names a requirement.
func (t *tracer) mappedTo(r requirement.ID) bool {
	return slices.ContainsFunc(slices.Concat(t.m.Statements, t.m.Examples), func(m mapped) bool {
		return slices.Contains(m.Requirements, string(r))
	})
}

// requirements looks for the place and the cases of every requirement, and for
// the statement of those that come from the page.
func (t *tracer) requirements() {
	for _, r := range t.in.Requirements {
		row := RequirementRow{Requirement: r, Cases: t.casesOf(r.ID)}
		at := finding.Position{File: contractFile, Line: 1, Column: 1}
		if place, ok := t.placeOf(r); ok {
			at = t.doc.Position(place)
			row.Pointer, row.Line = place.Pointer.String(), at.Line
		} else {
			t.report(rulePlace, at, fmt.Sprintf("the requirement %s has no place in the contract: its source is %s, section %q", r.ID, r.Source.Page, r.Source.Section))
		}
		if len(row.Cases) == 0 {
			t.report(ruleNoCase, at, fmt.Sprintf("the requirement %s has no conformance case", r.ID))
		}
		if r.Source.Page == t.m.Page && !r.Source.Inferred && !t.mappedTo(r.ID) {
			t.report(ruleOrigin, mapLine(1), fmt.Sprintf("the requirement %s names the page as its source, and no statement of the page is mapped to it", r.ID))
		}
		t.result.Requirements = append(t.result.Requirements, row)
	}
}

// placeOf finds where the contract holds a requirement. One that a page is the
// source of belongs to the operation that names this page; one that the contract
// decides names its section.
func (t *tracer) placeOf(r requirement.Requirement) (source.Place, bool) {
	root := source.Place{File: t.doc.Root.Name}
	exists := func(p source.Place) (source.Place, bool) { return p, t.doc.Node(p) != nil }
	if r.Source.Page == contractFile {
		if r.Source.Section == "info" {
			return exists(root.At("info", "description"))
		}
		if op, ok := t.byID[r.Source.Section]; ok {
			return op.place, true
		}
		return exists(root.At("components").At(strings.Split(r.Source.Section, ".")...))
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

// statements compares the page's sentences with the map, in both directions.
func (t *tracer) statements() {
	known := map[requirement.ID]bool{}
	for _, r := range t.in.Requirements {
		known[r.ID] = true
	}
	for _, m := range slices.Concat(t.m.Statements, t.m.Examples) {
		for _, id := range m.Requirements {
			if !known[requirement.ID(id)] {
				t.report(ruleMap, mapLine(m.line), "the suite has no requirement "+id)
			}
		}
		if len(m.Requirements) == 0 {
			t.report(ruleMap, mapLine(m.line), "the entry names no requirement")
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
			t.report(ruleStatement, pageLine(s.Line), fmt.Sprintf("the statement %q became no requirement", s.Text))
		}
		t.result.Statements = append(t.result.Statements, row)
	}
	for _, r := range t.page.Requests {
		t.example(r.Name, r.Line, find(t.m.Examples, func(m mapped) bool { return m.Name == r.Name }))
	}
	for _, e := range t.page.Examples {
		t.example(e.Name, e.Line, find(t.m.Examples, func(m mapped) bool { return m.Name == e.Name }))
	}
	for _, m := range slices.Concat(t.m.Statements, t.m.Examples) {
		if !used[m.line] {
			t.report(ruleMap, mapLine(m.line), fmt.Sprintf("the page does not hold %q", m.Text+m.Name))
		}
	}
}

func (t *tracer) example(name string, line int, requirements []string) {
	if requirements == nil {
		t.report(ruleStatement, pageLine(line), fmt.Sprintf("the example %q became no requirement", name))
	}
	t.result.Examples = append(t.result.Examples, ExampleRow{Name: name, Line: line, Valid: true, Requirements: requirements})
}

func (t *tracer) invalid(name string) {
	for i, e := range t.result.Examples {
		if e.Name == name {
			t.result.Examples[i].Valid = false
		}
	}
}

// documented compares what the page says of its operation with the contract.
func (t *tracer) documented(op operation) {
	if op.page != t.m.Page {
		t.report(ruleLink, t.doc.Position(op.place), fmt.Sprintf("the operation %s names the page %q and not %s", op.OperationID, op.page, t.m.Page))
	}
	for _, s := range t.page.Statuses {
		if op.Responses.Value(strconv.Itoa(s.Code)) == nil {
			t.report(ruleStatus, pageLine(s.Line), fmt.Sprintf("the contract has no %d for %s", s.Code, op.OperationID))
		}
	}
	for _, name := range t.page.Parameters {
		if op.Parameters.GetByInAndName("path", name.Text) == nil && op.item.Parameters.GetByInAndName("path", name.Text) == nil {
			t.report(ruleParameter, pageLine(name.Line), "the contract has no path parameter "+name.Text)
		}
	}
	success := bodyOf(op, "200")
	for _, name := range t.page.Fields {
		if !model.Describes(success, name.Text) {
			t.report(ruleField, pageLine(name.Line), "the contract's answer has no property "+name.Text)
		}
	}
	for _, e := range t.page.Examples {
		t.validate(op, e)
	}
	for _, r := range t.page.Requests {
		t.request(op, r)
	}
}

// bodyOf returns the schema of a response's JSON body, or nil.
func bodyOf(op operation, status string) *openapi3.Schema {
	ref := op.Responses.Value(status)
	if ref == nil || ref.Value == nil {
		return nil
	}
	media := ref.Value.Content.Get("application/json")
	if media == nil || media.Schema == nil {
		return nil
	}
	return media.Schema.Value
}

// validate compares an example of the page with the contract: its members, each
// of which the contract has to describe, and its values.
func (t *tracer) validate(op operation, e Example) {
	schema := bodyOf(op, strconv.Itoa(e.Status))
	if schema == nil {
		t.invalid(e.Name)
		t.report(ruleExample, pageLine(e.Line), fmt.Sprintf("the contract describes no JSON body for %s", e.Name))
		return
	}
	for _, name := range model.MembersOf(e.Value) {
		if !model.Describes(schema, name) {
			t.invalid(e.Name)
			t.report(ruleField, pageLine(e.Line), fmt.Sprintf("the contract has no property %s in its %d", name, e.Status))
		}
	}
	for _, fault := range model.Faults(schema.VisitJSON(e.Value, openapi3.MultiErrors(), openapi3.VisitAsResponse())) {
		t.invalid(e.Name)
		t.report(ruleExample, pageLine(e.Line), fmt.Sprintf("the example %s is not valid at /%s: %s", e.Name, strings.Join(fault.Pointer, "/"), fault.Reason))
	}
}

// request compares an example request of the page with the contract.
func (t *tracer) request(op operation, r Request) {
	wrong := func(message string) {
		t.invalid(r.Name)
		t.report(ruleRequest, pageLine(r.Line), message)
	}
	u, err := url.Parse(r.URL)
	if err != nil {
		wrong("the URL of the request cannot be read")
		return
	}
	if !slices.ContainsFunc(t.doc.Spec.Servers, func(s *openapi3.Server) bool { return s.URL == u.Scheme+"://"+u.Host }) {
		wrong(fmt.Sprintf("the contract has no server %s://%s", u.Scheme, u.Host))
	}
	if r.Method != op.method || !matches(op.path, u.Path) {
		wrong(fmt.Sprintf("the contract's %s is %s %s, and the page shows %s %s", op.OperationID, op.method, op.path, r.Method, u.Path))
	}
	for _, header := range r.Header {
		if !t.authenticates(header) {
			wrong("the contract has no security scheme in the header " + header)
		}
	}
}

// matches reports whether a path is one of a template's.
func matches(template, path string) bool {
	a, b := strings.Split(template, "/"), strings.Split(path, "/")
	return slices.EqualFunc(a, b, func(x, y string) bool {
		return x == y || strings.HasPrefix(x, "{") && y != ""
	})
}

func (t *tracer) authenticates(header string) bool {
	for _, ref := range t.doc.Spec.Components.SecuritySchemes {
		if s := ref.Value; s != nil && (s.Type == "apiKey" && s.In == "header" && strings.EqualFold(s.Name, header) ||
			s.Type == "http" && strings.EqualFold(header, "Authorization")) {
			return true
		}
	}
	return false
}

// links asks for an operation for every page that the page calls related.
func (t *tracer) links() {
	for _, l := range t.page.Links {
		found := false
		for _, op := range t.byID {
			found = found || op.page == l.Text
		}
		if !found {
			t.report(ruleLink, pageLine(l.Line), "no operation of the contract names the page "+l.Text)
		}
	}
}

// cases compares what the cases name with what exists.
func (t *tracer) cases() {
	known := map[requirement.ID]bool{}
	for _, r := range t.in.Requirements {
		known[r.ID] = true
	}
	for _, c := range t.in.Cases {
		at := finding.Position{File: contractFile, Line: 1, Column: 1}
		op, ok := t.byID[string(c.Operation)]
		if ok {
			at = t.doc.Position(op.place)
		} else if c.Operation != "" {
			t.report(ruleCase, at, fmt.Sprintf("the case %s is about %s, which the contract does not have", c.ID, c.Operation))
		}
		if len(c.Requirements) == 0 {
			t.report(ruleCase, at, "the case "+c.ID+" names no requirement")
		}
		for _, id := range c.Requirements {
			if !known[id] {
				t.report(ruleCase, at, fmt.Sprintf("the case %s names the unknown requirement %s", c.ID, id))
			}
		}
		for _, status := range c.Statuses {
			if ok && op.Responses.Value(strconv.Itoa(status)) == nil {
				t.report(ruleCase, at, fmt.Sprintf("the case %s proves %d, which the contract does not have for %s", c.ID, status, c.Operation))
			}
		}
	}
}

// statuses asks for a case for every status of every operation.
func (t *tracer) statuses() {
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
				t.report(ruleStatusCase, t.doc.Position(op.place.At("responses", status)), fmt.Sprintf("the status %s of %s has no conformance case", status, id))
			}
			t.result.Statuses = append(t.result.Statuses, row)
		}
	}
	for _, u := range t.m.Unprovoked {
		used := slices.ContainsFunc(t.result.Statuses, func(r StatusRow) bool { return r.Reason != "" && r.Status == strconv.Itoa(u.Status) })
		switch {
		case strings.TrimSpace(u.Reason) == "":
			t.report(ruleMap, mapLine(u.line), fmt.Sprintf("the status %d is excepted without a reason", u.Status))
		case !used || proved[u.Status]:
			t.report(ruleMap, mapLine(u.line), fmt.Sprintf("the exception of the status %d excepts nothing, or a case proves it", u.Status))
		}
	}
}
