package provision

import (
	"errors"
	"fmt"
)

// Request is what a case asks a provisioner for: organizations, users and tracks by symbolic names. It is the body of
// `POST /scenes` of the provisioning protocol.
type Request struct {
	Organizations []OrganizationRequest `json:"organizations"`
	Users         []UserRequest         `json:"users"`
	// Tracks are saved in the order in which they are listed.
	Tracks      []TrackRequest      `json:"tracks"`
	RevokedKeys []RevokedKeyRequest `json:"revoked_keys,omitempty"`
}

// OrganizationRequest asks for an organization.
type OrganizationRequest struct {
	Name string `json:"name"`
}

// UserRequest asks for a user with one API key.
type UserRequest struct {
	Name string `json:"name"`
	// MemberOf may be empty: somebody without any organization.
	MemberOf []string `json:"member_of"`
}

// TrackRequest asks for a track with at least one billing event in its history.
type TrackRequest struct {
	Name         string `json:"name"`
	Organization string `json:"organization"`
	// Creator need not be a member of Organization: then it is somebody who has left it. So with SavedBy.
	Creator string `json:"creator"`
	// SavedBy is in the order of saving, oldest first.
	SavedBy []string `json:"saved_by"`
	// Title, Engine and Mode are the implementation's choice where they are empty.
	Title  string `json:"title,omitempty"`
	Engine string `json:"engine,omitempty"`
	Mode   string `json:"mode,omitempty"`
}

// RevokedKeyRequest asks for a key that once worked for User and works no more.
type RevokedKeyRequest struct {
	Name string `json:"name"`
	User string `json:"user"`
}

// Empty reports whether nothing is asked for.
func (r Request) Empty() bool {
	return len(r.Organizations) == 0 && len(r.Users) == 0 && len(r.Tracks) == 0 && len(r.RevokedKeys) == 0
}

// WithEmptyLists writes empty lists as such: a provisioner in another language is not to meet null.
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

// Scene is what a SceneRequest became: the real ids and keys, by the names of the request.
//
// The lookup methods panic for a name that the request does not have, which is a fault of the case and is reported as an
// error of the suite. A scene that lacks a requested name never gets here: that is a provisioning error.
type Scene struct {
	Request Request `json:"-"`

	Organizations map[string]SceneOrganization `json:"organizations"`
	Users         map[string]SceneUser         `json:"users"`
	Tracks        map[string]SceneTrack        `json:"tracks"`
	RevokedKeys   map[string]SceneKey          `json:"revoked_keys,omitempty"`
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

// User is an actor: somebody to send requests as. The zero value is a caller without a key.
type User struct {
	Name string // symbolic
	ID   string
	Key  string
}

// Organization returns the id of the organization of that name.
func (s *Scene) Organization(name string) string {
	return lookup(s, "organization", sceneOrganizations, name).ID
}

// User returns the user of that name.
func (s *Scene) User(name string) User {
	u := lookup(s, "user", sceneUsers, name)
	return User{Name: name, ID: u.ID, Key: u.APIKey}
}

// Track returns the id of the track of that name.
func (s *Scene) Track(name string) string { return lookup(s, "track", sceneTracks, name).ID }

// RevokedKey returns the revoked key of that name. Send it as User{Name: ..., Key: key}.
func (s *Scene) RevokedKey(name string) string {
	return lookup(s, "revoked key", sceneRevokedKeys, name).APIKey
}

func sceneOrganizations(s *Scene) map[string]SceneOrganization { return s.Organizations }
func sceneUsers(s *Scene) map[string]SceneUser                 { return s.Users }
func sceneTracks(s *Scene) map[string]SceneTrack               { return s.Tracks }
func sceneRevokedKeys(s *Scene) map[string]SceneKey            { return s.RevokedKeys }

func lookup[T any](s *Scene, kind string, part func(*Scene) map[string]T, name string) T {
	if s == nil {
		panic(fmt.Sprintf("%s %q looked up in a case that asks for no scene", kind, name))
	}
	found, ok := part(s)[name]
	if !ok {
		panic(fmt.Sprintf("%s %q looked up in a scene that does not have it", kind, name))
	}
	return found
}

// Validate reports whether the request names everything once and nothing that it does not have.
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
	tracks, keys := map[string]bool{}, map[string]bool{}
	for _, t := range r.Tracks {
		who := fmt.Sprintf("track %q", t.Name)
		errs = append(errs, addName(tracks, "track", t.Name), known(organizations, "organization", who, t.Organization),
			known(users, "user", who, t.Creator))
		for _, u := range t.SavedBy {
			errs = append(errs, known(users, "user", who, u))
		}
	}
	for _, k := range r.RevokedKeys {
		errs = append(errs, addName(keys, "revoked key", k.Name), known(users, "user", fmt.Sprintf("revoked key %q", k.Name), k.User))
	}
	return errors.Join(errs...)
}

func addName(to map[string]bool, kind, name string) error {
	if to[name] || name == "" {
		return fmt.Errorf("two things of the kind %s are named %q, or one has no name", kind, name)
	}
	to[name] = true
	return nil
}
