package plain_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/seed-5ec2a705/mtrack/openapi/plain"
	"github.com/seed-5ec2a705/mtrack/openapi/plain/plaintest"
)

func TestText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Grüße, 夜のドライブ\tشكرا\n❤️": "Grüße, 夜のドライブ\tشكرا\n❤️",
		"\x1b[31mred\a":             `\u001b[31mred\u0007`,
		"a\r\nb":                    "a\\r\nb",
		"\u009b2J\x7f":              `\u009b2J\u007f`,
		"a\u202eb\u2066\u200f":      `a\u202eb\u2066\u200f`,
		"\u200b\ufeff\u00ad\u2060":  `\u200b\ufeff\u00ad\u2060`,
		"\u2028\u2029":              `\u2028\u2029`,
		"\U000e0041\U000e0100":      `\udb40\udc41\udb40\udd00`,
		"\u3164\u115f":              `\u3164\u115f`,
		"a\xffb\xe2\x80":            `a\xffb\xe2\x80`,
		"\ufffd":                    "\ufffd",
		"see ##[error]no":           `see ##\u005berror]no`,
		"##vso[task]x ##y z[1]":     `##vso\u005btask]x ##y z[1]`,
		"###[x] # #[y] ## [z]":      `###\u005bx] # #[y] ## [z]`,
		"::error::no":               `:\u003aerror::no`,
		"a::b\n \t\u3000::error::x": "a::b\n \t\u3000:\\u003aerror::x",
		": :":                       ": :",
	} {
		got := plain.Text(text)
		if got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
		if again := plain.Text(got); again != got {
			t.Errorf("%q: escaped twice it is %q", got, again)
		}
	}
	if got := plain.Line("a\n\tb\r"); got != `a\n\tb\r` {
		t.Errorf("one line: %q", got)
	}
}

func TestWriter(t *testing.T) {
	t.Parallel()
	const text = "ü" + plaintest.Hostile + "夜\xff\xe5\xa4"
	for name, reader := range map[string]func(string) *bytes.Buffer{
		"at once": func(s string) *bytes.Buffer {
			var b bytes.Buffer
			w := plain.NewWriter(&b)
			if n, err := w.Write([]byte(s)); n != len(s) || err != nil {
				t.Errorf("%d, %v", n, err)
			}
			w.Flush()
			return &b
		},
		"byte by byte": func(s string) *bytes.Buffer {
			var b bytes.Buffer
			w := plain.NewWriter(&b)
			for i := range len(s) {
				if n, err := w.Write([]byte{s[i]}); n != 1 || err != nil {
					t.Errorf("%d, %v", n, err)
				}
			}
			w.Flush()
			return &b
		},
	} {
		if got := reader(text).String(); got != plain.Text(text) {
			t.Errorf("%s: got %q, want %q", name, got, plain.Text(text))
		}
	}
	if _, err := plain.NewWriter(iotest.TruncateWriter(nil, 0)).Write(nil); err != nil {
		t.Error(err)
	}
}

// JSON stays the document that it was.
func TestWriter_json(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := json.NewEncoder(plain.NewWriter(&b)).Encode(plaintest.Hostile); err != nil {
		t.Fatal(err)
	}
	plaintest.Check(t, b.String())
	var got string
	if err := json.Unmarshal(b.Bytes(), &got); err != nil || got != plaintest.Hostile {
		t.Errorf("%v: %q", err, got)
	}
}

// FuzzText: whatever the text, nothing but text comes out, in pieces as in one.
func FuzzText(f *testing.F) {
	f.Add(plaintest.Hostile, 3)
	f.Add("#\n#", 1)
	f.Fuzz(func(t *testing.T, text string, cut int) {
		got := plain.Text(text)
		if wrong := plaintest.Find(got); wrong != nil {
			t.Errorf("%q becomes %q: %v", text, got, wrong)
		}
		if line := plain.Line(text); strings.ContainsAny(line, "\n\t") {
			t.Errorf("%q becomes %q", text, line)
		}
		var b bytes.Buffer
		w := plain.NewWriter(&b)
		cut = max(0, min(cut, len(text)))
		w.Write([]byte(text[:cut]))
		w.Write([]byte(text[cut:]))
		if w.Flush(); b.String() != got {
			t.Errorf("%q cut at %d: %q, want %q", text, cut, b.String(), got)
		}
	})
}
