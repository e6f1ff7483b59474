package registry

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/schema"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// exportChunk is how many things an export reads at once; of tracks only
// exportTogether, because nobody else is served while they are read.
const (
	exportChunk    = 500
	exportTogether = 50
)

// exporter is an export on its way.
type exporter struct {
	*database
	yield func(record.Record) error
}

// export exports everything.
func (x *exporter) export(ctx context.Context) error {
	// The ends of the lists, those that refer to others first: whatever is
	// within its end refers to something within its own.
	organizations, err := readIndex(ctx, x.database, x.keys.Organizations())
	if err != nil {
		return err
	}
	ends, err := x.ends(ctx, organizations)
	if err != nil {
		return err
	}
	users, err := readIndex(ctx, x.database, x.keys.Users())
	if err != nil {
		return err
	}
	all, err := readIndex(ctx, x.database, x.keys.Organizations()) // users may belong to newer ones
	if err != nil {
		return err
	}
	if err := x.organizations(ctx, all); err != nil {
		return err
	}
	if err := x.users(ctx, users, all); err != nil {
		return err
	}
	for i, o := range organizations {
		if err := x.tracks(ctx, o, ends[i].tracks); err != nil {
			return err
		}
		if err := x.saves(ctx, o, ends[i].saves); err != nil {
			return err
		}
	}
	return nil
}

func (x *exporter) ends(ctx context.Context, organizations []schema.EncodedID) ([]end, error) {
	var c commands
	saves := each(&c, organizations, func(p redis.Pipeliner, o schema.EncodedID) *redis.StringCmd {
		return p.HGet(ctx, x.keys.Organization(o), "saves")
	})
	tracks := each(&c, organizations, func(p redis.Pipeliner, o schema.EncodedID) *redis.IntCmd {
		return p.LLen(ctx, x.keys.Tracks(o))
	})
	if err := x.send(ctx, c); err != nil {
		return nil, err
	}
	ends := make([]end, len(organizations))
	for i := range ends {
		ends[i].tracks = tracks[i].Val()
		if saves[i].Err() == nil {
			last, err := saves[i].Int64()
			if err != nil {
				return nil, fmt.Errorf("stored organization %s is damaged: %w", organizations[i], err)
			}
			ends[i].saves = last
		}
	}
	return ends, nil
}

func (x *exporter) organizations(ctx context.Context, organizations []schema.EncodedID) error {
	var c commands
	names := each(&c, organizations, func(p redis.Pipeliner, o schema.EncodedID) *redis.StringCmd {
		return p.HGet(ctx, x.keys.Organization(o), schema.FieldName)
	})
	if err := x.send(ctx, c); err != nil {
		return err
	}
	for i, o := range organizations {
		if names[i].Err() != nil {
			continue // listed, but its creation was interrupted
		}
		id, err := schema.Decode[track.OrganizationID](o)
		if err != nil {
			return err
		}
		if err := x.yield(record.Record{Organization: &record.Organization{ID: id, Name: names[i].Val()}}); err != nil {
			return err
		}
	}
	return nil
}

func (x *exporter) users(ctx context.Context, users, organizations []schema.EncodedID) error {
	exported := make(map[schema.EncodedID]bool, len(organizations))
	for _, o := range organizations {
		exported[o] = true
	}
	for chunk := range slices.Chunk(users, exportChunk) {
		var c commands
		names := each(&c, chunk, func(p redis.Pipeliner, u schema.EncodedID) *redis.StringCmd {
			return p.HGet(ctx, x.keys.User(u), schema.FieldName)
		})
		if err := x.send(ctx, c); err != nil {
			return err
		}
		memberships, keys, err := readMembers(ctx, x.database, chunk)
		if err != nil {
			return err
		}
		for i, u := range chunk {
			if names[i].Err() != nil {
				continue // listed, but its creation was interrupted
			}
			d := schema.Decoder{What: "user " + string(u)}
			user := &record.User{ID: schema.DecodeID[track.UserID](&d, string(u)), Name: names[i].Val()}
			for _, o := range memberships[i] {
				if exported[o] {
					user.MemberOf = append(user.MemberOf, schema.DecodeID[track.OrganizationID](&d, string(o)))
				}
			}
			for _, k := range keys[i] {
				key := record.Key{SHA256: k.hash.String(), Label: k.label, CreatedAt: d.OptionalTime(k.createdAt)}
				if ended := k.endedAt(); ended != "" {
					key.RevokedAt = new(d.Time(ended))
				}
				user.Keys = append(user.Keys, key)
			}
			if d.Err != nil {
				return d.Err
			}
			if err := x.yield(record.Record{User: user}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (x *exporter) tracks(ctx context.Context, o schema.EncodedID, count int64) error {
	organization, err := schema.Decode[track.OrganizationID](o)
	if err != nil {
		return err
	}
	for start := int64(0); start < count; start += exportChunk {
		read, err := one(ctx, x.database, func(p redis.Pipeliner) *redis.StringSliceCmd {
			return p.LRange(ctx, x.keys.Tracks(o), start, min(start+exportChunk, count)-1)
		})
		if err != nil {
			return err
		}
		refs := make([]trackRef, len(read.Val()))
		for i, t := range read.Val() {
			refs[i] = trackRef{o, schema.EncodedID(t)}
		}
		tracks, histories, err := readTracks(ctx, x.database, refs)
		if err != nil {
			return err
		}
		for i, ref := range refs {
			t, err := schema.DecodeRecord(organization, ref.track, tracks[i])
			if err != nil {
				return err
			}
			if err := x.yield(record.Record{Track: t}); err != nil {
				return err
			}
			for j, e := range histories[i] {
				if err := x.yield(record.Record{Event: &record.Event{
					Organization: organization, Track: t.ID, Seq: j + 1, Type: e.Type, At: e.At,
					Actor: e.Actor, Amount: e.Amount, Currency: e.Currency, Request: e.Request,
				}}); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (x *exporter) saves(ctx context.Context, o schema.EncodedID, last int64) error {
	organization, err := schema.Decode[track.OrganizationID](o)
	if err != nil {
		return err
	}
	users, err := readIndex(ctx, x.database, x.keys.Libraries(o))
	if err != nil {
		return err
	}
	for _, u := range users {
		user, err := schema.Decode[track.UserID](u)
		if err != nil {
			return err
		}
		for after := "-inf"; ; {
			read, err := one(ctx, x.database, func(p redis.Pipeliner) *redis.ZSliceCmd {
				return p.ZRangeArgsWithScores(ctx, redis.ZRangeArgs{
					Key: x.keys.Library(o, u), Start: after, Stop: strconv.FormatInt(last, 10), ByScore: true, Count: exportChunk,
				})
			})
			if err != nil {
				return err
			}
			edges := read.Val()
			if err := x.edges(ctx, o, u, edges, func(t track.ID, at int64) error {
				return x.yield(record.Record{Save: &record.Save{
					User: user, Organization: organization, Track: t, SavedAt: time.UnixMicro(at).UTC(),
				}})
			}); err != nil {
				return err
			}
			if len(edges) < exportChunk {
				break
			}
			after = "(" + strconv.FormatInt(int64(edges[len(edges)-1].Score), 10)
		}
	}
	return nil
}

// exportEdges calls yield with the live tracks among a user's edges and when
// they were saved, in microseconds.
func (x *exporter) edges(ctx context.Context, o, u schema.EncodedID, edges []redis.Z, yield func(track.ID, int64) error) error {
	names := make([]string, len(edges))
	for i, e := range edges {
		names[i], _ = e.Member.(string)
	}
	var c commands
	texts := each(&c, names, func(p redis.Pipeliner, t string) *redis.StringCmd {
		return p.Get(ctx, x.keys.Track(o, schema.EncodedID(t)))
	})
	saved := each(&c, names, func(p redis.Pipeliner, t string) *redis.FloatCmd {
		return p.ZScore(ctx, x.keys.Savers(o, schema.EncodedID(t)), string(u))
	})
	if err := x.send(ctx, c); err != nil {
		return err
	}
	for i, name := range names {
		if strings.HasPrefix(texts[i].Val(), schema.DeletedMark) || saved[i].Err() != nil {
			continue // deleted or unsaved, perhaps since the edge was read
		}
		id, err := schema.Decode[track.ID](schema.EncodedID(name))
		if err != nil {
			return err
		}
		if err := yield(id, int64(saved[i].Val())); err != nil {
			return err
		}
	}
	return nil
}

// end says how much of an organization is exported.
type end struct {
	saves  int64 // number of the last save
	tracks int64 // how many tracks
}
