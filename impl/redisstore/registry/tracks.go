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
// of one moment: no deletion falls between a track and its event.
func readTracks(ctx context.Context, db *database, refs []trackRef) ([]map[string]string, [][]track.Event, error) {
	fields := make([]map[string]string, 0, len(refs))
	histories := make([][]track.Event, 0, len(refs))
	for chunk := range slices.Chunk(refs, exportTogether) {
		hashes := make([]*redis.MapStringStringCmd, len(chunk))
		lists := make([]*redis.StringSliceCmd, len(chunk))
		if err := lua.Again(ctx, func() error {
			_, err := db.client.TxPipelined(ctx, func(p redis.Pipeliner) error {
				for i, ref := range chunk {
					hashes[i] = p.HGetAll(ctx, db.keys.Track(ref.organization, ref.track))
					lists[i] = p.LRange(ctx, db.keys.Events(ref.organization, ref.track), 0, -1)
				}
				return nil
			})
			return err
		}, lua.Pauses...); err != nil {
			return nil, nil, err
		}
		for i := range chunk {
			events, err := schema.DecodeHistory(lists[i].Val(), hashes[i].Val())
			if err != nil {
				return nil, nil, err
			}
			fields, histories = append(fields, hashes[i].Val()), append(histories, events)
		}
	}
	return fields, histories, nil
}
