package explore

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/oracle"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
)

const (
	shrinkAttempts = 120
	shrinkBudget   = 4 * time.Second
)

// mismatch is a sequence of actions at whose end a target differs from the model.
type mismatch struct {
	done             []oracle.Action // the last one is the one that differs
	expected, actual string
	exchanges        []*wire.Exchange // of done, in order, except readings of a history
	contractLine     int
	contract         bool
}

// failure names the whole sequence, so that it can be read without the exchanges. From is how many
// actions it had before it was shrunk.
func (m *mismatch) failure(from int) error {
	last := m.done[len(m.done)-1]
	var b strings.Builder
	b.WriteString(m.expected)
	if last.Operation != "" {
		fmt.Fprintf(&b, " when %s", last)
	}
	if len(m.done) == 1 {
		b.WriteString(" (on a fresh scene)")
	} else {
		fmt.Fprintf(&b, ", as the last of %d actions", len(m.done))
		if from > len(m.done) {
			fmt.Fprintf(&b, " (the shortest failing part of %d)", from)
		}
		b.WriteString(":")
		for i, a := range m.done {
			fmt.Fprintf(&b, "\n%d. %s", i+1, a)
		}
	}
	return &suite.Failure{
		Expected: b.String(), Actual: m.actual, Exchanges: m.exchanges,
		ContractLine: m.contractLine, Contract: m.contract,
	}
}

// shrinkMismatch looks for a shorter sequence that differs from the model too, each on a new scene.
// If scenes run out, or the failure is not always there, it returns the shortest that was seen to
// fail.
func shrinkMismatch(ctx context.Context, c *suite.Client, found *mismatch) *mismatch {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(c.ShrinkBudget(), shrinkBudget))
	defer cancel()
	again := func(actions []oracle.Action) (failed, stop bool) {
		scene, err := c.Provision(ctx, SceneSequence)
		if err != nil {
			return false, true
		}
		shorter, err := runActions(ctx, c, scene, actions, nil)
		if err != nil {
			return false, true
		}
		if shorter != nil {
			found = shorter
		}
		return shorter != nil, false
	}
	actions := shrink(found.done, shrinkAttempts, again)
	// A plain list says more than a filtered one, and one way of sending the key more than two.
	for _, simplify := range []func(*oracle.Action){
		func(a *oracle.Action) { a.Query = oracle.LibraryQuery{} },
		func(a *oracle.Action) { a.Bearer = false },
	} {
		for i := range actions {
			simpler := slices.Clone(actions)
			if simplify(&simpler[i]); simpler[i] == actions[i] {
				continue
			}
			failed, stop := again(simpler)
			if failed {
				actions = simpler
			}
			if stop {
				return found
			}
		}
	}
	return found
}
