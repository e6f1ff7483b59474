package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

// sample is a program of every kind of command.
func sample() Program {
	return Program{
		Name: "sample", Prefix: "SAMPLE_", About: "sample is for these tests.", FlagExample: "the-name", Ending: "Examples:\n  sample ok",
		Failure: 3,
		Commands: []Command{
			{Name: "say", Summary: "write the arguments", Syntax: "WORD…", About: "Write the arguments.\n", Prepare: func(flags *FlagSet) Action {
				name := flags.String("the-name", "nobody", "`NAME` to begin with,\nand a second line")
				loud := flags.Bool("loud", false, "shout")
				flags.Int("count", 0, "`NUMBER` of nothing")
				return func(_ context.Context, env Environment, args []string) error {
					text := fmt.Sprint(*name, args)
					if *loud {
						text = strings.ToUpper(text)
					}
					_, err := io.WriteString(env.Stdout, text)
					return err
				}
			}},
			{Name: "fail", Summary: "fail", About: "Fail.", Prepare: func(flags *FlagSet) Action {
				how := flags.String("how", "", "`WAY`")
				return func(ctx context.Context, _ Environment, _ []string) error {
					switch *how {
					case "misuse":
						return fmt.Errorf("wrapped: %w", Misused("no %q", "sense"))
					case "status":
						return fmt.Errorf("wrapped: %w", Status(7))
					case "wait":
						<-ctx.Done()
						return fmt.Errorf("waiting: %w", ctx.Err())
					case "canceled":
						return fmt.Errorf("a part: %w", context.Canceled)
					}
					return errors.New("broken")
				}
			}},
			{Name: "keys", Summary: "a group", Commands: []Command{
				{Name: "create", Summary: "make one", About: "Make one.", Prepare: func(*FlagSet) Action {
					return func(_ context.Context, env Environment, _ []string) error {
						data, err := io.ReadAll(env.Stdin)
						fmt.Fprintf(env.Stdout, "made of %s", data)
						return err
					}
				}},
			}},
			{Name: "version", Summary: "tell the version", About: "Tell it.", Prepare: func(*FlagSet) Action {
				return func(_ context.Context, env Environment, _ []string) error {
					_, err := io.WriteString(env.Stdout, "sample 1")
					return err
				}
			}},
		},
	}
}

// carryOut runs the sample program, with variables "NAME", "value", ….
func carryOut(ctx context.Context, variables []string, args ...string) (status int, stdout, stderr string) {
	var out, told bytes.Buffer
	status = sample().Run(ctx, Environment{
		Stdin: strings.NewReader("clay"), Stdout: &out, Stderr: &told,
		Getenv: func(name string) string {
			for i := 0; i < len(variables); i += 2 {
				if variables[i] == name {
					return variables[i+1]
				}
			}
			return ""
		},
	}, args)
	return status, out.String(), told.String()
}

const (
	sampleOverview = `sample is for these tests.

Usage: sample COMMAND [ARGUMENT…] [FLAG…]

Commands:
  say       write the arguments
  fail      fail
  keys      a group
  version   tell the version

"sample COMMAND --help" shows the flags of a command.
Every flag has an environment variable: --the-name is SAMPLE_THE_NAME. The flag wins.

Examples:
  sample ok
`
	keysHelp = `Usage: sample keys COMMAND [ARGUMENT…] [FLAG…]

Commands:
  create   make one

"sample keys COMMAND --help" shows the flags of a command.
`
	sayHelp = `Usage: sample say WORD… [FLAG…]

Write the arguments.

Flags:
  --count NUMBER  (SAMPLE_COUNT)
        NUMBER of nothing
  --loud  (SAMPLE_LOUD)
        shout
  --the-name NAME  (SAMPLE_THE_NAME, default nobody)
        NAME to begin with,
        and a second line
`
	createHelp = "Usage: sample keys create [FLAG…]\n\nMake one.\n"
)

func TestProgram_Run(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		variables, args []string
		status          int
		stdout, stderr  string
	}{
		{args: nil, status: Misuse, stderr: sampleOverview},
		{args: []string{"help"}, stdout: sampleOverview},
		{args: []string{"--help"}, stdout: sampleOverview},
		{args: []string{"-help"}, stdout: sampleOverview},
		{args: []string{"-h"}, stdout: sampleOverview},
		{args: []string{"--version"}, stdout: "sample 1"},
		{args: []string{"-version"}, stdout: "sample 1"},
		{args: []string{"version", "2"}, status: Misuse, stderr: "sample version: unexpected argument \"2\"\nSee: sample version --help\n"},
		{args: []string{"fly"}, status: Misuse, stderr: "sample: no command \"fly\"; \"sample help\" lists them\n"},
		{args: []string{"help", "fly"}, status: Misuse, stderr: "sample: no command \"fly\"; \"sample help\" lists them\n"},
		{args: []string{"--loud", "say"}, status: Misuse, stderr: "sample: no command \"--loud\"; \"sample help\" lists them\n"},
		{args: []string{""}, status: Misuse, stderr: "sample: no command \"\"; \"sample help\" lists them\n"},

		{args: []string{"say", "--help"}, stdout: sayHelp},
		{args: []string{"say", "a", "-h", "--nonsense"}, stdout: sayHelp},
		{args: []string{"help", "say"}, stdout: sayHelp},
		{variables: []string{"SAMPLE_COUNT", "many"}, args: []string{"say", "--help"}, stdout: sayHelp},

		{args: []string{"say"}, stdout: "nobody[]"},
		{args: []string{"say", "--the-name", "a"}, stdout: "a[]"},
		{args: []string{"say", "-the-name=a"}, stdout: "a[]"},
		{variables: []string{"SAMPLE_THE_NAME", "env", "SAMPLE_LOUD", "true"}, args: []string{"say"}, stdout: "ENV[]"},
		{variables: []string{"SAMPLE_THE_NAME", ""}, args: []string{"say"}, stdout: "nobody[]"},
		{variables: []string{"SAMPLE_THE_NAME", "env"}, args: []string{"say", "--the-name", "a"}, stdout: "a[]"},
		{args: []string{"say", "x", "--the-name", "a", "y", "--loud"}, stdout: "A[X Y]"},
		{args: []string{"say", "--the-name", "a", "--", "--loud", "-h"}, stdout: "a[--loud -h]"},
		{args: []string{"say", "x", "--", "--", "y"}, stdout: "nobody[x -- y]"},
		{args: []string{"say", "x", "--"}, stdout: "nobody[x]"},
		{args: []string{"say", "-"}, stdout: "nobody[-]"},

		{args: []string{"say", "--nope"}, status: Misuse, stderr: "sample say: flag provided but not defined: --nope\nSee: sample say --help\n"},
		{args: []string{"say", "--the-name"}, status: Misuse, stderr: "sample say: flag needs an argument: --the-name\nSee: sample say --help\n"},
		{args: []string{"say", "--count", "1 -2"}, status: Misuse, stderr: "sample say: invalid value \"1 -2\" for flag --count: parse error\nSee: sample say --help\n"},
		{args: []string{"say", "--loud=ish"}, status: Misuse, stderr: "sample say: invalid boolean value \"ish\" for --loud: parse error\nSee: sample say --help\n"},
		{variables: []string{"SAMPLE_COUNT", "secret"}, args: []string{"say"}, status: Misuse,
			stderr: "sample say: environment variable SAMPLE_COUNT: parse error\nSee: sample say --help\n"},

		{args: []string{"fail"}, status: 3, stderr: "sample fail: broken\n"},
		{args: []string{"fail", "--how", "misuse"}, status: Misuse, stderr: "sample fail: no \"sense\"\nSee: sample fail --help\n"},
		{args: []string{"fail", "--how", "status"}, status: 7},
		{args: []string{"fail", "--how", "canceled"}, status: 3, stderr: "sample fail: a part: context canceled\n"},

		{args: []string{"keys"}, status: Misuse, stderr: keysHelp},
		{args: []string{"keys", "help"}, stdout: keysHelp},
		{args: []string{"help", "keys"}, stdout: keysHelp},
		{args: []string{"keys", "create"}, stdout: "made of clay"},
		{args: []string{"keys", "create", "--help"}, stdout: createHelp},
		{args: []string{"keys", "help", "create"}, stdout: createHelp},
		{args: []string{"help", "keys", "create"}, stdout: createHelp},
		{args: []string{"keys", "create", "x"}, status: Misuse, stderr: "sample keys create: unexpected argument \"x\"\nSee: sample keys create --help\n"},
		{args: []string{"keys", "lose"}, status: Misuse, stderr: "sample keys: no command \"lose\"; \"sample keys help\" lists them\n"},
	} {
		status, stdout, stderr := carryOut(t.Context(), row.variables, row.args...)
		if status != row.status || stdout != row.stdout || stderr != row.stderr {
			t.Errorf("%q with %q: status %d, want %d\nstdout %q\n  want %q\nstderr %q\n  want %q",
				row.args, row.variables, status, row.status, stdout, row.stdout, stderr, row.stderr)
		}
	}
}

// TestProgram_Interrupted: whoever interrupts need not be told of contexts.
func TestProgram_Interrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if status, _, stderr := carryOut(ctx, nil, "fail", "--how", "wait"); status != 3 || stderr != "sample fail: interrupted\n" {
		t.Errorf("status %d: %q", status, stderr)
	}
	if status, _, stderr := carryOut(ctx, nil, "fail"); status != 3 || stderr != "sample fail: broken\n" {
		t.Errorf("another failure meanwhile: status %d: %q", status, stderr)
	}
}
