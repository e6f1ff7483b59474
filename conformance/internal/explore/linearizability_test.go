package conformance

import (
	"strings"
	"testing"
	"time"
)

// told is a record of a request about a1 whose times are in milliseconds. Status 0 is no answer; a list's answer names what
// it showed.
func told(client int, operation Operation, sent, answered int, status int, listed ...string) record {
	r := record{
		client: client, action: action{operation: operation, as: historyActors[client], organization: "home", track: "a1"},
		sent: time.Duration(sent) * time.Millisecond, answered: time.Duration(answered) * time.Millisecond,
		exchange: &Exchange{Status: status}, unknown: status == 0, listed: listed,
	}
	if operation == ListSavedTracks {
		r.action.track = ""
	}
	return r
}

// In sceneSequence a1 is ann's (clients 0 and 3), and saved by ann, ben (1 and 4) and cai (2).
func TestHistoriesAreJudged(t *testing.T) {
	for _, tc := range []struct {
		name    string
		records []record
		wrong   bool
	}{
		{"nothing happened", nil, false},
		{"one delete, then nothing", []record{told(0, DeleteTrack, 0, 5, 200), told(1, GetTrack, 6, 7, 404)}, false},
		{"seen after the answer", []record{told(0, DeleteTrack, 0, 5, 200), told(1, GetTrack, 6, 7, 200)}, true},
		{"listed after the answer", []record{told(0, DeleteTrack, 0, 5, 200), told(1, ListSavedTracks, 6, 7, 200, "a1")}, true},
		{"seen meanwhile", []record{told(0, DeleteTrack, 0, 5, 200), told(1, GetTrack, 1, 4, 200)}, false},
		{"gone, and seen again meanwhile", []record{told(0, DeleteTrack, 0, 9, 200), told(1, GetTrack, 1, 2, 404), told(2, GetTrack, 3, 4, 200)}, true},
		{"got no more, and listed meanwhile", []record{told(0, DeleteTrack, 0, 9, 200), told(1, GetTrack, 1, 2, 404), told(2, ListSavedTracks, 3, 4, 200, "a1", "b1", "c1")}, false},
		{"missing before the delete", []record{told(1, GetTrack, 0, 1, 404), told(0, DeleteTrack, 2, 5, 200)}, true},
		{"two winners", []record{told(0, DeleteTrack, 0, 5, 200), told(3, DeleteTrack, 1, 6, 200)}, true},
		{"one winner", []record{told(0, DeleteTrack, 0, 5, 404), told(3, DeleteTrack, 1, 6, 200)}, false},
		{"the saver is refused", []record{told(1, DeleteTrack, 0, 1, 403), told(0, DeleteTrack, 2, 5, 200), told(1, DeleteTrack, 6, 7, 404)}, false},
		{"the saver is refused too late", []record{told(0, DeleteTrack, 2, 5, 200), told(1, DeleteTrack, 6, 7, 403)}, true},
		{"the saver deletes", []record{told(1, DeleteTrack, 0, 1, 200)}, true},
		{"unsaved twice by who only saved it", []record{told(1, UnsaveTrack, 0, 1, 200), told(4, UnsaveTrack, 2, 3, 200)}, true},
		{"unsaved, and 404 from then on", []record{told(1, UnsaveTrack, 0, 1, 200), told(4, UnsaveTrack, 2, 3, 404), told(1, GetTrack, 4, 5, 404)}, false},
		{"unsaved twice by the creator", []record{told(0, UnsaveTrack, 0, 1, 200), told(3, UnsaveTrack, 2, 3, 200), told(0, GetTrack, 4, 5, 200)}, false},
		{"unsaved, and listed", []record{told(0, UnsaveTrack, 0, 1, 200), told(0, ListSavedTracks, 2, 3, 200, "a1", "b1", "c1")}, true},
		{"unsaved by one, listed by another", []record{told(0, UnsaveTrack, 0, 1, 200), told(1, ListSavedTracks, 2, 3, 200, "a1", "b1", "c1")}, false},
		{"an unanswered delete took effect late", []record{told(0, DeleteTrack, 0, 5, 0), told(1, GetTrack, 8, 9, 200), told(1, GetTrack, 10, 11, 404)}, false},
		{"an unanswered delete took no effect", []record{told(0, DeleteTrack, 0, 5, 0), told(1, GetTrack, 8, 9, 200)}, false},
		{"an unanswered delete, undone", []record{told(0, DeleteTrack, 0, 5, 0), told(1, GetTrack, 8, 9, 404), told(1, GetTrack, 10, 11, 200)}, true},
		{"an unanswered delete won", []record{told(0, DeleteTrack, 0, 5, 0), told(3, DeleteTrack, 8, 9, 404)}, false},
		{"an unanswered delete, and another won", []record{told(0, DeleteTrack, 0, 5, 0), told(3, DeleteTrack, 8, 9, 200)}, false},
		{"an unanswered unsave and list", []record{told(1, UnsaveTrack, 0, 5, 0), told(1, ListSavedTracks, 0, 6, 0), told(1, GetTrack, 8, 9, 404)}, false},
		{"nobody touched it, and a list lost it", []record{told(1, ListSavedTracks, 0, 1, 200, "b1", "c1")}, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			// The other two tracks are in every list that says anything.
			for i, r := range tc.records {
				if r.action.operation == ListSavedTracks && !r.unknown {
					for _, other := range []string{"b1", "c1"} {
						if !strings.Contains(strings.Join(r.listed, " "), other) {
							tc.records[i].listed = append(tc.records[i].listed, other)
						}
					}
				}
			}
			err := judgeHistoryOrder(sceneSequence, tc.records)
			if (err != nil) != tc.wrong {
				t.Fatalf("judged %v", err)
			}
			if failure, ok := err.(*Failure); tc.wrong && (!ok || len(failure.Attachments) != 1 || !strings.Contains(failure.Actual, "ann") && !strings.Contains(failure.Actual, "ben")) {
				t.Errorf("the failure does not tell the history: %v", err)
			}
		})
	}
}
