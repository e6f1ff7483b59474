package requirement

import "slices"

// Operation names an operation of the contract by its operationId.
type Operation string

// The operations of the contract.
const (
	DeleteTrack     Operation = "deleteTrack"
	GetTrack        Operation = "getTrack"
	ListSavedTracks Operation = "listSavedTracks"
	UnsaveTrack     Operation = "unsaveTrack"
)

// Operations lists every operation of the contract.
func Operations() []Operation {
	return []Operation{DeleteTrack, GetTrack, ListSavedTracks, UnsaveTrack}
}

// Profile is a named set of operations that an implementation claims to serve.
type Profile string

const (
	// ProfileDelete is the documentation page "Delete a music track" alone. Other operations are
	// used as further observers where the target serves them, and not required.
	ProfileDelete Profile = "delete"
	// ProfileFull is the whole contract.
	ProfileFull Profile = "full"
)

// Profiles lists the profiles, the smallest first.
func Profiles() []Profile { return []Profile{ProfileDelete, ProfileFull} }

// Includes reports whether the profile requires the operation of a target. Cases about no operation
// in particular ("") belong to every profile.
func (p Profile) Includes(o Operation) bool {
	return o == "" || p == ProfileFull || o == DeleteTrack
}

// Known reports whether there is such a profile.
func (p Profile) Known() bool { return slices.Contains(Profiles(), p) }
