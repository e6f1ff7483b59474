package httpapi

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// Operations that begin together share a deadline, which is never too early and
// hardly later than was asked for; one that begins after them has a later one.
func TestTerms(t *testing.T) {
	t.Parallel()
	for _, length := range []time.Duration{time.Nanosecond, 50 * time.Millisecond, 5 * time.Second} {
		s := terms{length: length}
		before := time.Now()
		first := s.next()
		second := s.next()
		after := time.Now()
		for _, term := range []*term{first, second} {
			if term.end.Before(before.Add(length)) || term.end.After(after.Add(length+length/100)) {
				t.Errorf("%v: ends after %v", length, term.end.Sub(before))
			}
		}
		if first != second && after.Sub(before) < length/100 {
			t.Errorf("%v: two that begin within %v share nothing", length, after.Sub(before))
		}
		first.last = time.Time{} // as after a hundredth of the time
		third := s.next()
		if first == second && third == first {
			t.Errorf("%v: the deadline of those that began earlier is given to one that begins later", length)
		}
	}
}

// The context of an operation ends by its deadline, and has the values of the
// request's.
func TestOperation(t *testing.T) {
	t.Parallel()
	type key struct{}
	s := &server{terms: terms{length: 20 * time.Millisecond}}
	gone, hangUp := context.WithCancel(context.WithValue(t.Context(), key{}, "value"))
	hangUp()
	r := httptest.NewRequestWithContext(gone, http.MethodGet, "/?a=b", nil)
	x := &exchange{ResponseWriter: httptest.NewRecorder()}
	ctx := s.begin(x, r)
	if err := ctx.Err(); err != nil {
		t.Errorf("at first: %v", err)
	}
	inner, cancel := context.WithTimeout(ctx, time.Hour)
	defer cancel()
	if o := operationOf(inner); o.exchange != x || o.query != "a=b" || inner.Value(key{}) != "value" {
		t.Errorf("the operation is %+v", o)
	}
	<-inner.Done()
	if err := ctx.Err(); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("in the end: %v", err)
	}
}

// nowhere is a response writer that keeps nothing.
type nowhere struct{ header http.Header }

func (n nowhere) Header() http.Header         { return n.header }
func (n nowhere) Write(p []byte) (int, error) { return len(p), nil }
func (n nowhere) WriteHeader(int)             {}

// BenchmarkServer is what a request costs between net/http and the store.
func BenchmarkServer(b *testing.B) {
	for name, target := range map[string][2]string{
		"delete": {"DELETE", songPath}, "get": {"GET", songPath}, "list": {"GET", tracksPath + "?limit=20"},
		"not found": {"DELETE", tracksPath + "/mtrack_other"},
	} {
		b.Run(name, func(b *testing.B) {
			s := New(benchConfig())
			r := httptest.NewRequest(target[0], target[1], nil)
			r.Header.Set("X-API-Key", creatorKey)
			b.ReportAllocs()
			for b.Loop() {
				s.ServeHTTP(nowhere{make(http.Header)}, r)
			}
		})
	}
}

// benchConfig is that of a server whose store has all in memory and remembers nothing.
func benchConfig() Config {
	return Config{
		Store: forgetful{&scriptedStore{}}, URLs: fixedURLs{}, Logger: slog.New(slog.DiscardHandler), Now: time.Now,
		NewID: func() string { return "req_benchmark" }, Observe: func(Observation) {},
		RequestTimeout: 5 * time.Second, MaxBody: 1 << 20,
	}
}

// forgetful is a scripted store that does not keep what it was asked for.
type forgetful struct{ *scriptedStore }

func (f forgetful) ListSaved(ctx context.Context, c track.Caller, o track.OrganizationID, filter track.Filter) ([]track.Track, error) {
	saved := make([]track.Track, 20)
	for i := range saved {
		saved[i] = theSong()
	}
	return saved, f.decide(ctx, c, o)
}
