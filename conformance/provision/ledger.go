package provision

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"sync"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/excerpt"
)

// Ledger remembers the ids and keys of all scenes of a run: every scene is to be new. It may be used by several
// goroutines at once.
type Ledger struct {
	mu   sync.Mutex
	seen map[string]string // kind and id to where it was first seen
}

// check reports whether a scene is what was asked for: complete, and new. The error is one sentence.
func (u *Ledger) check(s *Scene) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	fresh := map[string]string{}
	see := func(kind, part, name, field, value string) error {
		place := fmt.Sprintf("%s.%s.%s", part, name, field)
		if value == "" {
			return fmt.Errorf("%s is missing or empty", place)
		}
		if kind == "key" && !sendable(value) {
			return fmt.Errorf("%s cannot be sent in a header field: it holds control characters, or white space at an end", place)
		}
		key := kind + " " + value
		if other, ok := fresh[key]; ok {
			return fmt.Errorf("%s is the same as %s", place, other)
		}
		if _, ok := u.seen[key]; ok {
			return fmt.Errorf("%s was used by an earlier scene: every scene is to be new", place)
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
	if u.seen == nil {
		u.seen = map[string]string{}
	}
	maps.Copy(u.seen, fresh)
	return nil
}

// sendable reports whether a key arrives unchanged as the value of a header field.
func sendable(key string) bool {
	return strings.Trim(key, " \t") == key && !strings.ContainsFunc(key, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
}

// Create asks a provisioner for a scene, and checks that it is complete and new. The error is the provisioner's, or a
// *ProvisioningError.
func (u *Ledger) Create(ctx context.Context, p Provisioner, r Request) (*Scene, error) {
	scene, err := p.CreateScene(ctx, r.WithEmptyLists())
	if err != nil {
		return nil, err
	}
	if scene == nil {
		return nil, &Error{Provisioner: p.String(), Reason: "it returned no scene and no error"}
	}
	scene.Request = r
	if wrong := u.check(scene); wrong != nil {
		return nil, &Error{
			Provisioner: p.String(),
			Request:     excerpt.Of(excerpt.JSON(r.WithEmptyLists()), maxShown),
			Answer:      excerpt.Of(redactProvisioning(excerpt.JSON(scene)), maxShown),
			Reason:      "its response does not make the scene",
			Err:         wrong,
		}
	}
	return scene, nil
}
