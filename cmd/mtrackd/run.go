package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// environment is what a command sees of the world outside it.
type environment struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string // as os.Getenv: "" where not set
}

// The exit statuses of every command.
const (
	exitOK     = 0
	exitFailed = 1 // the work could not be done
	exitUsage  = 2 // the command line or an environment variable is wrong
)

// command is one subcommand. Its run returns the exit status and has told
// stderr why where that is not exitOK.
type command struct {
	name    string
	summary string // one line of the overview, without a full stop
	run     func(ctx context.Context, env environment, args []string) int
}

// commands returns the subcommands in the order of the overview.
func commands() []command {
	return []command{
		{"serve", "serve the API", runServe},
		{"import", "store the records of a file", runImport},
		{"export", "write everything that is stored", runExport},
		{"key", "create, list or revoke keys", runKey},
		{"history", "show the history of a track", runHistory},
		{"generate-demo", "write made-up data to import", runGenerate},
		{"version", "print the version of this binary", runVersion},
	}
}

// examples are the last part of the overview.
const examples = `Examples:
  mtrackd serve --demo                                          try it: no Redis needed, nothing is kept
  mtrackd serve --redis redis://:secret@127.0.0.1:6379/0        keep it in Redis
  mtrackd import tracks.jsonl --redis redis://127.0.0.1         fill it
  mtrackd key create --user user_17 --redis redis://127.0.0.1   let somebody in
`

// run carries out the subcommand that args begin with and returns the exit
// status.
func run(ctx context.Context, env environment, args []string) int {
	if len(args) == 0 {
		overview(env.stderr)
		return exitUsage
	}
	name := args[0]
	switch name {
	case "help", "--help", "-help", "-h":
		if len(args) > 1 && name == "help" {
			return run(ctx, env, []string{args[1], "--help"})
		}
		overview(env.stdout)
		return exitOK
	case "--version", "-version":
		name = "version"
	}
	for _, c := range commands() {
		if c.name == name {
			return c.run(ctx, env, args[1:])
		}
	}
	fmt.Fprintf(env.stderr, "mtrackd: no command %q; \"mtrackd help\" lists them\n", name)
	return exitUsage
}

// overview writes what there is.
func overview(w io.Writer) {
	var b strings.Builder
	b.WriteString("mtrackd is the reference server of the music track API, over Redis.\n\n")
	b.WriteString("Usage: mtrackd COMMAND [ARGUMENT…] [FLAG…]\n\nCommands:\n")
	table := tabwriter.NewWriter(&b, 0, 0, 3, ' ', 0)
	for _, c := range commands() {
		fmt.Fprintf(table, "  %s\t%s\n", c.name, c.summary)
	}
	table.Flush() // to a strings.Builder: never fails
	b.WriteString("\n\"mtrackd COMMAND --help\" tells a command's flags. Every flag has an environment variable: --log-format is\n")
	b.WriteString("MTRACK_LOG_FORMAT. The flag wins.\n\n")
	b.WriteString(examples)
	io.WriteString(w, b.String())
}
