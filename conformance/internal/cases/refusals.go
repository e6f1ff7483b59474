package cases

import (
	"github.com/seed-5ec2a705/mtrack/conformance/internal/oracle"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
)

// denials are actions that have to be refused.
type denials []struct {
	name   string
	action oracle.Action
	status int // of the error
}

// refusals are the denials as requests of a scene.
func (d denials) refusals(s *provision.Scene) []oracle.Refusal {
	var refusals []oracle.Refusal
	for _, one := range d {
		refusals = append(refusals, refused(one.name, one.status, oracle.RequestOf(s, one.action)))
	}
	return refusals
}

// refused is a request that has to get an error of that status and to change nothing.
func refused(name string, status int, r wire.Request) oracle.Refusal {
	return oracle.Refusal{Name: name, Request: r, Expect: oracle.WantError(status)}
}

// toMissing is the request of an action for a track that does not exist, with an id that resembles
// that of the action's.
func toMissing(s *provision.Scene, a oracle.Action) wire.Request {
	return oracle.NewRequest(a.Operation, s.User(a.As), s.Organization(a.Organization), s.Track(a.Track)+"x")
}
