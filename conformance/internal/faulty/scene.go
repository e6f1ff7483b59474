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
		Name         string    `json:"name"`
		Organization string    `json:"organization"`
		Creator      string    `json:"creator"`
		SavedBy      []string  `json:"saved_by"`
		Title        *string   `json:"title"`
		Engine       string    `json:"engine"`
		Mode         string    `json:"mode"`
		CreatedAt    time.Time `json:"created_at"`
	} `json:"tracks"`
	RevokedKeys []sceneKey `json:"revoked_keys"`
	ExtraKeys   []sceneKey `json:"extra_keys"`
	Saves       []struct {
		User  string `json:"user"`
		Track string `json:"track"`
	} `json:"saves"`
}

type sceneKey struct {
	Name string `json:"name"`
	User string `json:"user"`
}

type sceneResponse struct {
	Organizations map[string]identity `json:"organizations"`
	Users         map[string]identity `json:"users"`
	Tracks        map[string]identity `json:"tracks"`
	RevokedKeys   map[string]identity `json:"revoked_keys,omitempty"`
	ExtraKeys     map[string]identity `json:"extra_keys,omitempty"`
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
	mux.HandleFunc("POST /histories", s.serveHistories)
	mux.HandleFunc("POST /revocations", s.serveRevocations)
	mux.HandleFunc("POST /departures", s.serveDepartures)
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
		ExtraKeys:     map[string]identity{},
	}
	if len(request.ExtraKeys) > 0 && !s.offers("extra_keys") {
		return nil, fmt.Errorf("the feature extra_keys is not offered")
	}
	if len(request.Saves) > 0 && !s.offers("saves") {
		return nil, fmt.Errorf("the feature saves is not offered")
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
			made.joined = append(made.joined, of.id)
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
		if !t.CreatedAt.IsZero() {
			if !s.offers("created_at") {
				return nil, fmt.Errorf("the feature created_at is not offered")
			}
			made.createdAt = t.CreatedAt
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
	for _, save := range request.Saves {
		saver, saved := users[save.User], tracks[save.Track]
		if saver == nil || saved == nil {
			return nil, fmt.Errorf("%q saves %q: both must be of this scene", save.User, save.Track)
		}
	}
	for _, k := range slices.Concat(request.RevokedKeys, request.ExtraKeys) {
		if users[k.User] == nil {
			return nil, fmt.Errorf("key %q is of %q, who is no user of this scene", k.Name, k.User)
		}
	}
	for _, k := range request.RevokedKeys {
		scene.RevokedKeys[k.Name] = identity{APIKey: b.newID("key")}
		st.revoked[scene.RevokedKeys[k.Name].APIKey] = users[k.User]
	}
	for _, k := range request.ExtraKeys {
		scene.ExtraKeys[k.Name] = identity{APIKey: b.newID("key")}
		st.keys[scene.ExtraKeys[k.Name].APIKey] = users[k.User]
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
	for _, save := range request.Saves {
		saver, saved := users[save.User], tracks[save.Track]
		if !saver.saved(saved) {
			saver.save(saved)
			saved.savers = append(saved.savers, saver)
		}
	}
	return scene, nil
}

func (s *Server) serveHistory(w http.ResponseWriter, r *http.Request) {
	organization, id := r.URL.Query().Get("organization_id"), r.URL.Query().Get("track_id")
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	history := s.historyOf(organization, id)
	if history == nil || !s.offers("history") {
		provisionError(w, http.StatusNotFound, "no track %q was ever created in organization %q",
			id, organization)
		return
	}
	writeJSON(w, http.StatusOK, history)
}

// historyOf is what the provisioner tells of a track, or nil where there never was such a track.
func (s *Server) historyOf(organization, id string) *object {
	t := s.state.tracks[id]
	if t == nil || t.organization.id != organization {
		return nil
	}
	events := s.behaviour.history(t)
	if events == nil {
		return nil
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
	return newObject("events", lines)
}

func (s *Server) serveHistories(w http.ResponseWriter, r *http.Request) {
	var request struct {
		Tracks []struct {
			OrganizationID string `json:"organization_id"`
			TrackID        string `json:"track_id"`
		} `json:"tracks"`
	}
	if !s.readMessage(w, r, "histories", &request) {
		return
	}
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	histories := []*object{}
	for _, t := range request.Tracks {
		histories = append(histories, s.historyOf(t.OrganizationID, t.TrackID))
	}
	writeJSON(w, http.StatusOK, map[string]any{"histories": histories})
}

func (s *Server) serveRevocations(w http.ResponseWriter, r *http.Request) {
	var request struct {
		APIKey string `json:"api_key"`
	}
	if !s.readMessage(w, r, "revoke_key", &request) {
		return
	}
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	u := cmp.Or(s.state.keys[request.APIKey], s.state.revoked[request.APIKey])
	if u == nil {
		provisionError(w, http.StatusNotFound, "there never was such a key")
		return
	}
	delete(s.state.keys, request.APIKey)
	s.state.revoked[request.APIKey] = u
	writeJSON(w, http.StatusOK, map[string]any{})
}

func (s *Server) serveDepartures(w http.ResponseWriter, r *http.Request) {
	var request struct {
		OrganizationID string `json:"organization_id"`
		UserID         string `json:"user_id"`
	}
	if !s.readMessage(w, r, "end_membership", &request) {
		return
	}
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	if o := s.state.organizations[request.OrganizationID]; o != nil {
		for _, u := range o.members {
			if u.id == request.UserID {
				delete(u.memberOf, o.id)
				writeJSON(w, http.StatusOK, map[string]any{})
				return
			}
		}
	}
	provisionError(w, http.StatusNotFound, "user %q never belonged to organization %q",
		request.UserID, request.OrganizationID)
}

// readMessage reads a message of an optional part of the protocol, and responds where it cannot.
func (s *Server) readMessage(w http.ResponseWriter, r *http.Request, feature string, into any) bool {
	if !s.offers(feature) {
		provisionError(w, http.StatusNotFound, "the feature %s is not offered", feature)
		return false
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(into); err != nil {
		provisionError(w, http.StatusBadRequest, "the message is not JSON of the protocol: %v", err)
		return false
	}
	return true
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
