// Package signedurl mints URLs that let whoever holds them fetch one resource
// for a while, and checks them where the resource is served. A URL is signed
// with HMAC-SHA256 over its path, its expiry and a nonce.
package signedurl

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// MinSecret is the least length of a secret in bytes: 128 bits.
const MinSecret = 16

// Why [Signer.Verify] refuses a URL.
var (
	ErrForged  = errors.New("the URL was not signed with this secret for this resource")
	ErrExpired = errors.New("the URL has expired")
)

// Signer mints and checks URLs. It may be used concurrently.
type Signer struct {
	base     *url.URL
	secret   []byte
	lifetime time.Duration
	now      func() time.Time
}

// New returns a signer of URLs below base, an absolute http or https URL
// without a query, that expire after lifetime. All instances of a service, and
// whoever serves the resources, must share the secret. Now tells the time.
func New(base string, secret []byte, lifetime time.Duration, now func() time.Time) (*Signer, error) {
	u, err := url.Parse(base)
	switch {
	case err != nil:
		return nil, fmt.Errorf("base URL: %w", err)
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "", u.RawQuery != "", u.Fragment != "":
		return nil, fmt.Errorf("base URL %q: want an absolute http or https URL without query and fragment", base)
	case len(secret) < MinSecret:
		return nil, fmt.Errorf("secret of %d bytes: want at least %d", len(secret), MinSecret)
	case lifetime < time.Second:
		return nil, fmt.Errorf("lifetime %v: want at least a second", lifetime)
	}
	return &Signer{base: u, secret: append([]byte(nil), secret...), lifetime: lifetime, now: now}, nil
}

// RandomSecret returns a secret for a service that runs alone and whose URLs
// need not outlive it.
func RandomSecret() []byte {
	secret := make([]byte, 2*MinSecret)
	rand.Read(secret) // never fails (crypto/rand)
	return secret
}

// Sign returns the URL of the resource that the segments name. It differs from
// call to call.
func (s *Signer) Sign(segments ...string) string {
	var path strings.Builder
	path.WriteString(strings.TrimSuffix(s.base.EscapedPath(), "/"))
	for _, segment := range segments {
		path.WriteByte('/')
		path.WriteString(url.PathEscape(segment))
	}
	expires := strconv.FormatInt(s.now().Add(s.lifetime).Unix(), 10)
	var nonce [9]byte
	rand.Read(nonce[:]) // never fails (crypto/rand)
	return s.base.Scheme + "://" + s.base.Host + path.String() + "?" + s.seal(path.String(), expires, encoding.EncodeToString(nonce[:]))
}

// Verify reports whether the URL was minted by a signer with the same secret
// and has not expired: nil, [ErrForged] or [ErrExpired]. Only path and query
// count, so that a proxy in front may have another name.
func (s *Signer) Verify(raw string) error {
	u, err := url.Parse(raw)
	if err != nil {
		return ErrForged
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return ErrForged
	}
	// The query is rebuilt and compared as a whole: nothing can hide in it.
	want := s.seal(u.EscapedPath(), query.Get("expires"), query.Get("nonce"))
	if !hmac.Equal([]byte(want), []byte(u.RawQuery)) {
		return ErrForged
	}
	expires, err := strconv.ParseInt(query.Get("expires"), 10, 64)
	if err != nil {
		return ErrForged
	}
	if !s.now().Before(time.Unix(expires, 0)) {
		return ErrExpired
	}
	return nil
}

// encoding needs no escaping in a query.
var encoding = base64.RawURLEncoding

// seal returns the query with the signature of the path and of the rest of the
// query.
func (s *Signer) seal(path, expires, nonce string) string {
	unsigned := "expires=" + url.QueryEscape(expires) + "&nonce=" + url.QueryEscape(nonce)
	mac := hmac.New(sha256.New, s.secret)
	mac.Write([]byte(path + "?" + unsigned)) // an escaped path has no "?": the parts cannot be shifted
	return unsigned + "&signature=" + encoding.EncodeToString(mac.Sum(nil))
}
