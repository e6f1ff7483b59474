package suite

import (
	"bufio"
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// Client is what a case talks through: to the target as any actor, and to the provisioner. It belongs to one run of one
// case, records what is exchanged, and may be used by several goroutines at once.
type Client struct {
	// Scene is what the case's SceneRequest became, nil where it asked for none.
	Scene *provision.Scene
	// Target is the origin of the target with any prefix in front of /v1, without a trailing slash.
	Target string
	// Profile is what the run asks of the target.
	Profile requirement.Profile

	Run    *Session
	caseID string
	random *rand.Rand

	Log    exchangeLog
	mu     sync.Mutex
	actors map[string]int // how often an actor's name was used
}

// NewClient makes the client of one run of a case, without its scene.
func NewClient(run *Session, caseID string) *Client {
	hash := fnv.New64a()
	hash.Write([]byte(caseID))
	return &Client{
		Target:  run.Endpoint.URL(),
		Profile: run.Profile,
		Run:     run,
		caseID:  caseID,
		random:  rand.New(rand.NewPCG(run.Seed, hash.Sum64())),
		actors:  map[string]int{},
	}
}

// RequestOption changes a request before it is sent.
type RequestOption func(*wire.Request)

// WithHeader appends a header field.
func WithHeader(name, value string) RequestOption {
	return func(r *wire.Request) { r.Header = append(r.Header, wire.HeaderField{Name: name, Value: value}) }
}

// WithBody sends a body.
func WithBody(contentType string, body []byte) RequestOption {
	return func(r *wire.Request) {
		r.Header = append(r.Header, wire.HeaderField{Name: "Content-Type", Value: contentType})
		r.Body = body
	}
}

// WithQuery sends a raw query string.
func WithQuery(raw string) RequestOption {
	return func(r *wire.Request) { r.RawQuery, r.ForceQuery = raw, raw == "" }
}

// WithoutContract leaves the answer unjudged by the contract.
func WithoutContract() RequestOption { return func(r *wire.Request) { r.Unchecked = true } }

// WithBearer sends the actor's key as `Authorization: Bearer` in place of X-API-Key.
func WithBearer() RequestOption {
	return func(r *wire.Request) {
		for i, f := range r.Header {
			if f.Name == "X-API-Key" {
				r.Header[i] = wire.HeaderField{Name: "Authorization", Value: "Bearer " + f.Value}
			}
		}
	}
}

// NewRequest makes a request as an actor, with its key in X-API-Key where it has one. The path is raw.
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

// Do sends a request on a connection of its own, closes it after the answer, and judges the answer by the contract unless
// r.Unchecked. Answers 429 are waited out.
//
// The error is a *Failure (the answer is no HTTP, too large, or breaks the contract; the exchange is returned as far as it
// went), *NoAnswer, *RateLimited, or the context's.
func (c *Client) Do(ctx context.Context, r wire.Request) (*wire.Exchange, error) {
	if err := r.CheckLines(); err != nil {
		return nil, err
	}
	timeout := c.timeout(r)
	begin := time.Now()
	for retries := 0; ; retries++ {
		e, err := c.exchangeOnce(ctx, r, timeout)
		e.Retries = retries
		if err != nil || e.Status != http.StatusTooManyRequests {
			return e, err
		}
		wait := retryAfter(e, retries)
		if time.Since(begin)+wait > timeout {
			return e, &RateLimited{Exchange: e, Waited: time.Since(begin)}
		}
		c.Log.addRetry()
		select {
		case <-ctx.Done():
			return e, ctx.Err()
		case <-time.After(wait):
		}
	}
}

// retryAfter is how long to wait after an answer 429: what it says in seconds or as a date, else a little and then more.
func retryAfter(e *wire.Exchange, retries int) time.Duration {
	value := e.Header.Get("Retry-After")
	if seconds, err := strconv.ParseFloat(value, 64); err == nil && seconds > 0 && seconds < 1e6 {
		return time.Duration(seconds * float64(time.Second))
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(time.Until(at), 100*time.Millisecond)
	}
	return min(200*time.Millisecond<<min(retries, 10), 2*time.Second)
}

// Connect opens a connection for several requests: keep-alive and pipelining.
func (c *Client) Connect(ctx context.Context) (*Conn, error) {
	dialing, cancel := context.WithTimeout(ctx, c.Run.Timeout)
	defer cancel()
	begin := time.Now()
	conn, err := c.Run.Endpoint.Dial(dialing)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, &wire.NoResponse{Elapsed: time.Since(begin), Unsent: true, Err: err}
	}
	return &Conn{client: c, conn: conn, reader: bufio.NewReader(conn)}, nil
}

// Provision makes a further scene. Errors are *ProvisioningError, *MissingScene or the context's.
func (c *Client) Provision(ctx context.Context, r provision.Request) (*provision.Scene, error) {
	scene, err := c.Run.createScene(ctx, r)
	if err != nil {
		return nil, err
	}
	c.learn(scene)
	return scene, nil
}

// learn tells the run the keys of a scene, under names of their actors that are unique within the case.
func (c *Client) learn(s *provision.Scene) {
	c.mu.Lock()
	defer c.mu.Unlock()
	add := func(name, key string) {
		c.actors[name]++
		if n := c.actors[name]; n > 1 {
			name = fmt.Sprintf("%s_%d", name, n)
		}
		c.Run.OnKey(name, key)
	}
	for _, u := range s.Request.Users {
		add(u.Name, s.Users[u.Name].APIKey)
	}
	for _, k := range s.Request.RevokedKeys {
		add(k.Name, s.RevokedKeys[k.Name].APIKey)
	}
}

// History returns the events of a track of the kinds that the suite knows (track.created, track.billed, track.deleted),
// oldest first. Only cases that need FeatureHistory, or ask Has first, may call it. The error is a *Failure where the
// provisioner knows no history of the track, which came into being with one; otherwise a *ProvisioningError or the
// context's.
func (c *Client) History(ctx context.Context, organization, track string) ([]provision.Event, error) {
	return c.Run.history(ctx, organization, track)
}

// Has tells whether the provisioner offers a feature.
func (c *Client) Has(f provision.Feature) bool { return slices.Contains(c.Run.Features, f) }

// Serves tells whether the target serves an operation. With ProfileFull it is to serve them all, so the answer is always
// true. Otherwise the target is asked once for the whole run, with a live track and its creator, who saved it.
func (c *Client) Serves(ctx context.Context, o requirement.Operation) bool {
	return c.Profile.Includes(o) || c.Run.serves(ctx, o)
}

// Rand is this case's source of chance: the same for the same seed of the run and the same case. It must not be used by
// several goroutines at once.
func (c *Client) Rand() *rand.Rand { return c.random }

// ShrinkBudget is how long a failing sequence may be shrunk; 0 leaves it to the case.
func (c *Client) ShrinkBudget() time.Duration { return c.Run.Shrinking }

// timeout is how long a request may take.
func (c *Client) timeout(r wire.Request) time.Duration {
	if r.Timeout > 0 {
		return r.Timeout
	}
	return c.Run.Timeout
}

// newExchange starts the record of a request.
func (c *Client) newExchange(r wire.Request, keepAlive bool) *wire.Exchange {
	e := &wire.Exchange{
		Request: r.Complete(c.Run.Endpoint, keepAlive),
		URL:     c.Run.Endpoint.Origin + r.Target(c.Run.Endpoint.Prefix),
	}
	if route := c.Run.Contract.Find(r.Method, r.Path); route != nil {
		e.Operation = route.Operation.OperationID
	}
	return e
}

// judge compares an answer with the contract. What the contract says nothing about passes.
func (c *Client) judge(e *wire.Exchange) error {
	route := c.Run.Contract.Find(e.Request.Method, e.Request.Path)
	if e.Request.Unchecked || route == nil {
		return nil
	}
	if found := c.Run.Contract.Check(e, route); len(found) > 0 {
		return contractFailure(c.Run.Contract.Name, e, found)
	}
	return nil
}
