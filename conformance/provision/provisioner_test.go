package provision

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/testenv"
)

const sceneResponse = `{"organizations":{"home":{"id":"o"}},"users":{"creator":{"id":"u","api_key":"ak_secret"}},"tracks":{"song":{"id":"mtrack_1"}}}`

// provisionerOf serves a provisioner that says the same to everything.
func provisionerOf(t *testing.T, status int, answer string) Provisioner {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.WriteHeader(status)
		io.WriteString(w, answer)
	}))
	t.Cleanup(server.Close)
	p, err := HTTP(server.URL+"/", 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// songScene is a song and its creator.
var songScene = Request{
	Organizations: []OrganizationRequest{{Name: "home"}},
	Users:         []UserRequest{{Name: "creator", MemberOf: []string{"home"}}},
	Tracks: []TrackRequest{
		{Name: "song", Organization: "home", Creator: "creator", SavedBy: []string{"creator"}},
	},
}

// makeScene asks a provisioner as a run does.
func makeScene(ctx context.Context, p Provisioner, r Request) (*Scene, error) {
	return Checked(p).CreateScene(ctx, r)
}

// What goes over the wire is the protocol's, to the letter.
func TestHTTPProvisionerSpeaksTheProtocol(t *testing.T) {
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		asked = append(asked, r.Method+" "+r.URL.String()+" "+string(body))
		switch {
		case r.URL.Path == "/p/capabilities":
			io.WriteString(w, `{"protocol":1,"features":["history","more"],"further":true}`)
		case r.URL.Path == "/p/scenes":
			w.WriteHeader(http.StatusCreated)
			io.WriteString(w, sceneResponse)
		case r.URL.Query().Get("track_id") == "gone":
			w.WriteHeader(http.StatusNotFound)
			io.WriteString(w, `{"error":"no such track"}`)
		default:
			io.WriteString(w, `{"events":[{"type":"track.created","at":"2026-06-28T10:30:00Z","actor":"u"},{"type":"track.played","at":"2026-06-28T10:30:00Z","actor":"u"}]}`)
		}
	}))
	defer server.Close()
	p, err := HTTP(server.URL+"/p/", 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	features, err := p.Capabilities(t.Context())
	if err != nil || fmt.Sprint(features) != "[history more]" {
		t.Errorf("%v %v", features, err)
	}
	request := songScene
	request.Users = []UserRequest{{Name: "creator"}} // of no organization: an empty list, not null
	scene, err := makeScene(t.Context(), p, request)
	if err != nil || scene.User("creator") != (User{"creator", "u", "ak_secret"}) ||
		scene.Organization("home") != "o" ||
		scene.Track("song") != "mtrack_1" {
		t.Errorf("%+v %v", scene, err)
	}
	events, err := p.History(t.Context(), "o 1", "mtrack_1")
	if err != nil || len(events) != 2 || events[0].Type != EventCreated || events[0].Actor != "u" ||
		events[0].At.IsZero() {
		t.Errorf("%+v %v", events, err)
	}
	if _, err := p.History(t.Context(), "o", "gone"); !errors.Is(err, ErrNoHistory) {
		t.Errorf("a history that is gone: %v", err)
	}
	want := []string{
		"GET /p/capabilities ",
		`POST /p/scenes {"organizations":[{"name":"home"}],"users":[{"name":"creator","member_of":[]}],"tracks":[{"name":"song","organization":"home","creator":"creator","saved_by":["creator"]}]}`,
		"GET /p/history?organization_id=o+1&track_id=mtrack_1 ",
		"GET /p/history?organization_id=o&track_id=gone ",
	}
	if fmt.Sprint(asked) != fmt.Sprint(want) {
		t.Errorf("asked\n%q\nwant\n%q", asked, want)
	}
}

// Whatever a provisioner gets wrong is told as its fault, with what was asked and said, and without
// a key.
func TestProvisionerFaults(t *testing.T) {
	for name, tc := range map[string]struct {
		status       int
		answer, want string
	}{
		"refusal":           {409, `{"error":"organization home exists","api_key":"ak_secret"}`, "409 Conflict: organization home exists"},
		"failure":           {500, "<h1>oops</h1>", "500 Internal Server Error"},
		"redirect":          {302, "", "302 Found"},
		"no JSON":           {201, "created", "not one JSON document"},
		"two documents":     {201, sceneResponse + "{}", "more behind"},
		"duplicate name":    {201, strings.Replace(sceneResponse, `"id":"o"`, `"id":"o","id":"p"`, 1), "twice"},
		"array":             {201, "[]", "wrong shape"},
		"number as id":      {201, strings.Replace(sceneResponse, `"o"`, "17", 1), "id is a number"},
		"missing part":      {201, `{"organizations":{"home":{"id":"o"}},"tracks":{"song":{"id":"mtrack_1"}}}`, "users.creator.id is missing or empty"},
		"missing name":      {201, strings.Replace(sceneResponse, "song", "tune", 1), "tracks.song.id is missing or empty"},
		"missing key":       {201, strings.Replace(sceneResponse, `"api_key"`, `"key"`, 1), "users.creator.api_key is missing or empty"},
		"key with newline":  {201, strings.Replace(sceneResponse, "ak_secret", `ak_secret\n`, 1), "cannot be sent"},
		"null":              {201, "null", "organizations.home.id is missing"},
		"too long":          {201, strings.Repeat(" ", maxResponse+1), "longer than 8 MiB"},
		"bytes, not UTF-8":  {201, "\"\xff\"", "not UTF-8"},
		"answer that is {}": {201, "{}", "organizations.home.id is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := makeScene(t.Context(), provisionerOf(t, tc.status, tc.answer), songScene)
			var wrong *Error
			if !errors.As(err, &wrong) || !strings.Contains(err.Error(), tc.want) {
				t.Fatalf("got %v, want %q", err, tc.want)
			}
			if !strings.Contains(wrong.Request, `"name":"home"`) || strings.Contains(err.Error(), "ak_secret") ||
				len(err.Error()) > 16<<10 {
				t.Errorf("asked is missing, a key is in it, or it is too long:\n%v", err)
			}
		})
	}
}

func TestScenesAreNew(t *testing.T) {
	two := Request{Organizations: []OrganizationRequest{{"a"}, {"b"}}, Users: []UserRequest{{"x", nil}, {"y", nil}}}
	for name, tc := range map[string]struct{ answer, want string }{
		"organization twice": {`{"organizations":{"a":{"id":"o"},"b":{"id":"o"}},"users":{"x":{"id":"1","api_key":"k1"},"y":{"id":"2","api_key":"k2"}}}`, "organizations.b.id is the same as organizations.a.id"},
		"user twice":         {`{"organizations":{"a":{"id":"1"},"b":{"id":"2"}},"users":{"x":{"id":"1","api_key":"k1"},"y":{"id":"1","api_key":"k2"}}}`, "users.y.id is the same as users.x.id"},
		"key twice":          {`{"organizations":{"a":{"id":"1"},"b":{"id":"2"}},"users":{"x":{"id":"1","api_key":"k1"},"y":{"id":"2","api_key":"k1"}}}`, "users.y.api_key is the same as users.x.api_key"},
	} {
		if _, err := makeScene(t.Context(), provisionerOf(t, 201, tc.answer), two); err == nil ||
			!strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	p := Checked(provisionerOf(t, 201, sceneResponse))
	if _, err := p.CreateScene(t.Context(), songScene); err != nil {
		t.Fatal(err)
	}
	if _, err := p.CreateScene(t.Context(), songScene); err == nil ||
		!strings.Contains(err.Error(), "used by an earlier scene") {
		t.Errorf("the same scene again: %v", err)
	}
}

func TestHTTPProvisionerTimeout(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer server.Close()
	p, err := HTTP(server.URL, 50*time.Millisecond, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Capabilities(t.Context()); err == nil ||
		!strings.Contains(err.Error(), "no complete response within its timeout of 50ms") {
		t.Errorf("got %v", err)
	}
}

func TestCapabilitiesFaults(t *testing.T) {
	for answer, want := range map[string]string{
		`{"protocol":2,"features":[]}`:          "speaks protocol 2",
		`{"features":[]}`:                       "speaks protocol 0",
		`{"protocol":1,"features":"history"}`:   "features is a string",
		`{"protocol":"1","features":[]}`:        "protocol is a string",
		`<!doctype html><title>Sign in</title>`: "not one JSON document",
	} {
		if _, err := provisionerOf(t, 200, answer).Capabilities(t.Context()); err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", answer, err)
		}
	}
	for _, base := range []string{"", "localhost:8081", "ftp://h", "http://h?x"} {
		if _, err := HTTP(base, 0, nil); err == nil {
			t.Errorf("%q is taken for a URL", base)
		}
	}
}

// script makes an executable of a shell script.
func script(t *testing.T, content string) string {
	t.Helper()
	testenv.Need(t, "sh")
	path := filepath.Join(t.TempDir(), "provision it.sh")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	// By way of sh: a file that was just written may still be open in a process that another test
	// is starting.
	return "sh '" + path + "' \"an argument\""
}

func TestExecProvisioner(t *testing.T) {
	p, err := Command(script(t, `
read -r line
[ "$1" = "an argument" ] || exit 9
case "$line" in
*'"operation":"capabilities"'*) echo '{"protocol":1,"features":["history"]}' ;;
*'"operation":"create_scene","scene":{"organizations":[{"name":"home"}]'*) echo '`+sceneResponse+`' ;;
*'"operation":"history","organization_id":"o","track_id":"gone"'*) echo '{"error":"no such track","status":404}' ;;
*'"operation":"history","organization_id":"o","track_id":"mtrack_1"'*) echo '{"events":[]}' ;;
*) echo "what is $line" >&2; exit 3 ;;
esac
`), 0)
	if err != nil {
		t.Fatal(err)
	}
	features, err := p.Capabilities(t.Context())
	if err != nil || fmt.Sprint(features) != "[history]" {
		t.Errorf("%v %v", features, err)
	}
	if scene, err := makeScene(t.Context(), p, songScene); err != nil || scene.Track("song") != "mtrack_1" {
		t.Errorf("%v %v", scene, err)
	}
	if events, err := p.History(t.Context(), "o", "mtrack_1"); err != nil || len(events) != 0 {
		t.Errorf("%v %v", events, err)
	}
	if _, err := p.History(t.Context(), "o", "gone"); !errors.Is(err, ErrNoHistory) {
		t.Errorf("got %v", err)
	}
	if _, err := p.History(t.Context(), "p", "x"); err == nil || !strings.Contains(err.Error(), "exit status 3") ||
		!strings.Contains(err.Error(), "what is {") {
		t.Errorf("standard error is not shown: %v", err)
	}
}

func TestExecProvisionerFaults(t *testing.T) {
	for name, tc := range map[string]struct{ script, want string }{
		"refusal":     {`echo '{"error":"no room","status":507}'`, "refused with status 507: no room"},
		"fails":       {`echo "cannot connect, api_key: ak" >&2; exit 1`, "cannot connect"},
		"no JSON":     {"echo done", "not one JSON document"},
		"nothing":     {"exit 0", "an empty body"},
		"too slow":    {"sleep 5", "not done within its timeout of 500ms"},
		"not reading": {"exec <&-; echo '{}'", "organizations.home.id is missing"},
		"a flood":     {"head -c 9000000 /dev/zero | tr '\\0' ' '", "longer than 8 MiB"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := Command(script(t, tc.script), 5*time.Second)
			if err != nil {
				t.Fatal(err)
			}
			if name == "too slow" {
				p.(*execProvisioner).timeout = 500 * time.Millisecond
			}
			begin := time.Now()
			_, err = makeScene(t.Context(), p, songScene)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
			if time.Since(begin) > 4*time.Second {
				t.Errorf("took %s", time.Since(begin))
			}
		})
	}
	for line, want := range map[string]string{"": "empty", "  ": "empty", "'x": "within a quotation", "/no/such/program": "give a command that exists"} {
		if _, err := Command(line, 0); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", line, err)
		}
	}
}

// Small servers let few connections wait: a provisioner gets a few messages at once, however many
// cases run.
func TestHTTPProvisionerIsAskedAFewThingsAtOnce(t *testing.T) {
	var now, most atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		n := now.Add(1)
		defer now.Add(-1)
		for seen := most.Load(); n > seen && !most.CompareAndSwap(seen, n); seen = most.Load() {
		}
		time.Sleep(5 * time.Millisecond) // so that others would meet it
		io.WriteString(w, `{"events": []}`)
	}))
	defer server.Close()
	p, err := HTTP(server.URL, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	var asking sync.WaitGroup
	for range 6 * messagesAtOnce {
		asking.Go(func() {
			if _, err := p.History(t.Context(), "org_1", "mtrack_1"); err != nil {
				t.Error(err)
			}
		})
	}
	asking.Wait()
	if n := most.Load(); n > messagesAtOnce {
		t.Errorf("%d messages at once, want %d at most", n, messagesAtOnce)
	}
}

func TestRedact(t *testing.T) {
	got := redact(`{"users":{"a":{"id":"u","api_key": "se\"cret"}},"revoked_keys":{"old":{"api_key":"other"}}, broken`)
	if strings.Contains(got, "cret") || strings.Contains(got, "other") || !strings.Contains(got, `"id":"u"`) {
		t.Errorf("got %s", got)
	}
}
