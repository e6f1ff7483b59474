// Package faulty is what the conformance suite is proved against: one small, correct, in-memory
// server of the contract, a catalogue of faults that can be switched on in it one at a time
// ([Faults]), and a catalogue of things that a correct implementation is free to do differently
// ([Variants]). Only tests of the suite use it.
//
// A suite is worth its name when it catches every fault and fails no variant. The server shares no
// code with the reference implementation or with the generated stubs, so that a misreading there
// does not cancel out here.
//
// The server is its [behaviour]: a value with one field for each thing that it decides. The correct
// one is written by correctBehaviour; a fault or a variant is a short function that changes one or
// a few of the fields. To add a fault, add one call of add in the file of its area: a name, a
// sentence, the cases that have to detect it, and that function. edit.go has the changes that many
// faults are made of.
package faulty

import (
	"fmt"
	"net/http"
)

// Server is a music API of four operations (deleteTrack, getTrack, listSavedTracks, unsaveTrack)
// and the provisioner that belongs to it. It keeps everything in memory. It is correct unless New
// was given a fault. Its methods may be called concurrently.
type Server struct {
	state     *state
	behaviour *behaviour
}

// Option changes what New makes.
type Option func(*Server)

// WithFault switches a fault on.
func WithFault(f Fault) Option { return func(s *Server) { f.apply(s.behaviour) } }

// WithVariant makes the server use a freedom that the contract leaves.
func WithVariant(v Variant) Option { return func(s *Server) { v.apply(s.behaviour) } }

// New makes a server that holds nothing. Without options it is the plain correct one. Options are
// applied in order; a fault behind a variant is a fault of a server that has that variant's
// looks, and is still to be caught.
func New(options ...Option) *Server {
	s := &Server{state: newState(), behaviour: correctBehaviour()}
	for _, option := range options {
		option(s)
	}
	return s
}

// Named makes the server with the fault or the variant of that name, and the plain correct one
// for "correct".
func Named(name string) (*Server, error) {
	if name == "correct" {
		return New(), nil
	}
	for _, f := range Faults() {
		if f.Name == name {
			return New(WithFault(f)), nil
		}
	}
	for _, v := range Variants() {
		if v.Name == name {
			return New(WithVariant(v)), nil
		}
	}
	return nil, fmt.Errorf("no fault and no variant is named %q; Faults and Variants list the names", name)
}

// API is the public side. What a variant or a fault does below HTTP (connections, bytes) shows
// only behind Start.
func (s *Server) API() http.Handler {
	var h http.Handler = http.HandlerFunc(s.serveAPI)
	for _, wrap := range s.behaviour.middleware {
		h = wrap(h)
	}
	return h
}

func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request) {
	b := s.behaviour
	c := newCall(s, w, r)
	resp := b.respond(c)
	c.locked(func() {
		for _, edit := range b.edits {
			edit(c, resp)
		}
	})
	for _, delay := range b.delays {
		delay(c, resp)
	}
	if c.dropped {
		panic(http.ErrAbortHandler)
	}
	b.write(c, resp)
}
