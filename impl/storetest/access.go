package storetest

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

func itoa(i int) string { return strconv.Itoa(i) }

// operation is one of the store's, on a track.
type operation struct {
	name string
	run  func(*testing.T, world, track.Caller, track.OrganizationID, track.ID) error
}

var (
	opAuthorize = operation{"Authorize", func(t *testing.T, w world, c track.Caller, o track.OrganizationID, _ track.ID) error {
		return w.Authorize(t.Context(), c, o)
	}}
	opList = operation{"ListSaved", func(t *testing.T, w world, c track.Caller, o track.OrganizationID, _ track.ID) error {
		_, err := w.ListSaved(t.Context(), c, o, track.Filter{Limit: 10})
		return err
	}}
	opListImpossible = operation{"ListSaved of a collection", func(t *testing.T, w world, c track.Caller, o track.OrganizationID, _ track.ID) error {
		_, err := w.ListSaved(t.Context(), c, o, track.Filter{Limit: 10, Collection: new("mcoll_1")})
		return err
	}}
	opGet = operation{"Get", func(t *testing.T, w world, c track.Caller, o track.OrganizationID, id track.ID) error {
		_, err := w.Get(t.Context(), c, o, id)
		return err
	}}
	opUnsave = operation{"Unsave", func(t *testing.T, w world, c track.Caller, o track.OrganizationID, id track.ID) error {
		return w.Unsave(t.Context(), c, o, id)
	}}
	opDelete = operation{"Delete", func(t *testing.T, w world, c track.Caller, o track.OrganizationID, id track.ID) error {
		return w.Delete(t.Context(), c, o, id)
	}}
)

// testAccess goes through who may do what with a live track. Refused
// operations come first; the song lives until the end.
func testAccess(t *testing.T, w world) {
	none := track.Caller{Request: "req_none"}
	prefix := track.Caller{Key: track.NewKey(w.secret(creator)[:10]), Request: "req_prefix"}
	longer := track.Caller{Key: track.NewKey(w.secret(creator) + " "), Request: "req_longer"}
	upper := track.Caller{Key: track.NewKey(strings.ToUpper(w.secret(creator))), Request: "req_upper"}
	elsewhere := track.OrganizationID("org_nowhere_" + w.suffix)
	everything := []operation{opAuthorize, opList, opListImpossible, opGet, opUnsave, opDelete}
	onTracks := []operation{opGet, opUnsave, opDelete}

	for _, row := range []struct {
		what         string
		caller       track.Caller
		organization track.OrganizationID
		id           track.ID
		operations   []operation
		code         track.Code
	}{
		{"no key", none, w.home, w.song, everything, track.Unauthenticated},
		{"no key, no organization", none, elsewhere, w.song, everything, track.Unauthenticated},
		{"unknown key", w.caller(stranger), w.home, w.song, everything, track.Unauthenticated},
		{"unknown key, no track", w.caller(stranger), w.home, "mtrack_none", onTracks, track.Unauthenticated},
		{"beginning of a key", prefix, w.home, w.song, everything, track.Unauthenticated},
		{"key and more", longer, w.home, w.song, everything, track.Unauthenticated},
		{"key in capitals", upper, w.home, w.song, everything, track.Unauthenticated},
		{"outsider", w.caller(outsider), w.home, w.song, everything, track.NotFound},
		{"creator, other organization", w.caller(creator), w.abroad, w.song, everything, track.NotFound},
		{"creator, no organization", w.caller(creator), elsewhere, w.song, everything, track.NotFound},
		{"outsider, own organization", w.caller(outsider), w.abroad, w.song, onTracks, track.NotFound},
		{"one who left", w.caller(leaver), w.home, w.song, everything, track.NotFound},
		{"member without access", w.caller(member), w.home, w.song, onTracks, track.NotFound},
		{"creator, no track", w.caller(creator), w.home, "mtrack_none", onTracks, track.NotFound},
		{"saver deletes", w.caller(saver), w.home, w.song, []operation{opDelete}, track.NotCreator},
		{"member", w.caller(member), w.home, w.song, []operation{opAuthorize, opList, opListImpossible}, 0},
		{"saver", w.caller(saver), w.home, w.song, []operation{opAuthorize, opList, opGet, opUnsave}, 0},
		{"creator", w.caller(creator), w.home, w.song, []operation{opAuthorize, opList, opGet, opUnsave, opGet, opDelete}, 0},
	} {
		for _, op := range row.operations {
			want(t, row.what+": "+op.name, op.run(t, w, row.caller, row.organization, row.id), row.code)
		}
	}
}

// testHostileIDs sends what cannot be an id. Nothing of it exists, and nothing
// of it leads to something that does.
func testHostileIDs(t *testing.T, w world) {
	song, home := string(w.song), string(w.home)
	for _, s := range []string{
		"", " ", "mtrack_", "MTRACK_" + song[7:], song + " ", " " + song, song + "\x00", song + "\n", song[:len(song)-1],
		song + "/", song + "/save", "*", "?", song[:10] + "*", "{" + home + "}", "%" + song, "%25", "mtrack_%", "mtrack_\xff\xfe",
		"mtrack_" + strings.Repeat("a", 8<<10), "mtrack_ü", "mtrack_{}", "mtrack_:", "..", ".", "mtrack_'; return 1 --",
	} {
		for _, op := range []operation{opGet, opUnsave, opDelete} {
			want(t, fmt.Sprintf("%s of %.40q", op.name, s), op.run(t, w, w.caller(creator), w.home, track.ID(s)), track.NotFound)
		}
	}
	for _, s := range []string{
		"", " ", home + " ", home + "\x00", home + "}", "{" + home + "}", home + "}:x{", "*", home[:len(home)-1], "\xff",
		strings.Repeat("o", 8<<10), home + ":", "%", "..",
	} {
		for _, op := range []operation{opAuthorize, opList, opGet, opUnsave, opDelete} {
			o := track.OrganizationID(s)
			want(t, fmt.Sprintf("%s in %.40q", op.name, s), op.run(t, w, w.caller(creator), o, w.song), track.NotFound)
			want(t, fmt.Sprintf("%s in %.40q, no key", op.name, s), op.run(t, w, w.caller(stranger), o, w.song), track.Unauthenticated)
		}
	}
	if got := w.library(t, creator, track.Filter{}); !reflect.DeepEqual(got, []track.ID{w.song}) {
		t.Errorf("library after all that: %q", got)
	}
}

func testRefusalsChangeNothing(t *testing.T, w world) {
	before := w.history(t, w.song)
	for _, p := range []person{saver, member, outsider, leaver, stranger} {
		if w.Delete(t.Context(), w.caller(p), w.home, w.song) == nil {
			t.Errorf("%s may delete", p)
		}
	}
	for _, p := range []person{member, outsider, leaver, stranger} {
		if w.Unsave(t.Context(), w.caller(p), w.home, w.song) == nil {
			t.Errorf("%s may unsave", p)
		}
	}
	if after := w.history(t, w.song); !reflect.DeepEqual(after, before) {
		t.Errorf("history changed from %v to %v", before, after)
	}
	for _, p := range []person{creator, saver} {
		if got := w.library(t, p, track.Filter{}); !reflect.DeepEqual(got, []track.ID{w.song}) {
			t.Errorf("library of %s: %q", p, got)
		}
		if _, err := w.Get(t.Context(), w.caller(p), w.home, w.song); err != nil {
			t.Errorf("Get by %s: %v", p, err)
		}
	}
}

// testGet reads a track that has everything, and one that has only what it
// must.
func testGet(t *testing.T, w world) {
	full := w.trackRecord(track.ID("mtrack_full:{1}%_"+w.suffix), creator)
	r := full.Track
	r.Title, r.Duration, r.Instrumental = new(`Späte "Fahrt" \ 🎵`), new(182.4375), true
	r.Engine, r.Mode, r.Licence = "studio v1:x", track.ModeFocus, track.LicenceUnclear
	r.Stems = []string{"vocals", "drums & bass", "Oboe ♪"}
	r.CreatedAt = time.Date(1999, 12, 31, 23, 59, 59, 999999000, time.UTC)
	empty := w.trackRecord(track.ID("mtrack_empty_"+w.suffix), creator)
	empty.Track.Title, empty.Track.Duration = new(""), new(0.0)
	w.apply(t, full, empty, w.save(r.ID, saver))

	for _, record := range []*record.Track{full.Track, empty.Track, w.trackRecord(w.song, creator).Track} {
		expected := track.Track{
			ID: record.ID, Organization: record.Organization, Creator: record.Creator, Title: record.Title,
			Engine: record.Engine, Mode: record.Mode, Duration: record.Duration, Instrumental: record.Instrumental,
			Licence: record.Licence, CreatedAt: record.CreatedAt, Stems: record.Stems,
		}
		got, err := w.Get(t.Context(), w.caller(creator), w.home, record.ID)
		if err != nil || !reflect.DeepEqual(got, expected) {
			t.Errorf("Get: got %+v, %v; want %+v", got, err, expected)
		}
	}
	list, err := w.ListSaved(t.Context(), w.caller(saver), w.home, track.Filter{Limit: 1})
	if err != nil || len(list) != 1 {
		t.Fatalf("ListSaved: %v, %v", list, err)
	}
	if got, err := w.Get(t.Context(), w.caller(saver), w.home, r.ID); err != nil || !reflect.DeepEqual(got, list[0]) {
		t.Errorf("Get %+v, %v and ListSaved %+v differ", got, err, list[0])
	}
}
