package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/seed-5ec2a705/mtrack/cmd/internal/command"
)

// FuzzServer sends bytes to a whole server. What comes back, if anything, is a
// documented response in the envelope, or one of those that net/http gives by
// itself; it is never a 5xx, and the server goes on.
func FuzzServer(f *testing.F) {
	address, log := startFuzzed(f)
	get := "GET /v1/music/org_demo/tracks/mtrack_x HTTP/1.1\r\nHost: h\r\n"
	for _, seed := range []string{
		get + "\r\n", get + "X-API-Key: k\r\n\r\n", get + "Authorization: Bearer k\r\n\r\n" + get + "\r\n",
		"DELETE /v1/music/o/tracks/mtrack_%00 HTTP/1.1\r\nHost: h\r\nX-API-Key: k\r\nContent-Length: 3\r\n\r\nabc",
		"DELETE /v1/music/o/tracks/%2F/save HTTP/1.1\r\nHost: h\r\nX-API-Key: k\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
		"DELETE //v1/music/../o/tracks/. HTTP/1.0\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n0\r\n\r\n",
		"GET /v1/music/o/tracks?limit=1e9&offset=-1 HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n",
		"OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", "CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
		"GET http://other/v1 HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", "\x16\x03\x01\x00\x00", "", "HEAD 0 HTTP/1.0",
		"HEAD /v1/music/o/tracks HTTP/1.1\r\nHost: h\r\nRange: bytes=0-0\r\nIf-None-Match: *\r\nAccept: a/b\r\n\r\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		connection, err := net.DialTimeout("tcp", address, 5*time.Second)
		if err != nil {
			t.Fatalf("the server is gone: %v\n%s", err, log)
		}
		defer connection.Close()
		connection.SetDeadline(time.Now().Add(5 * time.Second))
		if _, err := connection.Write(input); err == nil {
			connection.(*net.TCPConn).CloseWrite()
		}
		heads := methods(input)
		in := bufio.NewReader(connection)
		for n := 0; ; n++ {
			if _, err := in.Peek(1); err != nil {
				break // closed, also in place of a response
			}
			request := &http.Request{Method: http.MethodGet}
			if n < len(heads) {
				request.Method = heads[n]
			}
			response, err := http.ReadResponse(in, request)
			if err != nil {
				t.Fatalf("what came back is no response: %v", err)
			}
			body, err := io.ReadAll(response.Body)
			if err != nil {
				break // of a HEAD that was not recognized as one
			}
			checkFuzzed(t, response, body)
			if response.Close { // net/http gives a body to a HEAD that it refuses by itself
				if rest, err := io.ReadAll(in); err == nil && bytes.Contains(rest, []byte("HTTP/1.")) {
					t.Fatalf("after a response that ends the connection came another: %q", rest)
				}
				break
			}
		}
		if strings.Contains(log.String(), "panic") {
			t.Fatalf("the server panicked:\n%s", log)
		}
	})
}

// startFuzzed starts a server on the in-memory store, which logs errors alone.
func startFuzzed(f *testing.F) (address string, log *buffer) {
	f.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		f.Fatal(err)
	}
	address, log = free.Addr().String(), &buffer{}
	free.Close()
	ctx, interrupt := context.WithCancel(context.Background())
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, command.Environment{Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: log, Getenv: lookup(nil)},
			[]string{"serve", "--listen", address, "--log-level", "error", "--shutdown-delay", "0"})
	}()
	f.Cleanup(func() {
		interrupt()
		<-ended
	})
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		connection, err := net.Dial("tcp", address)
		if err == nil {
			connection.Close()
			return address, log
		}
		if time.Now().After(deadline) {
			f.Fatalf("serve does not listen: %v\n%s", err, log)
		}
	}
}

var requestLine = regexp.MustCompile(`(?m)^([A-Z]+) \S+ HTTP/1\.[01]\r?$`)

// methods returns the methods of what looks like the requests of an input.
func methods(input []byte) (all []string) {
	for _, match := range requestLine.FindAllSubmatch(input, -1) {
		all = append(all, string(match[1]))
	}
	return all
}

// checkFuzzed refuses a response that is neither documented nor net/http's.
func checkFuzzed(t *testing.T, response *http.Response, body []byte) {
	t.Helper()
	status := response.StatusCode
	switch {
	case status == http.StatusContinue:
		return
	case status == http.StatusNotImplemented || status == http.StatusHTTPVersionNotSupported:
		// net/http's, for a Transfer-Encoding and a version that it does not know
	case status < 200 || status >= 300 && status < 400 || status >= 500:
		t.Errorf("status %d: %.300s", status, body)
	}
	if response.Header.Get("X-Request-Id") == "" {
		return // net/http's own: the request never reached us
	}
	var envelope struct {
		Success *bool
		Error   *struct {
			Status  int
			TraceID string `json:"trace_id"`
		}
	}
	if len(body) == 0 {
		return // of a HEAD
	}
	if err := json.Unmarshal(body, &envelope); err != nil {
		t.Errorf("status %d with a body that is no JSON: %.300s", status, body)
	} else if status >= 400 && (envelope.Success == nil || *envelope.Success || envelope.Error == nil || envelope.Error.Status != status ||
		envelope.Error.TraceID != response.Header.Get("X-Request-Id")) {
		t.Errorf("status %d without the envelope: %.300s", status, body)
	}
}
