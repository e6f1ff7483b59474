package main

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// found is a finding at a place.
type found struct {
	file    string
	line    int
	isError bool
}

// tool is a program that checks documents.
type tool struct {
	name    string
	args    func(scratch, root string) []string
	parse   func(out []byte, dir string) ([]found, error)
	compare func(before, after string) []string // nil: it does not compare
	changes func(out []byte) ([]string, error)

	path, scratch string
}

var all = []tool{
	{
		name: "mtrack-spec", parse: parseGate, changes: gateChanges,
		args:    func(_, root string) []string { return []string{"check", "--format", "json", root} },
		compare: func(before, after string) []string { return []string{"diff", "--format", "json", before, after} },
	},
	{
		name: "redocly", parse: parseCheckstyle,
		args: func(_, root string) []string {
			return []string{"lint", "--format", "checkstyle", "--max-problems", "100000", root}
		},
	},
	{
		name: "spectral", parse: parseSpectral,
		args: func(scratch, root string) []string {
			return []string{"lint", "--quiet", "--format", "json", "--ruleset", filepath.Join(scratch, "spectral.yaml"), root}
		},
	},
	{
		name: "oasdiff", parse: parseOasdiff, changes: oasdiffChanges,
		args:    func(_, root string) []string { return []string{"validate", "--format", "json", root} },
		compare: func(before, after string) []string { return []string{"breaking", "--format", "json", before, after} },
	},
}

// find looks for the program, in a folder first.
func (t tool) find(dir, scratch string) (tool, bool) {
	t.scratch = scratch
	path, err := exec.LookPath(filepath.Join(dir, t.name))
	if dir == "" || err != nil {
		path, err = exec.LookPath(t.name)
	}
	if err != nil {
		return t, false
	}
	if path, err = filepath.Abs(path); err != nil {
		return t, false
	}
	t.path = path
	if v := t.version(); v != "" {
		t.name += " " + v
	}
	return t, os.WriteFile(filepath.Join(scratch, "spectral.yaml"), []byte("extends: spectral:oas\n"), 0o644) == nil
}

func (t tool) version() string {
	if t.name == "mtrack-spec" || t.name == "oasdiff" { // no release, or none that it tells
		return ""
	}
	out, _ := exec.Command(t.path, "--version").Output()
	return strings.TrimSpace(string(out))
}

// run runs the program in the folder of a document, and returns what it wrote. Whether it failed
// is its verdict.
func (t tool) run(dir string, args []string, r *row) ([]byte, error) {
	cmd := exec.Command(t.path, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "NO_COLOR=1", "REDOCLY_TELEMETRY=off", "REDOCLY_SUPPRESS_UPDATE_NOTICE=true")
	out, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return nil, err
	}
	r.passes = err == nil
	r.cpu = (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
	r.memory = peak(cmd.ProcessState)
	return out, nil
}

func (t tool) check(s subject) (row, error) {
	r := row{document: s.name, tool: t.name, planted: len(s.faults)}
	dir := filepath.Dir(s.root)
	out, err := t.run(dir, t.args(t.scratch, filepath.Base(s.root)), &r)
	if err != nil {
		return r, err
	}
	findings, err := t.parse(out, dir)
	if err != nil {
		r.failed = true
		return r, nil
	}
	r.found, r.wrong = s.judge(findings)
	if t.name == "oasdiff" { // it is no linter: its verdict is about these findings
		for _, f := range findings {
			r.passes = r.passes && !f.isError
		}
	}
	return r, nil
}

func within(dir, name string) string {
	if !filepath.IsAbs(name) {
		name = filepath.Join(dir, name)
	}
	return filepath.Clean(name)
}

func parseGate(out []byte, dir string) ([]found, error) {
	var report struct {
		Findings []struct {
			File  string
			Line  int
			Level string
		}
	}
	err := json.Unmarshal(out, &report)
	var list []found
	for _, f := range report.Findings {
		list = append(list, found{within(dir, f.File), f.Line, f.Level == "error"})
	}
	return list, err
}

func parseCheckstyle(out []byte, dir string) ([]found, error) {
	var report struct {
		Files []struct {
			Name   string `xml:"name,attr"`
			Errors []struct {
				Line     int    `xml:"line,attr"`
				Severity string `xml:"severity,attr"`
			} `xml:"error"`
		} `xml:"file"`
	}
	err := xml.Unmarshal(out, &report)
	var list []found
	for _, f := range report.Files {
		for _, e := range f.Errors {
			list = append(list, found{within(dir, f.Name), e.Line, e.Severity == "error"})
		}
	}
	return list, err
}

func parseSpectral(out []byte, dir string) ([]found, error) {
	var report []struct {
		Source   string
		Severity int
		Range    struct{ Start struct{ Line int } }
	}
	err := json.Unmarshal(out, &report)
	var list []found
	for _, f := range report {
		list = append(list, found{within(dir, f.Source), f.Range.Start.Line + 1, f.Severity == 0})
	}
	return list, err
}

func parseOasdiff(out []byte, dir string) ([]found, error) {
	var report []struct {
		Level  int
		Source struct {
			File string
			Line int
		}
	}
	if len(out) == 0 {
		return nil, nil
	}
	err := json.Unmarshal(out, &report)
	var list []found
	for _, f := range report {
		list = append(list, found{within(dir, f.Source.File), f.Source.Line, f.Level == 3})
	}
	return list, err
}
