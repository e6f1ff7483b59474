package scripts_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/impl/internal/redistest"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/schema"
)

// writeCommands are those that scripts write with.
var writeCommands = []string{"DEL", "HDEL", "HINCRBY", "HSET", "HSETNX", "LINSERT", "RPOP", "RPUSH", "SET", "ZADD", "ZREM"}

// TestRefusals lets Redis refuse what a script writes: each command in turn, by
// ACL; each key in turn, which holds something of another type; everything, for
// lack of memory. Nothing of a refused script is to be seen, and once Redis
// allows it again the same call does all of it.
func TestRefusals(t *testing.T) {
	t.Parallel()
	server := redistest.Own(t)
	client := server.Client(t)
	limited, err := redis.ParseURL("redis://limited:any@" + server.Address())
	if err != nil {
		t.Fatal(err)
	}
	refused := make(map[string]bool) // script and command
	for _, r := range scriptRows() {
		if r.code != "OK" && r.code != "SAVED" {
			continue
		}
		source := readScript(t, r.script)
		begin := func(t *testing.T) map[string]string {
			t.Helper()
			if err := client.FlushAll(context.Background()).Err(); err != nil { // our own server
				t.Fatal(err)
			}
			for _, s := range r.seeds {
				seed(t, client, s)
			}
			return visible(t, client)
		}
		run := func(c redis.Scripter) error {
			raw, err := c.Eval(context.Background(), source, r.keys, r.args...).Result()
			if err == nil && replyOf(raw)[0] != r.code {
				err = fmt.Errorf("replied %v", raw)
			}
			return err
		}
		none := begin(t)
		if err := run(client); err != nil {
			t.Fatalf("%s, %s: %v", r.script, r.what, err)
		}
		all := visible(t, client)
		written := changedKeys(none, all)

		// refusal runs the script while Redis refuses something, and again when it no longer does.
		refusal := func(what string, c redis.Scripter, forbid, allow func(t *testing.T)) {
			t.Run(r.script+"/"+r.what+"/"+what, func(t *testing.T) {
				none := begin(t)
				forbid(t)
				err := run(c)
				allow(t)
				if err != nil {
					refused[r.script+" "+what] = true
					if d := differences(none, visible(t, client)); d != "" {
						t.Errorf("refused with %v, and yet:\n%s", err, d)
					}
					if err := run(client); err != nil {
						t.Fatalf("again: %v", err)
					}
				}
				if d := differences(all, visible(t, client)); d != "" {
					t.Errorf("afterwards not all of it is done:\n%s", d)
				}
			})
		}
		do := func(words ...any) func(*testing.T) {
			return func(t *testing.T) { seed(t, client, words) }
		}
		for _, command := range writeCommands {
			do("ACL", "SETUSER", "limited", "reset", "on", "nopass", "~*", "+@all", "-"+strings.ToLower(command))(t)
			c := redis.NewClient(limited)
			refusal(command, c, func(*testing.T) {}, func(*testing.T) {})
			c.Close()
		}
		refusal("memory", client, do("CONFIG", "SET", "maxmemory", "1"), do("CONFIG", "SET", "maxmemory", "0"))
		for _, key := range written {
			var was string
			refusal("type of "+key, client, func(t *testing.T) {
				was = client.Dump(context.Background(), key).Val()
				client.Del(context.Background(), key)
				// Neither a hash, nor a list, a sorted set or a string.
				seed(t, client, cmd("SADD", key, "something else"))
			}, func(t *testing.T) {
				client.Del(context.Background(), key)
				if was != "" {
					seed(t, client, cmd("RESTORE", key, 0, was))
				}
			})
		}
	}
	// The test would prove nothing if it refused what nobody uses.
	for _, want := range []string{
		"delete SET", "delete ZADD", "delete memory", "unsave SET", "unsave ZADD", "unsave ZREM", "unsave type of " + savedBySaver + ":mode:m",
		"divide HSET", "divide ZADD", "divide memory", "divide type of " + savedBySaver + ":mode:m",
		"create_tracks SET", "create_tracks RPUSH", "create_tracks LINSERT", "create_tracks type of " + tracks,
		"create_saves HINCRBY", "create_saves SET", "create_saves ZADD", "create_saves type of " + savedBySaver,
		"create_key HSET", "revoke_key HSET", "index_add ZADD", "prune ZREM",
	} {
		if !refused[want] {
			t.Errorf("no run was refused: %s", want)
		}
	}
}

// deletionTime is how a track says when it was deleted.
var deletionTime = regexp.MustCompile(`^!\d+ `)

// visible returns what the database holds, as far as anybody can see it:
// without counters and what only saves time, with places instead of the numbers that they give, and
// without what is there only for a save that is not removed, or for a request
// that was not carried out.
func visible(t *testing.T, client redis.UniversalClient) map[string]string {
	t.Helper()
	ctx := context.Background()
	keys, err := client.Keys(ctx, "*").Result()
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]string)
	for _, key := range keys {
		if key == keyspace.Pruned("o") {
			continue
		}
		var lines []string
		switch kind := client.Type(ctx, key).Val(); kind {
		case "string":
			if s := client.Get(ctx, key).Val(); s != "" || key != mark {
				lines = append(lines, deletionTime.ReplaceAllString(s, "! "))
			}
		case "hash":
			for field, value := range client.HGetAll(ctx, key).Val() {
				switch field {
				case "saves":
					continue
				case "created_at", "revoked_at":
					value = fmt.Sprint("set: ", value != "")
				}
				lines = append(lines, field+" = "+value)
			}
			slices.Sort(lines)
		case "list":
			lines = client.LRange(ctx, key, 0, -1).Val()
		case "zset":
			members := client.ZRangeWithScores(ctx, key, 0, -1).Val()
			for _, z := range members {
				name := z.Member.(string)
				if user, removed := strings.CutPrefix(name, schema.RemovedSaver); removed &&
					slices.ContainsFunc(members, func(z redis.Z) bool { return z.Member == user }) {
					continue
				}
				if key == savers {
					name += fmt.Sprint(" ", z.Score)
				}
				if name != schema.DeletionCount {
					lines = append(lines, name)
				}
			}
		default:
			t.Fatalf("%s is a %s", key, kind)
		}
		if len(lines) > 0 {
			seen[key] = strings.Join(lines, "\n")
		}
	}
	return seen
}

func changedKeys(before, after map[string]string) []string {
	var keys []string
	for _, m := range []map[string]string{before, after} {
		for key := range m {
			if before[key] != after[key] && !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
	}
	slices.Sort(keys)
	return keys
}

// differences describes what differs; it is empty where nothing does.
func differences(want, got map[string]string) string {
	var b strings.Builder
	for _, key := range changedKeys(want, got) {
		fmt.Fprintf(&b, "%s: %q, want %q\n", key, got[key], want[key])
	}
	return b.String()
}
