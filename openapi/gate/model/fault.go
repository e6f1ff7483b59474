package model

import (
	"errors"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

// Fault is one way in which a value does not satisfy a schema.
type Fault struct {
	// Pointer leads to the part of the value that is at fault.
	Pointer source.Pointer
	// Reason says what is wrong with it; it does not hold the value.
	Reason string
	// Keyword is the one that the value breaks, Schema the schema that holds it, and Value the
	// part at fault; they are empty where the library does not say.
	Keyword string
	Schema  *openapi3.Schema
	Value   any
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
		return []Fault{{schemaErr.JSONPointer(), reason, schemaErr.SchemaField, schemaErr.Schema, schemaErr.Value}}
	}
	return []Fault{{Reason: err.Error()}}
}
