package httpapi

import (
	"context"
	"errors"
	"net/http"

	"github.com/seed-5ec2a705/mtrack/gen/music"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// shownPage is the response of listSavedTracks.
type shownPage struct {
	saved  []track.Track
	filter track.Filter
}

// VisitListSavedTracksResponse implements [music.ListSavedTracksResponseObject].
func (p *shownPage) VisitListSavedTracksResponse(w http.ResponseWriter) error {
	return send(w, http.StatusOK, func(b []byte) ([]byte, error) { return appendPage(b, p.saved, p.filter) })
}

// ListSavedTracks implements the operation listSavedTracks.
func (s *server) ListSavedTracks(ctx context.Context, r music.ListSavedTracksRequestObject) (music.ListSavedTracksResponseObject, error) {
	// As it was sent: the generated code parses it in a way that drops what is
	// malformed (see gen/music/oapi-codegen.yaml).
	filter, invalid := window(operationOf(ctx).query, r.Params)
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
	return &shownPage{saved, filter}, nil
}

// failBinding answers for parameters that the generated code cannot read.
func (s *server) failBinding(w http.ResponseWriter, r *http.Request, err error) {
	ctx := s.begin(w, r)
	name := "" // the error itself quotes what was sent: not for the log
	if e, ok := errors.AsType[*music.InvalidParamFormatError](err); ok {
		name = e.ParamName
	}
	s.fail(w, r, s.afterKey(ctx, track.OrganizationID(r.PathValue("organization_id")), &track.Error{Code: track.InvalidArgument, Param: name}))
}
