package httpapi

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/seed-5ec2a705/mtrack/impl/internal/router"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// errBody is a body that ended too early, came too slowly or in broken chunks.
var errBody = errors.New("unreadable request body")

// retryAfter is what a 503 asks callers to wait: long enough for a failover to
// have begun, short enough that nobody notices.
const retryAfter = time.Second

// answer is how one kind of error looks to the caller.
type answer struct {
	when    func(error) bool
	status  int
	code    string
	kind    string // the envelope's type
	message string // for the person who uses the caller's program
	system  string // for the person who wrote it
}

// answers is the one table from errors to answers. The first row that matches
// decides; whatever matches none is [internalError].
var answers = []answer{
	{code(track.Unauthenticated), http.StatusUnauthorized, "AUTHENTICATION_REQUIRED", "authentication_error",
		"Authentication required. Please provide a valid API key.", "Missing, unknown or revoked API key"},
	{code(track.NotFound), http.StatusNotFound, "RESOURCE_NOT_FOUND", "client_error",
		"The requested resource could not be found.", "Music track not found"},
	{code(track.NotCreator), http.StatusForbidden, "INSUFFICIENT_PERMISSIONS", "authorization_error",
		"You do not have permission to access this resource.", "Only the track creator may delete it"},
	{code(track.InvalidArgument), http.StatusUnprocessableEntity, "VALIDATION_ERROR", "client_error",
		"The request has an invalid parameter.", "Invalid parameter"},
	{is(track.ErrUnconfirmed), http.StatusServiceUnavailable, "SERVICE_UNAVAILABLE", "server_error",
		"It is not certain that this took effect. Please try again: success or \"not found\" says that it did.",
		"Outcome unknown: replicas did not confirm in time; send the request again: 200 or 404 says that they have it"},
	{code(track.Unavailable), http.StatusServiceUnavailable, "SERVICE_UNAVAILABLE", "server_error",
		"The service is temporarily unavailable. Please try again later.", "Store unavailable"},
	// A store that noticed the deadline without saying so in its own words.
	{is(context.DeadlineExceeded), http.StatusServiceUnavailable, "SERVICE_UNAVAILABLE", "server_error",
		"The service is temporarily unavailable. Please try again later.", "Request timed out"},
	{is(router.ErrUnknownPath), http.StatusNotFound, "RESOURCE_NOT_FOUND", "client_error",
		"The requested resource could not be found.", "No such path"},
	{is(router.ErrMethod), http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", "client_error",
		"This method is not supported here.", "The Allow header lists the methods of this path"},
	{is(errBody), http.StatusBadRequest, "BAD_REQUEST", "client_error",
		"The request could not be read.", "The request body is malformed or did not arrive in time"},
}

// internalError is the answer to what nobody foresaw. It tells nothing.
var internalError = answer{nil, http.StatusInternalServerError, "INTERNAL_ERROR", "server_error",
	"An unexpected error occurred. Please try again later.", "Internal error"}

// code matches the errors of a domain code.
func code(c track.Code) func(error) bool {
	return func(err error) bool { return track.CodeOf(err) == c }
}

// is matches what wraps the target.
func is(target error) func(error) bool {
	return func(err error) bool { return errors.Is(err, target) }
}

// answerTo finds the row for err.
func answerTo(err error) answer {
	for _, a := range answers {
		if a.when(err) {
			return a
		}
	}
	return internalError
}

// facts are what the error envelope tells. The contract has a type for each
// status of its operations, which differ in the values that they allow; this is
// also for 400 and 405, which belong to no operation.
type facts struct {
	code, message, systemMessage, kind string
	status                             int
	detail, value                      string // the name of a detail and what it is; "": none
	traceID                            string
	timestamp                          time.Time
}

// fail answers with the error envelope. It is the only place that writes one.
// What was already sent stays as it is: then there is only the log to tell.
func (s *server) fail(w http.ResponseWriter, r *http.Request, err error) {
	x := exchangeOf(w)
	x.err = err
	if x.status != 0 {
		return
	}
	a := answerTo(err)
	told := facts{
		code:          a.code,
		kind:          a.kind,
		status:        a.status,
		message:       a.message,
		systemMessage: a.system,
		traceID:       x.id,
		timestamp:     s.now().UTC().Truncate(time.Second),
	}
	header := w.Header()
	switch a.status {
	case http.StatusUnauthorized:
		header.Set("WWW-Authenticate", `Bearer realm="mtrack"`)
	case http.StatusServiceUnavailable:
		header.Set("Retry-After", strconv.Itoa(int(retryAfter/time.Second)))
	case http.StatusBadRequest:
		header.Set("Connection", "close") // where the next request begins is anybody's guess
	case http.StatusForbidden, http.StatusNotFound:
		if id := r.PathValue("track_id"); id != "" {
			told.detail, told.value = "track_id", id
		} else if track.CodeOf(err) == track.NotFound {
			told.systemMessage = "No such organization for this caller"
		}
	case http.StatusUnprocessableEntity:
		if e, ok := errors.AsType[*track.Error](err); ok && e.Param != "" {
			told.detail, told.value = "parameter", e.Param
			told.systemMessage = expectation(e.Param)
		}
	}
	err = send(w, a.status, func(b []byte) ([]byte, error) { return appendEnvelope(b, &told) })
	if err != nil && x.status == 0 {
		// Strings, an int and a time of this century: cannot happen. The
		// connection ends without an answer rather than with half of one.
		panic(http.ErrAbortHandler)
	}
}
