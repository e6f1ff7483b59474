package check

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/check/rule"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
)

var (
	pathParameters = finding.Rule{
		ID:    "path-parameters",
		Title: "Path templates and path parameters agree",
		Why:   "Callers cannot build the URL, and generated servers do not bind the value.",
		Fix:   "Declare each {name} as a required parameter with `in: path`, and remove the others.",
	}
	pathAmbiguous = finding.Rule{
		ID:    "path-ambiguous",
		Title: "No two paths match the same request",
		Why:   "Which operation responds depends on the router.",
		Fix:   "Make the paths differ in a fixed segment.",
	}
	pathQuery = finding.Rule{
		ID:    "path-query",
		Title: "Paths contain no query string and no empty template",
		Why:   "Routers match the path alone, so such a path is never reached.",
		Fix:   "Declare query parameters with `in: query`, and name every template.",
	}
	pathTrailingSlash = finding.Rule{
		ID:    "path-trailing-slash",
		Title: "Paths do not end in a slash",
		Why:   "Servers disagree on whether it is the same path, and some redirect.",
		Fix:   "Remove the trailing slash.",
	}
)

var paths = rule.Family{
	Rules: []finding.Rule{pathParameters, pathAmbiguous, pathQuery, pathTrailingSlash},
	Check: checkPaths,
	Covers: map[string][]finding.Rule{
		"conflicting-paths":        {pathAmbiguous},
		"path-parameter-required":  {pathParameters},
		"path-parameters-mismatch": {pathParameters},
	},
}

var pathTemplate = regexp.MustCompile(`\{([^{}]+)\}`)

func checkPaths(c *rule.Checker) {
	checkAmbiguity(c)
	for path := range c.Doc.Spec.Paths.Map() {
		if len(path) > 1 && strings.HasSuffix(path, "/") {
			c.Report(pathTrailingSlash, c.Doc.RootPlace("paths", path), "the path "+path+" ends in a slash")
		}
		if strings.Contains(path, "?") {
			c.Report(pathQuery, c.Doc.RootPlace("paths", path), "the path "+path+" contains a query string")
		}
		if strings.Contains(path, "{}") {
			c.Report(pathQuery, c.Doc.RootPlace("paths", path), "the path "+path+" contains an empty template")
		}
	}
	for _, op := range c.Index.Operations {
		var wanted []string
		for _, m := range pathTemplate.FindAllStringSubmatch(op.Path, -1) {
			wanted = append(wanted, m[1])
		}
		for _, param := range op.Parameters {
			if param.Value.In != openapi3.ParameterInPath {
				continue
			}
			name := param.Value.Name
			i := slices.Index(wanted, name)
			if i < 0 {
				c.ReportFor(op, pathParameters, param.Place.At("name"), fmt.Sprintf("the path has no {%s}", name))
				continue
			}
			wanted = slices.Delete(wanted, i, i+1)
			if !param.Value.Required {
				c.Report(pathParameters, param.Place, fmt.Sprintf("the path parameter %s is not `required: true`", name))
			}
		}
		for _, name := range wanted {
			c.ReportFor(op, pathParameters, op.Place, fmt.Sprintf("{%s} of the path is not declared as a parameter", name))
		}
	}
}

// checkAmbiguity looks for paths that differ in the names of their templates alone.
func checkAmbiguity(c *rule.Checker) {
	first := map[string]string{}
	for _, o := range c.Objects {
		if o.Outer() == nil || o.Outer().Kind != "paths" {
			continue
		}
		place := o.Place()
		path := place.Name()
		pattern := pathTemplate.ReplaceAllString(path, "{}")
		if earlier, ok := first[pattern]; ok {
			c.ReportNode(pathAmbiguous, place, o.Node, "the path "+path+" matches the same requests as "+earlier)
			continue
		}
		first[pattern] = path
	}
}
