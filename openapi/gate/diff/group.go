package diff

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
)

// Findings returns all findings for people: one for each change, however many operations it
// concerns, and however many values of an enumeration.
func (c *Comparison) Findings() []finding.Finding {
	return groupValues(groupOperations(c.All()))
}

// All returns all findings, one for each operation that a change concerns.
func (c *Comparison) All() []finding.Finding {
	return slices.Concat(c.Breaking, c.Requirements, c.Notes)
}

// groupOperations makes one finding of those that differ in their operation alone. What went is a
// change of its own for each operation.
func groupOperations(findings []finding.Finding) []finding.Finding {
	type group struct {
		finding.Finding
		operations []string
	}
	var groups []*group
	byKey := map[finding.Finding]*group{}
	for _, f := range findings {
		key := f
		if !Removal(f.Rule) {
			key.Operation = ""
		}
		if placed(f.Rule) {
			key.Message = ""
		}
		g := byKey[key]
		if g == nil {
			g = &group{Finding: f}
			byKey[key], groups = g, append(groups, g)
		}
		if !slices.Contains(g.operations, f.Operation) {
			g.operations = append(g.operations, f.Operation)
		}
	}
	list := make([]finding.Finding, len(groups))
	for i, g := range groups {
		list[i] = g.Finding
		if more := len(g.operations) - 1; more > 0 {
			list[i].Operation = fmt.Sprintf("%s and %d more", slices.Min(g.operations), more)
		}
	}
	return list
}

// placed reports whether findings of a rule at one place are of one change, whatever the way is on
// which the operation gets there. What is gone is shown where several things may be missing.
func placed(rule string) bool {
	return strings.HasPrefix(rule, "re") && !strings.Contains(rule, "-schema-") && !slices.ContainsFunc(
		[]string{"removed", "deleted", "value", "mapping", "altered", "of-added", "properties", "encoding", "link", "status"},
		func(word string) bool { return strings.Contains(rule, word) })
}

// quoted is the first name in a message.
var quoted = regexp.MustCompile("`[^`]*`")

// valuesListed bounds how many values of an enumeration a message has.
const valuesListed = 5

// groupValues makes one finding of those that differ in the value of an enumeration alone.
func groupValues(findings []finding.Finding) []finding.Finding {
	type group struct {
		at     int
		values []string
	}
	var list []finding.Finding
	byKey := map[finding.Finding]*group{}
	for _, f := range findings {
		value := quoted.FindString(f.Message)
		if !strings.Contains(f.Rule, "enum-value") || value == "" {
			list = append(list, f)
			continue
		}
		key := f // each value may stand in a line of its own
		key.Line, key.Column, key.Pointer = 0, 0, ""
		key.Message = strings.Replace(f.Message, value, "", 1)
		g := byKey[key]
		if g == nil {
			g = &group{at: len(list)}
			byKey[key], list = g, append(list, f)
		}
		g.values = append(g.values, value)
	}
	for _, g := range byKey {
		if len(g.values) > 1 {
			slices.SortFunc(g.values, cmp.Compare[string])
			shown := strings.Join(g.values[:min(len(g.values), valuesListed)], ", ")
			if more := len(g.values) - valuesListed; more > 0 {
				shown += fmt.Sprintf(" and %d more", more)
			}
			f := &list[g.at]
			f.Message = strings.Replace(strings.Replace(f.Message, "enum value ", "enum values ", 1), quoted.FindString(f.Message), shown, 1)
		}
	}
	return list
}
