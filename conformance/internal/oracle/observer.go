package oracle

import (
	"context"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// Later is how long the cases of late effects wait. What works by queues, replicas or caches has come through by then.
const Later = 700 * time.Millisecond

// Pause waits, or returns the context's error.
func Pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// VerifyLater looks at once and again later.
func (w *World) VerifyLater(ctx context.Context) error {
	if err := w.Verify(ctx); err != nil {
		return err
	}
	if err := Pause(ctx, Later); err != nil {
		return err
	}
	return w.VerifyForStrangers(ctx)
}

// VerifyAllWindows looks at everybody's library in home through filters and windows.
func (w *World) VerifyAllWindows(ctx context.Context) error {
	queries := []LibraryQuery{
		{Mode: "creation"}, {Mode: "focus"}, {Engine: "studio"}, {Engine: "studio", Mode: "creation"},
		{Limit: 1}, {Limit: 2}, {Limit: 1, Offset: 1}, {Limit: 2, Offset: 1}, {Limit: 2, Offset: 2}, {Offset: 1}, {Offset: 4},
		{Engine: "studio", Limit: 2}, {Engine: "studio", Mode: "creation", Limit: 1, Offset: 1}, {Limit: 100},
	}
	for _, u := range w.Scene.Request.Users {
		if len(u.MemberOf) == 0 {
			continue
		}
		for _, q := range queries {
			odd, err := w.ObserveWindow(ctx, Action{Operation: requirement.ListSavedTracks, As: u.Name, Organization: "home", Query: q})
			if err != nil {
				return err
			}
			if odd != nil {
				return suite.Fail(odd.what+": "+odd.Expected, odd.Actual, odd.Exchange)
			}
		}
	}
	return nil
}

// VerifyHistories looks at the histories alone.
func (w *World) VerifyHistories(ctx context.Context) error {
	for _, t := range w.Scene.Request.Tracks {
		odd, err := w.observeHistory(ctx, t)
		if err != nil {
			return err
		}
		if odd != nil {
			return suite.Fail(odd.what+": "+odd.Expected, odd.Actual)
		}
	}
	return nil
}

// VerifyLists compares what one user is shown with the model.
func (w *World) VerifyLists(ctx context.Context, as, organization string, queries ...LibraryQuery) error {
	for _, q := range queries {
		odd, err := w.ObserveWindow(ctx, Action{Operation: requirement.ListSavedTracks, As: as, Organization: organization, Query: q})
		if err != nil {
			return err
		}
		if odd != nil {
			return suite.Fail(odd.what+": "+odd.Expected, odd.Actual, odd.Exchange)
		}
	}
	return nil
}
