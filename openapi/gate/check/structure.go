package check

import (
	"context"
	"slices"

	"gopkg.in/yaml.v3"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/check/library"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/check/objects"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/check/rule"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

// addStructure adds what is wrong with the structure where no rule says it: what the
// objects of the specification may not have, and then what the validator objects to, whose
// places and texts are the poorest.
func addStructure(ctx context.Context, c *rule.Checker) {
	for _, f := range objects.Faults(c.Objects) {
		if at := c.Doc.NodePosition(f.Place.File, f.Node); !errorAt(c, at) {
			c.Add(structure, at, f.Place.Pointer.String(), f.Message)
		}
	}
	covers := map[string][]finding.Rule{}
	for _, f := range families() {
		for code, rules := range f.Covers {
			covers[code] = append(covers[code], rules...)
		}
	}
	for _, o := range library.Validate(ctx, c.Doc) {
		if !c.Has(covers[o.Code]...) && !structureNear(c, o.Position) {
			c.Add(structure, o.Position, o.Pointer, o.Message)
		}
	}
}

// errorAt reports whether a fault is reported at that line and column already: two faults
// at one place are one seen twice.
func errorAt(c *rule.Checker, at finding.Position) bool {
	return slices.ContainsFunc(c.Findings, func(f finding.Finding) bool {
		return f.Position == at && weights[f.Rule] != advice
	})
}

// structureNear reports whether there is a structural finding in what stands at a position, or
// in a field of it: the validator points at the enclosing object, the parser at the very value.
func structureNear(c *rule.Checker, at finding.Position) bool {
	const lines, steps = 12, 2
	var around source.Place
	return slices.ContainsFunc(c.Findings, func(f finding.Finding) bool {
		if f.Rule != structure.ID || f.File != at.File || f.Line < at.Line || f.Line > at.Line+lines {
			return false
		}
		if around.File == "" {
			around, _ = placeAt(c.Doc, at)
			if n := c.Doc.Node(around); n != nil && n.Kind == yaml.ScalarNode && len(around.Pointer) > 0 {
				around.Pointer = around.Pointer[:len(around.Pointer)-1] // a field that the validator's text names
			}
		}
		inner, ok := placeAt(c.Doc, f.Position)
		depth := len(around.Pointer)
		return !ok || len(inner.Pointer) <= depth+steps && len(inner.Pointer) >= depth && slices.Equal(inner.Pointer[:depth], around.Pointer)
	})
}

// placeAt returns what begins at a position.
func placeAt(doc *source.Document, at finding.Position) (source.Place, bool) {
	for _, name := range doc.FileNames() {
		if doc.Files[name].Display == at.File {
			spot := source.Spot{Line: at.Line, Column: at.Column}
			place, ok := doc.At(name, spot)[spot]
			return place, ok
		}
	}
	return source.Place{}, false
}
