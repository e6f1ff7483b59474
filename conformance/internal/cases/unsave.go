package cases

import (
	"context"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/oracle"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

func unsaveCases() []suite.Case {
	return []suite.Case{
		{
			Area: unsaveTrack, Slug: "saver-gets-200",
			Title:     "Removing a saved track takes it out of the caller's library only",
			Operation: requirement.UnsaveTrack,
			Requirements: []requirement.ID{
				requirement.UnsaveAcknowledgement,
				requirement.UnsaveLeavesLibrary,
				requirement.UnsaveNothingElse,
				requirement.UnsaveNotADelete,
			},
			Statuses: []int{200},
			Scene:    sceneLibraries,
			Sends: "Removals by savers, of a track in the middle, at the end and at the start of their " +
				"libraries; everything is read after each, and again at the end of the run.",
			Expects: "200 with success true and the track's id; the track out of that library, and nothing " +
				"else changed.",
			Run: oracle.SucceedsForGood(
				oracle.Unsaves("first", "song"),
				oracle.Unsaves("second", "oldest"),
				oracle.Unsaves("creator", "orphan"),
				oracle.Unsaves("first", "twin"),
			),
		},
		{
			Area: unsaveTrack, Slug: "creator-keeps-access",
			Title:     "A creator may remove its track from its library, and repeat that, without losing access",
			Operation: requirement.UnsaveTrack,
			Requirements: []requirement.ID{
				requirement.UnsaveIdempotentWithAccess,
				requirement.UnsaveNothingElse,
				requirement.UnsaveNotADelete,
			},
			Statuses: []int{200},
			Scene:    sceneStandard,
			Sends: "The creator's removal of its track, three times, and its saver's in between; then a " +
				"get, and the delete.",
			Expects: "200 each time; the track in no library but still live, and nothing else changed; " +
				"then 200 and 200.",
			Run: oracle.Succeeds(
				oracle.Unsaves("creator", "song"),
				oracle.Unsaves("creator", "song"),
				oracle.Unsaves("saver", "song"),
				oracle.Unsaves("creator", "song"),
				oracle.Gets("creator", "song"),
				oracle.Deletes("creator", "song"),
			),
		},
		{
			Area: unsaveTrack, Slug: "creator-who-did-not-save-gets-200",
			Title:        "A creator may remove a track that it never saved",
			Operation:    requirement.UnsaveTrack,
			Requirements: []requirement.ID{requirement.UnsaveIdempotentWithAccess},
			Statuses:     []int{200},
			Scene:        sceneLibraries,
			Sends:        "The creator's removal of its track that nobody saved.",
			Expects:      "200, and nothing changed.",
			Run:          oracle.Succeeds(oracle.Unsaves("creator", "unsaved")),
		},
		{
			Area: unsaveTrack, Slug: "creator-without-library-gets-200",
			Title:     "A creator who never saved anything keeps access too",
			Operation: requirement.UnsaveTrack,
			Requirements: []requirement.ID{
				requirement.UnsaveIdempotentWithAccess,
				requirement.UnsaveNothingElse,
			},
			Statuses: []int{200},
			Scene:    sceneUnsaved,
			Sends: "The removals of two tracks by their creator, whose library was always empty; then its " +
				"gets and deletes of them.",
			Expects: "200 for each.",
			Run: oracle.Succeeds(
				oracle.Unsaves("creator", "unsaved"),
				oracle.Unsaves("creator", "saved"),
				oracle.Unsaves("creator", "unsaved"),
				oracle.Gets("creator", "unsaved"),
				oracle.Deletes("creator", "unsaved"),
				oracle.Deletes("creator", "saved"),
			),
		},
		{
			Area: unsaveTrack, Slug: "ends-a-savers-access",
			Title:     "A caller who only saved a track has no access after removing it",
			Operation: requirement.UnsaveTrack,
			Requirements: []requirement.ID{
				requirement.UnsaveEndsAccess,
				requirement.UnsaveLeavesLibrary,
			},
			Statuses: []int{200, 404},
			Scene:    sceneStandard,
			Sends:    "A saver's removal; then its removal again, its get and its delete; then the creator's delete.",
			Expects:  "200; then 404 and 404 and 404; then 200.",
			Run: func(ctx context.Context, c *suite.Client) error {
				w, err := oracle.Observe(ctx, c)
				if err != nil {
					return err
				}
				for _, a := range []oracle.Action{
					oracle.Unsaves("saver", "song"), oracle.Unsaves("saver", "song"), oracle.Gets("saver", "song"),
					oracle.Deletes("saver", "song"), oracle.Unsaves("saver", "song"),
				} {
					if err := w.Perform(ctx, a); err != nil {
						return err
					}
				}
				if err := w.Verify(ctx); err != nil {
					return err
				}
				if err := w.Perform(ctx, oracle.Deletes("creator", "song")); err != nil {
					return err
				}
				return w.Verify(ctx)
			},
		},
		{
			Area: unsaveTrack, Slug: "without-access-gets-404",
			Title:     "Removing a track without access to it gets 404 and changes nothing",
			Operation: requirement.UnsaveTrack,
			Requirements: []requirement.ID{
				requirement.UnsaveNoAccessIs404,
				requirement.UnsaveRefusedChangesNothing,
			},
			Statuses: []int{401, 404},
			Scene:    sceneStandard,
			Sends: "Removals by a member without access, by an outsider under either path, of a missing " +
				"track, and without a key.",
			Expects: "404, or 401 without a key, and everything as it was.",
			Run:     oracle.RefusesAll(refusedRemovals, oracle.Unsaves("saver", "song")),
		},
		{
			Area: unsaveTrack, Slug: "stays-removed",
			Title: "A track that was removed from a library does not come back, and nothing else " +
				"disappears later",
			Operation: requirement.UnsaveTrack,
			Requirements: []requirement.ID{
				requirement.UnsaveLeavesLibrary,
				requirement.UnsaveNothingElse,
				requirement.UnsaveNotADelete,
			},
			Statuses: []int{200},
			Slow:     true,
			Scene:    sceneLibraries,
			Sends: "Removals by a saver and by the creator; then everything is read at once, and again " +
				"after about 0.7 seconds.",
			Expects: "The track out of those libraries both times, and nothing else.",
			Run: func(ctx context.Context, c *suite.Client) error {
				w, err := oracle.Observe(ctx, c)
				if err != nil {
					return err
				}
				for _, a := range []oracle.Action{oracle.Unsaves("first", "song"), oracle.Unsaves("creator", "song")} {
					if err := w.Perform(ctx, a); err != nil {
						return err
					}
				}
				return w.VerifyLater(ctx)
			},
		},
		{
			Area: unsaveTrack, Slug: "refused-has-no-late-effect",
			Title:        "A refused removal is not carried out later",
			Operation:    requirement.UnsaveTrack,
			Requirements: []requirement.ID{requirement.UnsaveRefusedChangesNothing},
			Statuses:     []int{401, 404},
			Slow:         true,
			Scene:        sceneStandard,
			Sends: "Removals without a key, by a member without access, by an outsider and under the other " +
				"organization's path; then everything is read at once, and again after about 0.7 seconds.",
			Expects: "401 and 404, and everything as it was, both times.",
			Run: func(ctx context.Context, c *suite.Client) error {
				w, err := oracle.Observe(ctx, c)
				if err != nil {
					return err
				}
				if err := w.Refuse(ctx, refusedRemovals); err != nil {
					return err
				}
				if err := oracle.Pause(ctx, oracle.Later); err != nil {
					return err
				}
				return w.VerifyForStrangers(ctx)
			},
		},
		{
			Area: unsaveTrack, Slug: "deleted-track-gets-404",
			Title:        "A deleted track can no longer be removed",
			Operation:    requirement.UnsaveTrack,
			Requirements: []requirement.ID{requirement.UnsaveNoAccessIs404},
			Statuses:     []int{404},
			Scene:        sceneStandard,
			Sends:        "The creator's delete; then removals by its saver and by the creator.",
			Expects:      "404 and 404, and everything as it was after the delete.",
			Run: func(ctx context.Context, c *suite.Client) error {
				w, err := oracle.Observe(ctx, c)
				if err != nil {
					return err
				}
				for _, a := range []oracle.Action{
					oracle.Deletes("creator", "song"),
					oracle.Unsaves("saver", "song"),
					oracle.Unsaves("creator", "song"),
				} {
					if err := w.Perform(ctx, a); err != nil {
						return err
					}
				}
				return w.Verify(ctx)
			},
		},
	}
}

// refusedRemovals are removals that are refused, one for each reason.
func refusedRemovals(s *provision.Scene) []oracle.Refusal {
	refusals := denials{
		{"a member's removal", oracle.Unsaves("member", "song"), 404},
		{"an outsider's removal", oracle.Unsaves("outsider", "song"), 404},
		{"an outsider's removal under its own organization's path", oracle.Unsaves("outsider", "song").In("abroad"), 404},
		{"a saver's removal under the other organization's path", oracle.Unsaves("saver", "song").In("abroad"), 404},
		{"a saver's removal of a foreign track", oracle.Unsaves("saver", "foreign"), 404},
		{"a removal without a key", oracle.Unsaves("", "song"), 401},
	}.refusals(s)
	missing := toMissing(s, oracle.Unsaves("saver", "song"))
	return append(refusals, refused("a saver's removal of a missing track", 404, missing))
}
