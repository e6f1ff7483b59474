package link

import (
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	v4 "go.yaml.in/yaml/v4"
	"gopkg.in/yaml.v3"
)

// yamlNode is a node of the package that the library reads.
type yamlNode = v4.Node

// shape is what the linker has to know of a struct of the library. Its forty types have no
// interface in common, hence the reflection.
type shape struct {
	// wraps reports whether it is either a reference or a value.
	wraps bool
	// The indexes of the fields Origin, Ref and Value, and of the schema that stands at the
	// same place as the struct; nil where it has none.
	origin, ref, value, inner []int
	// fields holds the indexes of the fields by their names in a document, nil for what is
	// no struct.
	fields map[string][]int
}

var shapes sync.Map // of *shape by reflect.Type

func shapeOf(t reflect.Type) *shape {
	if s, ok := shapes.Load(t); ok {
		return s.(*shape)
	}
	s := &shape{}
	if t.Kind() == reflect.Struct {
		s.read(t)
	}
	shapes.Store(t, s)
	return s
}

func (s *shape) read(t reflect.Type) {
	s.fields = map[string][]int{}
	for _, f := range reflect.VisibleFields(t) { // those of embedded structs among them
		switch {
		case !f.IsExported():
			continue
		case f.Type == reflect.TypeFor[*openapi3.Origin]():
			if s.origin == nil || len(f.Index) < len(s.origin) {
				s.origin = f.Index
			}
			continue
		case f.Name == "Ref" && f.Type.Kind() == reflect.String:
			s.ref = f.Index
		case f.Name == "Value" && f.Type.Kind() == reflect.Pointer:
			s.value = f.Index
		case t == reflect.TypeFor[openapi3.BoolSchema]() && f.Type == reflect.TypeFor[*openapi3.SchemaRef]():
			s.inner = f.Index
		}
		if name, _, _ := strings.Cut(f.Tag.Get("yaml"), ","); name != "" && name != "-" {
			s.fields[name] = f.Index
		}
	}
	s.wraps = s.ref != nil && s.value != nil
}

// stamp writes into a struct where it comes from, as the library's loader would.
func (s *shape) stamp(v reflect.Value, key, n *yaml.Node, file string) {
	if s.origin == nil || !v.CanSet() {
		return
	}
	at := func(n *yaml.Node, name string) openapi3.Location {
		return openapi3.Location{File: file, Line: n.Line, Column: n.Column, Name: name}
	}
	o := &openapi3.Origin{}
	head := at(n, "")
	if key != nil {
		head = at(key, key.Value)
	}
	o.Key = &head
	list := func(name string, locations []openapi3.Location) {
		if len(locations) > 0 {
			if o.Sequences == nil {
				o.Sequences = map[string][]openapi3.Location{}
			}
			o.Sequences[name] = locations
		}
	}
	if n.Kind == yaml.MappingNode {
		o.Fields = make(openapi3.FieldLocations, 0, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			k, value := n.Content[i], n.Content[i+1]
			o.Fields = append(o.Fields, at(k, k.Value))
			var locations []openapi3.Location
			switch field, known := s.fields[k.Value]; {
			case value.Kind == yaml.SequenceNode:
				for _, item := range value.Content {
					if item.Kind == yaml.ScalarNode {
						locations = append(locations, at(item, item.Value))
					}
				}
			case value.Kind == yaml.MappingNode && known && isMapOfScalars(v.FieldByIndex(field).Type()):
				for j := 0; j+1 < len(value.Content); j += 2 {
					locations = append(locations, at(value.Content[j], value.Content[j].Value))
				}
				slices.SortFunc(locations, func(a, b openapi3.Location) int { return strings.Compare(a.Name, b.Name) })
			}
			list(k.Value, locations)
		}
	}
	v.FieldByIndex(s.origin).Set(reflect.ValueOf(o))
}

func isMapOfScalars(t reflect.Type) bool {
	if t.Kind() != reflect.Map {
		return false
	}
	switch t.Elem().Kind() {
	case reflect.Struct, reflect.Pointer, reflect.Interface, reflect.Map, reflect.Slice:
		return false
	}
	return true
}
