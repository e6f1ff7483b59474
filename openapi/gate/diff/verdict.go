package diff

import (
	"cmp"
	"slices"
	"strings"

	"github.com/oasdiff/oasdiff/checker"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
)

// raised gives changes a level of their own that the library takes for harmless.
// Clients are generated from operation ids and discriminators, programs branch on
// documented errors, and somebody reads what a response used to contain.
var raised = map[string]checker.Level{
	checker.APIOperationIdRemovedId:                         checker.WARN,
	checker.ResponseNonSuccessStatusRemovedId:               checker.WARN,
	checker.ResponseOptionalPropertyRemovedId:               checker.WARN,
	"optional-response-header-removed":                      checker.WARN,
	"response-body-discriminator-property-name-changed":     checker.WARN,
	"response-property-discriminator-property-name-changed": checker.WARN,
	"request-body-discriminator-property-name-changed":      checker.WARN,
	"request-property-discriminator-property-name-changed":  checker.WARN,
}

// demands reports whether a change that breaks no caller asks more of servers: to
// accept more requests, to send fewer responses, or to offer something new.
func demands(r checker.BackwardCompatibilityRule) bool {
	switch r.Direction {
	case checker.DirectionRequest:
		return r.Effect == checker.EffectWidens || r.Id == checker.NewOptionalRequestParameterId
	case checker.DirectionResponse:
		return r.Effect == checker.EffectNarrows || slices.Contains([]string{
			checker.ResponseRequiredPropertyAddedId, checker.ResponseSuccessStatusAddedId, checker.ResponseNonSuccessStatusAddedId,
		}, r.Id)
	}
	return r.Effect == checker.EffectWidens && r.Area != checker.AreaInfo
}

// affected says who breaks.
func affected(r checker.BackwardCompatibilityRule) string {
	switch {
	case r.Id == checker.APIOperationIdRemovedId:
		return "callers whose generated client has the operation under its old name"
	case r.Area == checker.AreaSecurity:
		return "callers that authenticate as before"
	case r.Area == checker.AreaPaths:
		return "every caller of the operation"
	case r.Direction == checker.DirectionRequest && r.Kind == checker.KindRequiredness, r.Id == checker.NewRequiredRequestParameterId:
		return "callers that leave it out, as they used to be allowed to"
	case r.Direction == checker.DirectionRequest:
		return "callers that send what used to be accepted and is now rejected or read differently"
	case r.Direction == checker.DirectionResponse && r.Area == checker.AreaHeaders:
		return "callers that read the header"
	case r.Direction == checker.DirectionResponse:
		return "callers that read the response and rely on the old promise"
	}
	return "callers that rely on the old contract"
}

// fix says how to keep the promise.
func fix(r checker.BackwardCompatibilityRule) string {
	switch {
	case r.Area == checker.AreaPaths && r.Kind == checker.KindExistence:
		return "Keep the operation and mark it deprecated, or release the change under a new path such as /v2."
	case r.Area == checker.AreaSecurity:
		return "Accept the old credentials beside the new ones."
	case r.Direction == checker.DirectionRequest:
		return "Keep accepting the old requests: make what is new optional, and do not tighten what is there."
	case r.Direction == checker.DirectionResponse:
		return "Keep the old promise beside the new one, or release the change under a new path such as /v2."
	}
	return "Keep the old contract working, or release the change under a new path such as /v2."
}

func level(l checker.Level) finding.Level {
	switch l {
	case checker.ERR:
		return finding.Error
	case checker.WARN:
		return finding.Warning
	}
	return finding.Note
}

// Rules returns the catalogue of changes for reports.
func Rules() []finding.Rule {
	var list []finding.Rule
	for _, r := range checker.GetAllRules() {
		list = append(list, finding.Rule{
			ID: r.Id, Level: level(cmp.Or(raised[r.Id], r.Level)), Title: strings.ReplaceAll(r.Id, "-", " "),
			Why: "Breaks " + affected(r) + ".", Fix: fix(r),
		})
	}
	return list
}
