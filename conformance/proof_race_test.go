//go:build race

package conformance

// The race detector makes everything several times slower: an ordinary run under it proves a part. All is proved without it.
const (
	proofFaultShare   = 4
	proofVariantShare = 64
)
