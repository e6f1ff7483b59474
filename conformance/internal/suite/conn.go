package suite

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
)

// Conn is one connection to the target for several requests. One goroutine may send while another receives.
type Conn struct {
	client *Client
	conn   net.Conn
	reader *bufio.Reader

	prepared []byte // see load

	mu      sync.Mutex
	pending []*wire.Exchange // sent and not yet answered, oldest first
}

// Send writes a request without waiting for the answer. Several may be sent before the first is answered. An error is a
// *NoAnswer with Unsent set: an answer may have come all the same, so Receive may still be called.
func (c *Conn) Send(ctx context.Context, r wire.Request) error {
	e, err := c.enqueue(r)
	if err != nil {
		return err
	}
	return c.write(ctx, e, e.Request.Bytes(c.client.Run.Endpoint.Prefix))
}

// prepare makes a request ready, so that release has nothing to do but to send it. Nothing is sent yet: where more connections
// are open than a target takes at once, the kernel in between has room for one segment of each, and breaks those with two.
func (c *Conn) prepare(r wire.Request) error {
	e, err := c.enqueue(r)
	if err != nil {
		return err
	}
	c.prepared = e.Request.Bytes(c.client.Run.Endpoint.Prefix)
	return nil
}

// Flush sends the request that is loaded. The exchange begins now. Errors are as with Send.
func (c *Conn) Flush(ctx context.Context) error {
	c.mu.Lock()
	e := c.pending[len(c.pending)-1]
	c.mu.Unlock()
	e.Start = time.Now()
	return c.write(ctx, e, c.prepared)
}

// enqueue starts the record of a request that is about to be sent.
func (c *Conn) enqueue(r wire.Request) (*wire.Exchange, error) {
	if err := r.CheckLines(); err != nil {
		return nil, err
	}
	e := c.client.newExchange(r, true)
	e.Start = time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pending = append(c.pending, e)
	return e, nil
}

// write sends bytes of a request.
func (c *Conn) write(ctx context.Context, e *wire.Exchange, part []byte) error {
	defer c.until(ctx, c.client.timeout(e.Request), c.conn.SetWriteDeadline)()
	if _, err := c.conn.Write(part); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return &wire.NoResponse{Exchange: e, Elapsed: time.Since(e.Start), Timeout: errors.Is(err, os.ErrDeadlineExceeded), Unsent: true, Err: err}
	}
	return nil
}

// Write puts raw bytes on the connection, for what is no request. Receive does not wait for an answer to them.
func (c *Conn) Write(ctx context.Context, raw []byte) error {
	defer c.until(ctx, c.client.Run.Timeout, c.conn.SetWriteDeadline)()
	_, err := c.conn.Write(raw)
	return err
}

// Receive reads the answer to the oldest request that was sent and not yet answered, and judges it by the contract unless
// the request was Unchecked. Errors are as with Client.Do, except that an answer 429 is a *RateLimited at once; a connection
// that the target closed instead of answering is a *NoAnswer that wraps io.EOF, which a target is free to do after any
// answer.
func (c *Conn) Receive(ctx context.Context) (*wire.Exchange, error) {
	c.mu.Lock()
	if len(c.pending) == 0 {
		c.mu.Unlock()
		return nil, errors.New("Receive without a request that was sent and not yet answered")
	}
	e := c.pending[0]
	c.pending = c.pending[1:]
	c.mu.Unlock()

	defer c.until(ctx, c.client.timeout(e.Request), c.conn.SetReadDeadline)()
	err := wire.ReadResponse(c.reader, e.Request, e)
	e.Duration = time.Since(e.Start)
	err = c.client.conclude(ctx, e, err, false)
	if err == nil && e.Status == http.StatusTooManyRequests {
		err = &RateLimited{Exchange: e}
	}
	return e, err
}

// Close ends the connection. Further calls do nothing.
func (c *Conn) Close() error {
	if err := c.conn.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

// until sets a deadline that a cancelled context brings forward. The caller calls what it returns when done.
func (c *Conn) until(ctx context.Context, timeout time.Duration, set func(time.Time) error) func() {
	set(time.Now().Add(timeout))
	stop := context.AfterFunc(ctx, func() { set(time.Unix(1, 0)) })
	return func() { stop() }
}

// exchangeOnce sends one request on a connection of its own. What it returns is concluded.
func (c *Client) exchangeOnce(ctx context.Context, r wire.Request, timeout time.Duration) (*wire.Exchange, error) {
	e := c.newExchange(r, false)
	deadline := time.Now().Add(timeout)
	dialing, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	e.Start = time.Now()
	conn, err := c.Run.Endpoint.Dial(dialing)
	if err != nil {
		e.Duration = time.Since(e.Start)
		return e, c.conclude(ctx, e, err, true)
	}
	conn.SetDeadline(deadline)
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()

	// Written beside reading: a target may answer before it has read the body, and stop reading then.
	e.Start = time.Now()
	written := make(chan error, 1)
	go func() {
		_, err := conn.Write(e.Request.Bytes(c.Run.Endpoint.Prefix))
		written <- err
	}()
	reader := bufio.NewReader(conn)
	err = wire.ReadResponse(reader, e.Request, e)
	e.Duration = time.Since(e.Start)
	if err == nil && !r.Unchecked {
		err = wire.TrailingBytes(conn, reader, e)
	}
	unsent := false
	select {
	case failed := <-written:
		unsent = failed != nil
		go wire.CloseAfterResponse(conn, reader)
	default: // it would wait for the target to read the rest
		conn.Close()
		unsent = <-written != nil
	}
	return e, c.conclude(ctx, e, err, unsent)
}

// conclude records an exchange, and turns what reading it said into the errors of Do.
func (c *Client) conclude(ctx context.Context, e *wire.Exchange, err error, unsent bool) error {
	var bad *wire.Malformed
	switch {
	case err == nil && e.Status == http.StatusTooManyRequests:
		// Waited out or reported by the caller, and not the target's fault.
	case err == nil:
		err = c.judge(e)
	case ctx.Err() != nil:
		err = ctx.Err()
	case errors.As(err, &bad):
		err = &Failure{Expected: bad.Expected, Actual: bad.Actual, Exchanges: []*wire.Exchange{e}, Contract: true}
	default:
		err = &wire.NoResponse{
			Exchange: e,
			Elapsed:  e.Duration,
			Timeout:  errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded),
			Unsent:   unsent,
			Err:      err,
		}
		if errors.Is(err, io.EOF) {
			err.(*wire.NoResponse).Err = wire.ClosedEarly{Err: err.(*wire.NoResponse).Err}
		}
	}
	c.Run.OnExchange(c.caseID, e)
	c.Log.add(e, err)
	return err
}

// Prepare opens a connection and loads a request. It returns nil where that cannot be done.
func (c *Client) Prepare(ctx context.Context, request wire.Request) *Conn {
	conn, err := c.Connect(ctx)
	if err != nil {
		return nil
	}
	request.Header = append(slices.Clone(request.Header), wire.HeaderField{Name: "Connection", Value: "close"})
	if err := conn.prepare(request); err != nil {
		conn.Close()
		return nil
	}
	return conn
}

// Finish reads the answer to a request that was released, and closes its connection. An answer 429 had no effect: it is waited
// out on connections of its own.
func (c *Client) Finish(ctx context.Context, conn *Conn, request wire.Request) (*wire.Exchange, error) {
	x, err := conn.Receive(ctx)
	go wire.CloseAfterResponse(conn.conn, conn.reader)
	var limited *RateLimited
	if errors.As(err, &limited) {
		return c.Do(ctx, request)
	}
	return x, err
}
