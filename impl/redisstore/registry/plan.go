package registry

import (
	"context"

	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/lua"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/schema"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/scripts"
)

// How much goes into one call of a script: nobody else is served while it runs.
const (
	tracksTogether = 50
	savesTogether  = 200
	// undividedMax is how many saves of a library may be in none of its parts. They are put there
	// when somebody asks for a part, who waits for that; so many are divided in twenty steps. Most
	// libraries never have as many, and nobody may ever ask: what it costs to divide them is saved.
	undividedMax = 1000
)

// plan is what has to be written.
type plan struct {
	keys                 schema.Keyspace
	organizations, users []named        // new ones
	members              []*record.User // all of the batch, new or not
	tracks               []*trackPlan
	trackOf              map[trackRef]*trackPlan
	saves                []savePlan

	// What makeCalls makes of the tracks and saves.
	trackCalls, saveCalls []lua.Call
	savedIn               []libraryRef // of each of the saveCalls
}

func newPlan(keys schema.Keyspace) *plan {
	return &plan{keys: keys, trackOf: make(map[trackRef]*trackPlan)}
}

// track returns what is planned for a track with that history.
func (p *plan) track(ref trackRef, h *schema.History) *trackPlan {
	t := p.trackOf[ref]
	if t == nil {
		t = &trackPlan{trackRef: ref, history: h}
		p.trackOf[ref] = t
		p.tracks = append(p.tracks, t)
	}
	return t
}

// makeCalls makes the calls that write the tracks and saves, and counts on in
// lastSaves what they make of it.
func (p *plan) makeCalls(lastSaves map[schema.EncodedID]int64) {
	p.makeTrackCalls()
	p.makeSaveCalls(lastSaves)
}

// makeTrackCalls makes the calls that create tracks and add to histories.
func (p *plan) makeTrackCalls() {
	for _, group := range grouped(p.tracks, tracksTogether, func(t *trackPlan) schema.EncodedID { return t.organization }) {
		o := group[0].organization
		call := lua.Call{Script: scripts.CreateTracks, Keys: []string{p.keys.Tracks(o)}, Args: []any{p.keys.SaversPrefix(o)}}
		for _, t := range group {
			t.addTo(&call, p.keys)
		}
		p.trackCalls = append(p.trackCalls, call)
	}
}

// makeSaveCalls makes the calls that put tracks into libraries.
func (p *plan) makeSaveCalls(lastSaves map[schema.EncodedID]int64) {
	for _, group := range grouped(p.saves, savesTogether, func(s savePlan) libraryRef { return s.library() }) {
		o, u := group[0].organization, group[0].user
		call := lua.Call{
			Script: scripts.CreateSaves,
			Keys:   []string{p.keys.Organization(o), p.keys.Libraries(o), p.keys.Library(o, u)},
			Args: append(make([]any, 0, 5+2*len(group)), string(u), lastSaves[o], undividedMax,
				p.keys.TrackPrefix(o), p.keys.SaversPrefix(o)),
		}
		lastSaves[o] += int64(len(group))
		for i := range group { // pointers to texts, so that none is copied to the heap
			call.Args = append(call.Args, (*string)(&group[i].track), &group[i].at)
		}
		p.saveCalls, p.savedIn = append(p.saveCalls, call), append(p.savedIn, libraryRef{o, u})
	}
}

// carryOut writes everything by stages: each is complete before the next
// begins, so that whatever is interrupted refers to nothing that does not
// exist. Every step may be repeated.
func (p *plan) carryOut(ctx context.Context, db *database) error {
	if err := createOrganizations(ctx, db, p.organizations); err != nil {
		return err
	}
	if err := createUsers(ctx, db, p.users, p.members); err != nil {
		return err
	}
	if err := db.run(ctx, p.trackCalls); err != nil {
		return err
	}
	return p.carryOutSaves(ctx, db)
}

// carryOutSaves makes the saves, and divides the libraries that have got too many
// which are in none of their parts. Where that is interrupted, the next to save
// something in such a library does it, or who asks for a part of it.
func (p *plan) carryOutSaves(ctx context.Context, db *database) error {
	replies, err := db.runner.DoInOrder(ctx, p.saveCalls)
	if err != nil {
		return err
	}
	var undivided unique[libraryRef]
	for i, reply := range replies {
		switch reply.Code {
		case scripts.OK:
		case scripts.Undivided:
			undivided.add(p.savedIn[i])
		case scripts.Changed:
			return errChanged
		default:
			return reply.Unexpected()
		}
	}
	for left := undivided.list; len(left) > 0; {
		calls := make([]lua.Call, len(left))
		for i, l := range left {
			o, u := l.organization, l.user
			calls[i] = scripts.DivideCall(db.keys.Organization(o), db.keys.Library(o, u), string(u), db.keys.TrackPrefix(o))
		}
		if replies, err = db.runner.DoInOrder(ctx, calls); err != nil {
			return err
		}
		var more []libraryRef
		for i, reply := range replies {
			done, err := scripts.IsDivided(reply)
			if err != nil {
				return err
			}
			if !done {
				more = append(more, left[i])
			}
		}
		left = more
	}
	return nil
}

// named is an organization or a user.
type named struct {
	id   schema.EncodedID
	name string
}

// trackPlan is a track to be created, or to whose history something is added.
type trackPlan struct {
	trackRef
	text    string // empty where it exists
	history *schema.History
}

// addTo adds the track to a call of create_tracks.lua.
func (t *trackPlan) addTo(call *lua.Call, keys schema.Keyspace) {
	add := func(pivot, text string, events []string) {
		call.Keys = append(call.Keys, keys.Track(t.organization, t.track), keys.Events(t.organization, t.track))
		call.Args = append(call.Args, string(t.track), t.history.Found, pivot, text, len(events))
		call.Args = appendAll(call.Args, events)
	}
	if len(t.history.Before) > 0 {
		add(t.history.Pivot, "", t.history.Before)
	}
	if after := t.history.After(); t.text != "" || len(after) > 0 {
		add("", t.text, after)
	}
}

// savePlan is a save to be made.
type savePlan struct {
	saveRef
	at string
}

// grouped parts a list into groups of the same key, each in the list's order
// and of at most that many. They stand in the order of their first members.
func grouped[T any, K comparable](list []T, most int, key func(T) K) [][]T {
	var groups [][]T
	last := make(map[K]int) // the place of the last group with a key
	for _, v := range list {
		i, ok := last[key(v)]
		if !ok || len(groups[i]) == most {
			i = len(groups)
			last[key(v)] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], v)
	}
	return groups
}

func appendAll[T any](words []any, list []T) []any {
	for _, v := range list {
		words = append(words, v)
	}
	return words
}
