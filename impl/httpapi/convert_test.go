package httpapi

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// TestImpossibleID wants the 404 of every other missing track for whoever has
// a good key, after one question to the store, and a 401 for others.
func TestImpossibleID(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"a%00b", "%ff", "a%2Fb", "%C3%28", strings.Repeat("x", 8<<10)} {
		for _, request := range []struct{ method, path string }{
			{"DELETE", tracksPath + "/" + bad},
			{"GET", tracksPath + "/" + bad},
			{"DELETE", tracksPath + "/" + bad + "/save"},
			{"GET", "/v1/music/" + bad + "/tracks"},
			{"GET", "/v1/music/" + bad + "/tracks?limit=0"},
			{"GET", "/v1/music/" + bad + "/tracks?limit=x"},
			{"DELETE", "/v1/music/" + bad + "/tracks/" + song},
		} {
			for key, want := range map[string]struct {
				status int
				calls  int64
			}{creatorKey: {404, 1}, "": {401, 0}, "ak_unknown": {401, 1}} {
				b := setup(t)
				e := checkEnvelope(t, b.send(t, request.method, request.path, nil, "X-API-Key", key), want.status)
				if calls := b.store.calls.Load(); calls != want.calls {
					t.Errorf("%s %.60s with key %q: %d calls of the store, want %d", request.method, request.path, key, calls, want.calls)
				}
				id, told := e.Error.Details["track_id"]
				if told != (want.status == 404 && strings.Contains(request.path, "/tracks/")) || id == "" {
					t.Errorf("%s %.60s with key %q: details %v", request.method, request.path, key, e.Error.Details)
				}
			}
		}
	}
}

// TestListSavedTracks_Query walks good and bad queries.
func TestListSavedTracks_Query(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ü", 256)
	for _, row := range []struct {
		query string
		want  string // the filter as JSON; or the parameter that is at fault
		bad   bool
	}{
		{query: "", want: `{"Limit":50}`},
		{query: "limit=1", want: `{"Limit":1}`},
		{query: "limit=100&offset=1000000000", want: `{"Limit":100,"Offset":1000000000}`},
		{query: "offset=0", want: `{"Limit":50}`},
		{query: "mode=focus", want: `{"Mode":"focus","Limit":50}`},
		{query: "mode=creation&engine=studio", want: `{"Mode":"creation","Engine":"studio","Limit":50}`},
		{query: "engine=", want: `{"Engine":"","Limit":50}`},
		{query: "engine=a%20b%00", want: `{"Engine":"a b\u0000","Limit":50}`},
		{query: "engine=a,b", want: `{"Engine":"a,b","Limit":50}`},
		{query: "engine=" + url.QueryEscape(long), want: `{"Engine":"` + long + `","Limit":50}`},
		{query: "collection_id=mcoll_1", want: `{"Collection":"mcoll_1","Limit":50}`},
		{query: "unknown=1&unknown=2", want: `{"Limit":50}`},

		{query: "limit=0", want: "limit", bad: true},
		{query: "limit=101", want: "limit", bad: true},
		{query: "limit=-1", want: "limit", bad: true},
		{query: "limit=", want: "limit", bad: true},
		{query: "limit", want: "limit", bad: true},
		{query: "limit=ten", want: "limit", bad: true},
		{query: "limit=1.0", want: "limit", bad: true},
		{query: "limit=1e1", want: "limit", bad: true},
		{query: "limit=007", want: "limit", bad: true},
		{query: "limit=%2B5", want: "limit", bad: true},
		{query: "limit=+5", want: "limit", bad: true},
		{query: "limit=5+", want: "limit", bad: true},
		{query: "limit=%D9%A5", want: "limit", bad: true}, // an Arabic five
		{query: "limit=99999999999999999999", want: "limit", bad: true},
		{query: "limit=1&limit=1", want: "limit", bad: true},
		{query: "limit=1,2", want: "limit", bad: true},
		{query: "offset=-1", want: "offset", bad: true},
		{query: "offset=-0", want: "offset", bad: true},
		{query: "offset=1000000001", want: "offset", bad: true},
		{query: "offset=2147483648", want: "offset", bad: true},
		{query: "offset=1&offset=2", want: "offset", bad: true},
		{query: "mode=", want: "mode", bad: true},
		{query: "mode=Focus", want: "mode", bad: true},
		{query: "mode=focus&mode=focus", want: "mode", bad: true},
		{query: "engine=" + url.QueryEscape(long+"x"), want: "engine", bad: true},
		{query: "engine=%ff", want: "engine", bad: true},
		{query: "engine=a&engine=b", want: "engine", bad: true},
		{query: "collection_id=%C3%28", want: "collection_id", bad: true},
		{query: "collection_id=a&collection_id=a", want: "collection_id", bad: true},
		{query: "limit=1;offset=2", want: "query", bad: true},
		{query: "limit=%zz", want: "query", bad: true},
		{query: "x=%", want: "query", bad: true},
		{query: ";", want: "query", bad: true},
	} {
		b := setup(t)
		w := b.send(t, "GET", tracksPath+"?"+row.query, nil, "X-API-Key", saverKey)
		checkContract(t, "listSavedTracks", w)
		if row.bad {
			e := checkEnvelope(t, w, 422)
			if e.Error.Details["parameter"] != row.want || !strings.Contains(e.Error.SystemMessage, row.want) {
				t.Errorf("?%.60s: details %v, %q; want %s", row.query, e.Error.Details, e.Error.SystemMessage, row.want)
			}
			continue
		}
		if len(b.store.filters) != 1 {
			t.Errorf("?%.60s: %d %s", row.query, w.Code, w.Body)
			continue
		}
		if got := filterText(t, b.store.filters[0]); got != row.want {
			t.Errorf("?%.60s: filter %s, want %s", row.query, got, row.want)
		}
	}
}

// filterText returns the fields of a filter that select something.
func filterText(t *testing.T, f track.Filter) string {
	t.Helper()
	text, err := json.Marshal(struct {
		Mode       *track.Mode `json:",omitempty"`
		Engine     *string     `json:",omitempty"`
		Collection *string     `json:",omitempty"`
		Limit      int         `json:",omitempty"`
		Offset     int         `json:",omitempty"`
	}(f))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
