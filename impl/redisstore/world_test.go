package redisstore_test

import (
	"fmt"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/redisurl"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/registry"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// TestMain silences the client library, which would report every Redis that a
// test stops.
func TestMain(m *testing.M) {
	redisurl.LogClient(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}

// What the tests of this package work with: two members of one organization.
const (
	testOrganization = track.OrganizationID("org_test")
	testCreator      = track.UserID("user_creator")
	testSaver        = track.UserID("user_saver")
)

var testTime = time.Date(2026, 6, 28, 10, 30, 0, 0, time.UTC)

func creatorCall(request string) track.Caller {
	return track.Caller{Key: track.NewKey("ak_creator"), Request: request}
}

func saverCall(request string) track.Caller {
	return track.Caller{Key: track.NewKey("ak_saver"), Request: request}
}

func trackID(n int) track.ID { return track.ID(fmt.Sprintf("mtrack_%06d", n)) }

// fill stores the members and tracks 0 to count-1, saved by both in that order.
func fill(t testing.TB, store testStore, count int) {
	t.Helper()
	records := []record.Record{{Organization: &record.Organization{ID: testOrganization}}}
	for _, u := range []struct {
		id     track.UserID
		secret string
	}{{testCreator, "ak_creator"}, {testSaver, "ak_saver"}} {
		records = append(records, record.Record{User: &record.User{
			ID: u.id, MemberOf: []track.OrganizationID{testOrganization}, Keys: []record.Key{{Secret: u.secret}},
		}})
	}
	for n := range count {
		records = append(records, record.Record{Track: &record.Track{
			ID: trackID(n), Organization: testOrganization, Creator: testCreator, Engine: []string{"a", "b"}[n%2],
			Mode: track.ModeCreation, Licence: track.LicenceUnclear, CreatedAt: testTime,
		}})
		for _, u := range []track.UserID{testCreator, testSaver} {
			records = append(records, record.Record{Save: &record.Save{
				User: u, Organization: testOrganization, Track: trackID(n), SavedAt: testTime,
			}})
		}
	}
	if err := store.Apply(t.Context(), records); err != nil {
		t.Fatalf("Apply: %v", err)
	}
}

// testStore is a store with its registry.
type testStore struct {
	*redisstore.Store
	*registry.Registry
}

// storeOn returns a store on the client, closed at the end of the test.
func storeOn(t testing.TB, client redis.UniversalClient, options ...redisstore.Option) testStore {
	t.Helper()
	store := redisstore.New(client, options...)
	t.Cleanup(store.Close)
	return testStore{store, registry.New(client)}
}

// want fails the test unless err has the code; 0 is no error.
func want(t *testing.T, what string, err error, code track.Code) {
	t.Helper()
	if code == 0 && err != nil || code != 0 && track.CodeOf(err) != code {
		t.Errorf("%s: got %v, want %v", what, err, code)
	}
}

func deletions(t *testing.T, store testStore, id track.ID) int {
	t.Helper()
	events, err := store.History(t.Context(), testOrganization, id)
	if err != nil {
		t.Fatalf("History: %v", err)
	}
	n := 0
	for _, e := range events {
		if e.Type == track.EventDeleted {
			n++
		}
	}
	return n
}
