package check

import (
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/check/rule"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/model"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

var (
	descriptionInfo = description("info", "The API is described",
		"A reader cannot tell what the API is for.", "Add `info.description`.")
	descriptionOperation = description("operation", "Every operation is described",
		"A caller has to guess what the operation does.", "Add a `summary` or a `description`.")
	descriptionParameter = description("parameter", "Every parameter is described",
		"A caller has to guess what to send.", "Add a `description`.")
	descriptionResponse = description("response", "Every response is described",
		"A caller has to guess when it is sent.", "Say when this response is sent.")
	descriptionHeader = description("header", "Every response header is described",
		"A caller has to guess what the header means.", "Add a `description`.")
	descriptionProperty = description("property", "Every property is described",
		"A caller has to guess what the value means.", "Add a `description` to the property, or to the schema that it refers to.")
	descriptionSchema = description("schema", "Every named schema is described",
		"A reader cannot tell what the schema stands for.", "Add a `description` to the schema.")
	descriptionTag = description("tag", "Every declared tag is described",
		"A reader of the documentation sees a group without a purpose.", "Add a `description` to the tag.")
	descriptionScheme = description("security-scheme", "Every security scheme is described",
		"A caller cannot tell where credentials come from.", "Add a `description` that says how to get the credentials.")
	descriptionScript = finding.Rule{
		ID:    "description-script",
		Title: "No description contains a script",
		Why:   "Documentation pages render descriptions, and would run it in a reader's browser.",
		Fix:   "Remove the script.",
	}
)

// description returns a rule that asks for descriptions of one kind of part.
func description(part, title, why, fix string) finding.Rule {
	return finding.Rule{ID: "description-" + part, Title: title, Why: why, Fix: fix}
}

var descriptions = rule.Family{
	Rules: []finding.Rule{
		descriptionInfo, descriptionOperation, descriptionParameter, descriptionResponse, descriptionHeader,
		descriptionProperty, descriptionSchema, descriptionTag, descriptionScheme, descriptionScript,
	},
	Check:  checkDescriptions,
	Covers: map[string][]finding.Rule{"response-description-required": {descriptionResponse}},
}

func checkDescriptions(c *rule.Checker) {
	for _, o := range c.Objects {
		if n := o.Field("description"); n != nil && strings.Contains(n.Value, "<script") {
			c.ReportNode(descriptionScript, o.Place().At("description"), n, "the description contains a script")
		}
	}
	require := func(r finding.Rule, text string, place source.Place, what string) {
		if blank(text) {
			c.Report(r, place, what+" has no description")
		}
	}
	if info := c.Doc.Spec.Info; info != nil {
		require(descriptionInfo, info.Description, c.Doc.RootPlace("info"), "the API")
	}
	for _, op := range c.Index.Operations {
		if blank(op.Value.Summary) && blank(op.Value.Description) {
			c.ReportFor(op, descriptionOperation, op.Place, "the operation has neither a summary nor a description")
		}
	}
	for _, param := range c.Index.Parameters {
		require(descriptionParameter, param.Value.Description, param.Place, "the parameter "+param.Value.Name)
	}
	for _, r := range c.Index.Responses {
		switch {
		case r.Value.Description == nil:
			c.Report(structure, r.Place, "the response has no description, which OpenAPI requires ("+model.Describe(r.Place)+")")
		case blank(*r.Value.Description):
			c.Report(descriptionResponse, r.Place, "the description of the response is empty ("+model.Describe(r.Place)+")")
		}
	}
	for _, h := range c.Index.Headers {
		require(descriptionHeader, h.Value.Description, h.Place, "the header "+h.Place.Name())
	}
	for i, tag := range c.Doc.Spec.Tags {
		if tag != nil {
			require(descriptionTag, tag.Description, c.Doc.RootPlace("tags", strconv.Itoa(i), "name"), "the tag "+tag.Name)
		}
	}
	if components := c.Doc.Spec.Components; components != nil {
		for name, ref := range components.SecuritySchemes {
			if ref.Value != nil {
				place := c.Doc.Target(c.Doc.RootPlace("components", "securitySchemes", name))
				require(descriptionScheme, ref.Value.Description, place, "the security scheme "+name)
			}
		}
	}
	for _, s := range c.Index.Schemas {
		if s.Named() {
			require(descriptionSchema, s.Value.Description, s.Place, "the schema "+s.Place.Name())
		}
		for name, ref := range s.Value.Properties {
			place := s.Place.At("properties", name)
			if ref.Value != nil && !described(ref) && !describedBySibling(c.Index, place) {
				c.Report(descriptionProperty, place, "the property "+name+" has no description")
			}
		}
	}
}

func blank(s string) bool { return strings.TrimSpace(s) == "" }

// described reports whether a schema, or a part of its allOf, has a description.
func described(ref *openapi3.SchemaRef) bool {
	open, seen := []*openapi3.SchemaRef{ref}, map[*openapi3.Schema]bool{}
	for len(open) > 0 {
		s := open[len(open)-1].Value
		open = open[:len(open)-1]
		if s == nil || seen[s] {
			continue
		}
		if seen[s] = true; !blank(s.Description) {
			return true
		}
		open = append(open, s.AllOf...)
	}
	return false
}

// describedBySibling reports whether the property at place belongs to a part of an
// allOf and another part describes it: one part often narrows what another
// describes, and once is enough.
func describedBySibling(index *model.Index, place source.Place) bool {
	ptr := place.Pointer
	if len(ptr) < 4 || ptr[len(ptr)-2] != "properties" || ptr[len(ptr)-4] != "allOf" {
		return false
	}
	whole := source.Place{File: place.File, Pointer: ptr[:len(ptr)-4]}
	s, ok := index.SchemaAt(whole)
	if !ok {
		return false
	}
	for i, part := range s.AllOf {
		if strconv.Itoa(i) == ptr[len(ptr)-3] || part.Value == nil {
			continue
		}
		if other, ok := model.Flatten(part.Value).Properties[place.Name()]; ok && !blank(other.Description()) {
			return true
		}
	}
	return false
}
