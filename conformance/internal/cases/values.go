package cases

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/expect"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/oracle"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// oddTexts are texts that languages and databases take for something else: for nothing, for a
// number or a word of theirs, for a pattern, or for another text without its accents, its case
// or its blanks.
var oddTexts = []string{
	"0",
	"00",
	"-0",
	"007",
	"1999",
	"1e3",
	"0.10",
	"12345678901234567890123",
	"null",
	"NULL",
	"undefined",
	"true",
	"false",
	"NaN",
	"[]",
	"{}",
	"constructor",
	"%",
	`\`,
	"'",
	"&amp;",
	"cafe",
	"CAFE",
	"caf\u00e9",
	"cafe\u0301",
	"stra\u00dfe",
	"strasse",
	"\u0130stanbul",
	"istanbul",
	"\uff11",
	"\U0001f3b5",
}

// oddTitles are further titles, which no filter has to find.
var oddTitles = []string{
	"  two blanks before",
	"two blanks behind  ",
	" ",
	"\u00a0no-break\u00a0",
	"\u200bunseen\u200b",
	"a\u0308 and \u00e4, o\u0308 and \u00f6",
	"2026-02-30",
	"=1+1",
}

// sceneValues has a library of tracks with such titles and engines.
var sceneValues = provision.Request{
	Organizations: []provision.OrganizationRequest{{Name: "home"}},
	Users:         []provision.UserRequest{{Name: "listener", MemberOf: []string{"home"}}},
	Tracks:        oddTracks(),
}

func oddTracks() []provision.TrackRequest {
	var tracks []provision.TrackRequest
	for i, text := range slices.Concat(oddTexts, oddTitles) {
		t := provision.TrackRequest{
			Name: fmt.Sprintf("odd-%d", i+1), Organization: "home", Creator: "listener", SavedBy: []string{"listener"},
			Title: text, Engine: "studio", Mode: "creation",
		}
		if i < len(oddTexts) {
			t.Engine = text
		}
		tracks = append(tracks, t)
	}
	return tracks
}

// unusedEngines are no engine of sceneValues. Each is one of them to some comparison.
var unusedEngines = []string{
	"0.0",
	"000",
	"-1",
	"1",
	"1000",
	"1e03",
	"7",
	"1999.0",
	"+1999",
	"Null",
	"nil",
	"None",
	"TRUE",
	"False",
	"__proto__",
	"toString",
	"hasOwnProperty",
	"Cafe",
	"CAF\u00c9",
	"cafe\u0300",
	"caf",
	"STRASSE",
	"Istanbul",
	"\u0131stanbul",
	"\u0661",
	"1\u0301",
	"\\\\",
	"&",
	"''",
	"%%",
	"\U0001f3b6",
}

// valueCases are about texts that come back changed, or are found by others.
func valueCases() []suite.Case {
	return []suite.Case{
		{
			Area: getTrack, Slug: "texts-as-made",
			Title:        "Titles and engines are returned as they are, whatever they look like",
			Operation:    requirement.GetTrack,
			Requirements: []requirement.ID{requirement.GetTrackAsMade},
			Statuses:     []int{200},
			Scene:        sceneValues,
			Sends: "Gets of tracks whose titles and engines look like numbers, words of languages, patterns or " +
				"escapes, have blanks at their edges, or differ in case, accents or normal form.",
			Expects: "Each as it was made, character by character.",
			Run: func(ctx context.Context, c *suite.Client) error {
				for _, t := range c.Scene.Request.Tracks {
					x, err := c.Do(ctx, oracle.RequestOf(c.Scene, oracle.Gets("listener", t.Name)))
					if err != nil {
						return err
					}
					facts, err := expect.Track(x, c.Scene.Track(t.Name))
					if err != nil {
						return err
					}
					if err := textsAsMade(x, t, facts); err != nil {
						return err
					}
				}
				return nil
			},
		},
		{
			Area: listTracks, Slug: "texts-as-made",
			Title:     "A library shows titles and engines as they are, and finds exactly the engine that is asked for",
			Operation: requirement.ListSavedTracks,
			Requirements: []requirement.ID{
				requirement.ListItems,
				requirement.ListFilters,
			},
			Statuses: []int{200},
			Scene:    sceneValues,
			Sends: "The list of such tracks; lists by each of their engines, and by engines that are the same to a " +
				"comparison of numbers, or without case, accents or normal form.",
			Expects: "Each as it was made; the tracks with exactly that engine; none for the others, or 422.",
			Run:     listedAsMade,
		},
		{
			Area: listTracks, Slug: "filter-of-nothing",
			Title:        "A filter that nothing can match does not list everything",
			Operation:    requirement.ListSavedTracks,
			Requirements: []requirement.ID{requirement.ListFilterOfNothing},
			Statuses:     []int{200},
			Scene:        sceneLibrary,
			Sends: "Lists with an unknown collection_id, an empty and an unknown mode, an empty engine, " +
				"engines that are false or nothing in some language, and engines with blanks at their edges; " +
				"alone and beside filters that fit.",
			Expects: "No items, 404 or 422.",
			Run:     filtersOfNothing,
		},
		{
			Area: listTracks, Slug: "odd-numbers-get-422",
			Title:        "limit and offset in other notations than decimal digits get 422",
			Operation:    requirement.ListSavedTracks,
			Requirements: []requirement.ID{requirement.ListPlainNumbers},
			Statuses:     []int{422},
			Scene:        sceneLibrary,
			Sends: "Lists with limits and offsets such as 1e1, 1_0, 0b11 and 1,0, in digits of other scripts, and " +
				"with a line break, a NUL or a word behind them.",
			Expects: "422 for each.",
			Run: func(ctx context.Context, c *suite.Client) error {
				for _, query := range oddNumbers() {
					x, err := c.Do(ctx, oracle.RequestOf(c.Scene, oracle.Lists("listener"), suite.WithQuery(query),
						suite.WithoutContract()))
					if err != nil {
						return err
					}
					if x.Status == 400 && (strings.Contains(query, "%00") || strings.Contains(query, "%FF")) {
						continue // a proxy may refuse bytes that are no text
					}
					if err := expect.Status(x, 422); err != nil {
						return err
					}
				}
				return nil
			},
		},
	}
}

// textsAsMade compares the texts of a track with those that were asked for.
func textsAsMade(x *wire.Exchange, t provision.TrackRequest, facts expect.TrackFacts) error {
	title := "null"
	if facts.Title != nil {
		title = fmt.Sprintf("%+q", *facts.Title)
	}
	if want := fmt.Sprintf("%+q", t.Title); title != want {
		return suite.Fail("the title "+want+" of "+t.Name, title, x)
	}
	if facts.Engine != t.Engine {
		return suite.Fail(fmt.Sprintf("the engine %+q of %s", t.Engine, t.Name), fmt.Sprintf("%+q", facts.Engine), x)
	}
	return nil
}

// listedAsMade is the Run of list-tracks/texts-as-made.
func listedAsMade(ctx context.Context, c *suite.Client) error {
	model := oracle.NewModel(c.Scene.Request)
	list := func(query oracle.LibraryQuery) (*wire.Exchange, error) {
		a := oracle.Lists("listener")
		a.Query = query
		x, err := c.Do(ctx, oracle.RequestOf(c.Scene, a))
		if err != nil {
			return x, err
		}
		want := model.Apply(a)
		if odd := want.Mismatch(c.Scene, a, x); odd != "" {
			return x, suite.Fail(fmt.Sprintf("%s with the engine %+q", want.Describe(a), query.Engine), odd, x)
		}
		return x, nil
	}
	x, err := list(oracle.LibraryQuery{Limit: 100})
	if err != nil {
		return err
	}
	page, err := expect.Page(x)
	if err != nil {
		return err
	}
	for _, item := range page.Items {
		name := oracle.TrackNames(c.Scene, []string{item.ID})[0]
		if err := textsAsMade(x, oracle.TrackRequest(c.Scene, name), item); err != nil {
			return err
		}
	}
	for _, engine := range oddTexts {
		if _, err := list(oracle.LibraryQuery{Engine: engine, Limit: 100}); err != nil {
			return err
		}
	}
	for _, engine := range unusedEngines {
		query := "engine=" + requirement.EscapeSegment(engine)
		if err := expectNoItems(ctx, c, query, 422); err != nil {
			return err
		}
	}
	return nil
}

// filtersOfNothing is the Run of filter-of-nothing.
func filtersOfNothing(ctx context.Context, c *suite.Client) error {
	var queries []string
	for _, nothing := range []string{
		"collection_id=mcoll_none",
		"collection_id=0",
		"collection_id=null",
		"collection_id=constructor",
		"collection_id=__proto__",
		"collection_id=toString",
		"mode=__proto__",
		"mode=",
		"mode=unknown",
		"mode=0",
		"mode=null",
		"mode=constructor",
		"mode=%20creation",
		"mode=creation%20",
		"engine=",
		"engine=0",
		"engine=null",
		"engine=false",
		"engine=undefined",
		"engine=unknown",
		"engine=constructor",
		"engine=__proto__",
	} {
		queries = append(queries, nothing, "limit=1&"+nothing)
	}
	queries = append(queries,
		"collection_id=mcoll_none&mode=creation",
		"engine=studio&collection_id=mcoll_none",
		"collection_id=mcoll_none&engine=studio&mode=creation",
		"mode=&engine=studio",
		"engine=&mode=creation",
		"mode=unknown&engine=studio",
		"engine=unknown&mode=creation",
		"mode=&engine=",
		"engine=%20studio",
		"engine=studio%20",
		"engine=studio+",
		"engine=studio%09",
		"engine=studio%0A",
		"engine=%0D%0Astudio",
		"engine=studio%C2%A0",
		"engine=%22studio%22",
	)
	for _, query := range queries {
		if err := expectNoItems(ctx, c, query, 400, 404, 422); err != nil {
			return err
		}
	}
	return nil
}

// expectNoItems lists as the listener, and expects an empty page or one of those statuses.
func expectNoItems(ctx context.Context, c *suite.Client, query string, statuses ...int) error {
	r := oracle.RequestOf(c.Scene, oracle.Lists("listener"), suite.WithQuery(query), suite.WithoutContract())
	x, err := c.Do(ctx, r)
	if err != nil || slices.Contains(statuses, x.Status) {
		return err
	}
	page, err := expect.Page(x)
	if err == nil && len(page.Items) > 0 {
		return suite.Fail("no items with "+query+", or "+expect.StatusList(statuses),
			fmt.Sprintf("%s with %d items", expect.Describe(x), len(page.Items)), x)
	}
	return err
}

// oddNumbers are limits and offsets in other notations, with values that would be right.
func oddNumbers() []string {
	var queries []string
	for _, name := range []string{"limit", "offset"} {
		for _, number := range []string{
			"1e1", "1E1", "1e0", "1_0", "1__0", "0b11", "0o7", "1,0", "1'0", "1.0e1", "1L", "1f", "1n",
			"2%0Ajunk", "2%0D%0Ajunk", "2%20junk", "2%2C3", "2%00", "2%003", "%002", "2%FF",
			"%D9%A2", "%EF%BC%92", "%E0%A5%A8", "%C2%B2", "%E2%85%A1", "2%C2%A0junk", "%5B2%5D", "%222%22",
		} {
			queries = append(queries, name+"="+number)
		}
	}
	return queries
}
