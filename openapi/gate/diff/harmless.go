package diff

import (
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oasdiff/oasdiff/checker"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/diff/unseen"
)

// harmless reports whether nobody notices a change that the library tells.
func harmless(c checker.Change, before, after *openapi3.T, localize checker.Localizer) bool {
	switch id := c.GetId(); {
	case strings.HasPrefix(id, "api-global-security-"):
		// Where operations inherit it, it is told of each of them.
		return true
	case id == checker.APISecurityRemovedCheckId:
		return stillSecured(c, before, after)
	case strings.Contains(id, "-type-"):
		formats := formatChange.FindStringSubmatch(c.GetUncolorizedText(localize))
		return formats != nil && unseen.Formatted(strings.TrimSuffix(formats[1], "none"), strings.TrimSuffix(formats[2], "none"))
	}
	return false
}

// formatChange is in the text of a change of a format alone.
var formatChange = regexp.MustCompile("`format` was [a-z]+ from `([^`]*)` to `([^`]*)`")

// stillSecured reports whether every way to authenticate goes on: the library compares alternatives
// by their text, and one that asks for less is another.
func stillSecured(c checker.Change, before, after *openapi3.T) bool {
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
