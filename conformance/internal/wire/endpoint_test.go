package wire

import (
	"strings"
	"testing"
)

func TestParseEndpoint(t *testing.T) {
	for target, want := range map[string][3]string{ // origin, prefix, address
		"http://h":              {"http://h", "", "h:80"},
		"https://h/":            {"https://h", "", "h:443"},
		"http://h:1/api/music/": {"http://h:1", "/api/music", "h:1"},
		"http://[::1]:8080":     {"http://[::1]:8080", "", "[::1]:8080"},
		"http://[::1]":          {"http://[::1]", "", "[::1]:80"},
		"https://h/a%2Fb":       {"https://h", "/a%2Fb", "h:443"},
		"HTTP://h":              {"http://h", "", "h:80"},
	} {
		e, err := ParseEndpoint(target, "mtrack-conformance/test", nil)
		if err != nil {
			t.Errorf("%s: %v", target, err)
			continue
		}
		if got := [3]string{e.Origin, e.Prefix, e.address}; got != want {
			t.Errorf("%s: %q, want %q", target, got, want)
		}
	}
	for target, want := range map[string]string{
		"": "missing", "h:8080": "not an http", "ftp://h": "not an http", "http://": "not an http", "http://u:secret@h": "leave it out",
		"http://h?x": "query", "http://h#f": "fragment", "://": "not an http",
	} {
		_, err := ParseEndpoint(target, "mtrack-conformance/test", nil)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v, want %q", target, err, want)
		}
	}
}
