package conformance

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

func longID(n int) string { return "mtrack_" + strings.Repeat("a", n) }

// cut takes the last character off.
func cut(s string) string {
	_, size := utf8.DecodeLastRuneInString(s)
	return s[:len(s)-size]
}

// malformedIDs can be ids, resemble that of a track, and are none.
func malformedIDs(id string) []string {
	bare := strings.TrimPrefix(id, "mtrack_")
	ids := []string{
		id + "x", cut(id), strings.ToUpper(id), "MTRACK_" + bare, bare, "track_" + bare, "mtrack_" + id, id + id,
		" " + id, id + " ", id + ".json", id + ";v=1", id + ",", id + "," + id, id + "?", id + "#", id + "&", id + "'", id + `"`,
		id + "%20", id + "\u00a0", id + "\u200b", id + "\u0301", "\ufeff" + id, strings.Replace(id, "m", "\uff4d", 1), strings.Replace(id, "k", "\u212a", 1),
		cut(id) + "%", cut(id) + "_", cut(id) + "?", cut(id) + "*", "mtrack_%", "mtrack_*", "%", "*", "_",
		"' OR '1'='1", id + "' --", "mtrack_\u97f3\u697d", "mtrack_\U0001f3b5", "null", "undefined", "0", "-1", "save", "tracks", "{track_id}", "$ne", "__proto__",
		id + strings.Repeat("0", 64), id + strings.Repeat("0", 256), longID(1000),
	}
	return slices.DeleteFunc(ids, func(s string) bool { return s == id || s == "" || s == "." || s == ".." })
}

// impossiblePaths lead to what cannot be an id: as they are, or once they are decoded, cut or cleaned, to the track.
func impossiblePaths(organization, track string) []string {
	tracks, path := TracksPath(organization), TrackPath(organization, track)
	org, id := EscapeSegment(organization), EscapeSegment(track)
	return []string{
		path + "%00", path + "%00x", tracks + "/%00" + id, tracks + "/" + id[:len(id)/2] + "%00" + id[len(id)/2:],
		path + "%FF", path + "%C0%AF", tracks + "/%ED%A0%80" + id,
		path + "%2F", tracks + "%2F" + id, tracks + "/%2F" + id, path + "%2Fsave", path + "%5C", tracks + "/x%2F..%2F" + id,
		path + "/", path + "//", tracks + "//" + id, "/v1/music//" + org + "/tracks/" + id, "/v1//music/" + org + "/tracks/" + id, "//v1/music/" + org + "/tracks/" + id,
		"/v1/music//tracks/" + id, tracks + "/", tracks + "//save", path + "//save", path + "/save/",
		tracks + "/./" + id, tracks + "/../tracks/" + id, tracks + "/x/../" + id, path + "/.", path + "/..", path + "/save/..", tracks + "/%2e/" + id, tracks + "/%2e%2e/tracks/" + id,
		tracks + "/x/%2e%2e/" + id, "/v1/music/./" + org + "/tracks/" + id, "/v1/../v1/music/" + org + "/tracks/" + id, tracks + "/.", tracks + "/..",
		tracks + "/" + id + strings.Repeat("a", 2500), tracks + "/" + strings.Repeat("%61", 3000), "/v1/music/" + org + strings.Repeat("a", 2500) + "/tracks/" + id,
	}
}

// unknownPaths are clean and lead to no operation.
func unknownPaths(organization, track string) []string {
	path := TrackPath(organization, track)
	org, id := EscapeSegment(organization), EscapeSegment(track)
	paths := []string{
		path + "/delete", path + "/save/now", path + "/saved", path + "/unknown", "/v1/music/" + org, "/v1/music/" + org + "/track/" + id, "/v1/music/" + org + "/unknown/" + id,
		"/v2/music/" + org + "/tracks/" + id, "/music/" + org + "/tracks/" + id, "/v1/" + org + "/tracks/" + id, "/v1/music/tracks/" + id,
		"/V1/music/" + org + "/tracks/" + id, "/v1/Music/" + org + "/tracks/" + id, "/v1/music/" + org + "/TRACKS/" + id, "/v1/music/" + org + "/Tracks/" + id,
	}
	return paths
}

// expectImpossible bears what a front may say to what cannot be an id.
func expectImpossible(x *Exchange) error {
	switch x.Status {
	case 400, 404, 405, 414, 431:
		return nil
	}
	return Fail("404, or at least 400, 414 or 431", got(x), x)
}

// strayHeaders try to change what a request means.
func strayHeaders(s *Scene) []RequestOption {
	other := TrackPath(s.Organization("home"), s.Track("before"))
	return []RequestOption{
		WithHeader("X-Original-URL", other), WithHeader("X-Rewrite-URL", other), WithHeader("X-Forwarded-Prefix", other), WithHeader("X-Forwarded-Uri", other),
		WithHeader("X-Organization-Id", s.Organization("abroad")), WithHeader("X-Track-Id", s.Track("before")), WithHeader("X-User-Id", s.User("creator").ID),
		WithHeader("X-Forwarded-User", s.User("creator").ID), WithHeader("Idempotency-Key", s.Track("before")), WithHeader("X-Request-Id", "req_chosen_by_the_caller"),
		WithHeader("If-None-Match", "*"), WithHeader("Range", "bytes=0-3"), WithHeader("Accept", "application/xml"), WithHeader("Accept", "text/html"),
		WithQuery("track_id=" + EscapeSegment(s.Track("before")) + "&id=" + EscapeSegment(s.Track("before"))), WithQuery("organization_id=" + EscapeSegment(s.Organization("abroad"))),
		WithQuery("force=true&permanent=true&hard=1"), WithQuery("user_id=" + EscapeSegment(s.User("creator").ID)), WithQuery("dry_run=false&all=true&cascade=true"),
		WithBody("application/json", fmt.Appendf(nil, `{"track_id":%q,"id":%q,"organization_id":%q}`, s.Track("before"), s.Track("before"), s.Organization("abroad"))),
	}
}

// bodies are all to be ignored.
func bodies(s *Scene) []RequestOption {
	chunked := func(option RequestOption) RequestOption {
		return func(r *Request) { option(r); r.Chunked = true }
	}
	return []RequestOption{
		WithBody("application/json", fmt.Appendf(nil, `{"track_id":%q}`, s.Track("before"))),
		WithBody("application/json", []byte(`{"broken`)),
		WithBody("application/json", []byte("null")),
		WithBody("application/x-www-form-urlencoded", []byte("track_id="+EscapeSegment(s.Track("before")))),
		WithBody("text/plain", []byte{0, 0xff, 0xfe, '\r', '\n', '\r', '\n'}),
		WithBody("application/octet-stream", []byte(strings.Repeat("x", 16<<10))),
		chunked(WithBody("application/json", fmt.Appendf(nil, `[%q]`, s.Track("before")))),
	}
}

func inputCases() []Case {
	var cases []Case
	for _, o := range []Operation{DeleteTrack, GetTrack, UnsaveTrack} {
		cases = append(cases, Case{
			ID: area(o) + "/malformed-id-gets-404", Title: "A malformed id is a track that does not exist",
			Operation: o, Requirements: []string{"input.malformed-id-is-404", "access.exact-ids", "delete.refused-changes-nothing"}, Statuses: []int{404},
			Scene:   sceneStandard,
			Sends:   "The creator's requests for ids that resemble those of its track: longer, shorter, in other case, trimmed, folded, with wildcards and separators.",
			Expects: "404 for each, and everything as it was; then the creator's delete is 200.",
			Run: repelled(func(s *Scene) []attack {
				var attacks []attack
				for _, id := range malformedIDs(s.Track("song")) {
					attacks = append(attacks, attack{fmt.Sprintf("a request for %q", id), ask(o, s.User("creator"), s.Organization("home"), id), is(404)})
				}
				return attacks
			}, removal("creator", "song")),
		}, Case{
			ID: area(o) + "/impossible-path-is-harmless", Title: "Paths that cannot name a track are answered and do nothing",
			Operation: o, Requirements: []string{"input.impossible-id-harmless", "delete.refused-changes-nothing"}, Statuses: []int{404},
			Scene:   sceneStandard,
			Sends:   "The creator's requests to paths with NUL, invalid UTF-8, encoded slashes, empty and dot segments and endless ids, which lead to its track once they are decoded, cut or cleaned.",
			Expects: "404, or at least 400, 414 or 431 from a front; never 2xx, 3xx or 5xx, and everything as it was.",
			Run:     repelled(impossible(o, expectImpossible), removal("creator", "song")),
		}, Case{
			ID: area(o) + "/impossible-path-gets-404", Title: "Paths that cannot name a track are 404",
			Operation: o, Requirements: []string{"input.impossible-id-is-404"}, Statuses: []int{404},
			Scene:   sceneStandard,
			Sends:   "The same paths.",
			Expects: "404.",
			Run: func(ctx context.Context, c *Client) error {
				for _, a := range impossible(o, nil)(c.Scene) {
					x, err := c.Do(ctx, a.request)
					if err != nil {
						return err
					}
					if err := expectStatus(x, 404); err != nil {
						return err
					}
				}
				return nil
			},
		})
	}
	return append(cases,
		Case{
			ID: "delete-track/malformed-organization-gets-404", Title: "A malformed organization is one that does not exist",
			Operation: DeleteTrack, Requirements: []string{"input.malformed-id-is-404", "access.exact-ids", "delete.refused-changes-nothing"}, Statuses: []int{404},
			Scene:   sceneStandard,
			Sends:   "The creator's deletes under paths of organizations that resemble its own.",
			Expects: "404 for each, and everything as it was; then 200.",
			Run: repelled(func(s *Scene) []attack {
				home := s.Organization("home")
				ids := []string{home + "x", cut(home), " " + home, home + " ", home + "%", home + "*", "*", "%", "_", "null", "0", home + "," + home, home + strings.Repeat("0", 200)}
				for _, other := range []string{strings.ToUpper(home), strings.ToLower(home)} {
					ids = append(ids, other)
				}
				var attacks []attack
				for _, id := range ids {
					if id == home || id == "" || id == "." || id == ".." || id == s.Organization("abroad") {
						continue
					}
					attacks = append(attacks, attack{fmt.Sprintf("a delete under organization %q", id), ask(DeleteTrack, s.User("creator"), id, s.Track("song")), is(404)})
				}
				return attacks
			}, removal("creator", "song")),
		},
		Case{
			ID: "delete-track/unknown-path-gets-404", Title: "An unknown path is 404 in the envelope and does nothing",
			Operation: DeleteTrack, Requirements: []string{"input.unknown-path-is-404", "delete.path-decides", "delete.refused-changes-nothing"}, Statuses: []int{404},
			Scene:   sceneStandard,
			Sends:   "The creator's DELETE of paths beside, below and above that of its track, and in other case.",
			Expects: "404 RESOURCE_NOT_FOUND for each, and everything as it was; then 200.",
			Run: repelled(func(s *Scene) []attack {
				var attacks []attack
				for _, path := range unknownPaths(s.Organization("home"), s.Track("song")) {
					r := ask(DeleteTrack, s.User("creator"), "x", "y", WithoutContract())
					r.Path = path
					attacks = append(attacks, attack{"a DELETE of an unknown path", r, expectUnknownPath})
				}
				return attacks
			}, removal("creator", "song")),
		},
		Case{
			ID: "delete-track/wrong-method-gets-405", Title: "A known path with another method is 405, with Allow, and does nothing",
			Operation: DeleteTrack, Requirements: []string{"input.wrong-method-is-405", "delete.path-decides", "delete.refused-changes-nothing"},
			Scene:   sceneStandard,
			Sends:   "The creator's POST, PUT and PATCH to the path of its track, plain and asking for a DELETE by header, query and form; a GET of the save, and a DELETE of the list.",
			Expects: "405 METHOD_NOT_ALLOWED with an Allow for each, and everything as it was; then the delete is 200.",
			Run: repelled(func(s *Scene) []attack {
				home, song, creator := s.Organization("home"), s.Track("song"), s.User("creator")
				var attacks []attack
				wrong := func(method, path string, allow []string, options ...RequestOption) {
					r := ask(DeleteTrack, creator, home, song, append(options, WithoutContract())...)
					r.Method, r.Path = method, path
					attacks = append(attacks, attack{"a " + method + " of " + path, r, isWrongMethod(allow...)})
				}
				track, list, save := TrackPath(home, song), TracksPath(home), SavePath(home, song)
				for _, method := range []string{"POST", "PUT", "PATCH"} {
					wrong(method, track, []string{"GET", "DELETE"})
					wrong(method, save, []string{"DELETE"})
					wrong(method, list, []string{"GET"})
				}
				wrong("DELETE", list, []string{"GET"})
				wrong("GET", save, []string{"DELETE"})
				for _, option := range []RequestOption{
					WithHeader("X-HTTP-Method-Override", "DELETE"), WithHeader("X-Method-Override", "DELETE"), WithHeader("X-HTTP-Method", "DELETE"),
					WithQuery("_method=DELETE"), WithQuery("_method=delete"), WithBody("application/x-www-form-urlencoded", []byte("_method=DELETE")),
				} {
					wrong("POST", track, []string{"GET", "DELETE"}, option)
				}
				return attacks
			}, removal("creator", "song")),
		},
		Case{
			ID: "delete-track/head-and-options-do-nothing", Title: "HEAD and OPTIONS have no effect",
			Operation: DeleteTrack, Requirements: []string{"delete.path-decides", "delete.refused-changes-nothing"},
			Scene:   sceneStandard,
			Sends:   "The creator's HEAD and OPTIONS of its track and of its save.",
			Expects: "Any answer but 5xx, and everything as it was; then the delete is 200.",
			Run: repelled(func(s *Scene) []attack {
				var attacks []attack
				for _, method := range []string{"HEAD", "OPTIONS"} {
					for _, o := range []Operation{DeleteTrack, UnsaveTrack} {
						r := ask(o, s.User("creator"), s.Organization("home"), s.Track("song"), WithoutContract())
						r.Method = method
						attacks = append(attacks, attack{"a " + method, r, nil})
					}
				}
				return attacks
			}, removal("creator", "song")),
		},
		Case{
			ID: "delete-track/path-decides-what-is-refused", Title: "Headers, queries and bodies do not turn a refusal into a delete",
			Operation: DeleteTrack, Requirements: []string{"delete.path-decides", "delete.body-ignored", "delete.refused-changes-nothing"}, Statuses: []int{403, 404},
			Scene:   sceneStandard,
			Sends:   "Deletes by a saver and by a member, with headers, queries and bodies that name other tracks, organizations and callers.",
			Expects: "403 and 404 as without them, and everything as it was; then the creator's delete is 200.",
			Run: repelled(func(s *Scene) []attack {
				home, song := s.Organization("home"), s.Track("song")
				var attacks []attack
				for _, option := range slices.Concat(strayHeaders(s), bodies(s)) {
					attacks = append(attacks,
						attack{"a saver's delete with something beside the path", ask(DeleteTrack, s.User("saver"), home, song, option), is(403)},
						attack{"a member's delete with something beside the path", ask(DeleteTrack, s.User("member"), home, song, option), is(404)})
				}
				return attacks
			}, removal("creator", "song")),
		},
		Case{
			ID: "delete-track/body-is-ignored", Title: "A body on a delete is ignored",
			Operation: DeleteTrack, Requirements: []string{"delete.body-ignored", "delete.path-decides", "delete.nothing-else"}, Statuses: []int{200},
			Scene:   sceneCatalogue,
			Sends:   "The creator's deletes of several tracks, each with another body: JSON that names another track, broken JSON, a form, bytes, 16 KiB, chunked.",
			Expects: "200 for each; that track gone, and nothing else changed.",
			Run: func(ctx context.Context, c *Client) error {
				w, err := observe(ctx, c)
				if err != nil {
					return err
				}
				last := catalogueNames[len(catalogueNames)-1]
				named := &Scene{Request: c.Scene.Request, Organizations: c.Scene.Organizations, Users: c.Scene.Users, Tracks: map[string]SceneTrack{"before": c.Scene.Tracks[last]}}
				for i, option := range bodies(named) {
					if err := w.do(ctx, removal("creator", catalogueNames[i]), option); err != nil {
						return err
					}
					if err := w.holds(ctx); err != nil {
						return err
					}
				}
				return nil
			},
		},
		Case{
			ID: "delete-track/path-decides-what-is-deleted", Title: "Headers and queries do not change which track is deleted",
			Operation: DeleteTrack, Requirements: []string{"delete.path-decides", "delete.nothing-else"}, Statuses: []int{200},
			Scene:   sceneStandard,
			Sends:   "The creator's delete with headers and a query that name another of its tracks.",
			Expects: "200; the track in the path gone, and nothing else changed.",
			Run: func(ctx context.Context, c *Client) error {
				w, err := observe(ctx, c)
				if err != nil {
					return err
				}
				options := strayHeaders(c.Scene)
				if err := w.do(ctx, removal("creator", "song"), options[0], options[1], options[5], options[8], options[14]); err != nil {
					return err
				}
				return w.holds(ctx)
			},
		},
		Case{
			ID: "delete-track/answered-every-time", Title: "The same refused request is answered the same every time",
			Operation: DeleteTrack, Requirements: []string{"input.load"}, Statuses: []int{401, 403, 404},
			Scene:   sceneStandard,
			Sends:   "Refused deletes by turns, some sixty of them.",
			Expects: "401, 403 and 404 by turns, without exception.",
			Run: func(ctx context.Context, c *Client) error {
				requests := refusedByTurns(c.Scene)
				for i := range 60 {
					x, err := c.Do(ctx, requests[i%3])
					if err != nil {
						return err
					}
					if err := expectError(x, []int{401, 403, 404}[i%3]); err != nil {
						return err
					}
				}
				return nil
			},
		},
	)
}

// impossible are the creator's requests to impossible paths.
func impossible(o Operation, judge func(*Exchange) error) func(*Scene) []attack {
	return func(s *Scene) []attack {
		var attacks []attack
		for _, path := range impossiblePaths(s.Organization("home"), s.Track("song")) {
			r := ask(o, s.User("creator"), "x", "y", WithoutContract())
			r.Path = path
			if o == GetTrack && strings.HasSuffix(path, "/tracks/") || o == GetTrack && strings.HasSuffix(path, "/.") || o == GetTrack && strings.HasSuffix(path, "/..") {
				continue // may be the list to a front that cleans paths, which is a redirect at worst
			}
			attacks = append(attacks, attack{r.Method + " " + path, r, judge})
		}
		return attacks
	}
}

// expectUnknownPath is a 404 in the envelope.
func expectUnknownPath(x *Exchange) error { return expectEnvelope(x, 404, "RESOURCE_NOT_FOUND") }

// isWrongMethod is a 405 in the envelope whose Allow names the right methods.
func isWrongMethod(allow ...string) func(*Exchange) error {
	return func(x *Exchange) error {
		if err := expectEnvelope(x, 405, "METHOD_NOT_ALLOWED"); err != nil {
			return err
		}
		var told []string
		for _, value := range x.Header.Values("Allow") {
			for _, method := range strings.Split(value, ",") {
				told = append(told, strings.TrimSpace(method))
			}
		}
		for _, method := range allow {
			if !slices.Contains(told, method) {
				return Fail("an Allow that names "+strings.Join(allow, ", "), fmt.Sprintf("Allow: %s", strings.Join(told, ", ")), x)
			}
		}
		return nil
	}
}

// expectEnvelope checks the envelope of an error that belongs to no operation.
func expectEnvelope(x *Exchange, status int, code string) error {
	if err := expectStatus(x, status); err != nil {
		return err
	}
	e, ok := envelopeError(x)
	if !ok || e["code"] != code || e["status"] != float64(status) {
		return Fail(fmt.Sprintf("the error envelope with code %s and status %d", code, status), string(excerpt(x.Body, 200)), x)
	}
	for _, name := range []string{"message", "system_message", "type", "trace_id", "timestamp"} {
		if _, ok := e[name].(string); !ok {
			return Fail("the error envelope with a text as "+name, string(excerpt(x.Body, 200)), x)
		}
	}
	return nil
}
