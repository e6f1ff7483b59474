// Package library is what the OpenAPI libraries object to in a document: the
// linter and the parser of speakeasy-api/openapi, and the validator of kin-openapi.
//
// It gives their errors a place, and leaves out what they get wrong. Which rule an
// objection belongs to is decided by package check, the only one that imports this.
package library

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	baselinter "github.com/speakeasy-api/openapi/linter"
	"github.com/speakeasy-api/openapi/marshaller"
	"github.com/speakeasy-api/openapi/openapi"
	"github.com/speakeasy-api/openapi/openapi/linter"
	"github.com/speakeasy-api/openapi/references"
	"github.com/speakeasy-api/openapi/validation"
	"gopkg.in/yaml.v3"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/model"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

// Objection is something that a library finds wrong.
type Objection struct {
	// Code is the library's name of the fault, one of the Code constants, or "".
	Code string
	// Topic is what the text is about where the code does not say it, or "": one of
	// the validator's codes.
	Topic    string
	Position finding.Position
	Pointer  string
	Message  string
}

// madeHere begins the codes that no library has, for what only their texts distinguish.
const madeHere = "gate-"

// The codes of this package.
const (
	// CodeFailed is about a library that gave up on the document, or crashed.
	CodeFailed = madeHere + "library-failed"
	// CodeBounds is about the bounds of one schema.
	CodeBounds = madeHere + "schema-bounds"
	// CodeDuplicatedParameter is about a parameter that an operation declares twice.
	CodeDuplicatedParameter = madeHere + "duplicated-parameter"
)

// schemaCheck is the linter's rule that CodeBounds is made from.
const schemaCheck = "oas-schema-check"

// guard calls a library, which promises nothing about hostile input: a panic of it
// is an objection, and does not hide what else is found.
func guard(doc *source.Document, into *[]Objection, call func()) {
	defer func() {
		if recover() != nil {
			*into = append(*into, Objection{Code: CodeFailed, Position: top(doc), Message: "the OpenAPI libraries cannot work with this document"})
		}
	}()
	call()
}

// top is where objections to the document as a whole stand.
func top(doc *source.Document) finding.Position {
	return finding.Position{File: doc.Root.Display, Line: 1, Column: 1}
}

// Parse returns what the linter objects to under the given codes, which are ids of its rules or
// codes of this package, and what the parser below it does. A document with fields that have no
// value gets neither: the parser cannot bear them.
func Parse(ctx context.Context, doc *source.Document, index *model.Index, codes []string) (lint, parse []Objection) {
	if len(doc.Nulls(doc.Root.Name)) > 0 {
		return nil, nil
	}
	guard(doc, &parse, func() {
		// The parser is given the nodes, and not the text, which it would read as YAML 1.1.
		parsed := &openapi.OpenAPI{}
		parsed.InitCache()
		top := &yaml.Node{Kind: yaml.DocumentNode, Line: 1, Column: 1, Content: []*yaml.Node{doc.Root.Root}}
		errs, err := marshaller.UnmarshalNode(ctx, "", top, parsed)
		if err != nil {
			panic(err)
		}
		errs = append(errs, parsed.Validate(ctx)...)
		validation.SortValidationErrors(errs)
		for _, e := range errs {
			if o, ok := parserObjection(doc, e); ok {
				parse = append(parse, o)
			}
		}
		lint = lintObjections(ctx, doc, index, parsed, codes)
	})
	return lint, parse
}

// misread matches what the parser says wrongly, or of a place where it is not: it takes
// every schema for one of OpenAPI 3.1, in which exclusive bounds are numbers. What is
// wrong with those and with discriminators the validator says too. It also takes the key of a
// callback for an expression as a whole, which is a URL that may hold some.
var misread = regexp.MustCompile("exclusiveM(?:in|ax)imum expected `number`, got `boolean`|^`?schema\\S*\\.discriminator|callback expression is invalid")

// needed finds the field that the parser says is missing, which it also says of empty ones.
var needed = regexp.MustCompile("^`?(?:\\S*\\.)?([\\w$]+)`? is required\\b")

// empty reports whether a field stands at a position and is empty: OpenAPI forbids that of none.
func empty(doc *source.Document, at finding.Position, field string) bool {
	place, ok := doc.At(doc.Root.Name, at.Line, at.Column)
	if !ok || place.Name() != field {
		return false
	}
	n := doc.Node(place)
	return n.Kind == yaml.ScalarNode && n.Tag == "!!str" || n.Kind == yaml.MappingNode
}

func parserObjection(doc *source.Document, err error) (Objection, bool) {
	var v *validation.Error
	if !errors.As(err, &v) {
		return Objection{}, false
	}
	text := v.UnderlyingError.Error()
	o := Objection{Code: v.Rule, Position: positionOf(doc, v), Message: reword(text)}
	if m := needed.FindStringSubmatch(text); m != nil && empty(doc, o.Position, m[1]) {
		return Objection{}, false
	}
	switch {
	case v.Rule == "validation-operation-parameters" && strings.Contains(text, "duplicated"):
		o.Code = CodeDuplicatedParameter
	case misread.MatchString(text):
		return Objection{}, false
	case refers(doc, o.Position): // the parser does not follow a reference in place of an operation
		return Objection{}, false
	case strings.Contains(text, "at least one response code"), strings.Contains(text, "operation.responses"):
		o.Topic = "operation-responses-required"
	case strings.Contains(text, "response.description"):
		o.Topic = "response-description-required"
	}
	return o, true
}

// refers reports whether a reference stands at a position.
func refers(doc *source.Document, at finding.Position) bool {
	place, ok := doc.At(doc.Root.Name, at.Line, at.Column)
	return ok && (place.Name() == "$ref" || doc.Target(place).Key() != place.Key())
}

func positionOf(doc *source.Document, v *validation.Error) finding.Position {
	return finding.Position{File: doc.Root.Display, Line: max(v.GetLineNumber(), 1), Column: max(v.GetColumnNumber(), 1)}
}

func lintObjections(ctx context.Context, doc *source.Document, index *model.Index, parsed *openapi.OpenAPI, codes []string) []Objection {
	config := &baselinter.Config{}
	for _, id := range append([]string{schemaCheck}, codes...) {
		if strings.HasPrefix(id, madeHere) {
			continue
		}
		disabled := false
		config.Rules = append(config.Rules, baselinter.RuleEntry{ID: id, Disabled: &disabled})
	}
	l, err := linter.NewLinter(config)
	if err != nil {
		// The configuration is constant: a test would have failed.
		panic(fmt.Sprintf("check: the linter rejects its configuration: %v", err))
	}
	options := &baselinter.LintOptions{ResolveOptions: &references.ResolveOptions{DisableExternalRefs: true}}
	out, err := l.Lint(ctx, baselinter.NewDocumentInfo(parsed, doc.Root.Name), nil, options)
	if err != nil {
		return nil
	}
	var list []Objection
	for _, result := range out.Results {
		var v *validation.Error
		if errors.As(result, &v) && v.GetLineNumber() > 0 {
			// The linter also repeats what the parser says, under other codes.
			if o, ok := lintObjection(doc, index, v); ok && slices.Contains(codes, o.Code) {
				list = append(list, o)
			}
		}
	}
	return oneForEachEnum(doc, index, list)
}

// oneForEachEnum keeps of the values of an enum that have another type the first: it is the
// type that is wrong, or they are wrong for the same reason.
func oneForEachEnum(doc *source.Document, index *model.Index, list []Objection) []Objection {
	type start struct{ line, column int }
	enums := map[start]*yaml.Node{}
	for _, s := range index.Schemas {
		if n := doc.Node(s.Place.At("enum")); n != nil && s.Place.File == doc.Root.Name {
			for _, value := range n.Content {
				enums[start{value.Line, value.Column}] = n
			}
		}
	}
	first, more := map[*yaml.Node]int{}, map[int]int{}
	var kept []Objection
	for _, o := range list {
		n := enums[start{o.Position.Line, o.Position.Column}]
		if n == nil || o.Code != "semantic-typed-enum" {
			kept = append(kept, o)
			continue
		}
		if i, ok := first[n]; ok {
			more[i]++
			continue
		}
		first[n] = len(kept)
		kept = append(kept, o)
	}
	for i, n := range more {
		kept[i].Message += fmt.Sprintf(", and so are %d more values of this enum", n)
	}
	return kept
}

// lintedBounds begins what the linter says of bounds. What else it reports under the
// same rule is decided more exactly by rules of the gate.
var lintedBounds = regexp.MustCompile("^`((?:max|min|exclusive|multipleOf)\\w*)")

func lintObjection(doc *source.Document, index *model.Index, v *validation.Error) (Objection, bool) {
	text := v.UnderlyingError.Error()
	o := Objection{Code: v.Rule, Position: positionOf(doc, v), Message: strings.ReplaceAll(text, "`", "")}
	switch v.Rule {
	case schemaCheck:
		m := lintedBounds.FindStringSubmatch(text)
		if m == nil || strings.Contains(text, "only applicable to") {
			return o, false
		}
		o.Code = CodeBounds
		// The linter points at the schema; its text begins with the keyword.
		if s, ok := index.SchemaAt(doc.Root.Name, o.Position); ok {
			place := s.Place.At(m[1])
			o.Position, o.Pointer = doc.Position(place), place.Pointer.String()
		}
	case "semantic-unused-component":
		// Another file may use it, which the linter does not see; and security schemes
		// have a rule of their own.
		return o, len(doc.Files) == 1 && !strings.Contains(text, "securitySchemes")
	case "semantic-typed-enum":
		return o, !strings.Contains(text, "null") // what nullable means for an enum has a rule of its own
	}
	return o, true
}
