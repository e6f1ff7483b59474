package diff

import (
	"cmp"
	"strings"

	"github.com/oasdiff/oasdiff/checker"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/diff/unseen"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

// fields names the field of the operation at which a change is shown for which the
// library gives another place: that of what the operation referred to.
var fields = map[string]string{
	checker.APIOperationIdRemovedId:           "operationId",
	checker.ResponseSuccessStatusRemovedId:    "responses",
	checker.ResponseNonSuccessStatusRemovedId: "responses",
}

// places finds where in the new document a change is shown, which is where
// annotations appear.
type places struct {
	before, after *source.Document
	localize      checker.Localizer
	// exact and sole hold the places of changes between the documents as they are
	// written: by all that identifies a change, and by its kind where it is the only
	// one of that kind in its operation.
	exact, sole map[string]finding.Position
	// old holds the places of what changes are of in the old document.
	old map[spot]source.Place
}

// spot is where something begins, in any file.
type spot struct {
	file string
	source.Spot
}

func spotOf(s *checker.Source) spot { return spot{s.File, source.Spot{Line: s.Line, Column: s.Column}} }

// find looks up the places of all changes at once, which stand in the old document.
func (p *places) find(changes checker.Changes) {
	wanted := map[string][]source.Spot{}
	for _, c := range changes {
		if s := c.GetBaseSource(); s != nil && s.Line > 0 {
			if _, ok := p.old[spotOf(s)]; !ok {
				wanted[s.File] = append(wanted[s.File], spotOf(s).Spot)
				p.old[spotOf(s)] = source.Place{}
			}
		}
	}
	for file, spots := range wanted {
		for s, place := range p.before.At(file, spots...) {
			p.old[spot{file, s}] = place
		}
	}
}

// point gives findings the pointers of their positions in the new document.
func (p *places) point(findings []finding.Finding) {
	names := map[string]string{}
	for name, f := range p.after.Files {
		names[f.Display] = name
	}
	wanted := map[string][]source.Spot{}
	for _, f := range findings {
		wanted[names[f.File]] = append(wanted[names[f.File]], source.Spot{Line: f.Line, Column: f.Column})
	}
	found := map[string]map[source.Spot]source.Place{}
	for file, spots := range wanted {
		found[file] = p.after.At(file, spots...)
	}
	for i, f := range findings {
		if f.Pointer == "" {
			findings[i].Pointer = found[names[f.File]][source.Spot{Line: f.Line, Column: f.Column}].Pointer.String()
		}
	}
}

func newPlaces(before, after *source.Document, localize checker.Localizer, written checker.Changes) *places {
	p := &places{before, after, localize, map[string]finding.Position{}, map[string]finding.Position{}, map[spot]source.Place{}}
	p.find(written)
	count := map[string]int{}
	for _, c := range written {
		at, ok := p.own(c)
		if field, known := fields[c.GetId()]; known {
			at, ok = p.operation(c, field), true
		}
		if ok {
			p.exact[p.identity(c)] = at
			p.sole[kind(c)] = at
			count[kind(c)]++
		}
	}
	for k, n := range count {
		if n > 1 {
			delete(p.sole, k)
		}
	}
	return p
}

// of returns where a change is shown. It may be one between documents whose allOf
// are merged, which has no place of its own and at times another text.
func (p *places) of(c checker.Change) finding.Position {
	if at, ok := p.exact[p.identity(c)]; ok {
		return at
	}
	if at, ok := p.sole[kind(c)]; ok {
		return at
	}
	if at, ok := p.own(c); ok {
		return at
	}
	if c.GetPath() != "" {
		return p.operation(c)
	}
	return finding.Position{File: p.after.Root.Display, Line: 1, Column: 1}
}

// own returns the place that the library gives a change.
func (p *places) own(c checker.Change) (finding.Position, bool) {
	if at, ok := p.revision(c); ok {
		return at, true
	}
	return p.missed(c)
}

// revision returns where a change is in the new document, if it is there at all.
func (p *places) revision(c checker.Change) (finding.Position, bool) {
	s := c.GetRevisionSource()
	if s == nil || s.Line == 0 {
		return finding.Position{}, false
	}
	display := p.after.Root.Display
	if f := p.after.Files[s.File]; f != nil {
		display = f.Display
	}
	return finding.Position{File: display, Line: s.Line, Column: cmp.Or(s.Column, 1)}, true
}

// missed returns where in the new document something is missing that the old one
// had: at what is left of what enclosed it.
func (p *places) missed(c checker.Change) (finding.Position, bool) {
	s := c.GetBaseSource()
	if s == nil || s.Line == 0 {
		return finding.Position{}, false
	}
	place := p.old[spotOf(s)]
	if place.File == "" {
		return finding.Position{}, false
	}
	if place.File == p.before.Root.Name {
		place.File = p.after.Root.Name
	}
	if p.after.Files[place.File] == nil {
		return finding.Position{}, false
	}
	// Where a whole component is gone, what it stood among says nothing.
	if ptr := place.Pointer; len(ptr) > 3 && ptr[0] == "components" && p.after.Node(source.Place{File: place.File, Pointer: ptr[:3]}) == nil {
		return finding.Position{}, false
	}
	return p.after.Position(place), true
}

// operation returns the place of a change's operation, or of one of its fields.
func (p *places) operation(c checker.Change, field ...string) finding.Position {
	return p.after.Position(p.after.RootPlace("paths", unseen.Path(c.GetPath()), strings.ToLower(c.GetOperation())).At(field...))
}

// identity is equal for changes that are described in the same words.
func (p *places) identity(c checker.Change) string {
	return kind(c) + "\x00" + c.GetUncolorizedText(p.localize)
}

// kind is equal for changes of the same kind in the same operation.
func kind(c checker.Change) string {
	return strings.Join([]string{c.GetId(), c.GetOperation(), c.GetPath()}, "\x00")
}
