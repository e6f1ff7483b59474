package faulty

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// decisions are the statuses of a server in all acts of the script.
func decisions(t *testing.T, s *Server) string {
	p := newProber(t, s, 12)
	for _, act := range []func(){p.refusals, p.unsaves, p.lists, p.tricks, p.deletes} {
		act()
	}
	return strings.Join(p.decided, "\n")
}

func TestVariantsDecideAlike(t *testing.T) {
	want := decisions(t, New())
	for _, v := range Variants() {
		s := New(WithVariant(v))
		if v.Name == "refuses-before-body" || v.Name == "early-hints" || s.behaviour.prefix != "" || strings.HasSuffix(v.Name, "-to-escape") {
			continue // shows on a connection only, or lives at other paths: TestVariantsRespondOnConnections sees to it
		}
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			s.behaviour.delays = nil // time is not what is compared here
			if got := decisions(t, s); got != want {
				t.Errorf("decides otherwise:\n%s", firstOther(want, got))
			}
		})
	}
}

func firstOther(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range w {
		if i >= len(g) || w[i] != g[i] {
			return fmt.Sprintf("step %d: want %s, got %s", i, w[i], append(g, "the end")[min(i, len(g))])
		}
	}
	return "it goes on"
}

// TestVariantsRespondOnConnections plays a short scene over real connections with net/http's
// client.
func TestVariantsRespondOnConnections(t *testing.T) {
	for _, v := range Variants() {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			s := New(WithVariant(v))
			running, err := s.Start()
			if err != nil {
				t.Fatal(err)
			}
			defer running.Close()
			scene := newStage(t, s, strings.Replace(standardScene, `"revoked_keys": [{"name": "old", "user": "creator"}]`, `"revoked_keys": []`, 1))
			client := &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{}}
			defer client.CloseIdleConnections()
			for _, step := range []struct {
				method, track, user string
				want                int
			}{
				{"GET", "song", "creator", 200}, {"DELETE", "song", "saver", 403},
				{"DELETE", "song", "member", 404}, {"DELETE", "song", "", 401},
				{"DELETE", "song", "creator", 200}, {"DELETE", "song", "creator", 404},
				{"GET", "song", "saver", 404}, {"GET", "other", "saver", 200},
			} {
				body := `{"a": 1}`
				if step.method == "GET" && v.Name == "no-bodies-with-reads" {
					body = ""
				}
				r, err := http.NewRequest(step.method, running.API+scene.escapedPath("home", step.track), strings.NewReader(body))
				if err != nil {
					t.Fatal(err)
				}
				if step.user != "" {
					r.Header.Set("X-API-Key", scene.scene.Users[step.user].APIKey)
				}
				response, err := client.Do(r)
				if err != nil {
					t.Fatalf("%s as %s: %v", step.method, step.user, err)
				}
				data, err := io.ReadAll(response.Body)
				response.Body.Close()
				if err != nil || response.StatusCode != step.want || !json.Valid(data) {
					t.Errorf("%s as %s: %d, want %d (%v)\n%s", step.method, step.user, response.StatusCode, step.want, err, data)
				}
			}
		})
	}
}

// talk writes to a new connection and returns what came back until the server has been silent for
// 300ms or has closed.
func talk(t *testing.T, running *Running, text string) string {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(running.API, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	conn.SetReadDeadline(time.Now().Add(300 * time.Millisecond))
	data, _ := io.ReadAll(conn)
	return string(data)
}

func TestConnectionFaultsShow(t *testing.T) {
	// Three requests in one go, the first with a body that could be a request.
	const inner = "GET /v1/music/inner HTTP/1.1\r\nHost: x\r\n\r\n"
	text := fmt.Sprintf("DELETE /v1/music/o/tracks/a HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", len(inner), inner) +
		"GET /v1/unknown HTTP/1.1\r\nHost: x\r\n\r\n" + "DELETE /v1/music/o/tracks/b HTTP/1.1\r\nHost: x\r\n\r\n"
	shape := func(answers string) string {
		var b strings.Builder
		reader := bufio.NewReader(strings.NewReader(answers))
		for {
			response, err := http.ReadResponse(reader, nil)
			if err != nil {
				fmt.Fprintf(&b, "end")
				return b.String()
			}
			data, err := io.ReadAll(response.Body)
			fmt.Fprintf(&b, "%d json=%t whole=%t, ", response.StatusCode, json.Valid(data), err == nil)
		}
	}
	answers := func(s *Server) string {
		running, err := s.Start()
		if err != nil {
			t.Fatal(err)
		}
		defer running.Close()
		return shape(talk(t, running, text))
	}
	want := answers(New())
	if want != "401 json=true whole=true, 404 json=true whole=true, 401 json=true whole=true, end" {
		t.Fatalf("the correct server answers %s", want)
	}
	for _, name := range []string{"length-too-long", "length-too-short", "answers-twice", "pipelined-dropped", "pipelined-swapped", "body-becomes-request", "body-waits"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := Named(name)
			if err != nil {
				t.Fatal(err)
			}
			if got := answers(s); got == want {
				t.Errorf("answers like the correct one: %s", got)
			}
		})
	}
	correct := New(WithVariant(Variant{apply: func(b *behaviour) { b.serve = wire{}.serve }}))
	if got := answers(correct); got != want {
		t.Errorf("the small HTTP server is not correct by itself: %s", got)
	}
}

func TestTimingFaultsShow(t *testing.T) {
	for _, f := range Faults() {
		if !strings.HasPrefix(f.Name, "404-slow-") {
			continue
		}
		t.Run(f.Name, func(t *testing.T) {
			st := newStage(t, New(WithFault(f)), standardScene)
			took := func(track, organization, user string) time.Duration {
				started := time.Now()
				st.do("DELETE", st.path(organization, track, ""), user)
				return time.Since(started)
			}
			took("song", "home", "creator")
			var slow int
			for _, d := range []time.Duration{
				took("song", "home", "creator"), took("nothing", "home", "creator"), took("far", "home", "traveller"),
				took("other", "home", "outsider"), took("other", "home", "member"),
			} {
				if d >= 15*time.Millisecond {
					slow++
				}
			}
			if slow == 0 {
				t.Errorf("no 404 took long: %s", f.Summary)
			}
		})
	}
}

func TestGzipVariantCompresses(t *testing.T) {
	s, err := Named("gzip")
	if err != nil {
		t.Fatal(err)
	}
	running, err := s.Start()
	if err != nil {
		t.Fatal(err)
	}
	defer running.Close()
	text := talk(t, running, "GET /v1/music/o/tracks HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n")
	_, body, found := strings.Cut(text, "\r\n\r\n")
	packed, err := gzip.NewReader(bytes.NewReader([]byte(body)))
	if !found || err != nil {
		t.Fatalf("no gzip: %v in %q", err, text)
	}
	if data, err := io.ReadAll(packed); err != nil || !json.Valid(data) {
		t.Errorf("%v: %s", err, data)
	}
}
