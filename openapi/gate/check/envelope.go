package check

import (
	"fmt"
	"maps"
	"mime"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

// envelopeMark is the extension by which a component schema says that it is the
// error envelope, and by which a response says that it is an exception (false).
const envelopeMark = "x-error-envelope"

// shape is what a schema asks of an object, with every allOf taken together.
type shape struct {
	// Parts are the schemas that apply to the value.
	Parts      []*openapi3.Schema
	Types      []string
	Properties map[string]shape
	Required   []string
	// Alternatives holds the members of oneOf and anyOf.
	Alternatives []shape
}

const (
	// shapeDepth bounds how deep objects are compared: envelopes are flat.
	shapeDepth = 4
	// shapeBudget bounds how many schemas are looked at for one shape, so that a
	// schema that refers to itself many times stays cheap.
	shapeBudget = 20_000
)

func flatten(schemas ...*openapi3.Schema) shape {
	budget := shapeBudget
	return flattenTo(shapeDepth, &budget, schemas)
}

func flattenTo(depth int, budget *int, schemas []*openapi3.Schema) shape {
	s := shape{Properties: map[string]shape{}}
	properties := map[string][]*openapi3.Schema{}
	var add func(v *openapi3.Schema)
	add = func(v *openapi3.Schema) {
		if v == nil || *budget <= 0 || slices.Contains(s.Parts, v) {
			return
		}
		*budget--
		s.Parts = append(s.Parts, v)
		if v.Type != nil {
			for _, t := range v.Type.Slice() {
				if !slices.Contains(s.Types, t) {
					s.Types = append(s.Types, t)
				}
			}
		}
		for _, name := range v.Required {
			if !slices.Contains(s.Required, name) {
				s.Required = append(s.Required, name)
			}
		}
		for name, ref := range v.Properties {
			if ref.Value != nil {
				properties[name] = append(properties[name], ref.Value)
			}
		}
		for _, ref := range v.AllOf {
			add(ref.Value)
		}
		if depth > 0 {
			for _, ref := range slices.Concat(v.OneOf, v.AnyOf) {
				if ref.Value != nil {
					s.Alternatives = append(s.Alternatives, flattenTo(depth-1, budget, []*openapi3.Schema{ref.Value}))
				}
			}
		}
	}
	for _, v := range schemas {
		add(v)
	}
	if depth > 0 {
		for name, parts := range properties {
			s.Properties[name] = flattenTo(depth-1, budget, parts)
		}
	}
	slices.Sort(s.Types)
	slices.Sort(s.Required)
	return s
}

func (s shape) description() string {
	for _, part := range s.Parts {
		if !blank(part.Description) {
			return part.Description
		}
	}
	return ""
}

// values returns what the value is limited to by enumerations, or nil when any
// value is allowed.
func (s shape) values() []any {
	var values []any
	limited := false
	for _, part := range s.Parts {
		if len(part.Enum) == 0 {
			continue
		}
		if !limited {
			values, limited = slices.Clone(part.Enum), true
			continue
		}
		values = slices.DeleteFunc(values, func(v any) bool {
			return !slices.ContainsFunc(part.Enum, func(w any) bool { return fmt.Sprint(v) == fmt.Sprint(w) })
		})
	}
	return values
}

// signature is equal for objects with the same required members of the same
// types, whatever else they hold. Where nothing is required the members count.
func (s shape) signature() string {
	names := s.Required
	if len(names) == 0 {
		names = slices.Sorted(maps.Keys(s.Properties))
	}
	var b strings.Builder
	for _, name := range names {
		member := s.Properties[name]
		fmt.Fprintf(&b, "%s:%s", name, strings.Join(member.Types, "|"))
		if len(member.Properties) > 0 {
			fmt.Fprintf(&b, "(%s)", member.signature())
		}
		b.WriteByte(' ')
	}
	return b.String()
}

// lacks names the first thing that s does not promise though the envelope does.
func (s shape) lacks(envelope shape, path string) string {
	if len(s.Alternatives) > 0 && len(s.Properties) == 0 {
		for _, a := range s.Alternatives {
			if lack := a.lacks(envelope, path); lack != "" {
				return lack
			}
		}
		return ""
	}
	names := envelope.Required
	if len(names) == 0 && path == "" {
		names = slices.Sorted(maps.Keys(envelope.Properties))
	}
	for _, name := range names {
		full := strings.TrimPrefix(path+"."+name, ".")
		member, ok := s.Properties[name]
		if !ok {
			return full
		}
		if len(envelope.Required) > 0 && !slices.Contains(s.Required, name) {
			return full + " as a required property"
		}
		wanted := envelope.Properties[name]
		if len(wanted.Types) > 0 && len(member.Types) > 0 && !slices.Equal(wanted.Types, member.Types) {
			return fmt.Sprintf("%s of type %s", full, strings.Join(wanted.Types, " or "))
		}
		if lack := member.lacks(wanted, full); lack != "" {
			return lack
		}
	}
	return ""
}

// failure is one error response with a JSON body.
type failure struct {
	op    operation
	r     response
	place source.Place // the media type
	shape shape
}

// failures collects the error responses that describe a JSON body.
func (p *pass) failures() []failure {
	var list []failure
	for _, op := range p.index.Operations {
		for _, r := range op.Responses {
			if !r.Failure() || r.Value.Extensions[envelopeMark] == false {
				continue
			}
			for _, name := range slices.Sorted(maps.Keys(r.Value.Content)) {
				m := r.Value.Content[name]
				if m != nil && m.Schema != nil && m.Schema.Value != nil && isJSON(name) {
					list = append(list, failure{op, r, r.Place.At("content", name), flatten(m.Schema.Value)})
				}
			}
		}
	}
	return list
}

func isJSON(mediaType string) bool {
	name, _, err := mime.ParseMediaType(mediaType)
	return err == nil && (name == "application/json" || strings.HasSuffix(name, "+json"))
}

// envelope returns what every error of this document is to look like. A document
// in which fewer than two thirds of the errors have something in common has no
// envelope, and none is asked for.
func (p *pass) envelope(failures []failure) (shape, bool) {
	if c := p.doc.Spec.Components; c != nil {
		for name, ref := range c.Schemas {
			if ref.Value != nil && (name == p.opts.Envelope || p.opts.Envelope == "" && ref.Value.Extensions[envelopeMark] == true) {
				return flatten(ref.Value), true
			}
		}
	}
	// Of the shapes that nearly all errors have, the one that promises most is
	// the envelope: whatever promises less is had by even more.
	byShape := map[string]shape{}
	for _, f := range failures {
		if len(f.shape.Properties) > 0 {
			byShape[f.shape.signature()] = f.shape
		}
	}
	best, most := shape{}, 0
	for _, signature := range slices.Sorted(maps.Keys(byShape)) {
		candidate := byShape[signature]
		covered := 0
		for _, f := range failures {
			if f.shape.lacks(candidate, "") == "" {
				covered++
			}
		}
		promises := 0
		candidate.leaves("", func(string, shape) { promises++ })
		if covered >= 2 && covered*3 >= len(failures)*2 && promises > most {
			best, most = candidate, promises
		}
	}
	return best, most > 0
}

// envelopes applies the rules on the body of errors.
func (p *pass) envelopes() {
	failures := p.failures()
	envelope, ok := p.envelope(failures)
	if !ok {
		return
	}
	var inside []failure
	for _, f := range failures {
		if lack := f.shape.lacks(envelope, ""); lack != "" {
			p.report(ruleErrorEnvelope, f.place.At("schema"), fmt.Sprintf("the body of this error lacks %s, which the document's errors have (%s)", lack, describe(f.r.Place)))
			continue
		}
		inside = append(inside, f)
	}
	p.plainErrors()
	p.machineFields(inside)
}

// plainErrors reports errors that offer no JSON beside what they describe, in a
// document whose errors are JSON.
func (p *pass) plainErrors() {
	for _, op := range p.index.Operations {
		for _, r := range op.Responses {
			if !r.Failure() || len(r.Value.Content) == 0 || r.Value.Extensions[envelopeMark] == false {
				continue
			}
			if !slices.ContainsFunc(slices.Collect(maps.Keys(r.Value.Content)), func(name string) bool { return isJSON(name) || strings.HasPrefix(name, "*/") }) {
				p.report(ruleErrorEnvelope, r.Place.At("content"), "this error is not in JSON, as the document's errors are ("+describe(r.Place)+")")
			}
		}
	}
}

// machineFields looks at the members that most statuses limit to fixed values:
// programs branch on these, so that every status has to.
func (p *pass) machineFields(failures []failure) {
	type field struct {
		limited, equalStatus, total int
	}
	fields := map[string]*field{}
	exact := slices.DeleteFunc(slices.Clone(failures), func(f failure) bool {
		_, err := strconv.Atoi(f.r.Status)
		return err != nil
	})
	for _, f := range exact {
		f.shape.leaves("", func(path string, leaf shape) {
			if fields[path] == nil {
				fields[path] = &field{}
			}
			fields[path].total++
			if values := leaf.values(); values != nil {
				fields[path].limited++
				if len(values) == 1 && fmt.Sprint(values[0]) == f.r.Status {
					fields[path].equalStatus++
				}
			}
		})
	}
	for _, f := range exact {
		schema := f.place.At("schema")
		f.shape.leaves("", func(path string, leaf shape) {
			machine := fields[path]
			if machine.limited*2 <= len(exact) || machine.limited < 2 {
				return
			}
			values := leaf.values()
			if values == nil {
				p.report(ruleMachineOpen, schema, fmt.Sprintf("%s is not fixed for status %s, as it is for the others (%s)", path, f.r.Status, describe(f.r.Place)))
				return
			}
			if machine.equalStatus*2 > len(exact) && !slices.ContainsFunc(values, func(v any) bool { return fmt.Sprint(v) == f.r.Status }) {
				p.report(ruleMachineStatus, schema, fmt.Sprintf("%s is fixed to %v in a response of status %s (%s)", path, values[0], f.r.Status, describe(f.r.Place)))
			}
		})
	}
}

// leaves calls visit for every member that is not itself an object with members.
func (s shape) leaves(path string, visit func(path string, leaf shape)) {
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		member, full := s.Properties[name], strings.TrimPrefix(path+"."+name, ".")
		if len(member.Properties) > 0 {
			member.leaves(full, visit)
			continue
		}
		visit(full, member)
	}
}
