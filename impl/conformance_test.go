package impl_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance"
	"github.com/seed-5ec2a705/mtrack/conformance/conformancetest"
	"github.com/seed-5ec2a705/mtrack/conformance/testenv"
	"github.com/seed-5ec2a705/mtrack/impl"
	"github.com/seed-5ec2a705/mtrack/impl/embedded"
	"github.com/seed-5ec2a705/mtrack/impl/internal/redistest"
	"github.com/seed-5ec2a705/mtrack/impl/provision"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore"
)

// TestConformance runs the whole suite, strictly, against the handler over
// every store.
func TestConformance(t *testing.T) {
	testenv.Slow(t)
	for name, open := range map[string]func(*testing.T) *redisstore.Store{
		"Embedded": func(t *testing.T) *redisstore.Store {
			own := embedded.Open()
			t.Cleanup(func() { own.Close() })
			store := redisstore.New(own.Client())
			t.Cleanup(store.Close)
			return store
		},
		"Redis": func(t *testing.T) *redisstore.Store { return redistest.Start(t).Store(t) },
	} {
		t.Run(name, func(t *testing.T) {
			store := open(t)
			scenes := provision.New(store, slog.New(slog.DiscardHandler), time.Now)
			conformancetest.Handler(t, impl.New(store), scenes, conformance.WithStrict(true))
		})
	}
}
