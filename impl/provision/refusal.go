package provision

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/seed-5ec2a705/mtrack/gen/provisioning"
	"github.com/seed-5ec2a705/mtrack/impl/internal/router"
	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// refusal is an error whose reason is for the person who sent the request.
type refusal struct {
	status int
	reason string
}

// Error implements error.
func (e *refusal) Error() string { return e.reason }

// refusalOf returns what to tell about err, and whether err is a fault of ours
// that the log must tell instead.
func refusalOf(err error) (told *refusal, fault bool) {
	if told, ok := errors.AsType[*refusal](err); ok {
		return told, false
	}
	if e, ok := errors.AsType[*record.Error](err); ok {
		return &refusal{http.StatusUnprocessableEntity, e.Error()}, false
	}
	switch {
	case errors.Is(err, router.ErrUnknownPath):
		return &refusal{http.StatusNotFound, "unknown path: there are /capabilities, /scenes, /history, /histories, /revocations and /departures"}, false
	case errors.Is(err, router.ErrMethod):
		return &refusal{http.StatusMethodNotAllowed, "the Allow header lists the methods of this path"}, false
	case track.CodeOf(err) == track.Unavailable:
		return &refusal{http.StatusServiceUnavailable, "the store does not answer; try again"}, true
	default:
		return &refusal{http.StatusInternalServerError, "internal error; the server's log tells more"}, true
	}
}

// fail answers with why it could not be done.
func (s *server) fail(w http.ResponseWriter, r *http.Request, err error) {
	told, fault := refusalOf(err)
	if fault {
		s.logger.ErrorContext(r.Context(), "provisioner", "path", r.URL.Path, "error", err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(told.status)
	json.NewEncoder(w).Encode(provisioning.Refusal{Error: told.reason}) // fails only where nobody listens any more
}

// failUnread answers a request whose body nobody has read. Most callers write
// all of it before they read, and would see the end of the connection instead of
// the reason: it is read and thrown away, unless it is far too large.
func (s *server) failUnread(w http.ResponseWriter, r *http.Request, err error) {
	io.Copy(io.Discard, io.LimitReader(r.Body, 2*maxBody)) // an error will meet the response too
	s.fail(w, r, err)
}

// failBinding answers for query parameters that are missing or sent twice.
func (s *server) failBinding(w http.ResponseWriter, r *http.Request, err error) {
	s.fail(w, r, &refusal{http.StatusBadRequest, err.Error()})
}
