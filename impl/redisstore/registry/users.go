package registry

import (
	"context"
	"slices"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/lua"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/schema"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/scripts"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// indexTogether is how many names go into one run of index_add.lua.
const indexTogether = 100

// createNamed creates things with a name. They enter their index first: one
// that stands there without being there is passed over, the other way round it
// would be lost to exports and to the sweeper.
func createNamed(ctx context.Context, db *database, things []named, index string, key func(schema.EncodedID) string) error {
	ids := make([]string, len(things))
	for i, t := range things {
		ids[i] = string(t.id)
	}
	if err := db.run(ctx, indexAdd(index, ids)); err != nil {
		return err
	}
	var c commands
	created := each(&c, things, func(p redis.Pipeliner, t named) *redis.BoolCmd {
		return p.HSetNX(ctx, key(t.id), schema.FieldName, t.name)
	})
	if err := db.send(ctx, c); err != nil {
		return err
	}
	for _, c := range created {
		if !c.Val() {
			return errChanged // somebody else was faster, perhaps with another name
		}
	}
	return nil
}

// createOrganizations creates organizations, each with a list of dead tracks
// that holds none. A deletion makes the list where this was interrupted.
func createOrganizations(ctx context.Context, db *database, created []named) error {
	if err := createNamed(ctx, db, created, db.keys.Organizations(), db.keys.Organization); err != nil {
		return err
	}
	var c commands
	each(&c, created, func(p redis.Pipeliner, o named) *redis.IntCmd {
		return p.ZAddNX(ctx, db.keys.Dead(o.id), redis.Z{Member: schema.DeletionCount})
	})
	return db.send(ctx, c)
}

// createUsers creates users and adds to the keys and memberships of all
// members of a batch, new or not.
//
// Keys and memberships meet in the rings of the organizations, which lie in
// other slots: no script can write both. The order of the steps makes sure
// that a key reaches every ring and a revoked one none, whoever else is at
// work: a membership is written before the keys are read, a key before the
// memberships are read (here and in CreateKey), a revocation before the
// memberships are read. So of any two, one sees the other. And a ring never
// takes back a key that was revoked in it.
func createUsers(ctx context.Context, db *database, created []named, members []*record.User) error {
	if err := createNamed(ctx, db, created, db.keys.Users(), db.keys.User); err != nil {
		return err
	}
	users := make([]schema.EncodedID, len(members))
	var keys, indexes []lua.Call
	for i, m := range members {
		u := schema.Encode(m.ID)
		users[i] = u
		organizations := make([]string, len(m.MemberOf))
		for j, o := range m.MemberOf {
			organizations[j] = string(schema.Encode(o))
		}
		indexes = append(indexes, indexAdd(db.keys.Memberships(u), organizations)...)
		hashes := make([]string, 0, len(m.Keys))
		for _, k := range m.Keys {
			hash, err := k.Hash()
			if err != nil {
				return err
			}
			var revoked string
			if k.RevokedAt != nil {
				revoked = schema.FormatTime(*k.RevokedAt)
			}
			keys = append(keys, createKey(db, hash, u, k.Label, schema.FormatOptionalTime(k.CreatedAt), revoked))
			hashes = append(hashes, hash.String())
		}
		indexes = append(indexes, indexAdd(db.keys.Keys(u), hashes)...)
	}
	if err := db.run(ctx, keys); err != nil {
		return err
	}
	if err := db.run(ctx, indexes); err != nil {
		return err
	}
	return fillRings(ctx, db, users)
}

// fillRings puts every working key of the users into the ring of every
// organization they belong to.
func fillRings(ctx context.Context, db *database, users []schema.EncodedID) error {
	memberships, keys, err := readMembers(ctx, db, users)
	if err != nil {
		return err
	}
	var c commands
	for i, u := range users {
		for _, k := range keys[i] {
			if k.revokedAt != "" {
				continue
			}
			each(&c, memberships[i], func(p redis.Pipeliner, o schema.EncodedID) *redis.BoolCmd {
				return p.HSetNX(ctx, db.keys.Ring(o), schema.RingField(k.hash), string(u))
			})
		}
	}
	return db.send(ctx, c)
}

// userKey is a key of a user.
type userKey struct {
	hash track.KeyHash
	storedKey
}

// readMembers reads the memberships of each user and its keys, oldest first.
func readMembers(ctx context.Context, db *database, users []schema.EncodedID) ([][]schema.EncodedID, [][]userKey, error) {
	var c commands
	index := func(key func(schema.EncodedID) string) []*redis.StringSliceCmd {
		return each(&c, users, func(p redis.Pipeliner, u schema.EncodedID) *redis.StringSliceCmd {
			return p.ZRange(ctx, key(u), 0, -1)
		})
	}
	memberOf, hashes := index(db.keys.Memberships), index(db.keys.Keys)
	if err := db.send(ctx, c); err != nil {
		return nil, nil, err
	}

	c = nil
	memberships := make([][]schema.EncodedID, len(users))
	keys := make([][]userKey, len(users))
	stored := make([][]*redis.MapStringStringCmd, len(users))
	for i := range users {
		for _, o := range memberOf[i].Val() {
			memberships[i] = append(memberships[i], schema.EncodedID(o))
		}
		for _, text := range hashes[i].Val() {
			hash, err := track.ParseKeyHash(text)
			if err != nil {
				return nil, nil, err
			}
			keys[i] = append(keys[i], userKey{hash: hash})
		}
		stored[i] = each(&c, keys[i], func(p redis.Pipeliner, k userKey) *redis.MapStringStringCmd {
			return p.HGetAll(ctx, db.keys.Key(k.hash))
		})
	}
	if err := db.send(ctx, c); err != nil {
		return nil, nil, err
	}
	for i, u := range users {
		for j := range keys[i] {
			keys[i][j].storedKey, _ = newStoredKey(stored[i][j].Val())
		}
		// One of another user, or none, was left by what was interrupted.
		keys[i] = slices.DeleteFunc(keys[i], func(k userKey) bool { return k.user != u })
	}
	return memberships, keys, nil
}

// readIndex reads an index whole.
func readIndex(ctx context.Context, db *database, key string) ([]schema.EncodedID, error) {
	var names []schema.EncodedID
	for start := int64(0); ; start += exportChunk {
		read, err := one(ctx, db, func(p redis.Pipeliner) *redis.StringSliceCmd {
			return p.ZRange(ctx, key, start, start+exportChunk-1)
		})
		if err != nil {
			return nil, err
		}
		for _, n := range read.Val() {
			names = append(names, schema.EncodedID(n))
		}
		if len(read.Val()) < exportChunk {
			return names, nil
		}
	}
}

// indexAdd returns the calls that add names to an index.
func indexAdd(index string, names []string) []lua.Call {
	var calls []lua.Call
	for chunk := range slices.Chunk(names, indexTogether) {
		calls = append(calls, lua.Call{Script: scripts.IndexAdd, Keys: []string{index}, Args: appendAll(nil, chunk)})
	}
	return calls
}

// createKey returns the call that creates a key.
func createKey(db *database, hash track.KeyHash, user schema.EncodedID, label, created, revoked string) lua.Call {
	return lua.Call{
		Script: scripts.CreateKey,
		Keys:   []string{db.keys.Key(hash)},
		Args:   []any{string(user), label, created, revoked},
	}
}

// mustExist returns the encoded id of a user that exists.
func mustExist(ctx context.Context, db *database, user track.UserID) (schema.EncodedID, error) {
	u := schema.Encode(user)
	found, err := one(ctx, db, func(p redis.Pipeliner) *redis.BoolCmd { return p.HExists(ctx, db.keys.User(u), schema.FieldName) })
	if err != nil {
		return "", err
	}
	if !found.Val() {
		return "", track.Refuse(track.NotFound)
	}
	return u, nil
}
