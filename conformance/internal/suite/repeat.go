package suite

import (
	"context"
	"net/http"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
)

// A target may drop a connection before a byte of a response: servers that recycle their workers do
// now and then. The request is sent again on a new connection, so that it is a fault only of a
// target that drops the same request each time.
const (
	// maxSends is how many times a request is sent. A target that drops one connection in twenty
	// drops eight in a row once in billions of requests.
	maxSends = 8
	// firstPause is the pause before the second repetition, which doubles from then on.
	firstPause = 4 * time.Millisecond
	// largestRepeated is the size of the largest body that is sent again. A target may end the
	// connection rather than read a larger one.
	largestRepeated = 32 << 10
)

// exchange sends a request, and sends it again while the connection is dropped. Errors are those of
// [Client.conclude].
func (c *Client) exchange(ctx context.Context, r wire.Request, timeout time.Duration) (*wire.Exchange, error) {
	var pause time.Duration
	for sent := 1; ; sent++ {
		e, err := c.exchangeOnce(ctx, r, timeout)
		drop := wire.Drop(err)
		if drop == nil || len(r.Body) > largestRepeated {
			return e, err
		}
		if sent == maxSends {
			drop.Sent = sent
			return e, err
		}
		c.repeated(e, drop)
		select {
		case <-ctx.Done():
			return e, ctx.Err()
		case <-time.After(pause):
		}
		pause = max(firstPause, 2*pause)
	}
}

// again sends a request once more whose connection was dropped.
func (c *Client) again(ctx context.Context, drop *wire.NoResponse, r wire.Request) (*wire.Exchange, error) {
	c.repeated(drop.Exchange, drop)
	return c.Do(ctx, r)
}

// repeated records that the request of an exchange is sent again. What the target did with it is
// uncertain if it may have reached the target and may change something.
func (c *Client) repeated(e *wire.Exchange, drop *wire.NoResponse) {
	uncertain := !drop.Unsent
	if e != nil {
		e.Repeated = true
		uncertain = uncertain && !safe(e.Request.Method)
	}
	c.Log.addDrop(e, uncertain)
}

// safe reports whether a method changes nothing, so that nothing depends on how often a request is
// sent.
func safe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions ||
		method == http.MethodTrace
}
