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
	"strconv"
	"strings"
	"sync"
	"time"
)

// Endpoint is where a target listens.
type Endpoint struct {
	Origin  string // "https://host:port"
	Prefix  string // of the path in front of those of the contract, without a trailing slash; may be ""
	address string // host:port to dial
	Host    string // for the Host field
	// UserAgent is for requests that set none themselves.
	UserAgent string
	TLS       *tls.Config
}

// ParseEndpoint parses a target's URL: the origin plus any prefix in front of the paths of
// the contract. The error says what is wrong with the URL and what to give instead. The TLS
// configuration may be nil.
func ParseEndpoint(target, userAgent string, tlsConfig *tls.Config) (*Endpoint, error) {
	bad := func(format string, arguments ...any) (*Endpoint, error) {
		shown := strconv.Quote(target)
		if strings.Contains(target, "@") { // what stands before it may be a password
			shown = "what was given"
		}
		return nil, fmt.Errorf("%s: %s", shown, fmt.Sprintf(format, arguments...))
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
	case u.RawQuery != "" || u.Fragment != "" || u.ForceQuery: // either may be a secret
		return nil, errors.New("holds a query or a fragment: give the origin plus any prefix in front of the paths of the contract")
	}
	port := u.Port()
	e := &Endpoint{
		Origin: u.Scheme + "://" + u.Host, Prefix: strings.TrimRight(u.EscapedPath(), "/"),
		Host: u.Host, UserAgent: userAgent,
	}
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

// Dial opens a connection, with TLS if the target is https.
func (e *Endpoint) Dial(ctx context.Context) (net.Conn, error) {
	// Every request has its deadline, so that probes of TCP's own would only cost system calls.
	d := net.Dialer{KeepAlive: -1}
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

// Accepts reports whether the target accepts connections. It tries for up to two seconds: the
// backlog of a busy target may be full.
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

// closeGrace is how long [CloseAfterResponse] waits for the target to close the connection first.
// Most targets have closed it by the time that their response is read.
const closeGrace = 2 * time.Millisecond

// CloseAfterResponse closes a connection after its last response, and frees its reader. If the
// target has closed its side, the connection is reset: it would otherwise stay in TIME_WAIT for
// minutes, and the thousands of connections of a few runs would use up the machine's ports.
func CloseAfterResponse(conn net.Conn, reader *bufio.Reader) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		tcp.SetReadDeadline(time.Now().Add(closeGrace))
		if _, err := reader.Peek(1); errors.Is(err, io.EOF) {
			tcp.SetLinger(0)
		}
	}
	conn.Close()
	FreeReader(reader)
}

// readers has the readers of connections that were closed: each has a buffer, and a run opens tens
// of thousands of connections.
var readers = sync.Pool{New: func() any { return bufio.NewReader(nil) }}

// NewReader returns a reader of a connection.
func NewReader(conn net.Conn) *bufio.Reader {
	reader := readers.Get().(*bufio.Reader)
	reader.Reset(conn)
	return reader
}

// FreeReader takes back a reader of [NewReader] that nobody uses any more.
func FreeReader(reader *bufio.Reader) {
	reader.Reset(nil)
	readers.Put(reader)
}
