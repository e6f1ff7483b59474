package secret_test

import (
	"encoding/base32"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/secret"
	"github.com/seed-5ec2a705/mtrack/conformance/internal/secret/secrettest"
)

func TestFinder_Replace(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"ak_S3cr/t+Key\"42", `a\u0041%41&amp;\\x`, "k3y!", "ak_imp_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "sk-Live_9Z+/=="} {
		var f secret.Finder
		f.Add("another key", "$OTHER")
		f.Add(key, "$KEY")
		for name, form := range secrettest.Forms(key) {
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
