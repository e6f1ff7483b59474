// Package model is what the rules of the gate see of an OpenAPI document: its
// operations, parameters, responses and schemas, each listed once with its place,
// and what schemas say that are combined by allOf, oneOf and anyOf.
//
// It judges nothing. Package check and the rules below it read it, and so do those
// who compare other texts with a contract, conformance/chain.
package model

import (
	"fmt"
	"mime"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

// Located is a part of a document and its place.
type Located[T any] struct {
	Value T
	Place source.Place
}

// Operation is one operation with what it inherits.
type Operation struct {
	Located[*openapi3.Operation]
	Path, Method string
	Responses    []Response
	Parameters   []Located[*openapi3.Parameter]
}

// Name identifies the operation in messages.
func (o Operation) Name() string {
	name := o.Method + " " + o.Path
	if o.Value.OperationID != "" {
		name += " (" + o.Value.OperationID + ")"
	}
	return name
}

// Response is one response of one operation. Use is where the operation names
// the status; Place is where the response is described.
type Response struct {
	Located[*openapi3.Response]
	Status string
	Use    source.Place
}

// Failure reports whether the response is one for errors, which `default` is too.
func (r Response) Failure() bool {
	return r.Status == "default" || strings.HasPrefix(r.Status, "4") || strings.HasPrefix(r.Status, "5")
}

// Success reports whether the response is one for successes.
func (r Response) Success() bool { return strings.HasPrefix(r.Status, "2") }

// Bodiless reports whether HTTP forbids a body with the response's status.
func (r Response) Bodiless() bool {
	return r.Status == "204" || r.Status == "205" || r.Status == "304" || len(r.Status) == 3 && r.Status[0] == '1'
}

// Media is one media type of a response, a request body, a parameter or a header.
type Media struct {
	Located[*openapi3.MediaType]
	Type string
}

// IsJSON reports whether a media type is JSON, or a format that is written in it.
func IsJSON(mediaType string) bool {
	name, _, err := mime.ParseMediaType(mediaType)
	return err == nil && (name == "application/json" || strings.HasSuffix(name, "+json"))
}

// Schema is one schema object, where it is written.
type Schema struct{ Located[*openapi3.Schema] }

// Named reports whether the schema is a component of its own.
func (s Schema) Named() bool {
	ptr := s.Place.Pointer
	return len(ptr) == 3 && ptr[0] == "components" && ptr[1] == "schemas"
}

// Describe names the thing at place for a message: "parameter limit of GET /a".
func Describe(p source.Place) string {
	ptr := p.Pointer
	switch {
	case len(ptr) >= 3 && ptr[0] == "paths":
		s := fmt.Sprintf("%s %s", strings.ToUpper(ptr[2]), ptr[1])
		if ptr[2] == "parameters" {
			s = ptr[1]
		}
		for i := 3; i+1 < len(ptr); i++ {
			if ptr[i] == "responses" {
				return s + ", response " + ptr[i+1]
			}
		}
		return s
	case len(ptr) >= 3 && ptr[0] == "components":
		return strings.Join(ptr[1:3], "/")
	}
	return p.Pointer.String()
}
