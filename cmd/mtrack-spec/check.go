package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/seed-5ec2a705/mtrack/cmd/internal/command"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/budget"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/check"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/config"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

func checkCommand() command.Command {
	return command.Command{
		Name:    "check",
		Syntax:  "[FILE…]",
		Summary: "check OpenAPI 3.0 documents",
		About: `
Check OpenAPI 3.0 documents: structure, examples, and the rules that protect callers.

A FILE is a YAML or JSON document, a glob, or REV:PATH for the file as it is in a git revision.
Files that it refers to by relative references are read with it. Without a FILE, the documents are
those that ` + config.FileName + ` lists; a FILE that is a part of some of them stands for these.

The exit status is 1 if there are errors. What is an error, a warning or not reported is decided by
the preset: "spec" has as errors what OpenAPI forbids, "recommended" adds advice as warnings, in
"strict" all rules are errors. The configuration changes single rules: see docs/spec-gate.md.

To allow one finding, put a comment with a reason at the end of its line, or on the line above:
    # mtrack-spec:allow RULE reason`,
		Prepare: func(fs *command.FlagSet) command.Action {
			c := &checking{format: outputFlag(fs, finding.Formats()...), options: sourceFlags(fs), limit: limitFlags(fs), open: configFlag(fs)}
			c.preset = choiceValue{allowed: []string{""}}
			for _, preset := range config.Presets() {
				c.preset.allowed = append(c.preset.allowed, string(preset))
			}
			fs.Var(&c.preset, "preset", "`PRESET` of levels, spec, recommended or strict; default: that of the configuration, or else\nspec")
			c.disable = fs.String("disable", "", "`RULES` to leave out, separated by commas, whatever the configuration says of them")
			c.envelope = fs.String("envelope", "", "`NAME` of the component schema that every error body has to follow; default: that of the\n"+
				"configuration, or the schema of the document with x-error-envelope: true, or else the shape\nthat most of its errors share")
			c.level = choiceValue{value: string(finding.Error), allowed: []string{string(finding.Error), string(finding.Warning)}}
			fs.Var(&c.level, "level", "lowest `LEVEL` of findings, error or warning, for which the exit status is 1")
			c.writeBaseline = fs.Bool("write-baseline", false, "accept all findings of today, in "+config.BaselineName+" beside the configuration;\n"+
				"where there is a baseline, take out what has been fixed, and add nothing")
			return c.run
		},
	}
}

// shrink is the command that takes out of a baseline what has been fixed.
const shrink = tool + " check --write-baseline"

// checking is one run of check.
type checking struct {
	format        *formatValue
	options       *source.Options
	limit         *budget.Limit
	open          func() (*project, error)
	preset, level choiceValue
	disable       *string
	envelope      *string
	writeBaseline *bool
}

func (c *checking) run(ctx context.Context, env command.Environment, args []string) error {
	disabled, err := ruleList(*c.disable)
	if err != nil {
		return err
	}
	project, err := c.open()
	if err != nil {
		return err
	}
	if *c.writeBaseline && len(project.Documents) > 0 && len(args) > 0 {
		return command.Misused("--write-baseline takes no FILE here: the baseline is of all documents that %s lists", project.File)
	}
	selected, err := choose(ctx, project, args, "", *c.options)
	if err != nil {
		return err
	}
	for _, note := range selected.notes {
		fmt.Fprintln(env.Stderr, note)
	}
	envelope := *c.envelope
	var docs []*source.Document
	var found []finding.Finding
	var unusable []error
	for _, name := range selected.names {
		doc, err := selected.load(ctx, name)
		if err != nil {
			// It hides nothing of what the other documents have.
			unusable = append(unusable, err)
			continue
		}
		own, err := envelopeOf(doc, envelope, project)
		if err != nil {
			return err
		}
		docs = append(docs, doc)
		found = append(found, check.Document(ctx, doc, check.Options{Envelope: own, Elsewhere: known().Diff, Limit: *c.limit})...)
	}
	if len(docs) == 0 && len(unusable) > 0 {
		return errors.Join(unusable...)
	}
	policy := config.Policy{
		Config: project.Config, Preset: config.Preset(c.preset.value), Disable: disabled, LevelIn: check.Level,
		Stale: check.ExceptionStale(), Always: check.Unfinished().ID, Shrink: shrink,
	}
	if policy.Baseline, err = config.LoadBaseline(project.baseline()); err != nil {
		return err
	}
	found = finding.Sort(found)
	seen := seen(project, docs, len(unusable) == 0 && selected.all)
	if *c.writeBaseline {
		if len(unusable) > 0 {
			return errors.Join(unusable...)
		}
		if policy.Baseline, err = c.rewrite(env, project, policy, found, seen); err != nil {
			return err
		}
	}
	judged := policy.Judge(found, seen)
	report := finding.Report{
		Tool: tool, Version: version(), Rules: rulesIn(policy, judged.Findings), Subject: finding.Plural(len(docs), "document"),
		Findings: judged.Findings, FailAt: finding.Level(c.level.value), Locate: checkout(env, docs...),
	}
	for _, doc := range docs {
		report.Files = append(report.Files, doc.Root.Display)
	}
	if judged.Hidden > 0 {
		report.More = fmt.Sprintf("%d more in preset %s", judged.Hidden, config.Recommended)
	}
	if err := finding.Write(env.Stdout, c.format.format, report); err != nil {
		return err
	}
	if len(unusable) > 0 {
		return errors.Join(unusable...)
	}
	if finding.HighestLevel(judged.Findings).AtLeast(report.FailAt) {
		return errFindings
	}
	return nil
}

// rewrite makes the baseline, or takes out of it what has been fixed.
func (c *checking) rewrite(env command.Environment, p *project, policy config.Policy, found []finding.Finding, seen config.Seen) (*config.Baseline, error) {
	name, old := p.baseline(), policy.Baseline
	left := config.NewBaseline(policy.Acceptable(policy.Judge(found, seen).Findings), seen)
	if old != nil {
		left = old.Shrunk(policy.Acceptable(found), seen)
	}
	switch {
	case left.Len() > 0:
		if err := left.Write(name, shrink); err != nil {
			return nil, err
		}
	case old != nil:
		if err := os.Remove(name); err != nil {
			return nil, err
		}
	}
	if old == nil {
		fmt.Fprintf(env.Stderr, "%s: %s accepted\n", name, finding.Plural(left.Len(), "finding"))
	} else {
		fmt.Fprintf(env.Stderr, "%s: %s left of %d\n", name, finding.Plural(left.Len(), "finding"), old.Len())
	}
	// What it says is what is read next time, at its places.
	return config.LoadBaseline(name)
}

// envelopeOf returns the error envelope of a document: the one of the flag, which has to exist,
// or the one of the configuration where the document has it.
func envelopeOf(doc *source.Document, flag string, p *project) (string, error) {
	has := func(name string) bool {
		return doc.Spec == nil || doc.Spec.Components != nil && doc.Spec.Components.Schemas[name] != nil
	}
	switch {
	case flag != "" && !has(flag):
		return "", fmt.Errorf("%s has no schema %s, which --envelope names", doc.Root.Display, flag)
	case flag != "":
		return flag, nil
	case p.Envelope != "" && has(p.Envelope):
		return p.Envelope, nil
	}
	return "", nil
}

// seen says what was looked at. All says that these are all documents of the configuration.
func seen(p *project, docs []*source.Document, all bool) config.Seen {
	s := config.Seen{All: all, Locate: p.Locate(revisions(docs)...), Item: items(docs), Now: time.Now()}
	var unread []string
	for _, doc := range docs {
		for _, name := range doc.FileNames() {
			s.Files = append(s.Files, doc.Files[name].Display)
			if doc.Spec == nil {
				unread = append(unread, doc.Files[name].Display)
			}
		}
	}
	if len(p.Documents) > 0 && !all {
		s.Files = nil // what a file shares with documents that were not looked at may be found there
	}
	s.All = all && len(unread) == 0
	s.Files = slices.DeleteFunc(s.Files, func(file string) bool { return slices.Contains(unread, file) })
	return s
}

// items returns what names the parameters of documents, which have numbers in JSON pointers.
func items(docs []*source.Document) func(file, pointer string) string {
	type place struct {
		doc  *source.Document
		name string
	}
	files := map[string]place{}
	for _, doc := range docs {
		for name, f := range doc.Files {
			files[f.Display] = place{doc, name}
		}
	}
	return func(file, pointer string) string {
		steps, ok := source.ParsePointer(pointer)
		at, known := files[file]
		if !known || !ok || len(steps) < 2 || steps[len(steps)-2] != "parameters" {
			return ""
		}
		text := func(field string) string {
			if n := at.doc.Node(source.Place{File: at.name, Pointer: steps}.At(field)); n != nil && n.Kind == yaml.ScalarNode {
				return n.Value
			}
			return ""
		}
		if text("name") == "" || text("in") == "" {
			return ""
		}
		return source.Pointer{text("in") + ":" + text("name")}.String()[1:]
	}
}

// rulesIn returns the rules that a policy applies, each with its level.
func rulesIn(policy config.Policy, findings []finding.Finding) []finding.Rule {
	var list []finding.Rule
	for _, r := range check.Rules() {
		r.Level = policy.Level(r.ID)
		if i := slices.IndexFunc(findings, func(f finding.Finding) bool { return f.Rule == r.ID }); i >= 0 && r.Level == finding.Off {
			r.Level = findings[i].Level
		}
		if r.Level != finding.Off {
			list = append(list, r)
		}
	}
	return list
}

// ruleList reads a list of ids of rules.
func ruleList(list string) ([]string, error) {
	var ids []string
	for _, id := range strings.Split(list, ",") {
		if id = strings.TrimSpace(id); id == "" {
			continue
		}
		if _, ok := check.Lookup(id); !ok {
			return nil, command.Misused("unknown rule %q: `%s rules` lists the rules", id, tool)
		}
		ids = append(ids, id)
	}
	return ids, nil
}
