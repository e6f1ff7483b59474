package cases

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestLookalikes(t *testing.T) {
	for _, text := range []string{
		"mtrack_7c1a9e2f4b8d",
		"mtrack_1",
		"mtrack_",
		"org_0b5c9a4e-7d1f-4f0e-9a57-3f6c1e2d4b5a",
		"42",
		"x",
		"ünïcode_é",
		"ak_aB3/x+Q==",
		"mtrack_0123456789abcdef0123456789abcdef",
		strings.Repeat("long_", 60),
	} {
		seen := map[string]string{}
		for _, l := range lookalikes(text) {
			switch before, twice := seen[l.text]; {
			case twice:
				t.Errorf("%q %s is what it is %s: %q", text, l.name, before, l.text)
			case l.text == text:
				t.Errorf("%q %s is itself", text, l.name)
			case l.text == "", !utf8.ValidString(l.text):
				t.Errorf("%q %s is no text: %q", text, l.name, l.text)
			}
			seen[l.text] = l.name
		}
		if len(seen) < 100 {
			t.Errorf("only %d texts like %q", len(seen), text)
		}
	}
}

// TestLookalikesMeetComparisons names ways of comparing that are wrong, each of which takes some
// text for the right one.
func TestLookalikesMeetComparisons(t *testing.T) {
	const id = "mtrack_7c1a9e2f4b8d"
	wrong := map[string]func(like string) bool{
		"all but the last character": func(like string) bool {
			return strings.HasPrefix(like, id[:len(id)-1]) && len(like) == len(id)
		},
		"all but the first digit": func(like string) bool {
			return len(like) == len(id) && like[:7]+like[8:] == id[:7]+id[8:]
		},
		"case of what is behind the prefix": func(like string) bool {
			return strings.HasPrefix(like, "mtrack_") && strings.EqualFold(like, id)
		},
		"case of one letter": func(like string) bool {
			return len(like) == len(id) && like[:8]+"C"+like[9:] == id[:8]+"C"+id[9:]
		},
	}
	for _, c := range "!\"#$%&'()*+,-./:;<=>?@[\\]^`{|}~" { // not the underscore, which the id itself holds
		c := string(c)
		wrong["what is behind "+c] = func(like string) bool { before, _, _ := strings.Cut(like, c); return before == id }
		wrong["what is in front of "+c] = func(like string) bool { return like[strings.LastIndex(like, c)+1:] == id }
		wrong["trimmed "+c] = func(like string) bool { return strings.Trim(like, c) == id }
	}
	likes := lookalikes(id)
	for name, same := range wrong {
		if !slices.ContainsFunc(likes, func(l lookalike) bool { return same(l.text) }) {
			t.Errorf("a server that ignores %s would not be noticed", name)
		}
	}
}
