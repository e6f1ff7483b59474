package main

import (
	"context"
	"errors"
	"log/slog"

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
	pool  func() *redis.PoolStats
	close func() error
}

// openStorage returns the store on the client, which it closes with it, or an
// embedded one where client is nil. C says how to wait for Redis, and what to ask
// of it.
func (c *serveConfig) openStorage(ctx context.Context, client redis.UniversalClient, logger *slog.Logger) (*storage, error) {
	var end func() error
	if client == nil {
		logger.Warn("using the embedded store: it keeps nothing, all data is gone when this process ends; " +
			"pass --redis URL to keep it")
		own := embedded.Open()
		client, end = own.Client(), own.Close
	} else {
		if err := (reach.Redis{Client: client, URL: c.redis}).Wait(ctx, c.waitForRedis, func(reason error) {
			logger.Warn("waiting for Redis", "reason", reason)
		}); err != nil {
			return nil, errors.Join(err, client.Close())
		}
		end = client.Close
	}
	store := redisstore.New(client, redisstore.WithLogger(logger), redisstore.WithReplicas(c.replicas))
	return &storage{Store: store, Registry: registry.New(client), pool: client.PoolStats, close: func() error {
		store.Close()
		return end()
	}}, nil
}
