package check

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	baselinter "github.com/speakeasy-api/openapi/linter"
	"github.com/speakeasy-api/openapi/openapi"
	"github.com/speakeasy-api/openapi/openapi/linter"
	"github.com/speakeasy-api/openapi/references"
	"github.com/speakeasy-api/openapi/validation"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

// covered names the rule that reports what a validation error of the library is
// about, with a better place and a better text. The library's own finding is kept
// for everything else.
var covered = map[string][]string{
	"conflicting-paths":                     {rulePathAmbiguous},
	"content-or-schema-exactly-one":         {ruleParamSchema},
	"default-violates-schema":               {ruleDefault},
	"duplicate-operation-id":                {ruleIDDuplicate},
	"duplicate-parameter":                   {ruleParamDuplicate},
	"example-examples-mutually-exclusive":   {ruleExampleConflict},
	"example-violates-schema":               {ruleExample},
	"extra-sibling-fields":                  {ruleUnknownField, ruleRefSiblings},
	"path-parameter-required":               {rulePathParameters},
	"path-parameters-mismatch":              {rulePathParameters},
	"response-description-required":         {source.RuleStructure},
	"schema-items-required":                 {ruleItems},
	"schema-multiple-of-not-positive":       {ruleBounds},
	"schema-pattern-regex-invalid":          {rulePattern},
	"security-requirement-scheme-undefined": {ruleSecurityUndefined},
	"responses-required":                    {ruleSuccessMissing},
	"operation-responses-required":          {ruleSuccessMissing},
	"validation-operation-id-unique":        {ruleIDDuplicate},
	"validation-operation-parameters":       {ruleParamDuplicate},
	"parameter-schema-or-content-required":  {ruleParamSchema},
	"validation-circular-reference":         {ruleEndless, source.RuleRefCycle},
	"schema-read-only-write-only-exclusive": {},
	"unresolved-ref":                        {source.RuleRefUnresolved},
}

// libraries adds what the libraries find: the linter first, and last the
// validators, of which only what no rule with a better text has reported is kept.
func (p *pass) libraries(ctx context.Context) {
	root := p.doc.Root
	empty := p.doc.Nulls(root.Name)
	for _, place := range empty {
		p.reportKey(source.RuleStructure, place, "the field "+place.Pointer[len(place.Pointer)-1]+" has no value")
	}
	if len(empty) == 0 { // the parser of the linter cannot bear them
		p.guarded(func() {
			parsed, errs, err := openapi.Unmarshal(ctx, bytes.NewReader(root.Data))
			if err != nil {
				p.findings = append(p.findings, p.make(source.RuleStructure, p.whole(), "", "", err.Error()))
			}
			if parsed != nil {
				p.lint(ctx, parsed)
			}
			for _, e := range errs {
				p.structural(root, e)
			}
		})
	}
	p.guarded(func() {
		p.invalid(p.doc.Spec.Validate(ctx, openapi3.EnableMultiError(),
			// Examples, defaults and patterns are looked at one by one, at their place.
			openapi3.DisableExamplesValidation(), openapi3.DisableSchemaDefaultsValidation(), openapi3.DisableSchemaPatternValidation()))
	})
}

// whole is where findings about the document as a whole stand.
func (p *pass) whole() finding.Position {
	return finding.Position{File: p.doc.Root.Display, Line: 1, Column: 1}
}

// guarded calls a library, which promises nothing about hostile input: a panic of
// it is a finding, and does not hide what the others find.
func (p *pass) guarded(call func()) {
	defer func() {
		if recover() != nil {
			p.findings = append(p.findings, p.make(source.RuleStructure, p.whole(), "", "", "the OpenAPI libraries cannot work with this document"))
		}
	}()
	call()
}

// structural turns a validation error of the parser into a finding.
func (p *pass) structural(file *source.File, err error) {
	var v *validation.Error
	if !errors.As(err, &v) {
		return
	}
	position := finding.Position{File: file.Display, Line: max(v.GetLineNumber(), 1), Column: max(v.GetColumnNumber(), 1)}
	switch {
	case v.Rule == "validation-operation-parameters" && strings.Contains(v.UnderlyingError.Error(), "duplicated"):
		p.findings = append(p.findings, p.make(ruleParamDuplicate, position, "", "", v.UnderlyingError.Error()))
		return
	case len(covered[v.Rule]) > 0 && p.has(covered[v.Rule]...):
		return
	case strings.Contains(v.UnderlyingError.Error(), "at least one response code") && p.has(ruleSuccessMissing),
		strings.Contains(v.UnderlyingError.Error(), "operation.responses") && p.has(ruleSuccessMissing),
		strings.Contains(v.UnderlyingError.Error(), "response.description") && p.has(ruleDescResponse, source.RuleStructure),
		// Misread is what the parser takes for the schema of OpenAPI 3.1.
		misread.MatchString(v.UnderlyingError.Error()):
		return
	}
	// Two errors at one place are one fault seen twice.
	if p.reportedAt(position) {
		return
	}
	p.findings = append(p.findings, p.make(source.RuleStructure, position, "", "", v.UnderlyingError.Error()))
}

// misread matches what the parser says wrongly, or of a place where it is not: it takes
// every schema for one of OpenAPI 3.1, in which exclusive bounds are numbers. What is
// wrong with those and with discriminators the validator says too.
var misread = regexp.MustCompile("exclusiveM(?:in|ax)imum expected `number`, got `boolean`|^`?schema\\S*\\.discriminator")

// reportedAt reports whether a finding stands at that line and column already.
func (p *pass) reportedAt(at finding.Position) bool {
	return slices.ContainsFunc(p.findings, func(f finding.Finding) bool {
		return f.Position == at && f.Level == finding.Error
	})
}

// invalid adds the errors of the validator that no rule has reported.
func (p *pass) invalid(err error) {
	if err == nil {
		return
	}
	var several openapi3.MultiError
	if errors.As(err, &several) {
		for _, one := range several {
			p.invalid(one)
		}
		return
	}
	var coded openapi3.CodedError
	if errors.As(err, &coded) {
		if rules, ok := covered[coded.Code()]; ok && p.has(rules...) {
			return
		}
	}
	place := p.placeOf(err)
	position := p.doc.KeyPosition(place)
	if p.has(source.RuleStructure) && p.near(position) {
		return
	}
	message := strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", " ")
	p.findings = append(p.findings, p.make(source.RuleStructure, position, place.Pointer.String(), "", message))
}

// near reports whether a structural finding stands within what begins at position:
// the validator names the enclosing object, the parser the very value.
func (p *pass) near(at finding.Position) bool {
	const lines = 12
	return slices.ContainsFunc(p.findings, func(f finding.Finding) bool {
		return f.Rule == source.RuleStructure && f.File == at.File && f.Line >= at.Line && f.Line <= at.Line+lines
	})
}

var componentKeys = map[string]string{
	"schema": "schemas", "parameter": "parameters", "header": "headers", "request body": "requestBodies",
	"response": "responses", "security scheme": "securitySchemes", "example": "examples", "link": "links", "callback": "callbacks",
}

// named finds what an error's text may name: first in quotes, then any word.
var named = []*regexp.Regexp{regexp.MustCompile(`"([^"]+)"`), regexp.MustCompile(`([$\w][\w-]*)`)}

// placeOf finds the place of a validator's error from the scopes that wrap it,
// from the origin that some of them carry, and from what the text names.
func (p *pass) placeOf(err error) source.Place {
	place, leaf := p.root(), err
	var inner source.Place
	found := false
	for e := err; e != nil; e = errors.Unwrap(e) {
		leaf = e
		switch scope := e.(type) {
		case *openapi3.SectionValidationError:
			place = place.At(scope.Section)
		case *openapi3.PathValidationError:
			place = place.At(scope.Path)
		case *openapi3.OperationValidationError:
			place = place.At(strings.ToLower(scope.Method))
		case *openapi3.ComponentValidationError:
			place = place.At(componentKeys[scope.Section], scope.Name)
		}
		if at, ok := p.placeAt(originOf(e)); ok {
			inner, found = at, true
		}
	}
	if found {
		place = inner
	}
	for _, names := range named {
		for _, m := range names.FindAllStringSubmatch(leaf.Error(), -1) {
			if at := place.At(m[1]); p.doc.Node(at) != nil {
				return at
			}
		}
	}
	return place
}

// originOf returns the Origin field of an error. Some twenty error types of the
// library have one and no interface in common, hence the reflection.
func originOf(err error) *openapi3.Origin {
	v := reflect.ValueOf(err)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		return nil
	}
	field := v.Elem().FieldByName("Origin")
	if !field.IsValid() {
		return nil
	}
	origin, _ := field.Interface().(*openapi3.Origin)
	return origin
}

// linted maps the linter's rules to ours. Rules that are not here are matters of
// taste, or are decided more exactly by a rule of this package.
var linted = map[string]string{
	"semantic-no-ambiguous-paths":         rulePathAmbiguous,
	"semantic-path-query":                 rulePathQuery,
	"semantic-path-declarations":          rulePathQuery,
	"semantic-typed-enum":                 ruleEnumType,
	"semantic-duplicated-enum":            ruleEnumDuplicate,
	"semantic-no-script-tags-in-markdown": ruleMarkup,
	"semantic-unused-component":           ruleUnused,
	"style-no-ref-siblings":               ruleRefSiblings,
	"style-oas3-host-trailing-slash":      ruleServerSlash,
	"oas-schema-check":                    "", // decided by its text
}

// lint adds what the linter finds.
func (p *pass) lint(ctx context.Context, parsed *openapi.OpenAPI) {
	config := &baselinter.Config{}
	for id := range linted {
		disabled := false
		config.Rules = append(config.Rules, baselinter.RuleEntry{ID: id, Disabled: &disabled})
	}
	l, err := linter.NewLinter(config)
	if err != nil {
		// The configuration above is constant: a test would have failed.
		panic(fmt.Sprintf("check: the linter refuses its configuration: %v", err))
	}
	root := p.doc.Root
	options := &baselinter.LintOptions{ResolveOptions: &references.ResolveOptions{DisableExternalRefs: true}}
	out, err := l.Lint(ctx, baselinter.NewDocumentInfo(parsed, root.Name), nil, options)
	if err != nil {
		return
	}
	for _, result := range out.Results {
		var v *validation.Error
		if errors.As(result, &v) {
			p.linterFinding(root, v)
		}
	}
}

func (p *pass) linterFinding(file *source.File, v *validation.Error) {
	text := v.UnderlyingError.Error()
	id, ok := linted[v.Rule]
	if v.Rule == "oas-schema-check" {
		id, ok = schemaRule(text)
	}
	if !ok || v.GetLineNumber() < 1 {
		return
	}
	if id == ruleUnused && (len(p.doc.Files) > 1 || strings.Contains(text, "securitySchemes")) {
		// Another file may use it, which the linter does not see; and security
		// schemes have a rule of their own.
		return
	}
	position := finding.Position{File: file.Display, Line: v.GetLineNumber(), Column: max(v.GetColumnNumber(), 1)}
	if id == ruleEnumType && strings.Contains(text, "null") {
		return // what nullable means for an enum is decided by nullable-enum
	}
	pointer := ""
	if id == ruleBounds {
		// The linter points at the schema; its text begins with the keyword.
		keyword := strings.Trim(strings.Fields(text)[0], "`")
		if s, ok := p.index.schemaAt(file, position); ok {
			place := s.Place.At(keyword)
			position, pointer = p.doc.Position(place), place.Pointer.String()
		}
	}
	p.findings = append(p.findings, p.make(id, position, pointer, "", strings.ReplaceAll(text, "`", "")))
}

var bounds = regexp.MustCompile("^`(max|min|exclusive|multipleOf)")

// schemaRule tells apart what the linter reports under one rule. What else it
// reports there is decided more exactly by rules of this package.
func schemaRule(text string) (string, bool) {
	if bounds.MatchString(text) && !strings.Contains(text, "only applicable to") {
		return ruleBounds, true
	}
	return "", false
}
