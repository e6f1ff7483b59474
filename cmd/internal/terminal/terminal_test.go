package terminal

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestEscapes_NoTerminal: the null device is a character device, and no
// terminal for that.
func TestEscapes_NoTerminal(t *testing.T) {
	t.Parallel()
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	none := func(string) string { return "" }
	if Escapes(null, none) || Escapes(file, none) || Escapes(&bytes.Buffer{}, none) {
		t.Error("escape sequences for what is no terminal")
	}
	if got := width(file); got != usualWidth {
		t.Errorf("width of a file: %d, want %d", got, usualWidth)
	}
}
