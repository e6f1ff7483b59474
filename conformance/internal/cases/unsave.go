package conformance

import "context"

func unsaveCases() []Case {
	return []Case{
		{
			ID: "unsave-track/saver-gets-200", Title: "Removing a saved track takes it out of the caller's library alone",
			Operation: UnsaveTrack, Requirements: []string{"unsave.acknowledgement", "unsave.leaves-library", "unsave.nothing-else", "unsave.not-a-delete"}, Statuses: []int{200},
			Scene:   sceneLibraries,
			Sends:   "Removals by savers, of a track in the middle, at the end and at the start of their libraries.",
			Expects: "200 with success true and the track's id; the track out of that library, and nothing else changed.",
			Run:     carriedOut(unsaving("first", "song"), unsaving("second", "oldest"), unsaving("creator", "orphan"), unsaving("first", "twin")),
		},
		{
			ID: "unsave-track/creator-keeps-access", Title: "A creator may remove its track, and repeat it, without losing it",
			Operation: UnsaveTrack, Requirements: []string{"unsave.idempotent-with-access", "unsave.nothing-else", "unsave.not-a-delete"}, Statuses: []int{200},
			Scene:   sceneStandard,
			Sends:   "The creator's removal of its track, three times, and its saver's in between; then a get, and the delete.",
			Expects: "200 each time; the track in nobody's library, alive all the same, and nothing else changed; then 200 and 200.",
			Run: carriedOut(unsaving("creator", "song"), unsaving("creator", "song"), unsaving("saver", "song"), unsaving("creator", "song"),
				action{operation: GetTrack, as: "creator", organization: "home", track: "song"}, removal("creator", "song")),
		},
		{
			ID: "unsave-track/creator-who-did-not-save-gets-200", Title: "A creator may remove what it never saved",
			Operation: UnsaveTrack, Requirements: []string{"unsave.idempotent-with-access"}, Statuses: []int{200},
			Scene:   sceneLibraries,
			Sends:   "The creator's removal of its track that nobody saved.",
			Expects: "200, and nothing changed.",
			Run:     carriedOut(unsaving("creator", "unsaved")),
		},
		{
			ID: "unsave-track/creator-without-library-gets-200", Title: "A creator who never saved anything keeps access all the same",
			Operation: UnsaveTrack, Requirements: []string{"unsave.idempotent-with-access", "unsave.nothing-else"}, Statuses: []int{200},
			Scene:   sceneUnsaved,
			Sends:   "The removals of two tracks by their creator, whose library was always empty; then its gets and deletes of them.",
			Expects: "200 for each.",
			Run: carriedOut(unsaving("creator", "unsaved"), unsaving("creator", "saved"), unsaving("creator", "unsaved"),
				action{operation: GetTrack, as: "creator", organization: "home", track: "unsaved"}, removal("creator", "unsaved"), removal("creator", "saved")),
		},
		{
			ID: "unsave-track/ends-a-savers-access", Title: "Whoever only saved a track has no access after removing it",
			Operation: UnsaveTrack, Requirements: []string{"unsave.ends-access", "unsave.leaves-library"}, Statuses: []int{200, 404},
			Scene:   sceneStandard,
			Sends:   "A saver's removal; then its removal again, its get and its delete; then the creator's delete.",
			Expects: "200; then 404 and 404 and 404; then 200.",
			Run: func(ctx context.Context, c *Client) error {
				w, err := observe(ctx, c)
				if err != nil {
					return err
				}
				for _, a := range []action{
					unsaving("saver", "song"), unsaving("saver", "song"), {operation: GetTrack, as: "saver", organization: "home", track: "song"},
					removal("saver", "song"), unsaving("saver", "song"),
				} {
					if err := w.do(ctx, a); err != nil {
						return err
					}
				}
				if err := w.holds(ctx); err != nil {
					return err
				}
				if err := w.do(ctx, removal("creator", "song")); err != nil {
					return err
				}
				return w.holds(ctx)
			},
		},
		{
			ID: "unsave-track/without-access-gets-404", Title: "Without access removing is 404 and changes nothing",
			Operation: UnsaveTrack, Requirements: []string{"unsave.no-access-is-404", "unsave.refused-changes-nothing"}, Statuses: []int{401, 404},
			Scene:   sceneStandard,
			Sends:   "Removals by a member without access, by an outsider under either path, of a missing track, and without a key.",
			Expects: "404, 401 without a key, and everything as it was.",
			Run:     repelled(refusedRemovals, unsaving("saver", "song")),
		},
		{
			ID: "unsave-track/stays-removed", Title: "What was removed from a library does not come back, and nothing else goes later",
			Operation: UnsaveTrack, Requirements: []string{"unsave.leaves-library", "unsave.nothing-else", "unsave.not-a-delete"}, Statuses: []int{200}, Slow: true,
			Scene:   sceneLibraries,
			Sends:   "Removals by a saver and by the creator; then everything is looked at at once, and again after some 0.7 seconds.",
			Expects: "The track out of those libraries both times, and nothing else.",
			Run: func(ctx context.Context, c *Client) error {
				w, err := observe(ctx, c)
				if err != nil {
					return err
				}
				for _, a := range []action{unsaving("first", "song"), unsaving("creator", "song")} {
					if err := w.do(ctx, a); err != nil {
						return err
					}
				}
				return w.holdsLater(ctx)
			},
		},
		{
			ID: "unsave-track/refused-has-no-late-effect", Title: "A removal that was refused is not carried out later",
			Operation: UnsaveTrack, Requirements: []string{"unsave.refused-changes-nothing"}, Statuses: []int{401, 404}, Slow: true,
			Scene:   sceneStandard,
			Sends:   "Removals without a key, by a member without access, by an outsider and under the other organization's path; then everything is looked at at once, and again after some 0.7 seconds.",
			Expects: "401 and 404, and everything as it was, both times.",
			Run: func(ctx context.Context, c *Client) error {
				w, err := observe(ctx, c)
				if err != nil {
					return err
				}
				if err := w.repel(ctx, refusedRemovals); err != nil {
					return err
				}
				if err := pause(ctx, later); err != nil {
					return err
				}
				return w.holdsForStrangers(ctx)
			},
		},
		{
			ID: "unsave-track/deleted-track-gets-404", Title: "A deleted track cannot be removed any more",
			Operation: UnsaveTrack, Requirements: []string{"unsave.no-access-is-404"}, Statuses: []int{404},
			Scene:   sceneStandard,
			Sends:   "The creator's delete; then removals by its saver and by the creator.",
			Expects: "404 and 404, and everything as it was after the delete.",
			Run: func(ctx context.Context, c *Client) error {
				w, err := observe(ctx, c)
				if err != nil {
					return err
				}
				for _, a := range []action{removal("creator", "song"), unsaving("saver", "song"), unsaving("creator", "song")} {
					if err := w.do(ctx, a); err != nil {
						return err
					}
				}
				return w.holds(ctx)
			},
		},
	}
}

// refusedRemovals are refused for every reason that there is.
func refusedRemovals(s *Scene) []attack {
	home, abroad, song := s.Organization("home"), s.Organization("abroad"), s.Track("song")
	return []attack{
		{"a member's removal", ask(UnsaveTrack, s.User("member"), home, song), is(404)},
		{"an outsider's removal", ask(UnsaveTrack, s.User("outsider"), home, song), is(404)},
		{"an outsider's removal under its own organization's path", ask(UnsaveTrack, s.User("outsider"), abroad, song), is(404)},
		{"a saver's removal under the other organization's path", ask(UnsaveTrack, s.User("saver"), abroad, song), is(404)},
		{"a saver's removal of a foreign track", ask(UnsaveTrack, s.User("saver"), home, s.Track("foreign")), is(404)},
		{"a saver's removal of a missing track", ask(UnsaveTrack, s.User("saver"), home, song+"x"), is(404)},
		{"a removal without a key", ask(UnsaveTrack, User{}, home, song), is(401)},
	}
}
