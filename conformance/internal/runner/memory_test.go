package runner

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/report"
)

// largeResponses is a target whose responses have 2 MB each.
func largeResponses(t *testing.T) Target {
	t.Helper()
	body := []byte(`{"padding":"` + strings.Repeat("x", 2_000_000) + `"}`)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusTeapot)
		w.Write(body)
	}))
	t.Cleanup(server.Close)
	return Target{URL: server.URL, Provisioner: &provisioned{}}
}

// asks sends n requests, and fails with the third of them as evidence.
func asks(n int, after func()) func(context.Context, *suite.Client) error {
	return func(ctx context.Context, c *suite.Client) error {
		var third *wire.Exchange
		for i := range n {
			x, err := c.Do(ctx, wire.Request{Method: "GET", Path: fmt.Sprintf("/v1/%d", i), Unchecked: true})
			if err != nil {
				return err
			}
			if i == 2 {
				third = x
			}
		}
		after()
		return suite.Fail("a small response", "a large one", third)
	}
}

// However large the responses are, a run keeps no more than excerpts of them.
func TestMemoryIsBounded(t *testing.T) {
	const (
		requests = 20
		bound    = 56 << 20 // it is some 40 MiB with four cases at once, and without excerpts twice as much
	)
	var mu sync.Mutex
	most := uint64(0)
	measure := func() {
		mu.Lock()
		defer mu.Unlock()
		runtime.GC()
		var now runtime.MemStats
		runtime.ReadMemStats(&now)
		most = max(most, now.HeapAlloc)
	}
	var cases []suite.Case
	for i := range 6 {
		cases = append(cases, tryCase(fmt.Sprintf("a/large-%d", i), asks(requests, measure)))
	}
	r := tryRun(t, largeResponses(t), cases)
	if most > bound {
		t.Errorf("up to %d MiB in use", most>>20)
	}
	for _, c := range r.Cases {
		if c.Outcome != report.Failed || c.Requests != requests || c.Omitted != requests-len(c.Exchanges) {
			t.Fatalf("%s: %s, %d requests, %d omitted: %s", c.ID, c.Outcome, c.Requests, c.Omitted, c.Reason)
		}
		shown := c.Exchanges[0].ResponseBody
		if end := "… [the first 16384 of 2000014 bytes]"; len(shown) > 17000 || !strings.HasSuffix(shown, end) {
			t.Errorf("a body of %d bytes, ending with %q, want %q", len(shown), shown[len(shown)-40:], end)
		}
	}
}

// Evidence is shown also where the log of a case had no space for it.
func TestEvidenceOutlivesTheLog(t *testing.T) {
	fails := func(ctx context.Context, c *suite.Client) error {
		var eighth *wire.Exchange
		for i := range 400 {
			x, err := c.Do(ctx, wire.Request{Method: "GET", Path: fmt.Sprintf("/v1/%d", i), Unchecked: true})
			if err != nil {
				return err
			}
			if i == 7 {
				eighth = x
			}
		}
		return suite.Fail("another response", "this one", eighth)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusTeapot)
		fmt.Fprintf(w, `{"path":%q}`, r.URL.Path+strings.Repeat("x", wire.MaxExcerpt))
	}))
	t.Cleanup(server.Close)
	target := Target{URL: server.URL, Provisioner: &provisioned{}}
	c := tryRun(t, target, []suite.Case{tryCase("a/case", fails)}).Cases[0]
	found := 0
	for i, x := range c.Exchanges {
		if !x.Evidence {
			continue
		}
		found++
		if i != 5 || !strings.HasSuffix(x.URL, "/v1/7") || !strings.HasPrefix(x.ResponseBody, `{"path":"/v1/7x`) {
			t.Errorf("exchange %d, %s: %.20s", i, x.URL, x.ResponseBody)
		}
	}
	if found != 1 || c.Omitted != 400-len(c.Exchanges) {
		t.Errorf("%d exchanges are evidence, and %d of 400 omitted beside %d", found, c.Omitted, len(c.Exchanges))
	}
}

// Once a report is large, of further cases it has little more than the evidence.
func TestReportIsBounded(t *testing.T) {
	c := tryCase("a/large", asks(10, func() {}))
	r, err := newRun(t.Context(), largeResponses(t), []suite.Case{c})
	if err != nil {
		t.Fatal(err)
	}
	r.shown = maxShown
	result, _ := r.RunCase(t.Context(), c)
	if len(result.Exchanges) != 1 || result.Omitted != 9 || !result.Exchanges[0].Evidence {
		t.Fatalf("%d exchanges, %d omitted", len(result.Exchanges), result.Omitted)
	}
	if x := result.Exchanges[0]; len(x.ResponseBody) > 1100 || x.ResponseBytes != 2000014 || !strings.HasSuffix(x.URL, "/v1/2") {
		t.Errorf("%s: %d bytes shown of %d", x.URL, len(x.ResponseBody), x.ResponseBytes)
	}
}
