package schemas

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/check/rule"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/model"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

// comparison is a value at a place that has to satisfy a schema.
type comparison struct {
	// rule is broken where it does not.
	rule      finding.Rule
	what      string
	place     source.Place
	schema    *openapi3.Schema
	value     any
	writing   writing
	direction direction
}

// direction is where a value goes. What is only for reading is not required of a request,
// and the other way round.
type direction int

const (
	eitherWay direction = iota
	toServer
	toClient
)

// directionOf returns where the examples go that stand at a place.
func directionOf(place source.Place) direction {
	way := eitherWay
	for _, key := range place.Pointer {
		switch key {
		case "requestBody", "requestBodies":
			way = toServer
		case "responses":
			way = toClient
		}
	}
	return way
}

// writing is how an example may be written beside as the value itself: OpenAPI has examples
// that match "the schema and encoding properties", or "the format of the media type".
type writing int

const (
	asValue writing = iota
	// asJSON: the text of a JSON document stands for the document.
	asJSON
	// inForm: all values of a form are texts.
	inForm
	// inURL: a text stands for a list or for an object.
	inURL
)

func writingOf(mediaType string) writing {
	switch {
	case isForm(mediaType):
		return inForm
	case model.IsJSON(mediaType):
		return asJSON
	}
	return asValue
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

// maxReasons bounds how many faults of one example are reported.
const maxReasons = 5

// report reports where the value does not satisfy the schema.
func (v comparison) report(c *rule.Checker) {
	faults := v.faults()
	for i, fault := range faults[:min(len(faults), maxReasons)] {
		broken, text := v.rule, fmt.Sprintf("%s does not satisfy its schema%s: %s", v.what, inside(fault), fault.Reason)
		if broken.ID == defaultInvalid.ID && fault.Keyword == "format" {
			broken = defaultFormat
		}
		if more := len(faults) - maxReasons; more > 0 && i == maxReasons-1 {
			text += fmt.Sprintf(" (and %d more of its faults)", more)
		}
		c.Report(broken, v.place.At(fault.Pointer...), text)
	}
	if v.direction == eitherWay {
		return
	}
	for _, fault := range v.compare(v.value, v.direction, true) {
		switch fault.Keyword {
		case "readOnly":
			c.Report(exampleDirection, v.place.At(fault.Pointer...), v.what+" of a request has a property that is only for reading"+inside(fault))
		case "writeOnly":
			c.Report(exampleDirection, v.place.At(fault.Pointer...), v.what+" of a response has a property that is only for writing"+inside(fault))
		}
	}
}

func inside(fault model.Fault) string {
	if len(fault.Pointer) == 0 {
		return ""
	}
	return " at " + fault.Pointer.String()
}

// faults returns what is wrong with the value, however it may be written and wherever it
// may go.
func (v comparison) faults() []model.Fault {
	ways := []direction{v.direction}
	if v.direction == eitherWay {
		ways = []direction{eitherWay, toClient, toServer}
	}
	var least []model.Fault
	for i, way := range ways {
		faults := v.compare(v.value, way, false)
		if text, ok := v.value.(string); ok && len(faults) > 0 && v.writing == asJSON {
			if document, ok := documentOf(text); ok {
				faults = v.compare(document, way, false)
			}
		}
		faults = slices.DeleteFunc(faults, v.written)
		if i == 0 || len(faults) < len(least) {
			least = faults
		}
		if len(least) == 0 {
			break
		}
	}
	return least
}

// documentOf returns the list or the object that a text is the JSON of.
func documentOf(text string) (any, bool) {
	var value any
	if json.Unmarshal([]byte(text), &value) != nil {
		return nil, false
	}
	switch value.(type) {
	case []any, map[string]any:
		return value, true
	}
	return nil, false
}

// written reports whether a fault is only that a text stands for a value of another type.
func (v comparison) written(fault model.Fault) bool {
	for _, variant := range fault.Variants {
		if !slices.ContainsFunc(variant, func(f model.Fault) bool { return !v.written(f) }) {
			return true
		}
	}
	text, ok := fault.Value.(string)
	if !ok || fault.Keyword != "type" || fault.Schema == nil || fault.Schema.Type == nil {
		return false
	}
	return slices.ContainsFunc(fault.Schema.Type.Slice(), func(kind string) bool {
		switch {
		case v.writing == inForm && (kind == "number" || kind == "integer"):
			_, err := strconv.ParseFloat(text, 64)
			return err == nil
		case v.writing == inForm && kind == "boolean":
			return text == "true" || text == "false"
		case v.writing == inForm, v.writing == inURL && len(fault.Pointer) == 0:
			return kind == "array" || kind == "object"
		}
		return false
	})
}

// compare returns what is wrong with a value that goes one way. Strict also minds properties
// that should not go that way.
func (v comparison) compare(value any, way direction, strict bool) []model.Fault {
	options := []openapi3.SchemaValidationOption{
		openapi3.MultiErrors(),
		openapi3.SetSchemaRegexCompiler(compilePattern),
		openapi3.WithStringFormatValidators(formatValidators),
		// The library's own text holds the schema and the value, and those of every part again.
		openapi3.SetSchemaErrorMessageCustomizer(func(err *openapi3.SchemaError) string { return err.Reason }),
	}
	switch way {
	case toServer:
		options = append(options, openapi3.VisitAsRequest())
	case toClient:
		options = append(options, openapi3.VisitAsResponse())
	}
	if !strict {
		options = append(options, openapi3.DisableReadOnlyValidation(), openapi3.DisableWriteOnlyValidation())
	}
	return model.Faults(v.schema.VisitJSON(value, options...))
}

// compilePattern compiles what Go can. What only ECMAScript has cannot be tried
// here, and a value is not failed for that.
func compilePattern(expr string) (openapi3.RegexMatcher, error) {
	re, err := regexp.Compile(expr)
	if err != nil || delimited.MatchString(expr) { // which is told at the pattern
		return anyText{}, nil
	}
	return re, nil
}

type anyText struct{}

func (anyText) MatchString(string) bool { return true }
