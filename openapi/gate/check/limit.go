package check

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/budget"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/check/objects"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/check/rule"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/model"
)

var checkUnfinished = finding.Rule{
	ID:    "check-unfinished",
	Title: "The document can be checked, and within its limits",
	Why:   "What was not looked at may have faults, and other tools take as long or longer.",
	Fix:   "Look for schemas that combine each other many times over, or raise the limit.",
}

// Unfinished is the rule on documents of which a part was not checked. Nothing turns it off and
// nothing accepts it: a check that did not take place must not look like one without findings.
func Unfinished() finding.Rule { return checkUnfinished }

// unfinished has no Check: it is about the rules that were not applied.
var unfinished = rule.Family{Rules: []finding.Rule{checkUnfinished}}

// within applies the rules, one family after the other, and returns what those have found
// that came to an end within the limit.
func within(ctx context.Context, limit budget.Limit, c *rule.Checker) []finding.Finding {
	var mutex sync.Mutex
	found := slices.Clone(c.Findings)
	err := limit.Run(ctx, func() {
		apply(ctx, c, func() {
			mutex.Lock()
			defer mutex.Unlock()
			found = slices.Clone(c.Findings)
		})
	})
	mutex.Lock()
	defer mutex.Unlock()
	var exceeded *budget.ExceededError
	if errors.As(err, &exceeded) {
		at := c.Doc.Position(c.Doc.RootPlace())
		rest := &rule.Checker{Doc: c.Doc, Findings: found}
		rest.Add(checkUnfinished, at, "", "not all rules were applied: "+exceeded.Error())
		return rest.Findings
	}
	return found
}

// apply applies the rules, and calls done after each family.
func apply(ctx context.Context, c *rule.Checker, done func()) {
	c.Index, c.Objects = model.New(c.Doc), objects.List(c.Doc)
	for _, f := range families() {
		if f.Check != nil {
			f.Check(c)
			done()
		}
	}
	addStructure(ctx, c)
	done()
}
