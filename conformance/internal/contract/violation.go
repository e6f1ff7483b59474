package contract

import (
	"errors"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/excerpt"
)

// Violation is one way in which a response breaks the contract. Expected and Actual complete
// "expected …" and "got …".
type Violation struct {
	Expected, Actual string
	Line             int // of the contract, 0 if no single line says it
}

// violations lists what the error of the validator holds.
func violations(err error, response *openapi3.Response) []Violation {
	if err == nil {
		return nil
	}
	var failed *openapi3filter.ResponseError
	if !errors.As(err, &failed) {
		return []Violation{{Expected: "a response that keeps the contract", Actual: err.Error()}}
	}
	var found []Violation
	var walk func(error)
	walk = func(err error) {
		var several openapi3.MultiError
		var schema *openapi3.SchemaError
		switch {
		case errors.As(err, &schema) && !isMulti(err):
			if inner := (*openapi3.SchemaError)(nil); errors.As(schema.Unwrap(), &inner) {
				walk(schema.Unwrap())
				return
			}
			found = append(found, schemaViolation(failed.Reason, schema))
		case errors.As(err, &several):
			for _, e := range several {
				walk(e)
			}
		}
	}
	walk(failed.Err)
	if len(found) == 0 {
		found = append(found, Violation{
			Expected: "the media type and headers that the contract gives",
			Actual:   strings.TrimSpace(failed.Reason + causeText(failed.Err)),
			Line:     originLine(response.Origin, "content"),
		})
	}
	return slices.Compact(found)
}

func isMulti(err error) bool {
	_, ok := err.(openapi3.MultiError)
	return ok
}

func causeText(err error) string {
	if err == nil {
		return ""
	}
	return ": " + err.Error()
}

// schemaViolation names the part of the response and the keyword of the schema that it breaks.
func schemaViolation(where string, err *openapi3.SchemaError) Violation {
	place := strings.Join(err.JSONPointer(), ".")
	switch {
	case strings.Contains(where, "header"):
		place = strings.TrimSuffix(where, " doesn't match schema")
	case place == "":
		place = "the body"
	}
	v := Violation{
		Expected: place + ": " + err.Reason,
		Actual:   "JSON " + excerpt.Of(excerpt.JSON(err.Value), 160),
	}
	if err.SchemaField == "required" {
		v.Actual = "an object without it: " + excerpt.Of(excerpt.JSON(err.Value), 160)
	}
	if err.Schema != nil {
		v.Line = originLine(err.Schema.Origin, err.SchemaField)
	}
	return v
}

// originLine is the line of a field of an element of the contract, or that of the element if the
// field has none.
func originLine(origin *openapi3.Origin, field string) int {
	if origin == nil {
		return 0
	}
	if at, ok := origin.Fields.Lookup(field); ok {
		return at.Line
	}
	if items := origin.Sequences[field]; len(items) > 0 {
		return items[0].Line
	}
	if origin.Key != nil {
		return origin.Key.Line
	}
	return 0
}
