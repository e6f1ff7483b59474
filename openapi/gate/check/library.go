package check

import (
	"context"
	"maps"
	"slices"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/check/library"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/check/rule"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
)

// addObjections adds what the libraries object to, where a family reports it or no
// rule covers it. The validators come last: their places and texts are the poorest.
func addObjections(ctx context.Context, c *rule.Checker) {
	reports, covers := map[string]finding.Rule{}, map[string][]finding.Rule{}
	for _, f := range families() {
		maps.Copy(reports, f.Reports)
		for code, rules := range f.Covers {
			covers[code] = append(covers[code], rules...)
		}
	}
	add := func(list []library.Objection, known func(finding.Position) bool) {
		for _, o := range list {
			if r, ok := reports[o.Code]; ok {
				c.Add(r, o.Position, o.Pointer, o.Message)
			} else if !c.Has(covers[o.Code]...) && !c.Has(covers[o.Topic]...) && !known(o.Position) {
				c.Add(structure, o.Position, o.Pointer, o.Message)
			}
		}
	}
	lint, parse := library.Parse(ctx, c.Doc, c.Index, slices.Collect(maps.Keys(reports)))
	add(lint, func(finding.Position) bool { return false })
	add(parse, func(at finding.Position) bool { return errorAt(c, at) })
	add(library.Validate(ctx, c.Doc), func(at finding.Position) bool { return structureNear(c, at) })
}

// errorAt reports whether a fault is reported at that line and column already: two faults
// at one place are one seen twice.
func errorAt(c *rule.Checker, at finding.Position) bool {
	return slices.ContainsFunc(c.Findings, func(f finding.Finding) bool {
		return f.Position == at && weights[f.Rule] != advice
	})
}

// structureNear reports whether there is a structural finding within what begins at a
// position: the validator points at the enclosing object, the parser at the very value.
func structureNear(c *rule.Checker, at finding.Position) bool {
	const lines = 12
	return slices.ContainsFunc(c.Findings, func(f finding.Finding) bool {
		return f.Rule == structure.ID && f.File == at.File && f.Line >= at.Line && f.Line <= at.Line+lines
	})
}
