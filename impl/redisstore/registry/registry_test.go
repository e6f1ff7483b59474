package registry_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/impl/embedded"
	"github.com/seed-5ec2a705/mtrack/impl/internal/redistest"
	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/redisurl"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/registry"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// TestMain silences the client library, which would report every connection
// that a test cuts.
func TestMain(m *testing.M) {
	redisurl.LogClient(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}

var testTime = time.Date(2026, 6, 28, 10, 30, 0, 0, time.UTC)

// testWorld returns an organization with a user who created, with its history,
// and saved that many tracks.
func testWorld(count int) []record.Record {
	const o, u = track.OrganizationID("org_test"), track.UserID("user_1")
	records := []record.Record{
		{Organization: &record.Organization{ID: o}},
		{User: &record.User{ID: u, MemberOf: []track.OrganizationID{o}, Keys: []record.Key{{SHA256: track.NewKey("ak_1").Hash().String()}}}},
	}
	for n := range count {
		id := track.ID(fmt.Sprintf("mtrack_%05d", n))
		records = append(records, record.Record{Track: &record.Track{
			ID: id, Organization: o, Creator: u, Engine: []string{"a", "b"}[n%2],
			Mode: track.ModeCreation, Licence: track.LicenceUnclear, CreatedAt: testTime,
		}})
		for i, kind := range []track.EventType{track.EventCreated, "track.mastered"} {
			records = append(records, record.Record{Event: &record.Event{
				Organization: o, Track: id, Seq: i + 1, Type: kind, At: testTime, Actor: u,
			}})
		}
	}
	for n := range count {
		records = append(records, record.Record{Save: &record.Save{
			User: u, Organization: o, Track: track.ID(fmt.Sprintf("mtrack_%05d", n)), SavedAt: testTime,
		}})
	}
	return records
}

func export(t *testing.T, r *registry.Registry) []record.Record {
	t.Helper()
	var records []record.Record
	if err := r.Export(t.Context(), func(one record.Record) error {
		records = append(records, one)
		return nil
	}); err != nil {
		t.Fatalf("Export: %v", err)
	}
	return records
}

// everything uses every operation of a registry, and looks at what came of it.
func everything(t *testing.T, r *registry.Registry) {
	t.Helper()
	world := testWorld(500)
	for range 2 {
		if err := r.Apply(t.Context(), world); err != nil {
			t.Fatalf("Apply: %v", err)
		}
	}
	if got := export(t, r); !reflect.DeepEqual(got, world) {
		t.Errorf("the export holds %d records and differs from what was imported, %d", len(got), len(world))
	}
	for range 20 {
		key, err := r.CreateKey(t.Context(), "user_1", "")
		if err != nil {
			t.Fatalf("CreateKey: %v", err)
		}
		if err := r.RevokeKey(t.Context(), key.Hash()); err != nil {
			t.Fatalf("RevokeKey: %v", err)
		}
	}
	if keys, err := r.Keys(t.Context(), "user_1"); err != nil || len(keys) != 21 {
		t.Errorf("Keys: %d, %v; want 21", len(keys), err)
	}
	if history, err := r.History(t.Context(), "org_test", "mtrack_00007"); err != nil || len(history) != 2 {
		t.Errorf("History: %v, %v", history, err)
	}
}

// during runs work while disturb is called again and again.
func during(t *testing.T, disturb func(), work func()) {
	t.Helper()
	stop := make(chan struct{})
	var disturber sync.WaitGroup
	disturber.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				disturb()
			}
		}
	})
	work()
	close(stop)
	disturber.Wait()
}

// TestScriptsForgotten flushes the script cache (of our own server) all the
// time.
func TestScriptsForgotten(t *testing.T) {
	t.Parallel()
	server := redistest.Own(t)
	other := server.Client(t)
	during(t, func() {
		other.ScriptFlush(context.Background())
		time.Sleep(time.Millisecond)
	}, func() { everything(t, server.Registry(t)) })
}

// TestConnectionsCut cuts every connection of others (to our own server), again
// and again.
func TestConnectionsCut(t *testing.T) {
	t.Parallel()
	server := redistest.Own(t)
	other := server.Client(t)
	during(t, func() {
		other.Do(context.Background(), "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
		time.Sleep(50 * time.Millisecond)
	}, func() { everything(t, server.Registry(t)) })
}

// TestLostReplies loses the reply to each call of a script once, after Redis
// has carried it out.
func TestLostReplies(t *testing.T) {
	t.Parallel()
	server := redistest.Own(t)
	p := redistest.NewProxy(t, server.Address())
	r := registry.New(p.Client(t))
	world := testWorld(3)
	p.LoseReplies(4, redistest.Cut)
	for _, part := range [][]record.Record{world[:2], world[2:]} {
		if err := r.Apply(t.Context(), part); err != nil {
			t.Fatalf("Apply: %v", err)
		}
	}
	if n := p.LostReplies(); n != 4 {
		t.Errorf("%d replies were lost, want 4", n)
	}
	if got := export(t, r); !reflect.DeepEqual(got, world) {
		t.Errorf("the export differs from what was imported: %v", got)
	}
}

// TestApply_Together lets several import the same at once: all succeed, and
// everything is there once.
func TestApply_Together(t *testing.T) {
	t.Parallel()
	server := redistest.Own(t)
	world := testWorld(300)
	var done sync.WaitGroup
	for n := range 4 {
		r := server.Registry(t)
		done.Go(func() {
			for start := 0; start < len(world); start += 100 + n {
				if err := r.Apply(t.Context(), world[start:min(start+100+n, len(world))]); err != nil {
					t.Errorf("Apply: %v", err)
					return
				}
			}
		})
	}
	done.Wait()
	if got := export(t, server.Registry(t)); len(got) != len(world) {
		t.Errorf("the export holds %d records, want %d", len(got), len(world))
	}
}

// unknownScripts counts the commands whose script the server did not know.
type unknownScripts struct{ count atomic.Int64 }

func (u *unknownScripts) DialHook(next redis.DialHook) redis.DialHook { return next }

func (u *unknownScripts) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, command redis.Cmder) error {
		err := next(ctx, command)
		u.look(command)
		return err
	}
}

func (u *unknownScripts) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, commands []redis.Cmder) error {
		err := next(ctx, commands)
		u.look(commands...)
		return err
	}
}

func (u *unknownScripts) look(commands ...redis.Cmder) {
	for _, c := range commands {
		if redis.HasErrorPrefix(c.Err(), "NOSCRIPT") {
			u.count.Add(1)
		}
	}
}

// TestApply_ServerWithoutScripts: Apply on a server that knows no scripts runs
// none of them out of turn. Had one been unknown, and the next been taught by
// somebody else in the meantime, saves would be carried out in another order
// than they were given.
func TestApply_ServerWithoutScripts(t *testing.T) {
	t.Parallel()
	server := embedded.Open()
	t.Cleanup(func() { server.Close() })
	var unknown unknownScripts
	server.Client().AddHook(&unknown)
	r := registry.New(server.Client())
	if err := r.Apply(t.Context(), testWorld(300)); err != nil {
		t.Fatal(err)
	}
	if n := unknown.count.Load(); n != 0 {
		t.Errorf("%d scripts were unknown to the server when their turn came", n)
	}
	store := redisstore.New(server.Client(), redisstore.WithoutSweeping())
	defer store.Close()
	list, err := store.ListSaved(t.Context(), track.Caller{Key: track.NewKey("ak_1")}, "org_test", track.Filter{Limit: 100})
	if err != nil || len(list) != 100 || list[0].ID != "mtrack_00299" || list[99].ID != "mtrack_00200" {
		t.Errorf("library: %d tracks, %v; want the newest first", len(list), err)
	}
}
