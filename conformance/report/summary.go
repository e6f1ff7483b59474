package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// headline is what was tested, and by what measure.
func (r *Report) headline() string {
	name := strings.TrimSpace(r.Implementation.Name + " " + r.Implementation.Version)
	if name != "" {
		name += " at "
	}
	line := fmt.Sprintf("%s%s, profile %s", name, r.Target, r.Options.Profile)
	if r.Options.Strict {
		line += ", strict"
	}
	return line
}

// operations lists the operations that the report is about, in the order of its requirements, which
// is that of the catalogue.
func (r *Report) operations() []requirement.Operation {
	var operations []requirement.Operation
	add := func(o requirement.Operation) {
		if o != "" && !slices.Contains(operations, o) {
			operations = append(operations, o)
		}
	}
	for _, required := range r.Requirements {
		add(required.Operation)
	}
	for _, c := range r.Cases {
		add(c.Operation)
	}
	for _, c := range r.Coverage {
		add(c.Operation)
	}
	return operations
}

// byOperation counts the outcomes by operation.
func (r *Report) byOperation() []operationCounts {
	var groups []operationCounts
	for _, o := range append(r.operations(), "") {
		group := operationCounts{cmp.Or(string(o), "every operation"), map[Outcome]int{}}
		for _, c := range r.Cases {
			if c.Operation == o {
				group.counts[c.Outcome]++
			}
		}
		if len(group.counts) > 0 {
			groups = append(groups, group)
		}
	}
	return groups
}

// contractLine names the line of the contract that a case found broken.
func (r *Report) contractLine(c Case) string {
	return fmt.Sprintf("%s, line %d", cmp.Or(r.Suite.ContractName, "the contract"), c.ContractLine)
}

// profileVerdicts are the verdicts on the profiles that the run judged, the smaller ones first. The
// last one is the verdict of the run.
func (r *Report) profileVerdicts() []profileVerdict {
	var verdicts []profileVerdict
	partly := ""
	if len(r.Options.Run) > 0 || len(r.Options.Skip) > 0 {
		partly = " (only the selected cases)"
	}
	for _, p := range requirement.Profiles() {
		if p == r.Options.Profile {
			break
		}
		counts := map[Outcome]int{}
		for _, c := range r.Cases {
			if p.Includes(c.Operation) {
				counts[c.Outcome]++
			}
		}
		if len(counts) > 0 {
			scope := fmt.Sprintf("profile %s%s", p, partly)
			verdicts = append(verdicts, profileVerdict{scope, VerdictOf(counts, r.Incomplete)})
		}
	}
	return append(verdicts, profileVerdict{fmt.Sprintf("profile %s%s", r.Options.Profile, partly), r.Verdict})
}

// operationCounts counts the outcomes of the cases of one operation, or of those about every
// operation.
type operationCounts struct {
	name   string
	counts map[Outcome]int
}

// profileVerdict is the verdict on the cases of one profile.
type profileVerdict struct {
	scope   string
	verdict Verdict
}

// lookedAgain says how long the run waited for what comes late.
func (r *Report) lookedAgain() string {
	return fmt.Sprintf("looked again at %s at the end, at least %s after what was done to it",
		plural(r.LookedAgain, "scene"), seconds(r.LookedAfter))
}

// line describes the provisioner.
func (p Provisioner) line() string {
	line := "provisioned by " + p.Description
	if len(p.Features) == 0 {
		return line + " without optional features"
	}
	var names []string
	for _, f := range p.Features {
		names = append(names, string(f))
	}
	return line + " with " + strings.Join(names, ", ")
}

// plural is a number and a noun: "1 case", "2 cases".
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// seconds is a duration, as precise as its size deserves.
func seconds(s float64) string { return milliseconds(s * 1000) }

func milliseconds(ms float64) string {
	d := time.Duration(ms * float64(time.Millisecond))
	switch {
	case d >= 10*time.Second:
		return d.Round(time.Second).String()
	case d >= time.Second:
		return d.Round(100 * time.Millisecond).String()
	case d >= 10*time.Millisecond:
		return d.Round(time.Millisecond).String()
	default:
		return d.Round(100 * time.Microsecond).String()
	}
}

// reasonBehind is a text to append, if there is one.
func reasonBehind(text string) string {
	if text == "" {
		return ""
	}
	return ": " + text
}
