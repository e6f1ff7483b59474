package runner

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"syscall"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
)

// Unreachable is the error for a target that nothing can be said of, since it does not respond
// or is not the API at all, and says what to try next. A wrong response is for the cases.
type Unreachable struct {
	Target string
	Reason string
	Err    error
}

// Error says what happened and what to try.
func (u *Unreachable) Error() string { return fmt.Sprintf("target %s: %s", u.Target, u.Reason) }

// Unwrap returns the cause.
func (u *Unreachable) Unwrap() error { return u.Err }

// preflight makes sure that something at the target responds. It asks for all paths at once: a
// target that is at fault for one of them is there all the same. If none of the responses is JSON,
// it returns one of them, from what may not be the API at all.
func preflight(ctx context.Context, e *wire.Endpoint, paths []string, timeout time.Duration) (foreign *wire.Exchange, err error) {
	type result struct {
		exchange *wire.Exchange
		err      error
	}
	results := make(chan result, len(paths))
	probing, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	for _, path := range paths {
		go func() {
			x, err := receive(probing, e, wire.Request{Method: http.MethodGet, Path: path})
			results <- result{x, err}
		}()
	}
	for range paths {
		switch r := <-results; {
		case r.err == nil && isJSON(r.exchange):
			return nil, nil
		case r.err == nil && foreign == nil:
			foreign = r.exchange
		case err == nil:
			err = r.err
		}
	}
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case foreign != nil:
		return foreign, nil
	}
	return nil, &Unreachable{Target: e.URL(), Reason: unreachableReason(e, timeout, err), Err: err}
}

// preflightSends is how many times a request is sent whose connection is dropped before a byte of a
// response.
const preflightSends = 4

// receive sends a request and reads the response, as far as there is one: what is not HTTP is a
// response without a status.
func receive(ctx context.Context, e *wire.Endpoint, r wire.Request) (*wire.Exchange, error) {
	for sent := 1; ; sent++ {
		x := &wire.Exchange{Request: r.Complete(e, false), Start: time.Now()}
		err := receiveOnce(ctx, e, x)
		if x.TimeToFirstByte > 0 {
			return x, nil
		}
		dropped := errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET)
		if !dropped || sent == preflightSends || ctx.Err() != nil {
			return nil, err
		}
	}
}

func receiveOnce(ctx context.Context, e *wire.Endpoint, x *wire.Exchange) error {
	conn, err := e.Dial(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	go conn.Write(x.Request.Bytes(e.Prefix))
	return wire.ReadResponse(bufio.NewReader(conn), x.Request, x)
}

// probe sends a request and waits for a response, whatever it is.
func probe(ctx context.Context, e *wire.Endpoint, r wire.Request) error {
	_, err := receive(ctx, e, r)
	return err
}

// isJSON reports whether a body is a JSON object or array, whatever its media type says. Of a long
// one an excerpt shows only how it begins.
func isJSON(x *wire.Exchange) bool {
	text := bytes.TrimLeft(x.Body, " \t\r\n")
	return len(text) > 0 && (text[0] == '{' || text[0] == '[') && (x.BodySize() > len(x.Body) || json.Valid(text))
}

// speaksJSON tries the API as the creator of a live track, and reports whether any of the responses
// is JSON. Without a scene it is for the cases to find out.
func (r *Runner) speaksJSON(ctx context.Context) bool {
	c := suite.NewClient(r.session, "")
	scene, err := c.Provision(ctx, r.suite.Serves.Scene)
	if err != nil {
		return true
	}
	r.suite.Serves.Ask(ctx, c, scene)
	log, _, _ := c.Log.Snapshot()
	return slices.ContainsFunc(log, func(l suite.Logged) bool { return isJSON(l.Exchange) }) || ctx.Err() != nil
}

// notTheAPI says of a target none of whose responses is JSON what it may be.
func notTheAPI(x *wire.Exchange) string {
	if x.Status == 0 {
		return "it does not speak HTTP: is this the port of the implementation?"
	}
	return fmt.Sprintf("it is not the API, since none of its responses is JSON (%s got %s): "+
		"is this the port of the implementation, and its origin plus any prefix?",
		x.Summary(), wire.Describe(x))
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
