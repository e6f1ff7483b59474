package oracle

import (
	"fmt"
	"net/url"
	"strconv"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// Action is a request, or a reading of a track's history, by the symbolic names of a scene.
type Action struct {
	// Operation is "" for a reading of the history.
	Operation requirement.Operation
	// As is "" for a caller without a key.
	As           string
	Organization string
	Track        string
	Query        LibraryQuery
	// Bearer sends the key as Authorization: Bearer, which must make no difference.
	Bearer bool
}

// Does is what a user does with a track in the organization home. Without a user's name it is done
// without a key.
func Does(as string, o requirement.Operation, track string) Action {
	return Action{Operation: o, As: as, Organization: "home", Track: track}
}

// Deletes is the delete of a track in the organization home.
func Deletes(as, track string) Action { return Does(as, requirement.DeleteTrack, track) }

// Gets is the get of a track in the organization home.
func Gets(as, track string) Action { return Does(as, requirement.GetTrack, track) }

// Unsaves is the removal of a track in the organization home from a user's library.
func Unsaves(as, track string) Action { return Does(as, requirement.UnsaveTrack, track) }

// Lists is the list of what a user saved in the organization home.
func Lists(as string) Action { return Does(as, requirement.ListSavedTracks, "") }

// In is the same action under the path of another organization.
func (a Action) In(organization string) Action {
	a.Organization = organization
	return a
}

// ByBearer is the same action with the key sent as Authorization: Bearer.
func (a Action) ByBearer() Action {
	a.Bearer = true
	return a
}

// Times returns n times the same action.
func Times(n int, a Action) []Action {
	actions := make([]Action, n)
	for i := range actions {
		actions[i] = a
	}
	return actions
}

// String is the action in a line: "creator deletes song in home".
func (a Action) String() string {
	as := a.As
	switch {
	case as == "":
		as = "a caller without a key"
	case a.Bearer:
		as += " (as bearer)"
	}
	switch a.Operation {
	case requirement.DeleteTrack:
		return fmt.Sprintf("%s deletes %s in %s", as, a.Track, a.Organization)
	case requirement.GetTrack:
		return fmt.Sprintf("%s gets %s in %s", as, a.Track, a.Organization)
	case requirement.UnsaveTrack:
		return fmt.Sprintf("%s unsaves %s in %s", as, a.Track, a.Organization)
	case requirement.ListSavedTracks:
		line := fmt.Sprintf("%s lists %s", as, a.Organization)
		if q := a.Query.String(); q != "" {
			line += " with " + q
		}
		return line
	default:
		return fmt.Sprintf("the history of %s", a.Track)
	}
}

// RequestOf is the request of an action on a scene.
func RequestOf(s *provision.Scene, a Action, options ...suite.RequestOption) wire.Request {
	var as provision.User
	if a.As != "" {
		as = s.User(a.As)
	}
	var own []suite.RequestOption
	if a.Bearer {
		own = append(own, suite.WithBearer())
	}
	track := ""
	if a.Track != "" {
		track = s.Track(a.Track)
	}
	if query := a.Query.String(); query != "" {
		own = append(own, suite.WithQuery(query))
	}
	return NewRequest(a.Operation, as, s.Organization(a.Organization), track, append(own, options...)...)
}

// NewRequest is the request of an operation, by real ids. A list ignores the track.
func NewRequest(
	o requirement.Operation, as provision.User, organization, track string, options ...suite.RequestOption,
) wire.Request {
	method, path := "DELETE", requirement.TrackPath(organization, track)
	switch o {
	case requirement.GetTrack:
		method = "GET"
	case requirement.UnsaveTrack:
		path = requirement.SavePath(organization, track)
	case requirement.ListSavedTracks:
		method, path = "GET", requirement.TracksPath(organization)
	}
	return suite.NewRequest(method, path, as, options...)
}

// defaultLimit is how many tracks a list shows if its query has no limit.
const defaultLimit = 50

// LibraryQuery is the query of a list. The zero value sends none.
type LibraryQuery struct {
	Mode, Engine string
	Limit        int // 0: not sent
	Offset       int // 0: not sent
}

// String is the query string.
func (q LibraryQuery) String() string {
	values := url.Values{}
	if q.Mode != "" {
		values.Set("mode", q.Mode)
	}
	if q.Engine != "" {
		values.Set("engine", q.Engine)
	}
	if q.Limit != 0 {
		values.Set("limit", strconv.Itoa(q.Limit))
	}
	if q.Offset != 0 {
		values.Set("offset", strconv.Itoa(q.Offset))
	}
	return values.Encode()
}

// limit is the limit that applies.
func (q LibraryQuery) limit() int {
	if q.Limit == 0 {
		return defaultLimit
	}
	return q.Limit
}
