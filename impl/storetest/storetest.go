// Package storetest says in tests what [track.Store] and [record.Registry]
// promise. A store is filled by its registry and a registry is seen through its
// store, so they are tested together. A new one calls [Run] from a test of its
// own:
//
//	func TestContract(t *testing.T) {
//		storetest.Run(t, func(t *testing.T) (track.Store, record.Registry) { … })
//	}
//
// Every test makes ids of its own, so that the store need not be empty.
package storetest

import (
	"context"
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// Open returns a store and its registry, closed at the end of the test.
type Open func(t *testing.T) (track.Store, record.Registry)

// Run tests a store with its registry. They are opened anew for every test.
func Run(t *testing.T, open Open) {
	for name, test := range contract {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store, registry := open(t)
			test(t, newWorld(t, store, registry))
		})
	}
}

// contract is what is promised, by the interface that promises it.
var contract = map[string]func(*testing.T, world){
	"Store/Access":                testAccess,
	"Store/HostileIDs":            testHostileIDs,
	"Store/RefusalsChangeNothing": testRefusalsChangeNothing,
	"Store/Get":                   testGet,
	"Store/Delete":                testDelete,
	"Store/DeleteRepeatedRequest": testDeleteRepeatedRequest,
	"Store/DeleteRace":            testDeleteRace,
	"Store/DeleteNeighbours":      testDeleteNeighbours,
	"Store/Unsave":                testUnsave,
	"Store/UnsaveRepeatedRequest": testUnsaveRepeatedRequest,
	"Store/ListOrder":             testListOrder,
	"Store/ListWindows":           testListWindows,
	"Store/ListFilters":           testListFilters,
	"Store/ListAfterDeletions":    testListAfterDeletions,
	"Store/ListLong":              testListLong,
	"Store/ContextEnds":           testContextEnds,
	"Store/Ping":                  testPing,

	"Registry/ApplyRefusals":           testApplyRefusals,
	"Registry/ApplyStoresAllOrNothing": testApplyStoresAllOrNothing,
	"Registry/ApplyRepeated":           testApplyRepeated,
	"Registry/ApplyAfterChanges":       testApplyAfterChanges,
	"Registry/ApplyAfterUnsave":        testApplyAfterUnsave,
	"Registry/ApplyAdds":               testApplyAdds,
	"Registry/LateEvents":              testLateEvents,
	"Registry/EventsBesideDeletions":   testEventsBesideDeletions,
	"Registry/History":                 testHistory,
	"Registry/Export":                  testExport,
	"Registry/ExportStops":             testExportStops,
	"Registry/Keys":                    testKeys,
	"Registry/RevokeKey":               testRevokeKey,
	"Registry/EndMembership":           testEndMembership,
}

// world is two organizations with people in them:
//
//   - creator, saver and member belong to home, and abroad's outsider does not;
//   - leaver created and saved in home, and belongs to nothing any more;
//   - song is the creator's, saved by the creator, the saver and the leaver.
type world struct {
	track.Store
	record.Registry
	suffix       string // makes ids unique
	home, abroad track.OrganizationID
	song         track.ID
	at           time.Time
}

var (
	creator, saver, member, outsider, leaver = person("creator"), person("saver"), person("member"), person("outsider"), person("leaver")
	stranger                                 = person("stranger") // has no key that anybody knows
)

// person is the name of a user within a world.
type person string

func newWorld(t *testing.T, store track.Store, registry record.Registry) world {
	t.Helper()
	suffix := strings.ToLower(rand.Text())
	w := world{
		Store: store, Registry: registry, suffix: suffix,
		home:   track.OrganizationID("org_home_" + suffix),
		abroad: track.OrganizationID("org_abroad_" + suffix),
		song:   track.ID("mtrack_song_" + suffix),
		at:     time.Date(2026, 6, 28, 10, 30, 0, 123456000, time.UTC),
	}
	w.apply(t,
		record.Record{Organization: &record.Organization{ID: w.home, Name: "Home"}},
		record.Record{Organization: &record.Organization{ID: w.abroad, Name: "Abroad"}},
		w.userRecord(creator, w.home), w.userRecord(saver, w.home), w.userRecord(member, w.home),
		w.userRecord(outsider, w.abroad), w.userRecord(leaver),
	)
	w.apply(t, w.trackRecords(w.song, creator)...)
	w.apply(t, w.save(w.song, creator), w.save(w.song, saver), w.save(w.song, leaver))
	return w
}

func (w world) user(p person) track.UserID { return track.UserID("user_" + string(p) + "_" + w.suffix) }

func (w world) secret(p person) string { return "ak_" + string(p) + "_" + w.suffix }

// caller returns the person with a request of its own.
func (w world) caller(p person) track.Caller {
	return track.Caller{Key: track.NewKey(w.secret(p)), Request: "req_" + rand.Text()}
}

func (w world) userRecord(p person, organizations ...track.OrganizationID) record.Record {
	return record.Record{User: &record.User{
		ID: w.user(p), Name: string(p), MemberOf: organizations,
		Keys: []record.Key{{Secret: w.secret(p), Label: "first", CreatedAt: w.at}},
	}}
}

// trackRecord returns a track of home.
func (w world) trackRecord(id track.ID, by person) record.Record {
	return record.Record{Track: &record.Track{
		ID: id, Organization: w.home, Creator: w.user(by), Engine: "studio", Mode: track.ModeCreation,
		Licence: track.LicenceCommercialCleared, CreatedAt: w.at,
	}}
}

// trackRecords returns a track of home with its first two events.
func (w world) trackRecords(id track.ID, by person) []record.Record {
	return []record.Record{w.trackRecord(id, by), w.event(id, by, 1, track.EventCreated), w.event(id, by, 2, track.EventBilled)}
}

func (w world) event(id track.ID, by person, seq int, kind track.EventType) record.Record {
	e := &record.Event{Organization: w.home, Track: id, Seq: seq, Type: kind, At: w.at, Actor: w.user(by)}
	if kind == track.EventBilled {
		e.Amount, e.Currency = "0.10", "CHF"
	}
	return record.Record{Event: e}
}

func (w world) save(id track.ID, by person) record.Record {
	return record.Record{Save: &record.Save{User: w.user(by), Organization: w.home, Track: id, SavedAt: w.at}}
}

// newTracks adds tracks of the creator, saved by the given people in the
// tracks' order, and returns their ids.
func (w world) newTracks(t *testing.T, count int, name string, shape func(int, *record.Track), savedBy ...person) []track.ID {
	t.Helper()
	ids := make([]track.ID, count)
	var records []record.Record
	for i := range ids {
		ids[i] = track.ID("mtrack_" + name + "_" + itoa(i) + "_" + w.suffix)
		r := w.trackRecord(ids[i], creator)
		if shape != nil {
			shape(i, r.Track)
		}
		records = append(records, r)
		for _, p := range savedBy {
			records = append(records, w.save(ids[i], p))
		}
	}
	w.apply(t, records...)
	return ids
}

func (w world) apply(t *testing.T, records ...record.Record) {
	t.Helper()
	if err := w.Apply(t.Context(), records); err != nil {
		t.Fatalf("Apply: %v", err)
	}
}

// library returns the ids of a window of a person's library.
func (w world) library(t *testing.T, p person, filter track.Filter) []track.ID {
	t.Helper()
	if filter.Limit == 0 {
		filter.Limit = track.MaxLimit
	}
	list, err := w.ListSaved(t.Context(), w.caller(p), w.home, filter)
	if err != nil {
		t.Fatalf("ListSaved: %v", err)
	}
	if list == nil {
		t.Error("ListSaved returned a nil slice")
	}
	ids := make([]track.ID, len(list))
	for i, s := range list {
		ids[i] = s.ID
	}
	return ids
}

func (w world) history(t *testing.T, id track.ID) []track.Event {
	t.Helper()
	events, err := w.History(t.Context(), w.home, id)
	if err != nil {
		t.Fatalf("History: %v", err)
	}
	return events
}

// want fails the test unless err has the code; 0 is no error.
func want(t *testing.T, what string, err error, code track.Code) {
	t.Helper()
	if code == 0 && err != nil || code != 0 && track.CodeOf(err) != code {
		t.Errorf("%s: got %v, want %v", what, err, code)
	}
}

func testPing(t *testing.T, w world) {
	want(t, "Ping", w.Ping(t.Context()), 0)
}

func testContextEnds(t *testing.T, w world) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	want(t, "Delete", w.Delete(ctx, w.caller(creator), w.home, w.song), track.Unavailable)
	if _, err := w.Get(t.Context(), w.caller(creator), w.home, w.song); err != nil {
		t.Errorf("Get after a delete that was given up before it began: %v", err)
	}
}
