package impl_test

import (
	"log/slog"
	"os/exec"
	"testing"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance"
	"github.com/seed-5ec2a705/mtrack/conformance/conformancetest"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
	"github.com/seed-5ec2a705/mtrack/conformance/testenv"
	"github.com/seed-5ec2a705/mtrack/impl"
	"github.com/seed-5ec2a705/mtrack/impl/embedded"
	"github.com/seed-5ec2a705/mtrack/impl/internal/redistest"
	"github.com/seed-5ec2a705/mtrack/impl/provision"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/registry"
)

// TestConformance runs the suite, strictly, against the handler over every
// store. The whole of it meets Redis where there is one; the embedded store runs
// the same scripts and is then asked about deletes alone. `make conformance` asks
// both for everything.
func TestConformance(t *testing.T) {
	testenv.Slow(t)
	embeddedProfile := requirement.ProfileFull
	if _, err := exec.LookPath("redis-server"); err == nil {
		embeddedProfile = requirement.ProfileDelete
	}
	profiles := map[string]requirement.Profile{"Embedded": embeddedProfile, "Redis": requirement.ProfileFull}
	for name, open := range map[string]func(*testing.T) (*redisstore.Store, *registry.Registry){
		"Embedded": func(t *testing.T) (*redisstore.Store, *registry.Registry) {
			own := embedded.Open()
			t.Cleanup(func() { own.Close() })
			store := redisstore.New(own.Client(), redisstore.WithPatience(embedded.Patience))
			t.Cleanup(store.Close)
			return store, registry.New(own.Client())
		},
		"Redis": func(t *testing.T) (*redisstore.Store, *registry.Registry) {
			server := redistest.Start(t)
			return server.Store(t), server.Registry(t)
		},
	} {
		t.Run(name, func(t *testing.T) {
			store, registry := open(t)
			scenes := provision.New(registry, slog.New(slog.DiscardHandler), time.Now)
			conformancetest.Handler(t, impl.New(store), scenes, conformance.WithStrict(true), conformance.WithProfile(profiles[name]))
		})
	}
}
