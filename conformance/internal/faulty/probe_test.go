package faulty

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// probeScene has somebody and something for every fault: people who left, who belong to two
// organizations, who only saved; tracks with and without titles, saved by nobody, by their
// creator alone, by one other alone.
func probeScene(withRevoked bool, hoard int) string {
	type m = map[string]any
	track := func(name, organization, creator string, title any, savedBy ...string) m {
		return m{
			"name":         name,
			"organization": organization,
			"creator":      creator,
			"title":        title,
			"saved_by":     slices.Concat([]string{}, savedBy),
		}
	}
	with := func(t m, engine, mode string) m { t["engine"], t["mode"] = engine, mode; return t }
	tracks := []m{
		track("left", "home", "leaver", nil, "leaver", "saver", "goner"),
		track("sole", "home", "creator", "Sole", "saver"),
		with(track("first", "home", "creator", "Nächte", "creator", "saver"), "draft", "focus"),
		track("song", "home", "creator", "Late Night Drive", "creator", "saver", "other"),
		with(track("other", "home", "creator", "Late Night Drive", "creator", "saver"), "draft", "creation"),
		with(track("focus", "home", "creator", nil, "creator", "saver"), "studio", "focus"),
		with(track("theirs", "home", "saver", nil, "saver", "creator"), "studio", "focus"),
		track("kept", "home", "creator", "Kept", "creator", "saver"),
		track("unsaved", "home", "creator", "Unsaved"),
		track("private", "home", "creator", "Private", "creator"),
		track("twin", "home", "creator", nil, "creator"),
		track("far", "abroad", "traveller", "Far", "traveller", "outsider", "saver"),
		track("farther", "abroad", "traveller", "Farther", "traveller", "outsider"),
		track("near", "home", "traveller", "Near", "traveller", "saver"),
	}
	for i := range hoard {
		t := track(fmt.Sprintf("hoard-%d", i), "home", "hoarder", fmt.Sprintf("Hoard %d", i), "hoarder")
		if i%2 == 0 {
			with(t, "draft", "focus")
		}
		tracks = append(tracks, t)
	}
	user := func(name string, memberOf ...string) m {
		return m{"name": name, "member_of": slices.Concat([]string{}, memberOf)}
	}
	scene := m{
		"organizations": []m{{"name": "home"}, {"name": "abroad"}},
		"users": []m{
			user("founder", "home"), user("creator", "home"), user("saver", "home"),
			user("other", "home"), user("member", "home"),
			user("leaver"), user("goner"), user("traveller", "abroad", "home"),
			user("outsider", "abroad"), user("hoarder", "home"),
		},
		"tracks": tracks,
	}
	if withRevoked {
		scene["revoked_keys"] = []m{{"name": "old", "user": "creator"}}
	}
	data, err := json.Marshal(scene)
	if err != nil {
		panic(err)
	}
	return string(data)
}

// prober makes requests and writes down what was decided: the label of each and its status.
type prober struct {
	*stage
	decided []string
}

// newProber makes the scene. hoard is how many tracks one of its users has besides.
func newProber(t *testing.T, s *Server, hoard int) *prober {
	return &prober{stage: newStage(t, s, probeScene(s.offers("revoked_keys"), hoard))}
}

// send makes one request. A label that begins with "free" is of something that a correct server
// may do as it likes: that is not written down.
func (p *prober) send(label, method, target, user string, change ...func(r *http.Request)) {
	r := httptest.NewRequest(method, target, nil)
	if key := cmp.Or(p.scene.Users[user].APIKey, p.scene.RevokedKeys[user].APIKey); key != "" {
		r.Header.Set("X-API-Key", key)
	}
	for _, c := range change {
		c(r)
	}
	w := httptest.NewRecorder()
	func() {
		defer func() {
			if recover() == http.ErrAbortHandler {
				w.Code = 0
			}
		}()
		p.api.ServeHTTP(w, r)
	}()
	if !strings.HasPrefix(label, "free") {
		p.decided = append(p.decided, fmt.Sprint(label, " ", w.Code))
	}
}

// look notes what everybody sees of everything: gets and lists.
func (p *prober) look(label string) {
	for _, user := range []string{"creator", "saver", "outsider", "traveller", "other", "member"} {
		for _, track := range []string{"song", "other", "first", "kept", "near", "far"} {
			organization := map[bool]string{true: "abroad", false: "home"}[track == "far"]
			p.send(label, "GET", p.path(organization, track, ""), user)
		}
		p.send(label, "GET", p.path("home", "", "?limit=40"), user)
		p.send(label, "GET", p.path("abroad", "", ""), user)
	}
}

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func body(contentType, text string) func(*http.Request) {
	return func(r *http.Request) {
		r.Header.Set("Content-Type", contentType)
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(text)), int64(len(text))
	}
}
