package main_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"github.com/seed-5ec2a705/mtrack/conformance/testenv"
	"github.com/seed-5ec2a705/mtrack/openapi"
)

// server is a running mtrackd as anybody sees it: over HTTP alone.
type server struct {
	target, provisioner string
	client              *http.Client
	contract            routers.Router
}

// newServer returns the server that listens on these origins. Every answer of its API is checked
// against the contract.
func newServer(t *testing.T, target, provisioner string) *server {
	t.Helper()
	document, err := openapi3.NewLoader().LoadFromData(openapi.Music)
	if err != nil {
		t.Fatal(err)
	}
	document.Servers = openapi3.Servers{{URL: target}}
	contract, err := gorillamux.NewRouter(document)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	t.Cleanup(transport.CloseIdleConnections)
	client := &http.Client{
		Timeout:       30 * time.Second,
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return &server{target: target, provisioner: provisioner, client: client, contract: contract}
}

// scene is what a provisioner answers: real ids and keys by the names that were asked for.
type scene struct {
	Organizations map[string]struct{ ID string }
	Users         map[string]struct {
		ID     string
		APIKey string `json:"api_key"`
	}
	Tracks      map[string]struct{ ID string }
	RevokedKeys map[string]struct {
		APIKey string `json:"api_key"`
	} `json:"revoked_keys"`

	homes map[string]string // the organization of each track, by name
}

// event is an entry of a track's history; its time is the server's own business.
type event struct {
	Type, Actor, Amount, Currency string
}

// provision asks for a scene, given as the provisioning protocol has it.
func (s *server) provision(t *testing.T, wanted string) *scene {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.provisioner+"/scenes", strings.NewReader(wanted))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	made := &scene{homes: map[string]string{}}
	s.fromProvisioner(t, request, http.StatusCreated, made)
	var asked struct {
		Tracks []struct{ Name, Organization string }
	}
	if err := json.Unmarshal([]byte(wanted), &asked); err != nil {
		t.Fatal(err)
	}
	for _, track := range asked.Tracks {
		made.homes[track.Name] = track.Organization
	}
	return made
}

// history asks the provisioner for what happened to a track.
func (s *server) history(t *testing.T, organization, track string) []event {
	t.Helper()
	query := url.Values{"organization_id": {organization}, "track_id": {track}}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.provisioner+"/history?"+query.Encode(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var told struct{ Events []event }
	s.fromProvisioner(t, request, http.StatusOK, &told)
	return told.Events
}

func (s *server) fromProvisioner(t *testing.T, request *http.Request, status int, into any) {
	t.Helper()
	response, err := s.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != status {
		t.Fatalf("%s %s: %s\n%s", request.Method, request.URL, response.Status, body)
	}
	if err := json.Unmarshal(body, into); err != nil {
		t.Fatalf("%s %s: %v\n%s", request.Method, request.URL, err, body)
	}
}

// answer is a response of the API that keeps the contract.
type answer struct {
	status  int
	header  http.Header
	body    map[string]any
	trackID string // of the request, decoded
	request string // for people
}

// want fails the test unless the answer has that status.
func (a *answer) want(t *testing.T, status int) *answer {
	t.Helper()
	if a.status != status {
		t.Fatalf("%s: %d %v, want %d", a.request, a.status, a.body, status)
	}
	return a
}

// delete sends deleteTrack.
func (s *server) delete(t *testing.T, scene *scene, r request) *answer {
	t.Helper()
	r = r.names(scene)
	path := "/v1/music/" + scene.Organizations[r.organization].ID + "/tracks/" + r.id
	return s.send(t, http.MethodDelete, path, r.header(scene))
}

// get sends getTrack as the user of that name, for a track by name.
func (s *server) get(t *testing.T, scene *scene, user, track string) *answer {
	t.Helper()
	path := "/v1/music/" + scene.Organizations[scene.homes[track]].ID + "/tracks/" + scene.Tracks[track].ID
	return s.send(t, http.MethodGet, path, http.Header{"X-Api-Key": {scene.Users[user].APIKey}})
}

// send sends a request to a path as it is, checks the answer against the contract and returns it.
// It may be called by several goroutines at once, and then reports with t.Error alone.
func (s *server) send(t *testing.T, method, path string, header http.Header) *answer {
	t.Helper()
	a := &answer{request: method + " " + path}
	request, err := http.NewRequestWithContext(t.Context(), method, s.target+path, nil)
	if err != nil {
		t.Error(err)
		return a
	}
	maps.Copy(request.Header, header)
	response, err := s.client.Do(request)
	if err != nil {
		t.Error(err)
		return a
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Errorf("%s: %v", a.request, err)
		return a
	}
	a.status, a.header = response.StatusCode, response.Header
	if err := s.keepsContract(request, response, body); err != nil {
		t.Errorf("%s: %s breaks the contract: %v\n%s", a.request, response.Status, err, body)
	}
	if err := json.Unmarshal(body, &a.body); err != nil {
		t.Errorf("%s: %v", a.request, err)
	}
	if parts := strings.Split(request.URL.Path, "/"); len(parts) > 5 {
		a.trackID = parts[5]
	}
	return a
}

// keepsContract checks a response with kin-openapi, and by hand what that lets pass: two documents
// in one body, a key twice in one object, bytes that are no text.
func (s *server) keepsContract(request *http.Request, response *http.Response, body []byte) error {
	route, parameters, err := s.contract.FindRoute(request)
	if err != nil {
		return err
	}
	err = openapi3filter.ValidateResponse(request.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{
			Request:    request,
			PathParams: parameters,
			Route:      route,
		},
		Status: response.StatusCode,
		Header: response.Header,
		Body:   io.NopCloser(bytes.NewReader(body)),
		Options: &openapi3filter.Options{
			IncludeResponseStatus: true,
			MultiError:            true,
			AuthenticationFunc:    openapi3filter.NoopAuthenticationFunc,
		},
	})
	if err != nil {
		return err
	}
	if !utf8.Valid(body) {
		return errors.New("the body is not UTF-8")
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	if err := oneValue(decoder); err != nil {
		return err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return errors.New("something follows the JSON value in the body")
	}
	return nil
}

// oneValue reads one JSON value and fails where an object has a key twice.
func oneValue(decoder *json.Decoder) error {
	token, err := decoder.Token()
	if err != nil {
		return err
	}
	opening, ok := token.(json.Delim)
	if !ok {
		return nil
	}
	seen := map[string]bool{}
	for decoder.More() {
		if opening == '{' {
			name, err := decoder.Token()
			if err != nil {
				return err
			}
			if seen[name.(string)] {
				return fmt.Errorf("an object has the key %q twice", name)
			}
			seen[name.(string)] = true
		}
		if err := oneValue(decoder); err != nil {
			return err
		}
	}
	_, err = decoder.Token()
	return err
}

// snapshot is all that anybody in a scene can see of it.
type snapshot struct {
	tracks    map[string]string   // "USER gets TRACK" → the status, and of a 200 all that does not change by itself
	lists     map[string][]string // "USER lists ORGANIZATION" → ids, in order
	histories map[string][]event  // TRACK → events
}

// snapshot looks at every track as every user, at every list and at every history.
func (s *server) snapshot(t *testing.T, scene *scene) snapshot {
	t.Helper()
	seen := snapshot{tracks: map[string]string{}, lists: map[string][]string{}, histories: map[string][]event{}}
	for user, credentials := range scene.Users {
		for track := range scene.Tracks {
			got := s.get(t, scene, user, track)
			state := fmt.Sprint(got.status)
			if got.status == http.StatusOK {
				delete(got.body, "playback_url") // minted anew for each answer
				delete(got.body, "stem_urls")
				state += fmt.Sprint(" ", got.body)
			}
			seen.tracks[user+" gets "+track] = state
		}
		for name, organization := range scene.Organizations {
			header := http.Header{"X-Api-Key": {credentials.APIKey}}
			got := s.send(t, http.MethodGet, "/v1/music/"+organization.ID+"/tracks", header)
			ids := []string{fmt.Sprint(got.status)}
			if items, ok := got.body["items"].([]any); ok {
				for _, item := range items {
					ids = append(ids, item.(map[string]any)["id"].(string)) // the contract was checked
				}
			}
			seen.lists[user+" lists "+name] = ids
		}
	}
	for track, made := range scene.Tracks {
		seen.histories[track] = s.history(t, scene.Organizations[scene.homes[track]].ID, made.ID)
	}
	return seen
}

// equal fails the test for everything that is not as the snapshot has it.
func (s snapshot) equal(t *testing.T, got snapshot) {
	t.Helper()
	for who := range s.tracks {
		if s.tracks[who] != got.tracks[who] {
			t.Errorf("%s: %s, want %s", who, got.tracks[who], s.tracks[who])
		}
	}
	for who := range s.lists {
		if !slices.Equal(s.lists[who], got.lists[who]) {
			t.Errorf("%s: %v, want %v", who, got.lists[who], s.lists[who])
		}
	}
	for track := range s.histories {
		if !reflect.DeepEqual(s.histories[track], got.histories[track]) {
			t.Errorf("history of %s: %v, want %v", track, got.histories[track], s.histories[track])
		}
	}
}

// startServer starts mtrackd, which this test binary is where its environment says so, on free
// ports of the loopback address, over that Redis or, where it is empty, over its embedded store. It
// ends with the test, and has to end in order.
func startServer(t *testing.T, redisURL string) *server {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(self, "serve", "--listen", "127.0.0.1:0", "--provision-listen", "127.0.0.1:0", "--log-format", "json")
	command.Env = append(os.Environ(), "MTRACK_TEST_AS_MTRACKD=", "MTRACK_REDIS="+redisURL)
	logs, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}

	addresses := make(chan map[string]string, 1)
	ended := make(chan struct{})
	var tail []string
	go func() {
		defer close(ended)
		heard := map[string]string{}
		for lines := bufio.NewScanner(logs); lines.Scan(); {
			var line struct{ Msg, For, Address string }
			if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "listening" {
				if heard[line.For] = line.Address; len(heard) == 2 {
					addresses <- heard
				}
			}
			if tail = append(tail, lines.Text()); len(tail) > 40 {
				tail = tail[1:]
			}
		}
	}()
	t.Cleanup(func() {
		command.Process.Signal(syscall.SIGTERM) // an error means that it has ended already, which Wait tells
		<-ended
		if err := command.Wait(); err != nil {
			t.Errorf("mtrackd: %v\n%s", err, strings.Join(tail, "\n"))
		} else if t.Failed() {
			t.Logf("the end of the server's log:\n%s", strings.Join(tail, "\n"))
		}
	})
	select {
	case heard := <-addresses:
		return newServer(t, "http://"+heard["API"], "http://"+heard["provisioner"])
	case <-ended:
	case <-time.After(30 * time.Second):
	}
	t.Fatal("mtrackd does not listen")
	return nil
}

// startRedis starts a redis-server of the test's own on a free port of the loopback address,
// without persistence, and returns its URL.
func startRedis(t *testing.T) string {
	t.Helper()
	binary := testenv.Need(t, "redis-server")
	// Redis cannot say which port it chose, so a free one is looked for; where somebody else takes
	// it in the meantime, Redis ends and another is tried.
	for range 5 {
		address := freeAddress(t)
		_, port, _ := net.SplitHostPort(address)
		command := exec.Command(binary, "--bind", "127.0.0.1", "--port", port, "--dir", t.TempDir(), "--save", "", "--appendonly", "no")
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan struct{})
		go func() { command.Wait(); close(ended) }()
		if pongs(address, ended) {
			t.Cleanup(func() { command.Process.Signal(syscall.SIGTERM); <-ended })
			return "redis://" + address + "/0"
		}
		command.Process.Kill()
		<-ended
	}
	t.Fatal("redis-server does not start on any of five free ports")
	return ""
}

// freeAddress returns an address of the loopback interface on which nobody listened a moment ago.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// pongs waits until a Redis answers there, or its process has ended.
func pongs(address string, ended <-chan struct{}) bool {
	for deadline := time.After(10 * time.Second); ; {
		if connection, err := net.DialTimeout("tcp", address, time.Second); err == nil {
			connection.SetDeadline(time.Now().Add(time.Second))
			fmt.Fprint(connection, "PING\r\n")
			pong, _ := bufio.NewReader(connection).ReadString('\n')
			connection.Close()
			if pong == "+PONG\r\n" {
				return true
			}
		}
		select {
		case <-ended:
			return false
		case <-deadline:
			return false
		case <-time.After(20 * time.Millisecond):
		}
	}
}
