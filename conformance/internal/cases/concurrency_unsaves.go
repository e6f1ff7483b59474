package cases

import (
	"context"
	"slices"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/oracle"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
)

func deleteBesideUnsaves(ctx context.Context, c *suite.Client) error {
	r, err := oracle.NewRace(ctx, c)
	if err != nil {
		return err
	}
	for pair := range slices.Chunk(raceNames, 2) {
		if r.Over() {
			break
		}
		track, other := pair[0], pair[1]
		remove := oracle.Deletes("creator", track)
		var actions []oracle.Action
		for _, as := range []string{"saver", "creator"} {
			for _, name := range []string{track, other} {
				actions = append(actions, oracle.Unsaves(as, name))
			}
		}
		actions = append(actions, remove)
		c.Rand().Shuffle(len(actions), func(i, j int) { actions[i], actions[j] = actions[j], actions[i] })
		_, err := r.Run(ctx, actions, func(a oracle.Action) []int {
			if a.Track == track && a != remove {
				return []int{200, 404}
			}
			return []int{200}
		})
		if err != nil {
			return err
		}
		r.World.Apply(remove)
		for _, a := range actions {
			r.World.Apply(a)
		}
	}
	return r.World.Verify(ctx)
}

func unsavesAtOnce(ctx context.Context, c *suite.Client) error {
	r, err := oracle.NewRace(ctx, c)
	if err != nil {
		return err
	}
	for tracks := range slices.Chunk(raceNames, 4) {
		if err := unsaveAtOnce(ctx, r, tracks[:3], tracks[3]); err != nil {
			return err
		}
		if r.Over() {
			break
		}
	}
	return r.World.Verify(ctx)
}

// unsaveAtOnce takes some tracks out of both libraries, each once, and then another one several
// times.
func unsaveAtOnce(ctx context.Context, r *oracle.Race, some []string, another string) error {
	var different []oracle.Action
	for _, track := range some {
		different = append(different, oracle.Unsaves("creator", track), oracle.Unsaves("saver", track))
	}
	if _, err := r.Run(ctx, different, func(oracle.Action) []int { return []int{200} }); err != nil {
		return err
	}
	same := slices.Concat(
		oracle.Times(3, oracle.Unsaves("creator", another)),
		oracle.Times(3, oracle.Unsaves("saver", another)),
	)
	results, err := r.Run(ctx, same, func(a oracle.Action) []int {
		if a.As == "creator" {
			return []int{200}
		}
		return []int{200, 404}
	})
	if err != nil {
		return err
	}
	if bySaver := results[3:]; oracle.Tally(bySaver) != "1 × 200, 2 × 404" {
		expected := "1 × 200, 2 × 404 to three unsaves of " + another +
			" at the same time by a caller who had it only by saving"
		return suite.Fail(expected, oracle.Tally(bySaver), oracle.ExchangesOf(bySaver)...)
	}
	for _, a := range slices.Concat(different, same) {
		r.World.Apply(a)
	}
	return nil
}
