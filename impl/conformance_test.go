package impl_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance"
	"github.com/seed-5ec2a705/mtrack/impl"
	"github.com/seed-5ec2a705/mtrack/impl/embedded"
	"github.com/seed-5ec2a705/mtrack/impl/internal/redistest"
	"github.com/seed-5ec2a705/mtrack/impl/provision"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore"
)

// TestConformance runs the whole suite, strictly, against the handler over
// every store.
func TestConformance(t *testing.T) {
	if testing.Short() {
		t.Skip("the whole suite takes its time: run without -short")
	}
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
			api := httptest.NewUnstartedServer(impl.New(store))
			api.Config.DisableGeneralOptionsHandler = true // as mtrackd serve has it
			api.Start()
			t.Cleanup(api.Close)
			scenes := httptest.NewServer(provision.New(store, slog.New(slog.DiscardHandler), time.Now))
			t.Cleanup(scenes.Close)
			provisioner, err := conformance.NewHTTPProvisioner(scenes.URL, 0, nil)
			if err != nil {
				t.Fatal(err)
			}
			report, err := conformance.Run(context.Background(), conformance.Target{URL: api.URL, Provisioner: provisioner},
				conformance.WithStrict(true))
			if err != nil {
				t.Fatal(err)
			}
			if report.Verdict != conformance.Conforming {
				var text bytes.Buffer
				if err := report.WriteText(&text, conformance.TextOptions{}); err != nil {
					t.Error(err)
				}
				t.Errorf("%s:\n%s", report.Verdict, text.String())
			}
		})
	}
}
