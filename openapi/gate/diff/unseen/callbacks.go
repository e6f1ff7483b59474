package unseen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

// callbacks compares the callbacks of an operation. In them the server calls, and callers respond.
func (f *finder) callbacks(was, now openapi3.Callbacks, place source.Place, operation string) {
	for _, name := range sortedKeys(was, now) {
		olds, news := f.sent(was[name], source.Place{}), f.sent(now[name], step(f.doc, place, "callbacks", name))
		for _, key := range sortedKeys(olds, news) {
			old, call := olds[key], news[key]
			switch {
			case call == nil:
				f.add(callbackRemoved, step(f.doc, place, "callbacks", name), operation, fmt.Sprintf("the callback `%s` no longer sends %s", name, key))
			case old == nil:
				f.add(callbackAdded, call.place, operation, fmt.Sprintf("the callback `%s` sends %s", name, key))
			default:
				f.callback(old, call, name, operation)
			}
		}
	}
}

// sent returns the operations of a callback.
func (f *finder) sent(ref *openapi3.CallbackRef, place source.Place) map[string]*operation {
	all := map[string]*operation{}
	if ref == nil || ref.Value == nil {
		return all
	}
	for expression, item := range ref.Value.Map() {
		for _, o := range itemOperations(f.doc, expression, item, step(f.doc, place, expression)) {
			all[o.method+" "+expression] = o
		}
	}
	return all
}

func (f *finder) callback(was, now *operation, name, operation string) {
	what := fmt.Sprintf("the callback `%s`", name)
	f.parameters(was, now, callbackRequest, operation)
	for _, key := range lacking(sortedKeys(was.parameters(nil), nil), sortedKeys(now.parameters(nil), nil)) {
		f.add(callbackRequest.rules()[altered], now.place, operation, fmt.Sprintf("%s no longer sends the parameter `%s`", what, key[strings.Index(key, " ")+1:]))
	}
	if b, a := was.value.RequestBody, now.value.RequestBody; b != nil && a != nil && b.Value != nil && a.Value != nil {
		place := step(f.doc, now.place, "requestBody")
		for _, mediaType := range lacking(sortedKeys(a.Value.Content, nil), sortedKeys(b.Value.Content, nil)) {
			f.add(callbackRequest.rules()[wider], step(f.doc, place, "content", mediaType), operation, fmt.Sprintf("%s sends `%s`", what, mediaType))
		}
		f.content(b.Value.Content, a.Value.Content, carrier{subject: callbackRequest, operation: operation, what: "the request body of " + what, place: place})
	} else if b != nil && a == nil {
		f.add(callbackRequest.rules()[altered], now.place, operation, what+" no longer has a request body")
	}
	for _, status := range sortedKeys(was.value.Responses.Map(), nil) {
		old, ref := was.value.Responses.Value(status), accepted(now.value.Responses, status)
		place := step(f.doc, now.place, "responses", status)
		switch {
		case old == nil || old.Value == nil:
		case ref == nil || ref.Value == nil:
			f.add(callbackStatusRemoved, place, operation, fmt.Sprintf("%s no longer accepts the response %s", what, status))
		default:
			of := fmt.Sprintf("the response %s to %s", status, what)
			for _, mediaType := range lacking(sortedKeys(old.Value.Content, nil), sortedKeys(ref.Value.Content, nil)) {
				if len(ref.Value.Content) > 0 {
					f.add(callbackResponse.rules()[narrower], step(f.doc, place, "content"), operation, fmt.Sprintf("%s may no longer be `%s`", of, mediaType))
				}
			}
			f.content(old.Value.Content, ref.Value.Content, carrier{subject: callbackResponse, operation: operation, what: of, place: place})
		}
	}
}

// accepted returns the response that is for a status.
func accepted(responses *openapi3.Responses, status string) *openapi3.ResponseRef {
	for _, key := range []string{status, status[:min(1, len(status))] + "XX", "default"} {
		if i := slices.IndexFunc(sortedKeys(responses.Map(), nil), func(k string) bool { return strings.EqualFold(k, key) }); i >= 0 {
			return responses.Value(sortedKeys(responses.Map(), nil)[i])
		}
	}
	return nil
}
