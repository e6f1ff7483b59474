package check

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

// at is something of the document and where it stands.
type at[T any] struct {
	Value T
	Place source.Place
}

// operation is one operation with what it inherits.
type operation struct {
	at[*openapi3.Operation]
	Path, Method string
	Responses    []response
	Parameters   []at[*openapi3.Parameter]
	// PathPlace is where the path item's key stands.
	PathPlace source.Place
}

// Name identifies the operation in messages.
func (o operation) Name() string {
	name := o.Method + " " + o.Path
	if o.Value.OperationID != "" {
		name += " (" + o.Value.OperationID + ")"
	}
	return name
}

// response is one response of one operation. Use is where the operation names
// the status; Place is where the response is described.
type response struct {
	at[*openapi3.Response]
	Status string
	Use    source.Place
}

// Failure reports whether the response is one for errors. `default` is when the
// operation names its successes.
func (r response) Failure() bool {
	return r.Status == "default" || strings.HasPrefix(r.Status, "4") || strings.HasPrefix(r.Status, "5")
}

// Success reports whether the response is one for successes.
func (r response) Success() bool { return strings.HasPrefix(r.Status, "2") }

// media is one media type of a response, a request body, a parameter or a header.
type media struct {
	at[*openapi3.MediaType]
	Type string
}

// schema is one schema object, where it is written.
type schema struct{ at[*openapi3.Schema] }

// Named reports whether the schema is a component of its own.
func (s schema) Named() bool {
	ptr := s.Place.Pointer
	return len(ptr) == 3 && ptr[0] == "components" && ptr[1] == "schemas"
}

// Parent returns the keyword and the key under which the schema stands:
// "properties" and "title", "allOf" and "0", "" and "items".
func (s schema) Parent() (keyword, key string) {
	ptr := s.Place.Pointer
	if len(ptr) < 2 {
		return "", ""
	}
	return ptr[len(ptr)-2], ptr[len(ptr)-1]
}

// index lists everything in a document once, however often it is referred to,
// in the order of the text.
type index struct {
	doc        *source.Document
	Operations []operation
	Parameters []at[*openapi3.Parameter]
	Headers    []at[*openapi3.Header]
	Responses  []at[*openapi3.Response]
	Bodies     []at[*openapi3.RequestBody]
	Media      []media
	Schemas    []schema
	Examples   []at[*openapi3.Example]
	seen       map[string]bool
}

func newIndex(doc *source.Document) *index {
	x := &index{doc: doc, seen: map[string]bool{}}
	root := source.Place{File: doc.Root.Name}
	spec := doc.Spec
	for path, item := range spec.Paths.Map() {
		place := root.At("paths", path)
		x.pathItem(path, place, at[*openapi3.PathItem]{item, place.Follow(item.Ref)}, true)
	}
	if c := spec.Components; c != nil {
		root = root.At("components")
		for name, ref := range c.Parameters {
			x.parameter(root.At("parameters", name), ref)
		}
		for name, ref := range c.Headers {
			x.header(root.At("headers", name), ref)
		}
		for name, ref := range c.Responses {
			x.response(root.At("responses", name), ref)
		}
		for name, ref := range c.RequestBodies {
			x.body(root.At("requestBodies", name), ref)
		}
		for name, ref := range c.Schemas {
			x.schema(root.At("schemas", name), ref)
		}
		for name, ref := range c.Examples {
			x.example(root.At("examples", name), ref)
		}
		for name, ref := range c.Callbacks {
			x.callback(root.At("callbacks", name), ref)
		}
	}
	x.sort()
	return x
}

// sort brings everything into the order of the text: maps have none.
func (x *index) sort() {
	slices.SortFunc(x.Operations, func(a, b operation) int { return x.compare(a.Place, b.Place) })
	for _, op := range x.Operations {
		slices.SortFunc(op.Responses, func(a, b response) int { return x.compare(a.Use, b.Use) })
	}
	slices.SortFunc(x.Schemas, func(a, b schema) int { return x.compare(a.Place, b.Place) })
	slices.SortFunc(x.Media, func(a, b media) int { return x.compare(a.Place, b.Place) })
}

func (x *index) compare(a, b source.Place) int {
	if c := cmp.Compare(a.File, b.File); c != 0 {
		return c
	}
	p, q := x.doc.Position(a), x.doc.Position(b)
	return cmp.Or(cmp.Compare(p.Line, q.Line), cmp.Compare(p.Column, q.Column), cmp.Compare(a.Key(), b.Key()))
}

// first reports whether place is visited for the first time.
func (x *index) first(place source.Place) bool {
	key := place.Key()
	if x.seen[key] {
		return false
	}
	x.seen[key] = true
	return true
}

// pathItem adds the operations of a path. Callbacks are not the API's own
// operations: they only contribute their parts.
func (x *index) pathItem(path string, use source.Place, item at[*openapi3.PathItem], own bool) {
	shared := make([]at[*openapi3.Parameter], 0, len(item.Value.Parameters))
	for i, ref := range item.Value.Parameters {
		if ref.Value != nil {
			shared = append(shared, x.parameter(item.Place.At("parameters", strconv.Itoa(i)), ref))
		}
	}
	for method, op := range item.Value.Operations() {
		place := item.Place.At(strings.ToLower(method))
		o := operation{at: at[*openapi3.Operation]{op, place}, Path: path, Method: method, PathPlace: use}
		for i, ref := range op.Parameters {
			if ref.Value != nil {
				o.Parameters = append(o.Parameters, x.parameter(place.At("parameters", strconv.Itoa(i)), ref))
			}
		}
		for _, p := range shared {
			if !slices.ContainsFunc(o.Parameters, func(q at[*openapi3.Parameter]) bool {
				return q.Value.Name == p.Value.Name && q.Value.In == p.Value.In
			}) {
				o.Parameters = append(o.Parameters, p)
			}
		}
		if op.RequestBody != nil {
			x.body(place.At("requestBody"), op.RequestBody)
		}
		for status, ref := range op.Responses.Map() {
			if ref.Value != nil {
				use := place.At("responses", status)
				o.Responses = append(o.Responses, response{x.response(use, ref), status, use})
			}
		}
		for name, ref := range op.Callbacks {
			x.callback(place.At("callbacks", name), ref)
		}
		if own {
			x.Operations = append(x.Operations, o)
		}
	}
}

func (x *index) callback(place source.Place, ref *openapi3.CallbackRef) {
	if place = place.Follow(ref.Ref); ref.Value == nil || !x.first(place) {
		return
	}
	for path, item := range ref.Value.Map() {
		use := place.At(path)
		x.pathItem(path, use, at[*openapi3.PathItem]{item, use.Follow(item.Ref)}, false)
	}
}

func (x *index) parameter(place source.Place, ref *openapi3.ParameterRef) at[*openapi3.Parameter] {
	p := at[*openapi3.Parameter]{ref.Value, place.Follow(ref.Ref)}
	if p.Value != nil && x.first(p.Place) {
		x.Parameters = append(x.Parameters, p)
		x.carrier(p.Place, p.Value.Schema, p.Value.Content, p.Value.Examples)
	}
	return p
}

func (x *index) header(place source.Place, ref *openapi3.HeaderRef) {
	h := at[*openapi3.Header]{ref.Value, place.Follow(ref.Ref)}
	if h.Value != nil && x.first(h.Place) {
		x.Headers = append(x.Headers, h)
		x.carrier(h.Place, h.Value.Schema, h.Value.Content, h.Value.Examples)
	}
}

// carrier visits what parameters, headers and media types have in common.
func (x *index) carrier(place source.Place, s *openapi3.SchemaRef, content openapi3.Content, examples openapi3.Examples) {
	x.schema(place.At("schema"), s)
	x.content(place.At("content"), content)
	for name, ref := range examples {
		x.example(place.At("examples", name), ref)
	}
}

func (x *index) response(place source.Place, ref *openapi3.ResponseRef) at[*openapi3.Response] {
	r := at[*openapi3.Response]{ref.Value, place.Follow(ref.Ref)}
	if r.Value != nil && x.first(r.Place) {
		x.Responses = append(x.Responses, r)
		x.content(r.Place.At("content"), r.Value.Content)
		for name, h := range r.Value.Headers {
			x.header(r.Place.At("headers", name), h)
		}
	}
	return r
}

func (x *index) body(place source.Place, ref *openapi3.RequestBodyRef) {
	b := at[*openapi3.RequestBody]{ref.Value, place.Follow(ref.Ref)}
	if b.Value != nil && x.first(b.Place) {
		x.Bodies = append(x.Bodies, b)
		x.content(b.Place.At("content"), b.Value.Content)
	}
}

func (x *index) content(place source.Place, content openapi3.Content) {
	for name, m := range content {
		if m == nil {
			continue
		}
		p := place.At(name)
		x.Media = append(x.Media, media{at[*openapi3.MediaType]{m, p}, name})
		x.carrier(p, m.Schema, nil, m.Examples)
	}
}

func (x *index) example(place source.Place, ref *openapi3.ExampleRef) {
	e := at[*openapi3.Example]{ref.Value, place.Follow(ref.Ref)}
	if e.Value != nil && x.first(e.Place) {
		x.Examples = append(x.Examples, e)
	}
}

func (x *index) schema(place source.Place, ref *openapi3.SchemaRef) {
	if ref == nil || ref.Value == nil {
		return
	}
	place = place.Follow(ref.Ref)
	if !x.first(place) {
		return
	}
	x.Schemas = append(x.Schemas, schema{at[*openapi3.Schema]{ref.Value, place}})
	v := ref.Value
	for name, p := range v.Properties {
		x.schema(place.At("properties", name), p)
	}
	x.schema(place.At("items"), v.Items)
	x.schema(place.At("not"), v.Not)
	x.schema(place.At("additionalProperties"), v.AdditionalProperties.Schema)
	for _, group := range []struct {
		key  string
		refs openapi3.SchemaRefs
	}{{"allOf", v.AllOf}, {"anyOf", v.AnyOf}, {"oneOf", v.OneOf}} {
		for i, r := range group.refs {
			x.schema(place.At(group.key, strconv.Itoa(i)), r)
		}
	}
}

// schemaAt returns the schema that begins at a position.
func (x *index) schemaAt(file *source.File, at finding.Position) (schema, bool) {
	for _, s := range x.Schemas {
		if s.Place.File != file.Name {
			continue
		}
		if n := x.doc.Node(s.Place); n != nil && n.Line == at.Line && n.Column == at.Column {
			return s, true
		}
	}
	return schema{}, false
}

// describe names the thing at place for a message: "parameter limit of GET /a".
func describe(p source.Place) string {
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
