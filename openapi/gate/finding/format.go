package finding

import (
	"fmt"
	"io"
	"strings"
	"unicode"
)

// Report is what a command has found, ready to be written.
type Report struct {
	// Tool and Version name the program in machine-readable formats.
	Tool, Version string
	// Subject names what was looked at in a summary, "2 documents" for one.
	Subject string
	// Files are the inputs in the order given; JUnit shows each as a suite,
	// so that a clean file is visible as passed.
	Files []string
	// Rules are the rules that were applied.
	Rules []Rule
	// Findings is sorted by Write.
	Findings []Finding
	// Locate returns the path of a file in the checkout, for the formats that lead to
	// its lines there, GitHub and SARIF. When it is nil the path is the file's name.
	Locate func(file string) string
}

func (r Report) locate(file string) string {
	if r.Locate == nil {
		return file
	}
	return r.Locate(file)
}

// Format names a rendering.
type Format string

// The formats of Write.
const (
	Text   Format = "text"
	JSON   Format = "json"
	GitHub Format = "github"
	SARIF  Format = "sarif"
	JUnit  Format = "junit"
)

// Formats lists the formats in the order in which help texts show them.
func Formats() []Format { return []Format{Text, JSON, GitHub, SARIF, JUnit} }

// Write renders r to w. The findings are sorted in place first.
func Write(w io.Writer, format Format, r Report) error {
	r.Findings = Sort(r.Findings)
	switch format {
	case Text:
		return writeText(w, r)
	case JSON:
		return writeJSON(w, r)
	case GitHub:
		return writeGitHub(w, r)
	case SARIF:
		return writeSARIF(w, r)
	case JUnit:
		return writeJUnit(w, r)
	}
	return fmt.Errorf("unknown format %q", format)
}

func writeText(w io.Writer, r Report) error {
	var b strings.Builder
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "%s: %s: %s [%s]\n", line(f.Position.String()), f.Level, line(f.Message), f.Rule)
		if f.Operation != "" {
			fmt.Fprintf(&b, "    operation: %s\n", line(f.Operation))
		}
		if f.Affects != "" {
			fmt.Fprintf(&b, "    breaks:    %s\n", line(f.Affects))
		}
		if f.Mend != "" {
			fmt.Fprintf(&b, "    mend:      %s\n", line(f.Mend))
		}
	}
	if len(r.Findings) > 0 {
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "%s: %s\n", line(r.Subject), Summary(r.Findings))
	_, err := io.WriteString(w, b.String())
	return err
}

// line makes a text one line of plain characters. What a document holds ends up in
// messages, and neither a terminal nor a CI log is to take it for a command.
func line(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
}

// Summary counts findings by level in words: "no findings", "2 errors, 1 warning".
func Summary(findings []Finding) string {
	if len(findings) == 0 {
		return "no findings"
	}
	var parts []string
	for _, level := range []Level{Error, Warning, Note} {
		switch n := Count(findings, level); n {
		case 0:
		case 1:
			parts = append(parts, "1 "+string(level))
		default:
			parts = append(parts, fmt.Sprintf("%d %ss", n, level))
		}
	}
	return strings.Join(parts, ", ")
}

// writeGitHub writes workflow commands, which GitHub Actions shows as
// annotations on the lines of a pull request, and the summary as plain text.
func writeGitHub(w io.Writer, r Report) error {
	var b strings.Builder
	for _, f := range r.Findings {
		command := "error"
		switch f.Level {
		case Warning:
			command = "warning"
		case Note:
			command = "notice"
		}
		message := f.Message
		if f.Operation != "" {
			message += "\nOperation: " + f.Operation
		}
		if f.Affects != "" {
			message += "\nBreaks: " + f.Affects
		}
		if f.Mend != "" {
			message += "\nMend: " + f.Mend
		}
		fmt.Fprintf(&b, "::%s file=%s", command, githubProperty(r.locate(f.File)))
		if f.Line > 0 {
			fmt.Fprintf(&b, ",line=%d,col=%d", f.Line, f.Column)
		}
		fmt.Fprintf(&b, ",title=%s::%s\n", githubProperty(f.Rule), githubData(message))
	}
	fmt.Fprintf(&b, "%s: %s\n", line(r.Subject), Summary(r.Findings))
	_, err := io.WriteString(w, b.String())
	return err
}

// githubData escapes the text of a workflow command: an unescaped line break
// would end it, and what follows could pose as another command.
func githubData(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

// githubProperty escapes a property of a workflow command.
func githubProperty(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(s)
}
