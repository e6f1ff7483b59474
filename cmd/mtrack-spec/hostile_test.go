package main

import (
	"encoding/json"
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/seed-5ec2a705/mtrack/openapi/plain/plaintest"
)

// hostileName is what a file may be called.
var hostileName = strings.NewReplacer("/", "|", "\x00", "").Replace(plaintest.Hostile) + ".yaml"

// hostileDocuments are documents in which everything that is free is hostile.
func hostileDocuments(t *testing.T) map[string]string {
	t.Helper()
	h := plaintest.Hostile
	document := func(change func(document map[string]any)) string {
		d := map[string]any{
			"openapi": "3.0.3", "info": map[string]any{"title": h, "version": h, h: h}, "servers": []any{map[string]any{"url": "http://" + h}},
			"tags": []any{map[string]any{"name": h}},
			"paths": map[string]any{"/a" + h + "/{" + h + "}": map[string]any{"get": map[string]any{
				"operationId": h, "tags": []any{h}, h: h, "parameters": []any{map[string]any{"name": h, "in": "query", "schema": map[string]any{"type": h}}},
				"responses": map[string]any{
					h: map[string]any{"description": h},
					"200": map[string]any{"description": h, "headers": map[string]any{h: map[string]any{"schema": map[string]any{"type": "string"}}},
						"content": map[string]any{"application/json": map[string]any{"schema": map[string]any{"$ref": "#/components/schemas/A"}, "example": map[string]any{h: h}}}},
				},
			}}},
			"components": map[string]any{"schemas": map[string]any{"A": map[string]any{
				"type": "object", "required": []any{h}, "enum": []any{h, h}, "pattern": "(" + h, "default": h,
				"properties": map[string]any{h: map[string]any{"type": "string", "maxLength": 1, "default": h}},
			}}},
		}
		if change != nil {
			change(d)
		}
		text, err := yaml.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	return map[string]string{
		"everything": document(nil),
		"reference":  document(func(d map[string]any) { d["paths"] = map[string]any{"/a": map[string]any{"$ref": "./" + h}} }),
		"address":    document(func(d map[string]any) { d["paths"] = map[string]any{"/a": map[string]any{"$ref": "http://" + h}} }),
		"version":    document(func(d map[string]any) { d["openapi"] = "3.1" + h }),
		"swagger":    "swagger: \"2\\n::error::pwn\\e[31m\"\n",
		"not YAML":   "a: [" + h,
		"twice":      "\"a\\n::error::x\": 1\n\"a\\n::error::x\": 2\n",
		"bytes":      "a: \xff\n::error::x\n",
		"allowed":    "openapi: 3.0.3 # mtrack-spec:allow \u202e##[error] because\n" + document(nil),
	}
}

// annotation begins the commands for GitHub Actions that are this program's own.
var annotation = regexp.MustCompile(`(?m)^::(error|warning|notice) file=[^\n:]*::`)

func TestHostile_documents(t *testing.T) {
	t.Parallel()
	for name, text := range hostileDocuments(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), hostileName)
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			other := file(t, "other.yaml", hostileDocuments(t)["everything"]+"# other\n")
			for _, format := range []string{"text", "json", "github", "sarif", "junit"} {
				for _, args := range [][]string{{"check", path}, {"diff", path, other}, {"diff", other, path}, {"coverage", "--contract", path, path}} {
					got := execute(t, append(args, "--format", format)...)
					plaintest.Check(t, got.stderr)
					if format == "github" {
						got.stdout = annotation.ReplaceAllString(got.stdout, "")
					}
					plaintest.Check(t, got.stdout)
					if got.stdout == "" {
						continue
					}
					switch format {
					case "json", "sarif":
						if !json.Valid([]byte(got.stdout)) {
							t.Errorf("%v: not JSON: %.500s", args, got.stdout)
						}
					case "junit":
						d := xml.NewDecoder(strings.NewReader(got.stdout))
						var err error
						for err == nil {
							_, err = d.Token()
						}
						if err != io.EOF {
							t.Errorf("%v: not XML: %v", args, err)
						}
					}
				}
			}
		})
	}
}

func TestHostile_arguments(t *testing.T) {
	t.Parallel()
	h := plaintest.Hostile
	document := file(t, "music.yaml", music(t, "openapi: 3.0.3", "openapi: 3.0.3"))
	for _, args := range [][]string{
		{h}, {"check", h}, {"check", "--" + h}, {"check", "--level", h, document}, {"check", "--disable", h, document},
		{"check", "--envelope", h, document}, {"check", "--max-size", h, document}, {"check", "--format", h, document}, {"check", h + ":" + h},
		{"diff", h, h}, {"diff", "--against", h, document}, {"diff", "--against", "HEAD", h}, {"diff", h + ":" + document, document},
		{"coverage", h}, {"coverage", document, "--exclude-status", h}, {"coverage", document, "--fail-under", h},
		{"trace", "--generated", h}, {"explain", h}, {"rules", h}, {"rules", "--format", h}, {"help", h}, {"version", h},
	} {
		got := execute(t, args...)
		plaintest.Check(t, got.stdout+got.stderr)
		if got.stderr == "" {
			t.Errorf("%.20q: nothing is said", args)
		}
	}
	got := executeWith(t, map[string]string{"MTRACK_SPEC_LEVEL": h}, "check", document)
	plaintest.Check(t, got.stderr)
}
