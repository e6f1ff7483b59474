package unseen

import (
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Separate gives paths that match the same requests a name of their own, the same in both versions:
// the library refuses a document in which two differ in the names of their parameters alone.
func Separate(before, after *openapi3.T) {
	ambiguous := map[string]bool{}
	for _, spec := range []*openapi3.T{before, after} {
		seen := map[string]bool{}
		for path := range spec.Paths.Map() {
			ambiguous[template(path)] = ambiguous[template(path)] || seen[template(path)]
			seen[template(path)] = true
		}
	}
	for _, spec := range []*openapi3.T{before, after} {
		for path, item := range spec.Paths.Map() {
			if ambiguous[template(path)] {
				spec.Paths.Delete(path)
				spec.Paths.Set(path+separator+strings.Join(variables(path), ","), item)
			}
		}
	}
}

// separator is what no path contains; some have a #.
const separator = "\x00"

// Path returns what a path was called before it was separated from others.
func Path(path string) string {
	plain, _, _ := strings.Cut(path, separator)
	return plain
}

// template returns a path without the names of its parameters.
func template(path string) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(path, "{")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		b.WriteString("{}")
		_, path, _ = strings.Cut(rest, "}")
	}
}

// variables returns the names of the parameters of a path in their order.
func variables(path string) []string {
	var names []string
	for {
		_, rest, ok := strings.Cut(path, "{")
		if !ok {
			return names
		}
		var name string
		name, path, _ = strings.Cut(rest, "}")
		names = append(names, name)
	}
}
