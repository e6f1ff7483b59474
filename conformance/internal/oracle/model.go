package conformance

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// action is a request, or a look at a track's history, by the symbolic names of a scene.
type action struct {
	// operation is "" for a look at the history.
	operation Operation
	// as is "" for a caller without a key.
	as           string
	organization string
	track        string
	query        libraryQuery
	// bearer sends the key as `Authorization: Bearer`, which makes no difference.
	bearer bool
}

// defaultLimit is how many tracks a list shows where it is not asked for a number.
const defaultLimit = 50

// libraryQuery is what a list is asked for. The zero value asks for all.
type libraryQuery struct {
	mode, engine string
	limit        int // 0: not sent
	offset       int // 0: not sent
}

func (q libraryQuery) String() string {
	values := url.Values{}
	if q.mode != "" {
		values.Set("mode", q.mode)
	}
	if q.engine != "" {
		values.Set("engine", q.engine)
	}
	if q.limit != 0 {
		values.Set("limit", strconv.Itoa(q.limit))
	}
	if q.offset != 0 {
		values.Set("offset", strconv.Itoa(q.offset))
	}
	return values.Encode()
}

// String names the action in a line: "creator deletes song".
func (a action) String() string {
	as := a.as
	switch {
	case as == "":
		as = "nobody"
	case a.bearer:
		as += " (as bearer)"
	}
	switch a.operation {
	case DeleteTrack:
		return fmt.Sprintf("%s deletes %s in %s", as, a.track, a.organization)
	case GetTrack:
		return fmt.Sprintf("%s gets %s in %s", as, a.track, a.organization)
	case UnsaveTrack:
		return fmt.Sprintf("%s unsaves %s in %s", as, a.track, a.organization)
	case ListSavedTracks:
		line := fmt.Sprintf("%s lists %s", as, a.organization)
		if q := a.query.String(); q != "" {
			line += " with " + q
		}
		return line
	default:
		return fmt.Sprintf("the history of %s", a.track)
	}
}

// outcome is what the contract says an action comes to.
type outcome struct {
	status int // 0 for a look at the history
	// items are the tracks that a list shows, by name and in order, where the status is 200.
	items []string
	// deletedBy is who deleted the track, "" where nobody did: for a look at the history.
	deletedBy string
}

// model is the contract in small: what is true of a scene after some actions on it. It holds no ids and sends nothing.
type model struct {
	members map[string][]string // organizations by user
	tracks  map[string]*modelTrack
	// libraries holds what each user saved, newest save first. Deleted tracks stay in it and are not shown.
	libraries map[string][]string
}

type modelTrack struct {
	organization, creator, engine, mode string
	deletedBy                           string // "" while it lives
}

func newModel(scene SceneRequest) *model {
	m := &model{members: map[string][]string{}, tracks: map[string]*modelTrack{}, libraries: map[string][]string{}}
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

// do carries an action out and tells what is to come back. The order of the checks is the contract's: key, membership,
// access, creator.
func (m *model) do(a action) outcome {
	switch {
	case a.operation == "":
		return outcome{deletedBy: m.tracks[a.track].deletedBy}
	case a.as == "":
		return outcome{status: 401}
	case !slices.Contains(m.members[a.as], a.organization):
		return outcome{status: 404}
	case a.operation == ListSavedTracks:
		return outcome{status: 200, items: m.list(a)}
	case !m.reaches(a):
		return outcome{status: 404}
	}
	track := m.tracks[a.track]
	switch a.operation {
	case UnsaveTrack:
		m.libraries[a.as] = slices.DeleteFunc(m.libraries[a.as], func(name string) bool { return name == a.track })
	case DeleteTrack:
		if track.creator != a.as {
			return outcome{status: 403}
		}
		track.deletedBy = a.as
	}
	return outcome{status: 200}
}

// reaches tells whether there is, for this caller and at this path, such a track.
func (m *model) reaches(a action) bool {
	t := m.tracks[a.track]
	return t != nil && t.organization == a.organization && t.deletedBy == "" &&
		(t.creator == a.as || slices.Contains(m.libraries[a.as], a.track))
}

func (m *model) list(a action) []string {
	var items []string
	for _, name := range m.libraries[a.as] {
		t := m.tracks[name]
		if t.organization == a.organization && t.deletedBy == "" &&
			(a.query.mode == "" || a.query.mode == t.mode) && (a.query.engine == "" || a.query.engine == t.engine) {
			items = append(items, name)
		}
	}
	items = items[min(a.query.offset, len(items)):]
	limit := a.query.limit
	if limit == 0 {
		limit = defaultLimit
	}
	items = items[:min(limit, len(items))]
	return items
}

// describe tells what is to come back.
func (o outcome) describe(a action) string {
	switch {
	case a.operation == "" && o.deletedBy == "":
		return "no " + EventDeleted + " in the history of " + a.track
	case a.operation == "":
		return fmt.Sprintf("one %s by %s in the history of %s", EventDeleted, o.deletedBy, a.track)
	case a.operation == ListSavedTracks && o.status == 200:
		return "200 with " + nameList(o.items)
	default:
		return strconv.Itoa(o.status)
	}
}

func nameList(names []string) string {
	if len(names) == 0 {
		return "no tracks"
	}
	return strings.Join(names, ", ")
}

// clone copies a model, so that the copy may go its own way.
func (m *model) clone() *model {
	copied := &model{members: m.members, tracks: map[string]*modelTrack{}, libraries: map[string][]string{}}
	for name, t := range m.tracks {
		track := *t
		copied.tracks[name] = &track
	}
	for name, library := range m.libraries {
		copied.libraries[name] = append([]string(nil), library...)
	}
	return copied
}
