// Package impl is the reference implementation of the contract. [New] is the
// only place where its parts meet: the HTTP side (httpapi), the signer of
// media URLs (signedurl) and a store (redisstore, or any other track.Store).
package impl

import (
	"net/http"

	"github.com/seed-5ec2a705/mtrack/impl/httpapi"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// New returns a handler that serves the whole API over the store. It may be
// used concurrently, and several handlers, in one process or many, may share
// what the store keeps.
func New(store track.Store, options ...Option) http.Handler {
	c := defaults(store)
	for _, option := range options {
		option(&c)
	}
	return httpapi.New(c)
}
