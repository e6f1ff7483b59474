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
