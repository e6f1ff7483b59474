// Package record is the format of imports and exports, one JSON object a line,
// and the [Registry] that takes it: everything of a store that the public API
// does not reach.
package record

import (
	"time"

	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// Record is one line of an import or export: exactly one of its fields is
// set.
type Record struct {
	Organization *Organization `json:"organization,omitempty"`
	User         *User         `json:"user,omitempty"`
	Track        *Track        `json:"track,omitempty"`
	Save         *Save         `json:"save,omitempty"`
	Event        *Event        `json:"event,omitempty"`
}

// Organization is an organization.
type Organization struct {
	ID   track.OrganizationID `json:"id"`
	Name string               `json:"name,omitempty"`
}

// User is a user with the keys and memberships it has. A key is given by its
// secret (imports) or by its hash (exports, which cannot know the secret).
type User struct {
	ID       track.UserID           `json:"id"`
	Name     string                 `json:"name,omitempty"`
	MemberOf []track.OrganizationID `json:"member_of,omitempty"`
	Keys     []Key                  `json:"keys,omitempty"`
}

// Key is one key of a user.
type Key struct {
	Secret    string     `json:"secret,omitempty"`
	SHA256    string     `json:"sha256,omitempty"` // hexadecimal
	Label     string     `json:"label,omitempty"`
	CreatedAt time.Time  `json:"created_at,omitzero"`
	RevokedAt *time.Time `json:"revoked_at,omitempty"`
}

// Track is a track, live or deleted.
type Track struct {
	ID           track.ID             `json:"id"`
	Organization track.OrganizationID `json:"organization_id"`
	Creator      track.UserID         `json:"creator"`
	Title        *string              `json:"title,omitempty"`
	Engine       string               `json:"engine"`
	Mode         track.Mode           `json:"mode"`
	Duration     *float64             `json:"measured_duration_seconds,omitempty"`
	Instrumental bool                 `json:"instrumental,omitempty"`
	Licence      track.LicenceClass   `json:"licence_class"`
	CreatedAt    time.Time            `json:"created_at"`
	Stems        []string             `json:"stems,omitempty"`
	DeletedAt    *time.Time           `json:"deleted_at,omitempty"`
	DeletedBy    string               `json:"deleted_by_request,omitempty"` // id of the request that deleted it
}

// Save is a library edge: a user has a track in its library.
type Save struct {
	User         track.UserID         `json:"user"`
	Organization track.OrganizationID `json:"organization_id"`
	Track        track.ID             `json:"track_id"`
	SavedAt      time.Time            `json:"saved_at"`
}

// Event is one entry of a track's history. Seq is its place in that history,
// from 1: it makes an import repeatable.
type Event struct {
	Organization track.OrganizationID `json:"organization_id"`
	Track        track.ID             `json:"track_id"`
	Seq          int                  `json:"seq"`
	Type         track.EventType      `json:"type"`
	At           time.Time            `json:"at"`
	Actor        track.UserID         `json:"actor"`
	Amount       string               `json:"amount,omitempty"`
	Currency     string               `json:"currency,omitempty"`
	Request      string               `json:"request,omitempty"`
}
