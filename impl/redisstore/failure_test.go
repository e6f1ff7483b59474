package redisstore_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/conformance/testenv"
	"github.com/seed-5ec2a705/mtrack/impl/internal/redistest"
	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/redisurl"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// TestLostReplies loses the reply to each kind of operation, after Redis has
// carried it out. The caller hears of its success, and it happened once.
func TestLostReplies(t *testing.T) {
	t.Parallel()
	for what, fault := range map[string]redistest.Fault{"cut": redistest.Cut, "silence": redistest.Silence, "half": redistest.Half} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			server := redistest.Own(t)
			direct := storeOn(t, server.Client(t))
			fill(t, direct, 4)
			p := redistest.NewProxy(t, server.Address())
			store := storeOn(t, p.Client(t), redisstore.WithoutSweeping())
			ctx := t.Context()

			for _, op := range []struct {
				name string
				run  func() error
			}{
				{"Delete", func() error { return store.Delete(ctx, creatorCall("req_1"), testOrganization, trackID(0)) }},
				{"Unsave by a saver", func() error { return store.Unsave(ctx, saverCall("req_2"), testOrganization, trackID(1)) }},
				{"Unsave by the creator", func() error { return store.Unsave(ctx, creatorCall("req_3"), testOrganization, trackID(1)) }},
				{"Get", func() error { _, err := store.Get(ctx, saverCall("req_4"), testOrganization, trackID(2)); return err }},
				{"ListSaved", func() error {
					_, err := store.ListSaved(ctx, saverCall("req_5"), testOrganization, track.Filter{Limit: 9})
					return err
				}},
				{"Authorize", func() error { return store.Authorize(ctx, saverCall("req_6"), testOrganization) }},
			} {
				// One loss is a connection that ended; a second one at once is worse.
				p.LoseReplies(2, fault)
				want(t, op.name, op.run(), 0)
				if n := p.LostReplies(); n != 2 {
					t.Errorf("%s: %d replies were lost, want 2", op.name, n)
				}
			}
			if n := deletions(t, direct, trackID(0)); n != 1 {
				t.Errorf("%d deletion events, want 1", n)
			}
		})
	}
	t.Run("RevokeKey", func(t *testing.T) {
		t.Parallel()
		server := redistest.Own(t)
		fill(t, storeOn(t, server.Client(t)), 1)
		p := redistest.NewProxy(t, server.Address())
		p.LoseReplies(2, redistest.Cut)
		want(t, "RevokeKey", storeOn(t, p.Client(t)).RevokeKey(t.Context(), track.NewKey("ak_saver").Hash()), 0)
	})
}

// TestLostRepliesForEver: the caller hears that the outcome is unknown when its
// time is up, the script ran again and again, and it happened once.
func TestLostRepliesForEver(t *testing.T) {
	t.Parallel()
	server := redistest.Own(t)
	direct := storeOn(t, server.Client(t))
	fill(t, direct, 2)
	p := redistest.NewProxy(t, server.Address())
	store := storeOn(t, p.Client(t), redisstore.WithoutSweeping())
	p.LoseReplies(1000, redistest.Cut)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	want(t, "Delete", store.Delete(ctx, creatorCall("req_1"), testOrganization, trackID(0)), track.Unavailable)
	if n := p.LostReplies(); n < 3 || n > 100 {
		t.Errorf("the script ran %d times, want several, with pauses", n)
	}
	p.LoseReplies(0, redistest.Cut)
	if n := deletions(t, direct, trackID(0)); n != 1 {
		t.Errorf("%d deletion events, want 1", n)
	}
	want(t, "another request", store.Delete(t.Context(), creatorCall("req_2"), testOrganization, trackID(0)), track.NotFound)
	want(t, "another track", store.Delete(t.Context(), creatorCall("req_3"), testOrganization, trackID(1)), 0)
}

// deleteAll deletes the tracks 0 to count-1 at once, each by one request with
// the time that requests have.
func deleteAll(t *testing.T, store testStore, count int) {
	t.Helper()
	var callers sync.WaitGroup
	for n := range count {
		callers.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			want(t, "Delete", store.Delete(ctx, creatorCall(fmt.Sprint("req_", n)), testOrganization, trackID(n)), 0)
		})
	}
	callers.Wait()
}

// TestBadConnections: whatever connections do, every deletion is acknowledged
// within its request's time, and happened once.
func TestBadConnections(t *testing.T) {
	t.Parallel()
	const count = 64
	for _, row := range []struct {
		what  string
		spoil func(*redistest.Proxy)
	}{
		{"many are cut", func(p *redistest.Proxy) { p.LoseReplies(20, redistest.Cut) }},
		{"many fall silent", func(p *redistest.Proxy) { p.LoseReplies(8, redistest.Silence) }},
		{"many end in the middle", func(p *redistest.Proxy) { p.LoseReplies(20, redistest.Half) }},
		{"all swallow what they are given", (*redistest.Proxy).Swallow},
		{"the way is long", func(p *redistest.Proxy) { p.Delay(600 * time.Millisecond) }},
	} {
		t.Run(row.what, func(t *testing.T) {
			t.Parallel()
			server := redistest.Own(t)
			direct := storeOn(t, server.Client(t))
			fill(t, direct, 2*count)
			p := redistest.NewProxy(t, server.Address())
			store := storeOn(t, p.Client(t), redisstore.WithoutSweeping())
			for n := count; n < 2*count; n++ { // connections
				go store.Get(t.Context(), creatorCall(""), testOrganization, trackID(n))
			}
			want(t, "Get", func() error {
				_, err := store.Get(t.Context(), creatorCall(""), testOrganization, trackID(0))
				return err
			}(), 0)
			row.spoil(p)
			deleteAll(t, store, count)
			for n := range count {
				if d := deletions(t, direct, trackID(n)); d != 1 {
					t.Errorf("%d deletion events of %s, want 1", d, trackID(n))
				}
			}
		})
	}
}

// TestScriptsForgotten flushes the script cache (of our own server) under
// load.
func TestScriptsForgotten(t *testing.T) {
	t.Parallel()
	server := redistest.Own(t)
	client := server.Client(t)
	store := storeOn(t, client)
	const count = 200
	fill(t, store, count)
	stop := make(chan struct{})
	var flusher, callers sync.WaitGroup
	flusher.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				client.ScriptFlush(context.Background())
				time.Sleep(time.Millisecond)
			}
		}
	})
	for n := range count {
		callers.Go(func() {
			if err := store.Delete(t.Context(), creatorCall(fmt.Sprint("req_", n)), testOrganization, trackID(n)); err != nil {
				t.Errorf("Delete: %v", err)
			}
		})
	}
	callers.Wait()
	close(stop)
	flusher.Wait()
	for n := range count {
		if d := deletions(t, store, trackID(n)); d != 1 {
			t.Errorf("%d deletion events of %s, want 1", d, trackID(n))
		}
	}
}

// TestRedisRefuses lets Redis answer with each of its ways of saying no. None
// of it is the caller's fault, and the next call after it works.
func TestRedisRefuses(t *testing.T) {
	t.Parallel()
	server := redistest.Own(t)
	client := server.Client(t)
	store := storeOn(t, client, redisstore.WithoutSweeping())
	fill(t, store, 3)
	ctx := t.Context()
	set := func(name, value string) {
		t.Helper()
		if err := client.ConfigSet(ctx, name, value).Err(); err != nil {
			t.Fatal(err)
		}
	}
	check := func(what, cause string) {
		t.Helper()
		err := store.Delete(ctx, creatorCall("req_"+what), testOrganization, trackID(0))
		want(t, what, err, track.Unavailable)
		if err != nil && !strings.Contains(strings.ToUpper(err.Error()), cause) {
			t.Errorf("%s: %v does not tell the logs of %s", what, err, cause)
		}
	}

	set("maxmemory", "1")
	check("full memory", "OOM")
	if _, err := store.Get(ctx, creatorCall(""), testOrganization, trackID(0)); err != nil {
		t.Errorf("Get with a full memory: %v", err)
	}
	set("maxmemory", "0")

	if err := client.Do(ctx, "REPLICAOF", "127.0.0.1", "1").Err(); err != nil {
		t.Fatal(err)
	}
	check("replica", "READONLY")
	if err := client.Do(ctx, "REPLICAOF", "NO", "ONE").Err(); err != nil {
		t.Fatal(err)
	}

	set("min-replicas-to-write", "1")
	check("too few replicas", "NOREPLICAS")
	set("min-replicas-to-write", "0")

	set("requirepass", "secret")
	if err := client.Do(ctx, "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "no").Err(); err != nil {
		t.Logf("CLIENT KILL: %v", err) // it may kill its own connection before the answer
	}
	check("password", "AUTH")
	authorized, err := redisurl.Open("redis://:secret@" + server.Address())
	if err != nil {
		t.Fatal(err)
	}
	defer authorized.Close()
	if err := authorized.ConfigSet(ctx, "requirepass", "").Err(); err != nil {
		t.Fatal(err)
	}
	want(t, "afterwards", store.Delete(ctx, creatorCall("req_after"), testOrganization, trackID(0)), 0)
	if n := deletions(t, store, trackID(0)); n != 1 {
		t.Errorf("%d deletion events, want 1: what was refused left something", n)
	}
}

// TestRedisDisk takes Redis its disk: it refuses to write, and even PING, but
// what only reads goes on. That includes the question whether the store
// answers: a server that says no to it is sent no requests at all.
func TestRedisDisk(t *testing.T) {
	t.Parallel()
	server := redistest.Own(t)
	client := server.Client(t)
	store := storeOn(t, client, redisstore.WithoutSweeping())
	fill(t, store, 2)
	ctx := t.Context()
	directory, err := client.ConfigGet(ctx, "dir").Result()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(directory["dir"]); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(client.ConfigSet(ctx, "save", "3600 1").Err(), client.BgSave(ctx).Err()); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(10 * time.Second)
	for !strings.Contains(client.Info(ctx, "persistence").Val(), "rdb_last_bgsave_status:err") {
		if time.Now().After(deadline) {
			t.Fatal("Redis saves without a directory")
		}
		time.Sleep(10 * time.Millisecond)
	}
	err = store.Delete(ctx, creatorCall("req_1"), testOrganization, trackID(0))
	want(t, "Delete", err, track.Unavailable)
	if err != nil && !strings.Contains(err.Error(), "MISCONF") {
		t.Errorf("%v does not tell the logs of MISCONF", err)
	}
	want(t, "Unsave", store.Unsave(ctx, saverCall("req_2"), testOrganization, trackID(1)), track.Unavailable)
	want(t, "Ping", store.Ping(ctx), 0)
	_, err = store.Get(ctx, saverCall("req_3"), testOrganization, trackID(0))
	want(t, "Get", err, 0)
	list, err := store.ListSaved(ctx, saverCall("req_4"), testOrganization, track.Filter{Limit: 9})
	want(t, "ListSaved", err, 0)
	if len(list) != 2 {
		t.Errorf("%d tracks in the library, want 2", len(list))
	}
	if n := deletions(t, store, trackID(0)); n != 0 {
		t.Errorf("%d deletion events of what was refused", n)
	}
	if err := client.ConfigSet(ctx, "save", "").Err(); err != nil {
		t.Fatal(err)
	}
	want(t, "afterwards", store.Delete(ctx, creatorCall("req_5"), testOrganization, trackID(0)), 0)
}

// TestDamage puts something else in the place of a track. No waiting fixes that,
// so nobody is asked to try again.
func TestDamage(t *testing.T) {
	t.Parallel()
	server := redistest.Own(t)
	client := server.Client(t)
	store := storeOn(t, client, redisstore.WithoutSweeping())
	fill(t, store, 2)
	ctx := t.Context()
	damaged, err := client.Keys(ctx, "*:track:"+string(trackID(0))).Result()
	if err != nil || len(damaged) != 1 {
		t.Fatalf("%v, %v", damaged, err)
	}
	if err := errors.Join(client.Del(ctx, damaged[0]).Err(), client.RPush(ctx, damaged[0], "x").Err()); err != nil {
		t.Fatal(err)
	}
	_, getErr := store.Get(ctx, creatorCall("req_1"), testOrganization, trackID(0))
	for what, err := range map[string]error{
		"Get":    getErr,
		"Delete": store.Delete(ctx, creatorCall("req_2"), testOrganization, trackID(0)),
		"Export": store.Export(ctx, func(record.Record) error { return nil }),
	} {
		if err == nil || track.CodeOf(err) != 0 || !strings.Contains(err.Error(), "WRONGTYPE") {
			t.Errorf("%s: %v, want an internal error that tells of WRONGTYPE", what, err)
		}
	}
	want(t, "another track", store.Delete(ctx, creatorCall("req_3"), testOrganization, trackID(1)), 0)
}

// TestRedisGone stops Redis and starts it again, without its data: calls fail
// when their time is up, and work afterwards.
func TestRedisGone(t *testing.T) {
	t.Parallel()
	server := redistest.Own(t)
	store := storeOn(t, server.Client(t))
	fill(t, store, 2)
	server.Stop()
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	err := store.Delete(ctx, creatorCall("req_1"), testOrganization, trackID(0))
	want(t, "Delete", err, track.Unavailable)
	if err != nil && !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("%v does not tell the logs why", err)
	}
	want(t, "Authorize", store.Authorize(ctx, creatorCall("req_1"), testOrganization), track.Unavailable)
	want(t, "Ping", store.Ping(t.Context()), track.Unavailable)
	server.Restart(t)
	fill(t, store, 2)
	want(t, "Delete", store.Delete(t.Context(), creatorCall("req_2"), testOrganization, trackID(0)), 0)
}

// TestRedisReturns kills a Redis that keeps its data and starts it again: the
// callers that wait meanwhile are served, each once, and did not dial each for
// himself.
func TestRedisReturns(t *testing.T) {
	t.Parallel()
	server := redistest.Own(t, "--appendonly", "yes", "--appendfsync", "always")
	client := server.Client(t)
	dials := countDials(client)
	store := storeOn(t, client, redisstore.WithoutSweeping())
	const count = 64
	fill(t, store, count)
	server.Stop()
	dials.Store(0)
	done := make(chan struct{})
	go func() {
		defer close(done)
		var callers sync.WaitGroup
		for n := range count {
			callers.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
				defer cancel()
				want(t, "Delete", store.Delete(ctx, creatorCall(fmt.Sprint("req_", n)), testOrganization, trackID(n)), 0)
			})
		}
		callers.Wait()
	}()
	// More dials than the client has connections: by itself the client library
	// would have given up dialing for a second.
	began := time.Now()
	for deadline := began.Add(20 * time.Second); dials.Load() < 100; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d dials while Redis is down, want more: nobody notices that it is back", dials.Load())
		}
	}
	// Each of the workers rests between two of them.
	if most := 8 + 4*int64(time.Since(began)/(10*time.Millisecond)); dials.Load() > 2*most {
		t.Errorf("%d dials in %v, want %d at most", dials.Load(), time.Since(began), most)
	}
	server.Restart(t)
	<-done
	for n := range count {
		if d := deletions(t, store, trackID(n)); d != 1 {
			t.Errorf("%d deletion events of %s, want 1", d, trackID(n))
		}
	}
}

// countDials counts the connections that a client asks for from now on.
func countDials(client redis.UniversalClient) *atomic.Int64 {
	var c dialCounter
	client.AddHook(&c)
	return &c.dials
}

type dialCounter struct{ dials atomic.Int64 }

// DialHook implements [redis.Hook].
func (c *dialCounter) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		c.dials.Add(1)
		return next(ctx, network, address)
	}
}

// ProcessHook implements [redis.Hook].
func (c *dialCounter) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }

// ProcessPipelineHook implements [redis.Hook].
func (c *dialCounter) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

// TestDeadline: whoever waits no longer gets its answer at once, from a Redis
// that hangs.
func TestDeadline(t *testing.T) {
	testenv.Slow(t)
	t.Parallel()
	server := redistest.Own(t)
	client := server.Client(t)
	store := storeOn(t, client)
	fill(t, store, 1)
	if err := client.Do(t.Context(), "CLIENT", "PAUSE", "2000", "ALL").Err(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, err := store.Get(ctx, creatorCall(""), testOrganization, trackID(0))
	want(t, "Get", err, track.Unavailable)
	if took := time.Since(began); took > time.Second {
		t.Errorf("took %v", took)
	}
}

func TestClosed(t *testing.T) {
	t.Parallel()
	server := redistest.Own(t)
	store := storeOn(t, server.Client(t))
	fill(t, store, 1)
	store.Close()
	store.Close()
	want(t, "Delete", store.Delete(t.Context(), creatorCall("req_1"), testOrganization, trackID(0)), track.Unavailable)
}
