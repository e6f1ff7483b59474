package unseen

import (
	"slices"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
)

// Rule is a kind of change.
type Rule struct {
	finding.Rule
	// Affects says who breaks.
	Affects string
}

const (
	keepAccepting = "Keep accepting the old requests: make what is new optional, and do not tighten what is there."
	keepPromise   = "Keep the old promise beside the new one, or release the change under a new path such as /v2."
	newCase       = "Add a conformance case for it, so that implementations learn of it."

	sendOld  = "callers that send what used to be accepted and is now rejected or read differently"
	readOld  = "callers that read the response and rely on the old promise"
	receive  = "those who receive the callback and rely on what it used to send"
	respond  = "those who respond to the callback as they used to"
	implants = "implementations that satisfy only the old contract"
)

// rule makes a kind of change.
func rule(id string, level finding.Level, affects, fix string) Rule {
	return Rule{finding.Rule{ID: id, Level: level, Title: id, Why: "It breaks " + affects + ".", Fix: fix}, affects}
}

var (
	serverRemoved = rule("server-removed", finding.Warning, "callers that use the old URL, if it no longer works", "Keep the old server in the list for as long as it works.")
	serverDefault = rule("server-variable-default-changed", finding.Warning, "callers that leave the variable alone, and reach another server", "Keep the old default, and let callers choose the new value.")

	parameterSerialized   = rule("request-parameter-serialization-changed", finding.Error, sendOld, keepAccepting)
	headerSerialized      = rule("response-header-serialization-changed", finding.Error, "callers that read the header", keepPromise)
	requestEncoding       = rule("request-body-encoding-changed", finding.Error, sendOld, keepAccepting)
	responseEncoding      = rule("response-body-encoding-changed", finding.Error, readOld, keepPromise)
	parameterReserved     = rule("request-parameter-reserved-changed", finding.Error, sendOld, keepAccepting)
	linkRemoved           = rule("response-link-removed", finding.Warning, "callers that follow the link", keepPromise)
	linkChanged           = rule("response-link-changed", finding.Warning, "callers that follow the link", keepPromise)
	headerRequired        = rule("response-required-header-added", finding.Note, implants, newCase)
	callbackRemoved       = rule("callback-removed", finding.Error, "those who wait for the callback", "Keep sending the callback, or release the change under a new path such as /v2.")
	callbackAdded         = rule("callback-added", finding.Note, implants, newCase)
	additionalSent        = rule("request-additional-properties-narrowed", finding.Error, sendOld, keepAccepting)
	additionalRead        = rule("response-additional-properties-widened", finding.Warning, readOld, keepPromise)
	defaultRemoved        = rule("response-default-removed", finding.Warning, readOld, keepPromise)
	operationEnded        = rule("api-removed-after-sunset", finding.Note, "callers that still use it", "Nothing is to be done: its end had been announced.")
	flowRemoved           = rule("api-security-oauth-flow-removed", finding.Error, "callers that authenticate as before", "Accept the old credentials beside the new ones.")
	callbackStatusRemoved = rule("callback-response-status-removed", finding.Error, respond, "Keep accepting the old response.")
)

// subject is what a schema describes.
type subject string

const (
	request          subject = "request"
	response         subject = "response"
	callbackRequest  subject = "callback-request"
	callbackResponse subject = "callback-response"
)

// sent reports whether callers are those who send it.
func (s subject) sent() bool { return s == request || s == callbackResponse }

// rules returns what changes of a schema of a subject are, by their effect.
func (s subject) rules() map[effect]Rule {
	who := map[subject]string{request: sendOld, response: readOld, callbackRequest: receive, callbackResponse: respond}[s]
	fix := keepPromise
	if s.sent() {
		fix = keepAccepting
	}
	breaks := func(word string) Rule { return rule(string(s)+"-schema-"+word, finding.Error, who, fix) }
	demands := func(word string) Rule {
		return rule(string(s)+"-schema-"+word, finding.Note, implants, newCase)
	}
	list := map[effect]Rule{
		both:    breaks("changed"),
		altered: rule(string(s)+"-schema-altered", finding.Warning, who, fix),
		offered: rule(string(s)+"-schema-extended", finding.Note, implants, newCase),
	}
	if s.sent() {
		list[narrower], list[wider] = breaks("narrowed"), demands("widened")
	} else {
		list[narrower], list[wider] = demands("narrowed"), breaks("widened")
	}
	return list
}

// Demand reports whether a change asks more of implementations.
func (r Rule) Demand() bool { return r.Affects == implants }

// Rules returns all kinds of changes that this package finds.
func Rules() []Rule {
	list := []Rule{
		serverRemoved, serverDefault, parameterSerialized, parameterReserved, headerSerialized, requestEncoding, responseEncoding, headerRequired,
		linkRemoved, linkChanged, defaultRemoved, operationEnded, flowRemoved, callbackRemoved, callbackAdded, callbackStatusRemoved, additionalSent, additionalRead,
	}
	for _, s := range []subject{request, response, callbackRequest, callbackResponse} {
		rules := s.rules()
		for _, e := range []effect{narrower, wider, both, altered, offered} {
			list = append(list, rules[e])
		}
	}
	return list
}

// of returns the rule for a change of a keyword.
func (s subject) of(l local) Rule {
	if l.keyword == "additionalProperties" {
		switch {
		case s == request && l.effect == narrower:
			return additionalSent
		case s == response && l.effect == wider:
			return additionalRead
		}
	}
	return s.rules()[l.effect]
}

// What the library looks at by itself, of the schema of a body and of those inside it, of that of a
// parameter, and of that of a header: the rest of it is compared here.
var (
	numeric  = []string{"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"}
	ofBody   = slices.Concat(numeric, []string{"type", "format", "enum", "pattern", "multipleOf", "nullable", "uniqueItems", "default", "discriminator", "properties", "required", "items", "allOf", "oneOf", "anyOf"})
	ofParam  = slices.Concat(numeric, []string{"type", "format", "enum", "pattern", "multipleOf", "nullable", "default"})
	ofHeader = slices.Concat(numeric, []string{"type", "format", "multipleOf", "nullable"})
)
