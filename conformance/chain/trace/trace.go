// Package trace follows the documentation page of this project through the
// requirements, the contract and the conformance cases, and reports where the
// chain is broken.
//
// The page is in page/delete-track.md word for word: its own JSON blocks are
// the examples that are validated, and each of its sentences has to be accounted
// for in page/trace.yaml.
package trace

import (
	"context"
	"fmt"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/seed-5ec2a705/mtrack/conformance"
	"github.com/seed-5ec2a705/mtrack/conformance/chain"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
	"github.com/seed-5ec2a705/mtrack/openapi"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

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

// Rules returns the rules of a trace, in the order in which they are documented.
func Rules() []finding.Rule {
	return []finding.Rule{
		statementUntraced, mapStale, requirementPlace, requirementOrigin, requirementCase, caseStray, pageStatus, pageField,
		pageParameter, pageRequest, pageLink, pageExample, statusCase, generatedStale,
	}
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
	// Pointer and Line say where the contract has it.
	Pointer string
	Line    int
	Cases   []string
}

// StatusRow is a status of an operation with the cases that prove it.
type StatusRow struct {
	Operation string
	Status    string
	// Documented is set where the page of the operation says it; otherwise it is inferred.
	Documented bool
	Cases      []string
	// Reason says why no case can bring it about.
	Reason string
}

// Run traces the input. An error means that the page, the map or the contract cannot
// be read at all.
func Run(ctx context.Context, in Input) (*Result, error) {
	page, err := ParsePage(in.Page)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", pageFile, err)
	}
	m, err := ParseMap(in.Map)
	if err != nil {
		return nil, err
	}
	doc, err := chain.LoadContract(ctx, in.Contract)
	if err != nil {
		return nil, err
	}
	t := &tracer{in: in, page: page, m: m, doc: doc, result: &Result{}}
	t.operations()
	traceRequirements(t)
	traceStatements(t)
	traceCases(t)
	if op, ok := t.byID[m.Operation]; ok {
		traceOperation(t, op)
	} else {
		t.report(mapStale, atMap(1), "the contract has no operation "+m.Operation)
	}
	traceLinks(t)
	traceStatuses(t)
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
	// page is the documentation page that the contract names; inferred are the statuses
	// that, by the contract, the page does not say.
	page     string
	inferred []string
}

func (t *tracer) report(r finding.Rule, at finding.Position, message string) {
	t.result.Findings = append(t.result.Findings, broken(r, at, message))
}

// invalid marks an example as one that the contract does not allow.
func (t *tracer) invalid(name string) {
	for i, e := range t.result.Examples {
		if e.Name == name {
			t.result.Examples[i].Valid = false
		}
	}
}

func broken(r finding.Rule, at finding.Position, message string) finding.Finding {
	return finding.Finding{Position: at, Rule: r.ID, Level: r.Level, Message: message, Fix: r.Fix}
}

// atContract is where findings are shown that have no place in the contract.
var atContract = finding.Position{File: chain.ContractFile, Line: 1, Column: 1}

func atPage(line int) finding.Position {
	return finding.Position{File: pageFile, Line: line, Column: 1}
}

func atMap(line int) finding.Position {
	return finding.Position{File: mapFile, Line: line, Column: 1}
}

// operations reads the contract's operations and the pages that they name.
func (t *tracer) operations() {
	t.byID = map[string]operation{}
	for path, item := range t.doc.Spec.Paths.Map() {
		for method, op := range item.Operations() {
			o := operation{Operation: op, place: t.doc.RootPlace("paths", path, strings.ToLower(method)), path: path, method: method, item: item}
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
