package explore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/oracle"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
)

const (
	WalkSteps   = 60              // actions before the closing ones
	walkBudget  = 4 * time.Second // against a slow target the walk ends early, after walkMinimum actions
	walkMinimum = 10
)

// RandomWalk is the Run of a case that sends a random sequence of requests by several actors, and
// compares every response with the model. It shrinks a sequence that fails before it shows it.
func RandomWalk(ctx context.Context, c *suite.Client) error {
	mix := actionMix(ctx, c)
	rng := c.Rand()
	actions := randomActions(rng, SceneSequence, mix, WalkSteps)
	closing := closingActions(rng, SceneSequence, mix)
	found, err := runActions(ctx, c, c.Scene, actions, closing)
	if err != nil || found == nil {
		return err
	}
	shortest := shrinkMismatch(ctx, c, found)
	return shortest.failure(len(found.done))
}

// runActions carries out actions and then closing, in order, until the target differs from the
// model. Against a slow target it skips the rest of actions.
func runActions(
	ctx context.Context, c *suite.Client, scene *provision.Scene, actions, closing []oracle.Action,
) (*mismatch, error) {
	m := oracle.NewModel(scene.Request)
	found := &mismatch{}
	readsHistory := func(a oracle.Action) bool { return a.Operation == "" }
	if slices.ContainsFunc(slices.Concat(actions, closing), readsHistory) {
		// Read before anything is done, they show whether the provisioner has them at all.
		if err := c.ExpectHistories(ctx, historiesOf(scene)); err != nil {
			return nil, err
		}
	}
	start := time.Now()
	for i, a := range slices.Concat(actions, closing) {
		if i >= walkMinimum && i < len(actions) && time.Since(start) > walkBudget {
			continue
		}
		want := m.Apply(a)
		actual, x, err := perform(ctx, c, scene, a, want)
		found.done = append(found.done, a)
		if x != nil {
			found.exchanges = append(found.exchanges, x.Excerpt())
		}
		var broken *suite.Failure
		switch {
		case errors.As(err, &broken):
			found.expected, found.actual = broken.Expected, broken.Actual
			found.contractLine, found.contract = broken.ContractLine, broken.Contract
			return found, nil
		case err != nil:
			return nil, err
		case actual != "":
			found.expected, found.actual = want.Describe(a), actual
			return found, nil
		}
	}
	return nil, nil
}

// historiesOf are all tracks of a scene.
func historiesOf(scene *provision.Scene) []provision.TrackReference {
	var tracks []provision.TrackReference
	for _, t := range scene.Request.Tracks {
		tracks = append(tracks, provision.TrackReference{
			Organization: scene.Organization(t.Organization), Track: scene.Track(t.Name),
		})
	}
	return tracks
}

// perform carries out one action and says how its outcome differs from the model's, "" if it does
// not.
func perform(
	ctx context.Context, c *suite.Client, scene *provision.Scene, a oracle.Action, want oracle.Expectation,
) (actual string, x *wire.Exchange, err error) {
	if a.Operation == "" {
		events, err := c.History(ctx, scene.Organization(a.Organization), scene.Track(a.Track))
		if err != nil {
			return "", nil, err
		}
		return judgeHistory(scene, events, want), nil, nil
	}
	x, err = c.Do(ctx, oracle.RequestOf(scene, a))
	if err != nil {
		return "", x, err
	}
	if actual := want.Mismatch(scene, a, x); actual != "" || x.Status != 200 {
		return actual, x, nil
	}
	return "", x, oracle.Attempt{Action: a, Exchange: x}.JudgeBody(scene)
}

// judgeHistory says how the history of a track differs from the model, "" if it does not.
func judgeHistory(scene *provision.Scene, events []provision.Event, want oracle.Expectation) string {
	billed := 0
	var deleters []string
	for _, e := range events {
		switch e.Type {
		case provision.EventBilled:
			billed++
		case provision.EventDeleted:
			deleters = append(deleters, oracle.UserName(scene, e.Actor))
		}
	}
	var wanted []string
	if want.DeletedBy != "" {
		wanted = []string{want.DeletedBy}
	}
	switch {
	case billed == 0:
		return "no " + provision.EventBilled + " any more"
	case slices.Equal(deleters, wanted):
		return ""
	case len(deleters) == 0:
		return "no " + provision.EventDeleted
	default:
		return fmt.Sprintf("%d %s, by %s", len(deleters), provision.EventDeleted, strings.Join(deleters, ", "))
	}
}
