package link

import (
	"errors"
	"reflect"

	"go.yaml.in/yaml/v4"
	source "gopkg.in/yaml.v3"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/source/nodes"
)

// decoder fills the types of the OpenAPI library from nodes. The library reads the nodes of
// another version of the YAML package, in which the line of each is its number here: that
// way an error names the very node.
type decoder struct {
	nodes []*source.Node
	made  map[*source.Node]*yaml.Node // those with an anchor
	// texts are numbers and booleans where a text belongs. They are faults, told, and read as
	// texts, so that they keep nothing else from being looked at.
	texts map[*source.Node]bool
	told  []Fault
}

// decode fills into, and returns what of n does not fit.
func (d *decoder) decode(n *source.Node, into any) []Fault {
	var told []Fault
	const rounds = 4 // a value that holds others may hide what is wrong with them
	for range rounds {
		faults := d.try(n, into)
		if len(faults) == 0 {
			d.told = append(d.told, told...)
			return nil
		}
		told = append(told, faults...)
		for _, f := range faults {
			at := f.value()
			if f.Message != numberAsText && f.Message != booleanAsText || at == nil || at.Kind != source.ScalarNode || d.texts[at] {
				return told
			}
			d.texts[at] = true
		}
		clear(d.made)
		reflect.ValueOf(into).Elem().SetZero()
	}
	return told
}

const (
	numberAsText  = "expected a string, got a number"
	booleanAsText = "expected a string, got a boolean"
)

// value returns what the fault is about.
func (f Fault) value() *source.Node {
	found := nodes.Follow(f.At)
	if f.Field != "" && found.Kind == source.MappingNode {
		mapping := found
		found = nil
		nodes.Each(mapping, func(key, value *source.Node) {
			if key.Value == f.Field {
				found = nodes.Follow(value)
			}
		})
	}
	return found
}

func (d *decoder) try(n *source.Node, into any) []Fault {
	first := len(d.nodes)
	err := d.convert(n).Decode(into)
	var several *yaml.LoadErrors
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &several):
		return []Fault{d.scalarFault(n, first, err.Error())}
	}
	var faults []Fault
	for _, e := range several.Errors {
		at, number := n, first
		if i := e.Mark.Line - 1; i >= 0 && i < len(d.nodes) {
			at, number = d.nodes[i], i
		}
		faults = append(faults, d.scalarFault(at, number, e.Message))
	}
	return faults
}

func (d *decoder) convert(n *source.Node) *yaml.Node {
	if done, ok := d.made[n]; ok {
		return done
	}
	d.nodes = append(d.nodes, n)
	m := &yaml.Node{Tag: n.Tag, Value: n.Value, Anchor: n.Anchor, Line: len(d.nodes), Column: 1}
	if n.Anchor != "" {
		d.made[n] = m
	}
	switch n.Kind {
	case source.MappingNode:
		m.Kind = yaml.MappingNode
	case source.SequenceNode:
		m.Kind = yaml.SequenceNode
	case source.AliasNode:
		m.Kind, m.Alias = yaml.AliasNode, d.convert(n.Alias)
	default:
		m.Kind = yaml.ScalarNode
		if d.texts[n] {
			m.Tag = "!!str"
		}
		if n.Style&^source.TaggedStyle != 0 {
			m.Style = yaml.DoubleQuotedStyle
		}
	}
	if len(n.Content) > 0 {
		m.Content = make([]*yaml.Node, len(n.Content))
	}
	for i, child := range n.Content {
		m.Content[i] = d.convert(child)
		if n.Kind == source.MappingNode && i%2 == 0 && child.Kind == source.ScalarNode && child.Tag != nodes.MergeTag {
			m.Content[i].Tag = "!!str" // a key is a name, whatever it looks like
		}
	}
	return m
}
