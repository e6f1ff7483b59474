package cases

import (
	"context"
	"net/http"
	"slices"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/oracle"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
	"github.com/seed-5ec2a705/mtrack/conformance/version"
	"github.com/seed-5ec2a705/mtrack/openapi"
)

// The areas: the first half of a case's id.
const (
	deleteTrack = "delete-track"
	getTrack    = "get-track"
	listTracks  = "list-tracks"
	unsaveTrack = "unsave-track"
	concurrency = "concurrency"
	sequence    = "sequence"
)

// areaOf is the area of the cases about one operation.
func areaOf(o requirement.Operation) string {
	switch o {
	case requirement.DeleteTrack:
		return deleteTrack
	case requirement.GetTrack:
		return getTrack
	case requirement.ListSavedTracks:
		return listTracks
	default:
		return unsaveTrack
	}
}

// All lists the suite's cases, in the order in which reports show them. The caller may keep and
// change what it gets.
func All() []suite.Case {
	all := slices.Concat(
		deleteCases(),
		effectCases(),
		lateEffectCases(),
		historyCases(),
		matrixCases(),
		notFoundCases(),
		authenticationCases(),
		errorCases(),
		malformedCases(),
		pathCases(),
		methodCases(),
		bodyCases(),
		decoyCases(),
		overrideCases(),
		clientCases(),
		readBodyCases(),
		brokenTextCases(),
		valueCases(),
		conditionCases(),
		[]suite.Case{formsCase(), windowsApartCase()},
		idempotencyCases(),
		connectionCases(),
		revocationCases(),
		secondKeyCases(),
		oldTrackCases(),
		getCases(),
		listCases(),
		listQueryCases(),
		listOrderCases(),
		unsaveCases(),
		callerCases(),
		connectionStateCases(),
		thresholdCases(),
		mediaCases(),
		concurrencyCases(),
		coldCases(),
		pipelinedCases(),
		sequenceCases(),
		timingCases(),
	)
	for i, c := range all {
		all[i].Where = whereIs(c.Area, c.Slug)
	}
	return all
}

// servesScene is the scene on which operations outside of the profile are tried.
var servesScene = provision.Request{
	Organizations: []provision.OrganizationRequest{{Name: "home"}},
	Users:         []provision.UserRequest{{Name: "creator", MemberOf: []string{"home"}}},
	Tracks: []provision.TrackRequest{{
		Name:         "song",
		Organization: "home",
		Creator:      "creator",
		SavedBy:      []string{"creator"},
	}},
}

// served tries the operations that the delete profile leaves out as the creator of a live track
// that it saved. The delete comes last: a target none of whose responses to all of these is JSON is
// not the API.
func served(ctx context.Context, c *suite.Client, s *provision.Scene) map[requirement.Operation]bool {
	found := map[requirement.Operation]bool{}
	for _, o := range []requirement.Operation{
		requirement.GetTrack,
		requirement.ListSavedTracks,
		requirement.UnsaveTrack,
	} {
		x, err := c.Do(ctx, oracle.RequestOf(s, oracle.Does("creator", o, "song")))
		found[o] = err == nil && x.Status == http.StatusOK
	}
	c.Do(ctx, oracle.RequestOf(s, oracle.Deletes("creator", "song")))
	return found
}

// Music is the suite of the music contract.
func Music() suite.Suite {
	return suite.Suite{
		Name:         "mtrack-conformance",
		Version:      version.Suite,
		Cases:        All(),
		Requirements: requirement.All(),
		Contract:     openapi.Music,
		ContractName: "openapi/music.yaml",
		BasePath:     "/v1",
		ProbePaths:   []string{requirement.TracksPath("org_preflight"), "/v1"},
		EventTypes:   []string{provision.EventCreated, provision.EventBilled, provision.EventDeleted},
		Serves:       suite.Probe{Scene: servesScene, Ask: served},
	}
}
