// Package diff finds what a new version of a contract breaks, and for whom: the
// callers of the API, and those who implement it.
//
// The comparison is oasdiff's, but for what package unseen finds beside it. What this
// package adds is the reader's view of each change: which operation, who breaks, and
// where it is in the new document.
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
	"gopkg.in/yaml.v3"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/diff/unseen"
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
	// Notes are changes that are worth knowing and ask for nothing.
	Notes []finding.Finding
}

// Documents compares two versions of a contract. Both documents must be free of
// problems; they are consumed and must not be used afterwards.
func Documents(before, after *source.Document) (Result, error) {
	spread(before.Spec)
	spread(after.Spec)
	unseen.Separate(before.Spec, after.Spec)
	localize := checker.NewDefaultLocalizer()
	a, b := before.Spec, after.Spec
	var shown *places
	if mentionsAllOf(before) || mentionsAllOf(after) {
		// As they are written, the documents show where a change is; with every allOf
		// merged they show what it means. Without any both are the same.
		written, err := changes(specInfo(before, a), specInfo(after, b))
		if err != nil {
			return Result{}, err
		}
		shown = newPlaces(before, after, localize, written)
		if mergedA, errA := merge(a); errA == nil {
			if mergedB, errB := merge(b); errB == nil {
				a, b = mergedA, mergedB
			}
		}
	}
	own := unseen.Find(unseen.Contract{Doc: before, Spec: a}, unseen.Contract{Doc: after, Spec: b})
	bodies := share(a, b)
	all, err := changes(specInfo(before, a), specInfo(after, b))
	if err != nil {
		return Result{}, err
	}
	all = bodies.spreadOut(all, localize)
	if shown == nil {
		shown = newPlaces(before, after, localize, all)
	}

	shown.find(all)
	var result Result
	all = slices.DeleteFunc(all, func(c checker.Change) bool { return harmless(c, a, b, localize) })
	variants := map[string]bool{}
	for _, c := range all {
		if strings.HasSuffix(c.GetId(), "-of-added") {
			variants[c.GetOperation()+" "+c.GetPath()] = true
		}
	}
	retyped := retypedProperties(all, localize)
	for _, c := range all {
		r, known := rules[c.GetId()]
		if !known {
			return Result{}, fmt.Errorf("the comparison reports a change of an unknown kind: %s", c.GetId())
		}
		if replaced(c.GetId()) || strings.HasSuffix(c.GetId(), "discriminator-mapping-added") && variants[c.GetOperation()+" "+c.GetPath()] {
			continue
		}
		if retyped.enclose(c, localize) {
			continue
		}
		f := finding.Finding{Position: shown.of(c), Rule: c.GetId(), Message: message(c, localize), Operation: operation(c)}
		worst := max(c.GetLevel(), raised[c.GetId()]) // some have a level that no configuration changes
		switch {
		case worst >= checker.WARN:
			f.Level, f.Affects, f.Fix = level(worst), affected(r), fix(r)
			result.Breaking = append(result.Breaking, f)
		case c.GetId() == checker.ResponseOptionalPropertyAddedId:
			f.Level, f.Affects, f.Fix = finding.Note, "nobody who ignores what he does not know", "Nothing is to be done."
			result.Notes = append(result.Notes, f)
		case demands(r):
			f.Level = finding.Note
			f.Affects = "implementations that satisfy only the old contract"
			f.Fix = newCase
			result.Requirements = append(result.Requirements, f)
		}
	}
	for _, list := range result.all() {
		shown.point(*list)
	}
	for _, c := range own {
		f := finding.Finding{
			Position: after.Position(c.Place), Rule: c.ID, Level: c.Level, Message: c.Message, Fix: c.Fix, Pointer: c.Place.Pointer.String(),
			Operation: cmp.Or(c.Operation, everyOperation), Affects: c.Affects,
		}
		switch {
		case c.Level != finding.Note:
			result.Breaking = append(result.Breaking, f)
		case c.Demand():
			result.Requirements = append(result.Requirements, f)
		default:
			result.Notes = append(result.Notes, f)
		}
	}
	result.Breaking = finding.Sort(result.Breaking)
	result.Requirements = finding.Sort(result.Requirements)
	result.Notes = finding.Sort(result.Notes)
	return result, nil
}

// mentionsAllOf reports whether anything in a document may be an allOf.
func mentionsAllOf(doc *source.Document) bool {
	var in func(n *yaml.Node) bool
	in = func(n *yaml.Node) bool { return n.Value == "allOf" || slices.ContainsFunc(n.Content, in) }
	for _, file := range doc.Files {
		if file.Root != nil && in(file.Root) {
			return true
		}
	}
	return false
}

// spread makes the parameters of a path those of each of its operations, which is what they
// are: the library compares the two lists apart.
func spread(spec *openapi3.T) {
	for _, item := range spec.Paths.Map() {
		if item == nil || len(item.Parameters) == 0 {
			continue
		}
		for _, op := range item.Operations() {
			for _, shared := range item.Parameters {
				if !slices.ContainsFunc(op.Parameters, func(own *openapi3.ParameterRef) bool { return sameParameter(own, shared) }) {
					op.Parameters = append(op.Parameters, shared)
				}
			}
		}
		item.Parameters = nil
	}
}

func sameParameter(a, b *openapi3.ParameterRef) bool {
	return a == b || a.Value != nil && b.Value != nil && a.Value.Name == b.Value.Name && a.Value.In == b.Value.In
}

// changes compares two documents, down to the changes that break nobody.
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

// everyOperation is the operation of a finding that concerns no single one.
const everyOperation = "every operation that relies on it"

func message(c checker.Change, localize checker.Localizer) string {
	text := strings.TrimSpace(c.GetUncolorizedText(localize))
	comment := strings.TrimSpace(c.GetComment(localize))
	// The advice on flags of the library's own command is for others.
	sentences := slices.DeleteFunc(strings.SplitAfter(comment, ". "), func(s string) bool { return strings.Contains(s, "severity-levels") })
	comment = strings.TrimSpace(strings.Join(sentences, ""))
	if comment != "" {
		text += " (" + strings.ReplaceAll(comment, "\n", " ") + ")"
	}
	return text
}

func operation(c checker.Change) string {
	name := strings.TrimSpace(strings.ToUpper(c.GetOperation()) + " " + unseen.Path(c.GetPath()))
	if id := c.GetOperationId(); id != "" {
		name += " (" + id + ")"
	}
	return cmp.Or(name, everyOperation)
}
