package provision

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/track"
	"github.com/seed-5ec2a705/mtrack/openapi"
)

// fakeRegistry keeps what was applied.
type fakeRegistry struct {
	record.Registry
	applied [][]record.Record
	fail    error
	events  []track.Event
	ended   []string // keys and memberships
}

func (f *fakeRegistry) Apply(_ context.Context, records []record.Record) error {
	f.applied = append(f.applied, records)
	return f.fail
}

func (f *fakeRegistry) History(_ context.Context, o track.OrganizationID, id track.ID) ([]track.Event, error) {
	if f.fail != nil {
		return nil, f.fail
	}
	if o == "panic" {
		panic("x")
	}
	if o != "org_1" || id != "mtrack_1" {
		return nil, track.Refuse(track.NotFound)
	}
	return f.events, nil
}

func (f *fakeRegistry) Histories(ctx context.Context, o track.OrganizationID, ids []track.ID) ([][]track.Event, error) {
	var histories [][]track.Event
	for _, id := range ids {
		events, err := f.History(ctx, o, id)
		if err != nil && track.CodeOf(err) != track.NotFound {
			return nil, err
		}
		histories = append(histories, events)
	}
	return histories, nil
}

func (f *fakeRegistry) RevokeKey(_ context.Context, hash track.KeyHash) error {
	if f.fail == nil && hash != track.NewKey("ak_1").Hash() {
		return track.Refuse(track.NotFound)
	}
	f.ended = append(f.ended, hash.String())
	return f.fail
}

func (f *fakeRegistry) EndMembership(_ context.Context, user track.UserID, o track.OrganizationID) error {
	if f.fail == nil && (user != "user_1" || o != "org_1") {
		return track.Refuse(track.NotFound)
	}
	f.ended = append(f.ended, string(user)+" "+string(o))
	return f.fail
}

var noon = time.Date(2026, 6, 28, 12, 0, 0, 0, time.UTC)

// send returns the answer to a request, checked against the contract of the
// protocol, and what was logged.
func send(t *testing.T, registry record.Registry, method, target, body string, headers ...string) (*httptest.ResponseRecorder, string) {
	t.Helper()
	var log bytes.Buffer
	handler := New(registry, slog.New(slog.NewTextHandler(&log, nil)), func() time.Time { return noon })
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	document, err := openapi3.NewLoader().LoadFromData(openapi.Provisioning)
	if err != nil {
		t.Fatal(err)
	}
	var value any
	if err := json.Unmarshal(w.Body.Bytes(), &value); err != nil {
		t.Fatalf("%s %s: status %d: %v in %q", method, target, w.Code, err, w.Body)
	}
	schema := document.Components.Schemas["Refusal"]
	if w.Code < 300 {
		schema = document.Components.Schemas[map[string]string{
			"capabilities": "Capabilities", "scenes": "Scene", "history": "History", "histories": "Histories",
			"revocations": "Nothing", "departures": "Nothing",
		}[strings.Split(r.URL.Path, "/")[1]]]
	}
	if err := schema.Value.VisitJSON(value); err != nil {
		t.Errorf("%s %s: %v\nin %s", method, target, err, w.Body)
	}
	if media := w.Header().Get("Content-Type"); media != "application/json" {
		t.Errorf("content type %q", media)
	}
	return w, log.String()
}

func TestGetCapabilities(t *testing.T) {
	t.Parallel()
	w, _ := send(t, &fakeRegistry{}, "GET", "/capabilities", "")
	if w.Code != 200 || strings.TrimSpace(w.Body.String()) != `{"features":["history","histories","revoked_keys","extra_keys","created_at","saves","revoke_key","end_membership"],"protocol":1}` {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// TestCreateScene_OneApply wants a whole scene in one step.
func TestCreateScene_OneApply(t *testing.T) {
	t.Parallel()
	registry := &fakeRegistry{}
	w, _ := send(t, registry, "POST", "/scenes", `{"organizations":[{"name":"home"}],"users":[{"name":"u","member_of":["home"]}]}`)
	if w.Code != 201 || len(registry.applied) != 1 || len(registry.applied[0]) != 2 {
		t.Errorf("%d, applied %v", w.Code, registry.applied)
	}
	w, _ = send(t, registry, "POST", "/scenes", `{}`)
	if w.Code != 201 {
		t.Errorf("an empty scene: %d %s", w.Code, w.Body)
	}
}

// TestRefusals walks what cannot be done, and what is told of it.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		method, target, body, media string
		fail                        error
		status                      int
		want                        string // in the reason
		logged                      bool
	}{
		"unknown path":    {method: "GET", target: "/", status: 404, want: "/capabilities"},
		"unclean path":    {method: "POST", target: "//scenes", body: "{}", status: 404, want: "/scenes"},
		"method":          {method: "DELETE", target: "/scenes", status: 405, want: "Allow"},
		"media type":      {method: "POST", target: "/scenes", body: "{}", media: "text/plain", status: 415, want: "application/json"},
		"no body":         {method: "POST", target: "/scenes", status: 400, want: "not a scene"},
		"no JSON":         {method: "POST", target: "/scenes", body: "{", status: 400, want: "not a scene"},
		"null":            {method: "POST", target: "/scenes", body: "null", status: 400, want: "not a scene"},
		"other case":      {method: "POST", target: "/scenes", body: `{"Users":[{"name":"u"}]}`, status: 400, want: `unknown field "Users": it is spelt "users"`},
		"name twice":      {method: "POST", target: "/scenes", body: `{"users":[{"name":"u","name":"v"}]}`, status: 400, want: `"users[0].name" twice`},
		"half a letter":   {method: "POST", target: "/scenes", body: `{"users":[{"name":"\ud800"}]}`, status: 400, want: "half of a surrogate pair in users[0].name"},
		"two scenes":      {method: "POST", target: "/scenes", body: "{}{}", status: 400, want: "more behind the document"},
		"misspelt":        {method: "POST", target: "/scenes", body: `{"tracks":[{"name":"a","saved_bye":[]}]}`, status: 400, want: "saved_bye"},
		"wrong type":      {method: "POST", target: "/scenes", body: `{"tracks":{}}`, status: 400, want: "tracks"},
		"too big":         {method: "POST", target: "/scenes", body: `{"users":[` + strings.Repeat(" ", maxBody) + `]}`, status: 413, want: "split"},
		"unknown name":    {method: "POST", target: "/scenes", body: `{"users":[{"name":"u","member_of":["hom"]}]}`, status: 422, want: `"hom"`},
		"store refuses":   {method: "POST", target: "/scenes", body: `{}`, fail: &track.Error{Code: track.InvalidArgument, Err: &record.Error{Index: 2, Reason: "title is too long"}}, status: 422, want: "title is too long"},
		"store is gone":   {method: "POST", target: "/scenes", body: `{}`, fail: &track.Error{Code: track.Unavailable, Err: errors.New("secret")}, status: 503, want: "try again", logged: true},
		"store fails":     {method: "POST", target: "/scenes", body: `{}`, fail: errors.New("secret"), status: 500, want: "log", logged: true},
		"no organization": {method: "GET", target: "/history?track_id=mtrack_1", status: 400, want: "organization_id"},
		"two tracks":      {method: "GET", target: "/history?organization_id=org_1&track_id=a&track_id=b", status: 400, want: "track_id"},
		"no such track":   {method: "GET", target: "/history?organization_id=org_1&track_id=mtrack_2", status: 404, want: "mtrack_2"},
		"history fails":   {method: "GET", target: "/history?organization_id=org_1&track_id=mtrack_1", fail: errors.New("secret"), status: 500, want: "log", logged: true},
		"no such key":     {method: "POST", target: "/revocations", body: `{"api_key":"ak_2"}`, status: 404, want: "there never was"},
		"key fails":       {method: "POST", target: "/revocations", body: `{"api_key":"ak_1"}`, fail: errors.New("secret"), status: 500, want: "log", logged: true},
		"misspelt key":    {method: "POST", target: "/revocations", body: `{"key":"ak_1"}`, status: 400, want: "not a revocation"},
		"no membership":   {method: "POST", target: "/departures", body: `{"organization_id":"org_1","user_id":"user_2"}`, status: 404, want: `"user_2" does not belong`},
		"departure fails": {method: "POST", target: "/departures", body: `{"organization_id":"org_1","user_id":"user_1"}`, fail: errors.New("secret"), status: 500, want: "log", logged: true},
		"null departure":  {method: "POST", target: "/departures", body: "null", status: 400, want: "not a departure"},
		"no histories":    {method: "POST", target: "/histories", body: `{"tracks":1}`, status: 400, want: "not a request for histories"},
		"histories fail":  {method: "POST", target: "/histories", body: `{"tracks":[{"organization_id":"org_1","track_id":"mtrack_1"}]}`, fail: errors.New("secret"), status: 500, want: "log", logged: true},
		"panic":           {method: "GET", target: "/history?organization_id=panic&track_id=mtrack_1", status: 500, want: "log"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var headers []string
			if row.media != "" {
				headers = []string{"Content-Type", row.media}
			}
			w, log := send(t, &fakeRegistry{fail: row.fail}, row.method, row.target, row.body, headers...)
			var told struct{ Error string }
			if err := json.Unmarshal(w.Body.Bytes(), &told); err != nil || w.Code != row.status || !strings.Contains(told.Error, row.want) {
				t.Errorf("%v: %d %s", err, w.Code, w.Body)
			}
			if strings.Contains(w.Body.String(), "secret") || strings.Contains(log, "secret") != row.logged {
				t.Errorf("told %s, logged %s", w.Body, log)
			}
			if row.status == http.StatusMethodNotAllowed && w.Header().Get("Allow") != "POST" {
				t.Errorf("Allow: %q", w.Header().Get("Allow"))
			}
		})
	}
}

func TestGetHistory(t *testing.T) {
	t.Parallel()
	registry := &fakeRegistry{events: []track.Event{
		{Type: track.EventCreated, At: noon.In(time.FixedZone("east", 7200)), Actor: "user_1"},
		{Type: track.EventBilled, At: noon, Actor: "user_1", Amount: "0.10", Currency: "CHF"},
		{Type: track.EventDeleted, At: noon.Add(time.Minute), Actor: "user_1", Request: "req_1"},
	}}
	w, _ := send(t, registry, "GET", "/history?organization_id=org_1&track_id=mtrack_1", "")
	const want = `{"events":[` +
		`{"actor":"user_1","at":"2026-06-28T12:00:00Z","type":"track.created"},` +
		`{"actor":"user_1","amount":"0.10","at":"2026-06-28T12:00:00Z","currency":"CHF","type":"track.billed"},` +
		`{"actor":"user_1","at":"2026-06-28T12:01:00Z","type":"track.deleted"}]}`
	if got := strings.TrimSpace(w.Body.String()); w.Code != 200 || got != want {
		t.Errorf("%d\n%s\nwant\n%s", w.Code, got, want)
	}
	registry.events = nil
	if w, _ := send(t, registry, "GET", "/history?organization_id=org_1&track_id=mtrack_1", ""); strings.TrimSpace(w.Body.String()) != `{"events":[]}` {
		t.Errorf("no events are not []: %s", w.Body)
	}
}

// TestGetHistories wants the order of the request, over several organizations.
func TestGetHistories(t *testing.T) {
	t.Parallel()
	registry := &fakeRegistry{events: []track.Event{{Type: track.EventCreated, At: noon, Actor: "user_1"}}}
	w, _ := send(t, registry, "POST", "/histories", `{"tracks":[
		{"organization_id":"org_2","track_id":"mtrack_1"},
		{"organization_id":"org_1","track_id":"mtrack_1"},
		{"organization_id":"org_1","track_id":"mtrack_2"}]}`)
	const want = `{"histories":[null,{"events":[{"actor":"user_1","at":"2026-06-28T12:00:00Z","type":"track.created"}]},null]}`
	if got := strings.TrimSpace(w.Body.String()); w.Code != 200 || got != want {
		t.Errorf("%d\n%s\nwant\n%s", w.Code, got, want)
	}
	if w, _ := send(t, registry, "POST", "/histories", `{"tracks":[]}`); strings.TrimSpace(w.Body.String()) != `{"histories":[]}` {
		t.Errorf("no histories are not []: %s", w.Body)
	}
}

func TestEndings(t *testing.T) {
	t.Parallel()
	registry := &fakeRegistry{}
	for _, message := range [][2]string{
		{"/revocations", `{"api_key":"ak_1"}`}, {"/departures", `{"organization_id":"org_1","user_id":"user_1"}`},
	} {
		if w, _ := send(t, registry, "POST", message[0], message[1]); w.Code != 200 || strings.TrimSpace(w.Body.String()) != "{}" {
			t.Errorf("%s: %d %s", message[0], w.Code, w.Body)
		}
	}
	if len(registry.ended) != 2 || registry.ended[1] != "user_1 org_1" {
		t.Errorf("ended %v", registry.ended)
	}
}

// TestCreateScene_BrokenOff wants nothing created from half a body.
func TestCreateScene_BrokenOff(t *testing.T) {
	t.Parallel()
	registry := &fakeRegistry{}
	handler := New(registry, slog.New(slog.DiscardHandler), time.Now)
	r := httptest.NewRequest("POST", "/scenes", io.MultiReader(strings.NewReader("{}"), brokenReader{}))
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	if w.Code != 400 || len(registry.applied) != 0 {
		t.Errorf("%d, applied %v", w.Code, registry.applied)
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
