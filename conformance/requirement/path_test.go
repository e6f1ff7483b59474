package requirement

import "testing"

func TestEscapeSegment(t *testing.T) {
	for in, want := range map[string]string{
		"mtrack_a-1.b~": "mtrack_a-1.b~",
		"a/b":           "a%2Fb",
		"ü":             "%C3%BC",
		"\x00\xff":      "%00%FF",
		"a b?c#d%":      "a%20b%3Fc%23d%25",
	} {
		if got := EscapeSegment(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
