package cases

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/expect"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/oracle"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// decoy is something misleading that is sent along with the path, the method and the key.
type decoy struct {
	name   string
	option suite.RequestOption
}

// decoys are headers and queries that name another track, organization, caller or method. All of
// them have to be ignored.
func decoys(s *provision.Scene, other string) []decoy {
	track, elsewhere, creator := s.Track(other), elsewhere(s), s.User("creator").ID
	path := requirement.TrackPath(s.Organization("home"), track)
	var all []decoy
	header := func(name, value string) {
		all = append(all, decoy{"the header " + name, suite.WithHeader(name, value)})
	}
	query := func(raw string) { all = append(all, decoy{"the query " + raw, suite.WithQuery(raw)}) }
	for _, name := range []string{
		"X-Original-URL",
		"X-Rewrite-URL",
		"X-Forwarded-Prefix",
		"X-Forwarded-Uri",
		"X-Original-URI",
	} {
		header(name, path)
	}
	for _, name := range []string{"X-Track-Id", "Track-Id"} {
		header(name, track)
	}
	for _, name := range []string{"X-Organization-Id", "X-Tenant-Id", "Aitronos-Organization"} {
		header(name, elsewhere)
	}
	for _, name := range []string{"X-User-Id", "X-Forwarded-User", "Remote-User", "X-Authenticated-User"} {
		header(name, creator)
	}
	for _, name := range []string{"X-HTTP-Method-Override", "X-Method-Override"} {
		header(name, "DELETE")
	}
	header("X-Request-Id", "req_chosen_by_the_caller")
	header("X-Forwarded-For", "127.0.0.1")
	header("X-Admin", "true")
	header("Accept", "application/xml, */*;q=0.1")
	header("Accept", "text/html, application/xhtml+xml, */*;q=0.8")
	id := requirement.EscapeSegment(track)
	query("track_id=" + id)
	query("id=" + id + "&trackId=" + id + "&track_ids=" + id + "&ids%5B%5D=" + id)
	org := requirement.EscapeSegment(elsewhere)
	query("organization_id=" + org + "&organizationId=" + org + "&org_id=" + org + "&orgId=" + org + "&org=" + org)
	user := requirement.EscapeSegment(creator)
	query("user_id=" + user + "&userId=" + user + "&creator=" + user + "&owner=" + user + "&as=" + user)
	query("force=true&permanent=true&hard=1&purge=1")
	query("all=true&cascade=true&dry_run=false&callback=x&format=xml&pretty=true&fields=id")
	return all
}

// elsewhere is the id of an organization other than home: an unused id if the scene has no other.
func elsewhere(s *provision.Scene) string {
	if abroad, ok := s.Organizations["abroad"]; ok {
		return abroad.ID
	}
	return s.Organization("home") + "x"
}

// decoyCases are about headers and queries that ask for something other than the path does.
func decoyCases() []suite.Case {
	return []suite.Case{
		{
			Area: getTrack, Slug: "path-decides-what-is-told",
			Title:     "Headers and queries do not change which track is returned, and to whom",
			Operation: requirement.GetTrack,
			Requirements: []requirement.ID{
				requirement.GetWithAccess,
				requirement.GetNoAccessIs404,
			},
			Statuses: []int{200, 404},
			Scene:    sceneStandard,
			Sends: "Gets of a track by its creator and by a member without access, each with headers and " +
				"queries that name another track, organization, caller or method.",
			Expects: "That track for the creator and 404 for the member, or another 4xx from a target that " +
				"rejects unknown queries.",
			Run: func(ctx context.Context, c *suite.Client) error {
				s := c.Scene
				for _, b := range decoys(s, "before") {
					x, err := c.Do(ctx, oracle.RequestOf(s, oracle.Gets("creator", "song"), b.option, suite.WithoutContract()))
					if err != nil {
						return err
					}
					if _, err := expect.Track(x, s.Track("song")); err != nil && !rejectsUnknownQuery(x, b) {
						return err
					}
					x, err = c.Do(ctx, oracle.RequestOf(s, oracle.Gets("member", "song"), b.option, suite.WithoutContract()))
					if err != nil {
						return err
					}
					if err := expect.Error(x, 404); err != nil && !rejectsUnknownQuery(x, b) {
						return err
					}
				}
				return nil
			},
		},
		{
			Area: listTracks, Slug: "key-decides-whose",
			Title:        "Headers and queries do not change whose library is listed",
			Operation:    requirement.ListSavedTracks,
			Requirements: []requirement.ID{requirement.ListOwnSaves},
			Statuses:     []int{200},
			Scene:        sceneStandard,
			Sends: "Lists of a member who saved nothing, each with headers and queries that name a track, " +
				"an organization, a caller or a method.",
			Expects: "An empty library for each, or another 4xx from a target that rejects unknown queries.",
			Run: func(ctx context.Context, c *suite.Client) error {
				s := c.Scene
				for _, b := range decoys(s, "before") {
					x, err := c.Do(ctx, oracle.RequestOf(s, oracle.Lists("member"), b.option, suite.WithoutContract()))
					if err != nil {
						return err
					}
					page, err := expect.Page(x)
					if err == nil && len(page.Items) > 0 {
						err = suite.Fail("nothing in the library of a member who saved nothing, with "+b.name,
							fmt.Sprintf("%d items", len(page.Items)), x)
					}
					if err != nil && !rejectsUnknownQuery(x, b) {
						return err
					}
				}
				return nil
			},
		},
		{
			Area: deleteTrack, Slug: "gone-whatever-is-asked",
			Title:     "No query makes a deleted track visible again",
			Operation: requirement.DeleteTrack,
			Requirements: []requirement.ID{
				requirement.DeleteGoneForEverybody,
				requirement.DeleteLeavesEveryLibrary,
			},
			Statuses: []int{404},
			Scene:    sceneStandard,
			Sends: "The creator's delete; then gets and lists by the creator and by a saver, with queries " +
				"such as include_deleted=true.",
			Expects: "404 and libraries without the track, or another 4xx from a target that rejects " +
				"unknown queries.",
			Run: func(ctx context.Context, c *suite.Client) error {
				w := oracle.NewWorldWithoutHistories(ctx, c, c.Scene)
				if err := w.Perform(ctx, oracle.Deletes("creator", "song")); err != nil {
					return err
				}
				s := c.Scene
				for _, query := range []string{
					"include_deleted=true",
					"deleted=true&with_deleted=1",
					"includeDeleted=true&show_deleted=true",
					"status=deleted&state=all",
					"trashed=1&all=true&force=true",
					"admin=true&debug=1",
				} {
					for _, as := range []string{"creator", "saver"} {
						for _, o := range []requirement.Operation{requirement.GetTrack, requirement.ListSavedTracks} {
							if !c.Serves(ctx, o) {
								continue
							}
							r := oracle.RequestOf(s, oracle.Does(as, o, "song"), suite.WithQuery(query), suite.WithoutContract())
							x, err := c.Do(ctx, r)
							if err != nil {
								return err
							}
							if x.Status >= 400 && x.Status < 500 {
								continue
							}
							page, err := expect.Page(x)
							if o == requirement.GetTrack || err != nil || slices.Contains(page.IDs(), s.Track("song")) {
								return suite.Fail("nothing of the deleted track with the query "+query,
									expect.Describe(x)+" to "+as, x)
							}
						}
					}
				}
				return nil
			},
		},
	}
}

// rejectsUnknownQuery reports whether a target refused a query that it does not know, as it may.
func rejectsUnknownQuery(x *wire.Exchange, b decoy) bool {
	return strings.HasPrefix(b.name, "the query") && x.Status >= 400 && x.Status < 500
}
