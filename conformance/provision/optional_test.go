package provision

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

// optionalScene has every optional part of a scene.
var optionalScene = Request{
	Organizations: []OrganizationRequest{{Name: "home"}},
	Users:         []UserRequest{{Name: "creator", MemberOf: []string{"home"}}},
	Tracks: []TrackRequest{{
		Name: "song", Organization: "home", Creator: "creator",
		CreatedAt: time.Date(2026, 6, 28, 10, 30, 0, 0, time.UTC),
	}},
	ExtraKeys: []ExtraKeyRequest{{Name: "second", User: "creator"}},
	Saves:     []SaveRequest{{User: "creator", Track: "song"}},
}

const optionalResponse = `{"organizations":{"home":{"id":"o"}},"users":{"creator":{"id":"u","api_key":"ak_1"}},` +
	`"tracks":{"song":{"id":"mtrack_1"}},"extra_keys":{"second":{"api_key":"ak_2"}}}`

const optionalHistories = `{"histories":[{"events":[{"type":"track.created","at":"2026-06-28T10:30:00Z","actor":"u"}]},null,{"events":[]}]}`

var threeTracks = []TrackReference{{"o", "mtrack_1"}, {"o", "mtrack_2"}, {"p", "mtrack_3"}}

// speaksOptionalParts sends everything optional by a provisioner that responds as in the constants.
func speaksOptionalParts(t *testing.T, p Provisioner) {
	t.Helper()
	p = Checked(p)
	features, err := p.Capabilities(t.Context())
	if err != nil || !slices.Equal(features, []Feature{FeatureHistories, FeatureRevokeKey, FeatureEndMembership}) {
		t.Errorf("%v %v", features, err)
	}
	scene, err := p.CreateScene(t.Context(), optionalScene)
	if err != nil {
		t.Fatal(err)
	}
	if got := scene.ExtraKey("second"); got != (User{"creator", "u", "ak_2"}) {
		t.Errorf("the second key is %+v", got)
	}
	histories, err := p.(HistoriesProvisioner).Histories(t.Context(), threeTracks)
	if err != nil || len(histories) != 3 || len(histories[0]) != 1 || histories[1] != nil ||
		histories[2] == nil || len(histories[2]) != 0 {
		t.Errorf("%#v %v", histories, err)
	}
	if err := p.(KeyRevoker).RevokeKey(t.Context(), "ak_2"); err != nil {
		t.Error(err)
	}
	if err := p.(MembershipEnder).EndMembership(t.Context(), "o", "u"); err != nil {
		t.Error(err)
	}
	var wrong *Error
	if err := p.(KeyRevoker).RevokeKey(t.Context(), "ak_unknown"); !errors.As(err, &wrong) ||
		!strings.Contains(err.Error(), "there never was such a key") || strings.Contains(err.Error(), "ak_unknown") {
		t.Errorf("an unknown key: %v", err)
	}
}

// sentScene is optionalScene on the wire.
const sentScene = `{"organizations":[{"name":"home"}],"users":[{"name":"creator","member_of":["home"]}],` +
	`"tracks":[{"name":"song","organization":"home","creator":"creator","saved_by":[],"created_at":"2026-06-28T10:30:00Z"}],` +
	`"extra_keys":[{"name":"second","user":"creator"}],"saves":[{"user":"creator","track":"song"}]}`

const sentTracks = `"tracks":[{"organization_id":"o","track_id":"mtrack_1"},{"organization_id":"o","track_id":"mtrack_2"},` +
	`{"organization_id":"p","track_id":"mtrack_3"}]`

func TestHTTPOptionalParts(t *testing.T) {
	responses := map[string]string{
		"GET /capabilities ":                                     `{"protocol":1,"features":["histories","revoke_key","end_membership"]}`,
		"POST /scenes " + sentScene:                              optionalResponse,
		"POST /histories {" + sentTracks + "}":                   optionalHistories,
		`POST /revocations {"api_key":"ak_2"}`:                   `{}`,
		`POST /departures {"organization_id":"o","user_id":"u"}`: `{}`,
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		message := r.Method + " " + r.URL.Path + " " + string(body)
		if response, ok := responses[message]; ok {
			io.WriteString(w, response)
			return
		}
		if !strings.Contains(message, "ak_unknown") {
			t.Errorf("unexpected: %s", message)
		}
		w.WriteHeader(http.StatusNotFound)
		io.WriteString(w, `{"error":"there never was such a key"}`)
	}))
	defer server.Close()
	p, err := HTTP(server.URL, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	speaksOptionalParts(t, p)
}

func TestExecOptionalParts(t *testing.T) {
	p, err := Command(script(t, `
read -r line
case "$line" in
'{"operation":"capabilities"}') echo '{"protocol":1,"features":["histories","revoke_key","end_membership"]}' ;;
'{"operation":"create_scene","scene":`+sentScene+`}') echo '`+optionalResponse+`' ;;
'{"operation":"histories",`+sentTracks+`}') echo '`+optionalHistories+`' ;;
'{"operation":"revoke_key","api_key":"ak_2"}') echo '{}' ;;
'{"operation":"revoke_key",'*) echo '{"error":"there never was such a key","status":404}' ;;
'{"operation":"end_membership","organization_id":"o","user_id":"u"}') echo '{}' ;;
*) echo "what is $line" >&2; exit 3 ;;
esac
`), 0)
	if err != nil {
		t.Fatal(err)
	}
	speaksOptionalParts(t, p)
}

// Whoever wrote a provisioner before there were these parts goes on as before, and whoever names one
// and does not have its method does not offer it.
func TestCheckedWithoutOptionalParts(t *testing.T) {
	p := Checked(plain{})
	features, err := p.Capabilities(t.Context())
	if err != nil || !slices.Equal(features, []Feature{FeatureHistory, FeatureSaves}) {
		t.Errorf("%v %v", features, err)
	}
	for name, ask := range map[Feature]func() error{
		FeatureHistories: func() error {
			_, err := p.(HistoriesProvisioner).Histories(t.Context(), threeTracks)
			return err
		},
		FeatureRevokeKey:     func() error { return p.(KeyRevoker).RevokeKey(t.Context(), "k") },
		FeatureEndMembership: func() error { return p.(MembershipEnder).EndMembership(t.Context(), "o", "u") },
	} {
		if err := ask(); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("does not offer %q", name)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// plain is a provisioner with the methods of the first version alone.
type plain struct{}

func (plain) String() string { return "plain" }
func (plain) Capabilities(context.Context) ([]Feature, error) {
	return []Feature{FeatureHistory, FeatureHistories, FeatureSaves, FeatureRevokeKey, FeatureEndMembership}, nil
}
func (plain) CreateScene(context.Context, Request) (*Scene, error)     { return &Scene{}, nil }
func (plain) History(context.Context, string, string) ([]Event, error) { return nil, ErrNoHistory }

func TestHistoriesFaults(t *testing.T) {
	for response, want := range map[string]string{
		`{"histories":[null,null]}`:        "2 histories for 3 tracks",
		`{}`:                               "0 histories for 3 tracks",
		`{"histories":[null,{},null]}`:     "histories[1] lacks events",
		`{"histories":[[],null,null]}`:     "wrong shape",
		`{"histories":[null,null,null]} x`: "not one JSON document",
	} {
		p := provisionerOf(t, 200, response).(HistoriesProvisioner)
		if _, err := p.Histories(t.Context(), threeTracks); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", response, err)
		}
	}
}

func TestExtraKeysAreChecked(t *testing.T) {
	for response, want := range map[string]string{
		strings.Replace(optionalResponse, "second", "third", 1): "extra_keys.second.api_key is missing",
		strings.Replace(optionalResponse, "ak_2", "ak_1", 1):    "extra_keys.second.api_key is the same as users.creator.api_key",
		strings.Replace(optionalResponse, "ak_2", `ak\n2`, 1):   "cannot be sent",
	} {
		if _, err := makeScene(t.Context(), provisionerOf(t, 201, response), optionalScene); err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", response, err)
		}
	}
}

func TestValidateOptionalParts(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*Request)
		want   string // "" for a sound request
	}{
		"sound":           {func(*Request) {}, ""},
		"nobody's key":    {func(r *Request) { r.ExtraKeys[0].User = "nobody" }, `extra key "second" names user "nobody"`},
		"nameless key":    {func(r *Request) { r.ExtraKeys[0].Name = "" }, "extra key"},
		"nobody's save":   {func(r *Request) { r.Saves[0].User = "nobody" }, `names user "nobody"`},
		"save of nothing": {func(r *Request) { r.Saves[0].Track = "tune" }, `names track "tune"`},
		"saved twice":     {func(r *Request) { r.Saves = append(r.Saves, r.Saves[0]) }, "is there twice"},
		"saved before":    {func(r *Request) { r.Tracks[0].SavedBy = []string{"creator"} }, "is there twice"},
	} {
		r := optionalScene.WithEmptyLists()
		r.ExtraKeys, r.Saves = slices.Clone(r.ExtraKeys), slices.Clone(r.Saves)
		tc.change(&r)
		err := r.Validate()
		if (err == nil) != (tc.want == "") || err != nil && !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q", name, err, tc.want)
		}
	}
	if got := optionalScene.Features(); !slices.Equal(got, []Feature{FeatureExtraKeys, FeatureCreatedAt, FeatureSaves}) {
		t.Errorf("the scene needs %v", got)
	}
	if got := songScene.Features(); got != nil {
		t.Errorf("a plain scene needs %v", got)
	}
	// Whoever offers none of it is sent none of it.
	text, err := json.Marshal(songScene)
	if err != nil || strings.Contains(string(text), "created_at") || strings.Contains(string(text), "saves") ||
		strings.Contains(string(text), "extra_keys") {
		t.Errorf("%s %v", text, err)
	}
}

func TestFileOptionalParts(t *testing.T) {
	file := func() string {
		return fmt.Sprintf(`{"scenes":[{"request":%s,"scene":%s}]}`, sentScene, optionalResponse)
	}
	renamed := optionalScene.WithEmptyLists()
	renamed.Users[0].Name, renamed.Tracks[0].Creator = "owner", "owner"
	renamed.ExtraKeys = []ExtraKeyRequest{{Name: "other", User: "owner"}}
	renamed.Saves = []SaveRequest{{User: "owner", Track: "song"}}
	older, unsaved, oneKey := renamed.WithEmptyLists(), renamed, renamed
	older.Tracks[0].CreatedAt = time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)
	unsaved.Saves, oneKey.ExtraKeys = nil, nil
	for name, row := range map[string]struct {
		want  Request
		found bool
	}{"same": {renamed, true}, "older": {older, false}, "unsaved": {unsaved, false}, "one key": {oneKey, false}} {
		p, err := ReadScenes(strings.NewReader(file()), "scenes.json")
		if err != nil {
			t.Fatal(err)
		}
		scene, err := p.CreateScene(t.Context(), row.want)
		if (err == nil) != row.found {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil && scene.ExtraKey("other") != (User{"owner", "u", "ak_2"}) {
			t.Errorf("the other key is %+v", scene.ExtraKey("other"))
		}
	}
	var written strings.Builder
	if err := WriteScenes(&written, []Request{optionalScene}); err != nil || !strings.Contains(written.String(), `"extra_keys"`) {
		t.Errorf("%s %v", &written, err)
	}
}

func TestNotOffered(t *testing.T) {
	for _, f := range Features() {
		if (f.Unseen() == "") != (f == FeatureHistories) {
			t.Errorf("without %s unseen: %q", f, f.Unseen())
		}
	}
	offered := slices.DeleteFunc(Features(), func(f Feature) bool { return f == FeatureSaves || f == FeatureHistories })
	if got := NotOffered(offered); !slices.Equal(got, []Feature{FeatureSaves}) {
		t.Errorf("not offered: %v", got)
	}
}

// A response counts when the command has ended, whatever it has started.
func TestExecDoesNotWaitForGrandchildren(t *testing.T) {
	for name, tc := range map[string]struct{ script, want string }{
		"holds its output": {"sleep 20 & echo '{\"protocol\":1,\"features\":[]}'", ""},
		"holds its errors": {"sleep 20 >/dev/null & echo '{\"protocol\":1,\"features\":[]}'", ""},
		"incomplete":       {"sleep 20 & echo '{\"protocol\":1,'", "not one JSON document"},
		"two documents":    {"sleep 20 & echo '{\"protocol\":1,\"features\":[]}{}'", "more behind"},
		"nothing":          {"sleep 20 &", "an empty body"},
		"failed":           {"sleep 20 & echo '{\"protocol\":1,\"features\":[]}'; echo no room >&2; exit 1", "no room"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := Command(script(t, tc.script), 15*time.Second)
			if err != nil {
				t.Fatal(err)
			}
			begin := time.Now()
			_, err = p.Capabilities(t.Context())
			if (err == nil) != (tc.want == "") || err != nil && !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
			if took := time.Since(begin); took > 10*time.Second { // the other process sleeps twice as long
				t.Errorf("took %s", took)
			}
		})
	}
}
