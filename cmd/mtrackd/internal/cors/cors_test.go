package cors

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const app, other = "https://app.example.com", "http://localhost:3000"

// TestHandler asks as browsers do, through a server: what is let through, what
// is answered, and what every response says to caches.
func TestHandler(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		method, origin, asks string // Access-Control-Request-Method
		status               int
		allowed              string
	}{
		"preflight of a delete":      {"OPTIONS", app, "DELETE", 204, app},
		"preflight of a get":         {"OPTIONS", other, "GET", 204, other},
		"preflight by a stranger":    {"OPTIONS", "https://evil.example.com", "DELETE", 401, ""},
		"preflight by null":          {"OPTIONS", "null", "DELETE", 401, ""},
		"OPTIONS that asks nothing":  {"OPTIONS", app, "", 401, app},
		"a delete":                   {"DELETE", app, "", 401, app},
		"a get":                      {"GET", other, "", 401, other},
		"a get by a stranger":        {"GET", "https://app.example.com.evil.example", "", 401, ""},
		"in other case":              {"GET", "https://APP.example.com", "", 401, ""}, // no browser writes it so
		"another scheme":             {"GET", "http://app.example.com", "", 401, ""},
		"another port":               {"GET", "https://app.example.com:8443", "", 401, ""},
		"a get by no page":           {"GET", "", "", 401, ""},
		"a delete that asks as well": {"DELETE", app, "DELETE", 401, app},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Request-Id", "req_1")
				w.WriteHeader(http.StatusUnauthorized)
			}), []string{app, other}))
			defer server.Close()
			r, err := http.NewRequestWithContext(t.Context(), row.method, server.URL+"/v1/music/o/tracks/t", nil)
			if err != nil {
				t.Fatal(err)
			}
			for name, value := range map[string]string{"Origin": row.origin, "Access-Control-Request-Method": row.asks} {
				if value != "" {
					r.Header.Set(name, value)
				}
			}
			response, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			header := response.Header
			if response.StatusCode != row.status || header.Get("Access-Control-Allow-Origin") != row.allowed {
				t.Errorf("%d, allowed %q; want %d, %q", response.StatusCode, header.Get("Access-Control-Allow-Origin"), row.status, row.allowed)
			}
			vary := strings.Join(header["Vary"], ", ")
			if !strings.Contains(vary, "Origin") {
				t.Errorf("Vary: %s", vary)
			}
			if header["Access-Control-Allow-Credentials"] != nil {
				t.Error("credentials are allowed")
			}
			preflight := row.status == 204
			for name, want := range map[string]string{
				"Access-Control-Allow-Methods": "DELETE", "Access-Control-Allow-Headers": "Authorization, Content-Type, X-API-Key", "Access-Control-Max-Age": "600",
			} {
				if got := header.Get(name); preflight != (got != "") || !strings.Contains(got, want) && preflight {
					t.Errorf("%s: %q", name, got)
				}
			}
			if got := header.Get("Access-Control-Expose-Headers"); (got != "") != (row.allowed != "" && !preflight) {
				t.Errorf("exposed: %q", got)
			}
			if preflight != (header.Get("X-Request-Id") == "") {
				t.Error("a preflight reached the API, or something else did not")
			}
		})
	}
}

// TestHandler_None wants nothing changed without origins.
func TestHandler_None(t *testing.T) {
	t.Parallel()
	handler := Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), nil)
	r := httptest.NewRequest("OPTIONS", "/", nil)
	r.Header.Set("Origin", app)
	r.Header.Set("Access-Control-Request-Method", "DELETE")
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	if len(w.Header()) > 0 || w.Code != http.StatusOK {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

func TestParseOrigin(t *testing.T) {
	t.Parallel()
	for origin, want := range map[string]string{
		app: app, other: other, "HTTPS://App.Example.com": app, "https://app.example.com:443": app, "http://localhost:80": "http://localhost", "http://[::1]:3000": "http://[::1]:3000",
	} {
		if got, err := ParseOrigin(origin); err != nil || got != want {
			t.Errorf("%q: %q, %v", origin, got, err)
		}
	}
	for _, origin := range []string{"", "*", "null", "app.example.com", "https://", "https://app.example.com/", "https://app.example.com/x", "https://*.example.com",
		"ftp://app.example.com", "https://user@app.example.com", "https://a.test,https://b.test", "https://a.test https://b.test", "https://a.test?x"} {
		if got, err := ParseOrigin(origin); err == nil {
			t.Errorf("%q: %q", origin, got)
		}
	}
}
