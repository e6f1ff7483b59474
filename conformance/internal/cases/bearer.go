package cases

import (
	"context"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/oracle"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

func bearerCases(o requirement.Operation) []suite.Case {
	return []suite.Case{
		{
			Area: areaOf(o), Slug: "key-accepted-as-bearer",
			Title:        "The key is accepted in Authorization: Bearer, whatever the case of the scheme",
			Operation:    o,
			Requirements: []requirement.ID{requirement.KeyAsBearer},
			Statuses:     []int{200},
			Scene:        sceneCatalogue,
			Sends:        "The key after Bearer, bearer, BEARER and bEaReR.",
			Expects:      "200 for each.",
			Run: accepted(o, func(key string) []credential {
				return []credential{
					inAuthorization("Bearer", "Bearer "+key), inAuthorization("bearer", "bearer "+key),
					inAuthorization("BEARER", "BEARER "+key), inAuthorization("bEaReR", "bEaReR "+key),
					{
						name:   "the header in lower case",
						header: []wire.HeaderField{{Name: "authorization", Value: "Bearer " + key}},
					},
				}
			}),
		},
		{
			Area: areaOf(o), Slug: "bad-bearer-gets-401",
			Title:        "An empty, unknown or malformed Bearer token gets 401",
			Operation:    o,
			Requirements: []requirement.ID{requirement.KeyKnown},
			Statuses:     []int{401},
			Scene:        sceneStandard,
			Sends: "Authorization with Bearer alone, with an unknown token, and with the scheme misspelt " +
				"or missing.",
			Expects: "401 for each, and everything as it was.",
			Run: oracle.RefusesAll(unauthenticated(o, func(s *provision.Scene) []credential {
				key := s.User("creator").Key
				return []credential{
					inAuthorization("an empty Authorization", ""),
					inAuthorization("Bearer without a token", "Bearer"),
					inAuthorization("an unknown token", "Bearer ak_unknown"),
					inAuthorization("a token of one character", "Bearer x"),
					inAuthorization("the user's id as token", "Bearer "+s.User("creator").ID),
					inAuthorization("the scheme run into the key", "Bearer"+key),
					inAuthorization("the scheme with a colon", "Bearer:"+key),
					inAuthorization("the scheme with a colon and a space", "Bearer: "+key),
					inAuthorization("the scheme with a comma", "Bearer, "+key),
					inAuthorization("a token and more", "Bearer "+key+" more"),
					inAuthorization("two credentials", "Bearer "+key+", Basic bm9ib2R5Om5vdGhpbmc="),
					inAuthorization("a scheme that begins with Bearer", "BearerToken "+key),
					inAuthorization("a prefix of Bearer as the scheme", "Bear "+key),
					inAuthorization("a token in quotes", `Bearer "`+key+`"`),
					inAuthorization("a named token", "Bearer token="+key),
					inAuthorization("Bearer twice", "Bearer Bearer "+key),
				}
			}), ownerOf(o)),
		},
		{
			Area: areaOf(o), Slug: "x-api-key-decides",
			Title:        "Where both headers are sent, X-API-Key decides, even if it is wrong or empty",
			Operation:    o,
			Requirements: []requirement.ID{requirement.KeyXAPIKeyDecides},
			Statuses:     []int{200, 401},
			Scene:        sceneStandard,
			Sends: "A wrong, an empty and another caller's X-API-Key together with the creator's key as " +
				"Bearer, in both orders; then the creator's X-API-Key together with a wrong Authorization.",
			Expects: "401 for the wrong and the empty key, the other caller's status for the other " +
				"caller's key, and finally 200.",
			Run: func(ctx context.Context, c *suite.Client) error {
				w, err := oracle.Observe(ctx, c)
				if err != nil {
					return err
				}
				if err := w.Refuse(ctx, overruled(o)); err != nil {
					return err
				}
				for _, wrong := range []struct{ authorization, deletes string }{
					{"Bearer ak_unknown", "before"},
					{"Basic bm9ib2R5Om5vdGhpbmc=", "song"},
					{"Bearer " + c.Scene.User("outsider").Key, "after"},
				} {
					a := ownerOf(o)
					if o == requirement.DeleteTrack { // each deletes a track of its own
						a.Track = wrong.deletes
					}
					if err := w.Perform(ctx, a, suite.WithHeader("Authorization", wrong.authorization)); err != nil {
						return err
					}
				}
				return w.Verify(ctx)
			},
		},
	}
}

// overruled are requests that only the Bearer token beside X-API-Key would allow.
func overruled(o requirement.Operation) func(s *provision.Scene) []oracle.Refusal {
	return func(s *provision.Scene) []oracle.Refusal {
		bearer := wire.HeaderField{Name: "Authorization", Value: "Bearer " + s.User("creator").Key}
		var refusals []oracle.Refusal
		add := func(name, key string, want func(*wire.Exchange) error) {
			apiKey := wire.HeaderField{Name: "X-API-Key", Value: key}
			for i, order := range [][]wire.HeaderField{{apiKey, bearer}, {bearer, apiKey}} {
				r := oracle.RequestOf(s, oracle.Does("", o, "song"))
				r.Header = order
				name := name + []string{" before", " after"}[i] + " the creator's Bearer token"
				refusals = append(refusals, oracle.Refusal{Name: name, Request: r, Expect: want})
			}
		}
		add("an unknown X-API-Key", "ak_unknown", oracle.WantError(401))
		add("an empty X-API-Key", "", oracle.WantError(401))
		if key := s.User("creator").Key; len(key) > 1 {
			add("the creator's X-API-Key without its last character", key[:len(key)-1], oracle.WantError(401))
		}
		add("an X-API-Key that is not ASCII", "cl\u00e9", expectUnreadableKey)
		add("an X-API-Key that is not UTF-8", "\xff", expectUnreadableKey)
		add("an outsider's X-API-Key", s.User("outsider").Key, oracle.WantError(404))
		if o != requirement.ListSavedTracks {
			add("a member's X-API-Key", s.User("member").Key, oracle.WantError(404))
		}
		if o == requirement.DeleteTrack {
			add("a saver's X-API-Key", s.User("saver").Key, oracle.WantError(403))
		}
		return refusals
	}
}
