package provision

// Feature is an optional part of the provisioning protocol. A case that needs one that the provisioner does not offer is
// skipped with that reason, never passed.
type Feature string

const (
	// FeatureHistory is the provisioner's answer to what happened to a track: its audit and billing events.
	FeatureHistory Feature = "history"
	// FeatureRevokedKeys is the provisioner's ability to make a key that once worked and works no more.
	FeatureRevokedKeys Feature = "revoked_keys"
)

// Features lists the optional parts that the suite knows. A provisioner may offer others, which are ignored.
func Features() []Feature { return []Feature{FeatureHistory, FeatureRevokedKeys} }
