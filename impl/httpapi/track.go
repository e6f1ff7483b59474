package httpapi

import (
	"context"
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
	return acknowledgement{r.TrackID, "Track deleted."}, nil
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
	return &shownTrack{t, s.urls}, nil
}

// acknowledgement is the response to a mutation of the track with that id.
type acknowledgement struct{ id, detail string }

// VisitDeleteTrackResponse implements [music.DeleteTrackResponseObject].
func (a acknowledgement) VisitDeleteTrackResponse(w http.ResponseWriter) error { return a.send(w) }

// VisitUnsaveTrackResponse implements [music.UnsaveTrackResponseObject].
func (a acknowledgement) VisitUnsaveTrackResponse(w http.ResponseWriter) error { return a.send(w) }

func (a acknowledgement) send(w http.ResponseWriter) error {
	return send(w, http.StatusOK, func(b []byte) ([]byte, error) {
		return appendAcknowledgement(b, a.id, a.detail), nil
	})
}

// shownTrack is the response of getTrack.
type shownTrack struct {
	track track.Track
	urls  URLSigner
}

// VisitGetTrackResponse implements [music.GetTrackResponseObject].
func (t *shownTrack) VisitGetTrackResponse(w http.ResponseWriter) error {
	return send(w, http.StatusOK, func(b []byte) ([]byte, error) { return appendTrack(b, &t.track, t.urls) })
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
	return acknowledgement{r.TrackID, "Track removed from your library."}, nil
}
