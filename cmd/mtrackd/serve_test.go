package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-5ec2a705/mtrack/cmd/internal/command"
)

// buffer is a bytes.Buffer that may be read while it is written.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// instance is a serve in progress.
type instance struct {
	stdout, stderr *buffer
	urls           map[string]string // name of the listener → origin
	interrupt      context.CancelFunc
	status         chan int
}

// startServe runs serve on free ports of 127.0.0.1, with a JSON log, and waits
// until it listens. It is interrupted at the end of the test.
func startServe(t testing.TB, variables []string, args ...string) *instance {
	t.Helper()
	ctx, interrupt := context.WithCancel(context.Background())
	i := &instance{&buffer{}, &buffer{}, map[string]string{}, interrupt, make(chan int, 1)}
	args = append([]string{"serve", "--listen", "127.0.0.1:0", "--log-format", "json", "--shutdown-delay", "0"}, args...)
	go func() {
		i.status <- run(ctx, command.Environment{Stdin: strings.NewReader(""), Stdout: i.stdout, Stderr: i.stderr, Getenv: lookup(variables)}, args)
	}()
	t.Cleanup(func() {
		interrupt()
		if t.Failed() {
			t.Logf("log:\n%s", i.stderr)
		}
	})
	listeners := 0
	for _, arg := range args {
		if strings.HasSuffix(arg, "-listen") {
			listeners++
		}
	}
	deadline := time.Now().Add(10 * time.Second)
	for len(i.urls) < listeners {
		select {
		case status := <-i.status:
			t.Fatalf("serve ended with %d: %s", status, i.stderr)
		case <-time.After(2 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			t.Fatalf("serve does not listen: %s", i.stderr)
		}
		for line := range strings.Lines(i.stderr.String()) {
			var entry struct{ Msg, For, Address string }
			if err := json.Unmarshal([]byte(line), &entry); err == nil && entry.Msg == "listening" {
				i.urls[entry.For] = "http://" + entry.Address
			}
		}
	}
	return i
}

// end interrupts and returns the exit status.
func (i *instance) end(t testing.TB) int {
	t.Helper()
	i.interrupt()
	select {
	case status := <-i.status:
		return status
	case <-time.After(10 * time.Second):
		t.Fatal("serve does not end")
		return -1
	}
}

// ask returns status, header and body of an answer. Headers are "Name: value".
func ask(t *testing.T, method, url, body string, headers ...string) (int, http.Header, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Header, string(read)
}

// pasted is one request of the demo.
type pasted struct {
	status, method, url string
	headers             []string
}

// demoRequests reads what the demo printed, as a shell would.
func demoRequests(t *testing.T, i *instance) []pasted {
	t.Helper()
	var requests []pasted
	deadline := time.Now().Add(5 * time.Second)
	for len(requests) < 6 {
		if time.Now().After(deadline) {
			t.Fatalf("the demo printed %d requests: %s", len(requests), i.stdout)
		}
		requests = nil
		found := regexp.MustCompile(`(?m)^# (\d+): .*\ncurl -i (?:-X (\w+) )?(?:-H "([^"]+)" )?"([^"]+)"\n`)
		for _, m := range found.FindAllStringSubmatch(i.stdout.String(), -1) {
			p := pasted{status: m[1], method: m[2], url: m[4]}
			if p.method == "" {
				p.method = http.MethodGet
			}
			if m[3] != "" {
				p.headers = []string{m[3]}
			}
			requests = append(requests, p)
		}
	}
	return requests
}

// TestServe_Demo pastes what the demo prints, and looks into the log and the
// metrics afterwards.
func TestServe_Demo(t *testing.T) {
	t.Parallel()
	const secret = "a secret that signs URLs"
	i := startServe(t, []string{"MTRACK_DEMO", "true", "MTRACK_MEDIA_SECRET", secret}, "--admin-listen", "127.0.0.1:0")
	if !strings.Contains(i.stderr.String(), "keeps nothing") {
		t.Errorf("the embedded store does not say what it is: %s", i.stderr)
	}
	requests := demoRequests(t, i)
	statuses := ""
	for n, p := range requests {
		status, _, body := ask(t, p.method, p.url, "", p.headers...)
		if fmt.Sprint(status) != p.status {
			t.Errorf("request %d, %+v: status %d: %s", n, p, status, body)
		}
		statuses += p.status + " "
	}
	if statuses != "200 200 401 403 404 200 " {
		t.Errorf("the demo shows %s", statuses)
	}
	last := requests[len(requests)-1]
	if status, _, _ := ask(t, last.method, last.url, "", last.headers...); status != http.StatusNotFound {
		t.Errorf("a second delete answers %d", status)
	}
	ask(t, "BREW", i.urls["API"]+"/unknown/path", "", last.headers...)

	_, _, counted := ask(t, "GET", i.urls["admin"]+"/metrics", "")
	for _, want := range []string{
		`mtrack_http_requests_total{method="DELETE",route="/v1/music/{organization_id}/tracks/{track_id}",status="200"} 1`,
		`mtrack_http_requests_total{method="DELETE",route="/v1/music/{organization_id}/tracks/{track_id}",status="404"} 2`,
		`mtrack_http_requests_total{method="other",route="unmatched",status="404"} 1`,
		`mtrack_http_request_duration_seconds_count{method="GET",route="/v1/music/{organization_id}/tracks"} 1`,
		"mtrack_redis_pool_connections ", "mtrack_redis_pool_hits_total ", "mtrack_build_info{", "go_goroutines ", "process_",
	} {
		if !strings.Contains(counted, want) {
			t.Errorf("no %s in the metrics", want)
		}
	}
	if strings.Contains(counted, "mtrack_c") || strings.Contains(counted, "org_") {
		t.Error("an id is in the metrics")
	}
	if status := i.end(t); status != exitOK {
		t.Errorf("exit status %d", status)
	}
	log := i.stderr.String()
	if n := strings.Count(log, `"msg":"request"`); n != 8 || strings.Count(log, `"trace_id":"req_`) != n {
		t.Errorf("%d requests in the log", n)
	}
	if strings.Contains(log, "ak_") || strings.Contains(log+counted, secret) {
		t.Errorf("a secret is in the log: %s", log)
	}
}

// TestServe_Provision creates a scene, deletes its track and reads the history.
func TestServe_Provision(t *testing.T) {
	t.Parallel()
	i := startServe(t, nil, "--provision-listen", "127.0.0.1:0")
	status, _, body := ask(t, "POST", i.urls["provisioner"]+"/scenes", `{
		"organizations": [{"name": "home"}],
		"users": [{"name": "creator", "member_of": ["home"]}],
		"tracks": [{"name": "song", "organization": "home", "creator": "creator", "saved_by": ["creator"]}],
		"revoked_keys": [{"name": "old", "user": "creator"}]}`, "Content-Type: application/json")
	var scene struct {
		Organizations, Tracks map[string]struct{ ID string }
		Users                 map[string]struct {
			ID     string
			APIKey string `json:"api_key"`
		}
		RevokedKeys map[string]struct {
			APIKey string `json:"api_key"`
		} `json:"revoked_keys"`
	}
	if err := json.Unmarshal([]byte(body), &scene); err != nil || status != http.StatusCreated {
		t.Fatalf("%v: %d %s", err, status, body)
	}
	organization, track := scene.Organizations["home"].ID, scene.Tracks["song"].ID
	url := i.urls["API"] + "/v1/music/" + organization + "/tracks/" + track
	if status, _, body := ask(t, "DELETE", url, "", "X-API-Key: "+scene.RevokedKeys["old"].APIKey); status != http.StatusUnauthorized {
		t.Errorf("a revoked key: %d %s", status, body)
	}
	status, header, body := ask(t, "DELETE", url, "", "Authorization: bearer "+scene.Users["creator"].APIKey)
	if status != http.StatusOK || !strings.Contains(body, track) || header.Get("X-Request-Id") == "" {
		t.Errorf("delete: %d %v %s", status, header, body)
	}
	_, _, body = ask(t, "GET", i.urls["provisioner"]+"/history?organization_id="+organization+"&track_id="+track, "")
	var history struct {
		Events []struct{ Type, Actor string }
	}
	if err := json.Unmarshal([]byte(body), &history); err != nil || len(history.Events) != 3 ||
		history.Events[1].Type != "track.billed" || history.Events[2].Type != "track.deleted" || history.Events[2].Actor != scene.Users["creator"].ID {
		t.Errorf("%v: history %s", err, body)
	}
	if status, _, _ := ask(t, "GET", i.urls["API"]+"/capabilities", "", "X-API-Key: "+scene.Users["creator"].APIKey); status != http.StatusNotFound {
		t.Errorf("the provisioner is on the public listener: %d", status)
	}
	if status := i.end(t); status != exitOK {
		t.Errorf("exit status %d", status)
	}
}

// TestServe_Refuses walks what serve does not start with.
func TestServe_Refuses(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	address := taken.Addr().String()
	for _, row := range []struct {
		variables, args []string
		status          int
		want            []string // in what is said
	}{
		{nil, []string{"--nope"}, exitUsage, []string{"--nope", "--help"}},
		{nil, []string{"extra"}, exitUsage, []string{`"extra"`}},
		{nil, []string{"--listen", ""}, exitUsage, []string{"--listen"}},
		{nil, []string{"--log-format", "xml"}, exitUsage, []string{"--log-format", "xml"}},
		{nil, []string{"--log-level", "loud"}, exitUsage, []string{"--log-level", "loud"}},
		{nil, []string{"--request-timeout", "0"}, exitUsage, []string{"--request-timeout"}},
		{nil, []string{"--shutdown-timeout", "-1s"}, exitUsage, []string{"--shutdown-timeout"}},
		{nil, []string{"--shutdown-delay", "-1s"}, exitUsage, []string{"--shutdown-delay"}},
		{nil, []string{"--max-connections", "-1"}, exitUsage, []string{"--max-connections"}},
		{nil, []string{"--allow-host", "http://x"}, exitUsage, []string{"--allow-host", `"http://x"`, "without scheme"}},
		{nil, []string{"--cors-origin", "*"}, exitUsage, []string{"--cors-origin", `"*"`, "https://app.example.com"}},
		{[]string{"MTRACK_CORS_ORIGIN", "https://a.test/"}, nil, exitUsage, []string{"--cors-origin"}},
		{nil, []string{"--media-url", "ftp://x"}, exitUsage, []string{"--media-url"}},
		{nil, []string{"--media-secret", "short"}, exitUsage, []string{"--media-secret"}},
		{[]string{"MTRACK_MEDIA_LIFETIME", "soon"}, nil, exitUsage, []string{"MTRACK_MEDIA_LIFETIME"}},
		{nil, []string{"--redis", "http://u:hidden@x"}, exitUsage, []string{"--redis", "redis://"}},
		{nil, []string{"--redis", "redis://u:hidden@[x"}, exitUsage, []string{"--redis"}},
		{nil, []string{"--provision-listen", ":0"}, exitUsage, []string{"--provision-listen", "--provision-allow-remote"}},
		{nil, []string{"--provision-listen", "0.0.0.0:0"}, exitUsage, []string{"--provision-allow-remote"}},
		{nil, []string{"--provision-listen", "example.com:0"}, exitUsage, []string{"--provision-allow-remote"}},
		{[]string{"MTRACK_PROVISION_LISTEN", "[::]:0"}, nil, exitUsage, []string{"--provision-allow-remote"}},
		{nil, []string{"--listen", "127.0.0.1:99999"}, exitUsage, []string{"--listen", "99999"}},
		{nil, []string{"--listen", "8080"}, exitUsage, []string{"--listen", `"8080"`, "HOST:PORT"}},
		{nil, []string{"--listen", "127.0.0.1"}, exitUsage, []string{"--listen", "HOST:PORT"}},
		{nil, []string{"--admin-listen", "http://127.0.0.1:9090"}, exitUsage, []string{"--admin-listen", "HOST:PORT"}},
		{[]string{"MTRACK_PROVISION_LISTEN", "8081"}, nil, exitUsage, []string{"--provision-listen", "HOST:PORT"}},
		{nil, []string{"--listen", "192.0.2.1:0"}, exitFailed, []string{"--listen", "192.0.2.1"}},
		{nil, []string{"--listen", address}, exitFailed, []string{"--listen", address, "in use"}},
		{nil, []string{"--listen", "127.0.0.1:0", "--admin-listen", address}, exitFailed, []string{"--admin-listen", "in use"}},
		{[]string{"MTRACK_REDIS", "redis://u:hidden@" + address + "?read_timeout=50ms"}, []string{"--listen", "127.0.0.1:0"}, exitFailed,
			[]string{address, "cannot be reached", "--redis"}},
		{nil, []string{"--redis", "redis://u:hidden@127.0.0.1:1"}, exitFailed, []string{"127.0.0.1:1", "refused", "--redis"}},
	} {
		got := carryOut(t.Context(), row.variables, append([]string{"serve"}, row.args...)...)
		if got.status != row.status {
			t.Errorf("%v %v: status %d: %s", row.variables, row.args, got.status, got.stderr)
		}
		for _, want := range row.want {
			if !strings.Contains(got.stderr, want) {
				t.Errorf("%v %v: no %q in %s", row.variables, row.args, want, got.stderr)
			}
		}
		if strings.Contains(got.stderr, "hidden") || strings.Contains(got.stderr, "short\n") {
			t.Errorf("%v %v tells a secret: %s", row.variables, row.args, got.stderr)
		}
	}
}

// TestServe_AllowRemote listens for others where that was asked for, and warns.
func TestServe_AllowRemote(t *testing.T) {
	t.Parallel()
	i := startServe(t, nil, "--provision-listen", ":0", "--provision-allow-remote")
	if status := i.end(t); status != exitOK {
		t.Errorf("exit status %d", status)
	}
	if !strings.Contains(i.stderr.String(), "asks for no key") { // it may come after "listening", which startServe waits for
		t.Errorf("no warning: %s", i.stderr)
	}
}

// TestServe_Private asks the listeners that are not for the public as a web
// page would, and by a name that was allowed.
func TestServe_Private(t *testing.T) {
	t.Parallel()
	i := startServe(t, nil, "--provision-listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--allow-host", "Tests.example.com")
	for name, path := range map[string]string{"provisioner": "/capabilities", "admin": "/metrics"} {
		for _, row := range []struct {
			header, value string
			status        int
		}{
			{"Host", "tests.example.com:1", 200}, {"Host", "localhost", 200}, {"Host", "mtrackd", 200}, {"Host", "rebound.example.com", 403},
			{"Origin", "https://example.com", 403}, {"Sec-Fetch-Site", "cross-site", 403},
		} {
			r, err := http.NewRequestWithContext(t.Context(), "GET", i.urls[name]+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			if r.Header.Set(row.header, row.value); row.header == "Host" {
				r.Host = row.value
			}
			response, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			if response.StatusCode != row.status {
				t.Errorf("%s with %s: %s: %d, want %d", name, row.header, row.value, response.StatusCode, row.status)
			}
		}
	}
	if status, _, body := ask(t, "GET", i.urls["admin"]+"/metrics", "x"); status != http.StatusRequestEntityTooLarge {
		t.Errorf("a body for the admin listener: %d %s", status, body)
	}
	_, _, counted := ask(t, "GET", i.urls["admin"]+"/metrics", "")
	for _, want := range []string{`mtrack_http_connections{listener="admin"} `, `mtrack_http_connections_max{listener="admin"} 64`, `mtrack_http_connections_max{listener="API"} `} {
		if !strings.Contains(counted, want) {
			t.Errorf("no %s in the metrics", want)
		}
	}
}

// TestServe_CORS wants a preflight answered without a key, and nothing changed
// where no origin was given.
func TestServe_CORS(t *testing.T) {
	t.Parallel()
	preflight := []string{"Origin: https://app.example.com", "Access-Control-Request-Method: DELETE"}
	for _, row := range []struct {
		args    []string
		status  int
		allowed string
	}{{nil, 401, ""}, {[]string{"--cors-origin", "https://APP.example.com", "--cors-origin", "http://localhost:1"}, 204, "https://app.example.com"}} {
		i := startServe(t, nil, row.args...)
		status, header, _ := ask(t, "OPTIONS", i.urls["API"]+"/v1/music/o/tracks/t", "", preflight...)
		if status != row.status || header.Get("Access-Control-Allow-Origin") != row.allowed || (header.Get("Vary") == "") != (row.allowed == "") {
			t.Errorf("%q: %d %v", row.args, status, header)
		}
		_, header, _ = ask(t, "DELETE", i.urls["API"]+"/v1/music/o/tracks/t", "", preflight[0])
		if header.Get("Access-Control-Allow-Origin") != row.allowed {
			t.Errorf("%q: a delete: %v", row.args, header)
		}
	}
}

// TestServe_Large sends heads and bodies beyond the limits.
func TestServe_Large(t *testing.T) {
	t.Parallel()
	i := startServe(t, nil, "--demo")
	creator := demoRequests(t, i)[5]
	if status, _, body := ask(t, "DELETE", creator.url+strings.Repeat("x", 8<<10), "", creator.headers...); status != http.StatusNotFound || !strings.Contains(body, "RESOURCE_NOT_FOUND") {
		t.Errorf("an id of 8 KiB: %d %.200s", status, body)
	}
	if status, _, _ := ask(t, "DELETE", creator.url, "", "X-API-Key: "+strings.Repeat("x", 32<<10)); status != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("a key of 32 KiB: %d", status)
	}
	if status, _, body := ask(t, "DELETE", creator.url, strings.Repeat("x", 10<<20), creator.headers...); status != http.StatusOK {
		t.Errorf("a body of 10 MiB: %d %s", status, body)
	}
}
