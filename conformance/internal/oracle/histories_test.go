package oracle

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// ledger is a provisioner of tracks, which a test bills and deletes as it likes.
type ledger struct {
	provision.Provisioner
	amount func(track string) string
	events map[string][]provision.Event
	asked  int
	scenes int
}

func (l *ledger) String() string { return "the ledger" }

func (l *ledger) CreateScene(_ context.Context, r provision.Request) (*provision.Scene, error) {
	l.scenes++
	scene := &provision.Scene{
		Request:       r,
		Organizations: map[string]provision.SceneOrganization{"home": {ID: "org_1"}},
		Users:         map[string]provision.SceneUser{"creator": {ID: fmt.Sprintf("user_%d", l.scenes)}},
		Tracks:        map[string]provision.SceneTrack{},
	}
	for _, t := range r.Tracks {
		id := fmt.Sprintf("mtrack_%d_%s", l.scenes, t.Name)
		scene.Tracks[t.Name] = provision.SceneTrack{ID: id}
		l.events[id] = []provision.Event{
			{Type: provision.EventCreated, Actor: scene.Users["creator"].ID, At: time.Now()},
			{Type: provision.EventBilled, Actor: scene.Users["creator"].ID, At: time.Now(), Amount: l.amount(t.Name), Currency: "CHF"},
		}
	}
	return scene, nil
}

func (l *ledger) History(_ context.Context, _, track string) ([]provision.Event, error) {
	l.asked++
	return l.events[track], nil
}

// Once the histories of new tracks are known, only what became of them is read; and what differs then
// is the target's doing, unless the provisioner makes such tracks.
func TestAssumedHistories(t *testing.T) {
	request := provision.Request{
		Organizations: []provision.OrganizationRequest{{Name: "home"}},
		Users:         []provision.UserRequest{{Name: "creator"}},
	}
	for i := range 6 {
		request.Tracks = append(request.Tracks, provision.TrackRequest{
			Name: fmt.Sprint("t", i), Organization: "home", Creator: "creator",
		})
	}
	for name, row := range map[string]struct {
		amount func(track string) string // in the last scenes
		change func(events []provision.Event) []provision.Event
		want   string // in the failure, "" for none
	}{
		"as it was":        {nil, nil, ""},
		"billed otherwise": {nil, func(e []provision.Event) []provision.Event { e[1].Amount = "0"; return e }, "(0 CHF)"},
		"billing gone":     {nil, func(e []provision.Event) []provision.Event { return e[:1] }, "track.created"},
		"gone":             {nil, func([]provision.Event) []provision.Event { return []provision.Event{} }, "no events"},
		"a deletion too much": {nil, func(e []provision.Event) []provision.Event {
			return append(e, provision.Event{Type: provision.EventDeleted, At: time.Now()})
		}, "track.deleted"},
		"made otherwise": {func(track string) string { return "0.3" + track[1:] }, nil, ""},
		"made otherwise, and a deletion too much": {
			func(track string) string { return "0.3" + track[1:] },
			func(e []provision.Event) []provision.Event {
				return append(e, provision.Event{Type: provision.EventDeleted, At: time.Now()})
			}, "track.deleted",
		},
	} {
		t.Run(name, func(t *testing.T) {
			same := func(string) string { return "0.10" }
			l := &ledger{amount: same, events: map[string][]provision.Event{}}
			session := &suite.Session{
				EventTypes: []string{provision.EventCreated, provision.EventBilled, provision.EventDeleted},
				Endpoint:   &wire.Endpoint{}, Provisioner: l, Features: []provision.Feature{provision.FeatureHistory},
				Profile: requirement.ProfileFull, OnKey: func(string, string) {},
			}
			world := func() *World {
				c := suite.NewClient(session, "area/case")
				scene, err := c.Provision(t.Context(), request)
				if err != nil {
					t.Fatal(err)
				}
				w, err := NewWorld(t.Context(), c, scene)
				if err != nil {
					t.Fatal(err)
				}
				return w
			}
			for range 3 {
				world()
			}
			if row.amount != nil {
				l.amount = row.amount
			}
			before := l.asked
			w := world()
			if l.asked != before {
				t.Fatalf("%d histories were read before anything was done", l.asked-before)
			}
			if row.change != nil {
				id := w.Scene.Track("t3")
				l.events[id] = row.change(l.events[id])
			}
			err := w.VerifyHistories(t.Context())
			if (err == nil) != (row.want == "") || err != nil && !strings.Contains(err.Error(), row.want) {
				t.Errorf("%v, want %q", err, row.want)
			}
			if err != nil {
				return
			}
			// From now on nothing of it must change.
			id := w.Scene.Track("t3")
			l.events[id][0].At = l.events[id][0].At.Add(time.Second)
			if err := w.VerifyHistories(t.Context()); err == nil {
				t.Error("a creation that moved is accepted")
			}
		})
	}
}
