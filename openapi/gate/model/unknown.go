package check

import (
	"reflect"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"gopkg.in/yaml.v3"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

// newerFields are fields of a schema that OpenAPI 3.1 has, and that the library
// takes in a document of 3.0 without a word.
var newerFields = []string{"$defs", "$id", "$schema", "$anchor", "$comment", "$dynamicRef", "$dynamicAnchor", "dependentSchemas", "dependentRequired"}

// unknownFields reports fields that the specification does not have: the library
// keeps them among the extensions of whatever object they stand in.
func (p *pass) unknownFields() {
	w := extensionWalk{pass: p, seen: map[uintptr]bool{}}
	w.visit(reflect.ValueOf(p.doc.Spec))
	for _, s := range p.index.Schemas {
		if n := p.doc.Node(s.Place.At("type")); n != nil && n.Kind == yaml.SequenceNode {
			p.reportKey(source.RuleStructure, s.Place.At("type"), "the type is a list, as in OpenAPI 3.1: write one type, and `nullable: true` for null")
		}
		for _, field := range newerFields {
			if place := s.Place.At(field); p.doc.Node(place) != nil {
				p.reportKey(source.RuleStructure, place, "the field "+field+" is one of OpenAPI 3.1")
			}
		}
	}
}

// extensionWalk visits every object of a document. The library's some forty types
// have extensions and an origin each and no interface in common, hence the reflection.
type extensionWalk struct {
	*pass
	seen map[uintptr]bool
}

func (w extensionWalk) visit(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() || w.seen[v.Pointer()] {
			return
		}
		w.seen[v.Pointer()] = true
		if all := v.MethodByName("Map"); all.IsValid() {
			// Paths, responses and callbacks hide what they hold.
			w.visit(all.Call(nil)[0])
		}
		w.visit(v.Elem())
	case reflect.Struct:
		w.object(v)
	case reflect.Map:
		for _, key := range v.MapKeys() {
			w.visit(v.MapIndex(key))
		}
	case reflect.Slice:
		for i := range v.Len() {
			w.visit(v.Index(i))
		}
	}
}

func (w extensionWalk) object(v reflect.Value) {
	_, refers := v.Type().FieldByName("Ref")
	if target := v.FieldByName("Value"); refers && target.IsValid() {
		w.visit(target) // what stands beside $ref has a rule of its own
		return
	}
	extensions, _ := fieldOf(v, "Extensions").(map[string]any)
	for name := range extensions {
		if strings.HasPrefix(name, "x-") {
			continue
		}
		place, ok := w.root(), v.Type() == reflect.TypeFor[openapi3.T]()
		if origin, _ := fieldOf(v, "Origin").(*openapi3.Origin); origin != nil {
			place, ok = w.placeAt(origin)
		}
		if ok {
			w.reportKey(ruleUnknownField, place.At(name), "OpenAPI 3.0 has no field "+name+" here")
		}
	}
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if field.IsExported() && !slices.Contains([]string{"Extensions", "Origin"}, field.Name) {
			w.visit(v.Field(i))
		}
	}
}

// fieldOf returns a field of a struct, or nil where there is none of that name.
func fieldOf(v reflect.Value, name string) any {
	if f := v.FieldByName(name); f.IsValid() && f.CanInterface() {
		return f.Interface()
	}
	return nil
}

// placeAt returns the object that an origin is about.
func (p *pass) placeAt(origin *openapi3.Origin) (source.Place, bool) {
	if origin == nil || origin.Key == nil || origin.Key.Line < 1 {
		return source.Place{}, false
	}
	file := origin.Key.File
	if p.doc.Files[file] == nil {
		file = p.doc.Root.Name
	}
	return p.doc.At(file, origin.Key.Line, origin.Key.Column)
}
