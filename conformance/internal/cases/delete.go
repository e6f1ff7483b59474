package conformance

import (
	"context"
	"strings"
)

func deleteCases() []Case {
	return []Case{
		{
			ID: "delete-track/creator-gets-200", Title: "The creator deletes a track",
			Operation: DeleteTrack, Requirements: []string{"delete.creator-may", "delete.acknowledgement", "delete.nothing-else"}, Statuses: []int{200},
			Scene:   sceneStandard,
			Sends:   "The creator's delete of a live track that it and somebody else saved.",
			Expects: "200 with success true, the track's id and a detail; the track gone, and nothing else changed.",
			Run:     carriedOut(removal("creator", "song")),
		},
		{
			ID: "delete-track/creator-who-did-not-save-gets-200", Title: "The creator deletes a track that it has not saved",
			Operation: DeleteTrack, Requirements: []string{"delete.creator-may", "delete.nothing-else"}, Statuses: []int{200},
			Scene:   sceneLibraries,
			Sends:   "The creator's delete of a live track that nobody saved.",
			Expects: "200; the track gone, and nothing else changed.",
			Run:     carriedOut(removal("creator", "unsaved")),
		},
		{
			ID: "delete-track/detail-tells-something", Title: "The acknowledgement's detail tells something",
			Operation: DeleteTrack, Requirements: []string{"delete.detail-tells-something"}, Statuses: []int{200},
			Scene:   sceneStandard,
			Sends:   "The creator's delete.",
			Expects: "A detail that is not empty.",
			Run: func(ctx context.Context, c *Client) error {
				x, err := c.Do(ctx, ask(DeleteTrack, c.Scene.User("creator"), c.Scene.Organization("home"), c.Scene.Track("song")))
				if err != nil {
					return err
				}
				var ack struct{ Detail string }
				if err := decodeJSON(x, &ack); err != nil {
					return err
				}
				if strings.TrimSpace(ack.Detail) == "" {
					return Fail("a detail for people", "an empty one", x)
				}
				return nil
			},
		},
		{
			ID: "delete-track/saver-gets-403", Title: "Whoever only saved the track may not delete it",
			Operation: DeleteTrack, Requirements: []string{"delete.only-creator", "delete.refused-changes-nothing", "error.details-name-track", "error.machine-fields"}, Statuses: []int{403},
			Scene:   sceneStandard,
			Sends:   "A saver's delete, twice, by X-API-Key and as Bearer; then the creator's.",
			Expects: "403 INSUFFICIENT_PERMISSIONS with the track's id, and everything as it was; then 200.",
			Run: repelled(func(s *Scene) []attack {
				home, song := s.Organization("home"), s.Track("song")
				return []attack{
					{"a saver's delete", ask(DeleteTrack, s.User("saver"), home, song), is(403)},
					{"a saver's second delete", ask(DeleteTrack, s.User("saver"), home, song), is(403)},
					{"a saver's delete as Bearer", ask(DeleteTrack, s.User("saver"), home, song, WithBearer()), is(403)},
				}
			}, removal("creator", "song")),
		},
		{
			ID: "delete-track/every-saver-gets-403", Title: "Nobody who saved a track may delete it, first or last, alone or among many",
			Operation: DeleteTrack, Requirements: []string{"delete.only-creator", "delete.refused-changes-nothing"}, Statuses: []int{403, 404},
			Scene:   sceneLibraries,
			Sends:   "The delete of every live track by everybody who saved it and did not create it, who left included.",
			Expects: "403, 404 for who left, and everything as it was.",
			Run: func(ctx context.Context, c *Client) error {
				w, err := observe(ctx, c)
				if err != nil {
					return err
				}
				return w.repel(ctx, func(s *Scene) []attack {
					var attacks []attack
					for _, t := range s.Request.Tracks {
						for _, saver := range t.SavedBy {
							if saver == t.Creator {
								continue
							}
							a := action{operation: DeleteTrack, as: saver, organization: t.Organization, track: t.Name}
							attacks = append(attacks, cellAttack(s, a, s.Organization(t.Organization), w.expects(a).status))
						}
					}
					return attacks
				})
			},
		},
		{
			ID: "delete-track/missing-track-gets-404", Title: "A track that does not exist cannot be deleted",
			Operation: DeleteTrack, Requirements: []string{"delete.missing-is-404", "delete.refused-changes-nothing", "error.details-name-track"}, Statuses: []int{404},
			Scene:   sceneStandard,
			Sends:   "Deletes of ids that look like those in use and are not.",
			Expects: "404 RESOURCE_NOT_FOUND with the id that was sent, and everything as it was.",
			Run: func(ctx context.Context, c *Client) error {
				return repelled(func(s *Scene) []attack {
					var attacks []attack
					for _, id := range []string{"mtrack_000000000000", "mtrack_7c1a9e2f4b8d", "mtrack_", sibling(c, s, s.Track("song")), sibling(c, s, s.Track("before"))} {
						for _, as := range []string{"creator", "saver", "member"} {
							attacks = append(attacks, attack{as + "'s delete of " + id, ask(DeleteTrack, s.User(as), s.Organization("home"), id), is(404)})
						}
					}
					return attacks
				}, removal("creator", "song"))(ctx, c)
			},
		},
		{
			ID: "delete-track/member-without-access-gets-404", Title: "A member who neither created nor saved the track gets 404",
			Operation: DeleteTrack, Requirements: []string{"delete.no-access-is-404", "delete.refused-changes-nothing", "error.details-name-track"}, Statuses: []int{404},
			Scene:   sceneStandard,
			Sends:   "The delete by a member of the organization without access, twice.",
			Expects: "404, and everything as it was; then the creator's delete is 200.",
			Run: repelled(func(s *Scene) []attack {
				r := ask(DeleteTrack, s.User("member"), s.Organization("home"), s.Track("song"))
				return []attack{{"a member's delete", r, is(404)}, {"a member's second delete", r, is(404)}}
			}, removal("creator", "song")),
		},
		{
			ID: "delete-track/outsider-gets-404", Title: "A caller of another organization gets 404, under whichever path",
			Operation: DeleteTrack, Requirements: []string{"access.members-only", "access.track-in-organization", "delete.refused-changes-nothing"}, Statuses: []int{404},
			Scene:   sceneStandard,
			Sends:   "An outsider's delete of the track under its organization's path and under its own's; and a member's delete of a track of the other organization under both.",
			Expects: "404 for each, and everything as it was; then the creator's delete is 200.",
			Run: repelled(func(s *Scene) []attack {
				home, abroad := s.Organization("home"), s.Organization("abroad")
				return []attack{
					{"an outsider's delete", ask(DeleteTrack, s.User("outsider"), home, s.Track("song")), is(404)},
					{"an outsider's delete under its own organization's path", ask(DeleteTrack, s.User("outsider"), abroad, s.Track("song")), is(404)},
					{"an outsider's delete of its own track under the other's path", ask(DeleteTrack, s.User("outsider"), home, s.Track("foreign")), is(404)},
					{"a creator's delete of a foreign track under its own organization's path", ask(DeleteTrack, s.User("creator"), home, s.Track("foreign")), is(404)},
					{"a creator's delete of its own track under the other's path", ask(DeleteTrack, s.User("creator"), abroad, s.Track("song")), is(404)},
				}
			}, removal("creator", "song")),
		},
		{
			ID: "delete-track/creator-who-left-gets-404", Title: "A creator, and a saver, who left the organization get 404",
			Operation: DeleteTrack, Requirements: []string{"access.who-left-has-none", "delete.refused-changes-nothing"}, Statuses: []int{404},
			Scene:   sceneLibraries,
			Sends:   "Deletes by somebody who left: of the track that it created, and of one that it saved; and deletes of its track by those who saved it.",
			Expects: "404 for who left, 403 for the savers, and everything as it was.",
			Run: repelled(func(s *Scene) []attack {
				home := s.Organization("home")
				return []attack{
					{"the delete by a creator who left", ask(DeleteTrack, s.User("left"), home, s.Track("orphan")), is(404)},
					{"the delete by a saver who left", ask(DeleteTrack, s.User("left"), home, s.Track("song")), is(404)},
					{"a saver's delete of a track whose creator left", ask(DeleteTrack, s.User("second"), home, s.Track("orphan")), is(403)},
				}
			}, removal("creator", "song")),
		},
		{
			ID: "delete-track/creator-of-two-organizations", Title: "A member of two organizations deletes a track under its own path only",
			Operation: DeleteTrack, Requirements: []string{"access.track-in-organization", "delete.refused-changes-nothing"}, Statuses: []int{200, 404},
			Scene:   sceneLibraries,
			Sends:   "The deletes, by a creator who belongs to both organizations, of a track of each under the other's path; then under the right ones.",
			Expects: "404 and everything as it was; then 200.",
			Run: repelled(func(s *Scene) []attack {
				return []attack{
					{"the delete of a track of home under abroad", ask(DeleteTrack, s.User("creator"), s.Organization("abroad"), s.Track("song")), is(404)},
					{"the delete of a track of abroad under home", ask(DeleteTrack, s.User("creator"), s.Organization("home"), s.Track("away")), is(404)},
				}
			}, removal("creator", "song"), action{operation: DeleteTrack, as: "creator", organization: "abroad", track: "away"}),
		},
	}
}
