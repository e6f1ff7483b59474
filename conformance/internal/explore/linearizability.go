package explore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/expect"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/oracle"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

const (
	historyActions = 11 // of each client
	historyFinale  = 4  // of them, in which tracks are mostly deleted by those who made them
	historyRounds  = 2
	historyBudget  = 4 * time.Second // against a slow target the clients stop early
	checkTimeout   = 5 * time.Second
)

// historyTracks are the tracks that the clients fight over, each made by the actor at the same place of historyActors and
// saved by all of them.
var historyTracks = []string{"a1", "b1", "c1"}

// historyActors are who the clients are: each of them twice, so that creators race themselves.
var historyActors = []string{"ann", "ben", "cai", "ann", "ben", "cai"}

// Linearizable records what concurrent clients do and see, and looks for an order that explains it.
func Linearizable(ctx context.Context, c *suite.Client) error {
	var mix []requirement.Operation
	for _, o := range requirement.Operations() {
		if c.Serves(ctx, o) {
			mix = append(mix, o)
		}
	}
	scene := c.Scene
	for round := range historyRounds {
		if round > 0 {
			var err error
			var none *provision.MissingScene
			if scene, err = c.Provision(ctx, SceneSequence); errors.As(err, &none) {
				return nil // a file of scenes that holds one of this shape has room for one round
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
	sent, answered time.Duration // since the history began
	exchange       *wire.Exchange
	unknown        bool     // no response: it may take effect at any time after sent, or never
	listed         []string // names of the tracks that a list showed
}

// planHistory draws what each client does. Tracks are mostly deleted at the end, so that there is something to see before.
func planHistory(rng *rand.Rand, mix []requirement.Operation) [][]oracle.Action {
	quiet := slices.DeleteFunc(slices.Clone(mix), func(o requirement.Operation) bool { return o == requirement.DeleteTrack })
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
			case !finale && a.Operation == requirement.DeleteTrack && a.Track == own && len(quiet) > 0 && rng.IntN(4) > 0:
				a.Operation = quiet[rng.IntN(len(quiet))]
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

// recordHistory lets the clients carry their plans out, each one action after another, all beside one another.
func recordHistory(ctx context.Context, c *suite.Client, scene *provision.Scene, plans [][]oracle.Action) ([]event, error) {
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
				r.answered, r.exchange = time.Since(begin), x
				var none *wire.NoResponse
				switch {
				case errors.As(err, &none) && ctx.Err() == nil:
					r.unknown = true
				case err != nil:
					errs[client] = err
					cancel()
					return
				case x.Status == 503: // the store did not answer: carried out or not
					r.unknown = true
				}
				if err := r.read(scene); err != nil {
					errs[client] = err
					cancel()
					return
				}
				histories[client] = append(histories[client], r)
			}
		})
	}
	clients.Wait()
	records := slices.Concat(histories...)
	if silent := slices.DeleteFunc(slices.Clone(records), func(r event) bool { return !r.unknown }); len(silent)*4 > len(records) {
		return nil, suite.Fail("a response to correct requests beside others", fmt.Sprintf("none, or 503, to %d of %d", len(silent), len(records)), silent[0].exchange)
	}
	return records, oracle.FirstFailure(errs)
}

// possibleStatuses are what an operation can be answered at all, by a member with a key.
var possibleStatuses = map[requirement.Operation][]int{
	requirement.DeleteTrack: {200, 403, 404}, requirement.GetTrack: {200, 404}, requirement.ListSavedTracks: {200}, requirement.UnsaveTrack: {200, 404},
}

// read judges a response by itself, and takes out what a list showed.
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

// The history is checked track by track, and for each track in two parts: what get, delete and unsave say of it, and what
// lists say. A list is taken apart into one look at each track. Both make the demand weaker, on purpose: a target may read
// a library track by track, and a delete on its way may be seen by a get before a list; only once it is answered everybody
// has to see it. What remains is sound: whatever fails it has no order at all.

// trackInput is an action on one track, by somebody.
type trackInput struct {
	operation requirement.Operation
	actor     int // index of historyActors; the same person has the same one
	creator   bool
}

// trackOutput is what came of it. status is 0 where it is unknown.
type trackOutput struct {
	status int
	seen   bool // by a list
}

// trackState is what is true of a track: whether it lives, and who has it saved, a bit for each actor.
type trackState struct {
	live  bool
	saved uint32
}

// step reports whether a response is right in a state, and the state after it.
func (s trackState) step(in trackInput, out trackOutput) (bool, trackState) {
	bit := uint32(1) << in.actor
	access := s.live && (in.creator || s.saved&bit != 0)
	next, status := s, 200
	switch {
	case in.operation == requirement.ListSavedTracks:
		return out.seen == (s.live && s.saved&bit != 0), s
	case !access:
		status = 404
	case in.operation == requirement.DeleteTrack && !in.creator:
		status = 403
	case in.operation == requirement.DeleteTrack:
		next.live = false
	case in.operation == requirement.UnsaveTrack:
		next.saved &^= bit
	}
	return out.status == 0 || out.status == status, next
}

// trackHistory is one part of a history that is checked by itself.
type trackHistory struct {
	track      string
	through    string // what it is seen through
	initial    trackState
	operations []porcupine.Operation
	records    []event
}

func (h *trackHistory) model() porcupine.Model {
	return porcupine.Model{
		Init: func() any { return h.initial },
		Step: func(state, input, output any) (bool, any) {
			ok, next := state.(trackState).step(input.(trackInput), output.(trackOutput))
			return ok, next
		},
		DescribeOperation: func(input, output any) string { return nameOperation(input.(trackInput), output.(trackOutput)) },
		DescribeState:     func(state any) string { return state.(trackState).String() },
	}
}

func (s trackState) String() string {
	if !s.live {
		return "deleted"
	}
	var savers []string
	for i, name := range historyActors {
		if s.saved&(1<<i) != 0 {
			savers = append(savers, name)
		}
	}
	return "live, saved by " + strings.Join(savers, ", ")
}

// nameOperation is short, for the picture.
func nameOperation(in trackInput, out trackOutput) string {
	verb := map[requirement.Operation]string{requirement.DeleteTrack: "delete", requirement.GetTrack: "get", requirement.ListSavedTracks: "list", requirement.UnsaveTrack: "unsave"}[in.operation]
	outcome := fmt.Sprint(out.status)
	switch {
	case in.operation == requirement.ListSavedTracks && out.seen:
		outcome = "seen"
	case in.operation == requirement.ListSavedTracks:
		outcome = "not"
	case out.status == 0:
		outcome = "?"
	}
	return historyActors[in.actor] + " " + verb + " " + outcome
}

func describeOperation(in trackInput, out trackOutput) string {
	line := fmt.Sprintf("%s: %s", historyActors[in.actor], in.operation)
	switch {
	case in.operation == requirement.ListSavedTracks && out.seen:
		return line + " shows it"
	case in.operation == requirement.ListSavedTracks:
		return line + " does not show it"
	case out.status == 0:
		return line + " without a response"
	default:
		return fmt.Sprintf("%s is %d", line, out.status)
	}
}

// splitHistory takes a history apart into what is checked by itself.
func splitHistory(scene provision.Request, records []event) []*trackHistory {
	var parts []*trackHistory
	for _, name := range historyTracks {
		t := scene.Tracks[slices.IndexFunc(scene.Tracks, func(t provision.TrackRequest) bool { return t.Name == name })]
		initial := trackState{live: true}
		for _, saver := range t.SavedBy {
			initial.saved |= 1 << slices.Index(historyActors, saver)
		}
		direct := &trackHistory{track: name, through: "get, delete and unsave", initial: initial}
		listed := &trackHistory{track: name, through: "lists", initial: initial}
		for _, r := range records {
			in := trackInput{r.action.Operation, slices.Index(historyActors, r.action.As), r.action.As == t.Creator}
			switch {
			case r.action.Operation == requirement.ListSavedTracks:
				if !r.unknown {
					listed.add(in, trackOutput{200, slices.Contains(r.listed, name)}, r)
				}
			case r.action.Track != name:
			case r.unknown && r.action.Operation == requirement.GetTrack: // says nothing
			case r.unknown:
				direct.add(in, trackOutput{}, r)
				listed.add(in, trackOutput{}, r)
			default:
				out := trackOutput{status: r.exchange.Status}
				direct.add(in, out, r)
				if r.action.Operation != requirement.GetTrack {
					listed.add(in, out, r)
				}
			}
		}
		parts = append(parts, direct, listed)
	}
	return parts
}

func (h *trackHistory) add(in trackInput, out trackOutput, r event) {
	answered := r.answered.Nanoseconds()
	if r.unknown {
		answered = math.MaxInt64 // it may take effect at any later time
	}
	h.operations = append(h.operations, porcupine.Operation{ClientId: r.client, Input: in, Output: out, Call: r.sent.Nanoseconds(), Return: answered})
	h.records = append(h.records, r)
}

// judgeHistoryOrder fails with a picture where a part of a history has no order.
func judgeHistoryOrder(scene provision.Request, records []event) error {
	for _, part := range splitHistory(scene, records) {
		result, info := porcupine.CheckOperationsVerbose(part.model(), part.operations, checkTimeout)
		switch result {
		case porcupine.Ok:
			continue
		case porcupine.Unknown:
			return fmt.Errorf("no order of %d concurrent requests was found or ruled out in %v: the machine is too busy, run the case again", len(part.operations), checkTimeout)
		}
		failure := &suite.Failure{
			Expected: fmt.Sprintf("an order of the requests about %s, each between its sending and its response, that explains every response (seen through %s)", part.track, part.through),
			Actual:   "none:\n" + part.describe(),
		}
		slices.SortFunc(part.records, func(a, b event) int { return int(a.sent - b.sent) })
		for _, r := range part.records {
			failure.Exchanges = append(failure.Exchanges, r.exchange)
		}
		var picture bytes.Buffer
		if err := porcupine.Visualize(part.model(), info, &picture); err == nil {
			failure.Attachments = []suite.Attachment{{Name: "history-of-" + part.track + ".html", MediaType: "text/html", Data: picture.Bytes()}}
		}
		return failure
	}
	return nil
}

// describe writes the history by when its requests were sent.
func (h *trackHistory) describe() string {
	lines := make([]string, len(h.operations))
	order := make([]int, len(h.operations))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return int(h.operations[a].Call - h.operations[b].Call) })
	for i, at := range order {
		o := h.operations[at]
		until := "…"
		if o.Return != math.MaxInt64 {
			until = inMilliseconds(o.Return)
		}
		lines[i] = fmt.Sprintf("%9s – %9s ms  %s", inMilliseconds(o.Call), until, describeOperation(o.Input.(trackInput), o.Output.(trackOutput)))
	}
	return strings.Join(lines, "\n")
}

func inMilliseconds(ns int64) string { return fmt.Sprintf("%.2f", float64(ns)/1e6) }
