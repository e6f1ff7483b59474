package conformance

import (
	"context"
	"fmt"
	"time"
)

func historyCases() []Case {
	return []Case{
		{
			ID: "delete-track/history-survives", Title: "The history of a deleted track survives and gains one event",
			Operation: DeleteTrack, Requirements: []string{"history.survives", "history.gains-one"}, Statuses: []int{200}, Needs: []Feature{FeatureHistory},
			Scene:   sceneStandard,
			Sends:   "The creator's delete.",
			Expects: "All events as they were, and one track.deleted behind them, by the creator and of now; the histories of all other tracks as they were.",
			Run:     historiesOnly(removal("creator", "song")),
		},
		{
			ID: "delete-track/history-of-many", Title: "Each of many deletes is in the history of its own track",
			Operation: DeleteTrack, Requirements: []string{"history.survives", "history.gains-one"}, Statuses: []int{200}, Needs: []Feature{FeatureHistory},
			Scene:   sceneLibraries,
			Sends:   "The deletes, quickly one after another, of tracks of several creators: saved by many, by the creator alone and by nobody.",
			Expects: "One track.deleted in each one's history, by its creator, and no other change.",
			Run: historiesOnly(removal("creator", "unsaved"), removal("creator", "song"), removal("first", "oldest"), removal("second", "next"),
				action{operation: DeleteTrack, as: "creator", organization: "abroad", track: "away"}, removal("creator", "twin")),
		},
		{
			ID: "delete-track/history-of-refused", Title: "Refused deletes are in no history",
			Operation: DeleteTrack, Requirements: []string{"history.refused-adds-nothing"}, Statuses: []int{401, 403, 404}, Needs: []Feature{FeatureHistory},
			Scene:   sceneStandard,
			Sends:   "Deletes without a key, with an unknown one, by a saver, a member and an outsider.",
			Expects: "Every history as it was.",
			Run:     repelled(refusedDeletes),
		},
		{
			ID: "delete-track/history-of-repeats", Title: "Repeated deletes are in the history once",
			Operation: DeleteTrack, Requirements: []string{"history.refused-adds-nothing", "history.gains-one"}, Statuses: []int{200, 404}, Needs: []Feature{FeatureHistory},
			Scene:   sceneStandard,
			Sends:   "The creator's delete three times, and a saver's, a member's and an outsider's.",
			Expects: "One track.deleted, the first one's, unchanged by the others.",
			Run: historiesOnly(removal("creator", "song"), removal("creator", "song"), removal("saver", "song"),
				removal("creator", "song"), removal("member", "song"), removal("outsider", "song")),
		},
		{
			ID: "delete-track/history-stays", Title: "The history of a deleted track stays as it is",
			Operation: DeleteTrack, Requirements: []string{"history.survives", "history.gains-one"}, Statuses: []int{200}, Needs: []Feature{FeatureHistory}, Slow: true,
			Scene:   sceneStandard,
			Sends:   "The creator's delete; then the histories are read at once, and again after some 0.7 seconds.",
			Expects: "The same both times: everything from before, and one track.deleted.",
			Run: func(ctx context.Context, c *Client) error {
				w, err := newWorld(ctx, c, c.Scene)
				if err != nil {
					return err
				}
				if err := w.do(ctx, removal("creator", "song")); err != nil {
					return err
				}
				if err := w.holdsInHistory(ctx); err != nil {
					return err
				}
				if err := pause(ctx, later); err != nil {
					return err
				}
				return w.holdsInHistory(ctx)
			},
		},
		{
			ID: "delete-track/history-tells-when", Title: "The history tells when a track was deleted",
			Operation: DeleteTrack, Requirements: []string{"history.gains-one"}, Statuses: []int{200}, Needs: []Feature{FeatureHistory}, Slow: true,
			Scene:   sceneStandard,
			Sends:   "The creator's delete of one track, and after some 1.2 seconds of another.",
			Expects: "A later time in the second one's track.deleted than in the first one's.",
			Run: func(ctx context.Context, c *Client) error {
				w, err := newWorld(ctx, c, c.Scene)
				if err != nil {
					return err
				}
				if err := w.do(ctx, removal("creator", "before")); err != nil {
					return err
				}
				if err := pause(ctx, 1200*time.Millisecond); err != nil {
					return err
				}
				if err := w.do(ctx, removal("creator", "song")); err != nil {
					return err
				}
				if err := w.holdsInHistory(ctx); err != nil {
					return err
				}
				first, second := w.events["before"], w.events["song"]
				if at, later := first[len(first)-1].At, second[len(second)-1].At; !later.After(at) {
					return Fail("the track that was deleted 1.2 s later to have a later time in its track.deleted",
						fmt.Sprintf("%s, and %s for the one that was deleted first", later.Format(time.RFC3339Nano), at.Format(time.RFC3339Nano)))
				}
				return nil
			},
		},
	}
}
