// Package listener opens the addresses of a server and serves on them: with
// limits of time, size and number, with framing that is read in one way, and
// with an end that refuses nobody.
package listener

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"syscall"
	"time"
)

// The limits of every HTTP server here.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 10 * time.Second // head and body
	idleTimeout       = 60 * time.Second
	maxHeaderBytes    = 16 << 10
	writeReserve      = 5 * time.Second // to send a response
)

// Spec says what to serve where.
type Spec struct {
	Name    string // for people: "API"
	Flag    string // the flag that gave the address, without its dashes
	Address string // HOST:PORT; empty: not at all
	Handler http.Handler
	// Heedless says that the handler finishes what it began also where its caller
	// is gone: the contexts of its requests do not tell.
	Heedless bool
	// Work bounds what the handler does with one request. The write timeout
	// lies beyond it and beyond the reading of the body, so that the handler's
	// own response always comes first.
	Work time.Duration
	// Connections is how many are open at once, at least 1. Further ones wait,
	// in the kernel's queue, until one is closed.
	Connections int
}

// listener is one address on which a handler is served.
type listener struct {
	name   string
	server *http.Server
	socket *limited
}

// Group is several listeners that begin and end together.
type Group struct {
	listeners []*listener
	logger    *slog.Logger
	ending    atomic.Bool                          // see Serve
	after     func(time.Duration) <-chan time.Time // [time.After], but in tests
}

// Open opens all addresses, or none where one fails. The error says what to do,
// and names the flag.
func Open(logger *slog.Logger, specs ...Spec) (*Group, error) {
	g := &Group{logger: logger, after: time.After}
	for _, s := range specs {
		if s.Address == "" {
			continue
		}
		socket, err := net.Listen("tcp", s.Address)
		if err != nil {
			g.Close()
			return nil, openError(s.Flag, s.Address, err)
		}
		g.listeners = append(g.listeners, &listener{name: s.Name, socket: newLimited(socket, s.Name, s.Connections, logger), server: &http.Server{
			Handler:                      g.framed(s.Handler, s.Heedless),
			ReadHeaderTimeout:            readHeaderTimeout,
			ReadTimeout:                  readTimeout,
			WriteTimeout:                 readTimeout + s.Work + writeReserve,
			IdleTimeout:                  idleTimeout,
			MaxHeaderBytes:               maxHeaderBytes,
			DisableGeneralOptionsHandler: true, // "OPTIONS *" is answered like every unknown path
			ConnContext:                  withConnection,
			ErrorLog:                     slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
		}})
	}
	for _, l := range g.listeners {
		logger.Info("listening", "for", l.name, "address", l.socket.Addr().String())
	}
	return g, nil
}

// Close closes the addresses of a group that is not served.
func (g *Group) Close() {
	for _, l := range g.listeners {
		l.socket.Close()
	}
}

// URL returns where a caller on this machine reaches the listener of that
// name, or "" where it is not open.
func (g *Group) URL(name string) string {
	for _, l := range g.listeners {
		if l.name != name {
			continue
		}
		address := l.socket.Addr().(*net.TCPAddr)
		if address.IP.IsUnspecified() {
			return fmt.Sprintf("http://127.0.0.1:%d", address.Port)
		}
		return "http://" + address.String()
	}
	return ""
}

// Connections calls tell with the name of each listener, and with how many
// connections it has open and how many it may have. It may be called
// concurrently, also while the group is served.
func (g *Group) Connections(tell func(name string, open, most int)) {
	for _, l := range g.listeners {
		tell(l.name, int(l.socket.open.Load()), cap(l.socket.slots))
	}
}

// openError says what to do about an address that cannot be opened.
func openError(flag, address string, err error) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("--%s: %s is in use by another process; stop it or choose another address", flag, address)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("--%s: no permission to listen on %s; ports below 1024 are for root: choose a higher one", flag, address)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Errorf("--%s: this machine has no address %s", flag, address)
	default:
		return fmt.Errorf("--%s: cannot listen on %s: %w", flag, address, err)
	}
}
