package faulty

import (
	"net"
	"net/http"
	"sync"
)

// perConnection remembers one text for each connection, which it tells from others by the
// caller's port.
type perConnection struct {
	mu    sync.Mutex
	texts map[string]string
	draw  func() string
}

func newPerConnection(draw func() string) *perConnection {
	return &perConnection{texts: map[string]string{}, draw: draw}
}

// of returns the text of the connection that a request came on.
func (p *perConnection) of(r *http.Request) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.texts[r.RemoteAddr] == "" {
		p.texts[r.RemoteAddr] = p.draw()
	}
	return p.texts[r.RemoteAddr]
}

// first returns the first text that was offered for the connection that a request came on.
func (p *perConnection) first(r *http.Request, offered string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.texts[r.RemoteAddr] == "" {
		p.texts[r.RemoteAddr] = offered
	}
	return p.texts[r.RemoteAddr]
}

// turnstile lets one connection in at a time: the next is accepted when the last was closed.
type oneAtATime struct {
	net.Listener
	free chan struct{} // holds one token while no connection is open
	done chan struct{}
	once sync.Once
}

func newOneAtATime(l net.Listener) net.Listener {
	t := &oneAtATime{Listener: l, free: make(chan struct{}, 1), done: make(chan struct{})}
	t.free <- struct{}{}
	return t
}

func (t *oneAtATime) Accept() (net.Conn, error) {
	select {
	case <-t.free:
	case <-t.done:
		return nil, net.ErrClosed
	}
	conn, err := t.Listener.Accept()
	if err != nil {
		t.free <- struct{}{}
		return nil, err
	}
	return &oneAtATimeConn{Conn: conn, leave: func() { t.free <- struct{}{} }}, nil
}

func (t *oneAtATime) Close() error {
	t.once.Do(func() { close(t.done) })
	return t.Listener.Close()
}

type oneAtATimeConn struct {
	net.Conn
	once  sync.Once
	leave func()
}

func (c *oneAtATimeConn) Close() error {
	defer c.once.Do(c.leave)
	return c.Conn.Close()
}
