package httpapi

import (
	"context"

	"github.com/seed-5ec2a705/mtrack/gen/music"
)

// DeleteTrack implements the operation deleteTrack.
func (s *server) DeleteTrack(ctx context.Context, r music.DeleteTrackRequestObject) (music.DeleteTrackResponseObject, error) {
	organization, id, err := trackPath(r.OrganizationID, r.TrackID)
	if err != nil {
		return nil, err
	}
	caller, err := callerOf(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.store.Delete(ctx, caller, organization, id); err != nil {
		return nil, err
	}
	return music.DeleteTrack200JSONResponse{AcknowledgedJSONResponse: acknowledged(r.TrackID, "Track deleted.")}, nil
}

// GetTrack implements the operation getTrack.
func (s *server) GetTrack(ctx context.Context, r music.GetTrackRequestObject) (music.GetTrackResponseObject, error) {
	organization, id, err := trackPath(r.OrganizationID, r.TrackID)
	if err != nil {
		return nil, err
	}
	caller, err := callerOf(ctx)
	if err != nil {
		return nil, err
	}
	t, err := s.store.Get(ctx, caller, organization, id)
	if err != nil {
		return nil, err
	}
	return music.GetTrack200JSONResponse{Body: playable(t, s.urls)}, nil
}

// UnsaveTrack implements the operation unsaveTrack.
func (s *server) UnsaveTrack(ctx context.Context, r music.UnsaveTrackRequestObject) (music.UnsaveTrackResponseObject, error) {
	organization, id, err := trackPath(r.OrganizationID, r.TrackID)
	if err != nil {
		return nil, err
	}
	caller, err := callerOf(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.store.Unsave(ctx, caller, organization, id); err != nil {
		return nil, err
	}
	return music.UnsaveTrack200JSONResponse{AcknowledgedJSONResponse: acknowledged(r.TrackID, "Track removed from your library.")}, nil
}
