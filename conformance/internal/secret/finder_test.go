package secret_test

import (
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/secret"
)

// forms lists how a key may come back, by what the form is called.
func forms(key string) map[string]string {
	each := func(format string) string {
		var b strings.Builder
		for i := range len(key) {
			fmt.Fprintf(&b, format, key[i])
		}
		return b.String()
	}
	mixed := func(format string) string {
		var b strings.Builder
		for i := range len(key) {
			if i%3 == 1 {
				fmt.Fprintf(&b, format, key[i])
			} else {
				b.WriteByte(key[i])
			}
		}
		return b.String()
	}
	swapped := strings.Map(func(r rune) rune {
		if u := strings.ToUpper(string(r)); u != string(r) {
			return []rune(u)[0]
		}
		return []rune(strings.ToLower(string(r)))[0]
	}, key)
	all := map[string]string{
		"plain": key, "upper": strings.ToUpper(key), "lower": strings.ToLower(key), "swapped": swapped,
		"query": url.QueryEscape(key), "path": url.PathEscape(key),
		"percent": each("%%%02x"), "percent upper": each("%%%02X"), "partly percent": mixed("%%%02x"),
		"percent twice": url.QueryEscape(each("%%%02x")), "JSON": each(`\u%04x`), "JSON upper": each(`\u%04X`),
		"partly JSON": mixed(`\u%04x`), "JSON in JSON": each(`\\u%04x`), "braces": each(`\u{%x}`), "\\x": each(`\x%02x`),
		"octal": each(`\0%03o`), "C octal": each(`\%03o`), "quoted": fmt.Sprintf("%q", key), "backslashes": each(`\%c`),
		"HTML": html.EscapeString(key), "decimal": each("&#%d;"), "hexadecimal": each("&#x%x;"), "padded": each("&#x%04X"),
		"HTML twice": html.EscapeString(each("&#%d;")),
		"hex":        hex.EncodeToString([]byte(key)), "HEX": strings.ToUpper(hex.EncodeToString([]byte(key))),
		"hex with colons": strings.TrimSuffix(each("%02x:"), ":"), "hex with spaces": strings.TrimSuffix(each("%02X "), " "),
	}
	for _, around := range []string{"", "Bearer ", "u:", "user:", "xy", "xyz"} {
		for name, e := range map[string]*base64.Encoding{"std": base64.StdEncoding, "url": base64.URLEncoding, "raw": base64.RawStdEncoding, "rawurl": base64.RawURLEncoding} {
			all["base64 "+name+" of "+around] = e.EncodeToString([]byte(around + key))
			all["base64 "+name+" of "+around+" and more"] = e.EncodeToString([]byte(around + key + "\nmore"))
			all["base64 "+name+" in a URL of "+around] = url.QueryEscape(e.EncodeToString([]byte(around + key)))
		}
	}
	return all
}

func TestFinder_Replace(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"ak_S3cr/t+Key\"42", `a\u0041%41&amp;\\x`, "k3y!", "ak_imp_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "sk-Live_9Z+/=="} {
		var f secret.Finder
		f.Add("another key", "$OTHER")
		f.Add(key, "$KEY")
		for name, form := range forms(key) {
			for _, around := range [][2]string{{"", ""}, {"<b>", "</b>"}, {`{"message":"bad key `, `"}`}, {"x: ", "\r\n"}} {
				got := f.Replace(around[0] + form + around[1])
				if want := around[0] + "$KEY" + around[1]; got != want && !(strings.HasPrefix(name, "base64") || name == "quoted") {
					t.Errorf("%s of %s: %q becomes %q", name, key, around[0]+form+around[1], got)
				}
				if !strings.Contains(got, "$KEY") {
					t.Errorf("%s of %s: %q becomes %q", name, key, around[0]+form+around[1], got)
				}
			}
		}
	}
}

// What resembles no key stays, byte for byte.
func TestFinder_Replace_nothing(t *testing.T) {
	t.Parallel()
	var f secret.Finder
	f.Add("abc", "$SHORT")
	f.Add("ak_secret_of_a_user", "$KEY")
	for _, text := range []string{
		"", "abc", "ak_secret", "100% \\ & + %zz \\u12 &#; &nosuch; …", "ak_s…", "\xff\xfe", `{"a":"\ud83d\ude00"}`,
		base32.StdEncoding.EncodeToString([]byte("nothing")),
	} {
		if got := f.Replace(text); got != text {
			t.Errorf("%q becomes %q", text, got)
		}
	}
	if got := f.Replace("bad key ak_secret_o… and more"); got != "bad key $KEY… and more" {
		t.Errorf("a key that was cut: %q", got)
	}
	if got := f.Replace("ak_secret_of_a_userak_secret_of_a_user"); got != "$KEY$KEY" {
		t.Errorf("two in a row: %q", got)
	}
}

// BenchmarkFinder_Replace has the keys of a run, and a body as a report keeps it.
func BenchmarkFinder_Replace(b *testing.B) {
	var f secret.Finder
	for i := range 3000 {
		f.Add(fmt.Sprintf("ak_demo_%032x", rand.Uint64()), fmt.Sprint("$", i))
	}
	body := strings.Repeat(`{"id":"mtrack_0123456789","title":"Late Night Drive","url":"https:\/\/x\/%20"},`, 200)
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		f.Replace(body)
	}
}

// FuzzFinder: no text makes it fail, and a key within is never left in plain sight.
func FuzzFinder(f *testing.F) {
	f.Add(`{"a":"\u0061%41&#x41;`, "ak_secret", "…")
	f.Fuzz(func(t *testing.T, before, key, behind string) {
		var finder secret.Finder
		finder.Add(key, "$")
		got := finder.Replace(before + key + behind)
		if len(key) >= secret.Shortest && len(key) > len(before+behind) && strings.Contains(got, key) {
			t.Errorf("%q is still in %q", key, got)
		}
		finder.Replace(before)
	})
}
