package model

import (
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Members are written as they are reached from the top of a body, with [] for the
// elements of a list: "error.details.track_id", "items[].id". A report of the
// conformance suite writes them alike.

// anyName stands for a member whose name the schema leaves open.
const anyName = "*"

// Describes reports whether a schema describes a member, with all that it combines.
// A nil schema describes nothing.
func Describes(s *openapi3.Schema, member string) bool {
	if s == nil {
		return false
	}
	parts := []*openapi3.Schema{s}
	for _, name := range strings.Split(member, ".") {
		plain := strings.TrimRight(name, "[]")
		if plain != "" {
			parts = memberOf(together(parts), plain)
		}
		for range strings.Count(name, "[]") {
			parts = elementOf(together(parts))
		}
		if len(parts) == 0 {
			return false
		}
	}
	return true
}

// Members lists the members that a schema describes, sorted. A member whose
// name is open is "*". A schema that contains itself is listed once.
func Members(s *openapi3.Schema) []string {
	var names []string
	var visit func(parts []*openapi3.Schema, path string, above []*openapi3.Schema)
	visit = func(parts []*openapi3.Schema, path string, above []*openapi3.Schema) {
		parts = together(parts)
		if slices.ContainsFunc(parts, func(p *openapi3.Schema) bool { return slices.Contains(above, p) && len(p.Properties) > 0 }) {
			return
		}
		above = slices.Concat(above, parts)
		if element := elementOf(parts); len(element) > 0 {
			visit(element, path+"[]", above)
		}
		below := map[string]bool{}
		for _, p := range parts {
			for name := range p.Properties {
				below[name] = true
			}
			if p.AdditionalProperties.Schema != nil {
				below[anyName] = true
			}
		}
		for _, name := range slices.Sorted(maps.Keys(below)) {
			full := strings.TrimPrefix(path+"."+name, ".")
			names = append(names, full)
			visit(memberOf(parts, name), full, above)
		}
	}
	if s != nil {
		visit([]*openapi3.Schema{s}, "", nil)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// MembersOf lists the members that a decoded JSON value has, sorted.
func MembersOf(value any) []string {
	var names []string
	var visit func(value any, path string)
	visit = func(value any, path string) {
		switch value := value.(type) {
		case map[string]any:
			for name, below := range value {
				full := strings.TrimPrefix(path+"."+name, ".")
				names = append(names, full)
				visit(below, full)
			}
		case []any:
			for _, below := range value {
				visit(below, path+"[]")
			}
		}
	}
	visit(value, "")
	slices.Sort(names)
	return slices.Compact(names)
}

// MemberMatches reports whether a member of a value is the one that a schema
// describes under that name, in which "*" stands for any.
func MemberMatches(described, member string) bool {
	return slices.EqualFunc(strings.Split(described, "."), strings.Split(member, "."), func(x, y string) bool {
		return x == y || strings.TrimRight(x, "[]") == anyName && strings.Count(x, "[]") == strings.Count(y, "[]")
	})
}

// together returns the schemas with all that they combine.
func together(schemas []*openapi3.Schema) []*openapi3.Schema {
	all := slices.Clone(schemas)
	for i := 0; i < len(all); i++ {
		for _, ref := range slices.Concat(all[i].AllOf, all[i].OneOf, all[i].AnyOf) {
			if ref.Value != nil && !slices.Contains(all, ref.Value) {
				all = append(all, ref.Value)
			}
		}
	}
	return all
}

// memberOf returns what schemas, taken together, say of a member.
func memberOf(schemas []*openapi3.Schema, name string) []*openapi3.Schema {
	var parts []*openapi3.Schema
	for _, s := range schemas {
		if ref := s.Properties[name]; ref != nil && ref.Value != nil {
			parts = append(parts, ref.Value)
		} else if ref := s.AdditionalProperties.Schema; ref != nil && ref.Value != nil {
			parts = append(parts, ref.Value)
		}
	}
	return parts
}

// elementOf returns what schemas, taken together, say of the elements of a list.
func elementOf(schemas []*openapi3.Schema) []*openapi3.Schema {
	var parts []*openapi3.Schema
	for _, s := range schemas {
		if s.Items != nil && s.Items.Value != nil {
			parts = append(parts, s.Items.Value)
		}
	}
	return parts
}
