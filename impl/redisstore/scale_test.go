package redisstore_test

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/impl/internal/redistest"
	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/schema"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// How much BenchmarkScale stores.
var (
	scaleLibraries = flag.Int("libraries", 100_000, "libraries that a track is in, of BenchmarkScale/libraries")
	scaleDeleted   = flag.Int("deleted", 100_000, "tracks of a library that are deleted, of BenchmarkScale/saved-deleted")
	scaleTracks    = flag.Int("tracks", 1_000_000, "tracks of an organization, of BenchmarkScale/tracks")
)

// BenchmarkScale shows that what a request costs does not grow with the data. Each part measures
// the same before and after, in turns where that can be, and reports the ratio of the medians:
// `go test -run '^$' -bench Scale -benchtime 1x ./impl/redisstore -args -libraries 1000000`.
func BenchmarkScale(b *testing.B) {
	b.Run("libraries", benchmarkLibraries)
	b.Run("saved-deleted", benchmarkSavedDeleted)
	b.Run("tracks", benchmarkTracks)
}

// scale is a Redis with much in it, filled by scripts, as an import of so much would take long.
type scale struct {
	server *redistest.Redis
	client redis.UniversalClient
	keys   schema.Keyspace
	o      schema.EncodedID
}

func newScale(b *testing.B) *scale {
	b.Helper()
	server := redistest.Own(b)
	s := &scale{server, server.Client(b), schema.NewKeyspace(schema.DefaultPrefix), schema.Encode(testOrganization)}
	fill(b, storeOn(b, s.client, redisstore.WithoutSweeping()), 1)
	return s
}

// fillMany runs a script for the numbers from 0 to count, in parts. ARGV has the first and the
// last number of the part, then args.
func (s *scale) fillMany(b *testing.B, count int, script string, keys []string, args ...any) {
	b.Helper()
	const part = 5000
	for first := 0; first < count; first += part {
		words := append([]any{first, min(first+part, count) - 1}, args...)
		if err := s.client.Eval(context.Background(), script, keys, words...).Err(); err != nil && err != redis.Nil {
			b.Fatal(err)
		}
	}
}

// addTracks stores tracks of the creator, named by their numbers behind a prefix.
func (s *scale) addTracks(b *testing.B, prefix string, count int) {
	b.Helper()
	s.fillMany(b, count, `
		for i = ARGV[1], ARGV[2] do
			local id = string.format('%s%09d', ARGV[4], i)
			redis.call('SET', ARGV[3] .. id, ARGV[5] .. i)
			redis.call('RPUSH', KEYS[1], id)
		end`, []string{s.keys.Tracks(s.o)}, s.keys.TrackPrefix(s.o), prefix, scaleText)
}

const scaleText = "user_creator creation studio unclear 1782642600000000 192.25   Song No. "

func scaleID(prefix string, i int) track.ID { return track.ID(fmt.Sprintf("%s%09d", prefix, i)) }

// deletion returns how long a delete takes, and fails unless it succeeds.
func deletion(b *testing.B, store testStore, id track.ID) float64 {
	b.Helper()
	began := time.Now()
	if err := store.Delete(context.Background(), creatorCall(""), testOrganization, id); err != nil {
		b.Fatalf("deleting %s: %v", id, err)
	}
	return float64(time.Since(began).Microseconds())
}

func middle(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

// benchmarkLibraries deletes a track that is in many libraries, and one that is in one, over and
// over; then it lets the sweeper take it out of all of them, and asks Redis for its slowest script.
func benchmarkLibraries(b *testing.B) {
	s := newScale(b)
	s.addTracks(b, "mtrack_s", 2)
	many, few := scaleID("mtrack_s", 0), scaleID("mtrack_s", 1)
	s.fillMany(b, *scaleLibraries, `
		for i = ARGV[1], ARGV[2] do
			local user = 'user_' .. i
			redis.call('ZADD', KEYS[1], 1782642600000000 + i, user)
			for _, part in ipairs({'', ':mode:creation', ':engine:studio', ':mode:creation:engine:studio'}) do
				redis.call('ZADD', ARGV[3] .. user .. part, i + 1, ARGV[4])
			end
		end`, []string{s.keys.Savers(s.o, schema.Encode(many))}, s.keys.LibraryPrefix(s.o), string(many))
	ctx := context.Background()
	s.client.ZAdd(ctx, s.keys.Savers(s.o, schema.Encode(few)), redis.Z{Score: 1, Member: "user_1"})

	store := storeOn(b, s.client, redisstore.WithoutSweeping())
	texts := map[track.ID]string{}
	for _, id := range []track.ID{many, few} {
		texts[id] = s.client.Get(ctx, s.keys.Track(s.o, schema.Encode(id))).Val()
	}
	took := map[track.ID][]float64{}
	for range 500 {
		for id, text := range texts {
			took[id] = append(took[id], deletion(b, store, id))
			s.client.Set(ctx, s.keys.Track(s.o, schema.Encode(id)), text, 0)
			s.client.ZRem(ctx, s.keys.Dead(s.o), string(id))
		}
	}
	b.ReportMetric(middle(took[many])/middle(took[few]), "ratio")

	s.client.ConfigSet(ctx, "slowlog-log-slower-than", "500")
	s.client.Do(ctx, "SLOWLOG", "RESET")
	sweeping := storeOn(b, s.client)
	deletion(b, sweeping, many)
	began := time.Now()
	for s.client.Exists(ctx, s.keys.Savers(s.o, schema.Encode(many))).Val() == 1 {
		time.Sleep(10 * time.Millisecond)
	}
	slowest := time.Duration(0)
	for _, entry := range s.client.SlowLogGet(ctx, -1).Val() {
		if strings.HasPrefix(entry.Args[0], "eval") { // others wait for nobody but the machine
			slowest = max(slowest, entry.Duration)
		}
	}
	b.ReportMetric(float64(slowest.Microseconds())/1000, "slowest-script-ms") // 0: none took half a millisecond
	b.ReportMetric(float64(*scaleLibraries)/time.Since(began).Seconds(), "swept/s")
	b.ReportMetric(0, "ns/op")
}

// benchmarkSavedDeleted reads a page of a library, and again after most of its tracks were deleted,
// at first while they await the sweeper.
func benchmarkSavedDeleted(b *testing.B) {
	s := newScale(b)
	count := *scaleDeleted + 100
	s.addTracks(b, "mtrack_d", count)
	s.fillMany(b, count, `
		for i = ARGV[1], ARGV[2] do
			local id = string.format('mtrack_d%09d', i)
			redis.call('ZADD', ARGV[3] .. id, 1782642600000000, 'user_saver')
			for _, part in ipairs({'', ':mode:creation', ':engine:studio', ':mode:creation:engine:studio'}) do
				redis.call('ZADD', KEYS[1] .. part, i + 1, id)
			end
		end`, []string{s.keys.Library(s.o, "user_saver")}, s.keys.SaversPrefix(s.o))
	s.client.HSet(context.Background(), s.keys.Organization(s.o), schema.DividedField("user_saver"), count)
	pages := func(store testStore) float64 {
		took := make([]float64, 500)
		for i := range took {
			began := time.Now()
			list, err := store.ListSaved(context.Background(), saverCall(""), testOrganization, track.Filter{Limit: 20})
			if err != nil || len(list) != 20 {
				b.Fatalf("%d tracks, %v", len(list), err)
			}
			took[i] = float64(time.Since(began).Microseconds())
		}
		return middle(took)
	}
	store := storeOn(b, s.client, redisstore.WithoutSweeping())
	before := pages(store)
	var next atomic.Int64
	var working sync.WaitGroup
	for range 64 {
		working.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= *scaleDeleted {
					return
				}
				// From the newest on: they are what a page shows.
				if err := store.Delete(context.Background(), creatorCall(""), testOrganization, scaleID("mtrack_d", count-1-i)); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	working.Wait()
	began := time.Now()
	if _, err := store.ListSaved(context.Background(), saverCall(""), testOrganization, track.Filter{Limit: 20}); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(time.Since(began).Milliseconds()), "first-ms")
	b.ReportMetric(pages(store)/before, "waiting-ratio")
	sweeping := storeOn(b, s.client)
	for s.client.ZCard(context.Background(), s.keys.Dead(s.o)).Val() > 1 {
		time.Sleep(10 * time.Millisecond)
	}
	b.ReportMetric(pages(sweeping)/before, "ratio")
	b.ReportMetric(0, "ns/op")
}

// benchmarkTracks deletes tracks of an organization that has few, and when it has many, and says
// how much memory a track and a save take.
func benchmarkTracks(b *testing.B) {
	s := newScale(b)
	store := storeOn(b, s.client, redisstore.WithoutSweeping())
	deletions := func(prefix string) float64 {
		took := make([]float64, 1000)
		for i := range took {
			took[i] = deletion(b, store, scaleID(prefix, i))
		}
		return middle(took)
	}
	s.addTracks(b, "mtrack_a", 10_000)
	before := deletions("mtrack_a")
	used := s.memory(b)
	s.addTracks(b, "mtrack_b", *scaleTracks)
	b.ReportMetric(float64(s.memory(b)-used)/float64(*scaleTracks), "B/track")
	b.ReportMetric(deletions("mtrack_b")/before, "ratio")

	// Two events each of some tracks, and then users with a hundred saves each, ten of each track.
	const some, users, saves = 50_000, 1000, 100
	used = s.memory(b)
	created := schema.EncodeEvent(&record.Event{Type: track.EventCreated, At: testTime, Actor: testCreator})
	billed := schema.EncodeEvent(&record.Event{Type: track.EventBilled, At: testTime, Actor: testCreator, Amount: "0.08", Currency: "CHF"})
	s.fillMany(b, some, `
		for i = ARGV[1], ARGV[2] do
			redis.call('RPUSH', string.format('%smtrack_b%09d', KEYS[1], i), ARGV[3], ARGV[4])
		end`, []string{s.keys.Events(s.o, "")}, created, billed)
	b.ReportMetric(float64(s.memory(b)-used)/some, "B/history")
	used = s.memory(b)
	s.fillMany(b, users*saves, `
		for i = ARGV[1], ARGV[2] do
			local user, id = 'user_' .. math.floor(i / 100), string.format('mtrack_b%09d', i * 7 % ARGV[4])
			redis.call('ZADD', ARGV[3] .. id, 1782642600000000 + i, user)
			redis.call('ZADD', KEYS[1] .. user, i + 1, id)
		end`, []string{s.keys.LibraryPrefix(s.o)}, s.keys.SaversPrefix(s.o), some/5)
	b.ReportMetric(float64(s.memory(b)-used)/(users*saves), "B/save")
	s.fillMany(b, users, `
		for i = ARGV[1], ARGV[2] do
			local library = KEYS[1] .. 'user_' .. i
			for _, part in ipairs({':mode:creation', ':engine:studio', ':mode:creation:engine:studio'}) do
				redis.call('COPY', library, library .. part)
			end
			redis.call('HSET', ARGV[3], 'divided:user_' .. i, i * 100 + 100)
		end`, []string{s.keys.LibraryPrefix(s.o)}, s.keys.Organization(s.o))
	b.ReportMetric(float64(s.memory(b)-used)/(users*saves), "B/divided-save")
	b.ReportMetric(0, "ns/op")
}

// memory returns how many bytes the data takes.
func (s *scale) memory(b *testing.B) int {
	b.Helper()
	info, err := s.client.Info(context.Background(), "memory").Result()
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(info) {
		if text, ok := strings.CutPrefix(strings.TrimSpace(line), "used_memory_dataset:"); ok {
			// Without the table of keys, which grows by doubling, but with what a key takes there:
			// an entry of 24 bytes, an object of 16, a slot.
			n, err := strconv.Atoi(text)
			if err != nil {
				b.Fatal(err)
			}
			return n + 48*int(s.client.DBSize(context.Background()).Val())
		}
	}
	b.Fatal("Redis does not say how much memory it uses")
	return 0
}
