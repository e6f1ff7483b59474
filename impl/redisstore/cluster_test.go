package redisstore_test

import (
	"context"
	"fmt"
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
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/registry"
	"github.com/seed-5ec2a705/mtrack/impl/storetest"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// TestContractOnCluster proves that everything a script touches lies in one
// slot, which a single server does not mind.
func TestContractOnCluster(t *testing.T) {
	testenv.Slow(t)
	cluster := redistest.StartCluster(t, 3)
	storetest.Run(t, func(t *testing.T) (track.Store, record.Registry) {
		client, err := redisurl.Open(cluster.URL)
		if err != nil {
			t.Fatal(err)
		}
		store := redisstore.New(client)
		t.Cleanup(func() {
			store.Close()
			client.Close()
		})
		return store, registry.New(client)
	})
}

// TestClusterNodeGone hangs one node: what lies on it fails within its time,
// what lies on the others is served as before.
func TestClusterNodeGone(t *testing.T) {
	testenv.Slow(t)
	cluster := redistest.StartCluster(t, 3)
	client, err := redisurl.Open(cluster.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	store := storeOn(t, client)

	// An organization on each node, with a member.
	caller := creatorCall("")
	organizations := make(map[string]track.OrganizationID)
	for n := 0; len(organizations) < len(cluster.Nodes); n++ {
		o := track.OrganizationID(fmt.Sprint("org_", n))
		master, err := client.(*redis.ClusterClient).MasterForKey(t.Context(),
			schema.NewKeyspace("mtrack:").Ring(schema.Encode(o)))
		if err != nil {
			t.Fatal(err)
		}
		organizations[master.Options().Addr] = o
	}
	var records []record.Record
	user := &record.User{ID: testCreator, Keys: []record.Key{{Secret: caller.Key.Reveal()}}}
	for _, o := range organizations {
		records = append(records, record.Record{Organization: &record.Organization{ID: o}})
		user.MemberOf = append(user.MemberOf, o)
	}
	if err := store.Apply(t.Context(), append(records, record.Record{User: user})); err != nil {
		t.Fatal(err)
	}

	hanging := cluster.Nodes[1]
	if err := hanging.Client(t).Do(t.Context(), "CLIENT", "PAUSE", "20000", "ALL").Err(); err != nil {
		t.Fatal(err)
	}
	until := time.Now().Add(1500 * time.Millisecond)
	var done sync.WaitGroup
	for address, o := range organizations {
		for range 8 {
			done.Go(func() {
				for time.Now().Before(until) {
					ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
					began := time.Now()
					err := store.Authorize(ctx, caller, o)
					took := time.Since(began)
					cancel()
					if address == hanging.Address() {
						want(t, "on the node that hangs", err, track.Unavailable)
					} else if err != nil || took > 700*time.Millisecond {
						t.Errorf("on another node: %v after %v", err, took)
						return
					}
				}
			})
		}
	}
	done.Wait()
}
