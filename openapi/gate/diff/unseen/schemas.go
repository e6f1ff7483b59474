package unseen

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// effect is what a change does to the values that a schema allows.
type effect int

const (
	narrower effect = iota // it no longer allows some of them
	wider                  // it allows more
	both                   // it allows others
	altered                // the same ones, but they mean something else, or somebody relied on more than is promised
	offered                // the same ones, of which more is described
)

// local is a change of one keyword of a schema.
type local struct {
	keyword string
	effect  effect
	text    string
	// keys lead from the schema to what changed.
	keys []string
	// revised is set where both versions have the keyword.
	revised bool
}

// pair is a schema of the old document and what became of it.
type pair struct {
	before, after *openapi3.Schema
	// sends is set where callers send the value.
	sends bool
	// textual is set where the value is written without its type, as in a query.
	textual bool
}

// edge leads from a pair to one inside it.
type edge struct {
	to    pair
	label string
	keys  []string
}

type node struct {
	locals []local
	edges  []edge
	// dirty is set where something changed here or below.
	dirty bool
}

// graph holds all pairs of schemas that were met. Schemas contain each other, so each is
// compared once, and only where something changed is it visited for every operation.
type graph map[pair]*node

// add compares a pair and all below it.
func (g graph) add(p pair) {
	if p.before == nil || p.after == nil || g[p] != nil {
		return
	}
	n := &node{}
	g[p] = n
	c := comparison{pair: p, graph: g}
	c.compare()
	n.locals, n.edges = c.locals, c.edges
	for _, e := range n.edges {
		g.add(e.to)
	}
}

// settle finds the pairs in or below which something changed.
func (g graph) settle() {
	above := map[pair][]pair{}
	var work []pair
	for p, n := range g {
		for _, e := range n.edges {
			above[e.to] = append(above[e.to], p)
		}
		if n.dirty = len(n.locals) > 0; n.dirty {
			work = append(work, p)
		}
	}
	for len(work) > 0 {
		p := work[len(work)-1]
		work = work[:len(work)-1]
		for _, up := range above[p] {
			if n := g[up]; !n.dirty {
				n.dirty = true
				work = append(work, up)
			}
		}
	}
}

// comparison compares one pair.
type comparison struct {
	pair
	graph  graph
	locals []local
	edges  []edge
}

func (c *comparison) note(keyword string, e effect, revised bool, text string, keys ...string) {
	if keys == nil {
		keys = []string{keyword}
	}
	c.locals = append(c.locals, local{keyword, e, text, keys, revised})
}

// descend adds a pair below this one.
func (c *comparison) descend(before, after *openapi3.SchemaRef, label string, keys ...string) {
	if before != nil && after != nil && before.Value != nil && after.Value != nil {
		c.edges = append(c.edges, edge{pair{before.Value, after.Value, c.sends, c.textual}, label, keys})
	}
}

func (c *comparison) compare() {
	b, a := c.before, c.after
	if b == a {
		return
	}
	if c.types() {
		return // all the rest of them is about another type
	}
	c.enum()
	c.limit("minimum", b.Min, a.Min, wider)
	c.limit("maximum", b.Max, a.Max, narrower)
	c.flag("exclusiveMinimum", isTrue(b.ExclusiveMin.Bool), isTrue(a.ExclusiveMin.Bool), narrower)
	c.flag("exclusiveMaximum", isTrue(b.ExclusiveMax.Bool), isTrue(a.ExclusiveMax.Bool), narrower)
	c.multipleOf()
	c.least("minLength", b.MinLength, a.MinLength)
	c.most("maxLength", b.MaxLength, a.MaxLength)
	c.least("minItems", b.MinItems, a.MinItems)
	c.most("maxItems", b.MaxItems, a.MaxItems)
	c.least("minProperties", b.MinProps, a.MinProps)
	c.most("maxProperties", b.MaxProps, a.MaxProps)
	c.flag("uniqueItems", b.UniqueItems, a.UniqueItems, narrower)
	c.flag("nullable", b.Nullable, a.Nullable, wider)
	c.word("pattern", b.Pattern, a.Pattern)
	c.defaults()
	c.xml()
	c.not()
	c.discriminator()
	c.properties()
	c.additional()
	switch {
	case b.Items != nil && a.Items != nil:
		c.descend(b.Items, a.Items, "items", "items")
	case a.Items != nil:
		c.note("items", narrower, false, "`items` were described")
	case b.Items != nil:
		c.note("items", wider, false, "`items` are no longer described")
	}
	c.members("allOf", b.AllOf, a.AllOf, wider)
	// Where there were no alternatives any value was allowed.
	c.members("oneOf", b.OneOf, a.OneOf, narrower)
	c.members("anyOf", b.AnyOf, a.AnyOf, narrower)
}

func isTrue(b *bool) bool { return b != nil && *b }

// types compares the type and, where it is the same, the format. It reports whether the value is
// of another type.
func (c *comparison) types() bool {
	before, after := c.before.Type.Slice(), c.after.Type.Slice()
	if slices.Equal(before, after) {
		c.format()
		return false
	}
	from, to := strings.Join(before, ", "), strings.Join(after, ", ")
	e := both
	switch {
	case to == "", from == "integer" && to == "number", c.textual && to == "string" && from != "array" && from != "object" && from != "":
		e = wider
	case from == "" && to == "string" && c.textual:
		return false
	case from == "", from == "number" && to == "integer":
		e = narrower
	}
	c.note("type", e, from != "" && to != "", became("type", from, to))
	numbers := e == wider && to == "number" || e == narrower && from == "number"
	return from != "" && to != "" && !numbers
}

// broader holds the formats of which one allows every value of the other.
var broader = map[string]string{"int32": "int64", "float": "double"}

// widest are formats of numbers that say no more than that they are some: beyond them programs do
// not exchange any.
var widest = map[string]bool{"int64": true, "double": true}

// Formatted reports whether two formats of numbers are the same for those who exchange them.
func Formatted(before, after string) bool {
	return before == after || before == "" && widest[after] || widest[before] && after == ""
}

func (c *comparison) format() {
	b, a := c.before.Format, c.after.Format
	if Formatted(b, a) {
		return
	}
	e := both
	switch {
	case b == "" || broader[a] == b:
		e = narrower
	case a == "" || broader[b] == a:
		e = wider
	}
	c.note("format", e, b != "" && a != "", became("format", b, a))
}

func (c *comparison) enum() {
	b, a := texts(c.before.Enum), texts(c.after.Enum)
	removed, added := lacking(b, a), lacking(a, b)
	switch {
	case len(b) == 0 && len(a) == 0:
	case len(b) == 0:
		c.note("enum", narrower, false, "`enum` was set to "+list(a))
	case len(a) == 0:
		c.note("enum", wider, false, "`enum` was removed")
	case len(removed) > 0 && len(added) > 0:
		c.note("enum", both, true, "`enum` lost "+list(removed)+" and got "+list(added))
	case len(removed) > 0:
		c.note("enum", narrower, true, "`enum` lost "+list(removed))
	case len(added) > 0:
		c.note("enum", wider, true, "`enum` got "+list(added))
	}
}

// limit compares a bound. Raised is what a greater number does to the values.
func (c *comparison) limit(keyword string, before, after *float64, lowered effect) {
	raised := reverse(lowered)
	switch {
	case before == nil && after == nil:
	case before == nil:
		c.note(keyword, narrower, false, became(keyword, "", fmt.Sprint(*after)))
	case after == nil:
		c.note(keyword, wider, false, became(keyword, fmt.Sprint(*before), ""))
	case *before < *after:
		c.note(keyword, raised, true, became(keyword, fmt.Sprint(*before), fmt.Sprint(*after)))
	case *before > *after:
		c.note(keyword, lowered, true, became(keyword, fmt.Sprint(*before), fmt.Sprint(*after)))
	}
}

// reverse returns the effect of the opposite change.
func reverse(e effect) effect {
	switch e {
	case narrower:
		return wider
	case wider:
		return narrower
	}
	return e
}

func (c *comparison) least(keyword string, before, after uint64) {
	c.limit(keyword, positive(before), positive(after), wider)
}

func (c *comparison) most(keyword string, before, after *uint64) {
	c.limit(keyword, number(before), number(after), narrower)
}

// positive returns a lower bound, which does not bound anything where it is zero.
func positive(n uint64) *float64 {
	if n == 0 {
		return nil
	}
	return number(&n)
}

func number(n *uint64) *float64 {
	if n == nil {
		return nil
	}
	f := float64(*n)
	return &f
}

func (c *comparison) flag(keyword string, before, after bool, set effect) {
	switch {
	case !before && after:
		c.note(keyword, set, false, "`"+keyword+"` was set")
	case before && !after:
		c.note(keyword, reverse(set), false, "`"+keyword+"` was removed")
	}
}

func (c *comparison) multipleOf() {
	b, a := c.before.MultipleOf, c.after.MultipleOf
	switch {
	case b == nil && a == nil || b != nil && a != nil && *b == *a:
	case b == nil:
		c.note("multipleOf", narrower, false, became("multipleOf", "", fmt.Sprint(*a)))
	case a == nil:
		c.note("multipleOf", wider, false, became("multipleOf", fmt.Sprint(*b), ""))
	default:
		e := both
		if q := *a / *b; q == float64(int64(q)) {
			e = narrower
		} else if q := *b / *a; q == float64(int64(q)) {
			e = wider
		}
		c.note("multipleOf", e, true, became("multipleOf", fmt.Sprint(*b), fmt.Sprint(*a)))
	}
}

func (c *comparison) word(keyword, before, after string) {
	switch {
	case before == after:
	case before == "":
		c.note(keyword, narrower, false, became(keyword, "", after))
	case after == "":
		c.note(keyword, wider, false, became(keyword, before, ""))
	default:
		c.note(keyword, both, true, became(keyword, before, after))
	}
}

func (c *comparison) defaults() {
	b, a := c.before.Default, c.after.Default
	if b == nil || text(b) == text(a) {
		return
	}
	to := ""
	if a != nil {
		to = text(a)
	}
	c.note("default", altered, true, became("default", text(b), to))
}

// xml compares how the value is written in XML.
func (c *comparison) xml() {
	b, a := c.before.XML, c.after.XML
	if b == nil {
		b = &openapi3.XML{}
	}
	if a == nil {
		a = &openapi3.XML{}
	}
	if b.Name != a.Name || b.Namespace != a.Namespace || b.Attribute != a.Attribute || b.Wrapped != a.Wrapped {
		c.note("xml", both, true, "it is written differently in XML")
	}
}

// not compares what is excluded: the more that is, the less is allowed.
func (c *comparison) not() {
	b, a := c.before.Not, c.after.Not
	switch {
	case b == nil && a == nil:
	case b == nil:
		c.note("not", narrower, false, "`not` was set")
	case a == nil:
		c.note("not", wider, false, "`not` was removed")
	default:
		inside := pair{b.Value, a.Value, c.sends, c.textual}
		c.graph.add(inside)
		effects := map[effect]bool{}
		c.graph.effects(inside, effects, map[pair]bool{})
		switch {
		case len(effects) == 0:
		case len(effects) == 1 && effects[narrower]:
			c.note("not", wider, true, "`not` excludes less")
		case len(effects) == 1 && effects[wider]:
			c.note("not", narrower, true, "`not` excludes more")
		default:
			c.note("not", both, true, "`not` excludes something else")
		}
	}
}

// effects collects what changes in and below a pair do.
func (g graph) effects(p pair, found map[effect]bool, seen map[pair]bool) {
	if seen[p] || g[p] == nil {
		return
	}
	seen[p] = true
	for _, l := range g[p].locals {
		if l.effect != altered && l.effect != offered {
			found[l.effect] = true
		}
	}
	for _, e := range g[p].edges {
		g.effects(e.to, found, seen)
	}
}

func (c *comparison) discriminator() {
	b, a := c.before.Discriminator, c.after.Discriminator
	switch {
	case b == nil && a == nil:
		return
	case a == nil:
		c.note("discriminator", altered, false, "`discriminator` was removed")
		return
	case b == nil:
		e := offered
		if c.sends {
			e = altered // what has no such property, or another value of it, is no longer accepted
		}
		c.note("discriminator", e, false, "`discriminator` was set")
		return
	case b.PropertyName != a.PropertyName:
		c.note("discriminator", both, true, became("propertyName", b.PropertyName, a.PropertyName), "discriminator", "propertyName")
	}
	var removed, added, changed []string
	for name, to := range b.Mapping {
		switch now, ok := a.Mapping[name]; {
		case !ok:
			removed = append(removed, name)
		case last(now.Ref) != last(to.Ref):
			changed = append(changed, name)
		}
	}
	for name := range a.Mapping {
		if _, ok := b.Mapping[name]; !ok {
			added = append(added, name)
		}
	}
	for _, change := range []struct {
		names []string
		verb  string
		effect
	}{{removed, "lost", narrower}, {added, "got", wider}, {changed, "leads elsewhere for", both}} {
		if slices.Sort(change.names); len(change.names) > 0 {
			c.note("discriminator", change.effect, true, "`discriminator.mapping` "+change.verb+" "+list(change.names), "discriminator", "mapping")
		}
	}
}

// last returns the name at the end of a reference.
func last(ref string) string { return ref[strings.LastIndex(ref, "/")+1:] }

// absent reports whether a property does not belong in the value: it is for the other direction.
func (c *comparison) absent(s *openapi3.SchemaRef) bool {
	return s == nil || s.Value == nil || c.sends && s.Value.ReadOnly || !c.sends && s.Value.WriteOnly
}

func (c *comparison) properties() {
	b, a := c.before, c.after
	for _, name := range sortedKeys(b.Properties, a.Properties) {
		was, is := b.Properties[name], a.Properties[name]
		needed, needs := slices.Contains(b.Required, name) && !c.absent(was), slices.Contains(a.Required, name) && !c.absent(is)
		keys := []string{"properties", name}
		switch {
		case c.absent(was) && c.absent(is):
			continue
		case c.absent(is) && is != nil && !c.sends:
			if !needed {
				c.note("writeOnly", altered, false, "the property `"+name+"` is no longer sent (`writeOnly`)", "properties", name, "writeOnly")
			}
		case c.absent(is):
			if c.sends || !needed {
				c.note("properties", altered, false, "the property `"+name+"` was removed", keys...)
			}
		case c.absent(was):
			if !needs {
				c.note("properties", offered, false, "the optional property `"+name+"` was added", keys...)
			}
		default:
			c.descend(was, is, name, keys...)
		}
		c.required(name, needed, needs)
	}
	for _, name := range lacking(a.Required, b.Required) {
		if a.Properties[name] == nil && b.Properties[name] == nil {
			c.required(name, false, true)
		}
	}
	for _, name := range lacking(b.Required, a.Required) {
		if a.Properties[name] == nil && b.Properties[name] == nil {
			c.required(name, true, false)
		}
	}
}

func (c *comparison) required(name string, before, after bool) {
	switch {
	case !before && after:
		c.note("required", narrower, true, "the property `"+name+"` became required")
	case before && !after && (!c.sends || c.after.Properties[name] != nil):
		c.note("required", wider, true, "the property `"+name+"` is no longer required")
	}
}

func (c *comparison) additional() {
	b, a := c.before.AdditionalProperties, c.after.AdditionalProperties
	forbidden, forbids := b.Has != nil && !*b.Has, a.Has != nil && !*a.Has
	const keyword = "additionalProperties"
	switch {
	case !forbidden && forbids:
		c.note(keyword, narrower, true, "other properties are now forbidden (`additionalProperties: false`)")
	case forbidden && !forbids:
		c.note(keyword, wider, true, "other properties are now allowed (`additionalProperties: false` was removed)")
	case b.Schema == nil && a.Schema != nil:
		c.note(keyword, narrower, false, "other properties have to satisfy a schema (`additionalProperties`)")
	case b.Schema != nil && a.Schema == nil && !forbids:
		c.note(keyword, wider, false, "other properties have no schema any more (`additionalProperties`)")
	default:
		c.descend(b.Schema, a.Schema, keyword, keyword)
	}
}

// compared bounds in how many pairs of alternatives without a name equal ones are looked for.
const compared = 1000

// members compares the parts of allOf, oneOf or anyOf: those with the same name or title with each
// other, and where one of either is left, this one with that. Fewer is what it does if one is gone.
func (c *comparison) members(keyword string, before, after openapi3.SchemaRefs, fewer effect) {
	if len(before) == 0 || len(after) == 0 {
		switch {
		case len(before) > 0:
			c.note(keyword, wider, false, "`"+keyword+"` was removed")
		case len(after) > 0:
			c.note(keyword, narrower, false, "`"+keyword+"` was set")
		}
		return
	}
	rest := slices.Clone(after)
	place := func(ref *openapi3.SchemaRef) string { return fmt.Sprint(slices.Index(after, ref)) }
	take := func(matches func(*openapi3.SchemaRef) bool) *openapi3.SchemaRef {
		i := slices.IndexFunc(rest, matches)
		if i < 0 {
			return nil
		}
		found := rest[i]
		rest = slices.Delete(rest, i, i+1)
		return found
	}
	var gone openapi3.SchemaRefs
	for _, b := range before {
		found := take(func(a *openapi3.SchemaRef) bool { return b.Ref != "" && last(b.Ref) == last(a.Ref) })
		if found == nil && b.Value != nil && b.Value.Title != "" {
			found = take(func(a *openapi3.SchemaRef) bool { return a.Value != nil && a.Value.Title == b.Value.Title })
		}
		if found == nil && len(before)*len(after) <= compared {
			found = take(func(a *openapi3.SchemaRef) bool { return c.graph.equal(b.Value, a.Value) })
		}
		if found == nil {
			gone = append(gone, b)
			continue
		}
		c.descend(b, found, keyword+"["+title(b)+"]", keyword, place(found))
	}
	if len(gone) == 1 && len(rest) == 1 {
		c.descend(gone[0], rest[0], keyword+"["+title(gone[0])+"]", keyword, place(rest[0]))
		return
	}
	for _, b := range gone {
		c.note(keyword, fewer, true, "`"+keyword+"` lost "+title(b))
	}
	for _, a := range rest {
		c.note(keyword, reverse(fewer), true, "`"+keyword+"` got "+title(a), keyword, place(a))
	}
}

// equal reports whether two schemas allow the same.
func (g graph) equal(before, after *openapi3.Schema) bool {
	if before == nil || after == nil {
		return before == after
	}
	p := pair{before, after, false, false}
	g.add(p)
	found := map[effect]bool{}
	g.effects(p, found, map[pair]bool{})
	return len(found) == 0
}

// title names a schema in a message.
func title(ref *openapi3.SchemaRef) string {
	switch {
	case ref.Ref != "":
		return last(ref.Ref)
	case ref.Value != nil && ref.Value.Title != "":
		return ref.Value.Title
	case ref.Value != nil && ref.Value.Type != nil:
		return "a schema of type " + strings.Join(ref.Value.Type.Slice(), ", ")
	}
	return "a schema"
}

// became says how a keyword changed; "" stands for its absence.
func became(keyword, before, after string) string {
	switch {
	case before == "":
		return fmt.Sprintf("`%s` was set to `%s`", keyword, after)
	case after == "":
		return fmt.Sprintf("`%s` `%s` was removed", keyword, before)
	}
	return fmt.Sprintf("`%s` was changed from `%s` to `%s`", keyword, before, after)
}

// text writes a value of a document.
func text(value any) string {
	data, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(data)
}

func texts(values []any) []string {
	all := make([]string, len(values))
	for i, v := range values {
		all[i] = text(v)
	}
	return all
}

// lacking returns what of a list is not in another one.
func lacking(list, in []string) []string {
	var names []string
	for _, name := range list {
		if !slices.Contains(in, name) {
			names = append(names, name)
		}
	}
	return names
}

// listed bounds how many names a message has.
const listed = 5

func list(names []string) string {
	shown := names[:min(len(names), listed)]
	text := "`" + strings.Join(shown, "`, `") + "`"
	if more := len(names) - len(shown); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
