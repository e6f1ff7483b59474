// Package command is the frame that the commands of this project share: a
// program with subcommands, whose flags have environment variables, may stand
// between arguments, and are documented by --help.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"text/tabwriter"

	"github.com/seed-5ec2a705/mtrack/openapi/plain"
)

// Environment is what a command sees of the world outside it.
type Environment struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Getenv         func(string) string // as [os.Getenv]: "" where not set
}

// The exit statuses that mean the same for every program. What others mean,
// the program says.
const (
	OK     = 0
	Misuse = 2 // the command line or an environment variable is wrong
)

// Program is a command line tool with subcommands.
type Program struct {
	Name   string // as it is typed: "mtrackd"
	Prefix string // of the environment variables: "MTRACK_"
	About  string // what it is for, for the overview
	// FlagExample is a flag of some command, without its dashes: the overview
	// shows how its variable is called.
	FlagExample string
	// Ending closes the overview: exit statuses, examples. It may be empty.
	Ending string
	// Failure is the exit status where an action fails with an error that
	// says nothing of the status.
	Failure int
	// Commands are the subcommands in the order of the overview. The one that
	// is named "version" is reached by --version too.
	Commands []Command
}

// Command is a subcommand, or a group of them.
type Command struct {
	Name    string
	Summary string // one line of the overview, without a full stop
	Syntax  string // the arguments, as the help shows them: "FILE.jsonl"; empty: it takes none
	About   string // what it does, for its help
	// Prepare defines the flags of one command line and returns what runs
	// once they are parsed.
	Prepare func(flags *FlagSet) Action
	// Commands makes this a group: it has no flags and no Prepare of its own.
	Commands []Command
}

// Action carries out a command with its arguments. Its error is written to
// standard error, and makes the exit status [Program.Failure], unless it is
// or wraps a [*MisuseError] or a [Status].
type Action func(ctx context.Context, env Environment, args []string) error

// MisuseError is the error of an action that finds the command line wrong.
// The exit status is [Misuse], and the caller is told where to read on.
type MisuseError struct{ Problem string }

// Error implements error.
func (e *MisuseError) Error() string { return e.Problem }

// Misused returns a [*MisuseError] with a formatted problem.
func Misused(format string, args ...any) error {
	return &MisuseError{fmt.Sprintf(format, args...)}
}

// Status is the error of an action that has told all there is to tell, and
// only wants the exit status to be its own.
type Status int

// Error implements error.
func (s Status) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// Main runs the program on the arguments, the streams and the variables of
// the process, and returns the exit status. The first SIGINT or SIGTERM ends
// the context of the command, the second one the process.
func (p Program) Main() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	return p.Run(ctx, Environment{Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv}, os.Args[1:])
}

// Run carries out the command that args begin with and returns the exit
// status. Whatever the command writes reaches the streams through package
// plain, so that text of others does nothing to a terminal or a CI log.
func (p Program) Run(ctx context.Context, env Environment, args []string) int {
	stdout, stderr := plain.NewWriter(env.Stdout), plain.NewWriter(env.Stderr)
	defer stdout.Flush() // what cannot be written was told before
	defer stderr.Flush()
	env.Stdout, env.Stderr = stdout, stderr
	if len(args) > 0 && (args[0] == "--version" || args[0] == "-version") {
		args = append([]string{"version"}, args[1:]...)
	}
	return p.dispatch(ctx, env, nil, p.Commands, p.overview, args)
}

// dispatch finds the command among those of the group that the words lead to.
// Overview returns what the group's help says.
func (p Program) dispatch(ctx context.Context, env Environment, words []string, group []Command, overview func() string, args []string) int {
	if len(args) == 0 {
		io.WriteString(env.Stderr, overview())
		return Misuse
	}
	switch args[0] {
	case "help":
		if len(args) > 1 {
			return p.dispatch(ctx, env, words, group, overview, append(args[1:len(args):len(args)], "--help"))
		}
		fallthrough
	case "--help", "-help", "-h":
		io.WriteString(env.Stdout, overview())
		return OK
	}
	path := p.path(words)
	for _, c := range group {
		if c.Name != args[0] {
			continue
		}
		words = append(words[:len(words):len(words)], c.Name)
		if c.Commands != nil {
			return p.dispatch(ctx, env, words, c.Commands, func() string { return p.groupHelp(words, c) }, args[1:])
		}
		return p.carryOut(ctx, env, words, c, args[1:])
	}
	fmt.Fprintf(env.Stderr, "%s: no command %q; \"%s help\" lists them\n", path, args[0], path)
	return Misuse
}

// carryOut runs one command.
func (p Program) carryOut(ctx context.Context, env Environment, words []string, c Command, args []string) int {
	path := p.path(words)
	flags := newFlagSet(p.Prefix, env.Getenv)
	action := c.Prepare(flags)
	arguments, err := flags.parse(args)
	if err == nil && c.Syntax == "" && len(arguments) > 0 {
		err = Misused("unexpected argument %q", arguments[0])
	}
	if errors.Is(err, errHelp) {
		io.WriteString(env.Stdout, commandHelp(path, c, flags))
		return OK
	}
	if err == nil {
		err = action(ctx, env, arguments)
	}
	if err == nil {
		return OK
	}
	if status, ok := errors.AsType[Status](err); ok {
		return int(status)
	}
	if misuse, ok := errors.AsType[*MisuseError](err); ok {
		defer env.StopCommands(env.Stderr)()
		fmt.Fprintf(env.Stderr, "%s: %s\nSee: %s --help\n", path, misuse.Problem, path)
		return Misuse
	}
	text := err.Error()
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		text = "interrupted"
	}
	defer env.StopCommands(env.Stderr)()
	fmt.Fprintf(env.Stderr, "%s: %s\n", path, text)
	return p.Failure
}

// path returns what is typed to reach a command.
func (p Program) path(words []string) string {
	return strings.Join(append([]string{p.Name}, words...), " ")
}

// overview returns the help of the program.
func (p Program) overview() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\nUsage: %s COMMAND [ARGUMENT…] [FLAG…]\n\n", strings.TrimSpace(p.About), p.Name)
	writeCommands(&b, p.Commands)
	fmt.Fprintf(&b, "\n\"%s COMMAND --help\" shows the flags of a command.\nEvery flag has an environment variable: --%s is %s. The flag wins.\n",
		p.Name, p.FlagExample, variable(p.Prefix, p.FlagExample))
	if p.Ending != "" {
		b.WriteString("\n" + strings.TrimSpace(p.Ending) + "\n")
	}
	return b.String()
}

// groupHelp returns the help of a group.
func (p Program) groupHelp(words []string, group Command) string {
	var b strings.Builder
	path := p.path(words)
	fmt.Fprintf(&b, "Usage: %s COMMAND [ARGUMENT…] [FLAG…]\n\n", path)
	writeCommands(&b, group.Commands)
	fmt.Fprintf(&b, "\n\"%s COMMAND --help\" shows the flags of a command.\n", path)
	return b.String()
}

func writeCommands(b *strings.Builder, commands []Command) {
	b.WriteString("Commands:\n")
	table := tabwriter.NewWriter(b, 0, 0, 3, ' ', 0)
	for _, c := range commands {
		fmt.Fprintf(table, "  %s\t%s\n", c.Name, c.Summary)
	}
	table.Flush() // to a strings.Builder: never fails
}
