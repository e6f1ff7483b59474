package redistest

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/impl/internal/process"
)

// slots is how many slots a Redis Cluster has.
const slots = 16384

// Cluster is a Redis Cluster of masters without replicas, for one test alone.
type Cluster struct {
	URL   string // with parameters: more may be appended with &
	Nodes []*Redis

	giving sync.Mutex // is held while a slot gets another owner
}

// StartCluster starts a cluster of so many nodes. Where one of them is down
// the others go on serving their slots.
func StartCluster(t testing.TB, nodes int) *Cluster {
	t.Helper()
	c := &Cluster{}
	var buses []int
	for range nodes {
		bus := freePort(t)
		buses = append(buses, bus)
		c.Nodes = append(c.Nodes, Own(t, "--cluster-enabled", "yes", "--cluster-port", fmt.Sprint(bus),
			"--cluster-node-timeout", "1000", "--cluster-require-full-coverage", "no"))
	}
	ctx := context.Background()
	for i, node := range c.Nodes {
		client := node.Client(t)
		c.mustDo(t, client, "CLUSTER", "ADDSLOTSRANGE", i*slots/nodes, (i+1)*slots/nodes-1)
		c.mustDo(t, client, "CLUSTER", "SET-CONFIG-EPOCH", i+1)
		for j, other := range c.Nodes[:i] {
			host, port, err := net.SplitHostPort(other.Address())
			if err != nil {
				t.Fatal(err)
			}
			c.mustDo(t, client, "CLUSTER", "MEET", host, port, buses[j])
		}
	}
	deadline := time.Now().Add(30 * time.Second)
	for _, node := range c.Nodes {
		for client := node.Client(t); ; time.Sleep(10 * time.Millisecond) {
			info, err := client.ClusterInfo(ctx).Result()
			if err == nil && strings.Contains(info, "cluster_state:ok") &&
				strings.Contains(info, fmt.Sprintf("cluster_slots_assigned:%d\r\n", slots)) &&
				strings.Contains(info, fmt.Sprintf("cluster_known_nodes:%d\r\n", nodes)) {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("the cluster did not form: %v\n%s", err, info)
			}
		}
	}
	c.URL = "redis+cluster://" + c.Nodes[0].Address() + "?addr=" + c.Nodes[0].Address()
	for _, node := range c.Nodes[1:] {
		c.URL += "&addr=" + node.Address()
	}
	return c
}

// AddReplica gives one of the masters a replica, which stays out of c.Nodes, and
// waits until it follows.
func (c *Cluster) AddReplica(t testing.TB, master int) *Redis {
	t.Helper()
	ctx := context.Background()
	replica := Own(t, "--cluster-enabled", "yes", "--cluster-port", fmt.Sprint(freePort(t)), "--cluster-node-timeout", "1000",
		"--cluster-require-full-coverage", "no", "--repl-diskless-sync-delay", "0")
	client, of := replica.Client(t), c.Nodes[master].Client(t)
	// The address of a node, its bus included, is in the first words of its line.
	nodes, err := of.ClusterNodes(ctx).Result()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(nodes) {
		words := strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(" :@,", r) })
		if strings.Contains(line, "myself") {
			c.mustDo(t, client, "CLUSTER", "MEET", "127.0.0.1", words[2], words[3])
		}
	}
	deadline := time.Now().Add(30 * time.Second)
	for client.Do(ctx, "CLUSTER", "REPLICATE", c.id(t, c.Nodes[master])).Err() != nil { // it has not heard of its master yet
		if time.Now().After(deadline) {
			t.Fatal("the replica does not meet its master")
		}
		time.Sleep(10 * time.Millisecond)
	}
	replica.AwaitSync(t)
	return replica
}

// Move is the move of a slot from one node to another, between its beginning and its end: its keys
// lie on either. It is not for concurrent use.
type Move struct {
	cluster  *Cluster
	slot     int64
	from, to *Redis
}

// BeginMove begins to move the slot of a key to another node. Nothing moves by itself.
func (c *Cluster) BeginMove(t testing.TB, key string) *Move {
	t.Helper()
	ctx := context.Background()
	m := &Move{cluster: c}
	var err error
	if m.slot, err = c.Nodes[0].Client(t).ClusterKeySlot(ctx, key).Result(); err != nil {
		t.Fatal(err)
	}
	for i, node := range c.Nodes {
		if int(m.slot) < (i+1)*slots/len(c.Nodes) {
			m.from, m.to = node, c.Nodes[(i+1)%len(c.Nodes)]
			break
		}
	}
	c.mustDo(t, m.to.Client(t), "CLUSTER", "SETSLOT", m.slot, "IMPORTING", c.id(t, m.from))
	c.mustDo(t, m.from.Client(t), "CLUSTER", "SETSLOT", m.slot, "MIGRATING", c.id(t, m.to))
	return m
}

// Keys returns the keys of the slot that have not moved yet, in order.
func (m *Move) Keys(t testing.TB) []string {
	t.Helper()
	keys, err := m.from.Client(t).ClusterGetKeysInSlot(context.Background(), int(m.slot), 1<<20).Result()
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(keys)
	return keys
}

// Move moves keys.
func (m *Move) Move(t testing.TB, keys ...string) {
	t.Helper()
	if len(keys) == 0 {
		return
	}
	host, port, err := net.SplitHostPort(m.to.Address())
	if err != nil {
		t.Fatal(err)
	}
	words := []any{"MIGRATE", host, port, "", 0, 5000, "KEYS"}
	for _, k := range keys {
		words = append(words, k)
	}
	m.cluster.mustDo(t, m.from.Client(t), words...)
}

// End moves what is left and gives the slot to the other node, one move after the other.
func (m *Move) End(t testing.TB) {
	t.Helper()
	m.Move(t, m.Keys(t)...)
	var others []redis.UniversalClient
	for _, node := range m.cluster.Nodes {
		if node != m.to && node != m.from {
			others = append(others, node.Client(t))
		}
	}
	m.cluster.giving.Lock()
	defer m.cluster.giving.Unlock()
	if err := process.GiveSlot(context.Background(), m.slot, m.to.Client(t), m.from.Client(t), others...); err != nil {
		t.Fatal(err)
	}
}

// id returns the name of a node within the cluster.
func (c *Cluster) id(t testing.TB, node *Redis) string {
	t.Helper()
	id, err := node.Client(t).Do(context.Background(), "CLUSTER", "MYID").Text()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (c *Cluster) mustDo(t testing.TB, client redis.UniversalClient, words ...any) {
	t.Helper()
	if err := client.Do(context.Background(), words...).Err(); err != nil {
		t.Fatalf("%v: %v", words, err)
	}
}
