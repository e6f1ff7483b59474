package runner

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/report"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// Second looks come when all other cases have ended, not before the patience is over, and decide.
func TestLooksAgainAtTheEnd(t *testing.T) {
	const patience = 150 * time.Millisecond
	var ended atomic.Int32
	var after, after2 time.Duration
	looks := func(id string, after *time.Duration, found error) suite.Case {
		return tryCase(id, func(_ context.Context, c *suite.Client) error {
			begin := time.Now()
			c.LookAgain(func(context.Context) error {
				*after = time.Since(begin)
				if n := ended.Load(); n != 2 {
					return suite.Fail("two cases that have ended", "another number")
				}
				return found
			})
			return nil
		})
	}
	ends := func(context.Context, *suite.Client) error { ended.Add(1); return nil }
	alone := tryCase("a/alone", ends)
	alone.Alone = true
	cases := []suite.Case{
		looks("a/stays", &after, nil), looks("a/returns", &after2, suite.Fail("a deleted track", "a live one")),
		tryCase("a/other", ends), alone,
	}
	r := tryRun(t, teapot(t), cases, func(c *Config) { c.Patience = patience })
	got := outcomes(r)
	if got["a/stays"] != report.Passed || got["a/returns"] != report.Failed || r.Verdict != report.NotConforming {
		t.Errorf("%v, %s", got, r.Verdict)
	}
	if after < patience || after2 < patience || r.LookedAgain != 2 || r.LookedAfter < patience.Seconds() || r.Options.Patience != "150ms" {
		t.Errorf("looked after %v and %v; %d looks after %v and %q in the report",
			after, after2, r.LookedAgain, r.LookedAfter, r.Options.Patience)
	}
	if c := r.Cases[1]; !strings.Contains(c.Expected, " later, a deleted track") || c.LookedAfter < patience.Seconds() {
		t.Errorf("expected %q after %v", c.Expected, c.LookedAfter)
	}
}

// A case that is run by itself looks again by itself.
func TestLooksAgainInOneCase(t *testing.T) {
	c := tryCase("a/returns", func(_ context.Context, c *suite.Client) error {
		c.LookAgain(func(context.Context) error { return suite.Fail("a deleted track", "a live one") })
		return nil
	})
	r, err := newRun(t.Context(), teapot(t), []suite.Case{c})
	if err != nil {
		t.Fatal(err)
	}
	if result, done := r.RunCase(t.Context(), c); !done || result.Outcome != report.Failed {
		t.Errorf("%t, %+v", done, result)
	}
}

// What the runner was waiting for at its end is not in the report of a run that ended before.
func TestInterruptedBeforeTheSecondLook(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c := tryCase("a/waits", func(_ context.Context, c *suite.Client) error {
		c.LookAgain(func(context.Context) error { return nil })
		cancel()
		return nil
	})
	runner, err := newRun(t.Context(), teapot(t), []suite.Case{c}, func(c *Config) { c.Patience = time.Hour })
	if err != nil {
		t.Fatal(err)
	}
	runner.RunAll(ctx)
	if r := runner.Report(); !r.Incomplete || len(r.Cases) != 0 {
		t.Errorf("%+v", r)
	}
}

// executing is a target that carries out one of the deletes that drop says, and drops its connection
// instead of responding.
func executing(t *testing.T, drop func(n int32) bool) Target {
	t.Helper()
	var deletes atomic.Int32
	var gone atomic.Bool
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, status := `{"success":true,"id":"mtrack_a","detail":"Gone."}`, 200
		if r.Method == http.MethodDelete && strings.HasSuffix(r.URL.Path, "/again") {
			gone.Store(false)
			return
		}
		if r.Method == http.MethodDelete {
			if gone.Swap(true) {
				status = 404
			}
			if drop(deletes.Add(1)) {
				conn, _, _ := w.(http.Hijacker).Hijack()
				conn.(*net.TCPConn).SetLinger(0)
				conn.Close()
				return
			}
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		w.Write([]byte(body))
	}))
	t.Cleanup(server.Close)
	return Target{URL: server.URL, Provisioner: &provisioned{}}
}

// deletesOnce expects its delete to succeed.
var deletesOnce = tryCase("a/deletes", func(ctx context.Context, c *suite.Client) error {
	for _, path := range []string{"/v1/again", requirement.TrackPath("o", "t")} {
		x, err := c.Do(ctx, suite.NewRequest("DELETE", path, provision.User{}, suite.WithoutContract()))
		if err != nil {
			return err
		}
		if x.Status != 200 {
			return suite.Fail("200", "another", x)
		}
	}
	return nil
})

// A request that was dropped after it was carried out is no broken requirement: the case is run
// again, and if that is no better it is undecided.
func TestDroppedAfterItWasCarriedOut(t *testing.T) {
	once := tryRun(t, executing(t, func(n int32) bool { return n == 1 }), []suite.Case{deletesOnce})
	if c := once.Cases[0]; c.Outcome != report.Passed || c.Repeated != 0 {
		t.Errorf("dropped once: %+v", c)
	}
	often := tryRun(t, executing(t, func(n int32) bool { return n%2 == 1 }), []suite.Case{deletesOnce})
	if c := often.Cases[0]; c.Outcome != report.Errored || !strings.Contains(c.Reason, "proves nothing") || c.Repeated == 0 || often.Repeated == 0 {
		t.Errorf("dropped again and again: %+v", c)
	}
	always := tryRun(t, executing(t, func(n int32) bool { return n > 0 }), []suite.Case{deletesOnce})
	if c := always.Cases[0]; c.Outcome != report.Failed || !strings.Contains(c.Actual, "sent 8 times") {
		t.Errorf("always dropped: %+v", c)
	}
}

// A web server is not an API that breaks all requirements.
func TestWebServerIsNotTheAPI(t *testing.T) {
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Write([]byte("<!doctype html><title>Welcome</title>"))
	}))
	defer page.Close()
	_, err := newRun(t.Context(), Target{URL: page.URL, Provisioner: &provisioned{}}, []suite.Case{tryCase("a/b", passes)})
	var other *Unreachable
	if !errors.As(err, &other) || !strings.Contains(err.Error(), "it is not the API, since none of its responses is JSON") || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v", err)
	}
}

// An API whose errors are pages is one, and is judged.
func TestErrorsAsPagesAreJudged(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.Header.Get("X-API-Key"), "ak_secret") {
			http.Error(w, "<h1>Who are you?</h1>", 401)
			return
		}
		w.Write([]byte(`{"success":true}`))
	}))
	defer server.Close()
	r := tryRun(t, Target{URL: server.URL, Provisioner: &provisioned{}}, []suite.Case{tryCase("a/b", passes)})
	if r.Verdict != report.Conforming {
		t.Errorf("%+v", r)
	}
}

// The same finding of several cases has the same words, whatever their ids are.
func TestFindings(t *testing.T) {
	asks := func(id, as, track string, want string) suite.Case {
		c := tryCase(id, func(ctx context.Context, c *suite.Client) error {
			path := requirement.TrackPath(c.Scene.Organization("home"), c.Scene.Track(track))
			user := provision.User{}
			if as != "" {
				user = c.Scene.User(as)
			}
			x, err := c.Do(ctx, suite.NewRequest("GET", path, user, suite.WithoutContract()))
			if err != nil {
				return err
			}
			return suite.FailStatus(want, "status "+want, x.Request.Path, x)
		})
		c.Scene = tryScene
		return c
	}
	r := tryRun(t, teapot(t), []suite.Case{
		asks("a/1", "outsider", "song", "404"), asks("a/2", "outsider", "song", "404"),
		asks("a/3", "creator", "song", "200"), asks("a/4", "", "song", "401"),
	})
	for i, want := range []string{
		"outsider's GET (getTrack) expected 404, got 418", "outsider's GET (getTrack) expected 404, got 418",
		"creator's GET (getTrack) expected 200, got 418", "GET (getTrack) without a key expected 401, got 418",
	} {
		if got := r.Cases[i].Finding; got != want {
			t.Errorf("%s: %q, want %q", r.Cases[i].ID, got, want)
		}
	}
}
