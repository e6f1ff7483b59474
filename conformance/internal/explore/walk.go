package conformance

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// sceneSequence has every relation between a user and a track in it: created and saved, created only, saved only, neither,
// left the organization, member of both.
var sceneSequence = SceneRequest{
	Organizations: []OrganizationRequest{{Name: "home"}, {Name: "abroad"}},
	Users: []UserRequest{
		{Name: "ann", MemberOf: []string{"home"}},
		{Name: "ben", MemberOf: []string{"home", "abroad"}},
		{Name: "cai", MemberOf: []string{"home"}},
		{Name: "dot", MemberOf: []string{"abroad"}},
		{Name: "eve", MemberOf: []string{}},
	},
	Tracks: []TrackRequest{
		{Name: "a1", Organization: "home", Creator: "ann", SavedBy: []string{"ann", "ben", "cai"}, Title: "Late Night Drive", Engine: "studio", Mode: "creation"},
		{Name: "a2", Organization: "home", Creator: "ann", SavedBy: []string{"cai", "ann"}, Title: "Breakwater", Engine: "draft", Mode: "focus"},
		{Name: "a3", Organization: "home", Creator: "ann", SavedBy: []string{"ben"}, Title: "Northern Line", Engine: "studio", Mode: "focus"},
		{Name: "b1", Organization: "home", Creator: "ben", SavedBy: []string{"ben", "ann", "cai"}, Title: "Breakwater", Engine: "studio", Mode: "creation"},
		{Name: "b2", Organization: "home", Creator: "ben", SavedBy: []string{}, Title: "Unsaved", Engine: "studio", Mode: "creation"},
		{Name: "c1", Organization: "home", Creator: "cai", SavedBy: []string{"ann", "ben", "cai"}, Title: "Étude", Engine: "draft", Mode: "creation"},
		{Name: "e1", Organization: "home", Creator: "eve", SavedBy: []string{"eve", "ann", "ben"}, Title: "Aftermath", Engine: "studio", Mode: "creation"},
		{Name: "x1", Organization: "abroad", Creator: "ben", SavedBy: []string{"ben", "dot", "ann"}, Title: "Late Night Drive", Engine: "studio", Mode: "creation"},
		{Name: "x2", Organization: "abroad", Creator: "dot", SavedBy: []string{"dot", "ben"}, Title: "Over the Border", Engine: "studio", Mode: "focus"},
	},
}

const (
	walkSteps      = 60              // actions before the closing look at everything
	walkBudget     = 4 * time.Second // against a slow target the walk ends early, but not before walkMinimum steps
	walkMinimum    = 10
	shrinkAttempts = 120
	shrinkBudget   = 4 * time.Second
)

// randomWalk sends a random sequence of requests by several actors and compares every answer with the model's. A sequence
// that fails is shrunk on fresh scenes before it is shown.
func randomWalk(ctx context.Context, c *Client) error {
	mix := actionMix(ctx, c)
	rng := c.Rand()
	actions := randomActions(rng, sceneSequence, mix, walkSteps)
	closing := closingLook(rng, sceneSequence, mix)
	found, err := runActions(ctx, c, c.Scene, actions, closing)
	if err != nil || found == nil {
		return err
	}
	shortest := shrinkMismatch(ctx, c, found)
	return shortest.failure(len(found.done))
}

// actionMix lists what may be part of a sequence: the operations that the target serves, and "" where its history can be
// read.
func actionMix(ctx context.Context, c *Client) []Operation {
	var mix []Operation
	for _, o := range Operations() {
		if c.Serves(ctx, o) {
			mix = append(mix, o)
		}
	}
	if c.Has(FeatureHistory) {
		mix = append(mix, "")
	}
	return mix
}

// randomActions draws n actions. Chance is bent towards where implementations break: creators deleting, the track that was
// just touched, the same request once more, another actor looking at what has just changed.
func randomActions(rng *rand.Rand, scene SceneRequest, mix []Operation, n int) []action {
	m := newModel(scene)
	var actions []action
	for len(actions) < n {
		var a action
		last := action{}
		if len(actions) > 0 {
			last = actions[len(actions)-1]
		}
		if last.operation != "" && rng.IntN(8) == 0 {
			a = last // exactly the same again
		} else {
			a = randomAction(rng, scene, mix, last.track)
		}
		actions = append(actions, a)
		changed := m.do(a).status == 200 && (a.operation == DeleteTrack || a.operation == UnsaveTrack)
		if changed && rng.IntN(2) == 0 && len(actions) < n {
			witness := randomAction(rng, scene, mix, a.track)
			witness.track, witness.organization = a.track, a.organization
			m.do(witness)
			actions = append(actions, witness)
		}
	}
	return actions
}

func randomAction(rng *rand.Rand, scene SceneRequest, mix []Operation, lastTrack string) action {
	a := action{operation: mix[rng.IntN(len(mix))]}
	t := scene.Tracks[rng.IntN(len(scene.Tracks))]
	if i := slices.IndexFunc(scene.Tracks, func(t TrackRequest) bool { return t.Name == lastTrack }); i >= 0 && rng.IntN(3) == 0 {
		t = scene.Tracks[i]
	}
	a.track, a.organization = t.Name, t.Organization
	if a.operation == "" {
		return a
	}
	if rng.IntN(10) == 0 {
		a.organization = scene.Organizations[rng.IntN(len(scene.Organizations))].Name
	}
	switch chance := rng.IntN(20); {
	case chance == 0: // nobody
	case chance < 7:
		a.as = t.Creator
	case chance < 13 && len(t.SavedBy) > 0:
		a.as = t.SavedBy[rng.IntN(len(t.SavedBy))]
	default:
		a.as = scene.Users[rng.IntN(len(scene.Users))].Name
	}
	a.bearer = a.as != "" && rng.IntN(5) == 0
	if a.operation == ListSavedTracks {
		a.track = ""
		if rng.IntN(2) == 0 {
			a.query = randomQuery(rng)
		}
	}
	return a
}

func randomQuery(rng *rand.Rand) libraryQuery {
	var q libraryQuery
	if rng.IntN(3) == 0 {
		q.mode = []string{"creation", "focus"}[rng.IntN(2)]
	}
	if rng.IntN(3) == 0 {
		q.engine = []string{"studio", "draft"}[rng.IntN(2)]
	}
	if rng.IntN(2) == 0 {
		q.limit = 1 + rng.IntN(4)
	}
	q.offset = rng.IntN(4)
	return q
}

// closingLook is what a walk ends with: every library, every track through the eyes of one of those who had access, and
// every history. Where nothing can be read, it is a saver's delete, which tells 403 from 404 and changes nothing.
func closingLook(rng *rand.Rand, scene SceneRequest, mix []Operation) []action {
	var look []action
	if slices.Contains(mix, ListSavedTracks) {
		for _, u := range scene.Users {
			for _, o := range u.MemberOf {
				look = append(look, action{operation: ListSavedTracks, as: u.Name, organization: o})
			}
		}
	}
	for _, t := range scene.Tracks {
		var others []string
		for _, saver := range t.SavedBy {
			if saver != t.Creator {
				others = append(others, saver)
			}
		}
		a := action{track: t.Name, organization: t.Organization}
		switch {
		case slices.Contains(mix, GetTrack):
			a.operation, a.as = GetTrack, t.Creator
			if pick := rng.IntN(len(others) + 1); pick < len(others) {
				a.as = others[pick]
			}
			look = append(look, a)
		case len(others) > 0:
			a.operation, a.as = DeleteTrack, others[rng.IntN(len(others))]
			look = append(look, a)
		}
	}
	if slices.Contains(mix, "") {
		for _, t := range scene.Tracks {
			look = append(look, action{track: t.Name, organization: t.Organization})
		}
	}
	return look
}

// mismatch is where a target left the model.
type mismatch struct {
	done             []action // up to and with the one that was answered otherwise
	expected, actual string
	exchanges        []*Exchange // of done, in order; none for looks at a history
	contractLine     int
	contract         bool
}

// runActions carries out actions and then closing, in order, until the target leaves the model. With a slow target it goes
// over to closing early.
func runActions(ctx context.Context, c *Client, scene *Scene, actions, closing []action) (*mismatch, error) {
	m := newModel(scene.Request)
	found := &mismatch{}
	start := time.Now()
	for i, a := range slices.Concat(actions, closing) {
		if i >= walkMinimum && i < len(actions) && time.Since(start) > walkBudget {
			continue
		}
		want := m.do(a)
		actual, x, err := perform(ctx, c, scene, a, want)
		found.done = append(found.done, a)
		if x != nil {
			found.exchanges = append(found.exchanges, x)
		}
		var broken *Failure
		switch {
		case errors.As(err, &broken):
			found.expected, found.actual = broken.Expected, broken.Actual
			found.contractLine, found.contract = broken.ContractLine, broken.Contract
			return found, nil
		case err != nil:
			return nil, err
		case actual != "":
			found.expected, found.actual = want.describe(a), actual
			return found, nil
		}
	}
	return nil, nil
}

// perform carries one action out and tells what came back, or "" where it is what the model wants.
func perform(ctx context.Context, c *Client, scene *Scene, a action, want outcome) (actual string, x *Exchange, err error) {
	if a.operation == "" {
		events, err := c.History(ctx, scene.Organization(a.organization), scene.Track(a.track))
		if err != nil {
			return "", nil, err
		}
		return judgeHistory(scene, events, want), nil, nil
	}
	x, err = c.Do(ctx, requestOf(scene, a))
	if err != nil {
		return "", x, err
	}
	return judgeAnswer(scene, a, want, x), x, nil
}

func judgeAnswer(scene *Scene, a action, want outcome, x *Exchange) string {
	if x.Status != want.status {
		return fmt.Sprint(x.Status)
	}
	if x.Status != 200 {
		return ""
	}
	if a.operation == ListSavedTracks {
		items, err := listedNames(scene, x)
		if err != nil {
			return "200 with " + err.Error()
		}
		if !slices.Equal(items, want.items) {
			return "200 with " + nameList(items)
		}
		return ""
	}
	var body struct {
		ID string `json:"id"`
	}
	if err := decodeJSON(x, &body); err != nil {
		return "200 with " + err.Error()
	}
	if body.ID != scene.Track(a.track) {
		return fmt.Sprintf("200 with the id %q", body.ID)
	}
	return ""
}

// listedNames reads a list's answer. An id that the scene does not have stands for itself.
func listedNames(scene *Scene, x *Exchange) ([]string, error) {
	var body struct {
		Items []struct {
			ID string `json:"id"`
		} `json:"items"`
	}
	if err := decodeJSON(x, &body); err != nil {
		return nil, err
	}
	var names []string
	for _, item := range body.Items {
		name := item.ID
		for known, t := range scene.Tracks {
			if t.ID == item.ID {
				name = known
			}
		}
		names = append(names, name)
	}
	return names, nil
}

func judgeHistory(scene *Scene, events []Event, want outcome) string {
	billed := 0
	var deleters []string
	for _, e := range events {
		switch e.Type {
		case EventBilled:
			billed++
		case EventDeleted:
			by := e.Actor
			for name, u := range scene.Users {
				if u.ID == e.Actor {
					by = name
				}
			}
			deleters = append(deleters, by)
		}
	}
	wanted := []string{}
	if want.deletedBy != "" {
		wanted = append(wanted, want.deletedBy)
	}
	switch {
	case billed == 0:
		return "no " + EventBilled + " any more"
	case slices.Equal(deleters, wanted):
		return ""
	case len(deleters) == 0:
		return "no " + EventDeleted
	default:
		return fmt.Sprintf("%d %s, by %s", len(deleters), EventDeleted, strings.Join(deleters, ", "))
	}
}

// shrinkMismatch looks for a shorter sequence that leaves the model too, each on a scene of its own. Where scenes run out or
// the failure comes and goes, it returns the shortest that was seen to fail.
func shrinkMismatch(ctx context.Context, c *Client, found *mismatch) *mismatch {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(c.ShrinkBudget(), shrinkBudget))
	defer cancel()
	again := func(actions []action) (failed, stop bool) {
		scene, err := c.Provision(ctx, sceneSequence)
		if err != nil {
			return false, true
		}
		shorter, err := runActions(ctx, c, scene, actions, nil)
		if err != nil {
			return false, true
		}
		if shorter != nil {
			found = shorter
		}
		return shorter != nil, false
	}
	actions := shrink(found.done, shrinkAttempts, again)
	// A plain list tells more than a filtered one, and one way of sending the key more than two.
	for _, simplify := range []func(*action){
		func(a *action) { a.query = libraryQuery{} },
		func(a *action) { a.bearer = false },
	} {
		for i := range actions {
			simpler := slices.Clone(actions)
			if simplify(&simpler[i]); simpler[i] == actions[i] {
				continue
			}
			failed, stop := again(simpler)
			if failed {
				actions = simpler
			}
			if stop {
				return found
			}
		}
	}
	return found
}

// failure tells the whole sequence, so that it can be read without the exchanges.
func (m *mismatch) failure(from int) error {
	last := m.done[len(m.done)-1]
	var b strings.Builder
	fmt.Fprintf(&b, "%s to be answered %s", last, m.expected)
	if last.operation == "" {
		b.Reset()
		b.WriteString(m.expected)
	}
	if len(m.done) == 1 {
		b.WriteString(" (on a fresh scene)")
	} else {
		fmt.Fprintf(&b, ", as the last of %d actions", len(m.done))
		if from > len(m.done) {
			fmt.Fprintf(&b, " (the shortest failing part of %d)", from)
		}
		b.WriteString(":")
		for i, a := range m.done {
			fmt.Fprintf(&b, "\n%d. %s", i+1, a)
		}
	}
	return &Failure{Expected: b.String(), Actual: m.actual, Exchanges: m.exchanges, ContractLine: m.contractLine, Contract: m.contract}
}
