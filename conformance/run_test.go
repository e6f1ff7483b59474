package conformance_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/seed-5ec2a705/mtrack/conformance"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/faulty"
)

// tryRequirements are for the cases of these tests.
var tryRequirements = []conformance.Requirement{
	{ID: "must", Level: conformance.Must, Statement: "It must."},
	{ID: "should", Level: conformance.Should, Statement: "It should."},
}

// tryScene is a song, its creator, and somebody of another organization.
var tryScene = conformance.SceneRequest{
	Organizations: []conformance.OrganizationRequest{{Name: "home"}, {Name: "abroad"}},
	Users:         []conformance.UserRequest{{Name: "creator", MemberOf: []string{"home"}}, {Name: "outsider", MemberOf: []string{"abroad"}}},
	Tracks:        []conformance.TrackRequest{{Name: "song", Organization: "home", Creator: "creator", SavedBy: []string{"creator"}}},
}

// start serves a correct target, or the one that is given.
func start(t *testing.T, server *faulty.Server) conformance.Target {
	t.Helper()
	running, err := server.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { running.Close() })
	provisioner, err := conformance.NewHTTPProvisioner(running.Provision, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	return conformance.Target{URL: running.API, Provisioner: provisioner}
}

func TestRunEndToEnd(t *testing.T) {
	deletes := conformance.Case{
		ID: "try/creator-deletes", Operation: conformance.DeleteTrack, Requirements: []string{"must"}, Scene: tryScene,
		Run: func(ctx context.Context, c *conformance.Client) error {
			s := c.Scene
			home, song := s.Organization("home"), s.Track("song")
			for _, step := range []struct {
				as   string
				want int
			}{{"outsider", http.StatusNotFound}, {"creator", http.StatusOK}, {"creator", http.StatusNotFound}} {
				e, err := c.Delete(ctx, s.User(step.as), home, song)
				if err != nil {
					return err
				}
				if e.Status != step.want {
					return conformance.Fail(http.StatusText(step.want), http.StatusText(e.Status), e)
				}
			}
			events, err := c.History(ctx, home, song)
			if err != nil {
				return err
			}
			if last := events[len(events)-1]; last.Type != conformance.EventDeleted || last.Actor != s.User("creator").ID {
				return conformance.Fail("a deletion by the creator", last.Type+" by "+last.Actor)
			}
			return nil
		},
	}
	report, err := conformance.Run(t.Context(), start(t, faulty.New()), conformance.WithCases([]conformance.Case{deletes}, tryRequirements))
	if err != nil {
		t.Fatal(err)
	}
	if report.Verdict != conformance.Conforming {
		t.Fatalf("%s: %+v", report.Verdict, report.Cases)
	}
	if got := report.Coverage; len(got) != 2 || got[0].Operation != conformance.DeleteTrack || got[0].Status != 200 || got[1].Status != 404 || got[1].Exchanges != 2 {
		t.Errorf("coverage: %+v", got)
	}
}
