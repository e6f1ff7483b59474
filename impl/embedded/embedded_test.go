package embedded_test

import (
	"testing"

	"github.com/seed-5ec2a705/mtrack/impl/embedded"
	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/registry"
	"github.com/seed-5ec2a705/mtrack/impl/storetest"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// TestContract is a second opinion on the scripts and the proof that the
// embedded store behaves as Redis does, as far as the store uses it.
func TestContract(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) (track.Store, record.Registry) {
		redis := embedded.Open()
		t.Cleanup(func() { redis.Close() })
		store := redisstore.New(redis.Client(), redisstore.WithPatience(embedded.Patience))
		t.Cleanup(store.Close)
		return store, registry.New(redis.Client())
	})
}
