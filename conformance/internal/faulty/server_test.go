package faulty

import (
	"cmp"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// stage is a server with a scene on it, addressed in process.
type stage struct {
	api, provisioner http.Handler
	scene            sceneResponse
}

const standardScene = `{
	"organizations": [{"name": "home"}, {"name": "abroad"}],
	"users": [
		{"name": "creator", "member_of": ["home"]},
		{"name": "saver", "member_of": ["home"]},
		{"name": "member", "member_of": ["home"]},
		{"name": "leaver", "member_of": []},
		{"name": "traveller", "member_of": ["home", "abroad"]},
		{"name": "outsider", "member_of": ["abroad"]}
	],
	"tracks": [
		{"name": "song", "organization": "home", "creator": "creator", "saved_by": ["creator", "saver"], "title": "Late Night Drive"},
		{"name": "other", "organization": "home", "creator": "creator", "saved_by": ["creator", "saver"], "title": "Late Night Drive", "engine": "draft", "mode": "focus"},
		{"name": "third", "organization": "home", "creator": "saver", "saved_by": ["saver", "creator"]},
		{"name": "unsaved", "organization": "home", "creator": "creator", "saved_by": []},
		{"name": "left", "organization": "home", "creator": "leaver", "saved_by": ["leaver", "saver"]},
		{"name": "far", "organization": "abroad", "creator": "traveller", "saved_by": ["traveller", "outsider"]}
	],
	"revoked_keys": [{"name": "old", "user": "creator"}]
}`

func newStage(t *testing.T, s *Server, request string) *stage {
	t.Helper()
	st := &stage{api: s.API(), provisioner: s.Provisioner()}
	w := httptest.NewRecorder()
	st.provisioner.ServeHTTP(w, httptest.NewRequest("POST", "/scenes", strings.NewReader(request)))
	if w.Code != http.StatusCreated {
		t.Fatalf("POST /scenes: %d %s", w.Code, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &st.scene); err != nil {
		t.Fatal(err)
	}
	return st
}

// path of a track, of its save, or, with track "", of a list. What names nothing in the scene is
// taken as it is.
func (st *stage) path(organization, track, tail string) string {
	path := "/v1/music/" + cmp.Or(st.scene.Organizations[organization].ID, organization) + "/tracks"
	if track != "" {
		path += "/" + cmp.Or(st.scene.Tracks[track].ID, track)
	}
	return path + tail
}

// escapedPath is path with ids that have to be percent-encoded.
func (st *stage) escapedPath(organization, track string) string {
	return "/v1/music/" + url.PathEscape(st.scene.Organizations[organization].ID) + "/tracks/" + url.PathEscape(st.scene.Tracks[track].ID)
}

func (st *stage) do(method, path, user string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	if key := cmp.Or(st.scene.Users[user].APIKey, st.scene.RevokedKeys[user].APIKey); key != "" {
		r.Header.Set("X-API-Key", key)
	}
	w := httptest.NewRecorder()
	st.api.ServeHTTP(w, r)
	return w
}

// listed gives the names of the tracks in a user's library.
func (st *stage) listed(t *testing.T, organization, user string) string {
	t.Helper()
	w := st.do("GET", st.path(organization, "", ""), user)
	var body struct {
		Items []struct{ ID string }
	}
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || w.Code != http.StatusOK {
		t.Fatalf("list of %s: %d %s", user, w.Code, w.Body)
	}
	var names []string
	for _, item := range body.Items {
		for name, track := range st.scene.Tracks {
			if track.ID == item.ID {
				names = append(names, name)
			}
		}
	}
	return strings.Join(names, " ")
}

func (st *stage) history(t *testing.T, organization, track string) string {
	t.Helper()
	w := httptest.NewRecorder()
	query := "?organization_id=" + st.scene.Organizations[organization].ID + "&track_id=" + st.scene.Tracks[track].ID
	st.provisioner.ServeHTTP(w, httptest.NewRequest("GET", "/history"+query, nil))
	data, _ := io.ReadAll(w.Body)
	return string(data)
}

func TestCorrectServerKeepsTheDecisions(t *testing.T) {
	steps := []struct {
		method, organization, track, tail, user string
		want                                    int
	}{
		{"DELETE", "home", "song", "", "", 401},
		{"DELETE", "home", "song", "", "old", 401},
		{"GET", "home", "nothing", "", "", 401},
		{"GET", "home", "", "?limit=0", "", 401},
		{"DELETE", "home", "song", "", "saver", 403},
		{"DELETE", "home", "song", "", "member", 404},
		{"DELETE", "home", "song", "", "outsider", 404},
		{"DELETE", "abroad", "song", "", "outsider", 404},
		{"DELETE", "home", "far", "", "traveller", 404},
		{"DELETE", "home", "left", "", "leaver", 404},
		{"GET", "home", "left", "", "leaver", 404},
		{"DELETE", "home", "nothing", "", "creator", 404},
		{"DELETE", "home", "song", "/", "creator", 404},
		{"DELETE", "home", "", "//save", "creator", 404},
		{"PUT", "home", "song", "", "creator", 405},
		{"GET", "home", "song", "/save", "creator", 405},
		{"GET", "home", "", "?limit=101", "creator", 422},
		{"GET", "home", "", "?limit=x", "creator", 422},
		{"GET", "home", "", "?offset=-1", "creator", 422},
		{"GET", "home", "", "?limit=0", "outsider", 404},
		{"GET", "home", "song", "", "creator", 200},
		{"GET", "home", "song", "", "saver", 200},
		{"DELETE", "home", "song", "/save", "creator", 200},
		{"DELETE", "home", "song", "/save", "creator", 200},
		{"DELETE", "home", "third", "/save", "creator", 200},
		{"DELETE", "home", "third", "/save", "creator", 404},
		{"DELETE", "home", "song", "", "creator", 200},
		{"DELETE", "home", "song", "", "creator", 404},
		{"DELETE", "home", "song", "", "saver", 404},
		{"GET", "home", "song", "", "saver", 404},
		{"DELETE", "home", "song", "/save", "saver", 404},
		{"DELETE", "abroad", "far", "", "traveller", 200},
	}
	st := newStage(t, New(), standardScene)
	for _, step := range steps {
		w := st.do(step.method, st.path(step.organization, step.track, step.tail), step.user)
		if w.Code != step.want {
			t.Errorf("%s %s/%s%s by %q: %d, want %d\n%s", step.method, step.organization, step.track, step.tail, step.user, w.Code, step.want, w.Body)
		}
	}
	if got := st.listed(t, "home", "saver"); got != "left third other" {
		t.Errorf("the saver's library: %s", got)
	}
	if got := st.listed(t, "home", "creator"); got != "other" {
		t.Errorf("the creator's library: %s", got)
	}
	if got := st.history(t, "home", "song"); strings.Count(got, "track.deleted") != 1 || strings.Count(got, "track.billed") != 1 {
		t.Errorf("history of the deleted track: %s", got)
	}
	if got := st.history(t, "home", "other"); strings.Contains(got, "track.deleted") {
		t.Errorf("history of a by-stander: %s", got)
	}
}

func TestCatalogueIsNamedAndDocumented(t *testing.T) {
	names := map[string]bool{"correct": true}
	check := func(name, summary string) {
		t.Helper()
		if names[name] {
			t.Errorf("%s: the name is taken", name)
		}
		names[name] = true
		if name != strings.ToLower(name) || strings.ContainsAny(name, " _") {
			t.Errorf("%s: a name is written in kebab case", name)
		}
		if !strings.HasSuffix(summary, ".") || len(summary) < 12 {
			t.Errorf("%s: the summary is no sentence: %q", name, summary)
		}
		if _, err := Named(name); err != nil {
			t.Error(err)
		}
	}
	for _, f := range Faults() {
		check(f.Name, f.Summary)
		if len(f.DetectedBy) == 0 {
			t.Errorf("%s: no case is named for it: %s", f.Name, f.Summary)
		}
		for _, id := range f.DetectedBy {
			if strings.ContainsAny(id, "*?[") || strings.Count(id, "/") != 1 {
				t.Errorf("%s: %q is not the id of a case; name each case in full", f.Name, id)
			}
		}
	}
	for _, v := range Variants() {
		check(v.Name, v.Summary)
	}
	if n := len(Faults()); n < 120 {
		t.Errorf("the catalogue shrank to %d faults", n)
	}
	if _, err := Named("no-such-thing"); err == nil {
		t.Error("a name that is in no catalogue was accepted")
	}
}
