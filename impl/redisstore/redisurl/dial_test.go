package redisurl_test

import (
	"errors"
	"net"
	"sync"
	"testing"

	"github.com/seed-5ec2a705/mtrack/impl/internal/redistest"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/redisurl"
)

// TestOpen_DialsWhileDown fails to connect more often than a client may have
// connections. The next call after Redis is back works, and before it each one
// tells why it does not.
func TestOpen_DialsWhileDown(t *testing.T) {
	t.Parallel()
	server := redistest.Own(t)
	client, err := redisurl.Open(server.URL + "?pool_size=2")
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	server.Stop()
	var callers sync.WaitGroup
	for range 20 {
		callers.Go(func() {
			err := client.Ping(t.Context()).Err()
			if e, ok := errors.AsType[*net.OpError](err); !ok || e.Op != "dial" {
				t.Errorf("got %v, want why no connection could be made", err)
			}
		})
	}
	callers.Wait()
	server.Restart(t)
	if err := client.Ping(t.Context()).Err(); err != nil {
		t.Errorf("Redis is back: %v", err)
	}
}
