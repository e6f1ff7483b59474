package model

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

// Index lists everything in a document once, however often it is referred to,
// in the order of the text. It is read-only and safe for concurrent reading.
type Index struct {
	Operations []Operation
	Parameters []Located[*openapi3.Parameter]
	Headers    []Located[*openapi3.Header]
	Responses  []Located[*openapi3.Response]
	Media      []Media
	Schemas    []Schema

	doc     *source.Document
	seen    map[string]bool
	schemas map[string]*openapi3.Schema // by the keys of their places
}

// New indexes a document, which must have been understood: its Spec is not nil.
func New(doc *source.Document) *Index {
	x := &Index{doc: doc, seen: map[string]bool{}, schemas: map[string]*openapi3.Schema{}}
	for path, item := range doc.Spec.Paths.Map() {
		place := doc.RootPlace("paths", path)
		x.pathItem(path, Located[*openapi3.PathItem]{item, place}, true)
	}
	if c := doc.Spec.Components; c != nil {
		root := doc.RootPlace("components")
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
		for name, ref := range c.Callbacks {
			x.callback(root.At("callbacks", name), ref)
		}
	}
	x.sort()
	return x
}

// sort brings everything into the order of the text: maps have none.
func (x *Index) sort() {
	byText(x, x.Operations, func(o Operation) source.Place { return o.Place })
	for _, op := range x.Operations {
		byText(x, op.Responses, func(r Response) source.Place { return r.Use })
	}
	byText(x, x.Schemas, func(s Schema) source.Place { return s.Place })
	byText(x, x.Media, func(m Media) source.Place { return m.Place })
}

// byText sorts a list by where each of its elements stands.
func byText[T any](x *Index, list []T, place func(T) source.Place) {
	type standing struct {
		element T
		at      finding.Position
		key     string
	}
	all := make([]standing, len(list))
	for i, element := range list {
		p := place(element)
		at := x.doc.Position(p)
		at.File = p.File // as the reader calls it
		all[i] = standing{element, at, p.Key()}
	}
	slices.SortFunc(all, func(a, b standing) int {
		return cmp.Or(cmp.Compare(a.at.File, b.at.File), cmp.Compare(a.at.Line, b.at.Line), cmp.Compare(a.at.Column, b.at.Column), cmp.Compare(a.key, b.key))
	})
	for i, s := range all {
		list[i] = s.element
	}
}

// first reports whether place is visited for the first time.
func (x *Index) first(place source.Place) bool {
	key := place.Key()
	if x.seen[key] {
		return false
	}
	x.seen[key] = true
	return true
}

// pathItem adds the operations of a path. Callbacks are not the API's own
// operations: they only contribute their parts.
func (x *Index) pathItem(path string, item Located[*openapi3.PathItem], own bool) {
	// A reference is written in place of the item, and may have fields of its own beside it.
	target := x.doc.Target(item.Place)
	part := func(field string) source.Place {
		if own := item.Place.At(field); x.doc.Node(own) != nil {
			return own
		}
		return target.At(field)
	}
	shared := make([]Located[*openapi3.Parameter], 0, len(item.Value.Parameters))
	for i, ref := range item.Value.Parameters {
		if ref.Value != nil {
			shared = append(shared, x.parameter(part("parameters").At(strconv.Itoa(i)), ref))
		}
	}
	for method, op := range item.Value.Operations() {
		place := x.doc.Target(part(strings.ToLower(method)))
		o := Operation{Located: Located[*openapi3.Operation]{op, place}, Path: path, Method: method}
		for i, ref := range op.Parameters {
			if ref.Value != nil {
				o.Parameters = append(o.Parameters, x.parameter(place.At("parameters", strconv.Itoa(i)), ref))
			}
		}
		for _, p := range shared {
			if !slices.ContainsFunc(o.Parameters, func(q Located[*openapi3.Parameter]) bool {
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
				o.Responses = append(o.Responses, Response{x.response(use, ref), status, use})
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

func (x *Index) callback(place source.Place, ref *openapi3.CallbackRef) {
	if place = x.doc.Target(place); ref.Value == nil || !x.first(place) {
		return
	}
	for path, item := range ref.Value.Map() {
		x.pathItem(path, Located[*openapi3.PathItem]{item, place.At(path)}, false)
	}
}

func (x *Index) parameter(place source.Place, ref *openapi3.ParameterRef) Located[*openapi3.Parameter] {
	p := Located[*openapi3.Parameter]{ref.Value, x.doc.Target(place)}
	if p.Value != nil && x.first(p.Place) {
		x.Parameters = append(x.Parameters, p)
		x.carrier(p.Place, p.Value.Schema, p.Value.Content)
	}
	return p
}

func (x *Index) header(place source.Place, ref *openapi3.HeaderRef) {
	h := Located[*openapi3.Header]{ref.Value, x.doc.Target(place)}
	if h.Value != nil && x.first(h.Place) {
		x.Headers = append(x.Headers, h)
		x.carrier(h.Place, h.Value.Schema, h.Value.Content)
	}
}

// carrier visits what parameters and headers have in common.
func (x *Index) carrier(place source.Place, s *openapi3.SchemaRef, content openapi3.Content) {
	x.schema(place.At("schema"), s)
	x.content(place.At("content"), content)
}

func (x *Index) response(place source.Place, ref *openapi3.ResponseRef) Located[*openapi3.Response] {
	r := Located[*openapi3.Response]{ref.Value, x.doc.Target(place)}
	if r.Value != nil && x.first(r.Place) {
		x.Responses = append(x.Responses, r)
		x.content(r.Place.At("content"), r.Value.Content)
		for name, h := range r.Value.Headers {
			x.header(r.Place.At("headers", name), h)
		}
	}
	return r
}

func (x *Index) body(place source.Place, ref *openapi3.RequestBodyRef) {
	if place = x.doc.Target(place); ref.Value != nil && x.first(place) {
		x.content(place.At("content"), ref.Value.Content)
	}
}

func (x *Index) content(place source.Place, content openapi3.Content) {
	for name, m := range content {
		if m == nil {
			continue
		}
		p := place.At(name)
		x.Media = append(x.Media, Media{Located[*openapi3.MediaType]{m, p}, name})
		x.schema(p.At("schema"), m.Schema)
	}
}

func (x *Index) schema(place source.Place, ref *openapi3.SchemaRef) {
	if ref == nil || ref.Value == nil {
		return
	}
	place = x.doc.Target(place)
	if !x.first(place) {
		return
	}
	x.schemas[place.Key()] = ref.Value
	x.Schemas = append(x.Schemas, Schema{Located[*openapi3.Schema]{ref.Value, place}})
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

// SchemaAt returns the schema that is written at a place.
func (x *Index) SchemaAt(place source.Place) (*openapi3.Schema, bool) {
	s, ok := x.schemas[place.Key()]
	return s, ok
}

// Security returns the security of an operation, its own or the document's, and its
// place. It reports false where neither declares any.
func (x *Index) Security(op Operation) (openapi3.SecurityRequirements, source.Place, bool) {
	if op.Value.Security != nil {
		return *op.Value.Security, op.Place.At("security"), true
	}
	// The library cannot tell an absent list from an empty one at the top.
	if top := x.doc.RootPlace("security"); x.doc.Node(top) != nil {
		return x.doc.Spec.Security, top, true
	}
	return nil, source.Place{}, false
}
