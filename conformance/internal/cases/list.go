package cases

import (
	"context"
	"fmt"
	"slices"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/oracle"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// windows are inside, across and beyond the end of the library of sceneLibrary.
var windows = []oracle.LibraryQuery{
	{},
	{Limit: 100},
	{Limit: 1},
	{Limit: 2},
	{Limit: 3},
	{Limit: 1, Offset: 1},
	{Limit: 2, Offset: 1},
	{Limit: 2, Offset: 2},
	{Limit: 2, Offset: 4},
	{Limit: 1, Offset: 4},
	{Offset: 3},
	{Offset: 5},
	{Offset: 6},
	{Limit: 1, Offset: 5},
	{Limit: 100, Offset: 99},
	{Offset: 100000},
}

func listCases() []suite.Case {
	return []suite.Case{
		{
			Area: listTracks, Slug: "newest-save-first",
			Title:     "A library holds what was saved, newest save first",
			Operation: requirement.ListSavedTracks,
			Requirements: []requirement.ID{
				requirement.ListOwnSaves,
				requirement.ListNewestFirst,
				requirement.ListItems,
			},
			Statuses: []int{200},
			Scene:    sceneLibraries,
			Sends:    "Everyone's lists in both organizations.",
			Expects: "What the caller saved there and nothing else, newest save first, each item as it was " +
				"made and without URLs.",
			Run: func(ctx context.Context, c *suite.Client) error {
				w, err := oracle.Observe(ctx, c)
				if err != nil {
					return err
				}
				return w.VerifyForStrangers(ctx)
			},
		},
		{
			Area: listTracks, Slug: "created-is-not-saved",
			Title:     "A track that its creator did not save is not in its library",
			Operation: requirement.ListSavedTracks,
			Requirements: []requirement.ID{
				requirement.ListOwnSaves,
				requirement.ListNewestFirst,
			},
			Statuses: []int{200},
			Scene:    sceneLibrary,
			Sends:    "The lists of a caller who created tracks without saving them, and saved some of others.",
			Expects:  "What the caller saved, and nothing else.",
			Run: func(ctx context.Context, c *suite.Client) error {
				w := oracle.NewWorldWithoutHistories(ctx, c, c.Scene)
				for _, as := range []string{"listener", "other"} {
					if err := w.VerifyLists(ctx, as, "home", oracle.LibraryQuery{}); err != nil {
						return err
					}
				}
				return w.VerifyLists(ctx, "listener", "abroad", oracle.LibraryQuery{})
			},
		},
		{
			Area: listTracks, Slug: "windows",
			Title:     "limit and offset select a window of the library",
			Operation: requirement.ListSavedTracks,
			Requirements: []requirement.ID{
				requirement.ListWindow,
				requirement.ListBounds,
				requirement.ListDefaults,
			},
			Statuses: []int{200},
			Scene:    sceneLibrary,
			Sends: "Lists with windows inside, across and beyond the end of the library, finally so far " +
				"beyond it that the number does not fit into 32 or 64 bits.",
			Expects: "That part of the library, empty beyond its end, with limit and offset echoed in the " +
				"response; empty or 422 far beyond it.",
			Run: func(ctx context.Context, c *suite.Client) error {
				w := oracle.NewWorldWithoutHistories(ctx, c, c.Scene)
				if err := w.VerifyLists(ctx, "listener", "home", windows...); err != nil {
					return err
				}
				return expectNothings(ctx, w, "listener", "home",
					"offset=2147483648",
					"offset=4294967296",
					"offset=4294967297",
					"offset=9223372036854775807",
					"offset=9223372036854775808",
					"offset=18446744073709551616",
					"offset=18446744073709551617",
					"offset=99999999999999999999999999999999999999999")
			},
		},
		{
			Area: listTracks, Slug: "default-page",
			Title:     "Without a limit a page has 50 tracks",
			Operation: requirement.ListSavedTracks,
			Requirements: []requirement.ID{
				requirement.ListDefaults,
				requirement.ListWindow,
				requirement.ListBounds,
			},
			Statuses: []int{200},
			Scene:    sceneLong,
			Sends: fmt.Sprintf("Lists of a library of %d tracks: plain, from several offsets, and with "+
				"limits up to 100.", longLibrary),
			Expects: "The 50 newest, or the 100 newest with a limit of 100, and the rest after them; no " +
				"gaps and no repeats.",
			Run: oracle.Listed("listener", "home", []oracle.LibraryQuery{
				{},
				{Offset: 1},
				{Offset: 50},
				{Offset: 100},
				{Offset: 102},
				{Offset: 103},
				{Limit: 49},
				{Limit: 50},
				{Limit: 51},
				{Limit: 52, Offset: 1},
				{Limit: 99},
				{Limit: 100},
				{Limit: 100, Offset: 3},
				{Limit: 100, Offset: 100},
				{Limit: 20},
				{Limit: 20, Offset: 20},
				{Limit: 40, Offset: 80},
			}...),
		},
		{
			Area: listTracks, Slug: "filters",
			Title:        "mode and engine keep exactly the tracks with that value",
			Operation:    requirement.ListSavedTracks,
			Requirements: []requirement.ID{requirement.ListFilters},
			Statuses:     []int{200},
			Scene:        sceneLibrary,
			Sends: "Lists by each mode and engine, by both, with percent-encoded values, and by modes and " +
				"engines that only resemble those in use.",
			Expects: "Exactly the tracks with the value, in the same order; none for a value that no track " +
				"has, or 422.",
			Run: func(ctx context.Context, c *suite.Client) error {
				w := oracle.NewWorldWithoutHistories(ctx, c, c.Scene)
				if err := w.VerifyLists(ctx, "listener", "home",
					[]oracle.LibraryQuery{
						{Mode: "creation"},
						{Mode: "focus"},
						{Engine: "studio"},
						{Engine: "studio-live"},
						{Mode: "creation", Engine: "studio"},
						{Mode: "focus", Engine: "studio"},
						{Mode: "creation", Engine: "studio-live"},
						{Mode: "focus", Engine: "studio-live"},
						{Engine: "Studio"},
						{Engine: "stud"},
						{Engine: "studio-"},
						{Engine: "studi_"},
						{Engine: "st%"},
						{Engine: "*"},
						{Engine: "live"},
					}...); err != nil {
					return err
				}
				for _, encoded := range []struct {
					raw  string
					same oracle.LibraryQuery
				}{
					{"engine=%73tudio", oracle.LibraryQuery{Engine: "studio"}},
					{"engine=studio%2Dlive", oracle.LibraryQuery{Engine: "studio-live"}},
					{"mode=%66ocus", oracle.LibraryQuery{Mode: "focus"}},
				} {
					a := oracle.Lists("listener")
					a.Query = encoded.same
					odd, err := w.ObserveWindow(ctx, a, suite.WithQuery(encoded.raw))
					if err != nil {
						return err
					}
					if odd != nil {
						return suite.Fail("the query "+encoded.raw+" to be read as "+encoded.same.String()+": "+odd.Expected,
							odd.Actual, odd.Exchange)
					}
				}
				return expectNothings(ctx, w, "listener", "home",
					"mode=Creation",
					"mode=FOCUS",
					"mode=unknown",
					"mode=creation,focus",
					"mode=creatio",
					"engine=STUDIO",
					"engine=studio%00",
					"engine=studio,studio-live",
					"engine=studio%25")
			},
		},
		{
			Area: listTracks, Slug: "filters-before-window",
			Title:        "Filters apply before limit and offset",
			Operation:    requirement.ListSavedTracks,
			Requirements: []requirement.ID{requirement.ListFiltersBeforeWindow},
			Statuses:     []int{200},
			Scene:        sceneLibrary,
			Sends:        "Lists with a filter and a window.",
			Expects:      "The window of what the filter keeps.",
			Run: oracle.Listed("listener", "home", []oracle.LibraryQuery{
				{Mode: "creation", Limit: 1},
				{Mode: "creation", Limit: 2},
				{Mode: "creation", Limit: 1, Offset: 1},
				{Mode: "creation", Offset: 2},
				{Mode: "creation", Offset: 3},
				{Engine: "studio", Limit: 2},
				{Engine: "studio", Limit: 2, Offset: 1},
				{Engine: "studio-live", Limit: 1},
				{Engine: "studio-live", Limit: 1, Offset: 1},
				{Mode: "focus", Limit: 1, Offset: 1},
				{Mode: "focus", Engine: "studio", Limit: 1},
				{Mode: "creation", Engine: "studio", Limit: 1, Offset: 1},
			}...),
		},
	}
}

// listOrderCases are about libraries that tracks leave.
func listOrderCases() []suite.Case {
	return []suite.Case{
		{
			Area: listTracks, Slug: "order-survives-changes",
			Title:     "A library keeps its order when tracks leave it",
			Operation: requirement.ListSavedTracks,
			Requirements: []requirement.ID{
				requirement.ListNewestFirst,
				requirement.ListWindow,
			},
			Statuses: []int{200},
			Scene:    sceneLibrary,
			Sends: "Deletes and removals from a library; after each the library is listed, plain, filtered " +
				"and windowed.",
			Expects: "What is left, in its order, in every window.",
			Run: func(ctx context.Context, c *suite.Client) error {
				w := oracle.NewWorldWithoutHistories(ctx, c, c.Scene)
				queries := append(slices.Clone(windows[:8]),
					oracle.LibraryQuery{Mode: "creation"},
					oracle.LibraryQuery{Engine: "studio", Limit: 1, Offset: 1},
					oracle.LibraryQuery{Engine: "studio-live"})
				for _, a := range []oracle.Action{
					oracle.Deletes("listener", "h"),
					oracle.Unsaves("listener", "e"),
					oracle.Deletes("other", "a"),
					oracle.Deletes("listener", "b"),
				} {
					if err := w.Perform(ctx, a); err != nil {
						return err
					}
					for _, as := range []string{"listener", "other"} {
						if err := w.VerifyLists(ctx, as, "home", queries...); err != nil {
							return err
						}
					}
				}
				return nil
			},
		},
	}
}
