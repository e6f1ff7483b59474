package main

import (
	"context"
	"fmt"
	"runtime/debug"

	"github.com/seed-5ec2a705/mtrack/cmd/internal/command"
)

func versionCommand() command.Command {
	return command.Command{
		Name:    "version",
		Summary: "print the version of this program",
		About:   "Print the version of the module that this program was built from.",
		Prepare: func(*command.FlagSet) command.Action {
			return func(_ context.Context, env command.Environment, _ []string) error {
				_, err := fmt.Fprintln(env.Stdout, tool, version())
				return err
			}
		},
	}
}

// version returns the version of the module that this program was built from.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(unknown)"
}
