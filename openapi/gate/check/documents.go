package check

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/check/rule"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/model"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

var (
	syntaxFault = finding.Rule{
		ID:    source.RuleSyntax,
		Title: "Every file is YAML or JSON",
		Why:   "No tool can read it.",
		Fix:   "Correct the text at this place.",
	}
	duplicateKey = finding.Rule{
		ID:    source.RuleDuplicateKey,
		Title: "No key appears twice in a mapping",
		Why:   "Parsers disagree on which of the two counts, so tools see different contracts.",
		Fix:   "Remove one of the two, or merge them.",
	}
	refUnresolved = finding.Rule{
		ID:    source.RuleRefUnresolved,
		Title: "Every $ref resolves",
		Why:   "No tool can read a document with a reference that leads nowhere.",
		Fix:   "Correct the name, or add what it refers to.",
	}
	refCycle = finding.Rule{
		ID:    source.RuleRefCycle,
		Title: "No reference leads back to itself",
		Why:   "A chain of references without a value describes nothing, and validators follow it forever.",
		Fix:   "Describe a value somewhere in the chain; recursion belongs below properties or items.",
	}
	structure = finding.Rule{
		ID:    source.RuleStructure,
		Title: "The document follows the OpenAPI 3.0 structure",
		Why:   "Generators and validators reject the document, or silently skip the part.",
		Fix:   "Correct the field as OpenAPI 3.0.3 describes it.",
	}
	unknownField = finding.Rule{
		ID:    "unknown-field",
		Title: "Every field is defined by OpenAPI 3.0",
		Why:   "A misspelt field is ignored, and so is the promise that it was meant to make.",
		Fix:   "Correct the spelling, or prefix an extension with x-.",
	}
	refSiblings = finding.Rule{
		ID:    "ref-siblings",
		Title: "A $ref has no siblings",
		Why:   "OpenAPI 3.0 ignores it: a description or `nullable` there has no effect.",
		Fix:   "Put the reference into `allOf`, and the rest beside that.",
	}
	componentUnused = finding.Rule{
		ID:    "component-unused",
		Title: "Every component is used",
		Why:   "Readers and generators take it for a part of the API.",
		Fix:   "Remove it, or refer to it.",
	}
)

// documents is about a document as a whole, before what it says about the API.
var documents = rule.Family{
	Rules: []finding.Rule{syntaxFault, duplicateKey, refUnresolved, refCycle, structure, unknownField, refSiblings, componentUnused},
	Check: checkDocument,
	Covers: map[string][]finding.Rule{
		"extra-sibling-fields":          {unknownField, refSiblings},
		"response-description-required": {structure},
		"unresolved-ref":                {refUnresolved},
	},
}

// newerFields are fields of a schema that OpenAPI 3.1 has, and that the library
// silently accepts in a document of 3.0.
var newerFields = []string{
	"$defs", "$id", "$schema", "$anchor", "$comment", "$dynamicRef", "$dynamicAnchor", "dependentSchemas", "dependentRequired",
}

func checkDocument(c *rule.Checker) {
	checkReferences(c)
	for _, place := range model.UnknownFields(c.Doc) {
		c.ReportKey(unknownField, place, "OpenAPI 3.0 has no field "+place.Name()+" here")
	}
	checkReferredOperations(c)
	for _, place := range c.Doc.Nulls(c.Doc.Root.Name) {
		c.ReportKey(structure, place, "the field "+place.Name()+" has no value")
	}
	for _, s := range c.Index.Schemas {
		if place := s.Place.At("type"); isList(c.Doc.Node(place)) {
			c.ReportKey(structure, place, "the type is a list, as in OpenAPI 3.1: write one type, and `nullable: true` for null")
		}
		for _, field := range newerFields {
			if place := s.Place.At(field); c.Doc.Node(place) != nil {
				c.ReportKey(structure, place, "the field "+field+" is one of OpenAPI 3.1")
			}
		}
		for _, keyword := range []string{"enum", "required"} {
			if place := s.Place.At(keyword); isList(c.Doc.Node(place)) && len(c.Doc.Node(place).Content) == 0 {
				c.ReportKey(structure, place, keyword+" is empty: at least one entry is needed")
			}
		}
	}
}

// checkReferredOperations tells of references in place of operations, which are followed all the
// same. Who writes one writes all operations that way, and it is one decision: the first is told.
func checkReferredOperations(c *rule.Checker) {
	var uses []source.Place
	for path, item := range c.Doc.Spec.Paths.Map() {
		place := c.Doc.Target(c.Doc.RootPlace("paths", path))
		for method := range item.Operations() {
			if use := place.At(strings.ToLower(method)); c.Doc.Target(use).Key() != use.Key() {
				uses = append(uses, use)
			}
		}
	}
	if len(uses) == 0 {
		return
	}
	first := slices.MinFunc(uses, func(a, b source.Place) int {
		p, q := c.Doc.Position(a), c.Doc.Position(b)
		return cmp.Or(cmp.Compare(p.File, q.File), cmp.Compare(p.Line, q.Line), cmp.Compare(p.Column, q.Column))
	})
	message := "OpenAPI 3.0 has no $ref in place of an operation"
	if more := len(uses) - 1; more > 0 {
		message += fmt.Sprintf(", and %d more of the document have one", more)
	}
	c.ReportKey(unknownField, first.At("$ref"), message)
}

// checkReferences looks at what stands beside references, and for components that none
// of them leads to.
func checkReferences(c *rule.Checker) {
	used := map[string]bool{}
	for _, o := range c.Objects {
		if o.Ref == nil {
			continue
		}
		place := o.Place()
		if to := place.Follow(o.Ref.Value); to.File == c.Doc.Root.Name && len(to.Pointer) > 2 {
			used[to.Pointer[:3].String()] = true
		}
		if beside := siblings(o.Node); o.Kind != "path item" && len(beside) > 0 {
			c.ReportNode(refSiblings, place, o.Node, "OpenAPI 3.0 ignores what stands beside a $ref: "+strings.Join(beside, ", "))
		}
	}
	for _, s := range c.Index.Schemas {
		if s.Value.Discriminator == nil {
			continue
		}
		for value := range s.Value.Discriminator.Mapping {
			at := s.Place.At("discriminator", "mapping", value)
			used[c.Doc.Target(at).Pointer.String()] = true
			if n := c.Doc.Node(at); n != nil {
				used[source.Pointer{"components", "schemas", n.Value}.String()] = true
			}
		}
	}
	for _, o := range c.Objects {
		// Security schemes have a rule of their own.
		if place := o.Place(); o.Component() && place.File == c.Doc.Root.Name && o.Kind != "security" && !used[place.Pointer.String()] {
			c.ReportKey(componentUnused, place, "nothing refers to "+strings.Join(place.Pointer[1:], "/"))
		}
	}
}

// siblings names what stands beside a reference.
func siblings(n *yaml.Node) []string {
	var names []string
	for i := 0; i+1 < len(n.Content); i += 2 {
		if name := n.Content[i].Value; name != "$ref" {
			names = append(names, name)
		}
	}
	return names
}

func isList(n *yaml.Node) bool { return n != nil && n.Kind == yaml.SequenceNode }
