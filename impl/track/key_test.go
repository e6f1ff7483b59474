package track_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"testing"

	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// TestKeyIsNeverShown goes through every way in which a value comes to be
// printed.
func TestKeyIsNeverShown(t *testing.T) {
	t.Parallel()
	key := track.NewKey("ak_verysecret")
	caller := track.Caller{Key: key, Request: "req_1"}
	var log bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
		slog.New(handler).Info("x", "key", key, "caller", caller)
	}
	encoded, err := json.Marshal(caller)
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []string{
		fmt.Sprint(key), fmt.Sprintf("%v %+v %#v %s %q %x", key, key, key, key, key, key),
		fmt.Sprintf("%v %+v %#v %s", caller, caller, caller, caller), fmt.Sprintf("%v", &caller), log.String(), string(encoded),
	} {
		if strings.Contains(shown, "verysecret") || strings.Contains(shown, fmt.Sprintf("%x", "verysecret")) {
			t.Errorf("the key is shown: %s", shown)
		}
	}
	if key.Reveal() != "ak_verysecret" {
		t.Error("Reveal does not tell it")
	}
}

func TestMintKey(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^ak_[A-Za-z0-9]{40}$`)
	seen := make(map[string]bool)
	letters := make(map[rune]int)
	for range 1000 {
		secret := track.MintKey().Reveal()
		if !form.MatchString(secret) || seen[secret] {
			t.Fatalf("minted %q", secret)
		}
		seen[secret] = true
		for _, r := range secret[3:] {
			letters[r]++
		}
	}
	// 645 of each are expected; 400 and 900 are nearly ten deviations away.
	for r, n := range letters {
		if n < 400 || n > 900 {
			t.Errorf("%q came %d times", r, n)
		}
	}
	if len(letters) != 62 {
		t.Errorf("%d letters and digits, want 62", len(letters))
	}
}

func TestKeyHash(t *testing.T) {
	t.Parallel()
	// echo -n abc | sha256sum
	const digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
	hash := track.NewKey("abc").Hash()
	if hash.String() != digest {
		t.Errorf("got %s", hash)
	}
	if back, err := track.ParseKeyHash(digest); err != nil || back != hash {
		t.Errorf("ParseKeyHash: %s, %v", back, err)
	}
	for _, s := range []string{"", digest[1:], digest + "0", "g" + digest[1:]} {
		if _, err := track.ParseKeyHash(s); err == nil {
			t.Errorf("%q was parsed", s)
		}
	}
}
