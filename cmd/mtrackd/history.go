package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/seed-5ec2a705/mtrack/cmd/internal/command"
	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

const historyAbout = `Show the audit and billing history of a track, oldest event first. A deleted track keeps its
history.`

// historyCommand shows the history of a track.
func historyCommand() command.Command {
	return command.Command{
		Name: "history", Summary: "show the history of a track", About: historyAbout,
		Prepare: func(flags *command.FlagSet) command.Action {
			url := registryFlag(flags)
			organization := flags.String("organization", "", "`ID` of the organization; needed")
			id := flags.String("track", "", "`ID` of the track; needed")
			asJSON := flags.Bool("json", false, "write JSON")
			return func(ctx context.Context, env command.Environment, _ []string) error {
				if *organization == "" || *id == "" {
					return command.Misused("--organization and --track are needed: whose history to show")
				}
				return withRegistry(ctx, env, url, func(registry record.Registry) error {
					events, err := registry.History(ctx, track.OrganizationID(*organization), track.ID(*id))
					if track.CodeOf(err) == track.NotFound {
						return fmt.Errorf("there never was a track %q in organization %q", *id, *organization)
					}
					if err != nil {
						return err
					}
					if *asJSON {
						return writeHistoryJSON(env.Stdout, events)
					}
					return writeHistory(env.Stdout, events)
				})
			}
		},
	}
}

func writeHistory(w io.Writer, events []track.Event) error {
	var b strings.Builder
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "TIME\tEVENT\tACTOR\tAMOUNT\tREQUEST")
	for _, e := range events {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", e.At.Format(time.RFC3339Nano), e.Type, e.Actor,
			strings.TrimSpace(e.Amount+" "+e.Currency), e.Request)
	}
	table.Flush() // to a strings.Builder: never fails
	return writeAll(w, b.String())
}

// shownEvent is an event as the provisioning protocol writes it, and the
// request that caused it.
type shownEvent struct {
	Type     track.EventType `json:"type"`
	At       time.Time       `json:"at"`
	Actor    track.UserID    `json:"actor"`
	Amount   string          `json:"amount,omitempty"`
	Currency string          `json:"currency,omitempty"`
	Request  string          `json:"request,omitempty"`
}

func writeHistoryJSON(w io.Writer, events []track.Event) error {
	shown := make([]shownEvent, len(events))
	for i, e := range events {
		shown[i] = shownEvent(e)
	}
	return writeJSON(w, map[string]any{"events": shown})
}
