package cases

import (
	"context"
	"slices"
	"strings"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/expect"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/oracle"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// sceneProbed has two tracks of every kind that is 404 for the caller.
var sceneProbed = provision.Request{
	Organizations: []provision.OrganizationRequest{{Name: "home"}, {Name: "abroad"}, {Name: "overseas"}},
	Users: []provision.UserRequest{
		{Name: "caller", MemberOf: []string{"home"}},
		{Name: "owner", MemberOf: []string{"home", "abroad", "overseas"}},
	},
	Tracks: []provision.TrackRequest{
		{Name: "hidden", Title: "The hidden one", Organization: "home",
			Creator: "owner", SavedBy: []string{"owner"}},
		{Name: "hidden-too", Title: "The hidden one", Organization: "home",
			Creator: "owner", SavedBy: []string{}},
		{Name: "lost", Title: "The lost one", Organization: "home",
			Creator: "owner", SavedBy: []string{"caller", "owner"}},
		{Name: "lost-too", Title: "The lost one", Organization: "home",
			Creator: "owner", SavedBy: []string{"owner", "caller"}},
		{Name: "withdrawn", Title: "The withdrawn one", Organization: "home",
			Creator: "caller", SavedBy: []string{"caller", "owner"}},
		{Name: "withdrawn-too", Title: "The withdrawn one", Organization: "home",
			Creator: "caller", SavedBy: []string{}},
		{Name: "unseen", Title: "The unseen one", Organization: "home",
			Creator: "owner", SavedBy: []string{"owner"}},
		{Name: "unseen-too", Title: "The unseen one", Organization: "home",
			Creator: "owner", SavedBy: []string{}},
		{Name: "foreign", Title: "The foreign one", Organization: "abroad",
			Creator: "owner", SavedBy: []string{"owner"}},
		{Name: "foreign-too", Title: "The foreign one", Organization: "overseas",
			Creator: "owner", SavedBy: []string{"owner"}},
		{Name: "kept", Title: "The kept one", Organization: "abroad",
			Creator: "owner", SavedBy: []string{"caller", "owner"}},
		{Name: "kept-too", Title: "The kept one", Organization: "overseas",
			Creator: "owner", SavedBy: []string{"owner", "caller"}},
		{Name: "made", Title: "The made one", Organization: "abroad",
			Creator: "caller", SavedBy: []string{"caller", "owner"}},
		{Name: "made-too", Title: "The made one", Organization: "overseas",
			Creator: "caller", SavedBy: []string{"owner"}},
	},
}

// prepareProbes deletes the tracks that are probed as deleted: saved by the caller (lost), created
// by the caller (withdrawn), and neither (unseen).
func prepareProbes(ctx context.Context, c *suite.Client, scene *provision.Scene) error {
	for _, name := range []string{"lost", "lost-too", "withdrawn", "withdrawn-too", "unseen", "unseen-too"} {
		creator := oracle.TrackRequest(scene, name).Creator
		x, err := c.Do(ctx, oracle.RequestOf(scene, oracle.Deletes(creator, name)))
		if err != nil {
			return err
		}
		if err := expect.Acknowledged(x, scene.Track(name)); err != nil {
			return err
		}
	}
	return nil
}

// probesOfPaths are requests of an operation, with that key, for everything whose existence must
// not show.
func probesOfPaths(c *suite.Client, o requirement.Operation, as provision.User) []expect.Probe {
	if o == requirement.ListSavedTracks {
		return probesOfOrganizations(c.Scene, as)
	}
	return probesOfTracks(c, c.Scene, o, as)
}

// probesOfTracks are requests that get 404, in classes by the reason for it.
func probesOfTracks(c *suite.Client, s *provision.Scene, o requirement.Operation, as provision.User) []expect.Probe {
	home, abroad, overseas := s.Organization("home"), s.Organization("abroad"), s.Organization("overseas")
	missing, missingToo := unusedID(c, s, s.Track("hidden")), unusedID(c, s, s.Track("foreign"))
	classes := []struct {
		class  string
		places [2][2]string // organization and track, twice
	}{
		{"missing", [2][2]string{{home, missing}, {home, missingToo}}},
		{"inaccessible", [2][2]string{{home, s.Track("hidden")}, {home, s.Track("hidden-too")}}},
		{"deleted, and was saved", [2][2]string{{home, s.Track("lost")}, {home, s.Track("lost-too")}}},
		{"deleted, and was one's own", [2][2]string{{home, s.Track("withdrawn")}, {home, s.Track("withdrawn-too")}}},
		{"deleted, and was inaccessible", [2][2]string{{home, s.Track("unseen")}, {home, s.Track("unseen-too")}}},
		{"in another organization", [2][2]string{{home, s.Track("foreign")}, {home, s.Track("foreign-too")}}},
		{"saved in another organization", [2][2]string{{home, s.Track("kept")}, {home, s.Track("kept-too")}}},
		{"created in another organization", [2][2]string{{home, s.Track("made")}, {home, s.Track("made-too")}}},
		{
			"live in an organization of others",
			[2][2]string{{abroad, s.Track("foreign")}, {overseas, s.Track("foreign-too")}},
		},
		{"saved in an organization of others", [2][2]string{{abroad, s.Track("kept")}, {overseas, s.Track("kept-too")}}},
		{
			"created in an organization that was left",
			[2][2]string{{abroad, s.Track("made")}, {overseas, s.Track("made-too")}},
		},
		{"missing in an organization of others", [2][2]string{{abroad, missing}, {overseas, missingToo}}},
		{
			"in an organization that does not exist",
			[2][2]string{{unusedID(c, s, home), s.Track("hidden")}, {unusedID(c, s, abroad), s.Track("foreign")}},
		},
	}
	var probes []expect.Probe
	for _, class := range classes {
		p := expect.Probe{Class: class.class}
		for _, place := range class.places {
			p.Requests = append(p.Requests, oracle.NewRequest(o, as, place[0], place[1], keepAlive))
			p.Sent = append(p.Sent, place[:])
		}
		probes = append(probes, p)
	}
	return probes
}

// probesOfOrganizations are lists that get 404, in classes by the reason for it.
func probesOfOrganizations(s *provision.Scene, as provision.User) []expect.Probe {
	classes := map[string][]string{
		"one of others":     {s.Organization("abroad"), s.Organization("overseas")},
		"that is not there": {s.Organization("abroad") + "x", "org_0" + s.Organization("overseas")},
	}
	var probes []expect.Probe
	for _, class := range []string{"that is not there", "one of others"} {
		p := expect.Probe{Class: "in an organization " + class}
		for _, organization := range classes[class] {
			p.Requests = append(p.Requests, oracle.NewRequest(requirement.ListSavedTracks, as, organization, "", keepAlive))
			p.Sent = append(p.Sent, []string{organization})
		}
		probes = append(probes, p)
	}
	return probes
}

// decidedApart keeps the classes whose 404s implementations are likely to decide in different
// places.
func decidedApart(probes []expect.Probe) []expect.Probe {
	return slices.DeleteFunc(probes, func(p expect.Probe) bool {
		return !slices.Contains([]string{
			"missing", "inaccessible", "deleted, and was saved", "in another organization",
			"live in an organization of others", "in an organization that does not exist",
		}, p.Class)
	})
}

// keepAlive offers to keep the connection open, so that a response that closes it differs from one
// that does not.
func keepAlive(r *wire.Request) {
	r.Header = append(r.Header, wire.HeaderField{Name: "Connection", Value: "keep-alive"})
}

// unusedID makes an id that looks like a given one but is not in the scene: its last characters are
// drawn anew, each of its kind. If ids are numbered it may belong to another scene, to which no
// user of this one has access.
func unusedID(c *suite.Client, s *provision.Scene, id string) string {
	for range 50 {
		if like := redraw(c, id); !hasID(s, like) {
			return like
		}
	}
	return id + "-none"
}

func redraw(c *suite.Client, id string) string {
	hex := strings.Trim(id[max(0, len(id)-8):], "0123456789abcdef") == ""
	changed := []byte(id)
	for i := max(0, len(id)-8); i < len(id); i++ {
		alphabet := ""
		switch b := id[i]; {
		case hex:
			alphabet = "0123456789abcdef"
		case '0' <= b && b <= '9':
			alphabet = "0123456789"
		case 'a' <= b && b <= 'z' && i >= len("mtrack_"):
			alphabet = "abcdefghijklmnopqrstuvwxyz"
		case 'A' <= b && b <= 'Z':
			alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		default:
			continue
		}
		changed[i] = alphabet[c.Rand().IntN(len(alphabet))]
	}
	return string(changed)
}

// hasID reports whether a text is the id of a track or an organization of the scene.
func hasID(s *provision.Scene, text string) bool {
	for _, t := range s.Tracks {
		if t.ID == text {
			return true
		}
	}
	return hasOrganization(s, text)
}
