package explore

import (
	"strings"
	"testing"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/oracle"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// request is an event about a1 whose times are in milliseconds. Status 0 is no response; listed are
// the tracks that a list showed.
func request(client int, operation requirement.Operation, sent, received int, status int, listed ...string) event {
	r := event{
		client: client, action: oracle.Action{Operation: operation, As: historyActors[client], Organization: "home", Track: "a1"},
		sent: time.Duration(sent) * time.Millisecond, received: time.Duration(received) * time.Millisecond,
		exchange: &wire.Exchange{Status: status}, unknown: status == 0, listed: listed,
	}
	if operation == requirement.ListSavedTracks {
		r.action.Track = ""
	}
	return r
}

// In SceneSequence a1 is ann's (clients 0 and 3), and saved by ann, ben (1 and 4) and cai (2).
func TestHistoriesAreJudged(t *testing.T) {
	for _, tc := range []struct {
		name    string
		records []event
		wrong   bool
	}{
		{"nothing happened", nil, false},
		{"one delete, then nothing", []event{request(0, requirement.DeleteTrack, 0, 5, 200), request(1, requirement.GetTrack, 6, 7, 404)}, false},
		{"seen after the response", []event{request(0, requirement.DeleteTrack, 0, 5, 200), request(1, requirement.GetTrack, 6, 7, 200)}, true},
		{"listed after the response", []event{request(0, requirement.DeleteTrack, 0, 5, 200), request(1, requirement.ListSavedTracks, 6, 7, 200, "a1")}, true},
		{"seen meanwhile", []event{request(0, requirement.DeleteTrack, 0, 5, 200), request(1, requirement.GetTrack, 1, 4, 200)}, false},
		{"gone, and seen again meanwhile", []event{request(0, requirement.DeleteTrack, 0, 9, 200), request(1, requirement.GetTrack, 1, 2, 404), request(2, requirement.GetTrack, 3, 4, 200)}, true},
		{"got no more, and listed meanwhile", []event{request(0, requirement.DeleteTrack, 0, 9, 200), request(1, requirement.GetTrack, 1, 2, 404), request(2, requirement.ListSavedTracks, 3, 4, 200, "a1", "b1", "c1")}, false},
		{"missing before the delete", []event{request(1, requirement.GetTrack, 0, 1, 404), request(0, requirement.DeleteTrack, 2, 5, 200)}, true},
		{"two winners", []event{request(0, requirement.DeleteTrack, 0, 5, 200), request(3, requirement.DeleteTrack, 1, 6, 200)}, true},
		{"one winner", []event{request(0, requirement.DeleteTrack, 0, 5, 404), request(3, requirement.DeleteTrack, 1, 6, 200)}, false},
		{"the saver is refused", []event{request(1, requirement.DeleteTrack, 0, 1, 403), request(0, requirement.DeleteTrack, 2, 5, 200), request(1, requirement.DeleteTrack, 6, 7, 404)}, false},
		{"the saver is refused too late", []event{request(0, requirement.DeleteTrack, 2, 5, 200), request(1, requirement.DeleteTrack, 6, 7, 403)}, true},
		{"the saver deletes", []event{request(1, requirement.DeleteTrack, 0, 1, 200)}, true},
		{"unsaved twice by who only saved it", []event{request(1, requirement.UnsaveTrack, 0, 1, 200), request(4, requirement.UnsaveTrack, 2, 3, 200)}, true},
		{"unsaved, and 404 from then on", []event{request(1, requirement.UnsaveTrack, 0, 1, 200), request(4, requirement.UnsaveTrack, 2, 3, 404), request(1, requirement.GetTrack, 4, 5, 404)}, false},
		{"unsaved twice by the creator", []event{request(0, requirement.UnsaveTrack, 0, 1, 200), request(3, requirement.UnsaveTrack, 2, 3, 200), request(0, requirement.GetTrack, 4, 5, 200)}, false},
		{"unsaved, and listed", []event{request(0, requirement.UnsaveTrack, 0, 1, 200), request(0, requirement.ListSavedTracks, 2, 3, 200, "a1", "b1", "c1")}, true},
		{"unsaved by one, listed by another", []event{request(0, requirement.UnsaveTrack, 0, 1, 200), request(1, requirement.ListSavedTracks, 2, 3, 200, "a1", "b1", "c1")}, false},
		{"an unanswered delete took effect late", []event{request(0, requirement.DeleteTrack, 0, 5, 0), request(1, requirement.GetTrack, 8, 9, 200), request(1, requirement.GetTrack, 10, 11, 404)}, false},
		{"an unanswered delete took no effect", []event{request(0, requirement.DeleteTrack, 0, 5, 0), request(1, requirement.GetTrack, 8, 9, 200)}, false},
		{"an unanswered delete, undone", []event{request(0, requirement.DeleteTrack, 0, 5, 0), request(1, requirement.GetTrack, 8, 9, 404), request(1, requirement.GetTrack, 10, 11, 200)}, true},
		{"an unanswered delete won", []event{request(0, requirement.DeleteTrack, 0, 5, 0), request(3, requirement.DeleteTrack, 8, 9, 404)}, false},
		{"an unanswered delete, and another won", []event{request(0, requirement.DeleteTrack, 0, 5, 0), request(3, requirement.DeleteTrack, 8, 9, 200)}, false},
		{"an unanswered unsave and list", []event{request(1, requirement.UnsaveTrack, 0, 5, 0), request(1, requirement.ListSavedTracks, 0, 6, 0), request(1, requirement.GetTrack, 8, 9, 404)}, false},
		{"nobody touched it, and a list lost it", []event{request(1, requirement.ListSavedTracks, 0, 1, 200, "b1", "c1")}, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			// The other two tracks are in every list that says anything.
			for i, r := range tc.records {
				if r.action.Operation == requirement.ListSavedTracks && !r.unknown {
					for _, other := range []string{"b1", "c1"} {
						if !strings.Contains(strings.Join(r.listed, " "), other) {
							tc.records[i].listed = append(tc.records[i].listed, other)
						}
					}
				}
			}
			err := judgeHistoryOrder(SceneSequence, tc.records)
			if (err != nil) != tc.wrong {
				t.Fatalf("judged %v", err)
			}
			if failure, ok := err.(*suite.Failure); tc.wrong &&
				(!ok || len(failure.Attachments) != 1 || !strings.Contains(failure.Actual, "ann") && !strings.Contains(failure.Actual, "ben")) {
				t.Errorf("the failure does not show the history: %v", err)
			}
		})
	}
}
