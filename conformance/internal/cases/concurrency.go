package cases

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/expect"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/explore"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/oracle"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// concurrencyCases provoke races as far as a client can, and check recorded histories.
func concurrencyCases() []suite.Case {
	return []suite.Case{
		{
			Area: concurrency, Slug: "one-delete-wins",
			Title:     "Of several simultaneous deletes of one track exactly one succeeds",
			Operation: requirement.DeleteTrack,
			Requirements: []requirement.ID{
				requirement.DeleteOneSucceeds,
				requirement.DeleteRepeatIs404,
			},
			Statuses: []int{200, 404},
			Scene:    sceneRaces,
			Sends: "The creator's delete of one track two to six times at the same instant, for one track " +
				"after another.",
			Expects: "One 200 and otherwise 404 for each track, and one event in its history.",
			Run:     oneDeleteWins,
		},
		{
			Area: concurrency, Slug: "one-delete-wins-again-and-again",
			Title: "Of two or three simultaneous deletes of one track exactly one succeeds, for one track " +
				"after another",
			Operation:    requirement.DeleteTrack,
			Requirements: []requirement.ID{requirement.DeleteOneSucceeds},
			Statuses:     []int{200, 404},
			Scene:        sceneMany,
			Sends: "The creator's delete of one track two or three times at the same instant, for as many " +
				"tracks as there is time for in three seconds, up to 96.",
			Expects: "One 200 and otherwise 404 for each track.",
			Run: func(ctx context.Context, c *suite.Client) error {
				// The world is not observed: it would take too long for so many tracks.
				r := &oracle.Race{World: &oracle.World{Client: c, Scene: c.Scene}, Start: time.Now()}
				for i, t := range c.Scene.Request.Tracks {
					if err := oneWins(ctx, r, oracle.Deletes("creator", t.Name), 2+i%2); err != nil || r.Over() {
						return err
					}
				}
				return nil
			},
		},
		{
			Area: concurrency, Slug: "deletes-of-different-tracks",
			Title:     "Simultaneous deletes of different tracks all take effect",
			Operation: requirement.DeleteTrack,
			Requirements: []requirement.ID{
				requirement.DeleteLinearizable,
				requirement.DeleteAcknowledgement,
				requirement.DeleteLeavesEveryLibrary,
			},
			Statuses: []int{200},
			Scene:    sceneRaces,
			Sends:    "The creator's deletes of six tracks at the same instant, several times.",
			Expects:  "200 with the right id for each; then each is gone for everyone, and has its event.",
			Run:      deletesOfDifferentTracks,
		},
		{
			Area: concurrency, Slug: "delete-beside-saver",
			Title:     "The creator's delete succeeds during deletes by a caller who only saved the track",
			Operation: requirement.DeleteTrack,
			Requirements: []requirement.ID{
				requirement.DeleteLinearizable,
				requirement.DeleteOnlyCreator,
				requirement.DeleteGoneForEverybody,
			},
			Statuses: []int{200, 403, 404},
			Scene:    sceneRaces,
			Sends: "The creator's delete and three of a saver's at the same instant, then the saver's once " +
				"more, for one track after another.",
			Expects: "200 for the creator; 403 or 404 for the saver, and 404 after the creator's response; " +
				"one event, by the creator.",
			Run: deleteBesideSaver,
		},
		{
			Area: concurrency, Slug: "deleted-is-not-seen-again",
			Title:     "After the response to its delete a track is seen by no caller, however many read it meanwhile",
			Operation: requirement.DeleteTrack,
			Requirements: []requirement.ID{
				requirement.DeleteLeavesEveryLibrary,
				requirement.DeleteGoneForEverybody,
				requirement.DeleteLinearizable,
			},
			Statuses: []int{200, 404},
			Scene:    sceneRaces,
			Sends: "Gets, lists and a saver's deletes in loops, before, during and after the creator's " +
				"delete, for four tracks.",
			Expects: "The track is seen by every request that ended before the delete was sent, and by " +
				"none that began after its response.",
			Run: deletedIsNotSeenAgain,
		},
		{
			Area: concurrency, Slug: "delete-beside-unsaves",
			Title:     "A simultaneous delete and unsaves do not undo one another",
			Operation: requirement.UnsaveTrack,
			Requirements: []requirement.ID{
				requirement.UnsaveLeavesLibrary,
				requirement.UnsaveNothingElse,
				requirement.DeleteStaysDeleted,
				requirement.DeleteNothingElse,
			},
			Statuses: []int{200, 404},
			Scene:    sceneRaces,
			Sends: "The creator's delete of a track, everyone's unsave of it, and everyone's unsave of " +
				"another one, at the same instant, for one pair after another.",
			Expects: "The track deleted and the other one in no library, whatever came first.",
			Run:     deleteBesideUnsaves,
		},
		{
			Area: concurrency, Slug: "unsaves-at-once",
			Title:     "Simultaneous unsaves all take effect",
			Operation: requirement.UnsaveTrack,
			Requirements: []requirement.ID{
				requirement.UnsaveLeavesLibrary,
				requirement.UnsaveNothingElse,
				requirement.UnsaveAcknowledgement,
				requirement.UnsaveEndsAccess,
				requirement.UnsaveIdempotentWithAccess,
			},
			Statuses: []int{200, 404},
			Scene:    sceneRaces,
			Sends: "Six unsaves of three tracks by two callers at the same instant, then three by each " +
				"caller of one further track, several times.",
			Expects: "200 for each of the six; of the further track, 200 for its creator each time, and " +
				"for the other caller once and then 404; those tracks in no library, and all others where " +
				"they were.",
			Run: unsavesAtOnce,
		},
		{
			Area: concurrency, Slug: "requests-are-kept-apart",
			Title: "Simultaneous requests of different callers get the responses that each would get alone",
			Requirements: []requirement.ID{
				requirement.InputLoad,
				requirement.AccessMatrix,
				requirement.ErrorTraceIDUnique,
				requirement.DeleteRefusedChangesNothing,
			},
			Scene: sceneStandard,
			Sends: "Twelve requests of all actors at the same instant, none of which may change anything, " +
				"sixteen times.",
			Expects: "For each the response that it gets alone, about its own track and with a trace_id of its own.",
			Run:     requestsAreKeptApart,
		},
		{
			Area: concurrency, Slug: "linearizable",
			Title: "Concurrent requests have the outcome of some order in which they are carried out one " +
				"by one",
			Operation:    requirement.DeleteTrack,
			Requirements: []requirement.ID{requirement.DeleteLinearizable},
			Scene:        explore.SceneSequence,
			Sends: "Random deletes, gets, lists and unsaves of six concurrent clients on the same three " +
				"tracks, twice.",
			Expects: "An order of the requests, each between its sending and its response, that explains " +
				"every response.",
			Run: explore.Linearizable,
		},
	}
}

func oneDeleteWins(ctx context.Context, c *suite.Client) error {
	r, err := oracle.NewRace(ctx, c)
	if err != nil {
		return err
	}
	for i, track := range raceNames {
		a := oracle.Deletes("creator", track)
		if err := oneWins(ctx, r, a, []int{6, 2, 4, 6}[i%4]); err != nil {
			return err
		}
		r.World.Apply(a)
		if r.Over() {
			break
		}
	}
	return r.World.Verify(ctx)
}

// oneWins sends the same delete several times at once, of which exactly one has to succeed.
func oneWins(ctx context.Context, r *oracle.Race, a oracle.Action, denials int) error {
	results, err := r.Run(ctx, oracle.Times(denials, a), func(oracle.Action) []int { return []int{200, 404} })
	if err != nil {
		return err
	}
	won := 0
	for _, s := range results {
		if s.Exchange.Status == 200 {
			won++
		}
	}
	if won != 1 {
		expected := fmt.Sprintf("one 200 and %d × 404 to %d deletes of %s at the same time", denials-1, denials, a.Track)
		return suite.Fail(expected, oracle.Tally(results), oracle.ExchangesOf(results)...)
	}
	return nil
}

func deletesOfDifferentTracks(ctx context.Context, c *suite.Client) error {
	r, err := oracle.NewRace(ctx, c)
	if err != nil {
		return err
	}
	for tracks := range slices.Chunk(raceNames, 6) {
		var actions []oracle.Action
		for _, track := range tracks {
			actions = append(actions, oracle.Deletes("creator", track))
		}
		if _, err := r.Run(ctx, actions, func(oracle.Action) []int { return []int{200} }); err != nil {
			return err
		}
		for _, a := range actions {
			r.World.Apply(a)
		}
		if r.Over() {
			break
		}
	}
	return r.World.Verify(ctx)
}

func deleteBesideSaver(ctx context.Context, c *suite.Client) error {
	r, err := oracle.NewRace(ctx, c)
	if err != nil {
		return err
	}
	for _, track := range raceNames {
		byCreator := oracle.Deletes("creator", track)
		bySaver := oracle.Deletes("saver", track)
		actions := append(oracle.Times(3, bySaver), byCreator)
		c.Rand().Shuffle(len(actions), func(i, j int) { actions[i], actions[j] = actions[j], actions[i] })
		results, err := r.Run(ctx, actions, func(a oracle.Action) []int {
			if a == byCreator {
				return []int{200}
			}
			return []int{403, 404}
		})
		if err != nil {
			return err
		}
		deleted := results[slices.Index(actions, byCreator)]
		for _, s := range results {
			if s.Exchange.Status == 403 && s.Sent.After(deleted.Answered) {
				return suite.Fail("404 for the saver's DELETE, which was sent after the response to the creator's",
					expect.Describe(s.Exchange), deleted.Exchange, s.Exchange)
			}
		}
		r.World.Apply(byCreator)
		x, err := c.Do(ctx, oracle.RequestOf(c.Scene, bySaver))
		if err != nil {
			return err
		}
		if err := expect.Error(x, 404); err != nil {
			return err
		}
		if r.Over() {
			break
		}
	}
	return r.World.Verify(ctx)
}
