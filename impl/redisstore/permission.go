package redisstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/schema"
)

// permissions are the commands that the store, its registry and the client library send or scripts
// run, each with words that Redis takes for it; K is a key. A command that a script must not run
// could be refused in the middle of it: see TestPermissions, which holds this list to be whole.
var permissions = []string{
	"acl|dryrun u get K", "acl|whoami", "asking", "cluster|slots", "command", "del K", "eval s 0", "evalsha s 0",
	"exec", "exists K", "get K", "hdel K f", "hexists K f", "hget K f", "hgetall K", "hincrby K f 1", "hmget K f",
	"hset K f v", "hsetnx K f v", "linsert K before a b", "llen K", "lrange K 0 0", "mget K", "multi", "rpop K", "rpush K v",
	"select 0", "set K v", "time", "zadd K 1 m", "zcard K", "zmscore K m", "zrange K 0 0", "zrem K m", "zscore K m",
}

// wished are commands without which the store works: by them package health tells what Redis may
// lose, and replicas confirm. Many managed servers allow nobody all of them.
var wished = []string{"cluster|nodes", "config|get", "info", "wait"}

// ErrPermissionsUnknown says that nobody can tell whether the user of a connection may do what the
// store needs: before version 7 Redis cannot be asked, and the user may not be allowed to ask.
var ErrPermissionsUnknown = errors.New("cannot check what the Redis user may do")

// UserACL returns the line of an ACL file, or of ACL SETUSER without its first word, that gives a
// user all that the store and its registry need, with what tells how durable Redis is, and nothing
// else. Of options it minds [WithPrefix].
func UserACL(user string, options ...Option) string {
	words := []string{"user", user, "on", ">PASSWORD", "~" + keyPrefix(options) + "*", "-@all"}
	for _, p := range permissions {
		name, _, _ := strings.Cut(p, " ")
		words = append(words, "+"+name)
	}
	for _, name := range wished {
		words = append(words, "+"+name)
	}
	return strings.Join(words, " ")
}

// CheckPermissions asks Redis, on every master of a cluster, whether the user of the client may run
// what the store and its registry need. Of options it minds [WithPrefix] and [WithReplicas]. The
// error names what is missing, with the line of [UserACL]; or it is [ErrPermissionsUnknown].
func CheckPermissions(ctx context.Context, client redis.UniversalClient, options ...Option) error {
	cluster, ok := client.(*redis.ClusterClient)
	if !ok {
		return checkUser(ctx, client, options)
	}
	var mu sync.Mutex
	var found error // the same on most nodes
	err := cluster.ForEachMaster(ctx, func(ctx context.Context, node *redis.Client) error {
		err := checkUser(ctx, node, options)
		mu.Lock()
		defer mu.Unlock()
		if found == nil || errors.Is(found, ErrPermissionsUnknown) && err != nil {
			found = err
		}
		return nil
	})
	return errors.Join(found, err)
}

// checkUser is CheckPermissions on one server.
func checkUser(ctx context.Context, client redis.UniversalClient, options []Option) error {
	user, err := client.Do(ctx, "ACL", "WHOAMI").Text()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrPermissionsUnknown, err)
	}
	key := keyPrefix(options) + "{permission}"
	needed := permissions
	if collect(options).replicas > 0 {
		needed = append(slices.Clone(needed), "wait 0 0")
	}
	replies := make([]*redis.Cmd, len(needed))
	client.Pipelined(ctx, func(p redis.Pipeliner) error { // each reply has its own error
		for i, one := range needed {
			words := []any{"ACL", "DRYRUN", user}
			for _, w := range strings.FieldsFunc(one, func(r rune) bool { return r == ' ' || r == '|' }) {
				words = append(words, strings.Replace(w, "K", key, 1))
			}
			replies[i] = p.Do(ctx, words...)
		}
		return nil
	})
	var missing, keys []string
	for i, reply := range replies {
		text, err := reply.Text()
		switch name, _, _ := strings.Cut(needed[i], " "); {
		case err != nil:
			return fmt.Errorf("%w: %w", ErrPermissionsUnknown, err)
		case text == "OK":
		case strings.Contains(text, "key"):
			keys = append(keys, name)
		default:
			missing = append(missing, name)
		}
	}
	var problems []string
	if len(missing) > 0 {
		problems = append(problems, "run "+strings.Join(missing, ", "))
	}
	if len(keys) > 0 {
		problems = append(problems, "use keys that begin with "+keyPrefix(options)+" in "+strings.Join(keys, ", "))
	}
	if problems == nil {
		return nil
	}
	return fmt.Errorf("the Redis user %q may not %s; give it what mtrack needs, as in this line of an ACL file: %s",
		user, strings.Join(problems, ", nor "), UserACL(user, options...))
}

// keyPrefix returns what every key begins with.
func keyPrefix(options []Option) string {
	return schema.NewKeyspace(collect(options).prefix).Prefix()
}
