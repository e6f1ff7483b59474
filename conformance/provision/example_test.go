package provision_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/seed-5ec2a705/mtrack/conformance/provision"
)

// A provisioner that listens on a port of its own, and is asked what it offers.
func ExampleHTTP() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `{"protocol": 1, "features": ["history"]}`) // to GET /capabilities
	}))
	defer server.Close()

	provisioner, err := provision.HTTP(server.URL, provision.DefaultTimeout, nil)
	if err != nil {
		log.Fatal(err)
	}
	features, err := provisioner.Capabilities(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(features)
	// Output: [history]
}

// A file of scenes, to be filled in by hand.
func ExampleWriteScenes() {
	request := provision.Request{
		Organizations: []provision.OrganizationRequest{{Name: "home"}},
		Users:         []provision.UserRequest{{Name: "creator", MemberOf: []string{"home"}}},
		Tracks:        []provision.TrackRequest{{Name: "song", Organization: "home", Creator: "creator"}},
	}
	if err := provision.WriteScenes(os.Stdout, []provision.Request{request.WithEmptyLists()}); err != nil {
		log.Fatal(err)
	}
	// Output:
	// {
	//   "scenes": [
	//     {
	//       "request": {
	//         "organizations": [
	//           {
	//             "name": "home"
	//           }
	//         ],
	//         "users": [
	//           {
	//             "name": "creator",
	//             "member_of": [
	//               "home"
	//             ]
	//           }
	//         ],
	//         "tracks": [
	//           {
	//             "name": "song",
	//             "organization": "home",
	//             "creator": "creator",
	//             "saved_by": []
	//           }
	//         ]
	//       },
	//       "scene": {
	//         "organizations": {
	//           "home": {
	//             "id": ""
	//           }
	//         },
	//         "users": {
	//           "creator": {
	//             "id": "",
	//             "api_key": ""
	//           }
	//         },
	//         "tracks": {
	//           "song": {
	//             "id": ""
	//           }
	//         }
	//       }
	//     }
	//   ]
	// }
}
