package cases

import (
	"context"
	"fmt"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/oracle"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

func historyCases() []suite.Case {
	return []suite.Case{
		{
			Area: deleteTrack, Slug: "history-survives",
			Title:     "The history of a deleted track survives and gains one event",
			Operation: requirement.DeleteTrack,
			Requirements: []requirement.ID{
				requirement.HistorySurvives,
				requirement.HistoryGainsOne,
			},
			Statuses: []int{200},
			Needs:    []provision.Feature{provision.FeatureHistory},
			Scene:    sceneStandard,
			Sends:    "The creator's delete.",
			Expects: "All events as they were, followed by one track.deleted, by the creator and with the " +
				"current time; the histories of all other tracks as they were.",
			Run: oracle.HistoryOnly(oracle.Deletes("creator", "song")),
		},
		{
			Area: deleteTrack, Slug: "history-of-many",
			Title:     "Each of many deletes is in the history of its own track",
			Operation: requirement.DeleteTrack,
			Requirements: []requirement.ID{
				requirement.HistorySurvives,
				requirement.HistoryGainsOne,
			},
			Statuses: []int{200},
			Needs:    []provision.Feature{provision.FeatureHistory},
			Scene:    sceneLibraries,
			Sends: "The deletes, quickly one after another, of tracks of several creators: saved by many, " +
				"by the creator alone and by no user.",
			Expects: "One track.deleted in the history of each, by its creator, and no other change.",
			Run: oracle.HistoryOnly(
				oracle.Deletes("creator", "unsaved"),
				oracle.Deletes("creator", "song"),
				oracle.Deletes("first", "oldest"),
				oracle.Deletes("second", "next"),
				oracle.Deletes("creator", "away").In("abroad"),
				oracle.Deletes("creator", "twin"),
			),
		},
		{
			Area: deleteTrack, Slug: "history-of-refused",
			Title:        "Refused deletes are in no history",
			Operation:    requirement.DeleteTrack,
			Requirements: []requirement.ID{requirement.HistoryRefusedAddsNothing},
			Statuses:     []int{401, 403, 404},
			Needs:        []provision.Feature{provision.FeatureHistory},
			Scene:        sceneStandard,
			Sends:        "Deletes without a key, with an unknown one, by a saver, a member and an outsider.",
			Expects:      "Every history as it was.",
			Run:          oracle.RefusesAll(refusedDeletes),
		},
		{
			Area: deleteTrack, Slug: "history-of-repeats",
			Title:     "Repeated deletes are in the history once",
			Operation: requirement.DeleteTrack,
			Requirements: []requirement.ID{
				requirement.HistoryRefusedAddsNothing,
				requirement.HistoryGainsOne,
			},
			Statuses: []int{200, 404},
			Needs:    []provision.Feature{provision.FeatureHistory},
			Scene:    sceneStandard,
			Sends:    "The creator's delete three times, and a saver's, a member's and an outsider's.",
			Expects:  "One track.deleted, of the first delete, unchanged by the others.",
			Run: oracle.HistoryOnly(
				oracle.Deletes("creator", "song"),
				oracle.Deletes("creator", "song"),
				oracle.Deletes("saver", "song"),
				oracle.Deletes("creator", "song"),
				oracle.Deletes("member", "song"),
				oracle.Deletes("outsider", "song"),
			),
		},
		{
			Area: deleteTrack, Slug: "history-stays",
			Title:     "The history of a deleted track stays as it is",
			Operation: requirement.DeleteTrack,
			Requirements: []requirement.ID{
				requirement.HistorySurvives,
				requirement.HistoryGainsOne,
			},
			Statuses: []int{200},
			Needs:    []provision.Feature{provision.FeatureHistory},
			Slow:     true,
			Scene:    sceneStandard,
			Sends:    "The creator's delete; then the histories are read at once, and again after about 0.7 seconds.",
			Expects:  "The same both times: everything from before, and one track.deleted.",
			Run: func(ctx context.Context, c *suite.Client) error {
				w, err := oracle.NewWorld(ctx, c, c.Scene)
				if err != nil {
					return err
				}
				if err := w.Perform(ctx, oracle.Deletes("creator", "song")); err != nil {
					return err
				}
				if err := w.VerifyHistories(ctx); err != nil {
					return err
				}
				if err := oracle.Pause(ctx, oracle.Later); err != nil {
					return err
				}
				return w.VerifyHistories(ctx)
			},
		},
		{
			Area: deleteTrack, Slug: "history-tells-when",
			Title:        "The history says when a track was deleted",
			Operation:    requirement.DeleteTrack,
			Requirements: []requirement.ID{requirement.HistoryGainsOne},
			Statuses:     []int{200},
			Needs:        []provision.Feature{provision.FeatureHistory},
			Slow:         true,
			Scene:        sceneStandard,
			Sends:        "The creator's delete of one track, and after 1.2 seconds of another.",
			Expects:      "A later time in the track.deleted of the second than in that of the first.",
			Run: func(ctx context.Context, c *suite.Client) error {
				w, err := oracle.NewWorld(ctx, c, c.Scene)
				if err != nil {
					return err
				}
				if err := w.Perform(ctx, oracle.Deletes("creator", "before")); err != nil {
					return err
				}
				if err := oracle.Pause(ctx, 1200*time.Millisecond); err != nil {
					return err
				}
				if err := w.Perform(ctx, oracle.Deletes("creator", "song")); err != nil {
					return err
				}
				if err := w.VerifyHistories(ctx); err != nil {
					return err
				}
				first, second := w.Events["before"], w.Events["song"]
				if at, later := first[len(first)-1].At, second[len(second)-1].At; !later.After(at) {
					return suite.Fail("the track that was deleted 1.2 s later to have a later time in its track.deleted",
						fmt.Sprintf("%s, and %s for the one that was deleted first",
							later.Format(time.RFC3339Nano), at.Format(time.RFC3339Nano)))
				}
				return nil
			},
		},
	}
}
