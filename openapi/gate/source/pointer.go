package source

import (
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source/nodes"
)

// Pointer is a JSON pointer, one element for each step.
type Pointer []string

// At returns p extended by keys. It never shares memory with p.
func (p Pointer) At(keys ...string) Pointer { return slices.Concat(p, keys) }

// String renders RFC 6901 form: /paths/~1tracks/get.
func (p Pointer) String() string {
	var b strings.Builder
	for _, key := range p {
		b.WriteByte('/')
		b.WriteString(escaper.Replace(key))
	}
	return b.String()
}

var (
	escaper   = strings.NewReplacer("~", "~0", "/", "~1")
	unescaper = strings.NewReplacer("~1", "/", "~0", "~")
)

// ParsePointer reads RFC 6901 form. It reports false for text that is not a pointer.
func ParsePointer(s string) (Pointer, bool) {
	if s == "" {
		return nil, true
	}
	if s[0] != '/' {
		return nil, false
	}
	var p Pointer
	for _, key := range strings.Split(s[1:], "/") {
		p = append(p, unescaper.Replace(key))
	}
	return p, true
}

// Place is a value of a document: a file and a pointer into it.
type Place struct {
	File    string
	Pointer Pointer
}

// At returns the place of something inside p.
func (p Place) At(keys ...string) Place { return Place{p.File, p.Pointer.At(keys...)} }

// Name returns the last step of the pointer, "" for a file as a whole.
func (p Place) Name() string {
	if len(p.Pointer) == 0 {
		return ""
	}
	return p.Pointer[len(p.Pointer)-1]
}

// Key returns a text that is equal for equal places only.
func (p Place) Key() string { return p.File + "#" + p.Pointer.String() }

// Follow returns the place that ref, found at p, names by its text. An empty ref leads
// back to p. Target follows what is written in the document.
func (p Place) Follow(ref string) Place {
	if ref == "" {
		return p
	}
	file, ptr, ok := splitRef(p.File, ref)
	if !ok {
		return p
	}
	return Place{file, ptr}
}

// Target returns the place that the reference at p leads to, over all others on the way.
// Where there is no reference at p it is p itself.
func (d *Document) Target(p Place) Place {
	if n := nodes.Follow(d.Node(p)); n != nil {
		if to, ok := d.targets[n]; ok {
			return to
		}
	}
	return p
}

// RootPlace returns the place of something in the file that was named.
func (d *Document) RootPlace(keys ...string) Place { return Place{d.Root.Name, keys} }

// Node returns the value at p, or nil where there is none. A reference is not followed.
func (d *Document) Node(p Place) *yaml.Node {
	_, value, rest := d.walk(p)
	if len(rest) > 0 {
		return nil
	}
	return value
}

// Position returns the position of the value at p: of the value itself when it is a
// scalar, its key when it is a mapping or a list. Where there is no such value it
// is the nearest enclosing one.
func (d *Document) Position(p Place) finding.Position {
	f := d.Files[p.File]
	if f == nil {
		return finding.Position{File: p.File}
	}
	key, value, rest := d.walk(p)
	if len(rest) == 0 && value.Kind == yaml.ScalarNode || key == nil {
		return f.position(value)
	}
	return f.position(key)
}

// NodePosition returns the position at which a value of a file begins.
func (d *Document) NodePosition(file string, n *yaml.Node) finding.Position {
	return d.Files[file].position(n)
}

// KeyPosition is like Position, but prefers the key also for scalars.
func (d *Document) KeyPosition(p Place) finding.Position {
	f := d.Files[p.File]
	if f == nil {
		return finding.Position{File: p.File}
	}
	key, value, _ := d.walk(p)
	if key == nil {
		key = value
	}
	return f.position(key)
}

// walk goes along p as far as it leads. It returns the last key and value that
// exist, and the steps that lead nowhere.
func (d *Document) walk(p Place) (key, value *yaml.Node, rest Pointer) {
	f := d.Files[p.File]
	if f == nil {
		return nil, nil, p.Pointer
	}
	value = f.Root
	for i, step := range p.Pointer {
		k, v := f.child(value, step)
		if v == nil {
			return key, value, p.Pointer[i:]
		}
		key, value = k, v
	}
	return key, value, nil
}

// child returns what a step leads to from a value, with the key above it, or nil.
func (f *File) child(n *yaml.Node, step string) (key, value *yaml.Node) {
	switch n = nodes.Follow(n); n.Kind {
	case yaml.MappingNode:
		return f.pair(n, step)
	case yaml.SequenceNode:
		if i, err := strconv.Atoi(step); err == nil && i >= 0 && i < len(n.Content) {
			return n.Content[i], n.Content[i]
		}
	}
	return nil, nil
}

// Spot is a line and a column of a file.
type Spot struct{ Line, Column int }

// At returns the places of what begins at spots of a file of the document; a key counts as its
// value. What begins nowhere is not among them.
func (d *Document) At(file string, wanted ...Spot) map[Spot]Place {
	found := map[Spot]Place{}
	f := d.Files[file]
	if f == nil || len(wanted) == 0 {
		return found
	}
	open := map[Spot]bool{}
	for _, spot := range wanted {
		open[spot] = true
	}
	here := func(n *yaml.Node, ptr Pointer) {
		if spot := (Spot{n.Line, n.Column}); open[spot] {
			found[spot] = Place{file, slices.Clone(ptr)}
			delete(open, spot)
		}
	}
	var visit func(n *yaml.Node, ptr Pointer)
	visit = func(n *yaml.Node, ptr Pointer) {
		switch n.Kind {
		case yaml.MappingNode:
			for i := 0; i+1 < len(n.Content) && len(open) > 0; i += 2 {
				at, value := append(ptr, n.Content[i].Value), n.Content[i+1]
				here(n.Content[i], at)
				// A block begins where its first key does, and it is the key that is meant.
				if len(value.Content) == 0 || value.Line != value.Content[0].Line || value.Column != value.Content[0].Column {
					here(value, at)
				}
				visit(value, at)
			}
		case yaml.SequenceNode:
			for i, child := range n.Content {
				at := append(ptr, strconv.Itoa(i))
				here(child, at)
				visit(child, at)
			}
		}
	}
	// Where the file begins its top is meant, and not the first of its fields.
	here(f.Root, nil)
	visit(f.Root, nil)
	return found
}
