package main

import (
	"fmt"
	"io"
	"time"

	"github.com/seed-5ec2a705/mtrack/gen/provisioning"
	"github.com/seed-5ec2a705/mtrack/impl/provision"
	"github.com/seed-5ec2a705/mtrack/impl/record"
)

// demo is a small world to try the API on. It is a new one at every start, so
// that it works as described on a Redis that has seen it before.
type demo struct {
	records []record.Record
	scene   provisioning.Scene
}

// newDemo composes the world: two organizations, a creator, somebody who saved
// the creator's track, and somebody outside.
func newDemo(now time.Time) (demo, error) {
	records, scene, err := provision.Compose(provisioning.SceneRequest{
		Organizations: []provisioning.OrganizationRequest{{Name: "home"}, {Name: "abroad"}},
		Users: []provisioning.UserRequest{
			{Name: "creator", MemberOf: []string{"home"}},
			{Name: "saver", MemberOf: []string{"home"}},
			{Name: "outsider", MemberOf: []string{"abroad"}},
		},
		Tracks: []provisioning.TrackRequest{
			{Name: "drive", Organization: "home", Creator: "creator", SavedBy: []string{"creator", "saver"}, Title: new("Late Night Drive")},
			{Name: "rain", Organization: "home", Creator: "creator", SavedBy: []string{"creator"}, Title: new("Rain on the Roof"), Mode: new("focus")},
		},
	}, now)
	return demo{records, scene}, err
}

// print writes requests ready to paste, the delete that succeeds last: each
// answers as it says when they are pasted in this order.
func (d demo) print(w io.Writer, baseURL string) {
	library := baseURL + "/v1/music/" + d.scene.Organizations["home"].ID + "/tracks"
	drive := library + "/" + d.scene.Tracks["drive"].ID
	key := func(user string) string { return `-H "X-API-Key: ` + d.scene.Users[user].APIKey + `" ` }
	fmt.Fprintln(w, "Demo data, new at this start. Paste these in order:")
	for _, request := range []struct{ status, about, curl string }{
		{"200", "the library of the creator", `curl -i ` + key("creator") + `"` + library + `"`},
		{"200", "one track, with signed URLs to play it", `curl -i ` + key("saver") + `"` + drive + `"`},
		{"401", "delete it without a key", `curl -i -X DELETE "` + drive + `"`},
		{"403", "delete it as somebody who saved it but did not create it", `curl -i -X DELETE ` + key("saver") + `"` + drive + `"`},
		{"404", "delete it as somebody outside the organization", `curl -i -X DELETE ` + key("outsider") + `"` + drive + `"`},
		{"200", "delete it as its creator; a second time answers 404", `curl -i -X DELETE ` + key("creator") + `"` + drive + `"`},
	} {
		fmt.Fprintf(w, "\n# %s: %s\n%s\n", request.status, request.about, request.curl)
	}
	fmt.Fprintln(w)
}
