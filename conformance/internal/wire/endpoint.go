package wire

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

// Endpoint is a parsed target.
type Endpoint struct {
	Origin  string // "https://host:port"
	Prefix  string // in front of /v1, without a trailing slash; may be ""
	address string // host:port to dial
	Host    string // of the Host field
	// UserAgent is the User-Agent of every request that has none of its own.
	UserAgent string
	TLS       *tls.Config
}

// ParseEndpoint reads a target's URL: the origin plus any prefix in front of /v1. The error says what is wrong with the URL,
// and what to give instead.
func ParseEndpoint(target, userAgent string, tlsConfig *tls.Config) (*Endpoint, error) {
	bad := func(format string, arguments ...any) (*Endpoint, error) {
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
	e := &Endpoint{Origin: u.Scheme + "://" + u.Host, Prefix: prefix, Host: u.Host, UserAgent: userAgent}
	if u.Scheme == "https" {
		e.TLS = &tls.Config{}
		if tlsConfig != nil {
			e.TLS = tlsConfig.Clone()
		}
		// The suite's own client speaks HTTP/1 only.
		e.TLS.NextProtos = []string{"http/1.1"}
		if e.TLS.ServerName == "" {
			e.TLS.ServerName = u.Hostname()
		}
	}
	if port == "" {
		port = map[bool]string{true: "443", false: "80"}[u.Scheme == "https"]
	}
	e.address = net.JoinHostPort(u.Hostname(), port)
	return e, nil
}

// URL is the target as it was given, without a trailing slash.
func (e *Endpoint) URL() string { return e.Origin + e.Prefix }

// Dial opens a connection, with TLS where the target is https.
func (e *Endpoint) Dial(ctx context.Context) (net.Conn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", e.address)
	if err != nil || e.TLS == nil {
		return conn, err
	}
	secure := tls.Client(conn, e.TLS)
	if err := secure.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, &TLSError{err}
	}
	return secure, nil
}

// closeGrace is how long the target is waited for to close a connection first. Most have done so when their answer is read.
const closeGrace = 2 * time.Millisecond

// CloseAfterResponse closes a connection after its last answer. Where the target has closed it already, nothing is left of it: a run opens
// thousands, and the kernel would keep each for minutes otherwise, in tables that runs in a row would fill.
func CloseAfterResponse(conn net.Conn, reader *bufio.Reader) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		tcp.SetReadDeadline(time.Now().Add(closeGrace))
		if _, err := reader.Peek(1); errors.Is(err, io.EOF) {
			tcp.SetLinger(0)
		}
	}
	conn.Close()
}

// TLSError is a failed handshake.
type TLSError struct{ Err error }

func (t *TLSError) Error() string { return "TLS: " + t.Err.Error() }
func (t *TLSError) Unwrap() error { return t.Err }

// Accepts tells whether the target takes connections. It tries for a short while, for the sake of full backlogs.
func (e *Endpoint) Accepts(ctx context.Context) bool {
	for pause := 50 * time.Millisecond; pause < 2*time.Second; pause *= 3 {
		attempt, cancel := context.WithTimeout(ctx, 3*time.Second)
		conn, err := e.Dial(attempt)
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

// IsConnectionError tells faults of the connection from faults of what came over it.
func IsConnectionError(err error) bool {
	var operation *net.OpError
	var record tls.RecordHeaderError
	return errors.As(err, &operation) || errors.As(err, &record) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}
