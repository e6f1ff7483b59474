package cases

import (
	"github.com/seed-5ec2a705/mtrack/conformance/internal/oracle"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// unknownPaths are well-formed paths of no operation.
func unknownPaths(organization, track string) []string {
	path := requirement.TrackPath(organization, track)
	org, id := requirement.EscapeSegment(organization), requirement.EscapeSegment(track)
	paths := []string{
		path + "/delete",
		path + "/save/now",
		path + "/saved",
		path + "/unknown",
		"/v1/music/" + org,
		"/v1/music/" + org + "/track/" + id,
		"/v1/music/" + org + "/unknown/" + id,
		"/v2/music/" + org + "/tracks/" + id,
		"/music/" + org + "/tracks/" + id,
		"/v1/" + org + "/tracks/" + id,
		"/v1/music/tracks/" + id,
		path + "/save.json",
		path + "/save.xml",
		"/v1/music/" + org + "/tracks.json",
		"/v1/music/" + org + "/tracks.json/" + id,
	}
	return paths
}

// unknownPathsOf are the creator's requests to unknown paths.
func unknownPathsOf(o requirement.Operation) func(*provision.Scene) []oracle.Refusal {
	return func(s *provision.Scene) []oracle.Refusal {
		var refusals []oracle.Refusal
		for _, path := range unknownPaths(s.Organization("home"), s.Track("song")) {
			r := oracle.NewRequest(o, s.User("creator"), "x", "y", suite.WithoutContract())
			r.Path = path
			refusals = append(refusals, refused("a "+r.Method+" of an unknown path", 404, r))
		}
		return refusals
	}
}

// paraphrasedPaths are paths that some routers take for the track's: with words in other case, and
// with path parameters.
func paraphrasedPaths(s *provision.Scene) []oracle.Refusal {
	org, id := requirement.EscapeSegment(s.Organization("home")), requirement.EscapeSegment(s.Track("song"))
	var refusals []oracle.Refusal
	for _, path := range []string{
		"/V1/music/" + org + "/tracks/" + id,
		"/v1/Music/" + org + "/tracks/" + id,
		"/v1/music/" + org + "/TRACKS/" + id,
		"/v1/music/" + org + "/Tracks/" + id,
		"/v1/music/" + org + "/tracks/" + id + ";v=1",
		"/v1/music/" + org + ";v=1/tracks/" + id,
		"/v1/music/" + org + "/tracks;v=1/" + id,
	} {
		r := oracle.NewRequest(requirement.DeleteTrack, s.User("creator"), "x", "y", suite.WithoutContract())
		r.Path = path
		refusals = append(refusals, refused("a DELETE of "+path, 404, r))
	}
	return refusals
}

// pathCases are about paths that lead to no operation.
func pathCases() []suite.Case {
	return []suite.Case{
		{
			Area: deleteTrack, Slug: "unknown-path-gets-404",
			Title:     "An unknown path gets 404 in the envelope and has no effect",
			Operation: requirement.DeleteTrack,
			Requirements: []requirement.ID{
				requirement.InputUnknownPathIs404,
				requirement.DeletePathDecides,
				requirement.DeleteRefusedChangesNothing,
			},
			Statuses: []int{404},
			Scene:    sceneStandard,
			Sends:    "The creator's DELETE of paths beside, below and above that of its track.",
			Expects:  "404 RESOURCE_NOT_FOUND for each, and everything as it was; then 200 for the creator's delete.",
			Run:      oracle.RefusesAll(unknownPathsOf(requirement.DeleteTrack), oracle.Deletes("creator", "song")),
		},
		{
			Area: deleteTrack, Slug: "path-as-written",
			Title:        "A path is taken literally",
			Operation:    requirement.DeleteTrack,
			Requirements: []requirement.ID{requirement.InputPathsAsWritten},
			Statuses:     []int{404},
			Scene:        sceneStandard,
			Sends: "The creator's DELETE of the path of its track with V1, Music and TRACKS, and with ;v=1 " +
				"after a segment.",
			Expects: "404 for each, and everything as it was; then 200 for the creator's delete.",
			Run:     oracle.RefusesAll(paraphrasedPaths, oracle.Deletes("creator", "song")),
		},
		{
			Area: getTrack, Slug: "unknown-path-gets-404",
			Title:     "A GET of an unknown path gets 404 in the envelope, not a page or a redirect",
			Operation: requirement.GetTrack,
			Requirements: []requirement.ID{
				requirement.InputUnknownPathIs404,
				requirement.GetChangesNothing,
			},
			Statuses: []int{404},
			Scene:    sceneStandard,
			Sends:    "The creator's GET of paths beside, below and above that of its track.",
			Expects:  "404 RESOURCE_NOT_FOUND for each, and everything as it was.",
			Run:      oracle.RefusesAll(unknownPathsOf(requirement.GetTrack)),
		},
	}
}
