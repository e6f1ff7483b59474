package conformance_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/seed-5ec2a705/mtrack/conformance"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// library is an implementation of the delete in Go, and its own provisioner: a Go program puts
// itself into known states without a protocol.
type library struct {
	mu     sync.Mutex
	ids    int
	users  map[string]string // API key to id
	tracks map[string]*track
}

type track struct {
	organization, creator string   // ids
	savers                []string // ids
	members               []string // ids of those of the organization
}

// newID returns an id that was never used before.
func (l *library) newID(kind string) string {
	l.ids++
	return fmt.Sprintf("%s_%d", kind, l.ids)
}

func (l *library) String() string { return "the program itself" }

func (l *library) Capabilities(context.Context) ([]provision.Feature, error) { return nil, nil }

func (l *library) History(context.Context, string, string) ([]provision.Event, error) {
	return nil, provision.ErrNoHistory // never asked: the feature is not offered
}

func (l *library) CreateScene(_ context.Context, r provision.Request) (*provision.Scene, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	scene := &provision.Scene{
		Organizations: map[string]provision.SceneOrganization{},
		Users:         map[string]provision.SceneUser{},
		Tracks:        map[string]provision.SceneTrack{},
	}
	for _, o := range r.Organizations {
		scene.Organizations[o.Name] = provision.SceneOrganization{ID: l.newID("org")}
	}
	members := map[string][]string{} // by the name of the organization
	for _, u := range r.Users {
		made := provision.SceneUser{ID: l.newID("user"), APIKey: l.newID("secret_key")}
		scene.Users[u.Name] = made
		l.users[made.APIKey] = made.ID
		for _, o := range u.MemberOf {
			members[o] = append(members[o], made.ID)
		}
	}
	for _, t := range r.Tracks {
		made := &track{
			organization: scene.Organizations[t.Organization].ID,
			creator:      scene.Users[t.Creator].ID,
			members:      members[t.Organization],
		}
		for _, saver := range t.SavedBy {
			made.savers = append(made.savers, scene.Users[saver].ID)
		}
		id := l.newID("mtrack")
		scene.Tracks[t.Name] = provision.SceneTrack{ID: id}
		l.tracks[id] = made
	}
	return scene, nil
}

// ServeHTTP serves DELETE /v1/music/{organization_id}/tracks/{track_id}.
func (l *library) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	organization, id, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/v1/music/"), "/tracks/")
	key := cmp.Or(r.Header.Get("X-API-Key"), strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
	caller, known := l.users[key]
	t := l.tracks[id]
	switch {
	case !known:
		refuse(w, 401, "AUTHENTICATION_REQUIRED", "authentication_error", id)
	case r.Method != http.MethodDelete || t == nil || t.organization != organization ||
		!slices.Contains(t.members, caller) || t.creator != caller && !slices.Contains(t.savers, caller):
		refuse(w, 404, "RESOURCE_NOT_FOUND", "client_error", id)
	case t.creator != caller:
		refuse(w, 403, "INSUFFICIENT_PERMISSIONS", "authorization_error", id)
	default:
		delete(l.tracks, id)
		respond(w, 200, map[string]any{"success": true, "id": id, "detail": "Track deleted."})
	}
}

// refuse writes an error in the envelope of the contract.
func refuse(w http.ResponseWriter, status int, code, kind, track string) {
	respond(w, status, map[string]any{"success": false, "error": map[string]any{
		"code": code, "type": kind, "status": status, "message": "Refused.", "system_message": "refused",
		"details": map[string]any{"track_id": track}, "trace_id": fmt.Sprintf("req_%d", time.Now().UnixNano()),
		"timestamp": time.Now().UTC().Format(time.RFC3339),
	}})
}

func respond(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body)
}

// A run case by case, against an implementation in Go that is its own provisioner.
func ExampleRunner() {
	l := &library{users: map[string]string{}, tracks: map[string]*track{}}
	server := httptest.NewServer(l)
	defer server.Close()

	ctx := context.Background()
	target := conformance.Target{URL: server.URL, Provisioner: l}
	runner, err := conformance.NewRunner(ctx, target,
		conformance.WithProfile(requirement.ProfileDelete),
		conformance.WithRun("delete-track/creator-gets-200", "delete-track/saver-gets-403"),
	)
	if err != nil {
		log.Fatal(err)
	}
	for _, c := range runner.Cases() {
		result, done := runner.Run(ctx, c.ID)
		if !done {
			log.Fatal("interrupted")
		}
		fmt.Println(result.Outcome, result.ID)
	}
	fmt.Println(runner.Report().Verdict)
	// Output:
	// passed delete-track/creator-gets-200
	// passed delete-track/saver-gets-403
	// conforming
}
