package redisstore

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// exportChunk is how many things an export reads at once; of tracks only
// exportTogether, because nobody else is served while they are read.
const (
	exportChunk    = 500
	exportTogether = 50
)

// History implements [track.Registry].
func (s *Store) History(ctx context.Context, organization track.OrganizationID, id track.ID) ([]track.Event, error) {
	ref := trackRef{organizationSegment(organization), trackSegment(id)}
	found, err := readAll(ctx, s.client, []trackRef{ref}, func(p redis.Pipeliner, r trackRef) *redis.IntCmd {
		return p.Exists(ctx, s.keys.track(r.organization, r.track))
	})
	if err != nil {
		return nil, err
	}
	if found[0].Val() == 0 {
		return nil, track.Refuse(track.NotFound)
	}
	history, err := readAll(ctx, s.client, []trackRef{ref}, func(p redis.Pipeliner, r trackRef) *redis.StringSliceCmd {
		return p.LRange(ctx, s.keys.events(r.organization, r.track), 0, -1)
	})
	if err != nil {
		return nil, err
	}
	return decodeHistory(history[0].Val())
}

// Export implements [track.Registry]: organizations, then users, then for
// each organization its tracks, each followed by its history, and its
// libraries, oldest save first. It reads in small steps while others write;
// the outcome holds what was there at its beginning and perhaps some of what
// came later, always in a form that Apply takes.
func (s *Store) Export(ctx context.Context, yield func(track.Record) error) error {
	// The ends of the lists, those that refer to others first: whatever is
	// within its end refers to something within its own.
	organizations, err := s.listing(ctx, s.keys.organizations())
	if err != nil {
		return err
	}
	ends, err := s.ends(ctx, organizations)
	if err != nil {
		return err
	}
	users, err := s.listing(ctx, s.keys.users())
	if err != nil {
		return err
	}
	all, err := s.listing(ctx, s.keys.organizations()) // users may belong to newer ones
	if err != nil {
		return err
	}
	if err := s.exportOrganizations(ctx, all, yield); err != nil {
		return err
	}
	if err := s.exportUsers(ctx, users, all, yield); err != nil {
		return err
	}
	for i, o := range organizations {
		if err := s.exportTracks(ctx, o, ends[i].tracks, yield); err != nil {
			return err
		}
		if err := s.exportSaves(ctx, o, ends[i].saves, yield); err != nil {
			return err
		}
	}
	return nil
}

// listing reads a list of names whole.
func (s *Store) listing(ctx context.Context, list string) ([]segment, error) {
	var names []segment
	for start := int64(0); ; start += exportChunk {
		read, err := readAll(ctx, s.client, []string{list}, func(p redis.Pipeliner, list string) *redis.StringSliceCmd {
			return p.ZRange(ctx, list, start, start+exportChunk-1)
		})
		if err != nil {
			return nil, err
		}
		for _, n := range read[0].Val() {
			names = append(names, segment(n))
		}
		if len(read[0].Val()) < exportChunk {
			return names, nil
		}
	}
}

// end says how much of an organization is exported.
type end struct {
	saves  int64 // number of the last save
	tracks int64 // how many tracks
}

func (s *Store) ends(ctx context.Context, organizations []segment) ([]end, error) {
	saves, err := readAll(ctx, s.client, organizations, func(p redis.Pipeliner, o segment) *redis.StringCmd {
		return p.HGet(ctx, s.keys.organization(o), "saves")
	})
	if err != nil {
		return nil, err
	}
	tracks, err := readAll(ctx, s.client, organizations, func(p redis.Pipeliner, o segment) *redis.IntCmd {
		return p.LLen(ctx, s.keys.tracks(o))
	})
	if err != nil {
		return nil, err
	}
	ends := make([]end, len(organizations))
	for i := range ends {
		ends[i].tracks = tracks[i].Val()
		if saves[i].Err() == nil {
			if ends[i].saves, err = saves[i].Int64(); err != nil {
				return nil, fmt.Errorf("stored organization %s is damaged: %w", organizations[i], err)
			}
		}
	}
	return ends, nil
}

func (s *Store) exportOrganizations(ctx context.Context, organizations []segment, yield func(track.Record) error) error {
	names, err := readAll(ctx, s.client, organizations, func(p redis.Pipeliner, o segment) *redis.StringCmd {
		return p.HGet(ctx, s.keys.organization(o), fieldName)
	})
	if err != nil {
		return err
	}
	for i, o := range organizations {
		if names[i].Err() != nil {
			continue // listed, but its creation was interrupted
		}
		id, err := idOf[track.OrganizationID](o)
		if err != nil {
			return err
		}
		if err := yield(track.Record{Organization: &track.OrganizationRecord{ID: id, Name: names[i].Val()}}); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) exportUsers(ctx context.Context, users, organizations []segment, yield func(track.Record) error) error {
	exported := make(map[segment]bool, len(organizations))
	for _, o := range organizations {
		exported[o] = true
	}
	for start := 0; start < len(users); start += exportChunk {
		chunk := users[start:min(start+exportChunk, len(users))]
		names, err := readAll(ctx, s.client, chunk, func(p redis.Pipeliner, u segment) *redis.StringCmd {
			return p.HGet(ctx, s.keys.user(u), fieldName)
		})
		if err != nil {
			return err
		}
		memberships, err := s.listAll(ctx, chunk, s.keys.memberships)
		if err != nil {
			return err
		}
		keys, err := s.keysOf(ctx, chunk)
		if err != nil {
			return err
		}
		for i, u := range chunk {
			if names[i].Err() != nil {
				continue // listed, but its creation was interrupted
			}
			d := decoder{what: "user " + string(u)}
			r := &track.UserRecord{ID: decodeID[track.UserID](&d, string(u)), Name: names[i].Val()}
			for _, o := range memberships[i] {
				if exported[segment(o)] {
					r.MemberOf = append(r.MemberOf, decodeID[track.OrganizationID](&d, o))
				}
			}
			for _, k := range keys[i] {
				key := track.KeyRecord{SHA256: k.hash.String(), Label: k.label, CreatedAt: d.optionalTime(k.createdAt)}
				if k.revokedAt != "" {
					at := d.time(k.revokedAt)
					key.RevokedAt = &at
				}
				r.Keys = append(r.Keys, key)
			}
			if d.err != nil {
				return d.err
			}
			if err := yield(track.Record{User: r}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Store) exportTracks(ctx context.Context, o segment, count int64, yield func(track.Record) error) error {
	organization, err := idOf[track.OrganizationID](o)
	if err != nil {
		return err
	}
	for start := int64(0); start < count; start += exportChunk {
		read, err := readAll(ctx, s.client, []segment{o}, func(p redis.Pipeliner, o segment) *redis.StringSliceCmd {
			return p.LRange(ctx, s.keys.tracks(o), start, min(start+exportChunk, count)-1)
		})
		if err != nil {
			return err
		}
		refs := make([]trackRef, len(read[0].Val()))
		for i, t := range read[0].Val() {
			refs[i] = trackRef{o, segment(t)}
		}
		fields, histories, err := s.readTracks(ctx, refs)
		if err != nil {
			return err
		}
		for i, ref := range refs {
			record, err := decodeRecord(organization, ref.track, fields[i])
			if err != nil {
				return err
			}
			if err := yield(track.Record{Track: record}); err != nil {
				return err
			}
			for j, e := range histories[i] {
				if err := yield(track.Record{Event: &track.EventRecord{
					Organization: organization, Track: record.ID, Seq: j + 1, Type: e.Type, At: e.At,
					Actor: e.Actor, Amount: e.Amount, Currency: e.Currency, Request: e.Request,
				}}); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// readTracks reads tracks of one organization with their histories, each as
// of one moment: no deletion falls between a track and its event.
func (s *Store) readTracks(ctx context.Context, refs []trackRef) ([]map[string]string, [][]track.Event, error) {
	fields := make([]map[string]string, 0, len(refs))
	histories := make([][]track.Event, 0, len(refs))
	for chunk := range slices.Chunk(refs, exportTogether) {
		hashes := make([]*redis.MapStringStringCmd, len(chunk))
		lists := make([]*redis.StringSliceCmd, len(chunk))
		if _, err := s.client.TxPipelined(ctx, func(p redis.Pipeliner) error {
			for i, r := range chunk {
				hashes[i] = p.HGetAll(ctx, s.keys.track(r.organization, r.track))
				lists[i] = p.LRange(ctx, s.keys.events(r.organization, r.track), 0, -1)
			}
			return nil
		}); err != nil {
			return nil, nil, failure(err)
		}
		for i := range chunk {
			events, err := decodeHistory(lists[i].Val())
			if err != nil {
				return nil, nil, err
			}
			fields, histories = append(fields, hashes[i].Val()), append(histories, events)
		}
	}
	return fields, histories, nil
}

func decodeHistory(list []string) ([]track.Event, error) {
	events := make([]track.Event, len(list))
	for i, text := range list {
		event, err := decodeEvent(text)
		if err != nil {
			return nil, err
		}
		events[i] = event
	}
	return events, nil
}

func (s *Store) exportSaves(ctx context.Context, o segment, last int64, yield func(track.Record) error) error {
	organization, err := idOf[track.OrganizationID](o)
	if err != nil {
		return err
	}
	users, err := s.listing(ctx, s.keys.libraries(o))
	if err != nil {
		return err
	}
	for _, u := range users {
		user, err := idOf[track.UserID](u)
		if err != nil {
			return err
		}
		for after := "-inf"; ; {
			read, err := readAll(ctx, s.client, []segment{u}, func(p redis.Pipeliner, u segment) *redis.ZSliceCmd {
				return p.ZRangeArgsWithScores(ctx, redis.ZRangeArgs{
					Key: s.keys.library(o, u), Start: after, Stop: strconv.FormatInt(last, 10), ByScore: true, Count: exportChunk,
				})
			})
			if err != nil {
				return err
			}
			edges := read[0].Val()
			if err := s.exportEdges(ctx, o, u, edges, func(t track.ID, at int64) error {
				return yield(track.Record{Save: &track.SaveRecord{
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
func (s *Store) exportEdges(ctx context.Context, o, u segment, edges []redis.Z, yield func(track.ID, int64) error) error {
	names := make([]string, len(edges))
	for i, e := range edges {
		names[i], _ = e.Member.(string)
	}
	deleted, err := readAll(ctx, s.client, names, func(p redis.Pipeliner, t string) *redis.BoolCmd {
		return p.HExists(ctx, s.keys.track(o, segment(t)), fieldDeletedAt)
	})
	if err != nil {
		return err
	}
	saved, err := readAll(ctx, s.client, names, func(p redis.Pipeliner, t string) *redis.FloatCmd {
		return p.ZScore(ctx, s.keys.savers(o, segment(t)), string(u))
	})
	if err != nil {
		return err
	}
	for i, name := range names {
		if deleted[i].Val() || saved[i].Err() != nil {
			continue // deleted or unsaved, perhaps since the edge was read
		}
		id, err := idOf[track.ID](segment(name))
		if err != nil {
			return err
		}
		if err := yield(id, int64(saved[i].Val())); err != nil {
			return err
		}
	}
	return nil
}
