package strictjson

import (
	"encoding/json"
	"strings"
)

// parser reads a document in one pass. A run reads tens of thousands, and encoding/json takes
// several times as long to find a name that occurs twice. The strings of the value are parts of the
// text, unless that is too long to be kept for the sake of one of them.
type parser struct {
	text string // valid UTF-8
	at   int
}

// longText is from which length on the strings of a value are copies, in bytes.
const longText = 16 << 10

// part returns a part of the text.
func (p *parser) part(begin, end int) string {
	if len(p.text) >= longText {
		return strings.Clone(p.text[begin:end])
	}
	return p.text[begin:end]
}

// document reads the whole text. The bool is false if it is not one that [Check] lets through.
func (p *parser) document() (any, bool) {
	value, ok := p.value(maxDepth)
	if p.space(); !ok || p.at != len(p.text) {
		return nil, false
	}
	return value, true
}

// space skips white space.
func (p *parser) space() {
	for p.at < len(p.text) && strings.IndexByte(jsonSpace, p.text[p.at]) >= 0 {
		p.at++
	}
}

// next skips white space and then c, and reports whether there was one.
func (p *parser) next(c byte) bool {
	p.space()
	if p.at == len(p.text) || p.text[p.at] != c {
		return false
	}
	p.at++
	return true
}

// value reads a value that nests at most depth deep.
func (p *parser) value(depth int) (any, bool) {
	p.space()
	if p.at == len(p.text) || depth == 0 {
		return nil, false
	}
	switch p.text[p.at] {
	case '{':
		return p.object(depth)
	case '[':
		return p.array(depth)
	case '"':
		return p.string()
	case 't':
		return true, p.word("true")
	case 'f':
		return false, p.word("false")
	case 'n':
		return nil, p.word("null")
	default:
		return p.number()
	}
}

// word skips a literal.
func (p *parser) word(literal string) bool {
	if !strings.HasPrefix(p.text[p.at:], literal) {
		return false
	}
	p.at += len(literal)
	return true
}

func (p *parser) object(depth int) (any, bool) {
	p.at++
	object := map[string]any{}
	if p.next('}') {
		return object, true
	}
	for {
		if p.space(); p.at == len(p.text) || p.text[p.at] != '"' {
			return nil, false
		}
		name, ok := p.string()
		if _, twice := object[name]; !ok || twice || !p.next(':') {
			return nil, false
		}
		if object[name], ok = p.value(depth - 1); !ok {
			return nil, false
		}
		if p.next('}') {
			return object, true
		}
		if !p.next(',') {
			return nil, false
		}
	}
}

func (p *parser) array(depth int) (any, bool) {
	p.at++
	array := []any{}
	if p.next(']') {
		return array, true
	}
	for {
		value, ok := p.value(depth - 1)
		if !ok {
			return nil, false
		}
		array = append(array, value)
		if p.next(']') {
			return array, true
		}
		if !p.next(',') {
			return nil, false
		}
	}
}

// string reads a string, whose quotation mark is the next character.
func (p *parser) string() (string, bool) {
	begin, escaped := p.at, false
	for p.at++; p.at < len(p.text); p.at++ {
		switch c := p.text[p.at]; {
		case c == '"':
			p.at++
			if !escaped {
				return p.part(begin+1, p.at-1), true
			}
			text := []byte(p.text[begin:p.at])
			var s string
			err := json.Unmarshal(text, &s)
			return s, err == nil && !halfCharacter(text)
		case c == '\\':
			escaped = true
			p.at++
		case c < ' ':
			return "", false
		}
	}
	return "", false
}

func (p *parser) number() (any, bool) {
	begin := p.at
	if p.text[p.at] == '-' {
		p.at++
	}
	whole := p.at
	if p.digits() == 0 || p.text[whole] == '0' && p.at > whole+1 {
		return nil, false
	}
	if p.at < len(p.text) && p.text[p.at] == '.' {
		if p.at++; p.digits() == 0 {
			return nil, false
		}
	}
	if p.at < len(p.text) && (p.text[p.at] == 'e' || p.text[p.at] == 'E') {
		if p.at++; p.at < len(p.text) && (p.text[p.at] == '+' || p.text[p.at] == '-') {
			p.at++
		}
		if p.digits() == 0 {
			return nil, false
		}
	}
	return json.Number(p.part(begin, p.at)), true
}

// digits skips digits and returns how many there were.
func (p *parser) digits() int {
	begin := p.at
	for p.at < len(p.text) && '0' <= p.text[p.at] && p.text[p.at] <= '9' {
		p.at++
	}
	return p.at - begin
}
