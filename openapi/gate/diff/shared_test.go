package diff_test

import (
	"slices"
	"strings"
	"testing"
)

// Each of many operations that share the body of a response has the changes that it has alone.
func TestDocuments_SharedBodies(t *testing.T) {
	t.Parallel()
	document := func(schema string, paths ...string) string {
		var b strings.Builder
		b.WriteString("openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths:\n")
		for _, path := range paths {
			b.WriteString("  " + path + ":\n    get:\n      operationId: " + path[1:] + "\n      responses:\n" +
				"        '200': {description: Fine., content: {application/json: {schema: {$ref: '#/components/schemas/T'}}}}\n" +
				"        default: {$ref: '#/components/responses/Failure'}\n")
		}
		b.WriteString("components:\n  responses:\n    Failure: {description: No., content: {application/json: {schema: {$ref: '#/components/schemas/T'}}}}\n" +
			"  schemas:\n    T: " + schema + "\n")
		return b.String()
	}
	const (
		before = "{type: object, required: [a], properties: {a: {type: string}, b: {type: string, enum: [x]}, c: {type: integer}, t: {$ref: '#/components/schemas/T'}}}"
		after  = "{type: object, properties: {a: {type: string}, b: {type: string, enum: [x, y]}, c: {type: string}, t: {$ref: '#/components/schemas/T'}}}"
	)
	found := func(operation string, paths ...string) []string {
		r := compare(t, document(before, paths...), document(after, paths...))
		var list []string
		for _, f := range slices.Concat(r.Breaking, r.Requirements, r.Notes) {
			if f.Operation == operation {
				list = append(list, string(f.Level)+" "+f.Rule+" "+f.Message+" "+f.Pointer)
			}
		}
		slices.Sort(list)
		return list
	}
	alone := found("GET /a (a)", "/a")
	if len(alone) < 6 {
		t.Fatalf("too few changes: %q", alone)
	}
	for _, path := range []string{"/a", "/b", "/c"} {
		if got := found("GET "+path+" ("+path[1:]+")", "/a", "/b", "/c"); !slices.Equal(got, alone) {
			t.Errorf("%s: got\n%s\nwant\n%s", path, strings.Join(got, "\n"), strings.Join(alone, "\n"))
		}
	}
}
