package check

import (
	"maps"
	"slices"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/check/rule"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/model"
)

var encodingUndefined = finding.Rule{
	ID:    "encoding-undefined",
	Title: "Every encoding is for a property of the schema",
	Why:   "OpenAPI requires the property, and an encoding without one is never applied; usually it is misspelt.",
	Fix:   "Correct the name, or describe the property.",
}

var encodings = rule.Family{Rules: []finding.Rule{encodingUndefined}, Check: checkEncodings}

func checkEncodings(c *rule.Checker) {
	for _, m := range c.Index.Media {
		if len(m.Value.Encoding) == 0 || m.Value.Schema == nil || m.Value.Schema.Value == nil {
			continue
		}
		shape := model.Flatten(m.Value.Schema.Value)
		for _, name := range slices.Sorted(maps.Keys(m.Value.Encoding)) {
			if !shape.Describes(name) {
				c.ReportKey(encodingUndefined, m.Place.At("encoding", name), "the schema has no property "+name)
			}
		}
	}
}
