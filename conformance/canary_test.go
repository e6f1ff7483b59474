package conformance_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"html"
	"maps"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/seed-5ec2a705/mtrack/conformance"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/secret/secrettest"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/report"
	"github.com/seed-5ec2a705/mtrack/openapi/plain/plaintest"
)

// parrot is a target that echoes every key that it has seen, in every form, wherever a response has
// room, and its provisioner.
type parrot struct {
	mu     sync.Mutex
	scenes int
	keys   []string
}

func (p *parrot) String() string { return "parrot" }

func (p *parrot) Capabilities(context.Context) ([]provision.Feature, error) { return nil, nil }

func (p *parrot) History(context.Context, string, string) ([]provision.Event, error) {
	return nil, provision.ErrNoHistory
}

func (p *parrot) CreateScene(_ context.Context, r provision.Request) (*provision.Scene, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.scenes++
	s := &provision.Scene{
		Organizations: map[string]provision.SceneOrganization{}, Users: map[string]provision.SceneUser{},
		Tracks: map[string]provision.SceneTrack{},
	}
	for _, o := range r.Organizations {
		s.Organizations[o.Name] = provision.SceneOrganization{ID: fmt.Sprint("org_", p.scenes, o.Name)}
	}
	for _, t := range r.Tracks {
		s.Tracks[t.Name] = provision.SceneTrack{ID: fmt.Sprint("mtrack_", p.scenes, t.Name)}
	}
	for _, u := range r.Users {
		key := fmt.Sprintf("Canary.%d_%s-Zq7", p.scenes, u.Name)
		s.Users[u.Name] = provision.SceneUser{ID: fmt.Sprint("user_", p.scenes, u.Name), APIKey: key}
		p.keys = append(p.keys, key)
	}
	return s, nil
}

// serve echoes the key of the request, and texts that are hostile to terminals and browsers.
func (p *parrot) serve(conn net.Conn) {
	defer conn.Close()
	buffer := make([]byte, 64<<10)
	n, _ := conn.Read(buffer)
	var key string
	for line := range strings.Lines(string(buffer[:n])) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		if strings.EqualFold(name, "X-API-Key") {
			key = value
		}
		if strings.EqualFold(name, "Authorization") {
			key = value[strings.LastIndexByte(value, ' ')+1:]
		}
	}
	message, header := plaintest.Hostile, ""
	if len(key) > 12 {
		i := 0
		for name, form := range secrettest.Forms(key) {
			message += "\n" + name + " " + form
			header += fmt.Sprintf("X-Echo-%d: %s\r\n", i, form)
			i++
		}
		header += key + ": name\r\nX-" + strings.ToUpper(key) + ": name\r\n"
	}
	body, _ := json.Marshal(map[string]any{"message": message, key: 1})
	fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: %d\r\n%s\r\n%s", len(body), header, body)
}

// canaries are the forms of keys, by their first bytes in lower case.
type canaries map[string][]canary

type canary struct{ text, form string }

const canaryHead = 8

func newCanaries(keys []string) canaries {
	all := canaries{}
	for _, key := range keys {
		for form, echo := range secrettest.Forms(key) {
			quoted, _ := json.Marshal(echo)
			for _, shown := range []string{echo, strings.Trim(string(quoted), `"`), html.EscapeString(echo)} {
				shown = strings.ToLower(shown)
				all[shown[:canaryHead]] = append(all[shown[:canaryHead]], canary{shown, form})
			}
		}
	}
	return all
}

// find lists the forms that a text has, which is in lower case.
func (c canaries) find(text string) map[string]bool {
	found := map[string]bool{}
	for i := range max(0, len(text)-canaryHead) {
		for _, known := range c[text[i:i+canaryHead]] {
			if strings.HasPrefix(text[i:], known.text) {
				found[known.form] = true
			}
		}
	}
	return found
}

// Whatever a target makes of the keys that it is sent, no report has one, and no report does more
// than show text.
func TestNoKeyLeaves(t *testing.T) {
	t.Parallel()
	p := &parrot{}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go p.serve(conn)
		}
	}()
	result, err := conformance.Run(t.Context(), conformance.Target{
		URL: "http://" + listener.Addr().String(), Provisioner: p, Name: plaintest.Hostile, Version: plaintest.Hostile,
	}, conformance.WithRun("delete-track/*-gets-*", "get-track/*-gets-*", "list-tracks/*"), conformance.WithParallel(4))
	if err != nil {
		t.Fatal(err)
	}
	if len(result.Cases) < 10 || len(p.keys) < 10 || result.Counts[report.Failed] < 10 {
		t.Fatalf("%d cases, %d keys, %v", len(result.Cases), len(p.keys), result.Counts)
	}
	leaks := newCanaries(p.keys)
	for name, write := range map[string]func(*bytes.Buffer) error{
		"text":        func(b *bytes.Buffer) error { return result.WriteText(b, report.TextOptions{}) },
		"narrow text": func(b *bytes.Buffer) error { return result.WriteText(b, report.TextOptions{Width: 60}) },
		"JSON":        func(b *bytes.Buffer) error { return result.WriteJSON(b) },
		"JUnit":       func(b *bytes.Buffer) error { return result.WriteJUnit(b) },
		"HTML":        func(b *bytes.Buffer) error { return result.WriteHTML(b) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			if err := write(&b); err != nil {
				t.Fatal(err)
			}
			text := b.String()
			plaintest.Check(t, text)
			for form := range maps.Keys(leaks.find(strings.ToLower(text))) {
				t.Errorf("keys are shown: %s", form)
			}
		})
	}
}
