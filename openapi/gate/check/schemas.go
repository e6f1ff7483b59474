package check

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"gopkg.in/yaml.v3"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

// formatTypes names the types that a format of the specification belongs to.
// Formats that are not here may mean anything.
var formatTypes = map[string][]string{
	"int32": {"integer", "number"}, "int64": {"integer", "number"},
	"float": {"number"}, "double": {"number"},
	"date": {"string"}, "date-time": {"string"}, "time": {"string"}, "duration": {"string"},
	"byte": {"string"}, "binary": {"string"}, "password": {"string"},
	"uuid": {"string"}, "email": {"string"}, "uri": {"string"}, "hostname": {"string"},
	"ipv4": {"string"}, "ipv6": {"string"},
}

func (p *pass) formats() {
	for _, s := range p.index.Schemas {
		allowed, known := formatTypes[s.Value.Format]
		if !known || s.Value.Type == nil {
			continue
		}
		for _, t := range s.Value.Type.Slice() {
			if !slices.Contains(allowed, t) {
				p.report(ruleFormat, s.Place.At("format"), fmt.Sprintf("the format %s does not apply to the type %s", s.Value.Format, t))
			}
		}
	}
}

// keywordTypes names the types that a constraint applies to.
var keywordTypes = map[string][]string{
	"maximum": {"integer", "number"}, "minimum": {"integer", "number"}, "multipleOf": {"integer", "number"},
	"exclusiveMaximum": {"integer", "number"}, "exclusiveMinimum": {"integer", "number"},
	"maxLength": {"string"}, "minLength": {"string"}, "pattern": {"string"},
	"items": {"array"}, "maxItems": {"array"}, "minItems": {"array"}, "uniqueItems": {"array"},
	"properties": {"object"}, "required": {"object"}, "additionalProperties": {"object"},
	"maxProperties": {"object"}, "minProperties": {"object"},
}

func (p *pass) keywords() {
	for _, s := range p.index.Schemas {
		if s.Value.Type == nil {
			continue
		}
		for _, keyword := range slices.Sorted(maps.Keys(keywordTypes)) {
			place := s.Place.At(keyword)
			if p.doc.Node(place) == nil {
				continue
			}
			for _, t := range s.Value.Type.Slice() {
				if !slices.Contains(keywordTypes[keyword], t) {
					p.reportKey(ruleKeyword, place, fmt.Sprintf("%s has no effect on the type %s", keyword, t))
				}
			}
		}
	}
}

// foreignSyntax matches what ECMAScript expressions have and Go's do not: such a
// pattern is right in a document and merely cannot be tried here.
var foreignSyntax = regexp.MustCompile(`\(\?(?:=|!|<=|<!|<[a-zA-Z])|\\[1-9]|\\u[0-9a-fA-F{]|\\c[A-Za-z]|\\k<|\\/`)

func (p *pass) patterns() {
	for _, s := range p.index.Schemas {
		if s.Value.Pattern == "" {
			continue
		}
		if _, err := regexp.Compile(s.Value.Pattern); err != nil && !foreignSyntax.MatchString(s.Value.Pattern) {
			reason := strings.TrimPrefix(err.Error(), "error parsing regexp: ")
			p.report(rulePattern, s.Place.At("pattern"), "the pattern is not a regular expression: "+reason)
		}
	}
}

// wholes maps a schema to those that combine it with others by allOf, anyOf,
// oneOf or not: what one part requires another may describe.
func (p *pass) wholes() map[*openapi3.Schema][]*openapi3.Schema {
	wholes := map[*openapi3.Schema][]*openapi3.Schema{}
	for _, s := range p.index.Schemas {
		for _, ref := range slices.Concat(s.Value.AllOf, s.Value.AnyOf, s.Value.OneOf, openapi3.SchemaRefs{s.Value.Not}) {
			if ref != nil && ref.Value != nil {
				wholes[ref.Value] = append(wholes[ref.Value], s.Value)
			}
		}
	}
	return wholes
}

func (p *pass) requiredProperties() {
	wholes := p.wholes()
	for _, s := range p.index.Schemas {
		if len(s.Value.Required) == 0 {
			continue
		}
		// Everything that applies to the same value: the schema, what it is a part of, and their parts.
		related := []*openapi3.Schema{s.Value}
		for i := 0; i < len(related); i++ {
			for _, whole := range wholes[related[i]] {
				if !slices.Contains(related, whole) {
					related = append(related, whole)
				}
			}
		}
		if slices.ContainsFunc(related, func(v *openapi3.Schema) bool {
			return v.AdditionalProperties.Schema != nil || v.AdditionalProperties.Has != nil && *v.AdditionalProperties.Has
		}) {
			continue
		}
		described := flatten(related...)
		for i, name := range s.Value.Required {
			if !described.describes(name) {
				p.report(ruleRequired, s.Place.At("required", strconv.Itoa(i)), "the required property "+name+" is not described")
			}
		}
	}
}

// describes reports whether the shape or one of its alternatives has the member.
func (s shape) describes(name string) bool {
	if _, ok := s.Properties[name]; ok {
		return true
	}
	return slices.ContainsFunc(s.Alternatives, func(a shape) bool { return a.describes(name) })
}

func (p *pass) items() {
	for _, s := range p.index.Schemas {
		if s.Value.Type.Is("array") && s.Value.Items == nil {
			p.report(ruleItems, s.Place.At("type"), "the array does not describe its items")
		}
	}
}

func (p *pass) nullables() {
	for _, s := range p.index.Schemas {
		if !s.Value.Nullable {
			continue
		}
		if len(s.Value.Enum) > 0 && !slices.Contains(s.Value.Enum, nil) {
			p.report(ruleNullableEnum, s.Place.At("enum"), "the schema is nullable, and its enum does not list null")
		}
		if s.Value.Type == nil {
			p.report(ruleNullableType, s.Place.At("nullable"), "`nullable` has no effect without a type in the same schema")
		}
	}
}

// endless reports schemas that no finite value satisfies, because each value
// would have to hold another of its kind.
func (p *pass) endless() {
	f := finiteness{finite: map[*openapi3.Schema]bool{}}
	// What is finite spreads from the leaves, one step a round, until nothing changes.
	for changed := true; changed; {
		changed = false
		for _, s := range p.index.Schemas {
			if !f.finite[s.Value] && f.decide(s.Value) {
				f.finite[s.Value], changed = true, true
			}
		}
	}
	for _, s := range p.index.Schemas {
		if s.Named() && !f.finite[s.Value] {
			p.report(ruleEndless, s.Place, "every "+s.Place.Pointer[2]+" must hold another one, without end")
		}
	}
}

type finiteness struct{ finite map[*openapi3.Schema]bool }

func (f finiteness) of(ref *openapi3.SchemaRef) bool {
	return ref == nil || ref.Value == nil || f.finite[ref.Value]
}

func (f finiteness) decide(s *openapi3.Schema) bool {
	if s.Nullable {
		return true
	}
	for _, ref := range s.AllOf {
		if !f.of(ref) {
			return false
		}
	}
	for _, group := range []openapi3.SchemaRefs{s.AnyOf, s.OneOf} {
		if len(group) > 0 && !slices.ContainsFunc(group, f.of) {
			return false
		}
	}
	for _, name := range s.Required {
		if !f.of(s.Properties[name]) {
			return false
		}
	}
	return s.MinItems == 0 || f.of(s.Items)
}

// contradictions reports allOf whose parts want different types.
func (p *pass) contradictions() {
	for _, s := range p.index.Schemas {
		if len(s.Value.AllOf) == 0 {
			continue
		}
		p.contradiction(s.Place, flatten(s.Value), "the value")
	}
}

func (p *pass) contradiction(place source.Place, all shape, what string) {
	var possible []string
	for _, part := range all.Parts {
		if part.Type == nil {
			continue
		}
		types := part.Type.Slice()
		if slices.Contains(types, "number") {
			types = append(slices.Clone(types), "integer")
		}
		if possible == nil {
			possible = types
			continue
		}
		if possible = slices.DeleteFunc(slices.Clone(possible), func(t string) bool { return !slices.Contains(types, t) }); len(possible) == 0 {
			p.report(ruleAllOf, place.At("allOf"), fmt.Sprintf("the parts of allOf want different types of %s: %s", what, strings.Join(all.Types, " and ")))
			return
		}
	}
	for name, member := range all.Properties {
		p.contradiction(place, member, strings.TrimPrefix(what+"."+name, "the value."))
	}
}

func (p *pass) discriminators() {
	for _, s := range p.index.Schemas {
		d := s.Value.Discriminator
		if d == nil || d.PropertyName == "" {
			continue
		}
		variants := []struct {
			key  string
			refs openapi3.SchemaRefs
		}{{"oneOf", s.Value.OneOf}, {"anyOf", s.Value.AnyOf}}
		for _, v := range variants {
			for i, ref := range v.refs {
				if ref.Value == nil {
					continue
				}
				variant := flatten(ref.Value)
				if _, ok := variant.Properties[d.PropertyName]; !ok || !slices.Contains(variant.Required, d.PropertyName) {
					p.report(ruleDiscriminator, s.Place.At(v.key, strconv.Itoa(i)), "this variant does not require the discriminator's property "+d.PropertyName)
				}
			}
		}
	}
}

// mappings reports entries of a discriminator's mapping that lead to no schema.
func (p *pass) mappings() {
	for _, s := range p.index.Schemas {
		if s.Value.Discriminator == nil {
			continue
		}
		place := s.Place.At("discriminator", "mapping")
		for value, ref := range s.Value.Discriminator.Mapping {
			entry := place.At(value)
			target := entry.Follow(ref.Ref)
			if n := p.doc.Node(p.root("components", "schemas", ref.Ref)); n != nil {
				continue // the name of a schema
			}
			if !strings.ContainsAny(ref.Ref, "#/.") || p.doc.Files[target.File] != nil && p.doc.Node(target) == nil {
				p.report(ruleMapping, entry, fmt.Sprintf("there is no schema %s, to which %s is mapped", ref.Ref, value))
			}
		}
	}
}

// empties reports lists that OpenAPI asks for an entry.
func (p *pass) empties() {
	for _, s := range p.index.Schemas {
		for _, keyword := range []string{"enum", "required"} {
			place := s.Place.At(keyword)
			if n := p.doc.Node(place); n != nil && n.Kind == yaml.SequenceNode && len(n.Content) == 0 {
				p.reportKey(source.RuleStructure, place, keyword+" lists nothing: at least one entry is needed")
			}
		}
	}
}
