package redisstore

import (
	"context"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/impl/track"
)

const fieldName = "name"

// enlistMax is how many names go into one run of enlist.lua.
const enlistMax = 100

// enlist returns the runs that put names on a list.
func enlist(list string, names []string) []invocation {
	var runs []invocation
	for chunk := range slices.Chunk(names, enlistMax) {
		runs = append(runs, invocation{enlistScript, []string{list}, toAny(chunk)})
	}
	return runs
}

// putOrganizations creates organizations. They are listed first: one that is
// listed without being there is passed over, the other way round it would be
// lost to exports and to the sweeper.
func (s *Store) putOrganizations(ctx context.Context, records []*track.OrganizationRecord) error {
	names := make([]string, len(records))
	for i, r := range records {
		names[i] = string(segmentOf(r.ID))
	}
	if _, err := s.runAll(ctx, enlist(s.keys.organizations(), names)); err != nil {
		return err
	}
	_, err := readAll(ctx, s.client, records, func(p redis.Pipeliner, r *track.OrganizationRecord) *redis.BoolCmd {
		return p.HSetNX(ctx, s.keys.organization(segmentOf(r.ID)), fieldName, r.Name)
	})
	return err
}

// putUsers creates users and adds to the keys and memberships of those that
// exist.
//
// Keys and memberships meet in the rings of the organizations, which lie in
// other slots: no script can write both. The order of the steps makes sure
// that a key reaches every ring and a revoked one none, whoever else is at
// work: a membership is written before the keys are read, a key before the
// memberships are read (here and in CreateKey), a revocation before the
// memberships are read. So of any two, one sees the other. And a ring never
// takes back a key that was revoked in it.
func (s *Store) putUsers(ctx context.Context, records []*track.UserRecord) error {
	names := make([]string, len(records))
	for i, r := range records {
		names[i] = string(segmentOf(r.ID))
	}
	if _, err := s.runAll(ctx, enlist(s.keys.users(), names)); err != nil {
		return err
	}
	if _, err := readAll(ctx, s.client, records, func(p redis.Pipeliner, r *track.UserRecord) *redis.BoolCmd {
		return p.HSetNX(ctx, s.keys.user(segmentOf(r.ID)), fieldName, r.Name)
	}); err != nil {
		return err
	}

	var keys, lists []invocation
	for _, r := range records {
		u := segmentOf(r.ID)
		organizations := make([]string, len(r.MemberOf))
		for i, o := range r.MemberOf {
			organizations[i] = string(segmentOf(o))
		}
		lists = append(lists, enlist(s.keys.memberships(u), organizations)...)
		hashes := make([]string, 0, len(r.Keys))
		for _, k := range r.Keys {
			hash, err := k.Hash()
			if err != nil {
				return err
			}
			var revoked string
			if k.RevokedAt != nil {
				revoked = formatTime(*k.RevokedAt)
			}
			keys = append(keys, s.putKey(hash, u, k.Label, optionalTime(k.CreatedAt), revoked))
			hashes = append(hashes, hash.String())
		}
		lists = append(lists, enlist(s.keys.keys(u), hashes)...)
	}
	if _, err := s.runAll(ctx, keys); err != nil {
		return err
	}
	if _, err := s.runAll(ctx, lists); err != nil {
		return err
	}
	users := make([]segment, len(names))
	for i, n := range names {
		users[i] = segment(n)
	}
	return s.fillRings(ctx, users)
}

func (s *Store) putKey(hash track.KeyHash, user segment, label, created, revoked string) invocation {
	return invocation{putKeyScript, []string{s.keys.key(hash)}, []any{string(user), label, created, revoked}}
}

// fillRings puts every working key of the users into the ring of every
// organization they belong to.
func (s *Store) fillRings(ctx context.Context, users []segment) error {
	keys, err := s.keysOf(ctx, users)
	if err != nil {
		return err
	}
	memberships, err := s.listAll(ctx, users, s.keys.memberships)
	if err != nil {
		return err
	}
	type entry struct {
		ring  string
		field string
		user  segment
	}
	var entries []entry
	for i, u := range users {
		for _, k := range keys[i] {
			if k.revokedAt != "" {
				continue
			}
			for _, o := range memberships[i] {
				entries = append(entries, entry{s.keys.ring(segment(o)), ringField(k.hash), u})
			}
		}
	}
	_, err = readAll(ctx, s.client, entries, func(p redis.Pipeliner, e entry) *redis.BoolCmd {
		return p.HSetNX(ctx, e.ring, e.field, string(e.user))
	})
	return err
}

// listAll reads a list of each user, as enlist.lua keeps it.
func (s *Store) listAll(ctx context.Context, users []segment, list func(segment) string) ([][]string, error) {
	read, err := readAll(ctx, s.client, users, func(p redis.Pipeliner, u segment) *redis.StringSliceCmd {
		return p.ZRange(ctx, list(u), 0, -1)
	})
	if err != nil {
		return nil, err
	}
	lists := make([][]string, len(users))
	for i, c := range read {
		lists[i] = c.Val()
	}
	return lists, nil
}

// keyOf is a key of a user.
type keyOf struct {
	hash track.KeyHash
	storedKey
}

// keysOf reads the keys of each user, oldest first.
func (s *Store) keysOf(ctx context.Context, users []segment) ([][]keyOf, error) {
	lists, err := s.listAll(ctx, users, s.keys.keys)
	if err != nil {
		return nil, err
	}
	hashes := make([][]track.KeyHash, len(users))
	var all []track.KeyHash
	for i, list := range lists {
		for _, text := range list {
			hash, err := track.ParseKeyHash(text)
			if err != nil {
				return nil, err
			}
			hashes[i] = append(hashes[i], hash)
			all = append(all, hash)
		}
	}
	stored, err := s.readKeys(ctx, all)
	if err != nil {
		return nil, err
	}
	keys := make([][]keyOf, len(users))
	for i := range users {
		for _, hash := range hashes[i] {
			if k, ok := stored[hash]; ok && k.user == users[i] {
				keys[i] = append(keys[i], keyOf{hash, k})
			}
		}
	}
	return keys, nil
}

// CreateKey implements [track.Registry].
func (s *Store) CreateKey(ctx context.Context, user track.UserID, label string) (track.Key, error) {
	u, err := s.mustExist(ctx, user)
	if err != nil {
		return track.Key{}, err
	}
	key := track.MintKey()
	check := track.Record{User: &track.UserRecord{ID: user, Keys: []track.KeyRecord{{Secret: key.Reveal(), Label: label}}}}
	if check.Validate() != nil {
		return track.Key{}, &track.Error{Code: track.InvalidArgument, Param: "label"}
	}
	hash := key.Hash()
	runs := []invocation{s.putKey(hash, u, label, "now", "")}
	if _, err := s.runAll(ctx, runs); err != nil {
		return track.Key{}, err
	}
	if _, err := s.runAll(ctx, enlist(s.keys.keys(u), []string{hash.String()})); err != nil {
		return track.Key{}, err
	}
	return key, s.fillRings(ctx, []segment{u})
}

// Keys implements [track.Registry].
func (s *Store) Keys(ctx context.Context, user track.UserID) ([]track.KeyInfo, error) {
	u, err := s.mustExist(ctx, user)
	if err != nil {
		return nil, err
	}
	keys, err := s.keysOf(ctx, []segment{u})
	if err != nil {
		return nil, err
	}
	d := decoder{what: "keys of user " + string(u)}
	infos := make([]track.KeyInfo, 0, len(keys[0]))
	for _, k := range keys[0] {
		info := track.KeyInfo{Hash: k.hash, Label: k.label, CreatedAt: d.optionalTime(k.createdAt)}
		if k.revokedAt != "" {
			at := d.time(k.revokedAt)
			info.RevokedAt = &at
		}
		infos = append(infos, info)
	}
	return infos, d.err
}

// RevokeKey implements [track.Registry]. It may be repeated, and completes
// what an interrupted one began. A key that nobody ever had is [track.NotFound].
func (s *Store) RevokeKey(ctx context.Context, hash track.KeyHash) error {
	run := invocation{revokeKeyScript, []string{s.keys.key(hash)}, nil}
	got, err := s.run(ctx, run)
	if err != nil {
		return err
	}
	if got.code == codeNotFound {
		return track.Refuse(track.NotFound)
	}
	if got.code != codeOK || len(got.rest) != 1 {
		return run.unexpected(got)
	}
	user, ok := got.rest[0].(string)
	if !ok {
		return run.unexpected(got)
	}
	memberships, err := s.listAll(ctx, []segment{segment(user)}, s.keys.memberships)
	if err != nil {
		return err
	}
	// An empty entry stays, so that nothing puts the key back: see putUsers.
	_, err = readAll(ctx, s.client, memberships[0], func(p redis.Pipeliner, o string) *redis.IntCmd {
		return p.HSet(ctx, s.keys.ring(segment(o)), ringField(hash), "")
	})
	return err
}

// mustExist returns the segment of a user that exists.
func (s *Store) mustExist(ctx context.Context, user track.UserID) (segment, error) {
	u := segmentOf(user)
	found, err := readAll(ctx, s.client, []segment{u}, func(p redis.Pipeliner, u segment) *redis.BoolCmd {
		return p.HExists(ctx, s.keys.user(u), fieldName)
	})
	if err != nil {
		return "", err
	}
	if !found[0].Val() {
		return "", track.Refuse(track.NotFound)
	}
	return u, nil
}

// optionalTime reads what the function of that name wrote.
func (d *decoder) optionalTime(s string) time.Time {
	if s == "" {
		return time.Time{}
	}
	return d.time(s)
}
