package provision

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-5ec2a705/mtrack/conformance/internal/secret/secrettest"
)

// Whatever a provisioner says of a key that it was sent, its error does not show it.
func TestErrorsShowNoKey(t *testing.T) {
	const key = "Canary.7_key-Zq7"
	for form, echo := range secrettest.Forms(key) {
		answer, err := json.Marshal(map[string]string{"error": "no such key: " + echo, echo: echo})
		if err != nil {
			t.Fatal(err)
		}
		revoker, ok := provisionerOf(t, 404, string(answer)).(KeyRevoker)
		if !ok {
			t.Fatal("it cannot revoke keys")
		}
		err = revoker.RevokeKey(t.Context(), key)
		var wrong *Error
		if !errors.As(err, &wrong) || !strings.Contains(wrong.Reason, "no such key: ") {
			t.Fatalf("got %v", err)
		}
		quoted, _ := json.Marshal(echo)
		for _, text := range []string{err.Error(), wrong.Reason, wrong.Request, wrong.Response} {
			if strings.Contains(text, key) || strings.Contains(text, echo) || strings.Contains(text, strings.Trim(string(quoted), `"`)) {
				t.Errorf("%s: %s", form, text)
			}
		}
	}
}

func TestCommand_String(t *testing.T) {
	script := filepath.Join(t.TempDir(), "provision.sh")
	if err := os.WriteFile(script, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := Command("sh "+script+" --token S3cret -u -pS3cret --url=http://u:p@h S3CRET", 0)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := p.(interface{ String() string }).String(), "exec sh "+script+" --token … -u … … …"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
