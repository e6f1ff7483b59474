package main

import (
	"context"

	"github.com/seed-5ec2a705/mtrack/cmd/internal/build"
	"github.com/seed-5ec2a705/mtrack/cmd/internal/command"
)

// Exit statuses. They are part of the promise to CI.
const (
	exitClean    = command.OK     // nothing found
	exitFindings = 1              // findings at or above the level of --fail-on
	exitUnusable = command.Misuse // wrong usage, or input that cannot be checked
)

// tool names the program in reports.
const tool = "mtrack-spec"

// errFindings ends a command that reported findings.
const errFindings = command.Status(exitFindings)

// program returns mtrack-spec with its commands.
func program() command.Program {
	p := command.Program{
		Name:        tool,
		Prefix:      "MTRACK_SPEC_",
		About:       tool + " checks OpenAPI 3.0 contracts, and compares their versions.",
		FlagExample: "max-size",
		Ending:      "Exit status: 0 nothing found, 1 findings, 2 wrong usage or unusable input.",
		Failure:     exitUnusable,
		Commands: []command.Command{
			checkCommand(), diffCommand(), traceCommand(), coverageCommand(), rulesCommand(), explainCommand(), build.VersionCommand(tool),
		},
	}
	for i := range p.Commands {
		p.Commands[i].Prepare = interruptible(p.Commands[i].Prepare)
	}
	return p
}

// interruptible makes a command return as soon as its context ends: the libraries that do
// the work do not look at it. The process ends then, and the work with it.
func interruptible(prepare func(*command.FlagSet) command.Action) func(*command.FlagSet) command.Action {
	return func(fs *command.FlagSet) command.Action {
		action := prepare(fs)
		return func(ctx context.Context, env command.Environment, args []string) error {
			done := make(chan error, 1)
			go func() { done <- action(ctx, env, args) }()
			select {
			case err := <-done:
				return err
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
}

// run carries out the command that args begin with and returns the exit
// status. Findings go to stdout, and whatever keeps the command from working
// to stderr.
func run(ctx context.Context, env command.Environment, args []string) int {
	return program().Run(ctx, env, args)
}
