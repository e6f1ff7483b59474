package cases

import (
	"context"
	"slices"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/oracle"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// formsOfReading are ways to ask for the same. A cache may keep the response to each by itself.
var formsOfReading = []suite.RequestOption{
	func(*wire.Request) {},
	suite.WithBearer(),
	suite.WithHeader("Accept", "application/json"),
	suite.WithHeader("Accept", "application/json; charset=utf-8, */*;q=0.5"),
	suite.WithHeader("Accept", "text/html, application/json;q=0.9, */*;q=0.8"),
	suite.WithHeader("Accept", "application/*"),
	suite.WithHeader("Accept-Encoding", "gzip"),
	suite.WithHeader("Accept-Encoding", "br, gzip;q=0.8"),
	suite.WithHeader("Accept-Language", "de-CH, de;q=0.9"),
	suite.WithHeader("Origin", "https://app.example.com"),
	suite.WithHeader("User-Agent", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)"),
	suite.WithHeader("Cache-Control", "max-age=60"),
	suite.WithHeader("X-Requested-With", "XMLHttpRequest"),
}

// formOfGets is a further form, which a server may refuse for lists: a query that nobody knows.
var formOfGets = suite.WithQuery("v=2")

// formsCase is about caches with an entry for each form of a request, not all of which a change
// removes.
func formsCase() suite.Case {
	return suite.Case{
		Area: deleteTrack, Slug: "no-form-of-reading-outlives-delete",
		Title:     "What was read in one form or another before a delete or an unsave is gone in all of them",
		Operation: requirement.DeleteTrack,
		Requirements: []requirement.ID{
			requirement.DeleteGoneForEverybody,
			requirement.DeleteLeavesEveryLibrary,
			requirement.DeleteStaysDeleted,
		},
		Statuses: []int{200, 404},
		Scene:    sceneStandard,
		Sends: "Gets and lists by the creator and a saver with several values of Accept, Accept-Encoding, Accept-Language, " +
			"Origin, User-Agent and more, with the key in either header, and gets with an unknown query; then the saver's " +
			"unsave of one track and the creator's delete of another, each followed by the same gets and lists.",
		Expects: "Each time what is true by then, in every form: 404, and lists without the track.",
		Run: func(ctx context.Context, c *suite.Client) error {
			w := oracle.NewWorldWithoutHistories(ctx, c, c.Scene)
			readers := []string{"creator", "saver"}
			read := func(tracks ...string) error {
				for _, as := range readers {
					for _, form := range formsOfReading {
						if err := getsInForm(ctx, w, as, form, tracks); err != nil {
							return err
						}
						if err := listsInForm(ctx, w, as, form); err != nil {
							return err
						}
					}
					if err := getsInForm(ctx, w, as, formOfGets, tracks); err != nil {
						return err
					}
				}
				return nil
			}
			if err := read("song", "before"); err != nil {
				return err
			}
			for _, change := range serving(ctx, c, oracle.Unsaves("saver", "before"), oracle.Deletes("creator", "song")) {
				if err := w.Perform(ctx, change); err != nil {
					return err
				}
				if err := read(change.Track); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// getsInForm gets tracks as a user in one form, and judges the responses by the model.
func getsInForm(ctx context.Context, w *oracle.World, as string, form suite.RequestOption, tracks []string) error {
	for _, track := range tracks {
		for _, gets := range serving(ctx, w.Client, oracle.Gets(as, track)) {
			if err := w.Perform(ctx, gets, form); err != nil {
				return err
			}
		}
	}
	return nil
}

// listsInForm lists the library of a user in one form, and judges the response by the model.
func listsInForm(ctx context.Context, w *oracle.World, as string, form suite.RequestOption) error {
	for _, lists := range serving(ctx, w.Client, oracle.Lists(as)) {
		found, err := w.ObserveWindow(ctx, lists, form)
		if err != nil {
			return err
		}
		if found != nil {
			return suite.Fail(found.Expected, found.Actual, found.Exchange)
		}
	}
	return nil
}

// windowsApart are windows and filters that become the same where their values are joined without
// anything in between, or where one that is missing is written as a word. Each stands beside those
// that it might be taken for.
var windowsApart = []oracle.LibraryQuery{
	{Limit: 1, Offset: 10},
	{Limit: 11},
	{Limit: 1, Offset: 1},
	{Limit: 11, Offset: 1},
	{Limit: 1, Offset: 11},
	{Limit: 10, Offset: 1},
	{Limit: 10, Offset: 12},
	{Limit: 1, Offset: 12},
	{Limit: 2, Offset: 21},
	{Limit: 22, Offset: 1},
	{Offset: 5},
	{Limit: 5, Offset: 50},
	{Limit: 55},
	{Limit: 10},
	{},
	{Mode: "focus"},
	{Engine: "focus"},
	{Engine: "null"},
	{Engine: "undefined"},
	{Engine: "creation"},
	{Mode: "creation"},
	{Mode: "creation", Engine: "studio"},
	{Engine: "creationstudio"},
	{Engine: "studio"},
	{Engine: "studio0"},
	{Engine: "studio", Limit: 1},
	{Engine: "studio1"},
	{Engine: "Studio"},
	{Engine: "studio", Limit: 1, Offset: 2},
	{Engine: "studio", Limit: 12},
}

// windowsApartCase is about caches of pages.
func windowsApartCase() suite.Case {
	return suite.Case{
		Area: listTracks, Slug: "windows-are-kept-apart",
		Title:     "A list is that of its own window and filters, whichever were asked for before",
		Operation: requirement.ListSavedTracks,
		Requirements: []requirement.ID{
			requirement.ListWindow,
			requirement.ListFilters,
		},
		Statuses: []int{200},
		Scene:    sceneLong,
		Sends: "Lists with limits, offsets and filters that look alike when they are written one after the other, such as " +
			"limit=1&offset=10 and limit=11&offset=0; some of them once more in the opposite order.",
		Expects: "The window and the filters that each asks for.",
		Run: func(ctx context.Context, c *suite.Client) error {
			w := oracle.NewWorldWithoutHistories(ctx, c, c.Scene)
			backwards := slices.Clone(windowsApart[:10])
			slices.Reverse(backwards)
			return w.VerifyLists(ctx, "listener", "home", slices.Concat(windowsApart, backwards)...)
		},
	}
}
