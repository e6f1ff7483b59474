package main

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/seed-5ec2a705/mtrack/cmd/internal/command"
)

// versionCommand prints the version of this binary on one line.
func versionCommand() command.Command {
	return command.Command{
		Name:    "version",
		Summary: "print the version of this binary",
		About:   "Print the version of this binary, the commit that it was built from and the Go that built it.",
		Prepare: func(*command.FlagSet) command.Action {
			return func(_ context.Context, env command.Environment, _ []string) error {
				b := readBuild()
				return writeAll(env.Stdout, fmt.Sprintf("mtrackd %s (commit %s, %s %s/%s)\n",
					b.version, b.commit, runtime.Version(), runtime.GOOS, runtime.GOARCH))
			}
		},
	}
}

// build is what the Go toolchain recorded about this binary.
type build struct {
	version string // of the module; "(devel)" where it was built from a checkout without a tag
	commit  string // with "+changed" where the checkout had changes; "unknown" without version control
}

// readBuild returns the build information of this binary.
func readBuild() build {
	b := build{version: "(devel)", commit: "unknown"}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if info.Main.Version != "" {
		b.version = info.Main.Version
	}
	changed := ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			b.commit = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = "+changed"
		}
	}
	b.commit += changed
	return b
}
