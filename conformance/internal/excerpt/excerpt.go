// Package excerpt shortens what messages quote. Any package of the suite may call it; it imports
// only the standard library.
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
