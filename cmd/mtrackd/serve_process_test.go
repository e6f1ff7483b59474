//go:build unix

package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// init sets the limit of open files that [asMtrackd] asks for.
func init() {
	limit := os.Getenv(asMtrackd)
	if limit == "" {
		return
	}
	n, err := strconv.ParseUint(limit, 10, 64)
	if err == nil {
		err = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: n, Max: n})
	}
	if err != nil {
		panic(err)
	}
}

// child is a serve in a process of its own.
type child struct {
	*exec.Cmd
	stderr *buffer
	urls   map[string]string
}

// startProcess starts serve in a process with a limit of open files, if any,
// and waits until it listens. It is killed at the end of the test.
func startProcess(t *testing.T, limit string, args ...string) *child {
	t.Helper()
	c := &child{exec.Command(os.Args[0], append([]string{"serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--log-format", "json"}, args...)...), &buffer{}, map[string]string{}}
	c.Env = append(os.Environ(), asMtrackd+"="+limit)
	c.Stderr = c.stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Process.Kill()
		c.Wait()
		if t.Failed() {
			t.Logf("log:\n%s", c.stderr)
		}
	})
	c.await(t, func() bool {
		for line := range strings.Lines(c.stderr.String()) {
			var entry struct{ Msg, For, Address string }
			if err := json.Unmarshal([]byte(line), &entry); err == nil && entry.Msg == "listening" {
				c.urls[entry.For] = "http://" + entry.Address
			}
		}
		return len(c.urls) == 2
	})
	return c
}

// await waits until something is so.
func (c *child) await(t *testing.T, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !so(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("waited in vain")
		}
	}
}

// kept is a connection that is used again.
type kept struct {
	net.Conn
	reader *bufio.Reader
}

// connect opens a connection to the API.
func (c *child) connect(t *testing.T) *kept {
	t.Helper()
	connection, err := net.Dial("tcp", strings.TrimPrefix(c.urls["API"], "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close() })
	return &kept{connection, bufio.NewReader(connection)}
}

// delete sends a delete without a key and returns its response.
func (k *kept) delete(t *testing.T) *http.Response {
	t.Helper()
	k.SetDeadline(time.Now().Add(20 * time.Second))
	io.WriteString(k, "DELETE /v1/music/o/tracks/t HTTP/1.1\r\nHost: x\r\nX-API-Key: ak_unknown\r\n\r\n")
	response, err := http.ReadResponse(k.reader, nil)
	if err != nil {
		t.Fatalf("no response: %v", err)
	}
	io.Copy(io.Discard, response.Body)
	response.Body.Close()
	return response
}

// TestProcess_Delay ends a process as an orchestrator does. While it is not
// ready any more it goes on, on every connection; a second signal ends it at
// once.
func TestProcess_Delay(t *testing.T) {
	t.Parallel()
	c := startProcess(t, "", "--shutdown-delay", "1h")
	var lines []*kept
	for range 5 {
		l := c.connect(t)
		l.delete(t)
		lines = append(lines, l)
	}
	c.Process.Signal(syscall.SIGTERM)
	c.await(t, func() bool { return strings.Contains(c.stderr.String(), "requests are still taken") })
	if status, _, body := ask(t, "GET", c.urls["admin"]+"/readyz", ""); status != http.StatusServiceUnavailable {
		t.Errorf("ready after SIGTERM: %d %s", status, body)
	}
	if status, _, body := ask(t, "GET", c.urls["admin"]+"/healthz", ""); status != http.StatusOK {
		t.Errorf("not alive after SIGTERM: %d %s", status, body)
	}
	for range 20 {
		lines = append(lines, c.connect(t))
	}
	for _, l := range lines {
		if r := l.delete(t); r.StatusCode != http.StatusUnauthorized || !r.Close {
			t.Errorf("during the delay: %d, close %v", r.StatusCode, r.Close)
		}
	}
	c.Process.Signal(syscall.SIGTERM)
	err := c.Wait()
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGTERM {
		t.Errorf("after a second signal: %v", err)
	}
}

// TestProcess_FewDescriptors gives a process few files and opens more
// connections to it than that. Who was connected goes on, and so do Redis and
// the admin listener.
func TestProcess_FewDescriptors(t *testing.T) {
	t.Parallel()
	redis := startRedis(t)
	c := startProcess(t, "200", "--redis", redis.url)
	established := c.connect(t)
	established.delete(t)
	for range 500 {
		c.connect(t)
	}
	c.await(t, func() bool { return strings.Contains(c.stderr.String(), "no connection is free") })
	for range 20 {
		if r := established.delete(t); r.StatusCode != http.StatusUnauthorized {
			t.Errorf("a delete beside 500 idle connections: %d", r.StatusCode)
		}
	}
	redis.client(t).ClientKillByFilter(t.Context(), "TYPE", "normal") // Redis has to be dialled again
	if r := established.delete(t); r.StatusCode != http.StatusUnauthorized {
		t.Errorf("a delete on new connections to Redis: %d", r.StatusCode)
	}
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
		if status, _, body := ask(t, "GET", c.urls["admin"]+path, "", "Connection: close"); status != http.StatusOK {
			t.Errorf("%s beside 500 idle connections: %d %s", path, status, body)
		}
	}
	if log := c.stderr.String(); strings.Contains(log, "too many open files") {
		t.Errorf("out of files: %s", log)
	}
}

// TestProcess_LogNobodyReads fills the pipe of the log, which nobody reads after
// the first lines. Requests get their responses, many more than the pipe takes
// lines of, and the process ends in time: with 0, and with 1 where
// it has an error to tell.
func TestProcess_LogNobodyReads(t *testing.T) {
	t.Parallel()
	for _, cut := range []bool{false, true} {
		t.Run(map[bool]string{false: "finished", true: "cut off"}[cut], func(t *testing.T) {
			t.Parallel()
			log, end, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer log.Close()
			c := &child{exec.Command(os.Args[0], "serve", "--listen", "127.0.0.1:0", "--log-format", "json", "--shutdown-timeout", "200ms"), nil, map[string]string{}}
			c.Env = append(os.Environ(), asMtrackd+"=")
			c.Stderr = end
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			end.Close()
			ended := make(chan error, 1)
			defer func() { c.Process.Kill() }()
			go func() { ended <- c.Wait() }()
			for lines := bufio.NewReader(log); c.urls["API"] == ""; {
				line, err := lines.ReadBytes('\n')
				if err != nil {
					t.Fatal(err)
				}
				var entry struct{ Msg, Address string }
				if json.Unmarshal(line, &entry); entry.Msg == "listening" {
					c.urls["API"] = "http://" + entry.Address
				}
			}
			k := c.connect(t)
			for range 2000 {
				if r := k.delete(t); r.StatusCode != http.StatusUnauthorized {
					t.Fatalf("a delete: %d", r.StatusCode)
				}
			}
			want := exitOK
			if cut {
				want = exitFailed
				io.WriteString(k, "DELETE /v1/music/o/tracks/t HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n1")
				c.connect(t).delete(t) // later than the beginning of the other one
				time.Sleep(50 * time.Millisecond)
			}
			c.Process.Signal(syscall.SIGTERM)
			select {
			case <-ended:
			case <-time.After(10 * time.Second): // of 1.3, on a busy machine
				t.Fatal("it does not end")
			}
			if got := c.ProcessState.ExitCode(); got != want {
				t.Errorf("exit status %d, want %d", got, want)
			}
		})
	}
}
