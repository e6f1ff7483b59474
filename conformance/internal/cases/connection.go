package cases

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/expect"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/oracle"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// overConnection sends requests one after another on one connection, as long as the target keeps
// it open. Judge is called with each response.
func overConnection(
	ctx context.Context,
	c *suite.Client,
	requests []wire.Request,
	judge func(i int, x *wire.Exchange) error,
) error {
	k := c.KeepAlive()
	defer k.Release()
	for i, r := range requests {
		x, err := k.Do(ctx, r)
		var none *wire.NoResponse
		if errors.As(err, &none) && len(r.Body) >= largeBody && !none.Timeout {
			continue // answered before it was read, and the answer was lost with the connection
		}
		if err != nil {
			return err
		}
		if err := judge(i, x); err != nil {
			return err
		}
	}
	return nil
}

// distinctTracesOnConnection sends refused requests on one connection.
func distinctTracesOnConnection(ctx context.Context, c *suite.Client) error {
	seen := map[string]*wire.Exchange{}
	var requests []wire.Request
	for range 4 {
		requests = append(requests, refusedByTurns(c.Scene)...)
	}
	return overConnection(ctx, c, requests, func(_ int, x *wire.Exchange) error { return expect.NewTrace(seen, x) })
}

func connectionCases() []suite.Case {
	return []suite.Case{
		{
			Area: deleteTrack, Slug: "connection-reuse-after-bodies",
			Title:     "Requests on one connection are read one by one, also after bodies",
			Operation: requirement.DeleteTrack,
			Requirements: []requirement.ID{
				requirement.InputConnectionReuse,
				requirement.DeleteBodyIgnored,
				requirement.DeleteRefusedChangesNothing,
			},
			Statuses: []int{401, 403, 404},
			Scene:    sceneStandard,
			Sends: "Deletes that are refused, one after another on one connection as long as the target " +
				"keeps it open, with bodies that look like the creator's delete of another track, some of " +
				"them after 64 KiB of something else.",
			Expects: "401, 403 and 404 in turn, as if each had come alone, and everything as it was; then " +
				"200 for the creator's delete.",
			Run: func(ctx context.Context, c *suite.Client) error {
				w, err := oracle.Observe(ctx, c)
				if err != nil {
					return err
				}
				s := c.Scene
				smuggled := smuggledDelete(s, "before")
				var requests []wire.Request
				for i, r := range slices.Concat(refusedByTurns(s), refusedByTurns(s), refusedByTurns(s)) {
					body := smuggled
					if i >= 6 {
						body = strings.Repeat("x", largeBody) + strings.Repeat(smuggled, 8)
					}
					suite.WithBody("application/octet-stream", []byte(body))(&r)
					r.Chunked = i/3 == 1
					requests = append(requests, r)
				}
				if err := overConnection(ctx, c, requests, func(i int, x *wire.Exchange) error {
					return expect.Error(x, []int{401, 403, 404}[i%3])
				}); err != nil {
					return err
				}
				if err := w.Verify(ctx); err != nil {
					return err
				}
				return w.Perform(ctx, oracle.Deletes("creator", "song"))
			},
		},
		{
			Area: getTrack, Slug: "connection-reuse-after-bodies",
			Title:     "A body on a get is not the next request",
			Operation: requirement.GetTrack,
			Requirements: []requirement.ID{
				requirement.InputConnectionReuse,
				requirement.GetChangesNothing,
			},
			Statuses: []int{404},
			Scene:    sceneStandard,
			Sends: "Gets that are refused, one after another on one connection as long as the target keeps " +
				"it open, with bodies that look like the creator's delete of a track.",
			Expects: "404 for each, or another 4xx from a target that accepts no body here, and everything " +
				"as it was.",
			Run: func(ctx context.Context, c *suite.Client) error {
				w, err := oracle.Observe(ctx, c)
				if err != nil {
					return err
				}
				var requests []wire.Request
				for i := range 4 {
					r := oracle.RequestOf(c.Scene, oracle.Gets("member", "song"),
						suite.WithBody("application/octet-stream", []byte(smuggledDelete(c.Scene, "before"))), suite.WithoutContract())
					r.Chunked = i%2 == 1
					requests = append(requests, r)
				}
				if err := overConnection(ctx, c, requests, func(_ int, x *wire.Exchange) error {
					if x.Status < 400 || x.Status >= 500 {
						return suite.Fail("404, or another 4xx", expect.Describe(x), x)
					}
					return nil
				}); err != nil {
					return err
				}
				return w.Verify(ctx)
			},
		},
		{
			Area: deleteTrack, Slug: "pipelined-requests",
			Title:     "Pipelined requests get their responses in the order of the requests",
			Operation: requirement.DeleteTrack,
			Requirements: []requirement.ID{
				requirement.InputConnectionReuse,
				requirement.DeleteRefusedChangesNothing,
			},
			Statuses: []int{401, 403, 404},
			Scene:    sceneStandard,
			Sends: "Six deletes that are refused for three reasons in turn, two of them with bodies, sent " +
				"at once on one connection.",
			Expects: "401, 403 and 404 in that order, each about its own track, until the target closes " +
				"the connection, and everything as it was; then 200 for the creator's delete.",
			Run: func(ctx context.Context, c *suite.Client) error {
				w, err := oracle.Observe(ctx, c)
				if err != nil {
					return err
				}
				if err := pipelined(ctx, c, pipelinedRequests(c.Scene)); err != nil {
					return err
				}
				if err := w.Verify(ctx); err != nil {
					return err
				}
				return w.Perform(ctx, oracle.Deletes("creator", "song"))
			},
		},
		{
			Area: deleteTrack, Slug: "connection-carries-no-identity",
			Title:     "A connection does not remember who called on it before",
			Operation: requirement.DeleteTrack,
			Requirements: []requirement.ID{
				requirement.InputConnectionReuse,
				requirement.KeyRequired,
				requirement.DeleteOnlyCreator,
			},
			Statuses: []int{200, 401, 403, 404},
			Scene:    sceneStandard,
			Sends: "On one connection: a saver's delete, the creator's delete of that track, then deletes without a " +
				"key, by an outsider, and by the creator again.",
			Expects: "403, 200, 401, 404 and 404, and the creator in the track's history.",
			Run: func(ctx context.Context, c *suite.Client) error {
				s := c.Scene
				requests := []wire.Request{
					oracle.RequestOf(s, oracle.Deletes("saver", "song")),
					oracle.RequestOf(s, oracle.Deletes("creator", "song")),
					oracle.RequestOf(s, oracle.Deletes("", "before")),
					oracle.RequestOf(s, oracle.Deletes("outsider", "before")),
					oracle.RequestOf(s, oracle.Deletes("creator", "song")),
				}
				w, err := oracle.Observe(ctx, c)
				if err != nil {
					return err
				}
				if err := overConnection(ctx, c, requests, func(i int, x *wire.Exchange) error {
					if i == 1 {
						return expect.Acknowledged(x, s.Track("song"))
					}
					return expect.Error(x, []int{403, 200, 401, 404, 404}[i])
				}); err != nil {
					return err
				}
				w.Apply(oracle.Deletes("creator", "song"))
				return w.Verify(ctx)
			},
		},
	}
}

// smuggledDelete is the creator's delete of a track as bytes, to be put where a server must not
// read a request.
func smuggledDelete(s *provision.Scene, track string) string {
	return fmt.Sprintf("DELETE %s HTTP/1.1\r\nHost: localhost\r\nX-API-Key: %s\r\nContent-Length: 0\r\n\r\n",
		requirement.TrackPath(s.Organization("home"), s.Track(track)), s.User("creator").Key)
}

// pipelinedRequests get 401, 403 and 404 in turn. Neighbours are about different tracks.
func pipelinedRequests(s *provision.Scene) []wire.Request {
	requests := []wire.Request{
		oracle.RequestOf(s, oracle.Deletes("", "song")),
		oracle.RequestOf(s, oracle.Deletes("saver", "before")),
		oracle.RequestOf(s, oracle.Deletes("member", "after")),
		oracle.RequestOf(s, oracle.Deletes("", "before")),
		oracle.RequestOf(s, oracle.Deletes("saver", "song"),
			suite.WithBody("application/json", []byte(`{"track_id":null}`))),
		oracle.RequestOf(s, oracle.Deletes("member", "before"),
			suite.WithBody("text/plain", []byte("DELETE / HTTP/1.1\r\n\r\n"))),
	}
	requests[5].Chunked = true
	return requests
}

// pipelined sends everything before it reads anything. The target may close the connection after
// any response, and what it has not read by then may make the client lose that response.
func pipelined(ctx context.Context, c *suite.Client, requests []wire.Request) error {
	conn, err := c.Connect(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	sent := 0
	for _, r := range requests {
		err := conn.Send(ctx, r)
		if err != nil && !wire.IsNoResponse(err) {
			return err
		}
		if err != nil && sent > 0 {
			break // closed already, after an answer that is still to be read
		}
		sent++
	}
	for i := range sent {
		x, err := conn.Receive(ctx)
		var none *wire.NoResponse
		var limited *suite.RateLimited
		switch {
		case errors.As(err, &none) && !none.Timeout && none.Exchange.Status == 0:
			return nil // closed: after an answer, or before the first one got through the close
		case errors.As(err, &limited):
			continue
		case err != nil:
			return err
		}
		if err := expect.Error(x, []int{401, 403, 404}[i%3]); err != nil {
			return err
		}
		if x.Closed {
			return nil
		}
	}
	return nil
}
