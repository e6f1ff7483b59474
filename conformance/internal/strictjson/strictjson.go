// Package strictjson reads the JSON documents that all readers understand alike, and says what is
// wrong with others: encoding/json takes a name that occurs twice in an object, bytes that are not
// UTF-8, and much else that others refuse.
//
// The contract's validator and the provisioning protocol call it. It imports only the standard
// library and package excerpt.
package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/excerpt"
)

// Check returns nil if b is exactly one JSON document that every reader understands alike: valid
// UTF-8 without a byte order mark, no name twice in an object, and nothing behind it. Otherwise the
// error says in a few words what is wrong. A validator of decoded values cannot see any of this.
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
	if err := explain(b); err != nil {
		return nil, err
	}
	return nil, errors.New("not JSON") // both parsers decide alike, as the tests hold them to
}

// explain says what is wrong with a document, in a second reading for the sake of the message.
func explain(b []byte) error {
	switch {
	case len(bytes.Trim(b, jsonSpace)) == 0:
		return errors.New("an empty body")
	case bytes.HasPrefix(b, []byte("\xef\xbb\xbf")):
		return errors.New("a byte order mark in front of the document")
	case !utf8.Valid(b):
		return fmt.Errorf("bytes that are not UTF-8 at offset %d", invalidUTF8(b))
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := explainValue(d, "", maxDepth); err != nil {
		return err
	}
	if rest := bytes.Trim(b[d.InputOffset():], jsonSpace); len(rest) > 0 {
		return fmt.Errorf("more behind the document, at offset %d: %q", d.InputOffset(), excerpt.Of(rest, 60))
	}
	return nil
}

// jsonSpace is the white space of JSON, which is less than that of Go and of Unicode.
const jsonSpace = " \t\r\n"

// maxDepth is how deep a document may nest: megabytes of brackets must not exhaust the stack.
const maxDepth = 200

// explainValue reads one value. The path is its place in the document, for messages; depth is how
// deep it may nest.
func explainValue(d *json.Decoder, path string, depth int) error {
	if depth == 0 {
		return fmt.Errorf("objects or arrays nested more than %d deep", maxDepth)
	}
	token, err := d.Token()
	if err != nil {
		return syntax(d, err)
	}
	delimiter, ok := token.(json.Delim)
	if !ok {
		return nil
	}
	names := map[string]bool{}
	for i := 0; d.More(); i++ {
		below := fmt.Sprintf("%s[%d]", path, i)
		if delimiter == '{' {
			token, err := d.Token()
			if err != nil {
				return syntax(d, err)
			}
			name := token.(string) // the decoder returns nothing else here
			if below = strings.TrimPrefix(path+"."+name, "."); names[name] {
				return fmt.Errorf("the name %q twice in one object", below)
			}
			names[name] = true
		}
		if err := explainValue(d, below, depth-1); err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil {
		return syntax(d, err)
	}
	return nil
}

func syntax(d *json.Decoder, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("an incomplete document")
	}
	return fmt.Errorf("not JSON: %v at offset %d", err, d.InputOffset())
}

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
