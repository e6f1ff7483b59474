package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/seed-5ec2a705/mtrack/conformance"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/report"
	"github.com/seed-5ec2a705/mtrack/conformance/testenv"
	"github.com/seed-5ec2a705/mtrack/openapi"
)

// The examples that implementers copy from. What is copied has to be right, so they run here as the
// guide runs them.
const (
	pythonExample     = "../../docs/examples/python"
	javascriptExample = "../../docs/examples/javascript"
)

// exampleLimit is how long one run of the suite may take on a machine that is busy with other
// tests.
const exampleLimit = 4 * time.Minute

// example is an implementation that runs, with its provisioner.
type example struct {
	target, provision string // origins
	provisionExec     string // the command of its provisioner, "" where that speaks HTTP alone
	database          string // the file that holds its data, "" where none does
}

// pythonInterpreter returns Python itself, where python3 is a script that looks for it: here it is
// started often.
func pythonInterpreter(t *testing.T) string {
	t.Helper()
	path, err := exec.CommandContext(t.Context(), testenv.Need(t, "python3"), "-c", "import sys; print(sys.executable)").
		Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(path))
}

// startPython starts the Python example that lies in dir, on a database of its own.
func startPython(t *testing.T, dir string) example {
	t.Helper()
	python := pythonInterpreter(t)
	database := filepath.Join(t.TempDir(), "music.db")
	api := start(t, 1, python, filepath.Join(dir, "music.py"), "--database", database, "--port", "0")
	provisioner := start(t, 1, python, filepath.Join(dir, "provision_http.py"), "--database", database, "--port", "0")
	return example{
		target: api["the API"], provision: provisioner["the provisioner"], database: database,
		provisionExec: fmt.Sprintf("'%s' '%s' --database '%s'", python, filepath.Join(dir, "provisioner.py"), database),
	}
}

// startJavaScript starts the JavaScript example.
func startJavaScript(t *testing.T) example {
	t.Helper()
	node := testenv.Need(t, "node")
	listening := start(t, 2, node, filepath.Join(javascriptExample, "main.js"), "--port", "0", "--provision-port", "0")
	return example{target: listening["the API"], provision: listening["the provisioner"]}
}

// start starts a program until the end of the test, and returns what it says it listens on: URLs,
// by what they are of.
func start(t *testing.T, listeners int, name string, args ...string) map[string]string {
	t.Helper()
	command := exec.Command(name, args...)
	command.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1")
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var complaints bytes.Buffer
	command.Stderr = &complaints
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	listening := make(chan map[string]string, 1)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		heard := map[string]string{}
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			if what, where, ok := strings.Cut(lines.Text(), " listens on "); ok {
				if heard[what] = where; len(heard) == listeners {
					listening <- heard
				}
			}
		}
	}()
	t.Cleanup(func() {
		command.Process.Kill() // an error means that it has ended already
		<-ended
		command.Wait() // it was killed: that is no error here
		if t.Failed() && complaints.Len() > 0 {
			t.Logf("%s complained:\n%s", command, &complaints)
		}
	})
	select {
	case heard := <-listening:
		return heard
	case <-ended:
	case <-time.After(time.Minute):
	}
	t.Fatalf("%s does not listen", command)
	return nil
}

// Both examples keep the whole contract, without a skip and without a warning.
func TestExamplesConform(t *testing.T) {
	testenv.Slow(t)
	// The command itself, as it is installed, but for the race detector.
	binary := filepath.Join(t.TempDir(), "mtrack-conformance")
	if output, err := exec.CommandContext(t.Context(), "go", "build", "-race="+strconv.FormatBool(underRace()), "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	installed := func(ctx context.Context, args ...string) tried {
		command := exec.CommandContext(ctx, binary, args...)
		command.Env = []string{} // whoever follows the guide has set variables that change the run
		command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
		command.WaitDelay = 10 * time.Second // for the report of what was run until then
		var stdout, stderr bytes.Buffer
		command.Stdout, command.Stderr = &stdout, &stderr
		err := command.Run()
		if command.ProcessState == nil {
			t.Error(err)
			return tried{status: -1}
		}
		return tried{command.ProcessState.ExitCode(), stdout.String(), stderr.String()}
	}
	for name, start := range map[string]func(*testing.T) example{
		"Python":     func(t *testing.T) example { return startPython(t, pythonExample) },
		"JavaScript": startJavaScript,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := start(t)
			result, output := conforming(t, installed, "--target", e.target, "--provision", e.provision, "--strict")
			printed(t, output, block(t, "text passing"))
			if passed := result.Counts[report.Passed]; passed != len(conformance.Cases()) {
				t.Errorf("%d of %d cases passed", passed, len(conformance.Cases()))
			}
		})
	}
}

// TestExampleConformsByExec runs a part that has each message, each optional part and the rules on
// scenes in it: the whole would start a process some thousand times.
func TestExampleConformsByExec(t *testing.T) {
	t.Parallel()
	testenv.Slow(t)
	cases := []string{
		"delete-track/creator-who-left-gets-404", "delete-track/history-survives", "delete-track/revoked-key-gets-401",
		"list-tracks/newest-save-first", "list-tracks/order-of-saving", "list-tracks/newest-save-of-old-tracks-first",
		"delete-track/other-key-survives-revocation", "delete-track/member-who-leaves-gets-404",
	}
	e := startPython(t, pythonExample)
	here := func(ctx context.Context, args ...string) tried { return try(ctx, nil, args...) }
	result, _ := conforming(t, here, "--target", e.target, "--provision-exec", e.provisionExec, "--strict", "--run", strings.Join(cases, ","))
	if passed := result.Counts[report.Passed]; passed != len(cases) {
		t.Errorf("%d of %d cases passed", passed, len(cases))
	}
}

// conforming runs the suite and returns its report and what it printed. Any verdict but a plain
// "conforming" fails the test.
func conforming(t *testing.T, suite func(ctx context.Context, args ...string) tried, flags ...string) (*report.Report, string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), exampleLimit)
	defer cancel()
	path := filepath.Join(t.TempDir(), "report.json")
	r := suite(ctx, append([]string{"run", "--report", "json=" + path, "--timeout", "60s"}, flags...)...)
	file, err := os.Open(path)
	if err != nil {
		t.Fatalf("exit status %d: %s\n%s", r.status, r.stderr, r.stdout)
	}
	defer file.Close()
	result, err := report.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	if r.status != 0 || result.Verdict != report.Conforming {
		t.Errorf("exit status %d, %q\n%s", r.status, result.Verdict, r.stdout)
	}
	return result, r.stdout
}

// ask sends a message of the provisioning protocol, in the form of the exec transport, and returns
// the status, as HTTP has it, and the response.
type ask func(t *testing.T, message map[string]any) (status int, answer []byte)

// askHTTP sends messages to a provisioner that listens.
func askHTTP(origin string) ask {
	return func(t *testing.T, message map[string]any) (int, []byte) {
		t.Helper()
		method, path, body := http.MethodGet, "/capabilities", []byte(nil)
		switch message["operation"] {
		case "create_scene":
			method, path, body = http.MethodPost, "/scenes", encode(t, message["scene"])
		case "histories", "revoke_key", "end_membership":
			path = map[any]string{
				"histories": "/histories", "revoke_key": "/revocations", "end_membership": "/departures",
			}[message["operation"]]
			fields := maps.Clone(message)
			delete(fields, "operation")
			method, body = http.MethodPost, encode(t, fields)
		case "history":
			path = "/history?" + url.Values{
				"organization_id": {message["organization_id"].(string)},
				"track_id":        {message["track_id"].(string)},
			}.Encode()
		}
		request, err := http.NewRequestWithContext(t.Context(), method, origin+path, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		answer, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		if kind := response.Header.Get("Content-Type"); kind != "application/json" {
			t.Errorf("%s %s answers %q", method, path, kind)
		}
		return response.StatusCode, answer
	}
}

// askExec starts the provisioner of the Python example for each message.
func askExec(database string) ask {
	return func(t *testing.T, message map[string]any) (int, []byte) {
		t.Helper()
		command := exec.CommandContext(t.Context(), pythonInterpreter(t), filepath.Join(pythonExample, "provisioner.py"), "--database", database)
		command.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1")
		command.Stdin = bytes.NewReader(encode(t, message))
		answer, err := command.Output()
		if err != nil {
			t.Fatalf("%v\n%s", err, err.(*exec.ExitError).Stderr)
		}
		var refusal struct{ Status int }
		if err := json.Unmarshal(answer, &refusal); err != nil {
			t.Fatal(err)
		}
		if refusal.Status != 0 {
			return refusal.Status, answer
		}
		if message["operation"] == "create_scene" {
			return http.StatusCreated, answer
		}
		return http.StatusOK, answer
	}
}

func encode(t *testing.T, value any) []byte {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// provisioning returns the schemas of the provisioning protocol.
func provisioning(t *testing.T) openapi3.Schemas {
	t.Helper()
	document, err := openapi3.NewLoader().LoadFromData(openapi.Provisioning)
	if err != nil {
		t.Fatal(err)
	}
	return document.Components.Schemas
}

// follows fails the test where a document does not follow a schema of the provisioning protocol.
func follows(t *testing.T, schemas openapi3.Schemas, name string, text []byte) {
	t.Helper()
	schema, ok := schemas[name]
	if !ok {
		t.Fatalf("the protocol has no schema %s", name)
	}
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	if err := schema.Value.VisitJSON(value); err != nil {
		t.Errorf("%s is no %s: %v", text, name, err)
	}
}

// Every provisioner of the examples responds to each message as the protocol says, over each
// transport.
func TestExamplesSpeakTheProtocol(t *testing.T) {
	schemas := provisioning(t)
	for name, connect := range map[string]func(*testing.T) ask{
		"Python over HTTP":     func(t *testing.T) ask { return askHTTP(startPython(t, pythonExample).provision) },
		"Python by exec":       func(t *testing.T) ask { return askExec(startPython(t, pythonExample).database) },
		"JavaScript over HTTP": func(t *testing.T) ask { return askHTTP(startJavaScript(t).provision) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ask := connect(t)
			answered := func(message map[string]any, status int, schema string) []byte {
				t.Helper()
				got, answer := ask(t, message)
				if got != status {
					t.Errorf("%v: status %d, want %d: %s", message, got, status, answer)
				}
				follows(t, schemas, schema, answer)
				return answer
			}

			var offered struct{ Features []string }
			decode(t, answered(map[string]any{"operation": "capabilities"}, http.StatusOK, "Capabilities"), &offered)
			for _, f := range provision.Features() {
				if !slices.Contains(offered.Features, string(f)) {
					t.Errorf("does not offer %s", f)
				}
			}
			if len(offered.Features) != len(provision.Features()) {
				t.Errorf("offers %q", offered.Features)
			}

			scene := func(creator string) map[string]any {
				return map[string]any{"operation": "create_scene", "scene": map[string]any{
					"organizations": []any{map[string]any{"name": "home"}},
					"users":         []any{map[string]any{"name": "creator", "member_of": []string{"home"}}},
					"tracks":        []any{map[string]any{"name": "song", "organization": "home", "creator": creator}},
					"revoked_keys":  []any{map[string]any{"name": "old", "user": "creator"}},
					"extra_keys":    []any{map[string]any{"name": "second", "user": "creator"}},
					"saves":         []any{map[string]any{"user": "creator", "track": "song"}},
				}}
			}
			var made provision.Scene
			decode(t, answered(scene("creator"), http.StatusCreated, "Scene"), &made)
			if made.RevokedKeys["old"].APIKey == "" || made.RevokedKeys["old"].APIKey == made.Users["creator"].APIKey {
				t.Errorf("revoked keys %v", made.RevokedKeys)
			}

			home, song := made.Organizations["home"].ID, made.Tracks["song"].ID
			var told struct{ Events []provision.Event }
			decode(t, answered(map[string]any{"operation": "history", "organization_id": home, "track_id": song}, http.StatusOK, "History"), &told)
			var happened []string
			for _, e := range told.Events {
				happened = append(happened, e.Type+e.Amount+e.Currency)
			}
			if !slices.Equal(happened, []string{"track.created", "track.billed0.10CHF"}) {
				t.Errorf("the history of a new track is %v", happened)
			}

			reference := func(id string) map[string]any { return map[string]any{"organization_id": home, "track_id": id} }
			var many struct {
				Histories []*struct{ Events []provision.Event }
			}
			decode(t, answered(map[string]any{
				"operation": "histories", "tracks": []any{reference("mtrack_none"), reference(song)},
			}, http.StatusOK, "Histories"), &many)
			if len(many.Histories) != 2 || many.Histories[0] != nil || many.Histories[1] == nil ||
				!slices.Equal(many.Histories[1].Events, told.Events) {
				t.Errorf("the histories are %+v", many)
			}
			revocation := func(key string) map[string]any {
				return map[string]any{"operation": "revoke_key", "api_key": key}
			}
			answered(revocation(made.ExtraKeys["second"].APIKey), http.StatusOK, "Nothing")
			answered(revocation("ak_none"), http.StatusNotFound, "Refusal")
			departure := func(user string) map[string]any {
				return map[string]any{"operation": "end_membership", "organization_id": home, "user_id": user}
			}
			answered(departure(made.Users["creator"].ID), http.StatusOK, "Nothing")
			answered(departure("user_none"), http.StatusNotFound, "Refusal")

			answered(map[string]any{"operation": "history", "organization_id": home, "track_id": "mtrack_none"}, http.StatusNotFound, "Refusal")
			if refusal := answered(scene("nobody"), http.StatusBadRequest, "Refusal"); !bytes.Contains(refusal, []byte("nobody")) {
				t.Errorf("a scene that names nobody is refused with %s", refusal)
			}
		})
	}
}

func decode(t *testing.T, text []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
}

// Whoever copies the Python provisioner will have faults of the database: the suite has to show
// them, whatever the transport.
func TestExampleTellsItsFaults(t *testing.T) {
	testenv.Slow(t)
	e := startPython(t, pythonExample)
	overHTTP, err := provision.HTTP(e.provision, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	byExec, err := provision.Command(e.provisionExec, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, provisioner := range []provision.Provisioner{overHTTP, byExec} {
		_, err := provisioner.CreateScene(t.Context(), provision.Request{
			Organizations: []provision.OrganizationRequest{{Name: "home"}},
			Users:         []provision.UserRequest{{Name: "creator"}},
			Tracks: []provision.TrackRequest{
				{Name: "song", Organization: "home", Creator: "creator", SavedBy: []string{"creator", "creator"}},
			},
		})
		if err == nil || !strings.Contains(err.Error(), "UNIQUE constraint failed: saves.track, saves.user") {
			t.Errorf("%s: %v", provisioner, err)
		}
	}
}
