package check

import (
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

func blank(s string) bool { return strings.TrimSpace(s) == "" }

func (p *pass) root(keys ...string) source.Place {
	return source.Place{File: p.doc.Root.Name}.At(keys...)
}

func (p *pass) describeInfo() {
	if info := p.doc.Spec.Info; info != nil && blank(info.Description) {
		p.report(ruleDescInfo, p.root("info"), "the API has no description")
	}
}

func (p *pass) describeOperations() {
	for _, op := range p.index.Operations {
		if blank(op.Value.Summary) && blank(op.Value.Description) {
			p.reportFor(ruleDescOperation, op.Place, &op, "the operation has neither a summary nor a description")
		}
	}
}

func (p *pass) describeParameters() {
	for _, param := range p.index.Parameters {
		if blank(param.Value.Description) {
			p.report(ruleDescParameter, param.Place, "the parameter "+param.Value.Name+" has no description")
		}
	}
}

func (p *pass) describeResponses() {
	for _, r := range p.index.Responses {
		switch {
		case r.Value.Description == nil:
			p.report(source.RuleStructure, r.Place, "the response has no description, which OpenAPI requires ("+describe(r.Place)+")")
		case blank(*r.Value.Description):
			p.report(ruleDescResponse, r.Place, "the description of the response is empty ("+describe(r.Place)+")")
		}
	}
}

func (p *pass) describeHeaders() {
	for _, h := range p.index.Headers {
		if blank(h.Value.Description) {
			ptr := h.Place.Pointer
			p.report(ruleDescHeader, h.Place, "the header "+ptr[len(ptr)-1]+" has no description")
		}
	}
}

// describeProperties asks of every property for a description, either its own or
// that of the schema that it refers to.
func (p *pass) describeProperties() {
	for _, s := range p.index.Schemas {
		for name, ref := range s.Value.Properties {
			if ref.Value != nil && !p.described(s.Place.At("properties", name), ref, 0) {
				p.report(ruleDescProperty, s.Place.At("properties", name), "the property "+name+" has no description")
			}
		}
	}
}

// describedDepth bounds how far a description is looked for through references.
const describedDepth = 8

func (p *pass) described(place source.Place, ref *openapi3.SchemaRef, depth int) bool {
	if ref == nil || ref.Value == nil || depth > describedDepth {
		return false
	}
	if !blank(ref.Value.Description) {
		return true
	}
	for _, part := range ref.Value.AllOf {
		if p.described(place, part, depth+1) {
			return true
		}
	}
	// A part of an allOf often narrows a property that a sibling describes. The
	// property is described then, once.
	return p.narrows(place)
}

// narrows reports whether the property at place belongs to a part of an allOf and
// is described by another part.
func (p *pass) narrows(place source.Place) bool {
	ptr := place.Pointer
	if len(ptr) < 4 || ptr[len(ptr)-2] != "properties" || ptr[len(ptr)-4] != "allOf" {
		return false
	}
	whole := source.Place{File: place.File, Pointer: ptr[:len(ptr)-4]}
	for _, s := range p.index.Schemas {
		if s.Place.Key() != whole.Key() {
			continue
		}
		for i, part := range s.Value.AllOf {
			if strconv.Itoa(i) == ptr[len(ptr)-3] || part.Value == nil {
				continue
			}
			other, ok := flatten(part.Value).Properties[ptr[len(ptr)-1]]
			if ok && !blank(other.description()) {
				return true
			}
		}
	}
	return false
}

func (p *pass) describeSchemas() {
	for _, s := range p.index.Schemas {
		if s.Named() && blank(s.Value.Description) {
			p.report(ruleDescSchema, s.Place, "the schema "+s.Place.Pointer[2]+" has no description")
		}
	}
}

func (p *pass) describeTags() {
	for i, tag := range p.doc.Spec.Tags {
		if tag != nil && blank(tag.Description) {
			p.report(ruleDescTag, p.root("tags", strconv.Itoa(i), "name"), "the tag "+tag.Name+" has no description")
		}
	}
}

func (p *pass) describeSecurity() {
	if p.doc.Spec.Components == nil {
		return
	}
	for name, ref := range p.doc.Spec.Components.SecuritySchemes {
		if ref.Value != nil && blank(ref.Value.Description) {
			place := p.root("components", "securitySchemes", name)
			p.report(ruleDescSecurity, place.Follow(ref.Ref), "the security scheme "+name+" has no description")
		}
	}
}
