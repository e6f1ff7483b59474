package cases

import (
	"context"
	"errors"
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

// bodies are bodies that have to be ignored. Some name the other track.
func bodies(s *provision.Scene, other string) []decoy {
	track := s.Track(other)
	chunked := func(option suite.RequestOption) suite.RequestOption {
		return func(r *wire.Request) { option(r); r.Chunked = true }
	}
	also := func(option suite.RequestOption, name, value string) suite.RequestOption {
		return func(r *wire.Request) { option(r); suite.WithHeader(name, value)(r) }
	}
	// With every name under which a server might look for an id.
	named := fmt.Appendf(nil, `{"track_id":%[1]q,"trackId":%[1]q,"id":%[1]q,"track":{"id":%[1]q},`+
		`"ids":[%[1]q],"track_ids":[%[1]q],"trackIds":[%[1]q],"tracks":[%[1]q],`+
		`"organization_id":%[2]q,"organizationId":%[2]q,"org_id":%[2]q,"orgId":%[2]q,"_method":"GET",`+
		`"user_id":%[3]q,"userId":%[3]q,"caller":%[3]q,"actor":%[3]q,"creator":%[3]q,"api_key":%[4]q}`,
		track, elsewhere(s), s.User("creator").ID, s.User("creator").Key)
	return []decoy{
		{"a body that names another track", suite.WithBody("application/json", named)},
		{"a body of broken JSON", suite.WithBody("application/json", []byte(`{"broken`))},
		{"a chunked body", chunked(suite.WithBody("application/json", fmt.Appendf(nil, `[%q]`, track)))},
		{
			"a form",
			suite.WithBody("application/x-www-form-urlencoded",
				[]byte("_method=GET&track_id="+requirement.EscapeSegment(track))),
		},
		{"a body of bytes", suite.WithBody("application/octet-stream", []byte{0, 0xff, 0xfe, '\r', '\n', '\r', '\n'})},
		{"an empty body that calls itself JSON", func(r *wire.Request) {
			r.Header = append(r.Header,
				wire.HeaderField{Name: "Content-Type", Value: "application/json"},
				wire.HeaderField{Name: "Content-Length", Value: "0"})
		}},
		{"a body without a type, that is announced", func(r *wire.Request) {
			r.Header = append(r.Header, wire.HeaderField{Name: "Expect", Value: "100-continue"})
			r.Body = []byte("x")
		}},
		{"a body of 64 KiB", suite.WithBody("text/plain", []byte(strings.Repeat("x", largeBody)))},
		{
			"a body of XML",
			also(suite.WithBody("application/xml", []byte("<track_id>"+track+"</track_id>")),
				"Accept", "application/xml, */*;q=0.1"),
		},
		{"a body of null", suite.WithBody("application/json", []byte("null"))},
		{"a large chunked body", chunked(suite.WithBody("application/json", []byte(strings.Repeat(" ", 16<<10))))},
	}
}

// largeBody is the size of the largest body that is sent.
const largeBody = 64 << 10

// bodyCases are about what is sent beside the path, the method and the key.
func bodyCases() []suite.Case {
	cases := []suite.Case{
		{
			Area: deleteTrack, Slug: "path-decides-what-is-refused",
			Title:     "Headers, queries and bodies do not turn a refusal into a delete",
			Operation: requirement.DeleteTrack,
			Requirements: []requirement.ID{
				requirement.DeletePathDecides,
				requirement.DeleteBodyIgnored,
				requirement.DeleteRefusedChangesNothing,
			},
			Statuses: []int{403, 404},
			Scene:    sceneStandard,
			Sends: "Deletes by a saver and by a member, with headers, queries and bodies that name other " +
				"tracks, organizations and callers.",
			Expects: "403 and 404, as without them, and everything as it was; then 200 for the creator's delete.",
			Run: oracle.RefusesAll(func(s *provision.Scene) []oracle.Refusal {
				var refusals []oracle.Refusal
				for _, b := range slices.Concat(decoys(s, "before"), bodies(s, "before")) {
					bySaver := oracle.RequestOf(s, oracle.Deletes("saver", "song"), b.option)
					byMember := oracle.RequestOf(s, oracle.Deletes("member", "song"), b.option)
					refusals = append(refusals,
						refused("a saver's delete with "+b.name, 403, bySaver),
						refused("a member's delete with "+b.name, 404, byMember))
				}
				return refusals
			}, oracle.Deletes("creator", "song")),
		},
		{
			Area: deleteTrack, Slug: "broken-query-is-harmless",
			Title:     "A query that cannot be decoded does no harm",
			Operation: requirement.DeleteTrack,
			Requirements: []requirement.ID{
				requirement.DeletePathDecides,
				requirement.DeleteRefusedChangesNothing,
			},
			Scene:   sceneStandard,
			Sends:   "A saver's deletes with broken and unusual queries.",
			Expects: "403 or another 4xx, and everything as it was; then 200 for the creator's delete.",
			Run: oracle.RefusesAll(func(s *provision.Scene) []oracle.Refusal {
				var refusals []oracle.Refusal
				for _, query := range []string{
					"%",
					"%zz",
					"a=%",
					"%00=%00",
					"&&&",
					"=",
					"a[]=1&a[b]=2",
					"__proto__[x]=1",
					"x=" + strings.Repeat("a", 1500),
				} {
					r := oracle.RequestOf(s, oracle.Deletes("saver", "song"), suite.WithQuery(query), suite.WithoutContract())
					name := "a saver's delete with the query " + query
					refusals = append(refusals, oracle.Refusal{Name: name, Request: r, Expect: expectAny4xx})
				}
				return refusals
			}, oracle.Deletes("creator", "song")),
		},
		{
			Area: deleteTrack, Slug: "coded-answers",
			Title:     "Responses in a content coding that was asked for hold the same",
			Operation: requirement.DeleteTrack,
			Requirements: []requirement.ID{
				requirement.DeleteAcknowledgement,
				requirement.ErrorEnvelope,
			},
			Statuses: []int{200, 401, 403, 404},
			Scene:    sceneStandard,
			Sends:    "Deletes that are refused, and the creator's, with Accept-Encoding: gzip, deflate.",
			Expects:  "401, 403, 404 and 200, as without it, once they are decoded.",
			Run: func(ctx context.Context, c *suite.Client) error {
				w, err := oracle.Observe(ctx, c)
				if err != nil {
					return err
				}
				coded := suite.WithHeader("Accept-Encoding", "gzip, deflate")
				for _, as := range []string{"", "saver", "member", "outsider", "creator"} {
					if err := w.Perform(ctx, oracle.Deletes(as, "song"), coded); err != nil {
						return err
					}
				}
				return w.Verify(ctx)
			},
		},
	}
	for _, o := range []requirement.Operation{requirement.DeleteTrack, requirement.UnsaveTrack} {
		slug := "path-decides-what-is-deleted"
		requirements := []requirement.ID{
			requirement.DeleteBodyIgnored,
			requirement.DeletePathDecides,
			requirement.DeleteNothingElse,
		}
		if o == requirement.UnsaveTrack {
			slug = "path-decides-what-is-removed"
			requirements = []requirement.ID{
				requirement.UnsaveNothingElse,
				requirement.UnsaveAcknowledgement,
				requirement.UnsaveLeavesLibrary,
			}
		}
		cases = append(cases, suite.Case{
			Area: areaOf(o), Slug: "body-is-ignored",
			Title:        "A body is ignored, whatever it holds and however it is sent",
			Operation:    o,
			Requirements: requirements,
			Statuses:     []int{200},
			Scene:        sceneCatalogue,
			Sends: "The creator's requests for several tracks, each with a different body: JSON that names " +
				"another track, broken JSON, chunked, a form, bytes, empty, announced by Expect, 64 KiB.",
			Expects: "200 for each; exactly what the path asks for is done, and nothing else.",
			Run: performedDespite(o, func(s *provision.Scene) []decoy {
				return bodies(s, catalogueNames[len(catalogueNames)-1])[:len(catalogueNames)]
			}),
		}, suite.Case{
			Area: areaOf(o), Slug: slug,
			Title:        "Headers and queries do not change which track a request is about",
			Operation:    o,
			Requirements: requirements[1:],
			Statuses:     []int{200},
			Scene:        sceneCatalogue,
			Sends: "The creator's requests for several tracks, each with headers and queries that name " +
				"another track, organization, caller or method.",
			Expects: "200 for each; exactly what the path asks for is done, and nothing else.",
			Run: performedDespite(o, func(s *provision.Scene) []decoy {
				// All headers at once, and the queries one by one.
				all := decoys(s, catalogueNames[len(catalogueNames)-1])
				first := slices.IndexFunc(all, func(b decoy) bool { return strings.HasPrefix(b.name, "the query") })
				together := decoy{"headers of all kinds", func(r *wire.Request) {
					for _, b := range all[:first] {
						if !strings.Contains(b.name, "Method") { // a delete that asks for a delete
							b.option(r)
						}
					}
				}}
				return append([]decoy{together}, all[first:]...)
			}),
		})
	}
	return cases
}

// performedDespite sends the creator's request for one track after another, each with one of those
// decoys, and verifies the world after all of them.
func performedDespite(
	o requirement.Operation,
	added func(s *provision.Scene) []decoy,
) func(context.Context, *suite.Client) error {
	return func(ctx context.Context, c *suite.Client) error {
		w, err := oracle.Observe(ctx, c)
		if err != nil {
			return err
		}
		for i, b := range added(c.Scene) {
			err := w.Perform(ctx, oracle.Does("creator", o, catalogueNames[i]), b.option)
			var none *wire.NoResponse
			if errors.As(err, &none) && !none.Timeout &&
				none.Exchange != nil && len(none.Exchange.Request.Body) == largeBody {
				// The target responded before it had read the body, and the response was lost with
				// the connection: what it was cannot be known.
				return nil
			}
			var broken *suite.Failure
			if errors.As(err, &broken) {
				broken.Expected = "the request with " + b.name + ": " + broken.Expected
			}
			if err != nil {
				return err
			}
		}
		return w.Verify(ctx)
	}
}

// expectAny4xx is for a request that is wrong in two ways: the target may report either.
func expectAny4xx(x *wire.Exchange) error {
	if x.Status < 400 || x.Status >= 500 {
		return suite.Fail("403, or another 4xx", expect.Describe(x), x)
	}
	return nil
}
