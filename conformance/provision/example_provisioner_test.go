package provision_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"log"
	"strings"

	"github.com/seed-5ec2a705/mtrack/conformance/provision"
)

// database stands for that of the implementation, which this program can reach. It is the
// provisioner.
type database struct {
	organizations []string            // ids
	keys          map[string]string   // API key to the id of the user
	memberships   map[string][]string // id of a user to ids of organizations
	creators      map[string]string   // id of a track to that of its creator
	libraries     map[string][]string // id of a user to ids of tracks, oldest save first
}

func (d *database) String() string { return "the database of the example" }

// Capabilities offers nothing optional.
func (d *database) Capabilities(context.Context) ([]provision.Feature, error) { return nil, nil }

// CreateScene stores what is asked for, under new ids.
func (d *database) CreateScene(_ context.Context, r provision.Request) (*provision.Scene, error) {
	scene := &provision.Scene{
		Organizations: map[string]provision.SceneOrganization{},
		Users:         map[string]provision.SceneUser{},
		Tracks:        map[string]provision.SceneTrack{},
	}
	for _, o := range r.Organizations {
		id := "org_" + rand.Text()
		d.organizations = append(d.organizations, id)
		scene.Organizations[o.Name] = provision.SceneOrganization{ID: id}
	}
	for _, u := range r.Users {
		user := provision.SceneUser{ID: "user_" + rand.Text(), APIKey: "ak_" + rand.Text()}
		d.keys[user.APIKey] = user.ID
		for _, o := range u.MemberOf {
			d.memberships[user.ID] = append(d.memberships[user.ID], scene.Organization(o))
		}
		scene.Users[u.Name] = user
	}
	for _, t := range r.Tracks {
		id := "mtrack_" + rand.Text()
		d.creators[id] = scene.User(t.Creator).ID
		for _, saver := range t.SavedBy { // oldest first
			library := scene.User(saver).ID
			d.libraries[library] = append(d.libraries[library], id)
		}
		scene.Tracks[t.Name] = provision.SceneTrack{ID: id}
	}
	return scene, nil
}

// History is never called, since Capabilities does not offer it.
func (d *database) History(context.Context, string, string) ([]provision.Event, error) {
	return nil, provision.ErrNoHistory
}

// A provisioner in Go, and a test of it: Checked finds what is missing from a scene or not new.
func Example_provisioner() {
	d := &database{
		keys: map[string]string{}, memberships: map[string][]string{},
		creators: map[string]string{}, libraries: map[string][]string{},
	}
	provisioner := provision.Checked(d)
	scene, err := provisioner.CreateScene(context.Background(), provision.Request{
		Organizations: []provision.OrganizationRequest{{Name: "home"}},
		Users:         []provision.UserRequest{{Name: "creator", MemberOf: []string{"home"}}},
		Tracks: []provision.TrackRequest{
			{Name: "song", Organization: "home", Creator: "creator", SavedBy: []string{"creator"}},
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	creator := scene.User("creator")
	fmt.Println("known key:", d.keys[creator.Key] == creator.ID)
	fmt.Println("track:", strings.HasPrefix(scene.Track("song"), "mtrack_"))
	fmt.Println("saved:", len(d.libraries[creator.ID]))
	// Output:
	// known key: true
	// track: true
	// saved: 1
}
