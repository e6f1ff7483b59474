package main

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/seed-5ec2a705/mtrack/cmd/internal/build"
	"github.com/seed-5ec2a705/mtrack/cmd/mtrackd/internal/admin"
)

// eventually fails the test unless the condition comes true.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	deadline := time.Now().Add(15 * time.Second)
	for !condition() {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// configure sets a setting of Redis.
func (s *redisServer) configure(t *testing.T, name, value string) {
	t.Helper()
	if err := s.client(t).ConfigSet(t.Context(), name, value).Err(); err != nil {
		t.Fatal(err)
	}
}

// TestServe_RequireDurable starts on a Redis that keeps nothing, and on one that
// does.
func TestServe_RequireDurable(t *testing.T) {
	t.Parallel()
	server := startRedis(t)
	server.configure(t, "maxmemory", "1gb")
	server.configure(t, "maxmemory-policy", "allkeys-lru")
	got := carryOut(t.Context(), nil, "serve", "--listen", "127.0.0.1:0", "--redis", server.url, "--require-durable")
	for _, want := range []string{"--require-durable", "appendonly", "CONFIG SET appendonly yes", "maxmemory-policy", "CONFIG SET maxmemory-policy noeviction"} {
		if got.status != exitFailed || !strings.Contains(got.stderr, want) {
			t.Errorf("status %d, no %q in %s", got.status, want, got.stderr)
		}
	}

	careless := startServe(t, nil, "--redis", server.url, "--admin-listen", "127.0.0.1:0")
	for _, want := range []string{`"level":"WARN"`, `"setting":"appendonly"`, `"setting":"maxmemory-policy"`, "CONFIG SET appendonly yes"} {
		if !strings.Contains(careless.stderr.String(), want) {
			t.Errorf("no %q in the log: %s", want, careless.stderr)
		}
	}
	_, _, counted := ask(t, "GET", careless.urls["admin"]+"/metrics", "")
	for _, want := range []string{`mtrack_redis_durability_risk{setting="appendonly"} 1`, `mtrack_redis_durability_risk{setting="replicaof"} 0`} {
		if !strings.Contains(counted, want) {
			t.Errorf("no %s in the metrics", want)
		}
	}
	careless.end(t)

	server.configure(t, "appendonly", "yes")
	server.configure(t, "maxmemory-policy", "noeviction")
	careful := startServe(t, []string{"MTRACK_REQUIRE_DURABLE", "true"}, "--redis", server.url)
	if log := careful.stderr.String(); strings.Contains(log, `"level":"WARN"`) || !strings.Contains(log, "everysec") {
		t.Errorf("the log warns, or does not tell of the last second: %s", log)
	}
	if status := careful.end(t); status != exitOK {
		t.Errorf("exit status %d", status)
	}

	for _, flags := range [][]string{{"--require-durable"}, {"--replicas", "1"}, {"--replicas", "-1", "--redis", server.url}} {
		got := carryOut(t.Context(), nil, append([]string{"serve", "--listen", "127.0.0.1:0"}, flags...)...)
		if got.status != exitUsage || !strings.Contains(got.stderr, flags[0]) {
			t.Errorf("%v: status %d: %s", flags, got.status, got.stderr)
		}
	}
}

// TestServe_Watch changes the settings while they are watched: the log is told
// once of each change.
func TestServe_Watch(t *testing.T) {
	t.Parallel()
	server := startRedis(t)
	var log buffer
	watch := admin.NewWatch(server.client(t), 0, slog.New(slog.NewTextHandler(&log, nil)))
	defer watch.Start(5 * time.Millisecond)()
	metrics := newMetrics(build.Read())
	metrics.registry.MustRegister(watch.Collector())
	risks := func() string {
		recorder := httptest.NewRecorder()
		metrics.handler().ServeHTTP(recorder, httptest.NewRequest("GET", "/metrics", nil))
		return recorder.Body.String()
	}
	eventually(t, "a warning", func() bool { return strings.Contains(log.String(), "setting=appendonly") })
	eventually(t, "a risk in the metrics", func() bool { return strings.Contains(risks(), `{setting="appendonly"} 1`) })
	time.Sleep(50 * time.Millisecond) // several looks more
	if n := strings.Count(log.String(), "setting=appendonly"); n != 1 {
		t.Errorf("%d lines about one setting", n)
	}
	server.configure(t, "appendonly", "yes")
	eventually(t, "the end of the risk", func() bool {
		return strings.Contains(log.String(), "no longer") && strings.Contains(risks(), `{setting="appendonly"} 0`)
	})
	server.stop()
	eventually(t, "that it cannot be found out", func() bool { return strings.Contains(log.String(), "cannot be found out") })
}

// TestServe_Replicas deletes with no replica to confirm it, and with one.
func TestServe_Replicas(t *testing.T) {
	t.Parallel()
	server, replica := startRedis(t), startRedis(t)
	i := startServe(t, []string{"MTRACK_REPLICAS", "1"}, "--redis", server.url, "--demo", "--admin-listen", "127.0.0.1:0", "--request-timeout", "500ms")
	if !strings.Contains(i.stderr.String(), `"setting":"replicas"`) {
		t.Errorf("the log does not tell of the missing replica: %s", i.stderr)
	}
	requests := demoRequests(t, i)
	library, remove := requests[0], requests[5]
	status, header, body := ask(t, "DELETE", remove.url, "", remove.headers...)
	if status != http.StatusServiceUnavailable || header.Get("Retry-After") == "" ||
		!strings.Contains(body, "Outcome unknown") || !strings.Contains(body, "again") {
		t.Errorf("without a replica: %d %v %s", status, header, body)
	}
	if status, _, body := ask(t, "GET", library.url, "", library.headers...); status != http.StatusOK {
		t.Errorf("a list without a replica: %d %s", status, body)
	}
	if status, _, body := ask(t, "GET", i.urls["admin"]+"/readyz", ""); status != http.StatusServiceUnavailable || !strings.Contains(body, "0 of 1 replicas") {
		t.Errorf("ready while no delete can succeed: %d %s", status, body)
	}
	if err := replica.client(t).Do(t.Context(), "REPLICAOF", "127.0.0.1", server.port).Err(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "ready", func() bool {
		status, _, _ := ask(t, "GET", i.urls["admin"]+"/readyz", "")
		return status == http.StatusOK
	})
	if status, _, body := ask(t, "DELETE", remove.url, "", remove.headers...); status != http.StatusNotFound {
		t.Errorf("the delete again, with a replica: %d %s", status, body)
	}
	if status := i.end(t); status != exitOK {
		t.Errorf("exit status %d", status)
	}
}

// TestServe_ReadyWrites takes Redis its memory: it reads, and no delete succeeds.
func TestServe_ReadyWrites(t *testing.T) {
	t.Parallel()
	server := startRedis(t)
	i := startServe(t, nil, "--redis", server.url, "--admin-listen", "127.0.0.1:0")
	server.configure(t, "maxmemory", "1")
	if status, _, body := ask(t, "GET", i.urls["admin"]+"/readyz", ""); status != http.StatusServiceUnavailable || !strings.Contains(body, "OOM") {
		t.Errorf("without memory: %d %s", status, body)
	}
	if _, _, counted := ask(t, "GET", i.urls["admin"]+"/metrics", ""); !strings.Contains(counted, "\nmtrack_ready 0\n") {
		t.Errorf("without memory the metrics do not say that the server is not ready:\n%s", counted)
	}
	server.configure(t, "maxmemory", "0")
	eventually(t, "ready", func() bool {
		status, _, _ := ask(t, "GET", i.urls["admin"]+"/readyz", "")
		return status == http.StatusOK
	})
	if _, _, counted := ask(t, "GET", i.urls["admin"]+"/metrics", ""); !strings.Contains(counted, "\nmtrack_ready 1\n") {
		t.Errorf("the metrics do not say that the server is ready:\n%s", counted)
	}
}
