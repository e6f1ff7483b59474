package cases

import (
	"context"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/oracle"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// oldTrackCases are about tracks that are older than their scene, and about libraries whose order is
// not that of their tracks.
func oldTrackCases() []suite.Case {
	needs := []provision.Feature{provision.FeatureCreatedAt}
	return []suite.Case{
		{
			Area: deleteTrack, Slug: "old-tracks",
			Title:     "The creator may delete a track of any age",
			Operation: requirement.DeleteTrack,
			Requirements: []requirement.ID{
				requirement.DeleteCreatorMay,
				requirement.DeleteLeavesEveryLibrary,
				requirement.DeleteNothingElse,
			},
			Statuses: []int{200},
			Needs:    needs,
			Scene:    sceneOld,
			Sends:    "A saver's and the creator's deletes of tracks that were created between 1971 and 2024.",
			Expects: "403 for the saver and 200 for the creator; the track is gone, everything else is as it was, and all " +
				"events survive.",
			Run: oracle.Succeeds(
				oracle.Deletes("saver", "of-2001"),
				oracle.Deletes("creator", "of-2001"),
				oracle.Deletes("creator", "of-1971"),
				oracle.Deletes("creator", "of-2016"),
				oracle.Deletes("creator", "of-2024"),
			),
		},
		{
			Area: getTrack, Slug: "created-at-of-old-tracks",
			Title:     "A track tells when it was created, however long ago that was",
			Operation: requirement.GetTrack,
			Requirements: []requirement.ID{
				requirement.GetWithAccess,
				requirement.GetTrackAsMade,
			},
			Statuses: []int{200},
			Needs:    needs,
			Scene:    sceneOld,
			Sends:    "Gets and lists of tracks that were created between 1971 and 2024.",
			Expects:  "200, and the time of creation in created_at.",
			Run: func(ctx context.Context, c *suite.Client) error {
				_, err := oracle.Observe(ctx, c)
				return err
			},
		},
		{
			Area: listTracks, Slug: "newest-save-of-old-tracks-first",
			Title:     "A library is in the order of saving, whenever its tracks were created",
			Operation: requirement.ListSavedTracks,
			Requirements: []requirement.ID{
				requirement.ListOwnSaves,
				requirement.ListNewestFirst,
			},
			Statuses: []int{200},
			Needs:    needs,
			Scene:    sceneOld,
			Sends:    "Lists of a library whose newest tracks were saved first, whole and in windows.",
			Expects:  "The newest save first: the oldest track.",
			Run:      oracle.Listed("creator", "home", oracle.LibraryQuery{}, oracle.LibraryQuery{Limit: 2}, oracle.LibraryQuery{Limit: 2, Offset: 2}),
		},
		{
			Area: unsaveTrack, Slug: "old-tracks",
			Title:     "A track of any age leaves the library of whoever removes it",
			Operation: requirement.UnsaveTrack,
			Requirements: []requirement.ID{
				requirement.UnsaveLeavesLibrary,
				requirement.UnsaveNothingElse,
			},
			Statuses: []int{200},
			Needs:    needs,
			Scene:    sceneOld,
			Sends:    "A saver's and the creator's unsaves of tracks that were created in 2001 and 2016.",
			Expects:  "200 each, the track out of that one library, and everything else as it was.",
			Run: oracle.Succeeds(
				oracle.Unsaves("saver", "of-2001"),
				oracle.Unsaves("creator", "of-2016"),
			),
		},
		{
			Area: listTracks, Slug: "order-of-saving",
			Title:     "A library is in the order of saving, which need not be that of creation",
			Operation: requirement.ListSavedTracks,
			Requirements: []requirement.ID{
				requirement.ListOwnSaves,
				requirement.ListNewestFirst,
				requirement.ListWindow,
			},
			Statuses: []int{200},
			Needs:    []provision.Feature{provision.FeatureSaves},
			Scene:    sceneSaves,
			Sends: "Lists of two libraries that have the same tracks in two orders, whole, filtered and in windows; again " +
				"after a delete and an unsave.",
			Expects: "Each library in its own order, the newest save first.",
			Run: func(ctx context.Context, c *suite.Client) error {
				w, err := oracle.Observe(ctx, c)
				if err != nil {
					return err
				}
				if err := w.VerifyAllWindows(ctx); err != nil {
					return err
				}
				for _, a := range []oracle.Action{oracle.Deletes("creator", "one"), oracle.Unsaves("saver", "five")} {
					if !c.Serves(ctx, a.Operation) {
						continue
					}
					if err := w.Perform(ctx, a); err != nil {
						return err
					}
				}
				return w.VerifyAllWindows(ctx)
			},
		},
	}
}
