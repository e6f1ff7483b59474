// Package secrettest writes keys in every form in which a server may echo them. It is for tests
// alone, of what is to show no key.
package secrettest

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html"
	"net/url"
	"strings"
)

// Forms lists how a key may come back, by what the form is called.
func Forms(key string) map[string]string {
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
