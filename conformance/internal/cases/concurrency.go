package conformance

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// concurrencyCases are races, made as likely as a client can make them, and recorded histories.
func concurrencyCases() []Case {
	return []Case{
		{
			ID:           "concurrency/one-delete-wins",
			Title:        "Of several deletes of one track at the same time exactly one succeeds",
			Operation:    DeleteTrack,
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
			Operation:    DeleteTrack,
			Requirements: []string{"delete.one-succeeds"},
			Statuses:     []int{200, 404},
			Scene:        sceneMany,
			Sends:        "The creator's delete of one track two or three times at the same instant, for as many tracks as there is time for in three seconds, up to 160.",
			Expects:      "One 200 and otherwise 404 for each track.",
			Run: func(ctx context.Context, c *Client) error {
				r := &race{world: &world{client: c, scene: c.Scene}, start: time.Now()} // nobody looks at it
				for i, t := range c.Scene.Request.Tracks {
					if err := oneWins(ctx, r, removal("creator", t.Name), 2+i%2); err != nil || r.over() {
						return err
					}
				}
				return nil
			},
		},
		{
			ID:           "concurrency/deletes-of-different-tracks",
			Title:        "Deletes of different tracks at the same time all take effect",
			Operation:    DeleteTrack,
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
			Operation:    DeleteTrack,
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
			Operation:    DeleteTrack,
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
			Operation:    UnsaveTrack,
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
			Operation:    UnsaveTrack,
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
			Operation:    DeleteTrack,
			Requirements: []string{"delete.linearizable"},
			Scene:        sceneSequence,
			Sends:        "Random deletes, gets, lists and unsaves of six clients beside one another on the same three tracks, twice.",
			Expects:      "An order of the requests, each between its sending and its answer, that gives every answer.",
			Run:          linearizable,
		},
	}
}

func oneDeleteWins(ctx context.Context, c *Client) error {
	r, err := newRace(ctx, c)
	if err != nil {
		return err
	}
	for i, track := range raceNames {
		a := action{operation: DeleteTrack, as: "creator", organization: "home", track: track}
		if err := oneWins(ctx, r, a, []int{6, 2, 4, 6}[i%4]); err != nil {
			return err
		}
		r.world.did(a)
		if r.over() {
			break
		}
	}
	return r.world.holds(ctx)
}

// oneWins lets several of the same delete loose.
func oneWins(ctx context.Context, r *race, a action, attempts int) error {
	shots, err := r.run(ctx, times(attempts, a), func(action) []int { return []int{200, 404} })
	if err != nil {
		return err
	}
	won := 0
	for _, s := range shots {
		if s.exchange.Status == 200 {
			won++
		}
	}
	if won != 1 {
		return Fail(fmt.Sprintf("one 200 and %d × 404 to %d deletes of %s at the same time", attempts-1, attempts, a.track), tally(shots), exchangesOf(shots)...)
	}
	return nil
}

func deletesOfDifferentTracks(ctx context.Context, c *Client) error {
	r, err := newRace(ctx, c)
	if err != nil {
		return err
	}
	for tracks := range slices.Chunk(raceNames, 6) {
		var actions []action
		for _, track := range tracks {
			actions = append(actions, action{operation: DeleteTrack, as: "creator", organization: "home", track: track})
		}
		if _, err := r.run(ctx, actions, func(action) []int { return []int{200} }); err != nil {
			return err
		}
		for _, a := range actions {
			r.world.did(a)
		}
		if r.over() {
			break
		}
	}
	return r.world.holds(ctx)
}

func deleteBesideSaver(ctx context.Context, c *Client) error {
	r, err := newRace(ctx, c)
	if err != nil {
		return err
	}
	for _, track := range raceNames {
		byCreator := action{operation: DeleteTrack, as: "creator", organization: "home", track: track}
		bySaver := action{operation: DeleteTrack, as: "saver", organization: "home", track: track}
		actions := append(times(3, bySaver), byCreator)
		c.Rand().Shuffle(len(actions), func(i, j int) { actions[i], actions[j] = actions[j], actions[i] })
		shots, err := r.run(ctx, actions, func(a action) []int {
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
			if s.exchange.Status == 403 && s.sent.After(deleted.answered) {
				return Fail("404 to the saver's delete, which was sent after the creator's was answered", got(s.exchange), deleted.exchange, s.exchange)
			}
		}
		r.world.did(byCreator)
		x, err := c.Do(ctx, requestOf(c.Scene, bySaver))
		if err != nil {
			return err
		}
		if err := expectError(x, 404); err != nil {
			return err
		}
		if r.over() {
			break
		}
	}
	return r.world.holds(ctx)
}

func deleteBesideUnsaves(ctx context.Context, c *Client) error {
	r, err := newRace(ctx, c)
	if err != nil {
		return err
	}
	for pair := range slices.Chunk(raceNames, 2) {
		if r.over() {
			break
		}
		track, other := pair[0], pair[1]
		remove := action{operation: DeleteTrack, as: "creator", organization: "home", track: track}
		var actions []action
		for _, as := range []string{"saver", "creator"} {
			for _, name := range []string{track, other} {
				actions = append(actions, action{operation: UnsaveTrack, as: as, organization: "home", track: name})
			}
		}
		actions = append(actions, remove)
		c.Rand().Shuffle(len(actions), func(i, j int) { actions[i], actions[j] = actions[j], actions[i] })
		_, err := r.run(ctx, actions, func(a action) []int {
			if a.track == track && a != remove {
				return []int{200, 404}
			}
			return []int{200}
		})
		if err != nil {
			return err
		}
		r.world.did(remove)
		for _, a := range actions {
			r.world.did(a)
		}
	}
	return r.world.holds(ctx)
}

func unsavesAtOnce(ctx context.Context, c *Client) error {
	r, err := newRace(ctx, c)
	if err != nil {
		return err
	}
	unsave := func(as, track string) action {
		return action{operation: UnsaveTrack, as: as, organization: "home", track: track}
	}
	for tracks := range slices.Chunk(raceNames, 4) {
		if err := unsaveAtOnce(ctx, r, tracks[:3], tracks[3], unsave); err != nil {
			return err
		}
		if r.over() {
			break
		}
	}
	return r.world.holds(ctx)
}

// unsaveAtOnce takes some tracks out of both libraries, each once, and then another one several times.
func unsaveAtOnce(ctx context.Context, r *race, some []string, another string, unsave func(as, track string) action) error {
	var different []action
	for _, track := range some {
		different = append(different, unsave("creator", track), unsave("saver", track))
	}
	if _, err := r.run(ctx, different, func(action) []int { return []int{200} }); err != nil {
		return err
	}
	same := append(times(3, unsave("creator", another)), times(3, unsave("saver", another))...)
	shots, err := r.run(ctx, same, func(a action) []int {
		if a.as == "creator" {
			return []int{200}
		}
		return []int{200, 404}
	})
	if err != nil {
		return err
	}
	if bySaver := shots[3:]; tally(bySaver) != "1 × 200, 2 × 404" {
		return Fail(fmt.Sprintf("1 × 200, 2 × 404 to three unsaves of %s at the same time by somebody who had it by saving alone", another), tally(bySaver), exchangesOf(bySaver)...)
	}
	for _, a := range slices.Concat(different, same) {
		r.world.did(a)
	}
	return nil
}

const (
	apartAtOnce = 12
	apartRounds = 16
)

func requestsAreKeptApart(ctx context.Context, c *Client) error {
	r, err := newRace(ctx, c)
	if err != nil {
		return err
	}
	harmless := []action{
		{operation: DeleteTrack, as: "saver", organization: "home", track: "song"},
		{operation: DeleteTrack, as: "member", organization: "home", track: "song"},
		{operation: DeleteTrack, as: "outsider", organization: "home", track: "song"},
		{operation: DeleteTrack, as: "", organization: "home", track: "song"},
		{operation: DeleteTrack, as: "saver", organization: "home", track: "after"},
		{operation: DeleteTrack, as: "creator", organization: "home", track: "foreign"},
		{operation: DeleteTrack, as: "creator", organization: "abroad", track: "foreign"},
	}
	for _, a := range []action{
		{operation: GetTrack, as: "creator", organization: "home", track: "song"},
		{operation: GetTrack, as: "member", organization: "home", track: "before"},
		{operation: GetTrack, as: "outsider", organization: "abroad", track: "foreign"},
		{operation: ListSavedTracks, as: "saver", organization: "home"},
		{operation: ListSavedTracks, as: "outsider", organization: "abroad"},
		{operation: UnsaveTrack, as: "member", organization: "home", track: "before"},
	} {
		if c.Serves(ctx, a.operation) {
			harmless = append(harmless, a)
		}
	}
	traces := map[string]*Exchange{}
	for range apartRounds {
		var actions []action
		for i, n := 0, c.Rand().IntN(len(harmless)); i < apartAtOnce; i++ {
			actions = append(actions, harmless[(n+i)%len(harmless)])
		}
		shots, err := r.run(ctx, actions, func(a action) []int { return []int{r.world.model.do(a).status} })
		if err != nil {
			return err
		}
		for _, s := range shots {
			if odd := judgeAnswer(c.Scene, s.action, r.world.model.do(s.action), s.exchange); odd != "" {
				return Fail(fmt.Sprintf("%s to be answered %s", s.action, r.world.model.do(s.action).describe(s.action)), odd, s.exchange)
			}
			if err := expectNewTrace(traces, s.exchange); err != nil {
				return err
			}
		}
		if r.over() {
			break
		}
	}
	return r.world.holds(ctx)
}

const (
	seenTracks = 4
	seenAfter  = 2 // looks of each loop that have to begin after the delete was answered
)

// look is one look at a track, and whether it was seen.
type look struct {
	shot
	seen bool
}

func deletedIsNotSeenAgain(ctx context.Context, c *Client) error {
	r, err := newRace(ctx, c)
	if err != nil {
		return err
	}
	var kinds []action
	for _, a := range []action{
		{operation: GetTrack, as: "creator"}, {operation: GetTrack, as: "saver"},
		{operation: ListSavedTracks, as: "creator"}, {operation: ListSavedTracks, as: "saver"},
		{operation: DeleteTrack, as: "saver"},
	} {
		if c.Serves(ctx, a.operation) {
			kinds = append(kinds, a)
		}
	}
	for _, track := range raceNames[:seenTracks] {
		if err := lookBesideDelete(ctx, c, kinds, track); err != nil {
			return err
		}
		r.world.did(action{operation: DeleteTrack, as: "creator", organization: "home", track: track})
		if r.over() {
			break
		}
	}
	return r.world.holds(ctx)
}

// lookBesideDelete looks at a track in loops, one for each kind, deletes it meanwhile, and judges every look by when it
// began and ended.
func lookBesideDelete(ctx context.Context, c *Client, kinds []action, track string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	looks := make([][]look, len(kinds))
	errs := make([]error, len(kinds)+1)
	looked := make(chan struct{}, len(kinds))
	deleted := make(chan struct{})
	var loops sync.WaitGroup
	for i, a := range kinds {
		a.organization, a.track = "home", track
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
	remove := shot{action: action{operation: DeleteTrack, as: "creator", organization: "home", track: track}, sent: time.Now()}
	remove.exchange, errs[len(kinds)] = c.Do(ctx, requestOf(c.Scene, remove.action))
	remove.answered = time.Now()
	close(deleted)
	loops.Wait()
	if err := worst(errs); err != nil {
		return err
	}
	if err := expectAcknowledged(remove.exchange, c.Scene.Track(track)); err != nil {
		return err
	}
	for _, of := range looks {
		for _, l := range of {
			if l.seen && l.sent.After(remove.answered) {
				return Fail(fmt.Sprintf("%s to be seen by nobody whose request began after the delete was answered", track),
					fmt.Sprintf("%s %v after the answer: %s", l.action, l.sent.Sub(remove.answered).Round(time.Microsecond), got(l.exchange)), remove.exchange, l.exchange)
			}
			if !l.seen && l.answered.Before(remove.sent) {
				return Fail(fmt.Sprintf("%s to be seen as long as nobody deletes it", track),
					fmt.Sprintf("%s before the delete was sent: %s", l.action, got(l.exchange)), l.exchange)
			}
		}
	}
	return nil
}

// lookOnce takes one look: a get (200 or 404), a list, or a delete of somebody who may not (403 or 404).
func lookOnce(ctx context.Context, c *Client, a action) (look, error) {
	l := look{shot: shot{action: a, sent: time.Now()}}
	var err error
	l.exchange, err = c.Do(ctx, requestOf(c.Scene, a))
	l.answered = time.Now()
	if err != nil {
		return l, err
	}
	switch a.operation {
	case GetTrack:
		l.seen = l.exchange.Status == 200
		err = expectStatus(l.exchange, 200, 404)
	case DeleteTrack:
		l.seen = l.exchange.Status == 403
		err = expectStatus(l.exchange, 403, 404)
	default:
		if err = expectStatus(l.exchange, 200); err == nil {
			var page trackPage
			page, err = expectPage(l.exchange)
			l.seen = slices.Contains(page.ids(), c.Scene.Track(a.track))
		}
	}
	if err == nil {
		err = l.judgeBody(c.Scene)
	}
	return l, err
}
