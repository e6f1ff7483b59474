package model

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Shape is what a schema asks of an object, with every allOf taken together.
type Shape struct {
	// Parts are the schemas that apply to the value.
	Parts      []*openapi3.Schema
	Types      []string
	Properties map[string]Shape
	Required   []string
	// Alternatives holds the members of oneOf and anyOf.
	Alternatives []Shape
}

const (
	// shapeDepth bounds how deep objects are compared: envelopes are flat.
	shapeDepth = 4
	// shapeBudget bounds how many schemas are looked at for one shape, so that a
	// schema that refers to itself many times stays cheap.
	shapeBudget = 20_000
)

// Flatten returns what schemas ask together that apply to the same value.
func Flatten(schemas ...*openapi3.Schema) Shape {
	budget := shapeBudget
	return flatten(shapeDepth, &budget, schemas)
}

func flatten(depth int, budget *int, schemas []*openapi3.Schema) Shape {
	s := Shape{Properties: map[string]Shape{}}
	properties := map[string][]*openapi3.Schema{}
	var add func(v *openapi3.Schema)
	add = func(v *openapi3.Schema) {
		if v == nil || *budget <= 0 || slices.Contains(s.Parts, v) {
			return
		}
		*budget--
		s.Parts = append(s.Parts, v)
		if v.Type != nil {
			for _, t := range v.Type.Slice() {
				if !slices.Contains(s.Types, t) {
					s.Types = append(s.Types, t)
				}
			}
		}
		for _, name := range v.Required {
			if !slices.Contains(s.Required, name) {
				s.Required = append(s.Required, name)
			}
		}
		for name, ref := range v.Properties {
			if ref.Value != nil {
				properties[name] = append(properties[name], ref.Value)
			}
		}
		for _, ref := range v.AllOf {
			add(ref.Value)
		}
		if depth > 0 {
			for _, ref := range slices.Concat(v.OneOf, v.AnyOf) {
				if ref.Value != nil {
					s.Alternatives = append(s.Alternatives, flatten(depth-1, budget, []*openapi3.Schema{ref.Value}))
				}
			}
		}
	}
	for _, v := range schemas {
		add(v)
	}
	if depth > 0 {
		for name, parts := range properties {
			s.Properties[name] = flatten(depth-1, budget, parts)
		}
	}
	slices.Sort(s.Types)
	slices.Sort(s.Required)
	return s
}

// Description returns the first description among the parts, or "".
func (s Shape) Description() string {
	for _, part := range s.Parts {
		if strings.TrimSpace(part.Description) != "" {
			return part.Description
		}
	}
	return ""
}

// Values returns what the value is limited to by enumerations, or nil when any
// value is allowed.
func (s Shape) Values() []any {
	var values []any
	limited := false
	for _, part := range s.Parts {
		if len(part.Enum) == 0 {
			continue
		}
		if !limited {
			values, limited = slices.Clone(part.Enum), true
			continue
		}
		values = slices.DeleteFunc(values, func(v any) bool {
			return !slices.ContainsFunc(part.Enum, func(w any) bool { return fmt.Sprint(v) == fmt.Sprint(w) })
		})
	}
	return values
}

// Signature is equal for objects with the same required members of the same
// types, whatever else they hold. Where nothing is required the members count.
func (s Shape) Signature() string {
	names := s.Required
	if len(names) == 0 {
		names = slices.Sorted(maps.Keys(s.Properties))
	}
	var b strings.Builder
	for _, name := range names {
		member := s.Properties[name]
		fmt.Fprintf(&b, "%s:%s", name, strings.Join(member.Types, "|"))
		if len(member.Properties) > 0 {
			fmt.Fprintf(&b, "(%s)", member.Signature())
		}
		b.WriteByte(' ')
	}
	return b.String()
}

// Lacks names the first thing that the envelope promises and s does not, or "".
func (s Shape) Lacks(envelope Shape) string { return s.lacks(envelope, "") }

func (s Shape) lacks(envelope Shape, path string) string {
	if len(s.Alternatives) > 0 && len(s.Properties) == 0 {
		for _, a := range s.Alternatives {
			if lack := a.lacks(envelope, path); lack != "" {
				return lack
			}
		}
		return ""
	}
	names := envelope.Required
	if len(names) == 0 && path == "" {
		names = slices.Sorted(maps.Keys(envelope.Properties))
	}
	for _, name := range names {
		full := strings.TrimPrefix(path+"."+name, ".")
		member, ok := s.Properties[name]
		if !ok {
			return full
		}
		if len(envelope.Required) > 0 && !slices.Contains(s.Required, name) {
			return full + " as a required property"
		}
		wanted := envelope.Properties[name]
		if len(wanted.Types) > 0 && len(member.Types) > 0 && !slices.Equal(wanted.Types, member.Types) {
			return fmt.Sprintf("%s of type %s", full, strings.Join(wanted.Types, " or "))
		}
		if lack := member.lacks(wanted, full); lack != "" {
			return lack
		}
	}
	return ""
}

// Leaves calls visit for every member that is not itself an object with members,
// in order and by its path, "error.code".
func (s Shape) Leaves(visit func(path string, leaf Shape)) { s.leaves("", visit) }

func (s Shape) leaves(path string, visit func(path string, leaf Shape)) {
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		member, full := s.Properties[name], strings.TrimPrefix(path+"."+name, ".")
		if len(member.Properties) > 0 {
			member.leaves(full, visit)
			continue
		}
		visit(full, member)
	}
}

// Describes reports whether the shape or one of its alternatives has the member.
func (s Shape) Describes(name string) bool {
	if _, ok := s.Properties[name]; ok {
		return true
	}
	return slices.ContainsFunc(s.Alternatives, func(a Shape) bool { return a.Describes(name) })
}
