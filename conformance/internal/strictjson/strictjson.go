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

// Check tells whether b is exactly one JSON document that every reader understands alike: valid UTF-8 without a byte
// order mark, no name twice in an object, nothing behind it. What is returned is the fault in a few words, or nil.
//
// Validators that decode first and look afterwards cannot see any of these.
func Check(b []byte) error {
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
	if err := checkValue(d, "", maxDepth); err != nil {
		return err
	}
	if rest := bytes.Trim(b[d.InputOffset():], jsonSpace); len(rest) > 0 {
		return fmt.Errorf("more behind the document, at offset %d: %q", d.InputOffset(), excerpt.Of(rest, 60))
	}
	return nil
}

// jsonSpace is what JSON takes for white space, which is less than Go and Unicode do.
const jsonSpace = " \t\r\n"

// maxDepth is how deep a document may nest. One of megabytes of brackets must not exhaust the stack.
const maxDepth = 200

// checkValue reads one value, which is at the path (for messages) in the document and may nest so deep.
func checkValue(d *json.Decoder, path string, depth int) error {
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
			name := token.(string) // the decoder gives nothing else here
			if below = strings.TrimPrefix(path+"."+name, "."); names[name] {
				return fmt.Errorf("the name %q twice in one object", below)
			}
			names[name] = true
		}
		if err := checkValue(d, below, depth-1); err != nil {
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
		return errors.New("a document that breaks off")
	}
	return fmt.Errorf("no JSON: %v at offset %d", err, d.InputOffset())
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
