package check

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

// examples compares every example and every default with its schema.
func (p *pass) examples() {
	for _, m := range p.index.Media {
		if comparable(m) {
			p.carried(m.Place, m.Value.Schema, m.Value.Example, m.Value.Examples)
		}
	}
	for _, v := range p.index.Parameters {
		p.carried(v.Place, v.Value.Schema, v.Value.Example, v.Value.Examples)
	}
	for _, v := range p.index.Headers {
		p.carried(v.Place, v.Value.Schema, v.Value.Example, v.Value.Examples)
	}
	for _, s := range p.index.Schemas {
		if place := s.Place.At("example"); p.doc.Node(place) != nil {
			p.value(ruleExample, "the example", place, s.Value, s.Value.Example)
		}
		if place := s.Place.At("default"); p.doc.Node(place) != nil {
			p.value(ruleDefault, "the default", place, s.Value, s.Value.Default)
		}
	}
}

// comparable reports whether examples of this media type are written as the values
// that the schema describes. Those of XML and the like are written as one text.
func comparable(m media) bool {
	if m.Value.Schema == nil || m.Value.Schema.Value == nil {
		return false
	}
	return isJSON(m.Type) || strings.HasPrefix(m.Type, "multipart/") ||
		strings.HasPrefix(m.Type, "application/x-www-form-urlencoded") ||
		strings.HasPrefix(m.Type, "text/plain") && m.Value.Schema.Value.Type.Is("string")
}

func (p *pass) carried(place source.Place, schema *openapi3.SchemaRef, example any, examples openapi3.Examples) {
	single := p.doc.Node(place.At("example")) != nil
	if single && len(examples) > 0 {
		p.reportKey(ruleExampleConflict, place.At("example"), "`example` and `examples` stand together")
	}
	if schema == nil || schema.Value == nil {
		return
	}
	if single {
		p.value(ruleExample, "the example", place.At("example"), schema.Value, example)
	}
	for _, name := range slices.Sorted(maps.Keys(examples)) {
		ref := examples[name]
		if ref.Value == nil {
			continue
		}
		value := place.At("examples", name).Follow(ref.Ref).At("value")
		if p.doc.Node(value) != nil {
			p.value(ruleExample, "the example "+name, value, schema.Value, ref.Value.Value)
		}
	}
}

// formatValidators are for formats that mean one thing to everybody, beyond those
// that the library knows: what is none of them teaches a caller a wrong value.
var formatValidators = map[string]openapi3.StringFormatValidator{
	"uuid":  openapi3.NewRegexpFormatValidator(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`),
	"email": openapi3.NewRegexpFormatValidator(`^[^@\s]+@[^@\s]+$`),
	"ipv4":  openapi3.NewIPValidator(true),
	"ipv6":  openapi3.NewIPValidator(false),
	"uri":   openapi3.NewRegexpFormatValidator(`^[A-Za-z][A-Za-z0-9+.-]*:\S*$`),
}

// maxReasons bounds how many faults of one example are reported.
const maxReasons = 5

// value reports where a value does not satisfy a schema.
func (p *pass) value(rule, what string, place source.Place, schema *openapi3.Schema, value any) {
	options := []openapi3.SchemaValidationOption{
		openapi3.MultiErrors(),
		openapi3.SetSchemaRegexCompiler(compilePattern),
		openapi3.WithStringFormatValidators(formatValidators),
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
	for i, fault := range Faults(schema.VisitJSON(value, options...)) {
		if i == maxReasons {
			return
		}
		inside := ""
		if len(fault.Pointer) > 0 {
			inside = " at " + fault.Pointer.String()
		}
		p.report(rule, place.At(fault.Pointer...), fmt.Sprintf("%s does not satisfy its schema%s: %s", what, inside, fault.Reason))
	}
}

// Fault is one way in which a value does not satisfy a schema.
type Fault struct {
	// Pointer leads to the part of the value that is at fault.
	Pointer source.Pointer
	// Reason says what is wrong with it; it does not hold the value.
	Reason string
}

// Faults takes the error of a schema validation apart. It returns nil for nil.
func Faults(err error) []Fault {
	if err == nil {
		return nil
	}
	var several openapi3.MultiError
	if errors.As(err, &several) {
		var list []Fault
		for _, one := range several {
			list = append(list, Faults(one)...)
		}
		return list
	}
	var schemaErr *openapi3.SchemaError
	if errors.As(err, &schemaErr) {
		var inner openapi3.MultiError
		if schemaErr.SchemaField == "allOf" && errors.As(schemaErr.Origin, &inner) {
			return Faults(inner)
		}
		reason := schemaErr.Reason
		if schemaErr.SchemaField == "format" {
			// The expression behind the format explains nothing to a reader.
			reason, _, _ = strings.Cut(reason, " (")
		}
		return []Fault{{schemaErr.JSONPointer(), reason}}
	}
	return []Fault{{nil, err.Error()}}
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
