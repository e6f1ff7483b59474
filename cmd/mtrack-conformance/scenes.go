package main

import (
	"context"

	"github.com/seed-5ec2a705/mtrack/cmd/internal/command"
	"github.com/seed-5ec2a705/mtrack/conformance"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

func scenesCommand() command.Command {
	return command.Command{
		Name:    "scenes",
		Summary: "print the scenes that cases need, as a file to fill in",
		About: `Print the scenes that the selected cases ask for, one for each case, in the form that
"run --scenes FILE" reads. Create what each "request" asks for, and fill in its ids and keys in the
"scene" beside it.`,
		Prepare: func(flags *command.FlagSet) command.Action {
			var s selection
			s.define(flags)
			return func(_ context.Context, env command.Environment, _ []string) error {
				cases, err := s.cases()
				if err != nil {
					return command.Misused("%v", err)
				}
				needed := conformance.NeededScenes(cases, requirement.Profile(s.profile))
				return provision.WriteScenes(env.Stdout, needed)
			}
		},
	}
}
