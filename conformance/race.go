package conformance

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	// volleyWait is how long a volley waits for its last connections once the first is there. A target that serves one
	// connection at a time accepts the next only after it has answered the first, so there must be an end to it.
	volleyWait = 80 * time.Millisecond
	// raceBudget ends a case that repeats a race: against a slow target after fewer repeats.
	raceBudget = 3 * time.Second
)

// shot is one request of a volley and what came of it.
type shot struct {
	action   action
	exchange *Exchange
	// sent and answered are on one clock for all shots: answered is not before the whole answer was read.
	sent, answered time.Time
}

// volley carries out actions at the same time, as near to one instant as a client can: all connections are opened first,
// then all requests are written. Every shot has an answer; where one has none, the error says which.
func volley(ctx context.Context, c *Client, scene *Scene, actions []action) ([]shot, error) {
	shots := make([]shot, len(actions))
	errs := make([]error, len(actions))
	connected := make(chan struct{}, len(actions))
	fire := make(chan struct{})
	var done sync.WaitGroup
	for i, a := range actions {
		done.Go(func() {
			conn, err := c.Connect(ctx)
			connected <- struct{}{}
			<-fire
			shots[i] = shot{action: a, sent: time.Now()}
			request := scene.request(a)
			if err != nil { // no connection, so nothing was sent: the ordinary way is as good, only later
				shots[i].exchange, errs[i] = c.Do(ctx, request)
			} else {
				shots[i].exchange, errs[i] = c.shoot(ctx, conn, request)
			}
			shots[i].answered = time.Now()
		})
	}
	waitFor(connected, len(actions), volleyWait)
	close(fire)
	done.Wait()
	return shots, worst(errs)
}

// worst picks a failure of the target's where there is one, and else the first error.
func worst(errs []error) error {
	var first error
	for _, err := range errs {
		var failure *Failure
		if errors.As(err, &failure) {
			return err
		}
		if first == nil {
			first = err
		}
	}
	return first
}

// waitFor returns when n signals have come, or some time after the first.
func waitFor(signals <-chan struct{}, n int, afterFirst time.Duration) {
	<-signals
	timer := time.NewTimer(afterFirst)
	defer timer.Stop()
	for range n - 1 {
		select {
		case <-signals:
		case <-timer.C:
			return
		}
	}
}

// shoot sends one request on a connection that is open already, and closes it. An answer 429 had no effect: it is waited
// out on connections of its own.
func (c *Client) shoot(ctx context.Context, conn *Conn, request Request) (*Exchange, error) {
	defer conn.Close()
	alone := request
	alone.Header = append(slices.Clone(request.Header), HeaderField{"Connection", "close"})
	var x *Exchange
	err := conn.Send(ctx, alone)
	if ctx.Err() == nil { // also where sending failed: an answer may be there all the same
		x, err = conn.Receive(ctx)
	}
	var limited *RateLimited
	if errors.As(err, &limited) {
		return c.Do(ctx, request)
	}
	return x, err
}

// request makes the request of an action.
func (s *Scene) request(a action) Request {
	var as User
	if a.as != "" {
		as = s.User(a.as)
	}
	var options []RequestOption
	if a.bearer {
		options = append(options, WithBearer())
	}
	if a.operation == ListSavedTracks {
		r := ask(ListSavedTracks, as, s.Organization(a.organization), "", options...)
		r.RawQuery = a.query.String()
		return r
	}
	return ask(a.operation, as, s.Organization(a.organization), s.Track(a.track), options...)
}

// race is a case that lets requests loose at the same time, several times over, and looks at the world afterwards.
type race struct {
	world *world
	start time.Time
}

// newRace takes the first look.
func newRace(ctx context.Context, c *Client) (*race, error) {
	w, err := observe(ctx, c)
	return &race{w, time.Now()}, err
}

// over tells whether there is no time for another round.
func (r *race) over() bool { return time.Since(r.start) > raceBudget }

// run lets actions loose and judges every answer: its status has to be one of allowed(its action), and its body right for
// that status.
func (r *race) run(ctx context.Context, actions []action, allowed func(action) []int) ([]shot, error) {
	shots, err := volley(ctx, r.world.client, r.world.scene, actions)
	if err != nil {
		return nil, err
	}
	for _, s := range shots {
		if !slices.Contains(allowed(s.action), s.exchange.Status) {
			return nil, Fail(fmt.Sprintf("%s, at the same time as others, to be answered %s", s.action, statusList(allowed(s.action))),
				fmt.Sprintf("%s; all of them: %s", got(s.exchange), tally(shots)), s.exchange)
		}
		if err := s.judgeBody(r.world.scene); err != nil {
			return nil, err
		}
	}
	return shots, nil
}

// judgeBody checks that an answer is about its own request.
func (s shot) judgeBody(scene *Scene) error {
	switch {
	case s.exchange.Status >= 400:
		return expectError(s.exchange, s.exchange.Status)
	case s.action.operation == DeleteTrack || s.action.operation == UnsaveTrack:
		return expectAcknowledged(s.exchange, scene.Track(s.action.track))
	case s.action.operation == GetTrack:
		_, err := expectTrack(s.exchange, scene.Track(s.action.track))
		return err
	default:
		_, err := expectPage(s.exchange)
		return err
	}
}

// tally writes the answers of a volley in a line: "2 × 200, 4 × 404".
func tally(shots []shot) string {
	counts := map[int]int{}
	var statuses []int
	for _, s := range shots {
		if counts[s.exchange.Status]++; counts[s.exchange.Status] == 1 {
			statuses = append(statuses, s.exchange.Status)
		}
	}
	slices.Sort(statuses)
	var parts []string
	for _, status := range statuses {
		parts = append(parts, fmt.Sprintf("%d × %d", counts[status], status))
	}
	return strings.Join(parts, ", ")
}

func exchangesOf(shots []shot) []*Exchange {
	var exchanges []*Exchange
	for _, s := range shots {
		exchanges = append(exchanges, s.exchange)
	}
	return exchanges
}

// times repeats an action.
func times(n int, a action) []action {
	actions := make([]action, n)
	for i := range actions {
		actions[i] = a
	}
	return actions
}
