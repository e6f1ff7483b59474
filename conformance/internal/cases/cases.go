package conformance

import (
	"context"
	"net/http"
	"slices"

	"github.com/seed-5ec2a705/mtrack/conformance/version"
	"github.com/seed-5ec2a705/mtrack/openapi"
)

// Cases lists the suite's cases, in the order in which reports show them. The caller may keep and change what it gets.
func Cases() []Case {
	return slices.Concat(
		deleteCases(),
		effectCases(),
		historyCases(),
		authorizationCases(),
		notFoundCases(),
		authenticationCases(),
		errorCases(),
		idCases(),
		pathCases(),
		bodyCases(),
		strayCases(),
		connectionCases(),
		getCases(),
		listCases(),
		unsaveCases(),
		concurrencyCases(),
		sequenceCases(),
		timingCases(),
	)
}

// servesScene is what operations outside of the profile are tried on.
var servesScene = SceneRequest{
	Organizations: []OrganizationRequest{{Name: "home"}},
	Users:         []UserRequest{{Name: "creator", MemberOf: []string{"home"}}},
	Tracks:        []TrackRequest{{Name: "song", Organization: "home", Creator: "creator", SavedBy: []string{"creator"}}},
}

// served tries the operations that the delete profile leaves out as the creator of a live track that it saved.
func served(ctx context.Context, c *Client, s *Scene) map[Operation]bool {
	found := map[Operation]bool{}
	for _, o := range []Operation{GetTrack, ListSavedTracks, UnsaveTrack} {
		x, err := c.Do(ctx, ask(o, s.User("creator"), s.Organization("home"), s.Track("song")))
		found[o] = err == nil && x.Status == http.StatusOK
	}
	return found
}

// music is the suite of the music contract.
func music() suiteDefinition {
	return suiteDefinition{
		name:         "mtrack-conformance",
		version:      version.Suite,
		cases:        Cases(),
		requirements: Requirements(),
		contract:     openapi.Music,
		contractName: "openapi/music.yaml",
		probePath:    TracksPath("org_preflight"),
		serves:       servesProbe{scene: servesScene, ask: served},
	}
}
