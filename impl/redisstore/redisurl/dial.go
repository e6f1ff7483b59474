package redisurl

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/redis/go-redis/v9"
)

// everyDial is a hook that lets every call which needs a connection dial, also
// while Redis is down. By itself the client library stops dialing after as many
// failures as it may have connections, and then tries by itself once a second:
// calls would fail for that long although Redis is back. It counts the failures
// that the dialer reports, so none is reported: the caller gets a connection
// that says upon its first use, which follows at once, why there is none.
//
// How often to dial is up to those who call.
type everyDial struct{}

// DialHook implements [redis.Hook].
func (everyDial) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := next(ctx, network, address)
		if err == nil {
			return conn, nil
		}
		// Sentinels that know of no master, or a TLS handshake, fail in other ways.
		if e, ok := err.(*net.OpError); !ok || e.Op != "dial" {
			err = &net.OpError{Op: "dial", Net: network, Err: err}
		}
		return failedConn{err}, nil
	}
}

// ProcessHook implements [redis.Hook].
func (everyDial) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }

// ProcessPipelineHook implements [redis.Hook].
func (everyDial) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

// failedConn is the connection that could not be made, because of err.
type failedConn struct{ err error }

// fail returns the error in one more than its own: the client library takes
// the outermost off.
func (c failedConn) fail() (int, error) { return 0, fmt.Errorf("cannot connect: %w", c.err) }

func (c failedConn) Read([]byte) (int, error)         { return c.fail() }
func (c failedConn) Write([]byte) (int, error)        { return c.fail() }
func (c failedConn) Close() error                     { return nil }
func (c failedConn) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (c failedConn) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (c failedConn) SetDeadline(time.Time) error      { return nil }
func (c failedConn) SetReadDeadline(time.Time) error  { return nil }
func (c failedConn) SetWriteDeadline(time.Time) error { return nil }
