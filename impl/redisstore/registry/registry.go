// Package registry implements record.Registry on Redis: imports and exports,
// the histories of tracks, users and their keys. It works on the same data as
// the store of package redisstore, beside whom it may be used at any time.
package registry

import (
	"context"
	"errors"
	"slices"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/lua"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/schema"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/scripts"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

var _ record.Preparer = (*Registry)(nil)

// Registry looks after what a store in Redis holds. Its methods may be called
// concurrently, also by several processes on the same Redis.
type Registry struct{ db database }

// Option changes how a [Registry] works.
type Option func(*Registry)

// WithPrefix sets what every key begins with, as the option of that name does
// for the store.
func WithPrefix(prefix string) Option {
	return func(r *Registry) { r.db.keys = schema.NewKeyspace(prefix) }
}

// New returns a registry on the client, which stays the caller's to close. Its
// calls carry a good deal of work each: the client should give Redis as much
// time for one as those of package redisurl do.
func New(client redis.UniversalClient, options ...Option) *Registry {
	r := &Registry{database{client, schema.NewKeyspace(schema.DefaultPrefix), lua.NewRunner(client, lua.Patience)}}
	for _, option := range options {
		option(r)
	}
	return r
}

// Apply implements [record.Registry]. What is there already is left as it is,
// also where it has moved on since: a record without deleted_at does not bring
// a deleted track back, one without revoked_at no revoked key, and a save of a
// deleted track is passed over, as is one that its user removed. Memberships
// and keys of a user are added to, never taken away. Times are kept in whole
// microseconds.
//
// The records are checked against what is stored before any of them is
// stored, and each script that writes makes sure that this is still so; where
// it is not, they are checked again. An Apply that contradicts another one
// running at the same time may be stored in part; so may one that Redis fails
// in the middle of, and repeating it completes it.
func (r *Registry) Apply(ctx context.Context, records []record.Record) error {
	// The first bad record is the one to be told of: one that contradicts the
	// store may come before one that no store would take.
	records, invalid := firstInvalid(records)
	err := errChanged
	for n := 0; n < applyTries && err == errChanged; n++ {
		var b *batch
		if b, err = prepare(ctx, &r.db, records, nil, invalid); err == nil {
			err = b.plan.carryOut(ctx, &r.db)
		}
	}
	return lua.Failure(err)
}

// Prepare implements [record.Preparer].
func (r *Registry) Prepare(ctx context.Context, records []record.Record, after record.Prepared) (record.Prepared, error) {
	before, ok := after.(*batch)
	if after != nil && !ok {
		return nil, errors.New("the records before these were prepared by another registry")
	}
	records, invalid := firstInvalid(records)
	b, err := prepare(ctx, &r.db, records, before, invalid)
	if err == record.ErrTooEarly {
		return nil, err
	}
	if err != nil {
		return nil, lua.Failure(err)
	}
	return b, nil
}

// Export implements [record.Registry]: organizations, then users, then for
// each organization its tracks, each followed by its history, and its
// libraries, oldest save first. It reads in small steps while others write;
// the outcome holds what was there at its beginning and perhaps some of what
// came later, always in a form that Apply takes.
func (r *Registry) Export(ctx context.Context, yield func(record.Record) error) error {
	x := exporter{&r.db, yield}
	return x.export(ctx)
}

// History implements [record.Registry].
func (r *Registry) History(ctx context.Context, organization track.OrganizationID, id track.ID) ([]track.Event, error) {
	histories, err := r.Histories(ctx, organization, []track.ID{id})
	if err != nil {
		return nil, err
	}
	if histories[0] == nil {
		return nil, track.Refuse(track.NotFound)
	}
	return histories[0], nil
}

// Histories implements [record.Registry]. More than a few hundred are read in
// steps, each of one moment.
func (r *Registry) Histories(ctx context.Context, organization track.OrganizationID, ids []track.ID) ([][]track.Event, error) {
	histories := make([][]track.Event, len(ids))
	if organization.Validate() != nil {
		return histories, nil // nothing has such an id
	}
	var refs []trackRef
	var places []int
	for i, id := range ids {
		if id.Validate() == nil {
			refs = append(refs, trackRef{schema.Encode(organization), schema.Encode(id)})
			places = append(places, i)
		}
	}
	tracks, read, err := readTracks(ctx, &r.db, refs)
	if err != nil {
		return nil, err
	}
	for i, place := range places {
		if tracks[i].Creator != "" {
			histories[place] = append([]track.Event{}, read[i]...) // not nil: it was created
		}
	}
	return histories, nil
}

// CreateKey implements [record.Registry].
func (r *Registry) CreateKey(ctx context.Context, user track.UserID, label string) (track.Key, error) {
	u, err := mustExist(ctx, &r.db, user)
	if err != nil {
		return track.Key{}, err
	}
	if track.ValidateText(label, 0, track.MaxTextBytes) != nil {
		return track.Key{}, &track.Error{Code: track.InvalidArgument, Param: "label"}
	}
	key := track.MintKey()
	hash := key.Hash()
	if err := r.db.run(ctx, []lua.Call{createKey(&r.db, hash, u, label, "now", "")}); err != nil {
		return track.Key{}, err
	}
	if err := r.db.run(ctx, indexAdd(r.db.keys.Keys(u), []string{hash.String()})); err != nil {
		return track.Key{}, err
	}
	return key, fillRings(ctx, &r.db, []schema.EncodedID{u})
}

// Keys implements [record.Registry].
func (r *Registry) Keys(ctx context.Context, user track.UserID) ([]record.KeyInfo, error) {
	u, err := mustExist(ctx, &r.db, user)
	if err != nil {
		return nil, err
	}
	_, keys, err := readMembers(ctx, &r.db, []schema.EncodedID{u})
	if err != nil {
		return nil, err
	}
	d := schema.Decoder{What: "keys of user " + string(u)}
	infos := make([]record.KeyInfo, 0, len(keys[0]))
	for _, k := range keys[0] {
		info := record.KeyInfo{Hash: k.hash, Label: k.label, CreatedAt: d.OptionalTime(k.createdAt), Revoking: k.revoking}
		if ended := k.endedAt(); ended != "" {
			info.RevokedAt = new(d.Time(ended))
		}
		infos = append(infos, info)
	}
	return infos, d.Err
}

// RevokeKey implements [record.Registry]. It may be repeated, and completes
// what an interrupted one began: that the key is revoked is said last, when no
// ring holds it any more. A key that nobody ever had is [track.NotFound].
func (r *Registry) RevokeKey(ctx context.Context, hash track.KeyHash) error {
	replies, err := r.db.runner.DoInOrder(ctx, []lua.Call{{Script: scripts.RevokeKey, Keys: []string{r.db.keys.Key(hash)}}})
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
	u := schema.EncodedID(user)
	memberships, _, err := readMembers(ctx, &r.db, []schema.EncodedID{u})
	if err != nil {
		return err
	}
	leaving, err := readIndex(ctx, &r.db, r.db.keys.Leaving(u)) // behind the memberships: see EndMembership
	if err != nil {
		return err
	}
	// An empty entry stays, so that nothing puts the key back: see createUsers.
	var c commands
	each(&c, append(memberships[0], leaving...), func(p redis.Pipeliner, o schema.EncodedID) *redis.IntCmd {
		return p.HSet(ctx, r.db.keys.Ring(o), schema.RingField(hash), "")
	})
	if err := r.db.send(ctx, c); err != nil {
		return err
	}
	return r.db.run(ctx, []lua.Call{{Script: scripts.FinishRevocation, Keys: []string{r.db.keys.Key(hash)}}})
}

// EndMembership implements [record.Registry]. The membership goes first, so that
// no key that is made later enters the organization; one that is made at the
// same time may, and repeating the call ends that too. Importing the user again
// with the membership brings it back.
//
// Until the ring is empty of the user the organization stands among those that
// the user is leaving: a revocation looks there too, so that a key does not
// outlive it in the ring of a membership whose end was interrupted.
func (r *Registry) EndMembership(ctx context.Context, user track.UserID, organization track.OrganizationID) error {
	if user.Validate() != nil || organization.Validate() != nil {
		return track.Refuse(track.NotFound) // nothing has such an id
	}
	u, o := schema.Encode(user), schema.Encode(organization)
	leaving := r.db.keys.Leaving(u)
	if err := r.db.run(ctx, indexAdd(leaving, []string{string(o)})); err != nil {
		return err
	}
	membership, err := one(ctx, &r.db, func(p redis.Pipeliner) *redis.IntCmd {
		return p.ZRem(ctx, r.db.keys.Memberships(u), string(o))
	})
	if err != nil {
		return err
	}
	_, keys, err := readMembers(ctx, &r.db, []schema.EncodedID{u})
	if err != nil {
		return err
	}
	working := slices.DeleteFunc(slices.Clone(keys[0]), func(k userKey) bool { return k.revokedAt != "" })
	revoked := slices.DeleteFunc(keys[0], func(k userKey) bool { return k.revokedAt == "" })
	var c commands
	entries := each(&c, working, func(p redis.Pipeliner, k userKey) *redis.IntCmd {
		return p.HDel(ctx, r.db.keys.Ring(o), schema.RingField(k.hash))
	})
	each(&c, revoked, func(p redis.Pipeliner, k userKey) *redis.IntCmd { // an empty entry stays: see createUsers
		return p.HSet(ctx, r.db.keys.Ring(o), schema.RingField(k.hash), "")
	})
	if err := r.db.send(ctx, c); err != nil {
		return err
	}
	if _, err := one(ctx, &r.db, func(p redis.Pipeliner) *redis.IntCmd { return p.ZRem(ctx, leaving, string(o)) }); err != nil {
		return err
	}
	ended := membership.Val() > 0
	for _, entry := range entries {
		ended = ended || entry.Val() > 0
	}
	if !ended {
		return track.Refuse(track.NotFound)
	}
	return nil
}
