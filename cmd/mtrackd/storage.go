package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/cmd/mtrackd/internal/reach"
	"github.com/seed-5ec2a705/mtrack/impl/embedded"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/registry"
)

// storage is the store that serve works on, with its registry.
type storage struct {
	*redisstore.Store
	*registry.Registry
	pool        func() *redis.PoolStats
	connections int // that the clients may have open to Redis at once
	close       func() error
}

// openStorage returns the store on the client, which it closes with it, or an
// embedded one where client is nil. C says how to wait for Redis.
func (c *serveConfig) openStorage(ctx context.Context, client redis.UniversalClient, logger *slog.Logger) (*storage, error) {
	connections, patience := 0, redisstore.DefaultPatience
	var end func() error
	if client == nil {
		logger.Warn("using the embedded store: it keeps nothing, all data is gone when this process ends; " +
			"pass --redis URL to keep it")
		own := embedded.Open()
		client, end, patience = own.Client(), own.Close, embedded.Patience
	} else {
		err := (reach.Redis{Client: client, URL: c.redis}).Wait(ctx, c.waitForRedis, func(reason error) {
			logger.Warn("waiting for Redis", "reason", reason)
		})
		if err == nil {
			err = checkPermissions(ctx, client, c.replicas, logger)
		}
		if err != nil {
			return nil, errors.Join(err, client.Close())
		}
		connections = mostConnections(client)
		end = client.Close
	}
	store := redisstore.New(client, redisstore.WithLogger(logger), redisstore.WithReplicas(c.replicas),
		redisstore.WithPatience(patience))
	return &storage{Store: store, Registry: registry.New(client), pool: client.PoolStats, connections: connections, close: func() error {
		store.Close()
		return end()
	}}, nil
}

// clusterNodes is how many nodes of a Redis Cluster count when file descriptors
// are set aside: a client has a pool for each.
const clusterNodes = 12

// mostConnections returns how many connections a client may have open, those
// to sentinels included.
func mostConnections(client redis.UniversalClient) int {
	switch c := client.(type) {
	case *redis.Client:
		return c.Options().PoolSize + c.Options().PipelinePoolSize + 4
	case *redis.ClusterClient:
		return (c.Options().PoolSize + c.Options().PipelinePoolSize) * clusterNodes
	default:
		return 0
	}
}

// permissionTimeout bounds the question what the Redis user may do.
const permissionTimeout = 3 * time.Second

// checkPermissions refuses a Redis user that may not do what the store needs, where
// so many replicas have to confirm: Redis would refuse single requests of callers.
func checkPermissions(ctx context.Context, client redis.UniversalClient, replicas int, logger *slog.Logger) error {
	bounded, cancel := context.WithTimeout(ctx, permissionTimeout)
	defer cancel()
	err := redisstore.CheckPermissions(bounded, client, redisstore.WithReplicas(replicas))
	if errors.Is(err, redisstore.ErrPermissionsUnknown) {
		logger.Warn("cannot check what the Redis user may do; where ACLs are in use, make sure that it may do all that mtrack needs",
			"error", err, "acl", redisstore.UserACL("mtrack"))
		return nil
	}
	return err
}
