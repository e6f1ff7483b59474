package cases

import (
	"context"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/oracle"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// connectionStateCases read on a connection, change something on another one, and read on the first
// again: what was there when a connection was opened is not what is there now.
func connectionStateCases() []suite.Case {
	return []suite.Case{
		{
			Area: deleteTrack, Slug: "kept-connection-sees-delete",
			Title:     "A connection that was open before a delete sees it as all others do",
			Operation: requirement.DeleteTrack,
			Requirements: []requirement.ID{
				requirement.DeleteGoneForEverybody,
				requirement.DeleteLeavesEveryLibrary,
				requirement.DeleteRepeatIs404,
				requirement.InputConnectionReuse,
			},
			Statuses: []int{200, 403, 404},
			Scene:    sceneStandard,
			Sends: "On a connection that is kept: gets, lists and refused deletes of a track by its creator " +
				"and a saver. On another: the creator's delete. On the first again: all operations by both; " +
				"and the same with two more tracks, one of them deleted on the first connection.",
			Expects: "404 and lists without the track, on the kept connection as on any other.",
			Run: func(ctx context.Context, c *suite.Client) error {
				k := newKept(ctx, c)
				defer k.release()
				for i, track := range []string{"song", "before", "after"} {
					if err := k.expect(ctx, lookingAt(track)...); err != nil {
						return err
					}
					change := k.elsewhere
					if i == 2 {
						change = k.expect
					}
					if err := change(ctx, oracle.Deletes("creator", track)); err != nil {
						return err
					}
					if err := k.expect(ctx, lookingForGone(track)...); err != nil {
						return err
					}
				}
				return nil
			},
		},
		{
			Area: unsaveTrack, Slug: "kept-connection-sees-unsave",
			Title:     "A connection that was open before an unsave sees it as all others do",
			Operation: requirement.UnsaveTrack,
			Requirements: []requirement.ID{
				requirement.UnsaveEndsAccess,
				requirement.UnsaveLeavesLibrary,
				requirement.UnsaveNothingElse,
				requirement.InputConnectionReuse,
			},
			Statuses: []int{200, 404},
			Scene:    sceneStandard,
			Sends: "On a connection that is kept: gets, lists and refused deletes of a track by its creator " +
				"and a saver. On another: both unsave it. On the first again: gets, lists, and the saver's " +
				"delete and unsave.",
			Expects: "404 for the saver and 200 for the creator, and lists without the track.",
			Run: func(ctx context.Context, c *suite.Client) error {
				k := newKept(ctx, c)
				defer k.release()
				for _, track := range []string{"song", "before"} {
					if err := k.expect(ctx, lookingAt(track)...); err != nil {
						return err
					}
					if err := k.elsewhere(ctx, oracle.Unsaves("saver", track), oracle.Unsaves("creator", track)); err != nil {
						return err
					}
					if err := k.expect(ctx, append(lookingAt(track), oracle.Unsaves("saver", track))...); err != nil {
						return err
					}
				}
				return nil
			},
		},
		{
			Area: deleteTrack, Slug: "kept-connection-sees-what-is-new",
			Title:     "A connection sees what was made after it was opened",
			Operation: requirement.DeleteTrack,
			Requirements: []requirement.ID{
				requirement.DeleteCreatorMay,
				requirement.DeleteOnlyCreator,
				requirement.InputConnectionReuse,
			},
			Statuses: []int{200, 403, 404},
			Scene:    sceneStandard,
			Sends: "On a connection that is kept: requests of a scene; then those of a scene that was made " +
				"meanwhile, finally its creator's delete.",
			Expects: "What the new callers get on any other connection.",
			Run: func(ctx context.Context, c *suite.Client) error {
				k := newKept(ctx, c)
				defer k.release()
				if err := k.expect(ctx, lookingAt("song")...); err != nil {
					return err
				}
				if err := k.beside(func() error {
					scene, err := c.Provision(ctx, sceneStandard)
					if err == nil {
						k.turnTo(scene)
					}
					return err
				}); err != nil {
					return err
				}
				return k.expect(ctx, append(lookingAt("song"),
					oracle.Deletes("member", "song"), oracle.Deletes("creator", "song"), oracle.Deletes("saver", "song"))...)
			},
		},
		{
			Area: deleteTrack, Slug: "kept-connection-in-several-organizations",
			Title:     "The organization is that of each request, not that of its connection",
			Operation: requirement.DeleteTrack,
			Requirements: []requirement.ID{
				requirement.AccessTrackInOrganization,
				requirement.AccessOwnResponse,
				requirement.InputConnectionReuse,
			},
			Statuses: []int{200, 403, 404},
			Scene:    sceneLibraries,
			Sends: "On one connection: lists, gets and deletes by callers who belong to two organizations, " +
				"of tracks of both, under the paths of both by turns.",
			Expects: "What they get when each request comes alone.",
			Run: func(ctx context.Context, c *suite.Client) error {
				k := newKept(ctx, c)
				defer k.release()
				var actions []oracle.Action
				for _, as := range []string{"second", "creator", "first"} {
					for _, track := range []string{"song", "away", "twin"} {
						for _, organization := range []string{"home", "abroad"} {
							actions = append(actions,
								oracle.Gets(as, track).In(organization), oracle.Lists(as).In(organization))
						}
					}
				}
				actions = append(actions,
					oracle.Deletes("second", "away"),
					oracle.Deletes("second", "away").In("abroad"),
					oracle.Deletes("second", "song").In("abroad"),
					oracle.Deletes("creator", "song").In("abroad"),
					oracle.Deletes("creator", "away"),
					oracle.Deletes("creator", "song"),
					oracle.Deletes("creator", "away").In("abroad"),
					oracle.Lists("second"),
					oracle.Lists("second").In("abroad"))
				return k.expect(ctx, actions...)
			},
		},
	}
}

// lookingAt are requests of a track's creator and saver that change nothing, as long as the track
// lives.
func lookingAt(track string) []oracle.Action {
	return []oracle.Action{
		oracle.Gets("creator", track),
		oracle.Gets("saver", track),
		oracle.Lists("saver"),
		oracle.Lists("creator"),
		oracle.Deletes("saver", track),
	}
}

// lookingForGone are all requests of its creator and a saver for a track that was deleted.
func lookingForGone(track string) []oracle.Action {
	return append(lookingAt(track),
		oracle.Unsaves("saver", track),
		oracle.Unsaves("creator", track),
		oracle.Deletes("creator", track),
		oracle.Gets("saver", track),
		oracle.Gets("creator", track),
	)
}

// keptPatience is how long requests on other connections may take before the kept one is given up:
// a target may serve one connection at a time.
const keptPatience = 500 * time.Millisecond

// kept is a connection that is kept while others are used beside it.
type kept struct {
	client     *suite.Client
	scene      *provision.Scene
	model      *oracle.Model
	connection *suite.KeepAlive
	// alone is set once the target turned out to serve one connection at a time.
	alone bool
}

func newKept(ctx context.Context, c *suite.Client) *kept {
	// What the target serves is found out before a connection is open.
	for _, o := range requirement.Operations() {
		c.Serves(ctx, o)
	}
	k := &kept{client: c, connection: c.KeepAlive()}
	k.turnTo(c.Scene)
	return k
}

// turnTo has all further actions be about that scene.
func (k *kept) turnTo(scene *provision.Scene) {
	k.scene, k.model = scene, oracle.NewModel(scene.Request)
}

func (k *kept) release() { k.connection.Release() }

// expect carries out actions on the kept connection, and judges each response by the model. What
// the target does not serve is left out.
func (k *kept) expect(ctx context.Context, actions ...oracle.Action) error {
	return k.perform(ctx, k.connection.Do, actions)
}

// elsewhere carries out actions on connections of their own, while the kept one stays open.
func (k *kept) elsewhere(ctx context.Context, actions ...oracle.Action) error {
	return k.beside(func() error { return k.perform(ctx, k.client.Do, actions) })
}

func (k *kept) perform(
	ctx context.Context,
	do func(context.Context, wire.Request) (*wire.Exchange, error),
	actions []oracle.Action,
) error {
	for _, a := range serving(ctx, k.client, actions...) {
		x, err := do(ctx, oracle.RequestOf(k.scene, a))
		if err != nil {
			return err
		}
		if err := judgeAlone(k.scene, k.model.Apply(a), a, x); err != nil {
			return err
		}
	}
	return nil
}

// beside does what takes other connections while the kept one stays open.
func (k *kept) beside(do func() error) error {
	if k.alone {
		k.release()
		return do()
	}
	done := make(chan error, 1)
	go func() { done <- do() }()
	select {
	case err := <-done:
		return err
	case <-time.After(keptPatience):
		k.alone = true
		k.release()
		return <-done
	}
}
