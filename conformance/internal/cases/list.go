package conformance

import (
	"context"
	"fmt"
	"slices"
)

// expectNothing is for what nothing in a library can match or reach: an empty page, or 422 where a target minds the value.
func expectNothing(x *Exchange) error {
	if x.Status == 422 {
		return expectError(x, 422)
	}
	page, err := expectPage(x)
	if err == nil && len(page.Items) > 0 {
		return Fail("an empty page, or 422", fmt.Sprintf("%s with %d items", got(x), len(page.Items)), x)
	}
	return err
}

// badWindows are outside their range, or no numbers by anybody's reading.
var badWindows = []string{
	"limit=0", "limit=-1", "limit=101", "limit=1000", "limit=1000000", "limit=abc", "limit=1.5", "limit=ten", "limit=10abc", "limit=0x10", "limit=null",
	"limit=4294967297", "limit=18446744073709551617",
	"offset=-1", "offset=-100", "offset=abc", "offset=1.5", "limit=0&offset=0", "limit=101&offset=1", "limit=10&offset=-1",
	"limit=99999999999999999999", "offset=-99999999999999999999",
}

func listCases() []Case {
	windows := []libraryQuery{
		{}, {limit: 100}, {limit: 1}, {limit: 2}, {limit: 3}, {limit: 1, offset: 1}, {limit: 2, offset: 1}, {limit: 2, offset: 2},
		{limit: 2, offset: 4}, {limit: 1, offset: 4}, {offset: 3}, {offset: 5}, {offset: 6}, {limit: 1, offset: 5}, {limit: 100, offset: 99}, {offset: 100000},
	}
	return []Case{
		{
			ID: "list-tracks/newest-save-first", Title: "A library is what was saved, newest save first",
			Operation: ListSavedTracks, Requirements: []string{"list.own-saves", "list.newest-first", "list.items"}, Statuses: []int{200},
			Scene:   sceneLibraries,
			Sends:   "The lists of everybody, in both organizations.",
			Expects: "What each saved there and nothing else, newest save first, each item as it was made and without URLs.",
			Run: func(ctx context.Context, c *Client) error {
				w, err := observe(ctx, c)
				if err != nil {
					return err
				}
				return w.holdsForStrangers(ctx)
			},
		},
		{
			ID: "list-tracks/created-is-not-saved", Title: "A track that its creator did not save is not in its library",
			Operation: ListSavedTracks, Requirements: []string{"list.own-saves", "list.newest-first"}, Statuses: []int{200},
			Scene:   sceneLibrary,
			Sends:   "The lists of one who created tracks without saving them and saved some of others.",
			Expects: "What it saved.",
			Run: func(ctx context.Context, c *Client) error {
				w, err := newWorld(ctx, c, c.Scene)
				if err != nil {
					return err
				}
				for _, as := range []string{"listener", "other"} {
					if err := w.expectLists(ctx, as, "home", libraryQuery{}); err != nil {
						return err
					}
				}
				return w.expectLists(ctx, "listener", "abroad", libraryQuery{})
			},
		},
		{
			ID: "list-tracks/windows", Title: "limit and offset cut a window out of the library",
			Operation: ListSavedTracks, Requirements: []string{"list.window", "list.bounds", "list.defaults"}, Statuses: []int{200},
			Scene:   sceneLibrary,
			Sends:   "Lists with windows inside, across and beyond the end of the library, at last so far beyond it that the number does not fit into 32 or 64 bits.",
			Expects: "That part of the library, empty beyond its end, and the window told back; empty or 422 far beyond it.",
			Run: func(ctx context.Context, c *Client) error {
				w, err := newWorld(ctx, c, c.Scene)
				if err != nil {
					return err
				}
				if err := w.expectLists(ctx, "listener", "home", windows...); err != nil {
					return err
				}
				return expectNothings(ctx, w, "listener", "home", "offset=2147483648", "offset=4294967296", "offset=4294967297", "offset=9223372036854775807",
					"offset=9223372036854775808", "offset=18446744073709551616", "offset=18446744073709551617", "offset=99999999999999999999999999999999999999999")
			},
		},
		{
			ID: "list-tracks/default-page", Title: "Without a limit a page has 50 tracks",
			Operation: ListSavedTracks, Requirements: []string{"list.defaults", "list.window", "list.bounds"}, Statuses: []int{200},
			Scene:   sceneLong,
			Sends:   fmt.Sprintf("Lists of a library of %d tracks: plain, from several offsets, and with limits up to 100.", longLibrary),
			Expects: "The 50 newest, or the 100 newest with a limit of 100, and the rest after them; no gaps and no repeats.",
			Run: listed("listener", "home", libraryQuery{}, libraryQuery{offset: 1}, libraryQuery{offset: 50}, libraryQuery{offset: 100}, libraryQuery{offset: 102}, libraryQuery{offset: 103},
				libraryQuery{limit: 49}, libraryQuery{limit: 50}, libraryQuery{limit: 51}, libraryQuery{limit: 52, offset: 1}, libraryQuery{limit: 99}, libraryQuery{limit: 100},
				libraryQuery{limit: 100, offset: 3}, libraryQuery{limit: 100, offset: 100}, libraryQuery{limit: 20}, libraryQuery{limit: 20, offset: 20}, libraryQuery{limit: 40, offset: 80}),
		},
		{
			ID: "list-tracks/filters", Title: "mode and engine keep exactly what has that value",
			Operation: ListSavedTracks, Requirements: []string{"list.filters"}, Statuses: []int{200},
			Scene:   sceneLibrary,
			Sends:   "Lists by each mode and engine, by both, with percent-encoded values, and by modes and engines that only resemble those in use.",
			Expects: "Exactly the tracks that have the value, in the same order; none for a value that no track has, or 422.",
			Run: func(ctx context.Context, c *Client) error {
				w, err := newWorld(ctx, c, c.Scene)
				if err != nil {
					return err
				}
				if err := w.expectLists(ctx, "listener", "home",
					libraryQuery{mode: "creation"}, libraryQuery{mode: "focus"}, libraryQuery{engine: "studio"}, libraryQuery{engine: "studio-live"},
					libraryQuery{mode: "creation", engine: "studio"}, libraryQuery{mode: "focus", engine: "studio"}, libraryQuery{mode: "creation", engine: "studio-live"},
					libraryQuery{mode: "focus", engine: "studio-live"}, libraryQuery{engine: "Studio"}, libraryQuery{engine: "stud"}, libraryQuery{engine: "studio-"},
					libraryQuery{engine: "studi_"}, libraryQuery{engine: "st%"}, libraryQuery{engine: "*"}, libraryQuery{engine: "live"}); err != nil {
					return err
				}
				for _, encoded := range []struct {
					raw  string
					same libraryQuery
				}{
					{"engine=%73tudio", libraryQuery{engine: "studio"}}, {"engine=studio%2Dlive", libraryQuery{engine: "studio-live"}}, {"mode=%66ocus", libraryQuery{mode: "focus"}},
				} {
					a := action{operation: ListSavedTracks, as: "listener", organization: "home", query: encoded.same}
					odd, err := w.lookAtWindow(ctx, a, WithQuery(encoded.raw))
					if err != nil {
						return err
					}
					if odd != nil {
						return Fail("the query "+encoded.raw+" to be read as "+encoded.same.String()+": "+odd.expected, odd.actual, odd.exchange)
					}
				}
				return expectNothings(ctx, w, "listener", "home", "mode=Creation", "mode=FOCUS", "mode=unknown", "mode=creation,focus", "mode=creatio",
					"engine=STUDIO", "engine=studio%00", "engine=studio,studio-live", "engine=studio%25")
			},
		},
		{
			ID: "list-tracks/filters-before-window", Title: "Filters apply before limit and offset count",
			Operation: ListSavedTracks, Requirements: []string{"list.filters-before-window"}, Statuses: []int{200},
			Scene:   sceneLibrary,
			Sends:   "Lists with a filter and a window.",
			Expects: "The window of what the filter keeps.",
			Run: listed("listener", "home", libraryQuery{mode: "creation", limit: 1}, libraryQuery{mode: "creation", limit: 2}, libraryQuery{mode: "creation", limit: 1, offset: 1},
				libraryQuery{mode: "creation", offset: 2}, libraryQuery{mode: "creation", offset: 3}, libraryQuery{engine: "studio", limit: 2}, libraryQuery{engine: "studio", limit: 2, offset: 1},
				libraryQuery{engine: "studio-live", limit: 1}, libraryQuery{engine: "studio-live", limit: 1, offset: 1}, libraryQuery{mode: "focus", limit: 1, offset: 1},
				libraryQuery{mode: "focus", engine: "studio", limit: 1}, libraryQuery{mode: "creation", engine: "studio", limit: 1, offset: 1}),
		},
		{
			ID: "list-tracks/bad-window-gets-422", Title: "A window outside its range is 422",
			Operation: ListSavedTracks, Requirements: []string{"list.bad-window-is-422", "list.changes-nothing"}, Statuses: []int{422},
			Scene:   sceneStandard,
			Sends:   "A member's lists with limits and offsets that are too small, too large, or no whole numbers; and some of them by an outsider.",
			Expects: "422 VALIDATION_ERROR for each, 404 or 422 for the outsider, and everything as it was.",
			Run: repelled(func(s *Scene) []attack {
				var attacks []attack
				for _, query := range badWindows {
					attacks = append(attacks, attack{"a list with " + query, ask(ListSavedTracks, s.User("creator"), s.Organization("home"), "", WithQuery(query)), is(422)})
				}
				return append(attacks, badWindowsOfOutsiders(s, expectOutside)...)
			}),
		},
		{
			ID: "list-tracks/outsider-with-bad-window-gets-404", Title: "Whoever does not belong to the organization is not told of its window",
			Operation: ListSavedTracks, Requirements: []string{"list.membership-before-window"}, Statuses: []int{404},
			Scene:   sceneStandard,
			Sends:   "Lists with bad limits and offsets by an outsider, and of an organization that does not exist.",
			Expects: "404 for each.",
			Run:     repelled(func(s *Scene) []attack { return badWindowsOfOutsiders(s, is(404)) }),
		},
		{
			ID: "list-tracks/odd-queries-are-borne", Title: "Queries that nobody documented do no harm",
			Operation: ListSavedTracks, Requirements: []string{"list.changes-nothing"}, Statuses: []int{200},
			Scene:   sceneStandard,
			Sends:   "Lists with unknown, repeated, empty and broken query parameters.",
			Expects: "No 5xx and no redirect, and everything as it was.",
			Run: repelled(func(s *Scene) []attack {
				var attacks []attack
				for _, query := range []string{"limit=1&limit=2", "limit=", "offset=", "limit=%2B5", "limit=007", "limit=1.0", "mode=bogus", "mode=", "engine=",
					"collection_id=mcoll_none", "unknown=1", "limit=%zz", "limit=1;offset=1", "%00=%00", "engine=%FF", "engine=" + longID(1500), "_method=DELETE",
					"limit[]=5", "offset[]=1", "mode[]=focus", "engine[]=x", "engine[a]=b", "mode[$ne]=x", "engine[$gt]=", "engine=a&engine=b", "mode=focus&mode=creation", "offset=1&offset=2",
					"limit=%D9%A5", "limit=%EF%BC%95", "limit=5%00", "limit=1e1", "limit=+5", "offset=-0", "engine='%22%3C"} {
					r := ask(ListSavedTracks, s.User("creator"), s.Organization("home"), "", WithQuery(query), WithoutContract())
					attacks = append(attacks, attack{"a list with " + query, r, expectHarmless})
				}
				return attacks
			}),
		},
		{
			ID: "list-tracks/order-survives-changes", Title: "A library keeps its order when tracks leave it",
			Operation: ListSavedTracks, Requirements: []string{"list.newest-first", "list.window"}, Statuses: []int{200},
			Scene:   sceneLibrary,
			Sends:   "Deletes and removals from a library; after each the library is listed, plain, filtered and windowed.",
			Expects: "What is left, in its order, in every window.",
			Run: func(ctx context.Context, c *Client) error {
				w, err := newWorld(ctx, c, c.Scene)
				if err != nil {
					return err
				}
				queries := append(slices.Clone(windows[:8]), libraryQuery{mode: "creation"}, libraryQuery{engine: "studio", limit: 1, offset: 1}, libraryQuery{engine: "studio-live"})
				for _, a := range []action{
					removal("listener", "h"), {operation: UnsaveTrack, as: "listener", organization: "home", track: "e"}, removal("other", "a"), removal("listener", "b"),
				} {
					if err := w.do(ctx, a); err != nil {
						return err
					}
					for _, as := range []string{"listener", "other"} {
						if err := w.expectLists(ctx, as, "home", queries...); err != nil {
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
func badWindowsOfOutsiders(s *Scene, expect func(*Exchange) error) []attack {
	var attacks []attack
	for _, query := range []string{"limit=0", "limit=abc", "offset=-1"} {
		attacks = append(attacks,
			attack{"an outsider's list with " + query, ask(ListSavedTracks, s.User("outsider"), s.Organization("home"), "", WithQuery(query)), expect},
			attack{"a list of an unknown organization with " + query, ask(ListSavedTracks, s.User("creator"), s.Organization("home")+"x", "", WithQuery(query)), expect})
	}
	return attacks
}

// expectOutside is for a request of an outsider that is also not valid: which of the two is told first is the target's choice.
func expectOutside(x *Exchange) error {
	if x.Status == 422 {
		return expectError(x, 422)
	}
	return expectError(x, 404)
}

// expectHarmless bears any answer but a fault of the server and a redirect.
func expectHarmless(x *Exchange) error {
	if x.Status >= 500 || x.Status >= 300 && x.Status < 400 {
		return Fail("no 5xx and no redirect", got(x), x)
	}
	return nil
}

// expectNothings lists with raw queries, each of which nothing matches.
func expectNothings(ctx context.Context, w *world, as, organization string, queries ...string) error {
	for _, query := range queries {
		r := ask(ListSavedTracks, w.scene.User(as), w.scene.Organization(organization), "", WithQuery(query), WithoutContract())
		if _, err := w.send(ctx, attack{"a list with " + query, r, expectNothing}); err != nil {
			return err
		}
	}
	return nil
}
