package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/seed-5ec2a705/mtrack/openapi/plain/plaintest"
)

// checkShown reports what in the outputs of a command is more than text.
func checkShown(t *testing.T, r tried) {
	t.Helper()
	plaintest.Check(t, r.stdout+"\n"+r.stderr)
}

// newHostile is an implementation whose every response is hostile.
func newHostile(t *testing.T) *music {
	t.Helper()
	m := newMusic(t, true)
	m.api.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		h := plaintest.Hostile
		header := strings.NewReplacer("\r", "", "\n", "", "\x00", "").Replace(h)
		body, err := json.Marshal(map[string]string{h: h})
		if err != nil {
			t.Error(err)
		}
		body = bytes.ReplaceAll(body, []byte(`\u2028`), []byte("\u2028"))
		conn.Write([]byte("HTTP/1.1 200 " + header + "\r\nContent-Type: application/json; x=" + header + "\r\nX-" + header + ": y\r\n" +
			"X-Value: " + header + "\r\nConnection: close\r\n\r\n" + string(body)))
	})
	return m
}

// What a target sends is text in every report, whatever is asked for.
func TestHostile_target(t *testing.T) {
	m := newHostile(t)
	for name, args := range map[string][]string{
		"one case": {"--run", deletion}, "replay": {"--replay", deletion}, "keys": {"--replay", deletion, "--show-keys"},
		"some cases": {"--run", "delete-track/*-gets-*"},
	} {
		for _, actions := range []string{"", "true"} {
			folder := t.TempDir()
			reports := map[string]string{"json": filepath.Join(folder, "r.json"), "junit": filepath.Join(folder, "r.xml"), "html": filepath.Join(folder, "r.html")}
			args := append([]string{"run", "--implementation", plaintest.Hostile, "--implementation-version", plaintest.Hostile,
				"--report", "json=" + reports["json"] + ",junit=" + reports["junit"] + ",html=" + reports["html"]}, append(args, m.flags()...)...)
			r := try(t.Context(), map[string]string{"GITHUB_ACTIONS": actions}, args...)
			if r.status == 0 || r.stdout == "" {
				t.Errorf("%s: %+v", name, r)
			}
			if actions != "" {
				first, rest, _ := strings.Cut(r.stdout, "\n")
				token, ok := strings.CutPrefix(first, "::stop-commands::")
				rest, ended := strings.CutSuffix(rest, "\n::"+token+"::\n")
				if !ok || !ended || len(token) < 20 {
					t.Errorf("%s: commands are not stopped: %.100q", name, r.stdout)
				}
				r.stdout = rest
			}
			checkShown(t, r)
			for kind, path := range reports {
				text, err := os.ReadFile(path)
				if err != nil {
					t.Error(err)
				}
				if kind == "html" {
					plaintest.CheckHTML(t, string(text))
				} else {
					plaintest.Check(t, string(text))
				}
			}
		}
	}
}

// What a provisioner says is text, whichever way it comes.
func TestHostile_provisioner(t *testing.T) {
	m := newMusic(t, true)
	words := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/capabilities" {
			writeJSON(w, 200, map[string]any{"protocol": 1, "features": []string{plaintest.Hostile}})
			return
		}
		writeJSON(w, 422, map[string]any{"error": plaintest.Hostile})
	}))
	defer words.Close()
	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(plaintest.Hostile)) }))
	defer broken.Close()
	script := filepath.Join(t.TempDir(), "provision.sh")
	printed := "'" + strings.NewReplacer("'", `'\''`, "\x00", "").Replace(plaintest.Hostile) + "'"
	if err := os.WriteFile(script, []byte("printf %s "+printed+" >&2; printf %s "+printed), 0o600); err != nil {
		t.Fatal(err)
	}
	scenes := filepath.Join(t.TempDir(), "scenes.json")
	if err := os.WriteFile(scenes, []byte(`{"scenes":[{"`+plaintest.Printable+`":1}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, how := range [][]string{
		{"--provision", words.URL}, {"--provision", broken.URL}, {"--provision-exec", "sh " + script}, {"--scenes", scenes},
	} {
		r := try(t.Context(), nil, append([]string{"run", "--run", deletion, "--target", m.api.URL}, how...)...)
		checkShown(t, r)
		if r.status == 0 {
			t.Errorf("%v: %+v", how, r)
		}
	}
}

// What is typed is text in the error that it makes.
func TestHostile_arguments(t *testing.T) {
	t.Parallel()
	h := plaintest.Hostile
	folder := t.TempDir()
	globs := filepath.Join(folder, "globs")
	if err := os.WriteFile(globs, []byte(h+"\n["+h), 0o600); err != nil {
		t.Fatal(err)
	}
	base := []string{"run", "--target", "http://127.0.0.1:1", "--provision", "http://127.0.0.1:1"}
	for _, args := range [][]string{
		{h}, {"help", h}, {"explain", h}, {"list", "--run", h}, {"list", "--run", "@" + h}, {"list", "--run", "@" + globs}, {"list", "--profile", h},
		{"scenes", "--skip", h}, {"version", h}, {"run", "--" + h}, {"run", "--target", h, "--provision", h},
		{"run", "--target", "http://" + plaintest.Printable, "--provision", "http://x"},
		append(base, "--run", h), append(base, "--replay", h), append(base, "--report", h), append(base, "--report", "json="+filepath.Join(folder, h, h)),
		append(base, "--report", h+"=x"), append(base, "--known-failing", "@"+globs), append(base, "--seed", h), append(base, "--timeout", h),
		append(base, "--ca", h), append(base, "--profile", h), {"run", "--target", "https://127.0.0.1:1", "--provision", "http://x", "--ca", h},
		{"run", "--target", "http://127.0.0.1:1", "--provision-exec", h}, {"run", "--target", "http://127.0.0.1:1", "--scenes", h},
	} {
		r := try(t.Context(), nil, args...)
		checkShown(t, r)
		if r.status == 0 || r.stderr == "" {
			t.Errorf("%.60q: %+v", args, r)
		}
	}
	checkShown(t, try(t.Context(), map[string]string{"MTRACK_CONFORMANCE_TIMEOUT": h}, base...))
}

// What --provision-exec is given beside files may be a secret: no report has it.
func TestProvisionExecArguments(t *testing.T) {
	m := newMusic(t, true)
	script := filepath.Join(t.TempDir(), "provision.sh")
	if err := os.WriteFile(script, []byte(`cat >/dev/null; echo '{"error":"no"}'`), 0o600); err != nil {
		t.Fatal(err)
	}
	capable := filepath.Join(t.TempDir(), "capable.sh")
	if err := os.WriteFile(capable, []byte(`read -r line; case "$line" in *capabilities*) echo '{"protocol":1,"features":[]}';; *) echo '{"error":"no"}';; esac`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{script, capable} {
		html := filepath.Join(t.TempDir(), "r.html")
		r := try(t.Context(), nil, "run", "--run", deletion, "--target", m.api.URL, "--provision-exec", "sh "+path+" --token S3cretToken", "--report", "html="+html)
		report, _ := os.ReadFile(html) // there is none where no case was run
		if all := r.stdout + r.stderr + string(report); strings.Contains(all, "S3cretToken") || !strings.Contains(all, path) {
			t.Errorf("got %s", regexp.MustCompile(`.*(S3cret|provision).*`).FindAllString(all, -1))
		}
	}
}
