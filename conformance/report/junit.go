package report

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/excerpt"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
	"github.com/seed-5ec2a705/mtrack/openapi/plain"
)

// The elements of a JUnit report, as far as systems for continuous integration agree on them.
type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     shownText    `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Skipped  int          `xml:"skipped,attr"`
	Time     string       `xml:"time,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name       shownText       `xml:"name,attr"`
	Tests      int             `xml:"tests,attr"`
	Failures   int             `xml:"failures,attr"`
	Errors     int             `xml:"errors,attr"`
	Skipped    int             `xml:"skipped,attr"`
	Time       string          `xml:"time,attr"`
	Timestamp  string          `xml:"timestamp,attr"`
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase     `xml:"testcase"`
}

type junitProperty struct {
	Name  shownText `xml:"name,attr"`
	Value shownText `xml:"value,attr"`
}

type junitCase struct {
	Class     shownText     `xml:"classname,attr"`
	Name      shownText     `xml:"name,attr"`
	Time      string        `xml:"time,attr"`
	Skipped   *junitOutcome `xml:"skipped"`
	Error     *junitOutcome `xml:"error"`
	Failure   *junitOutcome `xml:"failure"`
	SystemOut shownText     `xml:"system-out,omitempty"`
}

type junitOutcome struct {
	Message shownText `xml:"message,attr"`
	Type    string    `xml:"type,attr,omitempty"`
	Text    shownText `xml:",chardata"`
}

// shownText is text that may come from the target or the provisioner. XML has no characters for
// what package plain escapes.
type shownText string

// MarshalText implements [encoding.TextMarshaler].
func (t shownText) MarshalText() ([]byte, error) { return []byte(plain.Text(string(t))), nil }

// WriteJUnit writes the report as JUnit XML, with one suite for each operation and one test case
// for each case. JUnit has neither warnings nor known failures: a warning is a test that passed,
// with the warning in its system-out, and a known failure is a skipped test. A run that was
// interrupted, or in which nothing passed, ends with an error of its own, lest it look like a
// success.
func (r *Report) WriteJUnit(w io.Writer) error {
	all, total := junitSuites{Name: "mtrack-conformance"}, 0.0
	properties := []junitProperty{
		{"target", shownText(r.Target)},
		{"implementation", shownText(strings.TrimSpace(r.Implementation.Name + " " + r.Implementation.Version))},
		{"profile", shownText(r.Options.Profile)},
		{"strict", shownText(strconv.FormatBool(r.Options.Strict))},
		{"seed", shownText(strconv.FormatUint(r.Options.Seed, 10))},
		{"suite", shownText(r.Suite.Version)},
		{"contract", shownText(r.Suite.ContractVersion + " sha256:" + r.Suite.ContractSHA256)},
		{"verdict", shownText(r.Verdict)},
		{"seconds", shownText(junitSeconds(r.Seconds))},
	}
	messages := r.junitMessages()
	for _, operation := range append(r.operations(), "") {
		class := junitClass(operation)
		suite := junitSuite{Name: shownText(class), Properties: properties, Timestamp: junitTime(r.Started)}
		elapsed := 0.0 // of what the test cases say, so that it is their sum
		for _, c := range r.Cases {
			if c.Operation == operation {
				suite.add(junitTestCase(c, shownText(messages[c.ID])))
				elapsed += math.Round(c.Seconds*1000) / 1000
			}
		}
		if suite.Tests > 0 {
			suite.Time = junitSeconds(elapsed)
			all.add(suite)
			total += elapsed
		}
	}
	if r.Verdict == Undecided && all.Errors == 0 {
		run := junitSuite{
			Name: "mtrack.run", Properties: properties, Timestamp: junitTime(r.Started), Time: junitSeconds(0),
		}
		reason := "no case passed: the run proves nothing"
		if r.Incomplete {
			reason = fmt.Sprintf("the run was interrupted after %d of %s", len(r.Cases), plural(r.Selected, "case"))
		}
		run.add(junitCase{
			Class: "mtrack.run", Name: "verdict", Time: junitSeconds(0),
			Error: &junitOutcome{Message: shownText(reason), Type: string(r.Verdict)},
		})
		all.add(run)
	}
	all.Time = junitSeconds(total)
	w = plain.NewWriter(w) // for what is a command at the beginning of a line
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (all *junitSuites) add(s junitSuite) {
	all.Suites = append(all.Suites, s)
	all.Tests += s.Tests
	all.Failures += s.Failures
	all.Errors += s.Errors
	all.Skipped += s.Skipped
}

func (s *junitSuite) add(c junitCase) {
	s.Cases = append(s.Cases, c)
	s.Tests++
	switch {
	case c.Failure != nil:
		s.Failures++
	case c.Error != nil:
		s.Errors++
	case c.Skipped != nil:
		s.Skipped++
	}
}

func junitTestCase(c Case, message shownText) junitCase {
	j := junitCase{Class: shownText(junitClass(c.Operation)), Name: shownText(c.ID), Time: junitSeconds(c.Seconds)}
	switch c.Outcome {
	case Failed:
		j.Failure = &junitOutcome{Message: message, Type: string(c.Level), Text: shownText(junitText(c))}
	case Errored:
		j.Error = &junitOutcome{Message: message, Type: string(c.Outcome), Text: shownText(junitText(c))}
	case Skipped:
		j.Skipped = &junitOutcome{Message: shownText(c.Reason)}
	case KnownFailing:
		known := strings.TrimSuffix("known failing: "+c.KnownReason, ": ")
		j.Skipped = &junitOutcome{Message: shownText(known), Text: shownText(junitText(c))}
	case Warning:
		j.SystemOut = "WARNING " + message + "\n" + shownText(junitText(c))
	}
	return j
}

// junitMessages are the messages of the cases that did not pass: what several found together is the
// message of each, so that a reader that groups by it shows one.
func (r *Report) junitMessages() map[string]string {
	messages := map[string]string{}
	for _, outcome := range Outcomes() {
		for _, g := range r.groups(outcome) {
			for _, c := range g.Cases {
				messages[c.ID] = junitMessage(c)
				if len(g.Cases) > 1 {
					messages[c.ID] = g.Title()
				}
			}
		}
	}
	return messages
}

// junitMessage is one line.
func junitMessage(c Case) string {
	message := c.Reason
	if c.Expected != "" || c.Actual != "" {
		message = fmt.Sprintf("expected %s; got %s", c.Expected, c.Actual)
	}
	line, _, _ := strings.Cut(message, "\n")
	return line
}

func junitText(c Case) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", c.Title)
	if c.Expected != "" || c.Actual != "" {
		fmt.Fprintf(&b, "expected: %s\ngot: %s\n", c.Expected, c.Actual)
	} else {
		fmt.Fprintf(&b, "%s\n", c.Reason)
	}
	for i, x := range c.Evidence() {
		status := "no response"
		if x.Status != 0 {
			status = fmt.Sprintf("%d %s", x.Status, http.StatusText(x.Status))
		}
		fmt.Fprintf(&b, "%d. %s\n   %s%s\n", i+1, x.Curl, status, reasonBehind(x.Error))
		if x.ResponseBody != "" {
			fmt.Fprintf(&b, "   %s\n", excerpt.Of(x.ResponseBody, textBody))
		}
	}
	if c.Where != "" {
		fmt.Fprintf(&b, "case: %s\n", c.Where)
	}
	fmt.Fprintf(&b, "requirements: %s\n", requirement.JoinIDs(c.Requirements))
	if c.Replay != "" {
		fmt.Fprintf(&b, "replay: %s\n", c.Replay)
	}
	return b.String()
}

func junitClass(o requirement.Operation) string {
	return "mtrack." + cmp.Or(string(o), "everyOperation")
}

func junitSeconds(s float64) string { return strconv.FormatFloat(s, 'f', 3, 64) }

func junitTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05") }
