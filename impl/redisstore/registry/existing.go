package registry

import (
	"context"
	"strconv"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/lua"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/schema"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/scripts"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// existing is what there is of the things that a batch of records refers to:
// what the store holds, and the records that were checked so far.
type existing struct {
	organizations map[schema.EncodedID]string // name
	users         map[schema.EncodedID]string // name
	keys          map[track.KeyHash]storedKey
	tracks        map[trackRef]map[string]string // fields of the hash
	histories     map[trackRef]*history
	saves         map[saveRef]storedSave
}

type trackRef struct{ organization, track schema.EncodedID }

type saveRef struct {
	trackRef
	user schema.EncodedID
}

type libraryRef struct{ organization, user schema.EncodedID }

func (r saveRef) library() libraryRef { return libraryRef{r.organization, r.user} }

// storedSave is when a user saved a track, in microseconds as a sorted set keeps
// them, and the same of the save that the user removed last.
type storedSave struct{ at, removed *float64 }

// storedKey is the record of a key; times are microseconds, or empty.
type storedKey struct {
	user                        schema.EncodedID
	label, createdAt, revokedAt string
}

// newStoredKey reads the hash of a key; it is empty where there is none.
func newStoredKey(fields map[string]string) (storedKey, bool) {
	return storedKey{schema.EncodedID(fields["user"]), fields["label"], fields["created_at"], fields["revoked_at"]}, len(fields) > 0
}

// readExisting reads what the store holds of what the records refer to.
func readExisting(ctx context.Context, db *database, records []record.Record) (*existing, error) {
	refs := referencesOf(records)
	var c commands
	organizations := each(&c, refs.organizations.list, func(p redis.Pipeliner, o schema.EncodedID) *redis.StringCmd {
		return p.HGet(ctx, db.keys.Organization(o), schema.FieldName)
	})
	users := each(&c, refs.users.list, func(p redis.Pipeliner, u schema.EncodedID) *redis.StringCmd {
		return p.HGet(ctx, db.keys.User(u), schema.FieldName)
	})
	keys := each(&c, refs.keys.list, func(p redis.Pipeliner, h track.KeyHash) *redis.MapStringStringCmd {
		return p.HGetAll(ctx, db.keys.Key(h))
	})
	// The history before its track: so a deletion in between is seen to be
	// missing in it, and not taken for something else.
	histories := each(&c, refs.tracks.list, func(p redis.Pipeliner, t trackRef) *redis.StringSliceCmd {
		return p.LRange(ctx, db.keys.Events(t.organization, t.track), 0, -1)
	})
	tracks := each(&c, refs.tracks.list, func(p redis.Pipeliner, t trackRef) *redis.MapStringStringCmd {
		return p.HGetAll(ctx, db.keys.Track(t.organization, t.track))
	})
	if err := db.send(ctx, c); err != nil {
		return nil, err
	}

	e := &existing{
		organizations: make(map[schema.EncodedID]string),
		users:         make(map[schema.EncodedID]string),
		keys:          make(map[track.KeyHash]storedKey),
		tracks:        make(map[trackRef]map[string]string),
		histories:     make(map[trackRef]*history),
		saves:         make(map[saveRef]storedSave, len(refs.saves.list)),
	}
	for i, o := range refs.organizations.list {
		if organizations[i].Err() == nil {
			e.organizations[o] = organizations[i].Val()
		}
	}
	for i, u := range refs.users.list {
		if users[i].Err() == nil {
			e.users[u] = users[i].Val()
		}
	}
	for i, h := range refs.keys.list {
		if key, ok := newStoredKey(keys[i].Val()); ok {
			e.keys[h] = key
		}
	}
	if err := e.readSaves(ctx, db, refs.saves.list); err != nil {
		return nil, err
	}
	for i, t := range refs.tracks.list {
		fields := tracks[i].Val()
		if len(fields) == 0 {
			delete(e.tracks, t) // a save knows it, which has come into being in between
			e.histories[t] = &history{found: -1, deletion: -1}
			continue
		}
		e.tracks[t] = fields
		h, err := newHistory(histories[i].Val(), fields[schema.FieldDeletedBy])
		if err != nil {
			return nil, err
		}
		e.histories[t] = h
	}
	return e, nil
}

// What is known of a track of which it matters only whether it lives.
var (
	liveTrack    = map[string]string{}
	deletedTrack = map[string]string{schema.FieldDeletedAt: "at some time"}
)

// readSaves reads what the store holds of saves and whether their tracks live.
func (e *existing) readSaves(ctx context.Context, db *database, refs []saveRef) error {
	groups := grouped(refs, savesTogether, saveRef.library)
	calls := make([]lua.Call, len(groups))
	for i, group := range groups {
		calls[i] = lua.Call{Script: scripts.FindSaves, Args: []any{string(group[0].user)}}
		for _, ref := range group {
			calls[i].Keys = append(calls[i].Keys, db.keys.Track(ref.organization, ref.track), db.keys.Savers(ref.organization, ref.track))
		}
	}
	replies, err := db.runner.DoInOrder(ctx, calls)
	if err != nil {
		return err
	}
	for i, group := range groups {
		if len(replies[i].Values) != 3*len(group) {
			return replies[i].Unexpected()
		}
		for j, ref := range group {
			found := replies[i].Values[3*j:]
			switch found[0] {
			case "live":
				e.tracks[ref.trackRef] = liveTrack
			case "deleted":
				e.tracks[ref.trackRef] = deletedTrack
			}
			s := storedSave{}
			for k, time := range []**float64{&s.at, &s.removed} {
				if text, ok := found[1+k].(string); ok {
					value, err := strconv.ParseFloat(text, 64)
					if err != nil {
						return replies[i].Unexpected()
					}
					*time = &value
				}
			}
			e.saves[ref] = s
		}
	}
	return nil
}
