package registry

import (
	"context"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/lua"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/schema"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/scripts"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// CreateKey implements [record.Registry].
func (r *Registry) CreateKey(ctx context.Context, user track.UserID, label string) (track.Key, error) {
	u, err := r.mustExist(ctx, user)
	if err != nil {
		return track.Key{}, err
	}
	if track.ValidateText(label, 0, track.MaxTextBytes) != nil {
		return track.Key{}, &track.Error{Code: track.InvalidArgument, Param: "label"}
	}
	key := track.MintKey()
	hash := key.Hash()
	if err := r.runAll(ctx, []lua.Call{r.createKey(hash, u, label, "now", "")}); err != nil {
		return track.Key{}, err
	}
	if err := r.runAll(ctx, indexAdd(r.keys.Keys(u), []string{hash.String()})); err != nil {
		return track.Key{}, err
	}
	return key, r.fillRings(ctx, []schema.EncodedID{u})
}

// createKey returns the call that creates a key.
func (r *Registry) createKey(hash track.KeyHash, user schema.EncodedID, label, created, revoked string) lua.Call {
	return lua.Call{
		Script: scripts.CreateKey,
		Keys:   []string{r.keys.Key(hash)},
		Args:   []any{string(user), label, created, revoked},
	}
}

// Keys implements [record.Registry].
func (r *Registry) Keys(ctx context.Context, user track.UserID) ([]record.KeyInfo, error) {
	u, err := r.mustExist(ctx, user)
	if err != nil {
		return nil, err
	}
	_, keys, err := r.readMembers(ctx, []schema.EncodedID{u})
	if err != nil {
		return nil, err
	}
	d := schema.Decoder{What: "keys of user " + string(u)}
	infos := make([]record.KeyInfo, 0, len(keys[0]))
	for _, k := range keys[0] {
		info := record.KeyInfo{Hash: k.hash, Label: k.label, CreatedAt: d.OptionalTime(k.createdAt)}
		if k.revokedAt != "" {
			info.RevokedAt = new(d.Time(k.revokedAt))
		}
		infos = append(infos, info)
	}
	return infos, d.Err
}

// RevokeKey implements [record.Registry]. It may be repeated, and completes
// what an interrupted one began. A key that nobody ever had is
// [track.NotFound].
func (r *Registry) RevokeKey(ctx context.Context, hash track.KeyHash) error {
	replies, err := r.runner.DoInOrder(ctx, []lua.Call{{Script: scripts.RevokeKey, Keys: []string{r.keys.Key(hash)}}})
	if err != nil {
		return err
	}
	if replies[0].Code == scripts.NotFound {
		return track.Refuse(track.NotFound)
	}
	user, err := replies[0].Text()
	if err != nil {
		return err
	}
	memberships, _, err := r.readMembers(ctx, []schema.EncodedID{schema.EncodedID(user)})
	if err != nil {
		return err
	}
	// An empty entry stays, so that nothing puts the key back: see createUsers.
	var c commands
	each(&c, memberships[0], func(p redis.Pipeliner, o schema.EncodedID) *redis.IntCmd {
		return p.HSet(ctx, r.keys.Ring(o), schema.RingField(hash), "")
	})
	return r.send(ctx, c)
}

// mustExist returns the encoded id of a user that exists.
func (r *Registry) mustExist(ctx context.Context, user track.UserID) (schema.EncodedID, error) {
	u := schema.Encode(user)
	found, err := one(ctx, r, func(p redis.Pipeliner) *redis.BoolCmd { return p.HExists(ctx, r.keys.User(u), schema.FieldName) })
	if err != nil {
		return "", err
	}
	if !found.Val() {
		return "", track.Refuse(track.NotFound)
	}
	return u, nil
}
