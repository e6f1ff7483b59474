package oracle

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/expect"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

const (
	// burstWait is how long a volley waits for its last connections once the first is there. A target that serves one
	// connection at a time accepts the next only after it has answered the first, so there must be an end to it.
	burstWait = 80 * time.Millisecond
	// raceBudget ends a case that repeats a race: against a slow target after fewer repeats.
	raceBudget = 3 * time.Second
)

// Attempt is one request of a volley and what came of it.
type Attempt struct {
	Action   Action
	Exchange *wire.Exchange
	// Sent and answered are on one clock for all shots: answered is not before the whole response was read.
	Sent, Answered time.Time
}

// burst carries out actions at the same time, as near to one instant as a client can: all connections are opened and all
// requests made first. Then either one goroutine writes them one after another, with nothing in between that could be delayed,
// or, scattered, each has a goroutine of its own: what meets depends on the target and the machine. Every shot has a response;
// where one has none, the error says which.
func burst(ctx context.Context, c *suite.Client, scene *provision.Scene, actions []Action, scattered bool) ([]Attempt, error) {
	shots := make([]Attempt, len(actions))
	errs := make([]error, len(actions))
	conns := make([]*suite.Conn, len(actions)) // nil where none could be opened
	ready := make(chan int, len(actions))
	fire := make(chan struct{})
	var done sync.WaitGroup
	for i, a := range actions {
		shots[i].Action = a
		done.Go(func() {
			request := RequestOf(scene, a)
			conns[i] = c.Prepare(ctx, request)
			ready <- i
			<-fire
			switch {
			case conns[i] == nil: // nothing was asked yet: the ordinary way is as good, only later
				shots[i].Sent = time.Now()
				shots[i].Exchange, errs[i] = c.Do(ctx, request)
			case shots[i].Sent.IsZero():
				shots[i].Sent = time.Now()
				conns[i].Flush(ctx) // where it fails there may be a response all the same
				fallthrough
			default:
				shots[i].Exchange, errs[i] = c.Finish(ctx, conns[i], request)
			}
			shots[i].Answered = time.Now()
		})
	}
	for _, i := range collect(ready, len(actions), burstWait) {
		if conns[i] != nil && !scattered {
			shots[i].Sent = time.Now()
			conns[i].Flush(ctx)
		}
	}
	close(fire)
	done.Wait()
	return shots, FirstFailure(errs)
}

// FirstFailure picks a failure of the target's where there is one, and else the first error.
func FirstFailure(errs []error) error {
	var first error
	for _, err := range errs {
		var failure *suite.Failure
		if errors.As(err, &failure) {
			return err
		}
		if first == nil {
			first = err
		}
	}
	return first
}

// collect returns when n numbers have come, or some time after the first, with those that came.
func collect(numbers <-chan int, n int, afterFirst time.Duration) []int {
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
func RequestOf(s *provision.Scene, a Action) wire.Request {
	var as provision.User
	if a.As != "" {
		as = s.User(a.As)
	}
	var options []suite.RequestOption
	if a.Bearer {
		options = append(options, suite.WithBearer())
	}
	if a.Operation == requirement.ListSavedTracks {
		r := NewRequest(requirement.ListSavedTracks, as, s.Organization(a.Organization), "", options...)
		r.RawQuery = a.Query.String()
		return r
	}
	return NewRequest(a.Operation, as, s.Organization(a.Organization), s.Track(a.Track), options...)
}

// Race is a case that lets requests loose at the same time, several times over, and looks at the world afterwards.
type Race struct {
	World  *World
	Start  time.Time
	bursts int
}

// NewRace takes the first look.
func NewRace(ctx context.Context, c *suite.Client) (*Race, error) {
	w, err := Observe(ctx, c)
	return &Race{World: w, Start: time.Now()}, err
}

// Over reports whether there is no time for another round.
func (r *Race) Over() bool { return time.Since(r.Start) > raceBudget }

// Run lets actions loose and judges every response: its status has to be one of allowed(its action), and its body right for
// that status.
func (r *Race) Run(ctx context.Context, actions []Action, allowed func(Action) []int) ([]Attempt, error) {
	r.bursts++
	shots, err := burst(ctx, r.World.Client, r.World.Scene, actions, r.bursts%3 == 0)
	if err != nil {
		return nil, err
	}
	for _, s := range shots {
		if !slices.Contains(allowed(s.Action), s.Exchange.Status) {
			return nil, suite.Fail(fmt.Sprintf("%s, at the same time as others, to be answered %s", s.Action, expect.StatusList(allowed(s.Action))),
				fmt.Sprintf("%s; all of them: %s", expect.Describe(s.Exchange), Tally(shots)), s.Exchange)
		}
		if err := s.JudgeBody(r.World.Scene); err != nil {
			return nil, err
		}
	}
	return shots, nil
}

// JudgeBody checks that a response is about its own request.
func (s Attempt) JudgeBody(scene *provision.Scene) error {
	switch {
	case s.Exchange.Status >= 400:
		return expect.Error(s.Exchange, s.Exchange.Status)
	case s.Action.Operation == requirement.DeleteTrack || s.Action.Operation == requirement.UnsaveTrack:
		return expect.Acknowledged(s.Exchange, scene.Track(s.Action.Track))
	case s.Action.Operation == requirement.GetTrack:
		_, err := expect.Track(s.Exchange, scene.Track(s.Action.Track))
		return err
	default:
		_, err := expect.Page(s.Exchange)
		return err
	}
}

// Tally writes the responses of a volley in a line: "2 × 200, 4 × 404".
func Tally(shots []Attempt) string {
	counts := map[int]int{}
	var statuses []int
	for _, s := range shots {
		if counts[s.Exchange.Status]++; counts[s.Exchange.Status] == 1 {
			statuses = append(statuses, s.Exchange.Status)
		}
	}
	slices.Sort(statuses)
	var parts []string
	for _, status := range statuses {
		parts = append(parts, fmt.Sprintf("%d × %d", counts[status], status))
	}
	return strings.Join(parts, ", ")
}

func ExchangesOf(shots []Attempt) []*wire.Exchange {
	var exchanges []*wire.Exchange
	for _, s := range shots {
		exchanges = append(exchanges, s.Exchange)
	}
	return exchanges
}

// Times repeats an action.
func Times(n int, a Action) []Action {
	actions := make([]Action, n)
	for i := range actions {
		actions[i] = a
	}
	return actions
}
