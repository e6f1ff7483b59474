package provision

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Request asks for a scene: organizations, users and tracks by symbolic names. Its JSON is the body
// of POST /scenes of the provisioning protocol.
type Request struct {
	Organizations []OrganizationRequest `json:"organizations"`
	Users         []UserRequest         `json:"users"`
	// Tracks are saved in the order in which they are listed.
	Tracks      []TrackRequest      `json:"tracks"`
	RevokedKeys []RevokedKeyRequest `json:"revoked_keys,omitempty"`
	ExtraKeys   []ExtraKeyRequest   `json:"extra_keys,omitempty"`
	// Saves are made in this order, after all that the tracks name.
	Saves []SaveRequest `json:"saves,omitempty"`
}

// OrganizationRequest asks for an organization.
type OrganizationRequest struct {
	Name string `json:"name"`
}

// UserRequest asks for a user with one API key.
type UserRequest struct {
	Name string `json:"name"`
	// MemberOf names organizations. It may be empty.
	MemberOf []string `json:"member_of"`
}

// TrackRequest asks for a track with at least one billing event in its history.
type TrackRequest struct {
	Name         string `json:"name"`
	Organization string `json:"organization"`
	// Creator may be a user who is not a member of Organization: one who has left it. So may those
	// of SavedBy.
	Creator string `json:"creator"`
	// SavedBy is in the order of saving, oldest first.
	SavedBy []string `json:"saved_by"`
	// Title, Engine and Mode are the implementation's choice if empty.
	Title  string `json:"title,omitempty"`
	Engine string `json:"engine,omitempty"`
	Mode   string `json:"mode,omitempty"`
	// CreatedAt is in the past, or zero for now.
	CreatedAt time.Time `json:"created_at,omitzero"`
}

// RevokedKeyRequest asks for a key of User that worked once and does not work any more.
type RevokedKeyRequest struct {
	Name string `json:"name"`
	User string `json:"user"`
}

// ExtraKeyRequest asks for a further key of User, which works.
type ExtraKeyRequest struct {
	Name string `json:"name"`
	User string `json:"user"`
}

// SaveRequest asks that User saves Track, which it has not saved otherwise.
type SaveRequest struct {
	User  string `json:"user"`
	Track string `json:"track"`
}

// Features lists the features that a provisioner needs to make the scene.
func (r Request) Features() []Feature {
	var needed []Feature
	if len(r.RevokedKeys) > 0 {
		needed = append(needed, FeatureRevokedKeys)
	}
	if len(r.ExtraKeys) > 0 {
		needed = append(needed, FeatureExtraKeys)
	}
	if slices.ContainsFunc(r.Tracks, func(t TrackRequest) bool { return !t.CreatedAt.IsZero() }) {
		needed = append(needed, FeatureCreatedAt)
	}
	if len(r.Saves) > 0 {
		needed = append(needed, FeatureSaves)
	}
	return needed
}

// Empty reports whether the request asks for nothing.
func (r Request) Empty() bool {
	return len(r.Organizations) == 0 && len(r.Users) == 0 && len(r.Tracks) == 0 &&
		len(r.RevokedKeys) == 0 && len(r.ExtraKeys) == 0 && len(r.Saves) == 0
}

// WithEmptyLists returns a copy whose lists are [] in JSON, never null.
func (r Request) WithEmptyLists() Request {
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

// Validate returns an error if a name of the request occurs twice or is not defined in it.
func (r Request) Validate() error {
	organizations, users := map[string]bool{}, map[string]bool{}
	for _, o := range r.Organizations {
		if err := addName(organizations, "organization", o.Name); err != nil {
			return err
		}
	}
	known := func(of map[string]bool, what, who, name string) error {
		if !of[name] {
			return fmt.Errorf("%s names %s %q, which the request does not have", who, what, name)
		}
		return nil
	}
	var errs []error
	for _, u := range r.Users {
		errs = append(errs, addName(users, "user", u.Name))
		for _, o := range u.MemberOf {
			errs = append(errs, known(organizations, "organization", fmt.Sprintf("user %q", u.Name), o))
		}
	}
	tracks, keys, extra := map[string]bool{}, map[string]bool{}, map[string]bool{}
	saved := map[SaveRequest]bool{}
	for _, t := range r.Tracks {
		who := fmt.Sprintf("track %q", t.Name)
		errs = append(errs, addName(tracks, "track", t.Name), known(organizations, "organization", who, t.Organization),
			known(users, "user", who, t.Creator))
		for _, u := range t.SavedBy {
			errs = append(errs, known(users, "user", who, u))
			saved[SaveRequest{u, t.Name}] = true
		}
	}
	for _, k := range r.RevokedKeys {
		who := fmt.Sprintf("revoked key %q", k.Name)
		errs = append(errs, addName(keys, "revoked key", k.Name), known(users, "user", who, k.User))
	}
	for _, k := range r.ExtraKeys {
		who := fmt.Sprintf("extra key %q", k.Name)
		errs = append(errs, addName(extra, "extra key", k.Name), known(users, "user", who, k.User))
	}
	for _, s := range r.Saves {
		who := fmt.Sprintf("a save of %q by %q", s.Track, s.User)
		errs = append(errs, known(users, "user", who, s.User), known(tracks, "track", who, s.Track))
		if saved[s] {
			errs = append(errs, fmt.Errorf("%s is there twice", who))
		}
		saved[s] = true
	}
	return errors.Join(errs...)
}

// addName adds a name of a kind of things, which has to be new.
func addName(to map[string]bool, kind, name string) error {
	if to[name] || name == "" {
		return fmt.Errorf("two of the kind %s are named %q, or one has no name", kind, name)
	}
	to[name] = true
	return nil
}

// Scene is what a [Request] became: the real ids and keys, by the names of the request. The suite
// never sees a scene that lacks a name of its request.
//
// The methods that look up a name panic if the request does not have it.
type Scene struct {
	Request Request `json:"-"`

	Organizations map[string]SceneOrganization `json:"organizations"`
	Users         map[string]SceneUser         `json:"users"`
	Tracks        map[string]SceneTrack        `json:"tracks"`
	RevokedKeys   map[string]SceneKey          `json:"revoked_keys,omitempty"`
	ExtraKeys     map[string]SceneKey          `json:"extra_keys,omitempty"`
}

// SceneOrganization is an organization of a scene.
type SceneOrganization struct {
	ID string `json:"id"`
}

// SceneUser is a user of a scene.
type SceneUser struct {
	ID     string `json:"id"`
	APIKey string `json:"api_key"`
}

// SceneTrack is a track of a scene.
type SceneTrack struct {
	ID string `json:"id"`
}

// SceneKey is a key of a scene without its user.
type SceneKey struct {
	APIKey string `json:"api_key"`
}

// User is a user of a scene, to send requests as. The zero value is a caller without a key.
type User struct {
	Name string // symbolic
	ID   string
	Key  string
}

// Organization returns the id of the organization of that name.
func (s *Scene) Organization(name string) string {
	return lookup(s.orEmpty().Organizations, "organization", name).ID
}

// User returns the user of that name.
func (s *Scene) User(name string) User {
	u := lookup(s.orEmpty().Users, "user", name)
	return User{Name: name, ID: u.ID, Key: u.APIKey}
}

// Track returns the id of the track of that name.
func (s *Scene) Track(name string) string { return lookup(s.orEmpty().Tracks, "track", name).ID }

// RevokedKey returns the revoked key of that name.
func (s *Scene) RevokedKey(name string) string {
	return lookup(s.orEmpty().RevokedKeys, "revoked key", name).APIKey
}

// ExtraKey returns the user of the extra key of that name, with that key.
func (s *Scene) ExtraKey(name string) User {
	key := lookup(s.orEmpty().ExtraKeys, "extra key", name).APIKey
	for _, k := range s.Request.ExtraKeys {
		if k.Name == name {
			u := s.User(k.User)
			u.Key = key
			return u
		}
	}
	panic(fmt.Sprintf("extra key %q looked up, which the scene of the case does not have", name))
}

// orEmpty returns the scene, an empty one for a case that asked for none.
func (s *Scene) orEmpty() *Scene {
	if s == nil {
		return &Scene{}
	}
	return s
}

func lookup[T any](part map[string]T, kind, name string) T {
	found, ok := part[name]
	if !ok {
		panic(fmt.Sprintf("%s %q looked up, which the scene of the case does not have", kind, name))
	}
	return found
}
