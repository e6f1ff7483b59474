package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/cmd/internal/command"
	"github.com/seed-5ec2a705/mtrack/conformance/testenv"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/redisurl"
)

// redisServer is a redis-server for one test, on an address that stays the
// same when it is stopped and started again.
type redisServer struct {
	binary, url string
	port        int
	args        []string
	process     *exec.Cmd
}

// startRedis starts a redis-server that keeps nothing on disk, unless further arguments of it say
// otherwise.
func startRedis(t testing.TB, args ...string) *redisServer {
	t.Helper()
	binary := testenv.Need(t, "redis-server")
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := free.Addr().(*net.TCPAddr).Port
	free.Close()
	s := &redisServer{binary: binary, url: fmt.Sprintf("redis://127.0.0.1:%d", port), port: port, args: args}
	s.start(t)
	t.Cleanup(s.stop)
	return s
}

// start starts it, empty, and waits until it answers.
func (s *redisServer) start(t testing.TB) {
	t.Helper()
	s.process = exec.Command(s.binary, append([]string{
		"--port", fmt.Sprint(s.port), "--bind", "127.0.0.1", "--dir", t.TempDir(), "--save", "", "--appendonly", "no",
	}, s.args...)...)
	if err := s.process.Start(); err != nil {
		t.Fatal(err)
	}
	client := s.client(t)
	deadline := time.Now().Add(10 * time.Second)
	for client.Ping(context.Background()).Err() != nil {
		if time.Now().After(deadline) {
			t.Fatalf("redis-server does not answer on %s", s.url)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// stop ends it as a crash would. It may be called twice.
func (s *redisServer) stop() {
	if s.process != nil {
		s.process.Process.Kill() // an error means that it has ended already
		s.process.Wait()
		s.process = nil
	}
}

// client returns a client that is closed at the end of the test.
func (s *redisServer) client(t testing.TB) redis.UniversalClient {
	t.Helper()
	client, err := redisurl.Open(s.url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

// TestServe_Redis takes Redis away and gives it back.
func TestServe_Redis(t *testing.T) {
	t.Parallel()
	server := startRedis(t)
	i := startServe(t, nil, "--redis", server.url, "--demo", "--admin-listen", "127.0.0.1:0", "--request-timeout", "1s")
	if strings.Contains(i.stderr.String(), "keeps nothing") {
		t.Error("serve does not use Redis")
	}
	creator := demoRequests(t, i)[0]
	ready := func() int {
		status, _, _ := ask(t, "GET", i.urls["admin"]+"/readyz", "")
		return status
	}
	library := func() (int, http.Header, string) {
		return ask(t, creator.method, creator.url, "", creator.headers...)
	}
	if status, _, _ := library(); status != http.StatusOK || ready() != http.StatusOK {
		t.Errorf("with Redis: %d, ready %d", status, ready())
	}
	server.stop()
	status, header, body := library()
	if status != http.StatusServiceUnavailable || header.Get("Retry-After") == "" || !strings.Contains(body, `"SERVICE_UNAVAILABLE"`) {
		t.Errorf("without Redis: %d %v %s", status, header, body)
	}
	if strings.Contains(body, "dial") || strings.Contains(body, "127.0.0.1") {
		t.Errorf("the answer tells of the inside: %s", body)
	}
	noticed := time.Now().Add(5 * time.Second)
	for ready() != http.StatusServiceUnavailable {
		if time.Now().After(noticed) {
			t.Fatal("without Redis it says that it is ready")
		}
		time.Sleep(10 * time.Millisecond)
	}
	if status, _, _ := ask(t, "GET", i.urls["admin"]+"/healthz", ""); status != http.StatusOK {
		t.Error("without Redis it says that it is dead")
	}
	server.start(t)
	deadline := time.Now().Add(10 * time.Second)
	for ready() != http.StatusOK {
		if time.Now().After(deadline) {
			t.Fatal("it does not recover")
		}
		time.Sleep(10 * time.Millisecond)
	}
	// The Redis came back empty, so the key is unknown: an answer it is.
	if status, _, body := library(); status != http.StatusUnauthorized {
		t.Errorf("with a new Redis: %d %s", status, body)
	}
	if status := i.end(t); status != exitOK {
		t.Errorf("exit status %d", status)
	}
}

// TestWaitForRedis starts commands before Redis: they say what they wait for,
// and work once it is there.
func TestWaitForRedis(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		args           []string
		waiting, works string // what standard error says
	}{
		{[]string{"serve", "--listen", "127.0.0.1:0"}, `msg="waiting for Redis"`, "msg=listening"},
		{[]string{"key", "list", "--user", "nobody"}, "waiting: ", "there is no user"},
	} {
		t.Run(row.args[0], func(t *testing.T) {
			t.Parallel()
			server := startRedis(t)
			server.stop()
			ctx, interrupt := context.WithCancel(t.Context())
			var stdout, stderr buffer
			ended := make(chan int, 1)
			go func() {
				ended <- run(ctx, command.Environment{Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Getenv: lookup(nil)},
					append(row.args, "--redis", server.url, "--wait-for-redis", "1m"))
			}()
			says := func(text string) {
				t.Helper()
				for deadline := time.Now().Add(10 * time.Second); !strings.Contains(stderr.String(), text); time.Sleep(time.Millisecond) {
					if time.Now().After(deadline) {
						t.Fatalf("it does not say %q but %s", text, &stderr)
					}
				}
			}
			says(row.waiting)
			if !strings.Contains(stderr.String(), "cannot be reached") {
				t.Errorf("it does not say why: %s", &stderr)
			}
			server.start(t)
			says(row.works)
			interrupt()
			<-ended
		})
	}
	for _, name := range []string{"serve", "export"} {
		got := carryOut(t.Context(), nil, name, "--redis", "redis://127.0.0.1:1", "--wait-for-redis", "-1s")
		if got.status != exitUsage || !strings.Contains(got.stderr, "--wait-for-redis: want nothing or more") {
			t.Errorf("%s: status %d: %s", name, got.status, got.stderr)
		}
		got = carryOut(t.Context(), nil, name, "--redis", "redis://127.0.0.1:1", "--wait-for-redis", "50ms")
		if got.status != exitFailed || !strings.Contains(got.stderr, "waited 50ms: the Redis at redis://127.0.0.1:1 cannot be reached") {
			t.Errorf("%s: status %d: %s", name, got.status, got.stderr)
		}
	}
}

// TestServe_RedisPassword wants to be told what is wrong with a password.
func TestServe_RedisPassword(t *testing.T) {
	t.Parallel()
	server := startRedis(t)
	if err := server.client(t).ConfigSet(t.Context(), "requirepass", "right-one").Err(); err != nil {
		t.Fatal(err)
	}
	address := strings.TrimPrefix(server.url, "redis://")
	for url, want := range map[string]string{
		"redis://" + address:                  "asks for a password",
		"redis://:wrong-one@" + address:       "refuses the password",
		"redis://nobody:wrong-one@" + address: "refuses the password",
	} {
		got := carryOut(t.Context(), []string{"MTRACK_REDIS", url}, "serve", "--listen", "127.0.0.1:0")
		if got.status != exitFailed || !strings.Contains(got.stderr, want) || !strings.Contains(got.stderr, address) || strings.Contains(got.stderr, "wrong-one") {
			t.Errorf("%s: status %d: %s", url, got.status, got.stderr)
		}
	}
	i := startServe(t, []string{"MTRACK_REDIS", "redis://:right-one@" + address})
	if status := i.end(t); status != exitOK || strings.Contains(i.stderr.String(), "right-one") {
		t.Errorf("status %d: %s", status, i.stderr)
	}
}

// TestServe_RedisPermissions wants to be told what the Redis user may not do, also where the first
// question already is refused.
func TestServe_RedisPermissions(t *testing.T) {
	t.Parallel()
	server := startRedis(t)
	client := server.client(t)
	url := strings.Replace(server.url, "://", "://limited:secret@", 1)
	for _, command := range []string{"rpush", "exists"} {
		if err := client.Do(t.Context(), "ACL", "SETUSER", "limited", "reset", "on", ">secret", "~*", "+@all", "-"+command).Err(); err != nil {
			t.Fatal(err)
		}
		got := carryOut(t.Context(), []string{"MTRACK_REDIS", url}, "serve", "--listen", "127.0.0.1:0")
		if want := "may not run " + command + ";"; got.status != exitFailed || !strings.Contains(got.stderr, want) ||
			!strings.Contains(got.stderr, redisstore.UserACL("limited")) {
			t.Errorf("without %s: status %d: %s", command, got.status, got.stderr)
		}
	}
	if err := client.Do(t.Context(), "ACL", "SETUSER", "limited", "+@all", "-acl").Err(); err != nil {
		t.Fatal(err)
	}
	i := startServe(t, []string{"MTRACK_REDIS", url})
	if status := i.end(t); status != exitOK || !strings.Contains(i.stderr.String(), "cannot check what the Redis user may do") {
		t.Errorf("status %d: %s", status, i.stderr)
	}
}

// TestServe_RedisUnfit wants to be told what answers there, where waiting for it would be in vain
// and where not.
func TestServe_RedisUnfit(t *testing.T) {
	t.Parallel()
	server := startRedis(t)
	address := strings.TrimPrefix(server.url, "redis://")
	web := httptest.NewServer(http.NotFoundHandler())
	defer web.Close()
	const elsewhere = "names the right server"
	unfit := map[string]string{
		server.url + "/99":              elsewhere,
		"redis+cluster://" + address:    elsewhere,
		"redis" + web.URL[len("http"):]: "is not a Redis",
	}
	refuses := func(url, want string) {
		t.Helper()
		got := carryOut(t.Context(), []string{"MTRACK_REDIS", url}, "serve", "--listen", "127.0.0.1:0")
		if got.status != exitFailed || !strings.Contains(got.stderr, want) || !strings.Contains(got.stderr, url) {
			t.Errorf("%s: status %d: %s; want something about %q", url, got.status, got.stderr, want)
		}
	}
	for url, want := range unfit {
		refuses(url, want)
	}
	client := server.client(t)
	if err := errors.Join(client.ConfigSet(t.Context(), "replica-serve-stale-data", "no").Err(),
		client.Do(t.Context(), "REPLICAOF", "127.0.0.1", "1").Err()); err != nil {
		t.Fatal(err)
	}
	refuses(server.url, "try again when it is")
}
