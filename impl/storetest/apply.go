package storetest

import (
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

func testApplyRefusals(t *testing.T, w world) {
	nowhere := track.OrganizationID("org_nowhere_" + w.suffix)
	changedTrack := func(change func(*record.Track)) record.Record {
		r := w.trackRecord(w.song, creator)
		change(r.Track)
		return r
	}
	changedEvent := func(change func(*record.Event)) record.Record {
		r := w.event(w.song, creator, 2, track.EventBilled)
		change(r.Event)
		return r
	}
	changedUser := func(change func(*record.User)) record.Record {
		r := w.userRecord(creator, w.home)
		change(r.User)
		return r
	}
	changedSave := func(change func(*record.Save)) record.Record {
		r := w.save(w.song, saver)
		change(r.Save)
		return r
	}
	for _, row := range []struct {
		what   string
		record record.Record
		says   string
	}{
		{"nothing", record.Record{}, "exactly one"},
		{"two things", record.Record{Organization: &record.Organization{ID: "org_x"}, Save: w.save(w.song, creator).Save}, "exactly one"},
		{"organization without id", record.Record{Organization: &record.Organization{}}, "organization: id"},
		{"organization of another name", record.Record{Organization: &record.Organization{ID: w.home, Name: "Other"}}, "Other"},
		{"id that no path could hold", record.Record{Organization: &record.Organization{ID: "org/1"}}, "slash"},
		{"id that JSON could not hold", record.Record{Organization: &record.Organization{ID: "org\xff"}}, "UTF-8"},
		{"endless id", record.Record{Organization: &record.Organization{ID: track.OrganizationID(strings.Repeat("o", 257))}}, "256"},
		{"user of another name", changedUser(func(u *record.User) { u.Name = "Other" }), "Other"},
		{"user of no organization", changedUser(func(u *record.User) { u.MemberOf = append(u.MemberOf, nowhere) }), string(nowhere)},
		{"key of another user", changedUser(func(u *record.User) { u.Keys[0].Secret = w.secret(saver) }), "another user"},
		{"key with another label", changedUser(func(u *record.User) { u.Keys[0].Label = "second" }), "second"},
		{"key of another time", changedUser(func(u *record.User) { u.Keys[0].CreatedAt = w.at.Add(time.Second) }), "another time"},
		{"key that still works", changedUser(func(u *record.User) { u.Keys[0].RevokedAt = &w.at }), "still works"},
		{"key without anything", changedUser(func(u *record.User) { u.Keys[0] = record.Key{} }), "secret or sha256"},
		{"key by a bad hash", changedUser(func(u *record.User) { u.Keys[0] = record.Key{SHA256: "0g"} }), "64 hexadecimal"},
		{"track of no organization", changedTrack(func(r *record.Track) { r.Organization = nowhere }), string(nowhere)},
		{"track of nobody", changedTrack(func(r *record.Track) { r.ID += "2"; r.Creator = "user_nobody" }), "user_nobody"},
		{"track with a bad id", changedTrack(func(r *record.Track) { r.ID = "track_1" }), "mtrack_"},
		{"track of another creator", changedTrack(func(r *record.Track) { r.Creator = w.user(saver) }), "creator"},
		{"track of another title", changedTrack(func(r *record.Track) { r.Title = new("Other") }), "title"},
		{"track of another engine", changedTrack(func(r *record.Track) { r.Engine = "other" }), "engine"},
		{"track of another time", changedTrack(func(r *record.Track) { r.CreatedAt = w.at.Add(time.Hour) }), "created_at"},
		{"track deleted here only", changedTrack(func(r *record.Track) { r.DeletedAt = &w.at }), "lives in the store"},
		{"track of no mode", changedTrack(func(r *record.Track) { r.Mode = "" }), "mode must be one of creation, focus"},
		{"track of no licence", changedTrack(func(r *record.Track) { r.Licence = "free" }), "licence_class"},
		{"track of endless length", changedTrack(func(r *record.Track) { r.Duration = new(math.Inf(1)) }), "measured_duration_seconds"},
		{"track of negative length", changedTrack(func(r *record.Track) { r.Duration = new(-1.0) }), "measured_duration_seconds"},
		{"track with a stem that leads elsewhere", changedTrack(func(r *record.Track) { r.Stems = []string{".."} }), "stems"},
		{"track with a stem that is two", changedTrack(func(r *record.Track) { r.Stems = []string{"a/b"} }), "stems"},
		{"track with a stem twice", changedTrack(func(r *record.Track) { r.Stems = []string{"a", "a"} }), "twice"},
		{"track without a time", changedTrack(func(r *record.Track) { r.CreatedAt = time.Time{} }), "created_at"},
		{"track deleted by whom but not when", changedTrack(func(r *record.Track) { r.DeletedBy = "req_1" }), "deleted_at"},
		{"save of no track", changedSave(func(r *record.Save) { r.Track = "mtrack_none" }), "mtrack_none"},
		{"save of a track elsewhere", changedSave(func(r *record.Save) { r.Organization = w.abroad }), string(w.abroad)},
		{"save by nobody", changedSave(func(r *record.Save) { r.User = "user_nobody" }), "user_nobody"},
		{"save at another time", changedSave(func(r *record.Save) { r.SavedAt = w.at.Add(time.Second) }), "another time"},
		{"event of no track", changedEvent(func(e *record.Event) { e.Track = "mtrack_none" }), "mtrack_none"},
		{"event after a gap", changedEvent(func(e *record.Event) { e.Seq = 4 }), "missing"},
		{"event of place 0", changedEvent(func(e *record.Event) { e.Seq = 0 }), "seq"},
		{"event changed", changedEvent(func(e *record.Event) { e.Amount = "0.20" }), "never changed"},
		{"event without an amount", changedEvent(func(e *record.Event) { e.Amount = "" }), "amount"},
		{"event with a bad currency", changedEvent(func(e *record.Event) { e.Currency = "chf" }), "currency"},
		{"amount of nothing", changedEvent(func(e *record.Event) { e.Type = track.EventCreated }), "amount"},
	} {
		before := w.history(t, w.song)
		// Behind a good record, which must not be stored either.
		// What comes after it, however bad, is not what is told of.
		witness := w.trackRecord(track.ID("mtrack_witness_"+w.suffix), creator)
		err := w.Apply(t.Context(), []record.Record{witness, row.record, {}, w.event(w.song, creator, 99, "x")})
		want(t, row.what, err, track.InvalidArgument)
		refused, ok := errors.AsType[*record.Error](err)
		if !ok {
			t.Errorf("%s: %v is no *RecordError", row.what, err)
			continue
		}
		if refused.Index != 1 || !strings.Contains(refused.Reason, row.says) {
			t.Errorf("%s: %v; want record 2 and something about %q", row.what, refused, row.says)
		}
		if _, err := w.History(t.Context(), w.home, witness.Track.ID); track.CodeOf(err) != track.NotFound {
			t.Errorf("%s: the record before it was stored", row.what)
		}
		if after := w.history(t, w.song); !reflect.DeepEqual(after, before) {
			t.Errorf("%s: history changed to %v", row.what, after)
		}
	}
}

// testApplyStoresAllOrNothing puts the bad record last of a batch that spans
// everything, some of which only the batch itself explains.
func testApplyStoresAllOrNothing(t *testing.T, w world) {
	o := track.OrganizationID("org_new_" + w.suffix)
	p := person("newcomer")
	u := w.userRecord(p, o, w.home)
	tr := w.trackRecord(track.ID("mtrack_new_"+w.suffix), p)
	tr.Track.Organization = o
	ev := w.event(tr.Track.ID, p, 1, track.EventCreated)
	ev.Event.Organization = o
	sv := w.save(tr.Track.ID, creator)
	sv.Save.Organization = o
	batch := []record.Record{{Organization: &record.Organization{ID: o}}, u, tr, ev, sv}
	bad := w.event(w.song, creator, 9, track.EventCreated)

	want(t, "Apply", w.Apply(t.Context(), append(slices.Clone(batch), bad)), track.InvalidArgument)
	want(t, "the key", w.Authorize(t.Context(), w.caller(p), w.home), track.Unauthenticated)
	if _, err := w.Keys(t.Context(), w.user(p)); track.CodeOf(err) != track.NotFound {
		t.Errorf("the user exists: %v", err)
	}
	if _, err := w.History(t.Context(), o, tr.Track.ID); track.CodeOf(err) != track.NotFound {
		t.Errorf("the track exists: %v", err)
	}

	w.apply(t, batch...)
	if _, err := w.Get(t.Context(), w.caller(p), o, tr.Track.ID); err != nil {
		t.Errorf("Get: %v", err)
	}
	want(t, "the key", w.Authorize(t.Context(), w.caller(p), w.home), 0)
}

func testApplyRepeated(t *testing.T, w world) {
	before := w.export(t)
	w.apply(t, before...)
	w.apply(t, append(before, before...)...)
	if after := w.export(t); !reflect.DeepEqual(after, before) {
		t.Errorf("repeating an export changed it:\n%s\n%s", lines(before), lines(after))
	}
}

// testApplyAfterChanges repeats old records after the world has moved on:
// nothing of what happened is undone.
func testApplyAfterChanges(t *testing.T, w world) {
	old := append(w.trackRecords(w.song, creator), w.save(w.song, creator), w.save(w.song, saver), w.userRecord(member, w.home))
	want(t, "Delete", w.Delete(t.Context(), w.caller(creator), w.home, w.song), 0)
	want(t, "RevokeKey", w.RevokeKey(t.Context(), w.caller(member).Key.Hash()), 0)
	w.apply(t, old...)
	for _, p := range []person{creator, saver} {
		want(t, "Get by "+string(p), opGet.run(t, w, w.caller(p), w.home, w.song), track.NotFound)
		if got := w.library(t, p, track.Filter{}); len(got) != 0 {
			t.Errorf("library of %s: %q", p, got)
		}
	}
	if n := len(w.history(t, w.song)); n != 3 {
		t.Errorf("history has %d events, want 3", n)
	}
	want(t, "revoked key", w.Authorize(t.Context(), w.caller(member), w.home), track.Unauthenticated)
}

// testApplyAfterUnsave repeats a save that its user has removed since: it stays
// removed. A later save brings the track back.
func testApplyAfterUnsave(t *testing.T, w world) {
	old := []record.Record{w.save(w.song, creator), w.save(w.song, saver)}
	want(t, "Unsave", w.Unsave(t.Context(), w.caller(saver), w.home, w.song), 0)
	want(t, "Unsave", w.Unsave(t.Context(), w.caller(creator), w.home, w.song), 0)
	w.apply(t, old...)
	w.apply(t, append(w.trackRecords(w.song, creator), old...)...)
	for _, p := range []person{creator, saver} {
		if got := w.library(t, p, track.Filter{}); len(got) != 0 {
			t.Errorf("a repeated import brought %q back to the %s", got, p)
		}
	}
	want(t, "Get by the saver", opGet.run(t, w, w.caller(saver), w.home, w.song), track.NotFound)

	again := w.save(w.song, saver)
	again.Save.SavedAt = w.at.Add(time.Second)
	w.apply(t, again)
	if got := w.library(t, saver, track.Filter{}); len(got) != 1 {
		t.Errorf("a later save: library %q", got)
	}
	want(t, "Unsave", w.Unsave(t.Context(), w.caller(saver), w.home, w.song), 0)
	w.apply(t, again, w.save(w.song, saver))
	if got := w.library(t, saver, track.Filter{}); len(got) != 0 {
		t.Errorf("repeating both saves brought %q back", got)
	}
}

// testApplyAdds gives an existing user another membership and another key.
func testApplyAdds(t *testing.T, w world) {
	want(t, "before", w.Authorize(t.Context(), w.caller(outsider), w.home), track.NotFound)
	r := w.userRecord(outsider, w.home)
	r.User.Keys = []record.Key{{Secret: "ak_second_" + w.suffix}}
	w.apply(t, r)
	second := track.Caller{Key: track.NewKey("ak_second_" + w.suffix)}
	for _, o := range []track.OrganizationID{w.home, w.abroad} {
		want(t, "first key", w.Authorize(t.Context(), w.caller(outsider), o), 0)
		want(t, "second key", w.Authorize(t.Context(), second, o), 0)
	}
}

// testLateEvents deletes a track of which only the beginning was imported, and
// imports it all: the history is whole, and so it stays.
func testLateEvents(t *testing.T, w world) {
	for i, cut := range []int{1, 2} { // records imported before the deletion
		id := track.ID("mtrack_late_" + itoa(i) + "_" + w.suffix)
		all := append(w.trackRecords(id, creator), w.event(id, creator, 3, "track.shared"))
		w.apply(t, all[:cut]...)
		want(t, "Delete", w.Delete(t.Context(), w.caller(creator), w.home, id), 0)
		types := func(want ...track.EventType) {
			t.Helper()
			var got []track.EventType
			for _, e := range w.history(t, id) {
				got = append(got, e.Type)
			}
			if !slices.Equal(got, want) {
				t.Errorf("cut after %d records: history %q, want %q", cut, got, want)
			}
		}
		early := w.recordsOf(t, id)
		w.apply(t, all[:3]...)
		types(track.EventCreated, track.EventBilled, track.EventDeleted)
		w.apply(t, all...)
		w.apply(t, all...)
		whole := []track.EventType{track.EventCreated, track.EventBilled, "track.shared", track.EventDeleted}
		types(whole...)
		// What was exported in between says another place for the deletion.
		w.apply(t, early...)
		w.apply(t, w.recordsOf(t, id)...)
		types(whole...)

		late := w.event(id, creator, 5, "track.refunded")
		w.apply(t, late)
		types(append(whole, "track.refunded")...)
		other := w.event(id, creator, 4, track.EventDeleted)
		want(t, "another deletion", w.Apply(t.Context(), []record.Record{other}), track.InvalidArgument)
		late.Event.Actor = w.user(saver)
		want(t, "another event behind it", w.Apply(t.Context(), []record.Record{late}), track.InvalidArgument)
		types(append(whole, "track.refunded")...)
	}
}

// recordsOf exports a track with its events.
func (w world) recordsOf(t *testing.T, id track.ID) []record.Record {
	t.Helper()
	return slices.DeleteFunc(w.export(t), func(r record.Record) bool {
		return (r.Track == nil || r.Track.ID != id) && (r.Event == nil || r.Event.Track != id)
	})
}

// testEventsBesideDeletions imports tracks with their events, the events in a
// call of their own, while their creator deletes whatever is visible: no event
// is lost, and what was in one call with its track always comes first.
func testEventsBesideDeletions(t *testing.T, w world) {
	const count = 60
	id := func(n int) track.ID { return track.ID("mtrack_beside_" + itoa(n) + "_" + w.suffix) }
	var done sync.WaitGroup
	for n := range count {
		done.Go(func() {
			for end := time.Now().Add(time.Minute); track.CodeOf(w.Delete(t.Context(), w.caller(creator), w.home, id(n))) == track.NotFound; {
				if time.Now().After(end) {
					t.Errorf("track %d is not found by its creator, or was deleted unknown to its creator", n)
					return
				}
			}
		})
		done.Go(func() {
			all := w.trackRecords(id(n), creator)
			for _, part := range [][]record.Record{all[:n%3+1], all[n%3+1:]} {
				if err := w.Apply(t.Context(), part); err != nil {
					t.Errorf("Apply: %v", err)
				}
			}
		})
	}
	done.Wait()
	for n := range count {
		var got []track.EventType
		for _, e := range w.history(t, id(n)) {
			got = append(got, e.Type)
		}
		if !slices.Equal(got, []track.EventType{track.EventCreated, track.EventBilled, track.EventDeleted}) {
			t.Errorf("track %d has the history %q", n, got)
		}
	}
}

func testHistory(t *testing.T, w world) {
	expected := []track.Event{
		{Type: track.EventCreated, At: w.at, Actor: w.user(creator)},
		{Type: track.EventBilled, At: w.at, Actor: w.user(creator), Amount: "0.10", Currency: "CHF"},
	}
	if got := w.history(t, w.song); !reflect.DeepEqual(got, expected) {
		t.Errorf("got %+v, want %+v", got, expected)
	}
	other := w.event(w.song, creator, 3, `track.shared "once"`)
	other.Event.Request = `req "x" \ é`
	w.apply(t, other)
	if got := w.history(t, w.song)[2]; got.Type != other.Event.Type || got.Request != other.Event.Request {
		t.Errorf("got %+v, want %+v", got, other.Event)
	}
	bare := w.trackRecord(track.ID("mtrack_bare_"+w.suffix), creator)
	w.apply(t, bare)
	if got := w.history(t, bare.Track.ID); len(got) != 0 {
		t.Errorf("history of a track without one: %v", got)
	}
	for _, o := range []track.OrganizationID{w.abroad, "org_nowhere", ""} {
		_, err := w.History(t.Context(), o, w.song)
		want(t, "History in "+string(o), err, track.NotFound)
	}
	second := w.newTracks(t, 1, "second", nil)[0]
	histories, err := w.Histories(t.Context(), w.home, []track.ID{second, "mtrack_none", w.song, ""})
	if err != nil || len(histories) != 4 || histories[0] == nil || histories[1] != nil || histories[3] != nil ||
		!reflect.DeepEqual(histories[2], w.history(t, w.song)) {
		t.Errorf("Histories: %v, %v", histories, err)
	}
	_, err = w.History(t.Context(), w.home, "mtrack_none")
	want(t, "History of no track", err, track.NotFound)
}

// testExport writes a world of everything out and compares it with what went
// in.
func testExport(t *testing.T, w world) {
	in := []record.Record{
		{Organization: &record.Organization{ID: w.home, Name: "Home"}},
		{Organization: &record.Organization{ID: w.abroad, Name: "Abroad"}},
		w.userRecord(creator, w.home), w.userRecord(saver, w.home), w.userRecord(member, w.home),
		w.userRecord(outsider, w.abroad), w.userRecord(leaver),
	}
	in = append(in, w.trackRecords(w.song, creator)...)

	dead := w.trackRecord(track.ID("mtrack_dead_"+w.suffix), leaver)
	dead.Track.Title, dead.Track.Duration, dead.Track.Instrumental, dead.Track.Stems = new("Ä\"\\"), new(1.5), true, []string{"x", "y"}
	dead.Track.DeletedAt, dead.Track.DeletedBy = new(w.at.Add(time.Microsecond)), "req_1"
	deletion := w.event(dead.Track.ID, leaver, 1, track.EventDeleted)
	deletion.Event.Request = "req_1"
	second := w.trackRecord(track.ID("mtrack_second_"+w.suffix), creator)
	later := w.save(second.Track.ID, saver)
	later.Save.SavedAt = w.at.Add(-time.Hour) // the order of saving is not that of the times
	revoked := w.userRecord(person("revoked"))
	revoked.User.Keys = []record.Key{{SHA256: strings.Repeat("0a", 32)}, {SHA256: strings.Repeat("0b", 32), RevokedAt: new(w.at), Label: "x"}}
	if hashes := revoked.User.Keys; true {
		// of this world alone
		for i := range hashes {
			hashes[i].SHA256 = track.NewKey(w.suffix + itoa(i)).Hash().String()
		}
	}
	w.apply(t, revoked, dead, deletion, second, later, w.save(dead.Track.ID, creator))

	in = append(in, dead, deletion, second, w.save(w.song, creator), w.save(w.song, saver), later, w.save(w.song, leaver))
	in = slices.Insert(in, 7, revoked)
	for _, r := range in {
		if r.User == nil {
			continue
		}
		for i, k := range r.User.Keys {
			hash, err := k.Hash()
			if err != nil {
				t.Fatal(err)
			}
			r.User.Keys[i].Secret, r.User.Keys[i].SHA256 = "", hash.String()
		}
	}
	out := w.export(t)
	if !reflect.DeepEqual(out, in) {
		t.Errorf("got\n%s\nwant\n%s", lines(out), lines(in))
	}
}

func testExportStops(t *testing.T, w world) {
	enough := errors.New("enough")
	calls := 0
	err := w.Export(t.Context(), func(record.Record) error {
		calls++
		if calls == 3 {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) || calls != 3 {
		t.Errorf("%d calls, error %v; want 3 and the caller's own", calls, err)
	}
}

// export returns what the store holds of this world.
func (w world) export(t *testing.T) []record.Record {
	t.Helper()
	var records []record.Record
	if err := w.Export(t.Context(), func(r record.Record) error {
		if strings.Contains(lines([]record.Record{r}), w.suffix) {
			records = append(records, r)
		}
		return nil
	}); err != nil {
		t.Fatalf("Export: %v", err)
	}
	return records
}
