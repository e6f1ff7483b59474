package main

import (
	"bytes"
	"context"
	"flag"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-5ec2a705/mtrack/cmd/internal/command"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/redisurl"
)

// update makes the tests write what they would otherwise compare with.
var update = flag.Bool("update", false, "write testdata/help anew")

// asMtrackd is the variable that makes this test binary the program itself, so that nothing is
// built for tests of a process. Its value is the limit of open files that it sets itself, if any.
const asMtrackd = "MTRACK_TEST_AS_MTRACKD"

// TestMain runs main where that is asked for; for tests it does what main does before run.
func TestMain(m *testing.M) {
	if _, asked := os.LookupEnv(asMtrackd); asked {
		main()
	}
	redisurl.LogClient(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}

// outcome is what a command left behind.
type outcome struct {
	status         int
	stdout, stderr string
}

// carryOut runs a command to its end, in an environment with the variables
// ("NAME", "value", …) and nothing else.
func carryOut(ctx context.Context, variables []string, args ...string) outcome {
	var stdout, stderr bytes.Buffer
	status := run(ctx, command.Environment{
		Stdin:  strings.NewReader(""),
		Stdout: &stdout,
		Stderr: &stderr,
		Getenv: lookup(variables),
	}, args)
	return outcome{status, stdout.String(), stderr.String()}
}

// lookup returns a getenv over pairs.
func lookup(variables []string) func(string) string {
	return func(name string) string {
		for i := 0; i+1 < len(variables); i += 2 {
			if variables[i] == name {
				return variables[i+1]
			}
		}
		return ""
	}
}

// TestHelp compares every help with its golden file, so that flags and texts
// do not drift apart, and wants each flag's variable in it.
func TestHelp(t *testing.T) {
	t.Parallel()
	helps := map[string][]string{"overview": {"help"}}
	for _, c := range program().Commands {
		helps[c.Name] = []string{c.Name, "--help"}
		for _, part := range c.Commands {
			helps[c.Name+"-"+part.Name] = []string{c.Name, part.Name, "--help"}
		}
	}
	for name, args := range helps {
		got := carryOut(t.Context(), nil, args...)
		if got.status != exitOK || got.stderr != "" {
			t.Errorf("%v: status %d, %s", args, got.status, got.stderr)
		}
		file := filepath.Join("testdata", "help", name+".txt")
		if *update {
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(got.stdout), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Errorf("%v; go test ./cmd/mtrackd -run TestHelp -update writes it", err)
			continue
		}
		if got.stdout != string(want) {
			t.Errorf("%v changed; look at it and run with -update:\n%s", args, got.stdout)
		}
	}
}

// TestRun_Dispatch walks the command lines that reach no command.
func TestRun_Dispatch(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		args           []string
		status         int
		stdout, stderr string // what must be in it; "" for nothing at all
	}{
		{nil, exitUsage, "", "Usage:"},
		{[]string{"help"}, exitOK, "Usage:", ""},
		{[]string{"--help"}, exitOK, "Usage:", ""},
		{[]string{"-h"}, exitOK, "Usage:", ""},
		{[]string{"help", "serve"}, exitOK, "mtrackd serve", ""},
		{[]string{"help", "fly"}, exitUsage, "", `"fly"`},
		{[]string{"version"}, exitOK, "mtrackd ", ""},
		{[]string{"--version"}, exitOK, "go1.", ""},
		{[]string{"fly"}, exitUsage, "", `no command "fly"`},
		{[]string{"--listen", ":1"}, exitUsage, "", `"--listen"`},
	} {
		got := carryOut(t.Context(), nil, row.args...)
		if got.status != row.status || !strings.Contains(got.stdout, row.stdout) || !strings.Contains(got.stderr, row.stderr) ||
			(got.stdout == "") != (row.stdout == "") || (got.stderr == "") != (row.stderr == "") {
			t.Errorf("%v: %+v", row.args, got)
		}
	}
}
