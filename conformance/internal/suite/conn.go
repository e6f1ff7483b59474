package suite

import (
	"bufio"
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
)

// Conn is one connection to the target, for several requests. One goroutine may send while another
// receives.
type Conn struct {
	client *Client
	conn   net.Conn
	reader *bufio.Reader

	prepared []byte // see prepare

	mu      sync.Mutex
	pending []*wire.Exchange // sent, and their responses not yet read, oldest first
}

// Send writes a request and does not wait for the response; several may be sent before the first is
// responded to. The error is a [*wire.NoResponse] with Unsent set: a response may have come all the
// same, so [Conn.Receive] may still be called.
func (c *Conn) Send(ctx context.Context, r wire.Request) error {
	e, err := c.enqueue(r)
	if err != nil {
		return err
	}
	return c.write(ctx, e, e.Request.Bytes(c.client.Run.Endpoint.Prefix))
}

// prepare makes a request ready, so that [Conn.Flush] has only to write it. Nothing is sent yet,
// not even the head: a target that accepts one connection at a time leaves the others to the
// kernel, which keeps one segment of each and breaks those that send two.
func (c *Conn) prepare(r wire.Request) error {
	e, err := c.enqueue(r)
	if err != nil {
		return err
	}
	c.prepared = e.Request.Bytes(c.client.Run.Endpoint.Prefix)
	return nil
}

// Flush sends the prepared request. The exchange begins now. Errors are as with [Conn.Send].
func (c *Conn) Flush(ctx context.Context) error {
	c.mu.Lock()
	e := c.pending[len(c.pending)-1]
	c.mu.Unlock()
	e.Start = time.Now()
	return c.write(ctx, e, c.prepared)
}

// enqueue appends the exchange of a request that is about to be sent.
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

// write sends the bytes of a request.
func (c *Conn) write(ctx context.Context, e *wire.Exchange, part []byte) error {
	defer c.until(ctx, c.client.timeout(e.Request), c.conn.SetWriteDeadline)()
	if _, err := c.conn.Write(part); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		timeout := errors.Is(err, os.ErrDeadlineExceeded)
		return &wire.NoResponse{Exchange: e, Elapsed: time.Since(e.Start), Timeout: timeout, Unsent: true, Err: err}
	}
	return nil
}

// Write sends raw bytes that are not a request: [Conn.Receive] does not wait for a response to
// them.
func (c *Conn) Write(ctx context.Context, raw []byte) error {
	defer c.until(ctx, c.client.Run.Timeout, c.conn.SetWriteDeadline)()
	_, err := c.conn.Write(raw)
	return err
}

// Receive reads the response to the oldest request whose response was not yet read, and judges it
// by the contract unless the request was Unchecked. Errors are as with [Client.Do], with two
// exceptions: a 429 response is a [*RateLimited] at once, and a connection that the target closed
// before the response is a [*wire.NoResponse] that wraps io.EOF. A target is free to do that after
// any response.
func (c *Conn) Receive(ctx context.Context) (*wire.Exchange, error) {
	c.mu.Lock()
	if len(c.pending) == 0 {
		c.mu.Unlock()
		return nil, errors.New("Receive without a request whose response was not yet read")
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

// until sets a deadline, which the end of ctx brings forward. The caller calls the returned
// function when it is done.
func (c *Conn) until(ctx context.Context, timeout time.Duration, set func(time.Time) error) func() {
	set(time.Now().Add(timeout))
	stop := context.AfterFunc(ctx, func() { set(time.Unix(1, 0)) })
	return func() { stop() }
}
