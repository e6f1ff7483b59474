package config

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
)

// Policy is what applies to the findings of one check: the configuration, and what the command
// line says beside it. It is read-only, and safe for concurrent use.
type Policy struct {
	// Config is the configuration, [Default] where there is no file.
	Config *Config
	// Preset replaces every preset of the configuration, unless it is "".
	Preset Preset
	// Disable are ids of rules that are off, whatever the configuration says.
	Disable []string
	// Baseline are the findings that were there when the gate was adopted, or nil.
	Baseline *Baseline
	// LevelIn returns the level of a rule in a preset.
	LevelIn func(preset Preset, rule string) finding.Level
	// Stale is the rule on exceptions that are needed no longer.
	Stale finding.Rule
	// Always is a rule whose findings are errors, whatever else says: that a document was not
	// checked must not pass for a document without findings.
	Always string
	// Shrink is the command that takes out of the baseline what has been fixed.
	Shrink string
}

// Seen is what a check has looked at.
type Seen struct {
	// Files are those that were read and understood, as findings name them.
	Files []string
	// All says that these are all files of all documents.
	All bool
	// Locate returns how the configuration calls a file: see [Config.Locate].
	Locate func(file string) string
	// Item returns what names an entry of a list whatever its number is, by a file, as findings
	// name it, and a JSON pointer, or "". It may be nil.
	Item func(file, pointer string) string
	// Now is the time of the check.
	Now time.Time
}

// Judgement is what a policy makes of the findings of a check.
type Judgement struct {
	// Findings are those that are shown, each with its level.
	Findings []finding.Finding
	// Hidden counts those that the preset [Recommended] would show too.
	Hidden int
	// Accepted counts those that the configuration or the baseline accepts.
	Accepted int
}

// Judge gives findings their levels, takes out those that are accepted or of rules that are off,
// and adds one for each acceptance and each entry of the baseline that is needed no longer.
func (p Policy) Judge(found []finding.Finding, seen Seen) Judgement {
	open := p.Acceptable(found)
	rest, unused := Accept(open, p.Config.Accepted, seen.Locate, seen.Now)
	rest, fixed := p.Baseline.accept(rest, seen)
	j := Judgement{Accepted: len(open) - len(rest)}
	for _, f := range found {
		if f.Rule == p.Always {
			rest = append(rest, f)
		}
	}
	stale := func(at finding.Position, fix, format string, args ...any) {
		rest = append(rest, finding.Finding{Position: at, Rule: p.Stale.ID, Message: fmt.Sprintf(format, args...), Fix: fix})
	}
	for _, a := range unused {
		switch {
		case a.Ended(seen.Now):
			stale(a.Position, "Fix what it accepts, or give it another day.", "the acceptance of %s at %s ended on %s", a.Rule, a.Where, a.Until.Format(time.DateOnly))
		case seen.All || seen.has(a.Where):
			stale(a.Position, "Remove the entry.", "the acceptance of %s at %s accepts nothing", a.Rule, a.Where)
		}
	}
	for _, e := range fixed {
		stale(e.position, "Run `"+p.Shrink+"`.", "the baseline has %s of %s at %s more than there are",
			finding.Plural(e.Count, "finding"), e.Rule, e.place())
	}
	for _, f := range rest {
		level, preset := p.level(f.Rule, seen.Locate(f.File))
		if level != finding.Off {
			f.Level = level
			j.Findings = append(j.Findings, f)
		} else if preset == finding.Off && p.LevelIn(Recommended, f.Rule) != finding.Off && !slices.Contains(p.Disable, f.Rule) {
			j.Hidden++
		}
	}
	j.Findings = finding.Sort(j.Findings)
	return j
}

// Acceptable returns the findings that may be accepted.
func (p Policy) Acceptable(found []finding.Finding) []finding.Finding {
	return slices.DeleteFunc(slices.Clone(found), func(f finding.Finding) bool { return f.Rule == p.Always })
}

// Level returns the level of a rule where no path says otherwise.
func (p Policy) Level(rule string) finding.Level {
	level, _ := p.level(rule, "")
	return level
}

// level returns the level of a rule for a file, and the level in its preset alone.
func (p Policy) level(rule, file string) (level, inPreset finding.Level) {
	if rule == p.Always && rule != "" {
		return finding.Error, finding.Error
	}
	preset, own := cmp.Or(p.Config.Preset, Spec), p.Config.Rules[rule]
	for _, o := range p.Config.Paths {
		if !o.matches(file) {
			continue
		}
		if o.Preset != "" {
			// The levels of all files are chosen beside the preset of all files.
			preset, own = o.Preset, ""
		}
		own = cmp.Or(o.Rules[rule], own)
	}
	inPreset = p.LevelIn(cmp.Or(p.Preset, preset), rule)
	if slices.Contains(p.Disable, rule) {
		return finding.Off, inPreset
	}
	return cmp.Or(own, inPreset), inPreset
}

// matches reports whether the override is about a file.
func (o Override) matches(file string) bool {
	return slices.ContainsFunc(o.Files, func(glob string) bool { return Match(glob, file) })
}

// has reports whether a place is in a file that was looked at.
func (s Seen) has(w Where) bool {
	return slices.ContainsFunc(s.Files, func(file string) bool { return w.inFile(s.Locate(file)) })
}
