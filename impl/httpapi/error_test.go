package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/seed-5ec2a705/mtrack/impl/internal/router"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// TestAnswerTo pins what each error becomes, bare and wrapped, and that every
// domain code has a row.
func TestAnswerTo(t *testing.T) {
	t.Parallel()
	type machine struct {
		status     int
		code, kind string
	}
	domain := map[track.Code]machine{
		track.Unauthenticated: {401, "AUTHENTICATION_REQUIRED", "authentication_error"},
		track.NotCreator:      {403, "INSUFFICIENT_PERMISSIONS", "authorization_error"},
		track.NotFound:        {404, "RESOURCE_NOT_FOUND", "client_error"},
		track.InvalidArgument: {422, "VALIDATION_ERROR", "client_error"},
		track.Unavailable:     {503, "SERVICE_UNAVAILABLE", "server_error"},
	}
	rows := map[error]machine{
		context.DeadlineExceeded: {503, "SERVICE_UNAVAILABLE", "server_error"},
		context.Canceled:         {500, "INTERNAL_ERROR", "server_error"}, // nothing here cancels
		router.ErrUnknownPath:    {404, "RESOURCE_NOT_FOUND", "client_error"},
		router.ErrMethod:         {405, "METHOD_NOT_ALLOWED", "client_error"},
		track.ErrUnconfirmed:     {503, "SERVICE_UNAVAILABLE", "server_error"},
		errBody:                  {400, "BAD_REQUEST", "client_error"},
		errors.New("dial tcp"):   {500, "INTERNAL_ERROR", "server_error"},
		&track.Error{Code: 99}:   {500, "INTERNAL_ERROR", "server_error"},
		// A code decides before its cause does.
		&track.Error{Code: track.NotFound, Err: context.DeadlineExceeded}: domain[track.NotFound],
	}
	for _, code := range track.Codes() {
		want, ok := domain[code]
		if !ok {
			t.Errorf("no row here for %v", code)
		}
		rows[track.Refuse(code)] = want
	}
	for err, want := range rows {
		for _, e := range []error{err, fmt.Errorf("wrapped: %w", err)} {
			a := answerTo(e)
			if got := (machine{a.status, a.code, a.kind}); got != want {
				t.Errorf("%v became %v, want %v", e, got, want)
			}
			if a.message == "" || a.system == "" {
				t.Errorf("%v has no text", e)
			}
		}
	}
	unconfirmed := answerTo(&track.Error{Code: track.Unavailable, Err: fmt.Errorf("%w: 0 of 1", track.ErrUnconfirmed)})
	if !contains(unconfirmed.system, "Outcome unknown") || !contains(unconfirmed.system, "again") {
		t.Errorf("who is told of a change without confirmation does not hear what to do: %q", unconfirmed.system)
	}
	for i, a := range answers {
		if http.StatusText(a.status) == "" {
			t.Errorf("row %d: status %d", i, a.status)
		}
	}
}

// TestFail_Leaks wants nothing of an error's text in an answer.
func TestFail_Leaks(t *testing.T) {
	t.Parallel()
	secret := errors.New("dial tcp 10.0.0.7:6379: secret")
	for _, cause := range []error{
		secret,
		&track.Error{Code: track.Unavailable, Err: secret},
		&track.Error{Code: track.NotFound, Err: secret},
		&track.Error{Code: track.InvalidArgument, Param: "limit", Err: secret},
	} {
		b := setup(t)
		b.store.fail = func(context.Context) error { return cause }
		w := b.send(t, "DELETE", songPath, nil, "X-API-Key", creatorKey)
		checkEnvelope(t, w, answerTo(cause).status)
		if contains(w.Body.String(), "secret", "10.0.0.7") {
			t.Errorf("%v leaks: %s", cause, w.Body)
		}
		if !contains(b.log.String(), "secret") {
			t.Errorf("%v is not in the log: %s", cause, b.log)
		}
	}
}
