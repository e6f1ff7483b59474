package httpapi

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// Who and what there is in a scripted store.
const (
	organization = "org_home"
	creatorKey   = "ak_creatorcreatorcreator"
	saverKey     = "ak_saversaversaversaver"
	outsiderKey  = "ak_outsideroutsider"
	song         = "mtrack_song"
)

// scriptedStore is a store with one organization and one track, which it never
// really deletes. It decides in the order that [track.Store] asks for and
// counts its calls. Fail, where set, goes first.
type scriptedStore struct {
	fail  func(context.Context) error
	calls atomic.Int64

	mu      sync.Mutex
	last    track.Caller // of the last call
	filters []track.Filter
}

// decide is the check that all methods share.
func (s *scriptedStore) decide(ctx context.Context, c track.Caller, o track.OrganizationID) error {
	s.calls.Add(1)
	s.mu.Lock()
	s.last = c
	s.mu.Unlock()
	if s.fail != nil {
		if err := s.fail(ctx); err != nil {
			return err
		}
	}
	switch c.Key {
	case track.NewKey(creatorKey), track.NewKey(saverKey):
		if o != organization {
			return track.Refuse(track.NotFound)
		}
		return nil
	case track.NewKey(outsiderKey):
		return track.Refuse(track.NotFound)
	default:
		return track.Refuse(track.Unauthenticated)
	}
}

func (s *scriptedStore) Authorize(ctx context.Context, c track.Caller, o track.OrganizationID) error {
	return s.decide(ctx, c, o)
}

func (s *scriptedStore) Unsave(ctx context.Context, c track.Caller, o track.OrganizationID, id track.ID) error {
	if err := s.decide(ctx, c, o); err != nil {
		return err
	}
	if id != song {
		return track.Refuse(track.NotFound)
	}
	return nil
}

func (s *scriptedStore) Delete(ctx context.Context, c track.Caller, o track.OrganizationID, id track.ID) error {
	if err := s.Unsave(ctx, c, o, id); err != nil {
		return err
	}
	if c.Key != track.NewKey(creatorKey) {
		return track.Refuse(track.NotCreator)
	}
	return nil
}

func (s *scriptedStore) Get(ctx context.Context, c track.Caller, o track.OrganizationID, id track.ID) (track.Track, error) {
	if err := s.Unsave(ctx, c, o, id); err != nil {
		return track.Track{}, err
	}
	return theSong(), nil
}

func (s *scriptedStore) ListSaved(ctx context.Context, c track.Caller, o track.OrganizationID, f track.Filter) ([]track.Track, error) {
	if err := s.decide(ctx, c, o); err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.filters = append(s.filters, f)
	s.mu.Unlock()
	if f.Engine != nil {
		return nil, nil
	}
	bare := theSong()
	bare.ID, bare.Title, bare.Duration, bare.Stems = "mtrack_bare", nil, nil, nil
	return []track.Track{theSong(), bare}, nil
}

func (s *scriptedStore) Ping(ctx context.Context) error { return nil }

func theSong() track.Track {
	return track.Track{
		ID: song, Organization: organization, Creator: "user_1", Title: new("Late Night Drive"), Engine: "studio",
		Mode: track.ModeCreation, Duration: new(182.4), Instrumental: true, Licence: track.LicenceCommercialCleared,
		CreatedAt: time.Date(2026, 6, 28, 10, 30, 0, 0, time.UTC), Stems: []string{"drums"},
	}
}

// countingSigner signs with a number.
type countingSigner struct{ n atomic.Int64 }

func (s *countingSigner) Sign(segments ...string) string {
	return "https://media.test/" + strings.Join(segments, "/") + "?expires=1&signature=" + strconv.FormatInt(s.n.Add(1), 10)
}

// bundle is a server under test with what it was made of.
type bundle struct {
	store        *scriptedStore
	log          *strings.Builder // of JSON lines
	observations []Observation
	server       *server
	handler      http.Handler
}

// setup returns a server whose clock stands still and whose request ids count
// up from req_1.
func setup(t testing.TB) *bundle {
	t.Helper()
	b := &bundle{store: &scriptedStore{}, log: &strings.Builder{}}
	var mu sync.Mutex // over log and observations
	ids := 0
	b.server = &server{
		store:  b.store,
		urls:   &countingSigner{},
		logger: slog.New(slog.NewJSONHandler(&lockedWriter{mu: &mu, w: b.log}, nil)),
		now:    func() time.Time { return time.Date(2026, 6, 28, 10, 30, 0, 999, time.FixedZone("east", 7200)) },
		newID: func() string {
			mu.Lock()
			defer mu.Unlock()
			ids++
			return "req_" + strconv.Itoa(ids)
		},
		observe: func(o Observation) {
			mu.Lock()
			defer mu.Unlock()
			b.observations = append(b.observations, o)
		},
		terms:   terms{length: time.Second},
		maxBody: 1 << 20,
	}
	b.handler = b.server.handler(b.server)
	return b
}

type lockedWriter struct {
	mu *sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

// send returns the answer to a request whose target is taken as it would come
// over the wire. Headers are pairs; what net/http refuses to parse fails the
// test.
func (b *bundle) send(t testing.TB, method, target string, body io.Reader, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, target, body)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	return w
}
