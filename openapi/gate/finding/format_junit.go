package finding

import (
	"cmp"
	"encoding/xml"
	"io"
	"slices"

	"github.com/seed-5ec2a705/mtrack/openapi/plain"
)

type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     shownText    `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     shownText   `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name      shownText     `xml:"name,attr"`
		ClassName shownText     `xml:"classname,attr"`
		File      shownText     `xml:"file,attr,omitempty"`
		Line      int           `xml:"line,attr,omitempty"`
		Failure   *junitFailure `xml:"failure,omitempty"`
		Output    shownText     `xml:"system-out,omitempty"`
	}
	junitFailure struct {
		Message shownText `xml:"message,attr"`
		Type    string    `xml:"type,attr"`
		Text    shownText `xml:",chardata"`
	}
)

// shownText is text of a document. XML has no characters for what package plain escapes.
type shownText string

// MarshalText implements [encoding.TextMarshaler].
func (t shownText) MarshalText() ([]byte, error) { return []byte(plain.Text(string(t))), nil }

// writeJUnit writes one suite for each file. A file without findings holds one
// passed case, to show that it was checked. What is below r.FailAt is not a failure.
func writeJUnit(w io.Writer, r Report) error {
	files := slices.Clone(r.Files)
	for _, f := range r.Findings {
		if !slices.Contains(files, f.File) {
			files = append(files, f.File)
		}
	}
	out := junitSuites{Name: shownText(r.Tool)}
	for _, file := range files {
		suite := junitSuite{Name: shownText(file)}
		for _, f := range r.Findings {
			if f.File != file {
				continue
			}
			c := junitCase{
				Name: shownText(f.Rule + " " + f.Position.String()), ClassName: shownText(f.Rule), File: shownText(f.File), Line: f.Line,
			}
			text := f.Position.String() + ": " + f.Message
			for _, d := range f.details() {
				text += "\n" + d.text
			}
			if !f.Level.AtLeast(cmp.Or(r.FailAt, Warning)) {
				c.Output = shownText(text)
			} else {
				c.Failure = &junitFailure{Message: shownText(f.Message), Type: string(f.Level), Text: shownText(text)}
				suite.Failures++
			}
			suite.Cases = append(suite.Cases, c)
		}
		if len(suite.Cases) == 0 {
			suite.Cases = []junitCase{{Name: "no findings", ClassName: shownText(r.Tool), File: shownText(file)}}
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
