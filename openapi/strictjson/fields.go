package strictjson

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strings"
	"sync"
	"time"
)

// fields are the types of a struct's fields by their names in JSON.
type fields map[string]reflect.Type

// known holds the fields of the structs that were met, by type.
var known sync.Map

// fieldsOf returns the fields of a struct, those of embedded structs included.
func fieldsOf(t reflect.Type) fields {
	if f, ok := known.Load(t); ok {
		return f.(fields)
	}
	found := fields{}
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !f.IsExported() || name == "-" || f.Anonymous && name == "" {
			continue
		}
		if name == "" {
			name = f.Name
		}
		found[name] = f.Type
	}
	known.Store(t, found)
	return found
}

var (
	timeType        = reflect.TypeFor[time.Time]()
	unmarshalerType = reflect.TypeFor[json.Unmarshaler]()
	textType        = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// behind returns the type that pointers lead to.
func behind(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

// readsItself reports whether values of a type read their own JSON.
func readsItself(t reflect.Type) bool {
	p := reflect.PointerTo(behind(t))
	return p.Implements(unmarshalerType) || p.Implements(textType)
}

// settled returns the type behind pointers, and nil for one of which nothing is known.
func settled(t reflect.Type) reflect.Type {
	if t == nil || readsItself(t) {
		return nil
	}
	return behind(t)
}

// kindOf is what a value of a type is in JSON, "" where nothing is known.
func kindOf(t reflect.Type) string {
	if t != nil && behind(t) == timeType {
		return "a time"
	}
	if t = settled(t); t == nil {
		return ""
	}
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "a boolean"
	case reflect.Struct, reflect.Map:
		return "an object"
	case reflect.Slice, reflect.Array:
		return "an array"
	}
	if t.ConvertibleTo(reflect.TypeFor[float64]()) {
		return "a number"
	}
	return ""
}

// kindOfToken is what a value that begins with a token is, "" for null.
func kindOfToken(token json.Token) string {
	switch token {
	case json.Delim('{'):
		return "an object"
	case json.Delim('['):
		return "an array"
	}
	switch token.(type) {
	case string:
		return "a string"
	case bool:
		return "a boolean"
	case json.Number:
		return "a number"
	}
	return ""
}

// element returns the type of a map's values, nil for what is no map.
func element(t reflect.Type) reflect.Type {
	if t != nil && t.Kind() == reflect.Map {
		return t.Elem()
	}
	return nil
}

// fits reports whether a decoded value can become one of a type, as far as that is known: package
// json finds the rest.
func fits(value any, t reflect.Type, names Names) bool {
	if value == nil || t == nil {
		return true
	}
	if behind(t) == timeType {
		text, ok := value.(string)
		return ok && isRFC3339(`"`+text+`"`)
	}
	if t = settled(t); t == nil {
		return true
	}
	switch value := value.(type) {
	case map[string]any:
		switch t.Kind() {
		case reflect.Struct:
			known := fieldsOf(t)
			for name, below := range value {
				of, ok := known[name]
				if !ok && (names == Closed || known.nearly(name)) || !fits(below, of, names) {
					return false
				}
			}
		case reflect.Map:
			for _, below := range value {
				if !fits(below, t.Elem(), names) {
					return false
				}
			}
		}
	case []any:
		if t.Kind() == reflect.Slice || t.Kind() == reflect.Array {
			for _, below := range value {
				if !fits(below, t.Elem(), names) {
					return false
				}
			}
		}
	}
	return kindOf(t) == "" || kindOf(t) == kindOfValue(value)
}

// kindOfValue is [kindOf] for a decoded value.
func kindOfValue(value any) string {
	switch value.(type) {
	case map[string]any:
		return "an object"
	case []any:
		return "an array"
	}
	return kindOfToken(value)
}

// nearly reports whether a name differs from that of a field only in the case of its letters.
func (f fields) nearly(name string) bool { return f.spelt(name) != "" }

// spelt returns the field that a name is nearly that of, "" for none.
func (f fields) spelt(name string) string {
	for field := range f {
		if strings.EqualFold(field, name) {
			return field
		}
	}
	return ""
}
