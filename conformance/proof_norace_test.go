//go:build !race

package conformance

const (
	// proofFaultShare is into how many parts the faults are divided in an ordinary run, of which one is proved.
	proofFaultShare = 1
	// proofVariantShare is into how many parts the cases are divided in an ordinary run, of which each variant meets one.
	proofVariantShare = 16
)
