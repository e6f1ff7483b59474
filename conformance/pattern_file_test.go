package conformance

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

func TestReadPatterns(t *testing.T) {
	write := func(content string) string {
		path := filepath.Join(t.TempDir(), "list")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	got, err := ReadPatterns(write("# ticket 1:\n# soon\na/*\n\nb/c # ticket 2\n  d/e\n"))
	if err != nil || fmt.Sprint(got) != "[{a/* ticket 1: soon} {b/c ticket 2} {d/e }]" {
		t.Errorf("%v %v", got, err)
	}
	for _, content := range []string{"", "# nothing\n", "a/b c/d\n"} {
		if _, err := ReadPatterns(write(content)); err == nil {
			t.Errorf("%q: accepted", content)
		}
	}
	if _, err := ReadPatterns("/no/such/file"); err == nil {
		t.Error("a missing file is accepted")
	}
}
