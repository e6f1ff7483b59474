package schemas

import (
	"slices"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/check/rule"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
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
	Check: checkNullable,
	Reports: map[string]finding.Rule{
		"semantic-typed-enum":      enumType,
		"semantic-duplicated-enum": enumDuplicate,
	},
}

func checkNullable(c *rule.Checker) {
	for _, s := range c.Index.Schemas {
		if !s.Value.Nullable {
			continue
		}
		if len(s.Value.Enum) > 0 && !slices.Contains(s.Value.Enum, nil) {
			c.Report(nullableEnum, s.Place.At("enum"), "the schema is nullable, and its enum does not list null")
		}
		if s.Value.Type == nil {
			c.Report(nullableUntyped, s.Place.At("nullable"), "`nullable` has no effect without a type in the same schema")
		}
	}
}
