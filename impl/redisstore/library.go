package redisstore

import (
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

// decodeWindow reads the pairs of encoded id and fields that list.lua returns.
func decodeWindow(organization track.OrganizationID, reply lua.Reply) ([]track.Track, error) {
	tracks := make([]track.Track, 0, len(reply.Values))
	for _, p := range reply.Values {
		pair, ok := p.([]any)
		if !ok || len(pair) != 2 {
			return nil, fmt.Errorf("%w: row %T", reply.Unexpected(), p)
		}
		id, ok := pair[0].(string)
		if !ok {
			return nil, fmt.Errorf("%w: track %T", reply.Unexpected(), pair[0])
		}
		t, err := schema.DecodeTrack(organization, schema.EncodedID(id), pair[1])
		if err != nil {
			return nil, err
		}
		tracks = append(tracks, t)
	}
	return tracks, nil
}
