package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"

	"github.com/seed-5ec2a705/mtrack/openapi"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/config"
)

func guide(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("../../docs/spec-gate.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// The guide's way to adopt the gate works word for word: what is there is accepted, and what comes
// later is not.
func TestGuide_Adopt(t *testing.T) {
	block := regexp.MustCompile("(?s)```sh\n(.*?)```").FindStringSubmatch(guide(t))
	if block == nil {
		t.Fatal("the guide has no block of commands")
	}
	c := newCI(t)
	wrong := strings.Replace(string(openapi.Music), "operationId: getTrack", "operationId: deleteTrack", 1)
	c.write(t, "openapi.yaml", strings.Replace(wrong, "    description: Tracks of an organization, and the caller's library of them.\n", "", 1))
	c.git(t, "commit", "-qam", "as it was")
	c.git(t, "config", "user.name", "t")
	c.git(t, "config", "user.email", "t@example.com")
	run := func(script string) (string, int) {
		cmd := exec.CommandContext(t.Context(), "bash", "-euc", script)
		cmd.Dir = c.dir
		cmd.Env = append(os.Environ(), "PATH="+c.bin+string(filepath.ListSeparator)+os.Getenv("PATH"))
		out, err := cmd.CombinedOutput()
		if err != nil && cmd.ProcessState == nil {
			t.Fatal(err)
		}
		return string(out), cmd.ProcessState.ExitCode()
	}
	if out, code := run("mtrack-spec check openapi.yaml"); code != exitFindings {
		t.Fatalf("before: exit status %d:\n%s", code, out)
	}
	if out, code := run(block[1]); code != 0 || !strings.Contains(out, "3 findings accepted") {
		t.Fatalf("exit status %d:\n%s", code, out)
	}
	if out, code := run("mtrack-spec check && git diff --exit-code HEAD"); code != 0 || out != "1 document: no findings\n" {
		t.Errorf("after: exit status %d:\n%s", code, out)
	}
	c.write(t, "openapi.yaml", strings.Replace(wrong, "            default: 50", "            default: x", 1))
	if out, code := run("mtrack-spec check"); code != exitFindings || !strings.Contains(out, "[default-invalid]") || strings.Contains(out, "operation-id") {
		t.Errorf("with a new finding: exit status %d:\n%s", code, out)
	}
}

// configurations are texts, and whether they are right.
func configurations(t *testing.T) map[string]bool {
	t.Helper()
	list := map[string]bool{}
	for _, block := range yamlBlock.FindAllStringSubmatch(guide(t), -1) {
		if strings.HasPrefix(block[1], "preset:") {
			list[block[1]] = true
		}
	}
	if len(list) == 0 {
		t.Fatal("the guide shows no configuration")
	}
	own, err := os.ReadFile("../../" + config.FileName)
	if err != nil {
		t.Fatal(err)
	}
	list[string(own)] = true
	for _, text := range []string{
		"{}", "preset: spec", "rules: {syntax: off}", "rules: {}", "paths: [{files: [a]}]", "documents: []", "diff: {}", "diff: {accepted: []}",
		"accepted: [{rule: syntax, where: 'a.yaml#/b', reason: x}]", "accepted: [{rule: syntax, where: GET /a, reason: x, until: '2027-01-31'}]",
	} {
		list[text] = true
	}
	for _, text := range []string{
		"[]", "x", "preset: x", "preset: 1", "presets: spec", "rules: {nonsense: off}", "rules: {syntax: fatal}", "rules: [syntax]", "paths: {}", "paths: [{preset: spec}]",
		"paths: [{files: a}]", "paths: [{files: [a], x: 1}]", "paths: [{files: []}]", "documents: a", "documents: [/a]", "documents: [../a]", "documents: ['']", "envelope: ''", "envelope: []",
		"accepted: [{rule: syntax, where: a}]", "accepted: [{where: a, reason: x}]", "accepted: [{rule: syntax, where: 'a#b', reason: x}]", "accepted: [{rule: api-removed-without-deprecation, where: a, reason: x}]",
		"accepted: [{rule: syntax, where: a, reason: x, until: soon}]", "accepted: [{rule: syntax, where: a, reason: x, until: 2027-1-31}]", "accepted: [{rule: syntax, where: a, reason: ''}]",
		"diff: []", "diff: {rules: {}}", "diff: {accepted: [{rule: syntax, where: a, reason: x}]}", "accepted: {}",
	} {
		list[text] = false
	}
	return list
}

const schemaFile = "../../docs/mtrack-spec.schema.json"

// The JSON Schema that editors use accepts what the parser accepts, and nothing else.
func TestConfigurationSchema(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	var document map[string]any
	if err := json.Unmarshal(data, &document); err != nil {
		t.Fatal(err)
	}
	// The lists of rules are those of this program.
	definitions := document["$defs"].(map[string]any)
	current := true
	for name, ids := range map[string][]string{"rule": known().Check, "change": known().Diff} {
		ids = slices.Sorted(slices.Values(ids))
		var listed []string
		for _, id := range definitions[name].(map[string]any)["enum"].([]any) {
			listed = append(listed, id.(string))
		}
		current = current && slices.Equal(listed, ids)
		definitions[name].(map[string]any)["enum"] = ids
	}
	if !current && *update {
		var out bytes.Buffer
		enc := json.NewEncoder(&out)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		if err := enc.Encode(document); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(schemaFile, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if !current {
		t.Error("the rules of the schema are not current; write them with\n\tgo test ./cmd/mtrack-spec -run ConfigurationSchema -update")
	}
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("config.json", parsed); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("config.json")
	if err != nil {
		t.Fatal(err)
	}
	for text, right := range configurations(t) {
		if _, err := config.Parse("c.yaml", "/", []byte(text), known()); (err == nil) != right {
			t.Errorf("the parser on %q: %v", text, err)
		}
		if err := schema.Validate(asJSON(t, text)); (err == nil) != right {
			t.Errorf("the schema on %q: %v", text, err)
		}
	}
}

// asJSON reads YAML as an editor does: by version 1.2, in which a day is a string.
func asJSON(t *testing.T, text string) any {
	t.Helper()
	var node yaml.Node
	if err := yaml.Unmarshal([]byte(text), &node); err != nil {
		t.Fatal(err)
	}
	var plain func(n *yaml.Node) any
	plain = func(n *yaml.Node) any {
		switch n.Kind {
		case yaml.DocumentNode:
			return plain(n.Content[0])
		case yaml.SequenceNode:
			list := []any{}
			for _, item := range n.Content {
				list = append(list, plain(item))
			}
			return list
		case yaml.MappingNode:
			m := map[string]any{}
			for i := 0; i < len(n.Content); i += 2 {
				m[n.Content[i].Value] = plain(n.Content[i+1])
			}
			return m
		}
		if n.Tag == "!!int" {
			return json.Number(n.Value)
		}
		return n.Value
	}
	return plain(&node)
}
