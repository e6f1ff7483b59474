package cases

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/expect"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/oracle"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

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
		results, err := r.Run(ctx, actions, func(a oracle.Action) []int { return []int{r.World.Model.Apply(a).Status} })
		if err != nil {
			return err
		}
		for _, s := range results {
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
	seenTracks = 7
	seenAfter  = 2 // readings of each loop that have to begin after the response to the delete
)

// reading is one attempt to read a track, and whether the track was seen.
type reading struct {
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
		oracle.Gets("creator", ""),
		oracle.Gets("saver", ""),
		oracle.Lists("creator"),
		oracle.Lists("saver"),
		oracle.Deletes("saver", ""),
	} {
		if c.Serves(ctx, a.Operation) {
			kinds = append(kinds, a)
		}
	}
	for _, track := range raceNames[:seenTracks] {
		if err := readDuringDelete(ctx, c, kinds, track); err != nil {
			return err
		}
		r.World.Apply(oracle.Deletes("creator", track))
		if r.Over() {
			break
		}
	}
	return r.World.Verify(ctx)
}

// readDuringDelete reads a track in loops, one for each kind of request, deletes it meanwhile, and
// judges every reading by when its request was sent and its response came.
func readDuringDelete(ctx context.Context, c *suite.Client, kinds []oracle.Action, track string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	readings := make([][]reading, len(kinds))
	errs := make([]error, len(kinds)+1)
	started := make(chan struct{}, len(kinds))
	deleted := make(chan struct{})
	var loops sync.WaitGroup
	for i, a := range kinds {
		a.Track = track
		loops.Go(func() {
			first := sync.OnceFunc(func() { started <- struct{}{} })
			defer first()
			for after := 0; after < seenAfter; {
				select {
				case <-deleted:
					after++
				default:
				}
				l, err := readOnce(ctx, c, a)
				if err != nil {
					errs[i] = err
					cancel()
					return
				}
				readings[i] = append(readings[i], l)
				first()
			}
		})
	}
	for range kinds {
		<-started
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
	for _, of := range readings {
		for _, l := range of {
			if l.seen && l.Sent.After(remove.Answered) {
				return suite.Fail(fmt.Sprintf("%s not to be seen by requests that began after the response to the delete", track),
					fmt.Sprintf("%s %v after the response: %s", l.Action,
						l.Sent.Sub(remove.Answered).Round(time.Microsecond), expect.Describe(l.Exchange)),
					remove.Exchange, l.Exchange)
			}
			if !l.seen && l.Answered.Before(remove.Sent) {
				return suite.Fail(fmt.Sprintf("%s to be seen until it is deleted", track),
					fmt.Sprintf("%s before the delete was sent: %s", l.Action, expect.Describe(l.Exchange)), l.Exchange)
			}
		}
	}
	return nil
}

// readOnce reads a track once: by a get (200 or 404), by a list, or by the delete of a caller who
// is not allowed to (403 or 404).
func readOnce(ctx context.Context, c *suite.Client, a oracle.Action) (reading, error) {
	l := reading{Attempt: oracle.Attempt{Action: a, Sent: time.Now()}}
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
