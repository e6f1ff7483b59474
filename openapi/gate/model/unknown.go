package model

import (
	"reflect"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

// UnknownFields returns the places of fields that the specification does not have
// and that are no extensions: the library keeps them among the extensions of
// whatever object they stand in.
func UnknownFields(doc *source.Document) []source.Place {
	w := extensionWalk{doc: doc, seen: map[uintptr]bool{}}
	w.visit(reflect.ValueOf(doc.Spec))
	return w.found
}

// extensionWalk visits every object of a document. The library's some forty types
// have extensions and an origin each and no interface in common, hence the reflection.
type extensionWalk struct {
	doc   *source.Document
	seen  map[uintptr]bool
	found []source.Place
}

func (w *extensionWalk) visit(v reflect.Value) {
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

func (w *extensionWalk) object(v reflect.Value) {
	_, refers := v.Type().FieldByName("Ref")
	if target := v.FieldByName("Value"); refers && target.IsValid() {
		w.visit(target) // siblings of a $ref have a rule of their own
		return
	}
	extensions, _ := fieldOf(v, "Extensions").(map[string]any)
	for name := range extensions {
		if strings.HasPrefix(name, "x-") {
			continue
		}
		place, ok := w.doc.RootPlace(), v.Type() == reflect.TypeFor[openapi3.T]()
		if origin, _ := fieldOf(v, "Origin").(*openapi3.Origin); origin != nil {
			place, ok = OriginPlace(w.doc, origin)
		}
		if ok {
			w.found = append(w.found, place.At(name))
		}
	}
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if field.IsExported() && !slices.Contains([]string{"Extensions", "Origin"}, field.Name) {
			w.visit(v.Field(i))
		}
	}
}

// fieldOf returns a field of a struct, or nil where there is no such field.
func fieldOf(v reflect.Value, name string) any {
	if f := v.FieldByName(name); f.IsValid() && f.CanInterface() {
		return f.Interface()
	}
	return nil
}

// OriginPlace returns the object that an origin of the library is about. It reports
// false where the origin does not lead to one.
func OriginPlace(doc *source.Document, origin *openapi3.Origin) (source.Place, bool) {
	if origin == nil || origin.Key == nil || origin.Key.Line < 1 {
		return source.Place{}, false
	}
	file := origin.Key.File
	if doc.Files[file] == nil {
		file = doc.Root.Name
	}
	spot := source.Spot{Line: origin.Key.Line, Column: origin.Key.Column}
	place, ok := doc.At(file, spot)[spot]
	return place, ok
}
