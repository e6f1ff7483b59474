//go:build unix

package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/testenv"
)

// fleet sends requests to servers that are ready, in turn, and looks which they are, as a proxy
// does. It sends nothing twice.
type fleet struct {
	client *http.Client

	mu      sync.Mutex
	members map[*child]bool // → ready
	turn    []*child        // those that are
}

// add adds a server, which gets requests once it is ready.
func (f *fleet) add(c *child) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.members[c] = false
}

// remove forgets a server.
func (f *fleet) remove(c *child) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.members, c)
}

// look asks every server whether it is ready.
func (f *fleet) look() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.turn = nil
	for c := range f.members {
		response, err := f.client.Get(c.urls["admin"] + "/readyz")
		f.members[c] = err == nil && response.StatusCode == http.StatusOK
		if err == nil {
			io.Copy(io.Discard, response.Body)
			response.Body.Close()
		}
		if f.members[c] {
			f.turn = append(f.turn, c)
		}
	}
}

// isReady reports what look has found of a server.
func (f *fleet) isReady(c *child) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.members[c]
}

// send sends the n-th request, and returns its status.
func (f *fleet) send(n int64, method, path string) (int, error) {
	f.mu.Lock()
	if len(f.turn) == 0 {
		f.mu.Unlock()
		return 0, fmt.Errorf("no server is ready")
	}
	origin := f.turn[n%int64(len(f.turn))].urls["API"]
	f.mu.Unlock()
	request, err := http.NewRequest(method, origin+path, nil)
	if err != nil {
		return 0, err
	}
	request.Header.Set("X-API-Key", "ak_one")
	response, err := f.client.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return response.StatusCode, err
}

// TestProcess_Upgrade replaces two servers one after the other, as operations.md says, while
// callers delete track after track, none of which they delete twice: not one request fails.
func TestProcess_Upgrade(t *testing.T) {
	testenv.Slow(t)
	t.Parallel()
	const tracks = 4000
	redis := startRedis(t)
	var world strings.Builder
	world.WriteString(`{"organization":{"id":"org_1"}}
{"user":{"id":"user_1","member_of":["org_1"],"keys":[{"secret":"ak_one","label":"first"}]}}
`)
	for n := range tracks {
		fmt.Fprintf(&world, `{"track":{"id":"mtrack_%d","organization_id":"org_1","creator":"user_1","title":"t","engine":"studio","mode":"creation","licence_class":"unclear","created_at":"2026-06-28T10:30:00Z"}}`+"\n", n)
	}
	database{redis.url}.succeed(t, world.String(), "import", "-")

	f := &fleet{client: &http.Client{Timeout: 10 * time.Second}, members: map[*child]bool{}}
	start := func() *child {
		c := startProcess(t, "", "--redis", redis.url, "--shutdown-delay", "3s")
		f.add(c)
		return c
	}
	var over atomic.Bool
	var working sync.WaitGroup
	defer working.Wait()
	defer over.Store(true)
	old := []*child{start(), start()}
	f.look()
	working.Go(func() {
		for !over.Load() {
			f.look()
			time.Sleep(20 * time.Millisecond)
		}
	})
	var sent atomic.Int64
	for range 4 {
		working.Go(func() {
			for !over.Load() {
				n := sent.Add(1) - 1
				method, path := http.MethodDelete, fmt.Sprintf("/v1/music/org_1/tracks/mtrack_%d", n)
				if n >= tracks {
					method, path = http.MethodGet, "/v1/music/org_1/tracks"
				}
				if status, err := f.send(n, method, path); err != nil || status != http.StatusOK {
					t.Errorf("%s %s: %d, %v", method, path, status, err)
				}
				time.Sleep(10 * time.Millisecond)
			}
		})
	}
	for _, before := range old {
		after := start()
		after.await(t, func() bool { return f.isReady(after) })
		before.Process.Signal(syscall.SIGTERM)
		if err := before.Wait(); err != nil {
			t.Errorf("the old server ended with %v", err)
		}
		f.remove(before)
	}
	over.Store(true)
	working.Wait()
	t.Logf("%d requests", sent.Load())
	if sent.Load() < 100 {
		t.Errorf("only %d requests", sent.Load())
	}
}
