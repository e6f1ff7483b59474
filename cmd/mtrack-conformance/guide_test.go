package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/testenv"
	"gopkg.in/yaml.v3"
)

// The guide for implementers is held to what it says: its commands parse, its messages are those of
// the protocol, what it shows as printed is what is printed.

// root is where the guide's commands are given.
const root = "../.."

// guideBlock is a block of code of the guide. Its kind is what stands behind the opening marks,
// such as "json Scene".
type guideBlock struct{ kind, text string }

var blockPattern = regexp.MustCompile("(?ms)^```([^\n]+)\n(.*?)^```$")

// readGuide returns the guide and its blocks.
func readGuide(t *testing.T) (string, []guideBlock) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "docs", "implementers.md"))
	if err != nil {
		t.Fatal(err)
	}
	var blocks []guideBlock
	for _, found := range blockPattern.FindAllStringSubmatch(string(text), -1) {
		blocks = append(blocks, guideBlock{found[1], found[2]})
	}
	return string(text), blocks
}

// block returns the only block of a kind.
func block(t *testing.T, kind string) string {
	t.Helper()
	_, blocks := readGuide(t)
	var found []string
	for _, b := range blocks {
		if b.kind == kind {
			found = append(found, b.text)
		}
	}
	if len(found) != 1 {
		t.Fatalf("the guide has %d blocks %q", len(found), kind)
	}
	return found[0]
}

// wordPattern splits the guide's commands: nothing in them needs more of a shell.
var wordPattern = regexp.MustCompile(`"[^"]*"|'[^']*'|\S+`)

// Whatever the guide tells to type can be typed: commands and flags are known, files are there.
func TestGuideCommands(t *testing.T) {
	_, blocks := readGuide(t)
	seen := map[string]int{}
	for _, b := range blocks {
		if b.kind != "sh" {
			continue
		}
		for line := range strings.Lines(b.text) {
			line, _, _ = strings.Cut(strings.TrimSpace(line), " > ")
			var words []string
			for _, word := range wordPattern.FindAllString(line, -1) {
				words = append(words, strings.Trim(word, `"'`))
			}
			seen[words[0]]++
			if problem := impossible(t, words); problem != "" {
				t.Errorf("%s: %s", line, problem)
			}
		}
	}
	for _, program := range []string{"git", "go", "python3", "export", "mtrack-conformance"} {
		if seen[program] == 0 {
			t.Errorf("the guide has no command that begins with %s: are its blocks read?", program)
		}
	}
}

// impossible says why a command cannot be given, "" where it can.
func impossible(t *testing.T, words []string) string {
	t.Helper()
	switch program, arguments := words[0], words[1:]; program {
	case "mtrack-conformance":
		// Help is given once all flags before it are known and have values.
		if r := try(t.Context(), nil, append(slices.Clone(arguments), "--help")...); r.status != 0 {
			return r.stderr
		}
		for i, word := range arguments {
			switch word {
			case "--provision-exec":
				return impossible(t, strings.Fields(arguments[i+1]))
			case "--run", "--replay", "explain":
				if r := try(t.Context(), nil, "explain", arguments[i+1]); r.status != 0 {
					return r.stderr
				}
			}
		}
	case "python3":
		script, err := os.ReadFile(filepath.Join(root, arguments[0]))
		if err != nil {
			return err.Error()
		}
		for _, word := range arguments[1:] {
			if strings.HasPrefix(word, "--") && !strings.Contains(string(script), `"`+word+`"`) {
				return "the script does not know " + word
			}
		}
	case "export":
		name, _, _ := strings.Cut(arguments[0], "=")
		if !strings.Contains(try(t.Context(), nil, "run", "--help").stdout, "("+name) {
			return "no such variable"
		}
	case "go":
		folder := strings.TrimSuffix(strings.TrimPrefix(arguments[1], "github.com/seed-5ec2a705/mtrack/"), "@latest")
		if _, err := os.Stat(filepath.Join(root, folder, "main.go")); arguments[0] != "install" || err != nil {
			return fmt.Sprintf("%s of something that is not there: %v", arguments[0], err)
		}
	case "git", "cd":
	default:
		return "nobody knows how to judge " + program
	}
	return ""
}

// Flags and cases that the text names exist too. Its links are followed with those of all pages, in
// package cmd.
func TestGuideNames(t *testing.T) {
	text, _ := readGuide(t)
	help := try(t.Context(), nil, "run", "--help").stdout
	for _, flag := range regexp.MustCompile("`(--[a-z-]+)").FindAllStringSubmatch(text, -1) {
		if !strings.Contains(help, "  "+flag[1]+" ") {
			t.Errorf("the guide names %s, which run does not have", flag[1])
		}
	}
	for _, glob := range regexp.MustCompile("`((?:[a-z]+-track|sequence|\\*)/[a-z0-9*-]+)`").FindAllStringSubmatch(text, -1) {
		try(t.Context(), nil, "list", "--run", glob[1]).want(t, 0, "MUST", "")
	}
}

// The messages that the guide shows follow the protocol, are what the suite sends, and are
// responses that it takes.
func TestGuideMessages(t *testing.T) {
	_, blocks := readGuide(t)
	schemas := provisioning(t)
	for _, b := range blocks {
		if name, isJSON := strings.CutPrefix(b.kind, "json "); isJSON && name != "exec" {
			name, _, _ = strings.Cut(name, " ") // a second block of a kind has a word behind it
			follows(t, schemas, name, []byte(b.text))
		}
	}
	var request provision.Request
	var shown any
	decode(t, []byte(block(t, "json SceneRequest")), &request)
	decode(t, []byte(block(t, "json SceneRequest")), &shown)

	t.Run("HTTP", func(t *testing.T) {
		answers := map[string]string{
			"/capabilities": block(t, "json Capabilities"),
			"/scenes":       block(t, "json Scene"),
			"/history":      block(t, "json History"),
			"/histories":    block(t, "json Histories"),
			"/revocations":  "{}",
			"/departures":   "{}",
		}
		var asked []string
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked = append(asked, r.Method+" "+r.URL.Path)
			switch r.URL.Path {
			case "/scenes":
				var got any
				if err := json.NewDecoder(r.Body).Decode(&got); err != nil || !reflect.DeepEqual(got, shown) {
					t.Errorf("the suite asks for %v, %v; the guide shows %v", got, err, shown)
				}
				w.WriteHeader(http.StatusCreated)
			case "/histories", "/revocations", "/departures":
				name := map[string]string{
					"/histories": "HistoriesRequest", "/revocations": "Revocation", "/departures": "Departure",
				}[r.URL.Path]
				var got, shown any
				decode(t, []byte(block(t, "json "+name)), &shown)
				if err := json.NewDecoder(r.Body).Decode(&got); err != nil || !reflect.DeepEqual(got, shown) {
					t.Errorf("the suite sends %v, %v; the guide shows %v", got, err, shown)
				}
			case "/history":
				if !strings.HasPrefix(r.RequestURI, "/history?organization_id=") ||
					!strings.Contains(r.RequestURI, "&track_id=") {
					t.Errorf("the suite asks %s", r.RequestURI)
				}
			}
			fmt.Fprint(w, answers[r.URL.Path])
		}))
		defer server.Close()
		provisioner, err := provision.HTTP(server.URL, 0, nil)
		if err != nil {
			t.Fatal(err)
		}
		features, err := provisioner.Capabilities(t.Context())
		if err != nil || !slices.Equal(features, provision.Features()) {
			t.Errorf("offered %q, %v: the guide shows all that there is", features, err)
		}
		scene, err := provisioner.CreateScene(t.Context(), request)
		if err != nil || scene.Tracks["second"].ID == "" || scene.RevokedKeys["old"].APIKey == "" {
			t.Errorf("the scene became %+v, %v", scene, err)
		}
		events, err := provisioner.History(t.Context(), scene.Organizations["home"].ID, scene.Tracks["first"].ID)
		if err != nil || len(events) != 3 {
			t.Errorf("the history is %+v, %v", events, err)
		}
		speaksAsTheGuide(t, provisioner)
		server.Close() // no handler runs any more
		text, _ := readGuide(t)
		for _, line := range asked {
			if !strings.Contains(text, "`"+line) {
				t.Errorf("the guide does not tell of %s", line)
			}
		}
	})

	t.Run("optional scene", func(t *testing.T) {
		var request provision.Request
		var scene provision.Scene
		decode(t, []byte(block(t, "json SceneRequest optional")), &request)
		decode(t, []byte(block(t, "json Scene optional")), &scene)
		scene.Request = request
		if err := request.Validate(); err != nil || len(request.Features()) != 4 || scene.ExtraKey("second").ID != "user_17" {
			t.Errorf("%v: the scene needs %v, and became %+v", err, request.Features(), scene)
		}
	})

	t.Run("exec", func(t *testing.T) {
		var told []any
		for line := range strings.Lines(block(t, "json exec")) {
			var message any
			decode(t, []byte(line), &message)
			told = append(told, message)
		}
		// tee says what it hears, which is no response: what it keeps is what was asked.
		heard := filepath.Join(t.TempDir(), "heard")
		provisioner, err := provision.Command("tee '"+heard+"'", 0)
		if err != nil {
			t.Fatal(err)
		}
		var message struct{ Scene provision.Request }
		decode(t, encode(t, told[1]), &message)
		for i, ask := range []func(){
			func() { provisioner.Capabilities(t.Context()) },
			func() { provisioner.CreateScene(t.Context(), message.Scene) },
			func() { provisioner.History(t.Context(), "org_5d1f", "mtrack_7c1a9e2f4b8d") },
		} {
			ask()
			text, err := os.ReadFile(heard)
			if err != nil {
				t.Fatal(err)
			}
			var got any
			decode(t, text, &got)
			if !reflect.DeepEqual(got, told[i]) {
				t.Errorf("the suite asks %s, the guide shows %v", text, told[i])
			}
		}
	})
}

// speaksAsTheGuide sends the messages of optional features that the guide shows.
func speaksAsTheGuide(t *testing.T, p provision.Provisioner) {
	t.Helper()
	histories, err := p.(provision.HistoriesProvisioner).Histories(t.Context(), []provision.TrackReference{
		{Organization: "org_5d1f", Track: "mtrack_7c1a9e2f4b8d"}, {Organization: "org_5d1f", Track: "mtrack_never"},
	})
	if err != nil || len(histories[0]) != 2 || histories[1] != nil {
		t.Errorf("the histories are %+v, %v", histories, err)
	}
	if err := p.(provision.KeyRevoker).RevokeKey(t.Context(), "ak_three"); err != nil {
		t.Error(err)
	}
	if err := p.(provision.MembershipEnder).EndMembership(t.Context(), "org_5d1f", "user_17"); err != nil {
		t.Error(err)
	}
}

// What the guide breaks, it finds; and it is told as the guide shows it.
func TestGuideTour(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(pythonExample)); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "music.py")
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, after, _ := strings.Cut(block(t, "diff"), "\n+")
	before = before[1:]
	if strings.Count(string(source), before+"\n") != 1 {
		t.Fatalf("music.py does not hold %q once", before)
	}
	broken := strings.Replace(string(source), before+"\n", after, 1)
	if err := os.WriteFile(file, []byte(broken), 0o600); err != nil {
		t.Fatal(err)
	}
	e := startPython(t, dir)
	variables := map[string]string{"MTRACK_CONFORMANCE_TARGET": e.target, "MTRACK_CONFORMANCE_PROVISION": e.provision}

	r := try(t.Context(), variables, "run", "--run", deletion)
	r.want(t, 1, "not conforming", "")
	printed(t, r.stdout, block(t, "text failure"))
	try(t.Context(), variables, "run", "--replay", deletion, "--seed", "7", "--show-keys").want(t, 1, "API_KEY_SAVER='ak_", "")

	list := filepath.Join(dir, "known-failing.txt")
	if err := os.WriteFile(list, []byte(block(t, "text known-failing")), 0o600); err != nil {
		t.Fatal(err)
	}
	try(t.Context(), variables, "run", "--run", deletion+",delete-track/creator-gets-200", "--known-failing", "@"+list).want(t, 0, "TRACK-17: savers may delete", "")
}

// varying is what differs from run to run, or from one version of the suite to the next.
var varying = regexp.MustCompile(`\b(org|mtrack)_[a-z0-9]{20}|127\.0\.0\.1:[0-9]+|--seed [0-9]+|\b[0-9.]+(µs|ms|s)\b|\b[0-9]+m[0-9]+s\b|([0-9]+|N) cases of ([0-9]+|N)\b|\b([0-9]+|N) passed|\.go:[0-9]+`)

// printed fails the test where a block of the guide is not part of what was printed. Lines with an
// ellipsis stand for any number of lines.
func printed(t *testing.T, output, block string) {
	t.Helper()
	lines := strings.Split(varying.ReplaceAllString(output, "*"), "\n")
	at, anywhere := 0, true
	for line := range strings.Lines(varying.ReplaceAllString(block, "*")) {
		line = strings.TrimRight(line, "\n")
		if strings.TrimSpace(line) == "…" {
			anywhere = true
			continue
		}
		found := slices.Index(lines[at:], line)
		if found < 0 || !anywhere && found > 0 {
			t.Errorf("the guide shows this line, which is not printed there: %s\nThe output is\n%s", line, output)
			return
		}
		at, anywhere = at+found+1, false
	}
}

// The workflow gives the action nothing that it does not take, and its commands are bash.
func TestGuideWorkflow(t *testing.T) {
	var workflow struct {
		Jobs map[string]struct {
			Steps []struct {
				Run, Uses string
				With      map[string]string
			}
		}
	}
	if err := yaml.Unmarshal([]byte(block(t, "yaml")), &workflow); err != nil {
		t.Fatal(err)
	}
	var action struct{ Inputs map[string]any }
	text, err := os.ReadFile(filepath.Join(root, "action.yml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, &action); err != nil {
		t.Fatal(err)
	}
	used, run := 0, 0
	for _, step := range workflow.Jobs["suite"].Steps {
		if strings.HasPrefix(step.Uses, "seed-5ec2a705/mtrack@") {
			used++
			for name := range step.With {
				if _, ok := action.Inputs[name]; !ok {
					t.Errorf("the action has no input %s", name)
				}
			}
		}
		for line := range strings.Lines(step.Run) {
			run++
			words := strings.Fields(strings.TrimSuffix(strings.TrimSpace(line), "&"))
			if words[0] == "python3" { // of an implementation that lies at the root of its repository, as the example does in its folder
				words[1] = filepath.Join("docs/examples/python", words[1])
				if problem := impossible(t, words); problem != "" {
					t.Errorf("%s: %s", line, problem)
				}
			}
		}
	}
	if used != 1 || run < 3 {
		t.Errorf("the workflow uses the action %d times, and has %d commands", used, run)
	}
}

// underRace reports whether this test binary has the race detector. What go compiles for a test has
// to be like it: all packages are compiled anew for the other way.
func underRace() bool {
	info, _ := debug.ReadBuildInfo()
	return info != nil && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

// The guide's Go is vetted in the place of a test of this module.
func TestGuideGo(t *testing.T) {
	testenv.Slow(t)
	dir := t.TempDir()
	place, err := filepath.Abs(filepath.Join(root, "docs", "guide_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	write := func(name string, text []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	source := write("guide_test.go", []byte(block(t, "go")))
	overlay := write("overlay.json", encode(t, map[string]any{"Replace": map[string]string{place: source}}))
	command := exec.CommandContext(t.Context(), "go", "vet", "-race="+strconv.FormatBool(underRace()), "-overlay", overlay, "./docs")
	command.Dir = root
	if output, err := command.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, output)
	}
	if output, err := exec.CommandContext(t.Context(), "gofmt", "-l", source).CombinedOutput(); err != nil ||
		len(output) > 0 {
		t.Errorf("gofmt: %v %s", err, output)
	}
}
