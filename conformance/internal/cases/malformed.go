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

func longID(n int) string { return "mtrack_" + strings.Repeat("a", n) }

// malformedIDs are possible ids, but of no track of the scene: most resemble that of the song.
func malformedIDs(o requirement.Operation, s *provision.Scene) []string {
	id := s.Track("song")
	_, bare := cutPrefix(id)
	ids := texts(essential(o, lookalikes(id)))
	ids = append(ids,
		"MTRACK_"+bare,
		"track_"+bare,
		"mtrack_",
		"mtrack_%",
		"mtrack_*",
		"%",
		"*",
		"_",
		"' OR '1'='1",
		"mtrack_\u97f3\u697d",
		"mtrack_\U0001f3b5",
		"mtrack_caf\u00e9",
		"mtrack_cafe\u0301",
		"mtrack_a\u0308o\u0308u\u0308",
		"mtrack_\u212b",
		" mtrack_blank ",
		"null",
		"undefined",
		"0",
		"-1",
		"save",
		"tracks",
		"{track_id}",
		"$ne",
		"__proto__",
		"constructor",
		"toString",
		s.Organization("home"),
		s.User("creator").ID,
		longID(1000),
	)
	return slices.DeleteFunc(ids, func(id string) bool { return hasID(s, id) || !canBeID(id) })
}

// malformedOrganizations are possible ids, but of no organization of the scene: most resemble that
// of home.
func malformedOrganizations(o requirement.Operation, s *provision.Scene) []string {
	home := s.Organization("home")
	ids := append(texts(essential(o, lookalikes(home))),
		home+","+s.Organization("abroad"),
		"%",
		"*",
		"_",
		"null",
		"0",
		"-1",
		"__proto__",
		"constructor",
		"toString",
		"' OR '1'='1",
		strings.Repeat("a", 1000),
		"\u97f3\u697d",
		s.User("creator").ID,
		s.Track("song"),
	)
	return slices.DeleteFunc(ids, func(id string) bool { return hasOrganization(s, id) || !canBeID(id) })
}

// asMalformed is a request with an id that has to get 404.
func asMalformed(name string, r wire.Request, id string) oracle.Refusal {
	switch {
	case strings.ContainsAny(id, "%;"):
		// Encoded, they are ambiguous to some proxies, which refuse them before any server sees
		// them.
		r.Unchecked = true
		return oracle.Refusal{Name: name, Request: r, Expect: expectImpossible}
	case strings.ContainsAny(id, "{}"):
		// Some routers take no braces in a parameter: to them it is an unknown path, whose 404
		// names no track.
		r.Unchecked = true
	}
	return refused(name, 404, r)
}

// canBeID reports whether a text gets 404 like the id of anything that does not exist. Other texts
// may be refused by a proxy in its own way.
func canBeID(text string) bool {
	return strings.Trim(text, ".") != "" && !strings.ContainsAny(text, "/\\")
}

func texts(likes []lookalike) []string {
	var all []string
	for _, l := range likes {
		all = append(all, l.text)
	}
	return all
}

// impossiblePaths hold what cannot be an id, and would lead to the track if they were decoded, cut
// or cleaned. None begins with two slashes: some HTTP libraries make one of them before any program
// sees the path.
func impossiblePaths(organization, track string) []string {
	tracks, path := requirement.TracksPath(organization), requirement.TrackPath(organization, track)
	org, id := requirement.EscapeSegment(organization), requirement.EscapeSegment(track)
	half := track[:len(track)/2]
	return []string{
		path + "%00",
		path + "%00x",
		tracks + "/%00" + id,
		tracks + "/" + requirement.EscapeSegment(half) + "%00" + requirement.EscapeSegment(track[len(half):]),
		path + "%25",
		path + "%2500",
		path + "%3Bv=1",
		path + "%FF",
		path + "%C0%AF",
		tracks + "/%ED%A0%80" + id,
		path + "%2F",
		tracks + "%2F" + id,
		tracks + "/%2F" + id,
		path + "%2Fsave",
		path + "%5C",
		"/v1/music/" + org + "/tracks%5C" + id,
		tracks + "/x%2F..%2F" + id,
		tracks + "/x%2F" + id,
		path + "/",
		path + "//",
		tracks + "//" + id,
		"/v1/music//" + org + "/tracks/" + id,
		"/v1//music/" + org + "/tracks/" + id,
		"/v1/music//tracks/" + id,
		tracks + "/",
		tracks + "//save",
		path + "//save",
		path + "/save/",
		tracks + "/./" + id,
		tracks + "/../tracks/" + id,
		tracks + "/x/../" + id,
		path + "/.",
		path + "/..",
		path + "/save/..",
		tracks + "/%2e/" + id,
		tracks + "/%2e%2e/tracks/" + id,
		tracks + "/x/%2e%2e/" + id,
		"/v1/music/./" + org + "/tracks/" + id,
		"/v1/../v1/music/" + org + "/tracks/" + id,
		tracks + "/.",
		tracks + "/..",
		tracks + "/" + id + strings.Repeat("a", 2500),
		"/v1/music/" + org + strings.Repeat("a", 2500) + "/tracks/" + id,
	}
}

// endlessPath is longer than the request line that many servers accept.
func endlessPath(organization, _ string) []string {
	return []string{requirement.TracksPath(organization) + "/" + strings.Repeat("%61", 3000)}
}

// expectImpossible also accepts what a proxy may respond to a path that cannot name anything.
func expectImpossible(x *wire.Exchange) error {
	switch x.Status {
	case 400, 404, 405, 414, 431:
		return nil
	}
	return suite.Fail("404, or at least 400, 414 or 431", expect.Describe(x), x)
}

// malformedCases are about ids that are malformed, and about paths that cannot hold an id.
func malformedCases() []suite.Case {
	var cases []suite.Case
	for _, o := range []requirement.Operation{requirement.DeleteTrack, requirement.GetTrack, requirement.UnsaveTrack} {
		cases = append(cases, suite.Case{
			Area: areaOf(o), Slug: "malformed-id-gets-404",
			Title:     "A malformed id is treated like a track that does not exist",
			Operation: o,
			Requirements: []requirement.ID{
				requirement.InputMalformedIDIs404,
				requirement.AccessExactIDs,
				requirement.DeleteRefusedChangesNothing,
			},
			Statuses: []int{404},
			Scene:    sceneStandard,
			Sends: "The creator's requests for ids that resemble that of its track: with each character " +
				"changed in turn, longer, shorter, in other case, trimmed, split, folded, decoded, as " +
				"numbers and patterns.",
			Expects: "404 for each, and everything as it was; then 200 for the creator's delete.",
			Run: oracle.RefusesAll(func(s *provision.Scene) []oracle.Refusal {
				var refusals []oracle.Refusal
				for _, id := range malformedIDs(o, s) {
					r := oracle.NewRequest(o, s.User("creator"), s.Organization("home"), id)
					refusals = append(refusals, asMalformed(fmt.Sprintf("a request for %q", id), r, id))
				}
				for _, control := range []string{"\t", "\n", "\r\n", "\x01", "\x7f"} { // which some fronts do not let through
					id := s.Track("song")
					for _, id := range []string{id + control, control + id} {
						r := oracle.NewRequest(o, s.User("creator"), s.Organization("home"), id, suite.WithoutContract())
						refusals = append(refusals, oracle.Refusal{
							Name:    fmt.Sprintf("a request for %q", id),
							Request: r,
							Expect:  expectImpossible,
						})
					}
				}
				return refusals
			}, oracle.Deletes("creator", "song")),
		}, suite.Case{
			Area: areaOf(o), Slug: "impossible-path-is-harmless",
			Title:     "Paths that cannot name a track get an error and have no effect",
			Operation: o,
			Requirements: []requirement.ID{
				requirement.InputImpossibleIDHarmless,
				requirement.DeleteRefusedChangesNothing,
			},
			Statuses: []int{404},
			Scene:    sceneStandard,
			Sends: "The creator's requests to paths with NUL, invalid UTF-8, encoded slashes and " +
				"backslashes, empty and dot segments and endless ids, which lead to its track once they " +
				"are decoded, cut or cleaned.",
			Expects: "404, or 400, 405, 414 or 431 from a proxy in front; never 2xx, 3xx or 5xx, and " +
				"everything as it was.",
			Run: oracle.RefusesAll(
				impossibleRequests(o, expectImpossible, impossiblePaths, endlessPath),
				oracle.Deletes("creator", "song"),
			),
		}, suite.Case{
			Area: areaOf(o), Slug: "impossible-path-gets-404",
			Title:        "Paths that cannot name a track get 404",
			Operation:    o,
			Requirements: []requirement.ID{requirement.InputImpossibleIDIs404},
			Statuses:     []int{404},
			Scene:        sceneStandard,
			Sends:        "The paths of impossible-path-is-harmless but the endless one.",
			Expects:      "404.",
			Run: func(ctx context.Context, c *suite.Client) error {
				for _, a := range impossibleRequests(o, nil, impossiblePaths)(c.Scene) {
					x, err := c.Do(ctx, a.Request)
					if err != nil {
						return err
					}
					if err := expect.Status(x, 404); err != nil {
						return err
					}
				}
				return nil
			},
		})
	}
	for _, o := range requirement.Operations() {
		cases = append(cases, suite.Case{
			Area: areaOf(o), Slug: "malformed-organization-gets-404",
			Title:     "A malformed organization id is treated like an organization that does not exist",
			Operation: o,
			Requirements: []requirement.ID{
				requirement.InputMalformedIDIs404,
				requirement.AccessExactIDs,
				requirement.DeleteRefusedChangesNothing,
			},
			Statuses: []int{404},
			Scene:    sceneStandard,
			Sends:    "The creator's requests under paths of organizations that resemble its own.",
			Expects:  "404 for each, and everything as it was; then 200 for the same under its own.",
			Run: oracle.RefusesAll(func(s *provision.Scene) []oracle.Refusal {
				var refusals []oracle.Refusal
				for _, id := range malformedOrganizations(o, s) {
					r := oracle.NewRequest(o, s.User("creator"), id, s.Track("song"))
					refusals = append(refusals, asMalformed(fmt.Sprintf("a request under organization %q", id), r, id))
				}
				return refusals
			}, ownerOf(o)),
		})
	}
	return cases
}

// impossible are the creator's requests to impossible paths.
func impossibleRequests(
	o requirement.Operation,
	judge func(*wire.Exchange) error,
	paths ...func(organization, track string) []string,
) func(*provision.Scene) []oracle.Refusal {
	return func(s *provision.Scene) []oracle.Refusal {
		var refusals []oracle.Refusal
		for _, some := range paths {
			for _, path := range some(s.Organization("home"), s.Track("song")) {
				r := oracle.NewRequest(o, s.User("creator"), "x", "y", suite.WithoutContract())
				r.Path = path
				refusals = append(refusals, oracle.Refusal{Name: r.Method + " " + path, Request: r, Expect: judge})
			}
		}
		return refusals
	}
}
