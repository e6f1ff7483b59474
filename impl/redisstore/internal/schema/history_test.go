package schema

import (
	"slices"
	"testing"
	"time"

	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// TestImpliedDeletion: a track that the server deleted has one deletion in its history, behind the
// events that are stored, until an import brings later ones.
func TestImpliedDeletion(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 6, 28, 10, 30, 0, 123456000, time.UTC)
	event := func(kind track.EventType, request string) string {
		return EncodeEvent(&record.Event{Type: kind, At: at, Actor: "user:1", Request: request})
	}
	created, billed, refunded := event(track.EventCreated, ""), event(track.EventBilled, ""), event("track.refunded", "")
	deletion := event(track.EventDeleted, `req "1"`)
	byServer := Track{DeletedAt: FormatTime(at), DeletedBy: Encode(`req "1"`), DeletedActor: Encode("user:1")}
	imported := Track{DeletedAt: byServer.DeletedAt, DeletedBy: byServer.DeletedBy}

	for _, row := range []struct {
		what   string
		stored []string
		track  Track
		want   []string
	}{
		{"alive", []string{created}, Track{}, []string{created}},
		{"nothing before it", nil, byServer, []string{deletion}},
		{"something before it", []string{created, billed}, byServer, []string{created, billed, deletion}},
		{"stored since", []string{created, deletion, refunded}, byServer, []string{created, deletion, refunded}},
		{"of another request", []string{event(track.EventDeleted, "other")}, byServer, []string{event(track.EventDeleted, "other"), deletion}},
		{"imported", []string{created, deletion}, imported, []string{created, deletion}},
		{"imported without it", []string{created}, imported, []string{created}},
	} {
		got, err := DecodeHistory(row.stored, row.track)
		var want []track.Event
		for _, text := range row.want {
			e, decodeErr := DecodeEvent(text)
			if decodeErr != nil {
				t.Fatal(decodeErr)
			}
			want = append(want, e)
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: got %v, %v; want %v", row.what, got, err, want)
		}
	}

	h, err := NewHistory([]string{created}, byServer)
	if err != nil {
		t.Fatal(err)
	}
	add := func(seq int, text string, before, after []string) {
		t.Helper()
		if err := h.Add(seq, text); err != nil {
			t.Errorf("event %d: %v", seq, err)
		}
		if !slices.Equal(h.Before, before) || !slices.Equal(h.After(), after) || h.Pivot != "" || h.Found != 1 {
			t.Errorf("event %d: before %q, after %q, pivot %q, found %d", seq, h.Before, h.After(), h.Pivot, h.Found)
		}
	}
	add(2, deletion, nil, nil)
	add(2, billed, []string{billed}, nil)
	add(3, deletion, []string{billed}, nil)
	add(4, refunded, []string{billed}, []string{deletion, refunded})
	if h.Add(3, event(track.EventDeleted, "other")) == nil {
		t.Error("another deletion was added")
	}
}
