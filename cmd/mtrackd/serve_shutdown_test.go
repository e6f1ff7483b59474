package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// halfRequest opens a connection and sends a delete but for the end of its
// body.
func halfRequest(t *testing.T, i *instance) net.Conn {
	t.Helper()
	connection, err := net.Dial("tcp", strings.TrimPrefix(i.urls["API"], "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close() })
	connection.SetDeadline(time.Now().Add(10 * time.Second))
	fmt.Fprintf(connection, "DELETE /v1/music/o/tracks/t HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n1")
	// Nothing tells from outside when the server has begun to work on it. A
	// request on another connection, answered, is later than that.
	ask(t, "GET", i.urls["API"]+"/", "")
	time.Sleep(50 * time.Millisecond)
	return connection
}

// TestServe_Drains wants requests in progress answered, and no new ones.
func TestServe_Drains(t *testing.T) {
	t.Parallel()
	i := startServe(t, nil, "--admin-listen", "127.0.0.1:0")
	connection := halfRequest(t, i)
	i.interrupt()
	deadline := time.Now().Add(5 * time.Second)
	for !strings.Contains(i.stderr.String(), "shutting down") {
		if time.Now().After(deadline) {
			t.Fatal("it does not shut down")
		}
		time.Sleep(time.Millisecond)
	}
	if status, _, body := ask(t, "GET", i.urls["admin"]+"/readyz", ""); status != http.StatusServiceUnavailable || !strings.Contains(body, "shutting down") {
		t.Errorf("ready while it shuts down: %d %s", status, body)
	}
	if c, err := net.Dial("tcp", strings.TrimPrefix(i.urls["API"], "http://")); err == nil {
		c.Close()
		t.Error("new connections are taken")
	}
	io.WriteString(connection, "2")
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusUnauthorized || !response.Close {
		t.Errorf("the request in progress got %d, close %v", response.StatusCode, response.Close)
	}
	if status := i.end(t); status != exitOK {
		t.Errorf("exit status %d", status)
	}
}

// TestServe_CutsOff wants an end also where a caller never finishes.
func TestServe_CutsOff(t *testing.T) {
	t.Parallel()
	i := startServe(t, nil, "--shutdown-timeout", "50ms")
	halfRequest(t, i)
	if status := i.end(t); status != exitFailed || !strings.Contains(i.stderr.String(), "cut off") {
		t.Errorf("exit status %d: %s", status, i.stderr)
	}
}
