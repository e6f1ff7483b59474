package schema

import (
	"fmt"
	"strings"
)

// EncodedID is an identifier in the form in which it is stored: letters,
// digits, '_', '-', '.' and '~' stand for themselves, any other byte is
// written as '%' and two hexadecimal digits, and the empty identifier is a
// lone '%'. Different identifiers have different encodings, none is empty, and
// none holds a brace, a colon or a quote: no identifier can leave its place
// in a key, move a hash tag or break the JSON of an event.
type EncodedID string

const hexDigits = "0123456789ABCDEF"

// Encode returns the stored form of an identifier.
func Encode[T ~string](id T) EncodedID {
	if id == "" {
		return "%"
	}
	if isPlain(string(id)) {
		return EncodedID(id)
	}
	var b strings.Builder
	b.Grow(len(id) + 16)
	for i := range len(id) {
		c := id[i]
		if isPlainByte(c) {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(hexDigits[c>>4])
		b.WriteByte(hexDigits[c&15])
	}
	return EncodedID(b.String())
}

// Decode returns the identifier whose stored form s is. It fails for what
// [Encode] never returns, which would be damage in the store.
func Decode[T ~string](s EncodedID) (T, error) {
	if s == "%" {
		return "", nil
	}
	if s != "" && isPlain(string(s)) {
		return T(s), nil
	}
	id := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			id = append(id, s[i])
			continue
		}
		if i+2 >= len(s) {
			return "", fmt.Errorf("stored identifier %q is damaged", string(s))
		}
		high, low := strings.IndexByte(hexDigits, s[i+1]), strings.IndexByte(hexDigits, s[i+2])
		if high < 0 || low < 0 {
			return "", fmt.Errorf("stored identifier %q is damaged", string(s))
		}
		id = append(id, byte(high<<4|low))
		i += 2
	}
	if Encode(string(id)) != s {
		return "", fmt.Errorf("stored identifier %q is damaged", string(s))
	}
	return T(id), nil
}

// isPlain reports whether all bytes of s stand for themselves.
func isPlain(s string) bool {
	for i := range len(s) {
		if !isPlainByte(s[i]) {
			return false
		}
	}
	return true
}

func isPlainByte(c byte) bool { return plainBytes[c] }

// plainBytes are the bytes that stand for themselves.
var plainBytes = func() (plain [256]bool) {
	for c := range plain {
		c := byte(c)
		plain[c] = 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
			c == '_' || c == '-' || c == '.' || c == '~'
	}
	return plain
}()
