package httpapi

import (
	"net/http"
	"testing"

	"github.com/seed-5ec2a705/mtrack/impl/track"
)

func TestKeyOf(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		header http.Header
		want   string
	}{
		"nothing":                      {http.Header{}, ""},
		"key":                          {http.Header{"X-Api-Key": {"k"}}, "k"},
		"bearer":                       {http.Header{"Authorization": {"Bearer k"}}, "k"},
		"bearer in lower case":         {http.Header{"Authorization": {"bearer k"}}, "k"},
		"bearer in upper case":         {http.Header{"Authorization": {"BEARER k"}}, "k"},
		"bearer and spaces":            {http.Header{"Authorization": {"Bearer   k"}}, "k"},
		"bearer alone":                 {http.Header{"Authorization": {"Bearer"}}, ""},
		"bearer and a space":           {http.Header{"Authorization": {"Bearer "}}, ""},
		"bearer, then a tab":           {http.Header{"Authorization": {"Bearer\tk"}}, ""},
		"another scheme":               {http.Header{"Authorization": {"Basic k"}}, ""},
		"no scheme":                    {http.Header{"Authorization": {"k"}}, ""},
		"a scheme that begins so":      {http.Header{"Authorization": {"Bearerx k"}}, ""},
		"both":                         {http.Header{"X-Api-Key": {"k"}, "Authorization": {"Bearer other"}}, "k"},
		"empty key and bearer":         {http.Header{"X-Api-Key": {""}, "Authorization": {"Bearer k"}}, ""},
		"two keys":                     {http.Header{"X-Api-Key": {"k", "k"}}, ""},
		"two keys and bearer":          {http.Header{"X-Api-Key": {"k", "l"}, "Authorization": {"Bearer k"}}, ""},
		"two authorizations":           {http.Header{"Authorization": {"Bearer k", "Bearer k"}}, ""},
		"key with spaces within":       {http.Header{"Authorization": {"Bearer k l"}}, "k l"},
		"key and broken authorization": {http.Header{"X-Api-Key": {"k"}, "Authorization": {"", ""}}, "k"},
	} {
		key, keyless := keyOf(row.header)
		if key != track.NewKey(row.want) || keyless != (row.want == "") {
			t.Errorf("%s: got %q, keyless %v; want %q", name, key.Reveal(), keyless, row.want)
		}
	}
}
