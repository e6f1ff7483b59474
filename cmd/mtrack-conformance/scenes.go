package main

import (
	"context"
	"fmt"

	"github.com/seed-5ec2a705/mtrack/conformance"
)

func runScenes(_ context.Context, env environment, args []string) int {
	fs := newFlagSet(env, "scenes", "", `Print the scenes that the selected cases ask for, one for each case, as the file that "run --scenes FILE" reads. Create what
each "request" asks for, and write the ids and keys that it got into the "scene" beside it.`)
	var s selection
	s.define(fs)
	if _, status, done := fs.parse(args); done {
		return status
	}
	cases, err := s.cases()
	if err != nil {
		return fs.refuse(err.Error())
	}
	if err := conformance.WriteScenes(env.stdout, conformance.NeededScenes(cases, conformance.Profile(s.profile))); err != nil {
		fmt.Fprintln(env.stderr, "mtrack-conformance scenes:", err)
		return exitUsage
	}
	return exitOK
}
