package suite

import (
	"context"
	"errors"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
)

// KeepAlive sends requests one after another on one connection, as long as the target keeps that
// open. The target is free not to: the next request then goes on a new connection. Until it is
// released, nothing else may be asked of the target or the provisioner, which may serve one
// connection at a time. It is for one goroutine.
type KeepAlive struct {
	client *Client
	conn   *Conn // nil where none is open
}

// Do sends a request, and sends it again if the connection is closed instead of a response. Errors
// are those of [Client.Do].
func (k *KeepAlive) Do(ctx context.Context, r wire.Request) (*wire.Exchange, error) {
	for {
		used := k.conn != nil
		if !used {
			conn, err := k.client.Connect(ctx)
			if wire.Drop(err) != nil {
				return k.client.Do(ctx, r)
			}
			if err != nil {
				return nil, err
			}
			k.conn = conn
		}
		var none *wire.NoResponse
		err := k.conn.Send(ctx, r)
		var x *wire.Exchange
		if err == nil || errors.As(err, &none) { // a response may have come all the same
			x, err = k.conn.Receive(ctx)
		}
		if err != nil || x.Closed {
			k.Release()
		}
		var limited *RateLimited
		switch {
		case errors.As(err, &limited): // it had no effect
			return k.client.Do(ctx, r)
		case used && errors.As(err, &none) && !none.Timeout:
			k.client.repeated(x, none)
			continue
		case wire.Drop(err) != nil && len(r.Body) <= largestRepeated:
			return k.client.again(ctx, wire.Drop(err), r)
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
