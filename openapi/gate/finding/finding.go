// Package finding is what the gate reports: a broken rule at a place in a
// document. It is also the one place that writes findings, in the formats that
// people and CI systems read. The packages of openapi/gate and conformance/chain
// make findings, cmd/mtrack-spec writes them.
//
// The values are plain data without shared state: they are safe to copy and to
// read from several goroutines.
package finding

import (
	"cmp"
	"fmt"
	"slices"
)

// Level says how bad a finding is.
type Level string

// The levels, worst first.
const (
	// Error is a fault that misleads or breaks a caller.
	Error Level = "error"
	// Warning is a lack that makes the document worse than it could be.
	Warning Level = "warning"
	// Note is worth knowing and asks for nothing.
	Note Level = "note"
	// Off is the level of a rule that is left out. No finding has it.
	Off Level = "off"
)

// rank orders levels, higher is worse. An unknown level ranks lowest.
func (l Level) rank() int {
	switch l {
	case Error:
		return 3
	case Warning:
		return 2
	case Note:
		return 1
	}
	return 0
}

// AtLeast reports whether l is as bad as other, or worse.
func (l Level) AtLeast(other Level) bool { return l.rank() >= other.rank() }

// Rule describes one thing that is checked. Its ID is stable: options, SARIF and
// the exceptions in documents refer to it.
type Rule struct {
	ID    string `json:"id"`
	Level Level  `json:"level"`
	// Title says in a few words what the rule asks for.
	Title string `json:"title"`
	// Why says what goes wrong for a caller when the rule is broken.
	Why string `json:"why"`
	// Fix says how to fix a finding of this rule, in the imperative.
	Fix string `json:"fix"`
}

// Position is a place in a text, counted from one. A line of zero means that
// only the file is known.
type Position struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
}

// String renders file:line:column, the form that editors and CI logs link.
func (p Position) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Finding is one broken rule at one place.
type Finding struct {
	Position
	Rule  string `json:"rule"`
	Level Level  `json:"level"`
	// Message says what is wrong here.
	Message string `json:"message"`
	// Fix says what to change.
	Fix string `json:"fix"`
	// Pointer is the JSON pointer of the place, where there is one.
	Pointer string `json:"pointer,omitempty"`
	// Operation is "METHOD /path (operationId)" where the finding concerns one.
	Operation string `json:"operation,omitempty"`
	// Affects says who breaks: only package diff sets it.
	Affects string `json:"affects,omitempty"`
}

// detail is a labelled line below a finding's message.
type detail struct{ label, text string }

// details returns what a finding says beside its message, in the order in which it is shown.
func (f Finding) details() []detail {
	return slices.DeleteFunc([]detail{{"Operation", f.Operation}, {"Breaks", f.Affects}, {"Fix", f.Fix}},
		func(d detail) bool { return d.text == "" })
}

// Sort orders findings by place and then by rule, and drops exact repetitions.
// It returns the shortened slice.
func Sort(findings []Finding) []Finding {
	slices.SortStableFunc(findings, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Operation, b.Operation), cmp.Compare(a.Message, b.Message),
		)
	})
	return slices.Compact(findings)
}

// HighestLevel returns the highest level among findings, or "" when there are none.
func HighestLevel(findings []Finding) Level {
	var highest Level
	for _, f := range findings {
		if f.Level.rank() > highest.rank() {
			highest = f.Level
		}
	}
	return highest
}

// Count returns how many findings have the given level.
func Count(findings []Finding, level Level) int {
	n := 0
	for _, f := range findings {
		if f.Level == level {
			n++
		}
	}
	return n
}
