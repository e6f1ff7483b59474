package provision

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/seed-5ec2a705/mtrack/openapi/strictjson"
)

// scenes are finished scenes, of which each is used once.
type scenes struct {
	name string

	mu     sync.Mutex
	unused []*Scene
}

// sceneFile is the form of a file of scenes.
type sceneFile struct {
	Scenes []sceneEntry `json:"scenes"`
}

type sceneEntry struct {
	Request Request `json:"request"`
	Scene   Scene   `json:"scene"`
}

// File returns a provisioner for an implementation that can only be seeded by hand: it has the
// finished scenes of a file, as [ReadScenes] reads them.
func File(path string) (Provisioner, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return ReadScenes(f, path)
}

// ReadScenes reads finished scenes in the form of [WriteScenes], with the ids and keys filled in.
// Each scene is used once, for a request of the same structure, whatever the names in it. The name
// of the file is for messages.
func ReadScenes(r io.Reader, name string) (Provisioner, error) {
	wrong := func(format string, arguments ...any) error {
		return fmt.Errorf("%s: %s", name, fmt.Sprintf(format, arguments...))
	}
	content, err := io.ReadAll(r)
	if err != nil {
		return nil, wrong("%v", err)
	}
	var file sceneFile
	if err := strictjson.Unmarshal(content, &file, strictjson.Closed); err != nil {
		return nil, wrong("%v", err)
	}
	if len(file.Scenes) == 0 {
		return nil, wrong("it holds no scenes: add those that the cases need")
	}
	s := &scenes{name: name}
	var used ledger
	for i, entry := range file.Scenes {
		entry.Scene.Request = entry.Request
		if err := entry.Request.Validate(); err != nil {
			return nil, wrong("scene %d: request: %v", i+1, err)
		}
		if err := used.check(&entry.Scene); err != nil {
			return nil, wrong("scene %d: scene.%v", i+1, err)
		}
		s.unused = append(s.unused, &entry.Scene)
	}
	return s, nil
}

// String names the file.
func (s *scenes) String() string { return "scenes in " + s.name }

// Capabilities lists what a file can hold.
func (s *scenes) Capabilities(context.Context) ([]Feature, error) { return FileFeatures(), nil }

// FileFeatures lists what a file of scenes can hold: the features that are part of a scene.
func FileFeatures() []Feature {
	return []Feature{FeatureRevokedKeys, FeatureExtraKeys, FeatureCreatedAt, FeatureSaves}
}

// CreateScene takes the first unused scene of the structure of the request.
func (s *scenes) CreateScene(_ context.Context, want Request) (*Scene, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, have := range s.unused {
		if names, ok := matchScenes(want, have.Request); ok {
			s.unused = append(s.unused[:i:i], s.unused[i+1:]...)
			return names.rename(want, have), nil
		}
	}
	return nil, &MissingScene{Request: want}
}

// History fails: the feature is not offered.
func (s *scenes) History(context.Context, string, string) ([]Event, error) {
	return nil, &Error{Provisioner: s.String(), Reason: "a file of scenes has no histories"}
}

// WriteScenes writes a file of scenes for [File]: each request, and beside it the scene with empty
// ids and keys, to be filled in.
func WriteScenes(w io.Writer, requests []Request) error {
	file := sceneFile{Scenes: make([]sceneEntry, 0, len(requests))}
	for _, r := range requests {
		entry := sceneEntry{Request: r, Scene: Scene{
			Organizations: map[string]SceneOrganization{},
			Users:         map[string]SceneUser{},
			Tracks:        map[string]SceneTrack{},
		}}
		for _, o := range r.Organizations {
			entry.Scene.Organizations[o.Name] = SceneOrganization{}
		}
		for _, u := range r.Users {
			entry.Scene.Users[u.Name] = SceneUser{}
		}
		for _, t := range r.Tracks {
			entry.Scene.Tracks[t.Name] = SceneTrack{}
		}
		for _, k := range r.RevokedKeys {
			if entry.Scene.RevokedKeys == nil {
				entry.Scene.RevokedKeys = map[string]SceneKey{}
			}
			entry.Scene.RevokedKeys[k.Name] = SceneKey{}
		}
		for _, k := range r.ExtraKeys {
			if entry.Scene.ExtraKeys == nil {
				entry.Scene.ExtraKeys = map[string]SceneKey{}
			}
			entry.Scene.ExtraKeys[k.Name] = SceneKey{}
		}
		file.Scenes = append(file.Scenes, entry)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(file)
}
