package redisstore

import (
	"context"
	"crypto/rand"
	"log/slog"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/impl/track"
)

var (
	_ track.Store    = (*Store)(nil)
	_ track.Registry = (*Store)(nil)
)

// Store keeps tracks in Redis. Its methods may be called concurrently, also
// by several processes on the same Redis.
type Store struct {
	client  redis.UniversalClient
	keys    keyspace
	lanes   *lanes
	sweeper *sweeper
	close   func()
}

// Option changes how a [Store] works.
type Option func(*settings)

type settings struct {
	prefix   string
	log      *slog.Logger
	sweeping bool
	interval time.Duration
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

// New returns a store on the client, which stays the caller's to close, after
// the store. The client must bound its own reads and writes in time, as
// those of [Open] do.
func New(client redis.UniversalClient, options ...Option) *Store {
	set := settings{prefix: DefaultPrefix, log: slog.New(slog.DiscardHandler), sweeping: true, interval: time.Minute}
	for _, option := range options {
		option(&set)
	}
	s := &Store{
		client: client,
		keys:   newKeyspace(set.prefix),
		lanes:  newLanes(client),
	}
	s.sweeper = newSweeper(client, s.keys, set.log, set.interval)
	if set.sweeping {
		s.sweeper.start()
	}
	s.close = sync.OnceFunc(func() {
		s.sweeper.close()
		s.lanes.close()
	})
	return s
}

// Close stops the worker and waits for what was sent. Later calls fail with
// [track.Unavailable].
func (s *Store) Close() { s.close() }

// Ping implements [track.Store]. It reads, which is what most requests need:
// Redis refuses a PING also where only writing is impossible.
func (s *Store) Ping(ctx context.Context) error {
	return failure(s.client.Exists(ctx, s.keys.organizations()).Err())
}

// Authorize implements [track.Store].
func (s *Store) Authorize(ctx context.Context, caller track.Caller, organization track.OrganizationID) error {
	run := invocation{authorizeScript, []string{s.keys.ring(organizationSegment(organization))}, []any{ringField(caller.Key.Hash())}}
	_, err := s.decide(ctx, caller, run)
	return err
}

// Delete implements [track.Store].
func (s *Store) Delete(ctx context.Context, caller track.Caller, organization track.OrganizationID, id track.ID) error {
	o, t := organizationSegment(organization), trackSegment(id)
	run := invocation{
		deleteScript,
		[]string{s.keys.ring(o), s.keys.track(o, t), s.keys.events(o, t), s.keys.savers(o, t), s.keys.organization(o), s.keys.dead(o)},
		[]any{ringField(caller.Key.Hash()), string(t), string(requestSegment(caller)), s.keys.libraryPrefix(o)},
	}
	if _, err := s.decide(ctx, caller, run); err != nil {
		return err
	}
	s.sweeper.notify(o)
	return nil
}

// Get implements [track.Store].
func (s *Store) Get(ctx context.Context, caller track.Caller, organization track.OrganizationID, id track.ID) (track.Track, error) {
	o, t := organizationSegment(organization), trackSegment(id)
	run := invocation{
		getScript,
		[]string{s.keys.ring(o), s.keys.track(o, t)},
		append([]any{ringField(caller.Key.Hash()), string(t), s.keys.libraryPrefix(o)}, trackFields...),
	}
	got, err := s.decide(ctx, caller, run)
	if err != nil {
		return track.Track{}, err
	}
	if len(got.rest) != 1 {
		return track.Track{}, run.unexpected(got)
	}
	return decodeTrack(organization, t, got.rest[0])
}

// unsavedFor is how long an unsave is remembered by its request: much longer
// than any server goes on trying.
const unsavedFor = time.Minute

// Unsave implements [track.Store].
func (s *Store) Unsave(ctx context.Context, caller track.Caller, organization track.OrganizationID, id track.ID) error {
	o, t := organizationSegment(organization), trackSegment(id)
	run := invocation{
		unsaveScript,
		[]string{s.keys.ring(o), s.keys.track(o, t), s.keys.savers(o, t), s.keys.unsaved(o, requestSegment(caller))},
		[]any{ringField(caller.Key.Hash()), string(t), s.keys.libraryPrefix(o), int(unsavedFor.Seconds())},
	}
	_, err := s.decide(ctx, caller, run)
	return err
}

// decide runs a script on behalf of a caller and turns a refusal into its
// error. An answer that it returns is OK or BEHIND.
func (s *Store) decide(ctx context.Context, caller track.Caller, run invocation) (answer, error) {
	got, err := s.run(ctx, run)
	if err != nil {
		return answer{}, err
	}
	switch got.code {
	case codeOK, codeBehind:
		return got, nil
	case codeNoKey:
		return answer{}, s.refuseStranger(ctx, caller)
	case codeNotFound:
		return answer{}, track.Refuse(track.NotFound)
	case codeNotCreator:
		return answer{}, track.Refuse(track.NotCreator)
	default:
		return answer{}, run.unexpected(got)
	}
}

// refuseStranger returns the refusal for a key that no member of the
// organization has: unknown everywhere, or somebody's of another organization.
func (s *Store) refuseStranger(ctx context.Context, caller track.Caller) error {
	run := invocation{lookUpKeyScript, []string{s.keys.key(caller.Key.Hash())}, nil}
	got, err := s.run(ctx, run)
	if err != nil {
		return err
	}
	switch got.code {
	case codeOK:
		return track.Refuse(track.NotFound)
	case codeNoKey:
		return track.Refuse(track.Unauthenticated)
	default:
		return run.unexpected(got)
	}
}

// run runs a script, and once more where its reply was lost: all scripts
// answer a repetition as they answered the first time and change nothing by
// it.
func (s *Store) run(ctx context.Context, run invocation) (answer, error) {
	reply, err := s.lanes.do(ctx, run)
	if err != nil && replyLost(err) && ctx.Err() == nil {
		reply, err = s.lanes.do(ctx, run)
	}
	if err != nil {
		return answer{}, failure(err)
	}
	return run.answer(reply)
}

// requestSegment is the segment of the caller's request. A caller without one
// gets one of its own: no two of them are the same request.
func requestSegment(caller track.Caller) segment {
	if caller.Request == "" {
		return segment(rand.Text())
	}
	return segmentOf(caller.Request)
}

// organizationSegment is the segment of an organization. What cannot be one
// becomes the empty organization, which nobody belongs to: it is refused in
// the same way and time as any other, and its length costs nothing.
func organizationSegment(id track.OrganizationID) segment {
	if id.Validate() != nil {
		return segmentOf("")
	}
	return segmentOf(id)
}

// trackSegment is the segment of a track; what cannot be one becomes the
// empty track, which does not exist.
func trackSegment(id track.ID) segment {
	if id.Validate() != nil {
		return segmentOf("")
	}
	return segmentOf(id)
}
