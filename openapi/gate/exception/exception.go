// Package exception reads the comments by which a document allows a finding. Packages check and
// diff ask it for those that name their rules.
package exception

import (
	"strings"
	"unicode/utf8"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
	"github.com/seed-5ec2a705/mtrack/openapi/gate/source"
)

// Mark starts a comment that lets the same or the next line break a rule:
// `# mtrack-spec:allow RULE reason`.
const Mark = "mtrack-spec:allow"

// Exception is one such comment.
type Exception struct {
	// Position is where the comment begins.
	finding.Position
	// Rule and Reason are empty where the comment does not give them.
	Rule, Reason string
	// Covered is the line that it is about, or 0.
	Covered int
}

// Covers reports whether the exception is about a finding.
func (e Exception) Covers(f finding.Finding) bool {
	return f.Rule == e.Rule && f.File == e.File && f.Line == e.Covered
}

// Of returns the exceptions in all files of a document.
func Of(doc *source.Document) []Exception {
	var list []Exception
	for _, name := range doc.FileNames() {
		file := doc.Files[name]
		if !strings.Contains(string(file.Data), Mark) {
			continue
		}
		lines := strings.Split(string(file.Data), "\n")
		for i, line := range lines {
			before, comment, ok := strings.Cut(line, "#")
			text, marked := strings.CutPrefix(strings.TrimSpace(comment), Mark)
			if !ok || !marked {
				continue
			}
			rule, reason, _ := strings.Cut(strings.TrimSpace(text), " ")
			list = append(list, Exception{
				Position: finding.Position{File: file.Display, Line: i + 1, Column: utf8.RuneCountInString(before) + 1},
				Rule:     rule, Reason: strings.TrimSpace(reason), Covered: covered(lines, i),
			})
		}
	}
	return list
}

// covered returns the number of the line that a comment in line i, counted from zero, is about:
// its own, or the next one that is not a comment.
func covered(lines []string, i int) int {
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
