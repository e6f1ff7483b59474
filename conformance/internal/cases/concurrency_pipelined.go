package cases

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/expect"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/oracle"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// pipelinedCases race where nearly no time passes between a check and its effect. Several
// connections each have the same requests for many tracks in their pipelines: whichever is ahead
// does more work for each, so that the others catch up, and they stay together without the client.
func pipelinedCases() []suite.Case {
	return []suite.Case{
		{
			Area: concurrency, Slug: "pipelined-deletes-one-wins",
			Title:     "Of deletes of one track that meet in the target exactly one succeeds, track after track",
			Operation: requirement.DeleteTrack,
			Requirements: []requirement.ID{
				requirement.DeleteOneSucceeds,
				requirement.DeleteRepeatIs404,
			},
			Statuses: []int{200, 404},
			Scene:    sceneShared,
			Sends: "The creator's deletes of the same 64 tracks in the same order on four connections, " +
				"sixteen in the pipeline of each, as long as the target keeps them open.",
			Expects: "One 200 and otherwise 404 for each track.",
			Run: func(ctx context.Context, c *suite.Client) error {
				return pipelinedRace(ctx, c, func(track string) oracle.Action { return oracle.Deletes("creator", track) })
			},
		},
		{
			Area: concurrency, Slug: "pipelined-unsaves-one-wins",
			Title: "Of a saver's unsaves of one track that meet in the target exactly one succeeds, track " +
				"after track",
			Operation: requirement.UnsaveTrack,
			Requirements: []requirement.ID{
				requirement.UnsaveEndsAccess,
				requirement.UnsaveLeavesLibrary,
			},
			Statuses: []int{200, 404},
			Scene:    sceneShared,
			Sends: "A saver's unsaves of the same 64 tracks in the same order on four connections, sixteen " +
				"in the pipeline of each, as long as the target keeps them open.",
			Expects: "One 200 and otherwise 404 for each track.",
			Run: func(ctx context.Context, c *suite.Client) error {
				return pipelinedRace(ctx, c, func(track string) oracle.Action { return oracle.Unsaves("saver", track) })
			},
		},
	}
}

const (
	pipelines     = 4
	pipelineDepth = 16
)

// pipelinedRace sends the same actions on several connections, of which exactly one may succeed for
// each track.
func pipelinedRace(ctx context.Context, c *suite.Client, act func(track string) oracle.Action) error {
	r := bareRace(c)
	var actions []oracle.Action
	for _, t := range c.Scene.Request.Tracks {
		actions = append(actions, act(t.Name))
	}
	answers := make([][]*wire.Exchange, pipelines) // by connection and action, nil without a response
	errs := make([]error, pipelines)
	var done sync.WaitGroup
	for i := range pipelines {
		answers[i] = make([]*wire.Exchange, len(actions))
		done.Go(func() { errs[i] = pipeline(ctx, c, r, actions, answers[i]) })
	}
	done.Wait()
	if err := oracle.FirstFailure(errs); err != nil {
		return err
	}
	for n, a := range actions {
		won, lost := []*wire.Exchange{}, 0
		var all []*wire.Exchange
		for i := range pipelines {
			x := answers[i][n]
			switch {
			case x == nil:
				lost++
			case x.Status == 200:
				won = append(won, x)
			}
			if x != nil {
				all = append(all, x)
			}
		}
		if len(won) > 1 || len(won) == 0 && lost == 0 {
			return suite.Fail(fmt.Sprintf("one 200 and otherwise 404 to %d requests at the same time: %s", pipelines, a),
				fmt.Sprintf("%d × 200", len(won)), all...)
		}
	}
	return nil
}

// pipeline sends actions on one connection, some of them before it reads a response, until the
// target closes the connection. It keeps the responses by action.
func pipeline(
	ctx context.Context, c *suite.Client, r *oracle.Race, actions []oracle.Action, answers []*wire.Exchange,
) error {
	conn, err := c.Connect(ctx)
	if wire.IsNoResponse(err) {
		return nil // the other connections have to do
	}
	if err != nil {
		return err
	}
	defer conn.Close()
	place := 0
	for batch := range slices.Chunk(actions, pipelineDepth) {
		if r.Over() {
			return nil
		}
		sent := 0
		for _, a := range batch {
			err := conn.Send(ctx, oracle.RequestOf(c.Scene, a))
			if err != nil && !wire.IsNoResponse(err) {
				return err
			}
			if err != nil {
				break // closed, after responses that are still to be read
			}
			sent++
		}
		for i := range sent {
			x, err := conn.Receive(ctx)
			var limited *suite.RateLimited
			switch {
			case errors.As(err, &limited):
				continue
			case wire.IsNoResponse(err):
				return nil
			case err != nil:
				return err
			}
			if err := expect.Status(x, 200, 404); err != nil {
				return err
			}
			if err := (oracle.Attempt{Action: batch[i], Exchange: x}).JudgeBody(c.Scene); err != nil {
				return err
			}
			answers[place+i] = x.Excerpt()
			if x.Closed {
				return nil
			}
		}
		if sent < len(batch) {
			return nil
		}
		place += len(batch)
	}
	return nil
}
