package cases

import (
	"context"
	"strings"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/expect"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/oracle"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

func deleteCases() []suite.Case {
	return []suite.Case{
		{
			Area: deleteTrack, Slug: "creator-gets-200",
			Title:     "The creator deletes a track",
			Operation: requirement.DeleteTrack,
			Requirements: []requirement.ID{
				requirement.DeleteCreatorMay,
				requirement.DeleteAcknowledgement,
				requirement.DeleteNothingElse,
			},
			Statuses: []int{200},
			Scene:    sceneStandard,
			Sends: "The creator's delete of a live track that it and somebody else saved; everything is read " +
				"at once, and again at the end of the run.",
			Expects: "200 with success true, the track's id and a detail; the track gone, and nothing else changed.",
			Run:     oracle.SucceedsForGood(oracle.Deletes("creator", "song")),
		},
		{
			Area: deleteTrack, Slug: "creator-who-did-not-save-gets-200",
			Title:     "The creator deletes a track that it has not saved",
			Operation: requirement.DeleteTrack,
			Requirements: []requirement.ID{
				requirement.DeleteCreatorMay,
				requirement.DeleteNothingElse,
			},
			Statuses: []int{200},
			Scene:    sceneLibraries,
			Sends:    "The creator's delete of a live track that nobody saved.",
			Expects:  "200; the track gone, and nothing else changed.",
			Run:      oracle.Succeeds(oracle.Deletes("creator", "unsaved")),
		},
		{
			Area: deleteTrack, Slug: "detail-tells-something",
			Title:        "The detail of the acknowledgement is not empty",
			Operation:    requirement.DeleteTrack,
			Requirements: []requirement.ID{requirement.DeleteDetailTellsSomething},
			Statuses:     []int{200},
			Scene:        sceneStandard,
			Sends:        "The creator's delete.",
			Expects:      "A detail that is not empty.",
			Run: func(ctx context.Context, c *suite.Client) error {
				x, err := c.Do(ctx, oracle.RequestOf(c.Scene, oracle.Deletes("creator", "song")))
				if err != nil {
					return err
				}
				var ack struct{ Detail string }
				if err := expect.JSON(x, &ack); err != nil {
					return err
				}
				if strings.TrimSpace(ack.Detail) == "" {
					return suite.Fail("a detail for people", "an empty one", x)
				}
				return nil
			},
		},
		{
			Area: deleteTrack, Slug: "saver-gets-403",
			Title:     "A caller who only saved the track may not delete it",
			Operation: requirement.DeleteTrack,
			Requirements: []requirement.ID{
				requirement.DeleteOnlyCreator,
				requirement.DeleteRefusedChangesNothing,
				requirement.ErrorDetailsNameTrack,
				requirement.ErrorMachineFields,
			},
			Statuses: []int{403},
			Scene:    sceneStandard,
			Sends:    "A saver's delete, twice, by X-API-Key and as Bearer; then the creator's.",
			Expects:  "403 INSUFFICIENT_PERMISSIONS with the track's id, and everything as it was; then 200.",
			Run: oracle.RefusesAll(denials{
				{"a saver's delete", oracle.Deletes("saver", "song"), 403},
				{"a saver's second delete", oracle.Deletes("saver", "song"), 403},
				{"a saver's delete as Bearer", oracle.Deletes("saver", "song").ByBearer(), 403},
			}.refusals, oracle.Deletes("creator", "song")),
		},
		{
			Area: deleteTrack, Slug: "every-saver-gets-403",
			Title:     "No saver of a track may delete it, whether first or last, alone or among many",
			Operation: requirement.DeleteTrack,
			Requirements: []requirement.ID{
				requirement.DeleteOnlyCreator,
				requirement.DeleteRefusedChangesNothing,
			},
			Statuses: []int{403, 404},
			Scene:    sceneLibraries,
			Sends: "The delete of every live track by each caller who saved but did not create it, " +
				"including one who left.",
			Expects: "403, or 404 for the caller who left, and everything as it was.",
			Run: func(ctx context.Context, c *suite.Client) error {
				w, err := oracle.Observe(ctx, c)
				if err != nil {
					return err
				}
				return w.Refuse(ctx, func(s *provision.Scene) []oracle.Refusal {
					var refusals []oracle.Refusal
					for _, t := range s.Request.Tracks {
						for _, saver := range t.SavedBy {
							if saver == t.Creator {
								continue
							}
							a := oracle.Deletes(saver, t.Name).In(t.Organization)
							refusals = append(refusals, cellRefusal(s, a, s.Organization(t.Organization), w.Expected(a).Status))
						}
					}
					return refusals
				})
			},
		},
		{
			Area: deleteTrack, Slug: "missing-track-gets-404",
			Title:     "A track that does not exist cannot be deleted",
			Operation: requirement.DeleteTrack,
			Requirements: []requirement.ID{
				requirement.DeleteMissingIs404,
				requirement.DeleteRefusedChangesNothing,
				requirement.ErrorDetailsNameTrack,
			},
			Statuses: []int{404},
			Scene:    sceneStandard,
			Sends:    "Deletes of ids that look like those of tracks but are not in use.",
			Expects:  "404 RESOURCE_NOT_FOUND with the id that was sent, and everything as it was.",
			Run: func(ctx context.Context, c *suite.Client) error {
				return oracle.RefusesAll(func(s *provision.Scene) []oracle.Refusal {
					var refusals []oracle.Refusal
					for _, id := range []string{
						"mtrack_000000000000",
						"mtrack_7c1a9e2f4b8d",
						"mtrack_",
						unusedID(c, s, s.Track("song")),
						unusedID(c, s, s.Track("before")),
					} {
						for _, as := range []string{"creator", "saver", "member"} {
							r := oracle.NewRequest(requirement.DeleteTrack, s.User(as), s.Organization("home"), id)
							refusals = append(refusals, refused(as+"'s delete of "+id, 404, r))
						}
					}
					return refusals
				}, oracle.Deletes("creator", "song"))(ctx, c)
			},
		},
		{
			Area: deleteTrack, Slug: "member-without-access-gets-404",
			Title:     "A member who neither created nor saved the track gets 404",
			Operation: requirement.DeleteTrack,
			Requirements: []requirement.ID{
				requirement.DeleteNoAccessIs404,
				requirement.DeleteRefusedChangesNothing,
				requirement.ErrorDetailsNameTrack,
			},
			Statuses: []int{404},
			Scene:    sceneStandard,
			Sends:    "The delete by a member of the organization without access, twice.",
			Expects:  "404, and everything as it was; then 200 for the creator's delete.",
			Run: oracle.RefusesAll(denials{
				{"a member's delete", oracle.Deletes("member", "song"), 404},
				{"a member's second delete", oracle.Deletes("member", "song"), 404},
			}.refusals, oracle.Deletes("creator", "song")),
		},
		{
			Area: deleteTrack, Slug: "outsider-gets-404",
			Title:     "A caller from another organization gets 404, under either path",
			Operation: requirement.DeleteTrack,
			Requirements: []requirement.ID{
				requirement.AccessMembersOnly,
				requirement.AccessTrackInOrganization,
				requirement.DeleteRefusedChangesNothing,
			},
			Statuses: []int{404},
			Scene:    sceneStandard,
			Sends: "An outsider's deletes of the track under the paths of both organizations, and of its " +
				"own track under the other path; and a creator's deletes of a track of each organization " +
				"under the path of the other.",
			Expects: "404 for each, and everything as it was; then 200 for the creator's delete.",
			Run: oracle.RefusesAll(denials{
				{"an outsider's delete", oracle.Deletes("outsider", "song"), 404},
				{"an outsider's delete under its own organization's path", oracle.Deletes("outsider", "song").In("abroad"), 404},
				{"an outsider's delete of its own track under the other's path", oracle.Deletes("outsider", "foreign"), 404},
				{
					"a creator's delete of a foreign track under its own organization's path",
					oracle.Deletes("creator", "foreign"),
					404,
				},
				{
					"a creator's delete of its own track under the other's path",
					oracle.Deletes("creator", "song").In("abroad"),
					404,
				},
			}.refusals, oracle.Deletes("creator", "song")),
		},
		{
			Area: deleteTrack, Slug: "creator-who-left-gets-404",
			Title:     "A creator or a saver who left the organization gets 404",
			Operation: requirement.DeleteTrack,
			Requirements: []requirement.ID{
				requirement.AccessWhoLeftHasNone,
				requirement.DeleteRefusedChangesNothing,
			},
			Statuses: []int{404},
			Scene:    sceneLibraries,
			Sends: "Deletes by a caller who left, of a track that it created and of one that it saved; and " +
				"a saver's delete of a track whose creator left.",
			Expects: "404 for the caller who left, 403 for the saver, and everything as it was.",
			Run: oracle.RefusesAll(denials{
				{"the delete by a creator who left", oracle.Deletes("left", "orphan"), 404},
				{"the delete by a saver who left", oracle.Deletes("left", "song"), 404},
				{"a saver's delete of a track whose creator left", oracle.Deletes("second", "orphan"), 403},
			}.refusals, oracle.Deletes("creator", "song")),
		},
		{
			Area: deleteTrack, Slug: "creator-of-two-organizations",
			Title:     "A member of two organizations deletes a track only under the path of the track's own organization",
			Operation: requirement.DeleteTrack,
			Requirements: []requirement.ID{
				requirement.AccessTrackInOrganization,
				requirement.DeleteRefusedChangesNothing,
			},
			Statuses: []int{200, 404},
			Scene:    sceneLibraries,
			Sends: "Deletes by a creator who belongs to both organizations, of a track of each under the " +
				"path of the other; then under the right paths.",
			Expects: "404 and everything as it was; then 200.",
			Run: oracle.RefusesAll(denials{
				{"the delete of a track of home under abroad", oracle.Deletes("creator", "song").In("abroad"), 404},
				{"the delete of a track of abroad under home", oracle.Deletes("creator", "away"), 404},
			}.refusals, oracle.Deletes("creator", "song"), oracle.Deletes("creator", "away").In("abroad")),
		},
	}
}
