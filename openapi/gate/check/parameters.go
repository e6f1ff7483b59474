package check

import (
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/check/objects"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/check/rule"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/model"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

var (
	parameterDuplicate = finding.Rule{
		ID:    "parameter-duplicate",
		Title: "No parameter is declared twice",
		Why:   "Tools disagree on which declaration counts.",
		Fix:   "Remove one of the two.",
	}
	parameterSchemaMissing = finding.Rule{
		ID:    "parameter-schema-missing",
		Title: "Every parameter and header has a schema",
		Why:   "Callers do not know what to send or to expect.",
		Fix:   "Add a `schema`, or a `content` with one media type.",
	}
	headerIgnored = finding.Rule{
		ID:    "header-ignored",
		Title: "No header is declared that OpenAPI ignores",
		Why:   "OpenAPI ignores these declarations, and what they promise with them.",
		Fix:   "Declare media types under `content`, and credentials as a security scheme.",
	}
	defaultUnreachable = finding.Rule{
		ID:    "default-unreachable",
		Title: "A required parameter has no default",
		Why:   "A default is used where the parameter is absent, and a required one never is.",
		Fix:   "Make the parameter optional, or remove the default.",
	}
)

var parameters = rule.Family{
	Rules: []finding.Rule{parameterDuplicate, parameterSchemaMissing, headerIgnored, defaultUnreachable},
	Check: checkParameters,
	Covers: map[string][]finding.Rule{
		"duplicate-parameter":                  {parameterDuplicate},
		"content-or-schema-exactly-one":        {parameterSchemaMissing},
		"parameter-schema-or-content-required": {parameterSchemaMissing},
	},
}

// ignoredHeaders are the header parameters that OpenAPI ignores, in lower case.
var ignoredHeaders = []string{"accept", "content-type", "authorization"}

func checkParameters(c *rule.Checker) {
	checkDuplicates(c)
	for _, param := range c.Index.Parameters {
		name := param.Value.Name
		if param.Value.Schema == nil && len(param.Value.Content) == 0 {
			c.Report(parameterSchemaMissing, param.Place, "the parameter "+name+" has neither a schema nor content")
		}
		if param.Value.In == openapi3.ParameterInHeader && slices.Contains(ignoredHeaders, strings.ToLower(name)) {
			c.Report(headerIgnored, param.Place.At("name"), "OpenAPI ignores a header parameter named "+name)
		}
		if s := param.Value.Schema; param.Value.Required && s != nil && s.Value != nil && s.Value.Default != nil {
			place := c.Doc.Target(param.Place.At("schema")).At("default")
			c.Report(defaultUnreachable, place, "the parameter "+name+" is required and has a default")
		}
	}
	for _, h := range c.Index.Headers {
		if h.Value.Schema == nil && len(h.Value.Content) == 0 {
			c.Report(parameterSchemaMissing, h.Place, "the header has neither a schema nor content ("+model.Describe(h.Place)+")")
		}
	}
	for _, r := range c.Index.Responses {
		for name := range r.Value.Headers {
			if strings.EqualFold(name, "content-type") {
				c.Report(headerIgnored, r.Place.At("headers", name), "OpenAPI ignores a response header named "+name)
			}
		}
	}
}

// checkDuplicates looks for parameters of the same name and place in one list.
func checkDuplicates(c *rule.Checker) {
	type key struct {
		list     *objects.Object
		name, in string
	}
	seen := map[key]bool{}
	for _, o := range c.Objects {
		if o.Kind != "parameter" || o.Outer() == nil || o.Outer().Kind == "components" {
			continue
		}
		place := o.Place()
		name, in := o.Text("name"), o.Text("in")
		if o.Ref != nil {
			to := c.Doc.Target(place)
			name, in = valueAt(c, to.At("name")), valueAt(c, to.At("in"))
		}
		k := key{o.Outer(), name, in}
		if name == "" || in == "" {
			continue
		}
		if seen[k] {
			c.ReportNode(parameterDuplicate, place, o.Node, "the parameter "+name+" in the "+in+" is declared twice")
		}
		seen[k] = true
	}
}

// valueAt returns the text at a place, or "".
func valueAt(c *rule.Checker, place source.Place) string {
	if n := c.Doc.Node(place); n != nil {
		return n.Value
	}
	return ""
}
