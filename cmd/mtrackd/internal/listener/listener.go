package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"
)

// The limits of every HTTP server here.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 10 * time.Second // head and body
	idleTimeout       = 60 * time.Second
	maxHeaderBytes    = 16 << 10
	writeReserve      = 5 * time.Second // to send an answer
)

// listener is one address on which a handler is served.
type listener struct {
	name   string // for people: "API"
	server *http.Server
	socket net.Listener
}

// spec says what to serve where.
type spec struct {
	name     string // for people: "API"
	flagName string // the flag that gave the address
	address  string // empty: not at all
	handler  http.Handler
	// work bounds what the handler does with one request. The write timeout
	// lies beyond it and beyond the reading of the body, so that the handler's
	// own answer always comes first.
	work time.Duration
}

// openListeners opens all addresses, or none where one fails.
func openListeners(logger *slog.Logger, specs ...spec) ([]*listener, error) {
	var listeners []*listener
	for _, s := range specs {
		if s.address == "" {
			continue
		}
		socket, err := net.Listen("tcp", s.address)
		if err != nil {
			closeAll(listeners)
			return nil, listenError(s.flagName, s.address, err)
		}
		listeners = append(listeners, &listener{name: s.name, socket: socket, server: &http.Server{
			Handler:                      s.handler,
			ReadHeaderTimeout:            readHeaderTimeout,
			ReadTimeout:                  readTimeout,
			WriteTimeout:                 readTimeout + s.work + writeReserve,
			IdleTimeout:                  idleTimeout,
			MaxHeaderBytes:               maxHeaderBytes,
			DisableGeneralOptionsHandler: true, // "OPTIONS *" is answered like every unknown path
			ErrorLog:                     slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
		}})
	}
	for _, l := range listeners {
		logger.Info("listening", "for", l.name, "address", l.socket.Addr().String())
	}
	return listeners, nil
}

// closeAll closes listeners that nothing serves yet.
func closeAll(listeners []*listener) {
	for _, l := range listeners {
		l.socket.Close()
	}
}

// listenError says what to do about an address that cannot be opened.
func listenError(flagName, address string, err error) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("--%s: %s is in use by another process; stop it or choose another address", flagName, address)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("--%s: no permission to listen on %s; ports below 1024 are for root: choose a higher one", flagName, address)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Errorf("--%s: this machine has no address %s", flagName, address)
	default:
		return fmt.Errorf("--%s: cannot listen on %s: %w", flagName, address, err)
	}
}

// url returns where a caller on this machine reaches the listener.
func (l *listener) url() string {
	address := l.socket.Addr().(*net.TCPAddr)
	if address.IP.IsUnspecified() {
		return fmt.Sprintf("http://127.0.0.1:%d", address.Port)
	}
	return "http://" + address.String()
}

// isAddress reports whether an address has the form HOST:PORT. Whether this
// machine has it, opening it will tell.
func isAddress(address string) bool {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	_, err = net.LookupPort("tcp", port)
	return err == nil
}

// isLoopback reports whether only this machine can reach an address of the
// form HOST:PORT. An empty host is every interface.
func isLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// serveAll serves on all listeners until the context ends or one of them
// fails. Then it calls draining and lets requests in progress finish, listener
// by listener in their order, for at most the grace period together. It
// returns nil after an orderly end.
func serveAll(ctx context.Context, listeners []*listener, grace time.Duration, draining func(), logger *slog.Logger) error {
	failed := make(chan error, len(listeners))
	for _, l := range listeners {
		go func() {
			if err := l.server.Serve(l.socket); !errors.Is(err, http.ErrServerClosed) {
				failed <- fmt.Errorf("%s on %s: %w", l.name, l.socket.Addr(), err)
			}
		}()
	}
	var cause error
	select {
	case <-ctx.Done():
	case cause = <-failed:
	}
	draining()
	logger.Info("shutting down", "grace", grace.String())
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	errs := []error{cause}
	for _, l := range listeners {
		if err := l.server.Shutdown(ctx); err != nil {
			l.server.Close()
			errs = append(errs, fmt.Errorf("%s: requests were still in progress after %v and were cut off", l.name, grace))
		}
	}
	return errors.Join(errs...)
}
