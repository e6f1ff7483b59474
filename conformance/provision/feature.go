package provision

import "slices"

// Feature is an optional part of the provisioning protocol. A case that needs a feature that the
// provisioner does not offer is skipped; it never counts as passed.
type Feature string

const (
	// FeatureHistory is [Provisioner.History]: the audit and billing events of a track.
	FeatureHistory Feature = "history"
	// FeatureHistories is [HistoriesProvisioner]: the histories of many tracks in one message.
	FeatureHistories Feature = "histories"
	// FeatureRevokedKeys is making keys that worked once and do not work any more.
	FeatureRevokedKeys Feature = "revoked_keys"
	// FeatureExtraKeys is making users with more than one key.
	FeatureExtraKeys Feature = "extra_keys"
	// FeatureCreatedAt is making tracks that are older than their scene.
	FeatureCreatedAt Feature = "created_at"
	// FeatureSaves is making saves in another order than that of the tracks.
	FeatureSaves Feature = "saves"
	// FeatureRevokeKey is [KeyRevoker]: revoking a key that is in use.
	FeatureRevokeKey Feature = "revoke_key"
	// FeatureEndMembership is [MembershipEnder]: ending the membership of a user who is known.
	FeatureEndMembership Feature = "end_membership"
)

// Features lists the features that the suite knows. It ignores others that a provisioner offers.
func Features() []Feature {
	return []Feature{
		FeatureHistory, FeatureHistories, FeatureRevokedKeys, FeatureExtraKeys, FeatureCreatedAt, FeatureSaves,
		FeatureRevokeKey, FeatureEndMembership,
	}
}

// Unseen says what a run leaves unseen where the feature is not offered, as a sentence: "whether
// …". It is "" where nothing is, and for a feature that the suite does not know.
func (f Feature) Unseen() string {
	switch f {
	case FeatureHistory:
		return "whether audit and billing events survive, and whether a delete adds its own"
	case FeatureRevokedKeys:
		return "whether a revoked key is refused"
	case FeatureExtraKeys:
		return "whether a second key of a user is the same user"
	case FeatureCreatedAt:
		return "whether old tracks are treated as new ones are"
	case FeatureSaves:
		return "whether libraries are in the order of saving where that is not the order of creation"
	case FeatureRevokeKey:
		return "whether a key that is in use is refused from its revocation on, whatever cached it"
	case FeatureEndMembership:
		return "whether a member who leaves is refused from then on, whatever cached the membership"
	default: // without histories, the same is asked for in more messages
		return ""
	}
}

// NotOffered lists the features that are not offered and that a run therefore leaves something
// unseen for.
func NotOffered(offered []Feature) []Feature {
	return slices.DeleteFunc(Features(), func(f Feature) bool {
		return slices.Contains(offered, f) || f.Unseen() == ""
	})
}
