package redisstore_test

import (
	"context"
	"maps"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/impl/internal/redistest"
	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// TestRefusalsAlike counts the commands behind each way of being refused: whoever is refused
// cannot tell by the time whether a track, or an organization, exists.
func TestRefusalsAlike(t *testing.T) {
	t.Parallel()
	server := redistest.Own(t)
	client := server.Client(t)
	store := storeOn(t, client, redisstore.WithoutSweeping())
	fill(t, store, 4)
	const abroad = track.OrganizationID("org_abroad")
	member := func(id track.UserID, key string, o track.OrganizationID) record.Record {
		return record.Record{User: &record.User{
			ID: id, MemberOf: []track.OrganizationID{o}, Keys: []record.Key{{Secret: key}},
		}}
	}
	if err := store.Apply(t.Context(), []record.Record{
		{Organization: &record.Organization{ID: abroad}},
		member("user_member", "ak_member", testOrganization), member("user_outsider", "ak_outsider", abroad),
		{Track: &record.Track{
			ID: "mtrack_foreign", Organization: abroad, Creator: "user_outsider", Engine: "a",
			Mode: track.ModeCreation, Licence: track.LicenceUnclear, CreatedAt: testTime,
		}},
	}); err != nil {
		t.Fatal(err)
	}
	want(t, "Delete", store.Delete(t.Context(), creatorCall("req_1"), testOrganization, trackID(3)), 0)
	want(t, "Unsave", store.Unsave(t.Context(), saverCall("req_2"), testOrganization, trackID(2)), 0)

	call := func(key string) track.Caller { return track.Caller{Key: track.NewKey(key)} }
	type refusal struct {
		what         string
		caller       track.Caller
		organization track.OrganizationID
		id           track.ID
	}
	byMembers := []refusal{
		{"unknown", call("ak_member"), testOrganization, "mtrack_unknown"},
		{"unknown, by a creator", call("ak_creator"), testOrganization, "mtrack_unknown"},
		{"no id", call("ak_member"), testOrganization, track.ID(strings.Repeat("x", 3000))},
		{"inaccessible", call("ak_member"), testOrganization, trackID(0)},
		{"no longer saved", call("ak_saver"), testOrganization, trackID(2)},
		{"foreign", call("ak_member"), testOrganization, "mtrack_foreign"},
		{"deleted", call("ak_member"), testOrganization, trackID(3)},
		{"deleted, by its creator", call("ak_creator"), testOrganization, trackID(3)},
		{"deleted, by a saver", call("ak_saver"), testOrganization, trackID(3)},
	}
	byStrangers := func(key string) []refusal {
		return []refusal{
			{"existing", call(key), testOrganization, trackID(0)},
			{"unknown", call(key), testOrganization, "mtrack_unknown"},
			{"deleted", call(key), testOrganization, trackID(3)},
			{"in no organization", call(key), "org_unknown", "mtrack_unknown"},
			{"no ids", call(key), track.OrganizationID(strings.Repeat("x", 3000)), "/"},
		}
	}
	for _, op := range []struct {
		name string
		run  func(refusal) error
	}{
		{"Get", func(r refusal) error { _, err := store.Get(t.Context(), r.caller, r.organization, r.id); return err }},
		{"Delete", func(r refusal) error { return store.Delete(t.Context(), r.caller, r.organization, r.id) }},
		{"Unsave", func(r refusal) error { return store.Unsave(t.Context(), r.caller, r.organization, r.id) }},
	} {
		for _, group := range []struct {
			code     track.Code
			refusals []refusal
		}{{track.NotFound, byMembers}, {track.NotFound, byStrangers("ak_outsider")}, {track.Unauthenticated, byStrangers("ak_none")}} {
			want(t, op.name, op.run(group.refusals[0]), group.code) // the scripts are known from now on
			var first map[string]int
			for _, r := range group.refusals {
				before := commandCounts(t, client)
				want(t, op.name+" "+r.what, op.run(r), group.code)
				ran := commandCounts(t, client)
				for name, n := range before {
					if ran[name] -= n; ran[name] == 0 {
						delete(ran, name)
					}
				}
				delete(ran, "info")
				if first == nil {
					first = ran
				}
				if !maps.Equal(ran, first) {
					t.Errorf("%s, %s: %v; %s: %v", op.name, group.refusals[0].what, first, r.what, ran)
				}
			}
		}
	}
}

// commandCounts returns how often the server has run each command.
func commandCounts(t *testing.T, client redis.UniversalClient) map[string]int {
	t.Helper()
	info, err := client.Info(context.Background(), "commandstats").Result()
	if err != nil {
		t.Fatal(err)
	}
	counts := make(map[string]int)
	for _, match := range regexp.MustCompile(`cmdstat_([^:]+):calls=(\d+)`).FindAllStringSubmatch(info, -1) {
		if counts[match[1]], err = strconv.Atoi(match[2]); err != nil {
			t.Fatal(err)
		}
	}
	return counts
}
