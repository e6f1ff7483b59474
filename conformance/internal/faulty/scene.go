package faulty

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"
)

const lettersAndDigits = "abcdefghijklmnopqrstuvwxyz0123456789"

// randomText draws n characters of an alphabet of at most 256.
func randomText(alphabet string, n int) string {
	text := make([]byte, n)
	rand.Read(text)
	for i := range text {
		text[i] = alphabet[int(text[i])%len(alphabet)]
	}
	return string(text)
}

func newID(kind string) string {
	switch kind {
	case "organization":
		return "org_" + randomText(lettersAndDigits, 12)
	case "user":
		return "user_" + randomText(lettersAndDigits, 12)
	case "track":
		return "mtrack_" + randomText("0123456789abcdef", 12)
	default:
		return "ak_" + randomText("ABCDEFGHIJKLMNOPQRSTUVWXYZ"+lettersAndDigits, 40)
	}
}

// sceneRequest and sceneResponse are the messages of the provisioning protocol, version 1.
type sceneRequest struct {
	Organizations []struct {
		Name string `json:"name"`
	} `json:"organizations"`
	Users []struct {
		Name     string   `json:"name"`
		MemberOf []string `json:"member_of"`
	} `json:"users"`
	Tracks []struct {
		Name         string   `json:"name"`
		Organization string   `json:"organization"`
		Creator      string   `json:"creator"`
		SavedBy      []string `json:"saved_by"`
		Title        *string  `json:"title"`
		Engine       string   `json:"engine"`
		Mode         string   `json:"mode"`
	} `json:"tracks"`
	RevokedKeys []struct {
		Name string `json:"name"`
		User string `json:"user"`
	} `json:"revoked_keys"`
}

type sceneResponse struct {
	Organizations map[string]identity `json:"organizations"`
	Users         map[string]identity `json:"users"`
	Tracks        map[string]identity `json:"tracks"`
	RevokedKeys   map[string]identity `json:"revoked_keys,omitempty"`
}

type identity struct {
	ID     string `json:"id,omitempty"`
	APIKey string `json:"api_key,omitempty"`
}

// Provisioner is the HTTP transport of the provisioning protocol, version 1.
func (s *Server) Provisioner() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /capabilities", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, map[string]any{"protocol": 1, "features": s.behaviour.features})
	})
	mux.HandleFunc("POST /scenes", s.serveScenes)
	mux.HandleFunc("GET /history", s.serveHistory)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		provisionError(w, http.StatusNotFound, "there is no %s %s here; see GET /capabilities",
			r.Method, r.URL.Path)
	})
	return mux
}

func (s *Server) offers(feature string) bool { return slices.Contains(s.behaviour.features, feature) }

func (s *Server) serveScenes(w http.ResponseWriter, r *http.Request) {
	var request sceneRequest
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&request); err != nil {
		provisionError(w, http.StatusBadRequest, "the scene is not JSON of the protocol: %v", err)
		return
	}
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	scene, err := s.createScene(request)
	if err != nil {
		provisionError(w, http.StatusUnprocessableEntity, "%v", err)
		return
	}
	writeJSON(w, http.StatusCreated, scene)
}

// createScene checks the whole scene before it makes any of it.
func (s *Server) createScene(request sceneRequest) (*sceneResponse, error) {
	b, st := s.behaviour, s.state
	organizations, users, tracks := map[string]*organization{}, map[string]*user{}, map[string]*track{}
	scene := &sceneResponse{
		Organizations: map[string]identity{},
		Users:         map[string]identity{},
		Tracks:        map[string]identity{},
		RevokedKeys:   map[string]identity{},
	}
	if len(request.RevokedKeys) > 0 && !s.offers("revoked_keys") {
		return nil, fmt.Errorf("the feature revoked_keys is not offered")
	}
	for _, o := range request.Organizations {
		if o.Name == "" || organizations[o.Name] != nil {
			return nil, fmt.Errorf("organization %q: a name is needed, and once only", o.Name)
		}
		made := &organization{id: b.newID("organization")}
		organizations[o.Name] = made
		scene.Organizations[o.Name] = identity{ID: made.id}
	}
	for _, u := range request.Users {
		if u.Name == "" || users[u.Name] != nil {
			return nil, fmt.Errorf("user %q: a name is needed, and once only", u.Name)
		}
		made := &user{id: b.newID("user"), key: b.newID("key"), memberOf: map[string]bool{}}
		for _, name := range u.MemberOf {
			of := organizations[name]
			if of == nil {
				return nil, fmt.Errorf("user %q is member_of %q, which is no organization of this scene",
					u.Name, name)
			}
			made.memberOf[of.id] = true
			if made.first == nil {
				made.first = of
			}
			of.members = append(of.members, made)
		}
		users[u.Name] = made
		scene.Users[u.Name] = identity{ID: made.id, APIKey: made.key}
	}
	for _, t := range request.Tracks {
		of, creator := organizations[t.Organization], users[t.Creator]
		if t.Name == "" || tracks[t.Name] != nil {
			return nil, fmt.Errorf("track %q: a name is needed, and once only", t.Name)
		}
		if of == nil || creator == nil {
			return nil, fmt.Errorf("track %q: organization %q and creator %q must both be of this scene",
				t.Name, t.Organization, t.Creator)
		}
		made := &track{
			id: b.newID("track"), organization: of, creator: creator, title: t.Title,
			engine: cmp.Or(t.Engine, "studio"), mode: cmp.Or(t.Mode, "creation"), createdAt: time.Now(),
		}
		made.events = []event{
			{Type: "track.created", At: made.createdAt, Actor: creator.id},
			{Type: "track.billed", At: made.createdAt, Actor: creator.id, Amount: "0.10", Currency: "CHF"},
		}
		for _, name := range t.SavedBy {
			saver := users[name]
			if saver == nil {
				return nil, fmt.Errorf("track %q is saved_by %q, who is no user of this scene", t.Name, name)
			}
			if !slices.Contains(made.savers, saver) {
				made.savers = append(made.savers, saver)
			}
		}
		of.tracks = append(of.tracks, made)
		tracks[t.Name] = made
		scene.Tracks[t.Name] = identity{ID: made.id}
	}
	for _, k := range request.RevokedKeys {
		of := users[k.User]
		if of == nil {
			return nil, fmt.Errorf("revoked key %q is of %q, who is no user of this scene", k.Name, k.User)
		}
		scene.RevokedKeys[k.Name] = identity{APIKey: b.newID("key")}
		st.revoked[scene.RevokedKeys[k.Name].APIKey] = of
	}
	for _, o := range organizations {
		st.organizations[o.id] = o
		for _, t := range o.tracks {
			st.tracks[t.id] = t
			b.trackCreated(t)
		}
	}
	for _, u := range users {
		st.keys[u.key] = u
	}
	// Libraries come last, and in the order of the scene, which is the order of saving.
	for _, t := range request.Tracks {
		for _, saver := range tracks[t.Name].savers {
			saver.save(tracks[t.Name])
		}
	}
	return scene, nil
}

func (s *Server) serveHistory(w http.ResponseWriter, r *http.Request) {
	organization, id := r.URL.Query().Get("organization_id"), r.URL.Query().Get("track_id")
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	var events []event
	if t := s.state.tracks[id]; s.offers("history") && t != nil && t.organization.id == organization {
		events = s.behaviour.history(t)
	}
	if events == nil {
		provisionError(w, http.StatusNotFound, "no track %q was ever created in organization %q",
			id, organization)
		return
	}
	lines := []*object{}
	for _, e := range events {
		line := newObject("type", e.Type)
		if !e.At.IsZero() {
			line.add("at", s.behaviour.timestamp(e.At))
		}
		line.add("actor", e.Actor)
		if e.Amount != "" {
			line.add("amount", e.Amount)
			line.add("currency", e.Currency)
		}
		lines = append(lines, line)
	}
	writeJSON(w, http.StatusOK, newObject("events", lines))
}

func provisionError(w http.ResponseWriter, status int, format string, args ...any) {
	writeJSON(w, status, map[string]string{"error": fmt.Sprintf(format, args...)})
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	data, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(data)
}
