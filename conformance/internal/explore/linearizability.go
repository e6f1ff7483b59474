package explore

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/expect"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/oracle"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

const (
	historyActions = 11 // of each client
	historyFinale  = 4  // of these the last ones, most of them deletes by the creator
	historyRounds  = 2
	historyBudget  = 4 * time.Second // against a slow target the clients stop early
)

// historyTracks are the tracks that the clients act on. Each was created by the actor at its index
// in historyActors, and saved by all of them.
var historyTracks = []string{"a1", "b1", "c1"}

// historyActors are the actors of the clients: each twice, so that creators race themselves.
var historyActors = []string{"ann", "ben", "cai", "ann", "ben", "cai"}

// Linearizable is the Run of a case that records what concurrent clients do and see, and looks for
// an order of their requests that explains every response.
func Linearizable(ctx context.Context, c *suite.Client) error {
	mix := slices.DeleteFunc(actionMix(ctx, c), func(o requirement.Operation) bool { return o == "" })
	scene := c.Scene
	for round := range historyRounds {
		if round > 0 {
			var err error
			var none *provision.MissingScene
			if scene, err = c.Provision(ctx, SceneSequence); errors.As(err, &none) {
				return nil // a file of scenes has one for the first round only
			} else if err != nil {
				return err
			}
		}
		start := time.Now()
		records, err := recordHistory(ctx, c, scene, planHistory(c.Rand(), mix))
		if err != nil {
			return err
		}
		if err := judgeHistoryOrder(scene.Request, records); err != nil {
			return err
		}
		if time.Since(start) > historyBudget/2 {
			return nil
		}
	}
	return nil
}

// event is one request of a history and what is known of its outcome.
type event struct {
	client         int
	action         oracle.Action
	sent, received time.Duration // since the history began
	exchange       *wire.Exchange
	unknown        bool     // no response: the request may take effect at any time after sent, or never
	listed         []string // names of the tracks that a list showed
}

// possibleStatuses are the statuses that an operation has for a member with a key, in any order of
// events.
var possibleStatuses = map[requirement.Operation][]int{
	requirement.DeleteTrack:     {200, 403, 404},
	requirement.GetTrack:        {200, 404},
	requirement.ListSavedTracks: {200},
	requirement.UnsaveTrack:     {200, 404},
}

// read judges a response by itself, and sets listed.
func (r *event) read(scene *provision.Scene) error {
	if r.unknown {
		return nil
	}
	if err := expect.Status(r.exchange, possibleStatuses[r.action.Operation]...); err != nil {
		return err
	}
	if r.action.Operation != requirement.ListSavedTracks {
		return nil
	}
	page, err := expect.Page(r.exchange)
	if err != nil {
		return err
	}
	r.listed = oracle.TrackNames(scene, page.IDs())
	return nil
}

// planHistory draws the actions of each client. Most deletes are at the end, so that there is
// something to see before.
func planHistory(rng *rand.Rand, mix []requirement.Operation) [][]oracle.Action {
	isDelete := func(o requirement.Operation) bool { return o == requirement.DeleteTrack }
	others := slices.DeleteFunc(slices.Clone(mix), isDelete)
	plans := make([][]oracle.Action, len(historyActors))
	for client, as := range historyActors {
		own := historyTracks[client%len(historyTracks)]
		for i := range historyActions {
			a := oracle.Action{As: as, Organization: "home", Track: historyTracks[rng.IntN(len(historyTracks))]}
			a.Operation = mix[rng.IntN(len(mix))]
			finale := i >= historyActions-historyFinale
			switch {
			case finale && rng.IntN(2) == 0:
				a.Operation, a.Track = requirement.DeleteTrack, own
			case !finale && isDelete(a.Operation) && a.Track == own && len(others) > 0 && rng.IntN(4) > 0:
				a.Operation = others[rng.IntN(len(others))]
			case a.Operation == requirement.UnsaveTrack && rng.IntN(2) == 0:
				a.Operation = mix[rng.IntN(len(mix))]
			}
			if a.Operation == requirement.ListSavedTracks {
				a.Track = ""
			}
			plans[client] = append(plans[client], a)
		}
	}
	return plans
}

// recordHistory runs the clients concurrently, each of which carries out its plan in order.
func recordHistory(
	ctx context.Context, c *suite.Client, scene *provision.Scene, plans [][]oracle.Action,
) ([]event, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	histories := make([][]event, len(plans))
	errs := make([]error, len(plans))
	begin := time.Now()
	var clients sync.WaitGroup
	for client, plan := range plans {
		clients.Go(func() {
			for _, a := range plan {
				if time.Since(begin) > historyBudget {
					return
				}
				r := event{client: client, action: a, sent: time.Since(begin)}
				x, err := c.Do(ctx, oracle.RequestOf(scene, a))
				r.received, r.exchange = time.Since(begin), x
				var none *wire.NoResponse
				switch {
				case errors.As(err, &none) && ctx.Err() == nil:
					r.unknown = true
				case err != nil:
					errs[client] = err
					cancel()
					return
				case x.Status == 503: // the request may have been carried out or not
					r.unknown = true
				}
				if err := r.read(scene); err != nil {
					errs[client] = err
					cancel()
					return
				}
				if r.exchange != nil {
					r.exchange = r.exchange.Excerpt()
				}
				histories[client] = append(histories[client], r)
			}
		})
	}
	clients.Wait()
	records := slices.Concat(histories...)
	isKnown := func(r event) bool { return !r.unknown }
	if unknown := slices.DeleteFunc(slices.Clone(records), isKnown); len(unknown)*4 > len(records) {
		return nil, suite.Fail("a response to concurrent correct requests",
			fmt.Sprintf("none, or 503, to %d of %d", len(unknown), len(records)), unknown[0].exchange)
	}
	return records, oracle.FirstFailure(errs)
}
