package check

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/check/rule"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/model"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

var (
	operationIDMissing = finding.Rule{
		ID:    "operation-id-missing",
		Title: "Every operation has an operationId",
		Why:   "Generated clients, reports and links have no stable name for the operation.",
		Fix:   "Add a unique `operationId`.",
	}
	operationIDDuplicate = finding.Rule{
		ID:    "operation-id-duplicate",
		Title: "Every operationId is unique",
		Why:   "Generated code collides, and links lead to either operation.",
		Fix:   "Rename one of the two.",
	}
	tagUndefined = finding.Rule{
		ID:    "tag-undefined",
		Title: "Every tag that is used is declared",
		Why:   "Documentation groups operations by declared tags; a misspelt tag makes its own group.",
		Fix:   "Declare the tag at the top level, or correct its name.",
	}
	linkOperationUndefined = finding.Rule{
		ID:    "link-operation-undefined",
		Title: "Every link leads to an operation",
		Why:   "A caller that follows the link finds nothing.",
		Fix:   "Correct the operationId or the operationRef of the link.",
	}
	requestBodyUnexpected = finding.Rule{
		ID:    "request-body-unexpected",
		Title: "GET, HEAD and DELETE declare no request body",
		Why:   "Proxies and clients drop bodies of these methods, which changes what the request means.",
		Fix:   "Move the data into parameters, or use POST.",
	}
)

var operations = rule.Family{
	Rules: []finding.Rule{operationIDMissing, operationIDDuplicate, tagUndefined, linkOperationUndefined, requestBodyUnexpected},
	Check: func(c *rule.Checker) {
		checkOperationIDs(c)
		checkTags(c)
		checkLinks(c)
		checkRequestBodies(c)
	},
	Covers: map[string][]finding.Rule{
		"duplicate-operation-id": {operationIDDuplicate},
	},
}

func checkOperationIDs(c *rule.Checker) {
	first := map[string]model.Operation{}
	for _, op := range c.Index.Operations {
		id := op.Value.OperationID
		if id == "" {
			c.ReportFor(op, operationIDMissing, op.Place, "the operation has no operationId")
			continue
		}
		if earlier, ok := first[id]; ok {
			c.ReportFor(op, operationIDDuplicate, op.Place.At("operationId"),
				fmt.Sprintf("the operationId %s is also that of %s %s", id, earlier.Method, earlier.Path))
			continue
		}
		first[id] = op
	}
}

// checkTags asks for declared tags in documents that declare any.
func checkTags(c *rule.Checker) {
	declared := c.Doc.Spec.Tags
	if len(declared) == 0 {
		return
	}
	for _, op := range c.Index.Operations {
		for i, name := range op.Value.Tags {
			if declared.Get(name) == nil {
				c.ReportFor(op, tagUndefined, op.Place.At("tags", strconv.Itoa(i)), "the tag "+name+" is not declared")
			}
		}
	}
}

// checkLinks looks for the operations of links, by id and by reference.
func checkLinks(c *rule.Checker) {
	ids := map[string]bool{}
	for _, op := range c.Index.Operations {
		ids[op.Value.OperationID] = true
	}
	check := func(place source.Place, ref *openapi3.LinkRef) {
		if ref.Value == nil || ref.Ref != "" {
			return
		}
		if id := ref.Value.OperationID; id != "" && !ids[id] {
			c.Report(linkOperationUndefined, place.At("operationId"), "no operation has the operationId "+id)
		}
		if to := ref.Value.OperationRef; strings.HasPrefix(to, "#") && c.Doc.Node(place.Follow(to)) == nil {
			c.Report(linkOperationUndefined, place.At("operationRef"), "the reference "+to+" does not lead to an operation")
		}
	}
	for _, r := range c.Index.Responses {
		for name, ref := range r.Value.Links {
			check(r.Place.At("links", name), ref)
		}
	}
	if components := c.Doc.Spec.Components; components != nil {
		for name, ref := range components.Links {
			check(c.Doc.RootPlace("components", "links", name), ref)
		}
	}
}

func checkRequestBodies(c *rule.Checker) {
	for _, op := range c.Index.Operations {
		if op.Value.RequestBody != nil && slices.Contains([]string{"GET", "HEAD", "DELETE"}, op.Method) {
			c.ReportFor(op, requestBodyUnexpected, op.Place.At("requestBody"), op.Method+" declares a request body")
		}
	}
}
