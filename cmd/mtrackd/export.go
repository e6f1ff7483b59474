package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"time"

	"github.com/seed-5ec2a705/mtrack/cmd/internal/command"
	"github.com/seed-5ec2a705/mtrack/cmd/internal/output"
	"github.com/seed-5ec2a705/mtrack/impl/record"
)

const exportAbout = `Write everything that is stored to FILE, or to standard output if FILE is - or missing: one JSON
object per line, in an order that import accepts. Keys are written as hashes, since only their
hashes are stored.

The server may keep running. The export then has everything that was stored when it began, and
perhaps some of what was stored later. FILE is replaced only when the export is complete.`

// exportCommand writes everything that is stored.
func exportCommand() command.Command {
	return command.Command{
		Name: "export", Syntax: "[FILE.jsonl|-]", Summary: "write everything that is stored", About: exportAbout,
		Prepare: func(flags *command.FlagSet) command.Action {
			url := registryFlag(flags)
			return func(ctx context.Context, env command.Environment, args []string) error {
				name := "-"
				switch len(args) {
				case 0:
				case 1:
					name = args[0]
				default:
					return command.Misused("want one file at most")
				}
				return withRegistry(ctx, env, url, func(registry record.Registry) error {
					return export(ctx, env, registry, name)
				})
			}
		},
	}
}

// export writes the records to a file, or to standard output where its name is
// "-".
func export(ctx context.Context, env command.Environment, registry record.Registry, name string) error {
	shown := newProgress(env.Stderr, env.Getenv, time.Now)
	count := 0
	write := func(w io.Writer) error {
		buffered := bufio.NewWriterSize(w, 256<<10)
		records := record.NewWriter(buffered)
		if err := registry.Export(ctx, func(r record.Record) error {
			count++
			shown.show(count, "records", "")
			return records.Write(r)
		}); err != nil {
			return err
		}
		return buffered.Flush()
	}
	var err error
	if name == "-" {
		err = write(env.Stdout)
	} else {
		// Only its owner may read it: it tells who may do what.
		err = output.Replace(name, 0o600, write)
	}
	if err != nil {
		return err
	}
	shown.line(fmt.Sprintf("%s: %s records written, %s", name, grouped(count), shown.rate(count)))
	return nil
}
