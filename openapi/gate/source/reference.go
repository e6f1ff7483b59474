package source

import (
	"cmp"
	"fmt"
	"net/url"
	"path"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source/link"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source/nodes"
)

// reference is one $ref.
type reference struct {
	holder *yaml.Node // the mapping that holds it, or the text of a discriminator's mapping
	from   Place      // of the holder
	text   string
	at     finding.Position
	// mapped marks a discriminator's, which nothing depends on.
	mapped bool
}

// target is what a reference leads to.
type target struct {
	place      Place
	key, value *yaml.Node
}

// references reads every file that can be reached from root, rejects what must
// not be fetched, and finds what each reference leads to. Those that lead nowhere are
// noted.
func (l *loader) references(root *File) error {
	queue := []*File{root}
	done := map[string]bool{root.Name: true}
	var all, mapped []reference
	for len(queue) > 0 {
		f := queue[0]
		queue = queue[1:]
		for _, ref := range f.references() {
			if ref.mapped { // whose file counts if another reference leads to it, before or after
				mapped = append(mapped, ref)
				continue
			}
			file, err := l.fileOf(ref)
			if err != nil {
				return err
			}
			if file == nil {
				continue
			}
			all = append(all, ref)
			if !done[file.Name] {
				done[file.Name] = true
				queue = append(queue, file)
			}
		}
	}
	for _, ref := range mapped {
		if name, _, ok := splitRef(ref.from.File, ref.text); ok && l.known(name) != nil {
			all = append(all, ref)
		}
	}
	l.waiting = map[*yaml.Node]reference{}
	for _, ref := range all {
		l.waiting[ref.holder] = ref
	}
	for _, ref := range all {
		if _, rest, known := l.hop(ref.holder); known && len(rest) > 0 && !ref.mapped && !l.brokenTarget(ref) {
			l.unresolved(ref, fmt.Sprintf("leads nowhere: there is no %q", rest[0]))
		}
	}
	return nil
}

// brokenTarget reports whether a reference leads into a file whose text has a fault.
func (l *loader) brokenTarget(ref reference) bool {
	name, _, _ := splitRef(ref.from.File, ref.text)
	f := l.known(name)
	return f != nil && f.broken
}

func (l *loader) unresolved(ref reference, reason string) {
	l.doc.Problems = append(l.doc.Problems, Problem{
		Rule: RuleRefUnresolved, Position: ref.at, Pointer: ref.from.Pointer.At("$ref").String(),
		Message: fmt.Sprintf("the reference %q %s", ref.text, reason),
	})
}

// fileOf reads the file that ref leads to. A reference to none is noted as a problem, and
// the file is nil.
func (l *loader) fileOf(ref reference) (*File, error) {
	name, _, ok := splitRef(ref.from.File, ref.text)
	u, err := url.Parse(ref.text)
	if err != nil || ref.text == "" {
		l.unresolved(ref, "is not a URI reference")
		return nil, nil
	}
	switch {
	case u.Scheme != "" && u.Scheme != "http" && u.Scheme != "https":
		return nil, &UnusableError{
			Position: ref.at,
			Reason:   fmt.Sprintf("references by %s: are not supported", u.Scheme), Next: "Use a path relative to this file",
		}
	case isRemote(name) && !l.opts.AllowRemote:
		return nil, &UnusableError{
			Position: ref.at, Option: "AllowRemote",
			Reason: fmt.Sprintf("the document refers to %s, and nothing is fetched from the network", name),
			Next:   "Copy the file beside the document, or allow the fetch",
		}
	case !ok:
		l.unresolved(ref, "must point into the document with a JSON pointer, such as #/components/schemas/Name")
		return nil, nil
	}
	f, err := l.file(name, ref.from.File)
	if unusable, ok := err.(*UnusableError); ok && unusable.unread {
		l.unresolved(ref, "leads to a file that "+unusable.Reason)
		return nil, nil
	}
	return f, err
}

// hop returns what the reference that a value holds leads to directly, or the steps of it
// that lead nowhere. It reports false for what holds none.
func (l *loader) hop(holder *yaml.Node) (to target, rest Pointer, known bool) {
	ref, known := l.waiting[holder]
	if !known {
		return target{}, nil, false
	}
	if to, done := l.hops[holder]; done {
		return to, nil, true
	}
	name, ptr, _ := splitRef(ref.from.File, ref.text)
	f := l.known(name)
	if f == nil || l.hopping[holder] {
		return target{}, ptr, true
	}
	l.hopping[holder] = true
	defer delete(l.hopping, holder)
	to, rest = l.locate(f, ptr)
	if len(rest) == 0 {
		l.hops[holder] = to
	}
	return to, rest, true
}

// locate goes along a pointer, and over the references that stand in its way.
func (l *loader) locate(f *File, ptr Pointer) (to target, rest Pointer) {
	to = target{place: Place{File: f.Name}, value: f.Root}
	for i, step := range ptr {
		file := l.doc.Files[to.place.File]
		k, v := file.child(to.value, step)
		for v == nil {
			next, rest, known := l.hop(nodes.Follow(to.value))
			if !known || len(rest) > 0 {
				return target{}, ptr[i:]
			}
			to, file = next, l.doc.Files[next.place.File]
			k, v = file.child(to.value, step)
		}
		to = target{to.place.At(step), k, v}
	}
	return to, nil
}

// resolve finds what every reference leads to in the end, over all others on the way.
// There are no cycles among them any more.
func (l *loader) resolve() {
	for holder := range l.waiting {
		first, rest, _ := l.hop(holder)
		if len(rest) > 0 {
			continue
		}
		end := first
		for range len(l.waiting) {
			next, rest, known := l.hop(nodes.Follow(end.value))
			if !known || len(rest) > 0 {
				break
			}
			end = next
		}
		l.doc.targets[holder] = end.place
		l.links[holder] = link.Reference{
			Text: l.textOf(first.place), Target: nodes.Follow(end.value), Key: end.key, File: end.place.File,
		}
	}
}

// textOf writes a reference to a place as one from the document's root.
func (l *loader) textOf(p Place) string {
	fragment := (&url.URL{Fragment: p.Pointer.String()}).String()
	if p.File == l.doc.Root.Name {
		return cmp.Or(fragment, "#")
	}
	dir := path.Dir(l.doc.Root.Name)
	name := strings.TrimPrefix(p.File, dir+"/")
	return (&url.URL{Path: name}).String() + fragment
}

// splitRef splits a reference found in file base into the file's name and the pointer.
func splitRef(base, ref string) (string, Pointer, bool) {
	u, err := url.Parse(ref)
	if err != nil {
		return "", nil, false
	}
	name := base
	if target := nameOf(u); target != "" {
		name = join(base, target)
	}
	ptr, ok := ParsePointer(u.Fragment)
	return name, ptr, ok
}

// references returns the references of a file in the order in which they stand.
func (f *File) references() []reference {
	var refs []reference
	f.walk(func(ptr Pointer, n *yaml.Node) {
		if k, v := f.ownPair(n, "$ref"); k != nil && nodes.Follow(v).Kind == yaml.ScalarNode {
			refs = append(refs, reference{holder: n, from: Place{f.Name, ptr}, text: nodes.Follow(v).Value, at: f.position(v)})
		}
		_, discriminator := f.ownPair(n, "discriminator")
		_, mapping := f.pair(discriminator, "mapping")
		if mapping == nil || nodes.Follow(mapping).Kind != yaml.MappingNode {
			return
		}
		for i, content := 0, nodes.Follow(mapping).Content; i+1 < len(content); i += 2 {
			if text := nodes.Follow(content[i+1]); text.Kind == yaml.ScalarNode && strings.ContainsAny(text.Value, "#/.") {
				from := Place{f.Name, ptr.At("discriminator", "mapping", content[i].Value)}
				refs = append(refs, reference{holder: text, from: from, text: text.Value, at: f.position(text), mapped: true})
			}
		}
	})
	return refs
}

// walk calls visit for every mapping that is part of the description itself.
// Examples, defaults, enumerations and extensions are data, in which a key may be
// any word.
func (f *File) walk(visit func(ptr Pointer, n *yaml.Node)) {
	var step func(n *yaml.Node, ptr Pointer, named bool)
	step = func(n *yaml.Node, ptr Pointer, named bool) {
		switch n.Kind {
		case yaml.MappingNode:
			if !named {
				visit(ptr, n)
			}
			for i := 0; i+1 < len(n.Content); i += 2 {
				key, value := n.Content[i].Value, n.Content[i+1]
				if !named && isData(key) {
					continue
				}
				if len(value.Content) > 0 {
					step(value, ptr.At(key), !named && mapsNames(key))
				}
			}
		case yaml.SequenceNode:
			for i, child := range n.Content {
				if len(child.Content) > 0 {
					step(child, ptr.At(strconv.Itoa(i)), false)
				}
			}
		}
	}
	step(f.Root, nil, false)
}

// nodes calls visit for every value of a file. The pointer is only valid during the call.
func (f *File) nodes(visit func(ptr Pointer, n *yaml.Node)) {
	var step func(n *yaml.Node, ptr Pointer)
	step = func(n *yaml.Node, ptr Pointer) {
		visit(ptr, n)
		for i, child := range n.Content {
			switch {
			case n.Kind == yaml.SequenceNode:
				step(child, append(ptr, strconv.Itoa(i)))
			case i%2 == 1:
				step(child, append(ptr, n.Content[i-1].Value))
			}
		}
	}
	step(f.Root, nil)
}

// Nulls returns the places of a file's description that hold null, or nothing after
// a colon. No field of OpenAPI 3.0 may; in data, null is a value like any other.
func (d *Document) Nulls(name string) []Place {
	f := d.Files[name]
	if f == nil {
		return nil
	}
	var places []Place
	note := func(n *yaml.Node, at func() Pointer) {
		if n = nodes.Follow(n); n.Kind == yaml.ScalarNode && n.Tag == "!!null" {
			places = append(places, Place{name, at()})
		}
	}
	// walk passes over mappings of names, whose entries are looked at from above.
	entries := func(ptr Pointer, n *yaml.Node) {
		for i := 0; i+1 < len(n.Content); i += 2 {
			key, value := n.Content[i].Value, nodes.Follow(n.Content[i+1])
			if isData(key) {
				continue
			}
			note(value, func() Pointer { return ptr.At(key) })
			if value.Kind == yaml.MappingNode && mapsNames(key) {
				for j := 0; j+1 < len(value.Content); j += 2 {
					note(value.Content[j+1], func() Pointer { return ptr.At(key, value.Content[j].Value) })
				}
			}
			if value.Kind == yaml.SequenceNode {
				for j, child := range value.Content {
					note(child, func() Pointer { return ptr.At(key, strconv.Itoa(j)) })
				}
			}
		}
	}
	f.walk(entries)
	return places
}

func isData(key string) bool {
	switch key {
	case "example", "default", "enum", "value", "const":
		return true
	}
	return strings.HasPrefix(key, "x-")
}

// mapsNames reports whether the keys below key are names that the author chose, so
// that "example" or "$ref" there is a name and not a keyword.
func mapsNames(key string) bool {
	switch key {
	case "properties", "schemas", "responses", "parameters", "examples", "requestBodies", "headers",
		"securitySchemes", "links", "callbacks", "paths", "mapping", "variables", "scopes", "content", "encoding":
		return true
	}
	return false
}

// cycles notes references that lead back to themselves without a step into the
// value described. A validator would follow such a chain forever.
func (l *loader) cycles() {
	c := cycleFinder{loader: l, state: map[*yaml.Node]int{}}
	for _, name := range l.doc.FileNames() {
		f := l.doc.Files[name]
		f.walk(func(ptr Pointer, n *yaml.Node) { c.visit(Place{name, ptr}, n) })
	}
}

type cycleFinder struct {
	*loader
	state map[*yaml.Node]int // 0 new, 1 being visited, 2 done
}

// visit reports whether n is on the way to itself.
func (c *cycleFinder) visit(p Place, n *yaml.Node) bool {
	n = nodes.Follow(n)
	f := c.doc.Files[p.File]
	switch c.state[n] {
	case 1:
		return true
	case 2:
		return false
	}
	c.state[n] = 1
	defer func() { c.state[n] = 2 }()
	note := func(at *yaml.Node, p Place) {
		c.doc.Problems = append(c.doc.Problems, Problem{
			Rule: RuleRefCycle, Position: c.doc.Files[p.File].position(at), Pointer: p.Pointer.String(),
			Message: fmt.Sprintf("%s leads back to itself without ever describing a value", strings.TrimPrefix(p.Pointer.String(), "/")),
		})
	}
	if to, rest, known := c.hop(n); known {
		if len(rest) == 0 && c.visit(to.place, to.value) {
			_, v := f.pair(n, "$ref")
			note(v, p.At("$ref"))
		}
		return false
	}
	for _, key := range []string{"allOf", "anyOf", "oneOf"} {
		_, list := f.pair(n, key)
		if list = nodes.Follow(list); list == nil || list.Kind != yaml.SequenceNode {
			continue
		}
		for i, child := range list.Content {
			if at := p.At(key, strconv.Itoa(i)); c.visit(at, child) {
				note(child, at)
			}
		}
	}
	if _, not := f.pair(n, "not"); not != nil && c.visit(p.At("not"), not) {
		note(not, p.At("not"))
	}
	return false
}
