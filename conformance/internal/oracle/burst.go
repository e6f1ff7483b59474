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

// volley carries out actions at the same time, as near to one instant as a client can: all connections are opened and all
// requests made first. Then either one goroutine writes them one after another, with nothing in between that could be delayed,
// or, scattered, each has a goroutine of its own: what meets depends on the target and the machine. Every shot has an answer;
// where one has none, the error says which.
func volley(ctx context.Context, c *Client, scene *Scene, actions []action, scattered bool) ([]shot, error) {
	shots := make([]shot, len(actions))
	errs := make([]error, len(actions))
	conns := make([]*Conn, len(actions)) // nil where none could be opened
	ready := make(chan int, len(actions))
	fire := make(chan struct{})
	var done sync.WaitGroup
	for i, a := range actions {
		shots[i].action = a
		done.Go(func() {
			request := requestOf(scene, a)
			conns[i] = c.aim(ctx, request)
			ready <- i
			<-fire
			switch {
			case conns[i] == nil: // nothing was asked yet: the ordinary way is as good, only later
				shots[i].sent = time.Now()
				shots[i].exchange, errs[i] = c.Do(ctx, request)
			case shots[i].sent.IsZero():
				shots[i].sent = time.Now()
				conns[i].release(ctx) // where it fails there may be an answer all the same
				fallthrough
			default:
				shots[i].exchange, errs[i] = c.hit(ctx, conns[i], request)
			}
			shots[i].answered = time.Now()
		})
	}
	for _, i := range gather(ready, len(actions), volleyWait) {
		if conns[i] != nil && !scattered {
			shots[i].sent = time.Now()
			conns[i].release(ctx)
		}
	}
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

// gather returns when n numbers have come, or some time after the first, with those that came.
func gather(numbers <-chan int, n int, afterFirst time.Duration) []int {
	came := []int{<-numbers}
	timer := time.NewTimer(afterFirst)
	defer timer.Stop()
	for len(came) < n {
		select {
		case number := <-numbers:
			came = append(came, number)
		case <-timer.C:
			return came
		}
	}
	return came
}

// request makes the request of an action.
func requestOf(s *Scene, a action) Request {
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
	world   *world
	start   time.Time
	volleys int
}

// newRace takes the first look.
func newRace(ctx context.Context, c *Client) (*race, error) {
	w, err := observe(ctx, c)
	return &race{world: w, start: time.Now()}, err
}

// over tells whether there is no time for another round.
func (r *race) over() bool { return time.Since(r.start) > raceBudget }

// run lets actions loose and judges every answer: its status has to be one of allowed(its action), and its body right for
// that status.
func (r *race) run(ctx context.Context, actions []action, allowed func(action) []int) ([]shot, error) {
	r.volleys++
	shots, err := volley(ctx, r.world.client, r.world.scene, actions, r.volleys%3 == 0)
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
