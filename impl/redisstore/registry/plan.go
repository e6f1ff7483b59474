package registry

import (
	"context"
	"slices"
	"time"

	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/lua"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/schema"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/scripts"
)

// How much goes into one call of a script: nobody else is served while it runs.
const (
	tracksTogether = 50
	savesTogether  = 100
)

// plan is what has to be written.
type plan struct {
	keys                 schema.Keyspace
	organizations, users []named        // new ones
	members              []*record.User // all of the batch, new or not
	tracks               []*trackPlan
	saves                []*librarySaves

	trackOf   map[trackRef]*trackPlan
	libraryOf map[libraryRef]*librarySaves
}

func newPlan(keys schema.Keyspace) *plan {
	return &plan{keys: keys, trackOf: make(map[trackRef]*trackPlan), libraryOf: make(map[libraryRef]*librarySaves)}
}

// track returns what is planned for a track with that history.
func (p *plan) track(ref trackRef, h *history) *trackPlan {
	t := p.trackOf[ref]
	if t == nil {
		t = &trackPlan{trackRef: ref, history: h}
		p.trackOf[ref] = t
		p.tracks = append(p.tracks, t)
	}
	return t
}

// save plans a save.
func (p *plan) save(ref saveRef, at time.Time) {
	library := libraryRef{ref.organization, ref.user}
	l := p.libraryOf[library]
	if l == nil {
		l = &librarySaves{libraryRef: library}
		p.libraryOf[library] = l
		p.saves = append(p.saves, l)
	}
	l.saves = append(l.saves, trackSave{ref.track, schema.FormatTime(at)})
}

// trackCalls returns the calls that create tracks and add to histories: of each
// organization in the order of the records.
func (p *plan) trackCalls() []lua.Call {
	var calls []lua.Call
	last := make(map[schema.EncodedID]int) // of each organization, the place of its last call
	for _, t := range p.tracks {
		o := t.organization
		i, ok := last[o]
		if !ok || len(calls[i].Keys) > 2*tracksTogether {
			i = len(calls)
			last[o] = i
			calls = append(calls, lua.Call{Script: scripts.CreateTracks, Keys: []string{p.keys.Tracks(o)}})
		}
		t.addTo(&calls[i], p.keys)
	}
	return calls
}

// saveCalls returns the calls that put tracks into libraries.
func (p *plan) saveCalls() []lua.Call {
	var calls []lua.Call
	for _, l := range p.saves {
		o := l.organization
		for saves := range slices.Chunk(l.saves, savesTogether) {
			call := lua.Call{
				Script: scripts.CreateSaves,
				Keys:   []string{p.keys.Organization(o), p.keys.Libraries(o), p.keys.Library(o, l.user)},
				Args:   []any{string(l.user)},
			}
			for _, s := range saves {
				call.Keys = append(call.Keys, p.keys.Track(o, s.track), p.keys.Savers(o, s.track))
				call.Args = append(call.Args, string(s.track), s.at)
			}
			calls = append(calls, call)
		}
	}
	return calls
}

// carryOut writes everything by stages: each is complete before the next
// begins, so that whatever is interrupted refers to nothing that does not
// exist. Every step may be repeated.
func (p *plan) carryOut(ctx context.Context, db *database) error {
	if err := createNamed(ctx, db, p.organizations, db.keys.Organizations(), db.keys.Organization); err != nil {
		return err
	}
	if err := createUsers(ctx, db, p.users, p.members); err != nil {
		return err
	}
	if err := db.run(ctx, p.trackCalls()); err != nil {
		return err
	}
	return db.run(ctx, p.saveCalls())
}

// named is an organization or a user.
type named struct {
	id   schema.EncodedID
	name string
}

// trackPlan is a track to be created, or to whose history something is added.
type trackPlan struct {
	trackRef
	fields  []string // none where it exists
	history *history
}

// addTo adds the track to a call of create_tracks.lua.
func (t *trackPlan) addTo(call *lua.Call, keys schema.Keyspace) {
	add := func(pivot string, fields, events []string) {
		call.Keys = append(call.Keys, keys.Track(t.organization, t.track), keys.Events(t.organization, t.track))
		call.Args = append(call.Args, string(t.track), t.history.found, pivot, len(fields))
		call.Args = appendAll(call.Args, fields)
		call.Args = append(call.Args, len(events))
		call.Args = appendAll(call.Args, events)
	}
	if len(t.history.before) > 0 {
		add(t.history.pivot, nil, t.history.before)
	}
	if len(t.fields)+len(t.history.after) > 0 {
		add("", t.fields, t.history.after)
	}
}

type libraryRef struct{ organization, user schema.EncodedID }

// librarySaves are saves of one user in one organization, in their order.
type librarySaves struct {
	libraryRef
	saves []trackSave
}

type trackSave struct {
	track schema.EncodedID
	at    string
}

func appendAll[T any](words []any, list []T) []any {
	for _, v := range list {
		words = append(words, v)
	}
	return words
}
