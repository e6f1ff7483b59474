package oracle

import (
	"context"
	"testing"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
)

// historian is a provisioner with one history.
type historian struct {
	provision.Provisioner
	events []provision.Event
}

func (p historian) History(context.Context, string, string) ([]provision.Event, error) {
	return p.events, nil
}

// A case takes minutes where a target is slow or limits rates, so a deletion is dated within the
// case, not just now.
func TestWorldDatesDeletions(t *testing.T) {
	song := provision.TrackRequest{Name: "song", Organization: "home", Creator: "creator"}
	scene := &provision.Scene{
		Request:       provision.Request{Tracks: []provision.TrackRequest{song}},
		Organizations: map[string]provision.SceneOrganization{"home": {ID: "org_1"}},
		Users:         map[string]provision.SceneUser{"creator": {ID: "user_1"}},
		Tracks:        map[string]provision.SceneTrack{"song": {ID: "mtrack_1"}},
	}
	now := time.Now()
	for name, row := range map[string]struct {
		at   time.Time
		want bool
	}{
		"now":                     {now, true},
		"minutes ago":             {now.Add(-8 * time.Minute), true},
		"a slow clock":            {now.Add(-11 * time.Minute), true},
		"a fast clock":            {now.Add(time.Minute), true},
		"before there was a case": {now.Add(-13 * time.Minute), false},
		"in the future":           {now.Add(3 * time.Minute), false},
		"never":                   {time.Time{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			events := []provision.Event{{Type: provision.EventDeleted, Actor: "user_1", At: row.at}}
			session := &suite.Session{Endpoint: &wire.Endpoint{}, Provisioner: historian{events: events},
				EventTypes: []string{provision.EventCreated, provision.EventBilled, provision.EventDeleted}}
			o := &observer{
				client: suite.NewClient(session, ""),
				scene:  scene,
				began:  now.Add(-10 * time.Minute),
				events: map[string][]provision.Event{"song": {{Type: provision.EventDeleted, Actor: "user_1"}}},
			}
			deviations, err := o.observeHistories(t.Context())
			if err != nil || (deviations == nil) != row.want {
				t.Errorf("%+v, %v", deviations, err)
			}
			if deviations != nil {
				return
			}
			// From now on it must not change.
			moved := provision.Event{Type: provision.EventDeleted, Actor: "user_1", At: row.at.Add(time.Second)}
			session.Provisioner = historian{events: []provision.Event{moved}}
			if deviations, err := o.observeHistories(t.Context()); err != nil || deviations == nil {
				t.Errorf("a deletion that moved is accepted: %v", err)
			}
		})
	}
}
