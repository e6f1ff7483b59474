package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"strconv"
	"strings"
)

// reader reads a document value by value, to say what is wrong with it.
type reader struct {
	text    []byte
	decoder *json.Decoder
	names   Names
	path    []step // of the value that is being read
}

// step leads from a value into one of its parts.
type step struct {
	name  string
	index int // of an array, if there is no name
	array bool
}

// place is where the value stands that is being read, for messages.
func (r *reader) place() string {
	var b strings.Builder
	for _, s := range r.path {
		switch {
		case s.array:
			b.WriteString("[" + strconv.Itoa(s.index) + "]")
		case b.Len() > 0:
			b.WriteString("." + s.name)
		default:
			b.WriteString(s.name)
		}
	}
	return b.String()
}

// token reads a token and refuses half a character in it.
func (r *reader) token() (json.Token, error) {
	begin := r.decoder.InputOffset()
	token, err := r.decoder.Token()
	if err != nil {
		return nil, r.syntax(err)
	}
	if _, isText := token.(string); isText && halfCharacter(r.text[begin:r.decoder.InputOffset()]) {
		return nil, fmt.Errorf("half of a surrogate pair in %s at offset %d", r.where(), begin)
	}
	return token, nil
}

// where is the place, or what stands for that of the whole document.
func (r *reader) where() string {
	if place := r.place(); place != "" {
		return place
	}
	return "the document"
}

// value reads one value, which is to become one of that type; nil is any. It may nest so deep.
func (r *reader) value(t reflect.Type, depth int) error {
	if depth == 0 {
		return fmt.Errorf("objects or arrays nested more than %d deep", maxDepth)
	}
	token, err := r.token()
	if err != nil {
		return err
	}
	have, want := kindOfToken(token), kindOf(t)
	if want == "a time" && have != "an object" && have != "an array" {
		want = "" // scalar says more
	}
	if want != "" && have != "" && have != want {
		return fmt.Errorf("%s is %s, and has to be %s", r.where(), have, want)
	}
	switch token {
	case json.Delim('{'):
		return r.object(t, depth)
	case json.Delim('['):
		return r.array(t, depth)
	}
	return r.scalar(t, token)
}

func (r *reader) array(t reflect.Type, depth int) error {
	var of reflect.Type
	if t = settled(t); t != nil && (t.Kind() == reflect.Slice || t.Kind() == reflect.Array) {
		of = t.Elem()
	}
	r.path = append(r.path, step{array: true})
	for ; r.decoder.More(); r.path[len(r.path)-1].index++ {
		if err := r.value(of, depth-1); err != nil {
			return err
		}
	}
	return r.end()
}

func (r *reader) object(t reflect.Type, depth int) error {
	t = settled(t)
	var known fields
	if t != nil && t.Kind() == reflect.Struct {
		known = fieldsOf(t)
	}
	var seen map[string]bool
	r.path = append(r.path, step{})
	here := &r.path[len(r.path)-1]
	for r.decoder.More() {
		here.name = "(name)"
		token, err := r.token()
		if err != nil {
			return err
		}
		here = &r.path[len(r.path)-1]
		here.name = token.(string) // the decoder returns nothing else here
		if seen[here.name] {
			return fmt.Errorf("the name %q twice in one object", r.place())
		}
		if seen == nil {
			seen = map[string]bool{}
		}
		seen[here.name] = true
		of := element(t)
		if known != nil {
			field, ok := known[here.name]
			if !ok {
				if err := r.unknown(known, here.name); err != nil {
					return err
				}
			}
			of = field
		}
		if err := r.value(of, depth-1); err != nil {
			return err
		}
		here = &r.path[len(r.path)-1]
	}
	return r.end()
}

// unknown judges a name that is none of the fields'.
func (r *reader) unknown(known fields, name string) error {
	if field := known.spelt(name); field != "" {
		return fmt.Errorf("unknown field %q: it is spelt %q", r.place(), field)
	}
	if r.names == Closed {
		return fmt.Errorf("unknown field %q", r.place())
	}
	return nil
}

// end reads the end of an object or an array.
func (r *reader) end() error {
	if _, err := r.decoder.Token(); err != nil {
		return r.syntax(err)
	}
	r.path = r.path[:len(r.path)-1]
	return nil
}

// scalar has a type that reads itself, such as a time, read the value: its own error does not say
// where it stands.
func (r *reader) scalar(t reflect.Type, token json.Token) error {
	if t == nil || token == nil || !readsItself(t) {
		return nil
	}
	t = behind(t)
	text, err := json.Marshal(token)
	if err == nil {
		err = json.Unmarshal(text, reflect.New(t).Interface())
	}
	if err == nil && (t != timeType || isRFC3339(string(text))) {
		return nil
	}
	if t == timeType {
		return fmt.Errorf("%s is %.60s, and not a time such as \"2026-06-28T10:30:00Z\" (RFC 3339)", r.where(), text)
	}
	return fmt.Errorf("%s: %w", r.where(), inWords(err))
}

// rfc3339 is the form of a time, of which package time takes others too.
var rfc3339 = regexp.MustCompile(
	`^"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)"$`)

// isRFC3339 reports whether a text in quotation marks has the form of a time.
func isRFC3339(quoted string) bool { return rfc3339.MatchString(quoted) }

func (r *reader) syntax(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("an incomplete document")
	}
	return fmt.Errorf("not JSON: %v at offset %d", err, r.decoder.InputOffset())
}

// inWords says in terms of the document what encoding/json says in those of Go.
func inWords(err error) error {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		place := wrong.Field
		if place == "" {
			place = "the document"
		}
		return fmt.Errorf("%s is the wrong kind of value, %s", place, wrong.Value)
	}
	if err != nil {
		return errors.New(strings.TrimPrefix(err.Error(), "json: "))
	}
	return nil
}

// halfCharacter reports whether a text of JSON, as it is written, has an escape for half of a
// surrogate pair without the other half: readers put something else for it, and make one text of
// two.
func halfCharacter(text []byte) bool {
	for i := bytes.IndexByte(text, '\\'); i >= 0 && i < len(text); i++ {
		if text[i] != '\\' {
			continue
		}
		i++ // the character behind a backslash begins no escape of its own
		unit, ok := escapedUnit(text, i)
		switch {
		case !ok:
		case unit >= 0xdc00 && unit < 0xe000:
			return true
		case unit >= 0xd800 && unit < 0xdc00:
			if i+5 >= len(text) || text[i+5] != '\\' {
				return true
			}
			if low, ok := escapedUnit(text, i+6); !ok || low < 0xdc00 || low >= 0xe000 {
				return true
			}
			i += 10
		}
	}
	return false
}

// escapedUnit reads what stands behind the backslash of \uXXXX.
func escapedUnit(text []byte, at int) (uint64, bool) {
	if at+5 > len(text) || text[at] != 'u' {
		return 0, false
	}
	unit, err := strconv.ParseUint(string(text[at+1:at+5]), 16, 16)
	return unit, err == nil
}
