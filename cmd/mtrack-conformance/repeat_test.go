package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/report"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// The command that a report gives to repeat a case is all that is needed: what came from the
// environment is in it, and no key.
func TestReplayCanBePasted(t *testing.T) {
	m := newMusic(t, true)
	variables := map[string]string{
		"MTRACK_CONFORMANCE_TARGET":    m.api.URL,
		"MTRACK_CONFORMANCE_PROVISION": m.provisioner.URL,
		"MTRACK_CONFORMANCE_PROFILE":   "delete",
		"MTRACK_CONFORMANCE_TIMEOUT":   "7s",
	}
	r := try(t.Context(), variables, "run", "--run", deletion, "--strict", "--seed", "41")
	r.want(t, 1, "", "")
	line := regexp.MustCompile(`(?m)^  replay +mtrack-conformance (run .*)$`).FindStringSubmatch(r.stdout)
	if line == nil {
		t.Fatalf("no replay in\n%s", r.stdout)
	}
	for _, want := range []string{
		"--replay " + deletion, "--seed 41", "--target " + m.api.URL, "--provision " + m.provisioner.URL,
		"--profile delete", "--strict", "--timeout 7s",
	} {
		if !strings.Contains(line[1], want) {
			t.Errorf("no %q in %s", want, line[1])
		}
	}
	if strings.Contains(line[1], "ak_") {
		t.Errorf("a key is in %s", line[1])
	}
	try(t.Context(), nil, strings.Fields(line[1])...).want(t, 1, "FAILED         "+deletion, "")
}

func TestRepeat(t *testing.T) {
	base := suiteFlags{target: "https://api.example.com", timeout: conformance.DefaultTimeout, provisionTimeout: provision.DefaultTimeout}
	for want, change := range map[string]func(*suiteFlags){
		"--provision https://p.example.com --ca '/tmp/my certificates.pem'": func(f *suiteFlags) {
			f.provision, f.ca = "https://p.example.com", "/tmp/my certificates.pem"
		},
		`--provision "$MTRACK_CONFORMANCE_PROVISION" --insecure`: func(f *suiteFlags) {
			f.provision, f.insecure = "https://user:password@p.example.com", true
		},
		`--provision-exec 'python3 repeat_test.go'`: func(f *suiteFlags) { f.provisionExec = "python3 repeat_test.go" },
		`--provision-exec "$MTRACK_CONFORMANCE_PROVISION_EXEC"`: func(f *suiteFlags) {
			f.provisionExec, f.shown = "python3 repeat_test.go --token S3cret", "exec python3 repeat_test.go --token …"
		},
		"--scenes scenes.json": func(f *suiteFlags) { f.scenes = "scenes.json" },
		"--provision http://p --provision-timeout 1m0s": func(f *suiteFlags) {
			f.provision, f.provisionTimeout = "http://p", time.Minute
		},
	} {
		f := base
		change(&f)
		got := f.repeat("a/b", 7, requirement.ProfileFull)
		if want := "mtrack-conformance run --replay a/b --seed 7 --target https://api.example.com " + want; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	result := &report.Report{Cases: []report.Case{{Replay: "run", LookedAfter: 3.2}, {Replay: "run"}, {LookedAfter: 3}}}
	waitAsLong(result)
	if c := result.Cases; c[0].Replay != "run --patience 4s" || c[1].Replay != "run" || c[2].Replay != "" {
		t.Errorf("%+v", c)
	}
}

// A page of a web server is not a hundred broken requirements.
func TestTargetThatIsNotTheAPI(t *testing.T) {
	m := newMusic(t, false)
	page := httptest.NewServer(http.FileServer(http.Dir(t.TempDir())))
	defer page.Close()
	r := try(t.Context(), nil, "run", "--target", page.URL, "--provision", m.provisioner.URL)
	r.want(t, 2, "", "it is not the API, since none of its responses is JSON")
	if r.stdout != "" || strings.Count(r.stderr, "\n") != 1 {
		t.Errorf("more than a sentence: %s%s", r.stdout, r.stderr)
	}
}

// A target that responds 404 to everything, and well, is an API that does not conform, for one
// reason.
func TestTargetWithout(t *testing.T) {
	m := newMusic(t, false)
	nothing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(404)
		segments := strings.Split(r.URL.Path, "/")
		w.Write([]byte(`{"success":false,"error":{"code":"RESOURCE_NOT_FOUND","message":"No.","system_message":"no","type":"client_error",` +
			`"status":404,"details":{"track_id":"` + segments[len(segments)-1] + `"},"trace_id":"` + time.Now().Format("150405.000000000") + `","timestamp":"` +
			time.Now().UTC().Format(time.RFC3339) + `"}}`))
	}))
	defer nothing.Close()
	path := filepath.Join(t.TempDir(), "r.json")
	r := try(t.Context(), nil, "run", "--target", nothing.URL, "--provision", m.provisioner.URL, "--profile", "delete",
		"--run", "delete-track/*", "--report", "json="+path)
	r.want(t, 1, "every response was 404, whoever asked for what", "")
	if n := strings.Count(r.stdout, "\nFAILED ") + strings.Count(r.stdout[:7], "FAILED "); n != 1 {
		t.Errorf("%d findings, want 1:\n%s", n, r.stdout)
	}
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}
