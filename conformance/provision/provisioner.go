package provision

import (
	"context"
	"time"
)

// DefaultTimeout is how long a provisioner may take for one response.
const DefaultTimeout = 30 * time.Second

// Provisioner puts an implementation into known states. [HTTP], [Command] and [File] return one; a
// Go program may bring its own. The suite calls its methods from several goroutines at once.
//
// Features that are messages of their own have an interface of their own, of which a provisioner
// implements what it likes: [HistoriesProvisioner], [KeyRevoker], [MembershipEnder].
type Provisioner interface {
	// Capabilities lists the features that are offered. It is called once, before the first case. A
	// feature whose interface the provisioner does not implement counts as not offered.
	Capabilities(ctx context.Context) ([]Feature, error)

	// CreateScene makes what r asks for. No id and no key of a scene may be one of an earlier
	// scene; the suite checks that, and that nothing is missing. The error is a [*MissingScene] if
	// this provisioner cannot make such a scene, so that the case is skipped, and otherwise an
	// [*Error].
	CreateScene(ctx context.Context, r Request) (*Scene, error)

	// History returns the events of a track, oldest first, by the ids of its organization and of
	// itself. The track may be deleted. The error is [ErrNoHistory] if there never was such a
	// track. It is called only if [FeatureHistory] is offered.
	History(ctx context.Context, organization, track string) ([]Event, error)

	// String describes the provisioner in reports, without credentials.
	String() string
}

// TrackReference is a track by the id of its organization and its own.
type TrackReference struct {
	Organization string `json:"organization_id"`
	Track        string `json:"track_id"`
}

// HistoriesProvisioner is a [Provisioner] that may offer [FeatureHistories]: where it does, the
// suite asks for many histories at once, and not for one after another.
type HistoriesProvisioner interface {
	Provisioner

	// Histories returns the events of tracks, all as of one moment, in the order of the tracks; nil
	// for a track that there never was.
	Histories(ctx context.Context, tracks []TrackReference) ([][]Event, error)
}

// KeyRevoker is a [Provisioner] that may offer [FeatureRevokeKey].
type KeyRevoker interface {
	Provisioner

	// RevokeKey revokes a key of a scene. When it returns, the key works no more, whatever had
	// cached it.
	RevokeKey(ctx context.Context, key string) error
}

// MembershipEnder is a [Provisioner] that may offer [FeatureEndMembership].
type MembershipEnder interface {
	Provisioner

	// EndMembership takes a user out of an organization, by their ids. When it returns, the user
	// belongs to it no more, whatever had cached that. Tracks and saves stay.
	EndMembership(ctx context.Context, organization, user string) error
}

// Event is an entry in the history of a track.
type Event struct {
	Type     string    `json:"type"` // such as [EventCreated]; the suite ignores types that it does not know
	At       time.Time `json:"at"`
	Actor    string    `json:"actor"` // the id of a user
	Amount   string    `json:"amount,omitempty"`
	Currency string    `json:"currency,omitempty"`
}

// The types of events that the suite compares.
const (
	EventCreated = "track.created"
	EventBilled  = "track.billed"
	EventDeleted = "track.deleted"
)
