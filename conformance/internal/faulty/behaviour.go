package faulty

import (
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// behaviour is all that the server decides, one field a decision. Faults and variants replace
// fields, usually by a function that calls the one that was there before.
//
// The functions from authenticate to acknowledge, the edits, trackCreated and history are called
// with the state locked, so that each operation is atomic. delays, write, middleware and what is
// below HTTP are not: what looks at the state there locks it.
type behaviour struct {
	// Reading the request.

	// method is the method that counts.
	method func(c *call) string
	// path is the path that counts, still percent-encoded.
	path func(c *call) string
	// segment decodes one segment of the path. It is false where that cannot be an id.
	segment func(string) (id string, ok bool)
	// route sets the operation, the organization and the track.
	route    func(c *call)
	readBody func(c *call)
	// credential is the key that the caller presents, or "".
	credential func(r *http.Request) (key string)
	// userOfKey is whose key it is, or nil.
	userOfKey func(st *state, key string) *user

	// Deciding.

	// respond is everything between reading the request and writing the response.
	respond func(c *call) *response
	// keyFirst has unknown paths and wrong methods told to those with a key only.
	keyFirst bool
	// authenticate is nil, or the refusal.
	authenticate func(c *call) *response
	// isMember reports whether the caller belongs to the organization in the path.
	isMember func(c *call) bool
	// findTrack is the track with the id in the path, in whatever organization, deleted or not.
	findTrack func(c *call) *track
	// The rest is asked about a track that exists. isDeleted is as far as this call can see.
	inOrganization func(c *call, t *track) bool
	isDeleted      func(c *call, t *track) bool
	hasAccess      func(c *call, t *track) bool
	mayDelete      func(c *call, t *track) bool

	// The operations, and the effects that two of them have.

	deleteTrack func(c *call) *response
	getTrack    func(c *call) *response
	listSaved   func(c *call) *response
	unsaveTrack func(c *call) *response
	// remove marks a track as deleted and writes the event.
	remove func(c *call, t *track)
	// unsave takes a track out of the caller's library.
	unsave func(c *call, t *track)

	// What a list shows.

	// library is the caller's live saves in this organization, newest first.
	library func(c *call) []*track
	// filter reports whether a track fits the query's mode and engine.
	filter func(c *call, t *track) bool
	// window reads limit and offset. It is false where the query is a 422, also for its mode.
	window func(query url.Values) (limit, offset int, ok bool)
	// page is the part of the list to show.
	page func(tracks []*track, limit, offset int) []*track
	// windowFirst has the window cut before the filter, which is wrong.
	windowFirst bool
	// describe is one track, as a get or as a list shows it.
	describe func(c *call, t *track, listed bool) *object

	// Responding.

	// acknowledge is the 200 of delete and unsave.
	acknowledge func(c *call) *response
	// refuse is every error.
	refuse func(c *call, p problem) *response
	// edits are last touches on any response, in order.
	edits []func(c *call, resp *response)
	// delays are what takes time before a response is written. The state is not locked.
	delays []func(c *call, resp *response)
	encode func(c *call, body *object) []byte
	write  func(c *call, resp *response)
	// timestamp is an instant in any response.
	timestamp func(time.Time) string
	// trace is a new trace id.
	trace func() string

	// The provisioner.

	// features are the optional parts of the protocol that are offered.
	features []string
	// newID is a new id or key of an "organization", "user", "track" or "key".
	newID func(kind string) string
	// trackCreated is called after a track was made and before anybody sees it.
	trackCreated func(t *track)
	// history is what is told of a track.
	history func(t *track) []event

	// Around HTTP.

	// middleware stands around the API, the last one outermost.
	middleware []func(http.Handler) http.Handler
	// listen stands around the API's listener.
	listen func(net.Listener) net.Listener
	// server changes the settings of the API's HTTP server.
	server func(*http.Server)
	// serve stands in for that HTTP server, where set.
	serve func(l net.Listener, h http.Handler) error
	// prefix stands in front of /v1 in the target's URL.
	prefix string
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

		features: []string{
			"history",
			"revoked_keys",
			"extra_keys",
			"created_at",
			"saves",
			"histories",
			"revoke_key",
			"end_membership",
		},
		newID:        newID,
		trackCreated: func(*track) {},
		history:      func(t *track) []event { return t.events },

		listen: func(l net.Listener) net.Listener { return l },
		server: func(*http.Server) {},
	}
	return b
}

// maxBody bounds what is kept of a request's body. Nothing correct looks at it; the rest is read
// and thrown away.
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
