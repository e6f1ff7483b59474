package signedurl

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 6, 28, 12, 0, 0, 0, time.UTC)

// newSigner returns a signer whose clock is the pointed-to time.
func newSigner(t testing.TB, base, secret string, now *time.Time) *Signer {
	t.Helper()
	s, err := New(base, []byte(secret), 15*time.Minute, func() time.Time { return *now })
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const secret = "0123456789abcdef"

func TestNew_Refuses(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		base, secret string
		lifetime     time.Duration
		want         string
	}{
		"no URL":         {"http://[", secret, time.Minute, "base URL"},
		"relative":       {"media", secret, time.Minute, "absolute"},
		"no host":        {"https:///x", secret, time.Minute, "absolute"},
		"another scheme": {"ftp://x", secret, time.Minute, "http"},
		"query":          {"https://x/?a=b", secret, time.Minute, "query"},
		"fragment":       {"https://x/#a", secret, time.Minute, "fragment"},
		"short secret":   {"https://x", secret[1:], time.Minute, "15 bytes"},
		"no time":        {"https://x", secret, 0, "lifetime"},
	} {
		_, err := New(row.base, []byte(row.secret), row.lifetime, time.Now)
		if err == nil || !strings.Contains(err.Error(), row.want) || strings.Contains(err.Error(), row.secret) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSigner_Sign(t *testing.T) {
	t.Parallel()
	now := noon
	s := newSigner(t, "https://media.test/base/", secret, &now)
	first, second := s.Sign("org_1", "a b/ü?#%", "mix"), s.Sign("org_1", "a b/ü?#%", "mix")
	if first == second {
		t.Error("two calls made one URL")
	}
	u, err := url.Parse(first)
	if err != nil {
		t.Fatal(err)
	}
	if want := "/base/org_1/a%20b%2F%C3%BC%3F%23%25/mix"; u.Scheme != "https" || u.Host != "media.test" || u.EscapedPath() != want {
		t.Errorf("got %s, want the path %s", first, want)
	}
	if got := u.Query().Get("expires"); got != "1782648900" {
		t.Errorf("expires %s", got)
	}
	if err := s.Verify(first); err != nil {
		t.Error(err)
	}
}

func TestSigner_Verify(t *testing.T) {
	t.Parallel()
	now := noon
	s := newSigner(t, "https://media.test", secret, &now)
	signed := s.Sign("org_1", "mtrack_1", "mix")
	now = noon.Add(15*time.Minute - time.Second)
	if err := s.Verify(signed); err != nil {
		t.Errorf("just before it expires: %v", err)
	}
	if err := s.Verify(strings.Replace(signed, "https://media.test", "http://proxy:8080", 1)); err != nil {
		t.Errorf("by another host: %v", err)
	}
	for name, forged := range map[string]string{
		"another resource":  strings.Replace(signed, "mtrack_1", "mtrack_2", 1),
		"another path":      strings.Replace(signed, "/mix", "/mix/x", 1),
		"later expiry":      strings.Replace(signed, "expires=1", "expires=2", 1),
		"another nonce":     strings.Replace(signed, "nonce=", "nonce=x", 1),
		"shorter signature": signed[:len(signed)-1],
		"no signature":      signed[:strings.Index(signed, "&signature")],
		"no query":          signed[:strings.Index(signed, "?")],
		"one more value":    signed + "&x=y",
		"value twice":       signed + "&expires=9999999999",
		"broken query":      signed + ";",
		"other order":       strings.Replace(signed, "?", "?a=b&", 1),
		"no URL":            "http://[",
		"nothing":           "",
	} {
		if err := s.Verify(forged); !errors.Is(err, ErrForged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	other := newSigner(t, "https://media.test", secret+"x", &now)
	if err := other.Verify(signed); !errors.Is(err, ErrForged) {
		t.Errorf("with another secret: %v", err)
	}
	now = noon.Add(15 * time.Minute)
	if err := s.Verify(signed); !errors.Is(err, ErrExpired) {
		t.Errorf("when it has expired: %v", err)
	}
}

// FuzzSigner wants that every resource can be signed and checked.
func FuzzSigner(f *testing.F) {
	f.Add("org_1", "mtrack_1")
	f.Add("", "..")
	f.Add("\x00\xff", "a/b?c#d%2F&e=f;g+h")
	f.Fuzz(func(t *testing.T, first, second string) {
		now := noon
		s := newSigner(t, "https://media.test/m", secret, &now)
		signed := s.Sign(first, second)
		if err := s.Verify(signed); err != nil {
			t.Errorf("%s: %v", signed, err)
		}
	})
}

func BenchmarkSign(b *testing.B) {
	s, err := New("https://media.example.com/v1", make([]byte, MinSecret), time.Minute, time.Now)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		s.Sign("org_a", "mtrack_000000000001", "mix")
	}
}
