package schemas

import (
	"slices"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/check/rule"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/model"
)

var (
	requiredUndefined = finding.Rule{
		ID:    "required-undefined",
		Title: "Every required property is described",
		Why:   "A caller has to send, or may rely on, something that nobody describes; usually it is misspelt.",
		Fix:   "Describe the property under `properties`, or correct the name.",
	}
	itemsMissing = finding.Rule{
		ID:    "items-missing",
		Title: "Every array describes its items",
		Why:   "Callers do not know what the list holds.",
		Fix:   "Add `items`.",
	}
)

var properties = rule.Family{
	Rules:  []finding.Rule{requiredUndefined, itemsMissing},
	Check:  checkProperties,
	Covers: map[string][]finding.Rule{"schema-items-required": {itemsMissing}},
}

func checkProperties(c *rule.Checker) {
	relatedTo := c.Index.Related()
	for _, s := range c.Index.Schemas {
		if s.Value.Type.Is("array") && s.Value.Items == nil {
			c.Report(itemsMissing, s.Place.At("type"), "the array does not describe its items")
		}
		if len(s.Value.Required) == 0 {
			continue
		}
		related := relatedTo(s.Value)
		if slices.ContainsFunc(related, describesAnyName) {
			continue
		}
		shape := model.Flatten(related...)
		for i, name := range s.Value.Required {
			if !shape.Describes(name) {
				c.Report(requiredUndefined, s.Place.At("required", strconv.Itoa(i)), "the required property "+name+" is not described")
			}
		}
	}
}

// describesAnyName reports whether a schema describes properties of open names.
func describesAnyName(s *openapi3.Schema) bool {
	a := s.AdditionalProperties
	return a.Schema != nil || a.Has != nil && *a.Has
}
