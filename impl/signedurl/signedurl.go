// Package signedurl mints URLs that let whoever holds them fetch one resource
// for a while, and checks them where the resource is served. A URL is signed
// with HMAC-SHA256 over its path, its expiry and a nonce.
package signedurl

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	mathrand "math/rand/v2"
	"net/url"
	"strconv"
	"strings"
	"sync"
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
	origin   string    // scheme and host
	root     string    // the path that all others are below, escaped
	macs     sync.Pool // HMACs with the secret in them already
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
	secret = bytes.Clone(secret)
	return &Signer{
		origin: u.Scheme + "://" + u.Host, root: strings.TrimSuffix(u.EscapedPath(), "/"),
		macs:     sync.Pool{New: func() any { return hmac.New(sha256.New, secret) }},
		lifetime: lifetime, now: now,
	}, nil
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
	var space [256]byte
	b := append(space[:0], s.origin...)
	begin := len(b)
	b = append(b, s.root...)
	for _, segment := range segments {
		b = append(b, '/')
		b = append(b, url.PathEscape(segment)...)
	}
	b = append(b, '?')
	query := len(b)
	// The nonce tells URLs apart and is no secret: what it takes is no system call.
	var nonce [16]byte
	binary.LittleEndian.PutUint64(nonce[:], mathrand.Uint64())
	binary.LittleEndian.PutUint64(nonce[8:], mathrand.Uint64())
	b = append(b, "expires="...)
	b = strconv.AppendInt(b, s.now().Add(s.lifetime).Unix(), 10)
	b = append(b, "&nonce="...)
	b = encoding.AppendEncode(b, nonce[:9])
	return string(s.appendSignature(b, b[begin:query-1], b[query:]))
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
	return string(s.appendSignature([]byte(unsigned), []byte(path), []byte(unsigned)))
}

// appendSignature appends the last part of a query: the signature of the path and of
// the rest of the query.
func (s *Signer) appendSignature(b, path, query []byte) []byte {
	mac := s.macs.Get().(hash.Hash)
	defer s.macs.Put(mac)
	mac.Reset()
	mac.Write(path)
	mac.Write([]byte{'?'}) // an escaped path has none: the parts cannot be shifted
	mac.Write(query)
	var sum [sha256.Size]byte
	b = append(b, "&signature="...)
	return encoding.AppendEncode(b, mac.Sum(sum[:0]))
}
