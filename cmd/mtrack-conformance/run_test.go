package main

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/pem"
	"encoding/xml"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-5ec2a705/mtrack/cmd/internal/command"
	"github.com/seed-5ec2a705/mtrack/conformance"
	"github.com/seed-5ec2a705/mtrack/conformance/report"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
	"github.com/seed-5ec2a705/mtrack/conformance/version"
)

var update = flag.Bool("update", false, "write the golden files")

// deletion is a case that the small implementation of these tests can be judged by, with and
// without its fault.
const deletion = "delete-track/saver-gets-403"

// tried is what a command wrote, and its exit status.
type tried struct {
	status         int
	stdout, stderr string
}

func try(ctx context.Context, variables map[string]string, args ...string) tried {
	var stdout, stderr bytes.Buffer
	status := run(ctx, command.Environment{Stdout: &stdout, Stderr: &stderr, Getenv: func(name string) string { return variables[name] }}, args)
	return tried{status, stdout.String(), stderr.String()}
}

func (r tried) want(t *testing.T, status int, stdout, stderr string) {
	t.Helper()
	if r.status != status || !strings.Contains(r.stdout, stdout) || !strings.Contains(r.stderr, stderr) {
		t.Errorf("exit status %d, want %d; want %q on stdout and %q on stderr, got\n%s\n--- stderr\n%s", r.status, status, stdout, stderr, r.stdout, r.stderr)
	}
}

// The help is all that somebody needs, and does not change by accident.
func TestHelpIsGolden(t *testing.T) {
	var b strings.Builder
	b.WriteString(try(t.Context(), nil, "help").stdout)
	for _, c := range program().Commands {
		r := try(t.Context(), nil, c.Name, "--help")
		r.want(t, 0, "Usage: mtrack-conformance "+c.Name, "")
		b.WriteString("\n" + strings.Repeat("-", 80) + "\n" + r.stdout)
		if other := try(t.Context(), nil, "help", c.Name); other != r {
			t.Errorf("help %s differs from %s --help", c.Name, c.Name)
		}
	}
	path := filepath.Join("testdata", "help.txt")
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	golden, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(golden) != b.String() {
		t.Errorf("%s is not what the commands print; if that is right: go test ./cmd/mtrack-conformance -run Help -update\n%s", path, b.String())
	}
}

func TestRunConforming(t *testing.T) {
	m := newMusic(t, false)
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	r := try(t.Context(), nil, append(append([]string{"run"}, m.flags()...), "--run", deletion+",delete-track/creator-gets-200", "--seed", "7", "--implementation", "small", "--implementation-version", "0.1",
		"--report", "json="+in("r.json")+",junit="+in("r.xml")+",html="+in("r.html"))...)
	r.want(t, 0, "conforming", "")
	file, err := os.Open(in("r.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	result, err := report.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	if result.Verdict != report.Conforming || result.Options.Seed != 7 || result.Implementation.Name != "small" ||
		result.Implementation.Version != "0.1" ||
		len(result.Cases) != 2 {
		t.Errorf("%+v", result)
	}
	var junit struct {
		Tests int `xml:"tests,attr"`
	}
	content, err := os.ReadFile(in("r.xml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := xml.Unmarshal(content, &junit); err != nil || junit.Tests != 2 {
		t.Errorf("%d tests in JUnit, %v", junit.Tests, err)
	}
	if html, err := os.ReadFile(in("r.html")); err != nil || !bytes.Contains(html, []byte(deletion)) {
		t.Errorf("HTML of %d bytes, %v", len(html), err)
	}
	if left, _ := filepath.Glob(in("*r.*.*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestRunNotConforming(t *testing.T) {
	m := newMusic(t, true)
	runFlags := append(append([]string{"run"}, m.flags()...), "--run", deletion)
	r := try(t.Context(), nil, runFlags...)
	r.want(t, 1, "not conforming", "1/1 failed "+deletion)
	for _, want := range []string{deletion, "403", "$API_KEY_SAVER", "curl -i", "--replay " + deletion} {
		if !strings.Contains(r.stdout, want) {
			t.Errorf("no %q in the report:\n%s", want, r.stdout)
		}
	}
	if strings.Contains(r.stdout+r.stderr, "ak_") {
		t.Error("a key is in the output")
	}

	list := filepath.Join(t.TempDir(), "known")
	write := func(content string) {
		if err := os.WriteFile(list, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(deletion + " # ticket 7\n")
	both := append(append([]string{"run"}, m.flags()...), "--run", deletion+",delete-track/creator-gets-200", "--known-failing", "@"+list)
	try(t.Context(), nil, both...).want(t, 0, "ticket 7", "")
	write(deletion + " # ticket 7\ndelete-track/creator-gets-200\n")
	try(t.Context(), nil, both...).want(t, 1, "remove the entry", "")
	write("delete-track/saver-gets-430\n")
	try(t.Context(), nil, both...).want(t, 2, "", `--known-failing: "delete-track/saver-gets-430" matches no case`)
}

// A replay shows every exchange of one case, and the keys to those who ask for them.
func TestReplay(t *testing.T) {
	m := newMusic(t, false)
	replay := append(append([]string{"run"}, m.flags()...), "--replay", deletion)
	r := try(t.Context(), nil, replay...)
	r.want(t, 0, "\n> X-API-Key: $API_KEY_SAVER\n", "")
	r.want(t, 0, "\n< HTTP/1.1 403", "")
	if strings.Contains(r.stdout, "ak_") {
		t.Error("a key is in the output")
	}
	try(t.Context(), nil, append(replay, "--show-keys")...).want(t, 0, "API_KEY_SAVER='ak_", "")
}

// The environment gives every flag, and the command line wins.
func TestEnvironmentVariables(t *testing.T) {
	m := newMusic(t, false)
	variables := map[string]string{
		"MTRACK_CONFORMANCE_TARGET":    m.api.URL,
		"MTRACK_CONFORMANCE_PROVISION": m.provisioner.URL,
		"MTRACK_CONFORMANCE_RUN":       deletion,
		"MTRACK_CONFORMANCE_SEED":      "99",
	}
	try(t.Context(), variables, "run").want(t, 0, "seed 99", "")
	try(t.Context(), variables, "run", "--seed", "5").want(t, 0, "seed 5", "")
	try(t.Context(), variables, "run", "--run", "delete-track/creator-gets-200").want(t, 0, "1 case", "")
	try(t.Context(), variables, "run", "--replay", "delete-track/creator-gets-200").want(t, 0, "> X-API-Key", "")
	try(t.Context(), variables, "run", "--scenes", "/no/such/file").want(t, 2, "", "--scenes: open /no/such/file")
	variables["MTRACK_CONFORMANCE_SCENES"] = "/no/such/file"
	try(t.Context(), variables, "run").want(t, 2, "", "--provision and --scenes contradict each other")
	variables["MTRACK_CONFORMANCE_PARALLEL"] = "many"
	try(t.Context(), variables, "run").want(t, 2, "", "environment variable MTRACK_CONFORMANCE_PARALLEL")
}

// Wrong usage is exit status 2 and a sentence that names the flag.
func TestRunRefuses(t *testing.T) {
	to := []string{"run", "--target", "http://127.0.0.1:1", "--provision", "http://127.0.0.1:1"}
	with := func(flags ...string) []string { return append(append([]string{}, to...), flags...) }
	for want, args := range map[string][]string{
		"--target is missing":                                 {"run", "--provision", "http://127.0.0.1:1"},
		"give one of --provision, --provision-exec":           {"run", "--target", "http://127.0.0.1:1"},
		"--provision and --provision-exec contradict":         with("--provision-exec", "true"),
		"--provision and --scenes contradict":                 with("--scenes", "x"),
		"--insecure and --ca contradict":                      with("--insecure", "--ca", "x"),
		"--replay and --run contradict":                       {"run", "--target", "x", "--provision", "x", "--replay", deletion, "--run", deletion},
		"--insecure has no effect":                            with("--insecure"),
		"--ca has no effect":                                  with("--ca", "x"),
		"--show-keys has no effect":                           with("--show-keys"),
		"--provision-timeout has no effect":                   {"run", "--target", "http://127.0.0.1:1", "--scenes", "x", "--provision-timeout", "1s"},
		"--provision-timeout: must be greater than zero":      with("--provision-timeout", "0s"),
		"did you mean delete-track/saver-gets-403":            with("--replay", "delete-track/saver-get-403"),
		`--profile: unknown profile "half"`:                   with("--profile", "half"),
		"flag provided but not defined: --traget":             {"run", "--traget", "x"},
		`unexpected argument "now"`:                           with("now"),
		`invalid value "x" for flag --parallel`:               with("--parallel", "x"),
		"--parallel: must not be negative":                    with("--parallel", "-1"),
		"--patience: must not be negative":                    with("--patience", "-1s"),
		"--report: \"r.json\" is not of the form KIND=PATH":   with("--report", "r.json"),
		"--report: \"yaml\" is not a kind":                    with("--report", "yaml=x"),
		"there is no directory /no/such":                      with("--report", "json=/no/such/r.json"),
		"is named for both json and html":                     with("--report", "json=r,html=r"),
		"--run: \"nothing\" matches no case":                  with("--run", "nothing"),
		"--target: \"127.0.0.1:1\": not an http or https URL": {"run", "--target", "127.0.0.1:1", "--provision", "http://127.0.0.1:1"},
		"--provision: \"8081\" is not an http":                {"run", "--target", "http://127.0.0.1:1", "--provision", "8081"},
		"nothing listens there: start the implementation":     to,
		"--provision-exec: ":                                  {"run", "--target", "http://127.0.0.1:1", "--provision-exec", "/no/such/program"},
		"--ca: open /no/such":                                 {"run", "--target", "https://127.0.0.1:1", "--provision", "http://127.0.0.1:1", "--ca", "/no/such"},
		"no command \"rn\"":                                   {"rn"},
		"name a case or a requirement":                        {"explain"},
		"no case and no requirement \"x\"":                    {"explain", "x"},
		"no case of profile delete is left":                   {"list", "--profile", "delete", "--run", "get-track/**"},
		"--skip: no case of profile full is left":             {"scenes", "--skip", "**"},
		"Usage: mtrack-conformance COMMAND":                   {},
	} {
		r := try(t.Context(), nil, args...)
		r.want(t, 2, "", want)
		if r.stdout != "" {
			t.Errorf("%q: on stdout: %s", args, r.stdout)
		}
	}
}

func TestRunTrustsAnAuthority(t *testing.T) {
	m := newMusic(t, false)
	secure := httptest.NewTLSServer(http.HandlerFunc(m.serve))
	defer secure.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"run", "--target", secure.URL, "--provision", m.provisioner.URL, "--run", deletion}
	try(t.Context(), nil, args...).want(t, 2, "", "--ca or --insecure")
	try(t.Context(), nil, append(args, "--ca", ca)...).want(t, 0, "conforming", "")
	try(t.Context(), nil, append(args, "--insecure")...).want(t, 0, "conforming", "")
	if err := os.WriteFile(ca, []byte("none"), 0o600); err != nil {
		t.Fatal(err)
	}
	try(t.Context(), nil, append(args, "--ca", ca)...).want(t, 2, "", "has no certificate")
}

// An interrupted run writes the reports of what was run and is inconclusive, even where something
// failed.
func TestInterruptedRunWritesReports(t *testing.T) {
	m := newMusic(t, true)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	path := filepath.Join(t.TempDir(), "r.json")
	var stdout, stderr bytes.Buffer
	args := append(append([]string{"run"}, m.flags()...), "--parallel", "1", "--profile", "delete", "--report", "json="+path)
	status := run(ctx, command.Environment{Stdout: &stdout, Stderr: cancelOn{"failed " + deletion, cancel, &stderr}, Getenv: func(string) string { return "" }}, args)
	tried{status, stdout.String(), stderr.String()}.want(t, 2, "", "interrupted after ")
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var result report.Report
	if err := json.Unmarshal(content, &result); err != nil {
		t.Fatal(err)
	}
	if !result.Incomplete || len(result.Cases) == 0 || len(result.Cases) >= result.Selected {
		t.Errorf("incomplete %v, %d of %d cases", result.Incomplete, len(result.Cases), result.Selected)
	}
}

// cancelOn interrupts the run when the progress says something.
type cancelOn struct {
	text   string
	cancel func()
	out    *bytes.Buffer
}

func (c cancelOn) Write(p []byte) (int, error) {
	if strings.Contains(string(p), c.text) {
		c.cancel()
	}
	return c.out.Write(p)
}

func TestList(t *testing.T) {
	try(t.Context(), nil, "list").want(t, 0, "MUST", "")
	all := try(t.Context(), nil, "list", "--json")
	var cases []listed
	if err := json.Unmarshal([]byte(all.stdout), &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) != len(conformance.Cases()) {
		t.Errorf("%d cases, want %d", len(cases), len(conformance.Cases()))
	}
	for _, c := range cases {
		if c.ID == "" || c.Title == "" || len(c.Requirements) == 0 || c.Level == "" || c.Sends == "" ||
			c.Expects == "" {
			t.Errorf("incomplete: %+v", c)
		}
	}
	few := try(t.Context(), nil, "list", "--run", "delete-track/saver-*", "--profile", "delete")
	if strings.Contains(few.stdout, "creator-gets-200") || !strings.Contains(few.stdout, deletion) {
		t.Errorf("got %s", few.stdout)
	}
}

// Everything that can be listed can be explained, with its sources and reasons.
func TestExplain(t *testing.T) {
	for _, c := range conformance.Cases() {
		r := try(t.Context(), nil, "explain", c.ID)
		wanted := []string{
			c.Title, "Sends ", "Expects ", "Why: ", "From: ", "Repeat ", "Source     conformance/internal/cases/",
		}
		for _, id := range c.Requirements {
			wanted = append(wanted, string(id))
		}
		for _, want := range wanted {
			if r.status != 0 || !strings.Contains(r.stdout, want) {
				t.Errorf("%s: no %q in\n%s", c.ID, want, r.stdout)
			}
		}
	}
	for _, asked := range requirement.All() {
		r := try(t.Context(), nil, "explain", string(asked.ID))
		for _, want := range []string{asked.Statement, asked.Why, "Proved by:\n  "} {
			if r.status != 0 || !strings.Contains(r.stdout, want) {
				t.Errorf("%s: no %q in\n%s", asked.ID, want, r.stdout)
			}
		}
	}
}

func TestScenes(t *testing.T) {
	r := try(t.Context(), nil, "scenes", "--run", deletion)
	r.want(t, 0, `"api_key": ""`, "")
	var file struct {
		Scenes []struct{ Request, Scene map[string]any }
	}
	if err := json.Unmarshal([]byte(r.stdout), &file); err != nil || len(file.Scenes) != 1 ||
		len(file.Scenes[0].Request) == 0 ||
		len(file.Scenes[0].Scene) == 0 {
		t.Errorf("%v: %s", err, r.stdout)
	}
	path := filepath.Join(t.TempDir(), "scenes.json")
	if err := os.WriteFile(path, []byte(r.stdout), 0o600); err != nil {
		t.Fatal(err)
	}
	try(t.Context(), nil, "run", "--target", "http://127.0.0.1:1", "--scenes", path).want(t, 2, "", "organizations.home.id is missing or empty")
}

func TestVersion(t *testing.T) {
	for _, args := range [][]string{{"version"}, {"--version"}} {
		try(t.Context(), nil, args...).want(t, 0, "suite "+version.Suite+", ", "")
	}
}
