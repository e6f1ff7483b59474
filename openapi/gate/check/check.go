// Package check applies the rules of mtrack-spec to one OpenAPI 3.0 document.
//
// Reading, validating and most of the linting is done by libraries; what stands
// here is where their findings get a stable rule id, an exact place and a way to
// fix them, and the rules that none of them has: about what a caller relies on.
package check

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

// Options says which rules are applied and how.
type Options struct {
	// Disable holds ids of rules that are left out.
	Disable []string
	// Envelope names the component schema that every error body is to follow. When
	// it is empty the document is asked: a schema with `x-error-envelope: true`, else
	// the shape that most of its error responses share.
	Envelope string
}

// Document applies the rules to a loaded document. The findings are sorted; those
// that the document allows itself, by a comment, are left out.
func Document(ctx context.Context, doc *source.Document, opts Options) []finding.Finding {
	p := &pass{doc: doc, opts: opts}
	for _, problem := range doc.Problems {
		p.findings = append(p.findings, p.make(problem.Rule, problem.Position, problem.Pointer, "", problem.Message))
	}
	if doc.Spec != nil {
		p.index = newIndex(doc)
		for _, r := range rules() {
			if r.apply != nil && !slices.Contains(opts.Disable, r.ID) {
				r.apply(p)
			}
		}
		p.libraries(ctx)
	}
	p.findings = slices.DeleteFunc(p.findings, func(f finding.Finding) bool {
		return slices.Contains(opts.Disable, f.Rule)
	})
	p.allow()
	return finding.Sort(p.findings)
}

// pass is one run over one document.
type pass struct {
	doc      *source.Document
	index    *index
	opts     Options
	findings []finding.Finding
}

func (p *pass) make(rule string, position finding.Position, pointer, operation, message string) finding.Finding {
	r := mustRule(rule)
	return finding.Finding{
		Position: position, Rule: rule, Level: r.Level, Message: message, Fix: r.Fix,
		Pointer: pointer, Operation: operation,
	}
}

// report adds a finding at a place.
func (p *pass) report(rule string, place source.Place, message string) {
	p.reportFor(rule, place, nil, message)
}

// reportKey adds a finding about the key at a place, rather than about its value.
func (p *pass) reportKey(rule string, place source.Place, message string) {
	p.findings = append(p.findings, p.make(rule, p.doc.KeyPosition(place), place.Pointer.String(), "", message))
}

// reportFor adds a finding that concerns an operation.
func (p *pass) reportFor(rule string, place source.Place, op *operation, message string) {
	name := ""
	if op != nil {
		name = op.Name()
	}
	p.findings = append(p.findings, p.make(rule, p.doc.Position(place), place.Pointer.String(), name, message))
}

// has reports whether a finding of one of the rules exists.
func (p *pass) has(rules ...string) bool {
	return slices.ContainsFunc(p.findings, func(f finding.Finding) bool { return slices.Contains(rules, f.Rule) })
}

// allowMark starts a comment that allows what stands in the same or the next
// line to break a rule: `# mtrack-spec:allow RULE reason`.
const allowMark = "mtrack-spec:allow"

// allow drops the findings that the document's own comments allow. An exception
// without a reason, of an unknown rule, or that no longer excepts anything is
// itself a finding: it would otherwise outlive what it was written for.
func (p *pass) allow() {
	for _, name := range p.doc.FileNames() {
		file := p.doc.Files[name]
		lines := strings.Split(string(file.Data), "\n")
		for i, line := range lines {
			_, comment, ok := strings.Cut(line, "#")
			if !ok || !strings.HasPrefix(strings.TrimSpace(comment), allowMark) {
				continue
			}
			fields := strings.Fields(strings.TrimPrefix(strings.TrimSpace(comment), allowMark))
			at := finding.Position{File: file.Display, Line: i + 1, Column: utf8.RuneCountInString(line[:strings.Index(line, "#")]) + 1}
			if len(fields) < 2 {
				p.findings = append(p.findings, p.make(ruleException, at, "", "", "the exception does not name a rule and a reason"))
				continue
			}
			rule, covered := fields[0], coveredLine(lines, i)
			if _, known := Lookup(rule); !known {
				p.findings = append(p.findings, p.make(ruleException, at, "", "", "the exception names an unknown rule: "+rule))
				continue
			}
			before := len(p.findings)
			p.findings = slices.DeleteFunc(p.findings, func(f finding.Finding) bool {
				return f.Rule == rule && f.File == file.Display && f.Line == covered
			})
			if len(p.findings) == before && !slices.Contains(p.opts.Disable, rule) {
				p.findings = append(p.findings, p.make(ruleException, at, "", "", "the exception from "+rule+" excepts nothing"))
			}
		}
	}
}

// coveredLine returns the number of the line that an exception in line i, counted
// from zero, is about: its own, or the next one that is not a comment.
func coveredLine(lines []string, i int) int {
	if !strings.HasPrefix(strings.TrimSpace(lines[i]), "#") {
		return i + 1
	}
	for i++; i < len(lines); i++ {
		if text := strings.TrimSpace(lines[i]); text != "" && !strings.HasPrefix(text, "#") {
			return i + 1
		}
	}
	return 0
}
