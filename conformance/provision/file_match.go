package provision

import (
	"maps"
	"slices"
)

// sceneNames maps the names of one request to those of another of the same structure.
type sceneNames struct {
	organizations, users, tracks, revokedKeys, extraKeys map[string]string
}

// matchScenes reports whether two requests have the same structure, whatever the names: the same
// organizations and memberships, the tracks in the same order with their organizations, creators
// and savers, the same saves in the same order, and the same revoked and extra keys. Title, engine,
// mode and time of creation have to agree if want gives them.
func matchScenes(want, have Request) (*sceneNames, bool) {
	if len(want.Organizations) != len(have.Organizations) || len(want.Users) != len(have.Users) ||
		len(want.Tracks) != len(have.Tracks) || len(want.RevokedKeys) != len(have.RevokedKeys) ||
		len(want.ExtraKeys) != len(have.ExtraKeys) || len(want.Saves) != len(have.Saves) {
		return nil, false
	}
	m := &matcher{want: want, have: have, organizations: newPairing(), users: newPairing()}
	// The order of tracks is part of the structure, so their users and organizations pair at once.
	tracks := map[string]string{}
	for i, w := range want.Tracks {
		h := have.Tracks[i]
		if len(w.SavedBy) != len(h.SavedBy) ||
			!m.organizations.pair(w.Organization, h.Organization) || !m.users.pair(w.Creator, h.Creator) ||
			!asAsked(w.Title, h.Title) || !asAsked(w.Engine, h.Engine) || !asAsked(w.Mode, h.Mode) ||
			!w.CreatedAt.IsZero() && !w.CreatedAt.Equal(h.CreatedAt) {
			return nil, false
		}
		for j := range w.SavedBy {
			if !m.users.pair(w.SavedBy[j], h.SavedBy[j]) {
				return nil, false
			}
		}
		tracks[w.Name] = h.Name
	}
	for i, w := range want.Saves {
		if h := have.Saves[i]; tracks[w.Track] != h.Track || !m.users.pair(w.User, h.User) {
			return nil, false
		}
	}
	if !m.pairOrganizations(0) {
		return nil, false
	}
	return &sceneNames{
		organizations: m.organizations.forth, users: m.users.forth, tracks: tracks,
		revokedKeys: m.revokedKeys, extraKeys: m.extraKeys,
	}, true
}

// asAsked reports whether have is what want asks for, if it asks for anything.
func asAsked(want, have string) bool { return want == "" || want == have }

// rename returns the scene that was found under the names that were asked for.
func (n *sceneNames) rename(want Request, have *Scene) *Scene {
	s := &Scene{
		Request:       want,
		Organizations: map[string]SceneOrganization{},
		Users:         map[string]SceneUser{},
		Tracks:        map[string]SceneTrack{},
		RevokedKeys:   map[string]SceneKey{},
		ExtraKeys:     map[string]SceneKey{},
	}
	for w, h := range n.organizations {
		s.Organizations[w] = have.Organizations[h]
	}
	for w, h := range n.users {
		s.Users[w] = have.Users[h]
	}
	for w, h := range n.tracks {
		s.Tracks[w] = have.Tracks[h]
	}
	for w, h := range n.revokedKeys {
		s.RevokedKeys[w] = have.RevokedKeys[h]
	}
	for w, h := range n.extraKeys {
		s.ExtraKeys[w] = have.ExtraKeys[h]
	}
	return s
}

// pairing is a one-to-one relation between the names of two requests.
type pairing struct{ forth, back map[string]string }

func newPairing() pairing { return pairing{map[string]string{}, map[string]string{}} }

func (p pairing) clone() pairing { return pairing{maps.Clone(p.forth), maps.Clone(p.back)} }

// pair adds a pair, and reports whether it agrees with those before it.
func (p pairing) pair(want, have string) bool {
	h, known := p.forth[want]
	w, taken := p.back[have]
	if known || taken {
		return known && taken && h == have && w == want
	}
	p.forth[want], p.back[have] = have, want
	return true
}

// matcher pairs by trial and error what the tracks leave open.
type matcher struct {
	want, have           Request
	organizations, users pairing

	revokedKeys, extraKeys map[string]string
}

// pairOrganizations pairs the organizations from the i-th of want on, and then the users.
func (m *matcher) pairOrganizations(i int) bool {
	if i == len(m.want.Organizations) {
		return m.pairUsers(0)
	}
	for _, h := range m.have.Organizations {
		before := m.organizations.clone()
		if m.organizations.pair(m.want.Organizations[i].Name, h.Name) && m.pairOrganizations(i+1) {
			return true
		}
		m.organizations = before
	}
	return false
}

// pairUsers pairs the users from the i-th of want on, and then the keys. All organizations are
// paired.
func (m *matcher) pairUsers(i int) bool {
	if i == len(m.want.Users) {
		return m.pairKeys()
	}
	for _, h := range m.have.Users {
		if !m.sameMemberships(m.want.Users[i], h) {
			continue
		}
		before := m.users.clone()
		if m.users.pair(m.want.Users[i].Name, h.Name) && m.pairUsers(i+1) {
			return true
		}
		m.users = before
	}
	return false
}

// sameMemberships compares memberships as sets.
func (m *matcher) sameMemberships(want, have UserRequest) bool {
	mapped, expected := map[string]bool{}, map[string]bool{}
	for _, o := range want.MemberOf {
		mapped[m.organizations.forth[o]] = true
	}
	for _, o := range have.MemberOf {
		expected[o] = true
	}
	return maps.Equal(mapped, expected)
}

// pairKeys pairs the revoked and the extra keys by their users. All users are paired.
func (m *matcher) pairKeys() bool {
	var revoked, extra bool
	m.revokedKeys, revoked = m.keysOf(m.want.RevokedKeys, m.have.RevokedKeys)
	m.extraKeys, extra = m.keysOf(asRevoked(m.want.ExtraKeys), asRevoked(m.have.ExtraKeys))
	return revoked && extra
}

// asRevoked returns requests for keys as those for revoked keys, which have the same members.
func asRevoked(keys []ExtraKeyRequest) []RevokedKeyRequest {
	same := make([]RevokedKeyRequest, len(keys))
	for i, k := range keys {
		same[i] = RevokedKeyRequest(k)
	}
	return same
}

// keysOf pairs keys by their users, and reports whether each found one.
func (m *matcher) keysOf(want, have []RevokedKeyRequest) (map[string]string, bool) {
	paired, taken := map[string]string{}, map[string]bool{}
	for _, w := range want {
		i := slices.IndexFunc(have, func(h RevokedKeyRequest) bool {
			return !taken[h.Name] && h.User == m.users.forth[w.User]
		})
		if i < 0 {
			return nil, false
		}
		paired[w.Name], taken[have[i].Name] = have[i].Name, true
	}
	return paired, true
}
