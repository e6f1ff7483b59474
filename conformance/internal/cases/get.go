package cases

import (
	"context"
	"slices"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/expect"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/oracle"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

func getCases() []suite.Case {
	return []suite.Case{
		{
			Area: getTrack, Slug: "creator-and-savers-get-200",
			Title:     "A caller who created or saved a track gets it, as it was made",
			Operation: requirement.GetTrack,
			Requirements: []requirement.ID{
				requirement.GetWithAccess,
				requirement.GetTrackAsMade,
				requirement.GetPlaybackURL,
			},
			Statuses: []int{200},
			Scene:    sceneLibraries,
			Sends:    "Gets of every track by everyone, twice.",
			Expects: "For callers with access, 200 and the track with its title, engine and mode, the same " +
				"for all of them, with an absolute playback_url; 404 for all others.",
			Run: func(ctx context.Context, c *suite.Client) error {
				w, err := oracle.NewWorld(ctx, c, c.Scene)
				if err != nil {
					return err
				}
				if err := w.VerifyForStrangers(ctx); err != nil {
					return err
				}
				// Once more from the newest to the oldest: getting must not move a track to the top
				// of a library.
				for _, t := range slices.Backward(c.Scene.Request.Tracks) {
					for _, u := range c.Scene.Request.Users {
						a := oracle.Gets(u.Name, t.Name).In(t.Organization)
						if err := w.Perform(ctx, a); err != nil {
							return err
						}
					}
				}
				return w.VerifyForStrangers(ctx)
			},
		},
		{
			Area: getTrack, Slug: "playback-url-is-its-own",
			Title:        "Each track has a playback_url of its own",
			Operation:    requirement.GetTrack,
			Requirements: []requirement.ID{requirement.GetPlaybackURLOfItsOwn},
			Statuses:     []int{200},
			Scene:        sceneStandard,
			Sends:        "The creator's gets of three tracks.",
			Expects:      "Three different playback_urls.",
			Run: func(ctx context.Context, c *suite.Client) error {
				seen := map[string]*wire.Exchange{}
				for _, track := range []string{"before", "song", "after"} {
					x, err := c.Do(ctx, oracle.RequestOf(c.Scene, oracle.Gets("creator", track)))
					if err != nil {
						return err
					}
					if _, err := expect.Track(x, c.Scene.Track(track)); err != nil {
						return err
					}
					var shown struct {
						PlaybackURL string `json:"playback_url"`
					}
					if err := expect.JSON(x, &shown); err != nil {
						return err
					}
					if other := seen[shown.PlaybackURL]; other != nil {
						return suite.Fail("another playback_url for another track", shown.PlaybackURL+" for both", other, x)
					}
					seen[shown.PlaybackURL] = x.Excerpt()
				}
				return nil
			},
		},
		{
			Area: getTrack, Slug: "without-access-gets-404",
			Title:     "Getting a track that is missing or inaccessible gets 404 and changes nothing",
			Operation: requirement.GetTrack,
			Requirements: []requirement.ID{
				requirement.GetNoAccessIs404,
				requirement.GetChangesNothing,
			},
			Statuses: []int{401, 404},
			Scene:    sceneStandard,
			Sends: "Gets by a member without access, by an outsider under either path, of a missing track, " +
				"and without a key.",
			Expects: "404, or 401 without a key, and everything as it was.",
			Run: oracle.RefusesAll(func(s *provision.Scene) []oracle.Refusal {
				refusals := denials{
					{"a member's get", oracle.Gets("member", "song"), 404},
					{"an outsider's get", oracle.Gets("outsider", "song"), 404},
					{"an outsider's get under its own organization's path", oracle.Gets("outsider", "song").In("abroad"), 404},
					{"the creator's get under the other organization's path", oracle.Gets("creator", "song").In("abroad"), 404},
					{"the creator's get of a foreign track", oracle.Gets("creator", "foreign"), 404},
					{"a get without a key", oracle.Gets("", "song"), 401},
				}.refusals(s)
				missing := toMissing(s, oracle.Gets("creator", "song"))
				return append(refusals, refused("the creator's get of a missing track", 404, missing))
			}, oracle.Gets("saver", "song")),
		},
		{
			Area: getTrack, Slug: "deletes-nothing",
			Title:        "A get with a body, or one that asks for another method, deletes nothing",
			Operation:    requirement.GetTrack,
			Requirements: []requirement.ID{requirement.GetChangesNothing},
			Statuses:     []int{200},
			Scene:        sceneStandard,
			Sends:        "The creator's gets with headers, queries and a form that ask for a DELETE.",
			Expects:      "No 5xx, and everything as it was.",
			Run: oracle.RefusesAll(func(s *provision.Scene) []oracle.Refusal {
				var refusals []oracle.Refusal
				for _, option := range []suite.RequestOption{
					suite.WithHeader("X-HTTP-Method-Override", "DELETE"),
					suite.WithHeader("X-Method-Override", "DELETE"),
					suite.WithHeader("X-HTTP-Method", "DELETE"),
					suite.WithQuery("_method=DELETE"),
					suite.WithQuery("method=delete"),
					suite.WithBody("application/x-www-form-urlencoded", []byte("_method=DELETE")),
				} {
					r := oracle.RequestOf(s, oracle.Gets("creator", "song"), option, suite.WithoutContract())
					refusals = append(refusals, oracle.Refusal{
						Name:    "a get that asks for a delete",
						Request: r,
						Expect:  expectHarmless,
					})
				}
				return refusals
			}, oracle.Deletes("creator", "song")),
		},
	}
}
