package suite

import (
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
)

// RequestOption changes a request before it is sent.
type RequestOption func(*wire.Request)

// WithHeader appends a header field.
func WithHeader(name, value string) RequestOption {
	return func(r *wire.Request) { r.Header = append(r.Header, wire.HeaderField{Name: name, Value: value}) }
}

// WithBody sends a body of that media type.
func WithBody(contentType string, body []byte) RequestOption {
	return func(r *wire.Request) {
		r.Header = append(r.Header, wire.HeaderField{Name: "Content-Type", Value: contentType})
		r.Body = body
	}
}

// WithQuery sends a raw query string; an empty one as a question mark alone.
func WithQuery(raw string) RequestOption {
	return func(r *wire.Request) { r.RawQuery, r.ForceQuery = raw, raw == "" }
}

// WithoutContract exempts the response from the contract.
func WithoutContract() RequestOption { return func(r *wire.Request) { r.Unchecked = true } }

// WithBearer sends the actor's key as Authorization: Bearer, not as X-API-Key.
func WithBearer() RequestOption {
	return func(r *wire.Request) {
		for i, f := range r.Header {
			if f.Name == "X-API-Key" {
				r.Header[i] = wire.HeaderField{Name: "Authorization", Value: "Bearer " + f.Value}
			}
		}
	}
}

// WithKey sends another key in the place of the actor's.
func WithKey(key string) RequestOption {
	return func(r *wire.Request) {
		for i, f := range r.Header {
			switch f.Name {
			case "X-API-Key":
				r.Header[i].Value = key
			case "Authorization":
				r.Header[i].Value = "Bearer " + key
			}
		}
	}
}

// NewRequest makes a request as an actor, with its key, if any, in X-API-Key. The path is raw.
func NewRequest(method, path string, as provision.User, options ...RequestOption) wire.Request {
	r := wire.Request{Method: method, Path: path}
	if as.Key != "" {
		r.Header = append(r.Header, wire.HeaderField{Name: "X-API-Key", Value: as.Key})
	}
	for _, option := range options {
		option(&r)
	}
	return r
}
