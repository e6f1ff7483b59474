package evidence

import (
	"encoding/json"
	"slices"
	"testing"
)

func TestPropertiesOfDocuments(t *testing.T) {
	p := properties{}
	for _, text := range []string{
		`{"error":{"code":"x","details":{}}}`, `{"items":[{"id":1},{"id":2,"stems":[[{"a":1}]]}],"limit":1}`, `[{"id":1}]`, `"text"`, `null`,
		`{"error":{"details":{"track_id":"x"}}}`,
	} {
		var document any
		if err := json.Unmarshal([]byte(text), &document); err != nil {
			t.Fatal(err)
		}
		p.add(document)
	}
	want := []string{
		"[].id", "error", "error.code", "error.details", "error.details.track_id", "items", "items[].id", "items[].stems",
		"items[].stems[][].a", "limit",
	}
	if got := p.paths().sorted(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
