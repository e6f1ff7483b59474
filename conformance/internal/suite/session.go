package conformance

import (
	"context"
	"errors"
	"fmt"
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
	// probe finds out what a target serves beyond the profile.
	probe servesProbe
	// onKey is told every key of every scene, with a name of its actor that is unique within the case.
	onKey func(actor, key string)
	// onExchange is told every exchange as soon as it is over.
	onExchange func(caseID string, e *Exchange)

	used usedIDs

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
	if err := r.validate(); err != nil {
		return nil, fmt.Errorf("the case asks for a scene that cannot be: %w", err)
	}
	if err := s.gaveUp(); err != nil {
		return nil, err
	}
	scene, err := s.used.create(ctx, s.provisioner, r)
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

// serves asks the target, the first time, what it serves beyond the profile. Anything but a plain success means that it
// does not: nobody is failed for what the profile does not ask for.
func (s *session) serves(ctx context.Context, o Operation) bool {
	s.servesOnce.Do(func() {
		c := newClient(s, "")
		scene, err := c.Provision(ctx, s.probe.scene)
		if err != nil {
			return
		}
		s.served = s.probe.ask(ctx, c, scene)
	})
	return s.served[o]
}

// servesProbe finds out what a target serves, on a scene of its own.
type servesProbe struct {
	scene SceneRequest
	ask   func(ctx context.Context, c *Client, s *Scene) map[Operation]bool
}

// counts returns how many scenes were made, and the requests for those that a file of scenes lacked.
func (s *session) counts() (scenes int, missing []SceneRequest) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.scenes, slices.Clone(s.missing)
}
