package oracle

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/expect"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
)

// raceBudget is how long a case repeats a race: against a slow target it repeats it less often.
const raceBudget = 3 * time.Second

// Race is a case that sends bursts, and verifies the world afterwards.
type Race struct {
	World  *World
	Start  time.Time
	bursts int
}

// NewRace observes the world of the case's scene.
func NewRace(ctx context.Context, c *suite.Client) (*Race, error) {
	w, err := Observe(ctx, c)
	return &Race{World: w, Start: time.Now()}, err
}

// Over reports whether there is no time left for another round.
func (r *Race) Over() bool { return time.Since(r.Start) > raceBudget }

// Run sends a burst and judges every response: its status has to be one of allowed(its action), and
// its body right for that status.
func (r *Race) Run(ctx context.Context, actions []Action, allowed func(Action) []int) ([]Attempt, error) {
	r.bursts++
	attempts, err := burst(ctx, r.World.Client, r.World.Scene, actions, r.bursts%3 == 0)
	if err != nil {
		return nil, err
	}
	for _, s := range attempts {
		if !slices.Contains(allowed(s.Action), s.Exchange.Status) {
			return nil, suite.FailStatus(expect.StatusList(allowed(s.Action)),
				fmt.Sprintf("%s when %s at the same time as others", expect.StatusList(allowed(s.Action)), s.Action),
				fmt.Sprintf("%s; all of them: %s", expect.Describe(s.Exchange), Tally(attempts)), s.Exchange)
		}
		if err := s.JudgeBody(r.World.Scene); err != nil {
			return nil, err
		}
	}
	return attempts, nil
}
