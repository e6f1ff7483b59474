package oracle

import (
	"context"
	"slices"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// Succeeds returns the Run of a case that carries out actions that succeed, and verifies the world
// before, between and after them.
func Succeeds(actions ...Action) func(context.Context, *suite.Client) error {
	return func(ctx context.Context, c *suite.Client) error {
		_, err := succeed(ctx, c, actions)
		return err
	}
}

func succeed(ctx context.Context, c *suite.Client, actions []Action) (*World, error) {
	w, err := Observe(ctx, c)
	if err != nil {
		return nil, err
	}
	for i, a := range actions {
		if err := w.Perform(ctx, a); err != nil {
			return nil, err
		}
		verify := w.VerifyBetween
		switch {
		case i == len(actions)-1:
			verify = w.VerifyForStrangers
		case actions[i+1].Operation == requirement.DeleteTrack && w.Expected(actions[i+1]).Status == 200 &&
			touches(actions[:i+1], actions[i+1].Track):
			verify = w.Verify
		}
		if err := verify(ctx); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// SucceedsForGood is [Succeeds], and verifies the world once more at the end of the run.
func SucceedsForGood(actions ...Action) func(context.Context, *suite.Client) error {
	return func(ctx context.Context, c *suite.Client) error {
		w, err := succeed(ctx, c, actions)
		if err == nil {
			c.LookAgain(w.VerifyForStrangers)
		}
		return err
	}
}

// touches reports whether one of the actions is about a track.
func touches(actions []Action, track string) bool {
	return slices.ContainsFunc(actions, func(a Action) bool { return a.Track == track })
}

// RefusesAll returns the Run of a case that sends refusals and proves that none of them changed
// anything for anybody. The actions in finally then have to succeed or fail as if the refusals had
// never been sent, so that there was something to change; that they have their effect is for other
// cases.
func RefusesAll(
	refusals func(s *provision.Scene) []Refusal, finally ...Action,
) func(context.Context, *suite.Client) error {
	return func(ctx context.Context, c *suite.Client) error {
		w, err := Observe(ctx, c)
		if err != nil {
			return err
		}
		if err := w.Refuse(ctx, refusals); err != nil {
			return err
		}
		for _, a := range finally {
			if err := w.Perform(ctx, a); err != nil {
				return err
			}
		}
		return nil
	}
}

// HistoryOnly returns the Run of a case that carries out actions, whatever their outcome, and
// verifies the histories after each.
func HistoryOnly(actions ...Action) func(context.Context, *suite.Client) error {
	return func(ctx context.Context, c *suite.Client) error {
		w, err := NewWorld(ctx, c, c.Scene)
		if err != nil {
			return err
		}
		for _, a := range actions {
			if err := w.Perform(ctx, a); err != nil {
				return err
			}
			if err := w.VerifyHistories(ctx); err != nil {
				return err
			}
		}
		return nil
	}
}

// Listed returns the Run of a case that compares lists of one user with the model.
func Listed(as, organization string, queries ...LibraryQuery) func(context.Context, *suite.Client) error {
	return func(ctx context.Context, c *suite.Client) error {
		return NewWorldWithoutHistories(ctx, c, c.Scene).VerifyLists(ctx, as, organization, queries...)
	}
}
