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
	x := exchangeOf(ctx)
	if x.keyless {
		return track.Caller{}, track.Refuse(track.Unauthenticated)
	}
	return track.Caller{Key: x.key, Request: x.id}, nil
}
