package cases

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/seed-5ec2a705/mtrack/conformance/requirement"
)

// lookalike is a text that resembles an id or a key, and how it was made from it.
type lookalike struct {
	name, text string
	// another is set where it is one more of a series that [essential] texts stand for.
	another bool
}

// lookalikes are texts that a careless comparison takes for the given one: by case, by a part, by
// trimming or splitting, by decoding, by folding, as a number, as a pattern. None is the text
// itself, none is empty, and each is there once.
func lookalikes(text string) []lookalike {
	var all []lookalike
	add := func(name, like string) { all = append(all, lookalike{name: name, text: like}) }
	addOneOf := func(name, like string, stands bool) { all = append(all, lookalike{name, like, !stands}) }
	head, tail := cutPrefix(text)

	add("in upper case", strings.ToUpper(text))
	add("in lower case", strings.ToLower(text))
	add("in other case", swapCase(text))
	add("with its prefix in other case", swapCase(head)+tail)
	add("with upper case after its prefix", head+strings.ToUpper(tail))
	add("with lower case after its prefix", head+strings.ToLower(tail))
	add("in other case after its prefix", head+swapCase(tail))
	for i, r := range everyNth(text, 40) {
		like := text[:i] + differentChar(r) + text[i+utf8.RuneLen(r):]
		stands := i == 0 || i == len(head) || i+utf8.RuneLen(r) == len(text)
		addOneOf(fmt.Sprintf("with another character at offset %d", i), like, stands)
	}
	for i, r := range everyNth(tail, 12) {
		like := head + tail[:i] + swapCase(string(r)) + tail[i+utf8.RuneLen(r):]
		stands := i == 0 || i+utf8.RuneLen(r) == len(tail)
		addOneOf(fmt.Sprintf("with a letter in other case at offset %d", len(head)+i), like, stands)
	}

	add("without its last character", trimLast(text))
	add("without its last two characters", trimLast(trimLast(text)))
	add("without its first character", text[len(firstRune(text)):])
	add("without its prefix", tail)
	add("cut to its first half", text[:len(text)/2])
	add("cut to its second half", text[len(text)/2:])
	add("cut to three quarters", text[:len(text)*3/4])
	add("cut to eight characters after its prefix", head+tail[:min(8, len(tail))])
	add("with another second half", text[:len(text)/2]+reversed(text[len(text)/2:]))

	add("twice", text+text)
	add("with its prefix twice", head+text)
	add("with another prefix", "x"+text)
	add("with one more character", text+"x")
	add("with a zero after it", text+"0")
	add("with zeros before its number", head+"00"+tail)
	add("with a sign before its number", head+"+"+tail)
	add("with a negative sign before its number", head+"-"+tail)
	add("with a fraction", text+".0")
	add("with an exponent", text+"e0")
	add("with a separator within", head+tail[:len(tail)/2]+"_"+tail[len(tail)/2:])
	add("with 64 zeros after it", text+strings.Repeat("0", 64))
	add("with 256 zeros after it", text+strings.Repeat("0", 256))

	for _, c := range " !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~" {
		separates := strings.ContainsRune(" ,;:.|#/", c)
		add(fmt.Sprintf("with %q after it", c), text+string(c))
		addOneOf(fmt.Sprintf("with %q before it", c), string(c)+text, separates)
		addOneOf(fmt.Sprintf("with %q and more after it", c), text+string(c)+"1", separates)
		addOneOf(fmt.Sprintf("with more and %q before it", c), "1"+string(c)+text, strings.ContainsRune(" ,;:", c))
		addOneOf(fmt.Sprintf("with %q in place of its last character", c), trimLast(text)+string(c), strings.ContainsRune("*?%_.", c))
	}
	add("and itself, with a comma", text+","+text)
	add("with a prefix and a wildcard", head+"%")
	add("with a prefix and another wildcard", head+"*")
	add("between wildcards", "%"+tail+"%")
	add("with an expression of SQL", text+"' OR '1'='1")
	add("with a comment of SQL", text+"' --")
	for _, extension := range []string{"json", "xml", "mp3", "html", "wav", "csv", "txt"} {
		stands := slices.Contains([]string{"json", "xml", "mp3"}, extension)
		addOneOf("with the extension ."+extension, text+"."+extension, stands)
	}
	add("with a matrix parameter", text+";v=1")

	add("in braces after its prefix", head+"{"+tail+"}")
	add("in braces", "{"+text+"}")
	add("in brackets", "["+text+"]")
	add("in angle brackets", "<"+text+">")
	add("in quotes", `"`+text+`"`)
	add("in apostrophes", "'"+text+"'")
	add("as a URN after its prefix", head+"urn:uuid:"+tail)
	add("without hyphens", strings.ReplaceAll(text, "-", ""))
	if len(tail) == 32 {
		add("with the hyphens of a UUID", head+strings.Join([]string{
			tail[:8],
			tail[8:12],
			tail[12:16],
			tail[16:20],
			tail[20:],
		}, "-"))
	}
	add("percent-encoded", percentEncoded(text))
	add("with its first character percent-encoded", percentEncoded(firstRune(text))+text[len(firstRune(text)):])
	add("with an encoded NUL", text+"%00")
	add("with an encoded space", text+"%20")
	add("in base64", base64.StdEncoding.EncodeToString([]byte(text)))
	add("with an entity of HTML", fmt.Sprintf("&#%d;%s", text[0], text[1:]))
	add("with an escape of JSON", fmt.Sprintf(`\u%04x%s`, text[0], text[1:]))

	for _, unseen := range []struct{ char, name string }{
		{"\u00a0", "a no-break space"},
		{"\u200b", "a zero-width space"},
		{"\u00ad", "a soft hyphen"},
		{"\u0301", "a combining accent"},
		{"\ufeff", "a byte order mark"},
	} {
		add("with "+unseen.name+" after it", text+unseen.char)
		add("with "+unseen.name+" before it", unseen.char+text)
	}
	add("in full-width forms", fullWidth(text))
	for _, folded := range []struct{ from, to, name string }{
		{"m", "\uff4d", "a full-width m"},
		{"k", "\u212a", "the sign for kelvin"},
		{"s", "\u017f", "a long s"},
		{"a", "\u0430", "a Cyrillic a"},
		{"i", "\u0131", "a dotless i"},
	} {
		add("with "+folded.name, strings.Replace(text, folded.from, folded.to, 1))
	}
	add("with Arabic digits", withDigits(text, '\u0660'))
	add("with full-width digits", withDigits(text, '\uff10'))

	seen := map[string]bool{text: true, "": true}
	return slices.DeleteFunc(all, func(l lookalike) bool {
		known := seen[l.text]
		seen[l.text] = true
		return known || !utf8.ValidString(l.text) // half a character
	})
}

// essential leaves out what is one more of a series: for operations that share the code that compares
// ids and keys with a delete, which meets all. It is the same for every id.
func essential(o requirement.Operation, all []lookalike) []lookalike {
	if o == requirement.DeleteTrack {
		return all
	}
	return slices.DeleteFunc(slices.Clone(all), func(l lookalike) bool { return l.another })
}

// cutPrefix splits an id after its first underscore: "mtrack_" and the rest. A text without one
// has no prefix.
func cutPrefix(text string) (head, tail string) {
	i := strings.IndexByte(text, '_') + 1
	return text[:i], text[i:]
}

// everyNth yields at most n characters of a text with their offsets, evenly, the first and the last
// among them.
func everyNth(text string, n int) func(yield func(int, rune) bool) {
	return func(yield func(int, rune) bool) {
		count, place, next := utf8.RuneCountInString(text), 0, 0
		for i, r := range text {
			if count <= n || place*(n-1) >= next*(count-1) {
				next++
				if !yield(i, r) {
					return
				}
			}
			place++
		}
	}
}

// differentChar returns a character of the same kind, hexadecimal digits included, as far as there
// is one.
func differentChar(r rune) string {
	switch {
	case '0' <= r && r <= '8',
		'a' <= r && r <= 'e', 'g' <= r && r <= 'y',
		'A' <= r && r <= 'E', 'G' <= r && r <= 'Y':
		return string(r + 1)
	case r == '9':
		return "0"
	case r == 'f' || r == 'z':
		return "a"
	case r == 'F' || r == 'Z':
		return "A"
	default:
		return "x"
	}
}

// trimLast removes the last character.
func trimLast(s string) string {
	_, size := utf8.DecodeLastRuneInString(s)
	return s[:len(s)-size]
}

func firstRune(s string) string {
	_, size := utf8.DecodeRuneInString(s)
	return s[:size]
}

func swapCase(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsUpper(r) {
			return unicode.ToLower(r)
		}
		return unicode.ToUpper(r)
	}, text)
}

func reversed(text string) string {
	runes := []rune(text)
	slices.Reverse(runes)
	return string(runes)
}

// fullWidth writes ASCII in the full-width forms of Unicode, which some foldings turn back.
func fullWidth(s string) string {
	return strings.Map(func(r rune) rune {
		if '!' <= r && r <= '~' {
			return r + 0xfee0
		}
		return r
	}, s)
}

// withDigits writes digits as those of another script, given by its zero: some readers of numbers
// take them.
func withDigits(s string, zero rune) string {
	return strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return r - '0' + zero
		}
		return r
	}, s)
}

// percentEncoded encodes every byte, also where there is no need.
func percentEncoded(text string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(text) {
		b.Write([]byte{'%', hex[text[i]>>4], hex[text[i]&15]})
	}
	return b.String()
}
