package schemas

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/check/rule"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/model"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

var (
	schemaEndless = finding.Rule{
		ID:    "schema-endless",
		Title: "Every schema has a finite value",
		Why:   "No document can satisfy a schema that requires itself.",
		Fix:   "Make the property optional or nullable.",
	}
	allOfContradict = finding.Rule{
		ID:    "allof-contradict",
		Title: "The parts of allOf do not contradict each other",
		Why:   "No value satisfies the schema.",
		Fix:   "Correct the type in one of the parts.",
	}
)

var composition = rule.Family{
	Rules: []finding.Rule{schemaEndless, allOfContradict},
	Check: checkComposition,
}

func checkComposition(c *rule.Checker) {
	for _, s := range c.Index.Endless() {
		c.Report(schemaEndless, s.Place, "every "+s.Place.Name()+" must hold another one, without end")
	}
	for _, s := range c.Index.Schemas {
		if len(s.Value.AllOf) > 0 {
			checkTypes(c, s.Place.At("allOf"), model.Flatten(s.Value), "")
		}
	}
}

// checkTypes looks for a type that all parts of a shape allow, for the value and for
// its members.
func checkTypes(c *rule.Checker, place source.Place, shape model.Shape, path string) {
	var possible []string
	for _, part := range shape.Parts {
		if part.Type == nil {
			continue
		}
		types := part.Type.Slice()
		if slices.Contains(types, "number") {
			types = append(slices.Clone(types), "integer")
		}
		if possible == nil {
			possible = types
			continue
		}
		possible = slices.DeleteFunc(slices.Clone(possible), func(t string) bool { return !slices.Contains(types, t) })
		if len(possible) == 0 {
			what := path
			if what == "" {
				what = "the value"
			}
			c.Report(allOfContradict, place,
				fmt.Sprintf("the parts of allOf want different types of %s: %s", what, strings.Join(shape.Types, " and ")))
			return
		}
	}
	for name, member := range shape.Properties {
		checkTypes(c, place, member, strings.TrimPrefix(path+"."+name, "."))
	}
}
