package schemas

import (
	"maps"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/check/rule"
)

const (
	// maxVisits bounds how often parts of one value are compared with a schema. Examples
	// of real documents stay below a tenth.
	maxVisits = 50_000
	// maxWork bounds it for all values of a document.
	maxWork = 5_000_000
)

// meter counts how often the validator would compare a part of a value with a schema. The
// validator itself cannot be stopped, and a page of schemas can keep it busy for years.
type meter struct {
	left int
	done map[visit]int
	// total adds the visits up by schema.
	total map[*openapi3.Schema]int
}

type visit struct {
	schema *openapi3.Schema
	value  *part
}

// part is a part of a value: a list, a mapping, or neither.
type part struct {
	items   []*part
	members map[string]*part
	value   any
}

func partOf(value any) *part {
	p := &part{value: value}
	switch value := value.(type) {
	case []any:
		for _, item := range value {
			p.items = append(p.items, partOf(item))
		}
	case map[string]any:
		p.members = make(map[string]*part, len(value))
		for name, member := range value {
			p.members[name] = partOf(member)
		}
	}
	return p
}

// visits returns how often the validator would compare, and whether that is within the limit.
func (m *meter) visits(schema *openapi3.Schema, value any) (n int, within bool) {
	m.done, m.total = map[visit]int{}, map[*openapi3.Schema]int{}
	n = m.count(schema, partOf(value))
	if n > m.left || len(m.done) > m.left {
		return min(n, m.left), false
	}
	return n, true
}

// heaviest returns the name of the component that is compared, or else of the one that
// most of the work is done below.
func heaviest(c *rule.Checker, m *meter, compared *openapi3.Schema) (name string, ok bool) {
	most := 0
	for _, s := range c.Index.Schemas {
		switch {
		case !s.Named():
		case s.Value == compared:
			return s.Place.Name(), true
		case m.total[s.Value] > most:
			most, name, ok = m.total[s.Value], s.Place.Name(), true
		}
	}
	return name, ok
}

func (m *meter) count(s *openapi3.Schema, p *part) int {
	if s == nil {
		return 0
	}
	if n, ok := m.done[visit{s, p}]; ok {
		return n
	}
	m.done[visit{s, p}] = 0
	if len(m.done) > m.left {
		return 1
	}
	n := 1
	add := func(more int) { n = min(n+more, m.left+1) }
	of := func(ref *openapi3.SchemaRef, p *part) int {
		if ref == nil {
			return 0
		}
		return m.count(ref.Value, p)
	}
	for _, ref := range s.AllOf {
		add(of(ref, p))
	}
	for _, group := range []openapi3.SchemaRefs{s.OneOf, s.AnyOf} {
		heaviest := 0
		for _, ref := range group {
			work := of(ref, p)
			heaviest = max(heaviest, work)
			if s.Discriminator == nil { // which leads to one of them alone
				add(work)
			}
		}
		if s.Discriminator != nil {
			add(heaviest)
		}
	}
	add(of(s.Not, p))
	for _, item := range p.items {
		add(of(s.Items, item))
	}
	for _, name := range slices.Sorted(maps.Keys(p.members)) {
		ref := s.Properties[name]
		if ref == nil {
			ref = s.AdditionalProperties.Schema
		}
		add(of(ref, p.members[name]))
	}
	m.done[visit{s, p}] = n
	m.total[s] += n
	return n
}
