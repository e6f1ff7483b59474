package redisstore

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/lua"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/schema"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/scripts"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// While a slot of a cluster moves from one node to another, its keys lie on
// both. Redis then refuses every script of which a key is missing on the node,
// also one that does not exist at all, and a script that looks for a key which
// it has not named may be told that there is none. So the scripts name what they
// depend on, and what Redis refuses for this reason is done apart: single keys
// are always found, so what only reads is answered, and what writes is tried
// with the keys that exist, until they lie together or the time is up.

// How long a request rests before it tries again to find its keys together, and
// for how long it goes on, if its context does not end before.
const (
	movingPause = 20 * time.Millisecond
	movingMost  = 4 * time.Second
)

// isMoving reports whether Redis refused a script because some of its keys lie
// on another node, or may. Nothing of the script has happened then: what it is
// going to write is among what it looked at before.
func isMoving(err error) bool {
	if err == nil {
		return false
	}
	text := err.Error()
	return strings.Contains(text, "TRYAGAIN ") || strings.Contains(text, "non local key")
}

// whileMoving does work until it says something else than that keys lie on
// another node, or the time is up. It begins with an error that an attempt in
// one step has met, and returns that where it is another one.
func (s *Store) whileMoving(ctx context.Context, err error, work func() error) error {
	if !isMoving(err) {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, movingMost)
	defer cancel()
	for {
		if err = work(); !isMoving(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(movingPause):
		}
	}
}

// sight is what a caller sees of a track.
type sight struct {
	user  schema.EncodedID
	track schema.Track
	saved bool
}

// look reads a track for a caller as get.lua does, but key by key. A refusal is
// right at some moment of the request: nothing that was refused for its track
// becomes allowed by what happens to its savers meanwhile.
func (s *Store) look(ctx context.Context, caller track.Caller, o, t schema.EncodedID) (sight, error) {
	user, err := s.recognize(ctx, caller, o)
	if err != nil {
		return sight{}, err
	}
	seen := sight{user: user}
	var exists bool
	if seen.track, exists, err = s.readTrack(ctx, o, t); err != nil {
		return sight{}, err
	}
	err = s.client.ZScore(ctx, s.keys.Savers(o, t), string(user)).Err()
	if err != nil && err != redis.Nil {
		return sight{}, lua.Failure(err)
	}
	seen.saved = err == nil
	if !exists || seen.track.IsDeleted() || seen.track.Creator != user && !seen.saved {
		return sight{}, track.Refuse(track.NotFound)
	}
	return seen, nil
}

// readTrack reads a track alone, and reports whether there is one.
func (s *Store) readTrack(ctx context.Context, o, t schema.EncodedID) (schema.Track, bool, error) {
	text, err := s.client.Get(ctx, s.keys.Track(o, t)).Result()
	if err == redis.Nil {
		return schema.Track{}, false, nil
	}
	if err != nil {
		return schema.Track{}, false, lua.Failure(err)
	}
	read, err := schema.ParseTrack(t, text)
	return read, true, err
}

// recognize returns the member of the organization that the caller is.
func (s *Store) recognize(ctx context.Context, caller track.Caller, o schema.EncodedID) (schema.EncodedID, error) {
	user, err := s.client.HGet(ctx, s.keys.Ring(o), schema.RingField(caller.Key.Hash())).Result()
	if err != nil && err != redis.Nil {
		return "", lua.Failure(err)
	}
	if user == "" {
		return "", s.refuseStranger(ctx, caller)
	}
	return schema.EncodedID(user), nil
}

// deleteApart deletes as delete.lua does, with those of its keys that exist.
func (s *Store) deleteApart(ctx context.Context, caller track.Caller, o, t, request schema.EncodedID, keys []string, args []any) error {
	before, _, err := s.readTrack(ctx, o, t)
	if err != nil {
		return err
	}
	if before.DeletedBy == request {
		return nil // an earlier attempt, whose reply was lost
	}
	seen, err := s.look(ctx, caller, o, t)
	if err != nil {
		return err
	}
	if seen.track.Creator != seen.user {
		return track.Refuse(track.NotCreator)
	}
	_, err = s.decide(ctx, caller, scripts.Delete, keys[:3], args...) // without the savers
	return err
}

// unsaveApart removes a track from a library as unsave.lua does, with those of
// its keys that exist. The mark of the request is not one of them: it follows by
// itself, and without it nobody can tell an attempt whose reply was lost from
// one that found nothing. So once a script was sent, the caller is not told that
// there is nothing.
func (s *Store) unsaveApart(ctx context.Context, caller track.Caller, o, t schema.EncodedID, mark string, sent *bool) (err error) {
	defer func() {
		if *sent && track.CodeOf(err) == track.NotFound {
			err = &track.Error{Code: track.Unavailable, Err: err}
		}
	}()
	marked, err := s.client.Get(ctx, mark).Result()
	if err != nil && err != redis.Nil {
		return lua.Failure(err)
	}
	if marked == string(t) {
		return nil // an earlier attempt, whose reply was lost
	}
	seen, err := s.look(ctx, caller, o, t)
	if err != nil || !seen.saved {
		return err
	}
	library := s.keys.Library(o, seen.user)
	keys := []string{s.keys.Ring(o), s.keys.Track(o, t), s.keys.Savers(o, t), s.keys.Organization(o)}
	divided, err := s.isDivided(ctx, o, seen.user, t)
	if err != nil {
		return err
	}
	for _, suffix := range schema.LibrarySuffixes(seen.track.Mode, seen.track.Engine) {
		if suffix == "" || divided {
			keys = append(keys, library+suffix)
		}
	}
	*sent = true
	if _, err = s.decide(ctx, caller, scripts.Unsave, keys, schema.RingField(caller.Key.Hash()), string(t), s.keys.LibraryPrefix(o), 0); err != nil {
		return err
	}
	return lua.Failure(s.client.Set(ctx, mark, string(t), unsavedFor).Err())
}

// isDivided reports whether a track that a user has saved is in parts of the
// library. Where it gets into them just now unsave.lua says that they were left
// out, and all of it is done again.
func (s *Store) isDivided(ctx context.Context, o, user, t schema.EncodedID) (bool, error) {
	divided, err := s.dividedUpTo(ctx, o, user)
	if err != nil || divided == "" {
		return false, err
	}
	last, err := strconv.ParseFloat(divided, 64)
	if err != nil {
		return false, fmt.Errorf("stored organization %s is damaged: %w", o, err)
	}
	place, err := s.client.ZScore(ctx, s.keys.Library(o, user), string(t)).Result()
	if err != nil && err != redis.Nil {
		return false, lua.Failure(err)
	}
	return place <= last, nil
}

// dividedUpTo returns the number of the save up to which the library of a user is
// divided into its parts, and nothing where it never was.
func (s *Store) dividedUpTo(ctx context.Context, o, user schema.EncodedID) (string, error) {
	divided, err := s.client.HGet(ctx, s.keys.Organization(o), schema.DividedField(user)).Result()
	if err == redis.Nil {
		return "", nil
	}
	return divided, lua.Failure(err)
}

// libraryIsEmpty reports whether the caller's library has nothing in it, not even
// a deleted track. Where only that part of it has nothing it returns the number of
// the save up to which the library is divided: as long as that is so nothing comes
// into the part.
func (s *Store) libraryIsEmpty(ctx context.Context, caller track.Caller, o schema.EncodedID, suffix string) (empty bool, emptyAt string, err error) {
	user, err := s.recognize(ctx, caller, o)
	if err != nil {
		return false, "", err
	}
	library := s.keys.Library(o, user)
	n, err := s.client.ZCard(ctx, library).Result()
	if err != nil || n == 0 || suffix == "" {
		return n == 0, "", lua.Failure(err)
	}
	divided, err := s.dividedUpTo(ctx, o, user)
	if err != nil {
		return false, "", err
	}
	if n, err = s.client.ZCard(ctx, library+suffix).Result(); err != nil || n > 0 {
		return false, "", lua.Failure(err)
	}
	return false, divided, nil
}

// readElsewhere fills in the texts of tracks that have none.
func (s *Store) readElsewhere(ctx context.Context, o schema.EncodedID, ids []schema.EncodedID, texts []any) error {
	var read map[int]*redis.StringCmd
	var p redis.Pipeliner
	for i, t := range ids {
		if texts[i] == nil {
			if read == nil {
				read, p = make(map[int]*redis.StringCmd), s.client.Pipeline()
			}
			read[i] = p.Get(ctx, s.keys.Track(o, t))
		}
	}
	if len(read) == 0 {
		return nil
	}
	if _, err := p.Exec(ctx); err != nil {
		return lua.Failure(err)
	}
	for i, r := range read {
		texts[i] = r.Val()
	}
	return nil
}
