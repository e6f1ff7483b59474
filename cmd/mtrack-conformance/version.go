package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"runtime"

	"github.com/seed-5ec2a705/mtrack/conformance"
	"github.com/seed-5ec2a705/mtrack/openapi"
)

func runVersion(_ context.Context, env environment, args []string) int {
	fs := newFlagSet(env, "version", "", "Print the version of the suite, and of the contract that it judges by.")
	if _, status, done := fs.parse(args); done {
		return status
	}
	fmt.Fprintf(env.stdout, "mtrack-conformance %s (%s %s/%s)\ncontract sha256:%x\n", conformance.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH, sha256.Sum256(openapi.Music))
	return exitOK
}
