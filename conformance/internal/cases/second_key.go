package cases

import (
	"context"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/oracle"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// secondKeyCases are about users with two keys, who are one user all the same: what a track
// belongs to is the user and not the key.
func secondKeyCases() []suite.Case {
	needs := []provision.Feature{provision.FeatureExtraKeys}
	return []suite.Case{
		{
			Area: deleteTrack, Slug: "second-key-is-the-same-user",
			Title:     "Whoever has two keys is the creator with both, and a saver with both",
			Operation: requirement.DeleteTrack,
			Requirements: []requirement.ID{
				requirement.DeleteCreatorMay,
				requirement.DeleteOnlyCreator,
				requirement.DeleteRepeatIs404,
			},
			Statuses: []int{200, 403, 404},
			Needs:    needs,
			Scene:    sceneSecondKeys,
			Sends: "Deletes of one track with a saver's two keys; then of two tracks with the creator's two keys, the second " +
				"key first and the first key first.",
			Expects: "403 for the saver; 200 for the first delete of each track, 404 for the second, and one event by the creator.",
			Run: func(ctx context.Context, c *suite.Client) error {
				second := c.Scene.ExtraKey("creator-second").Key
				return withKeys(ctx, c, []keyUse{
					{oracle.Deletes("saver", "song"), c.Scene.ExtraKey("saver-second").Key},
					{oracle.Deletes("saver", "song"), ""},
					{oracle.Deletes("creator", "song"), second},
					{oracle.Deletes("creator", "song"), ""},
					{oracle.Deletes("creator", "song"), second},
					{oracle.Deletes("creator", "before"), ""},
					{oracle.Deletes("creator", "before"), second},
				})
			},
		},
		{
			Area: getTrack, Slug: "second-key-is-the-same-user",
			Title:     "Whoever has two keys gets the same tracks with both",
			Operation: requirement.GetTrack,
			Requirements: []requirement.ID{
				requirement.GetWithAccess,
				requirement.GetNoAccessIs404,
			},
			Statuses: []int{200, 404},
			Needs:    needs,
			Scene:    sceneSecondKeys,
			Sends:    "Gets of every track with a creator's and a saver's second keys, and with their first ones.",
			Expects:  "200 and the same track with either key where the user has access, and 404 elsewhere.",
			Run: func(ctx context.Context, c *suite.Client) error {
				var uses []keyUse
				for _, t := range c.Scene.Request.Tracks {
					for _, as := range []string{"creator", "saver"} {
						gets := oracle.Gets(as, t.Name).In(t.Organization)
						uses = append(uses, keyUse{gets, c.Scene.ExtraKey(as + "-second").Key}, keyUse{gets, ""})
					}
				}
				return withKeys(ctx, c, uses)
			},
		},
		{
			Area: listTracks, Slug: "second-key-is-the-same-user",
			Title:        "Whoever has two keys has one library",
			Operation:    requirement.ListSavedTracks,
			Requirements: []requirement.ID{requirement.ListOwnSaves},
			Statuses:     []int{200},
			Needs:        needs,
			Scene:        sceneSecondKeys,
			Sends:        "Lists with a creator's and a saver's second keys, and with their first ones.",
			Expects:      "The same library with either key.",
			Run: func(ctx context.Context, c *suite.Client) error {
				w := oracle.NewWorldWithoutHistories(ctx, c, c.Scene)
				for _, as := range []string{"creator", "saver"} {
					if err := listsAlike(ctx, w, as); err != nil {
						return err
					}
				}
				return nil
			},
		},
		{
			Area: deleteTrack, Slug: "every-key-of-a-leaver-gets-404",
			Title:     "Whoever leaves an organization has no access to it with any key",
			Operation: requirement.DeleteTrack,
			Requirements: []requirement.ID{
				requirement.AccessMembersOnly,
				requirement.AccessWhoLeftHasNone,
			},
			Statuses: []int{404},
			Needs:    []provision.Feature{provision.FeatureExtraKeys, provision.FeatureEndMembership},
			Scene:    sceneKeysOfLeaver,
			Sends: "A saver's gets, lists and refused deletes with two keys by turns, in either header; then the saver leaves the " +
				"organization, and the same is sent again, with the saver's unsaves.",
			Expects: "404 with each key in each header; the other organization as before, and the creator's delete is 200.",
			Run:     everyKeyOfLeaver,
		},
		{
			Area: unsaveTrack, Slug: "second-key-is-the-same-user",
			Title:     "Whoever has two keys takes a track out of one library with either",
			Operation: requirement.UnsaveTrack,
			Requirements: []requirement.ID{
				requirement.UnsaveLeavesLibrary,
				requirement.UnsaveEndsAccess,
			},
			Statuses: []int{200, 404},
			Needs:    needs,
			Scene:    sceneSecondKeys,
			Sends:    "A saver's unsave with the second key, then with the first one; and the other way round for another track.",
			Expects:  "200, then 404; the library without the track, and without access to it, with either key.",
			Run: func(ctx context.Context, c *suite.Client) error {
				second := c.Scene.ExtraKey("saver-second").Key
				return withKeys(ctx, c, []keyUse{
					{oracle.Unsaves("saver", "song"), second},
					{oracle.Unsaves("saver", "song"), ""},
					{oracle.Unsaves("saver", "before"), ""},
					{oracle.Unsaves("saver", "before"), second},
				})
			},
		},
	}
}

// everyKeyOfLeaver uses both keys until caches have them, ends the membership, and uses them again.
func everyKeyOfLeaver(ctx context.Context, c *suite.Client) error {
	w := oracle.NewWorldWithoutHistories(ctx, c, c.Scene)
	keys := []string{c.Scene.User("saver").Key, c.Scene.ExtraKey("saver-second").Key}
	each := func(actions ...oracle.Action) error {
		for _, a := range serving(ctx, c, actions...) {
			for i := range 2 * len(keys) {
				options := []suite.RequestOption{suite.WithKey(keys[i%len(keys)])}
				if i >= len(keys) {
					options = append(options, suite.WithBearer())
				}
				if err := w.Perform(ctx, a, options...); err != nil {
					return err
				}
			}
		}
		return nil
	}
	looks := []oracle.Action{
		oracle.Gets("saver", "song"),
		oracle.Lists("saver"),
		oracle.Deletes("saver", "song"),
		oracle.Gets("saver", "away").In("abroad"),
	}
	if err := each(looks...); err != nil {
		return err
	}
	if err := w.EndMembership(ctx, "saver", "home"); err != nil {
		return err
	}
	if err := each(append(looks, oracle.Unsaves("saver", "song"), oracle.Lists("saver").In("abroad"))...); err != nil {
		return err
	}
	return w.Perform(ctx, oracle.Deletes("creator", "song"))
}

// keyUse is an action with a key of its actor; "" is the first one.
type keyUse struct {
	action oracle.Action
	key    string
}

// withKeys carries out actions, each with a key of its actor, and verifies the world before and
// after them. The libraries of those with two keys are listed with both.
func withKeys(ctx context.Context, c *suite.Client, uses []keyUse) error {
	w, err := oracle.Observe(ctx, c)
	if err != nil {
		return err
	}
	for _, use := range uses {
		var options []suite.RequestOption
		if use.key != "" {
			options = append(options, suite.WithKey(use.key))
		}
		if err := w.Perform(ctx, use.action, options...); err != nil {
			return err
		}
	}
	if c.Serves(ctx, requirement.ListSavedTracks) {
		for _, as := range []string{"creator", "saver"} {
			if err := listsAlike(ctx, w, as); err != nil {
				return err
			}
		}
	}
	return w.Verify(ctx)
}

// listsAlike lists the library of a user with its second key and with its first.
func listsAlike(ctx context.Context, w *oracle.World, as string) error {
	for _, key := range []string{w.Scene.ExtraKey(as + "-second").Key, w.Scene.User(as).Key} {
		found, err := w.ObserveWindow(ctx, oracle.Lists(as), suite.WithKey(key))
		if err != nil {
			return err
		}
		if found != nil {
			return suite.Fail(found.Expected+" with each key of "+as, found.Actual, found.Exchange)
		}
	}
	return nil
}
