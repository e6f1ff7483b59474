package cases

import (
	"context"
	"fmt"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/expect"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/oracle"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// usesOfAKey is on how many new connections a key is used before it ends, and again afterwards:
// enough to meet each of a few processes with a cache of its own.
const usesOfAKey = 8

// revocationCases end keys and memberships that are in use: whatever has cached them has to forget
// them, in every process and on every connection.
func revocationCases() []suite.Case {
	var cases []suite.Case
	for _, o := range requirement.Operations() {
		cases = append(cases, suite.Case{
			Area: areaOf(o), Slug: "key-revoked-in-use-gets-401",
			Title:        "A key that is in use gets 401 from its revocation on, on every connection",
			Operation:    o,
			Requirements: []requirement.ID{requirement.KeyRevoked},
			Statuses:     []int{401},
			Needs:        []provision.Feature{provision.FeatureRevokeKey},
			Scene:        sceneStandard,
			Sends: fmt.Sprintf("Requests with the creator's key, on %d new connections and on one that is kept; then the key "+
				"is revoked, and the same is sent again, and every other operation.", usesOfAKey),
			Expects: "401 for every request after the revocation, in either header; nothing changed, and others see everything " +
				"as before.",
			Run: func(ctx context.Context, c *suite.Client) error {
				return endsInUse(ctx, c, o, 401, func(ctx context.Context, w *oracle.World) error {
					return w.RevokeKey(ctx, "creator")
				})
			},
		}, suite.Case{
			Area: areaOf(o), Slug: "member-who-leaves-gets-404",
			Title:     "A member who leaves gets 404 from then on, on every connection",
			Operation: o,
			Requirements: []requirement.ID{
				requirement.AccessMembersOnly,
				requirement.AccessWhoLeftHasNone,
			},
			Statuses: []int{404},
			Needs:    []provision.Feature{provision.FeatureEndMembership},
			Scene:    sceneDeparture,
			Sends: fmt.Sprintf("Requests of the creator, on %d new connections and on one that is kept; then the creator leaves "+
				"the organization, and the same is sent again, and every other operation.", usesOfAKey),
			Expects: "404 for every request after that; nothing changed, others see everything as before, and the creator " +
				"still has access to the other organization.",
			Run: func(ctx context.Context, c *suite.Client) error {
				return endsInUse(ctx, c, o, 404, func(ctx context.Context, w *oracle.World) error {
					return w.EndMembership(ctx, "creator", "home")
				})
			},
		})
	}
	return append(cases, suite.Case{
		Area: deleteTrack, Slug: "other-key-survives-revocation",
		Title:     "The revocation of one key leaves the user's other key as it was",
		Operation: requirement.DeleteTrack,
		Requirements: []requirement.ID{
			requirement.KeyRevoked,
			requirement.DeleteCreatorMay,
		},
		Statuses: []int{200, 401},
		Needs:    []provision.Feature{provision.FeatureExtraKeys, provision.FeatureRevokeKey},
		Scene:    sceneSecondKeys,
		Sends: "The creator's deletes of one track with each of two keys; then one key is revoked, and another track is " +
			"deleted with it and with the other.",
		Expects: "200 and 404; then 401 with the revoked key, and 200 with the other.",
		Run: func(ctx context.Context, c *suite.Client) error {
			w, err := oracle.Observe(ctx, c)
			if err != nil {
				return err
			}
			second := c.Scene.ExtraKey("creator-second").Key
			for _, key := range []string{second, c.Scene.User("creator").Key} {
				if err := w.Perform(ctx, oracle.Deletes("creator", "before"), suite.WithKey(key)); err != nil {
					return err
				}
			}
			if err := c.RevokeKey(ctx, second); err != nil {
				return err
			}
			for range usesOfAKey {
				r := oracle.RequestOf(c.Scene, oracle.Deletes("creator", "song"), suite.WithKey(second))
				if _, err := w.Send(ctx, refused("the revoked key", 401, r)); err != nil {
					return err
				}
			}
			if err := w.Perform(ctx, oracle.Deletes("creator", "song")); err != nil {
				return err
			}
			return w.Verify(ctx)
		},
	})
}

// endsInUse uses the creator's key until it fills every cache, ends its rights, and proves that they
// have ended for every operation. The status is what its requests get from then on.
func endsInUse(
	ctx context.Context, c *suite.Client, o requirement.Operation, status int,
	end func(context.Context, *oracle.World) error,
) error {
	w, err := oracle.Observe(ctx, c)
	if err != nil {
		return err
	}
	for i := range usesOfAKey {
		if err := useKey(ctx, w, o, i%2 == 1); err != nil {
			return err
		}
	}
	for _, a := range []oracle.Action{
		oracle.Gets("creator", "before"),
		oracle.Lists("creator"),
		oracle.Unsaves("creator", "before"),
		oracle.Deletes("creator", "after"),
	} {
		if !c.Serves(ctx, a.Operation) {
			continue
		}
		if err := w.Perform(ctx, a); err != nil {
			return err
		}
	}
	if err := endWhileKept(ctx, w, o, status, end); err != nil {
		return err
	}
	ended := func(a oracle.Action) error {
		r := refused(fmt.Sprintf("the request by which %s, after that has ended", a), status, oracle.RequestOf(c.Scene, a))
		_, err := w.Send(ctx, r)
		return err
	}
	for i := range usesOfAKey {
		a := oracle.Does("creator", o, "song")
		a.Bearer = i%2 == 1
		if err := ended(a); err != nil {
			return err
		}
	}
	for _, other := range requirement.Operations() {
		if !c.Serves(ctx, other) {
			continue
		}
		for _, track := range []string{"song", "before"} {
			if err := ended(oracle.Does("creator", other, track)); err != nil {
				return err
			}
		}
	}
	return w.Verify(ctx)
}

// useKey sends a request that shows that the creator's key works and changes nothing: what would
// change something is about a track that does not exist.
func useKey(ctx context.Context, w *oracle.World, o requirement.Operation, bearer bool) error {
	a := oracle.Does("creator", o, "song")
	a.Bearer = bearer
	if o == requirement.GetTrack || o == requirement.ListSavedTracks {
		return w.Perform(ctx, a)
	}
	_, err := w.Send(ctx, refused("the creator's request for a missing track", 404, toMissing(w.Scene, a)))
	return err
}

// endPatience is how long the provisioner has for its response while a connection is kept: a server
// that serves one connection at a time may wait for that.
const endPatience = 2 * time.Second

// endWhileKept uses the creator's key on a connection that is kept while its rights end, and again on
// that connection.
func endWhileKept(
	ctx context.Context, w *oracle.World, o requirement.Operation, status int,
	end func(context.Context, *oracle.World) error,
) error {
	kept := w.Client.KeepAlive()
	defer kept.Release()
	a := oracle.Does("creator", o, "song")
	used, want := oracle.RequestOf(w.Scene, a), 200
	if o != requirement.GetTrack && o != requirement.ListSavedTracks {
		used, want = toMissing(w.Scene, a), 404
	}
	x, err := kept.Do(ctx, used)
	if err != nil {
		return err
	}
	if err := expect.Status(x, want); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- end(ctx, w) }()
	select {
	case err = <-ended:
	case <-time.After(endPatience):
		kept.Release()
		err = <-ended
	}
	if err != nil {
		return err
	}
	for range 2 {
		x, err := kept.Do(ctx, oracle.RequestOf(w.Scene, a))
		if err != nil {
			return err
		}
		if err := expect.Error(x, status); err != nil {
			return err
		}
	}
	return nil
}
