package coverage

import (
	"fmt"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

// limit is about the whole, the other rules are about one kind each.
var limit = finding.Rule{
	ID: "coverage-limit", Level: finding.Error,
	Title: "The run exercises as much of the contract as is required",
	Why:   "What no exchange contained is not proved by the run.",
	Fix:   "Run the cases that were left out, or add cases for what is listed; exclude statuses that no run can bring about.",
}

// kindRule returns the rule on one kind of part.
func kindRule(k Kind) finding.Rule {
	return finding.Rule{
		ID: "coverage-" + string(k), Level: finding.Note,
		Title: "The run exercises every " + string(k) + " of the contract",
		Why:   "What no exchange contained is not proved by the run.",
		Fix:   "Add a conformance case that exercises it, or run the cases that were left out.",
	}
}

// Rules returns the rules that Findings uses.
func Rules() []finding.Rule {
	list := []finding.Rule{limit}
	for _, k := range Kinds() {
		list = append(list, kindRule(k))
	}
	return list
}

// Findings turns what was not exercised into findings, at its place in the contract.
// Less than required, in percent, is one too.
func Findings(doc *source.Document, items []Item, required float64) []finding.Finding {
	var list []finding.Finding
	add := func(r finding.Rule, at finding.Position, operation, message string) {
		list = append(list, finding.Finding{Position: at, Rule: r.ID, Level: r.Level, Operation: operation, Message: message, Fix: r.Fix})
	}
	if percent := Percent(items); percent < required {
		add(limit, finding.Position{File: doc.Root.Display, Line: 1, Column: 1}, "",
			fmt.Sprintf("the run exercised %.2f%% of the contract, and %g%% are required", percent, required))
	}
	for _, g := range Missing(items) {
		add(kindRule(g.Kind), g.Position, g.Operation, fmt.Sprintf("the run did not exercise the %s %s", g.Kind, g))
	}
	return list
}

// Gap is something that was not exercised, with what could not be for that reason.
type Gap struct {
	Item
	// Within counts the headers and properties of a status that never came.
	Within int
}

// String names the gap in a line.
func (g Gap) String() string {
	if g.Within == 0 {
		return g.Item.String()
	}
	return fmt.Sprintf("%s, and its %d headers and properties", g.Item, g.Within)
}

// Missing lists what was not exercised. The headers and properties of a status that
// never came are counted with it.
func Missing(items []Item) []Gap {
	var gaps []Gap
	for _, i := range items {
		switch last := len(gaps) - 1; {
		case i.Exercised:
		case last >= 0 && i.within(gaps[last].Item):
			gaps[last].Within++
		default:
			gaps = append(gaps, Gap{Item: i})
		}
	}
	return gaps
}
