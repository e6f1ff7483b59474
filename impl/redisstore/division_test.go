package redisstore_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/impl/internal/redistest"
	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/lua"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/schema"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/scripts"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// Up to how many saves are in no part of a library: after somebody has asked for one, and after an
// import.
const (
	leftByReader = 64
	leftByImport = 1000
)

// savings are saves of the saver's, of tracks as fill stores them.
func savings(from, to int) []record.Record {
	var records []record.Record
	for n := from; n < to; n++ {
		records = append(records, record.Record{Save: &record.Save{
			User: testSaver, Organization: testOrganization, Track: trackID(n), SavedAt: testTime,
		}})
	}
	return records
}

// unsavedTracks stores tracks that nobody saves, as fill would.
func unsavedTracks(t *testing.T, store testStore, from, to int) {
	t.Helper()
	var records []record.Record
	for n := from; n < to; n++ {
		records = append(records, record.Record{Track: &record.Track{
			ID: trackID(n), Organization: testOrganization, Creator: testCreator, Engine: []string{"a", "b"}[n%2],
			Mode: track.ModeCreation, Licence: track.LicenceUnclear, CreatedAt: testTime,
		}})
	}
	if err := store.Apply(t.Context(), records); err != nil {
		t.Fatal(err)
	}
}

// library is the saver's, as it is stored.
type library struct {
	client redis.UniversalClient
	keys   schema.Keyspace
}

// size returns how many saves are in a part of the library.
func (l library) size(t *testing.T, suffix string) int {
	t.Helper()
	n, err := l.client.ZCard(t.Context(), l.keys.Library(schema.Encode(testOrganization), schema.Encode(testSaver))+suffix).Result()
	if err != nil {
		t.Fatal(err)
	}
	return int(n)
}

// check fails unless the library and each of its parts have so many saves.
func (l library) check(t *testing.T, when string, whole, mode, a, b int) {
	t.Helper()
	for suffix, want := range map[string]int{
		"": whole, ":mode:creation": mode, ":engine:a": a, ":engine:b": b, ":mode:creation:engine:a": a, ":mode:creation:engine:b": b,
	} {
		if got := l.size(t, suffix); got != want {
			t.Errorf("%s: the part %q has %d saves, want %d", when, suffix, got, want)
		}
	}
}

// TestDivision looks at what is stored of a library around the number of saves from which on it is
// divided into its parts, and at what is listed.
func TestDivision(t *testing.T) {
	t.Parallel()
	server := redistest.Own(t)
	client := server.Client(t)
	store := storeOn(t, client, redisstore.WithoutSweeping())
	l := library{client, schema.NewKeyspace(redisstore.DefaultPrefix)}
	fill(t, store, 0)
	unsavedTracks(t, store, 0, 400)
	save := func(from, to int) {
		t.Helper()
		if err := store.Apply(t.Context(), savings(from, to)); err != nil {
			t.Fatal(err)
		}
	}
	removed := map[int]bool{}
	list := func(when string, last int) {
		t.Helper()
		for offset := range 3 {
			got, err := store.ListSaved(t.Context(), saverCall(""), testOrganization, track.Filter{
				Mode: new(track.ModeCreation), Engine: new("b"), Limit: 100, Offset: offset * 40})
			if err != nil {
				t.Fatal(err)
			}
			var want []track.ID
			for n, skip := last-1, offset*40; n >= 0 && len(want) < 100; n-- {
				if n%2 == 1 && !removed[n] {
					if skip--; skip < 0 {
						want = append(want, trackID(n))
					}
				}
			}
			var ids []track.ID
			for _, one := range got {
				ids = append(ids, one.ID)
			}
			if !slices.Equal(ids, want) {
				t.Fatalf("%s, offset %d: got %v, want %v", when, offset*40, ids, want)
			}
		}
	}
	save(0, leftByReader)
	list("as many as a reader looks through", leftByReader)
	l.check(t, "as many as a reader looks through", leftByReader, 0, 0, 0)
	save(leftByReader, leftByReader+1)
	l.check(t, "one more, and nobody has asked", leftByReader+1, 0, 0, 0)
	list("one more", leftByReader+1)
	l.check(t, "one more", 65, 65, 33, 32)

	save(65, 125)
	list("some more", 125)
	l.check(t, "some more", 125, 65, 33, 32)

	// One that is in the parts, one that is not, and deletions of both, which nobody sweeps.
	gone := func(n int) int { removed[n] = true; return n }
	want(t, "Unsave", store.Unsave(t.Context(), saverCall("req_1"), testOrganization, trackID(gone(63))), 0)
	want(t, "Unsave", store.Unsave(t.Context(), saverCall("req_2"), testOrganization, trackID(gone(65))), 0)
	want(t, "Delete", store.Delete(t.Context(), creatorCall("req_3"), testOrganization, trackID(gone(61))), 0)
	want(t, "Delete", store.Delete(t.Context(), creatorCall("req_4"), testOrganization, trackID(gone(67))), 0)
	list("some gone", 125)
	l.check(t, "some gone", 123, 64, 33, 31)

	save(125, 300)
	list("more again", 300)
	l.check(t, "more again; the deleted one is in no part", 298, 297, 150, 147)
	save(0, 300)
	list("saved again", 300)
	l.check(t, "saved again", 298, 297, 150, 147)
}

// TestDivision_Import: an import divides the libraries that have got very many saves.
func TestDivision_Import(t *testing.T) {
	t.Parallel()
	server := redistest.Own(t)
	store := storeOn(t, server.Client(t), redisstore.WithoutSweeping())
	l := library{server.Client(t), schema.NewKeyspace(redisstore.DefaultPrefix)}
	fill(t, store, leftByImport)
	l.check(t, "many", leftByImport, 0, 0, 0)
	unsavedTracks(t, store, leftByImport, leftByImport+202)
	if err := store.Apply(t.Context(), savings(leftByImport, leftByImport+2)); err != nil {
		t.Fatal(err)
	}
	l.check(t, "too many", leftByImport+2, leftByImport+2, leftByImport/2+1, leftByImport/2+1)
	if err := store.Apply(t.Context(), savings(leftByImport+2, leftByImport+202)); err != nil {
		t.Fatal(err)
	}
	l.check(t, "more", leftByImport+202, leftByImport+2, leftByImport/2+1, leftByImport/2+1)
}

// TestDivision_WhileListed lists parts of a library from two servers while it grows, by one or by
// many: each list is one of some moment, without anything twice and without a gap.
func TestDivision_WhileListed(t *testing.T) {
	t.Parallel()
	server := redistest.Own(t)
	store := storeOn(t, server.Client(t), redisstore.WithoutSweeping())
	fill(t, store, 0)
	const count = 1500
	unsavedTracks(t, store, 0, count)
	var stored atomic.Int64 // saves
	var done sync.WaitGroup
	for range 2 {
		reader := storeOn(t, server.Client(t), redisstore.WithoutSweeping())
		done.Go(func() {
			for before := int64(0); before < count; {
				before = stored.Load()
				got, err := reader.ListSaved(context.Background(), saverCall(""), testOrganization, track.Filter{Engine: new("a"), Limit: 100})
				if err != nil {
					t.Errorf("ListSaved: %v", err)
					return
				}
				for i, one := range got {
					var n int
					if _, err := fmt.Sscanf(string(one.ID), "mtrack_%06d", &n); err != nil {
						t.Error(err)
					}
					// Every other track is of the engine.
					if last := len(got) - 1; i > 0 && got[i-1].ID != trackID(n+2) || i == last && last < 99 && n != 0 || i == 0 && int64(n+2) < before {
						t.Errorf("place %d of %d is %s, when %d were saved", i, len(got), one.ID, before)
						return
					}
				}
				if len(got) < min(100, int(before)/2) {
					t.Errorf("%d listed, when %d were saved", len(got), before)
					return
				}
			}
		})
	}
	for n := 0; n < count; {
		next := min(n+[]int{1, 100, 3, 50, 200}[n%5], count)
		if err := store.Apply(t.Context(), savings(n, next)); err != nil {
			t.Errorf("Apply: %v", err)
			next = count
		}
		n = next
		stored.Store(int64(n))
	}
	done.Wait()
}

// TestDivision_Refused: where Redis refuses to divide a library, or to take dead tracks out of it,
// whoever asks for it or for a part gets it all the same, whatever is left over.
func TestDivision_Refused(t *testing.T) {
	t.Parallel()
	const count, dead = 2100, 300
	server := redistest.Own(t)
	client := server.Client(t)
	store := storeOn(t, client, redisstore.WithoutSweeping())
	fill(t, store, count)
	keys, o := schema.NewKeyspace(redisstore.DefaultPrefix), schema.Encode(testOrganization)
	if n, err := client.HDel(t.Context(), keys.Organization(o), schema.DividedField(schema.Encode(testSaver))).Result(); err != nil || n != 1 {
		t.Fatalf("the library was not divided up to a save: %v", err)
	}
	for n := range dead {
		if err := store.Delete(t.Context(), creatorCall(fmt.Sprint("req_", n)), testOrganization, trackID(count-1-n)); err != nil {
			t.Fatal(err)
		}
	}
	page := func(of string, filter track.Filter) []track.ID {
		t.Helper()
		list, err := store.ListSaved(t.Context(), saverCall(""), testOrganization, filter)
		if err != nil {
			t.Fatalf("%s: %v", of, err)
		}
		var ids []track.ID
		for _, item := range list {
			ids = append(ids, item.ID)
		}
		return ids
	}
	setMemory := func(most string) {
		t.Helper()
		if err := client.ConfigSet(t.Context(), "maxmemory", most).Err(); err != nil {
			t.Fatal(err)
		}
	}
	setMemory("1")
	filters := []track.Filter{
		{Limit: 9}, {Offset: count - dead - 5, Limit: 9},
		{Engine: new("a"), Limit: 9}, {Engine: new("a"), Offset: (count-dead)/2 - 5, Limit: 9},
	}
	refused := make([][]track.ID, len(filters))
	for i, filter := range filters {
		refused[i] = page("without memory", filter)
	}
	if err := divide(t, client, testOrganization, testSaver); err == nil || !strings.Contains(err.Error(), "OOM") {
		t.Fatalf("the library can be divided: %v", err)
	}
	setMemory("0")
	for i, filter := range filters {
		want := page("afterwards", filter)
		if len(want) != 9-4*(i%2) || !slices.Equal(refused[i], want) {
			t.Errorf("%+v: without memory %v, afterwards %v", filter, refused[i], want)
		}
	}
}

// TestDivision_Damaged: what is lost, by eviction for instance, takes nothing else along.
func TestDivision_Damaged(t *testing.T) {
	t.Parallel()
	const before, after = leftByImport + 100, 40
	server := redistest.Own(t)
	client := server.Client(t)
	store := storeOn(t, client, redisstore.WithoutSweeping())
	fill(t, store, before)
	unsavedTracks(t, store, before, before+after)
	keys, o := schema.NewKeyspace(redisstore.DefaultPrefix), schema.Encode(testOrganization)
	count := func(filter track.Filter) (all int) {
		t.Helper()
		for filter.Limit = 100; ; filter.Offset += filter.Limit {
			list, err := store.ListSaved(t.Context(), saverCall(""), testOrganization, filter)
			if err != nil {
				t.Fatal(err)
			}
			if all += len(list); len(list) < filter.Limit {
				return all
			}
		}
	}

	// The organization, with the count of saves: what is saved later comes behind what there is.
	if err := client.Del(t.Context(), keys.Organization(o)).Err(); err != nil {
		t.Fatal(err)
	}
	if err := store.Apply(t.Context(), []record.Record{{Organization: &record.Organization{ID: testOrganization}}}); err != nil {
		t.Fatal(err)
	}
	if a, b := count(track.Filter{Engine: new("a")}), count(track.Filter{Engine: new("b")}); a+b != before {
		t.Errorf("without the organization: %d and %d", a, b)
	}
	if err := store.Apply(t.Context(), savings(before, before+after)); err != nil {
		t.Fatal(err)
	}
	if a, b := count(track.Filter{Engine: new("a")}), count(track.Filter{Engine: new("b")}); a+b != before+after {
		t.Errorf("after %d saves without a count: %d and %d", after, a, b)
	}
	list, err := store.ListSaved(t.Context(), saverCall(""), testOrganization, track.Filter{Limit: 1})
	if err != nil || len(list) != 1 || list[0].ID != trackID(before+after-1) {
		t.Errorf("the newest save is %v, %v", list, err)
	}

	// A track: it is not shown, and keeps nothing else from being.
	if err := client.Del(t.Context(), keys.Track(o, schema.Encode(trackID(before+1)))).Err(); err != nil {
		t.Fatal(err)
	}
	for _, when := range []string{"before", "after"} {
		if a, b := count(track.Filter{Engine: new("a")}), count(track.Filter{Engine: new("b")}); a+b != before+after-1 {
			t.Errorf("without a track, %s the library is divided: %d and %d", when, a, b)
		}
		if err := divide(t, client, testOrganization, testSaver); err != nil {
			t.Fatal(err)
		}
	}

	// An import brings it back, and it is still saved: a deletion takes it out of the library.
	unsavedTracks(t, store, before+1, before+2)
	if n := count(track.Filter{}); n != before+after {
		t.Errorf("with the track back: %d", n)
	}
	want(t, "Delete", store.Delete(t.Context(), creatorCall("req_1"), testOrganization, trackID(before+1)), 0)
	if n := count(track.Filter{}); n != before+after-1 {
		t.Errorf("with the track deleted: %d", n)
	}

	// The dead tracks: what is deleted is not shown all the same.
	if err := client.Del(t.Context(), keys.Dead(o)).Err(); err != nil {
		t.Fatal(err)
	}
	for _, filter := range []track.Filter{{Limit: 100}, {Limit: 100, Mode: new(track.ModeCreation)}} {
		list, err := store.ListSaved(t.Context(), saverCall(""), testOrganization, filter)
		if err != nil || slices.ContainsFunc(list, func(l track.Track) bool { return l.ID == trackID(before+1) }) {
			t.Errorf("without the dead tracks the deleted one is shown: %v", err)
		}
	}
}

// divide divides the library of a user into its parts, in one step.
func divide(t *testing.T, client redis.UniversalClient, organization track.OrganizationID, user track.UserID) error {
	t.Helper()
	runner := lua.NewRunner(client, lua.Patience)
	defer runner.Close()
	keys, o, u := schema.NewKeyspace(redisstore.DefaultPrefix), schema.Encode(organization), schema.Encode(user)
	call := scripts.DivideCall(keys.Organization(o), keys.Library(o, u), string(u), keys.TrackPrefix(o))
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	reply, err := runner.Do(ctx, call.Script, call.Keys, call.Args...)
	if err != nil {
		return err
	}
	if divided, err := scripts.IsDivided(reply); err != nil || !divided {
		t.Fatalf("dividing the library of %s: %t, %v", user, divided, err)
	}
	return nil
}
