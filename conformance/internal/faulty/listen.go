package faulty

import (
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"time"
)

// Running is a server on two ports of the loopback address. Close stops it.
type Running struct {
	API       string // the target: origin and any prefix in front of /v1
	Provision string // the provisioner's origin

	closers []func() error
}

// Start serves the API and the provisioner on free ports of 127.0.0.1. The caller closes what it
// returns.
func (s *Server) Start() (*Running, error) {
	api, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	provision, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		api.Close()
		return nil, err
	}
	running := &Running{
		API:       "http://" + api.Addr().String() + s.behaviour.prefix,
		Provision: "http://" + provision.Addr().String(),
	}
	wrapped := s.behaviour.listen(api)
	if serve := s.behaviour.serve; serve != nil {
		running.closers = append(running.closers, wrapped.Close)
		go serve(wrapped, s.API())
	} else {
		server := newHTTPServer(s.API())
		s.behaviour.server(server)
		running.closers = append(running.closers, server.Close)
		go server.Serve(wrapped)
	}
	provisioner := newHTTPServer(s.Provisioner())
	running.closers = append(running.closers, provisioner.Close)
	go provisioner.Serve(provision)
	return running, nil
}

// Close ends both servers and their connections.
func (r *Running) Close() error {
	var errs []error
	for _, c := range r.closers {
		errs = append(errs, c())
	}
	return errors.Join(errs...)
}

// newHTTPServer keeps what broken connections make net/http say out of the suite's output.
func newHTTPServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          log.New(io.Discard, "", 0),
	}
}
