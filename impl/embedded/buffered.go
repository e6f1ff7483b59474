package embedded

import (
	"net"
	"sync"
)

// buffered lets writes to a connection return at once. The store's end of a
// pipe reads a command, answers it, and only then reads the next; a client
// that sends a whole pipeline before it reads the first answer would wait for
// the store while the store waits for it.
type buffered struct {
	net.Conn

	mu      sync.Mutex
	ready   sync.Cond // something is queued, or the end came
	queue   []byte
	err     error // of the connection, once it failed
	closing bool
}

func newBuffered(conn net.Conn) *buffered {
	b := &buffered{Conn: conn}
	b.ready.L = &b.mu
	go b.pump()
	return b
}

// Write implements [net.Conn]. It reports what went wrong with earlier writes.
func (b *buffered) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closing {
		return 0, net.ErrClosed
	}
	if b.err != nil {
		return 0, b.err
	}
	b.queue = append(b.queue, p...)
	b.ready.Signal()
	return len(p), nil
}

// Close implements [net.Conn]. What is still queued is dropped.
func (b *buffered) Close() error {
	b.mu.Lock()
	b.closing = true
	b.ready.Signal()
	b.mu.Unlock()
	return b.Conn.Close()
}

// pump writes the queue to the connection until that is closed.
func (b *buffered) pump() {
	var writing []byte
	for {
		b.mu.Lock()
		for len(b.queue) == 0 && !b.closing {
			b.ready.Wait()
		}
		if b.closing {
			b.mu.Unlock()
			return
		}
		writing, b.queue = b.queue, writing[:0]
		b.mu.Unlock()
		if _, err := b.Conn.Write(writing); err != nil {
			b.mu.Lock()
			b.err = err
			b.mu.Unlock()
			return
		}
	}
}
