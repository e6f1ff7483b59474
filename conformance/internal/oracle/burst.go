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

// burstWait is how long a burst waits for its last connections after the first is open. A target
// that serves one connection at a time accepts the next only after the first response, so there has
// to be an end to it.
const burstWait = 80 * time.Millisecond

// Attempt is one request of a burst and the response to it.
type Attempt struct {
	Action   Action
	Exchange *wire.Exchange
	// Sent and Answered are times of one clock: before the request was written, and after the
	// response was read.
	Sent, Answered time.Time
}

// JudgeBody checks that a response is about its own request.
func (a Attempt) JudgeBody(scene *provision.Scene) error {
	return judgeBody(scene, a.Action, a.Exchange)
}

// judgeBody checks the body of the response to an action, whatever its status: that it is complete,
// and about the track of the action.
func judgeBody(scene *provision.Scene, a Action, x *wire.Exchange) error {
	switch {
	case x.Status >= 400:
		return expect.Error(x, x.Status)
	case a.Operation == requirement.DeleteTrack || a.Operation == requirement.UnsaveTrack:
		return expect.Acknowledged(x, scene.Track(a.Track))
	case a.Operation == requirement.GetTrack:
		_, err := expect.Track(x, scene.Track(a.Track))
		return err
	default:
		_, err := expect.Page(x)
		return err
	}
}

// burst sends the requests of actions as near to one instant as a client can: it first opens all
// connections and prepares all requests. Then one goroutine writes them one after another, without
// anything in between that could be delayed; or, if scattered, each has a goroutine of its own, and
// what meets depends on the target and the machine. Without an error every attempt has a response.
func burst(
	ctx context.Context, c *suite.Client, scene *provision.Scene, actions []Action, scattered bool,
) ([]Attempt, error) {
	attempts := make([]Attempt, len(actions))
	errs := make([]error, len(actions))
	conns := make([]*suite.Conn, len(actions)) // nil if one could not be opened
	ready := make(chan int, len(actions))
	flushed := make(chan struct{})
	var done sync.WaitGroup
	for i, a := range actions {
		attempts[i].Action = a
		done.Go(func() {
			request := RequestOf(scene, a)
			conns[i] = c.Prepare(ctx, request)
			ready <- i
			<-flushed
			switch {
			case conns[i] == nil: // nothing was sent yet: the usual way does as well, only later
				attempts[i].Sent = time.Now()
				attempts[i].Exchange, errs[i] = c.Do(ctx, request)
			case attempts[i].Sent.IsZero():
				attempts[i].Sent = time.Now()
				conns[i].Flush(ctx) // if it fails there may be a response all the same
				fallthrough
			default:
				attempts[i].Exchange, errs[i] = c.Finish(ctx, conns[i], request)
			}
			attempts[i].Answered = time.Now()
		})
	}
	for _, i := range collect(ready, len(actions), burstWait) {
		if conns[i] != nil && !scattered {
			attempts[i].Sent = time.Now()
			conns[i].Flush(ctx)
		}
	}
	close(flushed)
	done.Wait()
	return attempts, FirstFailure(errs)
}

// FirstFailure returns a failure of the target if there is one, otherwise the first error.
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

// collect returns the numbers that it receives until there are n of them, or until some time after
// the first.
func collect(numbers <-chan int, n int, afterFirst time.Duration) []int {
	received := []int{<-numbers}
	timer := time.NewTimer(afterFirst)
	defer timer.Stop()
	for len(received) < n {
		select {
		case number := <-numbers:
			received = append(received, number)
		case <-timer.C:
			return received
		}
	}
	return received
}

// Tally counts the statuses of a burst: "2 × 200, 4 × 404".
func Tally(attempts []Attempt) string {
	counts := map[int]int{}
	var statuses []int
	for _, s := range attempts {
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

// ExchangesOf returns the exchanges of a burst.
func ExchangesOf(attempts []Attempt) []*wire.Exchange {
	var exchanges []*wire.Exchange
	for _, s := range attempts {
		exchanges = append(exchanges, s.Exchange)
	}
	return exchanges
}
