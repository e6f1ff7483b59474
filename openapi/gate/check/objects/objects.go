// Package objects goes through the objects of a document as OpenAPI 3.0.3 names them,
// and says where one of them lacks a field that it needs, or has one that it may not.
//
// It works on the text's own values, so that each fault has its exact place, and looks at
// every object once, in whichever file it stands. Only package check and the packages
// below it import it.
package objects

import (
	"strconv"

	"gopkg.in/yaml.v3"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source/nodes"
)

// Object is one object of a document, where it is written. It may be a reference in the
// place of one.
type Object struct {
	// Kind is its name in the specification in lower case, "path item" or "schema".
	Kind string
	// Node is its mapping.
	Node *yaml.Node
	// Ref is the text of the reference that it is, or nil. Only a path item has fields of
	// its own beside it.
	Ref *yaml.Node

	file  string
	at    *step
	outer *Object
}

// step is the end of a pointer: most objects are never named.
type step struct {
	up  *step
	key string
}

func (s *step) pointer() source.Pointer {
	length := 0
	for at := s; at != nil; at = at.up {
		length++
	}
	pointer := make(source.Pointer, length)
	for at := s; at != nil; at = at.up {
		length--
		pointer[length] = at.key
	}
	return pointer
}

// Place returns where the object stands.
func (o *Object) Place() source.Place { return source.Place{File: o.file, Pointer: o.at.pointer()} }

// Component reports whether the object is one of the components of its file.
func (o *Object) Component() bool {
	return o.outer != nil && o.outer.Kind == "components" && o.at != nil && o.at.up.up == o.outer.at
}

// Outer returns the object around it, nil for the document and for what a reference leads to.
func (o *Object) Outer() *Object { return o.outer }

// Field returns the value of one of its fields, or nil.
func (o *Object) Field(name string) *yaml.Node {
	var found *yaml.Node
	nodes.Each(o.Node, func(key, value *yaml.Node) {
		if key.Value == name {
			found = nodes.Follow(value)
		}
	})
	return found
}

// Text returns the text of one of its fields, or "".
func (o *Object) Text(name string) string {
	if n := o.Field(name); n != nil && n.Kind == yaml.ScalarNode {
		return n.Value
	}
	return ""
}

// List returns the objects of a document in the order in which references lead to them,
// each once. The document must have been understood.
func List(doc *source.Document) []*Object {
	w := walker{doc: doc, seen: map[seen]bool{}}
	w.value(doc.Root.Root, one("document"), doc.Root.Name, nil, nil)
	for i := 0; i < len(w.open); i++ {
		ref := w.open[i]
		place := ref.Place()
		if target := doc.Target(place); target.Key() != place.Key() {
			w.value(doc.Node(target), one(ref.Kind), target.File, steps(target.Pointer), nil)
		}
	}
	return w.list
}

func steps(pointer source.Pointer) *step {
	var at *step
	for _, key := range pointer {
		at = &step{at, key}
	}
	return at
}

type seen struct {
	node *yaml.Node
	kind string
}

type walker struct {
	doc  *source.Document
	seen map[seen]bool
	list []*Object
	open []*Object // references, whose targets may not have been seen
}

// value visits what a field holds.
func (w *walker) value(n *yaml.Node, t typ, file string, at *step, outer *Object) {
	if n = nodes.Follow(n); n == nil {
		return
	}
	switch {
	case t.list != nil:
		if n.Kind == yaml.SequenceNode && t.list.holdsObjects() {
			for i, item := range n.Content {
				w.value(item, *t.list, file, &step{at, strconv.Itoa(i)}, outer)
			}
		}
	case t.names != nil:
		if n.Kind == yaml.MappingNode && t.names.holdsObjects() {
			nodes.Each(n, func(key, value *yaml.Node) { w.value(value, *t.names, file, &step{at, key.Value}, outer) })
		}
	case t.holdsObjects() && n.Kind == yaml.MappingNode:
		w.object(n, t.name, file, at, outer)
	}
}

func (w *walker) object(n *yaml.Node, kind, file string, at *step, outer *Object) {
	if w.seen[seen{n, kind}] {
		return
	}
	w.seen[seen{n, kind}] = true
	o := &Object{Kind: kind, Node: n, file: file, at: at, outer: outer}
	w.list = append(w.list, o)
	g := grammar[kind]
	if g.refers {
		if ref := o.Field("$ref"); ref != nil && ref.Kind == yaml.ScalarNode {
			o.Ref = ref
			w.open = append(w.open, o)
			if kind != "path item" {
				return
			}
		}
	}
	nodes.Each(n, func(key, value *yaml.Node) {
		t, ok := g.fields[key.Value]
		if !ok && g.others != nil && !extension(key.Value) {
			t, ok = *g.others, true
		}
		if ok {
			w.value(value, t, file, &step{at, key.Value}, o)
		}
	})
}
