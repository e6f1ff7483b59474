package runner

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"syscall"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
)

// Unreachable is the error for a target that nothing can be said of, since it does not respond, and
// says what to try next. A wrong response is for the cases.
type Unreachable struct {
	Target string
	Reason string
	Err    error
}

// Error says what happened and what to try.
func (u *Unreachable) Error() string { return fmt.Sprintf("target %s: %s", u.Target, u.Reason) }

// Unwrap returns the cause.
func (u *Unreachable) Unwrap() error { return u.Err }

// preflight makes sure that something at the target responds over HTTP. It asks for all paths at
// once: a target that is at fault for one of them is there all the same.
func preflight(ctx context.Context, e *wire.Endpoint, paths []string, timeout time.Duration) error {
	results := make(chan error, len(paths))
	probing, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	for _, path := range paths {
		go func() { results <- probe(probing, e, wire.Request{Method: http.MethodGet, Path: path}) }()
	}
	var first error
	for range paths {
		err := <-results
		if err == nil {
			return nil
		}
		if first == nil {
			first = err
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return &Unreachable{Target: e.URL(), Reason: unreachableReason(e, timeout, first), Err: first}
}

// probe sends a request and waits for the first byte of a response, whatever it is.
func probe(ctx context.Context, e *wire.Endpoint, r wire.Request) error {
	conn, err := e.Dial(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	r = r.Complete(e, false)
	go conn.Write(r.Bytes(e.Prefix))
	_, err = bufio.NewReader(conn).Peek(1)
	return err
}

// unreachableReason says in one sentence what is wrong and what to do next.
func unreachableReason(e *wire.Endpoint, timeout time.Duration, err error) string {
	var record tls.RecordHeaderError
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var handshake *wire.TLSError
	var dns *net.DNSError
	switch {
	case errors.As(err, &record):
		return "it does not speak TLS there: use http://, or the port that has TLS"
	case errors.As(err, &unknown):
		return "its certificate is signed by an unknown authority: trust that with Target.TLS"
	case errors.As(err, &name):
		return fmt.Sprintf("its certificate is for another name (%v): "+
			"use that name in the URL, or trust it with Target.TLS", name)
	case errors.As(err, &handshake) && !isTimeout(err):
		return fmt.Sprintf("TLS fails: %v; check the URL and Target.TLS", handshake.Err)
	case errors.As(err, &dns):
		return fmt.Sprintf("its name is not known (%v): check the URL", dns)
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nothing listens there: start the implementation, or check the port in the URL"
	case isTimeout(err):
		return fmt.Sprintf("no response within %s: is it running, and is a firewall in between? "+
			"WithTimeout gives it longer", timeout)
	case errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET):
		return "it closes the connection without a response: check that the URL is that of an HTTP server" + hintTLS(e)
	default:
		return fmt.Sprintf("cannot be reached (%v): check the URL", err)
	}
}

// hintTLS is for a target over plain HTTP.
func hintTLS(e *wire.Endpoint) string {
	if e.TLS == nil {
		return ", and use https:// if it has TLS"
	}
	return ""
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) ||
		errors.As(err, &timeout) && timeout.Timeout()
}
