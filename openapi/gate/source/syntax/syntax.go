// Package syntax reads the text of one file into nodes that know their line and column.
//
// A text is JSON or YAML. JSON is read by a JSON parser, since YAML parsers reject some of
// its escapes; YAML is read as version 1.2 has it, whose types are those of JSON: a date is
// a string, and so is `yes`. Only package source imports this.
package syntax

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"path"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// Error is a fault of the text itself.
type Error struct {
	// Line and Column count from one; a column is a character.
	Line, Column int
	// Reason says what is wrong, Next what to do about it, or is "".
	Reason, Next string
}

// Error returns the reason.
func (e *Error) Error() string { return e.Reason }

// The errors of texts that are fine and hold no document.
var (
	ErrEmpty    = errors.New("the file is empty")
	ErrComments = errors.New("the file contains nothing but comments")
	ErrSeveral  = errors.New("the file contains more than one YAML document")
)

// Parse returns the top value of the text of a file. An error is an [*Error], or one of
// the Err variables.
func Parse(name string, data []byte) (root *yaml.Node, err error) {
	defer func() {
		if p := recover(); p != nil {
			root, err = nil, &Error{1, 1, "the YAML parser cannot read this file", "Look for stray control characters"}
		}
	}()
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, ErrEmpty
	}
	if err := encoding(data); err != nil {
		return nil, err
	}
	named := strings.EqualFold(path.Ext(name), ".json")
	if text := bytes.TrimPrefix(data, []byte("\ufeff")); named || bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) && json.Valid(text) {
		return parseJSON(data)
	}
	return parseYAML(data)
}

// encoding rejects text that is not UTF-8, and control characters, at their place. DEL is a
// character like any other in JSON.
// A byte order mark of UTF-16 announces what the parser can read too.
func encoding(data []byte) error {
	if bytes.HasPrefix(data, []byte{0xff, 0xfe}) || bytes.HasPrefix(data, []byte{0xfe, 0xff}) {
		return nil
	}
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		switch {
		case r == utf8.RuneError && size <= 1:
			return errorAt(data, i, "the file is not UTF-8", "Save it as UTF-8")
		case r < ' ' && r != '\t' && r != '\n' && r != '\r':
			return errorAt(data, i, fmt.Sprintf("not valid YAML: the control character U+%04X is not allowed", r), "Remove it")
		}
		i += size
	}
	return nil
}

// errorAt returns an error at the line and the column of a byte.
func errorAt(data []byte, offset int, reason, next string) *Error {
	p := newPlaces(data)
	p.move(min(offset, len(data)))
	return &Error{p.line, p.column, reason, next}
}

// version is the directive that the parser does not know, though it reads what it announces.
var version = regexp.MustCompile(`\A(?:\x{feff})?(?:[ \t]*(?:#[^\n]*)?\r?\n)*%YAML[ \t]+1\.2`)

func parseYAML(data []byte) (*yaml.Node, error) {
	text := data
	if at := version.FindIndex(text); at != nil {
		text = bytes.Clone(text)
		text[at[1]-1] = '1'
	}
	substitute := substituteOf(text)
	if substitute != "" {
		text = bytes.ReplaceAll(text, []byte(del), []byte(substitute))
	}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	var doc, second yaml.Node
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return nil, ErrComments
	case err != nil:
		return nil, yamlError(data, err)
	case len(doc.Content) == 0:
		return nil, ErrEmpty
	}
	switch err := dec.Decode(&second); {
	case err == nil:
		return nil, ErrSeveral
	case !errors.Is(err, io.EOF):
		return nil, yamlError(data, err)
	}
	if substitute != "" {
		if err := restore(doc.Content[0], substitute); err != nil {
			return nil, err
		}
	}
	resolve(doc.Content[0])
	return doc.Content[0], nil
}

// del is the one control character that YAML allows, within quotes, and its parser does not.
const del = "\x7f"

// substituteOf returns a character that a text does not have and can have in place of del, or "".
func substituteOf(text []byte) string {
	if !bytes.Contains(text, []byte(del)) {
		return ""
	}
	for r := rune(0xe000); r < 0xf8ff; r++ { // which have no meaning to anybody
		if s := string(r); !bytes.Contains(text, []byte(s)) {
			return s
		}
	}
	return ""
}

// restore puts del back where a text has a substitute for it.
func restore(n *yaml.Node, substitute string) error {
	if strings.Contains(n.Value, substitute) {
		if n.Kind != yaml.ScalarNode || n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) == 0 {
			return &Error{n.Line, n.Column, "not valid YAML: the control character U+007F is allowed within quotes alone", "Remove it"}
		}
		n.Value = strings.ReplaceAll(n.Value, substitute, del)
	}
	for _, child := range n.Content {
		if err := restore(child, substitute); err != nil {
			return err
		}
	}
	return nil
}

var (
	yamlErrorLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)
	unknownAnchor = regexp.MustCompile(`unknown anchor '([^']+)' referenced`)
)

// yamlError gives a parser's message its place, where the parser says it.
func yamlError(data []byte, err error) *Error {
	first, _, _ := strings.Cut(err.Error(), "\n")
	e := &Error{1, 1, "not valid YAML: " + first, ""} // the parser leaves out the line when it is the first
	if m := yamlErrorLine.FindStringSubmatch(first); m != nil {
		e.Reason = "not valid YAML: " + m[2]
		if line, err := strconv.Atoi(m[1]); err == nil {
			e.Line = line
		}
	}
	if m := unknownAnchor.FindStringSubmatch(e.Reason); m != nil {
		e.Next = "An anchor has to come before its aliases: move it up, or correct the name"
		// The parser never says on which line.
		if i := regexp.MustCompile(`\*` + regexp.QuoteMeta(m[1]) + `\b`).FindIndex(data); i != nil {
			return errorAt(data, i[0], e.Reason, e.Next)
		}
	}
	if lines := bytes.Split(data, []byte("\n")); e.Line <= len(lines) {
		if bytes.HasPrefix(bytes.TrimLeft(lines[e.Line-1], " "), []byte("\t")) {
			e.Next = "Indent with spaces: YAML forbids tabs"
		}
	}
	return e
}

// The plain texts that are no strings, by the core schema of YAML 1.2.
var (
	coreInt   = regexp.MustCompile(`^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$`)
	coreFloat = regexp.MustCompile(`^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$`)
)

// resolve gives every scalar the type that YAML 1.2 gives it: the parser knows dates,
// numbers with underscores and other types of YAML 1.1, which callers of an API never see.
func resolve(n *yaml.Node) {
	for i, child := range n.Content {
		if child.Kind != yaml.ScalarNode {
			resolve(child)
			continue
		}
		key := n.Kind == yaml.MappingNode && i%2 == 0
		local := strings.HasPrefix(child.Tag, "!") && !strings.HasPrefix(child.Tag, "!!")
		if child.Style&^yaml.TaggedStyle != 0 || child.Style&yaml.TaggedStyle != 0 && !local || child.Tag == "!!merge" {
			if local {
				child.Tag = "!!str"
			}
			continue
		}
		v := child.Value
		numeric := v != "" && strings.IndexByte("+-.0123456789", v[0]) >= 0 // most are not, and the patterns are slow
		switch {
		case numeric && coreInt.MatchString(v):
			child.Tag = "!!int"
			if !key {
				child.Value = number(v)
				child.Tag = numberTag(child.Value)
			}
		case numeric && coreFloat.MatchString(v):
			child.Tag = "!!float"
			if !key {
				child.Value = number(v)
			}
		case v == "" || v == "~" || v == "null" || v == "Null" || v == "NULL":
			child.Tag = "!!null"
		case v == "true" || v == "True" || v == "TRUE" || v == "false" || v == "False" || v == "FALSE":
			child.Tag = "!!bool"
		default:
			child.Tag = "!!str"
		}
	}
}

// numberTag returns the tag of a number that is written as JSON does. Whole numbers beyond 64
// bits have that of the others: the libraries read no larger ones.
func numberTag(v string) string {
	_, signed := strconv.ParseInt(v, 10, 64)
	_, unsigned := strconv.ParseUint(v, 10, 64)
	if signed != nil && unsigned != nil {
		return "!!float"
	}
	return "!!int"
}

// number writes a number as JSON does, which the libraries read alike: leading zeros mean
// octal to some, and others reject `.5` and `+1`.
func number(v string) string {
	if json.Valid([]byte(v)) {
		return v
	}
	if len(v) > 2 && (v[1] == 'o' || v[1] == 'x') {
		if n, ok := new(big.Int).SetString(v, 0); ok {
			return n.String()
		}
		return v
	}
	sign := ""
	if digits, ok := strings.CutPrefix(v, "-"); ok {
		sign, v = "-", digits
	}
	v = strings.TrimPrefix(v, "+")
	mantissa, exponent := v, ""
	if i := strings.IndexAny(v, "eE"); i >= 0 {
		mantissa, exponent = v[:i], v[i:]
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	if whole = strings.TrimLeft(whole, "0"); whole == "" {
		whole = "0"
	}
	if fraction != "" {
		whole += "." + fraction
	}
	if plain := sign + whole + exponent; json.Valid([]byte(plain)) {
		return plain
	}
	return sign + v // infinite, or no number
}
