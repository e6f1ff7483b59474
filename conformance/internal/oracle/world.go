package oracle

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/expect"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// World is what is true of a scene and can be seen from outside: every track through the eyes of every actor, every actor's
// library in every organization, and the history of every track. A case looks at it once, tells it what was done (did), and
// looks again (holds): everything that the contract does not change has to be as it was.
//
// What is expected comes from the model alone; what a track is (its creation, its licence) comes from the first look.
type World struct {
	Client *suite.Client
	Scene  *provision.Scene
	Model  *Model

	gets, lists, histories bool // which of the observers there are

	began  time.Time                    // before anything was sent
	facts  map[string]expect.TrackFacts // by track
	Events map[string][]provision.Event // by track, as they are to be
}

// Deviation is one thing that was looked at and is not as it should be.
type Deviation struct {
	what, Expected, Actual string
	Exchange               *wire.Exchange // nil for a history
}

// Observe takes the first look. A scene that does not look as it was asked for is a failure of the target's.
func Observe(ctx context.Context, c *suite.Client) (*World, error) {
	return observeScene(ctx, c, c.Scene)
}

func observeScene(ctx context.Context, c *suite.Client, scene *provision.Scene) (*World, error) {
	w, err := NewWorld(ctx, c, scene)
	if err != nil {
		return nil, err
	}
	return w, w.verify(ctx, "before anything was sent, ", false)
}

// NewWorld remembers the histories, and looks at nothing else yet.
func NewWorld(ctx context.Context, c *suite.Client, scene *provision.Scene) (*World, error) {
	w := &World{
		Client: c, Scene: scene, Model: NewModel(scene.Request),
		gets: c.Serves(ctx, requirement.GetTrack), lists: c.Serves(ctx, requirement.ListSavedTracks), histories: c.Has(provision.FeatureHistory),
		began: time.Now(), facts: map[string]expect.TrackFacts{}, Events: map[string][]provision.Event{},
	}
	if !w.histories {
		return w, nil
	}
	for _, t := range scene.Request.Tracks {
		events, err := c.History(ctx, scene.Organization(t.Organization), scene.Track(t.Name))
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(events, func(e provision.Event) bool { return e.Type == provision.EventBilled }) {
			return nil, fmt.Errorf("the provisioner made the track %s without a %s in its history: the protocol asks for at least one", t.Name, provision.EventBilled)
		}
		w.Events[t.Name] = events
	}
	return w, nil
}

// Apply tells the world what was carried out, so that its consequences are expected from then on.
func (w *World) Apply(a Action) {
	came := w.Model.Apply(a)
	if a.Operation == requirement.DeleteTrack && came.Status == 200 && w.histories {
		w.Events[a.Track] = append(slices.Clone(w.Events[a.Track]), provision.Event{Type: provision.EventDeleted, Actor: w.Scene.User(a.As).ID})
	}
}

// Verify looks again, and fails with everything that is not as it should be. What an organization's members see is looked at.
func (w *World) Verify(ctx context.Context) error { return w.verify(ctx, "", false) }

// VerifyForStrangers is holds that looks through the eyes of those who do not belong to an organization too.
func (w *World) VerifyForStrangers(ctx context.Context) error { return w.verify(ctx, "", true) }

func (w *World) verify(ctx context.Context, when string, strangers bool) error {
	odd, err := w.observe(ctx, strangers)
	if err != nil || len(odd) == 0 {
		return err
	}
	var expected, actual []string
	var exchanges []*wire.Exchange
	for i, v := range odd {
		if i == 6 {
			actual = append(actual, fmt.Sprintf("and %d more differences", len(odd)-i))
			break
		}
		expected = append(expected, v.what+": "+v.Expected)
		actual = append(actual, v.what+": "+v.Actual)
		if v.Exchange != nil {
			exchanges = append(exchanges, v.Exchange)
		}
	}
	return suite.Fail(when+strings.Join(expected, "; "), strings.Join(actual, "; "), exchanges...)
}

// observe asks for everything and returns what is not as it should be.
func (w *World) observe(ctx context.Context, strangers bool) ([]Deviation, error) {
	var odd []Deviation
	note := func(v *Deviation, err error) error {
		if v != nil {
			odd = append(odd, *v)
		}
		return err
	}
	for _, u := range w.Scene.Request.Users {
		if w.lists {
			for _, o := range w.Scene.Request.Organizations {
				if !strangers && !slices.Contains(u.MemberOf, o.Name) {
					continue
				}
				if err := note(w.observeList(ctx, u.Name, o.Name)); err != nil {
					return nil, err
				}
			}
		}
		for _, t := range w.Scene.Request.Tracks {
			if !strangers && !slices.Contains(u.MemberOf, t.Organization) {
				continue
			}
			if err := note(w.observeTrack(ctx, u.Name, t)); err != nil {
				return nil, err
			}
		}
	}
	if w.histories {
		for _, t := range w.Scene.Request.Tracks {
			if err := note(w.observeHistory(ctx, t)); err != nil {
				return nil, err
			}
		}
	}
	return odd, nil
}

// observeTrack gets a track. Where the target does not serve that, the delete of somebody who saved it tells: 403 while the
// track lives, and 404 afterwards, and neither changes anything.
func (w *World) observeTrack(ctx context.Context, as string, t provision.TrackRequest) (*Deviation, error) {
	a := Action{Operation: requirement.GetTrack, As: as, Organization: t.Organization, Track: t.Name}
	user, organization, track := w.Scene.User(as), w.Scene.Organization(t.Organization), w.Scene.Track(t.Name)
	if !w.gets {
		if a.Operation = requirement.DeleteTrack; t.Creator == as || !slices.Contains(t.SavedBy, as) {
			return nil, nil
		}
		want := w.Model.Apply(a)
		x, err := w.Client.Do(ctx, NewRequest(requirement.DeleteTrack, user, organization, track))
		if err != nil || x.Status == want.Status {
			return nil, err
		}
		return &Deviation{a.String(), want.Describe(a), expect.Describe(x), x}, nil
	}
	want := w.Model.Apply(a)
	x, err := w.Client.Do(ctx, NewRequest(requirement.GetTrack, user, organization, track))
	if err != nil {
		return nil, err
	}
	if x.Status != want.Status {
		return &Deviation{a.String(), want.Describe(a), expect.Describe(x), x}, nil
	}
	if x.Status != 200 {
		return nil, expect.Error(x, x.Status)
	}
	told, err := expect.Track(x, track)
	if err != nil {
		return nil, err
	}
	if difference := w.compareFacts(t, told); difference != "" {
		return &Deviation{a.String(), "the track as it was", difference, x}, nil
	}
	return nil, nil
}

// compareFacts tells how a track differs from what was asked for and from what was told of it before, or returns "".
func (w *World) compareFacts(t provision.TrackRequest, told expect.TrackFacts) string {
	asked := told
	if t.Title != "" {
		asked.Title = &t.Title
	}
	if t.Engine != "" {
		asked.Engine = t.Engine
	}
	if t.Mode != "" {
		asked.Mode = t.Mode
	}
	if difference := asked.Difference(told); difference != "" {
		return difference
	}
	before, known := w.facts[t.Name]
	if !known {
		w.facts[t.Name] = told
		return ""
	}
	return before.Difference(told)
}

func (w *World) observeList(ctx context.Context, as, organization string) (*Deviation, error) {
	return w.ObserveWindow(ctx, Action{Operation: requirement.ListSavedTracks, As: as, Organization: organization})
}

// ObserveWindow lists with a's query and compares what comes with the model: status, items, their order and members, and the
// window that is told back.
func (w *World) ObserveWindow(ctx context.Context, a Action, options ...suite.RequestOption) (*Deviation, error) {
	want := w.Model.Apply(a)
	if query := a.Query.String(); query != "" {
		options = append([]suite.RequestOption{suite.WithQuery(query)}, options...)
	}
	x, err := w.Client.Do(ctx, NewRequest(requirement.ListSavedTracks, w.Scene.User(a.As), w.Scene.Organization(a.Organization), "", options...))
	if err != nil {
		return nil, err
	}
	if x.Status != want.Status {
		return &Deviation{a.String(), want.Describe(a), expect.Describe(x), x}, nil
	}
	if x.Status != 200 {
		return nil, expect.Error(x, x.Status)
	}
	page, err := expect.Page(x)
	if err != nil {
		return nil, err
	}
	if names := TrackNames(w.Scene, page.IDs()); !slices.Equal(names, want.Items) {
		return &Deviation{a.String(), want.Describe(a), "200 with " + NameList(names), x}, nil
	}
	limit := a.Query.Limit
	if limit == 0 {
		limit = defaultLimit
	}
	if *page.Limit != limit || *page.Offset != a.Query.Offset {
		return &Deviation{
			a.String(), fmt.Sprintf("limit %d and offset %d told back", limit, a.Query.Offset),
			fmt.Sprintf("limit %d and offset %d", *page.Limit, *page.Offset), x,
		}, nil
	}
	for i, name := range want.Items {
		if difference := w.compareFacts(TrackRequest(w.Scene, name), page.Items[i]); difference != "" {
			return &Deviation{a.String(), "the track " + name + " as it was", difference, x}, nil
		}
	}
	return nil, nil
}

// observeHistory compares a track's events with those that it should have. A deletion that is seen the first time is to have
// happened within the case, which takes minutes where a target is slow or limits rates.
func (w *World) observeHistory(ctx context.Context, t provision.TrackRequest) (*Deviation, error) {
	events, err := w.Client.History(ctx, w.Scene.Organization(t.Organization), w.Scene.Track(t.Name))
	if err != nil {
		return nil, err
	}
	same := func(want, got provision.Event) bool { return sameEvent(want, got, w.began) }
	if slices.EqualFunc(w.Events[t.Name], events, same) {
		w.Events[t.Name] = events // from now on the time of a deletion has to stay what it is
		return nil, nil
	}
	return &Deviation{what: "the history of " + t.Name, Expected: w.tellEvents(w.Events[t.Name]), Actual: w.tellEvents(events)}, nil
}

// sameEvent compares events. One that is wanted without a time is to be of any since then.
func sameEvent(want, got provision.Event, since time.Time) bool {
	if want.At.IsZero() {
		want.At = got.At
		if got.At.Before(since.Add(-expect.ClockTolerance)) || got.At.After(time.Now().Add(expect.ClockTolerance)) {
			return false
		}
	}
	at := want.At.Equal(got.At)
	want.At = got.At
	return at && want == got
}

// tellEvents writes a history in a line, with the names of the scene's users for their ids.
func (w *World) tellEvents(events []provision.Event) string {
	var told []string
	for _, e := range events {
		by := e.Actor
		for name, u := range w.Scene.Users {
			if u.ID == e.Actor {
				by = name
			}
		}
		at := "now"
		if !e.At.IsZero() {
			at = e.At.UTC().Format(time.RFC3339)
		}
		line := fmt.Sprintf("%s by %s at %s", e.Type, by, at)
		if e.Amount != "" || e.Currency != "" {
			line += fmt.Sprintf(" (%s %s)", e.Amount, e.Currency)
		}
		told = append(told, line)
	}
	if len(told) == 0 {
		return "no events"
	}
	return strings.Join(told, ", ")
}

// TrackNames returns the names of tracks by their ids. An id that the scene does not have stands for itself.
func TrackNames(s *provision.Scene, ids []string) []string {
	var names []string
	for _, id := range ids {
		known := id
		for name, t := range s.Tracks {
			if t.ID == id {
				known = name
			}
		}
		names = append(names, known)
	}
	return names
}

// TrackRequest returns what was asked for under that name, which the request has.
func TrackRequest(s *provision.Scene, name string) provision.TrackRequest {
	i := slices.IndexFunc(s.Request.Tracks, func(t provision.TrackRequest) bool { return t.Name == name })
	return s.Request.Tracks[i]
}
