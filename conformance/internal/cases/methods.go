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

// methodCases are about methods that no operation has.
func methodCases() []suite.Case {
	return []suite.Case{
		{
			Area: deleteTrack, Slug: "wrong-method-gets-405",
			Title:     "Another method on a track's path gets 405 with Allow and has no effect",
			Operation: requirement.DeleteTrack,
			Requirements: []requirement.ID{
				requirement.InputWrongMethodIs405,
				requirement.DeletePathDecides,
				requirement.DeleteRefusedChangesNothing,
			},
			Scene: sceneStandard,
			Sends: "The creator's POST, PUT and PATCH to the path of its track, plain and asking for a " +
				"DELETE by header, query and form.",
			Expects: "405 in the envelope with an Allow that names DELETE for each, and everything as it " +
				"was; then 200 for the creator's delete.",
			Run: oracle.RefusesAll(func(s *provision.Scene) []oracle.Refusal {
				path := requirement.TrackPath(s.Organization("home"), s.Track("song"))
				refusals := wrongMethods(s, path, []string{"DELETE"}, "POST", "PUT", "PATCH")
				for _, disguise := range disguises() {
					refusals = append(refusals,
						wrongMethod(s, "POST", path, []string{"DELETE"}, disguise),
						wrongMethod(s, "PUT", path, []string{"DELETE"}, disguise))
				}
				return refusals
			}, oracle.Deletes("creator", "song")),
		},
		{
			Area: getTrack, Slug: "wrong-method-names-get",
			Title:     "The Allow of a track's path names GET and DELETE",
			Operation: requirement.GetTrack,
			Requirements: []requirement.ID{
				requirement.InputWrongMethodIs405,
				requirement.GetChangesNothing,
			},
			Scene:   sceneStandard,
			Sends:   "The creator's POST, PUT and PATCH to the path of its track.",
			Expects: "405 in the envelope with an Allow that names both for each, and everything as it was.",
			Run: oracle.RefusesAll(func(s *provision.Scene) []oracle.Refusal {
				return wrongMethods(s, requirement.TrackPath(s.Organization("home"), s.Track("song")), []string{
					"GET",
					"DELETE",
				}, "POST", "PUT", "PATCH")
			}),
		},
		{
			Area: listTracks, Slug: "wrong-method-gets-405",
			Title:     "Another method on the library's path gets 405 with Allow and has no effect",
			Operation: requirement.ListSavedTracks,
			Requirements: []requirement.ID{
				requirement.InputWrongMethodIs405,
				requirement.ListChangesNothing,
			},
			Scene:   sceneStandard,
			Sends:   "The creator's DELETE, POST, PUT and PATCH to the path of its library.",
			Expects: "405 in the envelope with an Allow that names GET for each, and everything as it was.",
			Run: oracle.RefusesAll(func(s *provision.Scene) []oracle.Refusal {
				path := requirement.TracksPath(s.Organization("home"))
				return wrongMethods(s, path, []string{"GET"}, "DELETE", "POST", "PUT", "PATCH")
			}),
		},
		{
			Area: unsaveTrack, Slug: "wrong-method-gets-405",
			Title:     "Another method on the path of a save gets 405 with Allow and has no effect",
			Operation: requirement.UnsaveTrack,
			Requirements: []requirement.ID{
				requirement.InputWrongMethodIs405,
				requirement.UnsaveRefusedChangesNothing,
			},
			Scene: sceneStandard,
			Sends: "GET, POST, PUT and PATCH of the save of a track, by its creator and by a member who " +
				"did not save it, plain and asking for a DELETE by header, query and form.",
			Expects: "405 in the envelope with an Allow that names DELETE for each, and everything as it was.",
			Run: oracle.RefusesAll(func(s *provision.Scene) []oracle.Refusal {
				path := requirement.SavePath(s.Organization("home"), s.Track("song"))
				refusals := wrongMethods(s, path, []string{"DELETE"}, "GET", "POST", "PUT", "PATCH")
				for _, method := range []string{"POST", "PUT"} {
					a := wrongMethod(s, method, path, []string{"DELETE"})
					a.Request.Header[0].Value = s.User("member").Key
					refusals = append(refusals, a)
				}
				for _, disguise := range disguises() {
					refusals = append(refusals, wrongMethod(s, "POST", path, []string{"DELETE"}, disguise))
				}
				return refusals
			}),
		},
		{
			Area: deleteTrack, Slug: "other-methods-do-nothing",
			Title:     "HEAD, OPTIONS and unknown methods have no effect",
			Operation: requirement.DeleteTrack,
			Requirements: []requirement.ID{
				requirement.DeletePathDecides,
				requirement.DeleteRefusedChangesNothing,
			},
			Scene: sceneStandard,
			Sends: "The creator's HEAD, OPTIONS, PURGE, UNLINK, REPORT and FROBNICATE of its track and of " +
				"its save.",
			Expects: "Any response, and everything as it was; then 200 for the creator's delete.",
			Run: oracle.RefusesAll(
				otherMethods("HEAD", "OPTIONS", "PURGE", "UNLINK", "REPORT", "FROBNICATE"),
				oracle.Deletes("creator", "song"),
			),
		},
		{
			Area: deleteTrack, Slug: "no-method-brings-it-back",
			Title:     "No other method brings a deleted track back",
			Operation: requirement.DeleteTrack,
			Requirements: []requirement.ID{
				requirement.DeleteStaysDeleted,
				requirement.DeletePathDecides,
			},
			Statuses: []int{404},
			Scene:    sceneStandard,
			Sends: "The creator's delete; then its POST, PUT, PATCH, HEAD, OPTIONS and RESTORE of the " +
				"track and of its save.",
			Expects: "Any response, and everything as it was after the delete.",
			Run: func(ctx context.Context, c *suite.Client) error {
				w, err := oracle.Observe(ctx, c)
				if err != nil {
					return err
				}
				if err := w.Perform(ctx, oracle.Deletes("creator", "song")); err != nil {
					return err
				}
				return w.Refuse(ctx, otherMethods("POST", "PUT", "PATCH", "HEAD", "OPTIONS", "RESTORE"))
			},
		},
	}
}

// otherMethods are the creator's requests for its track and its save with other methods. Any
// response to them is right.
func otherMethods(methods ...string) func(s *provision.Scene) []oracle.Refusal {
	return func(s *provision.Scene) []oracle.Refusal {
		var refusals []oracle.Refusal
		for _, method := range methods {
			for _, o := range []requirement.Operation{requirement.DeleteTrack, requirement.UnsaveTrack} {
				r := oracle.RequestOf(s, oracle.Does("creator", o, "song"), suite.WithoutContract())
				r.Method = method
				refusals = append(refusals, oracle.Refusal{Name: "a " + method, Request: r, Expect: nil})
			}
		}
		return refusals
	}
}

// disguises ask for a DELETE by other means than the method.
func disguises() []suite.RequestOption {
	return []suite.RequestOption{
		suite.WithHeader("X-HTTP-Method-Override", "DELETE"),
		suite.WithHeader("X-Method-Override", "DELETE"),
		suite.WithHeader("X-HTTP-Method", "DELETE"),
		suite.WithQuery("_method=DELETE"),
		suite.WithQuery("_method=delete"),
		suite.WithQuery("method=DELETE"),
		suite.WithBody("application/x-www-form-urlencoded", []byte("_method=DELETE")),
		suite.WithBody("application/json", []byte(`{"_method":"DELETE"}`)),
	}
}

func wrongMethods(s *provision.Scene, path string, allow []string, methods ...string) []oracle.Refusal {
	var refusals []oracle.Refusal
	for _, method := range methods {
		refusals = append(refusals, wrongMethod(s, method, path, allow))
	}
	return refusals
}

// wrongMethod is a request of the creator that has to get 405, with an Allow that names the allowed
// methods and not this one.
func wrongMethod(
	s *provision.Scene,
	method, path string,
	allow []string,
	options ...suite.RequestOption,
) oracle.Refusal {
	r := suite.NewRequest(method, path, s.User("creator"), append(options, suite.WithoutContract())...)
	return oracle.Refusal{Name: "a " + method + " of " + path, Request: r, Expect: func(x *wire.Exchange) error {
		if err := expect.Error(x, 405); err != nil {
			return err
		}
		var named []string
		for _, value := range x.Header.Values("Allow") {
			for name := range strings.SplitSeq(value, ",") {
				named = append(named, strings.TrimSpace(name))
			}
		}
		actual := fmt.Sprintf("Allow: %s", strings.Join(named, ", "))
		for _, name := range allow {
			if !slices.Contains(named, name) {
				return suite.Fail("an Allow that names "+strings.Join(allow, " and "), actual, x)
			}
		}
		if slices.Contains(named, method) {
			return suite.Fail("an Allow without "+method+", which was refused", actual, x)
		}
		return nil
	}}
}
