// Package admin is for those who run mtrackd: it says whether the server takes
// requests, and what its Redis may lose.
package admin

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// ReadyTimeout bounds the question whether the server is ready, below the
// timeouts that probes use.
const ReadyTimeout = 900 * time.Millisecond

// New returns the handler of /healthz (the process lives), /readyz (it takes
// requests: ready returns nil) and /metrics.
func New(metrics http.Handler, ready func(context.Context) error) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok\n") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), ReadyTimeout)
		defer cancel()
		if err := ready(ctx); err != nil {
			http.Error(w, "not ready: "+err.Error(), http.StatusServiceUnavailable)
			return
		}
		io.WriteString(w, "ready\n")
	})
	mux.Handle("GET /metrics", metrics)
	return mux
}

// ReadyMetric returns mtrack_ready, which is what /readyz says: 1 where ready
// returns nil, 0 where it returns an error. Each reading of the metric asks, for
// [ReadyTimeout] at the longest.
func ReadyMetric(ready func(context.Context) error) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "mtrack_ready",
		Help: "1 where /readyz says yes, 0 where it says no.",
	}, func() float64 {
		ctx, cancel := context.WithTimeout(context.Background(), ReadyTimeout)
		defer cancel()
		if ready(ctx) != nil {
			return 0
		}
		return 1
	})
}
