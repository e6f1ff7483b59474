package oracle

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/expect"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// Deviation is one thing that was observed and is not as it should be.
type Deviation struct {
	what, Expected, Actual string
	Exchange               *wire.Exchange // nil for a history
	status                 int            // that was expected, 0 where another thing is wrong
}

// mismatch returns the deviation of a status, nil where another thing is wrong.
func (d Deviation) mismatch() *suite.Mismatch {
	if d.status == 0 {
		return nil
	}
	return &suite.Mismatch{Want: strconv.Itoa(d.status), Exchange: d.Exchange}
}

// failureOf turns a deviation, if there is one, into the failure of a case.
func failureOf(d *Deviation, err error) error {
	if err != nil || d == nil {
		return err
	}
	var exchanges []*wire.Exchange
	if d.Exchange != nil {
		exchanges = []*wire.Exchange{d.Exchange}
	}
	return &suite.Failure{
		Expected: d.what + ": " + d.Expected, Actual: d.Actual, Exchanges: exchanges, Mismatch: d.mismatch(),
	}
}

// observer reads a scene from outside, and compares what it reads with the model and the events of
// the world that it belongs to.
type observer struct {
	client *suite.Client
	scene  *provision.Scene
	model  *Model
	events map[string][]provision.Event // by track, as they are expected
	facts  map[string]expect.TrackFacts // by track, as they were read first
	began  time.Time                    // before anything was sent

	gets, lists, histories bool // what can be read

	// assumed is set where the histories were not read before anything was done.
	assumed bool
}

func newObserver(
	ctx context.Context, c *suite.Client, scene *provision.Scene, model *Model, events map[string][]provision.Event,
) *observer {
	return &observer{
		client: c, scene: scene, model: model, events: events,
		facts: map[string]expect.TrackFacts{},
		began: time.Now(),
		gets:  c.Serves(ctx, requirement.GetTrack), lists: c.Serves(ctx, requirement.ListSavedTracks),
	}
}

// look is what is observed beside what members see of their own.
type look struct{ strangers, histories bool }

// observe reads a scene and returns the deviations.
func (o *observer) observe(ctx context.Context, at look) ([]Deviation, error) {
	var deviations []Deviation
	note := func(d *Deviation, err error) error {
		if d != nil {
			deviations = append(deviations, *d)
		}
		return err
	}
	for _, u := range o.scene.Request.Users {
		for _, org := range o.scene.Request.Organizations {
			if !o.lists || !at.strangers && !slices.Contains(u.MemberOf, org.Name) {
				continue
			}
			list := Action{Operation: requirement.ListSavedTracks, As: u.Name, Organization: org.Name}
			if err := note(o.observeWindow(ctx, list)); err != nil {
				return nil, err
			}
		}
		for _, t := range o.scene.Request.Tracks {
			if !at.strangers && !slices.Contains(u.MemberOf, t.Organization) {
				continue
			}
			if err := note(o.observeTrack(ctx, u.Name, t)); err != nil {
				return nil, err
			}
		}
	}
	if !at.histories || !o.histories {
		return deviations, nil
	}
	more, err := o.observeHistories(ctx)
	return append(deviations, more...), err
}

// oneByOne reports whether each history is a message of its own.
func (o *observer) oneByOne() bool { return !o.client.Has(provision.FeatureHistories) }

// manyTracks is from how many tracks of a scene on only a part of them is audited where each history
// is a message. Scenes are as large as that for the sake of races, which are run again and again with
// one track after another.
const manyTracks = 16

// audited are the tracks whose histories are looked at: all of them, or every third of many.
func (o *observer) audited() []provision.TrackRequest {
	all := o.scene.Request.Tracks
	if len(all) < manyTracks || !o.oneByOne() {
		return all
	}
	var some []provision.TrackRequest
	for i := 0; i < len(all); i += 3 {
		some = append(some, all[i])
	}
	return some
}

// reference is a track of a scene by its ids.
func reference(s *provision.Scene, t provision.TrackRequest) provision.TrackReference {
	return provision.TrackReference{Organization: s.Organization(t.Organization), Track: s.Track(t.Name)}
}

// readHistories reads the histories of the audited tracks, in their order.
func (o *observer) readHistories(ctx context.Context) ([][]provision.Event, error) {
	var tracks []provision.TrackReference
	for _, t := range o.audited() {
		tracks = append(tracks, reference(o.scene, t))
	}
	return o.client.Histories(ctx, tracks...)
}

// assumeHistories expects histories that are like those of other new tracks, and reports whether that
// is possible. The times of the events are those that are read first, within the case.
func (o *observer) assumeHistories() bool {
	var tracks []provision.TrackReference
	for _, t := range o.audited() {
		tracks = append(tracks, reference(o.scene, t))
	}
	known := o.client.FreshHistories(tracks)
	if known == nil {
		return false
	}
	for _, t := range o.audited() {
		var events []provision.Event
		for _, k := range known {
			actor := k.Actor
			if actor == "" {
				actor = o.scene.User(t.Creator).ID
			}
			events = append(events, provision.Event{
				Type: k.Type, Actor: actor, Amount: k.Amount, Currency: k.Currency, At: t.CreatedAt,
			})
		}
		o.events[t.Name] = events
	}
	o.assumed = true
	return true
}

// justAssumed reports whether a history that is not as it was assumed to be is so from the beginning:
// the provisioner makes such a track again, and its history is another one too.
func (o *observer) justAssumed(ctx context.Context, t provision.TrackRequest) bool {
	scene, err := o.client.Provision(ctx, o.scene.Request)
	if err != nil {
		return false
	}
	histories, err := o.client.Histories(ctx, reference(scene, t))
	return err == nil && !o.client.Run.Fresh.Learn(histories[0], scene.User(t.Creator).ID)
}

// deletions are the events of deletion in a history.
func deletions(events []provision.Event) []provision.Event {
	return slices.DeleteFunc(slices.Clone(events), func(e provision.Event) bool { return e.Type != provision.EventDeleted })
}

// observeTrack gets a track. If the target does not serve that, a delete by somebody who only saved
// the track takes its place: it is 403 while the track lives and 404 afterwards, and never changes
// anything.
func (o *observer) observeTrack(ctx context.Context, as string, t provision.TrackRequest) (*Deviation, error) {
	a := Action{Operation: requirement.GetTrack, As: as, Organization: t.Organization, Track: t.Name}
	if !o.gets {
		if t.Creator == as || !slices.Contains(t.SavedBy, as) {
			return nil, nil
		}
		a.Operation = requirement.DeleteTrack
	}
	want := o.model.Apply(a)
	x, err := o.client.Do(ctx, RequestOf(o.scene, a))
	switch {
	case err != nil:
		return nil, err
	case x.Status != want.Status:
		return &Deviation{a.String(), want.Describe(a), expect.Describe(x), x, want.Status}, nil
	case !o.gets:
		return nil, nil
	case x.Status != 200:
		return nil, expect.Error(x, x.Status)
	}
	return o.judgeTrack(a, x)
}

// judgeTrack compares the body of a successful get with what was read of the track before.
func (o *observer) judgeTrack(a Action, x *wire.Exchange) (*Deviation, error) {
	facts, err := expect.Track(x, o.scene.Track(a.Track))
	if err != nil {
		return nil, err
	}
	if difference := o.compareFacts(TrackRequest(o.scene, a.Track), facts); difference != "" {
		return &Deviation{a.String(), "the track as it was", difference, x, 0}, nil
	}
	return nil, nil
}

// compareFacts says how a track differs from what was asked for and from what was read of it
// before, "" if it does not.
func (o *observer) compareFacts(t provision.TrackRequest, facts expect.TrackFacts) string {
	asked := facts
	if t.Title != "" {
		asked.Title = &t.Title
	}
	if t.Engine != "" {
		asked.Engine = t.Engine
	}
	if t.Mode != "" {
		asked.Mode = t.Mode
	}
	if !t.CreatedAt.IsZero() {
		asked.CreatedAt = t.CreatedAt.UTC().Format(time.RFC3339Nano)
	}
	if difference := asked.Difference(facts); difference != "" {
		return difference
	}
	before, known := o.facts[t.Name]
	if !known {
		o.facts[t.Name] = facts
		return ""
	}
	return before.Difference(facts)
}

// observeWindow is [World.ObserveWindow].
func (o *observer) observeWindow(
	ctx context.Context, a Action, options ...suite.RequestOption,
) (*Deviation, error) {
	want := o.model.Apply(a)
	x, err := o.client.Do(ctx, RequestOf(o.scene, a, options...))
	switch {
	case err != nil:
		return nil, err
	case x.Status != want.Status:
		return &Deviation{a.String(), want.Describe(a), expect.Describe(x), x, want.Status}, nil
	case x.Status != 200:
		return nil, expect.Error(x, x.Status)
	}
	page, err := expect.Page(x)
	if err != nil {
		return nil, err
	}
	if names := TrackNames(o.scene, page.IDs()); !slices.Equal(names, want.Items) {
		return &Deviation{a.String(), want.Describe(a), "200 with " + NameList(names), x, 0}, nil
	}
	if limit, offset := a.Query.limit(), a.Query.Offset; *page.Limit != limit || *page.Offset != offset {
		return &Deviation{
			a.String(), fmt.Sprintf("limit %d and offset %d echoed in the response", limit, offset),
			fmt.Sprintf("limit %d and offset %d", *page.Limit, *page.Offset), x, 0,
		}, nil
	}
	for i, name := range want.Items {
		if difference := o.compareFacts(TrackRequest(o.scene, name), page.Items[i]); difference != "" {
			return &Deviation{a.String(), "the track " + name + " as it was", difference, x, 0}, nil
		}
	}
	return nil, nil
}

// observeHistories compares the events of all tracks with the expected ones. A deletion that is seen
// for the first time has to be dated within the case, which takes minutes if the target is slow or
// limits rates.
func (o *observer) observeHistories(ctx context.Context) ([]Deviation, error) {
	histories, err := o.readHistories(ctx)
	if err != nil {
		return nil, err
	}
	same := func(want, got provision.Event) bool { return sameEvent(want, got, o.began) }
	var deviations []Deviation
	for i, t := range o.audited() {
		want, events := o.events[t.Name], histories[i]
		if slices.EqualFunc(want, events, same) || o.assumed &&
			slices.EqualFunc(deletions(want), deletions(events), same) && o.justAssumed(ctx, t) {
			o.events[t.Name] = events // from now on the time of a deletion must not change
			continue
		}
		deviations = append(deviations, Deviation{
			what:     "the history of " + t.Name,
			Expected: describeEvents(o.scene, want),
			Actual:   describeEvents(o.scene, events),
		})
	}
	o.assumed = false // what was read is known from now on
	return deviations, nil
}

// sameEvent compares events. If want has no time, got has to be of a time between since and now.
func sameEvent(want, got provision.Event, since time.Time) bool {
	if want.At.IsZero() {
		want.At = got.At
		earliest, latest := since.Add(-expect.ClockTolerance), time.Now().Add(expect.ClockTolerance)
		if got.At.Before(earliest) || got.At.After(latest) {
			return false
		}
	}
	sameTime := want.At.Equal(got.At)
	want.At = got.At
	return sameTime && want == got
}

// describeEvents is a history in a line, with the names of the scene's users.
func describeEvents(s *provision.Scene, events []provision.Event) string {
	if len(events) == 0 {
		return "no events"
	}
	lines := make([]string, len(events))
	for i, e := range events {
		at := "now"
		if !e.At.IsZero() {
			at = e.At.UTC().Format(time.RFC3339)
		}
		lines[i] = fmt.Sprintf("%s by %s at %s", e.Type, UserName(s, e.Actor), at)
		if e.Amount != "" || e.Currency != "" {
			lines[i] += fmt.Sprintf(" (%s %s)", e.Amount, e.Currency)
		}
	}
	return strings.Join(lines, ", ")
}

// UserName returns the name of a user of the scene by its id. An id that the scene does not have
// stands for itself.
func UserName(s *provision.Scene, id string) string {
	for name, u := range s.Users {
		if u.ID == id {
			return name
		}
	}
	return id
}

// TrackNames returns the names of tracks by their ids. An id that the scene does not have stands
// for itself.
func TrackNames(s *provision.Scene, ids []string) []string {
	var names []string
	for _, id := range ids {
		name := id
		for known, t := range s.Tracks {
			if t.ID == id {
				name = known
			}
		}
		names = append(names, name)
	}
	return names
}

// TrackRequest returns what the scene's request asks for under the name of a track, which it has.
func TrackRequest(s *provision.Scene, name string) provision.TrackRequest {
	i := slices.IndexFunc(s.Request.Tracks, func(t provision.TrackRequest) bool { return t.Name == name })
	return s.Request.Tracks[i]
}
