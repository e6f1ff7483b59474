package main_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-5ec2a705/mtrack/conformance/testenv"
)

// The judges are clients that nobody of this project wrote. What they find is a fault of the server
// or of the contract.

// judges is where their scripts and settings lie.
const judges = "testdata/judges"

// judge runs a command with the key where the documentation's examples expect it, and returns its
// standard output.
func judge(t *testing.T, apiKey string, command *exec.Cmd) string {
	t.Helper()
	command.Env = append(os.Environ(), "FREDDY_API_KEY="+apiKey, "PYTHONDONTWRITEBYTECODE=1")
	var problems strings.Builder
	command.Stderr = &problems
	output, err := command.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s%s", command, err, output, problems.String())
	}
	return string(output)
}

// example returns an example of the documentation page "Delete a music track" with nothing but the
// origin and the ids changed.
func example(t *testing.T, name, origin, organization, track string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(judges, name))
	if err != nil {
		t.Fatal(err)
	}
	changed := string(text)
	for _, change := range [][2]string{
		{"https://api.aitronos.com", origin}, {"org_abc123", organization}, {"mtrack_7c1a9e2f4b8d", track},
	} {
		if strings.Count(changed, change[0]) != 1 {
			t.Fatalf("%s holds %q %d times, want once", name, change[0], strings.Count(changed, change[0]))
		}
		changed = strings.ReplaceAll(changed, change[0], change[1])
	}
	return changed
}

// stores are what the judges' server keeps its tracks in.
var stores = map[string]func(*testing.T) string{
	"Embedded": func(*testing.T) string { return "" },
	"Redis":    startRedis,
}

func TestJudges_Documentation(t *testing.T) {
	testenv.Slow(t)
	examples := map[string]struct {
		file    string
		command func(t *testing.T, text string) *exec.Cmd
		told    func(output string) error // of a deletion
	}{
		"curl": {
			file: "delete.sh",
			command: func(t *testing.T, text string) *exec.Cmd {
				testenv.Need(t, "curl")
				return exec.CommandContext(t.Context(), testenv.Need(t, "sh"), "-c", text)
			},
			told: func(output string) error {
				var body struct {
					Success    bool
					ID, Detail string
				}
				if err := json.Unmarshal([]byte(output), &body); err != nil {
					return err
				}
				if !body.Success || !strings.HasPrefix(body.ID, "mtrack_") || body.Detail == "" {
					return fmt.Errorf("%+v is no acknowledgement", body)
				}
				return nil
			},
		},
		"Python": {
			file: "delete.py",
			command: func(t *testing.T, text string) *exec.Cmd {
				return exec.CommandContext(t.Context(), testenv.Python(t, "requests"), "-c", text)
			},
			told: sentence,
		},
		"JavaScript": {
			file: "delete.mjs",
			command: func(t *testing.T, text string) *exec.Cmd {
				return exec.CommandContext(t.Context(), testenv.Need(t, "node"), "--input-type=module", "--eval", text)
			},
			told: sentence,
		},
	}
	server := startServer(t, "")
	for name, e := range examples {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			scene := server.provision(t, cast)
			before := server.snapshot(t, scene)
			text := example(t, e.file, server.target, scene.Organizations["home"].ID, scene.Tracks["song"].ID)
			output := judge(t, scene.Users["creator"].APIKey, e.command(t, text))
			if err := e.told(output); err != nil {
				t.Errorf("printed %q: %v", output, err)
			}
			before.without(t, scene, "song").equal(t, server.snapshot(t, scene))
		})
	}

	t.Run("curl refused", func(t *testing.T) {
		t.Parallel()
		testenv.Need(t, "curl")
		scene := server.provision(t, cast)
		before := server.snapshot(t, scene)
		for user, status := range map[string]int{"saver": http.StatusForbidden, "outsider": http.StatusNotFound, "": http.StatusUnauthorized} {
			text := example(t, "delete.sh", server.target, scene.Organizations["home"].ID, scene.Tracks["song"].ID)
			output := judge(t, scene.Users[user].APIKey, exec.CommandContext(t.Context(), testenv.Need(t, "sh"), "-c", text))
			var body struct{ Error struct{ Status int } }
			if err := json.Unmarshal([]byte(output), &body); err != nil || body.Error.Status != status {
				t.Errorf("as %q: %q (%v), want an error of status %d", user, output, err, status)
			}
		}
		before.equal(t, server.snapshot(t, scene))
	})
}

// sentence checks what the examples print that print the acknowledgement's detail alone: its
// wording is free.
func sentence(output string) error {
	if text := strings.TrimSpace(output); text == "" || text == "undefined" {
		return fmt.Errorf("no detail")
	}
	return nil
}

// TestJudges_SDK deletes with the vendor's published client.
func TestJudges_SDK(t *testing.T) {
	testenv.Slow(t)
	interpreter := testenv.Python(t, "aitronos")
	for name, store := range stores {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := startServer(t, store(t))
			scene := server.provision(t, cast)
			before := server.snapshot(t, scene)
			path := "v1/music/" + scene.Organizations["home"].ID + "/tracks/" + scene.Tracks["song"].ID
			as := func(user string) (status int, body map[string]any) {
				t.Helper()
				output := judge(t, scene.Users[user].APIKey,
					exec.CommandContext(t.Context(), interpreter, filepath.Join(judges, "sdk.py"), server.target, path))
				var got struct {
					Status int
					Body   map[string]any
				}
				if err := json.Unmarshal([]byte(output), &got); err != nil {
					t.Fatalf("%v\n%s", err, output)
				}
				return got.Status, got.Body
			}

			refused := map[string]int{"": http.StatusUnauthorized, "saver": http.StatusForbidden, "colleague": http.StatusNotFound}
			for user, want := range refused {
				if status, body := as(user); status != want || body["success"] != false {
					t.Errorf("as %q: %d %v, want %d", user, status, body, want)
				}
			}
			before.equal(t, server.snapshot(t, scene))

			if status, body := as("creator"); status != http.StatusOK || body["id"] != scene.Tracks["song"].ID {
				t.Errorf("as the creator: %d %v, want 200", status, body)
			}
			if status, body := as("creator"); status != http.StatusNotFound {
				t.Errorf("as the creator again: %d %v, want 404", status, body)
			}
			before.without(t, scene, "song").equal(t, server.snapshot(t, scene))
		})
	}
}

// schemathesisSeeds are fixed, so that a run that fails can be repeated. schemathesisExamples
// bounds a run, and schemathesisTracks is more than one run can delete.
var schemathesisSeeds = []int{1, 20260628, 271828}

const (
	schemathesisExamples = 40
	schemathesisTracks   = 600
)

// TestJudges_Schemathesis lets Schemathesis attack the server with the project's own contract and
// all its checks.
func TestJudges_Schemathesis(t *testing.T) {
	testenv.Slow(t)
	interpreter := testenv.Python(t, "schemathesis")
	for name, store := range stores {
		t.Run(name, func(t *testing.T) {
			server := startServer(t, store(t))
			for _, seed := range schemathesisSeeds {
				t.Run(fmt.Sprintf("Seed%d", seed), func(t *testing.T) {
					t.Parallel()
					attack(t, server, interpreter, seed)
				})
			}
		})
	}
}

// attack runs Schemathesis as the creator of many tracks in an organization of its own.
func attack(t *testing.T, server *server, interpreter string, seed int) {
	wanted := scenario{
		Organizations: []named{{"home"}},
		Users:         []member{{"creator", []string{"home"}}},
	}
	for n := range schemathesisTracks {
		wanted.Tracks = append(wanted.Tracks, work{fmt.Sprintf("track %d", n), "home", "creator", []string{"creator"}})
	}
	text, err := json.Marshal(wanted)
	if err != nil {
		t.Fatal(err)
	}
	scene := server.provision(t, string(text))

	directory := t.TempDir() // Schemathesis keeps notes in the directory that it runs in
	var tracks strings.Builder
	for _, track := range scene.Tracks {
		fmt.Fprintln(&tracks, track.ID)
	}
	trackFile := filepath.Join(directory, "tracks")
	if err := os.WriteFile(trackFile, []byte(tracks.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), interpreter, "-m", "schemathesis.cli",
		"--config-file", absolute(t, filepath.Join(judges, "schemathesis.toml")),
		"run", absolute(t, filepath.Join("..", "..", "openapi", "music.yaml")),
		"--url", server.target,
		"--header", "X-API-Key: "+scene.Users["creator"].APIKey,
		"--checks", "all",
		"--seed", fmt.Sprint(seed),
		"--max-examples", fmt.Sprint(schemathesisExamples))
	command.Dir = directory
	command.Env = append(os.Environ(),
		"SCHEMATHESIS_HOOKS="+absolute(t, filepath.Join(judges, "hooks.py")),
		"MTRACK_ORGANIZATION="+scene.Organizations["home"].ID,
		"MTRACK_TRACKS="+trackFile,
		"PYTHONDONTWRITEBYTECODE=1")
	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("Schemathesis: %v\n%s", err, output)
	}
	if !strings.Contains(string(output), "No issues found") {
		t.Errorf("Schemathesis does not say that it found nothing:\n%s", output)
	}
}

// scenario and its parts are a scene as the provisioning protocol asks for it.
type (
	scenario struct {
		Organizations []named  `json:"organizations"`
		Users         []member `json:"users"`
		Tracks        []work   `json:"tracks"`
	}
	named struct {
		Name string `json:"name"`
	}
	member struct {
		Name     string   `json:"name"`
		MemberOf []string `json:"member_of"`
	}
	work struct {
		Name         string   `json:"name"`
		Organization string   `json:"organization"`
		Creator      string   `json:"creator"`
		SavedBy      []string `json:"saved_by"`
	}
)

func absolute(t *testing.T, path string) string {
	t.Helper()
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return path
}
