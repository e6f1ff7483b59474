package syntax

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// parseJSON reads what every JSON parser reads.
func parseJSON(data []byte) (*yaml.Node, error) {
	text := bytes.TrimPrefix(data, []byte("\ufeff"))
	offset, err := jsonError(text)
	if err == nil {
		dec := json.NewDecoder(bytes.NewReader(text))
		dec.UseNumber()
		r := jsonReader{dec: dec, at: newPlaces(text)}
		var root *yaml.Node
		if root, err = r.value(); err == nil {
			return root, nil
		}
		offset = r.at.offset
	}
	return nil, errorAt(data, offset+len(data)-len(text), "not valid JSON: "+err.Error(), "Correct it, or name the file .yaml if it is YAML")
}

// jsonError returns what is wrong with a text, and at which byte.
func jsonError(text []byte) (int, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	var value json.RawMessage
	err, end := dec.Decode(&value), int(dec.InputOffset())
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return max(int(syntax.Offset)-1, 0), err
	case err != nil:
		return len(text), err
	case len(bytes.TrimSpace(text[end:])) > 0:
		return end, errors.New("something follows the document")
	}
	return 0, nil
}

// maxNesting bounds recursion. It is far above what package source accepts, which says so better.
const maxNesting = 2500

// jsonReader makes nodes of the tokens of a JSON text.
type jsonReader struct {
	dec   *json.Decoder
	at    *places
	depth int
}

// skip moves to where the next token begins.
func (r *jsonReader) skip() {
	end := int(r.dec.InputOffset())
	for end < len(r.at.data) && strings.IndexByte(" \t\r\n,:", r.at.data[end]) >= 0 {
		end++
	}
	r.at.move(end)
}

// value reads one value with all that it holds.
func (r *jsonReader) value() (*yaml.Node, error) {
	r.skip()
	n := &yaml.Node{Kind: yaml.ScalarNode, Line: r.at.line, Column: r.at.column}
	token, err := r.dec.Token()
	if err != nil {
		return nil, err
	}
	switch token := token.(type) {
	case json.Delim:
		n.Kind, n.Tag = yaml.MappingNode, "!!map"
		if token == '[' {
			n.Kind, n.Tag = yaml.SequenceNode, "!!seq"
		}
		n.Style = yaml.FlowStyle
		if r.depth++; r.depth > maxNesting {
			return nil, errors.New("nested too deeply")
		}
		for r.dec.More() {
			child, err := r.value()
			if err != nil {
				return nil, err
			}
			n.Content = append(n.Content, child)
		}
		r.depth--
		_, err = r.dec.Token() // what closes it
	case string:
		n.Tag, n.Value, n.Style = "!!str", token, yaml.DoubleQuotedStyle
	case json.Number:
		n.Tag, n.Value = numberTag(token.String()), token.String()
	case bool:
		n.Tag, n.Value = "!!bool", "false"
		if token {
			n.Value = "true"
		}
	case nil:
		n.Tag, n.Value = "!!null", "null"
	}
	return n, err
}

// places finds the line and the column of one byte after the other.
type places struct {
	data                 []byte
	offset, line, column int
}

func newPlaces(data []byte) *places { return &places{data: data, line: 1, column: 1} }

// move goes on to a byte that is not before the present one.
func (p *places) move(offset int) {
	for p.offset < offset {
		r, size := utf8.DecodeRune(p.data[p.offset:])
		p.offset += size
		switch {
		case r == '\n':
			p.line, p.column = p.line+1, 1
		case r == '\ufeff' && p.offset == size: // a byte order mark takes no place
		default:
			p.column++
		}
	}
}
