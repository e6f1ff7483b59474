package excerpt

import (
	"encoding/json"
	"strings"
)

// Of shortens a text to about n bytes for a message, without cutting a character in two.
func Of[T string | []byte](text T, n int) string {
	if len(text) <= n {
		return string(text)
	}
	return strings.ToValidUTF8(string(text[:n]), "") + "…"
}

// JSON is the JSON of what was decoded of JSON before.
func JSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}
