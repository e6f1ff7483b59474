package passage

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRewrite(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "page.md")
	page := "before\n<!-- make this: begin -->\nold\n<!-- make this: end -->\nafter\n"
	if err := os.WriteFile(file, []byte(page), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Rewrite(file, "make this", func(old string) string { return strings.ToUpper(old) + "new\n" }); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if want := strings.Replace(page, "old\n", "OLD\nnew\n", 1); err != nil || string(text) != want {
		t.Errorf("got %q, %v, want %q", text, err, want)
	}
	if err := Rewrite(file, "make that", strings.ToUpper); err == nil || !strings.Contains(err.Error(), "no marks") {
		t.Errorf("without marks: %v", err)
	}
	if again, err := os.ReadFile(file); err != nil || string(again) != string(text) {
		t.Errorf("without marks the file became %q, %v", again, err)
	}
}
