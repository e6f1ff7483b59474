package httpapi

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// FuzzRequest sends whatever net/http would let through. Nothing may be
// redirected, nothing may be a 5xx, and what is no 200 is an envelope.
func FuzzRequest(f *testing.F) {
	for _, path := range []string{
		songPath, songPath + "/save", tracksPath, tracksPath + "//save", "/v1/music/%2e%2e/tracks/..", tracksPath + "/%00", tracksPath + "/%ff%2F",
		"/", "//", "*", "", tracksPath + "/" + strings.Repeat("%C3%BC", 2000), tracksPath + "/.%2e/" + song,
	} {
		f.Add("DELETE", path, "", creatorKey, "")
	}
	for _, query := range []string{"limit=1&offset=2", "limit=;", "limit=%", "mode=%ff", "limit=99999999999", "engine=%00", "limit[]=1", "limit=1,2"} {
		f.Add("GET", tracksPath, query, "", "bearer "+creatorKey)
	}
	f.Add("HEAD", songPath, "", "", "Bearer")
	f.Fuzz(func(t *testing.T, method, path, query, key, authorization string) {
		u, err := url.ParseRequestURI(path)
		if err != nil {
			u = &url.URL{Path: path}
		}
		u.RawQuery = query
		r := httptest.NewRequest("GET", "/", nil)
		r.Method, r.URL, r.RequestURI = method, u, path
		r.Header = http.Header{"X-Api-Key": {key}, "Authorization": {authorization}}
		if key == "" {
			r.Header.Del("X-Api-Key")
		}
		w := httptest.NewRecorder()
		b := setup(t)
		b.handler.ServeHTTP(w, r)
		switch {
		case w.Code == http.StatusOK:
			if b.store.calls.Load() != 1 {
				t.Errorf("a success after %d calls of the store", b.store.calls.Load())
			}
		case w.Code >= 400 && w.Code < 500:
			checkEnvelope(t, w, w.Code)
		default:
			t.Errorf("status %d", w.Code)
		}
		if w.Header().Get("Location") != "" {
			t.Errorf("redirected to %q", w.Header().Get("Location"))
		}
	})
}

// FuzzKeyOf wants that only what is a key by one of the two headers is taken
// for one.
func FuzzKeyOf(f *testing.F) {
	f.Add("k", "Bearer l", true)
	f.Add("", "bEARER  l", false)
	f.Add("", "Basic l", true)
	f.Fuzz(func(t *testing.T, key, authorization string, sent bool) {
		header := http.Header{"Authorization": {authorization}}
		if sent {
			header["X-Api-Key"] = []string{key}
		}
		got, keyless := keyOf(header)
		if keyless != (got.Reveal() == "") {
			t.Errorf("key %q, keyless %v", got.Reveal(), keyless)
		}
		if sent && got.Reveal() != key {
			t.Errorf("key %q of the header became %q", key, got.Reveal())
		}
		if !sent && got.Reveal() != "" && (len(authorization) < 7 || !strings.EqualFold(authorization[:7], "bearer ") || !strings.HasSuffix(authorization, got.Reveal())) {
			t.Errorf("%q became the key %q", authorization, got.Reveal())
		}
	})
}
