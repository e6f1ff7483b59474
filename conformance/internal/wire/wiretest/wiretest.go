// Package wiretest serves raw connections to tests: what a server says byte by byte.
package wiretest

import (
	"bufio"
	"net"
	"strings"
	"testing"
)

// Serve gives each connection to a function, and returns the target's URL.
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

// ReadHead reads a request up to its empty line.
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
