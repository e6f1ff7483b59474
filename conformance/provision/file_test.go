package provision

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// renamed gives everything in a request other names, and shuffles what may be shuffled.
func renamed(r Request, random *rand.Rand) Request {
	organization := func(name string) string { return "o-" + name }
	user := func(name string) string { return "u-" + name }
	var n Request
	for _, o := range r.Organizations {
		n.Organizations = append(n.Organizations, OrganizationRequest{organization(o.Name)})
	}
	for _, u := range r.Users {
		nu := UserRequest{Name: user(u.Name)}
		for _, o := range u.MemberOf {
			nu.MemberOf = append(nu.MemberOf, organization(o))
		}
		random.Shuffle(len(nu.MemberOf), func(i, j int) { nu.MemberOf[i], nu.MemberOf[j] = nu.MemberOf[j], nu.MemberOf[i] })
		n.Users = append(n.Users, nu)
	}
	for _, t := range r.Tracks {
		nt := t
		nt.Name, nt.Organization, nt.Creator, nt.SavedBy = "t-"+t.Name, organization(t.Organization), user(t.Creator), nil
		for _, u := range t.SavedBy {
			nt.SavedBy = append(nt.SavedBy, user(u))
		}
		n.Tracks = append(n.Tracks, nt)
	}
	for _, k := range r.RevokedKeys {
		n.RevokedKeys = append(n.RevokedKeys, RevokedKeyRequest{"k-" + k.Name, user(k.User)})
	}
	random.Shuffle(len(n.Organizations), func(i, j int) { n.Organizations[i], n.Organizations[j] = n.Organizations[j], n.Organizations[i] })
	random.Shuffle(len(n.Users), func(i, j int) { n.Users[i], n.Users[j] = n.Users[j], n.Users[i] })
	return n
}

// filled is what a request becomes, with ids that tell what they are.
func filled(r Request, prefix string) sceneEntry {
	s := Scene{
		Organizations: map[string]SceneOrganization{},
		Users:         map[string]SceneUser{},
		Tracks:        map[string]SceneTrack{},
		RevokedKeys:   map[string]SceneKey{},
	}
	for _, o := range r.Organizations {
		s.Organizations[o.Name] = SceneOrganization{prefix + o.Name}
	}
	for _, u := range r.Users {
		s.Users[u.Name] = SceneUser{prefix + u.Name, "ak_" + prefix + u.Name}
	}
	for _, t := range r.Tracks {
		s.Tracks[t.Name] = SceneTrack{"mtrack_" + prefix + t.Name}
	}
	for _, k := range r.RevokedKeys {
		s.RevokedKeys[k.Name] = SceneKey{"ak_" + prefix + k.Name}
	}
	return sceneEntry{Request: r, Scene: s}
}

func scenesFile(t *testing.T, entries ...sceneEntry) string {
	t.Helper()
	b, err := json.Marshal(sceneFile{Scenes: entries})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// keeps reports whether what was found for a request is what it asks for, judged against what the
// file says.
func keeps(s *Scene, want, have Request, file Scene) error {
	idOfUser := map[string]string{}
	for _, u := range have.Users {
		idOfUser[file.Users[u.Name].ID] = u.Name
	}
	organizations := map[string]string{}
	for name, o := range file.Organizations {
		organizations[o.ID] = name
	}
	for _, u := range want.Users {
		name := idOfUser[s.User(u.Name).ID]
		for _, h := range have.Users {
			if h.Name != name {
				continue
			}
			got := map[string]bool{}
			for _, o := range h.MemberOf {
				got[o] = true
			}
			for _, o := range u.MemberOf {
				if !got[organizations[s.Organization(o)]] || len(got) != len(u.MemberOf) {
					return fmt.Errorf("user %s is no member of %s", u.Name, o)
				}
			}
		}
	}
	for i, w := range want.Tracks {
		h := have.Tracks[i]
		if s.Track(w.Name) != file.Tracks[h.Name].ID || idOfUser[s.User(w.Creator).ID] != h.Creator ||
			organizations[s.Organization(w.Organization)] != h.Organization {
			return fmt.Errorf("track %s is another", w.Name)
		}
		for j, u := range w.SavedBy {
			if idOfUser[s.User(u).ID] != h.SavedBy[j] {
				return fmt.Errorf("track %s: saver %d is another", w.Name, j)
			}
		}
	}
	for _, k := range want.RevokedKeys {
		for _, h := range have.RevokedKeys {
			if file.RevokedKeys[h.Name].APIKey == s.RevokedKey(k.Name) && idOfUser[s.User(k.User).ID] != h.User {
				return fmt.Errorf("revoked key %s is somebody else's", k.Name)
			}
		}
	}
	return nil
}

// Scenes are found again under other names and in another order, and what is found is what was
// asked for.
func TestStaticFindsByStructure(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		want := randomRequest(random)
		have := filled(renamed(want, random), "x_")
		s, err := ReadScenes(strings.NewReader(scenesFile(t, have)), "test")
		if err != nil {
			t.Fatalf("%+v: %v", want, err)
		}
		found, err := s.CreateScene(t.Context(), want)
		if err != nil {
			t.Fatalf("%+v: %v", want, err)
		}
		if err := keeps(found, want, have.Request, have.Scene); err != nil {
			t.Errorf("%+v: %v", want, err)
		}
	}
}

// randomRequest asks for up to three organizations and six users and tracks, some of which nothing
// but their relations tells apart.
func randomRequest(random *rand.Rand) Request {
	var r Request
	for i := range 1 + random.IntN(3) {
		r.Organizations = append(r.Organizations, OrganizationRequest{fmt.Sprintf("o%d", i)})
	}
	for i := range 1 + random.IntN(6) {
		u := UserRequest{Name: fmt.Sprintf("u%d", i), MemberOf: []string{}}
		for _, o := range r.Organizations {
			if random.IntN(2) == 0 {
				u.MemberOf = append(u.MemberOf, o.Name)
			}
		}
		r.Users = append(r.Users, u)
	}
	anybody := func() string { return r.Users[random.IntN(len(r.Users))].Name }
	for i := range random.IntN(7) {
		track := TrackRequest{
			Name: fmt.Sprintf("t%d", i), Organization: r.Organizations[random.IntN(len(r.Organizations))].Name, Creator: anybody(),
			SavedBy: []string{}, Engine: []string{"", "studio"}[random.IntN(2)],
		}
		for _, u := range r.Users {
			if random.IntN(2) == 0 {
				track.SavedBy = append(track.SavedBy, u.Name)
			}
		}
		random.Shuffle(len(track.SavedBy), func(i, j int) { track.SavedBy[i], track.SavedBy[j] = track.SavedBy[j], track.SavedBy[i] })
		r.Tracks = append(r.Tracks, track)
	}
	if random.IntN(2) == 0 {
		r.RevokedKeys = []RevokedKeyRequest{{"k0", anybody()}}
	}
	return r
}

// Actors that the tracks do not tell apart are told apart by what else is said of them.
func TestStaticTellsAlikesApart(t *testing.T) {
	base := Request{
		Organizations: []OrganizationRequest{{"a"}, {"b"}, {"c"}},
		Users: []UserRequest{
			{"one", []string{"a"}},
			{"two", []string{"b"}},
			{"three", []string{"a", "b"}},
			{"four", nil},
		},
		Tracks: []TrackRequest{
			{Name: "t", Organization: "a", Creator: "one", SavedBy: []string{"two", "one"}, Engine: "studio"},
		},
		RevokedKeys: []RevokedKeyRequest{{"old", "three"}},
	}
	change := func(f func(*Request)) Request {
		r := base.WithEmptyLists()
		r.RevokedKeys = append([]RevokedKeyRequest{}, r.RevokedKeys...)
		f(&r)
		return r
	}
	for name, have := range map[string]Request{
		"order of savers":       change(func(r *Request) { r.Tracks[0].SavedBy = []string{"one", "two"} }),
		"other creator":         change(func(r *Request) { r.Tracks[0].Creator = "two" }),
		"other organization":    change(func(r *Request) { r.Tracks[0].Organization = "b" }),
		"membership less":       change(func(r *Request) { r.Users[2].MemberOf = []string{"a"} }),
		"membership more":       change(func(r *Request) { r.Users[3].MemberOf = []string{"c"} }),
		"membership elsewhere":  change(func(r *Request) { r.Users[2].MemberOf = []string{"a", "c"} }),
		"revoked of another":    change(func(r *Request) { r.RevokedKeys[0].User = "four" }),
		"no revoked":            change(func(r *Request) { r.RevokedKeys = nil }),
		"engine":                change(func(r *Request) { r.Tracks[0].Engine = "other" }),
		"one organization more": change(func(r *Request) { r.Organizations = append(r.Organizations, OrganizationRequest{"d"}) }),
		"one user more":         change(func(r *Request) { r.Users = append(r.Users, UserRequest{"five", nil}) }),
	} {
		if _, ok := matchScenes(base, have); ok {
			t.Errorf("%s: taken for what was asked for", name)
		}
	}
	for name, have := range map[string]Request{
		"itself":              base,
		"title where free":    change(func(r *Request) { r.Tracks[0].Title = "Any" }),
		"members in disorder": change(func(r *Request) { r.Users[2].MemberOf = []string{"b", "a"} }),
	} {
		if _, ok := matchScenes(base, have); !ok {
			t.Errorf("%s: not found", name)
		}
	}
}

func TestStaticUsesEachSceneOnce(t *testing.T) {
	s, err := ReadScenes(strings.NewReader(scenesFile(t, filled(songScene, "x_"), filled(songScene, "y_"))), "test")
	if err != nil {
		t.Fatal(err)
	}
	first, err1 := s.CreateScene(t.Context(), songScene)
	second, err2 := s.CreateScene(t.Context(), songScene)
	if err1 != nil || err2 != nil || first.Track("song") != "mtrack_x_song" || second.Track("song") != "mtrack_y_song" {
		t.Errorf("%v %v, %v %v", first, err1, second, err2)
	}
	var missing *MissingScene
	if _, err := s.CreateScene(context.Background(), songScene); !errors.As(err, &missing) {
		t.Errorf("a third time: %v", err)
	}
}

func TestReadScenesRefuses(t *testing.T) {
	good := scenesFile(t, filled(songScene, "x_"))
	for name, tc := range map[string]struct{ content, want string }{
		"nothing":           {"", "an empty body"},
		"no JSON":           {"scenes:", "not JSON"},
		"no scenes":         {`{"scenes":[]}`, "holds no scenes"},
		"other shape":       {`[]`, "array"},
		"unknown field":     {`{"scenes":[{"reqest":{}}]}`, "reqest"},
		"id of wrong shape": {strings.Replace(good, `"id":"x_home"`, `"id":7`, 1), "number"},
		"empty id":          {strings.Replace(good, `"x_home"`, `""`, 1), "scene 1: scene.organizations.home.id is missing"},
		"missing user":      {strings.Replace(good, `"creator":{`, `"creater":{`, 1), "scene.users.creator.id is missing"},
		"unknown creator":   {strings.Replace(good, `"creator":"creator"`, `"creator":"nobody"`, 1), `names user "nobody"`},
		"used twice":        {scenesFile(t, filled(songScene, "x_"), filled(songScene, "x_")), "scene 2: scene.organizations.home.id was used by an earlier scene"},
		"key with newline":  {strings.Replace(good, `"ak_x_creator"`, `"ak\nx"`, 1), "cannot be sent"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ReadScenes(strings.NewReader(tc.content), "f.json")
			if err == nil || !strings.Contains(err.Error(), tc.want) || !strings.HasPrefix(err.Error(), "f.json: ") {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}
