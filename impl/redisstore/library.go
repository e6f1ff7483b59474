package redisstore

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/lua"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/schema"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/scripts"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

const (
	// maxInlineDead is how many dead tracks of an organization a reader passes
	// over: with so many not yet swept a list is still one round trip, and the
	// script looks at so many more members.
	maxInlineDead = 256
	// pruneMax is how many dead tracks a reader takes out of the part of the
	// library that it reads, in one step, where there are more: nobody else is
	// served meanwhile.
	pruneMax = 250
	// pruneSteps is after how many steps it looks whether it may read.
	pruneSteps = 16
	// maxInlineSaves is how many saves that are in no part of a library a reader of a
	// part looks through: with so many the list is still one round trip.
	maxInlineSaves = 64
	// unlimited is in the place of both where Redis refuses to write.
	unlimited = math.MaxInt32
	// divideSteps is after how many steps of dividing a library it looks whether it may read.
	divideSteps = 32
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

// divide puts the saves of a user's library into its parts, or very many of them.
func (s *Store) divide(ctx context.Context, o, user schema.EncodedID) error {
	call := scripts.DivideCall(s.keys.Organization(o), s.keys.Library(o, user), string(user), s.keys.TrackPrefix(o))
	for range divideSteps {
		reply, err := s.runner.Do(ctx, call.Script, call.Keys, call.Args...)
		if err != nil {
			return err
		}
		if done, err := scripts.IsDivided(reply); done || err != nil {
			return err
		}
	}
	return nil
}

// readWindow reads the encoded ids and texts of tracks that list.lua returns, in
// turn, and the texts of those that lie on another node. Of a track that was alive
// when the script ran nothing changes but that it may be deleted, and is left out.
func (s *Store) readWindow(ctx context.Context, organization track.OrganizationID, o schema.EncodedID, reply lua.Reply) ([]track.Track, error) {
	if len(reply.Values)%2 != 0 {
		return nil, reply.Unexpected()
	}
	ids := make([]schema.EncodedID, len(reply.Values)/2)
	texts := make([]any, len(ids))
	for i := range ids {
		id, ok := reply.Values[2*i].(string)
		if !ok {
			return nil, fmt.Errorf("%w: track %T", reply.Unexpected(), reply.Values[2*i])
		}
		ids[i], texts[i] = schema.EncodedID(id), reply.Values[2*i+1]
	}
	if err := s.readElsewhere(ctx, o, ids, texts); err != nil {
		return nil, err
	}
	tracks := make([]track.Track, 0, len(ids))
	for i, t := range ids {
		if text, ok := texts[i].(string); ok && strings.HasPrefix(text, schema.DeletedMark) {
			continue // also where the dead tracks do not tell, as they are damaged
		}
		decoded, err := schema.DecodeTrack(organization, t, texts[i])
		if err != nil {
			return nil, err
		}
		tracks = append(tracks, decoded)
	}
	return tracks, nil
}
