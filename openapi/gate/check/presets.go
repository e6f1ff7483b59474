package check

import (
	"github.com/seed-5ec2a705/mtrack/openapi/gate/config"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
)

// weight is what OpenAPI says about what a rule forbids. It decides the rule's level in each
// preset.
type weight struct {
	spec, recommended finding.Level
}

var (
	// forbidden: OpenAPI, or what it is written in, says MUST, or gives it no meaning.
	forbidden = weight{finding.Error, finding.Error}
	// wrong: OpenAPI says SHOULD, or the document contradicts itself, and misleads callers.
	wrong = weight{finding.Warning, finding.Error}
	// ignored: OpenAPI says SHOULD, or that it is ignored. Callers lose little.
	ignored = weight{finding.Warning, finding.Warning}
	// advice: OpenAPI does not mind.
	advice = weight{finding.Off, finding.Warning}
)

// weights holds every rule, with the sentence of OpenAPI 3.0.3 that decides where one does.
var weights = map[string]weight{
	"syntax":             forbidden, // "represented either in JSON or YAML format"
	"yaml-duplicate-key": forbidden, // YAML: "mapping keys must be unique"
	"ref-unresolved":     forbidden, // JSON Reference: it "MUST be a URI" of a value
	"ref-cycle":          forbidden, // likewise
	"structure":          forbidden,
	"unknown-field":      forbidden, // "the field name MUST begin with x-"; in schemas "strictly unsupported"
	"ref-siblings":       ignored,   // "any properties added SHALL be ignored"
	"component-unused":   advice,

	"path-parameters":     forbidden, // "each template expression in the path MUST correspond to a path parameter"
	"path-ambiguous":      forbidden, // "templated paths with ... different templated names MUST NOT exist"
	"path-query":          wrong,
	"path-trailing-slash": advice,

	"parameter-duplicate":      forbidden, // "The list MUST NOT include duplicated parameters"
	"parameter-schema-missing": forbidden, // "MUST contain either a schema property, or a content property"
	"header-ignored":           ignored,   // "the parameter definition SHALL be ignored"
	"default-unreachable":      advice,

	"operation-id-missing":     advice,
	"operation-id-duplicate":   forbidden, // "The id MUST be unique among all operations"
	"tag-undefined":            advice,    // "Not all tags that are used ... must be declared"
	"link-operation-undefined": forbidden, // "the name of an existing, resolvable OAS operation"
	"request-body-unexpected":  ignored,   // "requestBody SHALL be ignored"

	"description-info":            advice,
	"description-operation":       advice,
	"description-parameter":       advice,
	"description-response":        advice,
	"description-header":          advice,
	"description-property":        advice,
	"description-schema":          advice,
	"description-tag":             advice,
	"description-security-scheme": advice,
	"description-script":          wrong,

	"security-undeclared":     advice,
	"security-undefined":      forbidden, // "Each name MUST correspond to a security scheme which is declared"
	"security-scheme-unused":  advice,
	"security-answer-missing": advice,
	"credentials-in-url":      advice,
	"security-scopes":         forbidden, // "For other security scheme types, the array MUST be empty"

	"server-insecure":       advice,
	"server-trailing-slash": advice,

	"success-missing":     ignored, // "it SHOULD be the response for a successful operation call"
	"success-wildcard":    advice,
	"success-undescribed": advice,
	"body-forbidden":      wrong,
	"status-invalid":      forbidden, // the fields are "Any HTTP status code", ranges and default
	"media-type-invalid":  wrong,     // "SHOULD be in compliance with RFC6838"
	"encoding-undefined":  forbidden, // "MUST exist in the schema as a property"

	"error-missing":        advice, // "expected to cover ... any known errors"
	"error-undescribed":    advice,
	"error-envelope":       advice,
	"machine-field-open":   advice,
	"machine-field-status": advice,

	"schema-endless":         wrong,
	"allof-contradict":       wrong,
	"discriminator-property": wrong,
	"discriminator-mapping":  forbidden, // it maps to "schema names or references"
	"enum-type":              wrong,     // JSON Schema: "Elements in the array MAY be of any type"
	"enum-duplicate":         ignored,   // JSON Schema: "Elements in the array SHOULD be unique"
	"nullable-enum":          ignored,
	"nullable-untyped":       ignored,   // "only if type is explicitly defined within the same Schema Object"
	"example-invalid":        wrong,     // "The example SHOULD match the specified schema"
	"example-direction":      ignored,   // "SHOULD NOT be sent as part of the request"
	"example-conflict":       forbidden, // "mutually exclusive"
	"default-invalid":        forbidden, // "the value MUST conform to the defined type"
	"default-format":         wrong,     // "format ... is an open-valued property"
	"example-unchecked":      ignored,
	"bounds-contradict":      wrong,
	"keyword-ignored":        ignored,
	"format-type":            advice, // "format ... is an open-valued property"
	"pattern-invalid":        wrong,  // "SHOULD be a valid regular expression"
	"required-undefined":     advice,
	"items-missing":          forbidden, // "items MUST be present if the type is array"

	"exception-stale":  ignored,
	"check-unfinished": forbidden, // nobody knows
}

// Level returns the level of a rule in a preset. A rule that does not exist is off.
func Level(preset config.Preset, rule string) finding.Level {
	w, ok := weights[rule]
	switch {
	case !ok:
		return finding.Off
	case preset == config.Strict:
		return finding.Error
	case preset == config.Recommended:
		return w.recommended
	}
	return w.spec
}
