package impl

import (
	"encoding/base32"
	"encoding/binary"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/seed-5ec2a705/mtrack/impl/httpapi"
	"github.com/seed-5ec2a705/mtrack/impl/signedurl"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// The defaults that are worth naming elsewhere.
const (
	DefaultRequestTimeout = 5 * time.Second
	DefaultMaxBody        = 16 << 20
	DefaultMediaURL       = "https://media.example.com"
	DefaultMediaLifetime  = 15 * time.Minute
)

// Option changes how a handler works.
type Option func(*httpapi.Config)

// WithLogger sets where requests are logged: one line each, with its trace_id.
// The default logs nothing.
func WithLogger(logger *slog.Logger) Option {
	return func(c *httpapi.Config) { c.Logger = logger }
}

// WithObserver sets who is told how each request went. It is called
// concurrently and must be quick. The default tells nobody.
func WithObserver(observe func(httpapi.Observation)) Option {
	return func(c *httpapi.Config) { c.Observe = observe }
}

// WithMedia sets who mints the URLs of tracks and stems. The default signs
// URLs below [DefaultMediaURL] with a random secret, for [DefaultMediaLifetime].
func WithMedia(urls httpapi.URLSigner) Option {
	return func(c *httpapi.Config) { c.URLs = urls }
}

// WithClock sets the time that errors tell. The default is [time.Now].
func WithClock(now func() time.Time) Option {
	return func(c *httpapi.Config) { c.Now = now }
}

// WithRequestIDs sets who mints the ids of requests, which must be unique: a
// store takes two requests with one id for one. The default mints "req_" and
// 120 random bits.
func WithRequestIDs(mint func() string) Option {
	return func(c *httpapi.Config) { c.NewID = mint }
}

// WithRequestTimeout bounds the work on one request; beyond it the answer is a
// 503. It must be well below the write timeout of the http.Server, which ends
// a connection without an answer. The default is [DefaultRequestTimeout].
func WithRequestTimeout(d time.Duration) Option {
	return func(c *httpapi.Config) { c.RequestTimeout = d }
}

// WithMaxBody sets how many bytes of a request's body are read and thrown away
// before the connection is given up after the answer. The default is
// [DefaultMaxBody].
func WithMaxBody(bytes int64) Option {
	return func(c *httpapi.Config) { c.MaxBody = bytes }
}

// defaults returns what holds without options.
func defaults(store track.Store) httpapi.Config {
	urls, err := signedurl.New(DefaultMediaURL, signedurl.RandomSecret(), DefaultMediaLifetime, time.Now)
	if err != nil {
		panic(err) // the constants above are wrong: every test says so
	}
	return httpapi.Config{
		Store:          store,
		URLs:           urls,
		Logger:         slog.New(slog.DiscardHandler),
		Now:            time.Now,
		NewID:          newRequestID,
		Observe:        func(httpapi.Observation) {},
		RequestTimeout: DefaultRequestTimeout,
		MaxBody:        DefaultMaxBody,
	}
}

// requestIDs writes the letters of request ids.
var requestIDs = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567")

// newRequestID mints the id of a request. It need not be hard to guess, only
// different from all others, so it takes the randomness that costs no system call.
func newRequestID() string {
	var random [16]byte
	binary.LittleEndian.PutUint64(random[:], rand.Uint64())
	binary.LittleEndian.PutUint64(random[8:], rand.Uint64())
	id := [28]byte{'r', 'e', 'q', '_'}
	requestIDs.Encode(id[4:], random[:15])
	return string(id[:])
}
