package process

import (
	"fmt"
	"testing"
)

func TestSplitWords(t *testing.T) {
	for line, want := range map[string][]string{
		`a b`: {"a", "b"}, ` a	 b `: {"a", "b"}, `a 'b c' "d e"`: {"a", "b c", "d e"}, `a\ b`: {"a b"}, `'a\b'`: {`a\b`}, `"a\"b"`: {`a"b`}, `a"b"c`: {"abc"}, `a ''`: {"a", ""},
	} {
		if got, err := SplitWords(line); err != nil || fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
			t.Errorf("%s: %q %v, want %q", line, got, err, want)
		}
	}
}
