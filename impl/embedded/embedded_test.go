package embedded_test

import (
	"testing"

	"github.com/seed-5ec2a705/mtrack/impl/embedded"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore"
	"github.com/seed-5ec2a705/mtrack/impl/track"
	"github.com/seed-5ec2a705/mtrack/impl/track/tracktest"
)

// TestContract is a second opinion on the scripts and the proof that the
// embedded store behaves as Redis does, as far as the store uses it.
func TestContract(t *testing.T) {
	tracktest.Run(t, func(t *testing.T) (track.Store, track.Registry) {
		redis := embedded.Open()
		t.Cleanup(func() { redis.Close() })
		store := redisstore.New(redis.Client())
		t.Cleanup(store.Close)
		return store, store
	})
}
