package conformance

import "context"

// removal is the delete of a track of home.
func removal(as, track string) action {
	return action{operation: DeleteTrack, as: as, organization: "home", track: track}
}

// unsaving is the removal of a track of home from the library of one.
func unsaving(as, track string) action {
	return action{operation: UnsaveTrack, as: as, organization: "home", track: track}
}

// carriedOut looks at the world, carries out actions that succeed, and looks again after each.
func carriedOut(actions ...action) func(context.Context, *Client) error {
	return func(ctx context.Context, c *Client) error {
		w, err := observe(ctx, c)
		if err != nil {
			return err
		}
		for i, a := range actions {
			if err := w.do(ctx, a); err != nil {
				return err
			}
			look := w.holds
			if i == len(actions)-1 {
				look = w.holdsForStrangers
			}
			if err := look(ctx); err != nil {
				return err
			}
		}
		return nil
	}
}

// historiesOnly carries out actions, whatever they come to, and looks at the histories after each.
func historiesOnly(actions ...action) func(context.Context, *Client) error {
	return func(ctx context.Context, c *Client) error {
		w, err := newWorld(ctx, c, c.Scene)
		if err != nil {
			return err
		}
		for _, a := range actions {
			if err := w.do(ctx, a); err != nil {
				return err
			}
			if err := w.holdsInHistory(ctx); err != nil {
				return err
			}
		}
		return nil
	}
}

// listed looks at lists and compares each with the model.
func listed(as, organization string, queries ...libraryQuery) func(context.Context, *Client) error {
	return func(ctx context.Context, c *Client) error {
		w, err := newWorld(ctx, c, c.Scene)
		if err != nil {
			return err
		}
		return w.expectLists(ctx, as, organization, queries...)
	}
}
