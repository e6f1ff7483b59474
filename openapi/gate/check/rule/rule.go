// Package rule is what a rule of package check is made of: its row in the
// catalogue, what checks it, and what it adds findings to. Only package check and
// the packages below it import it.
package rule

import (
	"slices"

	"gopkg.in/yaml.v3"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/check/objects"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/model"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

// Family is the rules of one file, which are checked together.
type Family struct {
	// Rules are in the order in which they are documented.
	Rules []finding.Rule
	// Check applies them. It is nil where the loader reports all.
	Check func(*Checker)
	// Covers names the rules that report what an objection of the validator is about,
	// with a better place and text. It is dropped where one of them has a finding.
	Covers map[string][]finding.Rule
}

// Checker applies rules to one document and collects what they find. It is not
// safe for concurrent use.
type Checker struct {
	Doc   *source.Document
	Index *model.Index
	// Objects are those of the specification, in the order of the text.
	Objects []*objects.Object
	// Envelope names the schema that every error has to follow, if the caller chose one.
	Envelope string
	Findings []finding.Finding
}

// Add adds a finding at a position.
func (c *Checker) Add(r finding.Rule, position finding.Position, pointer, message string) {
	c.Findings = append(c.Findings, finding.Finding{
		Position: position, Rule: r.ID, Message: message, Fix: r.Fix, Pointer: pointer,
	})
}

// Report adds a finding at a place.
func (c *Checker) Report(r finding.Rule, place source.Place, message string) {
	c.Add(r, c.Doc.Position(place), place.Pointer.String(), message)
}

// ReportNode adds a finding at a value of a file.
func (c *Checker) ReportNode(r finding.Rule, place source.Place, n *yaml.Node, message string) {
	c.Add(r, c.Doc.NodePosition(place.File, n), place.Pointer.String(), message)
}

// ReportKey adds a finding about the key at a place, rather than about its value.
func (c *Checker) ReportKey(r finding.Rule, place source.Place, message string) {
	c.Add(r, c.Doc.KeyPosition(place), place.Pointer.String(), message)
}

// ReportFor adds a finding that concerns an operation.
func (c *Checker) ReportFor(op model.Operation, r finding.Rule, place source.Place, message string) {
	c.Report(r, place, message)
	c.Findings[len(c.Findings)-1].Operation = op.Name()
}

// Has reports whether there is a finding of one of the rules.
func (c *Checker) Has(rules ...finding.Rule) bool {
	return slices.ContainsFunc(c.Findings, func(f finding.Finding) bool {
		return slices.ContainsFunc(rules, func(r finding.Rule) bool { return r.ID == f.Rule })
	})
}
