// Package diff tells what a new version of a contract breaks, and for whom: for
// the callers of the API, and for those who implement it.
//
// The comparison is oasdiff's. What this package adds is the reader's view of each
// change: which operation, who breaks, and where in the new document it stands.
package diff

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oasdiff/oasdiff/checker"
	compare "github.com/oasdiff/oasdiff/diff"
	"github.com/oasdiff/oasdiff/flatten/allof"
	"github.com/oasdiff/oasdiff/load"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

// Result is what a comparison found.
type Result struct {
	// Breaking are the changes that break callers, as errors, or may break them, as warnings.
	Breaking []finding.Finding
	// Requirements are the changes that ask more of implementations than before, as
	// notes: a conforming server of the old contract may not conform to the new one.
	Requirements []finding.Finding
}

// raised gives changes a level of their own that the library takes for harmless.
// Clients are generated from operation ids and discriminators, programs branch on
// documented errors, and what an answer may have held somebody reads.
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

// fields names the field of the operation at which a change stands of which the
// library gives another place: that of what the operation referred to.
var fields = map[string]string{
	checker.APIOperationIdRemovedId:           "operationId",
	checker.ResponseSuccessStatusRemovedId:    "responses",
	checker.ResponseNonSuccessStatusRemovedId: "responses",
}

// Documents compares two versions of a contract. Both documents must be free of
// problems; they are consumed and not to be used afterwards.
func Documents(before, after *source.Document) (Result, error) {
	// As they are written, the documents tell where a change stands; with every
	// allOf merged they tell what it means.
	written, err := changes(specInfo(before, before.Spec), specInfo(after, after.Spec))
	if err != nil {
		return Result{}, err
	}
	localize := checker.NewDefaultLocalizer()
	identity := func(c checker.Change) string {
		return strings.Join([]string{c.GetId(), c.GetOperation(), c.GetPath(), c.GetUncolorizedText(localize)}, "\x00")
	}
	// Merging may reword a change. One that is the only one of its kind in its
	// operation is known by that alone.
	kind := func(c checker.Change) string {
		return strings.Join([]string{c.GetId(), c.GetOperation(), c.GetPath()}, "\x00")
	}
	places, kinds := map[string]finding.Position{}, map[string]int{}
	for _, c := range written {
		at, ok := revision(c, after)
		if !ok {
			at, ok = missed(c, before, after)
		}
		if field, known := fields[c.GetId()]; known {
			at, ok = after.Position(source.Place{File: after.Root.Name}.At("paths", c.GetPath(), strings.ToLower(c.GetOperation()), field)), true
		}
		if ok {
			places[identity(c)] = at
			places[kind(c)] = at
			kinds[kind(c)]++
		}
	}
	all := written
	if a, errA := merge(before.Spec); errA == nil {
		if b, errB := merge(after.Spec); errB == nil {
			if all, err = changes(specInfo(before, a), specInfo(after, b)); err != nil {
				return Result{}, err
			}
		}
	}

	rules := map[string]checker.BackwardCompatibilityRule{}
	for _, r := range checker.GetAllRules() {
		rules[r.Id] = r
	}
	var result Result
	for _, c := range all {
		r, known := rules[c.GetId()]
		if !known {
			return Result{}, fmt.Errorf("the comparison reports a change of an unknown kind: %s", c.GetId())
		}
		at, placed := places[identity(c)]
		if !placed && kinds[kind(c)] == 1 {
			at, placed = places[kind(c)]
		}
		if !placed {
			at = position(c, before, after)
		}
		f := finding.Finding{
			Position:  at,
			Rule:      c.GetId(),
			Message:   message(c, localize),
			Operation: operation(c),
		}
		switch {
		case c.GetLevel() >= checker.WARN:
			f.Level = finding.Warning
			if c.GetLevel() == checker.ERR {
				f.Level = finding.Error
			}
			f.Affects, f.Fix = affected(r), fix(r)
			result.Breaking = append(result.Breaking, f)
		case demands(r):
			f.Level = finding.Note
			f.Affects = "implementations that kept the old contract and no more"
			f.Fix = "Add a conformance case for it, so that implementations learn of it."
			result.Requirements = append(result.Requirements, f)
		}
	}
	result.Breaking = finding.Sort(result.Breaking)
	result.Requirements = finding.Sort(result.Requirements)
	return result, nil
}

// changes compares two documents down to the changes that break nobody.
func changes(before, after *load.SpecInfo) (checker.Changes, error) {
	report, operations, err := compare.GetWithOperationsSourcesMap(compare.NewConfig(), before, after)
	if err != nil {
		return nil, fmt.Errorf("the documents cannot be compared: %w", err)
	}
	config := checker.NewConfig(checker.GetAllChecks())
	for id, level := range raised {
		config.LogLevels[id] = level
	}
	return checker.CheckBackwardCompatibilityUntilLevel(config, report, operations, checker.INFO), nil
}

func specInfo(doc *source.Document, spec *openapi3.T) *load.SpecInfo {
	info := &load.SpecInfo{Url: (&url.URL{Path: doc.Root.Name}).String(), Spec: spec}
	if spec.Info != nil {
		info.Version = spec.Info.Version
	}
	return info
}

// merge flattens allOf. The library panics on some schemas; those are compared as they are.
func merge(spec *openapi3.T) (merged *openapi3.T, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("allOf cannot be merged: %v", p)
		}
	}()
	return allof.MergeSpec(spec)
}

// demands reports whether a change that breaks no caller asks more of servers: to
// accept more requests, to send fewer answers, or to offer something new.
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
		return "callers that use a generated client, in which the operation has its old name"
	case r.Area == checker.AreaSecurity:
		return "callers that authenticate as they did"
	case r.Area == checker.AreaPaths:
		return "every caller of the operation"
	case r.Direction == checker.DirectionRequest && r.Kind == checker.KindRequiredness, r.Id == checker.NewRequiredRequestParameterId:
		return "callers that leave it out, as they were allowed to"
	case r.Direction == checker.DirectionRequest:
		return "callers that send what was accepted and is refused or read differently now"
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

func message(c checker.Change, localize checker.Localizer) string {
	text := strings.TrimSpace(c.GetUncolorizedText(localize))
	if comment := strings.TrimSpace(c.GetComment(localize)); comment != "" {
		text += " (" + strings.ReplaceAll(comment, "\n", " ") + ")"
	}
	return text
}

func operation(c checker.Change) string {
	name := strings.TrimSpace(strings.ToUpper(c.GetOperation()) + " " + c.GetPath())
	if id := c.GetOperationId(); id != "" {
		name += " (" + id + ")"
	}
	return cmp.Or(name, "every operation that relies on it")
}

// revision returns where a change stands in the new document, if it does.
func revision(c checker.Change, after *source.Document) (finding.Position, bool) {
	s := c.GetRevisionSource()
	if s == nil || s.Line == 0 {
		return finding.Position{}, false
	}
	return at(after, s.File, s.Line, s.Column), true
}

func at(doc *source.Document, file string, line, column int) finding.Position {
	display := doc.Root.Display
	if f := doc.Files[file]; f != nil {
		display = f.Display
	}
	return finding.Position{File: display, Line: line, Column: cmp.Or(column, 1)}
}

// missed returns where in the new document something is missed that stood in the
// old one: at what is left of what enclosed it.
func missed(c checker.Change, before, after *source.Document) (finding.Position, bool) {
	s := c.GetBaseSource()
	if s == nil || s.Line == 0 {
		return finding.Position{}, false
	}
	place, ok := before.At(s.File, s.Line, s.Column)
	if !ok {
		return finding.Position{}, false
	}
	if place.File == before.Root.Name {
		place.File = after.Root.Name
	}
	if after.Files[place.File] == nil {
		return finding.Position{}, false
	}
	return after.Position(place), true
}

// position returns where a change is shown that has no place of its own in the
// new document, which is where annotations appear.
func position(c checker.Change, before, after *source.Document) finding.Position {
	if p, ok := revision(c, after); ok {
		return p
	}
	if p, ok := missed(c, before, after); ok {
		return p
	}
	if c.GetPath() != "" {
		return after.Position(source.Place{File: after.Root.Name}.At("paths", c.GetPath(), strings.ToLower(c.GetOperation())))
	}
	return finding.Position{File: after.Root.Display, Line: 1, Column: 1}
}

// Rules returns the catalogue of changes for reports.
func Rules() []finding.Rule {
	var list []finding.Rule
	for _, r := range checker.GetAllRules() {
		level := finding.Note
		switch l := cmp.Or(raised[r.Id], r.Level); l {
		case checker.ERR:
			level = finding.Error
		case checker.WARN:
			level = finding.Warning
		}
		title := strings.ReplaceAll(r.Id, "-", " ")
		list = append(list, finding.Rule{ID: r.Id, Level: level, Title: title, Why: "Breaks " + affected(r) + ".", Fix: fix(r)})
	}
	return list
}
