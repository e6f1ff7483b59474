package main

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance/provision"
)

// music is a small correct implementation of deleteTrack, getTrack and listSavedTracks and its
// provisioner: enough to be run against.
type music struct {
	api, provisioner *httptest.Server
	forgiving        bool // the fault: savers may delete

	mu      sync.Mutex
	users   map[string]musicUser // by key
	tracks  map[string]*musicTrack
	library map[string][]string // by user, oldest first
}

type musicUser struct {
	id       string
	memberOf []string
}

type musicTrack struct {
	id, organization, creator string
	title, engine, mode       string
	dead                      bool
}

func newMusic(t *testing.T, forgiving bool) *music {
	t.Helper()
	m := &music{
		forgiving: forgiving,
		users:     map[string]musicUser{},
		tracks:    map[string]*musicTrack{},
		library:   map[string][]string{},
	}
	m.api = httptest.NewServer(http.HandlerFunc(m.serve))
	t.Cleanup(m.api.Close)
	m.provisioner = httptest.NewServer(http.HandlerFunc(m.provision))
	t.Cleanup(m.provisioner.Close)
	return m
}

// flags are those that lead to it.
func (m *music) flags() []string {
	return []string{"--target", m.api.URL, "--provision", m.provisioner.URL}
}

func (m *music) provision(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r.URL.Path == "/capabilities" {
		writeJSON(w, 200, map[string]any{"protocol": 1, "features": []string{}})
		return
	}
	var request provision.Request
	if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
		writeJSON(w, 400, map[string]any{"error": err.Error()})
		return
	}
	s := provision.Scene{
		Organizations: map[string]provision.SceneOrganization{},
		Users:         map[string]provision.SceneUser{},
		Tracks:        map[string]provision.SceneTrack{},
	}
	for _, o := range request.Organizations {
		s.Organizations[o.Name] = provision.SceneOrganization{ID: "org_" + rand.Text()}
	}
	for _, u := range request.Users {
		su := provision.SceneUser{ID: "user_" + rand.Text(), APIKey: "ak_" + rand.Text()}
		s.Users[u.Name] = su
		mu := musicUser{id: su.ID}
		for _, o := range u.MemberOf {
			mu.memberOf = append(mu.memberOf, s.Organizations[o].ID)
		}
		m.users[su.APIKey] = mu
	}
	for _, track := range request.Tracks {
		id := "mtrack_" + rand.Text()
		s.Tracks[track.Name] = provision.SceneTrack{ID: id}
		m.tracks[id] = &musicTrack{
			id:           id,
			organization: s.Organizations[track.Organization].ID,
			creator:      s.Users[track.Creator].ID,
			title:        track.Title,
			engine:       track.Engine,
			mode:         cmp.Or(track.Mode, "creation"),
		}
		for _, u := range track.SavedBy {
			m.library[s.Users[u].ID] = append(m.library[s.Users[u].ID], id)
		}
	}
	writeJSON(w, 201, s)
}

func (m *music) serve(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	key := r.Header.Get("X-API-Key")
	if _, sent := r.Header["X-Api-Key"]; !sent {
		if scheme, bearer, _ := strings.Cut(r.Header.Get("Authorization"), " "); strings.EqualFold(scheme, "bearer") {
			key = bearer
		}
	}
	user, known := m.users[key]
	part := strings.Split(strings.TrimPrefix(r.URL.EscapedPath(), "/"), "/") // v1 music ORG tracks [ID]
	if !known {
		writeError(w, 401, "AUTHENTICATION_REQUIRED", "authentication_error", "")
		return
	}
	if len(part) == 4 && slices.Contains(user.memberOf, part[2]) && r.Method == http.MethodGet {
		items := []any{}
		for _, id := range slices.Backward(m.library[user.id]) {
			if t := m.tracks[id]; !t.dead && t.organization == part[2] {
				items = append(items, t.facts(nil))
			}
		}
		writeJSON(w, 200, map[string]any{"items": items, "limit": 50, "offset": 0})
		return
	}
	id := part[len(part)-1]
	t := m.tracks[id]
	saved := slices.Contains(m.library[user.id], id)
	switch {
	case len(part) != 5 || t == nil || t.dead || t.organization != part[2] || !slices.Contains(user.memberOf, part[2]) || !saved && t.creator != user.id:
		writeError(w, 404, "RESOURCE_NOT_FOUND", "client_error", id)
	case r.Method == http.MethodGet:
		writeJSON(w, 200, t.facts("https://media.example.com/"+id))
	case t.creator != user.id && !m.forgiving:
		writeError(w, 403, "INSUFFICIENT_PERMISSIONS", "authorization_error", id)
	default:
		t.dead = true
		writeJSON(w, 200, map[string]any{"success": true, "id": id, "detail": "Track deleted."})
	}
}

func (t *musicTrack) facts(url any) map[string]any {
	return map[string]any{
		"id":                        t.id,
		"title":                     t.title,
		"engine":                    t.engine,
		"mode":                      t.mode,
		"measured_duration_seconds": nil,
		"instrumental":              false,
		"licence_class":             "unclear",
		"created_at":                "2026-06-28T10:30:00Z",
		"playback_url":              url,
		"stem_urls":                 nil,
	}
}

func writeError(w http.ResponseWriter, status int, code, kind, track string) {
	details := map[string]any{}
	if track != "" {
		details["track_id"] = track
	}
	writeJSON(w, status, map[string]any{"success": false, "error": map[string]any{"code": code, "message": "No.", "system_message": "No.", "type": kind,
		"status": status, "details": details, "trace_id": rand.Text(), "timestamp": time.Now().UTC().Format(time.RFC3339)}})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v)
}
