package evidence

import (
	"encoding/base64"
	"net/url"
	"os/exec"
	"strings"
	"testing"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/excerpt"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/suite"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/wire"
	"github.com/seed-5ec2a705/mtrack/conformance/provision"
	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
	"github.com/seed-5ec2a705/mtrack/conformance/testenv"
)

const secretKey = "ak_S3cr/t+Key\"42"

func secretRedactor() *Redactor {
	v := &Redactor{}
	v.Add(secretKey, "creator")
	v.Add("ak_other", "the saver")
	v.Add("k", "tiny")
	return v
}

// No form of a key gets through, wherever a server puts it.
func TestRedact(t *testing.T) {
	v := secretRedactor()
	for name, text := range map[string]string{
		"as it is":  secretKey,
		"in JSON":   excerpt.JSON(map[string]string{"message": "bad key " + secretKey}),
		"in a URL":  "/login?key=" + url.QueryEscape(secretKey),
		"in a path": "/login/" + requirement.EscapeSegment(secretKey),
		"base64":    base64.StdEncoding.EncodeToString([]byte(secretKey)),
		"upper":     strings.ToUpper(secretKey),
		"lower":     strings.ToLower(secretKey),
	} {
		if got := v.Redact(text); got == text || !strings.Contains(got, "$API_KEY_CREATOR") ||
			strings.Contains(strings.ToLower(got), "s3cr") {
			t.Errorf("%s: %q", name, got)
		}
	}
	if got := v.Redact("ak_other knocks"); got != "$API_KEY_THE_SAVER knocks" {
		t.Errorf("got %q", got)
	}
}

func TestRedactFields(t *testing.T) {
	v := secretRedactor()
	for _, tc := range []struct{ name, value, want string }{
		{"X-API-Key", secretKey, "$API_KEY_CREATOR"},
		{"x-api-key", "k", "$API_KEY_TINY"},
		{"X-API-Key", "", ""},
		{"X-API-Key", secretKey[:len(secretKey)-2], "${API_KEY_CREATOR%??}"},
		{"X-API-Key", secretKey[1:], "${API_KEY_CREATOR#?}"},
		{"X-API-Key", "x" + secretKey + "y", "x${API_KEY_CREATOR}y"},
		{"X-API-Key", strings.ToUpper(secretKey), `$(printf %s "$API_KEY_CREATOR" | tr a-z A-Z)`},
		{"X-API-Key", "something else", "[redacted, 14 bytes]"},
		{"Authorization", "Bearer " + secretKey, "Bearer $API_KEY_CREATOR"},
		{"Authorization", "bearer", "bearer"},
		{"Authorization", "Basic abcdefgh", "Basic [redacted, 8 bytes]"},
		{"authorization", secretKey, "$API_KEY_CREATOR"},
		{"X-Other", "me=" + secretKey, "me=$API_KEY_CREATOR"},
	} {
		if got := v.field(wire.HeaderField{Name: tc.name, Value: tc.value}); got.Value != tc.want ||
			got.Name != tc.name {
			t.Errorf("%s: %s becomes %q, want %q", tc.name, tc.value, got, tc.want)
		}
	}
}

// A line repeats the request in a POSIX shell, whatever is in it, once the variables are set.
func TestCurl(t *testing.T) {
	shell := testenv.Need(t, "sh")
	v := secretRedactor()
	for name, tc := range map[string]struct {
		request wire.Request
		want    []string // the arguments of curl, and what it read
	}{
		"get": {wire.Request{Method: "GET", Path: "/v1"}, []string{"-i", "--path-as-is", "http://h/p/v1"}},
		"key": {suite.NewRequest("DELETE", "/v1/it's", provision.User{Key: secretKey}),
			[]string{"-i", "--path-as-is", "-X", "DELETE", "http://h/p/v1/it's", "-H", "X-API-Key: " + secretKey}},
		"key in the query": {wire.Request{Method: "GET", Path: "/v1", RawQuery: "a=$HOME&k=" + requirement.EscapeSegment(secretKey)},
			[]string{"-i", "--path-as-is", "http://h/p/v1?a=$HOME&k=" + secretKey}},
		"altered keys": {wire.Request{Method: "GET", Path: "/v1", Header: []wire.HeaderField{{Name: "X-API-Key", Value: strings.ToLower(secretKey)}, {Name: "Authorization", Value: "Bearer " + secretKey[:len(secretKey)-1]}}},
			[]string{"-i", "--path-as-is", "http://h/p/v1", "-H", "X-API-Key: " + strings.ToLower(secretKey), "-H", "Authorization: Bearer " + secretKey[:len(secretKey)-1]}},
		"empty key": {wire.Request{Method: "GET", Path: "/v1", Header: []wire.HeaderField{{Name: "X-API-Key", Value: ""}}}, []string{"-i", "--path-as-is", "http://h/p/v1", "-H", "X-API-Key;"}},
		"head":      {wire.Request{Method: "HEAD", Path: "/v1"}, []string{"-i", "--path-as-is", "--head", "http://h/p/v1"}},
		"body": {suite.NewRequest("DELETE", "/v1", provision.User{}, suite.WithBody("application/json", []byte("{\"a\":\"`$x'\\\"}"))),
			[]string{"-i", "--path-as-is", "-X", "DELETE", "http://h/p/v1", "-H", "Content-Type: application/json", "--data-binary", "{\"a\":\"`$x'\\\"}"}},
		"bytes": {wire.Request{Method: "DELETE", Path: "/v1", Body: []byte("a\xffb\n")},
			[]string{"-i", "--path-as-is", "-X", "DELETE", "http://h/p/v1", "-H", "Content-Type:", "--data-binary", "@-", "<a\xffb"}},
	} {
		t.Run(name, func(t *testing.T) {
			e := &wire.Exchange{
				Request: tc.request.Complete(&wire.Endpoint{Host: "h", UserAgent: "mtrack-conformance/test"}, false),
				URL:     "http://h" + tc.request.Target("/p"),
			}
			line := curl(e, v)
			if strings.Contains(strings.ToLower(line), "s3cr") {
				t.Fatalf("a key is in %s", line)
			}
			script := `curl() { for a; do printf '%s\n' "$a"; done; case "$*" in *@-*) printf '<%s\n' "$(cat)";; esac; }; ` + line
			command := exec.Command(shell, "-c", script)
			command.Env = []string{"API_KEY_CREATOR=" + secretKey, "PATH=/usr/bin:/bin", "HOME=/nowhere"}
			output, err := command.CombinedOutput()
			if err != nil {
				t.Fatalf("%v: %s", err, output)
			}
			if want := strings.Join(tc.want, "\n") + "\n"; string(output) != want {
				t.Errorf("%s\ngot\n%q\nwant\n%q", line, output, want)
			}
		})
	}
}

// A response that echoes what was sent as a key is redacted too, when no scene has that key.
func TestRedactEcho(t *testing.T) {
	v := secretRedactor()
	r := wire.Request{Header: []wire.HeaderField{{Name: "X-API-Key", Value: "ak_S3cr/t_changed"}, {Name: "Authorization", Value: "Bearer another-one"}}}
	if got := v.response(r, `{"message":"no key ak_S3cr/t_changed, nor another-one"}`); strings.Contains(got, "changed") || strings.Contains(got, "another") {
		t.Errorf("got %s", got)
	}
}
