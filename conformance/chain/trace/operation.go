package trace

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/model"
)

var (
	pageStatus = finding.Rule{
		ID: "trace-status", Level: finding.Error,
		Title: "The contract has every status of the page",
		Why:   "Callers of the contract do not expect it.",
		Fix:   "Add the response to the operation.",
	}
	pageField = finding.Rule{
		ID: "trace-field", Level: finding.Error,
		Title: "The contract has every field of the page",
		Why:   "Generated clients have no such field.",
		Fix:   "Add the property, with its description, to the schema of the response.",
	}
	pageParameter = finding.Rule{
		ID: "trace-parameter", Level: finding.Error,
		Title: "The contract has every parameter of the page",
		Why:   "Callers of the contract cannot send it.",
		Fix:   "Declare the parameter.",
	}
	pageRequest = finding.Rule{
		ID: "trace-request", Level: finding.Error,
		Title: "Every example request of the page is a request of the contract",
		Why:   "What the page shows does not work.",
		Fix:   "Correct the path, method, server or security of the contract.",
	}
	pageLink = finding.Rule{
		ID: "trace-link", Level: finding.Error,
		Title: "The contract has an operation for every related page",
		Why:   "A reader who follows the links of the page leaves the contract.",
		Fix:   "Name the page in the operation's x-documentation.",
	}
	pageExample = finding.Rule{
		ID: "trace-example", Level: finding.Error,
		Title: "Every example of the page is valid against the contract",
		Why:   "The documentation and the contract disagree; one of them misleads.",
		Fix:   "Correct the schema of that status.",
	}
)

// traceOperation compares what the page says of its operation with the contract.
func traceOperation(t *tracer, op operation) {
	if op.page != t.m.Page {
		t.report(pageLink, t.doc.Position(op.place),
			fmt.Sprintf("the operation %s names the page %q and not %s", op.OperationID, op.page, t.m.Page))
	}
	for _, s := range t.page.Statuses {
		if op.Responses.Value(strconv.Itoa(s.Code)) == nil {
			t.report(pageStatus, atPage(s.Line), fmt.Sprintf("the contract has no %d for %s", s.Code, op.OperationID))
		}
	}
	for _, name := range t.page.Parameters {
		if op.Parameters.GetByInAndName("path", name.Text) == nil && op.item.Parameters.GetByInAndName("path", name.Text) == nil {
			t.report(pageParameter, atPage(name.Line), "the contract has no path parameter "+name.Text)
		}
	}
	success := bodyOf(op, "200")
	for _, name := range t.page.Fields {
		if !model.Describes(success, name.Text) {
			t.report(pageField, atPage(name.Line), "the contract's response has no property "+name.Text)
		}
	}
	for _, e := range t.page.Examples {
		traceResponse(t, op, e)
	}
	for _, r := range t.page.Requests {
		traceRequest(t, op, r)
	}
}

// bodyOf returns the schema of a response's JSON body, or nil.
func bodyOf(op operation, status string) *openapi3.Schema {
	ref := op.Responses.Value(status)
	if ref == nil || ref.Value == nil {
		return nil
	}
	media := ref.Value.Content.Get("application/json")
	if media == nil || media.Schema == nil {
		return nil
	}
	return media.Schema.Value
}

// traceResponse compares an example of the page with the contract: its members, each
// of which the contract has to describe, and its values.
func traceResponse(t *tracer, op operation, e Example) {
	schema := bodyOf(op, strconv.Itoa(e.Status))
	if schema == nil {
		t.invalid(e.Name)
		t.report(pageExample, atPage(e.Line), fmt.Sprintf("the contract describes no JSON body for %s", e.Name))
		return
	}
	for _, name := range model.MembersOf(e.Value) {
		if !model.Describes(schema, name) {
			t.invalid(e.Name)
			t.report(pageField, atPage(e.Line), fmt.Sprintf("the contract has no property %s in its %d", name, e.Status))
		}
	}
	for _, fault := range model.Faults(schema.VisitJSON(e.Value, openapi3.MultiErrors(), openapi3.VisitAsResponse())) {
		t.invalid(e.Name)
		t.report(pageExample, atPage(e.Line),
			fmt.Sprintf("the example %s is not valid at /%s: %s", e.Name, strings.Join(fault.Pointer, "/"), fault.Reason))
	}
}

// traceRequest compares an example request of the page with the contract.
func traceRequest(t *tracer, op operation, r Request) {
	wrong := func(message string) {
		t.invalid(r.Name)
		t.report(pageRequest, atPage(r.Line), message)
	}
	u, err := url.Parse(r.URL)
	if err != nil {
		wrong("the URL of the request is not valid")
		return
	}
	if !slices.ContainsFunc(t.doc.Spec.Servers, func(s *openapi3.Server) bool { return s.URL == u.Scheme+"://"+u.Host }) {
		wrong(fmt.Sprintf("the contract has no server %s://%s", u.Scheme, u.Host))
	}
	if r.Method != op.method || !matches(op.path, u.Path) {
		wrong(fmt.Sprintf("the contract's %s is %s %s, and the page shows %s %s", op.OperationID, op.method, op.path, r.Method, u.Path))
	}
	for _, header := range r.Header {
		if !authenticates(t, header) {
			wrong("the contract has no security scheme in the header " + header)
		}
	}
}

// matches reports whether a path is one of a template's.
func matches(template, path string) bool {
	a, b := strings.Split(template, "/"), strings.Split(path, "/")
	return slices.EqualFunc(a, b, func(x, y string) bool {
		return x == y || strings.HasPrefix(x, "{") && y != ""
	})
}

func authenticates(t *tracer, header string) bool {
	for _, ref := range t.doc.Spec.Components.SecuritySchemes {
		if s := ref.Value; s != nil && (s.Type == "apiKey" && s.In == "header" && strings.EqualFold(s.Name, header) ||
			s.Type == "http" && strings.EqualFold(header, "Authorization")) {
			return true
		}
	}
	return false
}

// traceLinks asks for an operation for every page that the page calls related.
func traceLinks(t *tracer) {
	for _, l := range t.page.Links {
		found := false
		for _, op := range t.byID {
			found = found || op.page == l.Text
		}
		if !found {
			t.report(pageLink, atPage(l.Line), "no operation of the contract names the page "+l.Text)
		}
	}
}
