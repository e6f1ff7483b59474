package cases

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/expect"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/explore"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/oracle"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// concurrencyCases are races, made as likely as a client can make them, and recorded histories.
func concurrencyCases() []suite.Case {
	return []suite.Case{
		{
			Area: concurrency, Slug: "one-delete-wins",
			Title:     "Of several simultaneous deletes of one track exactly one succeeds",
			Operation: requirement.DeleteTrack,
			Requirements: []requirement.ID{
				requirement.DeleteOneSucceeds,
				requirement.DeleteRepeatIs404,
			},
			Statuses: []int{200, 404},
			Scene:    sceneRaces,
			Sends: "The creator's delete of one track two to six times at the same instant, for one track " +
				"after another.",
			Expects: "One 200 and otherwise 404 for each track, and one event in its history.",
			Run:     oneDeleteWins,
		},
		{
			Area: concurrency, Slug: "one-delete-wins-again-and-again",
			Title: "Of two or three simultaneous deletes of one track exactly one succeeds, for one track " +
				"after another",
			Operation:    requirement.DeleteTrack,
			Requirements: []requirement.ID{requirement.DeleteOneSucceeds},
			Statuses:     []int{200, 404},
			Scene:        sceneMany,
			Sends: "The creator's delete of one track two or three times at the same instant, for as many " +
				"tracks as there is time for in three seconds, up to 160.",
			Expects: "One 200 and otherwise 404 for each track.",
			Run: func(ctx context.Context, c *suite.Client) error {
				r := &oracle.Race{World: &oracle.World{Client: c, Scene: c.Scene}, Start: time.Now()} // nobody looks at it
				for i, t := range c.Scene.Request.Tracks {
					if err := oneWins(ctx, r, oracle.Deletes("creator", t.Name), 2+i%2); err != nil || r.Over() {
						return err
					}
				}
				return nil
			},
		},
		{
			Area: concurrency, Slug: "deletes-of-different-tracks",
			Title:     "Simultaneous deletes of different tracks all take effect",
			Operation: requirement.DeleteTrack,
			Requirements: []requirement.ID{
				requirement.DeleteLinearizable,
				requirement.DeleteAcknowledgement,
				requirement.DeleteLeavesEveryLibrary,
			},
			Statuses: []int{200},
			Scene:    sceneRaces,
			Sends:    "The creator's deletes of six tracks at the same instant, several times.",
			Expects:  "200 with the right id for each; then each is gone for everyone, and has its event.",
			Run:      deletesOfDifferentTracks,
		},
		{
			Area: concurrency, Slug: "delete-beside-saver",
			Title:     "The creator's delete succeeds during deletes by a caller who only saved the track",
			Operation: requirement.DeleteTrack,
			Requirements: []requirement.ID{
				requirement.DeleteLinearizable,
				requirement.DeleteOnlyCreator,
				requirement.DeleteGoneForEverybody,
			},
			Statuses: []int{200, 403, 404},
			Scene:    sceneRaces,
			Sends: "The creator's delete and three of a saver's at the same instant, then the saver's once " +
				"more, for one track after another.",
			Expects: "200 for the creator; 403 or 404 for the saver, and 404 after the creator's response; " +
				"one event, by the creator.",
			Run: deleteBesideSaver,
		},
		{
			Area: concurrency, Slug: "deleted-is-not-seen-again",
			Title:     "Nobody sees a track once its delete was answered, however many read it meanwhile",
			Operation: requirement.DeleteTrack,
			Requirements: []requirement.ID{
				requirement.DeleteLeavesEveryLibrary,
				requirement.DeleteGoneForEverybody,
				requirement.DeleteLinearizable,
			},
			Statuses: []int{200, 404},
			Scene:    sceneRaces,
			Sends: "Gets, lists and a saver's deletes in loops, before, during and after the creator's " +
				"delete, for four tracks.",
			Expects: "The track is seen by every request that ended before the delete was sent, and by " +
				"none that began after its response.",
			Run: deletedIsNotSeenAgain,
		},
		{
			Area: concurrency, Slug: "delete-beside-unsaves",
			Title:     "A simultaneous delete and unsaves do not undo one another",
			Operation: requirement.UnsaveTrack,
			Requirements: []requirement.ID{
				requirement.UnsaveLeavesLibrary,
				requirement.UnsaveNothingElse,
				requirement.DeleteStaysDeleted,
				requirement.DeleteNothingElse,
			},
			Statuses: []int{200, 404},
			Scene:    sceneRaces,
			Sends: "The creator's delete of a track, everyone's unsave of it, and everyone's unsave of " +
				"another one, at the same instant, for one pair after another.",
			Expects: "The track deleted and the other one in no library, whatever came first.",
			Run:     deleteBesideUnsaves,
		},
		{
			Area: concurrency, Slug: "unsaves-at-once",
			Title:     "Simultaneous unsaves all take effect",
			Operation: requirement.UnsaveTrack,
			Requirements: []requirement.ID{
				requirement.UnsaveLeavesLibrary,
				requirement.UnsaveNothingElse,
				requirement.UnsaveAcknowledgement,
				requirement.UnsaveEndsAccess,
				requirement.UnsaveIdempotentWithAccess,
			},
			Statuses: []int{200, 404},
			Scene:    sceneRaces,
			Sends: "Six unsaves of three tracks by two callers at the same instant, then three by each " +
				"caller of one further track, several times.",
			Expects: "200 for each of the six; of the further track, 200 for its creator each time, and " +
				"for the other caller once and then 404; those tracks in no library, and all others where " +
				"they were.",
			Run: unsavesAtOnce,
		},
		{
			Area: concurrency, Slug: "requests-are-kept-apart",
			Title: "Simultaneous requests of different callers are answered as if each had come alone",
			Requirements: []requirement.ID{
				requirement.InputLoad,
				requirement.AccessMatrix,
				requirement.ErrorTraceIDUnique,
				requirement.DeleteRefusedChangesNothing,
			},
			Scene: sceneStandard,
			Sends: "Twelve requests of all actors at the same instant, none of which may change anything, " +
				"sixteen times.",
			Expects: "For each the response that it gets alone, about its own track and with a trace_id of its own.",
			Run:     requestsAreKeptApart,
		},
		{
			Area: concurrency, Slug: "linearizable",
			Title: "Concurrent requests have the outcome of some order in which they are carried out one " +
				"by one",
			Operation:    requirement.DeleteTrack,
			Requirements: []requirement.ID{requirement.DeleteLinearizable},
			Scene:        explore.SceneSequence,
			Sends: "Random deletes, gets, lists and unsaves of six concurrent clients on the same three " +
				"tracks, twice.",
			Expects: "An order of the requests, each between its sending and its response, that explains " +
				"every response.",
			Run: explore.Linearizable,
		},
	}
}

func oneDeleteWins(ctx context.Context, c *suite.Client) error {
	r, err := oracle.NewRace(ctx, c)
	if err != nil {
		return err
	}
	for i, track := range raceNames {
		a := oracle.Deletes("creator", track)
		if err := oneWins(ctx, r, a, []int{6, 2, 4, 6}[i%4]); err != nil {
			return err
		}
		r.World.Apply(a)
		if r.Over() {
			break
		}
	}
	return r.World.Verify(ctx)
}

// oneWins lets several of the same delete loose.
func oneWins(ctx context.Context, r *oracle.Race, a oracle.Action, attempts int) error {
	shots, err := r.Run(ctx, oracle.Times(attempts, a), func(oracle.Action) []int { return []int{200, 404} })
	if err != nil {
		return err
	}
	won := 0
	for _, s := range shots {
		if s.Exchange.Status == 200 {
			won++
		}
	}
	if won != 1 {
		expected := fmt.Sprintf("one 200 and %d × 404 to %d deletes of %s at the same time", attempts-1, attempts, a.Track)
		return suite.Fail(expected, oracle.Tally(shots), oracle.ExchangesOf(shots)...)
	}
	return nil
}

func deletesOfDifferentTracks(ctx context.Context, c *suite.Client) error {
	r, err := oracle.NewRace(ctx, c)
	if err != nil {
		return err
	}
	for tracks := range slices.Chunk(raceNames, 6) {
		var actions []oracle.Action
		for _, track := range tracks {
			actions = append(actions, oracle.Deletes("creator", track))
		}
		if _, err := r.Run(ctx, actions, func(oracle.Action) []int { return []int{200} }); err != nil {
			return err
		}
		for _, a := range actions {
			r.World.Apply(a)
		}
		if r.Over() {
			break
		}
	}
	return r.World.Verify(ctx)
}

func deleteBesideSaver(ctx context.Context, c *suite.Client) error {
	r, err := oracle.NewRace(ctx, c)
	if err != nil {
		return err
	}
	for _, track := range raceNames {
		byCreator := oracle.Deletes("creator", track)
		bySaver := oracle.Deletes("saver", track)
		actions := append(oracle.Times(3, bySaver), byCreator)
		c.Rand().Shuffle(len(actions), func(i, j int) { actions[i], actions[j] = actions[j], actions[i] })
		shots, err := r.Run(ctx, actions, func(a oracle.Action) []int {
			if a == byCreator {
				return []int{200}
			}
			return []int{403, 404}
		})
		if err != nil {
			return err
		}
		deleted := shots[slices.Index(actions, byCreator)]
		for _, s := range shots {
			if s.Exchange.Status == 403 && s.Sent.After(deleted.Answered) {
				return suite.Fail("404 to the saver's delete, which was sent after the creator's was answered",
					expect.Describe(s.Exchange), deleted.Exchange, s.Exchange)
			}
		}
		r.World.Apply(byCreator)
		x, err := c.Do(ctx, oracle.RequestOf(c.Scene, bySaver))
		if err != nil {
			return err
		}
		if err := expect.Error(x, 404); err != nil {
			return err
		}
		if r.Over() {
			break
		}
	}
	return r.World.Verify(ctx)
}

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
	shots, err := r.Run(ctx, same, func(a oracle.Action) []int {
		if a.As == "creator" {
			return []int{200}
		}
		return []int{200, 404}
	})
	if err != nil {
		return err
	}
	if bySaver := shots[3:]; oracle.Tally(bySaver) != "1 × 200, 2 × 404" {
		expected := "1 × 200, 2 × 404 to three unsaves of " + another +
			" at the same time by a caller who had it only by saving"
		return suite.Fail(expected, oracle.Tally(bySaver), oracle.ExchangesOf(bySaver)...)
	}
	for _, a := range slices.Concat(different, same) {
		r.World.Apply(a)
	}
	return nil
}

const (
	apartAtOnce = 12
	apartRounds = 16
)

func requestsAreKeptApart(ctx context.Context, c *suite.Client) error {
	r, err := oracle.NewRace(ctx, c)
	if err != nil {
		return err
	}
	harmless := []oracle.Action{
		oracle.Deletes("saver", "song"),
		oracle.Deletes("member", "song"),
		oracle.Deletes("outsider", "song"),
		oracle.Deletes("", "song"),
		oracle.Deletes("saver", "after"),
		oracle.Deletes("creator", "foreign"),
		oracle.Deletes("creator", "foreign").In("abroad"),
	}
	for _, a := range []oracle.Action{
		oracle.Gets("creator", "song"),
		oracle.Gets("member", "before"),
		oracle.Gets("outsider", "foreign").In("abroad"),
		oracle.Lists("saver"),
		oracle.Lists("outsider").In("abroad"),
		oracle.Unsaves("member", "before"),
	} {
		if c.Serves(ctx, a.Operation) {
			harmless = append(harmless, a)
		}
	}
	traces := map[string]*wire.Exchange{}
	for range apartRounds {
		var actions []oracle.Action
		for i, n := 0, c.Rand().IntN(len(harmless)); i < apartAtOnce; i++ {
			actions = append(actions, harmless[(n+i)%len(harmless)])
		}
		shots, err := r.Run(ctx, actions, func(a oracle.Action) []int { return []int{r.World.Model.Apply(a).Status} })
		if err != nil {
			return err
		}
		for _, s := range shots {
			if odd := explore.JudgeAnswer(c.Scene, s.Action, r.World.Model.Apply(s.Action), s.Exchange); odd != "" {
				expected := r.World.Model.Apply(s.Action).Describe(s.Action)
				return suite.Fail(fmt.Sprintf("%s to be answered %s", s.Action, expected), odd, s.Exchange)
			}
			if err := expect.NewTrace(traces, s.Exchange); err != nil {
				return err
			}
		}
		if r.Over() {
			break
		}
	}
	return r.World.Verify(ctx)
}

const (
	seenTracks = 4
	seenAfter  = 2 // looks of each loop that have to begin after the delete was answered
)

// look is one look at a track, and whether it was seen.
type look struct {
	oracle.Attempt
	seen bool
}

func deletedIsNotSeenAgain(ctx context.Context, c *suite.Client) error {
	r, err := oracle.NewRace(ctx, c)
	if err != nil {
		return err
	}
	var kinds []oracle.Action
	for _, a := range []oracle.Action{
		{Operation: requirement.GetTrack, As: "creator"}, {Operation: requirement.GetTrack, As: "saver"},
		{Operation: requirement.ListSavedTracks, As: "creator"}, {Operation: requirement.ListSavedTracks, As: "saver"},
		{Operation: requirement.DeleteTrack, As: "saver"},
	} {
		if c.Serves(ctx, a.Operation) {
			kinds = append(kinds, a)
		}
	}
	for _, track := range raceNames[:seenTracks] {
		if err := lookBesideDelete(ctx, c, kinds, track); err != nil {
			return err
		}
		r.World.Apply(oracle.Deletes("creator", track))
		if r.Over() {
			break
		}
	}
	return r.World.Verify(ctx)
}

// lookBesideDelete looks at a track in loops, one for each kind, deletes it meanwhile, and judges
// every look by when it began and ended.
func lookBesideDelete(ctx context.Context, c *suite.Client, kinds []oracle.Action, track string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	looks := make([][]look, len(kinds))
	errs := make([]error, len(kinds)+1)
	looked := make(chan struct{}, len(kinds))
	deleted := make(chan struct{})
	var loops sync.WaitGroup
	for i, a := range kinds {
		a.Organization, a.Track = "home", track
		loops.Go(func() {
			first := sync.OnceFunc(func() { looked <- struct{}{} })
			defer first()
			for after := 0; after < seenAfter; {
				select {
				case <-deleted:
					after++
				default:
				}
				l, err := lookOnce(ctx, c, a)
				if err != nil {
					errs[i] = err
					cancel()
					return
				}
				looks[i] = append(looks[i], l)
				first()
			}
		})
	}
	for range kinds {
		<-looked
	}
	remove := oracle.Attempt{Action: oracle.Deletes("creator", track), Sent: time.Now()}
	remove.Exchange, errs[len(kinds)] = c.Do(ctx, oracle.RequestOf(c.Scene, remove.Action))
	remove.Answered = time.Now()
	close(deleted)
	loops.Wait()
	if err := oracle.FirstFailure(errs); err != nil {
		return err
	}
	if err := expect.Acknowledged(remove.Exchange, c.Scene.Track(track)); err != nil {
		return err
	}
	for _, of := range looks {
		for _, l := range of {
			if l.seen && l.Sent.After(remove.Answered) {
				return suite.Fail(fmt.Sprintf("%s to be seen by nobody whose request began after the delete was answered", track),
					fmt.Sprintf("%s %v after the response: %s", l.Action,
						l.Sent.Sub(remove.Answered).Round(time.Microsecond), expect.Describe(l.Exchange)),
					remove.Exchange, l.Exchange)
			}
			if !l.seen && l.Answered.Before(remove.Sent) {
				return suite.Fail(fmt.Sprintf("%s to be seen as long as nobody deletes it", track),
					fmt.Sprintf("%s before the delete was sent: %s", l.Action, expect.Describe(l.Exchange)), l.Exchange)
			}
		}
	}
	return nil
}

// lookOnce takes one look: a get (200 or 404), a list, or a delete of somebody who may not (403 or
// 404).
func lookOnce(ctx context.Context, c *suite.Client, a oracle.Action) (look, error) {
	l := look{Attempt: oracle.Attempt{Action: a, Sent: time.Now()}}
	var err error
	l.Exchange, err = c.Do(ctx, oracle.RequestOf(c.Scene, a))
	l.Answered = time.Now()
	if err != nil {
		return l, err
	}
	switch a.Operation {
	case requirement.GetTrack:
		l.seen = l.Exchange.Status == 200
		err = expect.Status(l.Exchange, 200, 404)
	case requirement.DeleteTrack:
		l.seen = l.Exchange.Status == 403
		err = expect.Status(l.Exchange, 403, 404)
	default:
		if err = expect.Status(l.Exchange, 200); err == nil {
			var page expect.TrackPage
			page, err = expect.Page(l.Exchange)
			l.seen = slices.Contains(page.IDs(), c.Scene.Track(a.Track))
		}
	}
	if err == nil {
		err = l.JudgeBody(c.Scene)
	}
	return l, err
}
