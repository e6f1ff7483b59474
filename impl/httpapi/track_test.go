package httpapi

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

const (
	tracksPath = "/v1/music/" + organization + "/tracks"
	songPath   = tracksPath + "/" + song
)

// TestOperations walks the statuses of every operation.
func TestOperations(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		operation, method, path, key string
		status                       int
	}{
		{"deleteTrack", "DELETE", songPath, creatorKey, 200},
		{"deleteTrack", "DELETE", songPath, "", 401},
		{"deleteTrack", "DELETE", songPath, "ak_unknown", 401},
		{"deleteTrack", "DELETE", songPath, saverKey, 403},
		{"deleteTrack", "DELETE", songPath, outsiderKey, 404},
		{"deleteTrack", "DELETE", tracksPath + "/mtrack_other", creatorKey, 404},
		{"deleteTrack", "DELETE", tracksPath + "/other", creatorKey, 404},
		{"deleteTrack", "DELETE", tracksPath + "/" + strings.Repeat("x", 8<<10), creatorKey, 404},
		{"deleteTrack", "DELETE", "/v1/music/org_abroad/tracks/" + song, creatorKey, 404},
		{"getTrack", "GET", songPath, creatorKey, 200},
		{"getTrack", "GET", songPath, saverKey, 200},
		{"getTrack", "GET", songPath, "", 401},
		{"getTrack", "GET", songPath, outsiderKey, 404},
		{"getTrack", "GET", tracksPath + "/save", creatorKey, 404},
		{"unsaveTrack", "DELETE", songPath + "/save", saverKey, 200},
		{"unsaveTrack", "DELETE", songPath + "/save", "", 401},
		{"unsaveTrack", "DELETE", songPath + "/save", outsiderKey, 404},
		{"listSavedTracks", "GET", tracksPath, saverKey, 200},
		{"listSavedTracks", "GET", tracksPath + "?engine=none", saverKey, 200},
		{"listSavedTracks", "GET", tracksPath, "", 401},
		{"listSavedTracks", "GET", tracksPath, outsiderKey, 404},
		{"listSavedTracks", "GET", tracksPath + "?limit=0", saverKey, 422},
		{"listSavedTracks", "GET", tracksPath + "?limit=0", outsiderKey, 404},
		{"listSavedTracks", "GET", tracksPath + "?limit=x", outsiderKey, 404},
		{"listSavedTracks", "GET", tracksPath + "?limit=0", "", 401},
		{"listSavedTracks", "GET", tracksPath + "?limit=x", "ak_unknown", 401},
	} {
		b := setup(t)
		var headers []string
		if row.key != "" {
			headers = []string{"X-API-Key", row.key}
		}
		w := b.send(t, row.method, row.path, nil, headers...)
		if w.Code != row.status {
			t.Errorf("%s %.80s with key %q: status %d, want %d", row.method, row.path, row.key, w.Code, row.status)
		}
		checkContract(t, row.operation, w)
		if w.Header().Get("X-Request-Id") != "req_1" {
			t.Errorf("%s %.80s: X-Request-Id %q", row.method, row.path, w.Header().Get("X-Request-Id"))
		}
		if row.status != http.StatusOK {
			e := checkEnvelope(t, w, row.status)
			id, told := e.Error.Details["track_id"]
			want := strings.TrimSuffix(strings.TrimPrefix(row.path, tracksPath+"/"), "/save")
			if row.operation == "deleteTrack" && (row.status == 403 || row.status == 404) && !strings.HasSuffix("/"+row.path, "/"+id.(string)) {
				t.Errorf("details name %v, want %.80q", id, want)
			}
			if row.status == 401 && told {
				t.Error("a 401 names the track")
			}
		}
		if n := b.store.calls.Load(); n > 1 {
			t.Errorf("%s %.80s: %d calls of the store", row.method, row.path, n)
		}
	}
}

// TestGetTrack_URLs looks at what is minted where.
func TestGetTrack_URLs(t *testing.T) {
	t.Parallel()
	b := setup(t)
	urls := map[string]bool{}
	for range 2 {
		var sent struct {
			PlaybackURL string            `json:"playback_url"`
			StemURLs    map[string]string `json:"stem_urls"`
		}
		body := b.send(t, "GET", songPath, nil, "X-API-Key", creatorKey).Body.Bytes()
		if err := json.Unmarshal(body, &sent); err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(body, []byte(sent.PlaybackURL)) {
			t.Errorf("%s cannot be copied out of %s", sent.PlaybackURL, body)
		}
		if !strings.Contains(sent.PlaybackURL, organization+"/"+song+"/mix") || !strings.Contains(sent.StemURLs["drums"], song+"/stems/drums") {
			t.Errorf("got %+v", sent)
		}
		urls[sent.PlaybackURL], urls[sent.StemURLs["drums"]] = true, true
	}
	if len(urls) != 4 {
		t.Errorf("URLs are reused: %v", urls)
	}
}

// TestListSavedTracks_Nulls wants null, not absence, where the contract does.
func TestListSavedTracks_Nulls(t *testing.T) {
	t.Parallel()
	var sent struct {
		Items []map[string]json.RawMessage `json:"items"`
	}
	w := setup(t).send(t, "GET", tracksPath, nil, "X-API-Key", creatorKey)
	if err := json.Unmarshal(w.Body.Bytes(), &sent); err != nil {
		t.Fatal(err)
	}
	for i, want := range []map[string]string{
		{"title": `"Late Night Drive"`, "measured_duration_seconds": "182.4", "playback_url": "null", "stem_urls": "null"},
		{"title": "null", "measured_duration_seconds": "null", "playback_url": "null", "stem_urls": "null"},
	} {
		for name, value := range want {
			if got := string(sent.Items[i][name]); got != value {
				t.Errorf("item %d: %s is %q, want %s", i, name, got, value)
			}
		}
	}
	if w := setup(t).send(t, "GET", tracksPath+"?engine=none", nil, "X-API-Key", creatorKey); !strings.Contains(w.Body.String(), `"items":[]`) {
		t.Errorf("an empty library is not []: %s", w.Body)
	}
}

// TestCaller_Request wants the id that the caller is told to be the one that
// the store records, and never the caller's own.
func TestCaller_Request(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := b.send(t, "DELETE", songPath, nil, "X-API-Key", creatorKey, "X-Request-Id", "req_mine")
	if got := w.Header().Get("X-Request-Id"); got != "req_1" || b.store.last.Request != got {
		t.Errorf("told %q, the store %q", got, b.store.last.Request)
	}
}
