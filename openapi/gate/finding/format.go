package finding

import (
	"fmt"
	"io"
	"strings"

	"github.com/seed-5ec2a705/mtrack/openapi/plain"
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
	// FailAt is the lowest level that is a failure, for the formats that know failures. When it is
	// empty it is Warning.
	FailAt Level
	// More says what else could be shown, as a line below the summary for people, or is empty.
	More string
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

// Write renders r to w. The findings are sorted in place first. Text of the documents reaches w
// through package plain. GitHub's commands have to reach a CI log as they are: plain would escape
// them.
func Write(w io.Writer, format Format, r Report) error {
	r.Findings = Sort(r.Findings)
	if format == GitHub {
		return writeGitHub(plain.Raw(w), r)
	}
	w = plain.NewWriter(w)
	switch format {
	case Text:
		return writeText(w, r)
	case JSON:
		return writeJSON(w, r)
	case SARIF:
		return writeSARIF(w, r)
	case JUnit:
		return writeJUnit(w, r)
	}
	return fmt.Errorf("unknown format %q", format)
}

// Summary counts findings by level in words: "no findings", "2 errors, 1 warning".
func Summary(findings []Finding) string {
	if len(findings) == 0 {
		return "no findings"
	}
	var parts []string
	for _, level := range []Level{Error, Warning, Note} {
		if n := Count(findings, level); n > 0 {
			parts = append(parts, Plural(n, string(level)))
		}
	}
	return strings.Join(parts, ", ")
}

// Plural counts things in words: "1 document", "2 documents".
func Plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
