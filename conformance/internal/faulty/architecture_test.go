package faulty

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// oddScene has titles, engines and numbers that languages, databases and thresholds stumble over.
func oddScene(t *testing.T) string {
	t.Helper()
	var users, tracks, savers []string
	user := func(name string, of ...string) {
		users = append(users, fmt.Sprintf(`{"name": %q, "member_of": ["%s"]}`, name, strings.Join(of, `", "`)))
	}
	track := func(name, organization, creator, more string, savedBy ...string) {
		tracks = append(tracks, fmt.Sprintf(`{"name": %q, "organization": %q, "creator": %q, %s"saved_by": ["%s"]}`,
			name, organization, creator, more, strings.Join(savedBy, `", "`)))
	}
	user("creator", "home")
	user("saver", "home")
	user("member", "home")
	user("outsider", "abroad")
	user("traveller", "home", "abroad", "away")
	user("hoarder", "home")
	for i := range 25 {
		savers = append(savers, fmt.Sprintf("fan-%d", i))
		user(savers[i], "home")
	}
	for _, name := range []string{"song", "next", "third", "fourth", "fifth", "sixth", "seventh", "popular"} {
		savedBy := []string{"creator", "saver"}
		if name == "popular" {
			savedBy = append(savedBy, savers...)
		}
		track(name, "home", "creator", `"title": "Same", `, savedBy...)
	}
	for i, title := range []string{"0", "1999", "null", " edge ", "cafe\u0301", "1e3", "007", "nul\x00nul"} {
		track(fmt.Sprintf("odd-%d", i), "home", "creator", fmt.Sprintf(`"title": %s, "engine": "st\u00fadio", `, quote(title)),
			"creator", "saver")
	}
	track("old", "home", "creator", `"created_at": "2024-01-02T03:04:05Z", `, "creator")
	for _, organization := range []string{"home", "abroad", "away"} {
		track("of-"+organization, organization, "traveller", "", "traveller")
	}
	for i := range 220 {
		track(fmt.Sprintf("hoard-%d", i), "home", "hoarder", "", "hoarder")
	}
	return fmt.Sprintf(`{
		"organizations": [{"name": "home"}, {"name": "abroad"}, {"name": "away"}],
		"users": [%s],
		"tracks": [%s],
		"extra_keys": [{"name": "second", "user": "creator"}],
		"saves": [{"user": "member", "track": "hoard-5"}, {"user": "member", "track": "hoard-3"}]
	}`, strings.Join(users, ", "), strings.Join(tracks, ", "))
}

func quote(text string) string {
	return `"` + strings.NewReplacer("\x00", `\u0000`, "\u0301", `\u0301`).Replace(text) + `"`
}

// tour is a stage with the odd scene.
type tour struct{ *stage }

func newTour(t *testing.T, s *Server) *tour {
	t.Helper()
	return &tour{newStage(t, s, oddScene(t))}
}

func (tr *tour) home(track, tail string) string { return tr.path("home", track, tail) }

// atOnce asks for the same as several callers at one time.
func (tr *tour) atOnce(method, target string, users ...string) string {
	codes := make([]int, len(users))
	var group sync.WaitGroup
	for i, user := range users {
		group.Go(func() {
			time.Sleep(time.Duration(i) * ms)
			codes[i] = tr.stage.do(method, target, user).Code
		})
	}
	group.Wait()
	return fmt.Sprint(codes)
}

func TestRacesOfAnArchitectureShow(t *testing.T) {
	for _, test := range []struct {
		fault string
		act   func(tr *tour) string
	}{
		{"shared-get-at-once", func(tr *tour) string { return tr.atOnce("GET", tr.home("song", ""), "creator", "outsider") }},
		{"shared-list-at-once", func(tr *tour) string { return tr.atOnce("GET", tr.home("", ""), "creator", "outsider") }},
		{"shared-delete-at-once", func(tr *tour) string { return tr.atOnce("DELETE", tr.home("song", ""), "saver", "creator") }},
		{"shared-unsave-at-once", func(tr *tour) string { return tr.atOnce("DELETE", tr.home("song", "/save"), "saver", "outsider") }},
		{"shared-own-delete-at-once", func(tr *tour) string { return tr.atOnce("DELETE", tr.home("song", ""), "creator", "creator") }},
		{"shared-own-unsave-at-once", func(tr *tour) string { return tr.atOnce("DELETE", tr.home("song", "/save"), "saver", "saver") }},
		{"unsave-race-5ms", func(tr *tour) string { return tr.atOnce("DELETE", tr.home("song", "/save"), "saver", "saver") }},
		{"refill-get", refilled("song", "song")},
		{"refill-list", refilled("", "")},
		{"refill-row-by-get", refilled("song", "song")},
		{"refill-list-by-get", refilled("song", "")},
	} {
		t.Run(test.fault, func(t *testing.T) {
			t.Parallel()
			s, err := Named(test.fault)
			if err != nil {
				t.Fatal(err)
			}
			// A race may be missed, on a busy machine above all.
			want := test.act(newTour(t, New()))
			for range 50 {
				if test.act(newTour(t, s)) != want {
					return
				}
			}
			t.Errorf("nothing is wrong with it: %s", want)
		})
	}
}

// refilled reads one thing as the saver while the track is deleted, and then says whether another
// still shows the track.
func refilled(read, then string) func(tr *tour) string {
	return func(tr *tour) string {
		var group sync.WaitGroup
		group.Go(func() { tr.stage.do("GET", tr.home(read, ""), "saver") })
		time.Sleep(2 * ms)
		tr.stage.do("DELETE", tr.home("song", ""), "creator")
		group.Wait()
		w := tr.stage.do("GET", tr.home(then, ""), "saver")
		return fmt.Sprint(w.Code, strings.Contains(w.Body.String(), `"`+tr.scene.Tracks["song"].ID+`"`))
	}
}
