package faulty

import (
	"net"
	"net/http"
	"sync"
	"time"
)

// perConnection keeps one value for each connection, which it tells from others by the caller's
// port.
type perConnection[T comparable] struct {
	mu     sync.Mutex
	values map[string]T
}

// of returns the value of the connection that a request came on. The first that is not zero stays.
func (p *perConnection[T]) of(r *http.Request, offered func() T) T {
	p.mu.Lock()
	defer p.mu.Unlock()
	var zero T
	if p.values == nil {
		p.values = map[string]T{}
	}
	if p.values[r.RemoteAddr] == zero {
		p.values[r.RemoteAddr] = offered()
	}
	return p.values[r.RemoteAddr]
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

// recycling drops every so many connections before a byte of a response and before anything is done:
// one was waiting for a worker that ended, the next one had been read by it.
type recycling struct {
	net.Listener
	accepted int64
}

// recycledEvery is which connection is dropped.
const recycledEvery = 20

func newRecycling(l net.Listener) net.Listener { return &recycling{Listener: l} }

// Accept is called by one goroutine.
func (l *recycling) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if l.accepted++; l.accepted%recycledEvery != 0 {
			return conn, nil
		}
		if l.accepted%(2*recycledEvery) == 0 {
			conn.Close()
			continue
		}
		go func() {
			conn.SetReadDeadline(time.Now().Add(time.Second))
			conn.Read(make([]byte, 4<<10))
			conn.Close()
		}()
	}
}
