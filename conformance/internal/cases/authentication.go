package cases

import (
	"context"
	"strings"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/expect"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/oracle"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// authenticationCases asks the same of every operation.
func authenticationCases() []suite.Case {
	var cases []suite.Case
	for _, o := range requirement.Operations() {
		cases = append(cases, keyCases(o)...)
		cases = append(cases, bearerCases(o)...)
		cases = append(cases, precedenceCases(o)...)
	}
	return append(cases, cookieCase(), keyBeforePathCase())
}

// ownerOf is what the creator of the song does at the end of a case, to show that it was possible
// all along.
func ownerOf(o requirement.Operation) oracle.Action {
	return oracle.Does("creator", o, "song")
}

// unauthenticated are requests for the song with those forms of credentials, each of which gets
// 401.
func unauthenticated(
	o requirement.Operation,
	forms func(s *provision.Scene) []credential,
) func(s *provision.Scene) []oracle.Refusal {
	return func(s *provision.Scene) []oracle.Refusal {
		var refusals []oracle.Refusal
		for _, form := range forms(s) {
			r := oracle.RequestOf(s, oracle.Does("", o, "song"))
			r.Header, r.RawQuery, r.Body = form.header, form.query, form.body
			refusals = append(refusals, refused(form.name, 401, r))
		}
		return refusals
	}
}

func keyCases(o requirement.Operation) []suite.Case {
	return []suite.Case{
		{
			Area: areaOf(o), Slug: "no-key-gets-401",
			Title:     "A request without a key gets 401 and changes nothing",
			Operation: o,
			Requirements: []requirement.ID{
				requirement.KeyRequired,
				requirement.ErrorEnvelope,
				requirement.ErrorMachineFields,
			},
			Statuses: []int{401},
			Scene:    sceneStandard,
			Sends:    "The request for a live track without any key, twice.",
			Expects:  "401 AUTHENTICATION_REQUIRED in the envelope, and everything as it was.",
			Run: oracle.RefusesAll(unauthenticated(o, func(*provision.Scene) []credential {
				return []credential{{name: "no key"}, {name: "no key once more"}}
			}), ownerOf(o)),
		},
		{
			Area: areaOf(o), Slug: "unknown-key-gets-401",
			Title:        "An empty or unknown key gets 401",
			Operation:    o,
			Requirements: []requirement.ID{requirement.KeyKnown},
			Statuses:     []int{401},
			Scene:        sceneStandard,
			Sends: "X-API-Key empty, made up, as a wildcard, as the id of the caller, the organization and " +
				"the track, and very long.",
			Expects: "401 for each, and everything as it was.",
			Run: oracle.RefusesAll(func(s *provision.Scene) []oracle.Refusal {
				refusals := unauthenticated(o, unknownKeys)(s)
				creator := s.User("creator").Key
				for _, key := range []string{
					"ak_\u00e4\u00f6\u00fc",
					"\u30ad\u30fc",
					"ak_\xff\xfe",
					creator + "\u00a0",
					creator + "\u200b",
					creator + "\xff",
					"\xff" + creator,
					creator + "\u00e9",
				} {
					r := oracle.RequestOf(s, oracle.Does("", o, "song"),
						suite.WithHeader("X-API-Key", key), suite.WithoutContract())
					refusals = append(refusals, oracle.Refusal{
						Name:    "a key that is not ASCII",
						Request: r,
						Expect:  expectUnreadableKey,
					})
				}
				return refusals
			}, ownerOf(o)),
		},
		{
			Area: areaOf(o), Slug: "changed-key-gets-401",
			Title:        "A key that merely resembles a valid one gets 401",
			Operation:    o,
			Requirements: []requirement.ID{requirement.KeyExact},
			Statuses:     []int{401},
			Scene:        sceneStandard,
			Sends: "The creator's key with each character changed in turn, in other case, cut, with " +
				"something before or after it, quoted, encoded, as a number and as a pattern, in either " +
				"header.",
			Expects: "401 for each, and everything as it was.",
			Run: oracle.RefusesAll(unauthenticated(o, func(s *provision.Scene) []credential {
				var forms []credential
				for _, k := range essential(o, changedKeys(s)) {
					forms = append(forms, inAPIKey("the key "+k.name, k.text))
					// Which header it came in matters to what stands around a key; the rest a
					// delete shows.
					if !k.another && (o == requirement.DeleteTrack || strings.ContainsAny(k.text, " ,;:=\"'")) {
						forms = append(forms, inAuthorization("the key "+k.name+", as Bearer", "Bearer "+k.text))
					}
				}
				return forms
			}), ownerOf(o)),
		},
		{
			Area: areaOf(o), Slug: "revoked-key-gets-401",
			Title:        "A revoked key gets 401, in either header",
			Operation:    o,
			Requirements: []requirement.ID{requirement.KeyRevoked},
			Statuses:     []int{401},
			Needs:        []provision.Feature{provision.FeatureRevokedKeys},
			Scene:        sceneRevoked,
			Sends: "The creator's former key in X-API-Key, as Bearer, and in X-API-Key with the creator's " +
				"present key as Bearer.",
			Expects: "401 for each, everything as it was, and the present key works.",
			Run: oracle.RefusesAll(unauthenticated(o, func(s *provision.Scene) []credential {
				old, present := s.RevokedKey("old"), s.User("creator").Key
				return []credential{
					inAPIKey("the revoked key", old),
					inAuthorization("the revoked key as Bearer", "Bearer "+old),
					{name: "the revoked key beside the present one as Bearer",
						header: []wire.HeaderField{
							{Name: "X-API-Key", Value: old},
							{Name: "Authorization", Value: "Bearer " + present},
						}},
				}
			}), ownerOf(o)),
		},
		{
			Area: areaOf(o), Slug: "key-elsewhere-gets-401",
			Title:        "A key in the query, a cookie, a body, another scheme or another header is not accepted",
			Operation:    o,
			Requirements: []requirement.ID{requirement.KeyNowhereElse},
			Statuses:     []int{401},
			Scene:        sceneStandard,
			Sends: "The creator's key as a query parameter, a cookie, in a body, as Basic credentials, after other " +
				"schemes, without a scheme, and in other headers; and no key with headers that name the " +
				"creator.",
			Expects: "401 for each, and everything as it was.",
			Run: oracle.RefusesAll(unauthenticated(o, func(s *provision.Scene) []credential {
				forms := keysElsewhere(s)
				if o == requirement.DeleteTrack || o == requirement.UnsaveTrack { // reads have no bodies
					forms = append(forms, keysInBodies(s)...)
				}
				return forms
			}), ownerOf(o)),
		},
		{
			Area: areaOf(o), Slug: "key-accepted-in-x-api-key",
			Title:        "The key is accepted in X-API-Key, whatever the case of the header's name",
			Operation:    o,
			Requirements: []requirement.ID{requirement.KeyInXAPIKey},
			Statuses:     []int{200},
			Scene:        sceneCatalogue,
			Sends:        "The request with the header written X-API-Key, x-api-key and X-Api-KEY.",
			Expects:      "200 for each.",
			Run: accepted(o, func(key string) []credential {
				return []credential{
					{name: "X-API-Key", header: []wire.HeaderField{{Name: "X-API-Key", Value: key}}},
					{name: "x-api-key", header: []wire.HeaderField{{Name: "x-api-key", Value: key}}},
					{name: "X-Api-KEY", header: []wire.HeaderField{{Name: "X-Api-KEY", Value: key}}},
				}
			}),
		},
	}
}

// cookieCase is about servers that remember a caller in a session.
func cookieCase() suite.Case {
	return suite.Case{
		Area: deleteTrack, Slug: "cookie-is-no-key",
		Title:     "A cookie that a response set does not replace a key",
		Operation: requirement.DeleteTrack,
		Requirements: []requirement.ID{
			requirement.KeyRequired,
			requirement.KeyNowhereElse,
		},
		Statuses: []int{401},
		Scene:    sceneStandard,
		Sends: "The creator's deletes of a missing and of a live track, and its get and list; then a " +
			"delete without a key, with all cookies that the responses set, if any.",
		Expects: "401, and everything as it was.",
		Run: func(ctx context.Context, c *suite.Client) error {
			w, err := oracle.Observe(ctx, c)
			if err != nil {
				return err
			}
			requests := []wire.Request{
				toMissing(c.Scene, oracle.Deletes("creator", "song")),
				oracle.RequestOf(c.Scene, oracle.Deletes("creator", "after")),
			}
			for _, o := range []requirement.Operation{requirement.GetTrack, requirement.ListSavedTracks} {
				if c.Serves(ctx, o) {
					requests = append(requests, oracle.RequestOf(c.Scene, oracle.Does("creator", o, "song")))
				}
			}
			var cookies []string
			for _, r := range requests {
				x, err := c.Do(ctx, r)
				if err != nil {
					return err
				}
				for _, set := range x.Header["Set-Cookie"] {
					pair, _, _ := strings.Cut(set, ";")
					cookies = append(cookies, pair)
				}
			}
			w.Apply(oracle.Deletes("creator", "after"))
			if cookies == nil {
				return w.Verify(ctx)
			}
			return w.Refuse(ctx, unauthenticated(requirement.DeleteTrack, func(*provision.Scene) []credential {
				return []credential{{
					name:   "the cookies that were set",
					header: []wire.HeaderField{{Name: "Cookie", Value: strings.Join(cookies, "; ")}},
				}}
			}))
		},
	}
}

// precedenceCases show that the key is checked before anything else that is wrong with a request.
func precedenceCases(o requirement.Operation) []suite.Case {
	return []suite.Case{
		{
			Area: areaOf(o), Slug: "key-is-judged-first",
			Title:        "A request without a valid key gets 401, whatever else is wrong with it",
			Operation:    o,
			Requirements: []requirement.ID{requirement.KeyFirst},
			Statuses:     []int{401},
			Scene:        sceneStandard,
			Sends: "No key, an unknown key and an unknown Bearer token, for missing, deleted, foreign, " +
				"malformed and inaccessible tracks, in the creator's, another and an unknown organization, " +
				"and with bad parameters.",
			Expects: "401 for each, and everything as it was.",
			Run: func(ctx context.Context, c *suite.Client) error {
				w, err := oracle.Observe(ctx, c)
				if err != nil {
					return err
				}
				if err := w.Perform(ctx, oracle.Deletes("creator", "before")); err != nil {
					return err
				}
				return w.Refuse(ctx, wrongInOtherWaysToo(o))
			},
		},
		{
			Area: areaOf(o), Slug: "401-tells-nothing",
			Title:        "A 401 does not reveal what exists",
			Operation:    o,
			Requirements: []requirement.ID{requirement.KeyFirst},
			Statuses:     []int{401},
			Scene:        sceneProbed,
			Sends: "Without a key and with an unknown one: requests for live, missing, deleted and foreign " +
				"tracks and for unknown organizations, in turn and several times.",
			Expects: "The same 401: status, headers and body, apart from what the request itself contains " +
				"and what changes with every response.",
			Run: func(ctx context.Context, c *suite.Client) error {
				if err := prepareProbes(ctx, c, c.Scene); err != nil {
					return err
				}
				for _, as := range []provision.User{{}, {Key: "ak_unknown"}} {
					if err := expect.Alike(ctx, c, "401s", probesOfPaths(c, o, as)); err != nil {
						return err
					}
				}
				return nil
			},
		},
	}
}

// keyBeforePathCase is about paths that a server may refuse before it looks at the key.
func keyBeforePathCase() suite.Case {
	return suite.Case{
		Area: deleteTrack, Slug: "key-is-judged-before-the-path",
		Title:        "A request without a valid key gets 401 also where its path cannot hold an id",
		Operation:    requirement.DeleteTrack,
		Requirements: []requirement.ID{requirement.KeyBeforePath},
		Statuses:     []int{401},
		Scene:        sceneStandard,
		Sends: "Without a key and with an unknown one: requests of every operation whose track, or in a list " +
			"organization, is an id with a NUL, invalid UTF-8 or an encoded slash in it, or over 2 KiB long.",
		Expects: "401 for each.",
		Run: func(ctx context.Context, c *suite.Client) error {
			for _, o := range requirement.Operations() {
				if !c.Serves(ctx, o) {
					continue
				}
				for _, r := range impossibleWithoutKey(o, c.Scene) {
					x, err := c.Do(ctx, r)
					if err != nil {
						return err
					}
					if err := expect.Status(x, 401); err != nil {
						return err
					}
				}
			}
			return nil
		},
	}
}

// wrongInOtherWaysToo are requests without a good key that would fail anyway.
func wrongInOtherWaysToo(o requirement.Operation) func(s *provision.Scene) []oracle.Refusal {
	return func(s *provision.Scene) []oracle.Refusal {
		home, abroad, song := s.Organization("home"), s.Organization("abroad"), s.Track("song")
		places := []struct{ name, organization, track, query string }{
			{"a live track", home, song, ""},
			{"a missing track", home, song + "x", ""},
			{"a deleted track", home, s.Track("before"), ""},
			{"a foreign track", home, s.Track("foreign"), ""},
			{"a track in the other organization", abroad, s.Track("foreign"), ""},
			{"an unknown organization", home + "x", song, ""},
			{"a malformed id", home, "nonsense", ""},
			{"a long id", home, "mtrack_" + strings.Repeat("a", 500), ""},
			{"an id of a thousand letters", home, strings.Repeat("a", 1000), ""},
			{"an organization of letters", "nobody", song, ""},
			{"an organization of a thousand letters", strings.Repeat("a", 1000), song, ""},
			{"a bad limit", home, song, "limit=0"},
			{"a limit that is not a number", home, song, "limit=abc&offset=-1"},
			{"an unknown mode", home, song, "mode=unknown&engine=&collection_id=x"},
		}
		keys := []struct {
			name   string
			header []wire.HeaderField
		}{
			{"no key", nil},
			{"an unknown key", []wire.HeaderField{{Name: "X-API-Key", Value: "ak_unknown"}}},
			{"an unknown token", []wire.HeaderField{{Name: "Authorization", Value: "Bearer ak_unknown"}}},
		}
		var refusals []oracle.Refusal
		for _, p := range places {
			if o == requirement.ListSavedTracks && p.track != song {
				continue
			}
			if o != requirement.ListSavedTracks && p.query != "" {
				continue
			}
			for _, k := range keys {
				r := oracle.NewRequest(o, provision.User{}, p.organization, p.track)
				r.Header, r.RawQuery = k.header, p.query
				refusals = append(refusals, refused(k.name+" for "+p.name, 401, r))
			}
		}
		return refusals
	}
}

// impossibleWithoutKey are requests without a good key for what cannot be an id.
func impossibleWithoutKey(o requirement.Operation, s *provision.Scene) []wire.Request {
	var requests []wire.Request
	before := "/tracks/" + requirement.EscapeSegment(s.Track("song"))
	if o == requirement.ListSavedTracks {
		before = "/music/" + requirement.EscapeSegment(s.Organization("home"))
	}
	for _, tail := range []string{"%00", "%FF", "%2F", strings.Repeat("a", 2500)} {
		for _, header := range [][]wire.HeaderField{nil, {{Name: "X-API-Key", Value: "ak_unknown"}}} {
			r := oracle.NewRequest(o, provision.User{}, s.Organization("home"), s.Track("song"), suite.WithoutContract())
			r.Path = strings.Replace(r.Path, before, before+tail, 1)
			r.Header = header
			requests = append(requests, r)
		}
	}
	return requests
}

// accepted sends a request for a track of its own with each form, and expects it to be carried out.
func accepted(o requirement.Operation, forms func(key string) []credential) func(context.Context, *suite.Client) error {
	return func(ctx context.Context, c *suite.Client) error {
		w, err := oracle.Observe(ctx, c)
		if err != nil {
			return err
		}
		for i, form := range forms(c.Scene.User("creator").Key) {
			a := oracle.Does("creator", o, catalogueNames[i])
			if err := w.Perform(ctx, a, func(r *wire.Request) { r.Header = form.header }); err != nil {
				return err
			}
		}
		return w.Verify(ctx)
	}
}

// expectUnreadableKey also accepts the 400 with which a proxy may refuse a header that is not
// ASCII.
func expectUnreadableKey(x *wire.Exchange) error {
	if x.Status == 400 {
		return nil
	}
	return expect.Error(x, 401)
}
