package router

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
)

// TestRouter_ServeHTTP sends each kind of request and looks at who got it.
func TestRouter_ServeHTTP(t *testing.T) {
	t.Parallel()
	var got string
	m := New(func(w http.ResponseWriter, r *http.Request, err error) {
		switch {
		case errors.Is(err, ErrUnknownPath):
			got = "unknown"
		case errors.Is(err, ErrMethod):
			got = "method, allowed " + w.Header().Get("Allow")
		default:
			t.Errorf("fail got %v", err)
		}
	})
	m.HandleFunc("GET /a/{x}", func(_ http.ResponseWriter, r *http.Request) { got = "get " + r.PathValue("x") })
	m.HandleFunc("DELETE /a/{x}", func(_ http.ResponseWriter, r *http.Request) { got = "delete " + r.PathValue("x") })
	m.HandleFunc("POST /b", func(http.ResponseWriter, *http.Request) { got = "post" })
	m.Finish()

	for _, row := range []struct{ method, path, want, route string }{
		{"GET", "/a/1", "get 1", "/a/{x}"},
		{"HEAD", "/a/1", "get 1", "/a/{x}"},
		{"DELETE", "/a/1", "delete 1", "/a/{x}"},
		{"GET", "/a/%2e%2e", "get ..", "/a/{x}"},
		{"GET", "/a/x%2Fy", "get x/y", "/a/{x}"},
		{"PUT", "/a/1", "method, allowed DELETE, GET, HEAD", "/a/{x}"},
		{"get", "/a/1", "method, allowed DELETE, GET, HEAD", "/a/{x}"},
		{"GET", "/b", "method, allowed POST", "/b"},
		{"GET", "/", "unknown", ""},
		{"GET", "/a", "unknown", ""},
		{"GET", "/a/", "unknown", ""},
		{"GET", "/a/1/", "unknown", ""},
		{"GET", "/a//1", "unknown", ""},
		{"GET", "//a/1", "unknown", ""},
		{"GET", "/a/./1", "unknown", ""},
		{"DELETE", "/b/../a/1", "unknown", ""},
		{"OPTIONS", "*", "unknown", ""},
		{"CONNECT", "", "unknown", ""},
	} {
		got = ""
		r := httptest.NewRequest("GET", "/", nil)
		r.Method, r.RequestURI = row.method, row.path
		var err error
		if r.URL, err = url.ParseRequestURI(row.path); err != nil {
			r.URL = &url.URL{Path: row.path}
		}
		w := httptest.NewRecorder()
		m.ServeHTTP(w, r)
		if got != row.want {
			t.Errorf("%s %s went to %q, want %q", row.method, row.path, got, row.want)
		}
		if w.Code != http.StatusOK || w.Body.Len() > 0 {
			t.Errorf("%s %s: the router itself answered %d %q", row.method, row.path, w.Code, w.Body)
		}
		if route := Path(r); route != row.route {
			t.Errorf("%s %s: route %q, want %q", row.method, row.path, route, row.route)
		}
	}
}
