package diff_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/diff"
)

// effect is what a change does to the set of values that a construct allows.
type effect string

const (
	narrower effect = "narrower" // some values are no longer allowed
	wider    effect = "wider"    // some values are newly allowed
	other    effect = "other"    // both
	same     effect = "same"     // neither
)

func (e effect) reverse() effect {
	switch e {
	case narrower:
		return wider
	case wider:
		return narrower
	}
	return e
}

// keyword is a change of a schema, written as flow YAML.
type keyword struct {
	name, before, after string
	effect              effect
	// mild is set where the change is told as a warning or a note in either direction.
	mild bool
}

var keywords = []keyword{
	{name: "type", before: "type: string", after: "type: integer", effect: other},
	{name: "type generalized", before: "type: integer", after: "type: number", effect: wider},
	{name: "type set", before: "", after: "type: string", effect: narrower},
	{name: "format set", before: "type: string", after: "type: string, format: uuid", effect: narrower},
	{name: "format", before: "type: string, format: date", after: "type: string, format: uuid", effect: other},
	{name: "integer format", before: "type: integer, format: int64", after: "type: integer, format: int32", effect: narrower},
	{name: "enum set", before: "type: string", after: "type: string, enum: [a, b]", effect: narrower},
	{name: "enum value removed", before: "type: string, enum: [a, b]", after: "type: string, enum: [a]", effect: narrower},
	{name: "enum value replaced", before: "type: string, enum: [a, b]", after: "type: string, enum: [a, c]", effect: other},
	{name: "pattern set", before: "type: string", after: "type: string, pattern: '^a$'", effect: narrower},
	{name: "pattern", before: "type: string, pattern: '^b$'", after: "type: string, pattern: '^a$'", effect: other},
	{name: "minLength set", before: "type: string", after: "type: string, minLength: 2", effect: narrower},
	{name: "minLength", before: "type: string, minLength: 2", after: "type: string, minLength: 3", effect: narrower},
	{name: "maxLength set", before: "type: string", after: "type: string, maxLength: 2", effect: narrower},
	{name: "maxLength", before: "type: string, maxLength: 3", after: "type: string, maxLength: 2", effect: narrower},
	{name: "minimum set", before: "type: integer", after: "type: integer, minimum: 2", effect: narrower},
	{name: "minimum", before: "type: integer, minimum: 2", after: "type: integer, minimum: 3", effect: narrower},
	{name: "maximum set", before: "type: integer", after: "type: integer, maximum: 2", effect: narrower},
	{name: "maximum", before: "type: integer, maximum: 3", after: "type: integer, maximum: 2", effect: narrower},
	{name: "exclusiveMinimum", before: "type: integer, minimum: 2", after: "type: integer, minimum: 2, exclusiveMinimum: true", effect: narrower},
	{name: "exclusiveMaximum", before: "type: integer, maximum: 2", after: "type: integer, maximum: 2, exclusiveMaximum: true", effect: narrower},
	{name: "multipleOf set", before: "type: integer", after: "type: integer, multipleOf: 2", effect: narrower},
	{name: "multipleOf", before: "type: integer, multipleOf: 2", after: "type: integer, multipleOf: 4", effect: narrower},
	{name: "multipleOf other", before: "type: integer, multipleOf: 2", after: "type: integer, multipleOf: 3", effect: other},
	{name: "nullable", before: "type: string, nullable: true", after: "type: string", effect: narrower},
	{name: "minItems set", before: "type: array, items: {type: string}", after: "type: array, items: {type: string}, minItems: 1", effect: narrower},
	{name: "minItems", before: "type: array, items: {type: string}, minItems: 1", after: "type: array, items: {type: string}, minItems: 2", effect: narrower},
	{name: "maxItems set", before: "type: array, items: {type: string}", after: "type: array, items: {type: string}, maxItems: 1", effect: narrower},
	{name: "maxItems", before: "type: array, items: {type: string}, maxItems: 2", after: "type: array, items: {type: string}, maxItems: 1", effect: narrower},
	{name: "uniqueItems", before: "type: array, items: {type: string}", after: "type: array, items: {type: string}, uniqueItems: true", effect: narrower},
	{name: "items", before: "type: array, items: {type: string}", after: "type: array, items: {type: integer}", effect: other},
	{name: "items narrower", before: "type: array, items: {type: string}", after: "type: array, items: {type: string, maxLength: 4}", effect: narrower},
	{name: "items enum", before: "type: array, items: {type: string, enum: [a, b]}", after: "type: array, items: {type: string, enum: [a]}", effect: narrower},
	{name: "required", before: "type: object, properties: {a: {type: string}}", after: "type: object, properties: {a: {type: string}}, required: [a]", effect: narrower},
	{name: "required property added", before: "type: object, properties: {a: {type: string}}", after: "type: object, properties: {a: {type: string}, b: {type: string}}, required: [b]", effect: narrower},
	{name: "optional property removed", before: "type: object, properties: {a: {type: string}, b: {type: string}}", after: "type: object, properties: {a: {type: string}}", mild: true},
	{name: "property type", before: "type: object, properties: {a: {type: string}}", after: "type: object, properties: {a: {type: integer}}", effect: other},
	{name: "property narrower", before: "type: object, properties: {a: {type: string}}", after: "type: object, properties: {a: {type: string, maxLength: 9}}", effect: narrower},
	{name: "additionalProperties forbidden", before: "type: object, properties: {a: {type: string}}", after: "type: object, properties: {a: {type: string}}, additionalProperties: false", effect: narrower},
	{name: "additionalProperties typed", before: "type: object", after: "type: object, additionalProperties: {type: string}", effect: narrower},
	{name: "additionalProperties narrower", before: "type: object, additionalProperties: {type: string}", after: "type: object, additionalProperties: {type: string, maxLength: 3}", effect: narrower},
	{name: "minProperties set", before: "type: object", after: "type: object, minProperties: 1", effect: narrower},
	{name: "minProperties", before: "type: object, minProperties: 1", after: "type: object, minProperties: 2", effect: narrower},
	{name: "maxProperties set", before: "type: object", after: "type: object, maxProperties: 1", effect: narrower},
	{name: "maxProperties", before: "type: object, maxProperties: 2", after: "type: object, maxProperties: 1", effect: narrower},
	{name: "allOf part", before: "allOf: [{type: object}]", after: "allOf: [{type: object}, {type: object, minProperties: 2}]", effect: narrower},
	{name: "oneOf member removed", before: "oneOf: [{$ref: '#/components/schemas/A'}, {$ref: '#/components/schemas/B'}]", after: "oneOf: [{$ref: '#/components/schemas/A'}]", effect: narrower},
	{name: "anyOf member removed", before: "anyOf: [{$ref: '#/components/schemas/A'}, {$ref: '#/components/schemas/B'}]", after: "anyOf: [{$ref: '#/components/schemas/A'}]", effect: narrower},
	{name: "oneOf member narrower", before: "oneOf: [{title: X, type: string}, {title: Y, type: integer}]", after: "oneOf: [{title: X, type: string, maxLength: 3}, {title: Y, type: integer}]", effect: narrower},
	{name: "not set", before: "type: string", after: "type: string, not: {enum: [a]}", effect: narrower},
	{name: "not narrower", before: "type: string, not: {enum: [a, b]}", after: "type: string, not: {enum: [a]}", effect: wider},
	{name: "discriminator mapping removed", before: "oneOf: [{$ref: '#/components/schemas/A'}, {$ref: '#/components/schemas/B'}], discriminator: {propertyName: k, mapping: {a: '#/components/schemas/A', b: '#/components/schemas/B', c: '#/components/schemas/B'}}",
		after: "oneOf: [{$ref: '#/components/schemas/A'}, {$ref: '#/components/schemas/B'}], discriminator: {propertyName: k, mapping: {a: '#/components/schemas/A', b: '#/components/schemas/B'}}", effect: narrower},
	{name: "discriminator mapping renamed", before: "oneOf: [{$ref: '#/components/schemas/A'}, {$ref: '#/components/schemas/B'}], discriminator: {propertyName: k, mapping: {a: '#/components/schemas/A', b: '#/components/schemas/B'}}",
		after: "oneOf: [{$ref: '#/components/schemas/A'}, {$ref: '#/components/schemas/B'}], discriminator: {propertyName: k, mapping: {a: '#/components/schemas/A', c: '#/components/schemas/B'}}", effect: other},
	{name: "discriminator mapping changed", before: "oneOf: [{$ref: '#/components/schemas/A'}, {$ref: '#/components/schemas/B'}], discriminator: {propertyName: k, mapping: {a: '#/components/schemas/A', b: '#/components/schemas/B'}}",
		after: "oneOf: [{$ref: '#/components/schemas/A'}, {$ref: '#/components/schemas/B'}], discriminator: {propertyName: k, mapping: {a: '#/components/schemas/B', b: '#/components/schemas/B'}}", effect: other},
	{name: "discriminator property", before: "oneOf: [{$ref: '#/components/schemas/A'}], discriminator: {propertyName: k}", after: "oneOf: [{$ref: '#/components/schemas/A'}], discriminator: {propertyName: a}", effect: other},
	{name: "discriminator removed", before: "oneOf: [{$ref: '#/components/schemas/A'}], discriminator: {propertyName: k}", after: "oneOf: [{$ref: '#/components/schemas/A'}]", mild: true},
	{name: "default", before: "type: string, default: a", after: "type: string, default: b", mild: true},
	{name: "default removed", before: "type: string, default: a", after: "type: string", mild: true},
	{name: "readOnly", before: "type: object, properties: {a: {type: string}}", after: "type: object, properties: {a: {type: string, readOnly: true}}", mild: true},
	{name: "writeOnly", before: "type: object, properties: {a: {type: string}}", after: "type: object, properties: {a: {type: string, writeOnly: true}}", mild: true},
	{name: "title", before: "type: string, title: A", after: "type: string, title: B", effect: same},
	{name: "description", before: "type: string, description: A", after: "type: string, description: B", effect: same},
	{name: "example", before: "type: string, example: A", after: "type: string, example: B", effect: same},
	{name: "deprecated", before: "type: string", after: "type: string, deprecated: true", effect: same},
	{name: "externalDocs", before: "type: string, externalDocs: {url: 'http://a'}", after: "type: string, externalDocs: {url: 'http://b'}", effect: same},
}

// spot is a place of a document at which a schema may stand.
type spot struct {
	name string
	// sends is set where callers send the value; others receive it.
	sends  bool
	format string
}

const document = `openapi: 3.0.3
info: {title: T, version: '1'}
paths:
  /a:
    post:
      operationId: a
%s
components:
  schemas:
    A: {type: object, required: [k], properties: {k: {type: string}, a: {type: string}}}
    B: {type: object, required: [k], properties: {k: {type: string}, b: {type: string}}}
`

const (
	ok   = "      responses: {'204': {description: ok}}"
	body = "      requestBody: {content: {application/json: {schema: %s}}}\n" + ok
	resp = "      responses: {'200': {description: ok, content: {application/json: {schema: %s}}}}"
)

var spots = []spot{
	{"parameter", true, "      parameters: [{name: q, in: query, schema: {%s}}]\n" + ok},
	{"parameter items", true, "      parameters: [{name: q, in: query, schema: {type: array, items: {%s}}}]\n" + ok},
	{"parameter property", true, "      parameters: [{name: q, in: query, style: deepObject, schema: {type: object, properties: {p: {%s}}}}]\n" + ok},
	{"parameter content", true, "      parameters: [{name: q, in: query, content: {application/json: {schema: {%s}}}}]\n" + ok},
	{"header parameter", true, "      parameters: [{name: q, in: header, schema: {%s}}]\n" + ok},
	{"body", true, strings.Replace(body, "%s", "{%s}", 1)},
	{"body property", true, strings.Replace(body, "%s", "{type: object, properties: {p: {%s}}}", 1)},
	{"body items", true, strings.Replace(body, "%s", "{type: array, items: {%s}}", 1)},
	{"body additional", true, strings.Replace(body, "%s", "{type: object, additionalProperties: {%s}}", 1)},
	{"body allOf", true, strings.Replace(body, "%s", "{allOf: [{$ref: '#/components/schemas/A'}, {type: object, properties: {p: {%s}}}]}", 1)},
	{"body oneOf", true, strings.Replace(body, "%s", "{oneOf: [{$ref: '#/components/schemas/A'}, {title: P, type: object, properties: {p: {%s}}}]}", 1)},
	{"response", false, strings.Replace(resp, "%s", "{%s}", 1)},
	{"response property", false, strings.Replace(resp, "%s", "{type: object, properties: {p: {%s}}}", 1)},
	{"response items", false, strings.Replace(resp, "%s", "{type: array, items: {%s}}", 1)},
	{"response additional", false, strings.Replace(resp, "%s", "{type: object, additionalProperties: {%s}}", 1)},
	{"response allOf", false, strings.Replace(resp, "%s", "{allOf: [{$ref: '#/components/schemas/A'}, {type: object, properties: {p: {%s}}}]}", 1)},
	{"response oneOf", false, strings.Replace(resp, "%s", "{oneOf: [{$ref: '#/components/schemas/A'}, {title: P, type: object, properties: {p: {%s}}}]}", 1)},
	{"response header", false, "      responses: {'200': {description: ok, headers: {X: {schema: {%s}}}}}"},
	{"response header items", false, "      responses: {'200': {description: ok, headers: {X: {schema: {type: array, items: {%s}}}}}}"},
	{"callback body", false, "      callbacks: {c: {'{$request.query.u}': {post: {requestBody: {content: {application/json: {schema: {%s}}}}, responses: {'204': {description: ok}}}}}}\n" + ok},
	{"callback parameter", false, "      callbacks: {c: {'{$request.query.u}': {post: {parameters: [{name: q, in: query, schema: {%s}}], responses: {'204': {description: ok}}}}}}\n" + ok},
	{"callback response", true, "      callbacks: {c: {'{$request.query.u}': {post: {responses: {'200': {description: ok, content: {application/json: {schema: {%s}}}}}}}}}\n" + ok},
}

func TestConstructs(t *testing.T) {
	for _, s := range spots {
		for _, k := range keywords {
			for _, back := range []bool{false, true} {
				before, after, e := k.before, k.after, k.effect
				name := s.name + "/" + k.name
				if back {
					before, after, e, name = after, before, e.reverse(), name+" (back)"
				}
				page := func(schema string) string {
					return fmt.Sprintf(document, fmt.Sprintf(s.format, schema))
				}
				if strings.HasPrefix(s.name, "body oneOf") || true {
				}
				r := compare(t, page(before), page(after))
				breaks := e == other || s.sends && e == narrower || !s.sends && e == wider
				fmt.Println(verdictLine(name, breaks, k.mild, r))
			}
		}
	}
}

func verdictLine(name string, breaks, mild bool, r diff.Result) string {
	state := "ok"
	switch {
	case mild && len(r.Breaking) == 0 && len(r.Requirements) == 0:
		state = "MILDSILENT"
	case mild:
		state = "mild"
	case breaks && len(r.Breaking) == 0:
		state = "SILENT"
	case !breaks && len(r.Breaking) > 0:
		state = "FALSE"
	case len(r.Breaking) > 1:
		state = "MULTI"
	}
	var ids []string
	for _, f := range r.Breaking {
		ids = append(ids, string(f.Level)[:1]+":"+f.Rule)
	}
	for _, f := range r.Requirements {
		ids = append(ids, string(f.Level)[:1]+":"+f.Rule)
	}
	return fmt.Sprintf("%s\t%s\t%s", state, name, strings.Join(ids, ","))
}
