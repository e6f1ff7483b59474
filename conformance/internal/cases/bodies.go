package conformance

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// bodies are all to be ignored. The other track is named in some.
func bodies(s *Scene, other string) []beside {
	track := s.Track(other)
	chunked := func(option RequestOption) RequestOption {
		return func(r *Request) { option(r); r.Chunked = true }
	}
	also := func(option RequestOption, name, value string) RequestOption {
		return func(r *Request) { option(r); WithHeader(name, value)(r) }
	}
	// With all names that somebody may have read an id by.
	named := fmt.Appendf(nil, `{"track_id":%[1]q,"trackId":%[1]q,"id":%[1]q,"track":{"id":%[1]q},"ids":[%[1]q],"track_ids":[%[1]q],"trackIds":[%[1]q],"tracks":[%[1]q],`+
		`"organization_id":%[2]q,"organizationId":%[2]q,"org_id":%[2]q,"orgId":%[2]q,"_method":"GET"}`, track, elsewhere(s))
	return []beside{
		{"a body that names another track", WithBody("application/json", named)},
		{"a body of broken JSON", WithBody("application/json", []byte(`{"broken`))},
		{"a chunked body", chunked(WithBody("application/json", fmt.Appendf(nil, `[%q]`, track)))},
		{"a form", WithBody("application/x-www-form-urlencoded", []byte("_method=GET&track_id="+EscapeSegment(track)))},
		{"a body of bytes", WithBody("application/octet-stream", []byte{0, 0xff, 0xfe, '\r', '\n', '\r', '\n'})},
		{"an empty body that calls itself JSON", func(r *Request) {
			r.Header = append(r.Header, HeaderField{"Content-Type", "application/json"}, HeaderField{"Content-Length", "0"})
		}},
		{"a body without a type, that is announced", func(r *Request) {
			r.Header = append(r.Header, HeaderField{"Expect", "100-continue"})
			r.Body = []byte("x")
		}},
		{"a body of 64 KiB", WithBody("text/plain", []byte(strings.Repeat("x", largeBody)))},
		{"a body of XML", also(WithBody("application/xml", []byte("<track_id>"+track+"</track_id>")), "Accept", "application/xml, */*;q=0.1")},
		{"a body of null", WithBody("application/json", []byte("null"))},
		{"a large chunked body", chunked(WithBody("application/json", []byte(strings.Repeat(" ", 16<<10))))},
	}
}

// largeBody is the largest that is sent.
const largeBody = 64 << 10

// bodyCases are about what is sent beside the path, the method and the key.
func bodyCases() []Case {
	cases := []Case{
		{
			ID: "delete-track/path-decides-what-is-refused", Title: "Headers, queries and bodies do not turn a refusal into a delete",
			Operation: DeleteTrack, Requirements: []string{"delete.path-decides", "delete.body-ignored", "delete.refused-changes-nothing"}, Statuses: []int{403, 404},
			Scene:   sceneStandard,
			Sends:   "Deletes by a saver and by a member, with headers, queries and bodies that name other tracks, organizations and callers.",
			Expects: "403 and 404 as without them, and everything as it was; then the creator's delete is 200.",
			Run: repelled(func(s *Scene) []attack {
				home, song := s.Organization("home"), s.Track("song")
				var attacks []attack
				for _, b := range slices.Concat(strays(s, "before"), bodies(s, "before")) {
					attacks = append(attacks,
						attack{"a saver's delete with " + b.name, ask(DeleteTrack, s.User("saver"), home, song, b.option), is(403)},
						attack{"a member's delete with " + b.name, ask(DeleteTrack, s.User("member"), home, song, b.option), is(404)})
				}
				return attacks
			}, removal("creator", "song")),
		},
		{
			ID: "delete-track/broken-query-is-harmless", Title: "A query that cannot be decoded does no harm",
			Operation: DeleteTrack, Requirements: []string{"delete.path-decides", "delete.refused-changes-nothing"},
			Scene:   sceneStandard,
			Sends:   "A saver's deletes with broken and odd queries.",
			Expects: "403, or a 4xx of another kind, and everything as it was; then the creator's delete is 200.",
			Run: repelled(func(s *Scene) []attack {
				var attacks []attack
				for _, query := range []string{"%", "%zz", "a=%", "%00=%00", "&&&", "=", "a[]=1&a[b]=2", "__proto__[x]=1", "x=" + strings.Repeat("a", 1500)} {
					r := ask(DeleteTrack, s.User("saver"), s.Organization("home"), s.Track("song"), WithQuery(query), WithoutContract())
					attacks = append(attacks, attack{"a saver's delete with the query " + query, r, func(x *Exchange) error {
						if x.Status < 400 || x.Status >= 500 {
							return Fail("403, or another 4xx", got(x), x)
						}
						return nil
					}})
				}
				return attacks
			}, removal("creator", "song")),
		},
		{
			ID: "delete-track/coded-answers", Title: "Answers in a content coding that was asked for are the same answers",
			Operation: DeleteTrack, Requirements: []string{"delete.acknowledgement", "error.envelope"}, Statuses: []int{200, 401, 403, 404},
			Scene:   sceneStandard,
			Sends:   "Deletes that are refused, and the creator's, with Accept-Encoding: gzip, deflate.",
			Expects: "401, 403, 404 and 200 as without it, once they are decoded.",
			Run: func(ctx context.Context, c *Client) error {
				w, err := observe(ctx, c)
				if err != nil {
					return err
				}
				coded := WithHeader("Accept-Encoding", "gzip, deflate")
				for _, as := range []string{"", "saver", "member", "outsider", "creator"} {
					if err := w.do(ctx, removal(as, "song"), coded); err != nil {
						return err
					}
				}
				return w.holds(ctx)
			},
		},
	}
	for _, o := range []Operation{DeleteTrack, UnsaveTrack} {
		done := "deleted"
		requirements := []string{"delete.body-ignored", "delete.path-decides", "delete.nothing-else"}
		if o == UnsaveTrack {
			done = "removed"
			requirements = []string{"unsave.nothing-else", "unsave.acknowledgement", "unsave.leaves-library"}
		}
		cases = append(cases, Case{
			ID: area(o) + "/body-is-ignored", Title: "A body is ignored, whatever is in it and however it is sent",
			Operation: o, Requirements: requirements, Statuses: []int{200},
			Scene:   sceneCatalogue,
			Sends:   "The creator's requests for several tracks, each with another body: JSON that names another track, broken JSON, chunked, a form, bytes, empty, announced by Expect, 64 KiB.",
			Expects: "200 for each; exactly what was asked for by the path done, and nothing else changed.",
			Run: carriedOutBeside(o, func(s *Scene) []beside {
				return bodies(s, catalogueNames[len(catalogueNames)-1])[:len(catalogueNames)]
			}),
		}, Case{
			ID: area(o) + "/path-decides-what-is-" + done, Title: "Headers and queries do not change which track it is about",
			Operation: o, Requirements: requirements[1:], Statuses: []int{200},
			Scene:   sceneCatalogue,
			Sends:   "The creator's requests for several tracks, each with headers and queries that name another track, organization, caller or method.",
			Expects: "200 for each; exactly what was asked for by the path done, and nothing else changed.",
			Run: carriedOutBeside(o, func(s *Scene) []beside {
				// All headers at once, and the queries one by one.
				all := strays(s, catalogueNames[len(catalogueNames)-1])
				first := slices.IndexFunc(all, func(b beside) bool { return strings.HasPrefix(b.name, "the query") })
				together := beside{"headers of all kinds", func(r *Request) {
					for _, b := range all[:first] {
						if !strings.Contains(b.name, "Method") { // a delete that asks for a delete
							b.option(r)
						}
					}
				}}
				return append([]beside{together}, all[first:]...)
			}),
		})
	}
	return cases
}

// carriedOutBeside sends the creator's request for a track of its own with each of those things, and looks at the world
// after all of them.
func carriedOutBeside(o Operation, besides func(s *Scene) []beside) func(context.Context, *Client) error {
	return func(ctx context.Context, c *Client) error {
		w, err := observe(ctx, c)
		if err != nil {
			return err
		}
		for i, b := range besides(c.Scene) {
			err := w.do(ctx, action{operation: o, as: "creator", organization: "home", track: catalogueNames[i]}, b.option)
			var none *NoAnswer
			if errors.As(err, &none) && none.Exchange != nil && len(none.Exchange.Request.Body) == largeBody && !none.Timeout {
				// It was answered before it was read, and the answer was lost with the connection: nobody can tell which.
				return nil
			}
			var broken *Failure
			if errors.As(err, &broken) {
				broken.Expected = "the request with " + b.name + ": " + broken.Expected
			}
			if err != nil {
				return err
			}
		}
		return w.holds(ctx)
	}
}
