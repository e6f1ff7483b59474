package conformance

import (
	"context"
	"time"
)

// later is how long the cases of late effects wait. What works by queues, replicas or caches has come through by then.
const later = 700 * time.Millisecond

// pause waits, or returns the context's error.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// holdsLater looks at once and again later.
func (w *world) holdsLater(ctx context.Context) error {
	if err := w.holds(ctx); err != nil {
		return err
	}
	if err := pause(ctx, later); err != nil {
		return err
	}
	return w.holdsForStrangers(ctx)
}

// holdsInAllWindows looks at everybody's library in home through filters and windows.
func (w *world) holdsInAllWindows(ctx context.Context) error {
	queries := []libraryQuery{
		{mode: "creation"}, {mode: "focus"}, {engine: "studio"}, {engine: "studio", mode: "creation"},
		{limit: 1}, {limit: 2}, {limit: 1, offset: 1}, {limit: 2, offset: 1}, {limit: 2, offset: 2}, {offset: 1}, {offset: 4},
		{engine: "studio", limit: 2}, {engine: "studio", mode: "creation", limit: 1, offset: 1}, {limit: 100},
	}
	for _, u := range w.scene.Request.Users {
		if len(u.MemberOf) == 0 {
			continue
		}
		for _, q := range queries {
			odd, err := w.lookAtWindow(ctx, action{operation: ListSavedTracks, as: u.Name, organization: "home", query: q})
			if err != nil {
				return err
			}
			if odd != nil {
				return Fail(odd.what+": "+odd.expected, odd.actual, odd.exchange)
			}
		}
	}
	return nil
}

// holdsInHistory looks at the histories alone.
func (w *world) holdsInHistory(ctx context.Context) error {
	for _, t := range w.scene.Request.Tracks {
		odd, err := w.lookAtHistory(ctx, t)
		if err != nil {
			return err
		}
		if odd != nil {
			return Fail(odd.what+": "+odd.expected, odd.actual)
		}
	}
	return nil
}

// expectLists compares what one user is shown with the model.
func (w *world) expectLists(ctx context.Context, as, organization string, queries ...libraryQuery) error {
	for _, q := range queries {
		odd, err := w.lookAtWindow(ctx, action{operation: ListSavedTracks, as: as, organization: organization, query: q})
		if err != nil {
			return err
		}
		if odd != nil {
			return Fail(odd.what+": "+odd.expected, odd.actual, odd.exchange)
		}
	}
	return nil
}
