package secret

import (
	"bytes"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// stream is a text that may have been decoded, with the place in the original that each byte comes
// from.
type stream struct {
	text     []byte
	from, to []int
	depth    int
}

// maxDepth is how often a text may have been escaped.
const maxDepth = 5

func newStream(text string) *stream {
	s := &stream{text: []byte(text), from: make([]int, len(text)), to: make([]int, len(text))}
	for i := range s.from {
		s.from[i], s.to[i] = i, i+1
	}
	return s
}

func fold(text []byte) []byte {
	folded := bytes.Clone(text)
	for i, c := range folded {
		if 'A' <= c && c <= 'Z' {
			folded[i] = c + 'a' - 'A'
		}
	}
	return folded
}

// folded is the stream without regard to case.
func (s *stream) folded() *stream { return &stream{text: fold(s.text), from: s.from, to: s.to} }

// standard is the stream with the alphabet of base64 for URLs made the standard one.
func (s *stream) standard() *stream {
	text := bytes.Clone(s.text)
	for i, c := range text {
		switch c {
		case '-':
			text[i] = '+'
		case '_':
			text[i] = '/'
		}
	}
	return &stream{text: text, from: s.from, to: s.to}
}

// digits is the stream without regard to case, and without what may stand between the bytes of a
// text in hexadecimal.
func (s *stream) digits() *stream {
	n := len(s.text)
	d := &stream{text: make([]byte, 0, n), from: make([]int, 0, n), to: make([]int, 0, n)}
	for i, c := range fold(s.text) {
		switch c {
		case ' ', ':', '-', ',', '\n':
			if i > 0 && i+1 < n && isHex(s.text[i-1]) && isHex(s.text[i+1]) {
				continue
			}
		}
		d.text, d.from, d.to = append(d.text, c), append(d.from, s.from[i]), append(d.to, s.to[i])
	}
	return d
}

// decoded is the stream with every escape replaced by what it stands for, nil if there is none.
func (s *stream) decoded() *stream {
	if s.depth == maxDepth || bytes.IndexAny(s.text, `%\&+`) < 0 {
		return nil
	}
	n := len(s.text)
	d := &stream{depth: s.depth + 1, text: make([]byte, 0, n), from: make([]int, 0, n), to: make([]int, 0, n)}
	changed := false
	for i := 0; i < n; {
		meant, size := unescape(s.text[i:])
		if size == 0 {
			d.text, d.from, d.to = append(d.text, s.text[i]), append(d.from, s.from[i]), append(d.to, s.to[i])
			i++
			continue
		}
		changed = true
		for j := range len(meant) {
			d.text, d.from, d.to = append(d.text, meant[j]), append(d.from, s.from[i]), append(d.to, s.to[i+size-1])
		}
		i += size
	}
	if !changed {
		return nil
	}
	return d
}

// unescape returns what an escape at the beginning of a text stands for, and its length in bytes, 0
// for none.
func unescape(text []byte) (meant string, size int) {
	switch text[0] {
	case '+':
		return " ", 1 // in a query
	case '%':
		if n, ok := number(text, 1, 2, 16); ok {
			return string([]byte{byte(n)}), 3
		}
	case '&':
		return unescapeEntity(text)
	case '\\':
		return unescapeBackslash(text)
	}
	return "", 0
}

var entities = map[string]string{
	"amp": "&", "lt": "<", "gt": ">", "quot": `"`, "apos": "'", "sol": "/", "plus": "+", "equals": "=", "percnt": "%",
	"num": "#", "lowbar": "_", "period": ".", "colon": ":", "bsol": `\`, "dollar": "$", "excl": "!", "ast": "*",
	"lpar": "(", "rpar": ")", "comma": ",", "semi": ";", "quest": "?", "commat": "@", "lsqb": "[", "rsqb": "]", "Hat": "^",
	"grave": "`", "lcub": "{", "rcub": "}", "vert": "|", "hyphen": "-",
}

// longestEntity bounds what is read of a reference to a character.
const longestEntity = 12

func unescapeEntity(text []byte) (string, int) {
	begin, base, isDigit := 1, 0, isAlphanumeric
	if len(text) > 2 && text[1] == '#' {
		begin, base, isDigit = 2, 10, func(c byte) bool { return '0' <= c && c <= '9' }
		if text[2]|0x20 == 'x' {
			begin, base, isDigit = 3, 16, isHex
		}
	}
	end := begin
	for end < len(text) && end < longestEntity && isDigit(text[end]) {
		end++
	}
	name := string(text[begin:end])
	ended := end < len(text) && text[end] == ';' // browsers do without, after a number
	if ended {
		end++
	}
	if base == 0 {
		if meant, ok := entities[name]; ok && ended {
			return meant, end
		}
		return "", 0
	}
	n, err := strconv.ParseUint(name, base, 21)
	if err != nil {
		return "", 0
	}
	return string(rune(n)), end
}

func unescapeBackslash(text []byte) (string, int) {
	if len(text) == 1 {
		return "", 1
	}
	switch text[1] {
	case 'u':
		if high, ok := number(text, 2, 4, 16); ok {
			if low, ok := number(text, 8, 4, 16); ok && utf16.IsSurrogate(rune(high)) && text[6] == '\\' && text[7] == 'u' {
				return string(utf16.DecodeRune(rune(high), rune(low))), 12
			}
			return string(rune(high)), 6
		}
		if end := bytes.IndexByte(text[:min(len(text), longestEntity)], '}'); end > 3 && text[2] == '{' {
			if n, ok := number(text, 3, end-3, 16); ok {
				return string(rune(n)), end + 1
			}
		}
	case 'x':
		if n, ok := number(text, 2, 2, 16); ok {
			return string([]byte{byte(n)}), 4
		}
	case '0', '1', '2', '3':
		for _, size := range []int{4, 3} { // \0141 and \141
			if n, ok := number(text, 1, size, 8); ok && n <= 0xff {
				return string([]byte{byte(n)}), 1 + size
			}
		}
	}
	_, size := utf8.DecodeRune(text[1:])
	return string(text[1 : 1+size]), 1 + size
}

// number reads so many digits.
func number(text []byte, at, size, base int) (uint64, bool) {
	if size <= 0 || at+size > len(text) {
		return 0, false
	}
	n, err := strconv.ParseUint(string(text[at:at+size]), base, 32)
	return n, err == nil
}

func isHex(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f' }

func isAlphanumeric(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z' }

func isBase64(c byte) bool { return isAlphanumeric(c) || c == '+' || c == '/' || c == '=' }
