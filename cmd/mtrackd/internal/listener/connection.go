package listener

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// connection is a connection of a caller. It gives its slot back when it is
// closed, notes a header that net/http hides, and saves most of what net/http
// does to a connection besides reading and writing: seven changes of deadlines
// for each request, and a read that finds nothing.
type connection struct {
	*net.TCPConn
	release func()
	matched int         // how much of codingLine the last bytes were; net/http reads one at a time
	coded   atomic.Bool // a line began with Transfer-Encoding

	readable, writable deadline

	// busy: a handler works on a request without a body, and what comes meanwhile
	// is for later.
	busy atomic.Bool
}

// newConnection returns the connection on which c was accepted.
func newConnection(c *net.TCPConn, release func()) *connection {
	own := &connection{TCPConn: c, release: release}
	own.readable.set, own.writable.set = c.SetReadDeadline, c.SetWriteDeadline
	return own
}

// disregard says that nothing is to be read until net/http next sets a deadline
// for reading, which it does when the request is done.
//
// Meanwhile net/http reads a single byte, to notice that the caller is gone. Where
// nobody wants to know, it gets none, and no error either: that read is over at
// once, and need not be given up by a deadline. What the caller has sent stays in
// the kernel, to be read with the next request.
func (c *connection) disregard() { c.busy.Store(true) }

// Read implements [net.Conn].
func (c *connection) Read(p []byte) (int, error) {
	if len(p) == 1 && c.busy.Load() {
		return 0, nil
	}
	n, err := c.TCPConn.Read(p)
	for errors.Is(err, os.ErrDeadlineExceeded) && c.readable.extend() {
		n, err = c.TCPConn.Read(p)
	}
	c.look(p[:n])
	return n, err
}

// Write implements [net.Conn].
func (c *connection) Write(p []byte) (int, error) {
	written, err := c.TCPConn.Write(p)
	for errors.Is(err, os.ErrDeadlineExceeded) && c.writable.extend() {
		var n int
		n, err = c.TCPConn.Write(p[written:])
		written += n
	}
	return written, err
}

// ReadFrom implements [io.ReaderFrom], by Write: that of the connection itself
// would know of one deadline only.
func (c *connection) ReadFrom(r io.Reader) (int64, error) {
	return io.Copy(struct{ io.Writer }{c}, r)
}

// SetReadDeadline implements [net.Conn].
func (c *connection) SetReadDeadline(t time.Time) error {
	c.busy.Store(false)
	return c.readable.want(t)
}

// SetWriteDeadline implements [net.Conn].
func (c *connection) SetWriteDeadline(t time.Time) error { return c.writable.want(t) }

// SetDeadline implements [net.Conn].
func (c *connection) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

// Close implements [net.Conn].
func (c *connection) Close() error {
	defer c.release()
	return c.TCPConn.Close()
}

// deadline is one of a connection that is put off much more often than it is
// reached. To put it off costs nothing: the connection goes on with an earlier
// one, and when that is reached it is seen that there is more time.
type deadline struct {
	set func(time.Time) error // of the connection itself

	mu            sync.Mutex
	wanted, armed time.Time // armed is what the connection goes by; zero: none
}

// want sets the deadline; zero: none.
func (d *deadline) want(t time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.wanted = t
	if t.IsZero() || !d.armed.IsZero() && !d.armed.After(t) {
		return nil
	}
	d.armed = t
	return d.set(t)
}

// extend reports whether there is more time although the connection says that the
// time is up, and then tells the connection so.
func (d *deadline) extend() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.wanted.IsZero() && !d.wanted.After(time.Now()) {
		return false
	}
	d.armed = d.wanted
	return d.set(d.wanted) == nil
}

// connectionKey is the key of the context's connection.
type connectionKey struct{}

// withConnection is for [http.Server.ConnContext].
func withConnection(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connectionKey{}, c)
}
