package redisstore_test

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/impl/embedded"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore"
)

// unknownScripts counts the commands of pipelines whose script the server did
// not know.
type unknownScripts struct{ count atomic.Int64 }

func (u *unknownScripts) DialHook(next redis.DialHook) redis.DialHook          { return next }
func (u *unknownScripts) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }
func (u *unknownScripts) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, commands []redis.Cmder) error {
		err := next(ctx, commands)
		for _, c := range commands {
			if redis.HasErrorPrefix(c.Err(), "NOSCRIPT") {
				u.count.Add(1)
			}
		}
		return err
	}
}

// Apply on a server that knows no scripts runs none of them out of turn: had
// one been unknown, and the next been taught by somebody else in the meantime,
// saves would be carried out in another order than they were given.
func TestApply_ServerWithoutScripts(t *testing.T) {
	t.Parallel()
	server := embedded.Open()
	t.Cleanup(func() { server.Close() })
	var unknown unknownScripts
	server.Client().AddHook(&unknown)
	store := redisstore.New(server.Client())
	t.Cleanup(func() { store.Close() })
	fill(t, store, 5)
	if n := unknown.count.Load(); n != 0 {
		t.Errorf("%d scripts were unknown to the server when their turn came", n)
	}
}
