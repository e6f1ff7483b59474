package cases

import (
	"context"
	"strings"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/expect"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/oracle"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// noText are bytes, percent-encoded, that are no text: NUL, and what is no UTF-8.
var noText = []string{"%00", "%FF", "%C0%AF", "%ED%A0%80", "%E2%82"}

// brokenSegments are a segment with such bytes before, behind, within and in place of it.
func brokenSegments(id string) []string {
	whole := requirement.EscapeSegment(id)
	first, second := requirement.EscapeSegment(id[:len(id)/2]), requirement.EscapeSegment(id[len(id)/2:])
	var all []string
	for i, bytes := range noText {
		all = append(all, whole+bytes, bytes+whole)
		if i < 2 {
			all = append(all, first+bytes+second, bytes)
		}
	}
	return all
}

// brokenTextCases put bytes that are no text into every parameter of every operation.
func brokenTextCases() []suite.Case {
	var cases []suite.Case
	for _, o := range requirement.Operations() {
		cases = append(cases, suite.Case{
			Area: areaOf(o), Slug: "no-text-is-harmless",
			Title:     "Bytes that are no text are harmless in every parameter",
			Operation: o,
			Requirements: []requirement.ID{
				requirement.InputImpossibleIDHarmless,
				requirement.DeleteRefusedChangesNothing,
			},
			Statuses: []int{404},
			Scene:    sceneStandard,
			Sends: "The creator's requests with NUL and bytes that are no UTF-8 before, behind, within and in place " +
				"of the organization and the track, and in queries.",
			Expects: "404, or 400, 405, 414 or 431 from a proxy in front, for what is in the path; no 5xx and no " +
				"redirect for what is in a query; and everything as it was.",
			Run: oracle.RefusesAll(brokenTexts(o), ownerOf(o)),
		})
	}
	return append(cases, impossibleListCase())
}

// brokenTexts are the requests of no-text-is-harmless.
func brokenTexts(o requirement.Operation) func(*provision.Scene) []oracle.Refusal {
	return func(s *provision.Scene) []oracle.Refusal {
		home, song := s.Organization("home"), s.Track("song")
		own := oracle.NewRequest(o, s.User("creator"), home, song, suite.WithoutContract())
		var refusals []oracle.Refusal
		inPath := func(id, broken string) {
			r := own
			r.Path = strings.Replace(own.Path, "/"+requirement.EscapeSegment(id), "/"+broken, 1)
			refusals = append(refusals, oracle.Refusal{Name: r.Method + " " + r.Path, Request: r, Expect: expectImpossible})
		}
		for _, broken := range brokenSegments(home) {
			inPath(home, broken)
		}
		if o != requirement.ListSavedTracks {
			for _, broken := range brokenSegments(song) {
				inPath(song, broken)
			}
		}
		// What is carried out anyway is asked by others here.
		as, judge := "creator", expectHarmless
		if o == requirement.DeleteTrack || o == requirement.UnsaveTrack {
			as, judge = "member", expectAny4xx
		}
		for _, bytes := range noText {
			for _, name := range []string{"mode", "engine", "collection_id", "limit", "offset", "unknown"} {
				for _, query := range []string{name + "=" + bytes, name + "=studio" + bytes, name + bytes + "=1"} {
					if (o != requirement.ListSavedTracks || strings.HasSuffix(query, "=1")) && name != "unknown" {
						continue
					}
					r := oracle.RequestOf(s, oracle.Does(as, o, "song"), suite.WithQuery(query), suite.WithoutContract())
					name := "a request with the query " + query
					refusals = append(refusals, oracle.Refusal{Name: name, Request: r, Expect: judge})
				}
			}
		}
		return refusals
	}
}

// impossibleListPaths would lead to the library if they were decoded, cut or cleaned.
func impossibleListPaths(organization, _ string) []string {
	org, tracks := requirement.EscapeSegment(organization), requirement.TracksPath(organization)
	return []string{
		tracks + "/",
		tracks + "//",
		tracks + "%2F",
		tracks + "%00",
		tracks + "%FF",
		tracks + "%20",
		tracks + "%5C",
		tracks + "/.",
		tracks + "/..",
		tracks + "/x/..",
		tracks + "/./",
		"/v1/music/" + org + "//tracks",
		"/v1/music//" + org + "/tracks",
		"/v1//music/" + org + "/tracks",
		"/v1/music/" + org + "/./tracks",
		"/v1/music/x/../" + org + "/tracks",
		"/v1/music/x%2F..%2F" + org + "/tracks",
		"/v1/music/%2E/" + org + "/tracks",
		"/v1/music/" + org + "%2F/tracks",
		"/v1/music/%2F" + org + "/tracks",
		"/v1/music/" + org + "%2Ftracks",
		"/v1/music/" + org + "%5C/tracks",
		"/v1/music/" + org + "%25/tracks",
		"/v1/music/" + org + "%2500/tracks",
		"/v1/music/" + org + "%3Bv=1/tracks",
		"/v1/music/" + org + strings.Repeat("a", 2500) + "/tracks",
	}
}

// impossibleListCase is for lists what impossible-path-is-harmless is for the other operations.
func impossibleListCase() suite.Case {
	return suite.Case{
		Area: listTracks, Slug: "impossible-path-is-harmless",
		Title:        "Paths that cannot name a library get an error",
		Operation:    requirement.ListSavedTracks,
		Requirements: []requirement.ID{requirement.InputImpossibleIDHarmless},
		Statuses:     []int{404},
		Scene:        sceneStandard,
		Sends: "The creator's lists of paths with NUL, invalid UTF-8, encoded slashes and backslashes, empty and dot " +
			"segments and endless ids, which lead to its library once they are decoded, cut or cleaned.",
		Expects: "404, or 400, 405, 414 or 431 from a proxy in front; never 2xx, 3xx or 5xx.",
		Run: func(ctx context.Context, c *suite.Client) error {
			for _, a := range impossibleRequests(requirement.ListSavedTracks, expectImpossible, impossibleListPaths)(c.Scene) {
				x, err := c.Do(ctx, a.Request)
				if err != nil {
					return err
				}
				if err := expectImpossible(x); err != nil {
					return err
				}
			}
			_, err := c.Do(ctx, oracle.RequestOf(c.Scene, oracle.Lists("creator")))
			return err
		},
	}
}

// readsWithBodies are the bodies that a reader may send. Those whose response may be lost, since it
// comes before they are read, are left out.
func readsWithBodies(s *provision.Scene) []decoy {
	var all []decoy
	for _, b := range bodies(s, "before") {
		r := wire.Request{}
		b.option(&r)
		if len(r.Body) < 4<<10 {
			all = append(all, b)
		}
	}
	creator, key := s.User("creator").ID, s.User("creator").Key
	return append(all,
		decoy{"a body that names a window and filters", suite.WithBody("application/json",
			[]byte(`{"limit":1,"offset":1,"mode":"focus","engine":"none","collection_id":"mcoll_none"}`))},
		decoy{"a form that names a window and filters", suite.WithBody("application/x-www-form-urlencoded",
			[]byte("limit=1&offset=1&mode=focus&engine=none&collection_id=mcoll_none"))},
		decoy{"a body that names another caller", suite.WithBody("application/json",
			[]byte(`{"user_id":"`+creator+`","userId":"`+creator+`","api_key":"`+key+`"}`))},
	)
}

// readBodyCases are about bodies where none is expected.
func readBodyCases() []suite.Case {
	var cases []suite.Case
	for _, o := range []requirement.Operation{requirement.GetTrack, requirement.ListSavedTracks} {
		requirements := []requirement.ID{requirement.GetWithAccess, requirement.GetNoAccessIs404}
		if o == requirement.ListSavedTracks {
			requirements = []requirement.ID{requirement.ListOwnSaves, requirement.ListWindow}
		}
		cases = append(cases, suite.Case{
			Area: areaOf(o), Slug: "body-decides-nothing",
			Title:        "A body decides nothing of what is read",
			Operation:    o,
			Requirements: requirements,
			Statuses:     []int{200, 404},
			Scene:        sceneStandard,
			Sends: "The requests of a saver and of a member with bodies that name another track, " +
				"another caller, a window, filters or nothing.",
			Expects: "What they get without, or another 4xx from a target that accepts no body here.",
			Run: func(ctx context.Context, c *suite.Client) error {
				w := oracle.NewWorldWithoutHistories(ctx, c, c.Scene)
				for _, b := range readsWithBodies(c.Scene) {
					for _, as := range []string{"saver", "member"} {
						a := oracle.Does(as, o, "song")
						if err := readDespite(ctx, w, a, b); err != nil {
							return err
						}
					}
				}
				return nil
			},
		})
	}
	return cases
}

// readDespite reads with a decoy, and expects what is true without it or a refusal of the decoy.
func readDespite(ctx context.Context, w *oracle.World, a oracle.Action, b decoy) error {
	want := w.Expected(a)
	x, err := w.Client.Do(ctx, oracle.RequestOf(w.Scene, a, b.option, suite.WithoutContract()))
	if err != nil || x.Status >= 400 && x.Status < 500 {
		return err
	}
	if odd := want.Mismatch(w.Scene, a, x); odd != "" {
		return suite.Fail(want.Describe(a)+" when "+a.String()+" with "+b.name, odd, x)
	}
	if a.Operation == requirement.GetTrack {
		_, err = expect.Track(x, w.Scene.Track(a.Track))
	}
	return err
}
