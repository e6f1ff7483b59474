package cases

import (
	"context"
	"fmt"
	"slices"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/expect"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/oracle"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// expectNothing is for what nothing in a library can match or reach: an empty page, or 422 where a
// target minds the value.
func expectNothing(x *wire.Exchange) error {
	if x.Status == 422 {
		return expect.Error(x, 422)
	}
	page, err := expect.Page(x)
	if err == nil && len(page.Items) > 0 {
		return suite.Fail("an empty page, or 422", fmt.Sprintf("%s with %d items", expect.Describe(x), len(page.Items)), x)
	}
	return err
}

// badWindows are outside their range, or no numbers by anybody's reading.
var badWindows = []string{
	"limit=0",
	"limit=-1",
	"limit=101",
	"limit=1000",
	"limit=1000000",
	"limit=abc",
	"limit=1.5",
	"limit=ten",
	"limit=10abc",
	"limit=0x10",
	"limit=null",
	"limit=4294967297",
	"limit=18446744073709551617",
	"offset=-1",
	"offset=-100",
	"offset=abc",
	"offset=1.5",
	"limit=0&offset=0",
	"limit=101&offset=1",
	"limit=10&offset=-1",
	"limit=99999999999999999999",
	"offset=-99999999999999999999",
}

func listCases() []suite.Case {
	windows := []oracle.LibraryQuery{
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
				w, err := oracle.NewWorld(ctx, c, c.Scene)
				if err != nil {
					return err
				}
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
				w, err := oracle.NewWorld(ctx, c, c.Scene)
				if err != nil {
					return err
				}
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
				w, err := oracle.NewWorld(ctx, c, c.Scene)
				if err != nil {
					return err
				}
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
		{
			Area: listTracks, Slug: "bad-window-gets-422",
			Title:     "A window outside its range gets 422",
			Operation: requirement.ListSavedTracks,
			Requirements: []requirement.ID{
				requirement.ListBadWindowIs422,
				requirement.ListChangesNothing,
			},
			Statuses: []int{422},
			Scene:    sceneStandard,
			Sends: "A member's lists with limits and offsets that are too small, too large, or not whole " +
				"numbers; and some of them by an outsider.",
			Expects: "422 VALIDATION_ERROR for each, 404 or 422 for the outsider, and everything as it was.",
			Run: oracle.RefusesAll(func(s *provision.Scene) []oracle.Refusal {
				var attacks []oracle.Refusal
				for _, query := range badWindows {
					r := oracle.RequestOf(s, oracle.Lists("creator"), suite.WithQuery(query))
					attacks = append(attacks, refused("a list with "+query, 422, r))
				}
				return append(attacks, badWindowsOfOutsiders(s, expectOutside)...)
			}),
		},
		{
			Area: listTracks, Slug: "outsider-with-bad-window-gets-404",
			Title:        "An outsider's bad window gets 404, not 422",
			Operation:    requirement.ListSavedTracks,
			Requirements: []requirement.ID{requirement.ListMembershipBeforeWindow},
			Statuses:     []int{404},
			Scene:        sceneStandard,
			Sends: "Lists with bad limits and offsets by an outsider, and of an organization that does not " +
				"exist.",
			Expects: "404 for each.",
			Run: oracle.RefusesAll(func(s *provision.Scene) []oracle.Refusal {
				return badWindowsOfOutsiders(s, oracle.WantError(404))
			}),
		},
		{
			Area: listTracks, Slug: "odd-queries-are-borne",
			Title:        "Undocumented queries are tolerated",
			Operation:    requirement.ListSavedTracks,
			Requirements: []requirement.ID{requirement.ListChangesNothing},
			Statuses:     []int{200},
			Scene:        sceneStandard,
			Sends:        "Lists with unknown, repeated, empty and broken query parameters.",
			Expects:      "No 5xx and no redirect, and everything as it was.",
			Run: oracle.RefusesAll(func(s *provision.Scene) []oracle.Refusal {
				var attacks []oracle.Refusal
				for _, query := range []string{
					"limit=1&limit=2",
					"limit=",
					"offset=",
					"limit=%2B5",
					"limit=007",
					"limit=1.0",
					"mode=bogus",
					"mode=",
					"engine=",
					"collection_id=mcoll_none",
					"unknown=1",
					"limit=%zz",
					"limit=1;offset=1",
					"%00=%00",
					"engine=%FF",
					"engine=" + longID(1500),
					"_method=DELETE",
					"limit[]=5",
					"offset[]=1",
					"mode[]=focus",
					"engine[]=x",
					"engine[a]=b",
					"mode[$ne]=x",
					"engine[$gt]=",
					"engine=a&engine=b",
					"mode=focus&mode=creation",
					"offset=1&offset=2",
					"limit=%D9%A5",
					"limit=%EF%BC%95",
					"limit=5%00",
					"limit=1e1",
					"limit=+5",
					"offset=-0",
					"engine='%22%3C",
				} {
					r := oracle.RequestOf(s, oracle.Lists("creator"), suite.WithQuery(query), suite.WithoutContract())
					attacks = append(attacks, oracle.Refusal{Name: "a list with " + query, Request: r, Expect: expectHarmless})
				}
				return attacks
			}),
		},
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
				w, err := oracle.NewWorld(ctx, c, c.Scene)
				if err != nil {
					return err
				}
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

// badWindowsOfOutsiders are lists that are wrong in two ways.
func badWindowsOfOutsiders(s *provision.Scene, want func(*wire.Exchange) error) []oracle.Refusal {
	var attacks []oracle.Refusal
	for _, query := range []string{"limit=0", "limit=abc", "offset=-1"} {
		outsiders := oracle.RequestOf(s, oracle.Lists("outsider"), suite.WithQuery(query))
		unknown := oracle.NewRequest(requirement.ListSavedTracks, s.User("creator"), s.Organization("home")+"x", "",
			suite.WithQuery(query))
		attacks = append(attacks,
			oracle.Refusal{Name: "an outsider's list with " + query, Request: outsiders, Expect: want},
			oracle.Refusal{Name: "a list of an unknown organization with " + query, Request: unknown, Expect: want})
	}
	return attacks
}

// expectOutside is for a request of an outsider that is also not valid: which of the two is told
// first is the target's choice.
func expectOutside(x *wire.Exchange) error {
	if x.Status == 422 {
		return expect.Error(x, 422)
	}
	return expect.Error(x, 404)
}

// expectHarmless bears any answer but a fault of the server and a redirect.
func expectHarmless(x *wire.Exchange) error {
	if x.Status >= 500 || x.Status >= 300 && x.Status < 400 {
		return suite.Fail("no 5xx and no redirect", expect.Describe(x), x)
	}
	return nil
}

// expectNothings lists with raw queries, each of which nothing matches.
func expectNothings(ctx context.Context, w *oracle.World, as, organization string, queries ...string) error {
	for _, query := range queries {
		r := oracle.RequestOf(w.Scene, oracle.Lists(as).In(organization), suite.WithQuery(query), suite.WithoutContract())
		if _, err := w.Send(ctx, oracle.Refusal{
			Name:    "a list with " + query,
			Request: r,
			Expect:  expectNothing,
		}); err != nil {
			return err
		}
	}
	return nil
}
