package finding_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/seed-5ec2a705/mtrack/openapi/gate/finding"
)

func TestCheckout(t *testing.T) {
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, "api"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Chdir(filepath.Join(root, "api"))
	inside, outside := finding.Checkout(root, "HEAD:"), finding.Checkout("", "HEAD:")
	for _, row := range []struct{ file, inside, outside string }{
		{"a.yaml", "api/a.yaml", "a.yaml"},
		{"../a.yaml", "a.yaml", "../a.yaml"},
		{"../../a.yaml", "../../a.yaml", "../../a.yaml"},
		{"HEAD:api/a.yaml", "api/a.yaml", "api/a.yaml"},
		{"HEAD:./a.yaml", "api/a.yaml", "a.yaml"},
		{"main:a.yaml", "api/main:a.yaml", "main:a.yaml"},
	} {
		if got := inside(row.file); got != row.inside {
			t.Errorf("%s is %s in the checkout, want %s", row.file, got, row.inside)
		}
		if got := outside(row.file); got != row.outside {
			t.Errorf("%s is %s without a checkout, want %s", row.file, got, row.outside)
		}
	}
}
