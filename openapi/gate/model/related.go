package model

import (
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// Related returns for a schema everything that applies to the same value: the
// schema itself, and those that combine it with others by allOf, anyOf, oneOf or
// not. What one part requires another may describe.
func (x *Index) Related() func(*openapi3.Schema) []*openapi3.Schema {
	wholes := map[*openapi3.Schema][]*openapi3.Schema{}
	for _, s := range x.Schemas {
		for _, ref := range slices.Concat(s.Value.AllOf, s.Value.AnyOf, s.Value.OneOf, openapi3.SchemaRefs{s.Value.Not}) {
			if ref != nil && ref.Value != nil {
				wholes[ref.Value] = append(wholes[ref.Value], s.Value)
			}
		}
	}
	return func(s *openapi3.Schema) []*openapi3.Schema {
		related := []*openapi3.Schema{s}
		for i := 0; i < len(related); i++ {
			for _, whole := range wholes[related[i]] {
				if !slices.Contains(related, whole) {
					related = append(related, whole)
				}
			}
		}
		return related
	}
}

// Endless returns the named schemas that no finite value satisfies, because each
// value would have to hold another of its kind.
func (x *Index) Endless() []Schema {
	finite := finiteSchemas{}
	users := map[*openapi3.Schema][]*openapi3.Schema{}
	open := make([]*openapi3.Schema, 0, len(x.Schemas))
	for _, s := range x.Schemas {
		open = append(open, s.Value)
		for _, ref := range parts(s.Value) {
			if ref != nil && ref.Value != nil {
				users[ref.Value] = append(users[ref.Value], s.Value)
			}
		}
	}
	// What is finite spreads from the leaves to those who use them.
	for len(open) > 0 {
		s := open[len(open)-1]
		open = open[:len(open)-1]
		if !finite[s] && finite.satisfiable(s) {
			finite[s] = true
			open = append(open, users[s]...)
		}
	}
	return slices.DeleteFunc(slices.Clone(x.Schemas), func(s Schema) bool { return !s.Named() || finite[s.Value] })
}

// parts returns what has to have a finite value so that a schema may have one.
func parts(s *openapi3.Schema) openapi3.SchemaRefs {
	list := slices.Concat(s.AllOf, s.AnyOf, s.OneOf, openapi3.SchemaRefs{s.Items})
	for _, name := range s.Required {
		list = append(list, s.Properties[name])
	}
	return list
}

// finiteSchemas holds the schemas that are known to have a finite value.
type finiteSchemas map[*openapi3.Schema]bool

func (f finiteSchemas) has(ref *openapi3.SchemaRef) bool {
	return ref == nil || ref.Value == nil || f[ref.Value]
}

// satisfiable reports whether a schema has a finite value, given those that have one.
func (f finiteSchemas) satisfiable(s *openapi3.Schema) bool {
	if s.Nullable {
		return true
	}
	for _, ref := range s.AllOf {
		if !f.has(ref) {
			return false
		}
	}
	for _, group := range []openapi3.SchemaRefs{s.AnyOf, s.OneOf} {
		if len(group) > 0 && !slices.ContainsFunc(group, f.has) {
			return false
		}
	}
	for _, name := range s.Required {
		if !f.has(s.Properties[name]) {
			return false
		}
	}
	return s.MinItems == 0 || f.has(s.Items)
}
