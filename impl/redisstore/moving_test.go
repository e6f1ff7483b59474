package redisstore_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/conformance/testenv"
	"github.com/seed-5ec2a705/mtrack/impl/internal/redistest"
	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/schema"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/redisurl"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// How long a request waits: for keys that do not come together, and where it must be answered.
const (
	movingPatience = 100 * time.Millisecond
	movingAnswer   = 10 * time.Second
)

// movingOrganization is one whose slot moves: with a song that the creator and the saver have in
// their libraries, and another one that is in none and has no history.
type movingOrganization struct {
	testStore
	id     track.OrganizationID
	state  string         // of the move
	apart  bool           // some keys have moved, and others not
	failed map[string]int // requests that found the store unavailable
}

const movingSong, movingOther, movingMissing = track.ID("mtrack_song"), track.ID("mtrack_other"), track.ID("mtrack_missing")

func newMovingOrganization(t *testing.T, store testStore, id track.OrganizationID) *movingOrganization {
	t.Helper()
	m := &movingOrganization{testStore: store, id: id, failed: make(map[string]int)}
	elsewhere := track.OrganizationID("elsewhere_" + id)
	records := []record.Record{{Organization: &record.Organization{ID: id}}, {Organization: &record.Organization{ID: elsewhere}}}
	for _, name := range []string{"creator", "saver", "member", "outsider"} {
		home := id
		if name == "outsider" {
			home = elsewhere
		}
		records = append(records, record.Record{User: &record.User{
			ID: m.user(name), MemberOf: []track.OrganizationID{home}, Keys: []record.Key{{Secret: m.secret(name)}},
		}})
	}
	for _, t := range []track.ID{movingSong, movingOther} {
		records = append(records, record.Record{Track: &record.Track{
			ID: t, Organization: id, Creator: m.user("creator"), Engine: "studio", Mode: track.ModeFocus,
			Licence: track.LicenceUnclear, CreatedAt: testTime,
		}})
	}
	records = append(records, record.Record{Event: &record.Event{
		Organization: id, Track: movingSong, Seq: 1, Type: track.EventCreated, At: testTime, Actor: m.user("creator"),
	}})
	for _, name := range []string{"creator", "saver"} {
		records = append(records, record.Record{Save: &record.Save{
			User: m.user(name), Organization: id, Track: movingSong, SavedAt: testTime,
		}})
	}
	if err := store.Apply(t.Context(), records); err != nil {
		t.Fatal(err)
	}
	return m
}

func (m *movingOrganization) user(name string) track.UserID {
	return track.UserID(name) + "_" + track.UserID(m.id)
}

func (m *movingOrganization) secret(name string) string { return "ak_" + name + "_" + string(m.id) }

// ask runs an operation and fails the test unless it says what is right, or that it cannot know.
// It reports whether it was answered.
func (m *movingOrganization) ask(t *testing.T, who, what string, code track.Code, run func(context.Context, track.Caller) error) bool {
	t.Helper()
	patience := movingAnswer
	if m.apart && code == 0 && what != "get" {
		patience = movingPatience
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	err := run(ctx, track.Caller{Key: track.NewKey(m.secret(who))})
	if track.CodeOf(err) == track.Unavailable {
		m.failed[what]++
		return false
	}
	if code == 0 && err != nil || code != 0 && track.CodeOf(err) != code {
		t.Errorf("%s: %s by the %s: got %v, want %v", m.state, what, who, err, code)
	}
	return true
}

func (m *movingOrganization) get(t *testing.T, who string, id track.ID, code track.Code) bool {
	t.Helper()
	return m.ask(t, who, "get", code, func(ctx context.Context, c track.Caller) error {
		got, err := m.Get(ctx, c, m.id, id)
		if err == nil && (got.ID != id || got.Engine != "studio" || got.Creator != m.user("creator")) {
			t.Errorf("%s: got %+v", m.state, got)
		}
		return err
	})
}

func (m *movingOrganization) list(t *testing.T, who string, code track.Code, want ...track.ID) bool {
	t.Helper()
	for _, f := range []track.Filter{
		{Limit: 9}, {Limit: 9, Mode: new(track.ModeFocus), Engine: new("studio")}, {Limit: 9, Engine: new("other")},
	} {
		want := want
		if f.Engine != nil && *f.Engine == "other" {
			want = nil
		}
		if !m.ask(t, who, "list", code, func(ctx context.Context, c track.Caller) error {
			got, err := m.ListSaved(ctx, c, m.id, f)
			var ids []track.ID
			for _, one := range got {
				ids = append(ids, one.ID)
				if one.Engine != "studio" || one.Creator != m.user("creator") {
					t.Errorf("%s: listed %+v", m.state, one)
				}
			}
			if err == nil && !slices.Equal(ids, want) {
				t.Errorf("%s: list by the %s: got %v, want %v", m.state, who, ids, want)
			}
			return err
		}) {
			return false
		}
	}
	return true
}

func (m *movingOrganization) unsave(t *testing.T, who string, id track.ID, code track.Code) bool {
	t.Helper()
	return m.ask(t, who, "unsave", code, func(ctx context.Context, c track.Caller) error { return m.Unsave(ctx, c, m.id, id) })
}

func (m *movingOrganization) delete(t *testing.T, who string, id track.ID, code track.Code) bool {
	t.Helper()
	return m.ask(t, who, "delete", code, func(ctx context.Context, c track.Caller) error { return m.Delete(ctx, c, m.id, id) })
}

// everything asks every operation of everybody. What only reads or is refused comes first.
func (m *movingOrganization) everything(t *testing.T) (unsaved, deleted, deletedOther bool) {
	t.Helper()
	for _, id := range []track.ID{movingSong, movingOther, movingMissing} {
		for _, who := range []string{"creator", "saver", "member", "outsider"} {
			code := track.NotFound
			if id == movingSong && (who == "creator" || who == "saver") || id == movingOther && who == "creator" {
				code = 0
			}
			if !m.get(t, who, id, code) {
				t.Errorf("%s: get by the %s was not answered", m.state, who)
			}
			if who == "creator" && code == 0 {
				continue // what it may do comes below
			}
			if code == 0 {
				m.delete(t, who, id, track.NotCreator)
				continue
			}
			if !m.delete(t, who, id, track.NotFound) || !m.unsave(t, who, id, track.NotFound) {
				t.Errorf("%s: a refusal of the %s was not given", m.state, who)
			}
		}
	}
	m.list(t, "creator", 0, movingSong)
	m.list(t, "saver", 0, movingSong)
	m.list(t, "member", 0)
	m.list(t, "outsider", track.NotFound)

	if !m.unsave(t, "creator", movingOther, 0) {
		t.Errorf("%s: an unsave that changes nothing was not answered", m.state)
	}
	if unsaved = m.unsave(t, "saver", movingSong, 0); unsaved {
		m.get(t, "saver", movingSong, track.NotFound)
		m.list(t, "saver", 0)
		m.unsave(t, "saver", movingSong, track.NotFound)
	}
	if deletedOther = m.delete(t, "creator", movingOther, 0); deletedOther {
		m.get(t, "creator", movingOther, track.NotFound)
		m.delete(t, "creator", movingOther, track.NotFound)
	}
	if deleted = m.delete(t, "creator", movingSong, 0); deleted {
		m.get(t, "creator", movingSong, track.NotFound)
		m.list(t, "creator", 0)
	}
	return unsaved, deleted, deletedOther
}

// settled looks at what is there once the move is over: what was done stays done, and what was
// unavailable has happened as a whole or not at all.
func (m *movingOrganization) settled(t *testing.T, unsaved, deleted, deletedOther bool) {
	t.Helper()
	gone := func(id track.ID, deleted bool) bool {
		events, err := m.History(t.Context(), m.id, id)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, e := range events {
			if e.Type == track.EventDeleted {
				n++
			}
		}
		if n > 1 || deleted && n == 0 {
			t.Errorf("%s: %d events of a deletion, deleted: %t", m.state, n, deleted)
		}
		m.get(t, "creator", id, map[bool]track.Code{true: track.NotFound}[n > 0])
		return n > 0
	}
	gone(movingOther, deletedOther)
	deleted = gone(movingSong, deleted)
	if !deleted && !unsaved {
		// An unsave of unknown outcome is there or not, in every way of looking.
		unsaved = m.unsave(t, "creator", movingSong, 0) && func() bool {
			_, err := m.Get(t.Context(), track.Caller{Key: track.NewKey(m.secret("saver"))}, m.id, movingSong)
			return track.CodeOf(err) == track.NotFound
		}()
		m.list(t, "creator", 0)
	}
	if deleted || unsaved {
		m.get(t, "saver", movingSong, track.NotFound)
		m.list(t, "saver", 0)
	} else {
		m.list(t, "saver", 0, movingSong)
		m.unsave(t, "saver", movingSong, 0)
		m.list(t, "saver", 0)
	}
	if !deleted {
		m.delete(t, "creator", movingSong, 0)
		m.get(t, "creator", movingSong, track.NotFound)
	}
	m.list(t, "creator", 0)
}

// startMovingCluster starts a cluster in which slots will move, and returns it with a store on it.
func startMovingCluster(t *testing.T) (*redistest.Cluster, redis.UniversalClient, testStore) {
	t.Helper()
	cluster := redistest.StartCluster(t, 3)
	client, err := redisurl.Open(cluster.URL + "&read_timeout=10s")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return cluster, client, storeOn(t, client, redisstore.WithoutSweeping())
}

// TestSlotMoves holds a slot between two nodes with none of its keys moved, all, each of them
// alone, and all but each. Nobody hears anything false: reads and refusals are right, a list or
// what writes may be unavailable, and then has not happened. With none or all moved everything
// is done.
func TestSlotMoves(t *testing.T) {
	testenv.Slow(t)
	cluster, client, store := startMovingCluster(t)
	keys := schema.NewKeyspace(redisstore.DefaultPrefix)

	var mu sync.Mutex
	failed, states := make(map[string]int), 0
	try := func(t *testing.T, n int, divided bool, choose func([]string) (string, []string)) {
		t.Run(fmt.Sprintf("%d/%t", n, divided), func(t *testing.T) {
			t.Parallel()
			m := newMovingOrganization(t, store, track.OrganizationID(fmt.Sprintf("org_%d_%t", n, divided)))
			if divided {
				for _, name := range []string{"creator", "saver"} {
					if err := divide(t, client, m.id, m.user(name)); err != nil {
						t.Fatal(err)
					}
				}
			}
			move := cluster.BeginMove(t, keys.Ring(schema.Encode(m.id)))
			state, moved := choose(slices.DeleteFunc(move.Keys(t), func(key string) bool {
				return !strings.Contains(key, "{"+string(m.id)+"}") // by chance in the same slot
			}))
			m.state, m.apart = state, state != "none" && state != "all"
			move.Move(t, moved...)
			unsaved, deleted, deletedOther := m.everything(t)
			if !m.apart && len(m.failed) > 0 {
				t.Errorf("%s moved: not answered: %v", state, m.failed)
			}
			move.End(t)
			mu.Lock()
			states++
			for what, n := range m.failed {
				failed[what] += n
			}
			mu.Unlock()
			clear(m.failed)
			m.apart = false
			m.settled(t, unsaved, deleted, deletedOther)
			if len(m.failed) > 0 {
				t.Errorf("after the move, %s: not answered: %v", state, m.failed)
			}
		})
	}
	t.Run("states", func(t *testing.T) {
		// Keys of an organization, by whether its libraries are divided; the test says so where
		// that is wrong.
		for divided, count := range map[bool]int{false: 11, true: 17} {
			try(t, 0, divided, func([]string) (string, []string) { return "none", nil })
			try(t, 1, divided, func(keys []string) (string, []string) { return "all", keys })
			for i := range count {
				try(t, 2+2*i, divided, func(keys []string) (string, []string) {
					if len(keys) != count {
						t.Errorf("%d keys, want %d: %s", len(keys), count, strings.Join(keys, " "))
					}
					return keys[i] + " only", keys[i : i+1]
				})
				try(t, 3+2*i, divided, func(keys []string) (string, []string) {
					return "all but " + keys[i], slices.Delete(slices.Clone(keys), i, i+1)
				})
			}
		}
	})
	t.Logf("in %d states not answered: %v", states, failed)
}

// TestSlotMoves_Import saves a track while the slot moves, of which everything is on one node but
// the savers, or nothing but these: it fails, and happens once the move is over. The node that has
// no savers yet makes none, which would be in the way of those that come.
func TestSlotMoves_Import(t *testing.T) {
	testenv.Slow(t)
	cluster, _, store := startMovingCluster(t)
	keys := schema.NewKeyspace(redisstore.DefaultPrefix)
	for _, parted := range []bool{false, true} {
		m := newMovingOrganization(t, store, track.OrganizationID(fmt.Sprintf("org_import_%t", parted)))
		save := func(id track.ID) []record.Record {
			return []record.Record{{Save: &record.Save{
				User: m.user("member"), Organization: m.id, Track: id, SavedAt: testTime,
			}}}
		}
		if err := store.Apply(t.Context(), save(movingOther)); err != nil {
			t.Fatal(err)
		}
		prepared, err := store.Prepare(t.Context(), save(movingSong), nil) // finds everything together
		if err != nil {
			t.Fatal(err)
		}
		o := schema.Encode(m.id)
		move := cluster.BeginMove(t, keys.Ring(o))
		savers := keys.Savers(o, schema.Encode(movingSong))
		move.Move(t, slices.DeleteFunc(move.Keys(t), func(key string) bool { return (key == savers) == parted })...)
		if err := prepared.Store(t.Context()); err == nil {
			t.Errorf("the savers alone have stayed: %t: a save succeeded", parted)
		}
		move.End(t)
		m.list(t, "creator", 0, movingSong)
		m.list(t, "member", 0, movingOther)
		m.get(t, "member", movingSong, track.NotFound)
		if err := store.Apply(t.Context(), save(movingSong)); err != nil {
			t.Errorf("after the move: %v", err)
		}
		m.list(t, "member", 0, movingSong, movingOther)
		m.list(t, "creator", 0, movingSong)
	}
}

// TestSlotMoves_Division divides a library of which one part is on another node: it fails, and
// happens once the move is over. The node without the part makes none of its own.
func TestSlotMoves_Division(t *testing.T) {
	testenv.Slow(t)
	cluster, client, store := startMovingCluster(t)
	keys := schema.NewKeyspace(redisstore.DefaultPrefix)
	for _, parted := range []bool{false, true} {
		m := newMovingOrganization(t, store, track.OrganizationID(fmt.Sprintf("org_division_%t", parted)))
		user := m.user("creator")
		if err := divide(t, client, m.id, user); err != nil {
			t.Fatal(err)
		}
		if err := store.Apply(t.Context(), []record.Record{{Save: &record.Save{
			User: user, Organization: m.id, Track: movingOther, SavedAt: testTime,
		}}}); err != nil {
			t.Fatal(err)
		}
		o := schema.Encode(m.id)
		move := cluster.BeginMove(t, keys.Ring(o))
		part := keys.Library(o, schema.Encode(user)) + schema.LibrarySuffix("focus", "")
		move.Move(t, slices.DeleteFunc(move.Keys(t), func(key string) bool { return (key == part) == parted })...)
		if err := divide(t, client, m.id, user); err == nil {
			t.Errorf("a part alone has stayed: %t: the library was divided", parted)
		}
		move.End(t)
		m.list(t, "creator", 0, movingOther, movingSong)
		if err := divide(t, client, m.id, user); err != nil {
			t.Errorf("after the move: %v", err)
		}
		m.list(t, "creator", 0, movingOther, movingSong)
	}
}
