package conformance

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
)

// Unreachable says that nothing at the target can be talked to, and what to try next. What a target answers wrongly is not
// unreachable but found by the cases.
type Unreachable struct {
	Target string
	Reason string
	Err    error
}

// Error tells what happened and what to try.
func (u *Unreachable) Error() string { return fmt.Sprintf("target %s: %s", u.Target, u.Reason) }

// Unwrap returns the cause.
func (u *Unreachable) Unwrap() error { return u.Err }

// preflight finds out whether there is a target to judge: something that answers HTTP. Two requests go out at once, since a
// target may be at fault for one of them and is to be judged all the same.
func preflight(ctx context.Context, e *endpoint, timeout time.Duration) error {
	probes := []Request{
		{Method: http.MethodGet, Path: TracksPath("org_preflight")},
		{Method: http.MethodGet, Path: "/v1", Header: []HeaderField{{"X-API-Key", "preflight"}}},
	}
	results := make(chan error, len(probes))
	probing, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	for _, r := range probes {
		go func() { results <- knock(probing, e, r) }()
	}
	var first error
	for range probes {
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

// knock sends a request and waits for the first bytes of an answer, whatever they are.
func knock(ctx context.Context, e *endpoint, r Request) error {
	conn, err := e.dial(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	r = r.complete(e.host, false)
	go conn.Write(r.bytes(e.prefix))
	_, err = bufio.NewReader(conn).Peek(1)
	return err
}

// unreachableReason says in one sentence what is wrong, and the next step.
func unreachableReason(e *endpoint, timeout time.Duration, err error) string {
	var record tls.RecordHeaderError
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var handshake *tlsError
	var dns *net.DNSError
	switch {
	case errors.As(err, &record):
		return "it does not speak TLS there: use http:// in --target, or the port that has TLS"
	case errors.As(err, &unknown):
		return "its certificate is signed by nobody known here: give the authority with --ca FILE, or --insecure to trust anybody"
	case errors.As(err, &name):
		return fmt.Sprintf("its certificate is for another name (%v): use that name in --target, or --insecure to trust anybody", name)
	case errors.As(err, &handshake) && !isTimeout(err):
		return fmt.Sprintf("TLS fails: %v; check --target and --ca, or use --insecure to trust anybody", handshake.err)
	case errors.As(err, &dns):
		return fmt.Sprintf("its name is not known (%v): check --target", dns)
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nothing listens there: start the implementation, or check the port in --target"
	case isTimeout(err):
		return fmt.Sprintf("no answer within %s: is it up, and is there a firewall between? --timeout gives it longer", timeout)
	case errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET):
		return "it closes the connection without an answer: check that --target is the address of an HTTP server" + hintTLS(e)
	default:
		return fmt.Sprintf("cannot be reached (%v): check --target", err)
	}
}

func hintTLS(e *endpoint) string {
	if e.tls == nil {
		return ", and use https:// if it has TLS"
	}
	return ""
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout()
}
