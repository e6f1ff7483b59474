package conformance

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"
)

// endpoint is a parsed target.
type endpoint struct {
	origin  string // "https://host:port"
	prefix  string // in front of /v1, without a trailing slash; may be ""
	address string // host:port to dial
	host    string // of the Host field
	// userAgent is the User-Agent of every request that has none of its own.
	userAgent string
	tls       *tls.Config
}

// parseEndpoint reads a target's URL: the origin plus any prefix in front of /v1. The error says what is wrong with the URL,
// and what to give instead.
func parseEndpoint(target, userAgent string, tlsConfig *tls.Config) (*endpoint, error) {
	bad := func(format string, arguments ...any) (*endpoint, error) {
		return nil, fmt.Errorf("%q: %s", target, fmt.Sprintf(format, arguments...))
	}
	if target == "" {
		return nil, errors.New("missing: give the origin of the implementation, such as http://127.0.0.1:8080")
	}
	u, err := url.Parse(target)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return bad("not an http or https URL: give the origin of the implementation, such as http://127.0.0.1:8080")
	case u.User != nil:
		return nil, errors.New("holds a user name: keys come from the provisioner, leave it out")
	case u.RawQuery != "" || u.Fragment != "" || u.ForceQuery:
		return bad("holds a query or a fragment: give the origin plus any prefix in front of /v1")
	}
	prefix := strings.TrimRight(u.EscapedPath(), "/")
	if strings.HasSuffix(prefix, "/v1") {
		return bad("ends with /v1, which the suite appends: leave it out")
	}
	port := u.Port()
	e := &endpoint{origin: u.Scheme + "://" + u.Host, prefix: prefix, host: u.Host, userAgent: userAgent}
	if u.Scheme == "https" {
		e.tls = &tls.Config{}
		if tlsConfig != nil {
			e.tls = tlsConfig.Clone()
		}
		// The suite's own client speaks HTTP/1 only.
		e.tls.NextProtos = []string{"http/1.1"}
		if e.tls.ServerName == "" {
			e.tls.ServerName = u.Hostname()
		}
	}
	if port == "" {
		port = map[bool]string{true: "443", false: "80"}[u.Scheme == "https"]
	}
	e.address = net.JoinHostPort(u.Hostname(), port)
	return e, nil
}

// URL is the target as it was given, without a trailing slash.
func (e *endpoint) URL() string { return e.origin + e.prefix }

// dial opens a connection, with TLS where the target is https.
func (e *endpoint) dial(ctx context.Context) (net.Conn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", e.address)
	if err != nil || e.tls == nil {
		return conn, err
	}
	secure := tls.Client(conn, e.tls)
	if err := secure.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, &tlsError{err}
	}
	return secure, nil
}

// farewell is how long the target is waited for to close a connection first. Most have done so when their answer is read.
const farewell = 2 * time.Millisecond

// hangUp closes a connection after its last answer. Where the target has closed it already, nothing is left of it: a run opens
// thousands, and the kernel would keep each for minutes otherwise, in tables that runs in a row would fill.
func hangUp(conn net.Conn, reader *bufio.Reader) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		tcp.SetReadDeadline(time.Now().Add(farewell))
		if _, err := reader.Peek(1); errors.Is(err, io.EOF) {
			tcp.SetLinger(0)
		}
	}
	conn.Close()
}

// tlsError is a failed handshake.
type tlsError struct{ err error }

func (t *tlsError) Error() string { return "TLS: " + t.err.Error() }
func (t *tlsError) Unwrap() error { return t.err }

// accepts tells whether the target takes connections. It tries for a short while, for the sake of full backlogs.
func (e *endpoint) accepts(ctx context.Context) bool {
	for pause := 50 * time.Millisecond; pause < 2*time.Second; pause *= 3 {
		attempt, cancel := context.WithTimeout(ctx, 3*time.Second)
		conn, err := e.dial(attempt)
		cancel()
		if err == nil {
			conn.Close()
			return true
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(pause):
		}
	}
	return false
}

// isConnectionError tells faults of the connection from faults of what came over it.
func isConnectionError(err error) bool {
	var operation *net.OpError
	var record tls.RecordHeaderError
	return errors.As(err, &operation) || errors.As(err, &record) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}
