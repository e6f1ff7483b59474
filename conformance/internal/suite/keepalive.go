package suite

import (
	"context"
	"errors"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
)

// KeepAlive sends requests one after another on one connection, as long as the target keeps it, which it is free not to; the next
// request then goes on a new one. Nothing else may be asked of the target or its provisioner until it is released: an
// implementation may serve one connection at a time. One goroutine uses it.
type KeepAlive struct {
	client *Client
	conn   *Conn // nil where none is open
}

// KeepAlive returns a connection that is kept from request to request. Release it when done.
func (c *Client) KeepAlive() *KeepAlive { return &KeepAlive{client: c} }

// Do sends a request. It is sent again where a connection that was used before ended instead of answering. Errors are those of
// Client.Do.
func (k *KeepAlive) Do(ctx context.Context, r wire.Request) (*wire.Exchange, error) {
	for {
		used := k.conn != nil
		if !used {
			conn, err := k.client.Connect(ctx)
			if err != nil {
				return nil, err
			}
			k.conn = conn
		}
		var none *wire.NoResponse
		err := k.conn.Send(ctx, r)
		var x *wire.Exchange
		if err == nil || errors.As(err, &none) { // an answer may have come all the same
			x, err = k.conn.Receive(ctx)
		}
		if err != nil || x.Closed {
			k.Release()
		}
		var limited *RateLimited
		switch {
		case errors.As(err, &limited): // it had no effect: wait as ever
			return k.client.Do(ctx, r)
		case used && errors.As(err, &none) && !none.Timeout:
			continue
		default:
			return x, err
		}
	}
}

// Release closes the connection.
func (k *KeepAlive) Release() {
	if k.conn != nil {
		k.conn.Close()
		k.conn = nil
	}
}
