package oracle

import (
	"context"
	"errors"
	"fmt"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/expect"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// Refusal is a request that must change nothing.
type Refusal struct {
	Name    string
	Request wire.Request
	// Expect judges the response; nil where any response is right.
	Expect func(*wire.Exchange) error
}

// NewRequest makes the request of an operation. The track is not looked at for listSavedTracks.
func NewRequest(o requirement.Operation, as provision.User, organization, track string, options ...suite.RequestOption) wire.Request {
	method, path := "DELETE", requirement.TrackPath(organization, track)
	switch o {
	case requirement.GetTrack:
		method = "GET"
	case requirement.UnsaveTrack:
		path = requirement.SavePath(organization, track)
	case requirement.ListSavedTracks:
		method, path = "GET", requirement.TracksPath(organization)
	}
	return suite.NewRequest(method, path, as, options...)
}

// WantError returns the judgement that a response is an error of that status.
func WantError(status int) func(*wire.Exchange) error {
	return func(x *wire.Exchange) error { return expect.Error(x, status) }
}

// RefusesAll sends attacks against a case's scene, and proves that none changed anything for anybody. Afterwards the actions
// in finally have to be answered as if the attacks had never been: what was attacked was there to be hit. What they come to
// is for other cases to see.
func RefusesAll(attacks func(s *provision.Scene) []Refusal, finally ...Action) func(context.Context, *suite.Client) error {
	return func(ctx context.Context, c *suite.Client) error {
		w, err := Observe(ctx, c)
		if err != nil {
			return err
		}
		if err := w.Refuse(ctx, attacks); err != nil {
			return err
		}
		for _, a := range finally {
			if err := w.Perform(ctx, a); err != nil {
				return err
			}
		}
		return nil
	}
}

// Refuse sends attacks, judges their responses, and looks at the world once after all of them. Where something has changed it
// goes through them one by one on a new scene, to name the one that did it.
func (w *World) Refuse(ctx context.Context, attacks func(s *provision.Scene) []Refusal) error {
	sent := attacks(w.Scene)
	traces := map[string]*wire.Exchange{}
	for _, a := range sent {
		x, err := w.Send(ctx, a)
		if err != nil {
			return err
		}
		if err := expect.NewTrace(traces, x); err != nil {
			return err
		}
	}
	changed := w.Verify(ctx)
	if changed == nil || len(sent) < 2 {
		return changed
	}
	if named := w.nameCulprit(ctx, attacks); named != nil {
		return named
	}
	return changed
}

// Send carries one attack out and judges the response.
func (w *World) Send(ctx context.Context, a Refusal) (*wire.Exchange, error) {
	x, err := w.Client.Do(ctx, a.Request)
	var broken *suite.Failure
	if err == nil && a.Expect != nil {
		err = a.Expect(x)
	}
	if errors.As(err, &broken) {
		broken.Expected = a.Name + " to be answered with " + broken.Expected
	}
	return x, err
}

// nameCulprit returns a failure that names the attack that changes something, or nil where none does any more.
func (w *World) nameCulprit(ctx context.Context, attacks func(s *provision.Scene) []Refusal) error {
	scene, err := w.Client.Provision(ctx, w.Scene.Request)
	if err != nil {
		return nil
	}
	again, err := observeScene(ctx, w.Client, scene)
	if err != nil {
		return nil
	}
	for _, a := range attacks(scene) {
		x, err := again.Send(ctx, a)
		if err != nil {
			return nil
		}
		var changed *suite.Failure
		if errors.As(again.Verify(ctx), &changed) {
			return suite.Fail("nothing to change by "+a.Name+": "+changed.Expected, changed.Actual, append([]*wire.Exchange{x}, changed.Exchanges...)...)
		}
	}
	return nil
}

// Perform carries out an action, judges the response by the model, and tells the world.
func (w *World) Perform(ctx context.Context, a Action, options ...suite.RequestOption) error {
	var as provision.User
	if a.As != "" {
		as = w.Scene.User(a.As)
	}
	track := ""
	if a.Track != "" {
		track = w.Scene.Track(a.Track)
	}
	x, err := w.Client.Do(ctx, NewRequest(a.Operation, as, w.Scene.Organization(a.Organization), track, options...))
	if err != nil {
		return err
	}
	if err := w.judge(a, track, x); err != nil {
		return err
	}
	w.Apply(a)
	return nil
}

// judge compares the response to an action that was not told to the world yet with the model.
func (w *World) judge(a Action, track string, x *wire.Exchange) error {
	want := w.Expected(a)
	if x.Status != want.Status {
		return suite.Fail(fmt.Sprintf("%s to be answered %s", a, want.Describe(a)), expect.Describe(x), x)
	}
	switch {
	case x.Status != 200:
		return expect.Error(x, x.Status)
	case a.Operation == requirement.GetTrack:
		told, err := expect.Track(x, track)
		if err != nil {
			return err
		}
		if difference := w.compareFacts(TrackRequest(w.Scene, a.Track), told); difference != "" {
			return suite.Fail("the track as it was", difference, x)
		}
		return nil
	case a.Operation == requirement.ListSavedTracks:
		_, err := expect.Page(x)
		return err
	default:
		return expect.Acknowledged(x, track)
	}
}

// Expected tells what an action would come to, without carrying it out.
func (w *World) Expected(a Action) Expectation { return w.Model.clone().Apply(a) }
