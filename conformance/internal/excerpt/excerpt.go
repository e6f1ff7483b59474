// Package excerpt makes what messages quote fit: shortened and wrapped. Any package of the suite
// may call it; it imports only the standard library.
package excerpt

import (
	"encoding/json"
	"strings"
)

// Of shortens a text to about n bytes, and cuts no character in two.
func Of[T string | []byte](text T, n int) string {
	if len(text) <= n {
		return string(text)
	}
	return strings.ToValidUTF8(string(text[:n]), "") + "…"
}

// JSON is v as JSON, on one line.
func JSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// Wrap breaks a line between words, and in words that are longer than a line.
func Wrap(line string, width int) []string {
	var lines []string
	var current []rune
	for _, word := range strings.Split(line, " ") {
		next := []rune(word)
		if len(current) > 0 && len(current)+1+len(next) > width {
			lines = append(lines, string(current))
			current = nil
		} else if len(current) > 0 {
			current = append(current, ' ')
		}
		current = append(current, next...)
		for len(current) > width {
			lines = append(lines, string(current[:width]))
			current = current[width:]
		}
	}
	return append(lines, string(current))
}
