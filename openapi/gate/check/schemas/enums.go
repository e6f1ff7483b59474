package schemas

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"gopkg.in/yaml.v3"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/check/rule"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/model"
)

var (
	enumType = finding.Rule{
		ID:    "enum-type",
		Title: "Every enum value has the schema's type",
		Why:   "The value can never occur.",
		Fix:   "Correct the value or the type; quote numbers that are meant as text.",
	}
	enumDuplicate = finding.Rule{
		ID:    "enum-duplicate",
		Title: "No enum value appears twice",
		Why:   "Generated constants collide; usually another value was meant.",
		Fix:   "Remove the second.",
	}
	nullableEnum = finding.Rule{
		ID:    "nullable-enum",
		Title: "A nullable enum lists null",
		Why:   "`nullable: true` does not add null to an enum: null is rejected.",
		Fix:   "Add null to the enum, or remove `nullable`.",
	}
	nullableUntyped = finding.Rule{
		ID:    "nullable-untyped",
		Title: "`nullable` has a type beside it",
		Why:   "Without `type` in the same schema `nullable` has no effect.",
		Fix:   "Add the type, or move `nullable` to the schema that has one.",
	}
)

var enums = rule.Family{
	Rules: []finding.Rule{enumType, enumDuplicate, nullableEnum, nullableUntyped},
	Check: func(c *rule.Checker) {
		for _, s := range c.Index.Schemas {
			checkEnum(c, s)
			checkNullable(c, s)
		}
	},
}

// checkEnum looks for values of another type, of which one tells of all, and for values
// that are listed twice.
func checkEnum(c *rule.Checker, s model.Schema) {
	place := s.Place.At("enum")
	n := c.Doc.Node(place)
	if n == nil || n.Kind != yaml.SequenceNode {
		return
	}
	first, others := -1, 0
	seen := map[string]int{}
	for i, value := range n.Content {
		if !fits(value, s.Value.Type) {
			if first < 0 {
				first = i
			} else {
				others++
			}
		}
		text := written(value)
		if seen[text]++; seen[text] == 2 {
			c.ReportNode(enumDuplicate, place.At(strconv.Itoa(i)), value, "the enum lists "+shown(value)+" twice")
		}
	}
	if first < 0 {
		return
	}
	message := fmt.Sprintf("%s is not of the type %s", shown(n.Content[first]), strings.Join(s.Value.Type.Slice(), " or "))
	if others > 0 {
		message += fmt.Sprintf(", and so are %d more values of this enum", others)
	}
	c.ReportNode(enumType, place.At(strconv.Itoa(first)), n.Content[first], message)
}

// valueTypes names the types that a value of a document may have. What null means for an
// enum has rules of its own.
var valueTypes = map[string][]string{
	"!!str": {"string"}, "!!bool": {"boolean"}, "!!seq": {"array"}, "!!map": {"object"},
	"!!int": {"integer", "number"}, "!!float": {"number", "integer"},
}

// fits reports whether a value may be of one of the types.
func fits(n *yaml.Node, types *openapi3.Types) bool {
	allowed, known := valueTypes[n.Tag]
	return !known || types == nil || len(*types) == 0 || slices.ContainsFunc(allowed, types.Includes)
}

// written is equal for equal values.
func written(n *yaml.Node) string {
	if n.Kind == yaml.AliasNode {
		return written(n.Alias)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %q", n.Tag, n.Value)
	for _, child := range n.Content {
		fmt.Fprintf(&b, "(%s)", written(child))
	}
	return b.String()
}

// shown returns a value for a message.
func shown(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	return n.Value
}

func checkNullable(c *rule.Checker, s model.Schema) {
	if !s.Value.Nullable {
		return
	}
	if len(s.Value.Enum) > 0 && !slices.Contains(s.Value.Enum, nil) {
		c.Report(nullableEnum, s.Place.At("enum"), "the schema is nullable, and its enum does not list null")
	}
	if s.Value.Type == nil {
		c.Report(nullableUntyped, s.Place.At("nullable"), "`nullable` has no effect without a type in the same schema")
	}
}
