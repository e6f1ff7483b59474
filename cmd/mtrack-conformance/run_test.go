package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-5ec2a705/mtrack/conformance"
)

// runLine runs a command line in process.
func runLine(t *testing.T, variables map[string]string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	status = run(context.Background(), environment{stdout: &out, stderr: &err, getenv: func(name string) string { return variables[name] }}, args)
	return status, out.String(), err.String()
}

func TestUsageErrorsNameWhatToDo(t *testing.T) {
	for _, test := range []struct {
		args string
		want string
	}{
		{"run", "--target is missing"},
		{"run --target http://127.0.0.1:1", "give one of --provision"},
		{"run --target http://127.0.0.1:1 --provision http://127.0.0.1:2 --scenes x.json", "--provision and --scenes contradict"},
		{"run --target http://127.0.0.1:1 --provision http://127.0.0.1:2 --replay a/b --run a/*", "--replay and --run contradict"},
		{"run --target http://127.0.0.1:1 --provision http://127.0.0.1:2 --report pdf=x", "no kind of report"},
		{"run --target http://127.0.0.1:1 --provision http://127.0.0.1:2 --report x", "KIND=PATH"},
		{"run --target http://127.0.0.1:1 --provision http://127.0.0.1:2 --run no-such/case", "no-such/case"},
		{"run --target http://127.0.0.1:1 --provision http://127.0.0.1:2 --profile none", "--profile"},
		{"run --target http://127.0.0.1:1 --provision http://127.0.0.1:2", "127.0.0.1:1"},
		{"run --no-such-flag", "--no-such-flag"},
		{"list --profile none", "--profile"},
		{"explain", "name a case"},
		{"explain no/such", `no case and no requirement "no/such"`},
		{"nonsense", `no command "nonsense"`},
	} {
		t.Run(test.args, func(t *testing.T) {
			status, _, stderr := runLine(t, nil, strings.Fields(test.args)...)
			if status != exitUsage || !strings.Contains(stderr, test.want) {
				t.Errorf("exit status %d, stderr %q; want 2 and %q", status, stderr, test.want)
			}
		})
	}
}

func TestCatalogueCommands(t *testing.T) {
	status, stdout, _ := runLine(t, nil, "list", "--json")
	var cases []listed
	if err := json.Unmarshal([]byte(stdout), &cases); status != exitOK || err != nil || len(cases) != len(conformance.Cases()) {
		t.Fatalf("list --json: exit status %d, %v, %d cases", status, err, len(cases))
	}
	_, stdout, _ = runLine(t, map[string]string{"MTRACK_CONFORMANCE_PROFILE": "delete"}, "list")
	if strings.Contains(stdout, "list-tracks/") || !strings.Contains(stdout, "delete-track/saver-gets-403") {
		t.Error("list of profile delete, asked for by a variable, lists other operations or not the one")
	}
	_, stdout, _ = runLine(t, nil, "explain", "delete-track/saver-gets-403", "delete.only-creator")
	for _, want := range []string{"Sends: ", "Expects: ", "delete.only-creator (MUST)", "Why: ", "From: "} {
		if !strings.Contains(stdout, want) {
			t.Errorf("explain lacks %q", want)
		}
	}
	_, stdout, _ = runLine(t, nil, "scenes", "--run", "delete-track/saver-gets-403")
	if _, err := conformance.ReadScenes(strings.NewReader(stdout), "scenes"); !strings.Contains(stdout, `"saver"`) {
		t.Errorf("scenes prints %q (%v)", stdout, err)
	}
}

// A server that answers 404 to everything stores nothing and is told so.
func TestRunJudgesAServer(t *testing.T) {
	api := httptest.NewServer(http.NotFoundHandler())
	defer api.Close()
	provisioner := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/capabilities" {
			w.Write([]byte(`{"protocol":1,"features":[]}`))
			return
		}
		w.WriteHeader(http.StatusInternalServerError)
		w.Write([]byte(`{"error":"the database is away"}`))
	}))
	defer provisioner.Close()
	file := filepath.Join(t.TempDir(), "report.json")
	status, stdout, stderr := runLine(t, nil, "run", "--target", api.URL, "--provision", provisioner.URL, "--run", "delete-track/*-gets-404", "--report", "json="+file)
	if status != exitUsage || !strings.Contains(stdout, "the database is away") {
		t.Errorf("exit status %d, stdout %q, stderr %q; want 2 and the provisioner's words", status, stdout, stderr)
	}
	written, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer written.Close()
	report, err := conformance.ReadReport(written)
	if err != nil || report.Verdict != conformance.Undecided {
		t.Errorf("the report says %v, %v", report, err)
	}
}
