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
			ID:           "concurrency/one-delete-wins",
			Title:        "Of several deletes of one track at the same time exactly one succeeds",
			Operation:    requirement.DeleteTrack,
			Requirements: []string{"delete.one-succeeds", "delete.repeat-is-404"},
			Statuses:     []int{200, 404},
			Scene:        sceneRaces,
			Sends:        "The creator's delete of one track two to six times at the same instant, for one track after another.",
			Expects:      "One 200 and otherwise 404 for each track, and one event in its history.",
			Run:          oneDeleteWins,
		},
		{
			ID:           "concurrency/one-delete-wins-again-and-again",
			Title:        "Of two or three deletes of one track at the same time exactly one succeeds, however often it is tried",
			Operation:    requirement.DeleteTrack,
			Requirements: []string{"delete.one-succeeds"},
			Statuses:     []int{200, 404},
			Scene:        sceneMany,
			Sends:        "The creator's delete of one track two or three times at the same instant, for as many tracks as there is time for in three seconds, up to 160.",
			Expects:      "One 200 and otherwise 404 for each track.",
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
			ID:           "concurrency/deletes-of-different-tracks",
			Title:        "Deletes of different tracks at the same time all take effect",
			Operation:    requirement.DeleteTrack,
			Requirements: []string{"delete.linearizable", "delete.acknowledgement", "delete.leaves-every-library"},
			Statuses:     []int{200},
			Scene:        sceneRaces,
			Sends:        "The creator's deletes of six tracks at the same instant, several times.",
			Expects:      "200 with the right id for each, and none of them in any library, to be got, or without its event.",
			Run:          deletesOfDifferentTracks,
		},
		{
			ID:           "concurrency/delete-beside-saver",
			Title:        "A delete of the creator's succeeds beside deletes of somebody who only saved the track",
			Operation:    requirement.DeleteTrack,
			Requirements: []string{"delete.linearizable", "delete.only-creator", "delete.gone-for-everybody"},
			Statuses:     []int{200, 403, 404},
			Scene:        sceneRaces,
			Sends:        "The creator's delete and three of a saver's at the same instant, and the saver's once more, for one track after another.",
			Expects:      "200 for the creator; 403 or 404 for the saver, and 404 from the creator's answer on; one event, of the creator's.",
			Run:          deleteBesideSaver,
		},
		{
			ID:           "concurrency/deleted-is-not-seen-again",
			Title:        "Nobody sees a track after its delete was answered, however many look at it meanwhile",
			Operation:    requirement.DeleteTrack,
			Requirements: []string{"delete.leaves-every-library", "delete.gone-for-everybody", "delete.linearizable"},
			Statuses:     []int{200, 404},
			Scene:        sceneRaces,
			Sends:        "Gets, lists and a saver's deletes in loops beside the creator's delete, for four tracks.",
			Expects:      "The track for everybody before the delete was sent, and for nobody whose request began after it was answered.",
			Run:          deletedIsNotSeenAgain,
		},
		{
			ID:           "concurrency/delete-beside-unsaves",
			Title:        "A delete and unsaves at the same time undo nothing of one another",
			Operation:    requirement.UnsaveTrack,
			Requirements: []string{"unsave.leaves-library", "unsave.nothing-else", "delete.stays-deleted", "delete.nothing-else"},
			Statuses:     []int{200, 404},
			Scene:        sceneRaces,
			Sends:        "The creator's delete of a track, everybody's unsave of it, and everybody's unsave of another one, at the same instant, for one pair after another.",
			Expects:      "The track deleted and the other one in no library, whatever came first.",
			Run:          deleteBesideUnsaves,
		},
		{
			ID:           "concurrency/unsaves-at-once",
			Title:        "Unsaves at the same time all take effect",
			Operation:    requirement.UnsaveTrack,
			Requirements: []string{"unsave.leaves-library", "unsave.nothing-else", "unsave.acknowledgement", "unsave.ends-access", "unsave.idempotent-with-access"},
			Statuses:     []int{200, 404},
			Scene:        sceneRaces,
			Sends:        "Six unsaves of three tracks by two callers at the same instant, then three of each caller of one track, several times.",
			Expects:      "200 for each of the six, and for the creator of the one track each time; for the other caller once, and then 404; those tracks in no library, and all others where they were.",
			Run:          unsavesAtOnce,
		},
		{
			ID:           "concurrency/requests-are-kept-apart",
			Title:        "Requests of different callers at the same time are answered as if each had come alone",
			Requirements: []string{"input.load", "access.matrix", "error.trace-id-unique", "delete.refused-changes-nothing"},
			Scene:        sceneStandard,
			Sends:        "Twelve requests of all actors at the same instant, none of which may change anything, sixteen times.",
			Expects:      "To each the answer that it gets alone, about its own track and with a trace_id of its own.",
			Run:          requestsAreKeptApart,
		},
		{
			ID:           "concurrency/linearizable",
			Title:        "A recorded history of concurrent requests has an order in which it would have come out one by one",
			Operation:    requirement.DeleteTrack,
			Requirements: []string{"delete.linearizable"},
			Scene:        explore.SceneSequence,
			Sends:        "Random deletes, gets, lists and unsaves of six clients beside one another on the same three tracks, twice.",
			Expects:      "An order of the requests, each between its sending and its answer, that gives every answer.",
			Run:          explore.Linearizable,
		},
	}
}

func oneDeleteWins(ctx context.Context, c *suite.Client) error {
	r, err := oracle.NewRace(ctx, c)
	if err != nil {
		return err
	}
	for i, track := range raceNames {
		a := oracle.Action{Operation: requirement.DeleteTrack, As: "creator", Organization: "home", Track: track}
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
		return suite.Fail(fmt.Sprintf("one 200 and %d × 404 to %d deletes of %s at the same time", attempts-1, attempts, a.Track), oracle.Tally(shots), oracle.ExchangesOf(shots)...)
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
			actions = append(actions, oracle.Action{Operation: requirement.DeleteTrack, As: "creator", Organization: "home", Track: track})
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
		byCreator := oracle.Action{Operation: requirement.DeleteTrack, As: "creator", Organization: "home", Track: track}
		bySaver := oracle.Action{Operation: requirement.DeleteTrack, As: "saver", Organization: "home", Track: track}
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
				return suite.Fail("404 to the saver's delete, which was sent after the creator's was answered", expect.Describe(s.Exchange), deleted.Exchange, s.Exchange)
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
		remove := oracle.Action{Operation: requirement.DeleteTrack, As: "creator", Organization: "home", Track: track}
		var actions []oracle.Action
		for _, as := range []string{"saver", "creator"} {
			for _, name := range []string{track, other} {
				actions = append(actions, oracle.Action{Operation: requirement.UnsaveTrack, As: as, Organization: "home", Track: name})
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
	unsave := func(as, track string) oracle.Action {
		return oracle.Action{Operation: requirement.UnsaveTrack, As: as, Organization: "home", Track: track}
	}
	for tracks := range slices.Chunk(raceNames, 4) {
		if err := unsaveAtOnce(ctx, r, tracks[:3], tracks[3], unsave); err != nil {
			return err
		}
		if r.Over() {
			break
		}
	}
	return r.World.Verify(ctx)
}

// unsaveAtOnce takes some tracks out of both libraries, each once, and then another one several times.
func unsaveAtOnce(ctx context.Context, r *oracle.Race, some []string, another string, unsave func(as, track string) oracle.Action) error {
	var different []oracle.Action
	for _, track := range some {
		different = append(different, unsave("creator", track), unsave("saver", track))
	}
	if _, err := r.Run(ctx, different, func(oracle.Action) []int { return []int{200} }); err != nil {
		return err
	}
	same := append(oracle.Times(3, unsave("creator", another)), oracle.Times(3, unsave("saver", another))...)
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
		return suite.Fail(fmt.Sprintf("1 × 200, 2 × 404 to three unsaves of %s at the same time by somebody who had it by saving alone", another), oracle.Tally(bySaver), oracle.ExchangesOf(bySaver)...)
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
		{Operation: requirement.DeleteTrack, As: "saver", Organization: "home", Track: "song"},
		{Operation: requirement.DeleteTrack, As: "member", Organization: "home", Track: "song"},
		{Operation: requirement.DeleteTrack, As: "outsider", Organization: "home", Track: "song"},
		{Operation: requirement.DeleteTrack, As: "", Organization: "home", Track: "song"},
		{Operation: requirement.DeleteTrack, As: "saver", Organization: "home", Track: "after"},
		{Operation: requirement.DeleteTrack, As: "creator", Organization: "home", Track: "foreign"},
		{Operation: requirement.DeleteTrack, As: "creator", Organization: "abroad", Track: "foreign"},
	}
	for _, a := range []oracle.Action{
		{Operation: requirement.GetTrack, As: "creator", Organization: "home", Track: "song"},
		{Operation: requirement.GetTrack, As: "member", Organization: "home", Track: "before"},
		{Operation: requirement.GetTrack, As: "outsider", Organization: "abroad", Track: "foreign"},
		{Operation: requirement.ListSavedTracks, As: "saver", Organization: "home"},
		{Operation: requirement.ListSavedTracks, As: "outsider", Organization: "abroad"},
		{Operation: requirement.UnsaveTrack, As: "member", Organization: "home", Track: "before"},
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
			want := r.World.Model.Apply(s.Action)
			if actual := want.Mismatch(c.Scene, s.Action, s.Exchange); actual != "" {
				return suite.Fail(fmt.Sprintf("%s when %s", want.Describe(s.Action), s.Action), actual, s.Exchange)
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
		r.World.Apply(oracle.Action{Operation: requirement.DeleteTrack, As: "creator", Organization: "home", Track: track})
		if r.Over() {
			break
		}
	}
	return r.World.Verify(ctx)
}

// lookBesideDelete looks at a track in loops, one for each kind, deletes it meanwhile, and judges every look by when it
// began and ended.
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
	remove := oracle.Attempt{Action: oracle.Action{Operation: requirement.DeleteTrack, As: "creator", Organization: "home", Track: track}, Sent: time.Now()}
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
					fmt.Sprintf("%s %v after the answer: %s", l.Action, l.Sent.Sub(remove.Answered).Round(time.Microsecond), expect.Describe(l.Exchange)), remove.Exchange, l.Exchange)
			}
			if !l.seen && l.Answered.Before(remove.Sent) {
				return suite.Fail(fmt.Sprintf("%s to be seen as long as nobody deletes it", track),
					fmt.Sprintf("%s before the delete was sent: %s", l.Action, expect.Describe(l.Exchange)), l.Exchange)
			}
		}
	}
	return nil
}

// lookOnce takes one look: a get (200 or 404), a list, or a delete of somebody who may not (403 or 404).
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
