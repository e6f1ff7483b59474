// Package plain shows people text that others wrote, so that it stays text: whatever a document, a
// target, a provisioner, a file or a command line holds neither moves the cursor of a terminal, nor
// changes the order in which letters are read, nor hides, nor gives a command to a CI log.
//
// What is not visible is written as JSON would escape it, \u202e, and bytes that are not UTF-8 as
// \xff. So JSON stays the same document, and in any other form a reader sees what there was. To
// escape twice does no more than to escape once. The package imports only the standard library.
package plain

import (
	"fmt"
	"io"
	"sync"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Text returns a text of any number of lines to be shown. Line feeds and tabs stay.
func Text(s string) string {
	var e escaper
	return string(e.append(nil, []byte(s)))
}

// Line returns a text to be shown as one line: line feeds and tabs are escaped too.
func Line(s string) string {
	e := escaper{oneLine: true}
	return string(e.append(nil, []byte(s)))
}

// Writer is [Text] for a stream. Several goroutines may use it at once.
type Writer struct {
	mu      sync.Mutex
	w       io.Writer
	escaper escaper
	partial []byte // the beginning of a character whose end is still to come
	out     []byte
}

// NewWriter returns a writer that hands what it is given on to w, escaped.
func NewWriter(w io.Writer) *Writer { return &Writer{w: w} }

// Write implements [io.Writer]. The beginning of a character waits for its end.
func (w *Writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	text := p
	if len(w.partial) > 0 {
		text = append(w.partial, p...)
	}
	whole := len(text) - incomplete(text)
	w.out = w.escaper.append(w.out[:0], text[:whole])
	w.partial = append([]byte(nil), text[whole:]...)
	if _, err := w.w.Write(w.out); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Flush writes the beginning of a character whose end never came.
func (w *Writer) Flush() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.partial) == 0 {
		return nil
	}
	_, err := w.w.Write(w.escaper.append(nil, w.partial))
	w.partial = nil
	return err
}

// Raw returns what lies behind the [Writer] that w may be. It is for what this program itself has
// to say to a terminal or to a CI system, and for nothing else.
func Raw(w io.Writer) io.Writer {
	if own, ok := w.(*Writer); ok {
		return own.w
	}
	return w
}

// incomplete is the number of bytes at the end of a text that begin a character.
func incomplete(text []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(text); n++ {
		if last := text[len(text)-n:]; utf8.RuneStart(last[0]) {
			if utf8.FullRune(last) {
				return 0
			}
			return n
		}
	}
	return 0
}

// How far a line has come, for the commands that only its beginning can hold.
const (
	begun  = iota // nothing but white space so far
	colon         // and a colon behind that
	beyond        // no command can begin any more
)

// escaper knows where a text stands.
type escaper struct {
	oneLine bool
	line    int
	hashes  int // of the characters just before
}

// append appends text to out, escaped.
func (e *escaper) append(out, text []byte) []byte {
	kept := 0 // where what was not appended yet begins
	for i := 0; i < len(text); {
		r, size := rune(text[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRune(text[i:])
		}
		if !e.escapes(r, size) {
			i += size
			continue
		}
		out = append(out, text[kept:i]...)
		if r == utf8.RuneError {
			out = fmt.Appendf(out, `\x%02x`, text[i])
		} else {
			out = appendEscaped(out, r)
		}
		i += size
		kept = i
	}
	return append(out, text[kept:]...)
}

// escapes reports whether the next character, of so many bytes, has to be escaped, and goes on
// behind it. GitHub Actions takes "##[" for a command wherever it stands, and "::" where a line
// begins with it; others take "##vso[" and "##teamcity[".
func (e *escaper) escapes(r rune, size int) bool {
	hashes, line := e.hashes, e.line
	e.hashes, e.line = 0, beyond
	switch {
	case r == '\n':
		e.line = begun
		return e.oneLine
	case r == '\t':
		e.line = line
		return e.oneLine
	case r == '#':
		e.hashes = hashes + 1
		return false
	case r == '[':
		return hashes >= 2
	case hashes >= 2 && ('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'):
		e.hashes = hashes // "##" and a word
		return false
	case r == ':':
		if line == begun {
			e.line = colon
		}
		return line == colon
	case r < utf8.RuneSelf:
		if r == ' ' && line == begun {
			e.line = begun
		}
		return r < ' ' || r == 0x7f
	case r == utf8.RuneError && size == 1:
		return true
	case unicode.IsSpace(r) && line == begun:
		e.line = begun
	}
	return !visible(r)
}

// visible reports whether a character shows itself, and moves no other: letters, marks, numbers,
// punctuation, symbols and spaces, but for those that are drawn as nothing.
func visible(r rune) bool {
	return unicode.IsGraphic(r) && !unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) &&
		!(r > 0xffff && unicode.Is(unicode.Variation_Selector, r))
}

func appendEscaped(out []byte, r rune) []byte {
	switch r {
	case '\n':
		return append(out, `\n`...)
	case '\r':
		return append(out, `\r`...)
	case '\t':
		return append(out, `\t`...)
	}
	if high, low := utf16.EncodeRune(r); high != unicode.ReplacementChar {
		return fmt.Appendf(out, `\u%04x\u%04x`, high, low)
	}
	return fmt.Appendf(out, `\u%04x`, r)
}
