package source

import (
	"errors"
	"fmt"
	"strconv"

	"gopkg.in/yaml.v3"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source/nodes"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source/syntax"
)

// parse fills Root. It returns faults of the text, which leave Root empty, and the keys
// that are given twice.
func (f *File) parse() ([]Problem, error) {
	root, err := syntax.Parse(f.Name, f.Data)
	var fault *syntax.Error
	switch {
	case errors.As(err, &fault):
		f.broken, f.Root = true, &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: 1, Column: 1}
		message := fault.Reason
		if fault.Next != "" {
			message += ". " + fault.Next
		}
		return []Problem{{Rule: RuleSyntax, Position: finding.Position{File: f.Display, Line: fault.Line, Column: fault.Column}, Message: message}}, nil
	case errors.Is(err, syntax.ErrSeveral):
		return nil, f.unusable(nil, err.Error(), "Put each into its own file")
	case err != nil:
		return nil, f.unusable(nil, err.Error(), "")
	}
	f.Root = root
	if f.Root.Kind != yaml.MappingNode {
		return nil, f.unusable(f.Root, "this is not an OpenAPI document: its top is "+kindName(f.Root)+", not a mapping", "")
	}
	m := measure{file: f, done: map[*yaml.Node]extent{}}
	if _, err := m.visit(f.Root); err != nil {
		return nil, err
	}
	return f.duplicateKeys(), nil
}

func (f *File) unusable(n *yaml.Node, reason, next string) *UnusableError {
	return &UnusableError{Position: f.position(n), Reason: reason, Next: next}
}

// extent is how large a value is once its aliases are written out.
type extent struct{ values, height int }

// measure bounds depth and size after alias expansion, without expanding.
type measure struct {
	file *File
	done map[*yaml.Node]extent
}

func (m measure) visit(n *yaml.Node) (extent, error) {
	if n.Kind == yaml.AliasNode {
		return m.visit(n.Alias)
	}
	if e, ok := m.done[n]; ok {
		if e == (extent{}) {
			// Still being measured: this is an alias to a value that contains it.
			return e, m.file.unusable(n, fmt.Sprintf("the YAML anchor %q contains itself", n.Anchor), "Use $ref for recursive schemas")
		}
		return e, nil
	}
	m.done[n] = extent{}
	if n.Kind == yaml.MappingNode && len(n.Content)/2 > maxEntries {
		return extent{}, m.file.unusable(n, fmt.Sprintf("a mapping has more than %d entries", maxEntries), "Spread it over several files")
	}
	total := extent{values: 1}
	for _, child := range n.Content {
		e, err := m.visit(child)
		if err != nil {
			return e, err
		}
		total.values += e.values
		total.height = max(total.height, e.height)
		if total.values > maxValues {
			return e, m.file.unusable(child,
				fmt.Sprintf("written out, the YAML aliases stand for more than %d values", maxValues), "Use $ref in place of nested aliases")
		}
	}
	if total.height++; total.height > maxDepth {
		return total, m.file.unusable(n,
			fmt.Sprintf("the document is nested more than %d levels deep", maxDepth), "Name the inner parts under components and refer to them")
	}
	m.done[n] = total
	return total, nil
}

// indexFrom is the number of entries from which a mapping is worth an index.
const indexFrom = 24

// duplicateKeys finds mappings in which a key appears twice. Parsers disagree on
// which of the two counts. On its way it indexes the large mappings, so that a
// document with many references is not searched in quadratic time.
func (f *File) duplicateKeys() []Problem {
	var problems []Problem
	var visit func(n *yaml.Node, ptr Pointer)
	visit = func(n *yaml.Node, ptr Pointer) {
		switch n.Kind {
		case yaml.MappingNode:
			first := map[string]*yaml.Node{}
			for i := 0; i+1 < len(n.Content); i += 2 {
				key := n.Content[i]
				if earlier, ok := first[key.Value]; ok && key.Kind == yaml.ScalarNode && key.Value != "<<" {
					problems = append(problems, Problem{
						Rule: RuleDuplicateKey, Position: f.position(key), Pointer: ptr.At(key.Value).String(),
						Message: fmt.Sprintf("the key %q appears twice in this mapping, first on line %d", key.Value, earlier.Line),
					})
				}
				first[key.Value] = key
				visit(n.Content[i+1], ptr.At(key.Value))
			}
			if len(n.Content)/2 >= indexFrom {
				f.index[n] = make(map[string]int, len(n.Content)/2)
				for i := 0; i+1 < len(n.Content); i += 2 {
					f.index[n][n.Content[i].Value] = i
				}
			}
		case yaml.SequenceNode:
			for i, child := range n.Content {
				visit(child, ptr.At(strconv.Itoa(i)))
			}
		}
	}
	visit(f.Root, nil)
	return problems
}

// position returns where n starts; nil stands for the file as a whole.
func (f *File) position(n *yaml.Node) finding.Position {
	if n == nil {
		return finding.Position{File: f.Display}
	}
	return finding.Position{File: f.Display, Line: n.Line, Column: n.Column}
}

// pair returns the key and the value of an entry of a mapping, also of one that
// comes in by a merge key, or nil.
func (f *File) pair(n *yaml.Node, key string) (k, v *yaml.Node) {
	n = nodes.Follow(n)
	if n == nil || n.Kind != yaml.MappingNode {
		return nil, nil
	}
	if k, v := f.ownPair(n, key); k != nil {
		return k, v
	}
	_, merge := f.ownPair(n, "<<")
	merge = nodes.Follow(merge)
	if merge == nil {
		return nil, nil
	}
	if merge.Kind == yaml.SequenceNode {
		for _, m := range merge.Content {
			if k, v := f.pair(m, key); k != nil {
				return k, v
			}
		}
		return nil, nil
	}
	return f.pair(merge, key)
}

// ownPair is pair for the entries that stand in the mapping itself.
func (f *File) ownPair(n *yaml.Node, key string) (k, v *yaml.Node) {
	if index, ok := f.index[n]; ok {
		if i, ok := index[key]; ok {
			return n.Content[i], n.Content[i+1]
		}
		return nil, nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i], n.Content[i+1]
		}
	}
	return nil, nil
}

func kindName(n *yaml.Node) string {
	switch nodes.Follow(n).Kind {
	case yaml.SequenceNode:
		return "a list"
	case yaml.MappingNode:
		return "a mapping"
	}
	return "a single value"
}
