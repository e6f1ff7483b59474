package provision

// Feature is an optional part of the provisioning protocol. A case that needs a feature that the
// provisioner does not offer is skipped; it never counts as passed.
type Feature string

const (
	// FeatureHistory is [Provisioner.History]: the audit and billing events of a track.
	FeatureHistory Feature = "history"
	// FeatureRevokedKeys is making keys that worked once and do not work any more.
	FeatureRevokedKeys Feature = "revoked_keys"
)

// Features lists the features that the suite knows. It ignores others that a provisioner offers.
func Features() []Feature { return []Feature{FeatureHistory, FeatureRevokedKeys} }
