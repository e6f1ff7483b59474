package health

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/conformance/testenv"
	"github.com/seed-5ec2a705/mtrack/impl/internal/redistest"
)

// names returns setting and value of each finding.
func names(findings []Finding) string {
	var list []string
	for _, f := range findings {
		list = append(list, f.Setting+"="+f.Value)
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}

// TestInspect sets a real Redis up in one way after the other.
func TestInspect(t *testing.T) {
	t.Parallel()
	server := redistest.Own(t)
	client := server.Client(t)
	ctx := t.Context()
	set := func(name, value string) { t.Helper(); must(t, client.ConfigSet(ctx, name, value).Err()) }
	check := func(want demand, risks, notes string) Report {
		t.Helper()
		r, err := inspect(ctx, client, want)
		if err != nil {
			t.Fatal(err)
		}
		if names(r.Risks) != risks || names(r.Notes) != notes || len(r.Unknown) != 0 {
			t.Errorf("risks %q, notes %q, unknown %v; want risks %q and notes %q", names(r.Risks), names(r.Notes), r.Unknown, risks, notes)
		}
		for _, f := range append(r.Risks, r.Notes...) {
			if f.Server != server.Address() || f.Cost == "" || f.Fix == "" || !slices.Contains(Settings(), f.Setting) {
				t.Errorf("incomplete: %+v", f)
			}
		}
		return r
	}

	check(demand{}, "appendonly=no", "")
	set("appendonly", "yes")
	check(demand{}, "", "appendfsync=everysec")
	set("appendfsync", "always")
	check(demand{failover: true}, "", "")
	set("appendfsync", "no")
	check(demand{}, "appendfsync=no", "")
	set("appendfsync", "always")
	set("no-appendfsync-on-rewrite", "yes")
	check(demand{}, "no-appendfsync-on-rewrite=yes", "")
	set("no-appendfsync-on-rewrite", "no")

	set("maxmemory-policy", "allkeys-lru")
	check(demand{}, "", "") // nothing is thrown away without a bound
	set("maxmemory", "1gb")
	for _, policy := range []string{"allkeys-lru", "allkeys-lfu", "allkeys-random", "volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl"} {
		set("maxmemory-policy", policy)
		r := check(demand{}, "maxmemory-policy="+policy, "")
		if said := strings.Contains(r.Risks[0].Cost, "histories"); said != strings.HasPrefix(policy, "allkeys") {
			t.Errorf("%s costs: %s", policy, r.Risks[0].Cost)
		}
	}
	set("maxmemory-policy", "noeviction")
	check(demand{}, "", "")

	check(demand{replicas: 1}, "replicas=0", "")
	server.Replica(t)
	check(demand{replicas: 1, failover: true}, "", "")
	check(demand{}, "", "")
	check(demand{failover: true}, "replicas=1", "")

	must(t, client.Do(ctx, "REPLICAOF", "127.0.0.1", "1").Err())
	r := check(demand{}, "replicaof=127.0.0.1:1", "")
	if !strings.Contains(r.Risks[0].String(), "127.0.0.1:1") {
		t.Errorf("it does not name the master: %s", r.Risks[0])
	}
}

// TestInspect_Managed is not let see the configuration, and then nothing at all.
func TestInspect_Managed(t *testing.T) {
	t.Parallel()
	server := redistest.Own(t, "--appendonly", "yes")
	admin := server.Client(t)
	limited := redis.NewClient(&redis.Options{Addr: server.Address(), Username: "limited", Password: "secret", DisableIdentity: true, MaxRetries: -1})
	defer limited.Close()
	must(t, admin.Do(t.Context(), "ACL", "SETUSER", "limited", "on", ">secret", "~*", "+@all", "-config").Err())
	r, err := Inspect(t.Context(), limited, 0)
	if err != nil || len(r.Risks) != 0 || len(r.Notes) != 0 ||
		fmt.Sprint(r.Unknown) != fmt.Sprint([]Unknown{{AppendFsync, server.Address()}, {RewriteFsync, server.Address()}}) {
		t.Errorf("without CONFIG: %+v, %v", r, err)
	}
	must(t, admin.ConfigSet(t.Context(), "appendonly", "no").Err())
	if r, err = Inspect(t.Context(), limited, 0); err != nil || names(r.Risks) != "appendonly=no" || len(r.Unknown) != 0 {
		t.Errorf("without CONFIG and append-only file: %+v, %v", r, err)
	}
	must(t, admin.Do(t.Context(), "ACL", "SETUSER", "limited", "-info").Err())
	if _, err = Inspect(t.Context(), limited, 0); err == nil || !strings.Contains(err.Error(), server.Address()) {
		t.Errorf("without INFO: %v", err)
	}
}

// TestInspect_Cluster has one master of two that keeps nothing.
func TestInspect_Cluster(t *testing.T) {
	testenv.Slow(t)
	cluster := redistest.StartCluster(t, 2)
	must(t, cluster.Nodes[0].Client(t).ConfigSet(t.Context(), "appendonly", "yes").Err())
	r, err := Inspect(t.Context(), open(t, cluster.URL), 0)
	if err != nil || names(r.Risks) != "appendonly=no" || r.Risks[0].Server != cluster.Nodes[1].Address() || names(r.Notes) != "appendfsync=everysec" {
		t.Errorf("%+v, %v", r, err)
	}
	cluster.Nodes[0].Stop()
	if r, err = Inspect(t.Context(), open(t, cluster.URL), 0); err == nil || names(r.Risks) != "appendonly=no" {
		t.Errorf("with a master down: %+v, %v", r, err)
	}
}

// TestSentinel looks through a sentinel at the master that it watches over, whose
// replica may take over.
func TestSentinel(t *testing.T) {
	t.Parallel()
	server := redistest.Own(t, "--appendonly", "yes", "--appendfsync", "always")
	server.Replica(t)
	client := open(t, redistest.StartSentinel(t, server))
	r, err := Inspect(t.Context(), client, 0)
	if err != nil || names(r.Risks) != "replicas=1" || len(r.Notes) != 0 {
		t.Errorf("%+v, %v", r, err)
	}
	if r, err = Inspect(t.Context(), client, 1); err != nil || len(r.Risks) != 0 {
		t.Errorf("where deletes wait for it: %+v, %v", r, err)
	}
	p := eager(client, WithReplicas(1))
	wantReady(t, "through a sentinel", p)
	must(t, server.Client(t).ConfigSet(t.Context(), "maxmemory", "1").Err())
	wantUnready(t, "through a sentinel", p, "OOM", "sentinels")
}
