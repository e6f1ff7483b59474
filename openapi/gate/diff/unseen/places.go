package unseen

import (
	"slices"
	"strconv"

	"gopkg.in/yaml.v3"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

// step returns the place of what keys lead to from a place, over a reference there, or in a part
// of an allOf. Where there is no such thing it is the place at which it is missing.
func step(doc *source.Document, from source.Place, keys ...string) source.Place {
	if p := from.At(keys...); doc.Node(p) != nil {
		return p
	}
	if p, ok := below(doc, doc.Target(from), keys, 0); ok {
		return p
	}
	return doc.Target(from).At(keys...)
}

// deepest bounds how many allOf are followed into each other.
const deepest = 10

func below(doc *source.Document, from source.Place, keys []string, depth int) (source.Place, bool) {
	if p := from.At(keys...); doc.Node(p) != nil {
		return p, true
	}
	parts := doc.Node(from.At("allOf"))
	if parts == nil || parts.Kind != yaml.SequenceNode || depth == deepest {
		return from, false
	}
	for i := range parts.Content {
		part := doc.Target(from.At("allOf", strconv.Itoa(i)))
		if p, ok := below(doc, part, keys, depth+1); ok {
			return p, true
		}
	}
	return from, false
}

// sortedKeys returns the keys of two maps.
func sortedKeys[V any](a, b map[string]V) []string {
	var keys []string
	for k := range a {
		keys = append(keys, k)
	}
	for k := range b {
		if _, ok := a[k]; !ok {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	return keys
}
