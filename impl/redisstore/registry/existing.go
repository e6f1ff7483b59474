package registry

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/lua"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/schema"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/scripts"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// madeMax is of how many tracks one batch tells the next that they exist.
const madeMax = 1 << 18

// existing is what there is of the things that a batch of records refers to:
// what the store holds, and the records that were checked so far.
type existing struct {
	organizations map[schema.EncodedID]string // name
	users         map[schema.EncodedID]string // name
	keys          map[track.KeyHash]storedKey
	tracks        map[trackRef]schema.Track
	histories     map[trackRef]*schema.History
	saves         map[saveRef]schema.Save
	// made are tracks that exist, deleted or not, or will as soon as the batches before are stored.
	// No track ever goes.
	made map[trackRef]bool
	// lastSaves are the numbers of the organizations' last saves before anything was read about
	// saves: as long as none is later, what was read holds.
	lastSaves map[schema.EncodedID]int64
}

type trackRef struct{ organization, track schema.EncodedID }

type saveRef struct {
	trackRef
	user schema.EncodedID
}

func saveRefOf(r *record.Save) saveRef {
	return saveRef{trackRef{schema.Encode(r.Organization), schema.Encode(r.Track)}, schema.Encode(r.User)}
}

type libraryRef struct{ organization, user schema.EncodedID }

func (r saveRef) library() libraryRef { return libraryRef{r.organization, r.user} }

// storedKey is the record of a key; times are microseconds, or empty.
type storedKey struct {
	user                        schema.EncodedID
	label, createdAt, revokedAt string
	revoking                    bool // its revocation began and is unfinished: rings may still hold it
}

// endedAt is when the key was revoked everywhere; empty where that is not so.
func (k storedKey) endedAt() string {
	if k.revoking {
		return ""
	}
	return k.revokedAt
}

// newStoredKey reads the hash of a key; it is empty where there is none.
func newStoredKey(fields map[string]string) (storedKey, bool) {
	return storedKey{
		user:  schema.EncodedID(fields["user"]),
		label: fields["label"], createdAt: fields["created_at"], revokedAt: fields["revoked_at"],
		revoking: fields["revoking"] != "",
	}, len(fields) > 0
}

// readExisting reads what the store holds of what the records refer to. Before
// is what there is as soon as the batch before them is stored, nil if it is.
func readExisting(ctx context.Context, db *database, records []record.Record, refs *references, before *existing) (*existing, error) {
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
	found, err := findTracks(ctx, db, refs.tracks.list)
	if err != nil {
		return nil, err
	}
	histories := each(&c, found, func(p redis.Pipeliner, t trackRef) *redis.StringSliceCmd {
		return p.LRange(ctx, db.keys.Events(t.organization, t.track), 0, -1)
	})
	tracks := each(&c, found, func(p redis.Pipeliner, t trackRef) *redis.StringCmd {
		return p.Get(ctx, db.keys.Track(t.organization, t.track))
	})
	lastSaves := make(map[schema.EncodedID]int64)
	made := make(map[trackRef]bool)
	if before != nil && len(before.made) < madeMax {
		made = before.made // which nobody else uses any more
	}
	strange, err := findSaves(ctx, db, refs.saves.list, made, lastSaves)
	if err != nil {
		return nil, err
	}
	saves := each(&c, strange, func(p redis.Pipeliner, s saveRef) *redis.Cmd {
		return p.Do(ctx, "ZMSCORE", db.keys.Savers(s.organization, s.track), string(s.user), schema.RemovedSaver+string(s.user))
	})
	if err := db.send(ctx, c); err != nil {
		return nil, err
	}

	e := &existing{
		organizations: make(map[schema.EncodedID]string),
		users:         make(map[schema.EncodedID]string),
		keys:          make(map[track.KeyHash]storedKey),
		tracks:        make(map[trackRef]schema.Track, len(refs.tracks.list)),
		histories:     make(map[trackRef]*schema.History),
		saves:         make(map[saveRef]schema.Save, len(refs.saves.list)),
		made:          made,
		lastSaves:     lastSaves,
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
	if len(strange) < len(refs.saves.list) {
		for _, ref := range refs.saves.list {
			e.tracks[ref.trackRef] = liveTrack
		}
		for _, ref := range strange {
			delete(e.tracks, ref.trackRef)
		}
	}
	for i, ref := range strange {
		s, err := schema.DecodeSave(saves[i].Val())
		if err != nil {
			return nil, fmt.Errorf("stored savers of track %s are damaged: %w", ref.track, err)
		}
		e.saves[ref] = s
	}
	if before != nil {
		e.prefer(before, refs)
	}
	if err := e.readSavedTracks(ctx, db, records, refs); err != nil {
		return nil, err
	}
	for _, t := range refs.tracks.list {
		delete(e.tracks, t) // a save may know it, which has come into being in between
		e.histories[t] = schema.NoHistory()
	}
	for i, t := range found {
		if tracks[i].Err() != nil {
			continue
		}
		if e.tracks[t], err = parseTrack(t, tracks[i]); err != nil {
			return nil, err
		}
		if e.histories[t], err = schema.NewHistory(histories[i].Val(), e.tracks[t]); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// prefer takes over what there is as soon as the batch before is stored, where
// it was about the same things. It was not about the same histories.
func (e *existing) prefer(before *existing, refs *references) {
	preferAll(e.organizations, before.organizations, refs.organizations.list)
	preferAll(e.users, before.users, refs.users.list)
	preferAll(e.keys, before.keys, refs.keys.list)
	preferAll(e.saves, before.saves, refs.saves.list)
	for _, ref := range refs.saves.list {
		if t, ok := before.tracks[ref.trackRef]; ok {
			e.tracks[ref.trackRef] = t
		}
	}
	for o := range e.lastSaves {
		if last, ok := before.lastSaves[o]; ok {
			e.lastSaves[o] = last
		}
	}
}

func preferAll[K comparable, V any](own, before map[K]V, keys []K) {
	for _, k := range keys {
		if v, ok := before[k]; ok {
			own[k] = v
		}
	}
}

// findTracks returns those among tracks of which the store may know something:
// none, where they are imported for the first time.
func findTracks(ctx context.Context, db *database, tracks []trackRef) ([]trackRef, error) {
	groups := grouped(tracks, tracksTogether, func(t trackRef) schema.EncodedID { return t.organization })
	var c commands
	counts := each(&c, groups, func(p redis.Pipeliner, group []trackRef) *redis.IntCmd {
		names := make([]string, 0, 2*len(group))
		for _, t := range group {
			names = append(names, db.keys.Track(t.organization, t.track), db.keys.Events(t.organization, t.track))
		}
		return p.Exists(ctx, names...)
	})
	if err := db.send(ctx, c); err != nil {
		return nil, err
	}
	var found []trackRef
	for i, count := range counts {
		if count.Val() > 0 {
			found = append(found, groups[i]...)
		}
	}
	return found, nil
}

// findSaves returns those among saves of which the store may know something, or
// of whose tracks more is to be said than that they exist: none, where they are
// imported for the first time. Made are tracks that exist; it enters more of them,
// and the organizations' last saves.
func findSaves(ctx context.Context, db *database, saves []saveRef, made map[trackRef]bool, lastSaves map[schema.EncodedID]int64) ([]saveRef, error) {
	known, err := findSavers(ctx, db, saves, lastSaves)
	if err != nil {
		return nil, err
	}
	var ofOthers []saveRef
	var ofKnown []saveRef
	var tracks unique[trackRef]
	for _, s := range saves {
		if known[s.library()] {
			ofKnown = append(ofKnown, s)
		} else {
			ofOthers = append(ofOthers, s)
			if !made[s.trackRef] {
				tracks.add(s.trackRef)
			}
		}
	}
	missing, err := findMissing(ctx, db, tracks.list)
	if err != nil {
		return nil, err
	}
	for _, t := range tracks.list {
		if !missing[t] {
			made[t] = true
		}
	}
	var strange []saveRef
	if len(missing) > 0 {
		for _, s := range ofOthers {
			if missing[s.trackRef] {
				strange = append(strange, s)
			}
		}
	}

	groups := grouped(ofKnown, savesTogether, saveRef.library)
	calls := make([]lua.Call, len(groups))
	for i, group := range groups {
		calls[i] = lua.Call{
			Script: scripts.FindSaves,
			Keys:   saveKeys(db.keys, group),
			Args:   []any{string(group[0].user)},
		}
	}
	replies, err := db.runner.DoInOrder(ctx, calls)
	if err != nil {
		return nil, err
	}
	for i, reply := range replies {
		switch reply.Code {
		case scripts.OK:
		case scripts.Changed:
			strange = append(strange, groups[i]...)
		default:
			return nil, reply.Unexpected()
		}
	}
	return strange, nil
}

// saveKeys returns the keys of the tracks of saves in one organization, then those
// of their savers.
func saveKeys(keys schema.Keyspace, saves []saveRef) []string {
	o, names := saves[0].organization, make([]string, 0, 2*len(saves))
	for _, prefix := range []string{keys.TrackPrefix(o), keys.SaversPrefix(o)} {
		for _, s := range saves {
			names = append(names, prefix+string(s.track))
		}
	}
	return names
}

// findSavers returns the libraries of users who have ever saved something in
// their organization, and enters the organizations' last saves.
func findSavers(ctx context.Context, db *database, saves []saveRef, lastSaves map[schema.EncodedID]int64) (map[libraryRef]bool, error) {
	var libraries unique[libraryRef]
	for i, s := range saves {
		if i == 0 || s.library() != saves[i-1].library() {
			libraries.add(s.library())
		}
	}
	groups := grouped(libraries.list, savesTogether, func(l libraryRef) schema.EncodedID { return l.organization })
	calls := make([]lua.Call, len(groups))
	for i, group := range groups {
		o := group[0].organization
		calls[i] = lua.Call{Script: scripts.FindSavers, Keys: []string{db.keys.Organization(o), db.keys.Libraries(o)}}
		for _, l := range group {
			calls[i].Args = append(calls[i].Args, string(l.user))
		}
	}
	replies, err := db.runner.DoInOrder(ctx, calls)
	if err != nil {
		return nil, err
	}
	known := make(map[libraryRef]bool)
	for i, reply := range replies {
		o := groups[i][0].organization
		for j, value := range reply.Values {
			text, ok := value.(string)
			if !ok || reply.Code != scripts.OK {
				return nil, reply.Unexpected()
			}
			if j > 0 {
				known[libraryRef{o, schema.EncodedID(text)}] = true
				continue
			}
			last, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				return nil, fmt.Errorf("stored number of saves of organization %s is damaged: %w", o, err)
			}
			if _, read := lastSaves[o]; !read { // before the other groups
				lastSaves[o] = last
			}
		}
	}
	return known, nil
}

// findMissing returns the tracks of which some may not exist: none, if all do.
func findMissing(ctx context.Context, db *database, tracks []trackRef) (map[trackRef]bool, error) {
	groups := grouped(tracks, savesTogether, func(t trackRef) schema.EncodedID { return t.organization })
	var c commands
	counts := each(&c, groups, func(p redis.Pipeliner, group []trackRef) *redis.IntCmd {
		prefix := db.keys.TrackPrefix(group[0].organization)
		names := make([]string, len(group))
		for i, t := range group {
			names[i] = prefix + string(t.track)
		}
		return p.Exists(ctx, names...)
	})
	if err := db.send(ctx, c); err != nil {
		return nil, err
	}
	missing := make(map[trackRef]bool)
	for i, count := range counts {
		if count.Val() < int64(len(groups[i])) {
			for _, t := range groups[i] {
				missing[t] = true
			}
		}
	}
	return missing, nil
}

// What is known of a track of which it matters only whether it lives.
var (
	liveTrack    = schema.Track{}
	deletedTrack = schema.Track{DeletedAt: "some time"}
)

// readSavedTracks finds out which tracks of saves live. Where the store has
// the very save of a record, the track does, or may as well.
func (e *existing) readSavedTracks(ctx context.Context, db *database, records []record.Record, refs *references) error {
	var asked unique[trackRef]
	for i, r := range records {
		if r.Save == nil {
			continue
		}
		ref := refs.saveOf[i]
		if _, known := e.tracks[ref.trackRef]; known {
			continue
		}
		if e.saves[ref].IsAt(r.Save.SavedAt) {
			e.tracks[ref.trackRef] = liveTrack
		} else {
			asked.add(ref.trackRef)
		}
	}
	var c commands
	tracks := each(&c, asked.list, func(p redis.Pipeliner, t trackRef) *redis.StringCmd {
		return p.Get(ctx, db.keys.Track(t.organization, t.track))
	})
	if err := db.send(ctx, c); err != nil {
		return err
	}
	for i, t := range asked.list {
		switch {
		case tracks[i].Err() != nil:
			delete(e.tracks, t)
		case strings.HasPrefix(tracks[i].Val(), schema.DeletedMark):
			e.tracks[t] = deletedTrack
		default:
			e.tracks[t] = liveTrack
		}
	}
	return nil
}
