package coverage_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/seed-5ec2a705/mtrack/conformance/chain/coverage"
	"github.com/seed-5ec2a705/mtrack/conformance/report"
	"github.com/seed-5ec2a705/mtrack/openapi"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

const document = `openapi: 3.0.3
info: {title: T, version: '1'}
paths:
  /things/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: string}}
    get:
      operationId: getThing
      parameters:
        - {name: x-trace, in: header, schema: {type: string}}
      responses:
        '200':
          description: The thing.
          headers:
            X-Request-ID: {schema: {type: string}}
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Thing'}
        '404': {description: None.}
        '503': {description: Not now.}
        default: {description: Anything.}
components:
  schemas:
    Thing:
      allOf:
        - type: object
          properties:
            id: {type: string}
            parts: {type: array, items: {$ref: '#/components/schemas/Thing'}}
        - type: object
          properties:
            links: {type: object, additionalProperties: {type: string}}
            shape: {oneOf: [{type: object, properties: {round: {type: boolean}}}, {type: object, properties: {edges: {type: integer}}}]}
`

func load(t *testing.T, text []byte) *source.Document {
	t.Helper()
	doc, err := source.Load(t.Context(), "api.yaml", source.Options{Reader: source.Memory{"api.yaml": text}})
	if err != nil || len(doc.Problems) > 0 {
		t.Fatal(err, doc)
	}
	return doc
}

func names(items []coverage.Item, exercised bool) []string {
	var list []string
	for _, i := range items {
		if i.Exercised == exercised {
			list = append(list, string(i.Kind)+" "+i.String())
		}
	}
	slices.Sort(list)
	return list
}

func TestMeasure(t *testing.T) {
	result := &coverage.Report{Coverage: []report.Coverage{
		{Operation: "getThing", Status: 200, Exchanges: 3, Cases: []string{"b", "a"}, Parameters: []string{"path:id"},
			ResponseHeaders: []string{"X-Request-Id", "Content-Type"}, Properties: []string{"id", "links", "links.self", "shape", "shape.edges", "unknown"}},
		{Operation: "getThing", Status: 500, Exchanges: 1, Properties: []string{"parts"}},
		{Operation: "other", Status: 404, Exchanges: 1},
	}}
	items := coverage.Measure(load(t, []byte(document)), result, []string{"503"})
	want := map[bool][]string{
		true: {
			"header getThing 200 X-Request-Id", "operation getThing", "parameter getThing path:id",
			"property getThing 200 id", "property getThing 200 links", "property getThing 200 links.*",
			"property getThing 200 shape", "property getThing 200 shape.edges", "status getThing 200",
		},
		false: {"parameter getThing header:X-Trace", "property getThing 200 parts", "property getThing 200 shape.round", "status getThing 404"},
	}
	for exercised, want := range want {
		if got := names(items, exercised); !slices.Equal(got, want) {
			t.Errorf("exercised %t:\n got %q\nwant %q", exercised, got, want)
		}
	}
	if got := coverage.Percent(items); got < 69.2 || got > 69.3 {
		t.Errorf("%.2f%% exercised, want 9 of 13", got)
	}
	for _, i := range items {
		if i.Kind == coverage.Status && i.Status == "200" && !slices.Equal(i.Cases, []string{"a", "b"}) {
			t.Errorf("the cases of 200 are %q", i.Cases)
		}
		if i.Position.Line == 0 {
			t.Errorf("%s has no place", i)
		}
	}
	findings := coverage.Findings(load(t, []byte(document)), items, 0)
	if len(findings) != 4 {
		t.Errorf("%d findings", len(findings))
	}
	for _, f := range findings {
		if f.Level != finding.Note || f.Fix == "" || f.Line == 0 {
			t.Errorf("incomplete finding: %+v", f)
		}
	}
}

// A run that did nothing exercised nothing, of every kind.
func TestMeasure_Nothing(t *testing.T) {
	items := coverage.Measure(load(t, openapi.Music), &coverage.Report{}, nil)
	if got := coverage.Percent(items); got != 0 {
		t.Errorf("%.1f%% exercised by nothing", got)
	}
	for _, kind := range coverage.Kinds() {
		if len(coverage.Of(items, kind)) == 0 {
			t.Errorf("the contract has no %s", kind)
		}
	}
	doc := load(t, openapi.Music)
	gaps, limit := coverage.Missing(items), coverage.Findings(doc, items, 0.5)
	if !slices.ContainsFunc(gaps, func(g coverage.Gap) bool { return g.Kind == coverage.Status && g.Within > 5 }) ||
		slices.ContainsFunc(gaps, func(g coverage.Gap) bool { return g.Kind == coverage.Property }) {
		t.Errorf("what a status has is not counted with it: %v", gaps)
	}
	if len(limit) != len(gaps)+1 || limit[0].Level != finding.Error || limit[0].Rule != "coverage-limit" || limit[0].Line != 1 || limit[0].Fix == "" {
		t.Errorf("nothing says that the limit is missed: %+v", limit[0])
	}
	if !slices.Contains(names(items, false), "property deleteTrack 403 error.details.track_id") {
		t.Error("a member below several allOf is not counted")
	}
}

func TestReadReport(t *testing.T) {
	for text, want := range map[string]string{
		"nonsense":              "is not a conformance report",
		"{}":                    "is not a conformance report",
		`{"report_version": 2}`: "a report of version 2",
		`[]`:                    "is not a conformance report",
	} {
		if _, err := coverage.ReadReport([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
	r, err := coverage.ReadReport([]byte(`{"report_version": 1, "suite": {"contract_sha256": "aa"}, "coverage": [{"operation": "getTrack", "status": 200, "exchanges": 1}], "new": 1}`))
	if err != nil || r.Suite.ContractSHA256 != "aa" || len(r.Coverage) != 1 {
		t.Errorf("%v %+v", err, r)
	}
	if err := r.About(load(t, openapi.Music)); err == nil || !strings.Contains(err.Error(), "is about another contract (sha256 aa, and api.yaml has ") {
		t.Errorf("another contract: %v", err)
	}
	if err := (&coverage.Report{}).About(load(t, openapi.Music)); !errors.Is(err, coverage.ErrNoContract) {
		t.Errorf("no contract: %v", err)
	}
}
