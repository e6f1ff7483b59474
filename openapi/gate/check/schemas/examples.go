package schemas

import (
	"maps"
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
	exampleDirection = finding.Rule{
		ID:    "example-direction",
		Title: "No example sends what is only for reading, or receives what is only for writing",
		Why:   "OpenAPI says that such a property should not be sent; callers copy it all the same.",
		Fix:   "Remove the property from the example.",
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
	defaultFormat = finding.Rule{
		ID:    "default-format",
		Title: "Every default has the format of its schema",
		Why:   "Servers that check the format reject a value that they themselves assume.",
		Fix:   "Correct the default, or the format.",
	}
	exampleUnchecked = finding.Rule{
		ID:    "example-unchecked",
		Title: "Every example and default can be compared with its schema",
		Why:   "A schema whose parts multiply makes every validator slow, and what it means can hardly be understood.",
		Fix:   "List each part of the schema once, or add a discriminator.",
	}
)

var examples = rule.Family{
	Rules: []finding.Rule{exampleInvalid, exampleDirection, exampleConflict, defaultInvalid, defaultFormat, exampleUnchecked},
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
	compare := func(v comparison) {
		m := meter{left: max(min(left, maxVisits), 0)}
		work, within := m.visits(v.schema, v.value)
		left -= work
		if within {
			v.report(c)
			return
		}
		name := "its schema"
		if s, ok := heaviest(c, &m, v.schema); ok {
			name = "the schema " + s
		}
		c.Report(exampleUnchecked, v.place, v.what+" was not compared with "+name+": that takes too many steps, since the parts of the schema multiply")
	}
	for _, m := range c.Index.Media {
		if comparable(m) {
			carried{m.Place, m.Value.Schema, m.Value.Example, m.Value.Examples, writingOf(m.Type)}.compare(c, compare)
		}
	}
	for _, v := range c.Index.Parameters {
		carried{v.Place, v.Value.Schema, v.Value.Example, v.Value.Examples, inURL}.compare(c, compare)
	}
	for _, v := range c.Index.Headers {
		carried{v.Place, v.Value.Schema, v.Value.Example, v.Value.Examples, inURL}.compare(c, compare)
	}
	for _, s := range c.Index.Schemas {
		if place := s.Place.At("example"); c.Doc.Node(place) != nil {
			compare(comparison{rule: exampleInvalid, what: "the example", place: place, schema: s.Value, value: s.Value.Example})
		}
		if place := s.Place.At("default"); c.Doc.Node(place) != nil {
			compare(comparison{rule: defaultInvalid, what: "the default", place: place, schema: s.Value, value: s.Value.Default})
		}
	}
}

// comparable reports whether examples of this media type are written as the values
// that the schema describes. Those of XML and the like are written as one text.
func comparable(m model.Media) bool {
	if m.Value.Schema == nil || m.Value.Schema.Value == nil {
		return false
	}
	return model.IsJSON(m.Type) || isForm(m.Type) ||
		strings.HasPrefix(m.Type, "text/plain") && m.Value.Schema.Value.Type.Is("string")
}

func isForm(mediaType string) bool {
	return strings.HasPrefix(mediaType, "multipart/") || strings.HasPrefix(mediaType, "application/x-www-form-urlencoded")
}

// carried is a schema and the examples that a parameter, a header or a media type has of it.
type carried struct {
	place    source.Place
	schema   *openapi3.SchemaRef
	example  any
	examples openapi3.Examples
	writing  writing
}

func (v carried) compare(c *rule.Checker, compare func(comparison)) {
	single := c.Doc.Node(v.place.At("example")) != nil
	if single && len(v.examples) > 0 {
		c.ReportKey(exampleConflict, v.place.At("example"), "`example` and `examples` stand together")
	}
	if v.schema == nil || v.schema.Value == nil {
		return
	}
	one := comparison{rule: exampleInvalid, schema: v.schema.Value, writing: v.writing, direction: directionOf(v.place)}
	if single {
		one.what, one.place, one.value = "the example", v.place.At("example"), v.example
		compare(one)
	}
	for _, name := range slices.Sorted(maps.Keys(v.examples)) {
		ref := v.examples[name]
		if ref.Value == nil {
			continue
		}
		value := c.Doc.Target(v.place.At("examples", name)).At("value")
		if c.Doc.Node(value) != nil {
			one.what, one.place, one.value = "the example "+name, value, ref.Value.Value
			compare(one)
		}
	}
}
