package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/impl/embedded"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/redisurl"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/registry"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// connectTimeout bounds the first question to Redis.
const connectTimeout = 3 * time.Second

// storage is the store that serve works on, with its registry.
type storage struct {
	*redisstore.Store
	*registry.Registry
	pool        func() *redis.PoolStats
	connections int // that the clients may have open to Redis at once
	close       func() error
}

// openStorage returns the store on the client, which it closes with it, or an
// embedded one where client is nil. Address is the URL of Redis: for errors, and
// for the registry, which has a client of its own that waits longer.
func openStorage(ctx context.Context, client redis.UniversalClient, address string, logger *slog.Logger, options ...redisstore.Option) (*storage, error) {
	var patient redis.UniversalClient
	connections := 0
	var end func() error
	if client == nil {
		logger.Warn("using the embedded store: it keeps nothing, all data is gone when this process ends; " +
			"pass --redis URL to keep it")
		own := embedded.Open()
		client, patient, end = own.Client(), own.Client(), own.Close
	} else {
		err := checkRedis(ctx, client, address)
		if err == nil {
			patient, err = redisurl.OpenPatient(address)
		}
		if err != nil {
			return nil, errors.Join(err, client.Close())
		}
		connections = mostConnections(client) + mostConnections(patient)
		end = func() error { return errors.Join(client.Close(), patient.Close()) }
	}
	store := redisstore.New(client, append(options, redisstore.WithLogger(logger))...)
	return &storage{Store: store, Registry: registry.New(patient), pool: client.PoolStats, connections: connections, close: func() error {
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
		return c.Options().PoolSize + 4
	case *redis.ClusterClient:
		return c.Options().PoolSize * clusterNodes
	default:
		return 0
	}
}

// checkRedis asks whether Redis answers and lets us in. The error says what to
// try, and shows the address without its password.
func checkRedis(ctx context.Context, client redis.UniversalClient, address string) error {
	bounded, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	store := redisstore.New(client, redisstore.WithoutSweeping())
	defer store.Close()
	err := store.Ping(bounded)
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err() // interrupted: that says nothing about Redis
	}
	if e, ok := errors.AsType[*track.Error](err); ok {
		err = e.Err // the code adds nothing to what follows
	}
	shown := redisurl.Redact(address)
	_, network := errors.AsType[net.Error](err)
	switch text := err.Error(); {
	case strings.Contains(text, "NOAUTH"):
		return fmt.Errorf("the Redis at %s asks for a password: write it into the URL, redis://:PASSWORD@HOST:PORT, best in MTRACK_REDIS", shown)
	case strings.Contains(text, "WRONGPASS"), strings.Contains(text, "invalid password"):
		return fmt.Errorf("the Redis at %s refuses the password: check user and password in the URL, redis://USER:PASSWORD@HOST:PORT", shown)
	case network, errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("the Redis at %s cannot be reached: %w; is it running there, and do scheme, host and port of --redis match?", shown, err)
	case strings.Contains(text, "can't parse"):
		return fmt.Errorf("what answers at %s is not a Redis: %w; do host and port of --redis match?", shown, err)
	case passing(text):
		return fmt.Errorf("the Redis at %s is not ready: %w; try again when it is", shown, err)
	default:
		return fmt.Errorf("the Redis at %s refuses: %w; check that --redis names the right server, database and user, and how the server is set up", shown, err)
	}
}

// passing reports whether Redis says that it does not answer now: while it
// loads its data, has lost its master or its cluster, or runs a long script.
func passing(text string) bool {
	for _, code := range []string{"LOADING ", "MASTERDOWN ", "CLUSTERDOWN ", "BUSY ", "TRYAGAIN "} {
		if strings.HasPrefix(text, code) {
			return true
		}
	}
	return false
}
