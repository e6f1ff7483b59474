package registry_test

import (
	"errors"
	"reflect"
	"testing"

	"github.com/seed-5ec2a705/mtrack/impl/internal/redistest"
	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// batches parts records, with the events of a track beside it.
func batches(records []record.Record, size int) [][]record.Record {
	var parts [][]record.Record
	for start := 0; start < len(records); {
		end := min(start+size, len(records))
		for end < len(records) && records[end].Event != nil {
			end++
		}
		parts = append(parts, records[start:end])
		start = end
	}
	return parts
}

// TestPrepare prepares each batch before the one ahead of it is stored. What
// comes of it is the same as of Apply, also where all of it is there already.
func TestPrepare(t *testing.T) {
	t.Parallel()
	world := testWorld(250)
	for _, size := range []int{1, 7, 100, 600} {
		r := redistest.Own(t).Registry(t)
		for range 2 {
			var before record.Prepared
			for _, part := range batches(world, size) {
				next, err := r.Prepare(t.Context(), part, before)
				if err != nil {
					t.Fatalf("batches of %d: Prepare: %v", size, err)
				}
				if before != nil {
					if err := before.Store(t.Context()); err != nil {
						t.Fatalf("batches of %d: Store: %v", size, err)
					}
				}
				before = next
			}
			if err := before.Store(t.Context()); err != nil {
				t.Fatalf("batches of %d: Store: %v", size, err)
			}
			if got := export(t, r); !reflect.DeepEqual(got, world) {
				t.Fatalf("batches of %d: the export holds %d records and differs from what was stored, %d", size, len(got), len(world))
			}
		}
	}
}

// TestPrepare_Refuses: records are judged as if those before them were stored.
func TestPrepare_Refuses(t *testing.T) {
	t.Parallel()
	r := redistest.Own(t).Registry(t)
	world := testWorld(3) // an organization, a user, three times a track and two events, three saves
	first, err := r.Prepare(t.Context(), world[:4], nil)
	if err != nil {
		t.Fatal(err)
	}
	otherName := world[0]
	otherName.Organization = &record.Organization{ID: "org_test", Name: "Other"}
	otherTime := *world[11].Save
	otherTime.SavedAt = otherTime.SavedAt.Add(1e9)
	saved, err := r.Prepare(t.Context(), append(world[:5:5], world[11]), nil)
	if err != nil {
		t.Fatal(err)
	}
	for what, row := range map[string]struct {
		records []record.Record
		after   record.Prepared
		index   int // of the record that is refused; -1: it is too early
	}{
		"another name":                            {[]record.Record{world[1], otherName}, first, 1},
		"a track that is in neither":              {[]record.Record{world[11], world[12]}, first, 1},
		"an event of a track that is not stored":  {[]record.Record{world[4]}, first, -1},
		"another time of a save that is prepared": {[]record.Record{{Save: &otherTime}}, saved, 0},
	} {
		_, err := r.Prepare(t.Context(), row.records, row.after)
		refused, ok := errors.AsType[*record.Error](err)
		if early := err == record.ErrTooEarly; early != (row.index < 0) || !early && (!ok || refused.Index != row.index) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if got := export(t, r); len(got) != 0 {
		t.Errorf("Prepare stored %d records", len(got))
	}
}

// TestPrepare_OthersSince: what others do between Prepare and Store is not
// undone, nor taken for what it was.
func TestPrepare_OthersSince(t *testing.T) {
	t.Parallel()
	server := redistest.Own(t)
	r := server.Registry(t)
	world := testWorld(4)
	tracks, saves := world[:14], world[14:]
	if err := r.Apply(t.Context(), tracks); err != nil {
		t.Fatal(err)
	}
	prepared, err := r.Prepare(t.Context(), saves, nil)
	if err != nil {
		t.Fatal(err)
	}
	store := server.Store(t)
	caller := track.Caller{Key: track.NewKey("ak_1")}
	library := func() []track.ID {
		list, err := store.ListSaved(t.Context(), caller, "org_test", track.Filter{Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		var ids []track.ID
		for _, one := range list {
			ids = append(ids, one.ID)
		}
		return ids
	}
	if err := r.Apply(t.Context(), saves[:1]); err != nil {
		t.Fatal(err)
	}
	if err := store.Unsave(t.Context(), caller, "org_test", "mtrack_00000"); err != nil {
		t.Fatal(err)
	}
	if err := store.Delete(t.Context(), caller, "org_test", "mtrack_00001"); err != nil {
		t.Fatal(err)
	}
	if err := prepared.Store(t.Context()); err != nil {
		t.Fatalf("Store: %v", err)
	}
	if got, want := library(), []track.ID{"mtrack_00003", "mtrack_00002"}; !reflect.DeepEqual(got, want) {
		t.Errorf("the library holds %v, want %v: one was removed and one deleted since", got, want)
	}

	// Others save the same at another time.
	later := *saves[0].Save
	later.SavedAt = later.SavedAt.Add(1e9)
	if prepared, err = r.Prepare(t.Context(), []record.Record{{Save: &later}}, nil); err != nil {
		t.Fatal(err)
	}
	latest := later
	latest.SavedAt = latest.SavedAt.Add(1e9)
	if err := r.Apply(t.Context(), []record.Record{{Save: &latest}}); err != nil {
		t.Fatal(err)
	}
	if err := prepared.Store(t.Context()); err == nil {
		t.Error("Store passed over a save at another time")
	}
}

// TestPrepare_KnownSince: what one batch knows of a track saves the next one a look, and no
// more: a track that is deleted in between comes into no library, and one that never
// existed is refused.
func TestPrepare_KnownSince(t *testing.T) {
	t.Parallel()
	server := redistest.Own(t)
	r := server.Registry(t)
	world := testWorld(3)
	tracks, saves := world[:11:11], world[11:]
	other := record.User{ID: "user_2", MemberOf: []track.OrganizationID{"org_test"}, Keys: []record.Key{{Secret: "ak_2"}}}
	var before record.Prepared
	step := func(records ...record.Record) record.Prepared {
		t.Helper()
		prepared, err := r.Prepare(t.Context(), records, before)
		if err != nil {
			t.Fatalf("Prepare: %v", err)
		}
		return prepared
	}
	store := func(prepared record.Prepared) {
		t.Helper()
		if err := prepared.Store(t.Context()); err != nil {
			t.Fatalf("Store: %v", err)
		}
		before = prepared
	}
	store(step(append(tracks, record.Record{User: &other})...))
	store(step(saves[:2]...))
	ofOther := func(s record.Record) record.Record {
		save := *s.Save
		save.User = other.ID
		return record.Record{Save: &save}
	}
	next := step(ofOther(saves[0]), ofOther(saves[1]), ofOther(saves[2]))
	if err := server.Store(t).Delete(t.Context(), track.Caller{Key: track.NewKey("ak_1")}, "org_test", "mtrack_00001"); err != nil {
		t.Fatal(err)
	}
	store(next)
	list, err := server.Store(t).ListSaved(t.Context(), track.Caller{Key: track.NewKey("ak_2")}, "org_test", track.Filter{Limit: 9})
	if err != nil || len(list) != 2 || list[0].ID != "mtrack_00002" || list[1].ID != "mtrack_00000" {
		t.Errorf("the library of the other holds %v, %v", list, err)
	}
	missing := *saves[0].Save
	missing.Track = "mtrack_missing"
	_, err = r.Prepare(t.Context(), []record.Record{saves[0], {Save: &missing}}, before)
	if refused, ok := errors.AsType[*record.Error](err); !ok || refused.Index != 1 {
		t.Errorf("a track that does not exist: %v", err)
	}
}
