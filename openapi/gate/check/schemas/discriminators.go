package schemas

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/check/rule"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/model"
)

var (
	discriminatorProperty = finding.Rule{
		ID:    "discriminator-property",
		Title: "A discriminator's property is required in every variant",
		Why:   "Where it may be absent, a caller cannot tell the variants apart.",
		Fix:   "Describe the property in every variant and require it.",
	}
	discriminatorMapping = finding.Rule{
		ID:    "discriminator-mapping",
		Title: "Every value of a discriminator is mapped to a schema",
		Why:   "A caller that receives the value cannot tell which variant it has.",
		Fix:   "Name a schema of components.schemas, or write a reference to one.",
	}
)

var discriminators = rule.Family{
	Rules: []finding.Rule{discriminatorProperty, discriminatorMapping},
	Check: func(c *rule.Checker) {
		relatedTo := c.Index.Related()
		for _, s := range c.Index.Schemas {
			if s.Value.Discriminator == nil {
				continue
			}
			if !requiredBeside(relatedTo(s.Value), s.Value.Discriminator.PropertyName) {
				checkVariants(c, s, "oneOf", s.Value.OneOf)
				checkVariants(c, s, "anyOf", s.Value.AnyOf)
			}
			checkMapping(c, s)
		}
	},
}

func checkVariants(c *rule.Checker, s model.Schema, keyword string, variants openapi3.SchemaRefs) {
	name := s.Value.Discriminator.PropertyName
	if name == "" {
		return
	}
	for i, ref := range variants {
		if ref.Value == nil {
			continue
		}
		if !requires(model.Flatten(ref.Value), name) {
			c.Report(discriminatorProperty, s.Place.At(keyword, strconv.Itoa(i)), "this variant does not require the discriminator's property "+name)
		}
	}
}

// requiredBeside reports whether what applies to the same value as a discriminator describes
// and requires its property: then the variants need not.
func requiredBeside(related []*openapi3.Schema, name string) bool {
	shape := model.Flatten(related...)
	_, described := shape.Properties[name]
	return described && slices.Contains(shape.Required, name)
}

// requires reports whether a shape, or each of its alternatives, describes and requires a property.
func requires(s model.Shape, name string) bool {
	if _, ok := s.Properties[name]; ok && slices.Contains(s.Required, name) {
		return true
	}
	if len(s.Alternatives) == 0 {
		return false
	}
	for _, a := range s.Alternatives {
		if !requires(a, name) && !(slices.Contains(s.Required, name) && a.Describes(name)) {
			return false
		}
	}
	return true
}

// checkMapping looks for the schemas that a discriminator's mapping leads to, by name
// or by reference.
func checkMapping(c *rule.Checker, s model.Schema) {
	place := s.Place.At("discriminator", "mapping")
	for value, ref := range s.Value.Discriminator.Mapping {
		entry := place.At(value)
		written := ref.Ref
		if n := c.Doc.Node(entry); n != nil {
			written = n.Value
		}
		if c.Doc.Node(c.Doc.RootPlace("components", "schemas", written)) != nil || c.Doc.Target(entry).Key() != entry.Key() {
			continue
		}
		if !strings.ContainsAny(written, "#/.") || c.Doc.Files[entry.Follow(written).File] != nil {
			c.Report(discriminatorMapping, entry, fmt.Sprintf("%s is mapped to %s, and there is no such schema", value, written))
		}
	}
}
