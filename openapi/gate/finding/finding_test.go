package finding_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
)

var update = flag.Bool("update", false, "write the golden files anew")

func at(file string, line, column int) finding.Position {
	return finding.Position{File: file, Line: line, Column: column}
}

// report holds every level, a place without a line, equal findings, and texts that
// the formats have to escape.
func report() finding.Report {
	return finding.Report{
		Tool: "mtrack-spec", Version: "v1.2.3", Subject: "2 documents", Files: []string{"api/a.yaml", "clean.yaml"},
		Rules: []finding.Rule{
			{ID: "rule-one", Level: finding.Error, Title: "One", Why: "Because.", Fix: "Correct it."},
			{ID: "rule-two", Level: finding.Warning, Title: "Two", Why: "Because.", Fix: "Correct that."},
		},
		Findings: []finding.Finding{
			{Position: at("api/a.yaml", 9, 2), Rule: "rule-two", Level: finding.Warning, Message: "a <b> & \"c\"", Fix: "Correct that."},
			{Position: at("api/a.yaml", 3, 5), Rule: "rule-one", Level: finding.Error, Message: "100% wrong\n::error::not a command", Fix: "Correct it.",
				Operation: "GET /a (getA)", Affects: "callers", Pointer: "/paths/~1a/get"},
			{Position: at("api/a.yaml", 9, 2), Rule: "rule-two", Level: finding.Warning, Message: "a <b> & \"c\"", Fix: "Correct that."},
			{Position: at("odd,name:1.yaml", 0, 0), Rule: "rule-new", Level: finding.Note, Message: "worth knowing"},
		},
	}
}

func TestWrite(t *testing.T) {
	for _, format := range finding.Formats() {
		t.Run(string(format), func(t *testing.T) {
			var got bytes.Buffer
			if err := finding.Write(&got, format, report()); err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join("testdata", string(format)+".golden")
			if *update {
				if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got.String() != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got.String(), want)
			}
		})
	}
}

// Text goes to terminals and to CI logs, which take lines that begin with :: for
// commands: each finding begins its own lines.
func TestWrite_TextIsPlain(t *testing.T) {
	r := report()
	r.Findings[1].Message = "wrong\x1b[2J\n::error::not a command"
	var out bytes.Buffer
	if err := finding.Write(&out, finding.Text, r); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), "\x1b") || strings.Contains(out.String(), "\n::") {
		t.Errorf("got %q", out.String())
	}
}

// Nothing that a message holds may become a workflow command of its own, which
// could set variables or hide a log.
func TestWrite_GitHubCommandsCannotBeInjected(t *testing.T) {
	var out bytes.Buffer
	if err := finding.Write(&out, finding.GitHub, report()); err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(out.String()), "\n") {
		if strings.Contains(line, "not a command") && !strings.HasPrefix(line, "::error file=api/a.yaml,line=3,col=5,title=rule-one::") {
			t.Errorf("a message begins a line: %q", line)
		}
	}
}

// The formats that lead to a line of the checkout name files as the checkout does,
// and SARIF as URIs.
func TestWrite_Locate(t *testing.T) {
	r := report()
	r.Findings[0].File = "HEAD:api/my api.yaml"
	r.Findings[1].File = "/srv/100%.yaml"
	r.Locate = func(file string) string { return strings.TrimPrefix(file, "HEAD:") }
	for format, want := range map[finding.Format][]string{
		finding.GitHub: {"file=api/my api.yaml,", "file=/srv/100%25.yaml,"},
		finding.SARIF:  {`"uri": "api/my%20api.yaml"`, `"uri": "file:///srv/100%25.yaml"`, `"uri": "./odd,name:1.yaml"`},
		finding.Text:   {"HEAD:api/my api.yaml:9:2: "},
	} {
		var out bytes.Buffer
		if err := finding.Write(&out, format, r); err != nil {
			t.Fatal(err)
		}
		for _, text := range want {
			if !strings.Contains(out.String(), text) {
				t.Errorf("%s does not hold %q:\n%s", format, text, out.String())
			}
		}
	}
}

func TestWrite_SARIF(t *testing.T) {
	var out bytes.Buffer
	if err := finding.Write(&out, finding.SARIF, report()); err != nil {
		t.Fatal(err)
	}
	var log struct {
		Version string
		Runs    []struct {
			Tool struct {
				Driver struct{ Rules []struct{ ID string } }
			}
			Results []struct {
				RuleID              string
				RuleIndex           *int
				PartialFingerprints map[string]string
			}
		}
	}
	if err := json.Unmarshal(out.Bytes(), &log); err != nil {
		t.Fatal(err)
	}
	if log.Version != "2.1.0" || len(log.Runs) != 1 || len(log.Runs[0].Results) != 3 {
		t.Fatalf("%+v", log)
	}
	prints := map[string]bool{}
	for _, r := range log.Runs[0].Results {
		if r.RuleIndex != nil && log.Runs[0].Tool.Driver.Rules[*r.RuleIndex].ID != r.RuleID {
			t.Errorf("the index of %s leads to another rule", r.RuleID)
		}
		print := r.PartialFingerprints["mtrackSpec/v1"]
		if print == "" || prints[print] {
			t.Errorf("the fingerprint %q is empty or stands twice", print)
		}
		prints[print] = true
	}
	// A finding that only moves keeps its fingerprint.
	moved := report()
	for i := range moved.Findings {
		moved.Findings[i].Line += 10
	}
	var again bytes.Buffer
	if err := finding.Write(&again, finding.SARIF, moved); err != nil {
		t.Fatal(err)
	}
	for print := range prints {
		if !strings.Contains(again.String(), print) {
			t.Errorf("the fingerprint %s changed with the line", print)
		}
	}
}

func TestWrite_JUnit(t *testing.T) {
	var out bytes.Buffer
	if err := finding.Write(&out, finding.JUnit, report()); err != nil {
		t.Fatal(err)
	}
	var suites struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Suite    []struct {
			Name string `xml:"name,attr"`
			Case []struct {
				Failure *struct{} `xml:"failure"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(out.Bytes(), &suites); err != nil {
		t.Fatal(err)
	}
	if suites.Failures != 2 || suites.Tests != 4 || len(suites.Suite) != 3 {
		t.Errorf("%+v", suites)
	}
	for _, s := range suites.Suite {
		if s.Name == "clean.yaml" && (len(s.Case) != 1 || s.Case[0].Failure != nil) {
			t.Errorf("the clean file does not show as passed: %+v", s)
		}
	}
}

func TestLevels(t *testing.T) {
	if !finding.Error.AtLeast(finding.Warning) || finding.Note.AtLeast(finding.Warning) || finding.HighestLevel(nil).AtLeast(finding.Note) {
		t.Error("levels are ordered error, warning, note, nothing")
	}
	if got := finding.Summary(finding.Sort(report().Findings)); got != "1 error, 1 warning, 1 note" {
		t.Errorf("got %q", got)
	}
	if got := finding.Summary(nil); got != "no findings" {
		t.Errorf("got %q", got)
	}
}
