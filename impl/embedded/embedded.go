// Package embedded runs a Redis-compatible store inside the process, so that
// the server can be tried with nothing installed. It keeps nothing: when the
// process ends its data is gone. It is also many times slower than Redis,
// above all with large libraries.
package embedded

import (
	"context"
	"net"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// Patience is how long a reply may take. It is long because the store shares the
// processor with its own clients, and nobody's network can hang or lose what is on
// it: to send a command again would only have it run twice. It is meant for
// redisstore.WithPatience.
const Patience = 10 * time.Second

// Redis is an embedded store and a client for it. No network is involved.
type Redis struct {
	server *miniredis.Miniredis
	client *redis.Client
	stop   chan struct{} // closed by Close; ends the clock
}

// tick is how often expired keys go. No expiry in the store is as short.
const tick = time.Second

// Open starts an empty store.
func Open() *Redis {
	server := miniredis.NewMiniRedis()
	client := redis.NewClient(&redis.Options{
		Addr: "embedded",
		Dialer: func(context.Context, string, string) (net.Conn, error) {
			conn, err := server.Dial()
			if err != nil {
				return nil, err
			}
			return newBuffered(conn), nil
		},
		MaxRetries:               -1,
		ReadTimeout:              Patience,
		WriteTimeout:             Patience,
		ContextTimeoutEnabled:    true,
		DisableIdentity:          true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	})
	r := &Redis{server, client, make(chan struct{})}
	go r.clock()
	return r
}

// clock lets keys expire. The server would look at the time by itself, but
// then sorts all keys at every command to do so.
func (r *Redis) clock() {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			r.server.FastForward(tick)
		case <-r.stop:
			return
		}
	}
}

// Client returns the client. [Redis.Close] closes it.
func (r *Redis) Client() redis.UniversalClient { return r.client }

// Close ends the store and everything in it. It is called once.
func (r *Redis) Close() error {
	close(r.stop)
	err := r.client.Close()
	r.server.Close()
	return err
}
