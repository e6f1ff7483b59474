package provision

import (
	"context"
	"time"
)

// DefaultTimeout is how long a provisioner may take for one response.
const DefaultTimeout = 30 * time.Second

// Provisioner puts an implementation into known states. [HTTP], [Command] and [File] return one; a
// Go program may bring its own. The suite calls its methods from several goroutines at once.
type Provisioner interface {
	// Capabilities lists the features that are offered. It is called once, before the first case.
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
