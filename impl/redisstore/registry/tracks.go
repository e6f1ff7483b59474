package registry

import (
	"context"
	"slices"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/lua"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/schema"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// readTracks reads tracks of one organization with their histories, each as
// of one moment: no deletion falls between a track and its event. One that does
// not exist has no creator.
func readTracks(ctx context.Context, db *database, refs []trackRef) ([]schema.Track, [][]track.Event, error) {
	tracks := make([]schema.Track, 0, len(refs))
	histories := make([][]track.Event, 0, len(refs))
	for chunk := range slices.Chunk(refs, exportTogether) {
		texts := make([]*redis.StringCmd, len(chunk))
		lists := make([]*redis.StringSliceCmd, len(chunk))
		if err := lua.Again(ctx, func() error {
			sent, err := db.client.TxPipelined(ctx, func(p redis.Pipeliner) error {
				for i, ref := range chunk {
					texts[i] = p.Get(ctx, db.keys.Track(ref.organization, ref.track))
					lists[i] = p.LRange(ctx, db.keys.Events(ref.organization, ref.track), 0, -1)
				}
				return nil
			})
			if err != redis.Nil { // of a track that does not exist
				return err
			}
			for _, c := range sent {
				if c.Err() != nil && c.Err() != redis.Nil {
					return c.Err()
				}
			}
			return nil
		}, lua.Pauses...); err != nil {
			return nil, nil, err
		}
		for i := range chunk {
			t, err := parseTrack(chunk[i], texts[i])
			if err != nil {
				return nil, nil, err
			}
			events, err := schema.DecodeHistory(lists[i].Val(), t)
			if err != nil {
				return nil, nil, err
			}
			tracks, histories = append(tracks, t), append(histories, events)
		}
	}
	return tracks, histories, nil
}

// parseTrack reads a track from the reply of a GET. One that does not exist has
// no creator.
func parseTrack(ref trackRef, text *redis.StringCmd) (schema.Track, error) {
	if text.Err() == redis.Nil {
		return schema.Track{}, nil
	}
	return schema.ParseTrack(ref.track, text.Val())
}
