package check

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/check/rule"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/model"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

var (
	errorEnvelope = finding.Rule{
		ID:    "error-envelope",
		Title: "Every error follows the document's error envelope",
		Why:   "A caller that reads all errors in one way fails on the one that looks different.",
		Fix:   "Use the schema that the other errors use; allOf may narrow a part of it.",
	}
	machineFieldOpen = finding.Rule{
		ID:    "machine-field-open",
		Title: "The machine fields of errors are fixed for each status",
		Why:   "Programs branch on these fields, and cannot where any value is allowed.",
		Fix:   "Give the field an `enum` in this status's schema, as the other statuses do.",
	}
	machineFieldStatus = finding.Rule{
		ID:    "machine-field-status",
		Title: "The status in an error's body is the status of the response",
		Why:   "Two different statuses in one response leave the caller to choose.",
		Fix:   "Set the `enum` to the status under which the response is listed.",
	}
)

var envelopes = rule.Family{
	Rules: []finding.Rule{errorEnvelope, machineFieldOpen, machineFieldStatus},
	Check: checkEnvelope,
}

// envelopeMark is the extension by which a component schema says that it is the
// error envelope, and by which a response says that it is an exception (false).
const envelopeMark = "x-error-envelope"

// errorBody is the JSON body of one error response.
type errorBody struct {
	response model.Response
	place    source.Place // the media type
	shape    model.Shape
}

// name names the response in messages.
func (b errorBody) name() string { return model.Describe(b.response.Place) }

func checkEnvelope(c *rule.Checker) {
	var bodies []errorBody
	var plain []model.Response // describe bodies, and none in JSON
	for _, op := range c.Index.Operations {
		for _, r := range op.Responses {
			if !r.Failure() || r.Value.Extensions[envelopeMark] == false {
				continue
			}
			json := false
			for _, name := range slices.Sorted(maps.Keys(r.Value.Content)) {
				json = json || model.IsJSON(name) || strings.HasPrefix(name, "*/")
				m := r.Value.Content[name]
				if m != nil && m.Schema != nil && m.Schema.Value != nil && model.IsJSON(name) {
					bodies = append(bodies, errorBody{r, r.Place.At("content", name), model.Flatten(m.Schema.Value)})
				}
			}
			if !json && len(r.Value.Content) > 0 {
				plain = append(plain, r)
			}
		}
	}
	envelope, ok := envelopeOf(c, bodies)
	if !ok {
		return
	}
	for _, r := range plain {
		c.Report(errorEnvelope, r.Place.At("content"), "this error is not in JSON, as the document's errors are ("+model.Describe(r.Place)+")")
	}
	var inside []errorBody
	for _, b := range bodies {
		if lack := b.shape.Lacks(envelope); lack != "" {
			c.Report(errorEnvelope, b.place.At("schema"),
				fmt.Sprintf("the body of this error lacks %s, which the document's errors have (%s)", lack, b.name()))
			continue
		}
		inside = append(inside, b)
	}
	checkMachineFields(c, inside)
}

// envelopeOf returns what every error of this document has to look like. A document
// in which fewer than two thirds of the errors have something in common has no
// envelope, and none is asked for.
func envelopeOf(c *rule.Checker, bodies []errorBody) (model.Shape, bool) {
	if components := c.Doc.Spec.Components; components != nil {
		for _, name := range slices.Sorted(maps.Keys(components.Schemas)) {
			ref := components.Schemas[name]
			if ref.Value != nil && (name == c.Envelope || c.Envelope == "" && ref.Value.Extensions[envelopeMark] == true) {
				return model.Flatten(ref.Value), true
			}
		}
	}
	// Of the shapes that nearly all errors have, the one that promises most is
	// the envelope: even more errors have one that promises less.
	byShape := map[string]model.Shape{}
	for _, b := range bodies {
		if len(b.shape.Properties) > 0 {
			byShape[b.shape.Signature()] = b.shape
		}
	}
	best, most := model.Shape{}, 0
	for _, signature := range slices.Sorted(maps.Keys(byShape)) {
		candidate := byShape[signature]
		covered := 0
		for _, b := range bodies {
			if b.shape.Lacks(candidate) == "" {
				covered++
			}
		}
		promises := 0
		candidate.Leaves(func(string, model.Shape) { promises++ })
		if covered >= 2 && covered*3 >= len(bodies)*2 && promises > most {
			best, most = candidate, promises
		}
	}
	return best, most > 0
}

// checkMachineFields looks at the members that most statuses limit to fixed values:
// programs branch on these, so every status has to fix them.
func checkMachineFields(c *rule.Checker, bodies []errorBody) {
	// field counts in how many responses a member is limited, and in how many to their status.
	type field struct{ limited, status int }
	fields := map[string]field{}
	exact := slices.DeleteFunc(slices.Clone(bodies), func(b errorBody) bool {
		_, err := strconv.Atoi(b.response.Status)
		return err != nil
	})
	for _, b := range exact {
		b.shape.Leaves(func(path string, leaf model.Shape) {
			f := fields[path]
			if values := leaf.Values(); values != nil {
				f.limited++
				if len(values) == 1 && fmt.Sprint(values[0]) == b.response.Status {
					f.status++
				}
			}
			fields[path] = f
		})
	}
	for _, b := range exact {
		schema, status := b.place.At("schema"), b.response.Status
		b.shape.Leaves(func(path string, leaf model.Shape) {
			f := fields[path]
			if f.limited*2 <= len(exact) || f.limited < 2 {
				return
			}
			values := leaf.Values()
			if values == nil {
				c.Report(machineFieldOpen, schema, fmt.Sprintf("%s is not fixed for status %s, as it is for the others (%s)", path, status, b.name()))
				return
			}
			if f.status*2 <= len(exact) || slices.ContainsFunc(values, func(v any) bool { return fmt.Sprint(v) == status }) {
				return
			}
			fixed := "nothing"
			if len(values) > 0 { // none where enums contradict each other
				fixed = fmt.Sprint(values[0])
			}
			c.Report(machineFieldStatus, schema, fmt.Sprintf("%s is fixed to %s in a response of status %s (%s)", path, fixed, status, b.name()))
		})
	}
}
