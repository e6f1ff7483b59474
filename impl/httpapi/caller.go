package httpapi

import (
	"context"
	"net/http"
	"strings"

	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// keyOf takes the API key from the headers. X-API-Key decides where it is
// sent, an empty one too; else Authorization with the scheme Bearer in any
// case. Where the deciding header is sent twice nobody can tell which one was
// meant, so that is no key. None is true where there is nothing to look up.
func keyOf(header http.Header) (key track.Key, none bool) {
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

// callerOf returns who sent the request, or the refusal of somebody who sent
// no key: that needs no store.
func callerOf(ctx context.Context) (track.Caller, error) {
	x := exchangeOf(ctx)
	if x.anon {
		return track.Caller{}, track.Refuse(track.Unauthenticated)
	}
	return track.Caller{Key: x.key, Request: x.id}, nil
}
