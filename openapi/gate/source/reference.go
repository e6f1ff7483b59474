package source

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
)

// reference is one $ref.
type reference struct {
	from Place // the mapping that holds $ref
	text string
	at   finding.Position
}

// references reads every file that can be reached from root, rejects what must
// not be fetched, and notes references that lead nowhere.
func (l *loader) references(root *File) error {
	queue := []*File{root}
	done := map[string]bool{root.Name: true}
	for len(queue) > 0 {
		f := queue[0]
		queue = queue[1:]
		for _, ref := range f.references() {
			target, err := l.target(ref)
			if err != nil {
				return err
			}
			if target != nil && !done[target.Name] {
				done[target.Name] = true
				queue = append(queue, target)
			}
		}
	}
	return nil
}

// target reads the file that ref leads to. A reference that leads nowhere is
// noted as a problem, and the file is nil.
func (l *loader) target(ref reference) (*File, error) {
	unresolved := func(reason string) {
		l.doc.Problems = append(l.doc.Problems, Problem{
			Rule: RuleRefUnresolved, Position: ref.at, Pointer: ref.from.Pointer.At("$ref").String(),
			Message: fmt.Sprintf("the reference %q %s", ref.text, reason),
		})
	}
	u, err := url.Parse(ref.text)
	if err != nil || ref.text == "" {
		unresolved("is not a URI reference")
		return nil, nil
	}
	name, ptr, ok := splitRef(ref.from.File, ref.text)
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
		unresolved("must point into the document with a JSON pointer, such as #/components/schemas/Name")
		return nil, nil
	}
	f, err := l.file(name)
	if err != nil {
		unusable, ok := err.(*UnusableError)
		if ok && strings.HasPrefix(unusable.Reason, "cannot be read") {
			unresolved("leads to a file that " + unusable.Reason)
			return nil, nil
		}
		return nil, err
	}
	if text := nameOf(u); text != "" && !slices.Contains(l.targets[text], name) {
		l.targets[text] = append(l.targets[text], name)
	}
	if _, _, rest := l.doc.walk(Place{name, ptr}); len(rest) > 0 {
		unresolved(fmt.Sprintf("leads nowhere: there is no %q", rest[0]))
	}
	return f, nil
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
		if k, v := f.ownPair(n, "$ref"); k != nil && follow(v).Kind == yaml.ScalarNode {
			refs = append(refs, reference{Place{f.Name, ptr}, follow(v).Value, f.position(v)})
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
				step(value, ptr.At(key), !named && mapsNames(key))
			}
		case yaml.SequenceNode:
			for i, child := range n.Content {
				step(child, ptr.At(strconv.Itoa(i)), false)
			}
		}
	}
	step(f.Root, nil, false)
}

// Nulls returns the places of a file's description that hold null, or nothing after
// a colon. No field of OpenAPI 3.0 may; in data, null is a value like any other.
func (d *Document) Nulls(name string) []Place {
	f := d.Files[name]
	if f == nil {
		return nil
	}
	var places []Place
	note := func(ptr Pointer, n *yaml.Node) {
		if n = follow(n); n.Kind == yaml.ScalarNode && n.Tag == "!!null" {
			places = append(places, Place{name, ptr})
		}
	}
	// walk passes over mappings of names, whose entries are looked at from above.
	entries := func(ptr Pointer, n *yaml.Node) {
		for i := 0; i+1 < len(n.Content); i += 2 {
			key, value := n.Content[i].Value, follow(n.Content[i+1])
			if isData(key) {
				continue
			}
			at := ptr.At(key)
			note(at, value)
			if value.Kind == yaml.MappingNode && mapsNames(key) {
				for j := 0; j+1 < len(value.Content); j += 2 {
					note(at.At(value.Content[j].Value), value.Content[j+1])
				}
			}
			if value.Kind == yaml.SequenceNode {
				for j, child := range value.Content {
					note(at.At(strconv.Itoa(j)), child)
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
	c := cycleFinder{doc: l.doc, state: map[*yaml.Node]int{}}
	for _, name := range l.doc.FileNames() {
		f := l.doc.Files[name]
		f.walk(func(ptr Pointer, n *yaml.Node) { c.visit(Place{name, ptr}, n) })
	}
}

type cycleFinder struct {
	doc   *Document
	state map[*yaml.Node]int // 0 new, 1 being visited, 2 done
}

// visit reports whether n is on the way to itself.
func (c *cycleFinder) visit(p Place, n *yaml.Node) bool {
	n = follow(n)
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
	if _, v := f.pair(n, "$ref"); v != nil && follow(v).Kind == yaml.ScalarNode {
		target := p.Follow(follow(v).Value)
		if node := c.doc.Node(target); node != nil && c.visit(target, node) {
			note(v, p.At("$ref"))
		}
		return false
	}
	for _, key := range []string{"allOf", "anyOf", "oneOf"} {
		_, list := f.pair(n, key)
		if list = follow(list); list == nil || list.Kind != yaml.SequenceNode {
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
