package conformance

import (
	"context"
	"slices"
)

func getCases() []Case {
	return []Case{
		{
			ID: "get-track/creator-and-savers-get-200", Title: "Whoever created or saved a track gets it, as it was made",
			Operation: GetTrack, Requirements: []string{"get.with-access", "get.track", "get.playback-url"}, Statuses: []int{200},
			Scene:   sceneLibraries,
			Sends:   "Gets of every track by everybody who created or saved it, twice.",
			Expects: "200 and the track with its title, engine and mode, the same for everybody, with an absolute playback_url.",
			Run: func(ctx context.Context, c *Client) error {
				w, err := newWorld(ctx, c, c.Scene)
				if err != nil {
					return err
				}
				if err := w.holdsForStrangers(ctx); err != nil {
					return err
				}
				// Once more from the newest to the oldest: getting must not move a track to the top of a library.
				for _, t := range slices.Backward(c.Scene.Request.Tracks) {
					for _, u := range c.Scene.Request.Users {
						a := action{operation: GetTrack, as: u.Name, organization: t.Organization, track: t.Name}
						if err := w.do(ctx, a); err != nil {
							return err
						}
					}
				}
				return w.holdsForStrangers(ctx)
			},
		},
		{
			ID: "get-track/playback-url-is-its-own", Title: "Each track has a playback_url of its own",
			Operation: GetTrack, Requirements: []string{"get.playback-url-of-its-own"}, Statuses: []int{200},
			Scene:   sceneStandard,
			Sends:   "The creator's gets of three tracks.",
			Expects: "Three different playback_urls.",
			Run: func(ctx context.Context, c *Client) error {
				seen := map[string]*Exchange{}
				for _, track := range []string{"before", "song", "after"} {
					x, err := c.Do(ctx, ask(GetTrack, c.Scene.User("creator"), c.Scene.Organization("home"), c.Scene.Track(track)))
					if err != nil {
						return err
					}
					if _, err := expectTrack(x, c.Scene.Track(track)); err != nil {
						return err
					}
					var told struct {
						PlaybackURL string `json:"playback_url"`
					}
					if err := decodeJSON(x, &told); err != nil {
						return err
					}
					if other := seen[told.PlaybackURL]; other != nil {
						return Fail("another playback_url for another track", told.PlaybackURL+" for both", other, x)
					}
					seen[told.PlaybackURL] = x
				}
				return nil
			},
		},
		{
			ID: "get-track/without-access-gets-404", Title: "Without access, or without a track, getting is 404 and changes nothing",
			Operation: GetTrack, Requirements: []string{"get.no-access-is-404", "get.changes-nothing"}, Statuses: []int{401, 404},
			Scene:   sceneStandard,
			Sends:   "Gets by a member without access, by an outsider under either path, of a missing track, and without a key.",
			Expects: "404, 401 without a key, and everything as it was.",
			Run: repelled(func(s *Scene) []attack {
				home, abroad, song := s.Organization("home"), s.Organization("abroad"), s.Track("song")
				return []attack{
					{"a member's get", ask(GetTrack, s.User("member"), home, song), is(404)},
					{"an outsider's get", ask(GetTrack, s.User("outsider"), home, song), is(404)},
					{"an outsider's get under its own organization's path", ask(GetTrack, s.User("outsider"), abroad, song), is(404)},
					{"the creator's get under the other organization's path", ask(GetTrack, s.User("creator"), abroad, song), is(404)},
					{"the creator's get of a foreign track", ask(GetTrack, s.User("creator"), home, s.Track("foreign")), is(404)},
					{"the creator's get of a missing track", ask(GetTrack, s.User("creator"), home, song+"x"), is(404)},
					{"a get without a key", ask(GetTrack, User{}, home, song), is(401)},
				}
			}, action{operation: GetTrack, as: "saver", organization: "home", track: "song"}),
		},
		{
			ID: "get-track/deletes-nothing", Title: "Getting with a body, or asking for another method, deletes nothing",
			Operation: GetTrack, Requirements: []string{"get.changes-nothing"}, Statuses: []int{200},
			Scene:   sceneStandard,
			Sends:   "The creator's gets with headers and queries that ask for a DELETE.",
			Expects: "No 5xx, and everything as it was.",
			Run: repelled(func(s *Scene) []attack {
				home, song, creator := s.Organization("home"), s.Track("song"), s.User("creator")
				var attacks []attack
				for _, option := range []RequestOption{
					WithHeader("X-HTTP-Method-Override", "DELETE"), WithHeader("X-Method-Override", "DELETE"), WithHeader("X-HTTP-Method", "DELETE"),
					WithQuery("_method=DELETE"), WithQuery("method=delete"), WithBody("application/x-www-form-urlencoded", []byte("_method=DELETE")),
				} {
					attacks = append(attacks, attack{"a get that asks for a delete", ask(GetTrack, creator, home, song, option, WithoutContract()), expectHarmless})
				}
				return attacks
			}, removal("creator", "song")),
		},
	}
}
