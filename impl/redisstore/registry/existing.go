package redisstore

import (
	"context"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// knowledge is what the store holds of the things that a batch of records
// mentions. While the batch is looked through it grows by the records.
type knowledge struct {
	organizations map[segment]string // name
	users         map[segment]string // name
	keys          map[track.KeyHash]storedKey
	tracks        map[trackRef]map[string]string // fields of the hash
	saves         map[saveRef]int64              // when, microseconds
	lengths       map[trackRef]int               // of the histories
	events        map[eventRef]string            // only those that the batch mentions
}

type trackRef struct{ organization, track segment }

type saveRef struct {
	trackRef
	user segment
}

type eventRef struct {
	trackRef
	seq int
}

// storedKey is the record of a key; times are microseconds, or empty.
type storedKey struct {
	user                        segment
	label, createdAt, revokedAt string
}

// mentions are the things that a batch names, each once.
type mentions struct {
	organizations, users []segment
	keys                 []track.KeyHash
	tracks, histories    []trackRef
	saves                []saveRef
	events               []eventRef
}

func mentionsOf(records []track.Record) mentions {
	var m mentions
	organizations, users := once(&m.organizations), once(&m.users)
	keys := once(&m.keys)
	tracks, histories := once(&m.tracks), once(&m.histories)
	saves, events := once(&m.saves), once(&m.events)
	for _, r := range records {
		switch {
		case r.Organization != nil:
			organizations(segmentOf(r.Organization.ID))
		case r.User != nil:
			users(segmentOf(r.User.ID))
			for _, o := range r.User.MemberOf {
				organizations(segmentOf(o))
			}
			for _, k := range r.User.Keys {
				if hash, err := k.Hash(); err == nil {
					keys(hash)
				}
			}
		case r.Track != nil:
			organizations(segmentOf(r.Track.Organization))
			users(segmentOf(r.Track.Creator))
			tracks(trackRef{segmentOf(r.Track.Organization), segmentOf(r.Track.ID)})
		case r.Save != nil:
			ref := trackRef{segmentOf(r.Save.Organization), segmentOf(r.Save.Track)}
			u := segmentOf(r.Save.User)
			users(u)
			tracks(ref)
			saves(saveRef{ref, u})
		case r.Event != nil:
			ref := trackRef{segmentOf(r.Event.Organization), segmentOf(r.Event.Track)}
			tracks(ref)
			histories(ref)
			events(eventRef{ref, r.Event.Seq})
		}
	}
	return m
}

// once returns a function that appends what it has not been given before.
func once[T comparable](list *[]T) func(T) {
	seen := make(map[T]bool)
	return func(v T) {
		if !seen[v] {
			seen[v] = true
			*list = append(*list, v)
		}
	}
}

// gather reads what the store holds of what the records mention.
func (s *Store) gather(ctx context.Context, records []track.Record) (*knowledge, error) {
	m := mentionsOf(records)
	k := &knowledge{
		organizations: make(map[segment]string),
		users:         make(map[segment]string),
		keys:          make(map[track.KeyHash]storedKey),
		tracks:        make(map[trackRef]map[string]string),
		saves:         make(map[saveRef]int64),
		lengths:       make(map[trackRef]int),
		events:        make(map[eventRef]string),
	}

	organizations, err := readAll(ctx, s.client, m.organizations, func(p redis.Pipeliner, o segment) *redis.StringCmd {
		return p.HGet(ctx, s.keys.organization(o), fieldName)
	})
	if err != nil {
		return nil, err
	}
	for i, c := range organizations {
		if c.Err() == nil {
			k.organizations[m.organizations[i]] = c.Val()
		}
	}

	users, err := readAll(ctx, s.client, m.users, func(p redis.Pipeliner, u segment) *redis.StringCmd {
		return p.HGet(ctx, s.keys.user(u), fieldName)
	})
	if err != nil {
		return nil, err
	}
	for i, c := range users {
		if c.Err() == nil {
			k.users[m.users[i]] = c.Val()
		}
	}

	if k.keys, err = s.readKeys(ctx, m.keys); err != nil {
		return nil, err
	}

	tracks, err := readAll(ctx, s.client, m.tracks, func(p redis.Pipeliner, t trackRef) *redis.MapStringStringCmd {
		return p.HGetAll(ctx, s.keys.track(t.organization, t.track))
	})
	if err != nil {
		return nil, err
	}
	for i, c := range tracks {
		if len(c.Val()) > 0 {
			k.tracks[m.tracks[i]] = c.Val()
		}
	}

	saves, err := readAll(ctx, s.client, m.saves, func(p redis.Pipeliner, r saveRef) *redis.FloatCmd {
		return p.ZScore(ctx, s.keys.savers(r.organization, r.track), string(r.user))
	})
	if err != nil {
		return nil, err
	}
	for i, c := range saves {
		if c.Err() == nil {
			k.saves[m.saves[i]] = int64(c.Val())
		}
	}

	return k, s.gatherHistories(ctx, m, k)
}

func (s *Store) gatherHistories(ctx context.Context, m mentions, k *knowledge) error {
	lengths, err := readAll(ctx, s.client, m.histories, func(p redis.Pipeliner, t trackRef) *redis.IntCmd {
		return p.LLen(ctx, s.keys.events(t.organization, t.track))
	})
	if err != nil {
		return err
	}
	for i, c := range lengths {
		k.lengths[m.histories[i]] = int(c.Val())
	}
	events, err := readAll(ctx, s.client, m.events, func(p redis.Pipeliner, e eventRef) *redis.StringCmd {
		return p.LIndex(ctx, s.keys.events(e.organization, e.track), int64(e.seq-1))
	})
	if err != nil {
		return err
	}
	for i, c := range events {
		if c.Err() == nil {
			k.events[m.events[i]] = c.Val()
		}
	}
	return nil
}

// readKeys reads the records of keys; unknown ones are left out.
func (s *Store) readKeys(ctx context.Context, hashes []track.KeyHash) (map[track.KeyHash]storedKey, error) {
	found, err := readAll(ctx, s.client, hashes, func(p redis.Pipeliner, h track.KeyHash) *redis.MapStringStringCmd {
		return p.HGetAll(ctx, s.keys.key(h))
	})
	if err != nil {
		return nil, err
	}
	keys := make(map[track.KeyHash]storedKey, len(hashes))
	for i, c := range found {
		if f := c.Val(); len(f) > 0 {
			keys[hashes[i]] = storedKey{segment(f["user"]), f["label"], f["created_at"], f["revoked_at"]}
		}
	}
	return keys, nil
}
