// Package redistest gives tests a Redis: a server of their own, started from
// the redis-server binary, or the one that MTRACK_TEST_REDIS_URL names, under
// a prefix of their own. Nothing is ever flushed on the latter.
package redistest

import (
	"bufio"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/conformance/testenv"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/redisurl"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/registry"
)

// EnvURL names the variable with the URL of a Redis to use.
const EnvURL = "MTRACK_TEST_REDIS_URL"

// Redis is a server for one test.
type Redis struct {
	URL    string
	Prefix string // for every key of the test
	// Own is set where the server was started for this test alone: it may be
	// flushed, configured and stopped.
	Own bool

	address string
	process *exec.Cmd
	args    []string
}

// Start returns a Redis for the test, which ends as package testenv says where
// there is none.
func Start(t testing.TB) *Redis {
	t.Helper()
	if url := os.Getenv(EnvURL); url != "" {
		return &Redis{URL: url, Prefix: "mtrack-test:" + rand.Text() + ":"}
	}
	return Own(t)
}

// Own starts a server for the test alone, with further arguments of
// redis-server. It keeps nothing on disk unless they say so.
func Own(t testing.TB, args ...string) *Redis {
	t.Helper()
	binary := testenv.Need(t, "redis-server")
	port := freePort(t)
	address := fmt.Sprintf("127.0.0.1:%d", port)
	r := &Redis{
		URL:     "redis://" + address,
		Prefix:  "mtrack-test:",
		Own:     true,
		address: address,
		args: append([]string{
			binary, "--port", fmt.Sprint(port), "--bind", "127.0.0.1", "--dir", t.TempDir(),
			"--save", "", "--appendonly", "no", "--logfile", filepath.Join(t.TempDir(), "redis.log"),
		}, args...),
	}
	r.Restart(t)
	t.Cleanup(func() { r.Stop() })
	return r
}

// Stop kills an own server, as a crash would.
func (r *Redis) Stop() {
	if r.process == nil {
		return
	}
	r.process.Process.Kill() // an error means that it has ended already
	r.process.Wait()
	r.process = nil
}

// Suspend stops an own server without ending it or its connections, until
// Resume: so a machine that hangs looks to others.
func (r *Redis) Suspend(t testing.TB) { r.signal(t, "-STOP") }

// Resume lets a suspended server go on.
func (r *Redis) Resume(t testing.TB) { r.signal(t, "-CONT") }

func (r *Redis) signal(t testing.TB, name string) {
	t.Helper()
	if output, err := exec.Command("kill", name, fmt.Sprint(r.process.Process.Pid)).CombinedOutput(); err != nil {
		t.Fatalf("kill %s: %v: %s", name, err, output)
	}
}

// Replica starts a replica of an own server, with further arguments of
// redis-server, and waits until it has what the server has.
func (r *Redis) Replica(t testing.TB, args ...string) *Redis {
	t.Helper()
	host, port, err := net.SplitHostPort(r.address)
	if err != nil {
		t.Fatal(err)
	}
	replica := Own(t, append([]string{"--replicaof", host + " " + port, "--repl-diskless-sync-delay", "0"}, args...)...)
	replica.AwaitSync(t)
	return replica
}

// AwaitSync waits until an own server that was made a replica follows its
// master.
func (r *Redis) AwaitSync(t testing.TB) {
	t.Helper()
	client := r.Client(t)
	deadline := time.Now().Add(20 * time.Second)
	for {
		info, err := client.Info(context.Background(), "replication").Result()
		if err == nil && strings.Contains(info, "master_link_status:up") {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the replica on %s does not follow: %v\n%s", r.address, err, info)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// Restart starts an own server again, on the same address, after stopping it.
func (r *Redis) Restart(t testing.TB) {
	t.Helper()
	r.Stop()
	r.process = exec.Command(r.args[0], r.args[1:]...)
	if err := r.process.Start(); err != nil {
		t.Fatalf("start redis-server: %v", err)
	}
	deadline := time.Now().Add(20 * time.Second)
	for !r.answers() {
		if time.Now().After(deadline) {
			t.Fatalf("redis-server on %s does not answer", r.address)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// answers reports whether the server is up and has loaded its data. It asks
// without the client library, which would report every failure.
func (r *Redis) answers() bool {
	conn, err := net.DialTimeout("tcp", r.address, time.Second)
	if err != nil {
		return false
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(time.Second)) // an error shows in what follows
	if _, err := io.WriteString(conn, "PING\r\n"); err != nil {
		return false
	}
	answer, err := bufio.NewReader(conn).ReadString('\n')
	// A server that asks for a password is up too.
	return err == nil && (strings.HasPrefix(answer, "+PONG") || strings.HasPrefix(answer, "-NOAUTH"))
}

// Address is where an own server listens.
func (r *Redis) Address() string { return r.address }

// Client returns a client, closed at the end of the test.
func (r *Redis) Client(t testing.TB) redis.UniversalClient {
	t.Helper()
	client, err := redisurl.Open(r.URL)
	if err != nil {
		t.Fatalf("open %s: %v", redisurl.Redact(r.URL), err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

// Store returns a store on the server, closed at the end of the test.
func (r *Redis) Store(t testing.TB, options ...redisstore.Option) *redisstore.Store {
	t.Helper()
	store := redisstore.New(r.Client(t), append([]redisstore.Option{redisstore.WithPrefix(r.Prefix)}, options...)...)
	t.Cleanup(store.Close)
	return store
}

// Registry returns a registry on the server.
func (r *Redis) Registry(t testing.TB) *registry.Registry {
	t.Helper()
	return registry.New(r.Client(t), registry.WithPrefix(r.Prefix))
}

func freePort(t testing.TB) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}
