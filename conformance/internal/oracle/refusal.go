package conformance

import (
	"context"
	"errors"
	"fmt"
)

// attack is a request that must change nothing.
type attack struct {
	name    string
	request Request
	// expect judges the answer; nil where any answer is right.
	expect func(*Exchange) error
}

// ask makes the request of an operation. The track is not looked at for listSavedTracks.
func ask(o Operation, as User, organization, track string, options ...RequestOption) Request {
	method, path := "DELETE", TrackPath(organization, track)
	switch o {
	case GetTrack:
		method = "GET"
	case UnsaveTrack:
		path = SavePath(organization, track)
	case ListSavedTracks:
		method, path = "GET", TracksPath(organization)
	}
	return NewRequest(method, path, as, options...)
}

// is returns the judgement that an answer is an error of that status.
func is(status int) func(*Exchange) error {
	return func(x *Exchange) error { return expectError(x, status) }
}

// repelled sends attacks against a case's scene, and proves that none changed anything for anybody. Afterwards the actions
// in finally have to be answered as if the attacks had never been: what was attacked was there to be hit. What they come to
// is for other cases to see.
func repelled(attacks func(s *Scene) []attack, finally ...action) func(context.Context, *Client) error {
	return func(ctx context.Context, c *Client) error {
		w, err := observe(ctx, c)
		if err != nil {
			return err
		}
		if err := w.repel(ctx, attacks); err != nil {
			return err
		}
		for _, a := range finally {
			if err := w.do(ctx, a); err != nil {
				return err
			}
		}
		return nil
	}
}

// repel sends attacks, judges their answers, and looks at the world once after all of them. Where something has changed it
// goes through them one by one on a new scene, to name the one that did it.
func (w *world) repel(ctx context.Context, attacks func(s *Scene) []attack) error {
	sent := attacks(w.scene)
	traces := map[string]*Exchange{}
	for _, a := range sent {
		x, err := w.send(ctx, a)
		if err != nil {
			return err
		}
		if err := expectNewTrace(traces, x); err != nil {
			return err
		}
	}
	changed := w.holds(ctx)
	if changed == nil || len(sent) < 2 {
		return changed
	}
	if named := w.nameAttack(ctx, attacks); named != nil {
		return named
	}
	return changed
}

// send carries one attack out and judges the answer.
func (w *world) send(ctx context.Context, a attack) (*Exchange, error) {
	x, err := w.client.Do(ctx, a.request)
	var broken *Failure
	if err == nil && a.expect != nil {
		err = a.expect(x)
	}
	if errors.As(err, &broken) {
		broken.Expected = a.name + " to be answered with " + broken.Expected
	}
	return x, err
}

// nameAttack returns a failure that names the attack that changes something, or nil where none does any more.
func (w *world) nameAttack(ctx context.Context, attacks func(s *Scene) []attack) error {
	scene, err := w.client.Provision(ctx, w.scene.Request)
	if err != nil {
		return nil
	}
	again, err := observeScene(ctx, w.client, scene)
	if err != nil {
		return nil
	}
	for _, a := range attacks(scene) {
		x, err := again.send(ctx, a)
		if err != nil {
			return nil
		}
		var changed *Failure
		if errors.As(again.holds(ctx), &changed) {
			return Fail("nothing to change by "+a.name+": "+changed.Expected, changed.Actual, append([]*Exchange{x}, changed.Exchanges...)...)
		}
	}
	return nil
}

// do carries out an action, judges the answer by the model, and tells the world.
func (w *world) do(ctx context.Context, a action, options ...RequestOption) error {
	var as User
	if a.as != "" {
		as = w.scene.User(a.as)
	}
	track := ""
	if a.track != "" {
		track = w.scene.Track(a.track)
	}
	x, err := w.client.Do(ctx, ask(a.operation, as, w.scene.Organization(a.organization), track, options...))
	if err != nil {
		return err
	}
	if err := w.judge(a, track, x); err != nil {
		return err
	}
	w.did(a)
	return nil
}

// judge compares the answer to an action that was not told to the world yet with the model.
func (w *world) judge(a action, track string, x *Exchange) error {
	want := w.expects(a)
	if x.Status != want.status {
		return Fail(fmt.Sprintf("%s to be answered %s", a, want.describe(a)), got(x), x)
	}
	switch {
	case x.Status != 200:
		return expectError(x, x.Status)
	case a.operation == GetTrack:
		told, err := expectTrack(x, track)
		if err != nil {
			return err
		}
		if difference := w.compareFacts(trackRequest(w.scene, a.track), told); difference != "" {
			return Fail("the track as it was", difference, x)
		}
		return nil
	case a.operation == ListSavedTracks:
		_, err := expectPage(x)
		return err
	default:
		return expectAcknowledged(x, track)
	}
}

// expects tells what an action would come to, without carrying it out.
func (w *world) expects(a action) outcome { return w.model.clone().do(a) }
