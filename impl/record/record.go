package track

import (
	"fmt"
	"time"
)

// Record is one line of an import or export: exactly one of its fields is
// set.
type Record struct {
	Organization *OrganizationRecord `json:"organization,omitempty"`
	User         *UserRecord         `json:"user,omitempty"`
	Track        *TrackRecord        `json:"track,omitempty"`
	Save         *SaveRecord         `json:"save,omitempty"`
	Event        *EventRecord        `json:"event,omitempty"`
}

// OrganizationRecord is an organization.
type OrganizationRecord struct {
	ID   OrganizationID `json:"id"`
	Name string         `json:"name,omitempty"`
}

// UserRecord is a user with the keys and memberships it has. A key is given
// by its secret (imports) or by its hash (exports, which cannot know the
// secret).
type UserRecord struct {
	ID       UserID           `json:"id"`
	Name     string           `json:"name,omitempty"`
	MemberOf []OrganizationID `json:"member_of,omitempty"`
	Keys     []KeyRecord      `json:"keys,omitempty"`
}

// KeyRecord is one key of a user.
type KeyRecord struct {
	Secret    string     `json:"secret,omitempty"`
	SHA256    string     `json:"sha256,omitempty"` // hexadecimal
	Label     string     `json:"label,omitempty"`
	CreatedAt time.Time  `json:"created_at,omitzero"`
	RevokedAt *time.Time `json:"revoked_at,omitempty"`
}

// TrackRecord is a track, live or deleted.
type TrackRecord struct {
	ID           ID             `json:"id"`
	Organization OrganizationID `json:"organization_id"`
	Creator      UserID         `json:"creator"`
	Title        *string        `json:"title,omitempty"`
	Engine       string         `json:"engine"`
	Mode         Mode           `json:"mode"`
	Duration     *float64       `json:"measured_duration_seconds,omitempty"`
	Instrumental bool           `json:"instrumental,omitempty"`
	Licence      LicenceClass   `json:"licence_class"`
	CreatedAt    time.Time      `json:"created_at"`
	Stems        []string       `json:"stems,omitempty"`
	DeletedAt    *time.Time     `json:"deleted_at,omitempty"`
	DeletedBy    string         `json:"deleted_by_request,omitempty"` // id of the request that deleted it
}

// SaveRecord is a library edge: a user has a track in its library.
type SaveRecord struct {
	User         UserID         `json:"user"`
	Organization OrganizationID `json:"organization_id"`
	Track        ID             `json:"track_id"`
	SavedAt      time.Time      `json:"saved_at"`
}

// EventRecord is one entry of a track's history. Seq is its place in that
// history, from 1: it makes an import repeatable.
type EventRecord struct {
	Organization OrganizationID `json:"organization_id"`
	Track        ID             `json:"track_id"`
	Seq          int            `json:"seq"`
	Type         EventType      `json:"type"`
	At           time.Time      `json:"at"`
	Actor        UserID         `json:"actor"`
	Amount       string         `json:"amount,omitempty"`
	Currency     string         `json:"currency,omitempty"`
	Request      string         `json:"request,omitempty"`
}

// KeyInfo is what may be shown of a key after it was made.
type KeyInfo struct {
	Hash      KeyHash
	Label     string
	CreatedAt time.Time
	RevokedAt *time.Time // nil: the key works
}

// RecordError says which record of an Apply was refused: the first that had to
// be. Those before it would be accepted without the rest.
type RecordError struct {
	Index  int    // of the record in the slice, from 0
	Reason string // for the person who wrote the record
}

// Error implements error.
func (e *RecordError) Error() string { return fmt.Sprintf("record %d: %s", e.Index+1, e.Reason) }
