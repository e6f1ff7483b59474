package conformance

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// Client is what a case talks through: to the target as any actor, and to the provisioner. It belongs to one run of one
// case, records what is exchanged, and may be used by several goroutines at once.
type Client struct {
	// Scene is what the case's SceneRequest became, nil where it asked for none.
	Scene *Scene
	// Target is the origin of the target with any prefix in front of /v1, without a trailing slash.
	Target string
	// Profile is what the run asks of the target.
	Profile Profile
}

// RequestOption changes a request before it is sent.
type RequestOption func(*Request)

// WithHeader appends a header field.
func WithHeader(name, value string) RequestOption {
	return func(r *Request) { r.Header = append(r.Header, HeaderField{name, value}) }
}

// WithoutHeader takes away the fields of that name, such as the X-API-Key that an actor's request carries.
func WithoutHeader(name string) RequestOption {
	return func(r *Request) {
		r.Header = slices.DeleteFunc(r.Header, func(f HeaderField) bool { return strings.EqualFold(f.Name, name) })
	}
}

// WithBody sends a body.
func WithBody(contentType string, body []byte) RequestOption {
	return func(r *Request) {
		r.Header = append(r.Header, HeaderField{"Content-Type", contentType})
		r.Body = body
	}
}

// WithQuery sends a raw query string.
func WithQuery(raw string) RequestOption {
	return func(r *Request) { r.RawQuery, r.ForceQuery = raw, raw == "" }
}

// WithTimeout gives the request a timeout of its own.
func WithTimeout(d time.Duration) RequestOption { return func(r *Request) { r.Timeout = d } }

// WithoutContract leaves the answer unjudged by the contract.
func WithoutContract() RequestOption { return func(r *Request) { r.Unchecked = true } }

// WithBearer sends the actor's key as `Authorization: Bearer` in place of X-API-Key.
func WithBearer() RequestOption {
	return func(r *Request) {
		for i, f := range r.Header {
			if f.Name == "X-API-Key" {
				r.Header[i] = HeaderField{"Authorization", "Bearer " + f.Value}
			}
		}
	}
}

// Do sends a request on a connection of its own, closes it after the answer, and judges the answer by the contract unless
// r.Unchecked. Answers 429 are waited out.
//
// The error is a *Failure (the answer is no HTTP, too large, or breaks the contract; the exchange is returned as far as it
// went), *NoAnswer, *RateLimited, or the context's.
func (c *Client) Do(ctx context.Context, r Request) (*Exchange, error) { panic("unfinished") }

// Delete sends deleteTrack.
func (c *Client) Delete(ctx context.Context, as User, organization, track string, options ...RequestOption) (*Exchange, error) {
	panic("unfinished")
}

// Get sends getTrack.
func (c *Client) Get(ctx context.Context, as User, organization, track string, options ...RequestOption) (*Exchange, error) {
	panic("unfinished")
}

// List sends listSavedTracks. The query is raw ("limit=2&offset=1") and may be empty.
func (c *Client) List(ctx context.Context, as User, organization, query string, options ...RequestOption) (*Exchange, error) {
	panic("unfinished")
}

// Unsave sends unsaveTrack.
func (c *Client) Unsave(ctx context.Context, as User, organization, track string, options ...RequestOption) (*Exchange, error) {
	panic("unfinished")
}

// Connect opens a connection for several requests: keep-alive and pipelining.
func (c *Client) Connect(ctx context.Context) (*Conn, error) { panic("unfinished") }

// Provision makes a further scene.
func (c *Client) Provision(ctx context.Context, r SceneRequest) (*Scene, error) { panic("unfinished") }

// History returns the events of a track of the kinds that the suite knows (track.created, track.billed, track.deleted),
// oldest first. Only cases that need FeatureHistory, or ask Has first, may call it.
func (c *Client) History(ctx context.Context, organization, track string) ([]Event, error) {
	panic("unfinished")
}

// Has tells whether the provisioner offers a feature.
func (c *Client) Has(f Feature) bool { panic("unfinished") }

// Serves tells whether the target serves an operation. With ProfileFull it is to serve them all, so the answer is always
// true. Otherwise the target is asked once for the whole run, with a live track and its creator, who saved it.
func (c *Client) Serves(ctx context.Context, o Operation) bool { panic("unfinished") }

// Rand is this case's source of chance: the same for the same seed of the run and the same case. It must not be used by
// several goroutines at once.
func (c *Client) Rand() *rand.Rand { panic("unfinished") }
