package explore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/expect"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/oracle"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// SceneSequence has every relation between a user and a track in it: created and saved, created only, saved only, neither,
// left the organization, member of both.
var SceneSequence = provision.Request{
	Organizations: []provision.OrganizationRequest{{Name: "home"}, {Name: "abroad"}},
	Users: []provision.UserRequest{
		{Name: "ann", MemberOf: []string{"home"}},
		{Name: "ben", MemberOf: []string{"home", "abroad"}},
		{Name: "cai", MemberOf: []string{"home"}},
		{Name: "dot", MemberOf: []string{"abroad"}},
		{Name: "eve", MemberOf: []string{}},
	},
	Tracks: []provision.TrackRequest{
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
	WalkSteps      = 60              // actions before the closing look at everything
	walkBudget     = 4 * time.Second // against a slow target the walk ends early, but not before walkMinimum steps
	walkMinimum    = 10
	shrinkAttempts = 120
	shrinkBudget   = 4 * time.Second
)

// RandomWalk sends a random sequence of requests by several actors and compares every response with the model's. A sequence
// that fails is shrunk on fresh scenes before it is shown.
func RandomWalk(ctx context.Context, c *suite.Client) error {
	mix := actionMix(ctx, c)
	rng := c.Rand()
	actions := randomActions(rng, SceneSequence, mix, WalkSteps)
	closing := closingLook(rng, SceneSequence, mix)
	found, err := runActions(ctx, c, c.Scene, actions, closing)
	if err != nil || found == nil {
		return err
	}
	shortest := shrinkMismatch(ctx, c, found)
	return shortest.failure(len(found.done))
}

// actionMix lists what may be part of a sequence: the operations that the target serves, and "" where its history can be
// read.
func actionMix(ctx context.Context, c *suite.Client) []requirement.Operation {
	var mix []requirement.Operation
	for _, o := range requirement.Operations() {
		if c.Serves(ctx, o) {
			mix = append(mix, o)
		}
	}
	if c.Has(provision.FeatureHistory) {
		mix = append(mix, "")
	}
	return mix
}

// randomActions draws n actions. Chance is bent towards where implementations break: creators deleting, the track that was
// just touched, the same request once more, another actor looking at what has just changed.
func randomActions(rng *rand.Rand, scene provision.Request, mix []requirement.Operation, n int) []oracle.Action {
	m := oracle.NewModel(scene)
	var actions []oracle.Action
	for len(actions) < n {
		var a oracle.Action
		last := oracle.Action{}
		if len(actions) > 0 {
			last = actions[len(actions)-1]
		}
		if last.Operation != "" && rng.IntN(8) == 0 {
			a = last // exactly the same again
		} else {
			a = randomAction(rng, scene, mix, last.Track)
		}
		actions = append(actions, a)
		changed := m.Apply(a).Status == 200 && (a.Operation == requirement.DeleteTrack || a.Operation == requirement.UnsaveTrack)
		if changed && rng.IntN(2) == 0 && len(actions) < n {
			witness := randomAction(rng, scene, mix, a.Track)
			witness.Track, witness.Organization = a.Track, a.Organization
			m.Apply(witness)
			actions = append(actions, witness)
		}
	}
	return actions
}

func randomAction(rng *rand.Rand, scene provision.Request, mix []requirement.Operation, lastTrack string) oracle.Action {
	a := oracle.Action{Operation: mix[rng.IntN(len(mix))]}
	t := scene.Tracks[rng.IntN(len(scene.Tracks))]
	if i := slices.IndexFunc(scene.Tracks, func(t provision.TrackRequest) bool { return t.Name == lastTrack }); i >= 0 && rng.IntN(3) == 0 {
		t = scene.Tracks[i]
	}
	a.Track, a.Organization = t.Name, t.Organization
	if a.Operation == "" {
		return a
	}
	if rng.IntN(10) == 0 {
		a.Organization = scene.Organizations[rng.IntN(len(scene.Organizations))].Name
	}
	switch chance := rng.IntN(20); {
	case chance == 0: // nobody
	case chance < 7:
		a.As = t.Creator
	case chance < 13 && len(t.SavedBy) > 0:
		a.As = t.SavedBy[rng.IntN(len(t.SavedBy))]
	default:
		a.As = scene.Users[rng.IntN(len(scene.Users))].Name
	}
	a.Bearer = a.As != "" && rng.IntN(5) == 0
	if a.Operation == requirement.ListSavedTracks {
		a.Track = ""
		if rng.IntN(2) == 0 {
			a.Query = randomQuery(rng)
		}
	}
	return a
}

func randomQuery(rng *rand.Rand) oracle.LibraryQuery {
	var q oracle.LibraryQuery
	if rng.IntN(3) == 0 {
		q.Mode = []string{"creation", "focus"}[rng.IntN(2)]
	}
	if rng.IntN(3) == 0 {
		q.Engine = []string{"studio", "draft"}[rng.IntN(2)]
	}
	if rng.IntN(2) == 0 {
		q.Limit = 1 + rng.IntN(4)
	}
	q.Offset = rng.IntN(4)
	return q
}

// closingLook is what a walk ends with: every library, every track through the eyes of one of those who had access, and
// every history. Where nothing can be read, it is a saver's delete, which tells 403 from 404 and changes nothing.
func closingLook(rng *rand.Rand, scene provision.Request, mix []requirement.Operation) []oracle.Action {
	var look []oracle.Action
	if slices.Contains(mix, requirement.ListSavedTracks) {
		for _, u := range scene.Users {
			for _, o := range u.MemberOf {
				look = append(look, oracle.Action{Operation: requirement.ListSavedTracks, As: u.Name, Organization: o})
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
		a := oracle.Action{Track: t.Name, Organization: t.Organization}
		switch {
		case slices.Contains(mix, requirement.GetTrack):
			a.Operation, a.As = requirement.GetTrack, t.Creator
			if pick := rng.IntN(len(others) + 1); pick < len(others) {
				a.As = others[pick]
			}
			look = append(look, a)
		case len(others) > 0:
			a.Operation, a.As = requirement.DeleteTrack, others[rng.IntN(len(others))]
			look = append(look, a)
		}
	}
	if slices.Contains(mix, "") {
		for _, t := range scene.Tracks {
			look = append(look, oracle.Action{Track: t.Name, Organization: t.Organization})
		}
	}
	return look
}

// mismatch is where a target left the model.
type mismatch struct {
	done             []oracle.Action // up to and with the one that was answered otherwise
	expected, actual string
	exchanges        []*wire.Exchange // of done, in order; none for looks at a history
	contractLine     int
	contract         bool
}

// runActions carries out actions and then closing, in order, until the target leaves the model. With a slow target it goes
// over to closing early.
func runActions(ctx context.Context, c *suite.Client, scene *provision.Scene, actions, closing []oracle.Action) (*mismatch, error) {
	m := oracle.NewModel(scene.Request)
	found := &mismatch{}
	start := time.Now()
	for i, a := range slices.Concat(actions, closing) {
		if i >= walkMinimum && i < len(actions) && time.Since(start) > walkBudget {
			continue
		}
		want := m.Apply(a)
		actual, x, err := perform(ctx, c, scene, a, want)
		found.done = append(found.done, a)
		if x != nil {
			found.exchanges = append(found.exchanges, x)
		}
		var broken *suite.Failure
		switch {
		case errors.As(err, &broken):
			found.expected, found.actual = broken.Expected, broken.Actual
			found.contractLine, found.contract = broken.ContractLine, broken.Contract
			return found, nil
		case err != nil:
			return nil, err
		case actual != "":
			found.expected, found.actual = want.Describe(a), actual
			return found, nil
		}
	}
	return nil, nil
}

// perform carries one action out and tells what came back, or "" where it is what the model wants.
func perform(ctx context.Context, c *suite.Client, scene *provision.Scene, a oracle.Action, want oracle.Expectation) (actual string, x *wire.Exchange, err error) {
	if a.Operation == "" {
		events, err := c.History(ctx, scene.Organization(a.Organization), scene.Track(a.Track))
		if err != nil {
			return "", nil, err
		}
		return judgeHistory(scene, events, want), nil, nil
	}
	x, err = c.Do(ctx, oracle.RequestOf(scene, a))
	if err != nil {
		return "", x, err
	}
	return JudgeAnswer(scene, a, want, x), x, nil
}

func JudgeAnswer(scene *provision.Scene, a oracle.Action, want oracle.Expectation, x *wire.Exchange) string {
	if x.Status != want.Status {
		return fmt.Sprint(x.Status)
	}
	if x.Status != 200 {
		return ""
	}
	if a.Operation == requirement.ListSavedTracks {
		items, err := listedNames(scene, x)
		if err != nil {
			return "200 with " + err.Error()
		}
		if !slices.Equal(items, want.Items) {
			return "200 with " + oracle.NameList(items)
		}
		return ""
	}
	var body struct {
		ID string `json:"id"`
	}
	if err := expect.JSON(x, &body); err != nil {
		return "200 with " + err.Error()
	}
	if body.ID != scene.Track(a.Track) {
		return fmt.Sprintf("200 with the id %q", body.ID)
	}
	return ""
}

// listedNames reads a list's answer. An id that the scene does not have stands for itself.
func listedNames(scene *provision.Scene, x *wire.Exchange) ([]string, error) {
	var body struct {
		Items []struct {
			ID string `json:"id"`
		} `json:"items"`
	}
	if err := expect.JSON(x, &body); err != nil {
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

func judgeHistory(scene *provision.Scene, events []provision.Event, want oracle.Expectation) string {
	billed := 0
	var deleters []string
	for _, e := range events {
		switch e.Type {
		case provision.EventBilled:
			billed++
		case provision.EventDeleted:
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
	if want.DeletedBy != "" {
		wanted = append(wanted, want.DeletedBy)
	}
	switch {
	case billed == 0:
		return "no " + provision.EventBilled + " any more"
	case slices.Equal(deleters, wanted):
		return ""
	case len(deleters) == 0:
		return "no " + provision.EventDeleted
	default:
		return fmt.Sprintf("%d %s, by %s", len(deleters), provision.EventDeleted, strings.Join(deleters, ", "))
	}
}

// shrinkMismatch looks for a shorter sequence that leaves the model too, each on a scene of its own. Where scenes run out or
// the failure comes and goes, it returns the shortest that was seen to fail.
func shrinkMismatch(ctx context.Context, c *suite.Client, found *mismatch) *mismatch {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(c.ShrinkBudget(), shrinkBudget))
	defer cancel()
	again := func(actions []oracle.Action) (failed, stop bool) {
		scene, err := c.Provision(ctx, SceneSequence)
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
	for _, simplify := range []func(*oracle.Action){
		func(a *oracle.Action) { a.Query = oracle.LibraryQuery{} },
		func(a *oracle.Action) { a.Bearer = false },
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
	if last.Operation == "" {
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
	return &suite.Failure{Expected: b.String(), Actual: m.actual, Exchanges: m.exchanges, ContractLine: m.contractLine, Contract: m.contract}
}
