package cases

import (
	"context"
	"fmt"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/expect"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/oracle"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// badWindows are out of range, or not numbers in any notation.
var badWindows = []string{
	"limit=0",
	"limit=-1",
	"limit=101",
	"limit=1000",
	"limit=1000000",
	"limit=abc",
	"limit=1.5",
	"limit=ten",
	"limit=10abc",
	"limit=0x10",
	"limit=null",
	"limit=true",
	"limit=NaN",
	"limit=Infinity",
	"offset=NaN",
	"limit=4294967297",
	"limit=18446744073709551617",
	"offset=-1",
	"offset=-100",
	"offset=abc",
	"offset=1.5",
	"limit=0&offset=0",
	"limit=101&offset=1",
	"limit=10&offset=-1",
	"limit=99999999999999999999",
	"offset=-99999999999999999999",
}

// listQueryCases are about queries that are invalid or not documented.
func listQueryCases() []suite.Case {
	return []suite.Case{
		{
			Area: listTracks, Slug: "bad-window-gets-422",
			Title:     "A window outside its range gets 422",
			Operation: requirement.ListSavedTracks,
			Requirements: []requirement.ID{
				requirement.ListBadWindowIs422,
				requirement.ListChangesNothing,
			},
			Statuses: []int{422},
			Scene:    sceneStandard,
			Sends: "A member's lists with limits and offsets that are too small, too large, or not whole " +
				"numbers; and some of them by an outsider.",
			Expects: "422 VALIDATION_ERROR for each, 404 or 422 for the outsider, and everything as it was.",
			Run: oracle.RefusesAll(func(s *provision.Scene) []oracle.Refusal {
				var refusals []oracle.Refusal
				for _, query := range badWindows {
					r := oracle.RequestOf(s, oracle.Lists("creator"), suite.WithQuery(query))
					refusals = append(refusals, refused("a list with "+query, 422, r))
				}
				return append(refusals, badWindowsOfOutsiders(s, expect404Or422)...)
			}),
		},
		{
			Area: listTracks, Slug: "outsider-with-bad-window-gets-404",
			Title:        "An outsider's bad window gets 404, not 422",
			Operation:    requirement.ListSavedTracks,
			Requirements: []requirement.ID{requirement.ListMembershipBeforeWindow},
			Statuses:     []int{404},
			Scene:        sceneStandard,
			Sends: "Lists with bad limits and offsets by an outsider, and of an organization that does not " +
				"exist.",
			Expects: "404 for each.",
			Run: oracle.RefusesAll(func(s *provision.Scene) []oracle.Refusal {
				return badWindowsOfOutsiders(s, oracle.WantError(404))
			}),
		},
		{
			Area: listTracks, Slug: "odd-queries-are-borne",
			Title:        "Undocumented queries are tolerated",
			Operation:    requirement.ListSavedTracks,
			Requirements: []requirement.ID{requirement.ListChangesNothing},
			Statuses:     []int{200},
			Scene:        sceneStandard,
			Sends:        "Lists with unknown, repeated, empty and broken query parameters.",
			Expects:      "No 5xx and no redirect, and everything as it was.",
			Run: oracle.RefusesAll(func(s *provision.Scene) []oracle.Refusal {
				var refusals []oracle.Refusal
				for _, query := range []string{
					"limit=1&limit=2",
					"limit=",
					"offset=",
					"limit=%2B5",
					"limit=007",
					"limit=1.0",
					"mode=bogus",
					"mode=",
					"engine=",
					"collection_id=mcoll_none",
					"unknown=1",
					"limit=%zz",
					"limit=1;offset=1",
					"%00=%00",
					"engine=%FF",
					"engine=" + longID(1500),
					"_method=DELETE",
					"limit[]=5",
					"offset[]=1",
					"mode[]=focus",
					"engine[]=x",
					"engine[a]=b",
					"mode[$ne]=x",
					"engine[$gt]=",
					"engine=a&engine=b",
					"mode=focus&mode=creation",
					"offset=1&offset=2",
					"limit=%D9%A5",
					"limit=%EF%BC%95",
					"limit=5%00",
					"limit=1e1",
					"limit=+5",
					"offset=-0",
					"engine='%22%3C",
				} {
					r := oracle.RequestOf(s, oracle.Lists("creator"), suite.WithQuery(query), suite.WithoutContract())
					refusals = append(refusals, oracle.Refusal{Name: "a list with " + query, Request: r, Expect: expectHarmless})
				}
				return refusals
			}),
		},
	}
}

// badWindowsOfOutsiders are lists that are wrong in two ways.
func badWindowsOfOutsiders(s *provision.Scene, want func(*wire.Exchange) error) []oracle.Refusal {
	var refusals []oracle.Refusal
	for _, query := range []string{"limit=0", "limit=abc", "offset=-1"} {
		outsiders := oracle.RequestOf(s, oracle.Lists("outsider"), suite.WithQuery(query))
		unknown := oracle.NewRequest(requirement.ListSavedTracks, s.User("creator"), s.Organization("home")+"x", "",
			suite.WithQuery(query))
		refusals = append(refusals,
			oracle.Refusal{Name: "an outsider's list with " + query, Request: outsiders, Expect: want},
			oracle.Refusal{Name: "a list of an unknown organization with " + query, Request: unknown, Expect: want})
	}
	return refusals
}

// expect404Or422 is for an outsider's request that is also invalid: the target may report either.
func expect404Or422(x *wire.Exchange) error {
	if x.Status == 422 {
		return expect.Error(x, 422)
	}
	return expect.Error(x, 404)
}

// expectHarmless accepts any response but a redirect and an error of the server.
func expectHarmless(x *wire.Exchange) error {
	if x.Status >= 500 || x.Status >= 300 && x.Status < 400 {
		return suite.Fail("no 5xx and no redirect", expect.Describe(x), x)
	}
	return nil
}

// expectNothing is for a query that no track of a library can match or that is beyond its end: an
// empty page, or 422 from a target that rejects the value.
func expectNothing(x *wire.Exchange) error {
	if x.Status == 422 {
		return expect.Error(x, 422)
	}
	page, err := expect.Page(x)
	if err == nil && len(page.Items) > 0 {
		return suite.Fail("an empty page, or 422", fmt.Sprintf("%s with %d items", expect.Describe(x), len(page.Items)), x)
	}
	return err
}

// expectNothings lists with raw queries, none of which any track matches.
func expectNothings(ctx context.Context, w *oracle.World, as, organization string, queries ...string) error {
	for _, query := range queries {
		r := oracle.RequestOf(w.Scene, oracle.Lists(as).In(organization), suite.WithQuery(query), suite.WithoutContract())
		if _, err := w.Send(ctx, oracle.Refusal{
			Name:    "a list with " + query,
			Request: r,
			Expect:  expectNothing,
		}); err != nil {
			return err
		}
	}
	return nil
}
