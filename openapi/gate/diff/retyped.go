package diff

import (
	"strings"

	"github.com/oasdiff/oasdiff/checker"
)

// propertyPaths holds paths of properties, each with its operation and direction.
type propertyPaths map[string]bool

// retypedProperties returns the properties that got another type. What an object held is gone with
// it, and no change of its own.
func retypedProperties(changes checker.Changes, localize checker.Localizer) propertyPaths {
	paths := propertyPaths{}
	for _, c := range changes {
		if strings.HasSuffix(c.GetId(), "-property-type-changed") {
			paths[pathKey(c)+strings.Trim(quoted.FindString(c.GetUncolorizedText(localize)), "`")] = true
		}
	}
	return paths
}

// enclose reports whether a change is of a property inside of one of them.
func (p propertyPaths) enclose(c checker.Change, localize checker.Localizer) bool {
	id := c.GetId()
	if len(p) == 0 || !strings.Contains(id, "property-removed") && !strings.Contains(id, "property-added") && !strings.HasPrefix(id, "new-") {
		return false
	}
	path := strings.Trim(quoted.FindString(c.GetUncolorizedText(localize)), "`")
	for i := strings.LastIndex(path, "/"); i > 0; i = strings.LastIndex(path[:i], "/") {
		if p[pathKey(c)+path[:i]] {
			return true
		}
	}
	return false
}

func pathKey(c checker.Change) string {
	direction := "request"
	if strings.HasPrefix(c.GetId(), "response") {
		direction = "response"
	}
	return c.GetOperation() + " " + c.GetPath() + " " + direction + " "
}
