package cases

import (
	"context"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/oracle"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// livedFor is how long a track lives that is deleted when copies of it have been made.
const livedFor = 1600 * time.Millisecond

// lateEffectCases verify the world at once and once more after a while: where queues, replicas or
// caches are at work, effects come late.
func lateEffectCases() []suite.Case {
	return []suite.Case{
		{
			Area: deleteTrack, Slug: "stays-deleted",
			Title:     "A deleted track does not come back, and nothing else disappears later",
			Operation: requirement.DeleteTrack,
			Requirements: []requirement.ID{
				requirement.DeleteStaysDeleted,
				requirement.DeleteNothingElse,
			},
			Statuses: []int{200},
			Slow:     true,
			Scene:    sceneLibraries,
			Sends: "The creator's delete; then everything is read at once, again after about 0.7 seconds, and " +
				"once more at the end of the run. The same of a track that had lived for about 1.6 seconds.",
			Expects: "The tracks gone each time, and nothing else.",
			Run: func(ctx context.Context, c *suite.Client) error {
				w, err := oracle.Observe(ctx, c)
				if err != nil {
					return err
				}
				if err := w.Perform(ctx, oracle.Deletes("creator", "song")); err != nil {
					return err
				}
				if err := w.VerifyLater(ctx); err != nil {
					return err
				}
				// What lives for a while is in copies that are made now and then, and may be
				// restored from them.
				if err := oracle.Pause(ctx, livedFor-oracle.Later); err != nil {
					return err
				}
				if err := w.Perform(ctx, oracle.Deletes("creator", "twin")); err != nil {
					return err
				}
				c.LookAgain(w.VerifyForStrangers)
				return w.VerifyReads(ctx)
			},
		},
		{
			Area: deleteTrack, Slug: "refused-has-no-late-effect",
			Title:        "A refused delete is not carried out later",
			Operation:    requirement.DeleteTrack,
			Requirements: []requirement.ID{requirement.DeleteRefusedChangesNothing},
			Statuses:     []int{401, 403, 404},
			Slow:         true,
			Scene:        sceneStandard,
			Sends: "Deletes without a key, with an unknown one, by a saver, a member and an outsider; then " +
				"everything is read at once, again after about 0.7 seconds, and once more at the end of the run.",
			Expects: "401, 403 and 404, and everything as it was, each time; then 200 for the creator's " +
				"delete.",
			Run: func(ctx context.Context, c *suite.Client) error {
				w, err := oracle.Observe(ctx, c)
				if err != nil {
					return err
				}
				if err := w.Refuse(ctx, refusedDeletes); err != nil {
					return err
				}
				if err := oracle.Pause(ctx, oracle.Later); err != nil {
					return err
				}
				if err := w.VerifyForStrangers(ctx); err != nil {
					return err
				}
				c.LookAgain(func(ctx context.Context) error {
					if err := w.VerifyForStrangers(ctx); err != nil {
						return err
					}
					return w.Perform(ctx, oracle.Deletes("creator", "song"))
				})
				return nil
			},
		},
		muchLaterCase(requirement.DeleteTrack, oracle.Deletes("creator", "song"),
			oracle.Deletes("second", "next"), oracle.Deletes("creator", "away").In("abroad")),
		muchLaterCase(requirement.UnsaveTrack, oracle.Unsaves("first", "song"), oracle.Unsaves("creator", "twin"),
			oracle.Unsaves("second", "next"), oracle.Unsaves("second", "away").In("abroad"),
			oracle.Unsaves("creator", "away").In("abroad"), oracle.Unsaves("second", "orphan"),
			oracle.Unsaves("creator", "oldest"), oracle.Unsaves("first", "orphan"), oracle.Unsaves("creator", "orphan")),
	}
}

// muchLater is when queues have repeated, purges have run and caches have expired that take
// seconds.
const muchLater = 2300 * time.Millisecond

// muchLaterCase carries out actions, tries what is refused, and looks again after seconds.
func muchLaterCase(o requirement.Operation, actions ...oracle.Action) suite.Case {
	requirements := []requirement.ID{
		requirement.DeleteStaysDeleted,
		requirement.DeleteNothingElse,
		requirement.DeleteRefusedChangesNothing,
	}
	if o == requirement.UnsaveTrack {
		requirements = []requirement.ID{
			requirement.UnsaveLeavesLibrary,
			requirement.UnsaveNothingElse,
			requirement.UnsaveRefusedChangesNothing,
		}
	}
	return suite.Case{
		Area: areaOf(o), Slug: "nothing-follows",
		Title:        "Nothing follows seconds later: nothing comes back, and nothing that was refused is done",
		Operation:    o,
		Requirements: requirements,
		Statuses:     []int{200, 404},
		Slow:         true,
		Scene:        sceneLibraries,
		Sends: "Requests of several callers that succeed, and for other tracks those that are refused for each reason; " +
			"then everything is read at once, and again after about 2.3 seconds.",
		Expects: "Exactly what succeeded, both times, in libraries, gets and histories.",
		Run: func(ctx context.Context, c *suite.Client) error {
			w, err := oracle.Observe(ctx, c)
			if err != nil {
				return err
			}
			for _, a := range actions {
				if err := w.Perform(ctx, a); err != nil {
					return err
				}
			}
			if err := w.Refuse(ctx, followedBy(o).refusals); err != nil {
				return err
			}
			if err := oracle.Pause(ctx, muchLater); err != nil {
				return err
			}
			return w.VerifyForStrangers(ctx)
		},
	}
}

// followedBy are refused for every reason, on tracks that stay.
func followedBy(o requirement.Operation) denials {
	d := denials{
		{"a request without a key", oracle.Does("", o, "oldest"), 401},
		{"a request by somebody who left", oracle.Does("left", o, "orphan"), 404},
		{"a request without access", oracle.Does("first", o, "unsaved"), 404},
		{"a request of somebody who is no member", oracle.Does("first", o, "away").In("abroad"), 404},
		{"a request under another organization's path", oracle.Does("creator", o, "unsaved").In("abroad"), 404},
	}
	if o == requirement.DeleteTrack {
		d = append(d, denials{
			{"a saver's delete", oracle.Does("creator", o, "oldest"), 403},
			{"another saver's delete", oracle.Does("second", o, "twin"), 403},
		}...)
	}
	return d
}

// refusedDeletes are deletes that are refused, one for each reason.
func refusedDeletes(s *provision.Scene) []oracle.Refusal {
	refusals := denials{
		{"a delete without a key", oracle.Deletes("", "song"), 401},
		{"a saver's delete", oracle.Deletes("saver", "song"), 403},
		{"a member's delete", oracle.Deletes("member", "song"), 404},
		{"an outsider's delete", oracle.Deletes("outsider", "song"), 404},
		{"an outsider's delete under its own organization's path", oracle.Deletes("outsider", "song").In("abroad"), 404},
		{"the creator's delete under the other organization's path", oracle.Deletes("creator", "song").In("abroad"), 404},
	}.refusals(s)
	withoutKey := oracle.Deletes("", "song")
	return append(refusals,
		refused("a delete with an unknown key", 401,
			oracle.RequestOf(s, withoutKey, suite.WithHeader("X-API-Key", "ak_unknown"))),
		refused("a delete with an empty key", 401,
			oracle.RequestOf(s, withoutKey, suite.WithHeader("X-API-Key", ""))),
		refused("the creator's delete of a missing track", 404, toMissing(s, oracle.Deletes("creator", "song"))),
	)
}
