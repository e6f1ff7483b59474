package faulty

import (
	"net/http"
	"strings"
	"time"
)

// operation is what a request asks for.
type operation string

const (
	opDelete      operation = "deleteTrack"
	opGet         operation = "getTrack"
	opList        operation = "listSavedTracks"
	opUnsave      operation = "unsaveTrack"
	opWrongMethod operation = "wrong method"
	opUnknownPath operation = "unknown path"
)

// cause is why a request was refused. The responses of a correct server do not show it; those of
// faulty ones do.
type cause string

const (
	noKey        cause = "no key"
	unknownKey   cause = "unknown key"
	revokedKey   cause = "revoked key"
	outsider     cause = "the caller does not belong to the organization"
	missing      cause = "no such track"
	foreign      cause = "the track is in another organization"
	deleted      cause = "the track is deleted"
	inaccessible cause = "the caller neither created nor saved it"
	notCreator   cause = "the caller did not create it"
)

// call is one request on its way through the server.
type call struct {
	server    *Server
	writer    http.ResponseWriter
	request   *http.Request
	received  time.Time
	traceID   string
	body      []byte // the first maxBody bytes
	operation operation
	allow     string // for a wrong method: the right ones

	// impossible is set where the path is an operation's but for what cannot be an id.
	impossible   bool
	organization string // from the path, decoded
	track        string // from the path, decoded; "" in a list

	key    string
	user   *user  // nil until admitted
	target *track // the track with that id, whether the caller may know of it or not
	cause  cause  // why it was refused, "" where it was not

	dropped bool // set by faults only: the connection ends without a response
}

func newCall(s *Server, w http.ResponseWriter, r *http.Request) *call {
	return &call{server: s, writer: w, request: r, received: time.Now(), traceID: s.behaviour.trace()}
}

// unlocked runs f while the state is not locked: only faults let others in between a check and
// its effect.
func (c *call) unlocked(f func()) {
	c.server.state.mu.Unlock()
	defer c.server.state.mu.Lock()
	f()
}

// locked runs f with the state locked, for whatever happens after the response was decided.
func (c *call) locked(f func()) {
	c.server.state.mu.Lock()
	defer c.server.state.mu.Unlock()
	f()
}

// route reads the path as it came: never cleaned, never redirected.
//
//	/v1/music/{organization_id}/tracks
//	/v1/music/{organization_id}/tracks/{track_id}
//	/v1/music/{organization_id}/tracks/{track_id}/save
func route(c *call) {
	b := c.server.behaviour
	c.operation = opUnknownPath
	path, ok := strings.CutPrefix(b.path(c), b.prefix+"/v1/music/")
	segments := strings.Split(path, "/")
	if !ok || len(segments) < 2 || len(segments) > 4 || segments[1] != "tracks" ||
		len(segments) == 4 && segments[3] != "save" {
		return
	}
	if c.organization, ok = b.segment(segments[0]); !ok {
		c.impossible = true
		return
	}
	methods := map[string]operation{http.MethodGet: opList}
	c.allow = "GET"
	if len(segments) > 2 {
		if c.track, ok = b.segment(segments[2]); !ok {
			c.impossible = true
			return
		}
		methods = map[string]operation{http.MethodGet: opGet, http.MethodDelete: opDelete}
		c.allow = "DELETE, GET"
	}
	if len(segments) == 4 {
		methods = map[string]operation{http.MethodDelete: opUnsave}
		c.allow = "DELETE"
	}
	if c.operation, ok = methods[b.method(c)]; !ok {
		c.operation = opWrongMethod
	}
}
