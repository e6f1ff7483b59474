package provision

import (
	"crypto/rand"
	"encoding/base32"
	"fmt"
	"strings"
	"time"

	"github.com/seed-5ec2a705/mtrack/gen/provisioning"
	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// composer turns a scene into records with new ids and keys.
type composer struct {
	now     time.Time
	userOf  map[string]*record.User
	trackOf map[string]*record.Track
	saved   map[provisioning.SaveRequest]bool
	savedAt time.Time // of the last save
	records []record.Record
	scene   provisioning.Scene
}

// Compose returns the records of a new scene, made at now, and what it became.
// The records are for one Apply. The error tells the person who wrote the
// scene what is wrong with it.
func Compose(request provisioning.SceneRequest, now time.Time) ([]record.Record, provisioning.Scene, error) {
	c := composer{
		now:    now.Truncate(time.Millisecond),
		userOf: map[string]*record.User{},
		scene: provisioning.Scene{
			Organizations: map[string]provisioning.Identified{},
			Users:         map[string]provisioning.SceneUser{},
			Tracks:        map[string]provisioning.Identified{},
			RevokedKeys:   map[string]provisioning.SceneKey{},
			ExtraKeys:     map[string]provisioning.SceneKey{},
		},
		trackOf: map[string]*record.Track{},
		saved:   map[provisioning.SaveRequest]bool{},
	}
	for _, step := range []func(provisioning.SceneRequest) error{c.organizations, c.people, c.revokedKeys, c.extraKeys, c.tracks, c.saves} {
		if err := step(request); err != nil {
			return nil, provisioning.Scene{}, err
		}
	}
	return c.records, c.scene, nil
}

// organizations composes the organizations.
func (c *composer) organizations(request provisioning.SceneRequest) error {
	for _, o := range request.Organizations {
		if err := unused("organization", o.Name, c.scene.Organizations); err != nil {
			return err
		}
		id := mint("org_")
		c.scene.Organizations[o.Name] = provisioning.Identified{ID: id}
		c.records = append(c.records, record.Record{Organization: &record.Organization{ID: track.OrganizationID(id), Name: o.Name}})
	}
	return nil
}

// people composes the users with their keys and memberships.
func (c *composer) people(request provisioning.SceneRequest) error {
	for _, u := range request.Users {
		if err := unused("user", u.Name, c.scene.Users); err != nil {
			return err
		}
		user := &record.User{ID: track.UserID(mint("user_")), Name: u.Name}
		seen := map[string]bool{}
		for _, name := range u.MemberOf {
			organization, known := c.scene.Organizations[name]
			if !known {
				return fmt.Errorf("user %q names organization %q, which the scene does not have", u.Name, name)
			}
			if seen[name] {
				return fmt.Errorf("user %q names organization %q twice", u.Name, name)
			}
			seen[name] = true
			user.MemberOf = append(user.MemberOf, track.OrganizationID(organization.ID))
		}
		c.userOf[u.Name] = user
		c.scene.Users[u.Name] = provisioning.SceneUser{ID: string(user.ID), APIKey: c.grant(user, "scene", nil)}
		c.records = append(c.records, record.Record{User: user})
	}
	return nil
}

// revokedKeys composes the keys that work no more.
func (c *composer) revokedKeys(request provisioning.SceneRequest) error {
	for _, k := range request.RevokedKeys {
		if err := unused("revoked key", k.Name, c.scene.RevokedKeys); err != nil {
			return err
		}
		user, known := c.userOf[k.User]
		if !known {
			return fmt.Errorf("revoked key %q names user %q, which the scene does not have", k.Name, k.User)
		}
		c.scene.RevokedKeys[k.Name] = provisioning.SceneKey{APIKey: c.grant(user, "scene, revoked", &c.now)}
	}
	return nil
}

// extraKeys composes further keys that work.
func (c *composer) extraKeys(request provisioning.SceneRequest) error {
	for _, k := range request.ExtraKeys {
		if err := unused("extra key", k.Name, c.scene.ExtraKeys); err != nil {
			return err
		}
		user, known := c.userOf[k.User]
		if !known {
			return fmt.Errorf("extra key %q names user %q, which the scene does not have", k.Name, k.User)
		}
		c.scene.ExtraKeys[k.Name] = provisioning.SceneKey{APIKey: c.grant(user, "scene, extra", nil)}
	}
	return nil
}

// grant gives the user a new key and returns its secret.
func (c *composer) grant(user *record.User, label string, revokedAt *time.Time) string {
	secret := track.MintKey().Reveal()
	user.Keys = append(user.Keys, record.Key{Secret: secret, Label: label, CreatedAt: c.now, RevokedAt: revokedAt})
	return secret
}

// tracks composes the tracks with their history and who saved them. Each save
// has a millisecond of its own, before now and after the tracks were created,
// so that libraries have one order.
func (c *composer) tracks(request provisioning.SceneRequest) error {
	saves := len(request.Saves)
	for _, t := range request.Tracks {
		saves += len(t.SavedBy)
	}
	newlyCreated := c.now.Add(-time.Duration(saves+1) * time.Millisecond)
	c.savedAt = newlyCreated
	for i, t := range request.Tracks {
		if err := unused("track", t.Name, c.scene.Tracks); err != nil {
			return err
		}
		createdAt := newlyCreated
		if t.CreatedAt != nil {
			createdAt = t.CreatedAt.UTC()
			if !createdAt.Before(newlyCreated) {
				return fmt.Errorf("track %q is created at %s, which is not in the past", t.Name, t.CreatedAt)
			}
		}
		made, err := c.track(i, t, createdAt)
		if err != nil {
			return err
		}
		c.scene.Tracks[t.Name] = provisioning.Identified{ID: string(made.ID)}
		c.trackOf[t.Name] = made
		event := record.Event{Organization: made.Organization, Track: made.ID, At: createdAt, Actor: made.Creator}
		created, billed := event, event
		created.Seq, created.Type = 1, track.EventCreated
		billed.Seq, billed.Type, billed.Amount, billed.Currency = 2, track.EventBilled, "0.10", "CHF"
		c.records = append(c.records, record.Record{Track: made}, record.Record{Event: &created}, record.Record{Event: &billed})
		for _, name := range t.SavedBy {
			if err := c.save(provisioning.SaveRequest{User: name, Track: t.Name}); err != nil {
				return err
			}
		}
	}
	return nil
}

// saves composes the saves that come after those of the tracks.
func (c *composer) saves(request provisioning.SceneRequest) error {
	for _, s := range request.Saves {
		if c.trackOf[s.Track] == nil {
			return fmt.Errorf("user %q saves track %q, which the scene does not have", s.User, s.Track)
		}
		if err := c.save(s); err != nil {
			return err
		}
	}
	return nil
}

// save composes one save, later than those before it.
func (c *composer) save(s provisioning.SaveRequest) error {
	user, known := c.userOf[s.User]
	if !known {
		return fmt.Errorf("track %q is saved by %q, whom the scene does not have", s.Track, s.User)
	}
	if c.saved[s] {
		return fmt.Errorf("track %q is saved by %q twice", s.Track, s.User)
	}
	c.saved[s] = true
	c.savedAt = c.savedAt.Add(time.Millisecond)
	saved := c.trackOf[s.Track]
	c.records = append(c.records, record.Record{Save: &record.Save{
		User: user.ID, Organization: saved.Organization, Track: saved.ID, SavedAt: c.savedAt,
	}})
	return nil
}

// track composes the i-th track. What a scene leaves open varies from track to
// track, so that a suite meets every shape that the contract allows.
func (c *composer) track(i int, t provisioning.TrackRequest, createdAt time.Time) (*record.Track, error) {
	organization, known := c.scene.Organizations[t.Organization]
	if !known {
		return nil, fmt.Errorf("track %q names organization %q, which the scene does not have", t.Name, t.Organization)
	}
	creator, known := c.userOf[t.Creator]
	if !known {
		return nil, fmt.Errorf("track %q names creator %q, whom the scene does not have", t.Name, t.Creator)
	}
	made := &record.Track{
		ID:           track.ID(mint(track.IDPrefix)),
		Organization: track.OrganizationID(organization.ID),
		Creator:      creator.ID,
		Title:        t.Title,
		Engine:       "studio",
		Mode:         track.ModeCreation,
		Instrumental: i%2 == 0,
		Licence:      track.LicenceCommercialCleared,
		CreatedAt:    createdAt,
	}
	if t.Engine != nil {
		made.Engine = *t.Engine
	}
	if t.Mode != nil {
		made.Mode = track.Mode(*t.Mode)
	}
	if made.Mode != track.ModeCreation && made.Mode != track.ModeFocus {
		return nil, fmt.Errorf("track %q has mode %q: want %q or %q", t.Name, made.Mode, track.ModeCreation, track.ModeFocus)
	}
	if i%3 != 2 {
		made.Duration = new(182.4)
	}
	if i%2 == 1 {
		made.Stems = []string{"drums", "vocals"}
	}
	return made, nil
}

// unused refuses a name that is empty or taken.
func unused[T any](kind, name string, taken map[string]T) error {
	if name == "" {
		return fmt.Errorf("%s without a name", kind)
	}
	if _, ok := taken[name]; ok {
		return fmt.Errorf("two %ss are called %q", kind, name)
	}
	return nil
}

// mint returns a new id: the prefix and 100 random bits.
func mint(prefix string) string {
	var random [13]byte
	rand.Read(random[:]) // never fails (crypto/rand)
	return prefix + strings.ToLower(base32.StdEncoding.EncodeToString(random[:])[:20])
}
