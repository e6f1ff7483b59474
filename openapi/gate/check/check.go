// Package check applies the rules of the gate to one OpenAPI 3.0 document.
//
// Reading and validating is done by libraries. What they find gets a stable rule id, an
// exact place and a fix here; and here are the rules that none of them has: about what a
// caller relies on.
//
// Each file holds one rule or one family of rules, with their rows on top, and
// X_broken.yaml beside X.go holds the documents that prove them. To add a rule,
// add its row and its check to the file that it belongs to, and a document that
// breaks it; a new file is named in families. What the rule's level is in each preset
// stands in presets.go. Rules on schemas are in package
// schemas below this one.
package check

import (
	"context"
	"slices"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/budget"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/check/rule"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/check/schemas"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/config"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

// Options says how rules are applied.
type Options struct {
	// Envelope names the component schema that every error body has to follow. When
	// it is empty the document decides: a schema with `x-error-envelope: true`, else
	// the shape that most of its error responses share.
	Envelope string
	// Elsewhere are rules of others, of which exceptions in the document may be.
	Elsewhere []string
	// Limit bounds the work. What is found within it is reported, and that there may be more.
	Limit budget.Limit
}

// families is the catalogue, in the order in which it is documented.
func families() []rule.Family {
	return slices.Concat(
		[]rule.Family{documents, paths, parameters, operations, descriptions, security, servers, responses, encodings, errorResponses, envelopes},
		schemas.Families(),
		[]rule.Family{exceptions, unfinished},
	)
}

// Document applies all rules to a loaded document. The findings are sorted; those that the
// document itself allows, by a comment, are left out. They have no level yet: that is for a
// configuration to say (see [config.Config.Judge]), which also leaves out those of rules that
// are off. Every rule is checked all the same: what it reports keeps the libraries from
// reporting it under another rule.
func Document(ctx context.Context, doc *source.Document, opts Options) []finding.Finding {
	c := &rule.Checker{Doc: doc, Envelope: opts.Envelope}
	for _, problem := range doc.Problems {
		r, _ := Lookup(problem.Rule) // every rule of package source is in the catalogue
		c.Add(r, problem.Position, problem.Pointer, problem.Message)
	}
	if doc.Spec != nil {
		c.Findings = within(ctx, opts.Limit.Of(doc.Size()), c)
	}
	applyExceptions(c, opts.Elsewhere)
	if doc.Spec == nil && len(doc.Problems) > 0 {
		first := doc.Problems[0]
		c.Add(checkUnfinished, finding.Position{File: doc.Root.Display, Line: 1, Column: 1}, "",
			"the rest of this document was not checked: it cannot be understood before the fault at "+first.Position.String()+" is corrected")
		c.Findings[len(c.Findings)-1].Fix = "Correct the findings of " + first.Rule + " first."
	}
	return slices.CompactFunc(finding.Sort(c.Findings), sameFault)
}

// sameFault reports whether two findings are of one fault that is reached on two ways, such as by
// aliases of YAML.
func sameFault(a, b finding.Finding) bool {
	return a.Position == b.Position && a.Rule == b.Rule && a.Message == b.Message
}

// Rules returns the catalogue, for documentation and for reports. Each rule has its level in the
// preset that is the default.
func Rules() []finding.Rule {
	var list []finding.Rule
	for _, f := range families() {
		for _, r := range f.Rules {
			r.Level = Level(config.Spec, r.ID)
			list = append(list, r)
		}
	}
	return list
}

// Lookup returns the rule with that id.
func Lookup(id string) (finding.Rule, bool) {
	list := Rules()
	i := slices.IndexFunc(list, func(r finding.Rule) bool { return r.ID == id })
	if i < 0 {
		return finding.Rule{}, false
	}
	return list[i], true
}
