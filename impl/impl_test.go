package impl_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/seed-5ec2a705/mtrack/impl"
	"github.com/seed-5ec2a705/mtrack/impl/httpapi"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// oneTrack is a store in which everybody has one track. Nothing else works.
type oneTrack struct {
	track.Store
	wait bool // until the deadline
}

func (s oneTrack) Get(ctx context.Context, _ track.Caller, o track.OrganizationID, id track.ID) (track.Track, error) {
	if s.wait {
		<-ctx.Done()
		return track.Track{}, ctx.Err()
	}
	return track.Track{ID: id, Organization: o}, nil
}

// get asks the handler for a track.
func get(handler http.Handler, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", "/v1/music/org_1/tracks/mtrack_1", strings.NewReader(body))
	r.Header.Set("X-API-Key", "k")
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w
}

// TestNew_Defaults wants a handler that works with nothing but a store.
func TestNew_Defaults(t *testing.T) {
	t.Parallel()
	handler := impl.New(oneTrack{})
	ids := map[string]bool{}
	for range 100 {
		w := get(handler, "")
		id := w.Header().Get("X-Request-Id")
		if w.Code != http.StatusOK || ids[id] || !regexp.MustCompile(`^req_[a-z2-7]{24}$`).MatchString(id) {
			t.Fatalf("status %d, X-Request-Id %q", w.Code, id)
		}
		ids[id] = true
		if !strings.Contains(w.Body.String(), impl.DefaultMediaURL+"/org_1/mtrack_1/mix?") {
			t.Fatalf("no URL below the default: %s", w.Body)
		}
	}
}

type fixedURL string

func (u fixedURL) Sign(...string) string { return string(u) }

// TestNew_Options changes everything that can be changed.
func TestNew_Options(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	var seen []httpapi.Observation
	options := []impl.Option{
		impl.WithLogger(slog.New(slog.NewTextHandler(&log, nil))),
		impl.WithObserver(func(o httpapi.Observation) { seen = append(seen, o) }),
		impl.WithMedia(fixedURL("https://fixed.test/")),
		impl.WithClock(func() time.Time { return time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC) }),
		impl.WithRequestIDs(func() string { return "req_fixed" }),
		impl.WithRequestTimeout(time.Millisecond),
		impl.WithMaxBody(3),
	}
	w := get(impl.New(oneTrack{}, options...), "four")
	var sent struct {
		PlaybackURL string `json:"playback_url"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &sent); err != nil || sent.PlaybackURL != "https://fixed.test/" {
		t.Errorf("%v: %s", err, w.Body)
	}
	if w.Header().Get("Connection") != "close" || w.Header().Get("X-Request-Id") != "req_fixed" {
		t.Errorf("header %v", w.Header())
	}
	w = get(impl.New(oneTrack{wait: true}, options...), "")
	if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "2001-02-03T04:05:06Z") {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
	if len(seen) != 2 || seen[1].Status != 503 || seen[1].Route != "/v1/music/{organization_id}/tracks/{track_id}" || seen[1].Duration <= 0 {
		t.Errorf("observed %+v", seen)
	}
	if n := strings.Count(log.String(), "trace_id=req_fixed"); n != 2 {
		t.Errorf("logged %s", log.String())
	}
}
