package private

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// ok is what stands behind the handlers.
var ok = http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})

// TestHandler walks who is let through.
func TestHandler(t *testing.T) {
	t.Parallel()
	handler := Handler(ok, "tests.example.com")
	for _, row := range []struct {
		host, header string // "Name: value"
		status       int
	}{
		{"127.0.0.1:8081", "", 200},
		{"10.1.2.3:8081", "", 200},
		{"192.0.2.1", "", 200},
		{"[::1]:8081", "", 200},
		{"[::1]", "", 200},
		{"[fe80::1%25eth0]:8081", "", 200},
		{"localhost:8081", "", 200},
		{"LocalHost.", "", 200},
		{"app.localhost:8081", "", 200},
		{"mtrackd:8081", "", 200},
		{"compose_mtrackd_1:8081", "", 200},
		{"host.docker.internal:8081", "", 200},
		{"mtrackd.tests.svc.cluster.local:9090", "", 200},
		{"tests.example.com:8081", "", 200},
		{"Tests.Example.COM", "", 200},
		{"", "", 200}, // HTTP/1.0
		{"tests.example.com.evil.test.example:8081", "", 403},
		{"evil.example.com:8081", "", 403},
		{"example.com", "", 403},
		{"localhost.example.com", "", 403},
		{"127.0.0.1.example.com:8081", "", 403},
		{"notlocalhost.com", "", 403},
		{"x.notinternal", "", 403},
		{"2130706433.example", "", 403},
		{"127.0.0.1:8081", "Origin: https://example.com", 403},
		{"127.0.0.1:8081", "Origin: http://127.0.0.1:8081", 403},
		{"127.0.0.1:8081", "Origin: null", 403},
		{"127.0.0.1:8081", "Origin: ", 403},
		{"127.0.0.1:8081", "Sec-Fetch-Site: cross-site", 403},
		{"127.0.0.1:8081", "Sec-Fetch-Site: same-site", 403},
		{"127.0.0.1:8081", "Sec-Fetch-Site: none", 200}, // typed into a browser
	} {
		r := httptest.NewRequest("GET", "/metrics", nil)
		r.Host = row.host
		if name, value, found := strings.Cut(row.header, ": "); found {
			r.Header.Set(name, value)
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != row.status {
			t.Errorf("Host %q, %q: %d, want %d", row.host, row.header, w.Code, row.status)
		}
		checkRefusal(t, w)
	}
}

// checkRefusal wants the body of a refusal to be that of the provisioning
// protocol, and to tell what to do.
func checkRefusal(t *testing.T, w *httptest.ResponseRecorder) {
	t.Helper()
	if w.Code == http.StatusOK {
		return
	}
	var told struct{ Error string }
	if err := json.Unmarshal(w.Body.Bytes(), &told); err != nil || told.Error == "" || w.Header().Get("Content-Type") != "application/json" {
		t.Errorf("%d %v: %v in %s", w.Code, w.Header(), err, w.Body)
	}
}

func TestWithoutBody(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		length int64
		status int
	}{{0, 200}, {1, 413}, {8 << 30, 413}, {-1, 413}} {
		r := httptest.NewRequest("GET", "/metrics", nil)
		r.ContentLength = row.length
		w := httptest.NewRecorder()
		WithoutBody(ok).ServeHTTP(w, r)
		if w.Code != row.status {
			t.Errorf("a body of %d bytes: %d, want %d", row.length, w.Code, row.status)
		}
		checkRefusal(t, w)
	}
}

func TestParseHost(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"Tests.Example.com": "tests.example.com", "example.com.": "example.com", "x": "x"} {
		if got, err := ParseHost(name); err != nil || got != want {
			t.Errorf("%q: %q, %v", name, got, err)
		}
	}
	for _, name := range []string{"", "example.com:80", "http://example.com", "*.example.com", "[::1]", "a b"} {
		if got, err := ParseHost(name); err == nil {
			t.Errorf("%q: %q", name, got)
		}
	}
}
