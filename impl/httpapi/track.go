package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"

	"github.com/seed-5ec2a705/mtrack/gen/music"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// DeleteTrack implements the operation deleteTrack.
func (s *server) DeleteTrack(ctx context.Context, r music.DeleteTrackRequestObject) (music.DeleteTrackResponseObject, error) {
	caller, err := callerOf(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.store.Delete(ctx, caller, track.OrganizationID(r.OrganizationID), track.ID(r.TrackID)); err != nil {
		return nil, err
	}
	return music.DeleteTrack200JSONResponse{DeletedJSONResponse: music.DeletedJSONResponse{Body: acknowledged(r.TrackID, "Track deleted.")}}, nil
}

// GetTrack implements the operation getTrack.
func (s *server) GetTrack(ctx context.Context, r music.GetTrackRequestObject) (music.GetTrackResponseObject, error) {
	caller, err := callerOf(ctx)
	if err != nil {
		return nil, err
	}
	t, err := s.store.Get(ctx, caller, track.OrganizationID(r.OrganizationID), track.ID(r.TrackID))
	if err != nil {
		return nil, err
	}
	return shownTrack(playable(t, s.urls)), nil
}

// shownTrack is the answer of getTrack. The generated one writes the & of a
// URL as \u0026: the same to a program, but not to somebody who copies the URL
// from a terminal.
type shownTrack music.Track

// VisitGetTrackResponse implements [music.GetTrackResponseObject].
func (t shownTrack) VisitGetTrackResponse(w http.ResponseWriter) error {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(music.Track(t)); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	_, err := body.WriteTo(w)
	return err
}

// UnsaveTrack implements the operation unsaveTrack.
func (s *server) UnsaveTrack(ctx context.Context, r music.UnsaveTrackRequestObject) (music.UnsaveTrackResponseObject, error) {
	caller, err := callerOf(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.store.Unsave(ctx, caller, track.OrganizationID(r.OrganizationID), track.ID(r.TrackID)); err != nil {
		return nil, err
	}
	return music.UnsaveTrack200JSONResponse{RemovedJSONResponse: music.RemovedJSONResponse{Body: acknowledged(r.TrackID, "Track removed from your library.")}}, nil
}
