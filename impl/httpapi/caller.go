package httpapi

import (
	"context"
	"net/http"
	"strings"

	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// keyOf takes the API key from the headers. X-API-Key decides where it is
// sent, an empty one too; else Authorization with the scheme Bearer in any
// case. A request is keyless where it has no key to look up: none was sent, or
// an empty one, or in the deciding header twice, where nobody can say which one
// was meant.
func keyOf(header http.Header) (key track.Key, keyless bool) {
	secret := ""
	if keys, sent := header["X-Api-Key"]; sent {
		if len(keys) == 1 {
			secret = keys[0]
		}
	} else if authorizations := header["Authorization"]; len(authorizations) == 1 {
		scheme, rest, _ := strings.Cut(authorizations[0], " ")
		if strings.EqualFold(scheme, "Bearer") {
			secret = strings.TrimLeft(rest, " ")
		}
	}
	return track.NewKey(secret), secret == ""
}

// callerOf returns who sent the request, or the refusal of a keyless one, which
// needs no store.
func callerOf(ctx context.Context) (track.Caller, error) {
	x := operationOf(ctx).exchange
	if x.keyless {
		return track.Caller{}, track.Refuse(track.Unauthenticated)
	}
	return track.Caller{Key: x.key, Request: x.id}, nil
}

// afterKey returns what to tell a caller whose request is refused before it
// gets to the store's own checks: the refusal, but only to members of the
// organization. A stranger learns that it is one.
func (s *server) afterKey(ctx context.Context, organization track.OrganizationID, refusal error) error {
	caller, err := callerOf(ctx)
	if err != nil {
		return err
	}
	if err := s.store.Authorize(ctx, caller, organization); err != nil {
		return err
	}
	return refusal
}

// failRouting answers for unknown paths and wrong methods, which belong to no
// organization: with a 401 to those without a good key, as everywhere.
func (s *server) failRouting(w http.ResponseWriter, r *http.Request, refusal error) {
	ctx := s.begin(w, r)
	err := s.afterKey(ctx, "", refusal) // nobody belongs to it: a good key is not found
	if err == nil || track.CodeOf(err) == track.NotFound {
		err = refusal
	}
	if err != refusal {
		w.Header().Del("Allow")
	}
	s.fail(w, r, err)
}
