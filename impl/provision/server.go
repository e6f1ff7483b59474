// Package provision is the reference server's provisioner: it creates scenes
// for the conformance suite and tells the history of their tracks. It has no
// authentication and belongs on a listener of its own that only tests reach.
package provision

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/oapi-codegen/nullable"

	"github.com/seed-5ec2a705/mtrack/gen/provisioning"
	"github.com/seed-5ec2a705/mtrack/impl/internal/router"
	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/track"
	"github.com/seed-5ec2a705/mtrack/openapi/strictjson"
)

// Timeout bounds the work on one request.
const Timeout = 30 * time.Second

// Bounds of bodies. To read a scene and to store it takes a multiple of its
// size in memory, so that one of the largest is worked on at a time, or many
// small ones.
const (
	maxBody  = 8 << 20         // a scene's size in bytes: some 50,000 tracks
	leastAsk = 64 << 10        // what a small body counts as
	maxWait  = 5 * time.Second // for others to be done, well below a listener's time to read
)

// server implements the generated interface.
type server struct {
	registry record.Registry
	logger   *slog.Logger
	now      func() time.Time
	bodies   budget // of maxBody bytes
}

var _ provisioning.StrictServerInterface = (*server)(nil)

// New returns a handler that serves the provisioning protocol over the
// registry. What goes wrong inside is logged to logger. Now tells the time at
// which scenes come into being.
func New(registry record.Registry, logger *slog.Logger, now func() time.Time) http.Handler {
	s := &server{registry: registry, logger: logger, now: now, bodies: budget{free: maxBody}}
	strict := provisioning.NewStrictHandlerWithOptions(s, nil,
		provisioning.StrictHTTPServerOptions{RequestErrorHandlerFunc: s.fail, ResponseErrorHandlerFunc: s.fail})
	routes := router.New(s.fail)
	provisioning.HandlerWithOptions(strict, provisioning.StdHTTPServerOptions{
		BaseRouter:       routes,
		Middlewares:      []provisioning.MiddlewareFunc{s.strictBody},
		ErrorHandlerFunc: s.failBinding,
	})
	routes.Finish()
	return s.bounded(routes)
}

// GetCapabilities implements the operation getCapabilities.
func (s *server) GetCapabilities(context.Context, provisioning.GetCapabilitiesRequestObject) (provisioning.GetCapabilitiesResponseObject, error) {
	return provisioning.GetCapabilities200JSONResponse{
		Protocol: provisioning.CapabilitiesProtocolN1,
		Features: []string{
			"history", "histories", "revoked_keys", "extra_keys", "created_at", "saves", "revoke_key", "end_membership",
		},
	}, nil
}

// CreateScene implements the operation createScene.
func (s *server) CreateScene(ctx context.Context, r provisioning.CreateSceneRequestObject) (provisioning.CreateSceneResponseObject, error) {
	records, scene, err := Compose(*r.Body, s.now().UTC())
	if err != nil {
		return nil, &refusal{status: http.StatusUnprocessableEntity, reason: err.Error()}
	}
	if err := s.registry.Apply(ctx, records); err != nil {
		return nil, err
	}
	return provisioning.CreateScene201JSONResponse(scene), nil
}

// GetHistory implements the operation getHistory.
func (s *server) GetHistory(ctx context.Context, r provisioning.GetHistoryRequestObject) (provisioning.GetHistoryResponseObject, error) {
	events, err := s.registry.History(ctx, track.OrganizationID(r.Params.OrganizationID), track.ID(r.Params.TrackID))
	if track.CodeOf(err) == track.NotFound {
		return nil, &refusal{http.StatusNotFound,
			fmt.Sprintf("no track %q was ever created in organization %q", r.Params.TrackID, r.Params.OrganizationID)}
	}
	if err != nil {
		return nil, err
	}
	return provisioning.GetHistory200JSONResponse{Events: convert(events)}, nil
}

// GetHistories implements the operation getHistories. Those of an organization
// are read at once.
func (s *server) GetHistories(ctx context.Context, r provisioning.GetHistoriesRequestObject) (provisioning.GetHistoriesResponseObject, error) {
	tracks := map[string][]track.ID{} // by organization
	places := map[string][]int{}
	for i, t := range r.Body.Tracks {
		tracks[t.OrganizationID] = append(tracks[t.OrganizationID], track.ID(t.TrackID))
		places[t.OrganizationID] = append(places[t.OrganizationID], i)
	}
	told := provisioning.GetHistories200JSONResponse{Histories: make([]nullable.Nullable[provisioning.HistoryOrNone], len(r.Body.Tracks))}
	for organization, ids := range tracks {
		histories, err := s.registry.Histories(ctx, track.OrganizationID(organization), ids)
		if err != nil {
			return nil, err
		}
		for i, events := range histories {
			place := &told.Histories[places[organization][i]]
			if place.SetNull(); events != nil {
				place.Set(provisioning.HistoryOrNone{Events: convert(events)})
			}
		}
	}
	return told, nil
}

// RevokeKey implements the operation revokeKey.
func (s *server) RevokeKey(ctx context.Context, r provisioning.RevokeKeyRequestObject) (provisioning.RevokeKeyResponseObject, error) {
	err := s.registry.RevokeKey(ctx, track.NewKey(r.Body.APIKey).Hash())
	if track.CodeOf(err) == track.NotFound {
		return nil, &refusal{http.StatusNotFound, "there never was such a key"}
	}
	if err != nil {
		return nil, err
	}
	return provisioning.RevokeKey200JSONResponse{}, nil
}

// EndMembership implements the operation endMembership.
func (s *server) EndMembership(ctx context.Context, r provisioning.EndMembershipRequestObject) (provisioning.EndMembershipResponseObject, error) {
	err := s.registry.EndMembership(ctx, track.UserID(r.Body.UserID), track.OrganizationID(r.Body.OrganizationID))
	if track.CodeOf(err) == track.NotFound {
		return nil, &refusal{http.StatusNotFound,
			fmt.Sprintf("user %q does not belong to organization %q", r.Body.UserID, r.Body.OrganizationID)}
	}
	if err != nil {
		return nil, err
	}
	return provisioning.EndMembership200JSONResponse{}, nil
}

// convert puts a history into the terms of the protocol.
func convert(events []track.Event) []provisioning.Event {
	told := make([]provisioning.Event, 0, len(events))
	for _, e := range events {
		told = append(told, provisioning.Event{
			Type:     string(e.Type),
			At:       e.At.UTC(),
			Actor:    string(e.Actor),
			Amount:   orAbsent(e.Amount),
			Currency: orAbsent(e.Currency),
		})
	}
	return told
}

// orAbsent returns nil for the empty string, which is left out of the JSON.
func orAbsent(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// bounded gives each request its deadline and answers for what panics.
func (s *server) bounded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), Timeout)
		defer cancel()
		defer func() {
			if cause := recover(); cause != nil {
				s.logger.ErrorContext(ctx, "provisioner panic", "panic", cause, "stack", string(debug.Stack()))
				s.fail(w, r, fmt.Errorf("panic: %v", cause))
			}
		}()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// messages are the bodies that are taken, by path: what each is called, and a
// value to read it into.
var messages = map[string]struct {
	name string
	new  func() any
}{
	"/scenes":      {"a scene", func() any { return new(*provisioning.SceneRequest) }},
	"/histories":   {"a request for histories", func() any { return new(*provisioning.HistoriesRequest) }},
	"/revocations": {"a revocation", func() any { return new(*provisioning.Revocation) }},
	"/departures":  {"a departure", func() any { return new(*provisioning.Departure) }},
}

// errTooLarge refuses a body that is beyond maxBody.
var errTooLarge = &refusal{http.StatusRequestEntityTooLarge, fmt.Sprintf("the body is larger than %d bytes: split it", maxBody)}

// strictBody refuses a body that is not exactly one message of its path. The
// generated code would ignore what it does not know, and a misspelt "saved_by"
// would become a scene in which nobody has access.
func (s *server) strictBody(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		message, known := messages[r.URL.Path]
		if r.Method != http.MethodPost || !known {
			next.ServeHTTP(w, r)
			return
		}
		if media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); media != "application/json" {
			s.fail(w, r, &refusal{http.StatusUnsupportedMediaType, "the body must be JSON, with Content-Type: application/json"})
			return
		}
		if r.ContentLength > maxBody {
			s.failUnread(w, r, errTooLarge)
			return
		}
		ask := int64(maxBody)
		if r.ContentLength >= 0 {
			ask = max(leastAsk, r.ContentLength)
		}
		ctx, cancel := context.WithTimeout(r.Context(), maxWait)
		defer cancel()
		if s.bodies.take(ctx, ask) != nil {
			w.Header().Set("Retry-After", "1")
			s.failUnread(w, r, &refusal{http.StatusServiceUnavailable, "the provisioner is busy with other requests: send fewer or smaller ones at once"})
			return
		}
		defer s.bodies.give(ask)
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
			s.fail(w, r, errTooLarge)
			return
		}
		if err != nil {
			s.fail(w, r, &refusal{http.StatusBadRequest, "the body ended early"})
			return
		}
		err = strictjson.Unmarshal(body, message.new(), strictjson.Closed)
		if err == nil && bytes.Equal(bytes.TrimSpace(body), []byte("null")) {
			err = errors.New("it is null")
		}
		if err != nil {
			s.fail(w, r, &refusal{http.StatusBadRequest, "the body is not " + message.name + ": " + err.Error()})
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, r)
	})
}
