package faulty

import (
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// behaviour is all that the server decides, one field a decision. Faults and variants replace fields, usually by a
// function that calls the one that was there before.
//
// The functions from admit to acknowledge, the edits, born and history are called with the state locked, so that each
// operation is atomic. delays, write and what is below HTTP are not.
type behaviour struct {
	// Reading the request.
	method     func(c *call) string               // the method that counts
	path       func(c *call) string               // the path that counts, still percent-encoded
	segment    func(string) (id string, ok bool)  // one segment of it, decoded; false where it cannot be an id
	route      func(c *call)                      // sets operation, organization and track
	readBody   func(c *call)                      // reads the body
	credential func(r *http.Request) (key string) // the key that the caller presents, or ""
	userOfKey  func(st *state, key string) *user  // whose key it is, or nil

	// Deciding. gone and the three below are asked about a track that exists.
	respond        func(c *call) *response // everything between reading the request and writing the response
	keyFirst       bool                    // unknown paths and wrong methods are told to those with a key only
	authenticate   func(c *call) *response // authentication: nil, or the refusal
	isMember       func(c *call) bool      // the caller is a member of the organization in the path
	findTrack      func(c *call) *track    // the track with the id in the path, in whatever organization, deleted or not
	inOrganization func(c *call, t *track) bool
	isDeleted      func(c *call, t *track) bool // deleted, as far as this call can see
	hasAccess      func(c *call, t *track) bool
	mayDelete      func(c *call, t *track) bool

	// The operations, and the effects that two of them have.
	deleteTrack func(c *call) *response
	getTrack    func(c *call) *response
	listSaved   func(c *call) *response
	unsaveTrack func(c *call) *response
	remove      func(c *call, t *track) // delete: mark it, write the event
	unsave      func(c *call, t *track) // unsave: drop the caller's edge

	// What a list shows.
	library     func(c *call) []*track                              // the caller's live saves in this organization, newest first
	filter      func(c *call, t *track) bool                        // by the query's mode and engine
	window      func(query url.Values) (limit, offset int, ok bool) // from the query; false is a 422, also for its mode
	page        func(tracks []*track, limit, offset int) []*track   // the part of the list to show
	windowFirst bool                                                // the window is cut before the filter: always false where correct
	describe    func(c *call, t *track, listed bool) *object        // one track, as get or as list shows it

	// Responding.
	acknowledge func(c *call) *response            // 200 of delete and unsave
	refuse      func(c *call, p problem) *response // every error
	edits       []func(c *call, resp *response)    // last touches on any response, in order, with the state locked
	delays      []func(c *call, resp *response)    // what takes time before a response is written
	encode      func(c *call, body *object) []byte
	write       func(c *call, resp *response)
	timestamp   func(time.Time) string // an instant in any response
	trace       func() string          // a new trace id

	// The provisioner.
	features     []string
	newID        func(kind string) string // a new id or key: "organization", "user", "track" or "key"
	trackCreated func(t *track)           // after a track was made and before anybody sees it
	history      func(t *track) []event   // what is told of a track

	// Below HTTP.
	middleware []func(http.Handler) http.Handler          // around the API, the last one outermost
	listen     func(net.Listener) net.Listener            // around its listener
	server     func(*http.Server)                         // settings of its HTTP server
	serve      func(l net.Listener, h http.Handler) error // instead of that HTTP server, where set
	prefix     string                                     // in front of /v1 in the target's URL
}

func correctBehaviour() *behaviour {
	b := &behaviour{
		method:  func(c *call) string { return c.request.Method },
		path:    func(c *call) string { return c.request.URL.EscapedPath() },
		segment: decodeSegment,
		route:   route,
		readBody: func(c *call) {
			c.body, _ = io.ReadAll(io.LimitReader(c.request.Body, maxBody))
			io.Copy(io.Discard, c.request.Body)
		},
		credential: credential,
		userOfKey:  func(st *state, key string) *user { return st.keys[key] },

		respond:        respond,
		authenticate:   authenticate,
		isMember:       func(c *call) bool { return c.user.memberOf[c.organization] },
		findTrack:      func(c *call) *track { return c.server.state.tracks[c.track] },
		inOrganization: func(c *call, t *track) bool { return t.organization.id == c.organization },
		isDeleted:      func(_ *call, t *track) bool { return !t.deletedAt.IsZero() },
		hasAccess:      func(c *call, t *track) bool { return t.creator == c.user || c.user.saved(t) },
		mayDelete:      func(c *call, t *track) bool { return t.creator == c.user },

		deleteTrack: deleteTrack,
		getTrack:    getTrack,
		listSaved:   listSaved,
		unsaveTrack: unsaveTrack,
		remove:      remove,
		unsave:      func(c *call, t *track) { c.user.drop(t) },

		library:  library,
		filter:   filter,
		window:   window,
		page:     page,
		describe: describe,

		acknowledge: acknowledge,
		refuse:      refuse,
		encode:      func(_ *call, body *object) []byte { return body.compact() },
		write:       write,
		timestamp:   func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		trace:       func() string { return "req_" + randomText(lettersAndDigits, 16) },

		features:     []string{"history", "revoked_keys"},
		newID:        newID,
		trackCreated: func(*track) {},
		history:      func(t *track) []event { return t.events },

		listen: func(l net.Listener) net.Listener { return l },
		server: func(*http.Server) {},
	}
	return b
}

// onResponse edits the responses with that status of one operation; "" stands for all operations
// and 0 for every status.
func (b *behaviour) onResponse(op operation, status int, edit func(c *call, resp *response)) {
	b.edits = append(b.edits, func(c *call, resp *response) {
		if (op == "" || op == c.operation) && (status == 0 || status == resp.status) {
			edit(c, resp)
		}
	})
}

// onRefusal edits the responses to requests that were refused for that reason.
func (b *behaviour) onRefusal(why cause, edit func(c *call, resp *response)) {
	b.edits = append(b.edits, func(c *call, resp *response) {
		if c.cause == why {
			edit(c, resp)
		}
	})
}

// maxBody bounds what is kept of a request's body. Nothing correct looks at it; the rest is read and thrown away.
const maxBody = 1 << 16

// decodeSegment refuses what no id holds: nothing, a slash, a NUL.
func decodeSegment(escaped string) (string, bool) {
	id, err := url.PathUnescape(escaped)
	return id, err == nil && id != "" && !strings.ContainsAny(id, "/\x00")
}

// credential takes X-API-Key where it is sent, also where it is empty, and else a Bearer token.
func credential(r *http.Request) string {
	if values, sent := r.Header["X-Api-Key"]; sent {
		return values[0]
	}
	return bearer(r)
}

func bearer(r *http.Request) string {
	scheme, token, found := strings.Cut(r.Header.Get("Authorization"), " ")
	if !found || !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return token
}
