package suite

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// Client is what a case works with: it talks to the target as any actor, and to the provisioner. It
// belongs to one run of one case, and records every exchange. Several goroutines may use it at
// once.
type Client struct {
	// Scene is the scene that the case asked for, nil if it asked for none.
	Scene *provision.Scene
	// Target is the target's origin plus any prefix in front of /v1, without a trailing slash.
	Target string
	// Profile is the part of the contract that the target claims to serve.
	Profile requirement.Profile

	// Case is the case that runs.
	Case Case

	// Run is what the client shares with those of other cases.
	Run *Session
	// Log has the exchanges of the case.
	Log exchangeLog

	caseID string
	random *rand.Rand

	mu     sync.Mutex
	actors map[string]int // how many keys an actor's name stands for
	scenes []*provision.Scene
	looks  []Look
}

// NewClient returns the client of one run of a case, without its scene.
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

// Do sends a request on a connection of its own, closes the connection after the response, and
// judges the response by the contract unless r.Unchecked. It waits out 429 responses, and sends the
// request again if the connection is dropped before a byte of a response.
//
// The error is a [*Failure] if the response is not HTTP, is too large or breaks the contract, a
// [*wire.NoResponse], a [*RateLimited], or the context's. The exchange is returned with the error,
// as far as it went.
func (c *Client) Do(ctx context.Context, r wire.Request) (*wire.Exchange, error) {
	if err := r.CheckLines(); err != nil {
		return nil, err
	}
	timeout := c.timeout(r)
	begin := time.Now()
	for retries := 0; ; retries++ {
		e, err := c.exchange(ctx, r, timeout)
		e.Retries = retries
		if err != nil || e.Status != http.StatusTooManyRequests {
			return e, err
		}
		wait := wire.RetryAfter(e, retries)
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

// oneWrite is the size of the largest request that every system takes from us at once, whether the
// target reads it or not.
const oneWrite = 4 << 10

// exchangeOnce sends one request on a connection of its own, and passes the exchange to conclude.
func (c *Client) exchangeOnce(ctx context.Context, r wire.Request, timeout time.Duration) (*wire.Exchange, error) {
	e := c.newExchange(r, false)
	deadline := time.Now().Add(timeout)
	dialing, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	e.Start = time.Now()
	conn, err := c.Run.Endpoint.Dial(dialing)
	if err != nil {
		e.Duration = time.Since(e.Start)
		return e, c.conclude(ctx, e, err, true)
	}
	conn.SetDeadline(deadline)
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()

	request := e.Request.Bytes(c.Run.Endpoint.Prefix)
	written := make(chan error, 1)
	e.Start = time.Now()
	if len(request) <= oneWrite {
		_, err := conn.Write(request)
		written <- err
	} else {
		// Writing runs beside reading: a target may respond, and stop reading, in the middle.
		go func() {
			_, err := conn.Write(request)
			written <- err
		}()
	}
	reader := wire.NewReader(conn)
	err = wire.ReadResponse(reader, e.Request, e)
	e.Duration = time.Since(e.Start)
	if err == nil && !r.Unchecked {
		err = wire.TrailingBytes(conn, reader, e)
	}
	unsent := false
	select {
	case failed := <-written:
		unsent = failed != nil
		go wire.CloseAfterResponse(conn, reader)
	default: // the target has not read all of it, and may never
		conn.Close()
		unsent = <-written != nil
		wire.FreeReader(reader)
	}
	return e, c.conclude(ctx, e, err, unsent)
}

// conclude records an exchange, and turns the error of reading its response into one of
// [Client.Do].
func (c *Client) conclude(ctx context.Context, e *wire.Exchange, err error, unsent bool) error {
	var bad *wire.Malformed
	switch {
	case err == nil && e.Status == http.StatusTooManyRequests:
		// Not the target's fault: the caller waits it out or reports it.
	case err == nil:
		err = c.judge(e)
	case ctx.Err() != nil:
		err = ctx.Err()
	case errors.As(err, &bad):
		err = &Failure{Expected: bad.Expected, Actual: bad.Actual, Exchanges: []*wire.Exchange{e}, Contract: true}
	default:
		timeout := errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded)
		if errors.Is(err, io.EOF) {
			err = wire.ClosedEarly{Err: err}
		}
		err = &wire.NoResponse{Exchange: e, Elapsed: e.Duration, Timeout: timeout, Unsent: unsent, Err: err}
	}
	c.Run.OnExchange(c.caseID, e)
	c.Log.add(e, err)
	return err
}

// judge returns a [*Failure] if the response breaks the contract. A request that the contract does
// not describe passes.
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

// newExchange returns the exchange of a request that is about to be sent.
func (c *Client) newExchange(r wire.Request, keepAlive bool) *wire.Exchange {
	e := &wire.Exchange{
		Request: r.Complete(c.Run.Endpoint, keepAlive),
		URL:     c.Run.Endpoint.Origin + r.Target(c.Run.Endpoint.Prefix),
		Number:  c.Log.number(),
	}
	if route := c.Run.Contract.Find(r.Method, r.Path); route != nil {
		e.Operation = route.Operation.OperationID
	}
	return e
}

// timeout is how long a request may take.
func (c *Client) timeout(r wire.Request) time.Duration {
	if r.Timeout > 0 {
		return r.Timeout
	}
	return c.Run.Timeout
}

// Connect opens a connection for several requests, one after another or pipelined.
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
	return &Conn{client: c, conn: conn, reader: wire.NewReader(conn)}, nil
}

// Prepare opens a connection and makes a request ready on it, which [Conn.Flush] sends and
// [Client.Finish] ends. It returns nil if that is not possible.
func (c *Client) Prepare(ctx context.Context, request wire.Request) *Conn {
	conn, err := c.Connect(ctx)
	if err != nil {
		return nil
	}
	request.Header = append(slices.Clone(request.Header), wire.HeaderField{Name: "Connection", Value: "close"})
	if err := conn.prepare(request); err != nil {
		conn.Close()
		return nil
	}
	return conn
}

// Finish reads the response to a request that was flushed, and closes its connection. A 429
// response means that the request had no effect: it is sent again as by [Client.Do], and so is one
// whose connection was dropped.
func (c *Client) Finish(ctx context.Context, conn *Conn, request wire.Request) (*wire.Exchange, error) {
	x, err := conn.Receive(ctx)
	go wire.CloseAfterResponse(conn.conn, conn.reader)
	var limited *RateLimited
	if errors.As(err, &limited) {
		return c.Do(ctx, request)
	}
	if drop := wire.Drop(err); drop != nil && len(request.Body) <= largestRepeated {
		return c.again(ctx, drop, request)
	}
	return x, err
}

// KeepAlive returns a connection that is kept from request to request. Release it when done.
func (c *Client) KeepAlive() *KeepAlive { return &KeepAlive{client: c} }

// Provision makes a further scene. The error is a [*provision.Error], a [*provision.MissingScene]
// or the context's.
func (c *Client) Provision(ctx context.Context, r provision.Request) (*provision.Scene, error) {
	scene, err := c.Run.createScene(ctx, r)
	if err != nil {
		return nil, err
	}
	c.learn(scene)
	return scene, nil
}

// learn tells the run the keys of a scene, under names of their actors that are unique in the case.
func (c *Client) learn(s *provision.Scene) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.scenes = append(c.scenes, s)
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
	for _, k := range s.Request.ExtraKeys {
		add(k.Name, s.ExtraKeys[k.Name].APIKey)
	}
}

// History returns the events of a track, oldest first, of the types that the suite knows
// (track.created, track.billed, track.deleted). A case that calls it needs FeatureHistory, or asks
// [Client.SeesHistories] first. The error is a [*Failure] if the provisioner knew a history of the
// track before and knows none now, and otherwise a [*provision.Error] or the context's.
func (c *Client) History(ctx context.Context, organization, track string) ([]provision.Event, error) {
	histories, err := c.Histories(ctx, provision.TrackReference{Organization: organization, Track: track})
	if err != nil {
		return nil, err
	}
	return histories[0], nil
}

// Histories is [Client.History] for many tracks, in their order: with one message where the
// provisioner offers that. The first reading of a track has to come before anything is done to it.
func (c *Client) Histories(ctx context.Context, tracks ...provision.TrackReference) ([][]provision.Event, error) {
	return c.Run.histories(ctx, tracks)
}

// FreshHistories returns what the histories of the new tracks of a scene are like, where that is
// known without reading them; nil where they have to be read.
func (c *Client) FreshHistories(tracks []provision.TrackReference) []FreshEvent {
	if c.Has(provision.FeatureHistories) {
		return nil // one message has them all
	}
	known := c.Run.Fresh.Known(c.caseID)
	if known != nil {
		c.Run.haveHistories(tracks)
	}
	return known
}

// ExpectHistories makes sure that the provisioner has histories of new tracks, of which it reads as
// many as one message gives. Nothing may have been done to the tracks yet.
func (c *Client) ExpectHistories(ctx context.Context, tracks []provision.TrackReference) error {
	some := tracks
	if !c.Has(provision.FeatureHistories) {
		some = tracks[:min(1, len(tracks))]
	}
	if _, err := c.Histories(ctx, some...); err != nil {
		return err
	}
	c.Run.haveHistories(tracks)
	return nil
}

// SeesHistories reports whether [Client.History] and [Client.Histories] can be called.
func (c *Client) SeesHistories() bool {
	return c.Has(provision.FeatureHistory) || c.Has(provision.FeatureHistories)
}

// RevokeKey has the provisioner revoke a key of the scene. A case that calls it needs
// FeatureRevokeKey.
func (c *Client) RevokeKey(ctx context.Context, key string) error { return c.Run.revokeKey(ctx, key) }

// EndMembership has the provisioner take a user out of an organization. A case that calls it needs
// FeatureEndMembership.
func (c *Client) EndMembership(ctx context.Context, organization, user string) error {
	return c.Run.endMembership(ctx, organization, user)
}

// Has reports whether the provisioner offers a feature.
func (c *Client) Has(f provision.Feature) bool { return slices.Contains(c.Run.Features, f) }

// Serves reports whether the target serves an operation. It has to serve those of its profile; what
// it serves beyond is tried once in a run, on a live track as its creator.
func (c *Client) Serves(ctx context.Context, o requirement.Operation) bool {
	return c.Profile.Includes(o) || c.Run.serves(ctx, o)
}

// Rand is the case's source of chance: the same for the same seed of the run and the same case.
// Only one goroutine may use it at a time.
func (c *Client) Rand() *rand.Rand { return c.random }

// ShrinkBudget is how long a failing sequence may be shrunk; 0 leaves that to the case.
func (c *Client) ShrinkBudget() time.Duration { return c.Run.Shrinking }
