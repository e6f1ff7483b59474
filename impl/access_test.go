package impl_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-5ec2a705/mtrack/gen/provisioning"
	"github.com/seed-5ec2a705/mtrack/impl"
	"github.com/seed-5ec2a705/mtrack/impl/embedded"
	"github.com/seed-5ec2a705/mtrack/impl/internal/redistest"
	"github.com/seed-5ec2a705/mtrack/impl/provision"
	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/registry"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// hostileSegments are segments of a path, still encoded, that name nothing:
// what cannot be an id, and what resembles one that is there. Slashes are
// among them: with those the path is another one.
func hostileSegments(id string) []string {
	return []string{
		"", ".", "..", "%2e", "%2E%2e", "%2F", "%2f" + id, id + "%2F", id + "%2Fsave", "x%2F..%2F" + id, id + "/", "/" + id, id + "//", "./" + id, "x/../" + id,
		id + "/save", id + "/x", "save", "tracks", "%00", id + "%00", "%00" + id, id[:3] + "%00" + id[3:], "%FF", id + "%FF", id + "%C3%28", "%ED%A0%80" + id, "%C0%AF" + id,
		id + "%0A", id + "%09", "%7F", id + "%20", "%20" + id, id + "%25", "%25", "%3F", "%23", id + ";v=1", id + "%3Bv=1", id + "+", "*", "_", "%7B" + id + "%7D", "%5C" + id, id + "%5C",
		strings.ToUpper(id), id[:len(id)-1], id + "x", "nonsense", "%C3%BC", "%F0%9F%8E%B5", "'%20OR%20'1'='1", "null", "0", "-1",
		id + strings.Repeat("a", 256), id + strings.Repeat("a", 2048), strings.Repeat("a", 2049), id + strings.Repeat("%61", 2048), strings.Repeat("%F0%9F%8E%B5", 600), strings.Repeat("/", 100),
	}
}

// credentials are headers by what they are called.
type credentials map[string]http.Header

// keyHeader sends a key in the one header or the other.
func keyHeader(which int, key string) http.Header {
	if which%2 == 0 {
		return http.Header{"X-Api-Key": {key}}
	}
	return http.Header{"Authorization": {"bEARER " + key}}
}

// TestAccess_HostilePaths asks for everything that cannot be, and for what
// resembles what is there, with every kind of key, by every operation and by
// a method that no path has. Whoever has no good key gets 401, whatever else is
// wrong; whoever has one gets 404, or 405 where the path is one of the
// contract's; and nothing happens.
func TestAccess_HostilePaths(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(*testing.T) (track.Store, record.Registry){
		"embedded": func(t *testing.T) (track.Store, record.Registry) {
			own := embedded.Open()
			store := redisstore.New(own.Client(), redisstore.WithPatience(embedded.Patience))
			t.Cleanup(func() { store.Close(); own.Close() })
			return store, registry.New(own.Client())
		},
		"Redis": func(t *testing.T) (track.Store, record.Registry) {
			own := redistest.Start(t)
			return own.Store(t), own.Registry(t)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store, registry := open(t)
			walkHostilePaths(t, store, registry, name == "Redis")
		})
	}
}

// walkHostilePaths asks for every path. Unless it is to ask with every key, it
// leaves out some of those for which the store runs a script, which takes the
// embedded one long, above all with the race detector.
func walkHostilePaths(t *testing.T, store track.Store, registry record.Registry, every bool) {
	records, scene, err := provision.Compose(hostileScene(t), time.Now().UTC())
	if err != nil {
		t.Fatal(err)
	}
	if err := registry.Apply(t.Context(), records); err != nil {
		t.Fatal(err)
	}
	home, song := scene.Organizations["home"].ID, scene.Tracks["song"].ID
	creator := scene.Users["creator"]
	if err := registry.EndMembership(t.Context(), track.UserID(scene.Users["leaver"].ID), track.OrganizationID(home)); err != nil {
		t.Fatal(err)
	}
	bad, good := credentials{
		"none":                      {},
		"two":                       {"X-Api-Key": {creator.APIKey, creator.APIKey}},
		"empty before a good one":   {"X-Api-Key": {""}, "Authorization": {"Bearer " + creator.APIKey}},
		"unknown before a good one": {"X-Api-Key": {"ak_unknown"}, "Authorization": {"Bearer " + creator.APIKey}},
		"another scheme":            {"Authorization": {"Basic " + creator.APIKey}},
		"no scheme":                 {"Authorization": {creator.APIKey}},
	}, credentials{}
	for i, key := range []string{"", "ak_unknown", scene.RevokedKeys["old"].APIKey, "\xff", creator.APIKey + "\x00", creator.APIKey[:len(creator.APIKey)-1], strings.Repeat("k", 8<<10)} {
		if i > 2 && !every {
			break
		}
		bad[fmt.Sprintf("key %d, %.50q", i, key)] = keyHeader(i, key)
	}
	for _, name := range slices.Sorted(maps.Keys(scene.Users)) {
		if name != "creator" && name != "outsider" && !every {
			continue
		}
		good[name] = keyHeader(len(good), scene.Users[name].APIKey)
	}

	handler := impl.New(store)
	var mu sync.Mutex
	seen := map[int]int{} // statuses
	ask := func(method, path, who string, header http.Header) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", "/", nil)
		u, err := url.ParseRequestURI(path)
		if err != nil {
			panic(err) // a mistake in this test
		}
		r.Method, r.URL, r.RequestURI, r.Header = method, u, path, header
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		mu.Lock()
		seen[w.Code]++
		mu.Unlock()
		var envelope struct {
			Success *bool
			Error   struct{ Status int }
		}
		if err := json.Unmarshal(w.Body.Bytes(), &envelope); err != nil || envelope.Success == nil || *envelope.Success || envelope.Error.Status != w.Code {
			t.Errorf("%s %.100s by %s: %d %v: %.200s", method, path, who, w.Code, err, w.Body)
		}
		return w
	}
	paths := []string{"/", "/v1", "/v1/music/" + home, "/V1/music/" + home + "/tracks/" + song, "//v1/music/" + home + "/tracks/" + song}
	for _, segment := range hostileSegments(song) {
		if segment != song+"/save" {
			paths = append(paths, "/v1/music/"+home+"/tracks/"+segment)
		}
		paths = append(paths, "/v1/music/"+home+"/tracks/"+segment+"/save")
	}
	for _, segment := range hostileSegments(home) {
		paths = append(paths, "/v1/music/"+segment+"/tracks", "/v1/music/"+segment+"/tracks?limit=0", "/v1/music/"+segment+"/tracks?limit=x&mode=%ff",
			"/v1/music/"+segment+"/tracks/"+song, "/v1/music/"+segment+"/tracks/"+song+"/save")
	}
	var walks sync.WaitGroup
	for part := range slices.Chunk(paths, len(paths)/8+1) {
		walks.Go(func() {
			for _, path := range part {
				for _, method := range methodsOf(path) {
					for who, header := range bad {
						if w := ask(method, path, who, header); w.Code != http.StatusUnauthorized {
							t.Errorf("%s %.100s by %s: %d, want 401", method, path, who, w.Code)
						}
					}
					for who, header := range good {
						if w := ask(method, path, who, header); w.Code != http.StatusNotFound && (w.Code != http.StatusMethodNotAllowed || slices.Contains(strings.Split(w.Header().Get("Allow"), ", "), method)) {
							t.Errorf("%s %.100s by %s: %d, want 404, or 405 without the method in Allow", method, path, who, w.Code)
						}
					}
				}
				if w := ask("OPTIONS", path, "nobody", http.Header{}); w.Code != http.StatusUnauthorized || w.Header().Get("Allow") != "" {
					t.Errorf("OPTIONS %.100s by nobody: %d, %v", path, w.Code, w.Header())
				}
			}
		})
	}
	walks.Wait()
	t.Logf("statuses: %v", seen)
	for who, status := range map[string]int{"member": 404, "outsider": 404, "leaver": 404, "saver": 403, "creator": 200} {
		r := httptest.NewRequest("DELETE", "/v1/music/"+home+"/tracks/"+song, nil)
		r.Header.Set("X-API-Key", scene.Users[who].APIKey)
		w := httptest.NewRecorder()
		if who == "creator" {
			continue // last
		}
		if handler.ServeHTTP(w, r); w.Code != status {
			t.Errorf("afterwards a delete by %s: %d, want %d", who, w.Code, status)
		}
	}
	r := httptest.NewRequest("DELETE", "/v1/music/"+home+"/tracks/"+song, nil)
	r.Header.Set("X-API-Key", creator.APIKey)
	w := httptest.NewRecorder()
	if handler.ServeHTTP(w, r); w.Code != http.StatusOK {
		t.Errorf("afterwards the creator's delete: %d", w.Code)
	}
}

// methodsOf returns the methods that the contract has for paths of that form,
// or both where it has none.
func methodsOf(path string) []string {
	bare, _, _ := strings.Cut(path, "?")
	switch {
	case strings.HasSuffix(bare, "/save"):
		return []string{"DELETE"}
	case strings.HasSuffix(bare, "/tracks"):
		return []string{"GET"}
	default:
		return []string{"DELETE", "GET"}
	}
}

// hostileScene is the scene of TestAccess_HostilePaths.
func hostileScene(t *testing.T) provisioning.SceneRequest {
	t.Helper()
	var scene provisioning.SceneRequest
	if err := json.Unmarshal([]byte(`{
		"organizations": [{"name": "home"}, {"name": "abroad"}],
		"users": [
			{"name": "creator", "member_of": ["home"]}, {"name": "saver", "member_of": ["home"]}, {"name": "member", "member_of": ["home"]},
			{"name": "leaver", "member_of": ["home"]}, {"name": "outsider", "member_of": ["abroad"]}],
		"tracks": [{"name": "song", "organization": "home", "creator": "creator", "saved_by": ["creator", "saver", "leaver"]}],
		"revoked_keys": [{"name": "old", "user": "creator"}]}`), &scene); err != nil {
		t.Fatal(err)
	}
	return scene
}
