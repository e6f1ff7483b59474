package conformance

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// world is what is true of a scene and can be seen from outside: every track through the eyes of every actor, every actor's
// library in every organization, and the history of every track. A case looks at it once, tells it what was done (did), and
// looks again (holds): everything that the contract does not change has to be as it was.
//
// What is expected comes from the model alone; what a track is (its creation, its licence) comes from the first look.
type world struct {
	client *Client
	scene  *Scene
	model  *model

	gets, lists, histories bool // which of the observers there are

	began  time.Time             // before anything was sent
	facts  map[string]trackFacts // by track
	events map[string][]Event    // by track, as they are to be
}

// view is one thing that was looked at and is not as it should be.
type view struct {
	what, expected, actual string
	exchange               *Exchange // nil for a history
}

// observe takes the first look. A scene that does not look as it was asked for is a failure of the target's.
func observe(ctx context.Context, c *Client) (*world, error) { return observeScene(ctx, c, c.Scene) }

func observeScene(ctx context.Context, c *Client, scene *Scene) (*world, error) {
	w, err := newWorld(ctx, c, scene)
	if err != nil {
		return nil, err
	}
	return w, w.check(ctx, "before anything was sent, ", false)
}

// newWorld remembers the histories, and looks at nothing else yet.
func newWorld(ctx context.Context, c *Client, scene *Scene) (*world, error) {
	w := &world{
		client: c, scene: scene, model: newModel(scene.Request),
		gets: c.Serves(ctx, GetTrack), lists: c.Serves(ctx, ListSavedTracks), histories: c.Has(FeatureHistory),
		began: time.Now(), facts: map[string]trackFacts{}, events: map[string][]Event{},
	}
	if !w.histories {
		return w, nil
	}
	for _, t := range scene.Request.Tracks {
		events, err := c.History(ctx, scene.Organization(t.Organization), scene.Track(t.Name))
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(events, func(e Event) bool { return e.Type == EventBilled }) {
			return nil, fmt.Errorf("the provisioner made the track %s without a %s in its history: the protocol asks for at least one", t.Name, EventBilled)
		}
		w.events[t.Name] = events
	}
	return w, nil
}

// did tells the world what was carried out, so that its consequences are expected from then on.
func (w *world) did(a action) {
	came := w.model.do(a)
	if a.operation == DeleteTrack && came.status == 200 && w.histories {
		w.events[a.track] = append(slices.Clone(w.events[a.track]), Event{Type: EventDeleted, Actor: w.scene.User(a.as).ID})
	}
}

// holds looks again, and fails with everything that is not as it should be. What an organization's members see is looked at.
func (w *world) holds(ctx context.Context) error { return w.check(ctx, "", false) }

// holdsForStrangers is holds that looks through the eyes of those who do not belong to an organization too.
func (w *world) holdsForStrangers(ctx context.Context) error { return w.check(ctx, "", true) }

func (w *world) check(ctx context.Context, when string, strangers bool) error {
	odd, err := w.look(ctx, strangers)
	if err != nil || len(odd) == 0 {
		return err
	}
	var expected, actual []string
	var exchanges []*Exchange
	for i, v := range odd {
		if i == 6 {
			actual = append(actual, fmt.Sprintf("and %d more differences", len(odd)-i))
			break
		}
		expected = append(expected, v.what+": "+v.expected)
		actual = append(actual, v.what+": "+v.actual)
		if v.exchange != nil {
			exchanges = append(exchanges, v.exchange)
		}
	}
	return Fail(when+strings.Join(expected, "; "), strings.Join(actual, "; "), exchanges...)
}

// look asks for everything and returns what is not as it should be.
func (w *world) look(ctx context.Context, strangers bool) ([]view, error) {
	var odd []view
	note := func(v *view, err error) error {
		if v != nil {
			odd = append(odd, *v)
		}
		return err
	}
	for _, u := range w.scene.Request.Users {
		if w.lists {
			for _, o := range w.scene.Request.Organizations {
				if !strangers && !slices.Contains(u.MemberOf, o.Name) {
					continue
				}
				if err := note(w.lookAtList(ctx, u.Name, o.Name)); err != nil {
					return nil, err
				}
			}
		}
		for _, t := range w.scene.Request.Tracks {
			if !strangers && !slices.Contains(u.MemberOf, t.Organization) {
				continue
			}
			if err := note(w.lookAtTrack(ctx, u.Name, t)); err != nil {
				return nil, err
			}
		}
	}
	if w.histories {
		for _, t := range w.scene.Request.Tracks {
			if err := note(w.lookAtHistory(ctx, t)); err != nil {
				return nil, err
			}
		}
	}
	return odd, nil
}

// lookAtTrack gets a track. Where the target does not serve that, the delete of somebody who saved it tells: 403 while the
// track lives, and 404 afterwards, and neither changes anything.
func (w *world) lookAtTrack(ctx context.Context, as string, t TrackRequest) (*view, error) {
	a := action{operation: GetTrack, as: as, organization: t.Organization, track: t.Name}
	user, organization, track := w.scene.User(as), w.scene.Organization(t.Organization), w.scene.Track(t.Name)
	if !w.gets {
		if a.operation = DeleteTrack; t.Creator == as || !slices.Contains(t.SavedBy, as) {
			return nil, nil
		}
		want := w.model.do(a)
		x, err := w.client.Do(ctx, ask(DeleteTrack, user, organization, track))
		if err != nil || x.Status == want.status {
			return nil, err
		}
		return &view{a.String(), want.describe(a), got(x), x}, nil
	}
	want := w.model.do(a)
	x, err := w.client.Do(ctx, ask(GetTrack, user, organization, track))
	if err != nil {
		return nil, err
	}
	if x.Status != want.status {
		return &view{a.String(), want.describe(a), got(x), x}, nil
	}
	if x.Status != 200 {
		return nil, expectError(x, x.Status)
	}
	told, err := expectTrack(x, track)
	if err != nil {
		return nil, err
	}
	if difference := w.compareFacts(t, told); difference != "" {
		return &view{a.String(), "the track as it was", difference, x}, nil
	}
	return nil, nil
}

// compareFacts tells how a track differs from what was asked for and from what was told of it before, or returns "".
func (w *world) compareFacts(t TrackRequest, told trackFacts) string {
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
	if difference := asked.differs(told); difference != "" {
		return difference
	}
	before, known := w.facts[t.Name]
	if !known {
		w.facts[t.Name] = told
		return ""
	}
	return before.differs(told)
}

func (w *world) lookAtList(ctx context.Context, as, organization string) (*view, error) {
	return w.lookAtWindow(ctx, action{operation: ListSavedTracks, as: as, organization: organization})
}

// lookAtWindow lists with a's query and compares what comes with the model: status, items, their order and members, and the
// window that is told back.
func (w *world) lookAtWindow(ctx context.Context, a action, options ...RequestOption) (*view, error) {
	want := w.model.do(a)
	if query := a.query.String(); query != "" {
		options = append([]RequestOption{WithQuery(query)}, options...)
	}
	x, err := w.client.Do(ctx, ask(ListSavedTracks, w.scene.User(a.as), w.scene.Organization(a.organization), "", options...))
	if err != nil {
		return nil, err
	}
	if x.Status != want.status {
		return &view{a.String(), want.describe(a), got(x), x}, nil
	}
	if x.Status != 200 {
		return nil, expectError(x, x.Status)
	}
	page, err := expectPage(x)
	if err != nil {
		return nil, err
	}
	if names := trackNames(w.scene, page.ids()); !slices.Equal(names, want.items) {
		return &view{a.String(), want.describe(a), "200 with " + nameList(names), x}, nil
	}
	limit := a.query.limit
	if limit == 0 {
		limit = defaultLimit
	}
	if *page.Limit != limit || *page.Offset != a.query.offset {
		return &view{
			a.String(), fmt.Sprintf("limit %d and offset %d told back", limit, a.query.offset),
			fmt.Sprintf("limit %d and offset %d", *page.Limit, *page.Offset), x,
		}, nil
	}
	for i, name := range want.items {
		if difference := w.compareFacts(trackRequest(w.scene, name), page.Items[i]); difference != "" {
			return &view{a.String(), "the track " + name + " as it was", difference, x}, nil
		}
	}
	return nil, nil
}

// lookAtHistory compares a track's events with those that it should have. A deletion that is seen the first time is to have
// happened within the case, which takes minutes where a target is slow or limits rates.
func (w *world) lookAtHistory(ctx context.Context, t TrackRequest) (*view, error) {
	events, err := w.client.History(ctx, w.scene.Organization(t.Organization), w.scene.Track(t.Name))
	if err != nil {
		return nil, err
	}
	same := func(want, got Event) bool { return sameEvent(want, got, w.began) }
	if slices.EqualFunc(w.events[t.Name], events, same) {
		w.events[t.Name] = events // from now on the time of a deletion has to stay what it is
		return nil, nil
	}
	return &view{what: "the history of " + t.Name, expected: w.tellEvents(w.events[t.Name]), actual: w.tellEvents(events)}, nil
}

// sameEvent compares events. One that is wanted without a time is to be of any since then.
func sameEvent(want, got Event, since time.Time) bool {
	if want.At.IsZero() {
		want.At = got.At
		if got.At.Before(since.Add(-clockTolerance)) || got.At.After(time.Now().Add(clockTolerance)) {
			return false
		}
	}
	at := want.At.Equal(got.At)
	want.At = got.At
	return at && want == got
}

// tellEvents writes a history in a line, with the names of the scene's users for their ids.
func (w *world) tellEvents(events []Event) string {
	var told []string
	for _, e := range events {
		by := e.Actor
		for name, u := range w.scene.Users {
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

// trackNames returns the names of tracks by their ids. An id that the scene does not have stands for itself.
func trackNames(s *Scene, ids []string) []string {
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

// trackRequest returns what was asked for under that name, which the request has.
func trackRequest(s *Scene, name string) TrackRequest {
	i := slices.IndexFunc(s.Request.Tracks, func(t TrackRequest) bool { return t.Name == name })
	return s.Request.Tracks[i]
}
