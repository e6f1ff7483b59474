package library

import (
	"context"
	"errors"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/model"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

// told are the codes of what package objects says, at a better place, and of what OpenAPI does
// not ask for.
var told = []string{"server-url-template-invalid", "schema-multiple-of-not-positive", "value-or-external-value-required",
	"duplicate-tag", "jsonschemadialect-field-for-3-1-plus", "default-required", "operation-id-or-operation-ref-required"}

// Validate returns what the validator objects to. Examples, defaults and patterns
// are left out: rules of the gate look at them one by one, at their place.
//
// The validator follows every reference to a schema from every place that holds one, which
// takes time by the square of a document's size. While it works, references lead to mere
// outlines: every schema is looked at where it is written. Nothing else may read the
// document meanwhile.
func Validate(ctx context.Context, doc *source.Document) (list []Objection) {
	guard(doc, &list, func() {
		defer outline(doc)()
		options := []openapi3.ValidationOption{openapi3.EnableMultiError(),
			openapi3.DisableExamplesValidation(), openapi3.DisableSchemaDefaultsValidation(), openapi3.DisableSchemaPatternValidation()}
		errs := leaves(doc.Spec.Validate(ctx, options...))
		for _, schema := range doc.Fragments {
			errs = append(errs, leaves(schema.Validate(ctx, options...))...)
		}
		for _, e := range errs {
			o := Objection{Message: plainText(e)}
			var coded openapi3.CodedError
			if errors.As(e, &coded) {
				o.Code = coded.Code()
			}
			if slices.Contains(told, o.Code) {
				continue
			}
			place := placeOf(doc, e)
			if strings.HasSuffix(o.Message, "must be a non-empty string") && doc.Node(place) != nil && doc.Node(place).Tag == "!!str" {
				continue // OpenAPI wants a string, and says nothing of its length
			}
			o.Position, o.Pointer = doc.KeyPosition(place), place.Pointer.String()
			list = append(list, o)
		}
	})
	return list
}

// plainText returns what the validator says, without the way to the fault: that is its place.
func plainText(err error) string {
	for inner := err; ; err = inner {
		switch err.(type) {
		case *openapi3.SectionValidationError, *openapi3.PathValidationError, *openapi3.OperationValidationError, *openapi3.ComponentValidationError:
			if inner = errors.Unwrap(err); inner != nil {
				continue
			}
		}
		break
	}
	text := strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", " ")
	if m := newerField.FindStringSubmatch(text); m != nil {
		return "the field " + m[1] + " is one of OpenAPI " + m[2]
	}
	if m := componentName.FindStringSubmatch(text); m != nil {
		return "the name " + m[1] + " may hold letters, digits, `.`, `-` and `_` alone"
	}
	return text
}

var newerField = regexp.MustCompile(`^field (\S+) is for OpenAPI >=(\S+)$`)

var componentName = regexp.MustCompile(`^identifier ("[^"]+") is not supported by OpenAPIv3 standard`)

// outline makes all references to schemas lead to what only has the type. It returns what
// undoes that.
func outline(doc *source.Document) (restore func()) {
	values := make([]*openapi3.Schema, len(doc.References))
	for i, ref := range doc.References {
		if values[i] = ref.Value; ref.Value == nil {
			continue
		}
		o := &openapi3.Schema{}
		if t := ref.Value.Type; t != nil && len(*t) == 1 {
			switch (*t)[0] {
			case "array":
				o.Items = &openapi3.SchemaRef{Value: &openapi3.Schema{}}
				o.Type = t
			case "boolean", "integer", "number", "object", "string":
				o.Type = t
			}
		}
		ref.Value = o
	}
	return func() {
		for i, ref := range doc.References {
			ref.Value = values[i]
		}
	}
}

// leaves returns the errors that an error consists of.
func leaves(err error) []error {
	var several openapi3.MultiError
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &several):
		return []error{err}
	}
	var list []error
	for _, one := range several {
		list = append(list, leaves(one)...)
	}
	return list
}

// componentKeys names the field of components that holds a kind of component.
var componentKeys = map[string]string{
	"schema": "schemas", "parameter": "parameters", "header": "headers", "request body": "requestBodies",
	"response": "responses", "security scheme": "securitySchemes", "example": "examples", "link": "links", "callback": "callbacks",
}

// names finds what an error's text may name: first in quotes, then any word.
var names = []*regexp.Regexp{regexp.MustCompile(`"([^"]+)"`), regexp.MustCompile(`([$\w][\w-]*)`)}

// placeOf finds the place of a validator's error from the scopes that wrap it,
// from the origin that some of them carry, and from what the text names.
func placeOf(doc *source.Document, err error) source.Place {
	place, leaf := doc.RootPlace(), err
	var inner source.Place
	found := false
	for e := err; e != nil; e = errors.Unwrap(e) {
		leaf = e
		switch scope := e.(type) {
		case *openapi3.SectionValidationError:
			place = place.At(scope.Section)
		case *openapi3.PathValidationError:
			place = place.At(scope.Path)
		case *openapi3.OperationValidationError:
			place = place.At(strings.ToLower(scope.Method))
		case *openapi3.ComponentValidationError:
			place = place.At(componentKeys[scope.Section], scope.Name)
		}
		if at, ok := model.OriginPlace(doc, originOf(e)); ok {
			inner, found = at, true
		}
	}
	if found {
		place = inner
	}
	for _, pattern := range names {
		for _, m := range pattern.FindAllStringSubmatch(leaf.Error(), -1) {
			if at := place.At(m[1]); doc.Node(at) != nil {
				return at
			}
		}
	}
	return place
}

// originOf returns the Origin field of an error. Some twenty error types of the
// library have one and no interface in common, hence the reflection.
func originOf(err error) *openapi3.Origin {
	v := reflect.ValueOf(err)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		return nil
	}
	field := v.Elem().FieldByName("Origin")
	if !field.IsValid() {
		return nil
	}
	origin, _ := field.Interface().(*openapi3.Origin)
	return origin
}
