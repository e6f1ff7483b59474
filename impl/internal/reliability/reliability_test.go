package main

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A check that sees nothing proves nothing: each broken promise must be told.
func TestViolationsAreSeen(t *testing.T) {
	t.Parallel()
	w := newWorld("org_t", 1)
	track := w.tracks[0]
	maker := w.user("maker")
	events := func(types ...string) (all []storedEvent) {
		for _, e := range types {
			all = append(all, storedEvent{e, maker})
		}
		return all
	}
	live, gone := events("track.created", "track.billed"), events("track.created", "track.billed", "track.deleted")
	ok, lost, busy, missing := response{status: 200}, response{}, response{status: 503}, response{status: 404}
	for name, test := range map[string]struct {
		attempts []response
		stored   *stored
		want     string // "": no violation
	}{
		"acknowledged":              {[]response{ok}, &stored{true, gone, nil}, ""},
		"never asked for":           {nil, &stored{false, live, nil}, ""},
		"unknown, then gone":        {[]response{lost, busy, missing}, &stored{true, gone, nil}, ""},
		"unknown, and not done":     {[]response{busy}, &stored{false, live, nil}, ""},
		"undone":                    {[]response{ok}, &stored{false, live, nil}, "acknowledged and not deleted"},
		"lost":                      {[]response{ok}, nil, "is gone"},
		"twice":                     {[]response{ok}, &stored{true, append(gone, gone[2]), nil}, "2 events"},
		"without its event":         {[]response{ok}, &stored{true, live, nil}, "0 events"},
		"an event alone":            {[]response{busy}, &stored{false, gone, nil}, "1 events"},
		"404 for the first":         {[]response{missing}, &stored{true, gone, nil}, "own first delete"},
		"404 though nothing left":   {[]response{{unsent: true}, missing}, &stored{true, gone, nil}, "own first delete"},
		"404 and still there":       {[]response{busy, missing}, &stored{false, live, nil}, "not deleted"},
		"refused":                   {[]response{{status: 401}}, &stored{false, live, nil}, "401 for the maker"},
		"deleted by nobody":         {nil, &stored{true, gone, nil}, "nobody was told"},
		"history lost":              {[]response{ok}, &stored{true, gone[2:], nil}, "its history"},
		"by somebody else":          {[]response{ok}, &stored{true, append(slices.Clone(live), storedEvent{"track.deleted", "x"}), nil}, "ends with"},
		"acknowledged twice or so?": {[]response{ok, ok}, &stored{true, gone, nil}, "acknowledged twice"},
	} {
		all := map[string]*stored{}
		for _, id := range w.kept {
			all[id] = &stored{false, live, []string{w.user("saver")}}
		}
		if test.stored != nil {
			all[track] = test.stored
		}
		l := &load{world: w, deletes: map[string][]response{track: test.attempts}}
		got := strings.Join(l.violations(all), "\n")
		if (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
	l := &load{world: newWorld("org_t", 0), deletes: map[string][]response{}}
	all := map[string]*stored{}
	for _, id := range w.kept {
		all[id] = &stored{true, gone, nil}
	}
	if got := l.violations(all); len(got) != keptTracks || !strings.Contains(got[0], "refused, and deleted all the same") {
		t.Errorf("tracks that were refused and deleted: %v", got)
	}
}

func TestResponsesAreJudged(t *testing.T) {
	t.Parallel()
	envelope := `{"success":false,"error":{"code":"RESOURCE_NOT_FOUND","type":"client_error","status":404,"details":{},"trace_id":"req_1","timestamp":"2026-06-28T10:30:00Z"}}`
	for name, test := range map[string]struct {
		op     operation
		status int
		body   string
		fine   bool
	}{
		"a deletion":                {deleteTrack, 200, `{"success":true,"id":"mtrack_1","detail":"d"}`, true},
		"a deletion without its id": {deleteTrack, 200, `{"success":true}`, false},
		"a refusal":                 {deleteTrack, 404, envelope, true},
		"another status inside":     {deleteTrack, 401, envelope, false},
		"text":                      {deleteTrack, 404, "404 page not found", false},
		"another trace":             {deleteTrack, 404, strings.Replace(envelope, "req_1", "req_2", 1), false},
		"half of it":                {deleteTrack, 404, envelope[:50], false},
		"an undocumented status":    {getTrack, 403, envelope, false},
		"an internal error":         {getTrack, 500, envelope, false},
		"a list":                    {listTracks, 200, `{"items":[],"limit":50,"offset":0}`, true},
		"no list":                   {listTracks, 200, `{"limit":50}`, false},
	} {
		answer := &http.Response{StatusCode: test.status, Header: http.Header{"X-Request-Id": {"req_1"}}}
		if got := judge(test.op, answer, []byte(test.body)); (got == "") != test.fine {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// The oracle, where the documentation itself says what must come out.
func TestMatrixIsWhatTheDocumentationSays(t *testing.T) {
	t.Parallel()
	all := matrix()
	if len(all) < 120_000 {
		t.Errorf("%d combinations, want at least 120,000", len(all))
	}
	statuses := make(map[int]int)
	ids := make(map[string]int)
	for _, c := range all {
		statuses[c.want()]++
		if c.changes() {
			ids[c.track]++
			if ids[c.track] > 1 {
				t.Fatalf("%v shares its track with another", c)
			}
		}
	}
	for _, status := range []int{200, 401, 403, 404} {
		if statuses[status] < len(idShapes) {
			t.Errorf("%d combinations come to %d, want it for every shape of the id", statuses[status], status)
		}
	}
	base := combination{op: deleteTrack, member: true, creator: true}
	for name, test := range map[string]struct {
		change func(*combination)
		want   int
	}{
		"the creator":                    {func(*combination) {}, 200},
		"no key":                         {func(c *combination) { c.key = 4 }, 401},
		"a revoked key":                  {func(c *combination) { c.key = 1 }, 401},
		"an empty key beside a good one": {func(c *combination) { c.form = 6 }, 401},
		"Bearer in capitals":             {func(c *combination) { c.form = 3 }, 200},
		"who saved it":                   {func(c *combination) { c.creator, c.saver = false, true }, 403},
		"who has nothing to do with it":  {func(c *combination) { c.creator = false }, 404},
		"who left":                       {func(c *combination) { c.member = false }, 404},
		"a deleted track":                {func(c *combination) { c.state = 1 }, 404},
		"another organization":           {func(c *combination) { c.where = 1 }, 404},
		"an unknown key in an unknown":   {func(c *combination) { c.key, c.where = 2, 3 }, 401},
		"a better Bearer beside":         {func(c *combination) { c.form, c.creator = 4, false }, 404},
	} {
		c := base
		test.change(&c)
		if got := c.want(); got != test.want {
			t.Errorf("%s: %d, want %d", name, got, test.want)
		}
	}
}

// The marks as they stand in the page.
const (
	tableBegin = "<!-- make reliability: begin -->\n"
	tableEnd   = "<!-- make reliability: end -->\n"
)

func TestTableKeepsWhatWasNotLookedAt(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "reliability.md")
	first, second := faults()[0].done, matrixDone
	text := "a\n" + tableBegin + "| " + first + " | 1 | old |\n| " + second + " | 2 | old |\n| of yore | 3 |\n" + tableEnd + "b\n"
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := rewrite(name, row{done: second, seen: "new"}); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for want, there := range map[string]bool{"| " + first + " | 1 | old |": true, "| new |": true, "| 2 | old |": false, "of yore": false, "a\n<!--": true, "-->\nb\n": true} {
		if strings.Contains(string(got), want) != there {
			t.Errorf("%q in the file: want %v\n%s", want, there, got)
		}
	}
}
