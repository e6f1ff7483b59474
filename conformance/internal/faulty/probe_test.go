package faulty

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
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

// prober makes requests and writes down what came back, with what differs between two equal runs
// taken out.
type prober struct {
	*stage
	transcript []string
	seen       map[string]bool
	names      *strings.Replacer
	known      map[string]bool // the scene's ids
}

// newProber makes the scene. hoard is how many tracks one of its users has besides.
func newProber(t *testing.T, s *Server, hoard int) *prober {
	p := &prober{
		stage: newStage(t, s, probeScene(s.offers("revoked_keys"), hoard)),
		seen:  map[string]bool{},
		known: map[string]bool{},
	}
	// Longer ids first: some faults and variants have ids that begin other ids.
	type named struct{ text, name string }
	var all []named
	for kind, identities := range map[string]map[string]identity{
		"organization": p.scene.Organizations, "user": p.scene.Users, "track": p.scene.Tracks,
		"revoked": p.scene.RevokedKeys,
	} {
		for name, i := range identities {
			if i.ID != "" {
				all = append(all, named{i.ID, "<" + kind + " " + name + ">"})
			}
			if i.APIKey != "" {
				all = append(all, named{i.APIKey, "<key of " + kind + " " + name + ">"})
			}
		}
	}
	slices.SortFunc(all, func(a, b named) int { return len(b.text) - len(a.text) })
	var pairs []string
	for _, n := range all {
		p.known[n.text] = true
		pairs = append(pairs, n.text, n.name, url.PathEscape(n.text), n.name)
	}
	p.names = strings.NewReplacer(pairs...)
	return p
}

func (p *prober) note(format string, args ...any) {
	p.transcript = append(p.transcript, fmt.Sprintf("%d. ", len(p.transcript))+fmt.Sprintf(format, args...))
}

var (
	traceText  = regexp.MustCompile(`req_[a-z0-9]{16}`)
	signature  = regexp.MustCompile(`signature=[a-z0-9]{24}`)
	secondText = regexp.MustCompile(`\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z`)
)

// settled takes trace ids, signatures and times of now out of a text; a trace id or signature
// that came before stays.
func (p *prober) settled(text, request string) string {
	once := func(found string) string {
		if p.seen[found] {
			return found
		}
		return "<new>"
	}
	text = traceText.ReplaceAllStringFunc(text, once)
	text = signature.ReplaceAllStringFunc(text, once)
	for _, found := range append(traceText.FindAllString(request, -1), signature.FindAllString(request, -1)...) {
		p.seen[found] = true
	}
	text = secondText.ReplaceAllStringFunc(text, func(found string) string {
		at, err := time.Parse(time.RFC3339, found)
		if err == nil && time.Since(at).Abs() < 40*time.Second {
			return "<now>"
		}
		return found
	})
	return p.names.Replace(text)
}

// send makes one request. A label that begins with "free" is of something that a correct server
// may do as it likes.
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
	var headers []string
	for name, values := range w.Header() {
		if name == "Content-Length" {
			values = []string{fmt.Sprint(values[0] == fmt.Sprint(w.Body.Len()))}
		}
		headers = append(headers, name+": "+strings.Join(values, ", "))
	}
	slices.Sort(headers)
	head, body := strings.Join(headers, "; "), w.Body.String()
	id := w.Header().Get("X-Request-Id")
	var envelope struct {
		Error struct {
			TraceID string `json:"trace_id"`
		}
	}
	isEnvelope := json.Unmarshal([]byte(body), &envelope) == nil && envelope.Error.TraceID != ""
	if isEnvelope && envelope.Error.TraceID != id && id != "" {
		head += " (not the trace id)"
	}
	sent := p.sent(target)
	p.note("%s [%s as %s]: %d\n    %s\n    %s", label, method, user, w.Code,
		p.settled(sent.Replace(head), ""), p.settled(sent.Replace(body), head+body))
}

// sent names the ids of a request that are none of the scene's.
func (p *prober) sent(target string) *strings.Replacer {
	var pairs []string
	path, _, _ := strings.Cut(target, "?")
	for i, escaped := range strings.Split(path, "/") {
		id, err := url.PathUnescape(escaped)
		if err != nil || i != 3 && i != 5 || len(id) < 8 || p.known[id] {
			continue
		}
		quoted, _ := json.Marshal(id)
		name := fmt.Sprintf("<sent %d>", i)
		pairs = append(pairs, escaped, name, string(quoted[1:len(quoted)-1]), name, id, name)
	}
	return strings.NewReplacer(pairs...)
}

// look notes what everybody sees of everything: gets, lists, and histories.
func (p *prober) look(label string) {
	for _, user := range []string{"creator", "saver", "outsider", "traveller", "other", "member"} {
		for _, track := range []string{"song", "other", "first", "kept", "near", "far"} {
			organization := map[bool]string{true: "abroad", false: "home"}[track == "far"]
			p.send(label, "GET", p.path(organization, track, ""), user)
		}
		p.send(label, "GET", p.path("home", "", "?limit=40"), user)
		p.send(label, "GET", p.path("abroad", "", ""), user)
	}
	for _, track := range []string{"song", "other", "first", "kept", "theirs", "near", "unsaved", "private"} {
		w := httptest.NewRecorder()
		query := url.Values{
			"organization_id": {p.scene.Organizations["home"].ID},
			"track_id":        {p.scene.Tracks[track].ID},
		}
		p.provisioner.ServeHTTP(w, httptest.NewRequest("GET", "/history?"+query.Encode(), nil))
		p.note("%s, history of %s: %d %s", label, track, w.Code, p.settled(w.Body.String(), ""))
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
