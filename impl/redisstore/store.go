package redisstore

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/lua"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/schema"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/scripts"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

var _ track.Store = (*Store)(nil)

// DefaultPrefix begins every key unless [WithPrefix] says otherwise.
const DefaultPrefix = schema.DefaultPrefix

// Store keeps tracks in Redis. Its methods may be called concurrently, also
// by several processes on the same Redis.
type Store struct {
	client  redis.UniversalClient
	keys    schema.Keyspace
	runner  *lua.Runner
	sweeper *sweeper
	// replicas confirms what was changed; nil: nobody is asked to.
	replicas *lua.Replicas
	close    func()
}

// Option changes how a [Store] works.
type Option func(*settings)

type settings struct {
	prefix   string
	log      *slog.Logger
	sweeping bool
	interval time.Duration
	replicas int
	patience time.Duration
}

// WithPrefix sets what every key begins with, [DefaultPrefix] by default.
// Stores with different prefixes on the same Redis do not see each other.
func WithPrefix(prefix string) Option { return func(s *settings) { s.prefix = prefix } }

// WithLogger sets where the worker reports what it cannot do. By default it
// is silent.
func WithLogger(log *slog.Logger) Option { return func(s *settings) { s.log = log } }

// WithSweepInterval sets how often the worker looks through all
// organizations for dead edges that nobody told it of: those of other
// processes, or of an earlier run. The default is one minute.
func WithSweepInterval(d time.Duration) Option { return func(s *settings) { s.interval = d } }

// WithoutSweeping leaves dead edges to other processes. For short-lived
// commands and for tests.
func WithoutSweeping() Option { return func(s *settings) { s.sweeping = false } }

// WithReplicas makes Delete and Unsave return only when so many replicas of the
// Redis, or of the node of a cluster, have the change, and the same before they
// say that there is nothing to change: what a caller was told then survives the
// loss of the master, if one of these replicas takes over. Where they do not
// confirm before the context ends the error is [track.Unavailable] for the
// reason of [track.ErrUnconfirmed]. The default, 0, asks none.
func WithReplicas(count int) Option { return func(s *settings) { s.replicas = count } }

// WithPatience sets how long a reply may take until the script is sent once more,
// on another connection, which must not change what it does: [DefaultPatience] by
// default. A Redis in the same process loses no reply, and a script that it has
// not come to yet would only run later, for nothing: package embedded says how long
// to wait for that.
func WithPatience(d time.Duration) Option { return func(s *settings) { s.patience = d } }

// DefaultPatience is for a network that may lose replies.
const DefaultPatience = lua.Patience

// collect returns what the options say, and the defaults of the others.
func collect(options []Option) settings {
	set := settings{prefix: DefaultPrefix, log: slog.New(slog.DiscardHandler), sweeping: true, interval: time.Minute,
		patience: DefaultPatience}
	for _, option := range options {
		option(&set)
	}
	return set
}

// New returns a store on the client, which stays the caller's to close, after
// the store. The client must bound its own reads and writes in time, as
// those of package redisurl do.
func New(client redis.UniversalClient, options ...Option) *Store {
	set := collect(options)
	s := &Store{
		client: client,
		keys:   schema.NewKeyspace(set.prefix),
		runner: lua.NewRunner(client, set.patience),
	}
	s.sweeper = newSweeper(client, s.keys, set.log, set.interval)
	if set.replicas > 0 {
		s.replicas = lua.NewReplicas(client, set.replicas)
	}
	if set.sweeping {
		s.sweeper.start()
	}
	s.close = sync.OnceFunc(func() {
		s.sweeper.close()
		s.runner.Close()
		if s.replicas != nil {
			s.replicas.Close()
		}
	})
	return s
}

// Close stops the worker and waits for what was sent. Later calls fail with
// [track.Unavailable].
func (s *Store) Close() { s.close() }

// Ping implements [track.Store]. It reads, which is what most requests need:
// Redis refuses a PING also where only writing is impossible.
func (s *Store) Ping(ctx context.Context) error {
	return lua.Failure(s.client.Exists(ctx, s.keys.Organizations()).Err())
}

// Authorize implements [track.Store].
func (s *Store) Authorize(ctx context.Context, caller track.Caller, organization track.OrganizationID) error {
	o := encodeOrganization(organization)
	_, err := s.decide(ctx, caller, scripts.Authorize, []string{s.keys.Ring(o)}, schema.RingField(caller.Key.Hash()))
	return err
}

// Delete implements [track.Store].
func (s *Store) Delete(ctx context.Context, caller track.Caller, organization track.OrganizationID, id track.ID) error {
	o, t, request := encodeOrganization(organization), encodeTrack(id), encodeRequest(caller)
	of := s.keys.TrackKeys(o, t)
	call := &struct { // all of it in one piece of memory
		keys  [4]string
		texts [3]string
		args  [3]any
	}{
		keys:  [4]string{of.Ring, of.Track, of.Dead, of.Savers},
		texts: [3]string{schema.RingField(caller.Key.Hash()), string(request), schema.FormatTime(time.Now())},
	}
	for i := range call.texts {
		call.args[i] = &call.texts[i]
	}
	keys, args := call.keys[:], call.args[:]
	reply, err := s.decide(ctx, caller, scripts.Delete, keys, args...)
	err = s.whileMoving(ctx, err, func() error {
		return s.deleteApart(ctx, caller, o, t, request, keys, args)
	})
	if err = s.confirm(ctx, caller, o, err, scripts.Delete, keys, args...); err != nil {
		return err
	}
	if reply.Code != scripts.OK { // also where the script did not do it alone
		s.sweeper.notify(o)
	}
	return nil
}

// Get implements [track.Store].
func (s *Store) Get(ctx context.Context, caller track.Caller, organization track.OrganizationID, id track.ID) (track.Track, error) {
	o, t := encodeOrganization(organization), encodeTrack(id)
	of := s.keys.TrackKeys(o, t)
	var text any
	reply, err := s.decide(ctx, caller, scripts.Get, []string{of.Ring, of.Track, of.Savers},
		schema.RingField(caller.Key.Hash()))
	if err == nil {
		if len(reply.Values) != 1 {
			return track.Track{}, reply.Unexpected()
		}
		text = reply.Values[0]
	}
	err = s.whileMoving(ctx, err, func() error {
		seen, err := s.look(ctx, caller, o, t)
		text = seen.track.Text()
		return err
	})
	if err != nil {
		return track.Track{}, err
	}
	return schema.DecodeTrack(organization, t, text)
}

// ListSaved implements [track.Store]. It is one round trip while no more than
// 256 deleted tracks of the organization await the sweeper. Where there are more
// the first who asks for a part of a library takes the dead tracks out of it,
// 250 in a round trip; whoever asks later is served in one again. So it is with
// saves that are in no part of the library: where there are more than 64 the
// first who asks for a part divides them, 50 in a round trip. Where Redis refuses
// to write, every reader passes over all that is left over itself.
func (s *Store) ListSaved(ctx context.Context, caller track.Caller, organization track.OrganizationID, filter track.Filter) ([]track.Track, error) {
	suffix, possible := filterSuffix(filter)
	if !possible {
		return []track.Track{}, s.Authorize(ctx, caller, organization)
	}
	o := encodeOrganization(organization)
	keys := []string{s.keys.Ring(o), s.keys.Dead(o)}
	if suffix != "" {
		keys = append(keys, s.keys.Organization(o))
	}
	passOver, lookThrough := maxInlineDead, maxInlineSaves
	for {
		var reply lua.Reply
		read := func(emptyAt string) (err error) {
			reply, err = s.decide(ctx, caller, scripts.List, keys,
				schema.RingField(caller.Key.Hash()), s.keys.LibraryPrefix(o), suffix, s.keys.TrackPrefix(o),
				filter.Offset, filter.Limit, passOver, s.keys.Pruned(o), lookThrough, emptyAt)
			return err
		}
		empty := false
		err := s.whileMoving(ctx, read(""), func() (err error) {
			var emptyAt string
			if empty, emptyAt, err = s.libraryIsEmpty(ctx, caller, o, suffix); err != nil || empty {
				return err
			}
			return read(emptyAt)
		})
		if err != nil {
			return nil, err
		}
		if empty {
			return []track.Track{}, nil
		}
		if reply.Code == scripts.OK {
			return s.readWindow(ctx, organization, o, reply)
		}
		if err := s.catchUp(ctx, o, suffix, reply); err != nil {
			if passOver == unlimited || ctx.Err() != nil {
				return nil, err
			}
			passOver, lookThrough = unlimited, unlimited
		}
	}
}

// catchUp does what list.lua found to be left over, so that it can read a part of
// a library. The context bounds the chase: what comes in between is less each time.
func (s *Store) catchUp(ctx context.Context, o schema.EncodedID, suffix string, reply lua.Reply) error {
	texts := make([]string, len(reply.Values))
	for i, v := range reply.Values {
		if texts[i], _ = v.(string); texts[i] == "" {
			return reply.Unexpected()
		}
	}
	switch {
	case reply.Code == scripts.Undivided && len(texts) == 1:
		return s.divide(ctx, o, schema.EncodedID(texts[0]))
	case reply.Code == scripts.Behind && len(texts) == 2:
		// The dead tracks up to that number are out of what is read, and never
		// come back: the next look needs to mind the later ones only.
		return s.prune(ctx, o, schema.EncodedID(texts[0]), suffix, texts[1])
	default:
		return reply.Unexpected()
	}
}

// unsavedFor is how long an unsave is remembered by its request: much longer
// than any server goes on trying.
const unsavedFor = time.Minute

// Unsave implements [track.Store].
func (s *Store) Unsave(ctx context.Context, caller track.Caller, organization track.OrganizationID, id track.ID) error {
	o, t := encodeOrganization(organization), encodeTrack(id)
	of, mark := s.keys.TrackKeys(o, t), s.keys.Unsaved(o, encodeRequest(caller))
	keys := []string{of.Ring, of.Track, of.Savers, s.keys.Organization(o), mark}
	args := []any{schema.RingField(caller.Key.Hash()), string(t), s.keys.LibraryPrefix(o), int(unsavedFor.Seconds())}
	_, err := s.decide(ctx, caller, scripts.Unsave, keys, args...)
	sent := false
	err = s.whileMoving(ctx, err, func() error {
		return s.unsaveApart(ctx, caller, o, t, mark, &sent)
	})
	return s.confirm(ctx, caller, o, err, scripts.Unsave, keys, args...)
}

// confirm has replicas confirm what a script did, where the store was told to.
// Err is what became of the script. That there is no such thing is confirmed
// too: it may be gone by an earlier request, whose caller was not told that it
// is certain.
func (s *Store) confirm(ctx context.Context, caller track.Caller, o schema.EncodedID, err error, script *lua.Script, keys []string, args ...any) error {
	if s.replicas == nil || err != nil && track.CodeOf(err) != track.NotFound || errors.Is(err, errStranger) {
		return err
	}
	reply, err := s.replicas.Confirm(ctx, s.keys.Fence(o), lua.Call{Script: script, Keys: keys, Args: args})
	if err == nil {
		_, err = s.judge(ctx, caller, reply)
	}
	return err
}

// decide runs a script on behalf of a caller and turns a refusal into its
// error. A reply that it returns is OK, Saved, Behind or Undivided.
func (s *Store) decide(ctx context.Context, caller track.Caller, script *lua.Script, keys []string, args ...any) (lua.Reply, error) {
	reply, err := s.runner.Do(ctx, script, keys, args...)
	if err != nil {
		return lua.Reply{}, err
	}
	return s.judge(ctx, caller, reply)
}

// judge turns the reply of a script into its error where it is a refusal.
func (s *Store) judge(ctx context.Context, caller track.Caller, reply lua.Reply) (lua.Reply, error) {
	switch reply.Code {
	case scripts.OK, scripts.Saved, scripts.Behind, scripts.Undivided:
		return reply, nil
	case scripts.NoKey:
		return lua.Reply{}, s.refuseStranger(ctx, caller)
	case scripts.NotFound:
		return lua.Reply{}, track.Refuse(track.NotFound)
	case scripts.NotCreator:
		return lua.Reply{}, track.Refuse(track.NotCreator)
	default:
		return lua.Reply{}, reply.Unexpected()
	}
}

// errStranger is why there is nothing for somebody of another organization.
var errStranger = errors.New("the caller does not belong to the organization")

// refuseStranger returns the refusal for a key that no member of the
// organization has: unknown everywhere, or somebody's of another organization.
func (s *Store) refuseStranger(ctx context.Context, caller track.Caller) error {
	reply, err := s.runner.Do(ctx, scripts.FindKey, []string{s.keys.Key(caller.Key.Hash())})
	if err != nil {
		return err
	}
	switch reply.Code {
	case scripts.OK:
		return &track.Error{Code: track.NotFound, Err: errStranger}
	case scripts.NoKey:
		return track.Refuse(track.Unauthenticated)
	default:
		return reply.Unexpected()
	}
}

// prune takes the dead tracks after a deletion out of a part of a user's library,
// until so few are left that a reader passes over them.
func (s *Store) prune(ctx context.Context, o, user schema.EncodedID, suffix, after string) error {
	for left := pruneSteps; left > 0; left-- {
		reply, err := s.runner.Do(ctx, scripts.Prune, []string{s.keys.Dead(o), s.keys.Library(o, user) + suffix},
			after, pruneMax, s.keys.Pruned(o), string(user)+suffix)
		if err != nil {
			return err
		}
		last, err := reply.Text()
		if err != nil {
			return err
		}
		if _, err := strconv.ParseFloat(last, 64); err != nil || reply.Code != scripts.OK {
			return reply.Unexpected()
		}
		if last == after {
			break
		}
		after = last
	}
	return nil
}
