package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"time"

	"github.com/seed-5ec2a705/mtrack/cmd/internal/command"
	"github.com/seed-5ec2a705/mtrack/impl/record"
)

const generateAbout = `Write made-up data to standard output, for import: organizations, users with a key each, tracks with their billing
events, and who saved what. A few tracks are in many libraries, most in few. The same flags give the same data, byte for
byte, keys included: use none of it where keys matter.`

// generateCommand writes made-up data.
func generateCommand() command.Command {
	return command.Command{
		Name: "generate-demo", Summary: "write made-up data to import", About: generateAbout,
		Prepare: func(flags *command.FlagSet) command.Action {
			var size demoSize
			flags.IntVar(&size.organizations, "organizations", 20, "`NUMBER` of organizations, at least 1")
			flags.IntVar(&size.users, "users", 2000, "`NUMBER` of users, at least one for each organization")
			flags.IntVar(&size.tracks, "tracks", 100_000, "`NUMBER` of tracks")
			flags.IntVar(&size.saves, "saves", 1_000_000, "`NUMBER` of saves, over all libraries")
			seed := flags.Uint64("seed", 1, "`NUMBER` that the data is made from")
			return func(ctx context.Context, env command.Environment, _ []string) error {
				if err := size.check(); err != nil {
					return err
				}
				return generate(ctx, env.Stdout, newDemoData(size, *seed))
			}
		},
	}
}

// generate writes the records of made-up data.
func generate(ctx context.Context, w io.Writer, data *demoData) error {
	buffered := bufio.NewWriterSize(w, 256<<10)
	records := record.NewWriter(buffered)
	err := data.write(func(r record.Record) error {
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

// demoSize is how much to make.
type demoSize struct{ organizations, users, tracks, saves int }

// check refuses what cannot be made, by the flag's name.
func (s demoSize) check() error {
	switch {
	case s.organizations < 1:
		return command.Misused("--organizations: want 1 or more")
	case s.users < s.organizations:
		return command.Misused("--users: want %d or more, one for each organization", s.organizations)
	case s.tracks < 0:
		return command.Misused("--tracks: want 0 or more")
	case s.saves < 0:
		return command.Misused("--saves: want 0 or more")
	}
	// Every organization has at least so many people and tracks.
	if most := s.organizations * (s.users / s.organizations) * (s.tracks / s.organizations); s.saves > most {
		return command.Misused("--saves: so many users and tracks have room for %d at most", most)
	}
	return nil
}

// demoBegin is when the made-up service began; all that is made up happens in
// the year after it.
var demoBegin = time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC)

const demoYear = 365 * 24 * time.Hour
