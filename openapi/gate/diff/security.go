package diff

import (
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oasdiff/oasdiff/checker"
)

// harmless reports whether the library tells a change of security with which every way to
// authenticate goes on: it compares alternatives by their text, and one that asks for less is another.
func harmless(c checker.Change, before, after *openapi3.T) bool {
	if c.GetId() != checker.APISecurityRemovedCheckId {
		return false
	}
	b, a := securityOf(before, c), securityOf(after, c)
	return !slices.ContainsFunc(b, func(old openapi3.SecurityRequirement) bool {
		return !slices.ContainsFunc(a, func(now openapi3.SecurityRequirement) bool { return within(now, old) })
	})
}

// securityOf returns the alternatives of a change's operation.
func securityOf(spec *openapi3.T, c checker.Change) openapi3.SecurityRequirements {
	item := spec.Paths.Value(c.GetPath())
	if item == nil {
		return nil
	}
	if op := item.GetOperation(strings.ToUpper(c.GetOperation())); op != nil && op.Security != nil {
		return *op.Security
	}
	return spec.Security
}

// within reports whether who satisfies the old requirement satisfies the new one.
func within(now, old openapi3.SecurityRequirement) bool {
	for scheme, scopes := range now {
		held, ok := old[scheme]
		if !ok || slices.ContainsFunc(scopes, func(s string) bool { return !slices.Contains(held, s) }) {
			return false
		}
	}
	return true
}
