package storetest

import (
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/seed-5ec2a705/mtrack/impl/track"
)

func testDelete(t *testing.T, w world) {
	before := w.history(t, w.song)
	caller := w.caller(creator)
	began := time.Now().Add(-time.Minute) // the store's clock need not be ours
	want(t, "Delete", w.Delete(t.Context(), caller, w.home, w.song), 0)

	for _, p := range []person{creator, saver} {
		if got := w.library(t, p, track.Filter{}); len(got) != 0 {
			t.Errorf("library of %s: %q", p, got)
		}
		for _, op := range []operation{opGet, opUnsave, opDelete} {
			want(t, op.name+" by "+string(p)+" after Delete", op.run(t, w, w.caller(p), w.home, w.song), track.NotFound)
		}
	}
	after := w.history(t, w.song)
	if len(after) != len(before)+1 || !reflect.DeepEqual(after[:len(before)], before) {
		t.Fatalf("history was %v, is %v", before, after)
	}
	last := after[len(before)]
	if last.At.Before(began) || last.At.After(time.Now().Add(time.Minute)) || last.At.Location() != time.UTC {
		t.Errorf("event at %v", last.At)
	}
	last.At = time.Time{}
	if expected := (track.Event{Type: track.EventDeleted, Actor: w.user(creator), Request: caller.Request}); last != expected {
		t.Errorf("event %+v, want %+v", last, expected)
	}
}

// testDeleteRepeatedRequest carries the same request out twice, as happens
// when its first reply is lost.
func testDeleteRepeatedRequest(t *testing.T, w world) {
	caller := w.caller(creator)
	want(t, "Delete", w.Delete(t.Context(), caller, w.home, w.song), 0)
	before := w.history(t, w.song)
	want(t, "the same again", w.Delete(t.Context(), caller, w.home, w.song), 0)
	want(t, "RevokeKey", w.RevokeKey(t.Context(), caller.Key.Hash()), 0)
	want(t, "the same again without a key", w.Delete(t.Context(), caller, w.home, w.song), 0)
	if after := w.history(t, w.song); !reflect.DeepEqual(after, before) {
		t.Errorf("history changed from %v to %v", before, after)
	}

	other := track.ID("mtrack_other_" + w.suffix)
	w.apply(t, w.trackRecords(other, saver)...)
	nameless := track.Caller{Key: track.NewKey(w.secret(saver))}
	want(t, "Delete without a request id", w.Delete(t.Context(), nameless, w.home, other), 0)
	want(t, "another without a request id", w.Delete(t.Context(), nameless, w.home, other), track.NotFound)
}

func testDeleteRace(t *testing.T, w world) {
	const callers = 50
	results := make([]error, callers)
	var start, done sync.WaitGroup
	start.Add(1)
	for i := range callers {
		done.Go(func() {
			start.Wait()
			results[i] = w.Delete(t.Context(), w.caller(creator), w.home, w.song)
		})
	}
	start.Done()
	done.Wait()
	deleted := 0
	for _, err := range results {
		if err == nil {
			deleted++
		} else {
			want(t, "losing Delete", err, track.NotFound)
		}
	}
	if deleted != 1 {
		t.Errorf("%d deletes succeeded, want 1", deleted)
	}
	events := w.history(t, w.song)
	if n := len(slices.DeleteFunc(events, func(e track.Event) bool { return e.Type != track.EventDeleted })); n != 1 {
		t.Errorf("%d deletion events, want 1", n)
	}
}

// testDeleteNeighbours deletes beside ids that look alike.
func testDeleteNeighbours(t *testing.T, w world) {
	neighbours := []track.ID{w.song + "0", w.song + ":", w.song + "%", w.song[:len(w.song)-1], "mtrack_" + w.song, w.song + "\u00e9"}
	for _, id := range neighbours {
		w.apply(t, append(w.trackRecords(id, creator), w.save(id, creator), w.save(id, saver))...)
	}
	slices.Reverse(neighbours)
	want(t, "Delete", w.Delete(t.Context(), w.caller(creator), w.home, w.song), 0)
	for _, p := range []person{creator, saver} {
		if got := w.library(t, p, track.Filter{}); !reflect.DeepEqual(got, neighbours) {
			t.Errorf("library of %s: %q, want %q", p, got, neighbours)
		}
	}
	for _, id := range neighbours {
		if n := len(w.history(t, id)); n != 2 {
			t.Errorf("history of %s has %d events", id, n)
		}
	}
}

func testUnsave(t *testing.T, w world) {
	for range 2 {
		want(t, "Unsave by the creator", w.Unsave(t.Context(), w.caller(creator), w.home, w.song), 0)
	}
	if got := w.library(t, creator, track.Filter{}); len(got) != 0 {
		t.Errorf("library of the creator: %q", got)
	}
	if got := w.library(t, creator, track.Filter{Mode: new(track.ModeCreation), Engine: new("studio")}); len(got) != 0 {
		t.Errorf("filtered library of the creator: %q", got)
	}
	want(t, "Get by the creator", opGet.run(t, w, w.caller(creator), w.home, w.song), 0)
	if got := w.library(t, saver, track.Filter{}); len(got) != 1 {
		t.Errorf("library of the saver: %q", got)
	}

	want(t, "Unsave by the saver", w.Unsave(t.Context(), w.caller(saver), w.home, w.song), 0)
	for _, op := range []operation{opUnsave, opGet, opDelete} {
		want(t, op.name+" by the saver afterwards", op.run(t, w, w.caller(saver), w.home, w.song), track.NotFound)
	}
	if n := len(w.history(t, w.song)); n != 2 {
		t.Errorf("history has %d events, want the 2 that it had", n)
	}
	want(t, "Delete", w.Delete(t.Context(), w.caller(creator), w.home, w.song), 0)
}

// testUnsaveRepeatedRequest: a saver has no access after its success, and yet
// the same request must hear of that success.
func testUnsaveRepeatedRequest(t *testing.T, w world) {
	caller := w.caller(saver)
	for range 2 {
		want(t, "Unsave", w.Unsave(t.Context(), caller, w.home, w.song), 0)
	}
	want(t, "another request", w.Unsave(t.Context(), w.caller(saver), w.home, w.song), track.NotFound)
	want(t, "the request on another track", w.Unsave(t.Context(), caller, w.home, w.song+"1"), track.NotFound)

	caller = w.caller(creator)
	want(t, "Unsave by the creator", w.Unsave(t.Context(), caller, w.home, w.song), 0)
	want(t, "Delete", w.Delete(t.Context(), w.caller(creator), w.home, w.song), 0)
	want(t, "the same Unsave after the deletion", w.Unsave(t.Context(), caller, w.home, w.song), 0)

	refused := w.caller(member)
	want(t, "Unsave without access", w.Unsave(t.Context(), refused, w.home, w.song), track.NotFound)
}
