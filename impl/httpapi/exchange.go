package httpapi

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/seed-5ec2a705/mtrack/impl/internal/router"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// unmatched is the route of unknown paths.
const unmatched = "unmatched"

// Observation is how one request went, for callers that count.
type Observation struct {
	Method   string        // as it was sent: any token
	Route    string        // the contract's path with its parameters by name; "unmatched" for unknown paths
	Status   int           // of the answer, also where the caller no longer waits for it
	Duration time.Duration // from the head of the request to the end of the answer
}

// exchange is one request with its answer, shared by all who work on it. It is
// the response writer that they get, so that it knows what was sent.
type exchange struct {
	http.ResponseWriter
	id      string    // the request's, and the envelope's trace_id
	ids     [1]string // the same, as the value of a header
	key     track.Key
	keyless bool // see keyOf
	status  int  // of the answer; 0: nothing sent yet
	err     error

	operation operation // on behalf of the request
}

// WriteHeader implements [http.ResponseWriter].
func (x *exchange) WriteHeader(status int) {
	if x.status == 0 && status >= 200 {
		x.status = status
	}
	x.ResponseWriter.WriteHeader(status)
}

// Write implements [http.ResponseWriter].
func (x *exchange) Write(p []byte) (int, error) {
	if x.status == 0 {
		x.status = http.StatusOK
	}
	return x.ResponseWriter.Write(p)
}

// Unwrap is for [http.ResponseController].
func (x *exchange) Unwrap() http.ResponseWriter { return x.ResponseWriter }

// exchangeOf returns the exchange that a response is written to.
func exchangeOf(w http.ResponseWriter) *exchange { return w.(*exchange) }

// The values of headers that all responses have. They are shared: nobody changes
// one in place.
var (
	noStore = []string{"no-store"} // responses differ by caller and hold signed URLs
	noSniff = []string{"nosniff"}
)

// exchange gives each request its id and its caller, and tells the log and the
// observer how it went. The id is minted here and never taken from the caller:
// it is what an audit entry names.
func (s *server) exchange(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begin := time.Now()
		x := &exchange{ResponseWriter: w, id: s.newID()}
		x.key, x.keyless = keyOf(r.Header)
		x.ids[0] = x.id
		header := w.Header()
		header["X-Request-Id"] = x.ids[:]
		header["Cache-Control"] = noStore
		header["X-Content-Type-Options"] = noSniff
		defer func() { s.conclude(r, x, begin, time.Since(begin)) }()
		next.ServeHTTP(x, r)
	})
}

// conclude logs and counts a finished exchange. The log holds no path: what a
// caller put there by mistake may be a key.
func (s *server) conclude(r *http.Request, x *exchange, begin time.Time, took time.Duration) {
	status := x.status
	level := slog.LevelInfo
	switch {
	case status == http.StatusServiceUnavailable:
		level = slog.LevelWarn
	case status >= 500:
		level = slog.LevelError
	}
	route := router.Path(r)
	if route == "" {
		route = unmatched
	}
	// Not by LogAttrs, which looks for the line of code that it is called from.
	if handler := s.logger.Handler(); handler.Enabled(r.Context(), level) {
		record := slog.NewRecord(begin.Add(took), level, "request", 0)
		record.AddAttrs(
			slog.String("trace_id", x.id),
			slog.String("method", r.Method),
			slog.String("route", route),
			slog.Int("status", status),
			slog.Float64("duration_ms", float64(took.Microseconds())/1000),
		)
		if x.err != nil {
			record.AddAttrs(slog.String("error", x.err.Error()))
		}
		handler.Handle(r.Context(), record) // a log that cannot be written is not the caller's fault
	}
	s.observe(Observation{Method: r.Method, Route: route, Status: status, Duration: took})
}
