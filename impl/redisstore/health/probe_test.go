package health

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/conformance/testenv"
	"github.com/seed-5ec2a705/mtrack/impl/internal/redistest"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/redisurl"
)

// TestMain silences the client library, which would report every Redis that a
// test stops.
func TestMain(m *testing.M) {
	redisurl.LogClient(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}

// open returns a client with the waits of requests.
func open(t *testing.T, url string) redis.UniversalClient {
	t.Helper()
	client, err := redisurl.Open(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

// eager returns a probe that looks every time.
func eager(client redis.UniversalClient, options ...ProbeOption) *Probe {
	p := NewProbe(client, options...)
	p.every = 0
	return p
}

// wantReady fails the test unless the probe becomes ready.
func wantReady(t *testing.T, what string, p *Probe) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		err := p.Ready(t.Context())
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: %v", what, err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// wantUnready fails the test unless the probe says all of that.
func wantUnready(t *testing.T, what string, p *Probe, says ...string) {
	t.Helper()
	err := p.Ready(t.Context())
	if err == nil {
		t.Errorf("%s: ready", what)
		return
	}
	for _, text := range says {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("%s: %v does not say %q", what, err, text)
		}
	}
}

// must fails the test at an error.
func must(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// TestProbe brings Redis into each state in which it reads and does not write.
func TestProbe(t *testing.T) {
	t.Parallel()
	server := redistest.Own(t)
	ctx := t.Context()
	admin := server.Client(t)
	set := func(name, value string) { t.Helper(); must(t, admin.ConfigSet(ctx, name, value).Err()) }
	p := eager(open(t, server.URL), WithPrefix("p:"))
	wantReady(t, "at first", p)
	if keys := admin.Keys(ctx, "*").Val(); len(keys) != 1 || !strings.HasPrefix(keys[0], "p:ready:") || admin.TTL(ctx, keys[0]).Val() <= 0 {
		t.Errorf("the keys %q are left, want one below the prefix that expires", keys)
	}

	set("maxmemory", "1")
	wantUnready(t, "without memory", p, "OOM", server.Address())
	set("maxmemory", "0")
	wantReady(t, "with memory", p)

	must(t, admin.Do(ctx, "REPLICAOF", "127.0.0.1", "1").Err())
	wantUnready(t, "as a replica", p, "READONLY")
	must(t, admin.Do(ctx, "REPLICAOF", "NO", "ONE").Err())
	wantReady(t, "as a master", p)

	set("min-replicas-to-write", "1")
	wantUnready(t, "without replicas", p, "NOREPLICAS")
	set("min-replicas-to-write", "0")

	directory := admin.ConfigGet(ctx, "dir").Val()["dir"]
	must(t, os.Remove(directory))
	set("save", "3600 1")
	must(t, admin.BgSave(ctx).Err())
	for deadline := time.Now().Add(10 * time.Second); !strings.Contains(admin.Info(ctx, "persistence").Val(), "rdb_last_bgsave_status:err"); {
		if time.Now().After(deadline) {
			t.Fatal("Redis saves without a directory")
		}
		time.Sleep(10 * time.Millisecond)
	}
	wantUnready(t, "without its disk", p, "MISCONF")
	set("stop-writes-on-bgsave-error", "no")
	wantReady(t, "where a failed snapshot stops nothing", p)

	wantUnready(t, "without a replica to confirm", eager(open(t, server.URL), WithReplicas(1)), "0 of 1 replicas")
	server.Stop()
	wantUnready(t, "gone", p)
}

// TestProbe_Replicas freezes the replica that is to confirm.
func TestProbe_Replicas(t *testing.T) {
	t.Parallel()
	server := redistest.Own(t)
	replica := server.Replica(t)
	p := eager(open(t, server.URL), WithReplicas(1))
	wantReady(t, "with a replica", p)
	replica.Suspend(t)
	defer replica.Resume(t)
	wantUnready(t, "with a replica that hangs", p, "0 of 1 replicas")
	replica.Resume(t)
	wantReady(t, "with the replica again", p)
}

// TestProbe_Load asks very often: Redis is asked once, also while it hangs, and
// nobody waits longer than he wants to.
func TestProbe_Load(t *testing.T) {
	t.Parallel()
	server := redistest.Own(t)
	p := NewProbe(open(t, server.URL))
	p.every = time.Hour
	var askers sync.WaitGroup
	for range 200 {
		askers.Go(func() {
			if err := p.Ready(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	askers.Wait()
	stats := server.Client(t).Info(t.Context(), "commandstats").Val()
	if match := regexp.MustCompile(`cmdstat_set:calls=(\d+)`).FindStringSubmatch(stats); match == nil || match[1] != "1" {
		t.Errorf("200 askers caused %v writes, want 1", match)
	}

	p = eager(open(t, server.URL))
	server.Suspend(t)
	defer server.Resume(t)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := p.Ready(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("of a Redis that hangs: %v", err)
	}
	server.Resume(t)
	wantReady(t, "where it goes on", p)
}

// TestProbe_Cluster has one master of several out of order.
func TestProbe_Cluster(t *testing.T) {
	testenv.Slow(t)
	cluster := redistest.StartCluster(t, 3)
	p := eager(open(t, cluster.URL))
	wantReady(t, "at first", p)
	if err := p.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i, node := range cluster.Nodes {
		client := node.Client(t)
		if n := len(client.Keys(t.Context(), "mtrack:ready:*").Val()); n != 1 {
			t.Errorf("master %d got %d keys, want 1", i, n)
		}
		must(t, client.ConfigSet(t.Context(), "maxmemory", "1").Err())
		wantUnready(t, fmt.Sprintf("with master %d out of memory", i), p, "OOM", node.Address())
		must(t, client.ConfigSet(t.Context(), "maxmemory", "0").Err())
		wantReady(t, "with memory again", p)
	}

	must(t, cluster.Nodes[2].Client(t).Do(t.Context(), "CLUSTER", "DELSLOTS", "16383").Err())
	wantUnready(t, "with a slot that nobody has", p, "1 of the cluster's 16384 slots")
	must(t, cluster.Nodes[2].Client(t).Do(t.Context(), "CLUSTER", "ADDSLOTS", "16383").Err())
	wantReady(t, "with all slots again", p)

	cluster.Nodes[1].Stop()
	wantUnready(t, "with a master down", p, cluster.Nodes[1].Address())
}

func TestSlots(t *testing.T) {
	t.Parallel()
	const nodes = "07c3 127.0.0.1:30004@31004,host slave e7d1 0 1426238317239 4 connected\n" +
		"e7d1 127.0.0.1:30001@31001 myself,master - 0 0 1 connected 0-5460 5462 [5461->-292f] [77-<-292f] 7000-7001\n"
	own, err := ownSlots(nodes)
	if err != nil || own.count() != 5464 || own[1] != [2]int{5462, 5462} || own[2] != [2]int{7000, 7001} {
		t.Errorf("%v, %v", own, err)
	}
	for _, bad := range []string{"", "e7d1 a:1 master - 0 0 1 connected 0-1\n", "e7d1 a:1 myself,master - 0 0 1 connected x\n"} {
		if own, err := ownSlots(bad); err == nil {
			t.Errorf("%q was read as %v", bad, own)
		}
	}
	if crc := crc16("123456789"); crc != 0x31c3 { // the checksum's own check
		t.Errorf("checksum %#x", crc)
	}
	for _, s := range []slots{{{0, slotCount - 1}}, {{16383, 16383}}, {{1, 1}, {5000, 5001}}} {
		slot := int(crc16(s.tag())) % slotCount
		found := false
		for _, r := range s {
			found = found || r[0] <= slot && slot <= r[1]
		}
		if !found {
			t.Errorf("%v got the tag %q of slot %d", s, s.tag(), slot)
		}
	}
}
