package redisstore_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/conformance/testenv"
	"github.com/seed-5ec2a705/mtrack/impl/internal/redistest"
	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/schema"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/redisurl"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// soon is a context that ends long before the test does.
func soon(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 700*time.Millisecond)
	t.Cleanup(cancel)
	return ctx
}

// wantUnconfirmed fails the test unless err says that replicas did not confirm.
func wantUnconfirmed(t *testing.T, what string, err error) {
	t.Helper()
	want(t, what, err, track.Unavailable)
	if !errors.Is(err, track.ErrUnconfirmed) {
		t.Errorf("%s: %v does not say that it is unconfirmed", what, err)
	}
}

// deletedOn reports whether a server itself has a track as deleted.
func deletedOn(t *testing.T, client redis.UniversalClient, o track.OrganizationID, id track.ID) bool {
	t.Helper()
	key := schema.NewKeyspace(schema.DefaultPrefix).Track(schema.Encode(o), schema.Encode(id))
	text, err := client.Get(context.Background(), key).Result()
	if err != nil {
		t.Fatal(err)
	}
	return strings.HasPrefix(text, schema.DeletedMark)
}

// TestReplicas takes the replica away and gives it back.
func TestReplicas(t *testing.T) {
	t.Parallel()
	server := redistest.Own(t)
	replica := server.Replica(t)
	copied := replica.Client(t)
	store := storeOn(t, server.Client(t), redisstore.WithoutSweeping(), redisstore.WithReplicas(1))
	fill(t, store, 5)
	ctx := t.Context()

	want(t, "Delete", store.Delete(ctx, creatorCall("req_1"), testOrganization, trackID(0)), 0)
	if !deletedOn(t, copied, testOrganization, trackID(0)) {
		t.Error("a delete was acknowledged before the replica had it")
	}
	want(t, "Unsave", store.Unsave(ctx, saverCall("req_2"), testOrganization, trackID(1)), 0)
	if n := copied.Exists(ctx, schema.NewKeyspace(schema.DefaultPrefix).Unsaved(schema.Encode(testOrganization), "req_2")).Val(); n != 1 {
		t.Error("an unsave was acknowledged before the replica had it")
	}

	replica.Suspend(t)
	defer replica.Resume(t)
	wantUnconfirmed(t, "Delete", store.Delete(soon(t), creatorCall("req_3"), testOrganization, trackID(2)))
	wantUnconfirmed(t, "Delete of what is gone, and perhaps not for good", store.Delete(soon(t), creatorCall("req_4"), testOrganization, trackID(2)))
	wantUnconfirmed(t, "Unsave", store.Unsave(soon(t), saverCall("req_5"), testOrganization, trackID(3)))
	want(t, "Delete by nobody", store.Delete(soon(t), track.Caller{Key: track.NewKey("ak_nobody")}, testOrganization, trackID(3)), track.Unauthenticated)
	want(t, "Delete by a saver", store.Delete(soon(t), saverCall("req_6"), testOrganization, trackID(4)), track.NotCreator)
	_, err := store.Get(soon(t), creatorCall("req_7"), testOrganization, trackID(3))
	want(t, "Get", err, 0)

	replica.Resume(t)
	want(t, "the same Delete", store.Delete(ctx, creatorCall("req_3"), testOrganization, trackID(2)), 0)
	want(t, "another Delete", store.Delete(ctx, creatorCall("req_8"), testOrganization, trackID(2)), track.NotFound)
	want(t, "the same Unsave", store.Unsave(ctx, saverCall("req_5"), testOrganization, trackID(3)), 0)
	if n := deletions(t, store, trackID(2)); n != 1 {
		t.Errorf("%d deletion events, want 1", n)
	}

	demanding := storeOn(t, server.Client(t), redisstore.WithoutSweeping(), redisstore.WithReplicas(2))
	wantUnconfirmed(t, "Delete with more replicas than there are", demanding.Delete(soon(t), creatorCall("req_9"), testOrganization, trackID(4)))
}

// TestReplicas_Together deletes a great many tracks at once: pipelines wait for
// the replica, not each delete by itself.
func TestReplicas_Together(t *testing.T) {
	t.Parallel()
	server := redistest.Own(t)
	replica := server.Replica(t).Client(t)
	client := server.Client(t)
	store := storeOn(t, client, redisstore.WithReplicas(1))
	const count = 300
	fill(t, store, count)
	if err := client.ScriptFlush(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	var callers sync.WaitGroup
	for n := range count {
		callers.Go(func() {
			if err := store.Delete(t.Context(), creatorCall(fmt.Sprint("req_", n)), testOrganization, trackID(n)); err != nil {
				t.Errorf("Delete: %v", err)
			} else if !deletedOn(t, replica, testOrganization, trackID(n)) {
				t.Errorf("the delete of %s was acknowledged before the replica had it", trackID(n))
			}
		})
	}
	callers.Wait()
	for n := range count {
		if d := deletions(t, store, trackID(n)); d != 1 {
			t.Errorf("%d deletion events of %s, want 1", d, trackID(n))
		}
	}
	stats := client.Info(t.Context(), "commandstats").Val()
	match := regexp.MustCompile(`cmdstat_wait:calls=(\d+)`).FindStringSubmatch(stats)
	if match == nil {
		t.Fatalf("no WAIT in %s", stats)
	}
	if waits, _ := strconv.Atoi(match[1]); waits > count/2 {
		t.Errorf("%d deletes at once took %d WAITs", count, waits)
	}
}

// switchboard is an address behind which now this server stands, now that one.
type switchboard struct {
	listener net.Listener

	mu     sync.Mutex
	target string
	open   []net.Conn
}

func newSwitchboard(t *testing.T, target string) *switchboard {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	s := &switchboard{listener: listener, target: target}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go s.connect(conn)
		}
	}()
	return s
}

func (s *switchboard) connect(conn net.Conn) {
	defer conn.Close()
	s.mu.Lock()
	server, err := net.Dial("tcp", s.target)
	if err == nil {
		s.open = append(s.open, conn, server)
	}
	s.mu.Unlock()
	if err != nil {
		return
	}
	defer server.Close()
	go io.Copy(server, conn)
	io.Copy(conn, server)
}

// turn cuts all connections; later ones lead to another server.
func (s *switchboard) turn(target string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.target = target
	for _, c := range s.open {
		c.Close()
	}
	s.open = nil
}

// TestReplicas_Failover lets a server take over that has never heard of a delete
// which is being confirmed: what its replica confirms must not be taken for
// the delete's.
func TestReplicas_Failover(t *testing.T) {
	t.Parallel()
	old := redistest.Own(t)
	fill(t, storeOn(t, old.Client(t)), 1)
	next := old.Replica(t)
	if err := next.Client(t).Do(t.Context(), "REPLICAOF", "NO", "ONE").Err(); err != nil {
		t.Fatal(err)
	}
	replica := next.Replica(t)

	board := newSwitchboard(t, old.Address())
	client, err := redisurl.Open("redis://" + board.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	store := storeOn(t, client, redisstore.WithReplicas(1))
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	outcome := make(chan error)
	go func() { outcome <- store.Delete(ctx, creatorCall("req_1"), testOrganization, trackID(0)) }()
	for !deletedOn(t, old.Client(t), testOrganization, trackID(0)) {
		time.Sleep(time.Millisecond)
	}
	board.turn(next.Address())
	want(t, "Delete", <-outcome, 0)
	for what, server := range map[string]*redistest.Redis{"the server that took over": next, "its replica": replica} {
		if !deletedOn(t, server.Client(t), testOrganization, trackID(0)) {
			t.Errorf("a delete was acknowledged that %s does not know of", what)
		}
	}
}

// TestReplicas_Cluster gives one of two masters a replica: each delete is
// confirmed where its organization lies.
func TestReplicas_Cluster(t *testing.T) {
	testenv.Slow(t)
	cluster := redistest.StartCluster(t, 2)
	cluster.AddReplica(t, 0)
	client, err := redisurl.Open(cluster.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	store := storeOn(t, client, redisstore.WithReplicas(1))
	organizations := make(map[string]track.OrganizationID) // by master
	for n := 0; len(organizations) < 2; n++ {
		o := track.OrganizationID(fmt.Sprint("org_", n))
		master, err := client.(*redis.ClusterClient).MasterForKey(t.Context(), schema.NewKeyspace(schema.DefaultPrefix).Ring(schema.Encode(o)))
		if err != nil {
			t.Fatal(err)
		}
		organizations[master.Options().Addr] = o
	}
	var records []record.Record
	user := &record.User{ID: testCreator, Keys: []record.Key{{Secret: creatorCall("").Key.Reveal()}}}
	var tracks []record.Record
	for _, o := range organizations {
		records = append(records, record.Record{Organization: &record.Organization{ID: o}})
		user.MemberOf = append(user.MemberOf, o)
		tracks = append(tracks, record.Record{Track: &record.Track{
			ID: trackID(0), Organization: o, Creator: testCreator, Engine: "a", Mode: track.ModeCreation, Licence: track.LicenceUnclear, CreatedAt: testTime,
		}})
	}
	if err := store.Apply(t.Context(), append(append(records, record.Record{User: user}), tracks...)); err != nil {
		t.Fatal(err)
	}
	with, without := organizations[cluster.Nodes[0].Address()], organizations[cluster.Nodes[1].Address()]
	want(t, "Delete on the master with a replica", store.Delete(t.Context(), creatorCall("req_1"), with, trackID(0)), 0)
	wantUnconfirmed(t, "Delete on the master without", store.Delete(soon(t), creatorCall("req_2"), without, trackID(0)))
}
