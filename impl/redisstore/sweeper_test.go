package redisstore_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/impl/internal/redistest"
	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/schema"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/redisurl"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never came true: %s", what)
		}
	}
}

// keysWith returns the keys that hold a word; our own server only.
func keysWith(t *testing.T, client redis.UniversalClient, word string) []string {
	t.Helper()
	keys, err := client.Keys(context.Background(), "*"+word+"*").Result()
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// dead returns the tracks that the sweeper is still to see to; our own server only.
func dead(t *testing.T, client redis.UniversalClient) []string {
	t.Helper()
	var tracks []string
	for _, key := range keysWith(t, client, ":dead") {
		members, err := client.ZRange(context.Background(), key, 0, -1).Result()
		if err != nil || len(members) == 0 || members[len(members)-1] != schema.DeletionCount {
			t.Fatalf("%s holds %q, %v; want the count at its end", key, members, err)
		}
		tracks = append(tracks, members[:len(members)-1]...)
	}
	return tracks
}

// TestSweeper deletes tracks that are in more libraries than one step covers:
// in the end nothing of them is left but the tracks and their histories.
func TestSweeper(t *testing.T) {
	t.Parallel()
	server := redistest.Own(t)
	client := server.Client(t)
	store := storeOn(t, client)
	const count, savers = 20, 100
	fill(t, store, count)
	var records []record.Record
	for n := range savers {
		u := track.UserID(fmt.Sprint("user_", n))
		records = append(records, record.Record{User: &record.User{ID: u}})
		for _, i := range []int{0, 7, 19} {
			records = append(records, record.Record{Save: &record.Save{
				User: u, Organization: testOrganization, Track: trackID(i), SavedAt: testTime,
			}})
		}
	}
	if err := store.Apply(t.Context(), records); err != nil {
		t.Fatal(err)
	}
	for n := range count {
		if n != 7 {
			want(t, "Delete", store.Delete(t.Context(), creatorCall(fmt.Sprint("req_", n)), testOrganization, trackID(n)), 0)
		}
	}
	eventually(t, "nothing is dead", func() bool { return len(dead(t, client)) == 0 })
	for _, key := range keysWith(t, client, ":library:") {
		members, err := client.ZRange(t.Context(), key, 0, -1).Result()
		if err != nil || len(members) != 1 || members[0] != string(trackID(7)) {
			t.Errorf("%s holds %q, %v; want the one that lives", key, members, err)
		}
	}
	if keys := keysWith(t, client, ":savers:"); len(keys) != 1 {
		t.Errorf("savers left of %q", keys)
	}
	list, err := store.ListSaved(t.Context(), saverCall(""), testOrganization, track.Filter{Limit: 100})
	if err != nil || len(list) != 1 || list[0].ID != trackID(7) {
		t.Errorf("ListSaved: %v, %v", list, err)
	}
}

// TestSweeperRecovers starts with dead edges that an earlier process left.
func TestSweeperRecovers(t *testing.T) {
	t.Parallel()
	server := redistest.Own(t)
	client := server.Client(t)
	earlier := storeOn(t, client, redisstore.WithoutSweeping())
	fill(t, earlier, 3)
	want(t, "Delete", earlier.Delete(t.Context(), creatorCall("req_1"), testOrganization, trackID(1)), 0)
	earlier.Close()
	if len(dead(t, client)) != 1 {
		t.Fatal("nothing is left to sweep")
	}
	storeOn(t, client)
	eventually(t, "nothing is dead", func() bool { return len(dead(t, client)) == 0 })
}

// TestSweeperOfOthers sweeps, at its interval, what a process without a sweeper deletes.
func TestSweeperOfOthers(t *testing.T) {
	t.Parallel()
	server := redistest.Own(t)
	client := server.Client(t)
	storeOn(t, client, redisstore.WithSweepInterval(20*time.Millisecond))
	other := storeOn(t, client, redisstore.WithoutSweeping())
	fill(t, other, 2)
	want(t, "Delete", other.Delete(t.Context(), creatorCall("req_1"), testOrganization, trackID(1)), 0)
	eventually(t, "nothing is dead", func() bool { return len(dead(t, client)) == 0 })
}

// logBuffer may be written and read at once.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// TestSweeperWaits: a Redis that is gone for a while is complained of, not
// hammered, and the work is done when it is back.
func TestSweeperWaits(t *testing.T) {
	t.Parallel()
	server := redistest.Own(t, "--appendonly", "yes", "--appendfsync", "always")
	var log logBuffer
	client, err := redisurl.Open(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	earlier := storeOn(t, client, redisstore.WithoutSweeping())
	fill(t, earlier, 3)
	want(t, "Delete", earlier.Delete(t.Context(), creatorCall("req_1"), testOrganization, trackID(1)), 0)
	server.Stop()
	storeOn(t, client, redisstore.WithLogger(slog.New(slog.NewTextHandler(&log, nil))), redisstore.WithSweepInterval(10*time.Millisecond))
	eventually(t, "a complaint", func() bool { return log.String() != "" })
	time.Sleep(200 * time.Millisecond)
	if n := strings.Count(log.String(), "\n"); n > 2 {
		t.Errorf("%d complaints within a moment", n)
	}
	server.Restart(t)
	eventually(t, "nothing is dead", func() bool { return len(dead(t, client)) == 0 })
}

// TestListBehind reads libraries while far more tracks are dead than a reader
// bears, with nobody sweeping, and some die in between.
func TestListBehind(t *testing.T) {
	t.Parallel()
	server := redistest.Own(t)
	client := server.Client(t)
	store := storeOn(t, client, redisstore.WithoutSweeping())
	const count = 3200
	fill(t, store, count)
	alive := make(map[int]bool, count)
	for n := range count {
		alive[n] = true
	}
	var done sync.WaitGroup
	for worker := range 16 {
		done.Go(func() {
			for n := worker; n < count; n += 16 {
				if n%8 == 0 {
					continue
				}
				if err := store.Delete(t.Context(), creatorCall(fmt.Sprint("req_", n)), testOrganization, trackID(n)); err != nil {
					t.Errorf("Delete: %v", err)
				}
			}
		})
	}
	done.Wait()
	for n := range count {
		alive[n] = n%8 == 0
	}
	check := func(offset int, engine *string) {
		t.Helper()
		got, err := store.ListSaved(t.Context(), saverCall(""), testOrganization, track.Filter{Limit: 20, Offset: offset, Engine: engine})
		if err != nil {
			t.Fatalf("ListSaved: %v", err)
		}
		var expected []track.ID
		skip := offset
		for n := count - 1; n >= 0 && len(expected) < 20; n-- {
			if !alive[n] || engine != nil && *engine != []string{"a", "b"}[n%2] {
				continue
			}
			if skip > 0 {
				skip--
				continue
			}
			expected = append(expected, trackID(n))
		}
		if len(got) != len(expected) {
			t.Fatalf("offset %d: %d tracks, want %d", offset, len(got), len(expected))
		}
		for i := range got {
			if got[i].ID != expected[i] {
				t.Fatalf("offset %d: place %d is %s, want %s", offset, i, got[i].ID, expected[i])
			}
		}
	}
	for _, offset := range []int{0, 5, 100, 390, 399, 400, 1000} {
		check(offset, nil)
		check(offset, new("a"))
		check(offset, new("b"))
		victim := (offset*7 + 80) / 8 * 8 % count
		if alive[victim] {
			want(t, "Delete", store.Delete(t.Context(), creatorCall(fmt.Sprint("again_", offset)), testOrganization, trackID(victim)), 0)
			alive[victim] = false
		}
		check(offset, nil)
	}
}

// TestSweeperIsSpared deletes tracks that are in no library: nothing is looked at for them.
func TestSweeperIsSpared(t *testing.T) {
	t.Parallel()
	server := redistest.Own(t)
	client := server.Client(t)
	store := storeOn(t, client)
	looks := func() int {
		t.Helper()
		stats, err := client.Info(t.Context(), "commandstats").Result()
		if err != nil {
			t.Fatal(err)
		}
		_, rest, _ := strings.Cut(stats, "cmdstat_zrange:calls=")
		n, _, _ := strings.Cut(rest, ",")
		count, _ := strconv.Atoi(n) // none: it is not listed
		return count
	}
	eventually(t, "the first look, for what an earlier process left, is over", func() bool { return looks() == 1 })
	fill(t, store, 1)
	unsaved := func(n int) record.Record {
		return record.Record{Track: &record.Track{
			ID: trackID(n), Organization: testOrganization, Creator: testCreator, Engine: "a",
			Mode: track.ModeCreation, Licence: track.LicenceUnclear, CreatedAt: testTime,
		}}
	}
	if err := store.Apply(t.Context(), []record.Record{unsaved(1), unsaved(2)}); err != nil {
		t.Fatal(err)
	}
	before := looks()
	for _, n := range []int{1, 2} {
		want(t, "Delete", store.Delete(t.Context(), creatorCall(fmt.Sprint("req_", n)), testOrganization, trackID(n)), 0)
		time.Sleep(50 * time.Millisecond) // in which the sweeper would have looked, several times over
	}
	if n := looks(); n != before {
		t.Errorf("%d looks for two tracks that nobody has saved", n-before)
	}
	want(t, "Delete", store.Delete(t.Context(), creatorCall("req_0"), testOrganization, trackID(0)), 0)
	eventually(t, "the one that somebody has saved is swept", func() bool { return looks() > before && len(dead(t, client)) == 0 })
}
