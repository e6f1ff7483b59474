package diff_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/diff"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
)

// outcome is what diff has to say to a change.
type outcome string

const (
	breaks outcome = "breaks" // an error or a warning
	told   outcome = "told"   // a note, and no more
	silent outcome = "silent"
	// quiet is told or silent: nobody breaks.
	quiet outcome = "quiet"
)

// effect is what a change does to the set of values that a schema allows.
type effect string

const (
	narrower effect = "narrower"
	wider    effect = "wider"
	other    effect = "other"
	same     effect = "same"
)

// keyword is a change of a schema, written as flow YAML.
type keyword struct {
	name, before, after string
	effect              effect
	// Where there is no effect: what diff says to the change and to its reverse, where callers
	// send the value, and where they receive it.
	sent, sentBack, received, receivedBack outcome
}

// outcome returns what diff has to say.
func (k keyword) outcome(s spot, back bool) outcome {
	if k.effect == "" {
		return map[[2]bool]outcome{{true, false}: k.sent, {true, true}: k.sentBack, {false, false}: k.received, {false, true}: k.receivedBack}[[2]bool{s.sends, back}]
	}
	if text, ok := s.texts[k.name]; ok { // written as text, every value is a string
		if back {
			return text[1]
		}
		return text[0]
	}
	switch {
	case k.effect == same:
		return silent
	case k.effect == other, (k.effect == narrower) == (s.sends != back):
		return breaks
	}
	return quiet
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
	{name: "required property added", before: "type: object, properties: {a: {type: string}}", after: "type: object, properties: {a: {type: string}, b: {type: string}}, required: [b]", sent: breaks, sentBack: breaks, received: told, receivedBack: breaks},
	{name: "optional property removed", before: "type: object, properties: {a: {type: string}, b: {type: string}}", after: "type: object, properties: {a: {type: string}}", sent: breaks, sentBack: told, received: breaks, receivedBack: told},
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
	{name: "discriminator removed", before: "oneOf: [{$ref: '#/components/schemas/A'}], discriminator: {propertyName: k}", after: "oneOf: [{$ref: '#/components/schemas/A'}]", sent: breaks, sentBack: breaks, received: breaks, receivedBack: told},
	{name: "default", before: "type: string, default: a", after: "type: string, default: b", sent: breaks, sentBack: breaks, received: breaks, receivedBack: breaks},
	{name: "default removed", before: "type: string, default: a", after: "type: string", sent: breaks, sentBack: silent, received: breaks, receivedBack: silent},
	{name: "readOnly", before: "type: object, properties: {a: {type: string}}", after: "type: object, properties: {a: {type: string, readOnly: true}}", sent: breaks, sentBack: told, received: silent, receivedBack: silent},
	{name: "writeOnly", before: "type: object, properties: {a: {type: string}}", after: "type: object, properties: {a: {type: string, writeOnly: true}}", sent: silent, sentBack: silent, received: breaks, receivedBack: told},
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
	sends bool
	// operation is an operation with the schema as %s.
	operation string
	// texts are the outcomes, forth and back, that differ where values are written as text.
	texts map[string][2]outcome
}

const (
	ok     = "responses: {'204': {description: ok}}"
	body   = "requestBody: {content: {application/json: {schema: %s}}}, " + ok
	answer = "responses: {'200': {description: ok, content: {application/json: {schema: %s}}}}"
	event  = "callbacks: {c: {'{$request.query.u}': {post: {%s}}}}, " + ok
)

var (
	// A number that is sent where a string is asked for is one.
	sentText = map[string][2]outcome{"type": {breaks, quiet}, "type set": {quiet, quiet}, "items": {breaks, quiet}, "property type": {breaks, quiet}}
	// So is a header that used to be any string.
	readText = map[string][2]outcome{"type": {quiet, breaks}, "type set": {quiet, quiet}}
)

func at(format, schema string) string { return strings.Replace(format, "%s", schema, 1) }

var spots = []spot{
	{"parameter", true, "parameters: [{name: q, in: query, schema: {%s}}], " + ok, sentText},
	{"parameter items", true, "parameters: [{name: q, in: query, schema: {type: array, items: {%s}}}], " + ok, sentText},
	{"parameter property", true, "parameters: [{name: q, in: query, style: deepObject, schema: {type: object, properties: {p: {%s}}}}], " + ok, sentText},
	{"parameter content", true, "parameters: [{name: q, in: query, content: {application/json: {schema: {%s}}}}], " + ok, nil},
	{"header parameter", true, "parameters: [{name: q, in: header, schema: {%s}}], " + ok, sentText},
	{"body", true, at(body, "{%s}"), nil},
	{"body property", true, at(body, "{type: object, properties: {p: {%s}}}"), nil},
	{"body items", true, at(body, "{type: array, items: {%s}}"), nil},
	{"body additional", true, at(body, "{type: object, additionalProperties: {%s}}"), nil},
	{"body allOf", true, at(body, "{allOf: [{$ref: '#/components/schemas/A'}, {type: object, properties: {p: {%s}}}]}"), nil},
	{"body oneOf", true, at(body, "{oneOf: [{$ref: '#/components/schemas/A'}, {title: P, type: object, properties: {p: {%s}}}]}"), nil},
	{"response", false, at(answer, "{%s}"), nil},
	{"response property", false, at(answer, "{type: object, properties: {p: {%s}}}"), nil},
	{"response items", false, at(answer, "{type: array, items: {%s}}"), nil},
	{"response additional", false, at(answer, "{type: object, additionalProperties: {%s}}"), nil},
	{"response allOf", false, at(answer, "{allOf: [{$ref: '#/components/schemas/A'}, {type: object, properties: {p: {%s}}}]}"), nil},
	{"response oneOf", false, at(answer, "{oneOf: [{$ref: '#/components/schemas/A'}, {title: P, type: object, properties: {p: {%s}}}]}"), nil},
	{"response header", false, "responses: {'200': {description: ok, headers: {X: {schema: {%s}}}}}", readText},
	{"response header items", false, "responses: {'200': {description: ok, headers: {X: {schema: {type: array, items: {%s}}}}}}", nil},
	{"callback body", false, at(event, at(body, "{%s}")), nil},
	{"callback parameter", false, at(event, "parameters: [{name: q, in: query, schema: {%s}}], "+ok), nil},
	{"callback response", true, at(event, at(answer, "{%s}")), nil},
}

const components = `components:
  schemas:
    A: {type: object, required: [k], properties: {k: {type: string}, a: {type: string}}}
    B: {type: object, required: [k], properties: {k: {type: string}, b: {type: string}}}
`

// page writes a document with one path for each item, each in a line of its own.
func page(items []string) string {
	var b strings.Builder
	b.WriteString("openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths:\n")
	for i, item := range items {
		fmt.Fprintf(&b, "  /p%d:\n    %s\n", i, item)
	}
	return b.String() + components
}

// said returns what diff says to a path of a page.
func said(r diff.Result, i int) (o outcome, findings []finding.Finding) {
	of := func(list []finding.Finding) []finding.Finding {
		var own []finding.Finding
		for _, f := range list {
			if strings.Contains(f.Operation+" ", fmt.Sprintf(" /p%d ", i)) {
				own = append(own, f)
			}
		}
		return own
	}
	breaking, notes := of(r.Breaking), of(slices.Concat(r.Requirements, r.Notes))
	switch {
	case len(breaking) > 0:
		return breaks, breaking
	case len(notes) > 0:
		return told, notes
	}
	return silent, nil
}

func judge(t *testing.T, name, text string, want outcome, r diff.Result, i int) {
	t.Helper()
	got, findings := said(r, i)
	if got != want && (want != quiet || got == breaks) {
		t.Errorf("%s: %s, want %s: %s", name, got, want, shown(findings))
	}
	rules := map[string]bool{}
	for _, f := range findings {
		if got == breaks && rules[f.Rule] || got == breaks && len(findings) > 1 {
			t.Errorf("%s: one change is told as %s", name, shown(findings))
		}
		rules[f.Rule] = true
		// The path and its item stand in two lines.
		if line := strings.Index(text, fmt.Sprintf("  /p%d:\n", i)); f.Line-1-strings.Count(text[:line], "\n") > 1 || f.Line-1 < strings.Count(text[:line], "\n") {
			if !strings.Contains(f.Rule, "removed") {
				t.Errorf("%s: told at line %d: %s", name, f.Line, shown(findings))
			}
		}
	}
}

func shown(findings []finding.Finding) string {
	var lines []string
	for _, f := range findings {
		lines = append(lines, fmt.Sprintf("%s %s: %s", f.Level, f.Rule, f.Message))
	}
	return strings.Join(lines, " | ")
}

// Wherever a schema may stand, each of its keywords is changed, forth and back: diff is silent only
// where nobody breaks.
func TestSchemas(t *testing.T) {
	t.Parallel()
	for _, s := range spots {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			var before, after []string
			for _, k := range keywords {
				before = append(before, "post: {"+at(s.operation, k.before)+"}")
				after = append(after, "post: {"+at(s.operation, k.after)+"}")
			}
			forth, back := compare(t, page(before), page(after)), compare(t, page(after), page(before))
			for i, k := range keywords {
				judge(t, k.name, page(after), k.outcome(s, false), forth, i)
				judge(t, k.name+", back", page(before), k.outcome(s, true), back, i)
			}
		})
	}
}

// construct is a change of a path, written as flow YAML.
type construct struct {
	name, before, after string
	forth, back         outcome
}

const (
	get   = "get: {operationId: g, " + ok + "}"
	form  = "post: {requestBody: {content: {multipart/form-data: {schema: {type: object, properties: {a: {type: string}, l: {type: array, items: {type: string}}}}%s}}}, " + ok + "}"
	query = "get: {parameters: [{name: q, in: query%s}], " + ok + "}"
	head  = "get: {responses: {'200': {description: ok, headers: {X: {schema: {type: object, properties: {a: {type: string}}}%s}}}}}"
	link  = "get: {responses: {'200': {description: ok, links: {next: {%s}}}}}"
	sends = "post: {callbacks: {c: {'{$request.query.u}': {%s}}}, " + ok + "}"
	old   = "post: {deprecated: true%s, " + ok + "}"
	list  = ", schema: {type: array, items: {type: string}}"
)

var constructs = []construct{
	{"operation", get + ", post: {" + ok + "}", get, breaks, told},
	{"deprecated operation", get + ", " + at(old, ""), get, breaks, told},
	{"deprecated operation after its sunset", get + ", " + at(old, ", x-sunset: '2020-01-31'"), get, told, told},
	{"deprecated operation before its sunset", get + ", " + at(old, ", x-sunset: '2999-01-31'"), get, breaks, told},
	{"operationId", get, "get: {operationId: h, " + ok + "}", breaks, breaks},
	{"operationId removed", get, "get: {" + ok + "}", breaks, silent},
	{"tags", get, "get: {operationId: g, tags: [a], " + ok + "}", silent, silent},
	{"summary, description, externalDocs, deprecated", get, "get: {operationId: g, summary: S, description: D, externalDocs: {url: 'http://a', description: D}, deprecated: true, " + ok + "}", silent, silent},
	{"path summary", get, "summary: S, description: D, " + get, silent, silent},
	{"servers", "get: {servers: [{url: 'http://a'}], " + ok + "}", "get: {servers: [{url: 'http://b', description: B}], " + ok + "}", breaks, breaks},
	{"servers of the path", "servers: [{url: 'http://a'}], " + get, "servers: [{url: 'http://b'}], " + get, breaks, breaks},
	{"server added", "servers: [{url: 'http://a'}], " + get, "servers: [{url: 'http://b'}, {url: 'http://a/'}], " + get, silent, breaks},
	{"server variable", "servers: [{url: 'http://{a}', variables: {a: {default: x, enum: [x, y], description: V}}}], " + get, "servers: [{url: 'http://{a}', variables: {a: {default: x, enum: [x]}}}], " + get, breaks, silent},
	{"server variable default", "servers: [{url: 'http://{a}', variables: {a: {default: x}}}], " + get, "servers: [{url: 'http://{a}', variables: {a: {default: y}}}], " + get, breaks, breaks},
	{"server variable opened", "servers: [{url: 'http://x.com'}], " + get, "servers: [{url: 'http://{a}.com', variables: {a: {default: x}}}], " + get, silent, breaks},
	{"parameter", at(query, list), get, breaks, breaks},
	{"parameter moved", at(query, list), "parameters: [{name: q, in: query" + list + "}], get: {" + ok + "}", silent, silent},
	{"parameter of the path", "parameters: [{name: q, in: query" + list + "}], " + get, "parameters: [{name: q, in: query, required: true" + list + "}], " + get, breaks, told},
	{"parameter name", at(query, list), strings.Replace(at(query, list), "name: q", "name: r", 1), breaks, breaks},
	{"parameter in", at(query, list), strings.Replace(at(query, list), "in: query", "in: header", 1), breaks, breaks},
	{"required", at(query, list), at(query, ", required: true"+list), breaks, told},
	{"style", at(query, list), at(query, ", style: pipeDelimited, explode: false"+list), breaks, breaks},
	{"explode", at(query, list), at(query, ", explode: false"+list), breaks, breaks},
	{"explode of a string", at(query, ", schema: {type: string}"), at(query, ", explode: false, schema: {type: string}"), silent, silent},
	{"allowReserved", at(query, list), at(query, ", allowReserved: true"+list), breaks, breaks},
	{"allowEmptyValue", at(query, ", allowEmptyValue: true"+list), at(query, list), breaks, silent},
	{"parameter text", at(query, list), at(query, ", description: D, deprecated: true, example: [a]"+list), silent, silent},
	{"parameter examples", at(query, list), at(query, ", examples: {a: {value: [a]}}"+list), silent, silent},
	{"schema, content", at(query, list), at(query, ", content: {application/json: {schema: {type: array, items: {type: string}}}}"), breaks, breaks},
	{"content", at(query, ", content: {text/csv: {schema: {type: string}}}"), at(query, ", content: {application/json: {schema: {type: string}}}"), breaks, breaks},
	{"requestBody", get, "get: {operationId: g, requestBody: {content: {text/plain: {}}}, " + ok + "}", quiet, breaks},
	{"requestBody required", "post: {requestBody: {content: {text/plain: {}}}, " + ok + "}", "post: {requestBody: {required: true, description: D, content: {text/plain: {}}}, " + ok + "}", breaks, told},
	{"request media type", "post: {requestBody: {content: {text/plain: {}, text/csv: {}}}, " + ok + "}", "post: {requestBody: {content: {text/plain: {}}}, " + ok + "}", breaks, told},
	{"request example", "post: {requestBody: {content: {text/plain: {}}}, " + ok + "}", "post: {requestBody: {content: {text/plain: {example: a}}}, " + ok + "}", silent, silent},
	{"request examples", "post: {requestBody: {content: {text/plain: {}}}, " + ok + "}", "post: {requestBody: {content: {text/plain: {examples: {a: {value: a}}}}}, " + ok + "}", silent, silent},
	{"encoding", at(form, ""), at(form, ", encoding: {a: {contentType: application/json}}"), breaks, breaks},
	{"encoding contentType", at(form, ", encoding: {a: {contentType: 'image/png, image/gif'}}"), at(form, ", encoding: {a: {contentType: image/png}}"), breaks, quiet},
	{"encoding headers", at(form, ""), at(form, ", encoding: {a: {contentType: text/plain, headers: {X: {required: true, schema: {type: string}}}}}"), breaks, quiet},
	{"encoding style", strings.Replace(at(form, ""), "multipart/form-data", "application/x-www-form-urlencoded", 1), strings.Replace(at(form, ", encoding: {l: {style: pipeDelimited, explode: false}}"), "multipart/form-data", "application/x-www-form-urlencoded", 1), breaks, breaks},
	{"encoding explode", strings.Replace(at(form, ""), "multipart/form-data", "application/x-www-form-urlencoded", 1), strings.Replace(at(form, ", encoding: {l: {explode: false}}"), "multipart/form-data", "application/x-www-form-urlencoded", 1), breaks, breaks},
	{"encoding allowReserved", strings.Replace(at(form, ""), "multipart/form-data", "application/x-www-form-urlencoded", 1), strings.Replace(at(form, ", encoding: {l: {allowReserved: true}}"), "multipart/form-data", "application/x-www-form-urlencoded", 1), breaks, breaks},
	{"response", "get: {responses: {'200': {description: ok}, '204': {description: ok}}}", "get: {responses: {'200': {description: ok}}}", breaks, told},
	{"error response", "get: {responses: {'200': {description: ok}, '404': {description: no}}}", "get: {responses: {'200': {description: ok}}}", breaks, told},
	{"default response", "get: {responses: {'200': {description: ok}, default: {description: no}}}", "get: {responses: {'200': {description: ok}}}", breaks, quiet},
	{"response description", "get: {responses: {'200': {description: ok}}}", "get: {responses: {'200': {description: fine}}}", silent, silent},
	{"response media type", "get: {responses: {'200': {description: ok, content: {text/plain: {}, text/csv: {}}}}}", "get: {responses: {'200': {description: ok, content: {text/plain: {}}}}}", breaks, quiet},
	{"response header", at(head, ""), "get: {responses: {'200': {description: ok}}}", breaks, quiet},
	{"response header required", at(head, ""), at(head, ", required: true"), told, breaks},
	{"response header style, explode", at(head, ""), at(head, ", style: simple, explode: true"), breaks, breaks},
	{"response header text", at(head, ""), at(head, ", description: D, deprecated: true, example: {a: b}"), silent, silent},
	{"response header content", at(head, ""), "get: {responses: {'200': {description: ok, headers: {X: {content: {application/json: {schema: {type: object}}}}}}}}", breaks, breaks},
	{"links", at(link, "operationId: g"), "get: {responses: {'200': {description: ok}}}", breaks, silent},
	{"link operationId", at(link, "operationId: g"), at(link, "operationId: h"), breaks, breaks},
	{"link operationRef", at(link, "operationId: g"), at(link, "operationRef: '#/paths/~1p0/get'"), breaks, breaks},
	{"link parameters", at(link, "operationId: g"), at(link, "operationId: g, parameters: {q: $response.body#/next}"), breaks, breaks},
	{"link requestBody", at(link, "operationId: g"), at(link, "operationId: g, requestBody: $response.body"), breaks, breaks},
	{"link server", at(link, "operationId: g"), at(link, "operationId: g, server: {url: 'http://b'}"), breaks, breaks},
	{"link description", at(link, "operationId: g"), at(link, "operationId: g, description: D"), silent, silent},
	{"callbacks", at(sends, get), "post: {" + ok + "}", breaks, told},
	{"callback operation", at(sends, get+", put: {"+ok+"}"), at(sends, get), breaks, told},
	{"callback expression", at(sends, get), strings.Replace(at(sends, get), "query.u", "query.v", 1), breaks, breaks},
	{"callback media type", at(sends, "post: {requestBody: {content: {text/plain: {}}}, "+ok+"}"), at(sends, "post: {requestBody: {content: {text/plain: {}, text/csv: {}}}, "+ok+"}"), breaks, quiet},
	{"callback body", at(sends, "post: {requestBody: {content: {text/plain: {}}}, "+ok+"}"), at(sends, "post: {"+ok+"}"), breaks, quiet},
	{"callback response", at(sends, "post: {responses: {'200': {description: ok}, '204': {description: ok}}}"), at(sends, "post: {responses: {'200': {description: ok}}}"), breaks, quiet},
	{"callback response by range", at(sends, "post: {responses: {'200': {description: ok}}}"), at(sends, "post: {responses: {2XX: {description: ok}}}"), silent, breaks},
	{"callback parameter", at(sends, at(query, list)), at(sends, "get: {"+ok+"}"), breaks, quiet},
	{"xml", "post: {requestBody: {content: {application/xml: {schema: {type: object, properties: {a: {type: string}}}}}}, " + ok + "}",
		"post: {requestBody: {content: {application/xml: {schema: {type: object, properties: {a: {type: string, xml: {name: b}}}}}}}, " + ok + "}", breaks, breaks},
	{"xml attribute", "post: {requestBody: {content: {application/xml: {schema: {type: object, properties: {a: {type: string}}}}}}, " + ok + "}",
		"post: {requestBody: {content: {application/xml: {schema: {type: object, properties: {a: {type: string, xml: {attribute: true}}}}}}}, " + ok + "}", breaks, breaks},
	{"xml namespace", "post: {requestBody: {content: {application/xml: {schema: {type: object, xml: {namespace: 'http://a', prefix: p}}}}}, " + ok + "}",
		"post: {requestBody: {content: {application/xml: {schema: {type: object, xml: {namespace: 'http://b', prefix: p}}}}}, " + ok + "}", breaks, breaks},
	{"xml wrapped", "post: {requestBody: {content: {application/xml: {schema: {type: array, items: {type: string}}}}}, " + ok + "}",
		"post: {requestBody: {content: {application/xml: {schema: {type: array, items: {type: string}, xml: {wrapped: true}}}}}, " + ok + "}", breaks, breaks},
	{"xml of JSON", "post: {requestBody: {content: {application/json: {schema: {type: object}}}}, " + ok + "}",
		"post: {requestBody: {content: {application/json: {schema: {type: object, xml: {name: b}}}}}, " + ok + "}", silent, silent},
	{"security scope", "get: {security: [{o: [a]}], " + ok + "}", "get: {security: [{o: [a, b]}], " + ok + "}", breaks, told},
	{"security of two schemes", "get: {security: [{k: []}], " + ok + "}", "get: {security: [{k: [], o: [a]}], " + ok + "}", breaks, told},
	{"security alternative", "get: {security: [{k: []}, {o: [a]}], " + ok + "}", "get: {security: [{k: []}], " + ok + "}", breaks, told},
	{"security, anonymous", "get: {security: [{}, {k: []}], " + ok + "}", "get: {security: [{k: []}], " + ok + "}", breaks, told},
	{"security declared", "get: {" + ok + "}", "get: {security: [{k: []}], " + ok + "}", breaks, told},
}

func TestConstructs(t *testing.T) {
	t.Parallel()
	var before, after []string
	for _, c := range constructs {
		before, after = append(before, "{"+c.before+"}"), append(after, "{"+c.after+"}")
	}
	schemes := "  securitySchemes:\n    k: {type: apiKey, in: header, name: K}\n    o: {type: oauth2, flows: {clientCredentials: {tokenUrl: 'http://a', scopes: {a: A, b: B}}}}\n"
	forth, back := compare(t, page(before)+schemes, page(after)+schemes), compare(t, page(after)+schemes, page(before)+schemes)
	for i, c := range constructs {
		judge(t, c.name, page(after), c.forth, forth, i)
		judge(t, c.name+", back", page(before), c.back, back, i)
	}
}

// tops are changes of what stands at the top of a document.
var tops = []construct{
	{"info", "info: {title: T, version: '1'}", "info: {title: U, version: '2', description: D, termsOfService: 'http://a', contact: {name: N}, license: {name: L}}", silent, silent},
	{"tags", "", "tags: [{name: a, description: D}]", silent, silent},
	{"externalDocs", "", "externalDocs: {url: 'http://a'}", silent, silent},
	{"servers", "servers: [{url: 'http://a'}]", "servers: [{url: 'http://b'}]", breaks, breaks},
	{"server variable default", "servers: [{url: 'http://{a}.b', variables: {a: {default: x, enum: [x, y]}}}]", "servers: [{url: 'http://{a}.b', variables: {a: {default: y, enum: [x, y]}}}]", breaks, breaks},
	{"servers removed", "servers: [{url: 'http://a'}]", "", breaks, silent},
	{"security", "", "security: [{k: []}]", breaks, told},
	{"security, scope", "security: [{o: [a]}]", "security: [{o: [a, b]}]", breaks, told},
	{"scheme type", "k: {type: apiKey, in: header, name: K}", "k: {type: http, scheme: basic}", breaks, breaks},
	{"scheme name", "k: {type: apiKey, in: header, name: K}", "k: {type: apiKey, in: header, name: L}", breaks, breaks},
	{"scheme in", "k: {type: apiKey, in: header, name: K}", "k: {type: apiKey, in: query, name: K}", breaks, breaks},
	{"scheme scheme", "k: {type: http, scheme: basic}", "k: {type: http, scheme: bearer}", breaks, breaks},
	{"scheme bearerFormat, description", "k: {type: http, scheme: bearer}", "k: {type: http, scheme: bearer, bearerFormat: JWT, description: D}", silent, silent},
	{"scheme openIdConnectUrl", "k: {type: openIdConnect, openIdConnectUrl: 'http://a'}", "k: {type: openIdConnect, openIdConnectUrl: 'http://b'}", breaks, breaks},
	{"flow tokenUrl", "k: {type: oauth2, flows: {clientCredentials: {tokenUrl: 'http://a', scopes: {}}}}", "k: {type: oauth2, flows: {clientCredentials: {tokenUrl: 'http://b', scopes: {}}}}", breaks, breaks},
	{"flow authorizationUrl", "k: {type: oauth2, flows: {implicit: {authorizationUrl: 'http://a', scopes: {}}}}", "k: {type: oauth2, flows: {implicit: {authorizationUrl: 'http://b', scopes: {}}}}", breaks, breaks},
	{"flow refreshUrl", "k: {type: oauth2, flows: {password: {tokenUrl: 'http://a', refreshUrl: 'http://a', scopes: {}}}}", "k: {type: oauth2, flows: {password: {tokenUrl: 'http://a', refreshUrl: 'http://b', scopes: {}}}}", breaks, breaks},
	{"flow scopes", "k: {type: oauth2, flows: {clientCredentials: {tokenUrl: 'http://a', scopes: {a: A}}}}", "k: {type: oauth2, flows: {clientCredentials: {tokenUrl: 'http://a', scopes: {}}}}", breaks, quiet},
	{"flows", "k: {type: oauth2, flows: {clientCredentials: {tokenUrl: 'http://a', scopes: {}}}}", "k: {type: oauth2, flows: {password: {tokenUrl: 'http://a', scopes: {}}}}", breaks, breaks},
}

func TestTops(t *testing.T) {
	t.Parallel()
	for _, c := range tops {
		doc := func(top string) string {
			key := "{type: apiKey, in: header, name: K}"
			if scheme, ok := strings.CutPrefix(top, "k: "); ok {
				top, key = "security: [{k: []}]", scheme
			}
			text := "openapi: 3.0.3\n" + top + "\npaths:\n  /a:\n    get: {" + ok + "}\ncomponents:\n  securitySchemes:\n    k: " + key +
				"\n    o: {type: oauth2, flows: {clientCredentials: {tokenUrl: 'http://a', scopes: {a: A, b: B}}}}\n"
			if !strings.Contains(top, "info:") {
				text = "info: {title: T, version: '1'}\n" + text
			}
			return text
		}
		for i, r := range []diff.Result{compare(t, doc(c.before), doc(c.after)), compare(t, doc(c.after), doc(c.before))} {
			got := silent
			switch {
			case len(r.Breaking) > 0:
				got = breaks
			case len(r.Requirements)+len(r.Notes) > 0:
				got = told
			}
			if want := []outcome{c.forth, c.back}[i]; got != want && (want != quiet || got == breaks) {
				t.Errorf("%s, %d: %s, want %s: %s", c.name, i, got, want, shown(slices.Concat(r.Breaking, r.Requirements, r.Notes)))
			}
		}
	}
}

// Every field that the model knows is changed by one of the changes above.
func TestFields(t *testing.T) {
	t.Parallel()
	var schemas, rest strings.Builder
	for _, k := range keywords {
		schemas.WriteString(k.before + " " + k.after + " ")
	}
	for _, c := range slices.Concat(constructs, tops) {
		rest.WriteString(c.before + " " + c.after + " ")
	}
	schemas.WriteString(rest.String()) // of XML
	later := []string{"const", "examples", "prefixItems", "contains", "minContains", "maxContains", "patternProperties", "dependentSchemas",
		"propertyNames", "unevaluatedItems", "unevaluatedProperties", "if", "then", "else", "dependentRequired", "$defs", "$schema", "$comment",
		"$id", "$anchor", "$dynamicRef", "$dynamicAnchor", "contentMediaType", "contentEncoding", "contentSchema", "itemSchema"}
	for kind, text := range map[any]string{
		new(openapi3.Schema): schemas.String(), new(openapi3.Discriminator): schemas.String(), new(openapi3.XML): rest.String(), new(openapi3.Parameter): rest.String(),
		new(openapi3.MediaType): rest.String(), new(openapi3.Encoding): rest.String(), new(openapi3.RequestBody): rest.String(), new(openapi3.Response): rest.String(),
		new(openapi3.Link): rest.String(), new(openapi3.Server): rest.String(), new(openapi3.ServerVariable): rest.String(), new(openapi3.Operation): rest.String(),
		new(openapi3.SecurityScheme): rest.String(), new(openapi3.OAuthFlow): rest.String(),
	} {
		typ := reflect.TypeOf(kind).Elem()
		for i := range typ.NumField() {
			name, _, _ := strings.Cut(typ.Field(i).Tag.Get("yaml"), ",")
			if name == "" || name == "-" || slices.Contains(later, name) || typ == reflect.TypeFor[openapi3.Schema]() && name == "allowEmptyValue" {
				continue
			}
			if !strings.Contains(text, name+":") {
				t.Errorf("no change is made of %s of %s", name, typ.Name())
			}
		}
	}
}
