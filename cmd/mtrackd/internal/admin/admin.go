package main

import (
	"context"
	"io"
	"net/http"
	"time"
)

// readyTimeout bounds the question whether the store answers, below the
// timeouts that probes use.
const readyTimeout = 900 * time.Millisecond

// newAdmin returns the handler for those who run the server: /healthz (the
// process lives), /readyz (it takes requests: ready returns nil) and /metrics.
func newAdmin(metrics http.Handler, ready func(context.Context) error) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok\n") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
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
