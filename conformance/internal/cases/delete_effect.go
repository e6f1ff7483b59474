package cases

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/oracle"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

func effectCases() []suite.Case {
	return []suite.Case{
		{
			Area: deleteTrack, Slug: "leaves-every-library",
			Title:     "A deleted track is at once in no library, whatever the filter and the window",
			Operation: requirement.DeleteTrack,
			Requirements: []requirement.ID{
				requirement.DeleteLeavesEveryLibrary,
				requirement.DeleteNothingElse,
			},
			Statuses: []int{200},
			Scene:    sceneLibraries,
			Sends: "The creator's delete of a track that everyone saved; before and after it everyone's " +
				"lists, plain, filtered and windowed.",
			Expects: "Every list without the track, and otherwise in the same order.",
			Run: func(ctx context.Context, c *suite.Client) error {
				if !c.Serves(ctx, requirement.ListSavedTracks) {
					return suite.Skip("the target does not serve listSavedTracks, by which libraries are seen")
				}
				w, err := oracle.Observe(ctx, c)
				if err != nil {
					return err
				}
				if err := w.VerifyAllWindows(ctx); err != nil {
					return err
				}
				if err := w.Perform(ctx, oracle.Deletes("creator", "song")); err != nil {
					return err
				}
				if err := w.VerifyAllWindows(ctx); err != nil {
					return err
				}
				return w.Verify(ctx)
			},
		},
		{
			Area: deleteTrack, Slug: "gone-for-everybody",
			Title:        "A deleted track is at once 404 for its creator, its savers and everyone else",
			Operation:    requirement.DeleteTrack,
			Requirements: []requirement.ID{requirement.DeleteGoneForEverybody},
			Statuses:     []int{404},
			Scene:        sceneLibraries,
			Sends: "Deletes of three tracks; after each, deletes, gets and removals by everyone, beginning " +
				"with a different operation each time.",
			Expects: "404 for each, and everything as it was after the deletes.",
			Run: func(ctx context.Context, c *suite.Client) error {
				w, err := oracle.Observe(ctx, c)
				if err != nil {
					return err
				}
				// A late effect shows in the requests that come first, and may be over by the last.
				for _, deletion := range []struct {
					oracle.Action
					then []requirement.Operation
				}{
					{
						oracle.Deletes("creator", "song"),
						[]requirement.Operation{requirement.GetTrack, requirement.UnsaveTrack, requirement.DeleteTrack},
					},
					{
						oracle.Deletes("creator", "twin"),
						[]requirement.Operation{requirement.UnsaveTrack, requirement.DeleteTrack, requirement.GetTrack},
					},
					{
						oracle.Deletes("second", "next"),
						[]requirement.Operation{requirement.DeleteTrack, requirement.GetTrack, requirement.UnsaveTrack},
					},
				} {
					if err := w.Perform(ctx, deletion.Action); err != nil {
						return err
					}
					for _, o := range deletion.then {
						if !c.Serves(ctx, o) {
							continue
						}
						for _, u := range c.Scene.Request.Users {
							if err := w.Perform(ctx, oracle.Does(u.Name, o, deletion.Track)); err != nil {
								return err
							}
						}
					}
				}
				return w.Verify(ctx)
			},
		},
		{
			Area: deleteTrack, Slug: "repeat-gets-404",
			Title:     "Deleting a deleted track gets 404, however often it is repeated",
			Operation: requirement.DeleteTrack,
			Requirements: []requirement.ID{
				requirement.DeleteRepeatIs404,
				requirement.DeleteStaysDeleted,
			},
			Statuses: []int{404},
			Scene:    sceneStandard,
			Sends: "The creator's delete five times, a saver's in between, and finally a member's and an " +
				"outsider's.",
			Expects: "200 once, then 404 for everyone, and everything as it was after the first.",
			Run: func(ctx context.Context, c *suite.Client) error {
				w, err := oracle.Observe(ctx, c)
				if err != nil {
					return err
				}
				for _, as := range []string{
					"creator",
					"creator",
					"saver",
					"creator",
					"creator",
					"saver",
					"creator",
					"member",
					"outsider",
				} {
					if err := w.Perform(ctx, oracle.Deletes(as, "song")); err != nil {
						return err
					}
				}
				return w.Verify(ctx)
			},
		},
		{
			Area: deleteTrack, Slug: "repeat-later-gets-404",
			Title:     "A delete that is repeated after a while gets 404 too",
			Operation: requirement.DeleteTrack,
			Requirements: []requirement.ID{
				requirement.DeleteRepeatIs404,
				requirement.DeleteStaysDeleted,
			},
			Statuses: []int{404},
			Slow:     true,
			Scene:    sceneStandard,
			Sends:    "The creator's delete, the same after about 0.7 seconds, and a saver's.",
			Expects:  "200, then 404 and 404, and everything as it was after the first.",
			Run: func(ctx context.Context, c *suite.Client) error {
				w, err := oracle.Observe(ctx, c)
				if err != nil {
					return err
				}
				if err := w.Perform(ctx, oracle.Deletes("creator", "song")); err != nil {
					return err
				}
				if err := oracle.Pause(ctx, oracle.Later); err != nil {
					return err
				}
				for _, as := range []string{"creator", "saver", "creator"} {
					if err := w.Perform(ctx, oracle.Deletes(as, "song")); err != nil {
						return err
					}
				}
				return w.Verify(ctx)
			},
		},
		{
			Area: deleteTrack, Slug: "nothing-else-each-time",
			Title:     "Each of many deletes removes exactly one track",
			Operation: requirement.DeleteTrack,
			Requirements: []requirement.ID{
				requirement.DeleteNothingElse,
				requirement.DeleteLeavesEveryLibrary,
			},
			Statuses: []int{200},
			Scene:    sceneLibraries,
			Sends: "The deletes of tracks of several creators in two organizations, one after another: " +
				"with and without title, saved and not.",
			Expects: "After each, that one track is gone and all others are in their places.",
			Run: oracle.Succeeds(
				oracle.Deletes("first", "oldest"),
				oracle.Deletes("creator", "twin"),
				oracle.Deletes("second", "next"),
				oracle.Deletes("creator", "unsaved"),
				oracle.Deletes("creator", "away").In("abroad"),
				oracle.Deletes("creator", "song"),
			),
		},
		{
			Area: deleteTrack, Slug: "untitled-neighbours-stay",
			Title:        "Deleting one of many tracks that look alike leaves the others",
			Operation:    requirement.DeleteTrack,
			Requirements: []requirement.ID{requirement.DeleteNothingElse},
			Statuses:     []int{200},
			Scene:        sceneCatalogue,
			Sends: "The deletes of the fourth, the first, the last and the third of eight tracks without " +
				"titles, of one creator, saved by the same.",
			Expects: "After each, that one track is gone and all others are in their places.",
			Run: oracle.Succeeds(
				oracle.Deletes("creator", "four"),
				oracle.Deletes("creator", "one"),
				oracle.Deletes("creator", "eight"),
				oracle.Deletes("creator", "three"),
			),
		},
		{
			Area: deleteTrack, Slug: "last-track-of-all",
			Title:        "Libraries are empty after their last track was deleted",
			Operation:    requirement.DeleteTrack,
			Requirements: []requirement.ID{requirement.DeleteLeavesEveryLibrary},
			Statuses:     []int{200},
			Scene:        sceneCatalogue,
			Sends:        "The deletes of all eight tracks of an organization, in mixed order.",
			Expects:      "Each 200, and empty libraries.",
			Run: func(ctx context.Context, c *suite.Client) error {
				w, err := oracle.Observe(ctx, c)
				if err != nil {
					return err
				}
				for _, i := range c.Rand().Perm(len(catalogueNames)) {
					if err := w.Perform(ctx, oracle.Deletes("creator", catalogueNames[i])); err != nil {
						return err
					}
				}
				return w.Verify(ctx)
			},
		},
		{
			Area: deleteTrack, Slug: "leaves-many-libraries",
			Title:     "A track that many callers saved is at once in no library",
			Operation: requirement.DeleteTrack,
			Requirements: []requirement.ID{
				requirement.DeleteLeavesEveryLibrary,
				requirement.DeleteGoneForEverybody,
				requirement.DeleteNothingElse,
			},
			Statuses: []int{200},
			Scene:    sceneCrowd,
			Sends: fmt.Sprintf("Lists by all of %d who saved a track, gets and deletes by the first, the last and some more "+
				"of them; then its creator's delete, and the same again.", crowdSize),
			Expects: "200 and 403 before, 404 afterwards; every list without the track and with the other one.",
			Run: func(ctx context.Context, c *suite.Client) error {
				w := oracle.NewWorldWithoutHistories(ctx, c, c.Scene)
				some := []string{"creator"}
				for _, n := range []int{1, 2, 20, 21, 25, 26, 50, 51, 64, 65, 99, 100, 101, 102} {
					some = append(some, crowdNames()[n-1])
				}
				each := func(o requirement.Operation, as ...string) error {
					for _, name := range as {
						if !c.Serves(ctx, o) {
							continue
						}
						a := oracle.Does(name, o, "song")
						if o == requirement.ListSavedTracks {
							a.Track = ""
						}
						if err := w.Perform(ctx, a); err != nil {
							return err
						}
					}
					return nil
				}
				everybody := append([]string{"creator"}, crowdNames()...)
				read := func() error {
					for _, name := range slices.Backward(everybody) {
						if !c.Serves(ctx, requirement.ListSavedTracks) {
							break
						}
						if err := w.VerifyLists(ctx, name, "home", oracle.LibraryQuery{}); err != nil {
							return err
						}
					}
					return each(requirement.GetTrack, some...)
				}
				if err := errors.Join(read(), each(requirement.DeleteTrack, some[1:]...)); err != nil {
					return err
				}
				if err := w.Perform(ctx, oracle.Deletes("creator", "song")); err != nil {
					return err
				}
				return errors.Join(read(), each(requirement.DeleteTrack, some...))
			},
		},
		{
			Area: deleteTrack, Slug: "leaves-long-library",
			Title:     "A track leaves a long library, wherever its place is",
			Operation: requirement.DeleteTrack,
			Requirements: []requirement.ID{
				requirement.DeleteLeavesEveryLibrary,
				requirement.DeleteNothingElse,
			},
			Statuses: []int{200},
			Scene:    sceneLong,
			Sends: fmt.Sprintf("A saver's and the creator's deletes of the oldest, the newest and two more "+
				"of %d tracks; after each all pages of the saver's library.", longLibrary),
			Expects: "403 for the saver; what is left, in its order, on every page.",
			Run: func(ctx context.Context, c *suite.Client) error {
				if !c.Serves(ctx, requirement.ListSavedTracks) {
					return suite.Skip("the target does not serve listSavedTracks, by which libraries are seen")
				}
				w := oracle.NewWorldWithoutHistories(ctx, c, c.Scene)
				pages := []oracle.LibraryQuery{
					{},
					{Limit: 100},
					{Limit: 100, Offset: 50},
					{Offset: 50},
					{Offset: 100},
					{Limit: 20},
					{Limit: 20, Offset: 80},
					{Limit: 1, Offset: 98},
				}
				names := c.Scene.Request.Tracks
				for _, i := range []int{0, longLibrary - 1, longLibrary / 2, 2} {
					// The listener has access by saving it, however long ago that was.
					if err := w.Perform(ctx, oracle.Deletes("listener", names[i].Name)); err != nil {
						return err
					}
					if err := w.Perform(ctx, oracle.Deletes("creator", names[i].Name)); err != nil {
						return err
					}
					if err := w.VerifyLists(ctx, "listener", "home", pages...); err != nil {
						return err
					}
				}
				return nil
			},
		},
	}
}
