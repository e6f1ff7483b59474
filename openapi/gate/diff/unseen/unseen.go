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

// Find returns the changes from one version to the next, in no order. Afterwards the schemas have no
// `not` any more: the library takes what it excludes for what is allowed.
func Find(before, after Contract) []Change {
	f := &finder{doc: after.Doc, graph: graph{}}
	f.servers("every operation that has no servers of its own", before.Spec.Servers, after.Spec.Servers, after.Doc.RootPlace(), "")
	olds := map[string]*operation{}
	for _, o := range operations(before) {
		olds[o.key()] = o
	}
	for _, now := range operations(after) {
		if was := olds[now.key()]; was != nil {
			f.operation(was, now)
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
	name := o.method + " " + o.path
	if o.value.OperationID != "" {
		name += " (" + o.value.OperationID + ")"
	}
	return name
}

// template returns a path without the names of its parameters.
func template(path string) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(path, "{")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		b.WriteString("{}")
		_, path, _ = strings.Cut(rest, "}")
	}
}

// variables returns the names of the parameters of a path in their order.
func variables(path string) []string {
	var names []string
	for {
		_, rest, ok := strings.Cut(path, "{")
		if !ok {
			return names
		}
		var name string
		name, path, _ = strings.Cut(rest, "}")
		names = append(names, name)
	}
}

func operations(c Contract) []*operation {
	var list []*operation
	for path, item := range c.Spec.Paths.Map() {
		list = append(list, itemOperations(c.Doc, path, item, c.Doc.RootPlace("paths", path))...)
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
func (f *finder) operation(was, now *operation) {
	name := now.name()
	switch {
	case was.value.Servers != nil || now.value.Servers != nil:
		f.servers("the operation", effective(was), effective(now), now.place, name)
	case len(was.item.Servers) > 0 || len(now.item.Servers) > 0:
		f.servers("the path", was.item.Servers, now.item.Servers, now.itemPlace, name)
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
	f.callbacks(was.value.Callbacks, now.value.Callbacks, now.place, name)
}

func (f *finder) links(was, now openapi3.Links, place source.Place, operation, status string) {
	for _, key := range sortedKeys(was, nil) {
		old, link := was[key], now[key]
		switch {
		case old == nil || old.Value == nil:
		case link == nil || link.Value == nil:
			f.add(linkRemoved, step(f.doc, place, "links"), operation, fmt.Sprintf("the link `%s` of the response %s was removed", key, status))
		case old.Value.OperationID != link.Value.OperationID || old.Value.OperationRef != link.Value.OperationRef ||
			text(old.Value.Parameters) != text(link.Value.Parameters) || text(old.Value.RequestBody) != text(link.Value.RequestBody):
			f.add(linkChanged, step(f.doc, place, "links", key), operation, fmt.Sprintf("the link `%s` of the response %s leads elsewhere", key, status))
		}
	}
}
