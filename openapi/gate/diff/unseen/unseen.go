// Package unseen finds the changes of a contract that oasdiff has no check for: of servers, of the
// way in which values are written, of links and callbacks, and of schemas in or below parameters,
// headers and callbacks. Of bodies it compares what the library does not.
//
// Package diff puts them beside those of the library.
package unseen

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

// Change is one change of a contract.
type Change struct {
	Rule
	// Place is where it is in the new document, or where something is missing there.
	Place source.Place
	// Operation is "METHOD /path (operationId)", or "" where it concerns all.
	Operation string
	Message   string
}

// Contract is one version of a contract. Spec may be another form of what doc says.
type Contract struct {
	Doc  *source.Document
	Spec *openapi3.T
}

// Find returns the changes from one version to the next, in no order. Afterwards the schemas have
// no `not` any more: the library takes what it excludes for what is allowed.
func Find(before, after Contract) []Change {
	f := &finder{doc: after.Doc, graph: graph{}}
	f.servers("", before.Spec.Servers, after.Spec.Servers, after.Doc.RootPlace(), "")
	f.flows(before.Spec.Components, after.Spec.Components)
	news := map[string]*operation{}
	for _, o := range operations(after) {
		news[o.key()] = o
	}
	for _, was := range operations(before) {
		if now := news[was.key()]; now != nil {
			f.operation(was, now, before.Spec.Servers, after.Spec.Servers)
		} else {
			f.ended(was)
		}
	}
	f.graph.settle()
	for _, c := range f.carriers {
		f.walk(c, c.pair, "", c.place, map[pair]bool{})
	}
	for p := range f.graph {
		p.before.Not, p.after.Not = nil, nil
	}
	return f.changes
}

// finder collects changes.
type finder struct {
	doc      *source.Document
	graph    graph
	carriers []carrier
	changes  []Change
}

func (f *finder) add(r Rule, place source.Place, operation, message string) {
	f.changes = append(f.changes, Change{r, place, operation, message})
}

// operation is one operation with what it inherits.
type operation struct {
	path, method string
	value        *openapi3.Operation
	item         *openapi3.PathItem
	place        source.Place
	itemPlace    source.Place
}

// key is equal for an operation in both versions, whatever the parameters of its path are called.
func (o *operation) key() string { return o.method + " " + template(o.path) }

func (o *operation) name() string {
	name := o.method + " " + Path(o.path)
	if o.value.OperationID != "" {
		name += " (" + o.value.OperationID + ")"
	}
	return name
}

func operations(c Contract) []*operation {
	var list []*operation
	for path, item := range c.Spec.Paths.Map() {
		list = append(list, itemOperations(c.Doc, path, item, c.Doc.RootPlace("paths", Path(path)))...)
	}
	slices.SortFunc(list, func(a, b *operation) int {
		return cmp.Or(cmp.Compare(a.path, b.path), cmp.Compare(a.method, b.method))
	})
	return list
}

func itemOperations(doc *source.Document, path string, item *openapi3.PathItem, place source.Place) []*operation {
	if item == nil {
		return nil
	}
	var list []*operation
	for method, value := range item.Operations() {
		list = append(list, &operation{path, method, value, item, step(doc, place, strings.ToLower(method)), place})
	}
	slices.SortFunc(list, func(a, b *operation) int { return cmp.Compare(a.method, b.method) })
	return list
}

// operation compares an operation with what it was.
func (f *finder) operation(was, now *operation, oldServers, newServers openapi3.Servers) {
	name := now.name()
	switch {
	case was.value.Servers != nil || now.value.Servers != nil:
		f.servers(" of the operation", effective(was, oldServers), effective(now, newServers), now.place, name)
	case len(was.item.Servers) > 0 || len(now.item.Servers) > 0:
		f.servers(" of the path", effective(was, oldServers), effective(now, newServers), now.itemPlace, name)
	}
	f.parameters(was, now, request, name)
	if was.value.RequestBody != nil && now.value.RequestBody != nil && was.value.RequestBody.Value != nil && now.value.RequestBody.Value != nil {
		f.content(was.value.RequestBody.Value.Content, now.value.RequestBody.Value.Content,
			carrier{subject: request, operation: name, what: "the request body", place: step(f.doc, now.place, "requestBody"), covered: ofBody, deep: true})
	}
	for status, ref := range now.value.Responses.Map() {
		old := was.value.Responses.Value(status)
		if old == nil || old.Value == nil || ref.Value == nil {
			continue
		}
		place := step(f.doc, now.place, "responses", status)
		f.headers(old.Value.Headers, ref.Value.Headers, carrier{subject: response, operation: name, what: "the response " + status, place: place, covered: ofHeader})
		f.content(old.Value.Content, ref.Value.Content,
			carrier{subject: response, operation: name, what: "the response " + status, place: place, covered: ofBody, deep: true})
		f.links(old.Value.Links, ref.Value.Links, place, name, status)
	}
	if was.value.Responses.Default() != nil && now.value.Responses.Default() == nil {
		f.add(defaultRemoved, step(f.doc, now.place, "responses"), name, "the response `default` was removed")
	}
	f.callbacks(was.value.Callbacks, now.value.Callbacks, now.place, name)
}

// ended tells of an operation that was removed on or after the day that x-sunset announced: the
// library tells of all others that are gone.
func (f *finder) ended(o *operation) {
	sunset, _ := o.value.Extensions["x-sunset"].(string)
	day, err := time.Parse(time.DateOnly, sunset[:min(len(sunset), len(time.DateOnly))])
	if err != nil || !o.value.Deprecated || day.After(time.Now()) {
		return
	}
	f.add(operationEnded, step(f.doc, f.doc.RootPlace("paths"), Path(o.path)), o.name(), "the deprecated operation was removed after its sunset, "+sunset)
}

// flows tells of OAuth flows by which callers can no longer authenticate.
func (f *finder) flows(was, now *openapi3.Components) {
	if was == nil || now == nil {
		return
	}
	for _, name := range sortedKeys(was.SecuritySchemes, nil) {
		old, scheme := was.SecuritySchemes[name], now.SecuritySchemes[name]
		if old == nil || scheme == nil || old.Value == nil || scheme.Value == nil || old.Value.Flows == nil || scheme.Value.Flows == nil {
			continue
		}
		for _, flow := range []struct {
			name     string
			old, now *openapi3.OAuthFlow
		}{
			{"implicit", old.Value.Flows.Implicit, scheme.Value.Flows.Implicit},
			{"password", old.Value.Flows.Password, scheme.Value.Flows.Password},
			{"clientCredentials", old.Value.Flows.ClientCredentials, scheme.Value.Flows.ClientCredentials},
			{"authorizationCode", old.Value.Flows.AuthorizationCode, scheme.Value.Flows.AuthorizationCode},
		} {
			if flow.old != nil && flow.now == nil {
				place := step(f.doc, f.doc.RootPlace("components", "securitySchemes", name), "flows")
				f.add(flowRemoved, place, "", fmt.Sprintf("the flow `%s` of the security scheme `%s` was removed", flow.name, name))
			}
		}
	}
}

func (f *finder) links(was, now openapi3.Links, place source.Place, operation, status string) {
	for _, key := range sortedKeys(was, nil) {
		old, link := was[key], now[key]
		switch {
		case old == nil || old.Value == nil:
		case link == nil || link.Value == nil:
			f.add(linkRemoved, step(f.doc, place, "links"), operation, fmt.Sprintf("the link `%s` of the response %s was removed", key, status))
		case old.Value.OperationID != link.Value.OperationID || old.Value.OperationRef != link.Value.OperationRef ||
			text(old.Value.Server) != text(link.Value.Server) || text(old.Value.Parameters) != text(link.Value.Parameters) || text(old.Value.RequestBody) != text(link.Value.RequestBody):
			f.add(linkChanged, step(f.doc, place, "links", key), operation, fmt.Sprintf("the link `%s` of the response %s leads elsewhere", key, status))
		}
	}
}
