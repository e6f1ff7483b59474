// Package wiretest serves raw connections to tests: a server as the bytes that it sends. Any test
// of the suite may use it; it imports only the standard library.
package wiretest

import (
	"bufio"
	"net"
	"strings"
	"testing"
)

// Serve listens until the end of the test, calls serve for each connection and closes it
// afterwards, and returns the URL of the listener.
func Serve(t testing.TB, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				serve(conn)
			}()
		}
	}()
	return "http://" + l.Addr().String()
}

// ReadHead reads the request line and the header. The reader has what follows.
func ReadHead(conn net.Conn) (*bufio.Reader, string) {
	r := bufio.NewReader(conn)
	var head strings.Builder
	for {
		line, err := r.ReadString('\n')
		head.WriteString(line)
		if err != nil || line == "\r\n" {
			return r, head.String()
		}
	}
}
