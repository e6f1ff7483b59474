package provision

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-5ec2a705/mtrack/gen/provisioning"
	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// parse reads a scene.
func parse(t testing.TB, text string) provisioning.SceneRequest {
	t.Helper()
	var request provisioning.SceneRequest
	if err := json.Unmarshal([]byte(text), &request); err != nil {
		t.Fatal(err)
	}
	return request
}

const documented = `{
	"organizations": [{"name": "home"}, {"name": "abroad"}],
	"users": [{"name": "creator", "member_of": ["home"]}, {"name": "saver"}, {"name": "outsider", "member_of": ["abroad"]}],
	"tracks": [
		{"name": "song", "organization": "home", "creator": "creator", "saved_by": ["saver", "creator"],
		 "title": "Late Night Drive", "engine": "opus", "mode": "focus"},
		{"name": "bare", "organization": "abroad", "creator": "creator"},
		{"name": "last", "organization": "home", "creator": "saver", "saved_by": ["saver"]}],
	"revoked_keys": [{"name": "old", "user": "creator"}]
}`

// TestCompose looks at every promise of the protocol in the records.
func TestCompose(t *testing.T) {
	t.Parallel()
	records, scene, err := Compose(parse(t, documented), noon)
	if err != nil {
		t.Fatal(err)
	}
	var kinds strings.Builder
	users := map[track.UserID]*record.User{}
	tracks := map[track.ID]*record.Track{}
	events := map[track.ID][]*record.Event{}
	var saves []*record.Save
	for _, r := range records {
		switch {
		case r.Organization != nil:
			kinds.WriteByte('o')
		case r.User != nil:
			kinds.WriteByte('u')
			users[r.User.ID] = r.User
		case r.Track != nil:
			kinds.WriteByte('t')
			tracks[r.Track.ID] = r.Track
		case r.Event != nil:
			kinds.WriteByte('e')
			events[r.Event.Track] = append(events[r.Event.Track], r.Event)
		case r.Save != nil:
			kinds.WriteByte('s')
			saves = append(saves, r.Save)
		}
	}
	if got := kinds.String(); got != "oouuuteessteetees" {
		t.Errorf("records %s: something comes after what refers to it", got)
	}

	creator := users[track.UserID(scene.Users["creator"].ID)]
	if creator == nil || !slices.Equal(creator.MemberOf, []track.OrganizationID{track.OrganizationID(scene.Organizations["home"].ID)}) {
		t.Fatalf("the creator became %+v", creator)
	}
	if len(creator.Keys) != 2 || creator.Keys[0].Secret != scene.Users["creator"].APIKey || creator.Keys[0].RevokedAt != nil ||
		creator.Keys[1].Secret != scene.RevokedKeys["old"].APIKey || creator.Keys[1].RevokedAt == nil {
		t.Errorf("the creator's keys are %+v", creator.Keys)
	}
	if saver := users[track.UserID(scene.Users["saver"].ID)]; len(saver.MemberOf) != 0 || len(saver.Keys) != 1 {
		t.Errorf("the saver became %+v", saver)
	}

	song := tracks[track.ID(scene.Tracks["song"].ID)]
	if song == nil || *song.Title != "Late Night Drive" || song.Engine != "opus" || song.Mode != track.ModeFocus || song.Creator != creator.ID ||
		!strings.HasPrefix(string(song.ID), "mtrack_") || song.Organization != creator.MemberOf[0] {
		t.Errorf("the song became %+v", song)
	}
	if bare := tracks[track.ID(scene.Tracks["bare"].ID)]; bare.Title != nil || bare.Mode != track.ModeCreation || bare.Engine == "" {
		t.Errorf("the bare track became %+v", bare)
	}
	for id, happened := range events {
		if len(happened) != 2 || happened[0].Type != track.EventCreated || happened[0].Seq != 1 ||
			happened[1].Type != track.EventBilled || happened[1].Seq != 2 || happened[1].Amount == "" || happened[1].Currency == "" {
			t.Errorf("%s begins with %+v", id, happened)
		}
		for _, e := range happened {
			if e.Actor != tracks[id].Creator || e.Organization != tracks[id].Organization || !e.At.Equal(tracks[id].CreatedAt) {
				t.Errorf("%s: event %+v", id, e)
			}
		}
	}
	if len(events) != 3 {
		t.Errorf("%d tracks have a history", len(events))
	}

	before := song.CreatedAt
	var order []string
	for _, s := range saves {
		if !s.SavedAt.After(before) || !s.SavedAt.Truncate(time.Millisecond).Equal(s.SavedAt) || s.SavedAt.After(noon) {
			t.Errorf("saved at %v, after %v", s.SavedAt, before)
		}
		before = s.SavedAt
		for name, u := range scene.Users {
			if u.ID == string(s.User) {
				order = append(order, name)
			}
		}
	}
	if !slices.Equal(order, []string{"saver", "creator", "saver"}) {
		t.Errorf("saved in the order %v", order)
	}
}

// TestCompose_Optional looks at the optional parts of a scene.
func TestCompose_Optional(t *testing.T) {
	t.Parallel()
	records, scene, err := Compose(parse(t, `{
		"organizations": [{"name": "home"}], "users": [{"name": "u", "member_of": ["home"]}, {"name": "v"}],
		"tracks": [
			{"name": "old", "organization": "home", "creator": "u", "saved_by": ["v"], "created_at": "2001-02-28T23:59:59Z"},
			{"name": "new", "organization": "home", "creator": "u"}],
		"extra_keys": [{"name": "second", "user": "u"}],
		"saves": [{"user": "u", "track": "new"}, {"user": "u", "track": "old"}]
	}`), noon)
	if err != nil {
		t.Fatal(err)
	}
	old := time.Date(2001, 2, 28, 23, 59, 59, 0, time.UTC)
	var saved []string
	var last time.Time
	for _, r := range records {
		switch {
		case r.User != nil && r.User.Name == "u":
			if keys := r.User.Keys; len(keys) != 2 || keys[1].Secret != scene.ExtraKeys["second"].APIKey || keys[1].RevokedAt != nil {
				t.Errorf("the keys are %+v", keys)
			}
		case r.Track != nil && r.Track.ID == track.ID(scene.Tracks["old"].ID):
			if !r.Track.CreatedAt.Equal(old) {
				t.Errorf("the old track is of %v", r.Track.CreatedAt)
			}
		case r.Event != nil && r.Event.Track == track.ID(scene.Tracks["old"].ID):
			if !r.Event.At.Equal(old) {
				t.Errorf("%s is of %v", r.Event.Type, r.Event.At)
			}
		case r.Save != nil:
			if !r.Save.SavedAt.After(last) || r.Save.SavedAt.After(noon) || r.Save.SavedAt.Before(noon.Add(-time.Second)) {
				t.Errorf("saved at %v, after %v", r.Save.SavedAt, last)
			}
			last = r.Save.SavedAt
			for name, x := range scene.Tracks {
				if x.ID == string(r.Save.Track) {
					saved = append(saved, name)
				}
			}
		}
	}
	if !slices.Equal(saved, []string{"old", "new", "old"}) {
		t.Errorf("saved in the order %v", saved)
	}
}

// TestCompose_New wants nothing of one scene in another.
func TestCompose_New(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 20 {
		_, scene, err := Compose(parse(t, documented), noon)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range scene.Organizations {
			seen[o.ID] = true
		}
		for _, u := range scene.Users {
			seen[u.ID], seen[u.APIKey] = true, true
		}
		for _, x := range scene.Tracks {
			seen[x.ID] = true
		}
		seen[scene.RevokedKeys["old"].APIKey] = true
	}
	if want := 20 * (2 + 2*3 + 3 + 1); len(seen) != want {
		t.Errorf("%d ids and keys, want %d", len(seen), want)
	}
}

// TestCompose_Refuses walks what is wrong with scenes.
func TestCompose_Refuses(t *testing.T) {
	t.Parallel()
	const people = `"organizations":[{"name":"home"}],"users":[{"name":"u","member_of":["home"]}]`
	for text, want := range map[string]string{
		`{"organizations":[{"name":""}]}`:                                                                                                  "organization without a name",
		`{"organizations":[{"name":"a"},{"name":"a"}]}`:                                                                                    `two organizations are called "a"`,
		`{` + people + `,"extra_keys":[{"name":"k","user":"x"}]}`:                                                                          `extra key "k" names user "x"`,
		`{` + people + `,"extra_keys":[{"name":"k","user":"u"},{"name":"k","user":"u"}]}`:                                                  `two extra keys are called "k"`,
		`{` + people + `,"saves":[{"user":"u","track":"x"}]}`:                                                                              `saves track "x"`,
		`{` + people + `,"tracks":[{"name":"t","organization":"home","creator":"u"}],"saves":[{"user":"x","track":"t"}]}`:                  `saved by "x"`,
		`{` + people + `,"tracks":[{"name":"t","organization":"home","creator":"u","saved_by":["u"]}],"saves":[{"user":"u","track":"t"}]}`: `by "u" twice`,
		`{` + people + `,"tracks":[{"name":"t","organization":"home","creator":"u","created_at":"2030-01-01T00:00:00Z"}]}`:                 "not in the past",
		`{"users":[{}]}`:                             "user without a name",
		`{"users":[{"name":"a"},{"name":"a"}]}`:      `two users are called "a"`,
		`{"users":[{"name":"a","member_of":["b"]}]}`: `user "a" names organization "b"`,
		`{"organizations":[{"name":"b"}],"users":[{"name":"a","member_of":["b","b"]}]}`:                                                 `"b" twice`,
		`{"revoked_keys":[{"name":"k","user":"a"}]}`:                                                                                    `revoked key "k" names user "a"`,
		`{` + people + `,"revoked_keys":[{"name":"k","user":"u"},{"name":"k","user":"u"}]}`:                                             `two revoked keys are called "k"`,
		`{` + people + `,"tracks":[{"organization":"home","creator":"u"}]}`:                                                             "track without a name",
		`{` + people + `,"tracks":[{"name":"t","creator":"u"}]}`:                                                                        `track "t" names organization ""`,
		`{` + people + `,"tracks":[{"name":"t","organization":"home","creator":"x"}]}`:                                                  `names creator "x"`,
		`{` + people + `,"tracks":[{"name":"t","organization":"home","creator":"u","saved_by":["x"]}]}`:                                 `saved by "x", whom`,
		`{` + people + `,"tracks":[{"name":"t","organization":"home","creator":"u","saved_by":["u","u"]}]}`:                             `saved by "u" twice`,
		`{` + people + `,"tracks":[{"name":"t","organization":"home","creator":"u","mode":"x"}]}`:                                       `mode "x"`,
		`{` + people + `,"tracks":[{"name":"t","organization":"home","creator":"u"},{"name":"t","organization":"home","creator":"u"}]}`: `two tracks are called "t"`,
	} {
		records, _, err := Compose(parse(t, text), noon)
		if err == nil || !strings.Contains(err.Error(), want) || records != nil {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}
