package conformance

import (
	"context"
	"testing"
	"time"
)

// historian is a provisioner that tells one history.
type historian struct {
	Provisioner
	events []Event
}

func (p historian) History(context.Context, string, string) ([]Event, error) { return p.events, nil }

// A case takes minutes where a target is slow or limits rates, so a deletion is dated within the case, not just now.
func TestWorldDatesDeletions(t *testing.T) {
	song := TrackRequest{Name: "song", Organization: "home", Creator: "creator"}
	scene := &Scene{
		Organizations: map[string]SceneOrganization{"home": {ID: "org_1"}},
		Users:         map[string]SceneUser{"creator": {ID: "user_1"}},
		Tracks:        map[string]SceneTrack{"song": {ID: "mtrack_1"}},
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
			events := []Event{{Type: EventDeleted, Actor: "user_1", At: row.at}}
			w := &world{
				client: newClient(&session{endpoint: &endpoint{}, provisioner: historian{events: events}}, ""), scene: scene, began: now.Add(-10 * time.Minute),
				events: map[string][]Event{"song": {{Type: EventDeleted, Actor: "user_1"}}},
			}
			odd, err := w.lookAtHistory(t.Context(), song)
			if err != nil || (odd == nil) != row.want {
				t.Errorf("%+v, %v", odd, err)
			}
			if odd != nil {
				return
			}
			// From now on it has to stay what it is.
			w.client.run.provisioner = historian{events: []Event{{Type: EventDeleted, Actor: "user_1", At: row.at.Add(time.Second)}}}
			if odd, err := w.lookAtHistory(t.Context(), song); err != nil || odd == nil {
				t.Errorf("a deletion that moved is borne: %v", err)
			}
		})
	}
}
