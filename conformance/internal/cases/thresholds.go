package cases

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/oracle"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// thresholdCases ask for many of what other cases have a few of: savers, tracks, organizations,
// requests at once. What is right for few goes wrong behind a page, a batch or a queue.
func thresholdCases() []suite.Case {
	return []suite.Case{
		{
			Area: deleteTrack, Slug: "crowd-keeps-history",
			Title:     "A track that many callers saved gains one event when it is deleted",
			Operation: requirement.DeleteTrack,
			Requirements: []requirement.ID{
				requirement.HistorySurvives,
				requirement.HistoryGainsOne,
				requirement.HistoryRefusedAddsNothing,
			},
			Statuses: []int{200, 403},
			Needs:    []provision.Feature{provision.FeatureHistory},
			Scene:    sceneCrowd,
			Sends: fmt.Sprintf("Deletes of a track that %d others saved: by two of them, and by its creator.",
				crowdSize),
			Expects: "The events as they were after 403, and one track.deleted more after 200.",
			Run: oracle.HistoryOnly(
				oracle.Deletes("listener-102", "song"),
				oracle.Deletes("listener-21", "song"),
				oracle.Deletes("creator", "song"),
			),
		},
		{
			Area: deleteTrack, Slug: "crowd-is-refused",
			Title:     "Nobody of the many who saved a track may delete it, or loses it by trying",
			Operation: requirement.DeleteTrack,
			Requirements: []requirement.ID{
				requirement.DeleteOnlyCreator,
				requirement.DeleteRefusedChangesNothing,
			},
			Statuses: []int{200, 403},
			Scene:    sceneCrowd,
			Sends: fmt.Sprintf("Deletes of a track that %d others saved, by the first, the last and some "+
				"more of them; their gets and lists; then the creator's delete.", crowdSize),
			Expects: "403, and 200 and lists with the track afterwards.",
			Run: func(ctx context.Context, c *suite.Client) error {
				var actions []oracle.Action
				for _, as := range someOfCrowd {
					actions = append(actions, oracle.Deletes(as, "song"))
				}
				for _, as := range someOfCrowd {
					actions = append(actions, oracle.Gets(as, "song"), oracle.Lists(as))
				}
				return inOrder(ctx, c, append(actions, oracle.Deletes("creator", "song"))...)
			},
		},
		{
			Area: unsaveTrack, Slug: "crowd-unsaves-one-by-one",
			Title:     "A track that many callers saved leaves the libraries of those who unsave it, and no other",
			Operation: requirement.UnsaveTrack,
			Requirements: []requirement.ID{
				requirement.UnsaveLeavesLibrary,
				requirement.UnsaveEndsAccess,
				requirement.UnsaveNothingElse,
			},
			Statuses: []int{200, 404},
			Scene:    sceneCrowd,
			Sends: fmt.Sprintf("Unsaves of a track that %d callers saved, by every second of some of them "+
				"from the first to the last; then the gets and lists of all of those, and further unsaves "+
				"by those who did it.", crowdSize),
			Expects: "404 and lists without the track for those who unsaved it, 200 and lists with it for the others.",
			Run: func(ctx context.Context, c *suite.Client) error {
				var actions, again []oracle.Action
				for i, as := range someOfCrowd {
					if i%2 == 0 {
						actions = append(actions, oracle.Unsaves(as, "song"))
						again = append(again, oracle.Unsaves(as, "song"))
					}
				}
				for _, as := range append(slices.Clone(someOfCrowd), "listener-2", "listener-52") {
					actions = append(actions, oracle.Gets(as, "song"), oracle.Lists(as))
				}
				return inOrder(ctx, c, append(actions, again...)...)
			},
		},
		{
			Area: deleteTrack, Slug: "large-organization",
			Title:     "All operations reach the oldest and the newest of many tracks",
			Operation: requirement.DeleteTrack,
			Requirements: []requirement.ID{
				requirement.DeleteCreatorMay,
				requirement.DeleteOnlyCreator,
				requirement.DeleteGoneForEverybody,
				requirement.DeleteStaysDeleted,
			},
			Statuses: []int{200, 403, 404},
			Scene:    sceneVast,
			Sends: fmt.Sprintf("In an organization of %d tracks: gets and deletes of the oldest, the newest "+
				"and some in between by a caller who saved them, and by their creator.", vastSize),
			Expects: "200, 403 and 200; 404 after the delete.",
			Run: func(ctx context.Context, c *suite.Client) error {
				var actions []oracle.Action
				for _, n := range []int{1, 2, 50, 51, 100, 101, 128, 129, 200, 201, 202, vastSize - 1, vastSize} {
					track := vastNames[n-1]
					actions = append(actions,
						oracle.Gets("listener", track),
						oracle.Gets("creator", track),
						oracle.Deletes("listener", track),
						oracle.Deletes("creator", track),
						oracle.Gets("listener", track),
						oracle.Gets("creator", track),
						oracle.Deletes("creator", track),
					)
				}
				return inOrder(ctx, c, actions...)
			},
		},
		{
			Area: listTracks, Slug: "large-library",
			Title:     "A library of some hundred tracks is listed to its end",
			Operation: requirement.ListSavedTracks,
			Requirements: []requirement.ID{
				requirement.ListWindow,
				requirement.ListNewestFirst,
				requirement.ListOwnSaves,
			},
			Statuses: []int{200},
			Scene:    sceneVast,
			Sends: fmt.Sprintf("All pages of a library of %d tracks, of 100, 64, 50 and 7 tracks, and some "+
				"across its end.", vastSize),
			Expects: "Each track once, newest first; a last page with what is left, and nothing behind it.",
			Run: func(ctx context.Context, c *suite.Client) error {
				var queries []oracle.LibraryQuery
				for _, limit := range []int{100, 64, 50} {
					for offset := 0; offset <= vastSize; offset += limit {
						queries = append(queries, oracle.LibraryQuery{Limit: limit, Offset: offset})
					}
				}
				queries = append(queries,
					oracle.LibraryQuery{Limit: 7, Offset: vastSize - 7},
					oracle.LibraryQuery{Limit: 7, Offset: vastSize - 3},
					oracle.LibraryQuery{Limit: 100, Offset: vastSize - 1},
					oracle.LibraryQuery{Limit: 100, Offset: 199},
					oracle.LibraryQuery{Limit: 3, Offset: 133},
					oracle.LibraryQuery{Limit: 25, Offset: 24},
				)
				var actions []oracle.Action
				for _, q := range queries {
					a := oracle.Lists("listener")
					a.Query = q
					actions = append(actions, a)
				}
				return inOrder(ctx, c, actions...)
			},
		},
		{
			Area: unsaveTrack, Slug: "large-library",
			Title:     "Any track of a library of some hundred can be unsaved",
			Operation: requirement.UnsaveTrack,
			Requirements: []requirement.ID{
				requirement.UnsaveLeavesLibrary,
				requirement.UnsaveEndsAccess,
				requirement.UnsaveNothingElse,
			},
			Statuses: []int{200, 404},
			Scene:    sceneVast,
			Sends: fmt.Sprintf("A saver's unsaves of the oldest, the newest and some more of %d tracks; "+
				"after each the pages from which it goes.", vastSize),
			Expects: "200, then 404 for the track, and what is left on each page.",
			Run: func(ctx context.Context, c *suite.Client) error {
				var actions []oracle.Action
				for _, n := range []int{vastSize, 1, 50, 201, 128} {
					track := vastNames[n-1]
					actions = append(actions, oracle.Unsaves("listener", track), oracle.Gets("listener", track),
						oracle.Gets("creator", track), oracle.Unsaves("listener", track))
					for _, offset := range []int{0, vastSize - 100, max(0, vastSize-n-10)} {
						a := oracle.Lists("listener")
						a.Query = oracle.LibraryQuery{Limit: 100, Offset: offset}
						actions = append(actions, a)
					}
				}
				return inOrder(ctx, c, actions...)
			},
		},
		{
			Area: deleteTrack, Slug: "several-organizations",
			Title:     "Callers who belong to three and four organizations are members of each, and of no other",
			Operation: requirement.DeleteTrack,
			Requirements: []requirement.ID{
				requirement.AccessMembersOnly,
				requirement.AccessTrackInOrganization,
				requirement.DeleteNothingElse,
			},
			Statuses: []int{200, 403, 404},
			Scene:    sceneSeveral,
			Sends: "In each of four organizations: deletes by callers who belong to one, three and four of " +
				"them, of tracks that they saved and created; everything is read before and after.",
			Expects: "403 and 200 where the caller belongs, 404 elsewhere, and no other change.",
			Run: func(ctx context.Context, c *suite.Client) error {
				w, err := oracle.Observe(ctx, c)
				if err != nil {
					return err
				}
				for _, organization := range severalNames {
					for _, as := range []string{"one", "three", "four"} {
						a := oracle.Deletes(as, "by-four-"+organization).In(organization)
						if err := w.Perform(ctx, a); err != nil {
							return err
						}
					}
					if err := w.Perform(ctx, oracle.Deletes("three", "by-three-"+organization).In(organization)); err != nil {
						return err
					}
				}
				return w.VerifyForStrangers(ctx)
			},
		},
		{
			Area: concurrency, Slug: "many-deletes-at-once",
			Title:     "Many deletes at once all take effect and all are recorded",
			Operation: requirement.DeleteTrack,
			Requirements: []requirement.ID{
				requirement.DeleteLinearizable,
				requirement.DeleteLeavesEveryLibrary,
				requirement.HistoryGainsOne,
				requirement.InputLoad,
			},
			Statuses: []int{200},
			Scene:    sceneRaces,
			Sends:    "The creator's deletes of all 32 tracks at the same instant.",
			Expects:  "200 with the right id for each; then each is gone for everyone, and has its event.",
			Run: func(ctx context.Context, c *suite.Client) error {
				w, err := oracle.NewWorld(ctx, c, c.Scene)
				if err != nil {
					return err
				}
				var actions []oracle.Action
				for _, track := range raceNames {
					actions = append(actions, oracle.Deletes("creator", track))
				}
				r := &oracle.Race{World: w, Start: time.Now()}
				if _, err := r.Run(ctx, actions, func(oracle.Action) []int { return []int{200} }); err != nil {
					return err
				}
				for _, a := range actions {
					w.Apply(a)
				}
				if c.Has(provision.FeatureHistory) {
					if err := w.VerifyHistories(ctx); err != nil {
						return err
					}
				}
				var again []oracle.Action
				for _, track := range raceNames {
					again = append(again, oracle.Gets("saver", track), oracle.Deletes("creator", track))
				}
				return judgeAfter(ctx, r, serving(ctx, c, append(again, oracle.Lists("saver"), oracle.Lists("creator"))...)...)
			},
		},
	}
}

// inOrder carries out those actions that the target serves, and judges each by the model.
func inOrder(ctx context.Context, c *suite.Client, actions ...oracle.Action) error {
	model := oracle.NewModel(c.Scene.Request)
	for _, a := range serving(ctx, c, actions...) {
		x, err := c.Do(ctx, oracle.RequestOf(c.Scene, a))
		if err != nil {
			return err
		}
		if err := judgeAlone(c.Scene, model.Apply(a), a, x); err != nil {
			return err
		}
	}
	return nil
}
