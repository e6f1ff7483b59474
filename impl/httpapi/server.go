package httpapi

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/seed-5ec2a705/mtrack/gen/music"
	"github.com/seed-5ec2a705/mtrack/impl/internal/router"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// URLSigner makes URLs that work for a while and cannot be forged.
type URLSigner interface {
	// Sign returns the URL of the resource that the path segments name. It
	// differs from call to call. It may be called concurrently.
	Sign(segments ...string) string
}

// Config is what a server needs. Every field is required.
type Config struct {
	Store   track.Store
	URLs    URLSigner
	Logger  *slog.Logger
	Now     func() time.Time  // for the envelope's timestamp
	NewID   func() string     // mints request ids; they must be unique
	Observe func(Observation) // is called at the end of every request, concurrently

	// RequestTimeout bounds an operation, from the moment when the request's
	// body was drained.
	RequestTimeout time.Duration
	// MaxBody is how many bytes of a body are read and thrown away. The
	// connection ends after the answer where there is more.
	MaxBody int64
}

// server implements the generated interface.
type server struct {
	store   track.Store
	urls    URLSigner
	logger  *slog.Logger
	now     func() time.Time
	newID   func() string
	observe func(Observation)
	terms   terms // of operations
	maxBody int64
}

var _ music.StrictServerInterface = (*server)(nil)

// New returns the handler of the whole API.
func New(c Config) http.Handler {
	s := &server{
		store:   c.Store,
		urls:    c.URLs,
		logger:  c.Logger,
		now:     c.Now,
		newID:   c.NewID,
		observe: c.Observe,
		terms:   terms{length: c.RequestTimeout},
		maxBody: c.MaxBody,
	}
	return s.handler(s)
}

// handler puts the chain in front of the operations.
func (s *server) handler(operations music.StrictServerInterface) http.Handler {
	strict := music.NewStrictHandlerWithOptions(operations,
		[]music.StrictMiddlewareFunc{s.operate},
		music.StrictHTTPServerOptions{RequestErrorHandlerFunc: s.fail, ResponseErrorHandlerFunc: s.fail})
	routes := router.New(s.failRouting)
	music.HandlerWithOptions(strict, music.StdHTTPServerOptions{BaseRouter: routes, ErrorHandlerFunc: s.failBinding})
	routes.Finish()
	return s.exchange(s.recovery(s.body(routes)))
}

// recovery answers for what panics. What had already sent its answer ends with
// its connection, so that half an answer never looks like a whole one.
func (s *server) recovery(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			x := exchangeOf(w)
			s.logger.LogAttrs(r.Context(), slog.LevelError, "panic", slog.String("trace_id", x.id),
				slog.Any("panic", cause), slog.String("stack", string(debug.Stack())))
			sent := x.status != 0
			s.fail(w, r, fmt.Errorf("panic: %v", cause))
			if sent || cause == http.ErrAbortHandler {
				panic(http.ErrAbortHandler)
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// body drains the request's body, so that the connection can be used again and
// callers that write all of it before they read get to read. Nobody asked for
// a body that is announced by Expect: it stays where it is, and net/http ends
// the connection after the answer.
//
// After chunks the connection ends too. With a length beside them, which
// net/http does not tell us of, a proxy in front may have seen another end of
// the body than we did: what follows could be somebody's smuggled request.
func (s *server) body(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(r.TransferEncoding) > 0 {
			w.Header().Set("Connection", "close")
		}
		if r.ContentLength != 0 && r.Header.Get("Expect") == "" {
			n, err := io.Copy(io.Discard, io.LimitReader(r.Body, s.maxBody+1))
			if err != nil {
				s.fail(w, r, fmt.Errorf("%w after %d bytes: %w", errBody, n, err))
				return
			}
			if n > s.maxBody {
				w.Header().Set("Connection", "close")
			}
		}
		next.ServeHTTP(w, r)
	})
}

// operate runs an operation in its context. It refuses an operation's nil, which
// would go out as an empty 200.
func (s *server) operate(next music.StrictHandlerFunc, name string) music.StrictHandlerFunc {
	return func(_ context.Context, w http.ResponseWriter, r *http.Request, request any) (any, error) {
		response, err := next(s.begin(w, r), w, r, request)
		if err == nil && response == nil {
			return nil, fmt.Errorf("%s returned neither an answer nor an error", name)
		}
		return response, err
	}
}
