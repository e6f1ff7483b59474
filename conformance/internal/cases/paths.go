package conformance

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// unknownPaths are clean and lead to no operation.
func unknownPaths(organization, track string) []string {
	path := TrackPath(organization, track)
	org, id := EscapeSegment(organization), EscapeSegment(track)
	paths := []string{
		path + "/delete", path + "/save/now", path + "/saved", path + "/unknown", "/v1/music/" + org, "/v1/music/" + org + "/track/" + id, "/v1/music/" + org + "/unknown/" + id,
		"/v2/music/" + org + "/tracks/" + id, "/music/" + org + "/tracks/" + id, "/v1/" + org + "/tracks/" + id, "/v1/music/tracks/" + id,
	}
	return paths
}

// unknownPathsOf are the creator's requests to unknown paths.
func unknownPathsOf(o Operation) func(*Scene) []attack {
	return func(s *Scene) []attack {
		var attacks []attack
		for _, path := range unknownPaths(s.Organization("home"), s.Track("song")) {
			r := ask(o, s.User("creator"), "x", "y", WithoutContract())
			r.Path = path
			attacks = append(attacks, attack{"a " + r.Method + " of an unknown path", r, is(404)})
		}
		return attacks
	}
}

// paraphrasedPaths are taken for the track's by some routers: with words in other case, and with path parameters.
func paraphrasedPaths(s *Scene) []attack {
	org, id := EscapeSegment(s.Organization("home")), EscapeSegment(s.Track("song"))
	var attacks []attack
	for _, path := range []string{
		"/V1/music/" + org + "/tracks/" + id, "/v1/Music/" + org + "/tracks/" + id, "/v1/music/" + org + "/TRACKS/" + id, "/v1/music/" + org + "/Tracks/" + id,
		"/v1/music/" + org + "/tracks/" + id + ";v=1", "/v1/music/" + org + ";v=1/tracks/" + id, "/v1/music/" + org + "/tracks;v=1/" + id,
	} {
		r := ask(DeleteTrack, s.User("creator"), "x", "y", WithoutContract())
		r.Path = path
		attacks = append(attacks, attack{"a DELETE of " + path, r, is(404)})
	}
	return attacks
}

// pathCases are about paths and methods that lead to no operation.
func pathCases() []Case {
	return []Case{
		{
			ID: "delete-track/unknown-path-gets-404", Title: "An unknown path is 404 in the envelope and does nothing",
			Operation: DeleteTrack, Requirements: []string{"input.unknown-path-is-404", "delete.path-decides", "delete.refused-changes-nothing"}, Statuses: []int{404},
			Scene:   sceneStandard,
			Sends:   "The creator's DELETE of paths beside, below and above that of its track.",
			Expects: "404 RESOURCE_NOT_FOUND for each, and everything as it was; then 200.",
			Run:     repelled(unknownPathsOf(DeleteTrack), removal("creator", "song")),
		},
		{
			ID: "delete-track/path-as-written", Title: "A path is taken as it is written",
			Operation: DeleteTrack, Requirements: []string{"input.paths-as-written"}, Statuses: []int{404},
			Scene:   sceneStandard,
			Sends:   "The creator's DELETE of the path of its track with V1, Music and TRACKS, and with ;v=1 behind a segment.",
			Expects: "404 for each, and everything as it was; then 200.",
			Run:     repelled(paraphrasedPaths, removal("creator", "song")),
		},
		{
			ID: "get-track/unknown-path-gets-404", Title: "Getting an unknown path is 404 in the envelope, no page and no redirect",
			Operation: GetTrack, Requirements: []string{"input.unknown-path-is-404", "get.changes-nothing"}, Statuses: []int{404},
			Scene:   sceneStandard,
			Sends:   "The creator's GET of paths beside, below and above that of its track.",
			Expects: "404 RESOURCE_NOT_FOUND for each, and everything as it was.",
			Run:     repelled(unknownPathsOf(GetTrack)),
		},
		{
			ID: "delete-track/wrong-method-gets-405", Title: "A track's path with another method is 405, with Allow, and does nothing",
			Operation: DeleteTrack, Requirements: []string{"input.wrong-method-is-405", "delete.path-decides", "delete.refused-changes-nothing"},
			Scene:   sceneStandard,
			Sends:   "The creator's POST, PUT and PATCH to the path of its track, plain and asking for a DELETE by header, query and form.",
			Expects: "405 in the envelope with an Allow that names DELETE for each, and everything as it was; then the delete is 200.",
			Run: repelled(func(s *Scene) []attack {
				path := TrackPath(s.Organization("home"), s.Track("song"))
				attacks := wrongMethods(s, path, []string{"DELETE"}, "POST", "PUT", "PATCH")
				for _, disguise := range disguises() {
					attacks = append(attacks, wrongMethod(s, "POST", path, []string{"DELETE"}, disguise), wrongMethod(s, "PUT", path, []string{"DELETE"}, disguise))
				}
				return attacks
			}, removal("creator", "song")),
		},
		{
			ID: "get-track/wrong-method-names-get", Title: "The Allow of a track's path names GET and DELETE",
			Operation: GetTrack, Requirements: []string{"input.wrong-method-is-405", "get.changes-nothing"},
			Scene:   sceneStandard,
			Sends:   "The creator's POST, PUT and PATCH to the path of its track.",
			Expects: "405 in the envelope with an Allow that names both for each, and everything as it was.",
			Run: repelled(func(s *Scene) []attack {
				return wrongMethods(s, TrackPath(s.Organization("home"), s.Track("song")), []string{"GET", "DELETE"}, "POST", "PUT", "PATCH")
			}),
		},
		{
			ID: "list-tracks/wrong-method-gets-405", Title: "The library's path with another method is 405, with Allow, and does nothing",
			Operation: ListSavedTracks, Requirements: []string{"input.wrong-method-is-405", "list.changes-nothing"},
			Scene:   sceneStandard,
			Sends:   "The creator's DELETE, POST, PUT and PATCH to the path of its library.",
			Expects: "405 in the envelope with an Allow that names GET for each, and everything as it was.",
			Run: repelled(func(s *Scene) []attack {
				return wrongMethods(s, TracksPath(s.Organization("home")), []string{"GET"}, "DELETE", "POST", "PUT", "PATCH")
			}),
		},
		{
			ID: "unsave-track/wrong-method-gets-405", Title: "A save's path with another method is 405, with Allow, and does nothing",
			Operation: UnsaveTrack, Requirements: []string{"input.wrong-method-is-405", "unsave.refused-changes-nothing"},
			Scene:   sceneStandard,
			Sends:   "GET, POST, PUT and PATCH of the save of a track, by somebody who saved it and by a member who did not, plain and asking for a DELETE by header, query and form.",
			Expects: "405 in the envelope with an Allow that names DELETE for each, and everything as it was.",
			Run: repelled(func(s *Scene) []attack {
				path := SavePath(s.Organization("home"), s.Track("song"))
				attacks := wrongMethods(s, path, []string{"DELETE"}, "GET", "POST", "PUT", "PATCH")
				for _, method := range []string{"POST", "PUT"} {
					a := wrongMethod(s, method, path, []string{"DELETE"})
					a.request.Header[0].Value = s.User("member").Key
					attacks = append(attacks, a)
				}
				for _, disguise := range disguises() {
					attacks = append(attacks, wrongMethod(s, "POST", path, []string{"DELETE"}, disguise))
				}
				return attacks
			}),
		},
		{
			ID: "delete-track/other-methods-do-nothing", Title: "HEAD, OPTIONS and methods that nobody knows have no effect",
			Operation: DeleteTrack, Requirements: []string{"delete.path-decides", "delete.refused-changes-nothing"},
			Scene:   sceneStandard,
			Sends:   "The creator's HEAD, OPTIONS, PURGE, UNLINK, REPORT and FROBNICATE of its track and of its save.",
			Expects: "Any answer, and everything as it was; then the delete is 200.",
			Run:     repelled(otherMethods("HEAD", "OPTIONS", "PURGE", "UNLINK", "REPORT", "FROBNICATE"), removal("creator", "song")),
		},
		{
			ID: "delete-track/no-method-brings-it-back", Title: "No other method brings a deleted track back",
			Operation: DeleteTrack, Requirements: []string{"delete.stays-deleted", "delete.path-decides"}, Statuses: []int{404},
			Scene:   sceneStandard,
			Sends:   "The creator's delete; then its POST, PUT, PATCH, HEAD, OPTIONS and RESTORE of the track and of its save.",
			Expects: "Any answer, and everything as it was after the delete.",
			Run: func(ctx context.Context, c *Client) error {
				w, err := observe(ctx, c)
				if err != nil {
					return err
				}
				if err := w.do(ctx, removal("creator", "song")); err != nil {
					return err
				}
				return w.repel(ctx, otherMethods("POST", "PUT", "PATCH", "HEAD", "OPTIONS", "RESTORE"))
			},
		},
	}
}

// otherMethods are the creator's requests of its track and of its save with other methods. Any answer is right.
func otherMethods(methods ...string) func(s *Scene) []attack {
	return func(s *Scene) []attack {
		var attacks []attack
		for _, method := range methods {
			for _, o := range []Operation{DeleteTrack, UnsaveTrack} {
				r := ask(o, s.User("creator"), s.Organization("home"), s.Track("song"), WithoutContract())
				r.Method = method
				attacks = append(attacks, attack{"a " + method, r, nil})
			}
		}
		return attacks
	}
}

// disguises ask for a DELETE behind the back of the method.
func disguises() []RequestOption {
	return []RequestOption{
		WithHeader("X-HTTP-Method-Override", "DELETE"), WithHeader("X-Method-Override", "DELETE"), WithHeader("X-HTTP-Method", "DELETE"),
		WithQuery("_method=DELETE"), WithQuery("_method=delete"), WithQuery("method=DELETE"),
		WithBody("application/x-www-form-urlencoded", []byte("_method=DELETE")), WithBody("application/json", []byte(`{"_method":"DELETE"}`)),
	}
}

func wrongMethods(s *Scene, path string, allow []string, methods ...string) []attack {
	var attacks []attack
	for _, method := range methods {
		attacks = append(attacks, wrongMethod(s, method, path, allow))
	}
	return attacks
}

// wrongMethod is the creator's request, to be answered 405 with an Allow that names those methods and not this one.
func wrongMethod(s *Scene, method, path string, allow []string, options ...RequestOption) attack {
	r := NewRequest(method, path, s.User("creator"), append(options, WithoutContract())...)
	return attack{"a " + method + " of " + path, r, func(x *Exchange) error {
		if err := expectError(x, 405); err != nil {
			return err
		}
		var told []string
		for _, value := range x.Header.Values("Allow") {
			for name := range strings.SplitSeq(value, ",") {
				told = append(told, strings.TrimSpace(name))
			}
		}
		actual := fmt.Sprintf("Allow: %s", strings.Join(told, ", "))
		for _, name := range allow {
			if !slices.Contains(told, name) {
				return Fail("an Allow that names "+strings.Join(allow, " and "), actual, x)
			}
		}
		if slices.Contains(told, method) {
			return Fail("an Allow without "+method+", which was refused", actual, x)
		}
		return nil
	}}
}
