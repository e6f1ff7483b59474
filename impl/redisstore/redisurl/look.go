package redisurl

import (
	"context"

	"github.com/redis/go-redis/v9"
)

// quickLook is a hook that bounds how long a node of a cluster may take to tell
// the cluster's layout. The client library asks one node after the other,
// without a bound of its own.
type quickLook struct{}

// DialHook implements [redis.Hook].
func (quickLook) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessHook implements [redis.Hook].
func (quickLook) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if cmd.Name() != "cluster" {
			return next(ctx, cmd)
		}
		ctx, cancel := context.WithTimeout(ctx, clusterLook)
		defer cancel()
		return next(ctx, cmd)
	}
}

// ProcessPipelineHook implements [redis.Hook].
func (quickLook) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}
