package redisstore

import (
	"context"
	"fmt"

	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/lua"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/schema"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

const (
	// maxInlineDead is how many dead tracks of an organization a reader passes
	// over: with so many not yet swept a list is still one round trip, and the
	// script looks at so many more members.
	maxInlineDead = 256
	// pruneMax is how many dead tracks a reader takes out of the part of the
	// library that it reads, in one step, where there are more.
	pruneMax = 1000
)

// filterSuffix returns which part of a library the filter selects, and false
// where it cannot select anything.
func filterSuffix(filter track.Filter) (string, bool) {
	if filter.Collection != nil {
		return "", false
	}
	var mode, engine schema.EncodedID
	if filter.Mode != nil {
		if filter.Mode.Validate() != nil {
			return "", false
		}
		mode = schema.Encode(*filter.Mode)
	}
	if filter.Engine != nil {
		if track.ValidateName(*filter.Engine) != nil {
			return "", false
		}
		engine = schema.Encode(*filter.Engine)
	}
	return schema.LibrarySuffix(mode, engine), true
}

// readWindow reads the pairs of encoded id and fields that list.lua returns, and
// the fields of tracks that lie on another node. All but the deletion of a track
// never changes, and it was alive when the script ran.
func (s *Store) readWindow(ctx context.Context, organization track.OrganizationID, o schema.EncodedID, reply lua.Reply) ([]track.Track, error) {
	ids := make([]schema.EncodedID, len(reply.Values))
	values := make([]any, len(reply.Values))
	for i, r := range reply.Values {
		row, ok := r.([]any)
		if !ok || len(row) == 0 || len(row) > 2 {
			return nil, fmt.Errorf("%w: row %T", reply.Unexpected(), r)
		}
		id, ok := row[0].(string)
		if !ok {
			return nil, fmt.Errorf("%w: track %T", reply.Unexpected(), row[0])
		}
		ids[i] = schema.EncodedID(id)
		if len(row) == 2 {
			values[i] = row[1]
		}
	}
	if err := s.readElsewhere(ctx, o, ids, values); err != nil {
		return nil, err
	}
	tracks := make([]track.Track, len(ids))
	for i, t := range ids {
		var err error
		if tracks[i], err = schema.DecodeTrack(organization, t, values[i]); err != nil {
			return nil, err
		}
	}
	return tracks, nil
}
