package suite

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/seed-5ec2a705/mtrack/conformance/provision"
)

// histories returns the events of tracks that are of a type that the suite knows.
func (s *Session) histories(ctx context.Context, tracks []provision.TrackReference) ([][]provision.Event, error) {
	if len(tracks) == 0 {
		return nil, nil
	}
	read := s.readOneByOne
	if p, ok := s.Provisioner.(provision.HistoriesProvisioner); ok && s.offers(provision.FeatureHistories) {
		read = p.Histories
	}
	histories, err := read(ctx, tracks)
	if err != nil {
		return nil, s.provisionerError(ctx, "it returned no history", err)
	}
	if len(histories) != len(tracks) {
		return nil, &provision.Error{
			Provisioner: s.Provisioner.String(),
			Reason:      fmt.Sprintf("it returned %d histories for %d tracks", len(histories), len(tracks)),
		}
	}
	known := make([][]provision.Event, len(tracks))
	for i, events := range histories {
		if events == nil {
			return nil, s.noHistory(tracks[i])
		}
		known[i] = slices.DeleteFunc(slices.Clone(events), func(e provision.Event) bool {
			return !slices.Contains(s.EventTypes, e.Type)
		})
	}
	s.haveHistories(tracks)
	return known, nil
}

// haveHistories notes that the provisioner knows the histories of tracks.
func (s *Session) haveHistories(tracks []provision.TrackReference) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.told == nil {
		s.told = map[provision.TrackReference]bool{}
	}
	for _, t := range tracks {
		s.told[t] = true
	}
}

// noHistory is the error for a track that the provisioner says there never was. It made the track
// itself: where it told of it before, the target has lost the history, and otherwise the provisioner
// is at fault.
func (s *Session) noHistory(t provision.TrackReference) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.told[t] {
		return Fail(fmt.Sprintf("the history of track %s, which was created with events", t.Track),
			"that no such track was ever created")
	}
	request := fmt.Sprintf("GET /history?organization_id=%s&track_id=%s", t.Organization, t.Track)
	response := "404: no such track was ever created"
	if s.offers(provision.FeatureHistories) {
		request = fmt.Sprintf(`POST /histories {"tracks": [{"organization_id": %q, "track_id": %q}]}`, t.Organization, t.Track)
		response = `{"histories": [null]}`
	}
	return &provision.Error{
		Provisioner: s.Provisioner.String(), Request: request, Response: response,
		Reason: "it knows no history of a track that it has just made",
	}
}

// readOneByOne reads histories with a message each. One of a track that there never was is nil.
func (s *Session) readOneByOne(ctx context.Context, tracks []provision.TrackReference) ([][]provision.Event, error) {
	histories := make([][]provision.Event, len(tracks))
	for i, t := range tracks {
		events, err := s.Provisioner.History(ctx, t.Organization, t.Track)
		if errors.Is(err, provision.ErrNoHistory) {
			continue
		}
		if err != nil {
			return nil, err
		}
		histories[i] = append([]provision.Event{}, events...) // never nil
	}
	return histories, nil
}

// revokeKey revokes a key of a scene.
func (s *Session) revokeKey(ctx context.Context, key string) error {
	p, ok := s.Provisioner.(provision.KeyRevoker)
	if !ok || !s.offers(provision.FeatureRevokeKey) {
		return fmt.Errorf("the case revokes a key, and does not say that it needs %q", provision.FeatureRevokeKey)
	}
	return s.provisionerError(ctx, "it did not revoke the key", p.RevokeKey(ctx, key))
}

// endMembership takes a user out of an organization of a scene.
func (s *Session) endMembership(ctx context.Context, organization, user string) error {
	p, ok := s.Provisioner.(provision.MembershipEnder)
	if !ok || !s.offers(provision.FeatureEndMembership) {
		return fmt.Errorf("the case ends a membership, and does not say that it needs %q", provision.FeatureEndMembership)
	}
	return s.provisionerError(ctx, "it did not end the membership", p.EndMembership(ctx, organization, user))
}
