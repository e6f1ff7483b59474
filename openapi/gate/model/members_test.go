package model_test

import (
	"slices"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/model"
)

func TestMembers(t *testing.T) {
	text := openapi3.NewStringSchema()
	node := openapi3.NewObjectSchema().WithProperty("name", text)
	node.Properties["children"] = openapi3.NewArraySchema().WithItems(node).NewRef()
	node.AllOf = openapi3.SchemaRefs{openapi3.NewObjectSchema().WithProperty("tags", openapi3.NewObjectSchema().WithAdditionalProperties(text)).NewRef()}
	want := []string{"children", "name", "tags", "tags.*"}
	if got := model.Members(node); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for member, want := range map[string]bool{
		"name": true, "children": true, "children[].name": true, "children[].children[].tags.any": true,
		"children.name": false, "tags.a.b": false, "other": false, "name[]": false,
	} {
		if got := model.Describes(node, member); got != want {
			t.Errorf("Describes(%q) is %t", member, got)
		}
	}
	if model.Describes(nil, "name") || model.Members(nil) != nil {
		t.Error("nothing describes something")
	}
}

func TestMembersOf(t *testing.T) {
	value := map[string]any{"a": map[string]any{"b": 1.0}, "list": []any{map[string]any{"id": "x"}, map[string]any{"id": nil, "more": []any{}}}}
	want := []string{"a", "a.b", "list", "list[].id", "list[].more"}
	if got := model.MembersOf(value); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := model.MembersOf([]any{map[string]any{"id": "x"}}); !slices.Equal(got, []string{"[].id"}) {
		t.Errorf("a list at the top: got %q", got)
	}
}

func TestMemberMatches(t *testing.T) {
	for _, tt := range []struct {
		described, member string
		want              bool
	}{
		{"a.b", "a.b", true}, {"a.b", "a.c", false}, {"a.*", "a.c", true}, {"a.*", "a.c.d", false},
		{"a.*[].id", "a.c[].id", true}, {"a.*[].id", "a.c.id", false}, {"[].id", "[].id", true},
	} {
		if got := model.MemberMatches(tt.described, tt.member); got != tt.want {
			t.Errorf("MemberMatches(%q, %q) is %t", tt.described, tt.member, got)
		}
	}
}
