package config

import (
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
)

// Acceptance is a finding that stays as it is.
type Acceptance struct {
	Rule   string
	Where  Where
	Reason string
	// Until is the last day on which it holds, or zero: it holds without end.
	Until time.Time
	// Position is where the configuration says so.
	Position finding.Position
}

// Where is the place of an accepted finding, in one of these forms:
//
//	FILE            anywhere in files that match a glob, relative to the configuration
//	FILE#POINTER    at a JSON pointer in them, or below it
//	METHOD /path    in an operation, of whichever document
type Where string

// operation returns the operation that w names.
func (w Where) operation() (string, bool) {
	method, path, ok := strings.Cut(string(w), " ")
	return string(w), ok && method != "" && method == strings.ToUpper(method) && strings.HasPrefix(path, "/")
}

// Covers reports whether a finding is at the place. File is the finding's file, relative to the
// configuration's directory.
func (w Where) Covers(f finding.Finding, file string) bool {
	if operation, ok := w.operation(); ok {
		return f.Operation == operation || strings.HasPrefix(f.Operation, operation+" (") || within(f.Pointer, w.pointer())
	}
	if !w.inFile(file) {
		return false
	}
	_, pointer, _ := strings.Cut(string(w), "#")
	return pointer == "" || within(f.Pointer, pointer)
}

// within reports whether a JSON pointer is another one, or below it.
func within(pointer, top string) bool { return pointer == top || strings.HasPrefix(pointer, top+"/") }

// pointer returns the JSON pointer of the operation that w names, where the document holds it.
func (w Where) pointer() string {
	method, path, _ := strings.Cut(string(w), " ")
	return "/paths/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(path) + "/" + strings.ToLower(method)
}

// inFile reports whether w names a file, and not an operation.
func (w Where) inFile(file string) bool {
	glob, _, _ := strings.Cut(string(w), "#")
	_, operation := w.operation()
	return !operation && Match(glob, file)
}

// Ended reports whether the acceptance no longer holds on a day.
func (a Acceptance) Ended(now time.Time) bool {
	return !a.Until.IsZero() && !now.Before(a.Until.AddDate(0, 0, 1))
}

// Accept takes out of findings what is accepted, and returns the rest and the acceptances that
// hold for nothing: they took out nothing, or have ended. Locate returns the path of a finding's
// file relative to the configuration (see [Config.Locate]).
func Accept(findings []finding.Finding, accepted []Acceptance, locate func(string) string, now time.Time) (rest []finding.Finding, unused []Acceptance) {
	used := make([]bool, len(accepted))
	rest = slices.DeleteFunc(slices.Clone(findings), func(f finding.Finding) bool {
		found := false
		for i, a := range accepted {
			if a.Rule == f.Rule && !a.Ended(now) && a.Where.Covers(f, locate(f.File)) {
				used[i], found = true, true
			}
		}
		return found
	})
	for i, a := range accepted {
		if !used[i] {
			unused = append(unused, a)
		}
	}
	return rest, unused
}

// Locate returns how the configuration calls the file of a finding. Revisions are the git
// revisions, each written "REV:", that files were read from.
func (c *Config) Locate(revisions ...string) func(file string) string {
	return finding.Checkout(filepath.Clean(c.Dir), revisions...)
}
