package provision

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/excerpt"
)

// Checked returns p with checks of its scenes: each has to have everything that was asked for, and
// ids and keys that no scene before it had. The error for one that does not is an [*Error]. The
// suite checks every provisioner so; a provisioner's own tests may too.
func Checked(p Provisioner) Provisioner { return &checked{Provisioner: p} }

type checked struct {
	Provisioner
	scenes ledger
}

// CreateScene asks the provisioner for a scene and checks it.
func (c *checked) CreateScene(ctx context.Context, r Request) (*Scene, error) {
	scene, err := c.Provisioner.CreateScene(ctx, r.WithEmptyLists())
	if err != nil {
		return nil, err
	}
	if scene == nil {
		return nil, &Error{Provisioner: c.String(), Reason: "it returned no scene and no error"}
	}
	scene.Request = r
	if wrong := c.scenes.check(scene); wrong != nil {
		return nil, &Error{
			Provisioner: c.String(),
			Request:     excerpt.Of(excerpt.JSON(r.WithEmptyLists()), maxShown),
			Response:    excerpt.Of(redact(excerpt.JSON(scene), excerpt.JSON(scene)), maxShown),
			Reason:      "its response does not make the scene",
			Err:         wrong,
		}
	}
	return scene, nil
}

// Capabilities lists the features that are offered and whose interfaces the provisioner has.
func (c *checked) Capabilities(ctx context.Context) ([]Feature, error) {
	features, err := c.Provisioner.Capabilities(ctx)
	return slices.DeleteFunc(slices.Clone(features), func(f Feature) bool {
		has := true
		switch f {
		case FeatureHistories:
			_, has = c.Provisioner.(HistoriesProvisioner)
		case FeatureRevokeKey:
			_, has = c.Provisioner.(KeyRevoker)
		case FeatureEndMembership:
			_, has = c.Provisioner.(MembershipEnder)
		}
		return !has
	}), err
}

// Histories asks the provisioner for histories and checks that they are as many as were asked for.
func (c *checked) Histories(ctx context.Context, tracks []TrackReference) ([][]Event, error) {
	p, ok := c.Provisioner.(HistoriesProvisioner)
	if !ok {
		return nil, c.notOffered(FeatureHistories)
	}
	histories, err := p.Histories(ctx, tracks)
	if err == nil && len(histories) != len(tracks) {
		return nil, &Error{
			Provisioner: c.String(),
			Request:     excerpt.Of(excerpt.JSON(tracks), maxShown),
			Reason:      fmt.Sprintf("it returned %d histories for %d tracks", len(histories), len(tracks)),
		}
	}
	return histories, err
}

// RevokeKey has the provisioner revoke a key.
func (c *checked) RevokeKey(ctx context.Context, key string) error {
	p, ok := c.Provisioner.(KeyRevoker)
	if !ok {
		return c.notOffered(FeatureRevokeKey)
	}
	return p.RevokeKey(ctx, key)
}

// EndMembership has the provisioner end a membership.
func (c *checked) EndMembership(ctx context.Context, organization, user string) error {
	p, ok := c.Provisioner.(MembershipEnder)
	if !ok {
		return c.notOffered(FeatureEndMembership)
	}
	return p.EndMembership(ctx, organization, user)
}

func (c *checked) notOffered(f Feature) error {
	return &Error{Provisioner: c.String(), Reason: fmt.Sprintf("it does not offer %q", f)}
}

// ledger holds the ids and keys of all scenes so far. Several goroutines may use it at once.
type ledger struct {
	mu   sync.Mutex
	seen map[string]bool // kind and id
}

// check returns an error, in one sentence, for a scene that is incomplete or not new.
func (l *ledger) check(s *Scene) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	fresh := map[string]string{} // kind and id, to the place in the scene
	see := func(kind, part, name, field, value string) error {
		place := fmt.Sprintf("%s.%s.%s", part, name, field)
		if value == "" {
			return fmt.Errorf("%s is missing or empty", place)
		}
		if kind == "key" && !sendable(value) {
			return fmt.Errorf("%s cannot be sent in a header field: "+
				"it holds control characters, or begins or ends with white space", place)
		}
		key := kind + " " + value
		if other, ok := fresh[key]; ok {
			return fmt.Errorf("%s is the same as %s", place, other)
		}
		if l.seen[key] {
			return fmt.Errorf("%s was used by an earlier scene: every scene has to be new", place)
		}
		fresh[key] = place
		return nil
	}
	for _, o := range s.Request.Organizations {
		if err := see("organization", "organizations", o.Name, "id", s.Organizations[o.Name].ID); err != nil {
			return err
		}
	}
	for _, user := range s.Request.Users {
		if err := see("user", "users", user.Name, "id", s.Users[user.Name].ID); err != nil {
			return err
		}
		if err := see("key", "users", user.Name, "api_key", s.Users[user.Name].APIKey); err != nil {
			return err
		}
	}
	for _, t := range s.Request.Tracks {
		if err := see("track", "tracks", t.Name, "id", s.Tracks[t.Name].ID); err != nil {
			return err
		}
	}
	for _, k := range s.Request.RevokedKeys {
		if err := see("key", "revoked_keys", k.Name, "api_key", s.RevokedKeys[k.Name].APIKey); err != nil {
			return err
		}
	}
	for _, k := range s.Request.ExtraKeys {
		if err := see("key", "extra_keys", k.Name, "api_key", s.ExtraKeys[k.Name].APIKey); err != nil {
			return err
		}
	}
	if l.seen == nil {
		l.seen = map[string]bool{}
	}
	for key := range fresh {
		l.seen[key] = true
	}
	return nil
}

// sendable reports whether a key arrives unchanged as the value of a header field.
func sendable(key string) bool {
	control := func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }
	return strings.Trim(key, " \t") == key && !strings.ContainsFunc(key, control)
}
