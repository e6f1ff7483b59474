package suite

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/contract"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// Session is what the cases of a run share. Several goroutines may use it at once.
type Session struct {
	Endpoint    *wire.Endpoint
	Contract    *contract.Contract
	Provisioner provision.Provisioner
	Features    []provision.Feature
	Profile     requirement.Profile
	Seed        uint64
	Timeout     time.Duration
	Shrinking   time.Duration // how long a failing sequence may be shrunk
	// Probe finds out what the target serves beyond the profile.
	Probe Probe
	// EventTypes are the types of events that the cases know.
	EventTypes []string
	// OnKey is called with every key of every scene, and a name of its actor that is unique in the
	// case.
	OnKey func(actor, key string)
	// OnExchange is called with every exchange when it has ended.
	OnExchange func(caseID string, e *wire.Exchange)

	// Fresh is what histories of new tracks are like.
	Fresh FreshHistories

	mu      sync.Mutex
	scenes  int
	told    map[provision.TrackReference]bool // the tracks whose history was read
	broken  []error                           // provisioning errors while no scene was ever made
	missing []provision.Request

	servesOnce sync.Once
	served     map[requirement.Operation]bool
}

// downAfter is how many scenes may fail, if none was ever made, before the provisioner is not asked
// any more: each may take as long as its timeout.
const downAfter = 3

// createScene makes a scene.
func (s *Session) createScene(ctx context.Context, r provision.Request) (*provision.Scene, error) {
	if err := r.Validate(); err != nil {
		return nil, fmt.Errorf("the case asks for an impossible scene: %w", err)
	}
	for _, f := range r.Features() {
		if !s.offers(f) {
			return nil, fmt.Errorf("the case asks for a scene with %q, and does not say that it needs it", f)
		}
	}
	if err := s.provisionerDown(); err != nil {
		return nil, err
	}
	scene, err := s.Provisioner.CreateScene(ctx, r)
	if err != nil {
		return nil, s.sceneFailed(ctx, r, err)
	}
	s.mu.Lock()
	s.scenes++
	s.mu.Unlock()
	return scene, nil
}

// sceneFailed keeps the error for later requests and for the report, and returns it as the case is
// to see it.
func (s *Session) sceneFailed(ctx context.Context, r provision.Request, err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var missing *provision.MissingScene
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &missing):
		s.missing = append(s.missing, r.WithEmptyLists())
	case s.scenes == 0:
		s.broken = append(s.broken, err)
	}
	var wrong *provision.Error
	if missing == nil && !errors.As(err, &wrong) {
		err = &provision.Error{Provisioner: s.Provisioner.String(), Reason: "it failed", Err: err}
	}
	return err
}

// provisionerDown returns an error once the provisioner has failed often enough without ever making
// a scene.
func (s *Session) provisionerDown() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.scenes > 0 || len(s.broken) < downAfter {
		return nil
	}
	return &provision.Error{
		Provisioner: s.Provisioner.String(),
		Reason: fmt.Sprintf("not asked again, since it made none of %d scenes: see the first of those errors",
			len(s.broken)),
	}
}

// offers reports whether the provisioner offers a feature.
func (s *Session) offers(f provision.Feature) bool { return slices.Contains(s.Features, f) }

// provisionerError is how a case sees an error of the provisioner.
func (s *Session) provisionerError(ctx context.Context, reason string, err error) error {
	var wrong *provision.Error
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &wrong):
		return err
	default:
		return &provision.Error{Provisioner: s.Provisioner.String(), Reason: reason, Err: err}
	}
}

// serves reports whether the target serves an operation beyond its profile. It is found out once.
// Any doubt means no: a target does not fail for what its profile leaves out.
func (s *Session) serves(ctx context.Context, o requirement.Operation) bool {
	s.servesOnce.Do(func() {
		c := NewClient(s, "")
		scene, err := c.Provision(ctx, s.Probe.Scene)
		if err != nil {
			return
		}
		s.served = s.Probe.Ask(ctx, c, scene)
	})
	return s.served[o]
}

// Counts returns how many scenes were made, and the requests for those that a file of scenes lacks.
func (s *Session) Counts() (scenes int, missing []provision.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.scenes, slices.Clone(s.missing)
}

// Probe finds out which operations a target serves beyond its profile, on a scene of its own.
type Probe struct {
	Scene provision.Request
	Ask   func(ctx context.Context, c *Client, s *provision.Scene) map[requirement.Operation]bool
}
