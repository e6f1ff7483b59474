// Command provisioning is a provisioner on the server that oapi-codegen makes. It makes up ids and
// keys, and offers no optional part.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"

	"clients/provisioning/protocol"
)

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("http://%s\n", listener.Addr())
	fmt.Fprintln(os.Stderr, http.Serve(listener, protocol.Handler(protocol.NewStrictHandler(provisioner{}, nil))))
	os.Exit(1)
}

type provisioner struct{}

func (provisioner) GetCapabilities(context.Context, protocol.GetCapabilitiesRequestObject) (protocol.GetCapabilitiesResponseObject, error) {
	return protocol.GetCapabilities200JSONResponse{Protocol: 1, Features: []string{}}, nil
}

func (provisioner) CreateScene(_ context.Context, r protocol.CreateSceneRequestObject) (protocol.CreateSceneResponseObject, error) {
	scene := protocol.CreateScene201JSONResponse{
		Organizations: map[string]protocol.Identified{},
		Users:         map[string]protocol.SceneUser{},
		Tracks:        map[string]protocol.Identified{},
	}
	for _, o := range r.Body.Organizations {
		scene.Organizations[o.Name] = protocol.Identified{ID: "org_" + rand.Text()}
	}
	for _, u := range r.Body.Users {
		scene.Users[u.Name] = protocol.SceneUser{ID: "usr_" + rand.Text(), APIKey: rand.Text()}
	}
	for _, t := range r.Body.Tracks {
		scene.Tracks[t.Name] = protocol.Identified{ID: "mtrack_" + rand.Text()}
	}
	return scene, nil
}

var errOptional = errors.New("not offered")

func (provisioner) GetHistory(context.Context, protocol.GetHistoryRequestObject) (protocol.GetHistoryResponseObject, error) {
	return nil, errOptional
}

func (provisioner) GetHistories(context.Context, protocol.GetHistoriesRequestObject) (protocol.GetHistoriesResponseObject, error) {
	return nil, errOptional
}

func (provisioner) RevokeKey(context.Context, protocol.RevokeKeyRequestObject) (protocol.RevokeKeyResponseObject, error) {
	return nil, errOptional
}

func (provisioner) EndMembership(context.Context, protocol.EndMembershipRequestObject) (protocol.EndMembershipResponseObject, error) {
	return nil, errOptional
}
