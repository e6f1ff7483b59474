package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"runtime"

	"github.com/seed-5ec2a705/mtrack/cmd/internal/command"
	"github.com/seed-5ec2a705/mtrack/conformance"
	"github.com/seed-5ec2a705/mtrack/openapi"
)

func versionCommand() command.Command {
	return command.Command{
		Name:    "version",
		Summary: "print the version of the suite and of the contract",
		About:   "Print the version of the suite, and of the contract that it judges by.",
		Prepare: func(*command.FlagSet) command.Action {
			return func(_ context.Context, env command.Environment, _ []string) error {
				_, err := fmt.Fprintf(env.Stdout, "mtrack-conformance %s (%s %s/%s)\ncontract sha256:%x\n",
					conformance.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH, sha256.Sum256(openapi.Music))
				return err
			}
		},
	}
}
