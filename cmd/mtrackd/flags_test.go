package main

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"
	"time"
)

// newTestFlags returns a set with one flag of each kind.
func newTestFlags(stderr io.Writer, syntax string, variables ...string) (flags *flagSet, name *string, wait *time.Duration, force *bool) {
	flags = newFlagSet(environment{stdout: stderr, stderr: stderr, getenv: lookup(variables)}, "test", syntax, "About.")
	return flags, flags.String("the-name", "def", "`NAME`"), flags.Duration("wait", time.Second, "`TIME`"), flags.Bool("force", false, "do it")
}

func TestFlagSet_Parse(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		syntax    string
		variables []string
		args      []string
		name      string
		arguments []string
		status    int
		stderr    string // where the command is to end
	}{
		{name: "def"},
		{args: []string{"--the-name", "x"}, name: "x"},
		{args: []string{"-the-name=x"}, name: "x"},
		{variables: []string{"MTRACK_THE_NAME", "env"}, name: "env"},
		{variables: []string{"MTRACK_THE_NAME", ""}, name: "def"},
		{variables: []string{"MTRACK_THE_NAME", "env"}, args: []string{"--the-name", "x"}, name: "x"},
		{syntax: "FILE", args: []string{"a", "--the-name", "x", "b"}, name: "x", arguments: []string{"a", "b"}},
		{syntax: "FILE", args: []string{"--the-name", "x", "--", "--force", "b"}, name: "x", arguments: []string{"--force", "b"}},
		{syntax: "FILE", args: []string{"a", "--", "-b"}, name: "def", arguments: []string{"a", "-b"}},
		{args: []string{"a"}, status: exitUsage, stderr: `unexpected argument "a"`},
		{args: []string{"--nope"}, status: exitUsage, stderr: "--nope"},
		{args: []string{"--wait", "soon"}, status: exitUsage, stderr: "--wait"},
		{args: []string{"--wait"}, status: exitUsage, stderr: "--wait"},
		{args: []string{"--force=perhaps"}, status: exitUsage, stderr: "--force"},
		{variables: []string{"MTRACK_WAIT", "secret"}, status: exitUsage, stderr: "MTRACK_WAIT"},
		{args: []string{"--help"}, status: exitOK, stderr: "Usage: mtrackd test"},
		{args: []string{"-h"}, status: exitOK, stderr: "MTRACK_THE_NAME, default def"},
	} {
		var out bytes.Buffer
		flags, name, _, _ := newTestFlags(&out, row.syntax, row.variables...)
		arguments, status, done := flags.parse(row.args)
		if done != (row.stderr != "") || status != row.status || !strings.Contains(out.String(), row.stderr) {
			t.Errorf("%v, %v: done %v, status %d: %s", row.variables, row.args, done, status, out.String())
		}
		if strings.Contains(out.String(), "secret") {
			t.Errorf("%v: the value is shown: %s", row.variables, out.String())
		}
		if !done && (*name != row.name || !slices.Equal(arguments, row.arguments)) {
			t.Errorf("%v, %v: name %q, arguments %q", row.variables, row.args, *name, arguments)
		}
	}
}

// TestFlagSet_Kinds sets flags of other kinds by their variables.
func TestFlagSet_Kinds(t *testing.T) {
	t.Parallel()
	flags, _, wait, force := newTestFlags(io.Discard, "", "MTRACK_WAIT", "3s", "MTRACK_FORCE", "true")
	if _, _, done := flags.parse(nil); done || *wait != 3*time.Second || !*force {
		t.Errorf("done %v, wait %v, force %v", done, *wait, *force)
	}
}
