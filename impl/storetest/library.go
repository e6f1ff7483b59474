package storetest

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

func testListOrder(t *testing.T, w world) {
	// Saved in this order, all at the same time; track ids and creation say
	// otherwise.
	ids := w.newTracks(t, 5, "order", nil)
	order := []int{3, 0, 4, 1, 2}
	var expected []track.ID
	for _, i := range order {
		w.apply(t, w.save(ids[i], member))
		expected = append(expected, ids[i])
	}
	slices.Reverse(expected)
	if got := w.library(t, member, track.Filter{}); !reflect.DeepEqual(got, expected) {
		t.Errorf("got %q, want newest save first: %q", got, expected)
	}
}

func testListWindows(t *testing.T, w world) {
	ids := w.newTracks(t, 7, "window", nil, member)
	slices.Reverse(ids)
	for _, row := range []struct{ limit, offset, from, to int }{
		{1, 0, 0, 1}, {3, 0, 0, 3}, {3, 3, 3, 6}, {3, 6, 6, 7}, {100, 0, 0, 7}, {100, 6, 6, 7},
		{1, 7, 7, 7}, {100, 7, 7, 7}, {100, track.MaxOffset, 7, 7},
	} {
		got := w.library(t, member, track.Filter{Limit: row.limit, Offset: row.offset})
		if expected := ids[row.from:row.to]; !slices.Equal(got, expected) {
			t.Errorf("limit %d offset %d: got %q, want %q", row.limit, row.offset, got, expected)
		}
	}
}

// shapes are what filters tell apart.
func shapes(i int, r *record.Track) {
	r.Engine = []string{"studio", "studio v2", "a:b"}[i%3]
	r.Mode = track.Modes()[i/3%2]
}

// filters are all combinations, and some that select nothing.
func filters() []track.Filter {
	engines := []*string{nil, new("studio"), new("studio v2"), new("a:b"), new("STUDIO"), new(""), new("stud*"), new("x\x00")}
	modes := []*track.Mode{nil, new(track.ModeCreation), new(track.ModeFocus), new(track.Mode("other")), new(track.Mode(""))}
	var all []track.Filter
	for _, e := range engines {
		for _, m := range modes {
			all = append(all, track.Filter{Engine: e, Mode: m})
		}
	}
	return append(all, track.Filter{Collection: new("mcoll_1")}, track.Filter{Collection: new("")})
}

func selects(f track.Filter, r *record.Track) bool {
	return f.Collection == nil && (f.Engine == nil || *f.Engine == r.Engine) && (f.Mode == nil || *f.Mode == r.Mode)
}

func testListFilters(t *testing.T, w world) {
	records := make(map[track.ID]*record.Track)
	ids := w.newTracks(t, 24, "filter", func(i int, r *record.Track) {
		shapes(i, r)
		records[r.ID] = r
	}, member)
	w.compareLists(t, ids, records)
	for _, i := range []int{2, 3, 11, 20} {
		want(t, "Unsave", w.Unsave(t.Context(), w.caller(member), w.home, ids[i]), 0)
		ids[i] = ""
	}
	w.compareLists(t, ids, records)
}

// testListAfterDeletions deletes at random and looks at every window after
// each deletion: what is shown, and where it begins, is right at once.
func testListAfterDeletions(t *testing.T, w world) {
	records := make(map[track.ID]*record.Track)
	ids := w.newTracks(t, 30, "dying", func(i int, r *record.Track) {
		shapes(i, r)
		records[r.ID] = r
	}, member, saver)
	random := rand.New(rand.NewPCG(1, 2))
	for n, i := range random.Perm(len(ids)) {
		want(t, "Delete", w.Delete(t.Context(), w.caller(creator), w.home, ids[i]), 0)
		ids[i] = ""
		for offset := range len(ids) - n {
			limit := 1 + random.IntN(6)
			w.compareList(t, ids, records, track.Filter{Limit: limit, Offset: offset})
		}
		if n%6 == 0 {
			w.compareLists(t, ids, records)
		}
	}
}

// testListLong saves one or many, unsaves, deletes and imports once more, at
// random, in a library of up to a few hundred, and compares windows of it and of
// its parts with what they should be: also where a store keeps small libraries,
// or what is new in large ones, in another way.
func testListLong(t *testing.T, w world) {
	records := make(map[track.ID]*record.Track)
	left := w.newTracks(t, 420, "long", func(i int, r *record.Track) {
		shapes(i, r)
		records[r.ID] = r
	})
	random := rand.New(rand.NewPCG(5, 6))
	all := filters()
	var saved []track.ID // in their order
	var imported []record.Record
	at := w.at
	for round := 0; len(left) > 0; round++ {
		switch what := random.IntN(8); {
		case what < 3 || len(saved) < 2: // a few or many are saved
			n := min(len(left), []int{1, 2, 30, 100}[random.IntN(4)])
			var chunk []record.Record
			for _, id := range left[:n] {
				at = at.Add(1e9)
				one := w.save(id, member)
				one.Save.SavedAt = at
				chunk = append(chunk, one)
			}
			w.apply(t, chunk...)
			saved, left, imported = append(saved, left[:n]...), left[n:], append(imported, chunk...)
		case what < 6: // one of any age is removed or deleted, and may be saved again if it is not deleted
			i := random.IntN(len(saved))
			id := saved[i]
			saved = slices.Delete(saved, i, i+1)
			if what == 5 {
				want(t, "Delete", w.Delete(t.Context(), w.caller(creator), w.home, id), 0)
			} else {
				want(t, "Unsave", w.Unsave(t.Context(), w.caller(member), w.home, id), 0)
				left = append(left, id)
			}
		default: // what was imported before changes nothing
			first := random.IntN(len(imported))
			w.apply(t, imported[first:min(len(imported), first+40)]...)
		}
		if round%3 != 0 { // so that much or little comes together until somebody looks
			continue
		}
		for range 4 {
			f := all[random.IntN(len(all))]
			f.Limit, f.Offset = 1+random.IntN(track.MaxLimit), random.IntN(2+len(saved)/4)
			w.compareList(t, saved, records, f)
		}
		if t.Failed() {
			t.Fatalf("in round %d, with %d saved", round, len(saved))
		}
	}
	w.compareLists(t, saved, records)
}

// compareLists compares the member's library under every filter with what it
// should be; an empty id is a track that is gone.
func (w world) compareLists(t *testing.T, saved []track.ID, records map[track.ID]*record.Track) {
	t.Helper()
	for _, f := range filters() {
		for _, window := range [][2]int{{100, 0}, {2, 0}, {2, 3}, {100, 5}} {
			f.Limit, f.Offset = window[0], window[1]
			w.compareList(t, saved, records, f)
		}
	}
}

func (w world) compareList(t *testing.T, saved []track.ID, records map[track.ID]*record.Track, f track.Filter) {
	t.Helper()
	expected := []track.ID{}
	for _, id := range slices.Backward(saved) {
		if id != "" && selects(f, records[id]) {
			expected = append(expected, id)
		}
	}
	expected = expected[min(f.Offset, len(expected)):]
	expected = expected[:min(f.Limit, len(expected))]
	if got := w.library(t, member, f); !slices.Equal(got, expected) {
		t.Errorf("filter %s: got %q, want %q", describe(f), got, expected)
	}
}

func describe(f track.Filter) string {
	s := "limit " + itoa(f.Limit) + " offset " + itoa(f.Offset)
	if f.Engine != nil {
		s += " engine " + *f.Engine
	}
	if f.Mode != nil {
		s += " mode " + string(*f.Mode)
	}
	return s
}
