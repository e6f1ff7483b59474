package cases

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/oracle"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// coldCases change tracks that nobody looked at before, and read them at the same moment: a cache
// that is filled while the change is carried out must not keep what was there before it.
func coldCases() []suite.Case {
	return []suite.Case{
		{
			Area: concurrency, Slug: "first-looks-beside-delete",
			Title:     "Whoever looks at a track for the first time while it is deleted does not keep it alive",
			Operation: requirement.DeleteTrack,
			Requirements: []requirement.ID{
				requirement.DeleteGoneForEverybody,
				requirement.DeleteLeavesEveryLibrary,
				requirement.DeleteRepeatIs404,
				requirement.DeleteLinearizable,
			},
			Statuses: []int{200, 404},
			Scene:    sceneRaces,
			Sends: "For one track after another that nobody asked for before, gets, lists with a query of " +
				"their own, a refused delete and an unsave at the same moment as the creator's delete; then " +
				"all of them again.",
			Expects: "200 for the delete, and afterwards 404 for everybody and lists without the track.",
			Run:     firstLooksBesideDelete,
		},
		{
			Area: concurrency, Slug: "first-looks-beside-unsave",
			Title:     "Whoever looks at a track for the first time while unsaving it does not keep access",
			Operation: requirement.UnsaveTrack,
			Requirements: []requirement.ID{
				requirement.UnsaveEndsAccess,
				requirement.UnsaveLeavesLibrary,
				requirement.UnsaveNothingElse,
			},
			Statuses: []int{200, 404},
			Scene:    sceneRaces,
			Sends: "For one track after another that nobody asked for before, a saver's gets, lists with a " +
				"query of their own and refused delete at the same moment as its unsave; then all of them again.",
			Expects: "200 for the unsave, and afterwards 404 for the saver and a list without the track; " +
				"200 for the creator.",
			Run: firstLooksBesideUnsave,
		},
		{
			Area: concurrency, Slug: "refused-looks-before-delete",
			Title:     "Callers who were refused shortly before a delete have no part in what is seen after it",
			Operation: requirement.DeleteTrack,
			Requirements: []requirement.ID{
				requirement.DeleteGoneForEverybody,
				requirement.DeleteLeavesEveryLibrary,
				requirement.DeleteStaysDeleted,
			},
			Statuses: []int{200, 404},
			Scene:    sceneTurns,
			Sends: "For one track after another, refused requests for it at the same instant, then the " +
				"creator's delete, then several gets and lists at the same instant.",
			Expects: "200 for the delete, and 404 and lists without the track after it.",
			Run:     refusedLooksBeforeDelete,
		},
	}
}

// coldTracks is how many tracks are changed beside first looks.
const coldTracks = 12

// besideChange sends looks and a change of what they look at at the same moment: in one burst, or
// the change a little after the looks, later each time.
func besideChange(ctx context.Context, r *oracle.Race, i int, looks []oracle.Action, change oracle.Action) error {
	allowed := func(a oracle.Action) []int {
		if a == change {
			return []int{200}
		}
		return []int{200, 403, 404}
	}
	if i%3 < 2 {
		place := len(looks)
		if i%3 == 1 {
			place /= 2
		}
		_, err := r.Run(ctx, slices.Insert(slices.Clone(looks), place, change), allowed)
		return err
	}
	errs := make([]error, 2)
	var looking sync.WaitGroup
	looking.Go(func() { _, errs[0] = r.Run(ctx, looks, allowed) })
	if err := oracle.Pause(ctx, time.Duration(i)*400*time.Microsecond); err != nil {
		return err
	}
	x, err := r.World.Client.Do(ctx, oracle.RequestOf(r.World.Scene, change))
	if err == nil {
		err = judgeAlone(r.World.Scene, oracle.Expectation{Status: 200}, change, x)
	}
	errs[1] = err
	looking.Wait()
	return oracle.FirstFailure(errs)
}

// judgeAfter sends actions at the same instant that change nothing, and judges each by the model.
func judgeAfter(ctx context.Context, r *oracle.Race, actions ...oracle.Action) error {
	attempts, err := r.Run(ctx, actions, func(a oracle.Action) []int { return []int{r.World.Expected(a).Status} })
	if err != nil {
		return err
	}
	for _, s := range attempts {
		if err := judgeAlone(r.World.Scene, r.World.Expected(s.Action), s.Action, s.Exchange); err != nil {
			return err
		}
	}
	return nil
}

// newList is a list with a query that nobody sent before.
func newList(as string, i int) oracle.Action {
	a := oracle.Lists(as)
	a.Query.Limit = 100 - i
	return a
}

func firstLooksBesideDelete(ctx context.Context, c *suite.Client) error {
	r := bareRace(c)
	for i, track := range raceNames[:coldTracks] {
		change := oracle.Deletes("creator", track)
		looks := serving(ctx, c,
			oracle.Gets("creator", track),
			oracle.Gets("saver", track),
			newList("creator", i),
			newList("saver", i),
			oracle.Deletes("saver", track),
		)
		during := looks
		if i%4 == 3 {
			during = append(serving(ctx, c, oracle.Unsaves("creator", track)), during...)
		}
		if err := besideChange(ctx, r, i, during, change); err != nil {
			return err
		}
		r.World.Model.Apply(change)
		again := append(slices.Repeat(looks, 2), change)
		again = append(again, serving(ctx, c, oracle.Unsaves("saver", track), oracle.Unsaves("creator", track))...)
		if err := judgeAfter(ctx, r, again...); err != nil || r.Over() {
			return err
		}
	}
	return nil
}

func firstLooksBesideUnsave(ctx context.Context, c *suite.Client) error {
	r := bareRace(c)
	for i, track := range raceNames[:coldTracks] {
		change := oracle.Unsaves("saver", track)
		looks := serving(ctx, c, oracle.Gets("saver", track), newList("saver", i), oracle.Deletes("saver", track))
		if err := besideChange(ctx, r, i, slices.Repeat(looks, 2), change); err != nil {
			return err
		}
		r.World.Model.Apply(change)
		again := append(slices.Repeat(looks, 2), change, oracle.Gets("creator", track))
		if err := judgeAfter(ctx, r, serving(ctx, c, again...)...); err != nil || r.Over() {
			return err
		}
	}
	return nil
}

func refusedLooksBeforeDelete(ctx context.Context, c *suite.Client) error {
	r := bareRace(c)
	for i, track := range turnNames[:4] {
		refused := serving(ctx, c,
			oracle.Gets("member", track),
			oracle.Deletes("member", track),
			oracle.Gets("outsider", track),
			oracle.Unsaves("member", track),
		)
		// As many as a pool of connections to a store may have.
		if err := judgeAfter(ctx, r, slices.Repeat(refused, 3)...); err != nil {
			return err
		}
		change := oracle.Deletes("creator", track)
		x, err := c.Do(ctx, oracle.RequestOf(c.Scene, change))
		if err != nil {
			return err
		}
		if err := judgeAlone(c.Scene, r.World.Model.Apply(change), change, x); err != nil {
			return err
		}
		looks := serving(ctx, c,
			oracle.Gets("creator", track),
			oracle.Gets("saver", track),
			newList("creator", i),
			newList("saver", i),
			oracle.Deletes("saver", track),
		)
		if err := judgeAfter(ctx, r, slices.Repeat(looks, 3)...); err != nil || r.Over() {
			return err
		}
	}
	return nil
}
