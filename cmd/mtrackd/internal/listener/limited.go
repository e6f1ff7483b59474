package listener

import (
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// fullEvery is how often it is logged that connections wait.
const fullEvery = time.Minute

// limited is a listener with a limited number of open connections. It accepts
// none beyond, so that none costs a file descriptor: they wait in the kernel's
// queue. To refuse them would take a descriptor for each, and a caller that is
// refused comes back at once.
type limited struct {
	net.Listener
	name   string
	logger *slog.Logger
	slots  chan struct{} // one is in it for each open connection, and for the accept in progress
	open   atomic.Int64  // connections
	ended  chan struct{}
	end    func() // closes ended
	told   time.Time
}

func newLimited(l net.Listener, name string, most int, logger *slog.Logger) *limited {
	ended := make(chan struct{})
	return &limited{
		Listener: l, name: name, logger: logger,
		slots: make(chan struct{}, most), ended: ended, end: sync.OnceFunc(func() { close(ended) }),
	}
}

// Accept implements [net.Listener]. It is called by one goroutine at a time.
func (l *limited) Accept() (net.Conn, error) {
	select {
	case l.slots <- struct{}{}:
	default:
		if now := time.Now(); now.Sub(l.told) >= fullEvery {
			l.told = now
			l.logger.Warn("no connection is free: new ones wait until one is closed", "for", l.name, "connections", cap(l.slots))
		}
		select {
		case l.slots <- struct{}{}:
		case <-l.ended:
			return nil, net.ErrClosed
		}
	}
	accepted, err := l.Listener.Accept()
	if err != nil {
		<-l.slots
		return nil, err
	}
	l.open.Add(1)
	return newConnection(accepted.(*net.TCPConn), sync.OnceFunc(func() {
		l.open.Add(-1)
		<-l.slots
	})), nil
}

// Close implements [net.Listener].
func (l *limited) Close() error {
	l.end()
	return l.Listener.Close()
}

// The default number of connections.
const (
	// mostByDefault keeps idle connections from taking more than some 300 MB.
	mostByDefault = 16384
	// others is what a process has open besides connections: its streams, its
	// listeners, what the runtime and the resolver use.
	others = 32
)

// Capacity returns how many connections a process may take by default where it
// needs to open a reserve of others: what the limit of open files leaves, up to
// 16,384. Where it leaves less than a quarter, it is a quarter, which takes
// from the reserve.
func Capacity(reserve int) int {
	limit, known := descriptors()
	if !known || limit > mostByDefault*4 {
		return mostByDefault
	}
	return max(1, min(mostByDefault, max(int(limit)-reserve-others, int(limit)/4)))
}

// Fits reports whether the limit of open files has room for that many
// connections and a reserve.
func Fits(connections, reserve int) bool {
	limit, known := descriptors()
	return !known || uint64(connections)+uint64(reserve)+others <= limit
}
