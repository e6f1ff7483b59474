package strictjson

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestCheckJSON(t *testing.T) {
	for body, want := range map[string]string{
		`{"a":1}`:                          "",
		" \n{\"a\":[{\"a\":1},{\"a\":2}]}": "",
		`{"a":{"a":{"a":null}}}`:           "",
		`"text"`:                           "",
		"":                                 "an empty body",
		" \n":                              "an empty body",
		"\xef\xbb\xbf{}":                   "byte order mark",
		"{\"a\":\"\xff\"}":                 "not UTF-8 at offset 6",
		`{"a":1}{"b":2}`:                   "more behind the document, at offset 7",
		`{"a":1} x`:                        "more behind the document",
		`{"a":1,"a":2}`:                    `the name "a" twice`,
		`{"error":{"code":1,"code":1}}`:    `the name "error.code" twice`,
		`[{"a":1},{"b":1,"b":1}]`:          `the name "[1].b" twice`,
		`{"a":1,"\u0061":2}`:               `the name "a" twice`,
		`{"a":`:                            "incomplete",
		`{"a":1`:                           "incomplete",
		`{"a":1,}`:                         "not JSON",
		`{'a':1}`:                          "not JSON",
		`<html>`:                           "not JSON",
		`NaN`:                              "not JSON",
		"0\v":                              "more behind the document",
		"{}\u00a0":                         "more behind the document",
		"\f":                               "not JSON",
		strings.Repeat("[", 1<<20):         "nested more than 200 deep",
	} {
		err := Check([]byte(body))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: got %v, want %q", body, err, want)
		}
	}
}

// Whatever is let through is one document for every reader.
func FuzzCheckJSON(f *testing.F) {
	f.Add([]byte(`{"a":[1,{"b":null}]}`))
	f.Add([]byte(`{"a":1,"a":2}`))
	f.Add([]byte("{}{}"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if Check(b) == nil && (!json.Valid(b) || !utf8.Valid(b)) {
			t.Errorf("%q was let through", b)
		}
	})
}
