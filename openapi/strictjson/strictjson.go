// Package strictjson reads the JSON documents that all readers understand alike, and no other:
// encoding/json takes a name that occurs twice in an object, a name in other letters than those of
// the field, bytes that are not UTF-8, half a character, and much else that others refuse.
//
// It is the one reader of messages that have one meaning: responses that the suite judges, the
// provisioning protocol on both of its sides, and the records of an import. It imports only the
// standard library, and judges nothing: so the suite and the reference implementation share it.
package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"unicode/utf8"
)

// Check returns nil if b is exactly one JSON document that every reader understands alike: valid
// UTF-8 without a byte order mark, no half of a surrogate pair, no name twice in an object, and
// nothing behind it. Otherwise the error says in a few words what is wrong. A validator of decoded
// values cannot see any of this.
func Check(b []byte) error {
	_, err := Decode(b)
	return err
}

// Decode returns the value of a document that [Check] lets through: nil, a bool, a string, a
// [json.Number], an []any or a map[string]any. Errors are those of Check.
func Decode(b []byte) (any, error) {
	p := parser{text: string(b)}
	if utf8.Valid(b) {
		if value, ok := p.document(); ok {
			return value, nil
		}
	}
	if err := explain(b, nil, Open); err != nil {
		return nil, err
	}
	return nil, errors.New("not JSON") // both parsers decide alike, as the tests hold them to
}

// Names says what becomes of a name that a message does not have.
type Names int

const (
	// Closed refuses it: the message is complete as it is documented.
	Closed Names = iota
	// Open passes over it, unless it differs from the name of a field only in the case of its
	// letters.
	Open
)

// Unmarshal reads b, which has to pass [Check], into the value that v points to. Names have to be
// spelt exactly as those of the fields. The error says in a few words what is wrong and where, in
// terms of the document: "users[2].id is a number, and has to be a string".
func Unmarshal(b []byte, v any, names Names) error {
	value, err := Decode(b)
	if err != nil {
		return err
	}
	if t := reflect.TypeOf(v).Elem(); !fits(value, t, names) {
		if err := explain(b, t, names); err != nil {
			return err
		}
	}
	return inWords(json.Unmarshal(b, v))
}

// explain says what is wrong with a document, in a second reading for the sake of the message. What
// is read may have to be of a type.
func explain(b []byte, t reflect.Type, names Names) error {
	switch {
	case len(bytes.Trim(b, jsonSpace)) == 0:
		return errors.New("an empty body")
	case bytes.HasPrefix(b, []byte("\xef\xbb\xbf")):
		return errors.New("a byte order mark in front of the document")
	case !utf8.Valid(b):
		return fmt.Errorf("bytes that are not UTF-8 at offset %d", invalidUTF8(b))
	}
	r := reader{text: b, decoder: json.NewDecoder(bytes.NewReader(b)), names: names}
	r.decoder.UseNumber()
	if err := r.value(t, maxDepth); err != nil {
		return err
	}
	if rest := bytes.Trim(b[r.decoder.InputOffset():], jsonSpace); len(rest) > 0 {
		return fmt.Errorf("more behind the document, at offset %d: %.60q", r.decoder.InputOffset(), rest)
	}
	return nil
}

// jsonSpace is the white space of JSON, which is less than that of Go and of Unicode.
const jsonSpace = " \t\r\n"

// maxDepth is how deep a document may nest: megabytes of brackets must not exhaust the stack.
const maxDepth = 200

func invalidUTF8(b []byte) int {
	for i := 0; i < len(b); {
		r, size := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return len(b)
}
