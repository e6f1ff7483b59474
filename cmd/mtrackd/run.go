package main

import (
	"context"

	"github.com/seed-5ec2a705/mtrack/cmd/internal/build"
	"github.com/seed-5ec2a705/mtrack/cmd/internal/command"
)

// The exit statuses of every command.
const (
	exitOK     = command.OK
	exitFailed = 1              // the work could not be done
	exitUsage  = command.Misuse // the command line or an environment variable is wrong
)

// program returns mtrackd with its commands.
func program() command.Program {
	return command.Program{
		Name:        "mtrackd",
		Prefix:      "MTRACK_",
		About:       "mtrackd is the reference server of the music track API, over Redis.",
		FlagExample: "log-format",
		Ending:      overviewEnding,
		Failure:     exitFailed,
		Commands: []command.Command{
			serveCommand(), importCommand(), exportCommand(), keyCommand(), historyCommand(), generateCommand(), build.VersionCommand("mtrackd"),
		},
	}
}

// overviewEnding is the last part of the overview.
const overviewEnding = `Exit status: 0 done, 1 the work could not be done, 2 wrong flags or arguments.

Examples:
  mtrackd serve --demo                                          try it in memory, without Redis
  mtrackd serve --redis redis://:secret@127.0.0.1:6379/0        keep it in Redis
  mtrackd import tracks.jsonl --redis redis://127.0.0.1         fill it
  mtrackd key create --user user_17 --redis redis://127.0.0.1   give a user a key`

// run carries out the command that args begin with and returns the exit
// status.
func run(ctx context.Context, env command.Environment, args []string) int {
	return program().Run(ctx, env, args)
}
