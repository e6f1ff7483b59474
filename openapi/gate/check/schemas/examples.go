package schemas

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/check/rule"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/model"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

var (
	exampleInvalid = finding.Rule{
		ID:    "example-invalid",
		Title: "Every example satisfies its schema",
		Why:   "Callers copy examples; one that does not validate teaches them a wrong request or response.",
		Fix:   "Correct the example, or the schema if the example is right.",
	}
	exampleConflict = finding.Rule{
		ID:    "example-conflict",
		Title: "`example` and `examples` are not used together",
		Why:   "Tools show one of the two, and not all show the same one.",
		Fix:   "Keep `examples`.",
	}
	defaultInvalid = finding.Rule{
		ID:    "default-invalid",
		Title: "Every default satisfies its schema",
		Why:   "Servers reject a value that they themselves assume.",
		Fix:   "Correct the default.",
	}
	exampleUnchecked = finding.Rule{
		ID:    "example-unchecked",
		Title: "Every example and default can be compared with its schema",
		Why:   "A schema whose parts multiply makes every validator slow, and what it means can hardly be understood.",
		Fix:   "List each part of the schema once, or add a discriminator.",
	}
)

var examples = rule.Family{
	Rules: []finding.Rule{exampleInvalid, exampleConflict, defaultInvalid, exampleUnchecked},
	Check: checkExamples,
	Covers: map[string][]finding.Rule{
		"default-violates-schema":             {defaultInvalid},
		"example-examples-mutually-exclusive": {exampleConflict},
		"example-violates-schema":             {exampleInvalid},
	},
}

// checkExamples compares every example and every default with its schema.
func checkExamples(c *rule.Checker) {
	left := maxWork
	checkValue := func(c *rule.Checker, r finding.Rule, what string, place source.Place, schema *openapi3.Schema, value any) {
		m := meter{left: max(min(left, maxVisits), 0)}
		work, within := m.visits(schema, value)
		left -= work
		if within {
			checkValue(c, r, what, place, schema, value)
			return
		}
		name := "its schema"
		if s, ok := heaviest(c, &m, schema); ok {
			name = "the schema " + s
		}
		c.Report(exampleUnchecked, place, what+" was not compared with "+name+": that takes too many steps, since the parts of the schema multiply")
	}
	checkCarried := func(c *rule.Checker, place source.Place, schema *openapi3.SchemaRef, example any, examples openapi3.Examples) {
		checkCarried(c, checkValue, place, schema, example, examples)
	}
	for _, m := range c.Index.Media {
		if comparable(m) {
			checkCarried(c, m.Place, m.Value.Schema, m.Value.Example, m.Value.Examples)
		}
	}
	for _, v := range c.Index.Parameters {
		checkCarried(c, v.Place, v.Value.Schema, v.Value.Example, v.Value.Examples)
	}
	for _, v := range c.Index.Headers {
		checkCarried(c, v.Place, v.Value.Schema, v.Value.Example, v.Value.Examples)
	}
	for _, s := range c.Index.Schemas {
		if place := s.Place.At("example"); c.Doc.Node(place) != nil {
			checkValue(c, exampleInvalid, "the example", place, s.Value, s.Value.Example)
		}
		if place := s.Place.At("default"); c.Doc.Node(place) != nil {
			checkValue(c, defaultInvalid, "the default", place, s.Value, s.Value.Default)
		}
	}
}

// comparable reports whether examples of this media type are written as the values
// that the schema describes. Those of XML and the like are written as one text.
func comparable(m model.Media) bool {
	if m.Value.Schema == nil || m.Value.Schema.Value == nil {
		return false
	}
	return model.IsJSON(m.Type) || strings.HasPrefix(m.Type, "multipart/") ||
		strings.HasPrefix(m.Type, "application/x-www-form-urlencoded") ||
		strings.HasPrefix(m.Type, "text/plain") && m.Value.Schema.Value.Type.Is("string")
}

// checkCarried compares the examples of a parameter, a header or a media type.
func checkCarried(c *rule.Checker, checkValue comparison, place source.Place, schema *openapi3.SchemaRef, example any, examples openapi3.Examples) {
	single := c.Doc.Node(place.At("example")) != nil
	if single && len(examples) > 0 {
		c.ReportKey(exampleConflict, place.At("example"), "`example` and `examples` stand together")
	}
	if schema == nil || schema.Value == nil {
		return
	}
	if single {
		checkValue(c, exampleInvalid, "the example", place.At("example"), schema.Value, example)
	}
	for _, name := range slices.Sorted(maps.Keys(examples)) {
		ref := examples[name]
		if ref.Value == nil {
			continue
		}
		value := c.Doc.Target(place.At("examples", name)).At("value")
		if c.Doc.Node(value) != nil {
			checkValue(c, exampleInvalid, "the example "+name, value, schema.Value, ref.Value.Value)
		}
	}
}

// formatValidators are for formats that mean one thing to everybody, beyond those
// that the library knows: an example of another form teaches a caller a wrong value.
var formatValidators = map[string]openapi3.StringFormatValidator{
	"uuid":  openapi3.NewRegexpFormatValidator(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`),
	"email": openapi3.NewRegexpFormatValidator(`^[^@\s]+@[^@\s]+$`),
	"ipv4":  openapi3.NewIPValidator(true),
	"ipv6":  openapi3.NewIPValidator(false),
	"uri":   openapi3.NewRegexpFormatValidator(`^[A-Za-z][A-Za-z0-9+.-]*:\S*$`),
}

// comparison compares a value at a place with a schema, and reports under a rule.
type comparison func(c *rule.Checker, r finding.Rule, what string, place source.Place, schema *openapi3.Schema, value any)

// maxReasons bounds how many faults of one example are reported.
const maxReasons = 5

// checkValue reports where a value does not satisfy a schema.
func checkValue(c *rule.Checker, r finding.Rule, what string, place source.Place, schema *openapi3.Schema, value any) {
	options := []openapi3.SchemaValidationOption{
		openapi3.MultiErrors(),
		openapi3.SetSchemaRegexCompiler(compilePattern),
		openapi3.WithStringFormatValidators(formatValidators),
		// The library's own text holds the schema and the value, and those of every part again.
		openapi3.SetSchemaErrorMessageCustomizer(func(err *openapi3.SchemaError) string { return err.Reason }),
	}
	// A property that is only for reading is not required of a request, and the other way round.
	for _, key := range place.Pointer {
		switch key {
		case "requestBody", "requestBodies":
			options = append(options, openapi3.VisitAsRequest())
		case "responses":
			options = append(options, openapi3.VisitAsResponse())
		}
	}
	for i, fault := range model.Faults(schema.VisitJSON(value, options...)) {
		if i == maxReasons {
			return
		}
		inside := ""
		if len(fault.Pointer) > 0 {
			inside = " at " + fault.Pointer.String()
		}
		c.Report(r, place.At(fault.Pointer...), fmt.Sprintf("%s does not satisfy its schema%s: %s", what, inside, fault.Reason))
	}
}

// compilePattern compiles what Go can. What only ECMAScript has cannot be tried
// here, and a value is not failed for that.
func compilePattern(expr string) (openapi3.RegexMatcher, error) {
	re, err := regexp.Compile(expr)
	if err != nil {
		return anyText{}, nil
	}
	return re, nil
}

type anyText struct{}

func (anyText) MatchString(string) bool { return true }
