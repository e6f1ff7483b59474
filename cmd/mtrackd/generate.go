package main

import (
	"bufio"
	"context"
	"fmt"
	"io"

	"github.com/seed-5ec2a705/mtrack/cmd/internal/command"
	"github.com/seed-5ec2a705/mtrack/cmd/mtrackd/internal/demodata"
	"github.com/seed-5ec2a705/mtrack/impl/record"
)

const generateAbout = `Write made-up data to standard output, for import: organizations, users with a key each, tracks
with their billing events, and who saved what. A few tracks are in many libraries, most in few.

The same flags give the same data, byte for byte, keys included. Anyone can generate these keys:
never import this data into a server that others can reach.`

// generateCommand writes made-up data.
func generateCommand() command.Command {
	return command.Command{
		Name: "generate-demo", Summary: "write made-up data to import", About: generateAbout,
		Prepare: func(flags *command.FlagSet) command.Action {
			var size demodata.Size
			flags.IntVar(&size.Organizations, "organizations", 20, "`NUMBER` of organizations, at least 1")
			flags.IntVar(&size.Users, "users", 2000, "`NUMBER` of users, at least one for each organization")
			flags.IntVar(&size.Tracks, "tracks", 100_000, "`NUMBER` of tracks")
			flags.IntVar(&size.Saves, "saves", 1_000_000, "`NUMBER` of saves, over all libraries")
			seed := flags.Uint64("seed", 1, "`NUMBER` that the data is made from")
			return func(ctx context.Context, env command.Environment, _ []string) error {
				if err := checkSize(size); err != nil {
					return err
				}
				return generate(ctx, env.Stdout, demodata.New(size, *seed))
			}
		},
	}
}

// generate writes the records of made-up data.
func generate(ctx context.Context, w io.Writer, data *demodata.Generator) error {
	buffered := bufio.NewWriterSize(w, 256<<10)
	records := record.NewWriter(buffered)
	err := data.Write(func(r record.Record) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return records.Write(r)
	})
	if err == nil {
		err = buffered.Flush()
	}
	if err != nil {
		return fmt.Errorf("cannot write the output: %w", err)
	}
	return nil
}

// checkSize refuses what cannot be made, by the flag's name.
func checkSize(s demodata.Size) error {
	switch {
	case s.Organizations < 1:
		return command.Misused("--organizations: want 1 or more")
	case s.Users < s.Organizations:
		return command.Misused("--users: want %d or more, one for each organization", s.Organizations)
	case s.Tracks < 0:
		return command.Misused("--tracks: want 0 or more")
	case s.Saves < 0:
		return command.Misused("--saves: want 0 or more")
	case s.Saves > s.MaxSaves():
		return command.Misused("--saves: want %d or less: these users and tracks allow no more", s.MaxSaves())
	}
	return nil
}
