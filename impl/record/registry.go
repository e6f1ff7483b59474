package record

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// Registry is the side of the store that the public API does not reach: what
// exists, who belongs where, and what happened. Methods may be called
// concurrently. Errors are as for [track.Store].
type Registry interface {
	// Apply stores records in their order. It may be repeated: a record that
	// is there already is left as it is, and so is what happened since. A
	// deleted track stays deleted, a revoked key revoked, and a save that its
	// user removed comes back by a later save only. A track becomes visible
	// together with the events that the same call holds of it.
	//
	// A record that contradicts what is stored, or names something that neither
	// the store nor an earlier record knows, fails with [track.InvalidArgument]
	// (an [*Error] says which), and then none of the records is stored.
	Apply(context.Context, []Record) error
	// Export calls yield with every record, each after those it refers to, in
	// a form that Apply takes. It stops at yield's first error and returns it.
	Export(ctx context.Context, yield func(Record) error) error
	// History returns the track's events, oldest first, for deleted tracks
	// too. It fails with [track.NotFound] where no such track was ever created.
	History(context.Context, track.OrganizationID, track.ID) ([]track.Event, error)
	// Histories is History of many tracks of an organization, all of one
	// moment, in their order; nil for a track that was never created.
	Histories(context.Context, track.OrganizationID, []track.ID) ([][]track.Event, error)
	// CreateKey mints a key for the user. Label is for people.
	CreateKey(ctx context.Context, user track.UserID, label string) (track.Key, error)
	// Keys lists the user's keys, revoked ones included, oldest first.
	Keys(context.Context, track.UserID) ([]KeyInfo, error)
	// RevokeKey ends a key: from its return on it is refused everywhere. After a
	// call that was interrupted the key may work in some organizations and not in
	// others; [KeyInfo] says so, and repeating the call completes it.
	RevokeKey(context.Context, track.KeyHash) error
	// EndMembership takes a user out of an organization: from its return on the
	// user has no access there. Tracks and saves stay. It fails with
	// [track.NotFound] where there is no such membership; after a call that was
	// interrupted, repeating it completes it.
	EndMembership(context.Context, track.UserID, track.OrganizationID) error
}

// Preparer is a [Registry] that can look at records while it stores others, so
// that neither waits for the other.
type Preparer interface {
	Registry
	// Prepare checks records as Apply does, and stores nothing. They are taken to
	// come after those of an earlier Prepare, nil for none, which may not be
	// stored yet, or in part. It fails as Apply does, or with [ErrTooEarly].
	Prepare(ctx context.Context, records []Record, after Prepared) (Prepared, error)
}

// Prepared are records that were checked.
type Prepared interface {
	// Store stores the records. It may be called once, after the records that
	// they come after were stored without an error. Where it fails, for whatever
	// has changed in the store since or failed in it, Apply may be called with the
	// same records.
	Store(context.Context) error
}

// ErrTooEarly is the error of Prepare for records that cannot be judged before
// the earlier ones are stored.
var ErrTooEarly = errors.New("the records before these are not stored yet")

// KeyInfo is what may be shown of a key after it was made.
type KeyInfo struct {
	Hash      track.KeyHash
	Label     string
	CreatedAt time.Time
	RevokedAt *time.Time // when it was revoked everywhere; nil: it works, at least somewhere
	Revoking  bool       // a RevokeKey was interrupted: the key may still work in places
}

// Error says which record of an Apply was refused: the first that had to
// be. Those before it would be accepted without the rest.
type Error struct {
	Index  int    // of the record in the slice, from 0
	Reason string // for the person who wrote the record
}

// Error implements error.
func (e *Error) Error() string { return fmt.Sprintf("record %d: %s", e.Index+1, e.Reason) }
