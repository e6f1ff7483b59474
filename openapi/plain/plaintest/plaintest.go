// Package plaintest looks for what others wrote and reached a person as more than text. It is for
// tests alone, of everything that writes.
package plaintest

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// Hostile is what somebody may put wherever a text is free. Everything in it does something to a
// terminal, to the order of letters, to HTML, or to the log of GitHub Actions, where it is not
// escaped.
const Hostile = "x\x1b[31m\x1b]0;title\a\u009b2J\x00\x7f\r\u202e\u2066\u200b\u2028\ufeff\U000e0041" +
	"<script>alert(1)</script>##[error]v1\n::error file=x::pwned\n \t::stop-commands::t\n]]>'\"&\u0085::add-mask::y"

// Printable is [Hostile] for where a text cannot hold control characters.
const Printable = "x\u202e\u2066\u200b\u2060\u00ad<script>alert(1)</script>##[error]v1::error::pwned'\"&"

var command = regexp.MustCompile(`(?m)##\[|^[\s\p{Z}]*::`)

// Check reports everything in an output that is more than text.
func Check(t *testing.T, output string) {
	t.Helper()
	for _, wrong := range Find(output) {
		t.Errorf("%s in\n%.2000q", wrong, output)
	}
}

// Find lists what in an output is more than text.
func Find(output string) []string {
	var wrong []string
	if !utf8.ValidString(output) {
		wrong = append(wrong, "bytes that are not UTF-8")
	}
	for _, r := range output {
		if r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)) {
			wrong = append(wrong, fmt.Sprintf("a raw %U", r))
		}
	}
	for _, found := range command.FindAllString(output, -1) {
		wrong = append(wrong, fmt.Sprintf("a command for GitHub Actions, %q", found))
	}
	return wrong
}

// CheckHTML is [Check] for a page.
func CheckHTML(t *testing.T, page string) {
	t.Helper()
	Check(t, page)
	if strings.Contains(page, "<script>alert") {
		t.Error("a script is in the page")
	}
}
