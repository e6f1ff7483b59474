package cases

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// credential is one way of sending a key, or something that resembles one.
type credential struct {
	name   string
	header []wire.HeaderField
	query  string
	body   []byte
}

func inAPIKey(name, key string) credential {
	return credential{name: name, header: []wire.HeaderField{{Name: "X-API-Key", Value: key}}}
}

func inAuthorization(name, value string) credential {
	return credential{name: name, header: []wire.HeaderField{{Name: "Authorization", Value: value}}}
}

func unknownKeys(s *provision.Scene) []credential {
	forms := []credential{
		inAPIKey("an empty key", ""),
		inAPIKey("an unknown key", "ak_"+strings.Repeat("0", 40)),
		inAPIKey("ak_ alone", "ak_"),
		inAPIKey("a short key", "x"),
		inAPIKey("a wildcard", "*"),
		inAPIKey("a database's wildcard", "%"),
		inAPIKey("a pattern", ".*"),
		inAPIKey("null", "null"),
		inAPIKey("undefined", "undefined"),
		inAPIKey("true", "true"),
		inAPIKey("zero", "0"),
		inAPIKey("constructor", "constructor"),
		inAPIKey("toString", "toString"),
		inAPIKey("hasOwnProperty", "hasOwnProperty"),
		inAPIKey("__proto__", "__proto__"),
		inAuthorization("constructor as Bearer", "Bearer constructor"),
		inAPIKey("an SQL expression", "' OR '1'='1"),
		inAPIKey("a JSON object", `{"$ne":null}`),
		inAPIKey("the creator's id", s.User("creator").ID),
		inAPIKey("the organization's id", s.Organization("home")),
		inAPIKey("the track's id", s.Track("song")),
		inAPIKey("a long key", "ak_"+strings.Repeat("a", 600)),
		{
			name:   "two unknown keys",
			header: []wire.HeaderField{{Name: "X-API-Key", Value: "ak_unknown"}, {Name: "X-API-Key", Value: "ak_unheard_of"}},
		},
	}
	return slices.DeleteFunc(forms, func(f credential) bool { return hasKey(s, f.header[0].Value) })
}

// changedKeys are variations of the creator's key, none of which is a key of the scene. HTTP can
// carry all of them as they are: they are ASCII, with no white space around them.
func changedKeys(s *provision.Scene) []lookalike {
	key := s.User("creator").Key
	keys := append(lookalikes(key),
		lookalike{name: "and another one, with a comma", text: key + ",ak_unknown"},
		lookalike{name: "after another one, with a comma", text: "ak_unknown," + key},
		lookalike{name: "after a scheme", text: "Bearer " + key},
		lookalike{name: "and a word behind it", text: key + " more"},
		lookalike{name: "cut to its first eight characters", text: key[:min(8, len(key))]},
		lookalike{
			name: "with other characters after its first sixteen",
			text: key[:min(16, len(key))] + reversed(key[min(16, len(key)):]),
		},
	)
	return slices.DeleteFunc(keys, func(k lookalike) bool {
		strange := strings.ContainsFunc(k.text, func(r rune) bool { return r < ' ' || r > '~' })
		return strange || strings.TrimSpace(k.text) != k.text || hasKey(s, k.text)
	})
}

// keysElsewhere send the creator's key where no key belongs.
func keysElsewhere(s *provision.Scene) []credential {
	key := s.User("creator").Key
	var forms []credential
	for _, name := range []string{
		"api_key",
		"apikey",
		"api-key",
		"key",
		"access_token",
		"token",
		"X-API-Key",
		"x-api-key",
		"auth",
	} {
		forms = append(forms, credential{
			name:  "the query parameter " + name,
			query: name + "=" + requirement.EscapeSegment(key),
		})
	}
	for _, name := range []string{"api_key", "X-API-Key", "access_token", "token", "session"} {
		forms = append(forms, credential{
			name:   "the cookie " + name,
			header: []wire.HeaderField{{Name: "Cookie", Value: name + "=" + key}},
		})
	}
	for _, pair := range []struct{ name, value string }{
		{"user name", key + ":"},
		{"password", ":" + key},
		{"password of a user", s.User("creator").ID + ":" + key},
		{"bare credentials", key},
	} {
		basic := "Basic " + base64.StdEncoding.EncodeToString([]byte(pair.value))
		forms = append(forms, inAuthorization("Basic with the key as "+pair.name, basic))
	}
	for _, scheme := range []string{"Basic", "ApiKey", "Token", "Key", "Digest", "X-API-Key"} {
		forms = append(forms, inAuthorization("the key after "+scheme, scheme+" "+key))
	}
	forms = append(forms, inAuthorization("the key without a scheme", key))
	for _, name := range []string{"Api-Key", "X-Auth-Token", "X-Access-Token", "X-Api-Token", "X-Key"} {
		forms = append(forms, credential{name: "the header " + name, header: []wire.HeaderField{{Name: name, Value: key}}})
	}
	forms = append(forms, credential{
		name:   "Proxy-Authorization",
		header: []wire.HeaderField{{Name: "Proxy-Authorization", Value: "Bearer " + key}},
	})
	return append(forms, identityHeaders(s)...)
}

// keysInBodies send the creator's key in a body.
func keysInBodies(s *provision.Scene) []credential {
	key, creator := s.User("creator").Key, s.User("creator").ID
	var forms []credential
	for _, b := range []struct{ mediaType, body string }{
		{"application/json", fmt.Sprintf(`{"api_key":%[1]q,"apiKey":%[1]q,"key":%[1]q,"token":%[1]q,"access_token":%[1]q,`+
			`"X-API-Key":%[1]q,"user_id":%[2]q}`, key, creator)},
		{"application/x-www-form-urlencoded", "api_key=" + requirement.EscapeSegment(key) +
			"&access_token=" + requirement.EscapeSegment(key) + "&user_id=" + requirement.EscapeSegment(creator)},
	} {
		forms = append(forms, credential{
			name:   "a body of " + b.mediaType,
			header: []wire.HeaderField{{Name: "Content-Type", Value: b.mediaType}},
			body:   []byte(b.body),
		})
	}
	return forms
}

// hasKey reports whether a text is a key of the scene that works, or did.
func hasKey(s *provision.Scene, text string) bool {
	for _, u := range s.Users {
		if u.APIKey == text {
			return true
		}
	}
	for _, k := range s.RevokedKeys {
		if k.APIKey == text {
			return true
		}
	}
	return false
}

// identityHeaders are headers with which proxies tell the servers behind them who is calling. From a
// caller they must not be accepted in place of a key.
func identityHeaders(s *provision.Scene) []credential {
	creator := s.User("creator").ID
	var forms []credential
	for _, f := range []wire.HeaderField{
		{Name: "X-User-Id", Value: creator},
		{Name: "X-User", Value: creator},
		{Name: "X-Forwarded-User", Value: creator},
		{Name: "Remote-User", Value: creator},
		{Name: "X-Remote-User", Value: creator},
		{Name: "X-Authenticated-User", Value: creator},
		{Name: "X-Forwarded-For", Value: "127.0.0.1"},
		{Name: "X-Real-IP", Value: "127.0.0.1"},
		{Name: "Forwarded", Value: "for=127.0.0.1"},
		{Name: "X-Admin", Value: "true"},
		{Name: "X-Internal", Value: "true"},
		{Name: "X-Internal-Request", Value: "1"},
	} {
		forms = append(forms, credential{name: "the header " + f.Name, header: []wire.HeaderField{f}})
	}
	return forms
}
