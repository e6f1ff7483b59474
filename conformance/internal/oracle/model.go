package oracle

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/expect"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// Expectation is the outcome of an action by the contract.
type Expectation struct {
	Status int // 0 for a reading of the history
	// Items are the tracks of a successful list, by name and in order.
	Items []string
	// DeletedBy is who deleted the track, "" while it lives: for a reading of the history.
	DeletedBy string
}

// Describe is the expectation of an action in a few words: "200 with song".
func (e Expectation) Describe(a Action) string {
	switch {
	case a.Operation == "" && e.DeletedBy == "":
		return "no " + provision.EventDeleted + " in the history of " + a.Track
	case a.Operation == "":
		return fmt.Sprintf("one %s by %s in the history of %s", provision.EventDeleted, e.DeletedBy, a.Track)
	case a.Operation == requirement.ListSavedTracks && e.Status == 200:
		return "200 with " + NameList(e.Items)
	default:
		return strconv.Itoa(e.Status)
	}
}

// Mismatch says in a few words how the response to an action differs from the expectation, "" if it
// does not: by its status, or by the tracks of a list.
func (e Expectation) Mismatch(scene *provision.Scene, a Action, x *wire.Exchange) string {
	if x.Status != e.Status {
		return strconv.Itoa(x.Status)
	}
	if x.Status != 200 || a.Operation != requirement.ListSavedTracks {
		return ""
	}
	page, err := expect.Page(x)
	if err != nil {
		return "200 with " + err.Error()
	}
	if names := TrackNames(scene, page.IDs()); !slices.Equal(names, e.Items) {
		return "200 with " + NameList(names)
	}
	return ""
}

// NameList joins the names of tracks for a message.
func NameList(names []string) string {
	if len(names) == 0 {
		return "no tracks"
	}
	return strings.Join(names, ", ")
}

// Model is the contract in small: what is true of a scene after some actions. It has no ids and
// sends nothing.
type Model struct {
	members map[string][]string // organizations by user
	tracks  map[string]*modelTrack
	// libraries has the tracks that each user saved, newest first. Deleted tracks stay in it,
	// hidden.
	libraries map[string][]string
	// revoked has the users whose key works no more.
	revoked map[string]bool
}

type modelTrack struct {
	organization, creator, engine, mode string
	deletedBy                           string // "" while it lives
}

// NewModel returns the model of a new scene.
func NewModel(scene provision.Request) *Model {
	m := &Model{
		members: map[string][]string{}, tracks: map[string]*modelTrack{}, libraries: map[string][]string{},
		revoked: map[string]bool{},
	}
	for _, u := range scene.Users {
		m.members[u.Name] = u.MemberOf
	}
	for _, t := range scene.Tracks {
		m.tracks[t.Name] = &modelTrack{organization: t.Organization, creator: t.Creator, engine: t.Engine, mode: t.Mode}
		for _, saver := range t.SavedBy {
			m.libraries[saver] = slices.Insert(m.libraries[saver], 0, t.Name)
		}
	}
	for _, s := range scene.Saves {
		m.libraries[s.User] = slices.Insert(m.libraries[s.User], 0, s.Track)
	}
	return m
}

// Apply carries out an action and returns its outcome. The order of the checks is that of the
// contract: key, membership, access, creator.
func (m *Model) Apply(a Action) Expectation {
	switch {
	case a.Operation == "":
		return Expectation{DeletedBy: m.tracks[a.Track].deletedBy}
	case a.As == "" || m.revoked[a.As]:
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

// RevokeKey is that the key of a user was revoked.
func (m *Model) RevokeKey(user string) { m.revoked[user] = true }

// EndMembership is that a user left an organization.
func (m *Model) EndMembership(user, organization string) {
	m.members[user] = slices.DeleteFunc(slices.Clone(m.members[user]), func(o string) bool { return o == organization })
}

// reaches reports whether the track exists for this caller at this path.
func (m *Model) reaches(a Action) bool {
	t := m.tracks[a.Track]
	return t != nil && t.organization == a.Organization && t.deletedBy == "" &&
		(t.creator == a.As || slices.Contains(m.libraries[a.As], a.Track))
}

// list returns the tracks of a list.
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
	return items[:min(a.Query.limit(), len(items))]
}

// clone returns a copy that shares nothing that an action changes.
func (m *Model) clone() *Model {
	copied := &Model{members: m.members, revoked: m.revoked, tracks: map[string]*modelTrack{}, libraries: map[string][]string{}}
	for name, t := range m.tracks {
		track := *t
		copied.tracks[name] = &track
	}
	for name, library := range m.libraries {
		copied.libraries[name] = append([]string(nil), library...)
	}
	return copied
}
