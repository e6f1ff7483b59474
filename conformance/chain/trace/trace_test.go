package trace

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seed-5ec2a705/mtrack/conformance"
	"github.com/seed-5ec2a705/mtrack/conformance/chain"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
	"github.com/seed-5ec2a705/mtrack/conformance/testenv"
	"github.com/seed-5ec2a705/mtrack/openapi"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
)

// unbroken is an unbroken chain: the real page, contract and requirements, with one
// made-up case for each requirement and for each status that needs one.
func unbroken(t *testing.T) Input {
	t.Helper()
	in := Input{Page: pageText, Map: mapText, Contract: openapi.Music, Requirements: requirement.All()}
	for _, r := range in.Requirements {
		in.Cases = append(in.Cases, conformance.Case{ID: "case/" + string(r.ID), Operation: r.Operation, Requirements: []requirement.ID{r.ID}})
	}
	for op, statuses := range map[requirement.Operation][]int{
		requirement.DeleteTrack: {200, 401, 403, 404}, requirement.GetTrack: {200, 401, 404},
		requirement.ListSavedTracks: {200, 401, 404, 422}, requirement.UnsaveTrack: {200, 401, 404},
	} {
		for _, s := range statuses {
			in.Cases = append(in.Cases, conformance.Case{
				ID: fmt.Sprintf("case/%s-%d", op, s), Operation: op, Requirements: []requirement.ID{in.Requirements[0].ID}, Statuses: []int{s},
			})
		}
	}
	return in
}

func TestRun_UnbrokenChain(t *testing.T) {
	result, err := Run(t.Context(), unbroken(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range result.Findings {
		t.Errorf("%s: %s [%s]", f.Position, f.Message, f.Rule)
	}
	if len(result.Statements) < 10 || len(result.Examples) != 5 || len(result.Requirements) < 60 || len(result.Statuses) < 20 {
		t.Errorf("the trace is short: %d statements, %d examples, %d requirements, %d statuses",
			len(result.Statements), len(result.Examples), len(result.Requirements), len(result.Statuses))
	}
}

// replace returns text with one occurrence replaced, which must be there.
func replace(t *testing.T, text []byte, old, new string) []byte {
	t.Helper()
	if !bytes.Contains(text, []byte(old)) {
		t.Fatalf("there is no %q to replace", old)
	}
	return bytes.Replace(text, []byte(old), []byte(new), 1)
}

// Each way of breaking the chain is caught by the rule named for it, and by no surprise.
func TestRun_BrokenChain(t *testing.T) {
	tests := []struct {
		name   string
		rule   string
		at     string // file that the finding points into
		also   []string
		breaks func(t *testing.T, in *Input)
	}{
		{"a new sentence on the page", statementUntraced.ID, pageFile, nil, func(t *testing.T, in *Input) {
			in.Page = replace(t, in.Page, "A mutation acknowledgement.", "A mutation acknowledgement. It comes within a second.")
		}},
		{"a sentence that has gone", mapStale.ID, mapFile, nil, func(t *testing.T, in *Input) {
			in.Page = replace(t, in.Page, "Soft-delete a track. ", "")
		}},
		{"a sentence in other words", statementUntraced.ID, pageFile, []string{mapStale.ID}, func(t *testing.T, in *Input) {
			in.Page = replace(t, in.Page, "Soft-delete a track.", "Delete a track.")
		}},
		{"a map to a requirement that does not exist", mapStale.ID, mapFile, nil, func(t *testing.T, in *Input) {
			in.Map = replace(t, in.Map, "[delete.acknowledgement, delete.detail-tells-something]", "[delete.acknowledgement, delete.detail-tells-something, delete.no-such]")
		}},
		{"a map to nothing", mapStale.ID, mapFile, nil, func(t *testing.T, in *Input) {
			in.Map = replace(t, in.Map, "text: A mutation acknowledgement.\n    requirements: [delete.acknowledgement]", "text: A mutation acknowledgement.\n    requirements: []")
		}},
		{"an operation that does not exist", mapStale.ID, mapFile, nil, func(t *testing.T, in *Input) {
			in.Map = replace(t, in.Map, "operation: deleteTrack", "operation: removeTrack")
		}},
		{"a requirement without a case", requirementCase.ID, chain.ContractFile, nil, func(_ *testing.T, in *Input) {
			in.Cases = slices.DeleteFunc(in.Cases, func(c conformance.Case) bool { return c.ID == "case/delete.body-ignored" })
		}},
		{"a requirement of no section", requirementPlace.ID, chain.ContractFile, nil, func(_ *testing.T, in *Input) {
			in.Requirements = append(in.Requirements, requirement.Requirement{ID: "x.y", Source: requirement.Source{Page: chain.ContractFile, Section: "headers.None", Inferred: true}})
			in.Cases = append(in.Cases, conformance.Case{ID: "case/x", Requirements: []requirement.ID{"x.y"}})
		}},
		{"a requirement of an unknown page", requirementPlace.ID, chain.ContractFile, nil, func(_ *testing.T, in *Input) {
			in.Requirements = append(in.Requirements, requirement.Requirement{ID: "x.y", Source: requirement.Source{Page: "/docs/none"}})
			in.Cases = append(in.Cases, conformance.Case{ID: "case/x", Requirements: []requirement.ID{"x.y"}})
		}},
		{"a requirement that the page does not say", requirementOrigin.ID, mapFile, nil, func(_ *testing.T, in *Input) {
			in.Requirements = append(in.Requirements, requirement.Requirement{ID: "x.y", Operation: requirement.DeleteTrack,
				Source: requirement.Source{Page: "/docs/api-reference/music/delete-track", Section: "Returns"}})
			in.Cases = append(in.Cases, conformance.Case{ID: "case/x", Requirements: []requirement.ID{"x.y"}})
		}},
		{"a case of an unknown requirement", caseStray.ID, chain.ContractFile, nil, func(_ *testing.T, in *Input) {
			in.Cases = append(in.Cases, conformance.Case{ID: "case/x", Requirements: []requirement.ID{"x.y"}})
		}},
		{"a case of no requirement", caseStray.ID, chain.ContractFile, nil, func(_ *testing.T, in *Input) {
			in.Cases = append(in.Cases, conformance.Case{ID: "case/x"})
		}},
		{"a case of an unknown operation", caseStray.ID, chain.ContractFile, nil, func(_ *testing.T, in *Input) {
			in.Cases = append(in.Cases, conformance.Case{ID: "case/x", Operation: "shareTrack", Requirements: []requirement.ID{"delete.only-creator"}})
		}},
		{"a case of a status that is not in the contract", caseStray.ID, chain.ContractFile, nil, func(_ *testing.T, in *Input) {
			in.Cases = append(in.Cases, conformance.Case{ID: "case/x", Operation: requirement.GetTrack, Requirements: []requirement.ID{"delete.only-creator"}, Statuses: []int{403}})
		}},
		{"a status that only the page has", pageStatus.ID, pageFile, nil, func(t *testing.T, in *Input) {
			in.Page = replace(t, in.Page, "has no access to it.", "has no access to it. Returns `409` if it is playing.")
			in.Map = replace(t, in.Map, "statements:\n", "statements:\n  - text: Returns `409` if it is playing.\n    requirements: [delete.only-creator]\n")
		}},
		{"a status that the contract lost", pageStatus.ID, pageFile, []string{pageExample.ID, caseStray.ID}, func(t *testing.T, in *Input) {
			in.Contract = replace(t, in.Contract, "        '403':\n          $ref: '#/components/responses/NotCreator'\n", "")
		}},
		{"a field that the contract lost", pageField.ID, pageFile, []string{pageExample.ID}, func(t *testing.T, in *Input) {
			in.Page = replace(t, in.Page, "**`detail`** string ·", "**`details`** string ·")
		}},
		{"a member of an example that the contract does not describe", pageField.ID, pageFile, nil, func(t *testing.T, in *Input) {
			in.Page = replace(t, in.Page, `"trace_id": "req_def456uvw",`, `"trace_id": "req_def456uvw", "hint": "ask the creator",`)
		}},
		{"a parameter of another name", pageParameter.ID, pageFile, nil, func(t *testing.T, in *Input) {
			in.Page = replace(t, in.Page, "**`track_id`** string required", "**`id`** string required")
		}},
		{"a request of another path", pageRequest.ID, pageFile, nil, func(t *testing.T, in *Input) {
			in.Page = replace(t, in.Page, "/v1/music/org_abc123/tracks/", "/v2/music/org_abc123/tracks/")
		}},
		{"a request by another method", pageRequest.ID, pageFile, nil, func(t *testing.T, in *Input) {
			in.Page = replace(t, in.Page, "-X DELETE", "-X POST")
		}},
		{"a request to another server", pageRequest.ID, pageFile, nil, func(t *testing.T, in *Input) {
			in.Page = replace(t, in.Page, "https://api.aitronos.com", "https://api.example.com")
		}},
		{"a request with another header", pageRequest.ID, pageFile, nil, func(t *testing.T, in *Input) {
			in.Page = replace(t, in.Page, `-H "X-API-Key:`, `-H "X-Key:`)
		}},
		{"a related page without an operation", pageLink.ID, pageFile, nil, func(t *testing.T, in *Input) {
			in.Page = replace(t, in.Page, "/docs/api-reference/music/get-track)", "/docs/api-reference/music/share-track)")
		}},
		{"an example that is not valid", pageExample.ID, pageFile, nil, func(t *testing.T, in *Input) {
			in.Page = replace(t, in.Page, `"code": "AUTHENTICATION_REQUIRED"`, `"code": "NO_KEY"`)
		}},
		{"an example that lacks a member", pageExample.ID, pageFile, nil, func(t *testing.T, in *Input) {
			in.Page = replace(t, in.Page, `"detail": "Track deleted."`, `"success": true`)
		}},
		{"a contract that forbids an example", pageExample.ID, pageFile, nil, func(t *testing.T, in *Input) {
			in.Contract = replace(t, in.Contract, "enum: [INSUFFICIENT_PERMISSIONS]", "enum: [FORBIDDEN]")
		}},
		{"a status without a case", statusCase.ID, chain.ContractFile, nil, func(_ *testing.T, in *Input) {
			in.Cases = slices.DeleteFunc(in.Cases, func(c conformance.Case) bool { return c.ID == "case/listSavedTracks-422" })
		}},
		{"an exception that a case has made stale", mapStale.ID, mapFile, nil, func(_ *testing.T, in *Input) {
			in.Cases = append(in.Cases, conformance.Case{ID: "case/x", Operation: requirement.GetTrack, Requirements: []requirement.ID{"delete.only-creator"}, Statuses: []int{503}})
		}},
		{"an exception without a reason", mapStale.ID, mapFile, nil, func(t *testing.T, in *Input) {
			in.Map = replace(t, in.Map, "reason: It takes a store that is down; the reference server's own tests take the store away.", "reason: ''")
		}},
	}
	proved := map[string]bool{generatedStale.ID: true} // by TestCheckGenerated
	for _, tt := range tests {
		proved[tt.rule] = true
		t.Run(tt.name, func(t *testing.T) {
			in := unbroken(t)
			tt.breaks(t, &in)
			result, err := Run(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			caught := false
			for _, f := range result.Findings {
				if f.Line < 1 || f.Fix == "" {
					t.Errorf("incomplete finding: %+v", f)
				}
				switch {
				case f.Rule == tt.rule && f.File == tt.at:
					caught = true
				case f.Rule == tt.rule || slices.Contains(tt.also, f.Rule):
				default:
					t.Errorf("surprise: %s: %s [%s]", f.Position, f.Message, f.Rule)
				}
			}
			if !caught {
				t.Errorf("%s does not report it in %s: %+v", tt.rule, tt.at, result.Findings)
			}
		})
	}
	for _, r := range Rules() {
		if !proved[r.ID] {
			t.Errorf("nothing proves the rule %s", r.ID)
		}
	}
}

func TestRun_Unreadable(t *testing.T) {
	for name, tt := range map[string]struct {
		breaks func(in *Input)
		want   string
	}{
		"an example that is not JSON": {func(in *Input) { in.Page = bytes.Replace(in.Page, []byte(`"success": true,`), []byte(`success`), 1) }, `the example "200 OK" is not JSON`},
		"an open block":               {func(in *Input) { in.Page = append(slices.Clone(in.Page), "\n```json 500 Oh\n"...) }, "the block is not closed"},
		"a block without a status":    {func(in *Input) { in.Page = bytes.Replace(in.Page, []byte("json 200 OK"), []byte("json OK"), 1) }, "not headed by a status"},
		"a map that is none":          {func(in *Input) { in.Map = []byte("nonsense: 1\n") }, "trace.yaml"},
		"a contract that is none":     {func(in *Input) { in.Contract = []byte("swagger: '2.0'\n") }, "Swagger 2.0"},
	} {
		t.Run(name, func(t *testing.T) {
			in := unbroken(t)
			tt.breaks(&in)
			if _, err := Run(t.Context(), in); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got error %v, want %q", err, tt.want)
			}
		})
	}
}

// This project's own chain is unbroken.
func TestProject(t *testing.T) {
	result, err := Run(t.Context(), Project())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range result.Findings {
		t.Errorf("%s: %s [%s]", f.Position, f.Message, f.Rule)
	}
}

func TestResult_Writes(t *testing.T) {
	in := unbroken(t)
	in.Page = replace(t, in.Page, `"code": "AUTHENTICATION_REQUIRED"`, `"code": "NO_KEY"`)
	in.Requirements[0].Statement = "Holds | and <b>."
	result, err := Run(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	var text, markdown, machine bytes.Buffer
	for format, w := range map[finding.Format]*bytes.Buffer{finding.Text: &text, Markdown: &markdown, finding.JSON: &machine} {
		if err := result.Write(w, format, "tool", "v1"); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{"After deletion the track no longer appears in any library.", "example 401 Unauthorized: NOT VALID", "delete.only-creator", "openapi/music.yaml:", "none: Limits are"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the table does not say %q", want)
		}
	}
	for _, want := range []string{`Holds \| and &lt;b>.`, "| `deleteTrack` | `403` | documented |", "NOT VALID"} {
		if !strings.Contains(markdown.String(), want) {
			t.Errorf("the document does not say %q", want)
		}
	}
	var out struct {
		Examples []struct {
			Name  string
			Valid bool
		}
		Findings []struct{ Rule string }
	}
	if err := json.Unmarshal(machine.Bytes(), &out); err != nil || len(out.Findings) != 1 || len(out.Examples) != 5 {
		t.Errorf("%v %+v", err, out)
	}
}

// generator stands for oapi-codegen: it writes the document as a Go comment.
const generator = `#!/bin/sh
while [ $# -gt 1 ]; do
	case $1 in
	-config) if grep -q '^output:' "$2"; then echo "the configuration names an output" >&2; exit 3; fi; shift ;;
	-o) out=$2; shift ;;
	esac
	shift
done
[ -f "$1" ] || { echo "no document $1" >&2; exit 4; }
sed 's,^,// ,' "$1" > "$out"
`

func TestCheckGenerated(t *testing.T) {
	testenv.POSIX(t) // the stand-in for the generator is a shell script
	root := t.TempDir()
	write := func(name, text string, mode os.FileMode) {
		t.Helper()
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	write("generator", generator, 0o755)
	write("api.yaml", "a: 1\nb: 2\n", 0o644)
	write("gen/api/config.yaml", "package: api\noutput: api.gen.go\n", 0o644)
	write("gen/api/generate.go", "package api\n\n//go:generate "+filepath.Join(root, "generator")+" -config config.yaml ../../api.yaml\n", 0o644)
	write("gen/api/api.gen.go", "// a: 1\n// b: 2\n", 0o644)
	dir := filepath.Join(root, "gen")

	g, err := CheckGenerated(t.Context(), dir)
	if err != nil || len(g.Findings) > 0 || len(g.Files) != 1 {
		t.Fatalf("fresh code: %v %+v", err, g)
	}
	write("api.yaml", "a: 1\nb: 3\n", 0o644)
	g, err = CheckGenerated(t.Context(), dir)
	if err != nil || len(g.Findings) != 1 || g.Findings[0].Rule != generatedStale.ID || g.Findings[0].Line != 2 {
		t.Fatalf("stale code: %v %+v", err, g)
	}
	if text, _ := os.ReadFile(filepath.Join(dir, "api", "api.gen.go")); string(text) != "// a: 1\n// b: 2\n" {
		t.Errorf("the committed file was changed: %q", text)
	}
	write("gen/api/generate.go", "package api\n\n//go:generate "+filepath.Join(root, "generator")+" -config config.yaml ../../gone.yaml\n", 0o644)
	if _, err = CheckGenerated(t.Context(), dir); err == nil || !strings.Contains(err.Error(), "no document") {
		t.Errorf("a generator that fails: %v", err)
	}
	if _, err = CheckGenerated(t.Context(), filepath.Join(root, "none")); err == nil || !os.IsNotExist(err) {
		t.Errorf("a directory that does not exist: %v", err)
	}
}
