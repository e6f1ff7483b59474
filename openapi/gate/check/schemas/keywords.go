package schemas

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/check/rule"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/model"
)

var (
	boundsContradict = finding.Rule{
		ID:    "bounds-contradict",
		Title: "Lower bounds are not above upper bounds",
		Why:   "No value satisfies the schema.",
		Fix:   "Correct one of the two bounds.",
	}
	keywordIgnored = finding.Rule{
		ID:    "keyword-ignored",
		Title: "Every constraint applies to the schema's type",
		Why:   "The constraint is never enforced: `maxLength` says nothing about a number.",
		Fix:   "Use the keyword of this type, or correct the type.",
	}
	formatType = finding.Rule{
		ID:    "format-type",
		Title: "Every format fits its type",
		Why:   "The format is ignored, and generators choose a wrong type.",
		Fix:   "Correct the type or the format.",
	}
	patternInvalid = finding.Rule{
		ID:    "pattern-invalid",
		Title: "Every pattern is a regular expression",
		Why:   "Validators reject the schema, or skip the pattern.",
		Fix:   "Correct the expression; inside double quotes a backslash is doubled.",
	}
)

var keywords = rule.Family{
	Rules: []finding.Rule{boundsContradict, keywordIgnored, formatType, patternInvalid},
	Check: checkKeywords,
	Covers: map[string][]finding.Rule{
		"schema-pattern-regex-invalid": {patternInvalid},
	},
}

// formatTypes names the types that a format of the specification belongs to.
// Formats that are not here may mean anything. Numbers are often written as strings, since
// not all languages read large ones exactly.
var formatTypes = map[string][]string{
	"int32": {"integer", "number", "string"}, "int64": {"integer", "number", "string"},
	"float": {"number", "string"}, "double": {"number", "string"},
	"date": {"string"}, "date-time": {"string"}, "time": {"string"}, "duration": {"string"},
	"byte": {"string"}, "binary": {"string"}, "password": {"string"},
	"uuid": {"string"}, "email": {"string"}, "uri": {"string"}, "hostname": {"string"},
	"ipv4": {"string"}, "ipv6": {"string"},
}

// keywordTypes names the types that a constraint applies to.
var keywordTypes = map[string][]string{
	"maximum": {"integer", "number"}, "minimum": {"integer", "number"}, "multipleOf": {"integer", "number"},
	"exclusiveMaximum": {"integer", "number"}, "exclusiveMinimum": {"integer", "number"},
	"maxLength": {"string"}, "minLength": {"string"}, "pattern": {"string"},
	"items": {"array"}, "maxItems": {"array"}, "minItems": {"array"}, "uniqueItems": {"array"},
	"properties": {"object"}, "required": {"object"}, "additionalProperties": {"object"},
	"maxProperties": {"object"}, "minProperties": {"object"},
}

// foreignSyntax matches what ECMAScript expressions have and Go's do not: such a
// pattern is right in a document and merely cannot be tried here.
var foreignSyntax = regexp.MustCompile(`\(\?(?:=|!|<=|<!|<[a-zA-Z])|\\[1-9]|\\u[0-9a-fA-F{]|\\c[A-Za-z]|\\k<|\\/`)

// delimited matches a pattern that is written as a program writes it, between slashes.
var delimited = regexp.MustCompile(`^/\^.*\$/[a-z]*$`)

// onlyForeign reports whether a pattern that does not compile for a reason is right all the same:
// ECMAScript has what Go has not, and repeats as often as a pattern says.
func onlyForeign(pattern string, reason error) bool {
	var fault *syntax.Error
	if errors.As(reason, &fault) && fault.Code == syntax.ErrInvalidRepeatSize {
		var from, to int
		switch n, _ := fmt.Sscanf(fault.Expr, "{%d,%d}", &from, &to); n {
		case 1:
			return true
		case 2:
			return from <= to
		}
	}
	return foreignSyntax.MatchString(pattern)
}

func checkKeywords(c *rule.Checker) {
	for _, s := range c.Index.Schemas {
		if pattern := s.Value.Pattern; pattern != "" {
			place := s.Place.At("pattern")
			if _, err := regexp.Compile(pattern); err != nil && !onlyForeign(pattern, err) {
				reason := strings.TrimPrefix(err.Error(), "error parsing regexp: ")
				c.Report(patternInvalid, place, "the pattern is not a regular expression: "+reason)
			} else if delimited.MatchString(pattern) {
				c.Report(patternInvalid, place, "no text matches the pattern: the slashes around it are a part of it, and nothing stands before ^")
			}
		}
		if s.Value.Type == nil {
			continue
		}
		checkBounds(c, s)
		types := s.Value.Type.Slice()
		if allowed, known := formatTypes[s.Value.Format]; known {
			for _, t := range without(types, allowed) {
				c.Report(formatType, s.Place.At("format"), fmt.Sprintf("the format %s does not apply to the type %s", s.Value.Format, t))
			}
		}
		for _, keyword := range slices.Sorted(maps.Keys(keywordTypes)) {
			place := s.Place.At(keyword)
			if c.Doc.Node(place) == nil {
				continue
			}
			for _, t := range without(types, keywordTypes[keyword]) {
				c.ReportKey(keywordIgnored, place, fmt.Sprintf("%s has no effect on the type %s", keyword, t))
			}
		}
	}
}

// checkBounds compares the bounds of a schema with each other.
func checkBounds(c *rule.Checker, s model.Schema) {
	v := s.Value
	below := func(lower, upper string, contradict bool) {
		if contradict {
			c.Report(boundsContradict, s.Place.At(upper), upper+" is below "+lower)
		}
	}
	below("minimum", "maximum", v.Min != nil && v.Max != nil && *v.Min > *v.Max)
	below("minLength", "maxLength", v.MaxLength != nil && v.MinLength > *v.MaxLength)
	below("minItems", "maxItems", v.MaxItems != nil && v.MinItems > *v.MaxItems)
	below("minProperties", "maxProperties", v.MaxProps != nil && v.MinProps > *v.MaxProps)
}

// without returns the words that are not among others.
func without(words, others []string) []string {
	return slices.DeleteFunc(slices.Clone(words), func(w string) bool { return slices.Contains(others, w) })
}
