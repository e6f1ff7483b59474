package oracle

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// Action is a request, or a look at a track's history, by the symbolic names of a scene.
type Action struct {
	// Operation is "" for a look at the history.
	Operation requirement.Operation
	// As is "" for a caller without a key.
	As           string
	Organization string
	Track        string
	Query        LibraryQuery
	// Bearer sends the key as `Authorization: Bearer`, which makes no difference.
	Bearer bool
}

// defaultLimit is how many tracks a list shows where it is not asked for a number.
const defaultLimit = 50

// LibraryQuery is what a list is asked for. The zero value asks for all.
type LibraryQuery struct {
	Mode, Engine string
	Limit        int // 0: not sent
	Offset       int // 0: not sent
}

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

// String names the action in a line: "creator deletes song".
func (a Action) String() string {
	as := a.As
	switch {
	case as == "":
		as = "nobody"
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

// Expectation is what the contract says an action comes to.
type Expectation struct {
	Status int // 0 for a look at the history
	// Items are the tracks that a list shows, by name and in order, where the status is 200.
	Items []string
	// DeletedBy is who deleted the track, "" where nobody did: for a look at the history.
	DeletedBy string
}

// Model is the contract in small: what is true of a scene after some actions on it. It holds no ids and sends nothing.
type Model struct {
	members map[string][]string // organizations by user
	tracks  map[string]*modelTrack
	// libraries holds what each user saved, newest save first. Deleted tracks stay in it and are not shown.
	libraries map[string][]string
}

type modelTrack struct {
	organization, creator, engine, mode string
	deletedBy                           string // "" while it lives
}

func NewModel(scene provision.Request) *Model {
	m := &Model{members: map[string][]string{}, tracks: map[string]*modelTrack{}, libraries: map[string][]string{}}
	for _, u := range scene.Users {
		m.members[u.Name] = u.MemberOf
	}
	for _, t := range scene.Tracks {
		m.tracks[t.Name] = &modelTrack{organization: t.Organization, creator: t.Creator, engine: t.Engine, mode: t.Mode}
		for _, saver := range t.SavedBy {
			m.libraries[saver] = slices.Insert(m.libraries[saver], 0, t.Name)
		}
	}
	return m
}

// Apply carries an action out and tells what is to come back. The order of the checks is the contract's: key, membership,
// access, creator.
func (m *Model) Apply(a Action) Expectation {
	switch {
	case a.Operation == "":
		return Expectation{DeletedBy: m.tracks[a.Track].deletedBy}
	case a.As == "":
		return Expectation{Status: 401}
	case !slices.Contains(m.members[a.As], a.Organization):
		return Expectation{Status: 404}
	case a.Operation == requirement.ListSavedTracks:
		return Expectation{Status: 200, Items: m.list(a)}
	case !m.reaches(a):
		return Expectation{Status: 404}
	}
	track := m.tracks[a.Track]
	switch a.Operation {
	case requirement.UnsaveTrack:
		m.libraries[a.As] = slices.DeleteFunc(m.libraries[a.As], func(name string) bool { return name == a.Track })
	case requirement.DeleteTrack:
		if track.creator != a.As {
			return Expectation{Status: 403}
		}
		track.deletedBy = a.As
	}
	return Expectation{Status: 200}
}

// reaches reports whether there is, for this caller and at this path, such a track.
func (m *Model) reaches(a Action) bool {
	t := m.tracks[a.Track]
	return t != nil && t.organization == a.Organization && t.deletedBy == "" &&
		(t.creator == a.As || slices.Contains(m.libraries[a.As], a.Track))
}

func (m *Model) list(a Action) []string {
	var items []string
	for _, name := range m.libraries[a.As] {
		t := m.tracks[name]
		if t.organization == a.Organization && t.deletedBy == "" &&
			(a.Query.Mode == "" || a.Query.Mode == t.mode) && (a.Query.Engine == "" || a.Query.Engine == t.engine) {
			items = append(items, name)
		}
	}
	items = items[min(a.Query.Offset, len(items)):]
	limit := a.Query.Limit
	if limit == 0 {
		limit = defaultLimit
	}
	items = items[:min(limit, len(items))]
	return items
}

// Describe tells what is to come back.
func (o Expectation) Describe(a Action) string {
	switch {
	case a.Operation == "" && o.DeletedBy == "":
		return "no " + provision.EventDeleted + " in the history of " + a.Track
	case a.Operation == "":
		return fmt.Sprintf("one %s by %s in the history of %s", provision.EventDeleted, o.DeletedBy, a.Track)
	case a.Operation == requirement.ListSavedTracks && o.Status == 200:
		return "200 with " + NameList(o.Items)
	default:
		return strconv.Itoa(o.Status)
	}
}

func NameList(names []string) string {
	if len(names) == 0 {
		return "no tracks"
	}
	return strings.Join(names, ", ")
}

// clone copies a model, so that the copy may go its own way.
func (m *Model) clone() *Model {
	copied := &Model{members: m.members, tracks: map[string]*modelTrack{}, libraries: map[string][]string{}}
	for name, t := range m.tracks {
		track := *t
		copied.tracks[name] = &track
	}
	for name, library := range m.libraries {
		copied.libraries[name] = append([]string(nil), library...)
	}
	return copied
}
