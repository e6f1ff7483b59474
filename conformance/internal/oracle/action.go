package oracle

import (
	"context"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// Deletes is the delete of a track of home.
func Deletes(as, track string) Action {
	return Action{Operation: requirement.DeleteTrack, As: as, Organization: "home", Track: track}
}

// Unsaves is the removal of a track of home from the library of one.
func Unsaves(as, track string) Action {
	return Action{Operation: requirement.UnsaveTrack, As: as, Organization: "home", Track: track}
}

// Succeeds looks at the world, carries out actions that succeed, and looks again after each.
func Succeeds(actions ...Action) func(context.Context, *suite.Client) error {
	return func(ctx context.Context, c *suite.Client) error {
		w, err := Observe(ctx, c)
		if err != nil {
			return err
		}
		for i, a := range actions {
			if err := w.Perform(ctx, a); err != nil {
				return err
			}
			look := w.Verify
			if i == len(actions)-1 {
				look = w.VerifyForStrangers
			}
			if err := look(ctx); err != nil {
				return err
			}
		}
		return nil
	}
}

// HistoryOnly carries out actions, whatever they come to, and looks at the histories after each.
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

// Listed looks at lists and compares each with the model.
func Listed(as, organization string, queries ...LibraryQuery) func(context.Context, *suite.Client) error {
	return func(ctx context.Context, c *suite.Client) error {
		w, err := NewWorld(ctx, c, c.Scene)
		if err != nil {
			return err
		}
		return w.VerifyLists(ctx, as, organization, queries...)
	}
}
