package httpapi

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/seed-5ec2a705/mtrack/gen/music"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// contains reports whether s has one of the parts.
func contains(s string, parts ...string) bool {
	for _, part := range parts {
		if strings.Contains(s, part) {
			return true
		}
	}
	return false
}

// TestDoors wants the envelope wherever an error leaves.
func TestDoors(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		method, path string
		fail         func(context.Context) error
		status       int
	}{
		"unknown path":          {"GET", "/", nil, 404},
		"unknown path below":    {"GET", "/v1/music", nil, 404},
		"no track":              {"DELETE", tracksPath + "/", nil, 404},
		"no track, save":        {"DELETE", tracksPath + "//save", nil, 404},
		"no organization":       {"GET", "/v1/music//tracks", nil, 404},
		"dot segment":           {"DELETE", tracksPath + "/./" + song, nil, 404},
		"dot dot segment":       {"DELETE", tracksPath + "/x/../" + song, nil, 404},
		"slash at the end":      {"DELETE", songPath + "/", nil, 404},
		"slash after save":      {"DELETE", songPath + "/save/", nil, 404},
		"too deep":              {"DELETE", songPath + "/save/x", nil, 404},
		"other case":            {"DELETE", strings.ToUpper(songPath), nil, 404},
		"method of a list":      {"POST", tracksPath, nil, 405},
		"method of a track":     {"PUT", songPath, nil, 405},
		"method of save":        {"GET", songPath + "/save", nil, 405},
		"a method of their own": {"BREW", songPath, nil, 405},
		"OPTIONS":               {"OPTIONS", songPath, nil, 405},
		"binding":               {"GET", tracksPath + "?limit=x", nil, 422},
		"handler":               {"GET", tracksPath + "?limit=0", nil, 422},
		"store refuses":         {"DELETE", songPath, func(context.Context) error { return track.Refuse(track.NotCreator) }, 403},
		"store fails":           {"DELETE", songPath, func(context.Context) error { return errors.New("x") }, 500},
		"store is gone":         {"DELETE", songPath, func(context.Context) error { return track.Refuse(track.Unavailable) }, 503},
		"store panics":          {"DELETE", songPath, func(context.Context) error { panic("x") }, 500},
		"store hangs": {"DELETE", songPath, func(ctx context.Context) error {
			<-ctx.Done()
			return ctx.Err()
		}, 503},
		"store hangs while binding fails": {"GET", tracksPath + "?limit=x", func(ctx context.Context) error {
			<-ctx.Done()
			return ctx.Err()
		}, 503},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.store.fail = row.fail
			b.server.terms.length = 20 * time.Millisecond
			w := b.send(t, row.method, row.path, nil, "X-API-Key", creatorKey)
			checkEnvelope(t, w, row.status)
			if w.Header().Get("Location") != "" {
				t.Errorf("redirected to %s", w.Header().Get("Location"))
			}
			if len(b.observations) != 1 || b.observations[0].Status != row.status || b.observations[0].Method != row.method {
				t.Errorf("observed %+v", b.observations)
			}
			if len(b.observations) == 1 && strings.Contains(b.observations[0].Route, organization) {
				t.Errorf("the route %q has no bound", b.observations[0].Route)
			}
			if n := strings.Count(b.log.String(), `"msg":"request"`); n != 1 {
				t.Errorf("%d log lines: %s", n, b.log)
			}
			if level := map[bool]string{true: `"ERROR"`, false: `"INFO"`}[row.status == 500]; row.status != 503 && !contains(b.log.String(), level) {
				t.Errorf("not logged as %s: %s", level, b.log)
			}
		})
	}
}

// TestRouting_KeyFirst wants a 401 for unknown paths and wrong methods too,
// where the key is no good: without a hint at what the path would take.
func TestRouting_KeyFirst(t *testing.T) {
	t.Parallel()
	for _, request := range []struct{ method, path string }{
		{"GET", "/"}, {"OPTIONS", "*"}, {"GET", "/v1/music/"}, {"DELETE", tracksPath + "//save"}, {"DELETE", tracksPath + "/x/../" + song},
		{"DELETE", songPath + "/save/x"}, {"PUT", songPath}, {"GET", songPath + "/save"}, {"BREW", tracksPath + "/%00"},
	} {
		for _, key := range []string{"", "ak_unknown"} {
			w := setup(t).send(t, request.method, request.path, nil, "X-API-Key", key)
			checkEnvelope(t, w, http.StatusUnauthorized)
			if allow, told := w.Header()["Allow"]; told {
				t.Errorf("%s %s with key %q: Allow: %q", request.method, request.path, key, allow)
			}
		}
		b := setup(t)
		b.store.fail = func(context.Context) error { return track.Refuse(track.Unavailable) }
		checkEnvelope(t, b.send(t, request.method, request.path, nil, "X-API-Key", creatorKey), http.StatusServiceUnavailable)
	}
}

// broken implements the operations in ways that the server must catch.
type broken struct {
	*server
	get func() (music.GetTrackResponseObject, error)
}

func (b broken) GetTrack(context.Context, music.GetTrackRequestObject) (music.GetTrackResponseObject, error) {
	return b.get()
}

// TestDoors_Operation wants a 500 from operations that answer nothing.
func TestDoors_Operation(t *testing.T) {
	t.Parallel()
	for name, get := range map[string]func() (music.GetTrackResponseObject, error){
		"nil":       func() (music.GetTrackResponseObject, error) { return nil, nil },
		"typed nil": func() (music.GetTrackResponseObject, error) { return (*music.GetTrack200JSONResponse)(nil), nil },
		"panic":     func() (music.GetTrackResponseObject, error) { panic(errors.New("x")) },
		"no JSON": func() (music.GetTrackResponseObject, error) {
			return music.GetTrack200JSONResponse{Body: music.Track{CreatedAt: time.Date(20000, 1, 1, 0, 0, 0, 0, time.UTC)}}, nil
		},
	} {
		b := setup(t)
		b.handler = b.server.handler(broken{b.server, get})
		w := b.send(t, "GET", songPath, nil, "X-API-Key", creatorKey)
		if w.Code != 500 {
			t.Errorf("%s: status %d", name, w.Code)
		}
		checkEnvelope(t, w, 500)
	}
}

// TestRecovery_Committed wants a connection that breaks off where an answer
// was begun, not a second answer behind it.
func TestRecovery_Committed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	h := b.server.exchange(b.server.recovery(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "half")
		panic("x")
	})))
	w := httptest.NewRecorder()
	func() {
		defer func() {
			if cause := recover(); cause != http.ErrAbortHandler {
				t.Errorf("recovered %v", cause)
			}
		}()
		h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	}()
	if w.Body.String() != "half" {
		t.Errorf("sent %q", w.Body)
	}
	if !contains(b.log.String(), `"stack"`) {
		t.Errorf("no stack in the log: %s", b.log)
	}
}

// TestHead wants the head of the GET and nothing else.
func TestHead(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(setup(t).handler)
	defer server.Close()
	r, err := http.NewRequestWithContext(t.Context(), "HEAD", server.URL+songPath, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-API-Key", creatorKey)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if response.StatusCode != 200 || len(body) > 0 || err != nil || response.Header.Get("X-Request-Id") == "" {
		t.Errorf("%v, %q, %v", response, body, err)
	}
}

// TestNotFound_Same wants every 404 of an operation to be the same but for
// what the caller sent and for the id of the request.
func TestNotFound_Same(t *testing.T) {
	t.Parallel()
	type answer struct {
		header http.Header
		body   string
	}
	for _, operation := range []struct{ method, suffix string }{{"DELETE", ""}, {"GET", ""}, {"DELETE", "/save"}} {
		answers := map[string]answer{}
		for name, request := range map[string]struct{ path, key string }{
			"missing":    {tracksPath + "/mtrack_none", creatorKey},
			"malformed":  {tracksPath + "/none", creatorKey},
			"impossible": {tracksPath + "/a%2Fb", creatorKey},
			"outsider":   {songPath, outsiderKey},
			"foreign":    {"/v1/music/org_abroad/tracks/" + song, creatorKey},
		} {
			b := setup(t)
			w := b.send(t, operation.method, request.path+operation.suffix, nil, "X-API-Key", request.key)
			e := checkEnvelope(t, w, 404)
			id, _ := e.Error.Details["track_id"].(string)
			header := w.Header().Clone()
			header.Del("Content-Length")
			answers[name] = answer{header, strings.ReplaceAll(w.Body.String(), fmt.Sprintf("%q", id), `"ID"`)}
		}
		for name, a := range answers {
			if !reflect.DeepEqual(a, answers["missing"]) {
				t.Errorf("%s%s: %s tells itself apart:\n%v\n%v", operation.method, operation.suffix, name, a, answers["missing"])
			}
		}
	}
}

// TestBody sends bodies that nobody asked for.
func TestBody(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for name, row := range map[string]struct {
		body       io.Reader
		status     int
		connection string
		calls      int64
	}{
		"JSON":       {strings.NewReader(`{"track_id":"mtrack_other"}`), 200, "", 1},
		"garbage":    {strings.NewReader("\x00\xff"), 200, "", 1},
		"just small": {strings.NewReader(strings.Repeat("x", 1<<20)), 200, "", 1},
		"too big":    {strings.NewReader(strings.Repeat("x", 1<<20+1)), 200, "close", 1},
		"broken off": {io.MultiReader(strings.NewReader("x"), iotest.ErrReader(io.ErrUnexpectedEOF)), 400, "close", 0},
	} {
		before := b.store.calls.Load()
		w := b.send(t, "DELETE", songPath, row.body, "X-API-Key", creatorKey)
		if w.Code != row.status || w.Header().Get("Connection") != row.connection {
			t.Errorf("%s: status %d, connection %q", name, w.Code, w.Header().Get("Connection"))
		}
		if calls := b.store.calls.Load() - before; calls != row.calls {
			t.Errorf("%s: %d calls of the store", name, calls)
		}
		if row.status != 200 {
			checkEnvelope(t, w, row.status)
		}
	}
}

// TestWire talks to net/http in the raw: what its client would not send.
func TestWire(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(setup(t).handler)
	server.Config.DisableGeneralOptionsHandler = true
	server.Start()
	defer server.Close()
	for name, row := range map[string]struct {
		request string
		status  int
		close   bool
	}{
		"HTTP/1.0":                  {"DELETE " + songPath + " HTTP/1.0\r\nX-API-Key: " + creatorKey + "\r\n\r\n", 200, true},
		"key in another case":       {"DELETE " + songPath + " HTTP/1.1\r\nHost: x\r\nx-api-KEY: " + creatorKey + "\r\n\r\n", 200, false},
		"spaces around the key":     {"DELETE " + songPath + " HTTP/1.1\r\nHost: x\r\nX-API-Key:   " + creatorKey + "  \r\n\r\n", 200, false},
		"two keys":                  {"DELETE " + songPath + " HTTP/1.1\r\nHost: x\r\nX-API-Key: " + creatorKey + "\r\nX-Api-Key: " + creatorKey + "\r\n\r\n", 401, false},
		"absolute target":           {"DELETE http://evil.test" + songPath + " HTTP/1.1\r\nHost: x\r\nX-API-Key: " + creatorKey + "\r\n\r\n", 200, false},
		"slashes":                   {"DELETE " + tracksPath + "//save HTTP/1.1\r\nHost: x\r\nX-API-Key: " + creatorKey + "\r\n\r\n", 404, false},
		"dots":                      {"DELETE " + tracksPath + "/../tracks/" + song + " HTTP/1.1\r\nHost: x\r\nX-API-Key: " + creatorKey + "\r\n\r\n", 404, false},
		"encoded dots":              {"DELETE " + tracksPath + "/%2e%2e HTTP/1.1\r\nHost: x\r\nX-API-Key: " + creatorKey + "\r\n\r\n", 404, false},
		"two slashes first":         {"DELETE /" + songPath + " HTTP/1.1\r\nHost: x\r\nX-API-Key: " + creatorKey + "\r\n\r\n", 404, false},
		"OPTIONS *":                 {"OPTIONS * HTTP/1.1\r\nHost: x\r\nX-API-Key: " + creatorKey + "\r\n\r\n", 404, false},
		"OPTIONS * without a key":   {"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", 401, false},
		"CONNECT":                   {"CONNECT x:80 HTTP/1.1\r\nHost: x:80\r\nX-API-Key: " + creatorKey + "\r\n\r\n", 404, false},
		"bytes beyond ASCII":        {"DELETE " + tracksPath + "/m\xc3\xbc HTTP/1.1\r\nHost: x\r\nX-API-Key: " + creatorKey + "\r\n\r\n", 404, false},
		"invalid UTF-8":             {"DELETE " + tracksPath + "/\xff HTTP/1.1\r\nHost: x\r\nX-API-Key: " + creatorKey + "\r\n\r\n", 404, false},
		"body with a length":        {"DELETE " + songPath + " HTTP/1.1\r\nHost: x\r\nX-API-Key: " + creatorKey + "\r\nContent-Length: 3\r\n\r\nabc", 200, false},
		"chunked body":              {"DELETE " + songPath + " HTTP/1.1\r\nHost: x\r\nX-API-Key: " + creatorKey + "\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 200, true},
		"broken chunk":              {"DELETE " + songPath + " HTTP/1.1\r\nHost: x\r\nX-API-Key: " + creatorKey + "\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400, true},
		"expectation, body to come": {"DELETE " + songPath + " HTTP/1.1\r\nHost: x\r\nX-API-Key: " + creatorKey + "\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n", 200, true},
	} {
		connection, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		connection.SetDeadline(time.Now().Add(5 * time.Second))
		io.WriteString(connection, row.request)
		response, err := http.ReadResponse(bufio.NewReader(connection), nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			connection.Close()
			continue
		}
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		connection.Close()
		if response.StatusCode != row.status || response.Close != row.close {
			t.Errorf("%s: status %d, close %v: %s", name, response.StatusCode, response.Close, body)
		}
		if response.Header.Get("X-Request-Id") == "" || response.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: header %v", name, response.Header)
		}
	}
}

// TestSmuggling announces the end of a body in two ways, as somebody does who wants the server and
// a proxy in front of it to disagree about where the next request begins. There is one answer, and
// nothing behind it is taken for a request.
func TestSmuggling(t *testing.T) {
	t.Parallel()
	b := setup(t)
	server := httptest.NewServer(b.handler)
	defer server.Close()
	connection, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	connection.SetDeadline(time.Now().Add(5 * time.Second))
	io.WriteString(connection, "GET "+songPath+" HTTP/1.1\r\nHost: x\r\nX-API-Key: "+creatorKey+
		"\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nDELETE "+songPath+" HTTP/1.1\r\nHost: x\r\nX-API-Key: "+creatorKey+"\r\n\r\n")
	said, err := io.ReadAll(connection) // to the end of the connection
	if n := strings.Count(string(said), "HTTP/1.1 "); n != 1 {
		t.Errorf("%d answers (%v):\n%s", n, err, said)
	}
	if calls := b.store.calls.Load(); calls != 1 {
		t.Errorf("%d calls of the store", calls)
	}
}

// TestClientGone hangs up in the middle of an operation, which is carried out
// all the same and is nobody's error.
func TestClientGone(t *testing.T) {
	t.Parallel()
	for _, path := range []string{songPath, tracksPath + "?limit=x"} {
		b := setup(t)
		ctx, hangUp := context.WithCancel(t.Context())
		b.store.fail = func(ctx context.Context) error {
			hangUp()
			if _, bounded := ctx.Deadline(); !bounded {
				t.Error("the operation has no deadline")
			}
			return ctx.Err()
		}
		r := httptest.NewRequestWithContext(ctx, "GET", path, nil)
		r.Header.Set("X-API-Key", creatorKey)
		w := httptest.NewRecorder()
		b.handler.ServeHTTP(w, r)
		if w.Code >= 500 || b.store.calls.Load() != 1 || contains(b.log.String(), "ERROR", "WARN") {
			t.Errorf("%s: status %d, logged %s", path, w.Code, b.log)
		}
	}
}

// TestHalfClosed wants an answer for a caller that has said all it has to say.
func TestHalfClosed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	closed := make(chan struct{})
	b.store.fail = func(ctx context.Context) error {
		<-closed
		time.Sleep(20 * time.Millisecond) // for net/http to notice
		return ctx.Err()
	}
	server := httptest.NewServer(b.handler)
	defer server.Close()
	connection, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	io.WriteString(connection, "DELETE "+songPath+" HTTP/1.1\r\nHost: x\r\nX-API-Key: "+creatorKey+"\r\n\r\n")
	if err := connection.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	close(closed)
	connection.SetReadDeadline(time.Now().Add(5 * time.Second))
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Errorf("status %d", response.StatusCode)
	}
}

// TestLog_Keys wants no key in the log, however it was sent.
func TestLog_Keys(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const secret = "ak_neverinthelog"
	b.send(t, "DELETE", songPath, nil, "X-API-Key", secret)
	b.send(t, "DELETE", songPath, nil, "Authorization", "Bearer "+secret)
	b.send(t, "DELETE", songPath, nil, "X-API-Key", secret, "X-API-Key", secret)
	b.send(t, "GET", tracksPath+"?api_key="+secret+"&limit="+secret, nil, "X-API-Key", creatorKey)
	b.send(t, "GET", tracksPath+"?;"+secret, nil, "X-API-Key", creatorKey)
	b.send(t, "DELETE", tracksPath+"/"+secret, nil, "X-API-Key", creatorKey)
	b.store.fail = func(context.Context) error { panic(b.store.last) }
	b.send(t, "DELETE", songPath, nil, "X-API-Key", secret)
	if contains(b.log.String(), secret, creatorKey) {
		t.Errorf("a key is in the log: %s", b.log)
	}
	if n := strings.Count(b.log.String(), `"trace_id":"req_`); n < 7 {
		t.Errorf("%d trace ids in the log: %s", n, b.log)
	}
}
