package diff

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oasdiff/oasdiff/checker"
)

// shared holds the bodies of responses that several operations have in both versions, such as those
// of errors. The library walks through all that a body contains, for each operation and each of its
// checks; here it does so once for all of them.
type shared map[string][]member

// member is an operation that has a shared body.
type member struct{ method, path, id string }

// body is what makes two operations have the same body: its status, and its schemas in both
// versions.
type body struct {
	status, schemas string
}

// share takes the bodies that several operations share out of these, and gives each to an operation
// of its own, in both versions.
func share(before, after *openapi3.T) shared {
	type user struct {
		member
		old, now *openapi3.Operation
	}
	users := map[body][]user{}
	var order []body
	for _, path := range before.Paths.InMatchingOrder() {
		item, other := before.Paths.Value(path), after.Paths.Value(path)
		if item == nil || other == nil {
			continue
		}
		operations := item.Operations()
		for _, method := range slices.Sorted(maps.Keys(operations)) {
			old, now := operations[method], other.GetOperation(method)
			if now == nil || old.Extensions[stability] != nil || now.Extensions[stability] != nil {
				continue
			}
			for _, status := range old.Responses.Keys() {
				b, ok := bodyOf(status, old.Responses.Value(status), now.Responses.Value(status))
				if !ok {
					continue
				}
				if users[b] == nil {
					order = append(order, b)
				}
				users[b] = append(users[b], user{member{method, path, now.OperationID}, old, now})
			}
		}
	}
	s := shared{}
	for _, b := range order {
		list := users[b]
		if len(list) < 2 {
			continue
		}
		path := fmt.Sprintf("/\x00%d", len(s))
		before.Paths.Set(path, carry(b.status, list[0].old))
		after.Paths.Set(path, carry(b.status, list[0].now))
		for _, u := range list {
			s[path] = append(s[path], u.member)
			empty(u.old, b.status)
			empty(u.now, b.status)
		}
	}
	return s
}

// stability is the extension by which the library leaves operations out.
const stability = "x-stability-level"

// bodyOf returns what identifies the body of a response, if it is one that can be shared.
func bodyOf(status string, old, now *openapi3.ResponseRef) (body, bool) {
	if old == nil || now == nil || old.Value == nil || now.Value == nil || len(old.Value.Content) == 0 || len(old.Value.Content) != len(now.Value.Content) {
		return body{}, false
	}
	var parts []string
	for mediaType, was := range old.Value.Content {
		is := now.Value.Content[mediaType]
		if is == nil || was == nil || was.Schema == nil || is.Schema == nil || was.Schema.Value == nil || is.Schema.Value == nil || len(was.Encoding)+len(is.Encoding) > 0 {
			return body{}, false
		}
		parts = append(parts, fmt.Sprintf("%s %s %p %s %p", mediaType, was.Schema.Ref, was.Schema.Value, is.Schema.Ref, is.Schema.Value))
	}
	slices.Sort(parts)
	return body{status, strings.Join(parts, "\n")}, true
}

// carry returns a path with one operation, which has nothing but a response of another one.
func carry(status string, from *openapi3.Operation) *openapi3.PathItem {
	response := *from.Responses.Value(status).Value
	response.Headers, response.Links = nil, nil
	return &openapi3.PathItem{Get: &openapi3.Operation{
		Security:  &openapi3.SecurityRequirements{}, // none is inherited
		Responses: openapi3.NewResponses(openapi3.WithName(status, &response)),
	}}
}

// empty takes the body out of a response of an operation. The response itself may be others' too.
func empty(op *openapi3.Operation, status string) {
	ref := *op.Responses.Value(status)
	response := *ref.Value
	response.Content = nil
	ref.Value = &response
	responses := openapi3.NewResponsesWithCapacity(op.Responses.Len())
	for name, other := range op.Responses.Map() {
		responses.Set(name, other)
	}
	responses.Set(status, &ref)
	op.Responses = responses
}

// spreadOut gives each change of a shared body to the operations that have it.
func (s shared) spreadOut(changes checker.Changes, localize checker.Localizer) checker.Changes {
	if len(s) == 0 {
		return changes
	}
	var all checker.Changes
	for _, c := range changes {
		members := s[c.GetPath()]
		switch {
		case members == nil:
			all = append(all, c)
		case strings.HasPrefix(c.GetId(), "response"):
			text := c.GetUncolorizedText(localize)
			for _, m := range members {
				all = append(all, moved{Change: c, member: m, text: text})
			}
		}
	}
	return all
}

// moved is a change of an operation that the library did not see it in.
type moved struct {
	checker.Change
	member
	text string
}

func (m moved) GetOperation() string                        { return m.method }
func (m moved) GetPath() string                             { return m.path }
func (m moved) GetOperationId() string                      { return m.id }
func (m moved) GetUncolorizedText(checker.Localizer) string { return m.text }
