package diff

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"github.com/oasdiff/oasdiff/checker"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/diff/unseen"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
)

// rules are the kinds of changes that the library knows, by their id.
var rules = func() map[string]checker.BackwardCompatibilityRule {
	all := map[string]checker.BackwardCompatibilityRule{}
	for _, r := range checker.GetAllRules() {
		all[r.Id] = r
	}
	return all
}()

// raised gives changes a level of their own that the library takes for harmless.
// Clients are generated from operation ids and discriminators, programs branch on
// documented errors, and somebody reads what a response used to contain. A value that
// is left out means something else where the default is another. What was deprecated
// and is removed is gone all the same.
var raised = func() map[string]checker.Level {
	levels := map[string]checker.Level{
		checker.APIOperationIdRemovedId:                       checker.WARN,
		checker.APIRemovedWithDeprecationId:                   checker.WARN,
		checker.APIPathRemovedWithDeprecationId:               checker.WARN,
		checker.ResponseNonSuccessStatusRemovedId:             checker.WARN,
		checker.ResponseOptionalPropertyRemovedId:             checker.WARN,
		"response-required-property-removed-with-deprecation": checker.WARN,
		"request-parameter-removed-with-deprecation":          checker.WARN,
		"request-property-removed-with-deprecation":           checker.WARN,
		"api-security-component-oauth-scope-removed":          checker.WARN,
		"optional-response-header-removed":                    checker.WARN,
		"request-parameter-default-value-changed":             checker.WARN,
		"request-parameter-default-value-removed":             checker.WARN,
	}
	for _, part := range []string{"request-body", "request-property", "response-body", "response-property"} {
		levels[part+"-default-value-changed"] = checker.WARN
		levels[part+"-default-value-removed"] = checker.WARN
		levels[part+"-discriminator-removed"] = checker.WARN
		levels[part+"-discriminator-property-name-changed"] = checker.WARN
		levels[part+"-discriminator-mapping-changed"] = checker.ERR
		if strings.HasPrefix(part, "request") {
			levels[part+"-discriminator-added"] = checker.WARN
			levels[part+"-discriminator-mapping-deleted"] = checker.ERR
		} else {
			levels[part+"-discriminator-mapping-added"] = checker.ERR
		}
	}
	return levels
}()

// replaced reports whether package unseen finds changes of a kind, and the library too few of them:
// what is inside of a parameter's schema.
func replaced(id string) bool {
	return strings.HasPrefix(id, "request-parameter-property-") || strings.HasPrefix(id, "request-header-property-") ||
		id == "new-required-request-header-property"
}

// newCase is the fix of what asks more of implementations.
const newCase = "Add a conformance case for it, so that implementations learn of it."

// demands reports whether a change that breaks no caller asks more of servers: to
// accept more requests, to send fewer responses, or to offer something new.
func demands(r checker.BackwardCompatibilityRule) bool {
	switch r.Direction {
	case checker.DirectionRequest:
		return r.Effect == checker.EffectWidens || slices.Contains([]string{
			checker.NewOptionalRequestParameterId, checker.NewOptionalRequestPropertyId,
			"request-body-added-optional", "request-body-discriminator-mapping-added", "request-property-discriminator-mapping-added",
		}, r.Id)
	case checker.DirectionResponse:
		return r.Effect == checker.EffectNarrows || slices.Contains([]string{
			checker.ResponseRequiredPropertyAddedId, checker.ResponseSuccessStatusAddedId, checker.ResponseNonSuccessStatusAddedId,
			"response-body-discriminator-added", "response-property-discriminator-added", "response-optional-property-became-not-write-only",
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
func Rules() []finding.Rule { return slices.Clone(catalogue()) }

// catalogue is made once, as the texts of the library have to be read for it: a command asks for it
// several times.
var catalogue = sync.OnceValue(func() []finding.Rule {
	var list []finding.Rule
	localize := checker.NewDefaultLocalizer()
	for _, r := range checker.GetAllRules() {
		if replaced(r.Id) {
			continue
		}
		worst := cmp.Or(raised[r.Id], r.Level)
		list = append(list, described(r, worst, localize))
	}
	for _, r := range unseen.Rules() {
		r.Title = strings.ReplaceAll(r.ID, "-", " ")
		list = append(list, r.Rule)
	}
	return append(list, documentRemoved, documentUnreadable, baseUnreadable, diffUnfinished, exceptionStale)
})
