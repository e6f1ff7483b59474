package oracle

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/expect"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// World is everything that is true of a scene and visible from outside: every track as every actor
// sees it, every actor's library in every organization, and the history of every track. A case
// observes it once, applies what it did, and verifies it: what the contract does not change has to
// be as it was.
//
// What is expected follows from the model; the facts of a track that nobody asked for (its creation
// time, its licence) are those of the first observation.
type World struct {
	Client *suite.Client
	Scene  *provision.Scene
	Model  *Model
	// Events are the expected histories, by track.
	Events map[string][]provision.Event

	observer *observer
}

// Observe returns the world of the case's scene after a first observation. A scene that is not as
// it was asked for is a failure of the target.
func Observe(ctx context.Context, c *suite.Client) (*World, error) {
	return observeScene(ctx, c, c.Scene)
}

func observeScene(ctx context.Context, c *suite.Client, scene *provision.Scene) (*World, error) {
	w, err := NewWorld(ctx, c, scene)
	if err != nil {
		return nil, err
	}
	const before = "before anything was sent, "
	return w, w.report(ctx, before, look{}) // the histories were read a moment ago
}

// NewWorld returns the world of a scene. It reads the histories, and observes nothing else yet.
func NewWorld(ctx context.Context, c *suite.Client, scene *provision.Scene) (*World, error) {
	w := NewWorldWithoutHistories(ctx, c, scene)
	if !c.SeesHistories() {
		return w, nil
	}
	w.observer.histories = true
	if !slices.Contains(c.Case.Needs, provision.FeatureHistory) && w.observer.assumeHistories() {
		return w, nil
	}
	histories, err := w.observer.readHistories(ctx)
	if err != nil {
		return nil, err
	}
	for i, t := range w.observer.audited() {
		history := histories[i]
		isBilled := func(e provision.Event) bool { return e.Type == provision.EventBilled }
		if !slices.ContainsFunc(history, isBilled) {
			return nil, fmt.Errorf("the provisioner made the track %s without a %s in its history: "+
				"the protocol asks for at least one", t.Name, provision.EventBilled)
		}
		w.Events[t.Name] = history
		if t.CreatedAt.IsZero() {
			c.Run.Fresh.Learn(history, scene.User(t.Creator).ID)
		}
	}
	return w, nil
}

// NewWorldWithoutHistories returns the world of a scene for a case that never verifies its
// histories: none is read.
func NewWorldWithoutHistories(ctx context.Context, c *suite.Client, scene *provision.Scene) *World {
	model, events := NewModel(scene.Request), map[string][]provision.Event{}
	return &World{
		Client: c, Scene: scene, Model: model, Events: events,
		observer: newObserver(ctx, c, scene, model, events),
	}
}

// Expected is what the model says of an action that is not carried out.
func (w *World) Expected(a Action) Expectation { return w.Model.clone().Apply(a) }

// Apply tells the world that an action was carried out, so that its consequences are expected from
// now on.
func (w *World) Apply(a Action) {
	expected := w.Model.Apply(a)
	if a.Operation == requirement.DeleteTrack && expected.Status == 200 && w.observer.histories {
		deleted := provision.Event{Type: provision.EventDeleted, Actor: w.Scene.User(a.As).ID}
		w.Events[a.Track] = append(slices.Clone(w.Events[a.Track]), deleted)
	}
}

// Perform carries out an action, judges the response by the model, and applies the action.
func (w *World) Perform(ctx context.Context, a Action, options ...suite.RequestOption) error {
	x, err := w.Client.Do(ctx, RequestOf(w.Scene, a, options...))
	if err != nil {
		return err
	}
	want := w.Expected(a)
	switch {
	case x.Status != want.Status:
		return suite.FailStatus(strconv.Itoa(want.Status),
			fmt.Sprintf("%s when %s", want.Describe(a), a), expect.Describe(x), x)
	case x.Status == 200 && a.Operation == requirement.GetTrack:
		err = failureOf(w.observer.judgeTrack(a, x))
	default:
		err = judgeBody(w.Scene, a, x)
	}
	if err != nil {
		return err
	}
	w.Apply(a)
	return nil
}

// RevokeKey has the key of a user revoked, and expects 401 for it from now on.
func (w *World) RevokeKey(ctx context.Context, user string) error {
	if err := w.Client.RevokeKey(ctx, w.Scene.User(user).Key); err != nil {
		return err
	}
	w.Model.RevokeKey(user)
	return nil
}

// EndMembership has a user taken out of an organization, and expects 404 for it there from now on.
func (w *World) EndMembership(ctx context.Context, user, organization string) error {
	if err := w.Client.EndMembership(ctx, w.Scene.Organization(organization), w.Scene.User(user).ID); err != nil {
		return err
	}
	w.Model.EndMembership(user, organization)
	return nil
}

// Refuse sends refusals, judges their responses, and verifies the world once after all of them. If
// something has changed it sends them one by one on a new scene, to name the one that changed it.
func (w *World) Refuse(ctx context.Context, refusals func(s *provision.Scene) []Refusal) error {
	return w.refuse(ctx, refusals, false)
}

// RefuseBetween is Refuse in the middle of a case, as [World.VerifyBetween] is Verify.
func (w *World) RefuseBetween(ctx context.Context, refusals func(s *provision.Scene) []Refusal) error {
	return w.refuse(ctx, refusals, true)
}

func (w *World) refuse(ctx context.Context, refusals func(s *provision.Scene) []Refusal, between bool) error {
	sent := refusals(w.Scene)
	traces := map[string]*wire.Exchange{}
	for _, r := range sent {
		x, err := w.Send(ctx, r)
		if err != nil {
			return err
		}
		if err := expect.NewTrace(traces, x); err != nil {
			return err
		}
	}
	verify := w.Verify
	if between {
		verify = w.VerifyBetween
	}
	changed := verify(ctx)
	if changed == nil || len(sent) < 2 {
		return changed
	}
	if named := w.nameCulprit(ctx, refusals); named != nil {
		return named
	}
	return changed
}

// Send sends one refusal and judges the response.
func (w *World) Send(ctx context.Context, r Refusal) (*wire.Exchange, error) {
	x, err := w.Client.Do(ctx, r.Request)
	if err == nil && r.Expect != nil {
		err = r.Expect(x)
	}
	var broken *suite.Failure
	if errors.As(err, &broken) {
		broken.Expected += " for " + r.Name
	}
	return x, err
}

// nameCulprit returns a failure that names the refusal that changes something, or nil if none does
// so this time.
func (w *World) nameCulprit(ctx context.Context, refusals func(s *provision.Scene) []Refusal) error {
	scene, err := w.Client.Provision(ctx, w.Scene.Request)
	if err != nil {
		return nil
	}
	again, err := observeScene(ctx, w.Client, scene)
	if err != nil {
		return nil
	}
	for _, r := range refusals(scene) {
		x, err := again.Send(ctx, r)
		if err != nil {
			return nil
		}
		var changed *suite.Failure
		if errors.As(again.Verify(ctx), &changed) {
			exchanges := append([]*wire.Exchange{x}, changed.Exchanges...)
			return suite.Fail("no change by "+r.Name+": "+changed.Expected, changed.Actual, exchanges...)
		}
	}
	return nil
}

// Verify observes the world, and fails with every deviation. It sees an organization as its members
// do.
func (w *World) Verify(ctx context.Context) error { return w.report(ctx, "", look{histories: true}) }

// VerifyBetween is Verify in the middle of a case that ends with another verification: histories
// that are a message each are left for that. It is not for what comes before a delete that
// succeeds of a track that was dealt with already, whose event might stand in for one that is
// there too early.
func (w *World) VerifyBetween(ctx context.Context) error {
	return w.report(ctx, "", look{histories: !w.observer.oneByOne()})
}

// VerifyReads is Verify without the histories, where a verification of them follows before anything
// changes.
func (w *World) VerifyReads(ctx context.Context) error { return w.report(ctx, "", look{}) }

// VerifyForStrangers is Verify that also sees an organization as those do who are not its members.
func (w *World) VerifyForStrangers(ctx context.Context) error {
	return w.report(ctx, "", look{histories: true, strangers: true})
}

// Later is how long the cases of late effects wait. Queues, replicas and caches have caught up by
// then.
const Later = 700 * time.Millisecond

// VerifyLater verifies the world at once and after [Later].
func (w *World) VerifyLater(ctx context.Context) error {
	if err := w.VerifyBetween(ctx); err != nil {
		return err
	}
	if err := Pause(ctx, Later); err != nil {
		return err
	}
	return w.VerifyForStrangers(ctx)
}

// maxDeviations is how many deviations a failure names.
const maxDeviations = 6

// report observes the world, and fails with every deviation.
func (w *World) report(ctx context.Context, when string, at look) error {
	deviations, err := w.observer.observe(ctx, at)
	if err != nil || len(deviations) == 0 {
		return err
	}
	var expected, actual []string
	var exchanges []*wire.Exchange
	for i, d := range deviations {
		if i == maxDeviations {
			actual = append(actual, fmt.Sprintf("and %d more differences", len(deviations)-i))
			break
		}
		expected = append(expected, d.what+": "+d.Expected)
		actual = append(actual, d.what+": "+d.Actual)
		if d.Exchange != nil {
			exchanges = append(exchanges, d.Exchange)
		}
	}
	return &suite.Failure{
		Expected: when + strings.Join(expected, "; "), Actual: strings.Join(actual, "; "), Exchanges: exchanges,
		Mismatch: deviations[0].mismatch(),
	}
}

// VerifyHistories verifies the histories alone.
func (w *World) VerifyHistories(ctx context.Context) error {
	deviations, err := w.observer.observeHistories(ctx)
	if err != nil || len(deviations) == 0 {
		return err
	}
	return failureOf(&deviations[0], nil)
}

// VerifyLists compares the lists of one user with the model.
func (w *World) VerifyLists(ctx context.Context, as, organization string, queries ...LibraryQuery) error {
	for _, q := range queries {
		list := Action{Operation: requirement.ListSavedTracks, As: as, Organization: organization, Query: q}
		if err := failureOf(w.ObserveWindow(ctx, list)); err != nil {
			return err
		}
	}
	return nil
}

// VerifyAllWindows compares everybody's library in the organization home with the model, through
// filters and windows.
func (w *World) VerifyAllWindows(ctx context.Context) error {
	queries := []LibraryQuery{
		{Mode: "creation"},
		{Mode: "focus"},
		{Engine: "studio"},
		{Engine: "studio", Mode: "creation"},
		{Limit: 1},
		{Limit: 2},
		{Limit: 1, Offset: 1},
		{Limit: 2, Offset: 1},
		{Limit: 2, Offset: 2},
		{Offset: 1},
		{Offset: 4},
		{Engine: "studio", Limit: 2},
		{Engine: "studio", Mode: "creation", Limit: 1, Offset: 1},
		{Limit: 100},
	}
	for _, u := range w.Scene.Request.Users {
		if len(u.MemberOf) == 0 {
			continue
		}
		if err := w.VerifyLists(ctx, u.Name, "home", queries...); err != nil {
			return err
		}
	}
	return nil
}

// ObserveWindow carries out a list and compares the response with the model: status, items, their
// order and members, limit and offset.
func (w *World) ObserveWindow(ctx context.Context, a Action, options ...suite.RequestOption) (*Deviation, error) {
	return w.observer.observeWindow(ctx, a, options...)
}

// Pause waits, or returns the context's error.
func Pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
