package unseen

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

// carrier is what holds a value that a schema describes.
type carrier struct {
	pair
	subject   subject
	operation string
	// what names it in messages.
	what  string
	place source.Place
	// covered are the keywords that the library compares, of the schema itself and, if deep is
	// set, of those below it.
	covered []string
	deep    bool
	// xml is set where the value is written in XML.
	xml bool
}

// schemas remembers to compare two schemas.
func (f *finder) schemas(before, after *openapi3.SchemaRef, textual bool, c carrier) {
	if before == nil || after == nil || before.Value == nil || after.Value == nil {
		return
	}
	c.pair = pair{before.Value, after.Value, c.subject.sent(), textual}
	f.graph.add(c.pair)
	f.carriers = append(f.carriers, c)
}

// walk tells what changed in a pair and below it.
func (f *finder) walk(c carrier, p pair, path string, place source.Place, seen map[pair]bool) {
	n := f.graph[p]
	if n == nil || !n.dirty || seen[p] {
		return
	}
	seen[p] = true
	for _, l := range n.locals {
		if c.knows(l, path) {
			continue
		}
		at := c.what
		if path != "" {
			at += ", `" + path + "`"
		}
		f.add(c.subject.of(l), step(f.doc, place, l.keys...), c.operation, at+": "+l.text)
	}
	for _, e := range n.edges {
		f.walk(c, e.to, strings.TrimPrefix(path+"/"+e.label, "/"), step(f.doc, place, e.keys...), seen)
	}
}

// knows reports whether the library tells a change.
func (c carrier) knows(l local, path string) bool {
	switch {
	case l.keyword == "xml":
		return !c.xml
	case l.keyword == "multipleOf" && l.revised && !c.deep:
		return false
	case l.keyword == "maxItems" && l.revised && l.effect == narrower && slices.Contains(c.covered, "enum") && strings.Trim(path, "items/") == "":
		return true // the library looks for it in lists of lists too
	case l.keyword == "pattern" && path == "" && c.deep:
		return false
	}
	return slices.Contains(c.covered, l.keyword) && (path == "" || c.deep)
}

// parameters compares the parameters that both versions have.
func (f *finder) parameters(was, now *operation, s subject, name string) {
	olds, oldNames := was.parameters(nil), variables(was.path)
	for key, p := range now.parameters(f.doc) {
		if i := slices.Index(variables(now.path), p.Name); p.In == openapi3.ParameterInPath && i >= 0 && i < len(oldNames) {
			key = p.In + " " + oldNames[i]
		}
		old, ok := olds[key]
		if !ok {
			continue
		}
		c := carrier{subject: s, operation: name, what: fmt.Sprintf("the %s parameter `%s`", p.In, p.Name), place: p.place, covered: ofParam}
		if s != request {
			c.what, c.covered = "the callback's "+strings.TrimPrefix(c.what, "the "), nil
		}
		f.parameter(old.Parameter, p.Parameter, c, parameterSerialized)
		if s == request && old.AllowReserved != p.AllowReserved && p.In == openapi3.ParameterInQuery {
			f.add(parameterReserved, step(f.doc, p.place, "allowReserved"), name, c.what+": `allowReserved` was changed")
		}
		if s == request && old.AllowEmptyValue && !p.AllowEmptyValue {
			f.add(request.rules()[narrower], step(f.doc, p.place, "allowEmptyValue"), name, c.what+": `allowEmptyValue` was removed")
		}
	}
}

// parameter compares what parameters and headers have in common.
func (f *finder) parameter(was, now *openapi3.Parameter, c carrier, serialized Rule) {
	place := c.place
	switch {
	case (was.Schema == nil) != (now.Schema == nil) && (len(was.Content) > 0 || len(now.Content) > 0):
		from, to := "schema", "content"
		if was.Schema == nil {
			from, to = to, from
		}
		f.add(serialized, step(f.doc, place, to), c.operation, fmt.Sprintf("%s is described by `%s`, no longer by `%s`: it is written differently", c.what, to, from))
	case was.Schema != nil && now.Schema != nil:
		if from, to := written(was), written(now); from != to && sameType(was.Schema, now.Schema) {
			f.add(serialized, step(f.doc, place, "style"), c.operation, fmt.Sprintf("%s is written as `%s`, no longer as `%s`", c.what, to, from))
		}
		c.place = step(f.doc, place, "schema")
		f.schemas(was.Schema, now.Schema, c.subject.sent(), c)
	default:
		c.covered = nil
		for _, mediaType := range sortedKeys(was.Content, now.Content) {
			old, media := was.Content[mediaType], now.Content[mediaType]
			switch {
			case media == nil:
				f.add(serialized, step(f.doc, place, "content"), c.operation, fmt.Sprintf("%s is no longer written as `%s`", c.what, mediaType))
			case old != nil:
				c.place = step(f.doc, place, "content", mediaType, "schema")
				f.schemas(old.Schema, media.Schema, false, c)
			}
		}
	}
}

func sameType(was, now *openapi3.SchemaRef) bool {
	return was.Value != nil && now.Value != nil && slices.Equal(was.Value.Type.Slice(), now.Value.Type.Slice())
}

// written returns how a parameter is written, as far as it makes a difference for its type.
func written(p *openapi3.Parameter) string {
	style := cmp.Or(p.Style, map[string]string{"path": "simple", "header": "simple", "": "simple"}[p.In], "form")
	explode := style == "form"
	if p.Explode != nil {
		explode = *p.Explode
	}
	is := func(t string) bool { return p.Schema.Value != nil && p.Schema.Value.Type.Is(t) }
	scalar := is("string") || is("integer") || is("number") || is("boolean")
	switch {
	case style == "deepObject", scalar && style != "matrix" && style != "label", style == "simple" && is("array"):
		if scalar && style != "simple" {
			return "form"
		}
		return style
	case scalar:
		return style
	case explode:
		return style + ", explode"
	}
	return style
}

// placed is a parameter and its place.
type placed struct {
	*openapi3.Parameter
	place source.Place
}

// parameters returns the parameters of an operation, by where and what they are. Without a
// document they have no place.
func (o *operation) parameters(doc *source.Document) map[string]placed {
	all := map[string]placed{}
	for _, refs := range []openapi3.Parameters{o.item.Parameters, o.value.Parameters} {
		for _, ref := range refs {
			if ref == nil || ref.Value == nil {
				continue
			}
			p := placed{Parameter: ref.Value}
			if doc != nil {
				p.place = o.parameterPlace(doc, ref.Value)
			}
			all[p.In+" "+p.Name] = p
		}
	}
	return all
}

// parameterPlace returns where a parameter is described, which the operation or its path has.
func (o *operation) parameterPlace(doc *source.Document, p *openapi3.Parameter) source.Place {
	for _, level := range []source.Place{o.place, o.itemPlace} {
		parameters := step(doc, level, "parameters")
		list := doc.Node(parameters)
		if list == nil {
			continue
		}
		for i := range list.Content {
			place := doc.Target(parameters.At(strconv.Itoa(i)))
			name, in := doc.Node(place.At("name")), doc.Node(place.At("in"))
			if name != nil && in != nil && name.Value == p.Name && in.Value == p.In {
				return place
			}
		}
	}
	return step(doc, o.place, "parameters")
}

// headers compares the headers of a response.
func (f *finder) headers(was, now openapi3.Headers, c carrier) {
	response := c
	for _, name := range sortedKeys(now, nil) {
		ref := now[name]
		if ref == nil || ref.Value == nil || strings.EqualFold(name, "Content-Type") {
			continue
		}
		c := response
		c.what, c.place = fmt.Sprintf("the header `%s` of %s", name, response.what), step(f.doc, response.place, "headers", name)
		old := header(was, name)
		switch {
		case old == nil && ref.Value.Required:
			f.add(headerRequired, c.place, c.operation, c.what+" was added and is required")
		case old != nil && !old.Required && ref.Value.Required:
			f.add(headerRequired, c.place, c.operation, c.what+" became required")
		}
		if old != nil {
			f.parameter(&old.Parameter, &ref.Value.Parameter, c, headerSerialized)
		}
	}
}

// header returns the header of a name, whose case does not matter.
func header(headers openapi3.Headers, name string) *openapi3.Header {
	for key, ref := range headers {
		if strings.EqualFold(key, name) && ref != nil {
			return ref.Value
		}
	}
	return nil
}

// content compares the media types that both versions have.
func (f *finder) content(was, now openapi3.Content, c carrier) {
	body := c
	for _, mediaType := range sortedKeys(now, nil) {
		old, media := was[mediaType], now[mediaType]
		if old == nil || media == nil {
			continue
		}
		c := body
		c.place, c.xml = step(f.doc, body.place, "content", mediaType), strings.Contains(mediaType, "xml")
		f.encodings(mediaType, old, media, c)
		c.place = step(f.doc, c.place, "schema")
		f.schemas(old.Schema, media.Schema, false, c)
	}
}

// encodings compares how the properties of forms are written.
func (f *finder) encodings(mediaType string, was, now *openapi3.MediaType, c carrier) {
	if !strings.HasPrefix(mediaType, "multipart/") && mediaType != "application/x-www-form-urlencoded" ||
		was.Schema == nil || now.Schema == nil || was.Schema.Value == nil || now.Schema.Value == nil {
		return
	}
	r := requestEncoding
	if !c.subject.sent() {
		r = responseEncoding
	}
	for _, name := range sortedKeys(was.Encoding, now.Encoding) {
		old, property := was.Schema.Value.Properties[name], now.Schema.Value.Properties[name]
		if old == nil || property == nil || old.Value == nil || property.Value == nil {
			continue
		}
		from, to := encodingOf(mediaType, was.Encoding[name], old), encodingOf(mediaType, now.Encoding[name], property)
		switch at := step(f.doc, c.place, "encoding", name); {
		case from.text != to.text:
			f.add(r, at, c.operation, fmt.Sprintf("%s: the property `%s` is written as `%s`, no longer as `%s`", c.what, name, to.text, from.text))
		case len(lacking(from.types, to.types)) > 0:
			f.add(r, at, c.operation, fmt.Sprintf("%s: the property `%s` may no longer be %s", c.what, name, list(lacking(from.types, to.types))))
		case !c.subject.sent() && len(lacking(to.types, from.types)) > 0:
			f.add(r, at, c.operation, fmt.Sprintf("%s: the property `%s` may be %s", c.what, name, list(lacking(to.types, from.types))))
		case c.subject.sent() && len(lacking(to.headers, from.headers)) > 0:
			f.add(r, at, c.operation, fmt.Sprintf("%s: the property `%s` needs the header %s", c.what, name, list(lacking(to.headers, from.headers))))
		}
	}
}

// encoding is how a property of a form is written: by a style, or as one of some media types.
type encoding struct {
	text           string
	types, headers []string
}

func encodingOf(mediaType string, e *openapi3.Encoding, property *openapi3.SchemaRef) encoding {
	if e == nil {
		e = &openapi3.Encoding{}
	}
	if mediaType == "application/x-www-form-urlencoded" && e.ContentType == "" {
		text := written(&openapi3.Parameter{In: openapi3.ParameterInQuery, Style: e.Style, Explode: e.Explode, Schema: property})
		if e.AllowReserved {
			text += ", reserved characters as they are"
		}
		return encoding{text: text}
	}
	var headers []string
	for _, name := range sortedKeys(e.Headers, nil) {
		if h := e.Headers[name]; h != nil && h.Value != nil && h.Value.Required {
			headers = append(headers, name)
		}
	}
	types := []string{defaultType(property.Value)}
	if e.ContentType != "" {
		types = nil
		for _, t := range strings.Split(e.ContentType, ",") {
			types = append(types, strings.TrimSpace(t))
		}
	}
	return encoding{types: types, headers: headers}
}

// defaultType returns the media type of a part of a form that names none.
func defaultType(s *openapi3.Schema) string {
	if s.Type.Is("array") && s.Items != nil && s.Items.Value != nil {
		s = s.Items.Value
	}
	switch {
	case s.Type.Is("object"), s.Type.Is("array"):
		return "application/json"
	case s.Format == "binary" || s.Format == "base64":
		return "application/octet-stream"
	}
	return "text/plain"
}
