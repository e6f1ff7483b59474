package track

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
)

// Key is an API key in the clear. It exists between the request and the
// store's call and is never stored, logged or printed: every way of
// formatting it yields a placeholder.
type Key struct{ secret string }

// NewKey wraps the secret that a caller sent. The empty secret is a key that
// nobody has.
func NewKey(secret string) Key { return Key{secret} }

// MintKey returns a new random key: "ak_" and 40 letters and digits, about
// 238 bits.
func MintKey() Key {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	secret := make([]byte, 0, 43)
	secret = append(secret, "ak_"...)
	var buf [64]byte
	for len(secret) < cap(secret) {
		rand.Read(buf[:]) // never fails (crypto/rand)
		for _, b := range buf {
			// 248 is the largest multiple of 62 in a byte: the rest would
			// favour the first letters.
			if b < 248 && len(secret) < cap(secret) {
				secret = append(secret, alphabet[b%62])
			}
		}
	}
	return Key{string(secret)}
}

// Reveal returns the secret, to be shown once to the person it was made for.
func (k Key) Reveal() string { return k.secret }

// Hash returns what the store keeps of the key.
func (k Key) Hash() KeyHash {
	var space [64]byte // longer ones are copied to the heap
	return sha256.Sum256(append(space[:0], k.secret...))
}

// String implements [fmt.Stringer] without telling the secret.
func (Key) String() string { return "[key]" }

// GoString implements [fmt.GoStringer] without telling the secret.
func (Key) GoString() string { return "[key]" }

// LogValue implements [slog.LogValuer] without telling the secret.
func (Key) LogValue() slog.Value { return slog.StringValue("[key]") }

// KeyHash is the SHA-256 of a key.
type KeyHash [sha256.Size]byte

// String returns the hash as 64 hexadecimal digits, the form in which it is
// stored.
func (h KeyHash) String() string { return hex.EncodeToString(h[:]) }

// ParseKeyHash reads what [KeyHash.String] wrote.
func ParseKeyHash(s string) (KeyHash, error) {
	var h KeyHash
	if len(s) != hex.EncodedLen(len(h)) {
		return h, hex.ErrLength
	}
	_, err := hex.Decode(h[:], []byte(s))
	return h, err
}
