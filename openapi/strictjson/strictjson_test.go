package strictjson

import (
	"bytes"
	"encoding/json"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestCheckJSON(t *testing.T) {
	for body, want := range map[string]string{
		`{"a":1}`:                                "",
		" \n{\"a\":[{\"a\":1},{\"a\":2}]}":       "",
		`{"a":{"a":{"a":null}}}`:                 "",
		`"text"`:                                 "",
		"":                                       "an empty body",
		" \n":                                    "an empty body",
		"\xef\xbb\xbf{}":                         "byte order mark",
		"{\"a\":\"\xff\"}":                       "not UTF-8 at offset 6",
		`{"a":1}{"b":2}`:                         "more behind the document, at offset 7",
		`{"a":1} x`:                              "more behind the document",
		`{"a":1,"a":2}`:                          `the name "a" twice`,
		`{"error":{"code":1,"code":1}}`:          `the name "error.code" twice`,
		`[{"a":1},{"b":1,"b":1}]`:                `the name "[1].b" twice`,
		`{"a":1,"\u0061":2}`:                     `the name "a" twice`,
		`{"a":`:                                  "incomplete",
		`{"a":1`:                                 "incomplete",
		`{"a":1,}`:                               "not JSON",
		`{'a':1}`:                                "not JSON",
		`<html>`:                                 "not JSON",
		`NaN`:                                    "not JSON",
		"0\v":                                    "more behind the document",
		"{}\u00a0":                               "more behind the document",
		"\f":                                     "not JSON",
		strings.Repeat("[", 1<<20):               "nested more than 200 deep",
		`{"a":"\ud800"}`:                         "half of a surrogate pair in a at offset 4",
		`["\udc00\ud800"]`:                       "half of a surrogate pair in [0]",
		`["\ud800\\udc00"]`:                      "half of a surrogate pair",
		`["\ud800x"]`:                            "half of a surrogate pair",
		`{"\ud800":1}`:                           "half of a surrogate pair",
		`["\ud83d\uDE00","\\ud800","\\\\ud800"]`: "",
	} {
		err := Check([]byte(body))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: got %v, want %q", body, err, want)
		}
	}
}

type message struct {
	ID    string              `json:"id"`
	At    *time.Time          `json:"at,omitempty"`
	Keys  []message           `json:"keys,omitempty"`
	Named map[string]*message `json:"named,omitempty"`
	Any   any                 `json:"any"`
	Count int                 `json:"count"`
}

func TestUnmarshal(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"id":"a","at":"2026-06-28T10:30:00Z","keys":[{"id":"b"}],"named":{"x":{"id":"c"},"X":null},"any":{"ID":[1]},"count":2}`: "",
		`{"id":null,"at":null,"keys":null}`:  "",
		`{"ID":"a"}`:                         `unknown field "ID": it is spelt "id"`,
		`{"id":"a","Id":"b"}`:                `unknown field "Id": it is spelt "id"`,
		"{\"\u212aeys\":[]}":                 `it is spelt "keys"`,
		`{"other":1}`:                        `unknown field "other"`,
		`{"keys":[{},{"other":1}]}`:          `unknown field "keys[1].other"`,
		`{"named":{"x":{"iD":""}}}`:          `unknown field "named.x.iD": it is spelt "id"`,
		`{"keys":[{"id":7}]}`:                `keys[0].id is a number, and has to be a string`,
		`{"named":{"x":[]}}`:                 `named.x is an array, and has to be an object`,
		`{"keys":{}}`:                        `keys is an object, and has to be an array`,
		`{"count":"1"}`:                      `count is a string, and has to be a number`,
		`{"count":1.5}`:                      `count is the wrong kind of value, number 1.5`,
		`{"at":1709251199000}`:               `at is 1709251199000, and not a time`,
		`{"at":"2026-06-28"}`:                `at is "2026-06-28", and not a time`,
		`{"at":{}}`:                          `at is an object, and has to be a time`,
		`{"at":"2026-06-28T9:30:00Z"}`:       "not a time",
		`{"at":"2026-06-28T10:30:00,5Z"}`:    "not a time",
		`{"at":"2026-06-28T10:30:00+24:00"}`: "not a time",
		`[]`:                                 `the document is an array, and has to be an object`,
		`{"any":{"a":1,"a":2}}`:              `the name "any.a" twice`,
	} {
		var m message
		err := Unmarshal([]byte(body), &m, Closed)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: got %v, want %q", body, err, want)
		}
	}
	var m message
	if err := Unmarshal([]byte(`{"id":"a","other":{"ID":1}}`), &m, Open); err != nil || m.ID != "a" {
		t.Errorf("%+v, %v", m, err)
	}
	if err := Unmarshal([]byte(`{"id":"a","ID":"b"}`), &m, Open); err == nil {
		t.Errorf("a name in other case was let through: %+v", m)
	}
}

// What is let through is what encoding/json decodes, and what the slow reading finds no fault with.
func TestDecode(t *testing.T) {
	for _, text := range []string{
		`{"a":1}`, ` [ ] `, `{ "a" : [ 1 , -0.5e+10 , 0 , 1E-2 ] , "b" : { } }`, `"\u00e9\n\"\\/\ud83d\ude00\ud800"`,
		`[true,false,null]`, "\"\u00e9\u4e16\"", `-0`, `1.0`, `"\\"`, `""`, `{"":{"":""}}`,
		// broken
		`01`, `-`, `1.`, `.5`, `1e`, `1e+`, `+1`, `- 1`, `--1`, `0x1`, `1_0`, `Infinity`, `tru`, `truex`, `nul`,
		`"`, `"\`, `"\"`, `"\x"`, `"\u12"`, "\"\t\"", "\"\x00\"", `[1,]`, `[,1]`, `[1 2]`, `{"a"}`, `{"a":}`, `{"a" 1}`,
		`{"a":1 "b":2}`, `{,}`, `{1:2}`, `{"a":1}}`, `]`, `[1}`, `1 2`, "\"\x7f\"", "\"\xff\"", "\xef\xbb\xbf1", "",
		strings.Repeat("[", maxDepth-1) + strings.Repeat("]", maxDepth-1), strings.Repeat("[", maxDepth) + strings.Repeat("]", maxDepth),
		strings.Repeat("[", maxDepth-1) + "1" + strings.Repeat("]", maxDepth-1), strings.Repeat("[", maxDepth) + "1" + strings.Repeat("]", maxDepth),
		strings.Repeat("[", maxDepth+1) + strings.Repeat("]", maxDepth+1),
	} {
		compareDecoders(t, []byte(text))
	}
}

// compareDecoders fails if a document is not let through and explained alike, or decoded to
// another value than by encoding/json.
func compareDecoders(t *testing.T, b []byte) {
	t.Helper()
	value, err := Decode(b)
	if why := explain(b, nil, Open); (why == nil) != (err == nil) {
		t.Fatalf("%q: %v by Decode, and by the second reading %v", b, err, why)
	}
	if err != nil {
		return
	}
	var want any
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := d.Decode(&want); err != nil || !utf8.Valid(b) || !reflect.DeepEqual(value, want) {
		t.Fatalf("%q was let through as %#v; encoding/json has %#v, %v", b, value, want, err)
	}
}

// Whoever keeps a string of a long document does not keep the document.
func TestDecodeDoesNotShareLongDocuments(t *testing.T) {
	const documents, bound = 30, 10 << 20
	document := []byte(`{"padding":"` + strings.Repeat("x", 2<<20) + `","trace":"short","n":12}`)
	var kept []any
	for range documents {
		value, err := Decode(document)
		if err != nil {
			t.Fatal(err)
		}
		kept = append(kept, value.(map[string]any)["trace"], value.(map[string]any)["n"])
	}
	runtime.GC()
	var now runtime.MemStats
	runtime.ReadMemStats(&now)
	if now.HeapAlloc > bound {
		t.Errorf("%d MiB in use for %d short strings", now.HeapAlloc>>20, len(kept))
	}
	runtime.KeepAlive(kept)
}

// Whatever is let through is one document for every reader.
func FuzzCheckJSON(f *testing.F) {
	f.Add([]byte(`{"a":[1,{"b":null}]}`))
	f.Add([]byte(`{"a":1,"a":2}`))
	f.Add([]byte("{}{}"))
	f.Add([]byte(`{"a":"\u00e9\\","b":[-1.5e+3,0,true,false]}`))
	f.Fuzz(func(t *testing.T, b []byte) { compareDecoders(t, b) })
}
