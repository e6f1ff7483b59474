package main

import (
	"context"
	"fmt"
	"io"
	"strings"
)

// environment is what a command sees of the world outside it.
type environment struct {
	stdout, stderr io.Writer
	getenv         func(string) string // as os.Getenv: "" where not set
}

// The exit statuses of every command. Those of run are in the suite: conformance.Verdict.ExitStatus.
const (
	exitOK    = 0
	exitUsage = 2 // wrong usage, or what keeps the command from working
)

// command is one subcommand.
type command struct {
	name    string
	summary string // one line of the overview, without a full stop
	run     func(ctx context.Context, env environment, args []string) int
}

// commands returns the subcommands in the order of the overview.
func commands() []command {
	return []command{
		{"run", "check an implementation over HTTP", runSuite},
		{"list", "list the cases", runList},
		{"explain", "tell what a case does, or what a requirement asks for and why", runExplain},
		{"scenes", "print the scenes that cases need, as a file to fill in", runScenes},
		{"version", "print the version of the suite and of the contract", runVersion},
	}
}

const examples = `Examples:
  mtrack-conformance run --target http://127.0.0.1:8080 --provision http://127.0.0.1:8081
  mtrack-conformance run --target http://127.0.0.1:8080 --provision-exec "python3 provision.py" --profile delete
  mtrack-conformance run --target URL --provision URL --strict --report json=report.json,junit=report.xml,html=report.html
  mtrack-conformance explain delete-track/saver-gets-403
`

// run carries out the subcommand that args begin with and returns the exit status.
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
	fmt.Fprintf(env.stderr, "mtrack-conformance: no command %q; \"mtrack-conformance help\" lists them\n", name)
	return exitUsage
}

// overview writes what there is.
func overview(w io.Writer) {
	var b strings.Builder
	b.WriteString("mtrack-conformance tells over HTTP whether an implementation of the music track API keeps its contract, and what\nexactly it breaks.\n\n")
	b.WriteString("Usage: mtrack-conformance COMMAND [ARGUMENT…] [FLAG…]\n\nCommands:\n")
	for _, c := range commands() {
		fmt.Fprintf(&b, "  %-9s %s\n", c.name, c.summary)
	}
	b.WriteString("\n\"mtrack-conformance COMMAND --help\" tells a command's flags. Every flag has an environment variable: --timeout is\nMTRACK_CONFORMANCE_TIMEOUT. The flag wins.\n\n")
	b.WriteString(examples)
	io.WriteString(w, b.String())
}
