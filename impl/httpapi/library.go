package httpapi

import (
	"context"
	"errors"
	"net/http"

	"github.com/seed-5ec2a705/mtrack/gen/music"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// rawQueryKey is the key of the context's query as it was sent.
type rawQueryKey struct{}

// rawQuery hands the query to the operations: the generated code parses it in
// a way that drops what is malformed (see gen/music/oapi-codegen.yaml).
func (s *server) rawQuery(next music.StrictHandlerFunc, _ string) music.StrictHandlerFunc {
	return func(ctx context.Context, w http.ResponseWriter, r *http.Request, request any) (any, error) {
		return next(context.WithValue(ctx, rawQueryKey{}, r.URL.RawQuery), w, r, request)
	}
}

// ListSavedTracks implements the operation listSavedTracks.
func (s *server) ListSavedTracks(ctx context.Context, r music.ListSavedTracksRequestObject) (music.ListSavedTracksResponseObject, error) {
	raw, _ := ctx.Value(rawQueryKey{}).(string)
	filter, invalid := window(raw, r.Params)
	if invalid != nil {
		return nil, s.afterKey(ctx, track.OrganizationID(r.OrganizationID), invalid)
	}
	caller, err := callerOf(ctx)
	if err != nil {
		return nil, err
	}
	saved, err := s.store.ListSaved(ctx, caller, track.OrganizationID(r.OrganizationID), filter)
	if err != nil {
		return nil, err
	}
	return music.ListSavedTracks200JSONResponse{Body: page(saved, filter)}, nil
}

// failBinding answers for parameters that the generated code cannot read.
func (s *server) failBinding(w http.ResponseWriter, r *http.Request, err error) {
	ctx, cancel := s.bound(r.Context())
	defer cancel()
	name := "" // the error itself quotes what was sent: not for the log
	if e, ok := errors.AsType[*music.InvalidParamFormatError](err); ok {
		name = e.ParamName
	}
	s.fail(w, r, s.afterKey(ctx, track.OrganizationID(r.PathValue("organization_id")), &track.Error{Code: track.InvalidArgument, Param: name}))
}
