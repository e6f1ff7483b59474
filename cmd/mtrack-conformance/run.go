package main

import (
	"context"

	"github.com/seed-5ec2a705/mtrack/cmd/internal/build"
	"github.com/seed-5ec2a705/mtrack/cmd/internal/command"
)

// The exit statuses of every command. Those of run are report.Verdict.ExitStatus.
const (
	exitOK    = command.OK
	exitUsage = command.Misuse // wrong usage, or an error that keeps the command from working
)

// variablePrefix begins the names of the environment variables of all flags.
const variablePrefix = "MTRACK_CONFORMANCE_"

// program returns mtrack-conformance with its commands.
func program() command.Program {
	return command.Program{
		Name:   "mtrack-conformance",
		Prefix: variablePrefix,
		About: "mtrack-conformance checks over HTTP whether an implementation of the music track API keeps\n" +
			"its contract, and says what exactly it breaks.",
		FlagExample: "timeout",
		Ending:      overviewEnding,
		Failure:     exitUsage,
		Commands: []command.Command{
			runCommand(), listCommand(), explainCommand(), scenesCommand(), build.VersionCommand("mtrack-conformance"),
		},
	}
}

// overviewEnding is the last part of the overview.
const overviewEnding = `Exit status: 0 conforming, 1 not conforming, 2 inconclusive: wrong usage, or an error that keeps
the command from working.

Examples:
  mtrack-conformance run --target http://127.0.0.1:8080 --provision http://127.0.0.1:8081
  mtrack-conformance run --target http://127.0.0.1:8080 --provision-exec "python3 provision.py" --profile delete
  mtrack-conformance run --target URL --provision URL --strict --report json=report.json,html=report.html
  mtrack-conformance explain delete-track/saver-gets-403

How to write a provisioner: https://github.com/seed-5ec2a705/mtrack/blob/main/docs/implementers.md`

// run carries out the command that args begin with and returns the exit status.
func run(ctx context.Context, env command.Environment, args []string) int {
	return program().Run(ctx, env, args)
}
