package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// changes is two versions of a contract, and the operations that the new one breaks.
type changes struct {
	dir    string
	broken []string
}

func loadChanges(dir string) (changes, error) {
	data, err := os.ReadFile(filepath.Join(dir, "breaks.txt"))
	c := changes{dir: dir}
	for line := range strings.Lines(string(data)) {
		operation, _, _ := strings.Cut(line, "\t")
		c.broken = append(c.broken, operation)
	}
	return c, err
}

// difference compares the versions. A break counts as found where the tool has something to say
// of its operation, and what it says of an operation that is not broken is false.
func (t tool) difference(c changes) (row, error) {
	r := row{document: "two versions", tool: t.name, planted: len(c.broken)}
	out, err := t.run(c.dir, t.compare("old.yaml", "new.yaml"), &r)
	if err != nil {
		return r, err
	}
	operations, err := t.changes(out)
	slices.Sort(operations)
	for _, operation := range slices.Compact(operations) {
		if slices.Contains(c.broken, operation) {
			r.found++
		} else {
			r.wrong++
		}
	}
	r.passes = r.passes && len(operations) == 0
	return r, err
}

func gateChanges(out []byte) ([]string, error) {
	var report struct {
		Findings []struct{ Operation, Level string }
	}
	err := json.Unmarshal(out, &report)
	var list []string
	for _, f := range report.Findings {
		if f.Level != "note" {
			name, _, _ := strings.Cut(f.Operation, " (")
			list = append(list, name)
		}
	}
	return list, err
}

func oasdiffChanges(out []byte) ([]string, error) {
	var report []struct{ Operation, Path string }
	err := json.Unmarshal(out, &report)
	var list []string
	for _, f := range report {
		list = append(list, f.Operation+" "+f.Path)
	}
	return list, err
}
