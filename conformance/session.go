package conformance

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"
)

// session is what the cases of a run share. It may be used by several goroutines at once.
type session struct {
	endpoint    *endpoint
	contract    *contract
	provisioner Provisioner
	features    []Feature
	profile     Profile
	seed        uint64
	timeout     time.Duration
	shrinking   time.Duration // how long a failing sequence may be shrunk
	vault       *vault
	coverage    *coverage
	used        *usedIDs
	keys        func(variable, key string) // may be nil

	mu      sync.Mutex
	scenes  int
	broken  []error // provisioning errors while no scene was ever made
	missing []SceneRequest

	servesOnce sync.Once
	served     map[Operation]bool
}

// brokenAfter is how many scenes may fail, when none was ever made, before the provisioner is asked no more: each may take
// as long as its timeout.
const brokenAfter = 3

// createScene makes a scene and checks that it is complete and new.
func (s *session) createScene(ctx context.Context, r SceneRequest) (*Scene, error) {
	if err := checkNames(r); err != nil {
		return nil, fmt.Errorf("the case asks for a scene that cannot be: %w", err)
	}
	if err := s.gaveUp(); err != nil {
		return nil, err
	}
	scene, err := s.provisioner.CreateScene(ctx, r.withoutNull())
	if err == nil && scene == nil {
		err = &ProvisioningError{Provisioner: s.provisioner.String(), Reason: "it returned no scene and no error"}
	}
	if err == nil {
		scene.Request = r
		if wrong := s.used.check(scene); wrong != nil {
			err = &ProvisioningError{
				Provisioner: s.provisioner.String(),
				Request:     excerpt(marshal(r.withoutNull()), maxShown),
				Answer:      excerpt(redactProvisioning(marshal(scene)), maxShown),
				Reason:      "its answer does not make the scene",
				Err:         wrong,
			}
		}
	}
	if err != nil {
		return nil, s.sceneFailed(ctx, r, err)
	}
	s.mu.Lock()
	s.scenes++
	s.mu.Unlock()
	return scene, nil
}

// sceneFailed remembers why, for those who come later and for the report.
func (s *session) sceneFailed(ctx context.Context, r SceneRequest, err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var missing *MissingScene
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &missing):
		s.missing = append(s.missing, r.withoutNull())
	case s.scenes == 0:
		s.broken = append(s.broken, err)
	}
	var wrong *ProvisioningError
	if missing == nil && !errors.As(err, &wrong) {
		err = &ProvisioningError{Provisioner: s.provisioner.String(), Reason: "it failed", Err: err}
	}
	return err
}

// gaveUp returns an error once the provisioner has failed often enough without ever making a scene.
func (s *session) gaveUp() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.scenes > 0 || len(s.broken) < brokenAfter {
		return nil
	}
	return &ProvisioningError{
		Provisioner: s.provisioner.String(),
		Reason:      fmt.Sprintf("not asked: it made none of %d scenes; see the first of these errors", len(s.broken)),
	}
}

// history asks the provisioner for the events of a track that the suite knows.
func (s *session) history(ctx context.Context, organization, track string) ([]Event, error) {
	events, err := s.provisioner.History(ctx, organization, track)
	var wrong *ProvisioningError
	switch {
	case errors.Is(err, ErrNoHistory):
		return nil, Fail(fmt.Sprintf("the history of track %s, which came into being with events", track), "that no such track was ever created")
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.As(err, &wrong):
		return nil, err
	case err != nil:
		return nil, &ProvisioningError{Provisioner: s.provisioner.String(), Reason: "it told no history", Err: err}
	}
	return slices.DeleteFunc(slices.Clone(events), func(e Event) bool {
		return e.Type != EventCreated && e.Type != EventBilled && e.Type != EventDeleted
	}), nil
}

// servesScene is what operations outside of the profile are tried on.
var servesScene = SceneRequest{
	Organizations: []OrganizationRequest{{Name: "home"}},
	Users:         []UserRequest{{Name: "creator", MemberOf: []string{"home"}}},
	Tracks:        []TrackRequest{{Name: "song", Organization: "home", Creator: "creator", SavedBy: []string{"creator"}}},
}

// NeededScenes lists the scenes that cases ask for in a run of the profile, one for each use: what a file of scenes has to
// hold. Cases that make further scenes of their own by chance are skipped with such a file.
func NeededScenes(cases []Case, profile Profile) []SceneRequest {
	var needed []SceneRequest
	if profile != ProfileFull {
		needed = append(needed, servesScene.withoutNull())
	}
	for _, c := range cases {
		if !c.Scene.Empty() {
			needed = append(needed, c.Scene.withoutNull())
		}
	}
	return needed
}

// serves asks the target, the first time, what it serves beyond the profile. Anything but a plain success means that it
// does not: nobody is failed for what the profile does not ask for.
func (s *session) serves(ctx context.Context, o Operation) bool {
	s.servesOnce.Do(func() {
		s.served = map[Operation]bool{}
		c := newClient(s, "")
		scene, err := c.Provision(ctx, servesScene)
		if err != nil {
			return
		}
		creator, home, song := scene.User("creator"), scene.Organization("home"), scene.Track("song")
		succeeds := func(e *Exchange, err error) bool { return err == nil && e.Status == http.StatusOK }
		s.served[GetTrack] = succeeds(c.Get(ctx, creator, home, song))
		s.served[ListSavedTracks] = succeeds(c.List(ctx, creator, home, ""))
		s.served[UnsaveTrack] = succeeds(c.Unsave(ctx, creator, home, song))
	})
	return s.served[o]
}

// withoutNull writes empty lists as such: a provisioner in another language is not to meet null.
func (r SceneRequest) withoutNull() SceneRequest {
	r.Organizations = append([]OrganizationRequest{}, r.Organizations...)
	r.Users = append([]UserRequest{}, r.Users...)
	r.Tracks = append([]TrackRequest{}, r.Tracks...)
	for i := range r.Users {
		r.Users[i].MemberOf = append([]string{}, r.Users[i].MemberOf...)
	}
	for i := range r.Tracks {
		r.Tracks[i].SavedBy = append([]string{}, r.Tracks[i].SavedBy...)
	}
	return r
}
