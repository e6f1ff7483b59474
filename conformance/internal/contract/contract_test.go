package contract

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/openapi"
)

// mustContract loads the contract.
func mustContract(t *testing.T) *Contract {
	t.Helper()
	c, err := Load("openapi/music.yaml", openapi.Music)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// answered makes an exchange with a JSON response.
func answered(method, path string, status int, body string) *wire.Exchange {
	return &wire.Exchange{Request: wire.Request{Method: method, Path: path}, Status: status, Body: []byte(body),
		Header: http.Header{"Content-Type": {"application/json; charset=UTF-8"}}}
}

const contractTrack = "/v1/music/org_a/tracks/mtrack_a"

func TestContractFind(t *testing.T) {
	c := mustContract(t)
	for _, tc := range []struct {
		method, path string
		want         string
	}{
		{"DELETE", contractTrack, "deleteTrack"},
		{"GET", contractTrack, "getTrack"},
		{"GET", "/v1/music/org_a/tracks", "listSavedTracks"},
		{"DELETE", contractTrack + "/save", "unsaveTrack"},
		{"DELETE", "/v1/music/o%2Fx/tracks/%zz", "deleteTrack"},
		{"DELETE", "/v1/music/org_a/tracks/save", "deleteTrack"},
		{"DELETE", "/v1/music/org_a/tracks//save", ""},
		{"GET", "/v1/music/org_a/tracks/", ""},
		{"GET", "/v1/music//tracks", ""},
		{"POST", contractTrack, ""},
		{"GET", "/", ""},
	} {
		got := ""
		if route := c.Find(tc.method, tc.path); route != nil {
			got = route.Operation.OperationID
		}
		if got != tc.want {
			t.Errorf("%s %s leads to %q, want %q", tc.method, tc.path, got, tc.want)
		}
	}
}

// Every example of the contract passes its own check, whatever is said in addition.
func TestContractPassesItsExamples(t *testing.T) {
	c := mustContract(t)
	seen := 0
	for _, r := range c.routes {
		path := strings.NewReplacer("{organization_id}", "org_a", "{track_id}", "mtrack_a").Replace(r.route.Path)
		for status, response := range r.route.Operation.Responses.Map() {
			for name, example := range response.Value.Content.Get("application/json").Examples {
				seen++
				body, err := json.Marshal(example.Value.Value)
				if err != nil {
					t.Fatal(err)
				}
				more := strings.TrimSuffix(string(body), "}") + `,"further":{"x":[1]}}`
				for _, b := range []string{string(body), more} {
					var n int
					fmt.Sscan(status, &n)
					e := answered(r.route.Method, path, n, b)
					e.Header.Set("X-Further", "x")
					if found := c.Check(e, c.Find(r.route.Method, path)); len(found) > 0 {
						t.Errorf("%s %s example %s: %+v", r.route.Operation.OperationID, status, name, found)
					}
				}
			}
		}
	}
	if seen < 20 {
		t.Errorf("only %d examples", seen)
	}
}

// The holes of the validator are closed, and messages lead to the line of the contract.
func TestContractCheck(t *testing.T) {
	c := mustContract(t)
	contractLines := strings.Split(string(openapi.Music), "\n")
	notFound := func(change ...string) string {
		return strings.NewReplacer(change...).
			Replace(`{"success":false,"error":{"code":"RESOURCE_NOT_FOUND","message":"m","system_message":"s",` +
				`"type":"client_error","status":404,"details":{"track_id":"t"},"trace_id":"r","timestamp":"2026-06-28T10:30:00Z"}}`)
	}
	for name, tc := range map[string]struct {
		status           int
		body             string
		header           http.Header // replaces
		expected, actual string      // in the messages; both "" where it is to pass
		line             string      // in the contract's line
	}{
		"right":              {status: 404, body: notFound()},
		"fraction":           {status: 404, body: notFound("10:30:00Z", "10:30:00.123456789Z")},
		"zone in numbers":    {status: 404, body: notFound("10:30:00Z", "10:30:00+00:00")},
		"small letters":      {status: 404, body: notFound("T10:30:00Z", "t10:30:00z")},
		"leap second":        {status: 404, body: notFound("10:30:00Z", "23:59:60Z")},
		"other zone":         {status: 404, body: notFound("10:30:00Z", "10:30:00+02:00"), expected: "error.timestamp", actual: "+02:00", line: "format"},
		"UTC from the west":  {status: 404, body: notFound("10:30:00Z", "10:30:00-00:00")},
		"no zone":            {status: 404, body: notFound("10:30:00Z", "10:30:00"), expected: "error.timestamp", actual: "10:30:00"},
		"30 February":        {status: 404, body: notFound("06-28", "02-30"), expected: "error.timestamp"},
		"code":               {status: 404, body: notFound("RESOURCE_NOT_FOUND", "NOT_FOUND"), expected: "error.code", actual: `"NOT_FOUND"`, line: "RESOURCE_NOT_FOUND"},
		"status as text":     {status: 404, body: notFound("404", `"404"`), expected: "error.status", actual: `"404"`},
		"success":            {status: 404, body: notFound(`"success":false`, `"success":true`), expected: "success", actual: "true"},
		"missing trace":      {status: 404, body: notFound(`"trace_id":"r",`, ""), expected: "trace_id", actual: "without it"},
		"empty trace":        {status: 404, body: notFound(`"trace_id":"r"`, `"trace_id":""`), expected: "error.trace_id"},
		"details null":       {status: 404, body: notFound(`{"track_id":"t"}`, "null"), expected: "error.details", actual: "null"},
		"two faults":         {status: 404, body: notFound("RESOURCE_NOT_FOUND", "X", "client_error", "y"), expected: "error.code", actual: `"X"`},
		"second document":    {status: 404, body: notFound() + "{}", expected: "exactly one JSON document", actual: "more behind"},
		"duplicate name":     {status: 404, body: notFound(`"success":false,`, `"success":false,"success":false,`), expected: "exactly one JSON document", actual: "twice"},
		"no UTF-8":           {status: 404, body: notFound(`"m"`, "\"\xff\""), expected: "exactly one JSON document", actual: "UTF-8"},
		"byte order mark":    {status: 404, body: "\xef\xbb\xbf" + notFound(), expected: "exactly one JSON document", actual: "byte order mark"},
		"empty":              {status: 404, body: "", expected: "exactly one JSON document", actual: "empty"},
		"array":              {status: 404, body: "[]", expected: "body", actual: "[]"},
		"HTML":               {status: 404, body: "<html>", header: http.Header{"Content-Type": {"text/html"}}, expected: "the media type application/json", actual: "404, text/html, a body of 6 bytes"},
		"no content type":    {status: 404, body: notFound(), header: http.Header{}, expected: "media type", actual: "404, no media type, a body of "},
		"problem+json":       {status: 404, body: notFound(), header: http.Header{"Content-Type": {"application/problem+json"}}, expected: "media type", actual: "problem"},
		"undocumented":       {status: 418, body: "{}", expected: "documented for deleteTrack (200, 401, 403, 404, 429, 500, 503)", actual: "418, application/json", line: "responses"},
		"created":            {status: 201, body: `{"success":true,"id":"mtrack_x","detail":""}`, expected: "documented", actual: "201"},
		"redirect":           {status: 307, header: http.Header{"Location": {"/elsewhere"}}, expected: "documented", actual: "307 to /elsewhere, no media type, empty body"},
		"moved":              {status: 301, header: http.Header{}, expected: "documented", actual: "301"},
		"not modified":       {status: 304, header: http.Header{}, expected: "documented", actual: "304"},
		"no content":         {status: 204, header: http.Header{}, expected: "documented", actual: "204"},
		"empty request id":   {status: 404, body: notFound(), header: http.Header{"Content-Type": {"application/json"}, "X-Request-Id": {""}}, expected: "X-Request-Id"},
		"acknowledged":       {status: 200, body: `{"success":true,"id":"mtrack_x","detail":""}`},
		"unacknowledged":     {status: 200, body: `{"success":false,"id":"mtrack_x","detail":""}`, expected: "success", actual: "false"},
		"other id":           {status: 200, body: `{"success":true,"id":"x","detail":""}`, expected: "id", actual: `"x"`, line: "pattern"},
		"number as id":       {status: 200, body: `{"success":true,"id":7,"detail":""}`, expected: "id", actual: "7"},
		"envelope of others": {status: 401, body: notFound(), expected: "error.code", actual: "RESOURCE_NOT_FOUND", line: "AUTHENTICATION_REQUIRED"},
	} {
		t.Run(name, func(t *testing.T) {
			e := answered("DELETE", contractTrack, tc.status, tc.body)
			if tc.header != nil {
				e.Header = tc.header
			}
			found := c.Check(e, c.Find("DELETE", contractTrack))
			if tc.expected == "" {
				if len(found) > 0 {
					t.Fatalf("%+v", found)
				}
				return
			}
			if len(found) == 0 {
				t.Fatal("let through")
			}
			var expected, actual []string
			for _, v := range found {
				expected, actual = append(expected, v.Expected), append(actual, v.Actual)
			}
			if !strings.Contains(strings.Join(expected, "; "), tc.expected) ||
				!strings.Contains(strings.Join(actual, "; "), tc.actual) {
				t.Errorf("expected %q, got %q; want %q and %q in them", expected, actual, tc.expected, tc.actual)
			}
			if line := found[0].Line; tc.line != "" &&
				(line == 0 || !strings.Contains(contractLines[line-1], tc.line)) {
				t.Errorf("line %d of the contract does not hold %q: %q", line, tc.line, expected)
			}
		})
	}
}
