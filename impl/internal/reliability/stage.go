package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/impl/internal/process"
)

// stage is what a fault plays on: a server, and the Redis below it.
type stage struct {
	settings settings
	redis    []*process.Redis
	others   []*process.Process // sentinels
	watchers []string           // their addresses
	proxy    *proxy
	url      string // of Redis, as the server reaches it
	direct   string // the same, past the proxy, for imports and exports
	server   *process.Process
	origin   string
	log      *os.File
	serve    func() error // starts the server, again where it was killed
}

// durable are the settings of a Redis that loses nothing that it acknowledged.
var durable = []string{"--appendonly", "yes", "--appendfsync", "always", "--repl-diskless-sync-delay", "0", "--enable-protected-configs", "yes"}

// The server's name at Redis, and its password.
const (
	redisUser     = "mtrackd"
	redisPassword = "one"
)

// newStage starts one Redis, a proxy before it, and a server.
func newStage(ctx context.Context, s settings, flags ...string) (*stage, error) {
	t := &stage{settings: s}
	r, err := process.StartRedis(ctx, s.work, "", append(durable, "--user", redisUser, "on", ">"+redisPassword, "~*", "+@all")...)
	if err != nil {
		return nil, err
	}
	t.redis = append(t.redis, r)
	if t.proxy, err = newProxy(r.Address); err != nil {
		return nil, errors.Join(err, t.close())
	}
	t.url = "redis://" + redisUser + ":" + redisPassword + "@" + t.proxy.address()
	t.direct = "redis://" + r.Address
	return t.start(ctx, flags...)
}

// start starts the server of a stage whose Redis is there.
func (t *stage) start(ctx context.Context, flags ...string) (*stage, error) {
	address, err := process.FreeAddress()
	if err == nil {
		t.origin = "http://" + address
		t.log, err = os.Create(filepath.Join(t.settings.work, "mtrackd.log"))
	}
	if err != nil {
		return nil, errors.Join(err, t.close())
	}
	t.serve = func() error {
		command := exec.Command(t.settings.server, append([]string{"serve", "--listen", address, "--redis", t.url}, flags...)...)
		command.Stderr = t.log
		if t.server, err = process.Start(command); err != nil {
			return err
		}
		return t.server.Await(ctx, address)
	}
	if err := t.serve(); err != nil {
		return nil, errors.Join(err, t.close())
	}
	return t, nil
}

// close ends everything. It returns nil, to be joined to an error.
func (t *stage) close() error {
	if t.server != nil {
		t.server.End()
	}
	if t.proxy != nil {
		t.proxy.close()
	}
	for _, p := range t.others {
		p.End()
	}
	for _, r := range t.redis {
		r.End()
	}
	if t.log != nil {
		t.log.Close()
	}
	return nil
}

// empty removes all data, where a node takes writes.
func (t *stage) empty(ctx context.Context) {
	for _, r := range t.redis {
		client := r.Client()
		client.FlushAll(ctx) // a replica refuses, and follows its master
		client.Close()
	}
}

// withClient works with a client of a node.
func withClient(r *process.Redis, work func(*redis.Client) error) error {
	client := r.Client()
	defer client.Close()
	return work(client)
}

// until waits for something that is to come true soon.
func until(ctx context.Context, what string, patience time.Duration, true func() bool) error {
	for deadline := time.Now().Add(patience); !true(); time.Sleep(5 * time.Millisecond) {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s: not within %v", what, patience)
		}
	}
	return nil
}

// answers reports whether a Redis answers a PING, without a client that would rest in between.
func answers(address string) bool {
	connection, err := net.DialTimeout("tcp", address, 100*time.Millisecond)
	if err != nil {
		return false
	}
	defer connection.Close()
	connection.SetDeadline(time.Now().Add(100 * time.Millisecond)) // an error shows in what follows
	connection.Write([]byte("PING\r\n"))
	answer := make([]byte, 5)
	n, _ := connection.Read(answer)
	return bytes.HasPrefix(answer[:n], []byte("+PONG"))
}

// isMaster reports whether a node says that it is one.
func isMaster(ctx context.Context, r *process.Redis) (master bool) {
	withClient(r, func(client *redis.Client) error {
		role, err := client.Do(ctx, "ROLE").Slice()
		master = err == nil && len(role) > 0 && role[0] == "master"
		return nil
	})
	return master
}

// inSync reports whether a node is a replica that follows.
func inSync(ctx context.Context, r *process.Redis) (follows bool) {
	withClient(r, func(client *redis.Client) error {
		follows = strings.Contains(client.Info(ctx, "replication").Val(), "master_link_status:up")
		return nil
	})
	return follows
}

// sentinels of a stage, how many nodes they watch, and after which time a node counts as down.
const (
	sentinels = 3
	downAfter = time.Second
)

// newSentinelStage starts a master, a replica that must confirm, three sentinels and a server.
func newSentinelStage(ctx context.Context, s settings) (*stage, error) {
	t := &stage{settings: s}
	master, err := process.StartRedis(ctx, s.work, "", durable...)
	if err != nil {
		return nil, err
	}
	t.redis = append(t.redis, master)
	host, port, _ := net.SplitHostPort(master.Address)
	replica, err := master.Replicate(ctx, s.work, append(slices.Clone(durable), "--replicaof", host+" "+port)...)
	if err != nil {
		return nil, errors.Join(err, t.close())
	}
	t.redis = append(t.redis, replica)
	var addresses []string
	for i := range sentinels {
		address, err := process.FreeAddress()
		if err != nil {
			return nil, errors.Join(err, t.close())
		}
		_, own, _ := net.SplitHostPort(address)
		file := filepath.Join(s.work, fmt.Sprintf("sentinel-%d.conf", i))
		text := fmt.Sprintf("port %s\nbind 127.0.0.1\ndir %s\nsentinel monitor mtrack %s %s 2\nsentinel down-after-milliseconds mtrack %d\nsentinel failover-timeout mtrack 2000\n",
			own, s.work, host, port, downAfter.Milliseconds())
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return nil, errors.Join(err, t.close())
		}
		p, err := process.Start(exec.Command("redis-server", file, "--sentinel"))
		if err == nil {
			t.others = append(t.others, p)
			err = p.Await(ctx, address)
		}
		if err != nil {
			return nil, errors.Join(err, t.close())
		}
		addresses = append(addresses, address)
	}
	for _, address := range addresses {
		if err := awaitSentinel(ctx, address); err != nil {
			return nil, errors.Join(err, t.close())
		}
	}
	t.url = "redis+sentinel://" + addresses[0] + "?master_name=mtrack&addr=" + strings.Join(addresses[1:], "&addr=")
	t.direct, t.watchers = t.url, addresses
	return t.start(ctx, "--replicas", "1")
}

// awaitSentinel waits until a sentinel knows the others, and a replica that could take over.
func awaitSentinel(ctx context.Context, address string) error {
	client := redis.NewSentinelClient(&redis.Options{Addr: address})
	defer client.Close()
	return until(ctx, "the sentinels know each other and a replica", 60*time.Second, func() bool {
		others, _ := client.Sentinels(ctx, "mtrack").Result()
		replicas, _ := client.Replicas(ctx, "mtrack").Result()
		master, _ := client.Master(ctx, "mtrack").Result()
		return len(others) == sentinels-1 && master["flags"] == "master" && slices.ContainsFunc(replicas, func(r map[string]string) bool {
			return r["flags"] == "slave" && r["master-link-status"] == "ok"
		})
	})
}

const clusterMasters = 3

// newClusterStage starts three masters with a replica each that must confirm, and a server.
func newClusterStage(ctx context.Context, s settings) (*stage, error) {
	t := &stage{settings: s}
	var buses []string
	for i := range 2 * clusterMasters {
		bus, err := process.FreeAddress()
		if err != nil {
			return nil, errors.Join(err, t.close())
		}
		_, port, _ := net.SplitHostPort(bus)
		r, err := process.StartRedis(ctx, s.work, "", append(slices.Clone(durable), "--cluster-enabled", "yes", "--cluster-port", port,
			"--cluster-node-timeout", fmt.Sprint(downAfter.Milliseconds()), "--cluster-require-full-coverage", "no")...)
		if err != nil {
			return nil, errors.Join(err, t.close())
		}
		t.redis, buses = append(t.redis, r), append(buses, port)
		err = withClient(r, func(client *redis.Client) error {
			if i < clusterMasters { // before it knows another
				err := errors.Join(client.Do(ctx, "CLUSTER", "SET-CONFIG-EPOCH", i+1).Err(),
					client.Do(ctx, "CLUSTER", "ADDSLOTSRANGE", i*16384/clusterMasters, (i+1)*16384/clusterMasters-1).Err())
				if err != nil {
					return err
				}
			}
			for j, other := range t.redis[:i] {
				host, port, _ := net.SplitHostPort(other.Address)
				if err := client.Do(ctx, "CLUSTER", "MEET", host, port, buses[j]).Err(); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return nil, errors.Join(err, t.close())
		}
	}
	for i, r := range t.redis[clusterMasters:] {
		var master string
		err := withClient(t.redis[i], func(client *redis.Client) (err error) {
			master, err = client.Do(ctx, "CLUSTER", "MYID").Text()
			return err
		})
		if err == nil {
			err = withClient(r, func(client *redis.Client) error {
				return until(ctx, "a replica", 30*time.Second, func() bool { return client.Do(ctx, "CLUSTER", "REPLICATE", master).Err() == nil })
			})
		}
		if err != nil {
			return nil, errors.Join(err, t.close())
		}
	}
	if err := t.awaitCluster(ctx); err != nil {
		return nil, errors.Join(err, t.close())
	}
	t.url = "redis+cluster://" + t.redis[0].Address + "?addr=" + t.redis[0].Address
	for _, r := range t.redis[1:] {
		t.url += "&addr=" + r.Address
	}
	t.direct = t.url
	return t.start(ctx, "--replicas", "1")
}

// newMovingStage starts a cluster of one node, which is reached through proxies, and a server.
func newMovingStage(ctx context.Context, s settings) (*stage, error) {
	t := &stage{settings: s}
	r, err := process.StartRedis(ctx, s.work, "", append(slices.Clone(durable), "--cluster-enabled", "yes")...)
	if err != nil {
		return nil, err
	}
	t.redis = append(t.redis, r)
	err = withClient(r, func(client *redis.Client) error {
		return errors.Join(client.Do(ctx, "CLUSTER", "ADDSLOTSRANGE", 0, 16383).Err(), t.announce(ctx),
			until(ctx, "the cluster is whole", 30*time.Second, func() bool {
				return strings.Contains(client.ClusterInfo(ctx).Val(), "cluster_state:ok")
			}))
	})
	if err != nil {
		return nil, errors.Join(err, t.close())
	}
	t.url = "redis+cluster://" + r.Address
	t.direct = t.url
	return t.start(ctx)
}

// announce puts a new proxy before the node, and lets the node tell its address.
func (t *stage) announce(ctx context.Context) error {
	next, err := newProxy(t.redis[0].Address)
	if err != nil {
		return err
	}
	t.proxy = next
	_, port, _ := net.SplitHostPort(next.address())
	return withClient(t.redis[0], func(client *redis.Client) error {
		return client.ConfigSet(ctx, "cluster-announce-port", port).Err()
	})
}

// awaitCluster waits until every node agrees, and every master has a replica that follows.
func (t *stage) awaitCluster(ctx context.Context) error {
	return until(ctx, "the cluster is whole", 60*time.Second, func() bool {
		following := 0
		for _, r := range t.redis {
			whole := false
			withClient(r, func(client *redis.Client) error {
				info, nodes := client.ClusterInfo(ctx).Val(), client.ClusterNodes(ctx).Val()
				whole = strings.Contains(info, "cluster_state:ok") && strings.Contains(info, "cluster_slots_ok:16384") &&
					strings.Count(nodes, "connected") == 2*clusterMasters && !strings.Contains(nodes, "fail") && !strings.Contains(nodes, "disconnected")
				return nil
			})
			if !whole {
				return false
			}
			if inSync(ctx, r) {
				following++
			}
		}
		return following == clusterMasters
	})
}

// owners returns the master of a world's slot and its replica, and the slot.
func (t *stage) owners(ctx context.Context, w world) (master, replica *process.Redis, slot int, err error) {
	err = withClient(t.redis[0], func(client *redis.Client) error {
		number, err := client.ClusterKeySlot(ctx, "{"+w.organization+"}").Result()
		if err != nil {
			return err
		}
		slot = int(number)
		shards, err := client.ClusterShards(ctx).Result()
		for _, shard := range shards {
			if !slices.ContainsFunc(shard.Slots, func(r redis.SlotRange) bool { return r.Start <= number && number <= r.End }) {
				continue
			}
			for _, n := range shard.Nodes {
				if at := t.node(fmt.Sprintf("%s:%d", n.IP, n.Port)); n.Role == "master" {
					master = at
				} else {
					replica = at
				}
			}
		}
		return err
	})
	if err == nil && (master == nil || replica == nil) {
		err = fmt.Errorf("slot %d has no master with a replica", slot)
	}
	return master, replica, slot, err
}

func (t *stage) node(address string) *process.Redis {
	for _, r := range t.redis {
		if r.Address == address {
			return r
		}
	}
	return nil
}
