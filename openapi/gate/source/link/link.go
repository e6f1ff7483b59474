// Package link fills the types of the OpenAPI library from the nodes of a document, and
// connects every reference with the one value that it leads to in the end, in whichever
// file.
//
// The library's own loader is not used: it decodes a file anew for each reference to it,
// knows references by their text and not by what they lead to, and does not end where
// schemas of several files contain each other. Only package source imports this.
package link

import (
	"reflect"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"gopkg.in/yaml.v3"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/source/nodes"
)

// Reference is where a $ref, or a discriminator's mapping, leads.
type Reference struct {
	// Text is the reference as the library's types hold it: equal for equal targets, and
	// independent of the file that holds it.
	Text string
	// Target is the value that the reference leads to, over all others on the way; Key
	// stands above it, nil at the top of a file. File is the name of its file.
	Target, Key *yaml.Node
	File        string
}

// Result is a document in the library's types.
type Result struct {
	Spec *openapi3.T
	// References are all references to schemas.
	References []*openapi3.SchemaRef
	// Fragments are the schemas that no part of Spec holds but by reference.
	Fragments []*openapi3.Schema
	// Faults are why it cannot be used, and Told those in spite of which it can.
	Faults, Told []Fault
}

// Build decodes a document. Refs holds its references by the mappings that hold them, and
// those of discriminators by the texts themselves.
func Build(file string, root *yaml.Node, refs map[*yaml.Node]Reference) Result {
	l := &linker{
		decoder: decoder{made: map[*yaml.Node]*yamlNode{}, texts: map[*yaml.Node]bool{}},
		refs:    refs, values: map[identity]reflect.Value{}, kinds: map[*yaml.Node]reflect.Type{},
	}
	l.Spec = &openapi3.T{}
	if l.Faults = l.decode(root, l.Spec); len(l.Faults) > 0 {
		l.Faults = append(l.Faults, l.told...)
		return l.Result
	}
	l.visit(reflect.ValueOf(l.Spec), nil, root, file)
	// A reference may bring in values that hold further ones.
	for i := 0; i < len(l.open); i++ {
		l.resolve(l.open[i])
	}
	l.Told = l.told
	if len(l.Faults) > 0 {
		l.Faults, l.Told = append(l.Faults, l.told...), nil
	}
	return l.Result
}

// identity is a value of a document, read as one type.
type identity struct {
	node *yaml.Node
	kind reflect.Type
}

// open is a reference whose value is not set yet.
type open struct {
	wrapper reflect.Value // a struct with Ref and Value, or a PathItem
	holder  *yaml.Node
}

type linker struct {
	decoder
	Result
	refs   map[*yaml.Node]Reference
	values map[identity]reflect.Value
	kinds  map[*yaml.Node]reflect.Type // as what the document itself reads a value
	open   []open
}

func (l *linker) fault(n *yaml.Node, message string) {
	l.Faults = append(l.Faults, Fault{At: n, Message: message})
}

// visit goes through v, which was read from n, with the key above it: it notes which
// values there are, where they come from, and the references among them.
func (l *linker) visit(v reflect.Value, key, n *yaml.Node, file string) {
	if n.Kind == yaml.AliasNode {
		n, key = nodes.Follow(n), nil
	}
	if v.Kind() == reflect.Pointer {
		s := shapeOf(v.Type().Elem())
		switch {
		case s.ref != nil && (v.IsNil() || s.wraps && n.Tag == "!!null"):
			l.fault(n, NoValue)
			return
		case v.IsNil() || s.fields == nil:
			return
		}
		if x, ok := v.Interface().(*openapi3.Operation); ok {
			key, n, file = l.operation(x, key, n, file)
		}
		l.note(v, n)
		switch x := v.Interface().(type) {
		case *openapi3.Paths:
			l.entries(reflect.ValueOf(x.Map()), n, file)
		case *openapi3.Responses:
			l.entries(reflect.ValueOf(x.Map()), n, file)
		case *openapi3.Callback:
			l.entries(reflect.ValueOf(x.Map()), n, file)
		case *openapi3.Schema:
			l.mapping(x, n)
		}
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.Struct:
		l.object(v, key, n, file)
	case reflect.Map:
		if n.Kind == yaml.MappingNode && holdsObjects(v.Type()) {
			l.entries(v, n, file)
		}
	case reflect.Slice:
		if n.Kind == yaml.SequenceNode && holdsObjects(v.Type()) {
			for i := 0; i < v.Len() && i < len(n.Content); i++ {
				item := n.Content[i]
				first := item
				if f := nodes.Follow(item); f.Kind == yaml.MappingNode && len(f.Content) > 0 {
					first = f.Content[0]
				}
				l.visit(v.Index(i), first, item, file)
			}
		}
	}
}

// operation reads an operation from where a reference in its place leads, and returns where that
// is. OpenAPI has no reference there and tools follow it all the same: what the operation is can
// be told beside the fault.
func (l *linker) operation(x *openapi3.Operation, key, n *yaml.Node, file string) (*yaml.Node, *yaml.Node, string) {
	ref, ok := l.refs[n]
	if !ok {
		return key, n, file
	}
	*x = openapi3.Operation{}
	if ref.Target.Kind != yaml.MappingNode {
		l.fault(refText(n), WrongTarget)
	} else {
		l.Faults = append(l.Faults, l.decode(ref.Target, x)...)
	}
	return ref.Key, ref.Target, ref.File
}

// note remembers that v is what n is.
func (l *linker) note(v reflect.Value, n *yaml.Node) {
	if _, known := l.values[identity{n, v.Type()}]; !known {
		l.values[identity{n, v.Type()}] = v
	}
	if _, known := l.kinds[n]; !known && !shapeOf(v.Type().Elem()).wraps {
		l.kinds[n] = v.Type()
	}
}

func (l *linker) entries(m reflect.Value, n *yaml.Node, file string) {
	nodes.Each(n, func(key, value *yaml.Node) {
		if entry := m.MapIndex(reflect.ValueOf(key.Value)); entry.IsValid() {
			l.visit(entry, key, value, file)
		}
	})
}

// object visits the fields of a struct.
func (l *linker) object(v reflect.Value, key, n *yaml.Node, file string) {
	s := shapeOf(v.Type())
	s.stamp(v, key, n, file)
	switch {
	case s.inner != nil:
		if schema := v.FieldByIndex(s.inner); !schema.IsNil() { // nil: a boolean
			l.visit(schema, key, n, file)
		}
		return
	case s.wraps && v.FieldByIndex(s.ref).String() != "":
		l.open = append(l.open, open{v, n})
		if ref, ok := v.Addr().Interface().(*openapi3.SchemaRef); ok {
			l.References = append(l.References, ref)
		}
		return
	case s.wraps:
		if v.FieldByIndex(s.value).IsNil() {
			l.fault(n, NoValue)
			return
		}
		l.visit(v.FieldByIndex(s.value), key, n, file)
		return
	case s.ref != nil && v.FieldByIndex(s.ref).String() != "": // a path item, which may have fields of its own beside it
		l.open = append(l.open, open{v, n})
	}
	if n.Kind != yaml.MappingNode {
		return
	}
	nodes.Each(n, func(k, value *yaml.Node) {
		if i, ok := s.fields[k.Value]; ok {
			l.visit(v.FieldByIndex(i), k, value, file)
		}
	})
}

// mapping writes the references of a discriminator as those to the variants are written:
// the library compares their texts.
func (l *linker) mapping(s *openapi3.Schema, n *yaml.Node) {
	if s.Discriminator == nil || len(s.Discriminator.Mapping) == 0 {
		return
	}
	texts := map[*yaml.Node]string{}
	var mapping *yaml.Node
	nodes.Each(n, func(key, value *yaml.Node) {
		switch value = nodes.Follow(value); key.Value {
		case "oneOf", "anyOf":
			for _, variant := range value.Content {
				if ref, ok := l.refs[nodes.Follow(variant)]; ok {
					texts[ref.Target] = ref.Text
				}
			}
		case "discriminator":
			if value.Kind == yaml.MappingNode {
				nodes.Each(value, func(key, value *yaml.Node) {
					if key.Value == "mapping" {
						mapping = nodes.Follow(value)
					}
				})
			}
		}
	})
	if mapping == nil || mapping.Kind != yaml.MappingNode {
		return
	}
	nodes.Each(mapping, func(key, value *yaml.Node) {
		ref, ok := l.refs[nodes.Follow(value)]
		if !ok {
			return
		}
		text := ref.Text
		if other, ok := texts[ref.Target]; ok {
			text = other
		}
		s.Discriminator.Mapping[key.Value] = openapi3.MappingRef{Ref: text}
	})
}

// resolve sets the value of a reference.
func (l *linker) resolve(o open) {
	s := shapeOf(o.wrapper.Type())
	ref, ok := l.refs[o.holder]
	if !ok { // its fault was told by who looked for the targets
		return
	}
	kind := o.wrapper.Addr().Type()
	if s.wraps {
		kind = o.wrapper.FieldByIndex(s.value).Type()
	}
	value, known := l.values[identity{ref.Target, kind}]
	if !known {
		if other, ok := l.kinds[ref.Target]; ok && other != kind || ref.Target.Kind != yaml.MappingNode {
			l.fault(refText(o.holder), WrongTarget)
			return
		}
		value = reflect.New(kind.Elem())
		l.values[identity{ref.Target, kind}] = value
		if faults := l.decode(ref.Target, value.Interface()); len(faults) > 0 {
			l.Faults = append(l.Faults, faults...)
			return
		}
		if schema, ok := value.Interface().(*openapi3.Schema); ok {
			l.Fragments = append(l.Fragments, schema)
		}
		l.visit(value, ref.Key, ref.Target, ref.File)
	}
	o.wrapper.FieldByIndex(s.ref).SetString(ref.Text)
	if s.wraps {
		o.wrapper.FieldByIndex(s.value).Set(value)
		return
	}
	for _, i := range s.fields {
		if f := o.wrapper.FieldByIndex(i); f.IsZero() {
			f.Set(value.Elem().FieldByIndex(i))
		}
	}
}

// refText returns the text of a reference.
func refText(holder *yaml.Node) *yaml.Node {
	at := holder
	nodes.Each(holder, func(key, value *yaml.Node) {
		if key.Value == "$ref" {
			at = value
		}
	})
	return at
}

// holdsObjects reports whether the elements of a map or a list are objects of the
// specification, and not texts, numbers or data.
func holdsObjects(t reflect.Type) bool {
	e := t.Elem()
	return e.Kind() == reflect.Pointer && strings.HasSuffix(e.Elem().PkgPath(), "openapi3") ||
		(e.Kind() == reflect.Map || e.Kind() == reflect.Slice) && holdsObjects(e)
}
