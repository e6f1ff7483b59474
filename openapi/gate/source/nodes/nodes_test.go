package nodes

import (
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// The first of what is merged counts, and what stands in the mapping itself before it.
func TestEach(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"{a: 1, b: 2}": "a=1 b=2",
		"one: &one {a: 1, b: 1}\nm: {<<: *one, b: 2}":                                 "b=2 a=1",
		"one: &one {a: 1, b: 1}\ntwo: &two {b: 2, c: 2}\nm: {<<: [*one, *two], d: 3}": "d=3 a=1 b=1 c=2",
		"one: &one {a: 1}\ntwo: &two {<<: *one, b: 2}\nm: {<<: *two}":                 "b=2 a=1",
		"{}": "",
	} {
		var document yaml.Node
		if err := yaml.Unmarshal([]byte(text), &document); err != nil {
			t.Fatal(err)
		}
		n := document.Content[0]
		if strings.Contains(text, "m: ") {
			n = n.Content[len(n.Content)-1]
		}
		var got []string
		Each(n, func(key, value *yaml.Node) { got = append(got, key.Value+"="+Follow(value).Value) })
		if strings.Join(got, " ") != want {
			t.Errorf("%q has the entries %q, want %q", text, got, want)
		}
	}
}

func TestFollow(t *testing.T) {
	t.Parallel()
	value := &yaml.Node{Kind: yaml.ScalarNode, Value: "x"}
	if Follow(nil) != nil || Follow(value) != value ||
		Follow(&yaml.Node{Kind: yaml.AliasNode, Alias: &yaml.Node{Kind: yaml.AliasNode, Alias: value}}) != value {
		t.Error("an alias is not followed to its end")
	}
}
