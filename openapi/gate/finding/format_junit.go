package finding

import (
	"encoding/xml"
	"fmt"
	"io"
	"slices"
)

type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name      string        `xml:"name,attr"`
		ClassName string        `xml:"classname,attr"`
		File      string        `xml:"file,attr,omitempty"`
		Line      int           `xml:"line,attr,omitempty"`
		Failure   *junitFailure `xml:"failure,omitempty"`
		Output    string        `xml:"system-out,omitempty"`
	}
	junitFailure struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		Text    string `xml:",chardata"`
	}
)

// writeJUnit writes one suite for each file. A file without findings holds one
// passed case, to show that it was checked. A note is not a failure.
func writeJUnit(w io.Writer, r Report) error {
	files := slices.Clone(r.Files)
	for _, f := range r.Findings {
		if !slices.Contains(files, f.File) {
			files = append(files, f.File)
		}
	}
	out := junitSuites{Name: r.Tool}
	for _, file := range files {
		suite := junitSuite{Name: file}
		for _, f := range r.Findings {
			if f.File != file {
				continue
			}
			c := junitCase{Name: fmt.Sprintf("%s %s", f.Rule, f.Position), ClassName: f.Rule, File: f.File, Line: f.Line}
			text := f.Position.String() + ": " + f.Message
			for _, d := range f.details() {
				text += "\n" + d.text
			}
			if f.Level == Note {
				c.Output = text
			} else {
				c.Failure = &junitFailure{Message: f.Message, Type: string(f.Level), Text: text}
				suite.Failures++
			}
			suite.Cases = append(suite.Cases, c)
		}
		if len(suite.Cases) == 0 {
			suite.Cases = []junitCase{{Name: "no findings", ClassName: r.Tool, File: file}}
		}
		suite.Tests = len(suite.Cases)
		out.Tests += suite.Tests
		out.Failures += suite.Failures
		out.Suites = append(out.Suites, suite)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(out); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}
