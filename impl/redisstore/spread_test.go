package redisstore_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
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

// spread is a cluster of three masters with many organizations, each with a track of its own.
type spread struct {
	cluster       *redistest.Cluster
	store         testStore
	organizations []track.OrganizationID
}

const spreadOrganizations = 60

func newSpread(t testing.TB) *spread {
	t.Helper()
	s := &spread{cluster: redistest.StartCluster(t, 3)}
	client, err := redisurl.Open(s.cluster.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	s.store = storeOn(t, client, redisstore.WithoutSweeping())
	user := &record.User{ID: testCreator, Keys: []record.Key{{Secret: creatorCall("").Key.Reveal()}}}
	var records []record.Record
	for n := range spreadOrganizations {
		o := track.OrganizationID(fmt.Sprint("org_", n))
		s.organizations = append(s.organizations, o)
		user.MemberOf = append(user.MemberOf, o)
		records = append(records, record.Record{Organization: &record.Organization{ID: o}})
	}
	records = append(records, record.Record{User: user})
	for _, o := range s.organizations {
		records = append(records, record.Record{Track: &record.Track{
			ID: trackID(0), Organization: o, Creator: testCreator, Engine: "a", Mode: track.ModeCreation,
			Licence: track.LicenceUnclear, CreatedAt: testTime,
		}})
	}
	if err := s.store.Apply(context.Background(), records); err != nil {
		t.Fatal(err)
	}
	return s
}

// scriptsRun returns how many scripts each node has run.
func (s *spread) scriptsRun(t testing.TB) []int {
	t.Helper()
	var counts []int
	for _, node := range s.cluster.Nodes {
		info, err := node.Client(t).Info(context.Background(), "commandstats").Result()
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for line := range strings.Lines(info) {
			var calls int
			name, rest, _ := strings.Cut(line, ":")
			if name != "cmdstat_eval" && name != "cmdstat_evalsha" {
				continue
			}
			if _, err := fmt.Sscanf(rest, "calls=%d", &calls); err != nil {
				t.Fatal(err)
			}
			n += calls
		}
		counts = append(counts, n)
	}
	return counts
}

// TestOrganizationsSpread: organizations lie on all nodes of a cluster, whole on one node each, and
// each node runs the scripts of its own.
func TestOrganizationsSpread(t *testing.T) {
	testenv.Slow(t)
	s := newSpread(t)
	keys := make([]int, len(s.cluster.Nodes))
	home := map[string]int{} // tag → node
	for i, node := range s.cluster.Nodes {
		all, err := node.Client(t).(*redis.Client).Keys(t.Context(), "*").Result()
		if err != nil {
			t.Fatal(err)
		}
		keys[i] = len(all)
		for _, key := range all {
			_, rest, tagged := strings.Cut(key, "{org_")
			tag, _, _ := strings.Cut(rest, "}")
			if before, known := home[tag]; tagged && known && before != i {
				t.Errorf("organization %s lies on the nodes %d and %d", tag, before, i)
			}
			if tagged {
				home[tag] = i
			}
		}
	}
	organizations := make([]int, len(s.cluster.Nodes))
	for _, node := range home {
		organizations[node]++
	}
	if len(home) != spreadOrganizations || slices.Min(organizations) < spreadOrganizations/6 {
		t.Errorf("of %d organizations %v lie on each node", len(home), organizations)
	}
	before := s.scriptsRun(t)
	for i, o := range s.organizations {
		if _, err := s.store.Get(t.Context(), creatorCall(""), o, trackID(0)); err != nil {
			t.Error(err)
		}
		want(t, "Delete", s.store.Delete(t.Context(), creatorCall(fmt.Sprint("req_", i)), o, trackID(0)), 0)
	}
	for i, n := range s.scriptsRun(t) {
		if ran := n - before[i]; ran < 2*organizations[i] || ran > 2*organizations[i]+6 { // a node learns each script once
			t.Errorf("node %d ran %d scripts for its %d organizations", i, ran, organizations[i])
		}
	}
}

// BenchmarkSpread compares what three masters do with what one of them does, for the same callers:
// requests for organizations on all nodes, and on one. The ratio is below 3 where they share the
// processors of one machine.
func BenchmarkSpread(b *testing.B) {
	s := newSpread(b)
	rate := func(organizations []track.OrganizationID) float64 {
		var done atomic.Int64
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		ended := make(chan struct{})
		for c := range 256 {
			go func() {
				for n := c; ctx.Err() == nil; n++ {
					if _, err := s.store.Get(ctx, creatorCall(""), organizations[n%len(organizations)], trackID(0)); err == nil {
						done.Add(1)
					}
				}
				ended <- struct{}{}
			}()
		}
		for range 256 {
			<-ended
		}
		return float64(done.Load()) / 3
	}
	var one []track.OrganizationID
	for _, o := range s.organizations {
		keys, err := s.cluster.Nodes[0].Client(b).(*redis.Client).Keys(b.Context(), "*{"+string(o)+"}*").Result()
		if err != nil {
			b.Fatal(err)
		}
		if len(keys) > 0 {
			one = append(one, o)
		}
	}
	alone, all := rate(one), rate(s.organizations)
	b.ReportMetric(alone, "gets-of-one-node/s")
	b.ReportMetric(all, "gets-of-three/s")
	b.ReportMetric(all/alone, "ratio")
	b.ReportMetric(0, "ns/op")
}
